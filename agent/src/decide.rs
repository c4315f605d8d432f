//! What chooses the actions.

use async_trait::async_trait;
use deftly_engine::{Account, Passage};
use deftly_prompts::{ReplyError, Turn};
use deftly_tools::{Action, App, Observation};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::AgentError;

/// Chooses the next action: a model, a script, an oracle.
///
/// It only proposes. The host's [`crate::Policy`] decides what is performed.
#[async_trait]
pub trait Decider: Send {
    /// Chooses the next action.
    ///
    /// The future may be dropped when `cancel` is triggered; a decider that works elsewhere (on a thread, say) watches
    /// the token too.
    ///
    /// # Errors
    /// A decider that cannot decide at all. A reply that is no action is no error but part of the [`Decision`].
    async fn decide(&mut self, step: &StepContext<'_>, cancel: &CancellationToken) -> Result<Decision, AgentError>;

    /// Begins in the background what a decision will probably need: everything of a first one when nothing is known yet,
    /// else the decision on `step`, the screen that is expected. Returns at once. What was begun before is given up unless
    /// it is the same; [`Self::decide`] takes what is ready and is right.
    fn anticipate(&mut self, _step: Option<&StepContext<'_>>) {}

    /// Writes the answer of a finished run as JSON that fits a schema.
    async fn extract(&mut self, _: &Extraction<'_>, _: &CancellationToken) -> Result<String, AgentError> {
        Err(AgentError::CannotExtract { decider: self.name() })
    }

    /// What decides, for the trace: a model's name.
    fn name(&self) -> String {
        "a script".to_owned()
    }
}

/// Everything a decider may know.
#[derive(Debug, Clone, Copy)]
pub struct StepContext<'a> {
    pub goal: &'a str,
    /// Oldest first.
    pub history: &'a [Turn],
    pub observation: &'a Observation,
    /// The apps that can be opened.
    pub apps: &'a [App],
}

/// What a decider chose.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The action, or why the reply is none.
    pub outcome: Result<Action, ReplyError>,
    /// Word for word.
    pub reply: String,
    /// The reply by who had guessed its parts; empty if no model was asked.
    pub passages: Vec<Passage>,
    /// What the engine did for it; `None` if no model was asked.
    pub account: Option<Account>,
    /// From question to action, prompt and parsing included.
    pub milliseconds: f64,
}

/// An answer in words that is wanted as data.
#[derive(Debug, Clone, Copy)]
pub struct Extraction<'a> {
    pub goal: &'a str,
    pub answer: &'a str,
    /// The screen on which the answer was given.
    pub observation: &'a Observation,
    /// The JSON Schema to fit.
    pub schema: &'a Value,
}
