//! Runs episodes on simulated phones.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use deftly_agent::{Agent, AgentEvent, Decider, Limits, RunOutcome, StepRecord};
use deftly_android::Adb;
use deftly_sim::{SimOptions, SimPhone};
use deftly_tools::{Device, SettleLimits};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use tokio_util::sync::CancellationToken;

use super::guided::Guided;
use super::task::{Ending, TaskBuilder, TaskInstance, TaskTemplate};
use super::{Oracle, PhoneState, ServedPhone, SharedPhone, Variation, templates};
use crate::episode::EpisodeMs;
use crate::policy::{FirstDecider, RandomDecider, episode_seed};
use crate::{Episode, EvalError, Job, Policy, PolicyKind, Suite, Wordings};

/// Steps within which the oracle must have solved a task.
const ORACLE_STEPS: usize = 60;

/// A screen of the simulator is late by 600 ms of its own time at most, but the real time of each look counts too. So
/// much patience makes an episode the same on a busy machine; it costs a few looks.
const SETTLE: SettleLimits = SettleLimits {
    interval: Duration::from_millis(150),
    patience: Duration::from_millis(2500),
    timeout: Duration::from_secs(6),
};

/// Steps that a policy gets beyond its multiple of the oracle's, so that short tasks allow a wrong turn too.
const SPARE_STEPS: usize = 5;

/// The suite; see [`super`].
#[derive(Default)]
pub struct SimSuite {
    options: SimSuiteOptions,
    /// What the oracle needed, by job; filled by [`Suite::prepare`].
    optimal: HashMap<Job, usize>,
    /// The phone that is served, from [`Suite::prepare`] on; `None` for [`Route::InProcess`].
    served: Option<ServedPhone>,
}

/// How the agent reaches the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Route {
    /// By calls.
    #[default]
    InProcess,
    /// As a real phone is reached: served over the ADB protocol, through `adb` and the service on the phone. The adb
    /// server is the one on this port, or adb's own choice.
    Adb { server_port: Option<u16> },
}

/// How the suite is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimSuiteOptions {
    pub variation: Variation,
    pub wordings: Wordings,
    /// A policy may take so many times the oracle's steps, and a few more.
    pub budget_factor: f64,
    /// The phone's time is the world's, as on a real one, instead of its own.
    pub real_time: bool,
    /// The decider works on what is expected while a phone in real time settles.
    pub overlap: bool,
    /// How many of an episode's first steps the oracle makes, so that what comes later can be measured by itself.
    pub guided_steps: usize,
    pub route: Route,
}

impl Default for SimSuiteOptions {
    fn default() -> Self {
        Self {
            variation: Variation::Synonyms,
            wordings: Wordings::Plain,
            budget_factor: 2.0,
            real_time: false,
            overlap: true,
            guided_steps: 0,
            route: Route::InProcess,
        }
    }
}

impl SimSuite {
    pub fn new(options: SimSuiteOptions) -> Self {
        Self { options, optimal: HashMap::new(), served: None }
    }
}

#[async_trait]
impl Suite for SimSuite {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn tasks(&self) -> Vec<String> {
        templates().map(|template| template.name.to_string()).collect()
    }

    fn baselines(&self) -> &'static [PolicyKind] {
        &[PolicyKind::Oracle, PolicyKind::Random, PolicyKind::First]
    }

    fn fingerprint(&self) -> Vec<(String, String)> {
        let mut fingerprint = vec![
            ("variation".to_string(), self.options.variation.to_string()),
            ("budget_factor".to_string(), self.options.budget_factor.to_string()),
        ];
        if self.options.wordings != Wordings::Plain {
            fingerprint.push(("wordings".to_string(), self.options.wordings.to_string()));
        }
        if self.options.real_time {
            fingerprint.push(("time".to_string(), "real".to_string()));
        }
        if self.options.guided_steps > 0 {
            fingerprint.push(("guided_steps".to_string(), self.options.guided_steps.to_string()));
        }
        match self.options.route {
            Route::InProcess => {}
            Route::Adb { .. } => fingerprint.push(("device".to_string(), "android".to_string())),
        }
        fingerprint
    }

    /// Runs the oracle on every job: it has to solve each, and its steps are what others are measured by.
    async fn prepare(&mut self, jobs: &[Job]) -> Result<(), EvalError> {
        self.served = match self.options.route {
            Route::InProcess => None,
            Route::Adb { server_port } => {
                let adb = server_port.map_or_else(Adb::default, |port| Adb::default().with_server_port(port));
                Some(ServedPhone::start(&adb).await?)
            }
        };
        let mut failed = Vec::new();
        for job in jobs {
            let mut episode =
                SimEpisode::worded(template(job)?, job.seed, self.options.variation, self.options.wordings);
            let oracle = Oracle::new(episode.phone.clone(), &episode.instance.task);
            let (sender, steps) = std::sync::mpsc::channel();
            episode.on_event(move |event| {
                if let AgentEvent::Step(step) = event {
                    // The receiver outlives the run.
                    let _ = sender.send(describe_step(step));
                }
            });
            let result = episode.run(Box::new(oracle), ORACLE_STEPS, &CancellationToken::new()).await?;
            if !result.solved {
                let steps: Vec<String> = steps.try_iter().collect();
                failed.push(describe_failure(&result, &steps));
            }
            self.optimal.insert(job.clone(), result.steps);
        }
        if failed.is_empty() { Ok(()) } else { Err(EvalError::OracleFailed { tasks: failed }) }
    }

    async fn run(&self, job: &Job, policy: &Policy, cancel: &CancellationToken) -> Result<Episode, EvalError> {
        let SimSuiteOptions { variation, wordings, real_time, overlap, guided_steps, .. } = self.options;
        let prepared = prepared(phone(job.seed, variation, real_time), template(job)?, job.seed, wordings);
        let episode = match &self.served {
            Some(served) => SimEpisode::served(prepared, served),
            None => SimEpisode::in_process(prepared),
        };
        let episode = episode.overlap(overlap);
        let oracle = || Oracle::new(episode.phone.clone(), &episode.instance.task);
        let decider: Box<dyn Decider> = match policy {
            Policy::Agent { decider, .. } => Box::new(decider.clone()),
            Policy::Oracle => Box::new(oracle()),
            Policy::Random => Box::new(RandomDecider::new(episode_seed(&job.task, job.seed))),
            Policy::First => Box::new(FirstDecider),
        };
        let decider = if guided_steps > 0 { Box::new(Guided::new(oracle(), guided_steps, decider)) } else { decider };
        let optimal = self.optimal.get(job).copied().unwrap_or(ORACLE_STEPS);
        let budget = (optimal as f64 * self.options.budget_factor) as usize + SPARE_STEPS;
        let mut result = episode.run(decider, budget, cancel).await?;
        result.optimal_steps = optimal;
        Ok(result)
    }
}

/// A step as a line of a failure's description: `tap "Save": Changed`.
fn describe_step(step: &StepRecord) -> String {
    let action = step.action.as_ref().or(step.decided.as_ref());
    let name = action.map_or("nothing", |action| action.name());
    let label = step.label.as_ref().map(|label| format!(" {label:?}")).unwrap_or_default();
    let result = step.result.as_ref().map(|result| format!(": {result:?}")).unwrap_or_default();
    format!("{name}{label}{result}, in {}", step.observation.app.name)
}

/// What the oracle did last, which is what one needs to mend a plan.
fn describe_failure(result: &Episode, steps: &[String]) -> String {
    const SHOWN: usize = 8;
    let last = &steps[steps.len().saturating_sub(SHOWN)..];
    let indented = last.iter().map(|step| format!("\n    {step}")).collect::<String>();
    format!("{} with seed {} ({:?}): {:?}{indented}", result.task, result.seed, result.goal, result.ending)
}

fn template(job: &Job) -> Result<&'static TaskTemplate, EvalError> {
    let named = templates().find(|template| template.name == job.task);
    let example = || templates().next().map(|template| template.name.to_string()).unwrap_or_default();
    named.ok_or_else(|| EvalError::NoTasks { filter: job.task.clone(), example: example() })
}

/// A phone prepared for a task.
pub struct SimEpisode {
    /// The phone's state; the agent has its device.
    pub phone: PhoneState,
    device: Box<dyn Device>,
    settle: SettleLimits,
    pub instance: TaskInstance,
    on_event: Option<EventHandler>,
    overlap: bool,
}

type EventHandler = Box<dyn FnMut(&AgentEvent) + Send>;

impl SimEpisode {
    /// The same template, seed and variation give the same phone and the same goal.
    pub fn new(template: &'static TaskTemplate, seed: u64, variation: Variation) -> Self {
        Self::worded(template, seed, variation, Wordings::Plain)
    }

    /// The same with the goal worded otherwise; phone and parameters stay.
    pub fn worded(template: &'static TaskTemplate, seed: u64, variation: Variation, wordings: Wordings) -> Self {
        Self::without(template, seed, variation, wordings, None)
    }

    /// The same on a phone that has all apps but this one.
    pub fn without(
        template: &'static TaskTemplate,
        seed: u64,
        variation: Variation,
        wordings: Wordings,
        app: Option<&str>,
    ) -> Self {
        let mut phone = phone(seed, variation, false);
        phone
            .system_mut()
            .apps
            .iter_mut()
            .filter(|entry| Some(entry.key) == app)
            .for_each(|entry| entry.installed = false);
        Self::in_process(prepared(phone, template, seed, wordings))
    }

    fn in_process((phone, instance): (SimPhone, TaskInstance)) -> Self {
        let phone = SharedPhone::new(phone);
        let device = Box::new(phone.clone());
        Self { phone: PhoneState::Shared(phone), device, settle: SETTLE, instance, on_event: None, overlap: true }
    }

    /// The same on a phone that is reached over adb.
    fn served((phone, instance): (SimPhone, TaskInstance), served: &ServedPhone) -> Self {
        let (handset, device) = served.insert(phone);
        // The time between looks is the phone's own, whatever this machine does, so real waiting gains nothing.
        let settle = SettleLimits::default();
        Self { phone: PhoneState::Served(handset), device, settle, instance, on_event: None, overlap: true }
    }

    fn overlap(self, overlap: bool) -> Self {
        Self { overlap, ..self }
    }

    /// Has the run's events told to somebody.
    pub fn on_event(&mut self, handler: impl FnMut(&AgentEvent) + Send + 'static) {
        self.on_event = Some(Box::new(handler));
    }

    /// Lets a decider work on the goal, and judges the phone afterwards. What it may do is not restricted: it is not a
    /// person's phone.
    pub async fn run(
        self,
        decider: Box<dyn Decider>,
        max_steps: usize,
        cancel: &CancellationToken,
    ) -> Result<Episode, EvalError> {
        let TaskInstance { template, seed, goal, task, .. } = self.instance;
        let builder = Agent::builder()
            .device(self.device)
            .decider(decider)
            .policy(deftly_agent::Policy::allow_all())
            .overlap(self.overlap)
            .limits(Limits { max_steps, settle: self.settle, ..Limits::default() });
        let mut agent = match self.on_event {
            Some(handler) => builder.on_event(handler).build(),
            None => builder.build(),
        };
        let run = agent.run(&goal, cancel).await?;
        let (ending, error) = ending(run.outcome)?;
        let (solved, reached) = self.phone.look(|phone| (task.is_solved(phone, &ending), task.is_reached(phone))).await;
        Ok(Episode {
            task: template.name.to_string(),
            seed,
            apps: template.apps.iter().map(|app| app.to_string()).collect(),
            difficulty: Some(template.difficulty),
            kind: Some(template.kind),
            goal,
            solved,
            reached,
            ending,
            steps: run.steps,
            optimal_steps: run.steps,
            account: run.account,
            ms: EpisodeMs {
                observe: run.ms.observe + run.ms.verify,
                decide: run.ms.decide,
                act: run.ms.act,
                total: run.total_ms,
            },
            recorded: Vec::new(),
            error,
        })
    }
}

fn phone(seed: u64, variation: Variation, real_time: bool) -> SimPhone {
    SimPhone::with_options(SimOptions { seed, variation: variation.variation(), real_time })
}

/// The phone and the task of an episode.
fn prepared(
    mut phone: SimPhone,
    template: &'static TaskTemplate,
    seed: u64,
    wordings: Wordings,
) -> (SimPhone, TaskInstance) {
    let rng = ChaCha8Rng::seed_from_u64(episode_seed(template.name, seed));
    let mut builder = TaskBuilder::new(&mut phone, rng);
    let task = (template.build)(&mut builder);
    let instance = builder.finish(template, seed, task, wordings);
    (phone, instance)
}

/// What a run's end means for its task, and what went wrong if that was not the decider's doing.
fn ending(outcome: RunOutcome) -> Result<(Ending, Option<String>), EvalError> {
    let text = outcome.to_string();
    match outcome {
        RunOutcome::Reached => Ok((Ending::Complete, None)),
        RunOutcome::GaveUp { .. } => Ok((Ending::Infeasible, None)),
        RunOutcome::Answered { text } => Ok((Ending::Answer { text }, None)),
        RunOutcome::DryRun { .. }
        | RunOutcome::Refused { .. }
        | RunOutcome::StepLimit { .. }
        | RunOutcome::TimeLimit { .. }
        | RunOutcome::Loop { .. }
        | RunOutcome::Unreadable { .. }
        | RunOutcome::Cancelled => Ok((Ending::Unfinished { reason: text }, None)),
        RunOutcome::DeviceFailed { .. } => Ok((Ending::Unfinished { reason: text.clone() }, Some(text))),
        // Every further episode would fail in the same way.
        RunOutcome::DeciderFailed { error } => Err(EvalError::Decider { error }),
    }
}
