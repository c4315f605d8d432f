//! `deftly run`: reach a goal on a phone, a step a line.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use async_trait::async_trait;
use deftly_agent::{
    Agent, AgentEvent, Confirm, Confirmer, Consent, Limits, ModelDecider, ModelOptions, Policy, Question, TraceOptions,
};
use deftly_engine::Sampling;
use tokio_util::sync::CancellationToken;

use crate::args::{ConfirmArg, RunArgs};
use crate::device::DeviceSpec;
use crate::show::StepPrinter;
use crate::{model, output};

/// Runs the goal and returns the exit code.
pub async fn run(args: &RunArgs, cancel: &CancellationToken) -> Result<u8> {
    let settings = Settings::new(args)?;
    let device = settings.device.open()?;
    let (model_args, memory) = (args.model.clone(), model::memory(&args.memory));
    let session = tokio::task::spawn_blocking(move || {
        let session = model::session(&model_args)?;
        anyhow::Ok(match memory {
            Some(memory) => session.with_memory(memory),
            None => session,
        })
    })
    .await??;
    let decider = ModelDecider::new(session, settings.model);

    let printer = StepPrinter::new(args.json, cancel.clone());
    let unshown = printer.failure();
    let mut builder = Agent::builder()
        .device(device)
        .decider(Box::new(decider))
        .policy(settings.policy)
        .limits(settings.limits)
        .overlap(!args.no_overlap)
        .confirmer(Box::new(Terminal))
        .on_event(move |event: &AgentEvent| printer.show(event));
    if let Some(trace) = settings.trace {
        builder = builder.trace(trace);
    }
    let report = builder.build().run(&args.goal, cancel).await?;
    let Some(error) = unshown.get() else { return Ok(report.outcome.exit_code()) };
    let trace = report.trace.map_or_else(String::new, |path| format!("; trace: {}", path.display()));
    if output::is_closed_pipe(error) {
        output::tell(&format!("stopped: nobody reads the output any more{trace}"));
        return Ok(report.outcome.exit_code());
    }
    Err(anyhow!("{}: the run was stopped{trace}\nhint: check that the disk has space", output::describe(error)))
}

/// A folder for traces, or one file that is named as one.
fn trace_options(path: &Path) -> TraceOptions {
    let is_file = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl"));
    if is_file { TraceOptions::file(path) } else { TraceOptions::folder(path) }
}

/// The flags, checked.
struct Settings {
    device: DeviceSpec,
    model: ModelOptions,
    policy: Policy,
    limits: Limits,
    trace: Option<TraceOptions>,
}

impl Settings {
    fn new(args: &RunArgs) -> Result<Self> {
        ensure!(
            !args.goal.trim().is_empty(),
            "the goal is empty\nhint: say what should be done: deftly run \"Turn on Wi-Fi\""
        );
        let sampling =
            Sampling { temperature: args.sampling.temperature, seed: args.sampling.seed, ..Sampling::default() };
        sampling.validate()?;
        let asks_on_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let confirm = match args.confirm {
            Some(ConfirmArg::Ask) => Confirm::Ask,
            Some(ConfirmArg::Deny) => Confirm::Deny,
            Some(ConfirmArg::Allow) => Confirm::Allow,
            None if asks_on_terminal => Confirm::Ask,
            None => Confirm::Deny,
        };
        Ok(Self {
            device: DeviceSpec::parse(&args.device.device)?,
            model: ModelOptions { dialect: args.sampling.dialect, sampling, ..ModelOptions::default() },
            policy: Policy {
                confirm,
                allowed_apps: (!args.apps.is_empty()).then(|| args.apps.clone()),
                dry_run: args.dry_run,
            },
            limits: Limits {
                max_steps: args.max_steps as usize,
                time: Duration::from_secs(args.max_seconds),
                ..Limits::default()
            },
            trace: args.trace.as_deref().map(|path| trace_options(path).with_screenshots(args.screenshots)),
        })
    }
}

/// Asks on the terminal.
struct Terminal;

#[async_trait]
impl Confirmer for Terminal {
    async fn confirm(&mut self, question: &Question) -> Consent {
        let prompt = format!("{question} [y/N] ");
        let answer = tokio::task::spawn_blocking(move || {
            let mut stderr = std::io::stderr();
            // A terminal that cannot be written to or read from cannot say yes.
            if write!(stderr, "{prompt}").and_then(|()| stderr.flush()).is_err() {
                return String::new();
            }
            let mut line = String::new();
            match std::io::stdin().lock().read_line(&mut line) {
                Ok(_) => line,
                Err(_) => String::new(),
            }
        })
        .await
        .unwrap_or_default();
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => Consent::Yes,
            _ => Consent::No,
        }
    }
}
