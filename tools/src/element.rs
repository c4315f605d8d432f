//! What is on the screen, as the agent sees it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The number of an element on one [`Screen`], counted from 1 in reading order. It means nothing on any other screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ElementId(pub u32);

/// A rectangle in pixels; `right` and `bottom` are exclusive. It stays on the host and never reaches a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Bounds {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Bounds {
    pub fn new(left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Self { left, top, right, bottom }
    }

    /// Whether no pixel lies inside.
    pub fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    /// The middle in pixels, where a tap goes.
    pub fn center(self) -> (i32, i32) {
        let middle = |a: i32, b: i32| ((i64::from(a) + i64::from(b)) / 2) as i32;
        (middle(self.left, self.right), middle(self.top, self.bottom))
    }

    /// The part that both rectangles share; empty if they do not meet.
    pub fn intersect(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    /// Whether the pixel at `x`, `y` lies inside.
    pub fn contains(self, x: i32, y: i32) -> bool {
        (self.left..self.right).contains(&x) && (self.top..self.bottom).contains(&y)
    }
}

/// What an element is to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Something to press that looks like a button (icon buttons included).
    Button,
    /// A pressable line or card of a list, joined from the texts inside it.
    Row,
    /// A switch: on or off.
    Switch,
    /// A check box: on or off.
    Checkbox,
    /// A radio button: one of several.
    Radio,
    /// A tab of a tab bar or bottom navigation.
    Tab,
    /// A field that takes text.
    Field,
    /// A slider.
    Slider,
    /// A picture with a description.
    Image,
    /// A container whose content scrolls.
    List,
    /// Text to read.
    Text,
}

impl Role {
    /// The word used for the role in prompts and listings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Button => "button",
            Self::Row => "row",
            Self::Switch => "switch",
            Self::Checkbox => "checkbox",
            Self::Radio => "radio",
            Self::Tab => "tab",
            Self::Field => "field",
            Self::Slider => "slider",
            Self::Image => "image",
            Self::List => "list",
            Self::Text => "text",
        }
    }
}

/// The state of an element.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct ElementState {
    /// `Some(on)` for what can be checked: switches, check boxes, radio buttons, checkable rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<bool>,
    #[serde(default)]
    pub clickable: bool,
    #[serde(default)]
    pub long_clickable: bool,
    #[serde(default)]
    pub scrollable: bool,
    #[serde(default)]
    pub editable: bool,
    #[serde(default)]
    pub focused: bool,
    #[serde(default)]
    pub selected: bool,
    #[serde(default)]
    pub disabled: bool,
    /// The field hides what is typed; its text is never kept.
    #[serde(default)]
    pub password: bool,
}

/// One thing on the screen that a person could act on or read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    pub id: ElementId,
    pub role: Role,
    /// What a person would call it: its text, else its description, joined with the texts inside it by `, `. For a
    /// field, its hint or description.
    pub label: String,
    /// The text a field holds; `None` for everything else, and always for password fields.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    pub state: ElementState,
    /// In pixels, clipped to the visible part.
    pub bounds: Bounds,
    /// Android's resource id (`package:id/name`), empty if the app gives none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub resource_id: String,
}

impl Element {
    /// Whether a person could do something to it: press, type, scroll.
    pub fn is_actionable(&self) -> bool {
        let state = &self.state;
        !state.disabled
            && (state.clickable
                || state.long_clickable
                || state.editable
                || state.scrollable
                || state.checked.is_some())
    }
}

/// The elements of one look at a phone, in reading order; ids count from 1 without gaps.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Screen {
    pub elements: Vec<Element>,
}

impl Screen {
    /// The element with this id, if it is on this screen.
    pub fn get(&self, id: ElementId) -> Option<&Element> {
        self.elements.get((id.0 as usize).checked_sub(1)?)
    }
}
