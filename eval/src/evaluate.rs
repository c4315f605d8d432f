//! Carries out an evaluation: which episodes, in which order, from where it was interrupted, and what came out.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::log::{EpisodeLog, Fingerprint};
use crate::{Episode, EvalError, PolicyKind, Report, SharedDecider, TaskFilter};

/// One episode to run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Job {
    pub task: String,
    pub seed: u64,
}

/// A set of tasks and how to run one.
#[async_trait]
pub trait Suite: Send + Sync {
    fn name(&self) -> &'static str;

    /// The names of all tasks, in the order in which reports show them.
    fn tasks(&self) -> Vec<String>;

    /// The policies that a report on an agent shows beside it.
    fn baselines(&self) -> &'static [PolicyKind];

    /// What else the episodes depend on, for the log's fingerprint: name and value.
    fn fingerprint(&self) -> Vec<(String, String)>;

    /// Checks before anything is run that these jobs make sense.
    async fn prepare(&mut self, jobs: &[Job]) -> Result<(), EvalError>;

    /// Runs one episode. What goes wrong because of the policy is part of the episode, as is a device that failed.
    async fn run(&self, job: &Job, policy: &Policy, cancel: &CancellationToken) -> Result<Episode, EvalError>;
}

/// A policy, ready to choose.
#[derive(Clone)]
pub enum Policy {
    /// With a name for reports: the model's.
    Agent {
        name: String,
        decider: SharedDecider,
    },
    Oracle,
    Random,
    First,
}

impl Policy {
    pub fn kind(&self) -> PolicyKind {
        match self {
            Self::Agent { .. } => PolicyKind::Agent,
            Self::Oracle => PolicyKind::Oracle,
            Self::Random => PolicyKind::Random,
            Self::First => PolicyKind::First,
        }
    }

    /// A policy that needs no model.
    fn baseline(kind: PolicyKind) -> Option<Self> {
        match kind {
            PolicyKind::Agent => None,
            PolicyKind::Oracle => Some(Self::Oracle),
            PolicyKind::Random => Some(Self::Random),
            PolicyKind::First => Some(Self::First),
        }
    }
}

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvalOptions {
    /// Each task is done once per seed.
    pub seeds: Vec<u64>,
    pub tasks: TaskFilter,
    /// At most so many tasks, the first of those that fit.
    pub limit: Option<usize>,
    /// Where finished episodes are kept; without it an interrupted evaluation starts anew.
    pub log: Option<PathBuf>,
    /// Whether to run the suite's baselines too.
    pub baselines: bool,
    /// What else identifies this evaluation: the model's digest, the dialect, the sampling.
    pub identity: Vec<(String, String)>,
}

impl Default for EvalOptions {
    fn default() -> Self {
        Self {
            seeds: vec![1, 2, 3],
            tasks: TaskFilter::default(),
            limit: None,
            log: None,
            baselines: true,
            identity: Vec::new(),
        }
    }
}

/// What happens during an evaluation, for a progress bar.
#[derive(Debug)]
pub enum EvalEvent<'a> {
    /// Of `total` episodes, `resumed` were found in the log, and of these `solved` are solved.
    Started { total: usize, resumed: usize, solved: usize },
    /// An episode is over.
    Finished { episode: &'a Episode, progress: Progress },
    /// The episodes of a baseline follow; they are not reported one by one.
    Baseline { policy: PolicyKind },
}

/// How far an evaluation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Resumed episodes included.
    pub finished: usize,
    pub total: usize,
    pub solved: usize,
    /// If the rest is as fast as what was run so far.
    pub time_left: Duration,
}

/// Runs a suite and sums up.
///
/// # Errors
/// A filter that fits nothing, a log that cannot be used, a suite that is wrong in itself, a model that cannot be used,
/// or cancellation. What was finished before stays in the log.
pub async fn evaluate(
    suite: &mut dyn Suite,
    policy: &Policy,
    options: &EvalOptions,
    cancel: &CancellationToken,
    on_event: &mut (dyn FnMut(EvalEvent<'_>) + Send),
) -> Result<Report, EvalError> {
    let jobs = choose_jobs(suite, options)?;
    suite.prepare(&jobs).await?;
    let suite = &*suite;
    let fingerprint = fingerprint(suite, policy, options);
    let episodes = run_jobs(suite, policy, &jobs, options, &fingerprint, cancel, on_event).await?;
    let mut report = Report::new(suite.name(), policy.kind().name(), &fingerprint, &episodes);
    let others = suite.baselines().iter().filter(|&&kind| options.baselines && kind != policy.kind());
    for baseline in others.filter_map(|&kind| Policy::baseline(kind)) {
        on_event(EvalEvent::Baseline { policy: baseline.kind() });
        let mut episodes = Vec::with_capacity(jobs.len());
        for job in &jobs {
            episodes.push(run_one(suite, job, &baseline, cancel, episodes.len(), jobs.len()).await?);
        }
        report.add_baseline(baseline.kind().name(), &episodes);
    }
    Ok(report)
}

/// Seed by seed, so that an interrupted evaluation has seen every task about equally often.
fn choose_jobs(suite: &dyn Suite, options: &EvalOptions) -> Result<Vec<Job>, EvalError> {
    let all = suite.tasks();
    let example = all.first().cloned().unwrap_or_default();
    let fitting = all.into_iter().filter(|task| options.tasks.matches(task));
    let tasks: Vec<String> = fitting.take(options.limit.unwrap_or(usize::MAX)).collect();
    if tasks.is_empty() || options.seeds.is_empty() {
        return Err(EvalError::NoTasks { filter: options.tasks.text(), example });
    }
    let seeds = options.seeds.iter();
    Ok(seeds.flat_map(|&seed| tasks.iter().map(move |task| Job { task: task.clone(), seed })).collect())
}

/// Which tasks and seeds are run is left out: a log may be continued with more of them.
fn fingerprint(suite: &dyn Suite, policy: &Policy, options: &EvalOptions) -> Fingerprint {
    let mut parts = vec![
        ("suite".to_string(), suite.name().to_string()),
        ("policy".to_string(), policy.kind().name().to_string()),
        ("version".to_string(), env!("CARGO_PKG_VERSION").to_string()),
    ];
    if let Policy::Agent { name, .. } = policy {
        parts.push(("model".to_string(), name.clone()));
    }
    parts.extend(suite.fingerprint());
    parts.extend(options.identity.iter().cloned());
    Fingerprint { parts: parts.into_iter().collect() }
}

async fn run_jobs(
    suite: &dyn Suite,
    policy: &Policy,
    jobs: &[Job],
    options: &EvalOptions,
    fingerprint: &Fingerprint,
    cancel: &CancellationToken,
    on_event: &mut (dyn FnMut(EvalEvent<'_>) + Send),
) -> Result<Vec<Episode>, EvalError> {
    let (mut log, earlier) = match &options.log {
        Some(path) => {
            let (log, earlier) = EpisodeLog::open(path, fingerprint)?;
            (Some(log), earlier)
        }
        None => (None, Vec::new()),
    };
    let mut known: HashMap<Job, Episode> = HashMap::new();
    // An episode that could not be run is tried again.
    for episode in earlier.into_iter().filter(|episode| episode.error.is_none()) {
        known.insert(Job { task: episode.task.clone(), seed: episode.seed }, episode);
    }
    let found: Vec<Option<Episode>> = jobs.iter().map(|job| known.remove(job)).collect();
    let resumed = found.iter().flatten().count();
    let mut solved = found.iter().flatten().filter(|episode| episode.solved).count();
    on_event(EvalEvent::Started { total: jobs.len(), resumed, solved });

    let start = Instant::now();
    let mut run = 0;
    let mut episodes = Vec::with_capacity(jobs.len());
    for (job, found) in jobs.iter().zip(found) {
        if let Some(episode) = found {
            episodes.push(episode);
            continue;
        }
        let episode = run_one(suite, job, policy, cancel, resumed + run, jobs.len()).await?;
        if let Some(log) = &mut log {
            log.append(&episode)?;
        }
        run += 1;
        solved += usize::from(episode.solved);
        let finished = resumed + run;
        let time_left = start.elapsed().mul_f64((jobs.len() - finished) as f64 / run as f64);
        let progress = Progress { finished, total: jobs.len(), solved, time_left };
        on_event(EvalEvent::Finished { episode: &episode, progress });
        episodes.push(episode);
    }
    Ok(episodes)
}

/// An episode that was cut off by cancellation is not kept.
async fn run_one(
    suite: &dyn Suite,
    job: &Job,
    policy: &Policy,
    cancel: &CancellationToken,
    finished: usize,
    total: usize,
) -> Result<Episode, EvalError> {
    let stopped = EvalError::Cancelled { finished, total };
    if cancel.is_cancelled() {
        return Err(stopped);
    }
    let episode = suite.run(job, policy, cancel).await?;
    if cancel.is_cancelled() { Err(stopped) } else { Ok(episode) }
}
