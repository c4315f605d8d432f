//! `deftly run`: reach a goal on a phone, a step a line.

use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, anyhow, bail, ensure};
use async_trait::async_trait;
use deftly_agent::{
    Agent, AgentEvent, Confirm, Confirmer, Consent, Limits, ModelDecider, ModelOptions, Policy, Question, TraceOptions,
    is_secret_name, secret_names,
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
    let device = settings.device.open().await?;
    let model_args = args.model.clone();
    let session = tokio::task::spawn_blocking(move || model::session(&model_args)).await??;
    let decider = ModelDecider::new(session, settings.model);

    let printer = StepPrinter::new(args.json, cancel.clone());
    let unshown = printer.failure();
    let mut builder = Agent::builder()
        .device(device)
        .decider(Box::new(decider))
        .policy(settings.policy)
        .limits(settings.limits)
        .confirmer(Box::new(Terminal))
        .on_event(move |event: &AgentEvent| printer.show(event));
    if let Some(trace) = settings.trace {
        builder = builder.trace(trace);
    }
    for (name, value) in settings.secrets {
        builder = builder.secret(name, value);
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
    /// By name.
    secrets: Vec<(String, String)>,
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
            secrets: secrets(args)?,
        })
    }
}

/// The secrets by name. Each that the goal names must be there, or its name would be typed in its place.
fn secrets(args: &RunArgs) -> Result<Vec<(String, String)>> {
    let secrets = args.secrets.iter().map(|secret| parse_secret(secret)).collect::<Result<Vec<_>>>()?;
    for name in secret_names(&args.goal) {
        ensure!(
            secrets.iter().any(|(known, _)| known == name),
            "the goal names the secret {name}, which is not given\nhint: --secret {name}=env:VARIABLE"
        );
    }
    Ok(secrets)
}

/// `NAME=env:VAR`. The text itself is never an argument: every user of the computer can read those.
fn parse_secret(secret: &str) -> Result<(String, String)> {
    let parts = secret.split_once("=env:").filter(|(name, _)| is_secret_name(name));
    // What was given is not repeated: it may be the secret itself.
    let Some((name, variable)) = parts else {
        bail!(
            "--secret takes NAME=env:VARIABLE\nhint: for example --secret pin=env:BANK_PIN, and {{{{pin}}}} in the goal"
        )
    };
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => Ok((name.to_owned(), value)),
        Ok(_) | Err(_) => bail!(
            "--secret {name}: the environment variable {variable} is not set, or empty, or no text\nhint: export {variable} before the run"
        ),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_come_from_the_environment() {
        let check = |secret: &str, expected: &str| {
            let found = parse_secret(secret).map_or_else(|error| error.to_string(), |(name, _)| name);
            assert!(found.starts_with(expected), "{secret}: {found}");
            assert!(!found.contains("hunter2"), "{found}");
        };
        // Cargo sets this one for its tests.
        check("version=env:CARGO_PKG_VERSION", "version");
        check("pin=env:DEFTLY_NO_SUCH_VARIABLE", "--secret pin: the environment variable");
        check("pin=hunter2", "--secret takes NAME=env:VARIABLE");
        check("a b=env:PATH", "--secret takes");
        check("=env:PATH", "--secret takes");
    }
}
