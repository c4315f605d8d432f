//! How a run ended and what it cost.

use std::fmt;
use std::ops::AddAssign;
use std::path::PathBuf;

use deftly_engine::Account;
use deftly_tools::Action;
use serde::{Deserialize, Serialize};

/// Why a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RunOutcome {
    /// The decider says that the goal is reached.
    Reached,
    /// The decider answered the question that the goal asks.
    Answered {
        text: String,
    },
    /// The decider says that the goal cannot be reached on this phone.
    GaveUp {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A dry run chose its first action; nothing was performed.
    DryRun {
        action: Action,
    },
    /// The policy or the owner said no too often, or to the step that the goal depended on.
    Refused {
        reason: String,
    },
    StepLimit {
        steps: usize,
    },
    TimeLimit {
        milliseconds: u64,
    },
    /// The same step on the same screen, again and again, although the decider was told.
    Loop {
        action: Action,
    },
    /// Replies that are no actions, one after the other.
    Unreadable {
        replies: usize,
    },
    Cancelled,
    /// The phone is gone or out of order.
    DeviceFailed {
        error: String,
    },
    /// The model could not be asked.
    DeciderFailed {
        error: String,
    },
}

impl RunOutcome {
    /// The program's exit code: 0 the goal was reached, 1 it was not, 2 the run could not go on.
    ///
    /// A dry run that showed its action did what it was for.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Reached | Self::Answered { .. } | Self::DryRun { .. } => 0,
            Self::GaveUp { .. }
            | Self::Refused { .. }
            | Self::StepLimit { .. }
            | Self::TimeLimit { .. }
            | Self::Loop { .. }
            | Self::Unreadable { .. }
            | Self::Cancelled => 1,
            Self::DeviceFailed { .. } | Self::DeciderFailed { .. } => 2,
        }
    }

    /// Whether the decider ended the run by itself, so that there is nothing to resume.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Reached | Self::Answered { .. } | Self::GaveUp { .. } => true,
            Self::DryRun { .. }
            | Self::Refused { .. }
            | Self::StepLimit { .. }
            | Self::TimeLimit { .. }
            | Self::Loop { .. }
            | Self::Unreadable { .. }
            | Self::Cancelled
            | Self::DeviceFailed { .. }
            | Self::DeciderFailed { .. } => false,
        }
    }
}

impl fmt::Display for RunOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reached => write!(formatter, "reached the goal"),
            Self::Answered { text } => write!(formatter, "answered: {text}"),
            Self::GaveUp { reason: None } => write!(formatter, "gave up: the goal cannot be reached here"),
            Self::GaveUp { reason: Some(reason) } => write!(formatter, "gave up: {reason}"),
            Self::DryRun { action } => write!(formatter, "dry run: would {} first", action.name()),
            Self::Refused { reason } => write!(formatter, "refused: {reason}"),
            Self::StepLimit { steps } => write!(formatter, "out of steps after {steps}"),
            Self::TimeLimit { milliseconds } => write!(formatter, "out of time after {} s", milliseconds / 1000),
            Self::Loop { action } => write!(formatter, "in a loop: {} does nothing new", action.name()),
            Self::Unreadable { replies } => write!(formatter, "{replies} replies in a row were no actions"),
            Self::Cancelled => write!(formatter, "cancelled"),
            Self::DeviceFailed { error } => write!(formatter, "the device failed: {error}"),
            Self::DeciderFailed { error } => write!(formatter, "no decision could be made: {error}"),
        }
    }
}

/// Real milliseconds by phase, of a step or of a run.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PhaseMs {
    /// Looking until the screen stood still, before deciding. Often 0: the look that verified the step before counts.
    pub observe: f64,
    pub decide: f64,
    /// Waiting for a yes or no.
    pub confirm: f64,
    pub act: f64,
    /// Looking until the screen stood still, after acting.
    pub verify: f64,
}

impl AddAssign for PhaseMs {
    fn add_assign(&mut self, other: Self) {
        self.observe += other.observe;
        self.decide += other.decide;
        self.confirm += other.confirm;
        self.act += other.act;
        self.verify += other.verify;
    }
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    pub goal: String,
    pub outcome: RunOutcome,
    /// Decisions, the one that ended the run included.
    pub steps: usize,
    /// Sums over the steps.
    pub ms: PhaseMs,
    /// From start to end, everything included.
    pub total_ms: f64,
    /// Sums over the steps; all zero if no model was asked.
    pub account: Account,
    /// The trace file, if one was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<PathBuf>,
}

impl RunReport {
    /// The answer in words, if the run ended with one.
    pub fn answer(&self) -> Option<&str> {
        match &self.outcome {
            RunOutcome::Answered { text } => Some(text),
            RunOutcome::Reached
            | RunOutcome::GaveUp { .. }
            | RunOutcome::DryRun { .. }
            | RunOutcome::Refused { .. }
            | RunOutcome::StepLimit { .. }
            | RunOutcome::TimeLimit { .. }
            | RunOutcome::Loop { .. }
            | RunOutcome::Unreadable { .. }
            | RunOutcome::Cancelled
            | RunOutcome::DeviceFailed { .. }
            | RunOutcome::DeciderFailed { .. } => None,
        }
    }
}
