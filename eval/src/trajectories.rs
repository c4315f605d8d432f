//! Training data: what the oracle does, written as the prompt that the model would have seen and the reply that it should
//! have given.
//!
//! One JSON object per line: `{"task", "seed", "step", "system", "user", "reply"}`. To learn how to recover, a model has to
//! see phones that went astray: with `wrong_step_rate` a random action is performed instead of the oracle's, and the
//! recorded reply is still what the oracle wanted, there and afterwards. With a `learner` the wrong steps are what that
//! model would do, so that the next one learns to recover from the mistakes that models really make (DAgger, Ross et al.
//! 2011, arXiv 1011.0686); in drawn apps, whose guide undoes nothing, only those that change nothing for good. Episodes
//! that do not end in success are left out.
//!
//! The same options give the same lines. An interrupted file is continued: the last episode in it is written anew, since
//! it may be incomplete.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use deftly_agent::{AgentError, Decider, Decision, StepContext};
use deftly_prompts::{Budget, Dialect, PromptInput, render, reply_text};
use deftly_sim::LAUNCHER;
use deftly_tools::{Action, App, Element, ElementId, Observation, Role};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::policy::{SharedDecider, decision, episode_seed, random_action};
use crate::suites::sim::{Oracle, SimEpisode, TaskTemplate, Variation, templates};
use crate::synthetic::{self, Course, synthetic_episode};
use crate::{EvalError, TaskFilter, Wordings};

/// Longer episodes than this are not a way anyone should learn.
const MAX_STEPS: usize = 60;

/// What helps with most files that cannot be written.
const HINT: &str = "check that the folder exists, may be written to, and has space";

/// Between the seeds of the phones that one seed gives for one task, so that they meet no other seed's.
const SEED_STRIDE: u64 = 1 << 32;

/// Where the trajectories come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The simulated phone's tasks.
    Sim,
    /// Drawn apps; see [`crate::synthetic`].
    Apps,
}

/// Which trajectories to write.
#[derive(Clone)]
pub struct TrajectoryOptions {
    pub source: Source,
    pub wordings: Wordings,
    pub seeds: Range<u64>,
    /// How many phones per task and seed. The first is the one that an evaluation with this seed sees.
    pub per_task: u64,
    pub variation: Variation,
    /// How often another action is performed instead of the oracle's, 0 to 1.
    pub wrong_step_rate: f64,
    /// Who chooses the wrong steps; without it they are random.
    pub learner: Option<SharedDecider>,
    /// Tasks of the simulated phone, or kinds of requests of drawn apps.
    pub tasks: TaskFilter,
    /// An app that the phones do not have, by its short name: `clock`. Tasks that need it are left out.
    pub without: Option<String>,
    /// Up to so many apps with made-up names stand among those of the simulated phone's home screen, or an unknown name
    /// would be reason enough to open it.
    pub strange_apps: usize,
    /// Only first steps on a home screen: which app?
    pub first_steps: bool,
    pub out: PathBuf,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrajectoryCount {
    pub episodes: u64,
    pub steps: u64,
    /// Episodes that wrong steps spoilt for good, or that come to no end.
    pub left_out: u64,
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrajectoryLine {
    pub task: String,
    pub seed: u64,
    pub step: usize,
    pub system: String,
    pub user: String,
    pub reply: String,
}

impl TrajectoryLine {
    /// Whether nothing was done before and the home screen is in view.
    fn is_first_at_home(&self) -> bool {
        self.step == 0 && self.user.lines().nth(1).is_some_and(|line| line.starts_with("Screen: Home screen"))
    }
}

/// Writes trajectories, or the rest of them.
///
/// # Errors
/// A filter that fits nothing, a file that cannot be written or is no trajectory file, cancellation.
pub async fn write_trajectories(
    options: &TrajectoryOptions,
    cancel: &CancellationToken,
    on_episode: &mut (dyn FnMut(TrajectoryCount) + Send),
) -> Result<TrajectoryCount, EvalError> {
    let chosen: Vec<Origin> = match options.source {
        Source::Sim => {
            let possible = |one: &&TaskTemplate| !options.without.as_deref().is_some_and(|app| one.apps.contains(&app));
            let wanted = |one: &&TaskTemplate| options.tasks.matches(one.name);
            templates().filter(possible).filter(wanted).map(Origin::Task).collect()
        }
        Source::Apps if synthetic::task_names().any(|name| options.tasks.matches(&name)) => vec![Origin::Drawn],
        Source::Apps => Vec::new(),
    };
    if chosen.is_empty() {
        let example = match options.source {
            Source::Sim => templates().next().map(|one| one.name.to_string()),
            Source::Apps => synthetic::task_names().next(),
        };
        let example = example.unwrap_or_default();
        return Err(EvalError::NoTasks { filter: options.tasks.text(), example });
    }
    let (mut file, end) = open(&options.out)?;
    let failed = |source| EvalError::File { path: options.out.clone(), source, hint: HINT };
    let seeds = options.seeds.end.saturating_sub(options.seeds.start);
    let total = seeds.saturating_mul(options.per_task).saturating_mul(chosen.len() as u64) as usize;
    let episodes = options.seeds.clone().flat_map(|seed| {
        let of_task = move |origin| {
            (0..options.per_task).map(move |number| (origin, seed.wrapping_add(number.wrapping_mul(SEED_STRIDE))))
        };
        chosen.iter().copied().flat_map(of_task)
    });
    // Everything before the last episode in the file is there already; if the file has other seeds, nothing is.
    let is_last =
        |origin: Origin, seed: u64| end.last.as_ref().is_some_and(|last| origin.is_of(&last.task) && last.seed == seed);
    let continues = end.last.is_some() && episodes.clone().any(|(origin, seed)| is_last(origin, seed));
    let keep = if continues { end.last_start } else { end.complete };
    file.set_len(keep).and_then(|()| file.seek(SeekFrom::End(0))).map_err(failed)?;
    let mut count = TrajectoryCount::default();
    let (tasks, wrong_step_rate) = (&options.tasks, options.wrong_step_rate);
    let course = Course { tasks, wrong_step_rate, learner: options.learner.clone() };
    for (origin, seed) in episodes.skip_while(|(origin, seed)| continues && !is_last(*origin, *seed)) {
        if cancel.is_cancelled() {
            return Err(EvalError::Cancelled { finished: (count.episodes + count.left_out) as usize, total });
        }
        let lines = match origin {
            Origin::Task(template) => trajectory(template, seed, options, cancel).await?,
            Origin::Drawn => synthetic_episode(seed, &course, cancel).await?,
        };
        match lines {
            Some(mut lines) => {
                if options.first_steps {
                    lines.retain(TrajectoryLine::is_first_at_home);
                }
                count.episodes += 1;
                count.steps += lines.len() as u64;
                write_lines(&mut file, &lines).map_err(failed)?;
            }
            None => count.left_out += 1,
        }
        on_episode(count);
    }
    Ok(count)
}

/// What an episode is made of.
#[derive(Clone, Copy)]
enum Origin {
    Task(&'static TaskTemplate),
    Drawn,
}

impl Origin {
    /// Whether lines of this task are its.
    fn is_of(self, task: &str) -> bool {
        match self {
            Self::Task(template) => template.name == task,
            Self::Drawn => task.starts_with(synthetic::TASK),
        }
    }
}

/// One episode's lines, written with one call.
fn write_lines(file: &mut File, lines: &[TrajectoryLine]) -> std::io::Result<()> {
    let mut text = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut text, line)?;
        text.push(b'\n');
    }
    file.write_all(&text)
}

/// Which episode a line belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct EpisodeKey {
    task: String,
    seed: u64,
}

/// How a file ends.
#[derive(Debug, Default, PartialEq, Eq)]
struct FileEnd {
    last: Option<EpisodeKey>,
    /// The byte at which the last episode begins.
    last_start: u64,
    /// The bytes up to the last line end; what follows was being written when the program stopped.
    complete: u64,
}

/// Opens or creates the file and finds its end.
fn open(path: &Path) -> Result<(File, FileEnd), EvalError> {
    let failed = |source| EvalError::File { path: path.into(), source, hint: HINT };
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
    let mut reader = BufReader::new(&file);
    let mut end = FileEnd::default();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).map_err(failed)?;
        if !line.ends_with(b"\n") {
            break;
        }
        let key: EpisodeKey = serde_json::from_slice(&line).map_err(|error| EvalError::BadLog {
            path: path.into(),
            line: number,
            reason: error.to_string(),
        })?;
        if end.last.as_ref() != Some(&key) {
            end.last = Some(key);
            end.last_start = end.complete;
        }
        end.complete += length as u64;
    }
    Ok((file, end))
}

/// The lines of one episode; `None` if it did not end in success.
async fn trajectory(
    template: &'static TaskTemplate,
    seed: u64,
    options: &TrajectoryOptions,
    cancel: &CancellationToken,
) -> Result<Option<Vec<TrajectoryLine>>, EvalError> {
    let episode = SimEpisode::without(template, seed, options.variation, options.wordings, options.without.as_deref());
    let lines = Arc::new(Mutex::new(Vec::new()));
    let own_seed = episode_seed(template.name, seed);
    let teacher = Teacher {
        oracle: Oracle::new(episode.phone.clone(), &episode.instance.task),
        rng: ChaCha8Rng::seed_from_u64(own_seed),
        wrong_step_rate: options.wrong_step_rate,
        learner: options.learner.clone(),
        strange_apps: StrangeApps::draw(own_seed, options.strange_apps),
        task: template.name,
        seed,
        lines: lines.clone(),
    };
    let run = episode.run(Box::new(teacher), MAX_STEPS, cancel).await?;
    let lines = std::mem::take(&mut *lines.lock().await);
    Ok(run.solved.then_some(lines))
}

/// Shows what the oracle would do, and sometimes does something else.
struct Teacher {
    oracle: Oracle,
    rng: ChaCha8Rng,
    wrong_step_rate: f64,
    learner: Option<SharedDecider>,
    strange_apps: StrangeApps,
    task: &'static str,
    seed: u64,
    /// Read when the agent, which owns the teacher, is done.
    lines: Arc<Mutex<Vec<TrajectoryLine>>>,
}

#[async_trait]
impl Decider for Teacher {
    async fn decide(&mut self, step: &StepContext<'_>, cancel: &CancellationToken) -> Result<Decision, AgentError> {
        let right = self.oracle.next(step).await;
        let (observation, apps) = self.strange_apps.beside(step, &right);
        let input = PromptInput { goal: step.goal, history: step.history, observation: &observation, apps: &apps };
        let prompt = render(Dialect::Compact, &input, Budget::unlimited());
        let mut lines = self.lines.lock().await;
        let line = TrajectoryLine {
            task: self.task.to_string(),
            seed: self.seed,
            step: lines.len(),
            system: prompt.system,
            user: prompt.user,
            reply: reply_text(&right, &observation.screen),
        };
        lines.push(line);
        drop(lines);
        if right.is_final() || !self.rng.random_bool(self.wrong_step_rate) {
            return Ok(decision(right, step));
        }
        let Some(learner) = &mut self.learner else {
            return Ok(decision(wrong_action(step, &mut self.rng), step));
        };
        let tried = learner.decide(step, cancel).await?;
        let goes_on = tried.outcome.as_ref().is_ok_and(|action| !action.is_final());
        Ok(if goes_on { tried } else { decision(right, step) })
    }
}

/// Any action that does not end the episode.
fn wrong_action(step: &StepContext<'_>, rng: &mut ChaCha8Rng) -> Action {
    let action = random_action(step, rng);
    if action.is_final() { Action::Back } else { action }
}

/// Apps that nobody knows, for the home screen of one phone: each with where it stands among the others, 0 to 1.
struct StrangeApps(Vec<(App, f64)>);

impl StrangeApps {
    fn draw(seed: u64, most: usize) -> Self {
        // Of a stream of its own, so that what the teacher does is the same with and without.
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(1);
        let count = rng.random_range(0..=most);
        Self((0..count).map(|_| (synthetic::unknown_app(&mut rng), rng.random())).collect())
    }

    /// What the step shows, with these apps if it is the home screen. An action on an element of it has the element's
    /// number, so that such a screen stays as it is.
    fn beside(&self, step: &StepContext<'_>, right: &Action) -> (Observation, Vec<App>) {
        let (mut observation, mut apps) = (step.observation.clone(), step.apps.to_vec());
        if observation.app.package != LAUNCHER || right.target().is_some() {
            return (observation, apps);
        }
        let elements = &mut observation.screen.elements;
        for (app, place) in &self.0 {
            let Some(first) = elements.iter().position(|element| element.role == Role::Button) else { break };
            let at = first + ((elements.len() - first + 1) as f64 * place) as usize;
            let button = Element { label: app.name.clone(), ..elements[first].clone() };
            elements.insert(at.min(elements.len()), button);
            apps.push(app.clone());
        }
        for (element, id) in elements.iter_mut().zip(1..) {
            element.id = ElementId(id);
        }
        (observation, apps)
    }
}
