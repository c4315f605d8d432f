//! Writes what the oracle does on simulated phones as training data; see [`deftly_eval::trajectories`].
//!
//! ```sh
//! deftly-trajectories --seeds 1000..3000 --per-task 1 --variation synonyms --wrong-step-rate 0.1 --out a.jsonl
//! ```

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use deftly_agent::{AgentError, ModelDecider, ModelOptions};
use deftly_engine::{NativeOptions, Session, load_native};
use deftly_eval::suites::sim::Variation;
use deftly_eval::trajectories::{Source, TrajectoryCount, TrajectoryOptions, write_trajectories};
use deftly_eval::{EvalError, SharedDecider, TaskFilter, Wordings};
use tokio_util::sync::CancellationToken;

/// Between two lines of progress.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(10);

/// Writes what the oracle does on simulated phones as training data: JSON lines of prompts and replies.
///
/// The same options give the same lines; an interrupted file is continued. Example:
/// deftly-trajectories --seeds 1000..3000 --variation synonyms --wrong-step-rate 0.1 --out a.jsonl
#[derive(Debug, Parser)]
struct Arguments {
    /// Seeds of the phones, from (included) to (excluded); those below 1000 are for evaluation
    #[arg(long, value_name = "A..B", value_parser = parse_seeds)]
    seeds: Range<u64>,

    /// Where the trajectories come from: sim, the simulated phone's tasks, or apps, drawn ones
    #[arg(long, default_value = "sim", value_parser = parse_source)]
    source: Source,

    /// How goals are worded: plain or varied; held-out is for measuring
    #[arg(long, default_value = "plain")]
    wordings: Wordings,

    /// Phones per task and seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    per_task: u64,

    /// What the phones call things: canonical, synonyms or random
    #[arg(long, default_value = "synonyms")]
    variation: Variation,

    /// How often a random action, or the learner's, is performed instead of the right one, 0 to 1
    #[arg(long, value_name = "P", default_value_t = 0.1, value_parser = parse_rate)]
    wrong_step_rate: f64,

    /// A model whose own choices are the wrong steps, so that the next one learns to recover from them
    #[arg(long, value_name = "GGUF")]
    learner: Option<PathBuf>,

    /// Only these tasks: patterns with * and ?, separated by commas; with --source apps kinds of requests, as apps_setting
    #[arg(long, value_name = "GLOB", default_value = "")]
    tasks: TaskFilter,

    /// An app that the phones do not have, to hold it out of training: clock
    #[arg(long, value_name = "APP")]
    without: Option<String>,

    /// Up to so many apps with made-up names on the simulated phone's home screen, so that a name is not opened for being
    /// unknown
    #[arg(long, value_name = "N", default_value_t = 0)]
    strange_apps: usize,

    /// Only the first steps of episodes that begin on the home screen: which app?
    #[arg(long)]
    first_steps: bool,

    /// The file to write or to continue
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(count) => {
            eprintln!("{}", progress(count));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<TrajectoryCount, EvalError> {
    let options = TrajectoryOptions {
        source: arguments.source,
        wordings: arguments.wordings,
        seeds: arguments.seeds,
        per_task: arguments.per_task,
        variation: arguments.variation,
        wrong_step_rate: arguments.wrong_step_rate,
        learner: arguments.learner.as_deref().map(load_learner).transpose()?,
        tasks: arguments.tasks,
        without: arguments.without,
        strange_apps: arguments.strange_apps,
        first_steps: arguments.first_steps,
        out: arguments.out,
    };
    let cancel = CancellationToken::new();
    tokio::spawn(cancel_on_interrupt(cancel.clone()));
    let mut told = Instant::now();
    let mut tell = |count| {
        if told.elapsed() >= PROGRESS_INTERVAL {
            told = Instant::now();
            eprintln!("{}", progress(count));
        }
    };
    write_trajectories(&options, &cancel, &mut tell).await
}

fn load_learner(path: &Path) -> Result<SharedDecider, EvalError> {
    let model = load_native(path, &NativeOptions { threads: Some(1), ..NativeOptions::default() });
    let session = model.and_then(Session::new).map_err(|error| EvalError::Agent(AgentError::from(error)))?;
    Ok(SharedDecider::new(Box::new(ModelDecider::new(session, ModelOptions::default()))))
}

/// Ctrl-C stops between two episodes, so that the file stays whole.
async fn cancel_on_interrupt(cancel: CancellationToken) {
    if tokio::signal::ctrl_c().await.is_ok() {
        cancel.cancel();
    }
}

fn progress(count: TrajectoryCount) -> String {
    let TrajectoryCount { episodes, steps, left_out } = count;
    format!("{episodes} episodes, {steps} steps; {left_out} episodes left out because they came to no good end")
}

/// Why an option's value was refused.
#[derive(Debug, thiserror::Error)]
enum BadValue {
    #[error("expected two numbers, the first smaller, as in 1000..3000")]
    Seeds,
    #[error("expected a number from 0 to 1")]
    Rate,
    #[error("expected sim or apps")]
    Source,
}

fn parse_seeds(text: &str) -> Result<Range<u64>, BadValue> {
    let (from, to) = text.split_once("..").ok_or(BadValue::Seeds)?;
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| BadValue::Seeds);
    let range = number(from)?..number(to)?;
    if range.is_empty() { Err(BadValue::Seeds) } else { Ok(range) }
}

fn parse_source(text: &str) -> Result<Source, BadValue> {
    match text {
        "sim" => Ok(Source::Sim),
        "apps" => Ok(Source::Apps),
        _ => Err(BadValue::Source),
    }
}

fn parse_rate(text: &str) -> Result<f64, BadValue> {
    text.parse().ok().filter(|rate| (0.0..=1.0).contains(rate)).ok_or(BadValue::Rate)
}
