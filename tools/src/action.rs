//! What the agent can ask of a phone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ElementId;

/// One thing to do on a phone, written as one JSON object tagged by `action`: `{"action":"tap","id":7}`.
///
/// Covers AndroidWorld's action space (arXiv 2405.14573).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Press an element once.
    Tap { id: ElementId },
    /// Press an element twice in quick succession.
    DoubleTap { id: ElementId },
    /// Press an element and hold.
    LongPress { id: ElementId },
    /// Enter text into an element, or into the focused one if `id` is absent.
    Type {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<ElementId>,
        text: String,
        /// Empty the field first.
        #[serde(default, skip_serializing_if = "is_false")]
        clear: bool,
        /// Press the keyboard's enter key afterwards.
        #[serde(default, skip_serializing_if = "is_false")]
        submit: bool,
    },
    /// Show more content in this direction: `down` shows what is further down. Without `id`, the largest list scrolls.
    Scroll {
        direction: Direction,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<ElementId>,
    },
    /// Move a finger across the screen in this direction: `up` moves the finger up. With `id`, across that element.
    Swipe {
        direction: Direction,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<ElementId>,
    },
    /// The system's back key.
    Back,
    /// The system's home key.
    Home,
    /// The keyboard's enter key.
    Enter,
    /// Start an app by the name shown on the launcher.
    OpenApp { name: String },
    /// Let time pass; the device decides how much (about a second).
    Wait,
    /// Answer the question that the goal asks, and end.
    Answer { text: String },
    /// End: the goal is reached, or cannot be.
    Done {
        status: Status,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

impl Action {
    /// The element this action is addressed to, if any.
    pub fn target(&self) -> Option<ElementId> {
        match self {
            Self::Tap { id } | Self::DoubleTap { id } | Self::LongPress { id } => Some(*id),
            Self::Type { id, .. } | Self::Scroll { id, .. } | Self::Swipe { id, .. } => *id,
            Self::Back
            | Self::Home
            | Self::Enter
            | Self::OpenApp { .. }
            | Self::Wait
            | Self::Answer { .. }
            | Self::Done { .. } => None,
        }
    }

    /// The action's tag as it stands in JSON: `tap`, `open_app`, ...
    pub fn name(&self) -> &'static str {
        match self {
            Self::Tap { .. } => "tap",
            Self::DoubleTap { .. } => "double_tap",
            Self::LongPress { .. } => "long_press",
            Self::Type { .. } => "type",
            Self::Scroll { .. } => "scroll",
            Self::Swipe { .. } => "swipe",
            Self::Back => "back",
            Self::Home => "home",
            Self::Enter => "enter",
            Self::OpenApp { .. } => "open_app",
            Self::Wait => "wait",
            Self::Answer { .. } => "answer",
            Self::Done { .. } => "done",
        }
    }

    /// Whether the action ends the episode instead of touching the phone.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Answer { .. } | Self::Done { .. })
    }
}

/// A direction on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Up,
    Down,
    Left,
    Right,
}

/// How the agent says an episode ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The goal is reached.
    Complete,
    /// The goal cannot be reached on this phone.
    Infeasible,
}

fn is_false(value: &bool) -> bool {
    !*value
}
