//! What can go wrong between the agent and a phone.

use crate::ElementId;

/// A device could not do what was asked. The message names the device, what was tried, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    #[error("{device}: no element {} on this screen, which has {count}\nhint: ids run from 1 to {count}", id.0)]
    NoSuchElement { device: String, id: ElementId, count: usize },

    #[error("{device}: element {} ({label:?}) cannot {action}: {reason}", id.0)]
    NotPossible { device: String, id: ElementId, label: String, action: &'static str, reason: String },

    #[error("{device}: no app is called {name:?}\nhint: installed are {}", installed.join(", "))]
    NoSuchApp { device: String, name: String, installed: Vec<String> },

    #[error("{device}: {action} is not for a device\nhint: answer and done end the episode; the agent handles them")]
    NotForDevice { device: String, action: &'static str },

    #[error("{device}: the screen could not be read: {source}")]
    Hierarchy { device: String, source: HierarchyError },

    /// A replayed trace and the agent disagree.
    #[error(
        "{device}: step {step} of the recording performs {expected}, the agent asked for {found}\nhint: a recording can only replay what was recorded; use --device sim to explore"
    )]
    LeftRecording { device: String, step: usize, expected: String, found: String },

    #[error("{device}: the recording ends after step {steps}\nhint: the agent went on where the recording stopped")]
    RecordingEnded { device: String, steps: usize },

    #[error("{device}: {path}: {reason}")]
    BadRecording { device: String, path: String, reason: String },

    /// The connection failed while an action was performed. It may have been done, so nobody may simply do it again.
    #[error(
        "{device}: nobody knows whether the {action} was performed: {reason}\nhint: look at the screen before doing it again"
    )]
    OutcomeUnknown { device: String, action: &'static str, reason: String },

    #[error("{device}: {what}\nhint: {hint}")]
    Failed { device: String, what: String, hint: String },
}

impl DeviceError {
    /// Whether the model can do something about it by choosing another action (as opposed to a device that is gone).
    pub fn is_models_fault(&self) -> bool {
        match self {
            Self::NoSuchElement { .. }
            | Self::NotPossible { .. }
            | Self::NoSuchApp { .. }
            | Self::NotForDevice { .. } => true,
            Self::Hierarchy { .. }
            | Self::LeftRecording { .. }
            | Self::RecordingEnded { .. }
            | Self::BadRecording { .. }
            | Self::OutcomeUnknown { .. }
            | Self::Failed { .. } => false,
        }
    }
}

/// A UI tree could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HierarchyError {
    #[error(
        "not XML at byte {position}: {reason}\nhint: expected the output of UIAutomator, <hierarchy> with nested <node>"
    )]
    Xml { position: u64, reason: String },

    #[error("expected <hierarchy>, found {found}")]
    NotAHierarchy { found: String },

    #[error("the tree has more than {limit} {what}")]
    TooLarge { what: &'static str, limit: usize },
}
