//! What happens in a run, as the terminal, the trace file and the evaluator see it.

use std::path::PathBuf;

use deftly_engine::{Account, Passage};
use deftly_prompts::Outcome;
use deftly_tools::{Action, App, DeviceInfo, Observation};
use serde::{Deserialize, Serialize};

use crate::{PhaseMs, Question, RunReport};

/// Something happened in a run. As JSON, an object with a `type`.
///
/// A step is reported twice: in pieces while it goes on ([`Self::Observed`] to [`Self::Verified`]), and whole when it is
/// over ([`Self::Step`]). A trace file holds the whole steps between its [`Self::Start`] and [`Self::Finish`].
/// Secrets are masked in all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AgentEvent {
    Start(Box<RunStart>),
    /// The screen stands still and is about to be shown to the decider.
    Observed {
        step: usize,
        observation: Box<Observation>,
        milliseconds: f64,
    },
    /// The decider replied. `action` is absent if the reply is none; `problem` then says why.
    Decided {
        step: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        action: Option<Action>,
        /// What the action's element is called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
        reply: String,
        /// The reply by who had guessed its parts; empty if no model was asked, or if it holds a secret.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        passages: Vec<Passage>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<Box<Account>>,
        milliseconds: f64,
    },
    /// The action needs a yes, and the owner is being asked.
    ConfirmAsked {
        step: usize,
        question: Question,
    },
    /// The policy or the owner said no.
    Refused {
        step: usize,
        reason: String,
    },
    /// The device took the action.
    Performed {
        step: usize,
        /// What the device did, if that is not obvious.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        milliseconds: f64,
    },
    /// The effect of the action is known.
    Verified {
        step: usize,
        outcome: Outcome,
        milliseconds: f64,
    },
    Step(Box<StepRecord>),
    Finish(Box<RunReport>),
}

impl AgentEvent {
    /// Whether the event is a line of the trace.
    pub fn is_traced(&self) -> bool {
        match self {
            Self::Start(_) | Self::Step(_) | Self::Finish(_) => true,
            Self::Observed { .. }
            | Self::Decided { .. }
            | Self::ConfirmAsked { .. }
            | Self::Refused { .. }
            | Self::Performed { .. }
            | Self::Verified { .. } => false,
        }
    }
}

/// The trace's first line: what is needed to understand the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunStart {
    /// Of the trace's format; see [`TRACE_VERSION`].
    pub version: u32,
    pub goal: String,
    pub device: DeviceInfo,
    pub apps: Vec<App>,
    /// [`crate::Decider::name`].
    pub decider: String,
    pub max_steps: usize,
    /// The trace file, if one is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<PathBuf>,
    /// Steps that an earlier run, which this one resumes, has made.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub resumed_steps: usize,
}

/// The version of the trace format that this crate writes and reads.
pub const TRACE_VERSION: u32 = 1;

/// A whole step. Its first fields are those that `deftly_tools::RecordedDevice` replays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// Counted from 1.
    pub step: usize,
    /// What was seen.
    pub observation: Observation,
    /// What was handed to the device, or ended the run. Absent if the reply was no action, the action was refused, or
    /// the run ended before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The name of the PNG file beside the trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screenshot: Option<String>,
    /// What the decider chose, whether it was performed or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Action>,
    /// What the action's element was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reply: String,
    /// What came of it, as the decider is told. Absent if the run ended with this step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Outcome>,
    /// What the device said about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub ms: PhaseMs,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
}

impl StepRecord {
    pub(crate) fn new(step: usize, observation: Observation) -> Self {
        Self {
            step,
            observation,
            action: None,
            screenshot: None,
            decided: None,
            label: None,
            reply: String::new(),
            result: None,
            note: None,
            ms: PhaseMs::default(),
            account: None,
        }
    }
}

fn is_zero(steps: &usize) -> bool {
    *steps == 0
}
