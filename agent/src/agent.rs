//! The agent and how it is put together.

use std::path::Path;
use std::time::Duration;

use deftly_tools::{Device, SettleLimits};
use tokio_util::sync::CancellationToken;

use crate::expected::ExpectedScreens;
use crate::run::{Beginning, Run};
use crate::secrets::{Secret, SecretDevice};
use crate::{AgentError, AgentEvent, Confirmer, Decider, Policy, RunReport, Trace, TraceOptions};

/// How far a run may go. Whatever is reached first ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Decisions.
    pub max_steps: usize,
    /// Real time, waiting for a yes included.
    pub time: Duration,
    /// The same step without effect so often is a loop: the decider is told, and stopped if it goes on.
    pub repeats: usize,
    /// Unreadable replies in a row.
    pub unreadable: usize,
    /// Steps that the policy or the owner refuses, in all.
    pub refusals: usize,
    /// How long to wait for a screen that moves.
    pub settle: SettleLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_steps: 30,
            time: Duration::from_secs(600),
            repeats: 3,
            unreadable: 3,
            refusals: 3,
            settle: SettleLimits::default(),
        }
    }
}

/// What is told about a run while it goes on.
pub(crate) type EventHandler = Box<dyn FnMut(&AgentEvent) + Send>;

/// Everything that has a default.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) policy: Policy,
    pub(crate) confirmer: Option<Box<dyn Confirmer>>,
    pub(crate) limits: Limits,
    pub(crate) trace: Option<TraceOptions>,
    pub(crate) on_event: Option<EventHandler>,
    pub(crate) secrets: Vec<String>,
    pub(crate) no_overlap: bool,
    pub(crate) named_secrets: Vec<Secret>,
}

/// A phone, something that decides, and the rules between them.
pub struct Agent {
    pub(crate) device: Box<dyn Device>,
    pub(crate) decider: Box<dyn Decider>,
    pub(crate) options: Options,
    pub(crate) expected: ExpectedScreens,
}

impl Agent {
    /// Starts with nothing; `build` appears when there are a device and a decider.
    pub fn builder() -> AgentBuilder {
        AgentBuilder { device: Missing, decider: Missing, options: Options::default() }
    }

    /// Pursues a goal until it is reached, given up, or a limit is met.
    ///
    /// Cancellation ends the run between two looks or in the middle of a decision; an action that has begun is finished.
    ///
    /// # Errors
    /// Only what leaves nothing to report: a phone that is not there at all, a trace that cannot be written. Everything
    /// else is the report's [`crate::RunOutcome`].
    pub async fn run(&mut self, goal: &str, cancel: &CancellationToken) -> Result<RunReport, AgentError> {
        Ok(self.run_to_end(Beginning::new(goal), cancel).await?.report)
    }

    /// Continues a run that was cut off: its steps are the history, and the trace goes on in the same file.
    ///
    /// Masked secrets stay masked: the goal is the one in the trace.
    ///
    /// # Errors
    /// A trace that cannot be read or written, a run that ended by itself, and those of [`Self::run`].
    pub async fn resume(&mut self, trace: &Path, cancel: &CancellationToken) -> Result<RunReport, AgentError> {
        let trace = Trace::read(trace)?;
        if let Some(outcome) = trace.outcome.as_ref().filter(|outcome| outcome.is_final()) {
            return Err(AgentError::NothingToResume { path: trace.path.clone(), outcome: outcome.to_string() });
        }
        Ok(self.run_to_end(Beginning::resume(&trace)?, cancel).await?.report)
    }

    pub(crate) async fn run_to_end(
        &mut self,
        beginning: Beginning,
        cancel: &CancellationToken,
    ) -> Result<crate::run::Ended, AgentError> {
        Run::start(self, beginning, cancel).await?.drive().await
    }
}

/// A part of an agent that is still to be given.
#[derive(Debug, Clone, Copy)]
pub struct Missing;

/// Puts an [`Agent`] together.
pub struct AgentBuilder<D = Missing, C = Missing> {
    device: D,
    decider: C,
    options: Options,
}

impl<C> AgentBuilder<Missing, C> {
    pub fn device(self, device: Box<dyn Device>) -> AgentBuilder<Box<dyn Device>, C> {
        AgentBuilder { device, decider: self.decider, options: self.options }
    }
}

impl<D> AgentBuilder<D, Missing> {
    pub fn decider(self, decider: Box<dyn Decider>) -> AgentBuilder<D, Box<dyn Decider>> {
        AgentBuilder { device: self.device, decider, options: self.options }
    }
}

impl<D, C> AgentBuilder<D, C> {
    pub fn policy(mut self, policy: Policy) -> Self {
        self.options.policy = policy;
        self
    }

    /// Who is asked under [`crate::Confirm::Ask`].
    pub fn confirmer(mut self, confirmer: Box<dyn Confirmer>) -> Self {
        self.options.confirmer = Some(confirmer);
        self
    }

    pub fn limits(mut self, limits: Limits) -> Self {
        self.options.limits = limits;
        self
    }

    /// Writes a trace of every run.
    pub fn trace(mut self, trace: TraceOptions) -> Self {
        self.options.trace = Some(trace);
        self
    }

    /// Is told of everything that happens, in order. It runs between the steps, so it should not wait for anything;
    /// to follow a run from elsewhere, send the events into a channel.
    pub fn on_event(mut self, handler: impl FnMut(&AgentEvent) + Send + 'static) -> Self {
        self.options.on_event = Some(Box::new(handler));
        self
    }

    /// Whether the decider works on what is expected while the phone settles. It does by default; the decisions are the
    /// same in both cases.
    pub fn overlap(mut self, on: bool) -> Self {
        self.options.no_overlap = !on;
        self
    }

    /// Texts to mask in events and traces from the start, a password that the goal names for one. What is typed into
    /// password fields is masked in any case, from then on.
    pub fn secrets(mut self, secrets: impl IntoIterator<Item = String>) -> Self {
        self.options.secrets.extend(secrets);
        self
    }

    /// A text that only the device gets. Goal, prompt, events and trace have `{{name}}` in its place, also where the
    /// phone shows it; what a decider types as `{{name}}` is typed as `value`. Pictures are not looked into.
    pub fn secret(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        // Nothing cannot be hidden.
        if !value.is_empty() {
            self.options.named_secrets.push(Secret { name, value });
        }
        self
    }
}

impl AgentBuilder<Box<dyn Device>, Box<dyn Decider>> {
    pub fn build(mut self) -> Agent {
        let named = std::mem::take(&mut self.options.named_secrets);
        self.options.secrets.extend(named.iter().map(|secret| secret.value.clone()));
        let device = if named.is_empty() { self.device } else { Box::new(SecretDevice::new(self.device, named)) };
        let expected = ExpectedScreens::default();
        Agent { device, decider: self.decider, options: self.options, expected }
    }
}
