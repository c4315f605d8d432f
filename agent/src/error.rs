//! What can go wrong with a run, as opposed to within it.

use std::path::PathBuf;

use deftly_engine::EngineError;
use deftly_tools::DeviceError;

/// A run could not be started, recorded or understood.
///
/// What happens within a run (a phone that goes away, a budget that is used up) is a [`crate::RunOutcome`] instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// Only deciders say this; an agent turns it into [`crate::RunOutcome::Cancelled`].
    #[error("the decision was cancelled")]
    Cancelled,

    #[error(transparent)]
    Engine(#[from] EngineError),

    #[error(transparent)]
    Device(#[from] DeviceError),

    #[error("the trace {}: cannot {action}: {source}\nhint: check that the disk has space and the folder may be written to, or run without a trace", path.display())]
    Trace { path: PathBuf, action: &'static str, source: std::io::Error },

    #[error("the trace {}, line {line}: {reason}\nhint: expected a trace that a run of this version wrote", path.display())]
    BadTrace { path: PathBuf, line: usize, reason: String },

    #[error("the trace {} ended by itself ({outcome})\nhint: only a run that was cut off can be resumed; start a new one", path.display())]
    NothingToResume { path: PathBuf, outcome: String },

    #[error("{decider} cannot turn an answer into structured data\nhint: use a model, or ask for a string or a number")]
    CannotExtract { decider: String },

    /// The answer is there, but it is not what was asked for.
    #[error("the answer {answer:?} is no {expected}: {reason}\nhint: ask for it in the goal, or for a simpler type")]
    WrongAnswer { answer: String, expected: String, reason: String },

    /// The thread that runs the model died.
    #[error("the model stopped working: {reason}\nhint: this is a bug; run again with RUST_BACKTRACE=1 and report it")]
    Panicked { reason: String },
}

impl AgentError {
    /// Whether the same call may succeed when it is tried again, unchanged.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Engine(error) => error.is_retryable(),
            Self::Cancelled => true,
            Self::Device(_)
            | Self::Trace { .. }
            | Self::BadTrace { .. }
            | Self::NothingToResume { .. }
            | Self::CannotExtract { .. }
            | Self::WrongAnswer { .. }
            | Self::Panicked { .. } => false,
        }
    }
}
