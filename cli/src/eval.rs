//! `deftly eval`: measure an agent on a suite.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use deftly_agent::{ModelDecider, ModelOptions};
use deftly_engine::Sampling;
use deftly_eval::suites::droidtask::DroidtaskSuite;
use deftly_eval::suites::sim::{Route, SimSuite, SimSuiteOptions};
use deftly_eval::{EvalError, EvalEvent, EvalOptions, Policy, Report, SharedDecider, Suite};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::args::{EvalArgs, EvalDevice, PolicyArg, SuiteArg};
use crate::{model, output};

/// Runs the suite, prints or writes the report; returns whether it passed its check (if it has one).
pub async fn run(args: &EvalArgs, cancel: &CancellationToken) -> Result<bool> {
    let baseline = args.check.as_deref().map(Baseline::read).transpose()?;
    let mut suite = open_suite(args)?;
    let (policy, identity) = open_policy(args).await?;
    let options = EvalOptions {
        seeds: args.seeds.clone(),
        tasks: args.tasks.clone().unwrap_or_default(),
        limit: args.limit,
        log: args.json.as_deref().filter(|path| *path != Path::new("-")).map(log_beside),
        baselines: args.policy == PolicyArg::Agent,
        identity,
    };
    let bar = progress_bar();
    let result =
        deftly_eval::evaluate(suite.as_mut(), &policy, &options, cancel, &mut |event| show(&bar, &event)).await;
    bar.finish_and_clear();
    let report = match result {
        Ok(report) => report,
        Err(error @ EvalError::Cancelled { .. }) => {
            let hint = match &options.log {
                Some(log) => format!("the same command goes on from there ({})", log.display()),
                None => "with --json FILE it could go on from there".to_owned(),
            };
            output::tell(&format!("{error}\nhint: {hint}"));
            return Ok(false);
        }
        Err(error) => return Err(error.into()),
    };

    match &args.json {
        Some(path) if path == Path::new("-") => output::print(&serde_json::to_string(&report)?)?,
        Some(path) => {
            let json = serde_json::to_string_pretty(&report)?;
            std::fs::write(path, json + "\n").with_context(|| {
                format!("{}: cannot write the report\nhint: choose another place with --json", path.display())
            })?;
            output::print(deftly_eval::render(&report).trim_end())?;
        }
        None => output::print(deftly_eval::render(&report).trim_end())?,
    }
    if let Some(log) = &options.log {
        // The report is complete: another run of the command is another measurement.
        std::fs::remove_file(log).with_context(|| format!("{}: cannot remove the log", log.display()))?;
    }
    if let Some(baseline) = &baseline {
        return baseline.admits(&report);
    }
    // The oracle is the suite's own proof: one task that it cannot solve is a fault of the suite.
    Ok(args.policy != PolicyArg::Oracle || report.overall.successes == report.overall.episodes)
}

fn open_suite(args: &EvalArgs) -> Result<Box<dyn Suite>> {
    match (args.suite, &args.data) {
        (SuiteArg::Sim, None) => {
            let route = match args.device {
                EvalDevice::Sim => Route::InProcess,
                EvalDevice::Android => Route::Adb { server_port: None },
            };
            Ok(Box::new(SimSuite::new(SimSuiteOptions {
                route,
                wordings: args.wordings,
                real_time: args.real_time,
                overlap: !args.no_overlap,
                guided_steps: args.guided_steps,
                ..SimSuiteOptions::default()
            })))
        }
        (SuiteArg::Sim, Some(_)) => bail!("--data is for recorded suites\nhint: leave it out for sim"),
        (SuiteArg::Droidtask, _) if args.device == EvalDevice::Android => {
            bail!("--device android is for the suite sim\nhint: recorded steps need no phone; leave it out")
        }
        (SuiteArg::Droidtask, _) if args.guided_steps > 0 => {
            bail!("--guided-steps is for the suite sim\nhint: recorded steps are looked at one by one; leave it out")
        }
        (SuiteArg::Droidtask, Some(path)) => Ok(Box::new(DroidtaskSuite::open(path)?)),
        (SuiteArg::Droidtask, None) => {
            bail!("suite droidtask needs its recorded steps\nhint: --data FILE, AutoDroid's profile_no_answer.json")
        }
    }
}

/// The policy, and what the evaluation's results depend on beside it.
async fn open_policy(args: &EvalArgs) -> Result<(Policy, Vec<(String, String)>)> {
    match args.policy {
        PolicyArg::Oracle => Ok((Policy::Oracle, Vec::new())),
        PolicyArg::Random => Ok((Policy::Random, Vec::new())),
        PolicyArg::First => Ok((Policy::First, Vec::new())),
        PolicyArg::Agent => {
            let sampling = Sampling { temperature: args.sampling.temperature, ..Sampling::default() };
            sampling.validate()?;
            let options = ModelOptions { dialect: args.sampling.dialect, sampling, ..ModelOptions::default() };
            let model_args = args.model.clone();
            let session = tokio::task::spawn_blocking(move || model::session(&model_args)).await??;
            let info = session.info().clone();
            let identity = vec![
                ("backend".to_owned(), info.backend.to_owned()),
                ("model digest".to_owned(), model::digest(&args.model)?),
                ("dialect".to_owned(), args.sampling.dialect.to_string()),
                ("temperature".to_owned(), args.sampling.temperature.to_string()),
            ];
            let decider = SharedDecider::new(Box::new(ModelDecider::new(session, options)));
            Ok((Policy::Agent { name: info.name, decider }, identity))
        }
    }
}

/// Episodes are kept here while the evaluation runs.
fn log_beside(report: &Path) -> PathBuf {
    report.with_extension("episodes.jsonl")
}

fn progress_bar() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

fn show(bar: &ProgressBar, event: &EvalEvent<'_>) {
    match event {
        EvalEvent::Started { total, resumed, solved } => {
            bar.set_length(*total as u64);
            bar.set_position(*resumed as u64);
            if *resumed > 0 {
                bar.set_message(format!("{solved} solved in the {resumed} episodes of the earlier run"));
            }
        }
        EvalEvent::Finished { episode, progress } => {
            bar.set_position(progress.finished as u64);
            let rate = 100.0 * progress.solved as f64 / progress.finished.max(1) as f64;
            bar.set_message(format!("{rate:.0}% solved, {} s left, {}", progress.time_left.as_secs(), episode.task));
        }
        EvalEvent::Baseline { policy } => bar.set_message(format!("baseline: {policy}")),
    }
}

/// What `--check` needs of an earlier report.
#[derive(Debug, Deserialize)]
struct Baseline {
    suite: String,
    policy: String,
    interval: [f64; 2],
}

impl Baseline {
    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| {
            format!("{}: cannot read the baseline\nhint: --check takes a report that --json wrote", path.display())
        })?;
        serde_json::from_str(&text).with_context(|| {
            format!("{}: not a report\nhint: --check takes a report that --json wrote", path.display())
        })
    }

    /// Whether the new rate is not below the old one's interval.
    fn admits(&self, report: &Report) -> Result<bool> {
        ensure!(
            self.suite == report.suite && self.policy == report.policy,
            "the baseline is of {} on {}, this is {} on {}\nhint: give --check a report of the same suite and policy",
            self.policy,
            self.suite,
            report.policy,
            report.suite
        );
        let [floor, _] = self.interval;
        let rate = report.overall.success_rate.unwrap_or(0.0);
        let passed = rate >= floor;
        let verdict = if passed { "no worse than the baseline" } else { "WORSE than the baseline" };
        output::tell(&format!("{verdict}: {:.1}% against at least {:.1}%", 100.0 * rate, 100.0 * floor));
        Ok(passed)
    }
}
