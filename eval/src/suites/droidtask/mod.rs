//! Suite `droidtask`: recorded steps of real apps (DroidTask, from AutoDroid). On every recorded screen, with the recorded
//! history, the policy is asked for the next action, which is compared with the recorded one.
//!
//! One recorded path per task is all there is, so another good way counts as wrong; the numbers compare policies, they
//! are no success rates on phones. A step is right if the element and the text are the recorded ones, or if both say
//! that the task is finished; a task is solved if all its steps are right.

mod format;

use std::path::{Path, PathBuf};
use std::time::Instant;

use async_trait::async_trait;
use deftly_agent::{Decider, StepContext};
use deftly_prompts::{Outcome, Turn};
use deftly_tools::{Action, App, ElementId, Observation, Screen, Status};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

pub use format::{RecordedStep, RecordedTask};

use crate::episode::{EpisodeMs, StepScore};
use crate::policy::{FirstDecider, RandomDecider, episode_seed};
use crate::suites::sim::Ending;
use crate::{Episode, EvalError, Job, Policy, PolicyKind, Suite};

/// Recorded tasks, read from a file.
pub struct DroidtaskSuite {
    tasks: Vec<RecordedTask>,
    apps: Vec<App>,
    path: PathBuf,
    digest: String,
}

impl DroidtaskSuite {
    /// Reads a file in the format of AutoDroid's `profile_no_answer.json`.
    pub fn open(path: &Path) -> Result<Self, EvalError> {
        let json = format::read_file(path)?;
        Self::parse(path, &json)
    }

    fn parse(path: &Path, json: &[u8]) -> Result<Self, EvalError> {
        let tasks = format::parse(path, json)?;
        let mut apps: Vec<App> = tasks.iter().map(|task| app(&task.app)).collect();
        apps.dedup();
        let digest = Sha256::digest(json).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { tasks, apps, path: path.into(), digest })
    }

    /// The tasks in the order of their names.
    pub fn recorded(&self) -> &[RecordedTask] {
        &self.tasks
    }
}

#[async_trait]
impl Suite for DroidtaskSuite {
    fn name(&self) -> &'static str {
        "droidtask"
    }

    fn tasks(&self) -> Vec<String> {
        self.tasks.iter().map(|task| task.name.clone()).collect()
    }

    fn baselines(&self) -> &'static [PolicyKind] {
        &[PolicyKind::Random, PolicyKind::First]
    }

    fn fingerprint(&self) -> Vec<(String, String)> {
        vec![("data".to_string(), self.digest.clone())]
    }

    async fn prepare(&mut self, _jobs: &[Job]) -> Result<(), EvalError> {
        Ok(())
    }

    async fn run(&self, job: &Job, policy: &Policy, cancel: &CancellationToken) -> Result<Episode, EvalError> {
        let missing = || EvalError::BadData {
            path: self.path.clone(),
            place: job.task.clone(),
            reason: "the file has no such task".to_string(),
        };
        let task = self.tasks.iter().find(|task| task.name == job.task).ok_or_else(missing)?;
        let mut decider: Box<dyn Decider> = match policy {
            Policy::Agent { decider, .. } => Box::new(decider.clone()),
            Policy::Random => Box::new(RandomDecider::new(episode_seed(&job.task, job.seed))),
            Policy::First => Box::new(FirstDecider),
            Policy::Oracle => return Err(EvalError::NoOracle { suite: self.name() }),
        };
        self.run_task(task, job.seed, decider.as_mut(), cancel).await
    }
}

impl DroidtaskSuite {
    async fn run_task(
        &self,
        task: &RecordedTask,
        seed: u64,
        decider: &mut dyn Decider,
        cancel: &CancellationToken,
    ) -> Result<Episode, EvalError> {
        let start = Instant::now();
        let app = app(&task.app);
        // Every recording begins with the app being started.
        let mut history =
            vec![Turn { action: Action::OpenApp { name: app.name.clone() }, label: None, outcome: Outcome::Changed }];
        let mut episode = new_episode(task, seed);
        for step in &task.steps {
            if cancel.is_cancelled() {
                break;
            }
            let observation = Observation { screen: step.screen.clone(), app: app.clone(), keyboard: false };
            let context =
                StepContext { goal: &task.goal, history: &history, observation: &observation, apps: &self.apps };
            let decision = decider.decide(&context, cancel).await?;
            episode.ms.decide += decision.milliseconds;
            if let Some(account) = &decision.account {
                episode.account += account;
            }
            episode.recorded.push(score(step, decision.outcome.as_ref().ok()));
            history.push(Turn { action: step.action.clone(), label: step.label.clone(), outcome: Outcome::Changed });
        }
        episode.steps = episode.recorded.len();
        episode.solved = episode.recorded.iter().all(|score| score.right);
        episode.ending = if episode.solved {
            Ending::Complete
        } else {
            let right = episode.recorded.iter().filter(|score| score.right).count();
            Ending::Unfinished { reason: format!("{right} of {} steps right", episode.steps) }
        };
        episode.ms.total = start.elapsed().as_secs_f64() * 1000.0;
        Ok(episode)
    }
}

fn new_episode(task: &RecordedTask, seed: u64) -> Episode {
    Episode {
        task: task.name.clone(),
        seed,
        apps: vec![task.app.clone()],
        difficulty: None,
        kind: None,
        goal: task.goal.clone(),
        solved: false,
        reached: None,
        ending: Ending::Complete,
        steps: 0,
        optimal_steps: task.steps.len(),
        account: deftly_engine::Account::default(),
        ms: EpisodeMs::default(),
        recorded: Vec::new(),
        error: None,
    }
}

/// The file knows apps by lower-case names only.
fn app(name: &str) -> App {
    let mut letters = name.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    App { name: format!("{first}{}", letters.as_str()), package: name.to_string() }
}

/// What a step comes down to, whatever the exact gesture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer<'a> {
    Press(Option<ElementId>),
    Type(Option<ElementId>, &'a str),
    Finished,
    /// Something that recordings never contain.
    Other,
}

impl<'a> Answer<'a> {
    fn of(action: &'a Action, screen: &Screen) -> Self {
        match action {
            Action::Tap { id } | Action::DoubleTap { id } | Action::LongPress { id } => Self::Press(Some(*id)),
            // AutoDroid writes the back key as the last element of each state.
            Action::Back => Self::Press(screen.elements.iter().rfind(|one| format::is_back(one)).map(|one| one.id)),
            Action::Type { id, text, .. } => Self::Type(*id, text.trim()),
            Action::Done { status: Status::Complete, .. } => Self::Finished,
            Action::Done { status: Status::Infeasible, .. }
            | Action::Answer { .. }
            | Action::Scroll { .. }
            | Action::Swipe { .. }
            | Action::Home
            | Action::Enter
            | Action::OpenApp { .. }
            | Action::Wait => Self::Other,
        }
    }
}

/// Compares an answer with the recorded one; `None` is a reply that could not be read.
fn score(step: &RecordedStep, given: Option<&Action>) -> StepScore {
    let expected = Answer::of(&step.action, &step.screen);
    let given = given.map(|action| Answer::of(action, &step.screen));
    let same_type = given.is_some_and(|given| std::mem::discriminant(&given) == std::mem::discriminant(&expected));
    StepScore {
        right: given == Some(expected),
        right_type: same_type,
        says_finished: given == Some(Answer::Finished),
        is_finished: expected == Answer::Finished,
        unreadable: given.is_none(),
    }
}
