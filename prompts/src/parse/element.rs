//! Which element of the screen a reply means.

use deftly_tools::{Element, ElementId, Screen};
use serde_json::{Map, Value};

use super::meaning::{bad, excerpt, pick, plain_text};
use crate::label::{names, shown_label};
use crate::line::has_number;
use crate::{Dialect, ReplyError};

/// Keys of the number. `index`: T3A, droidrun, M3A; `element_id`: Llama 3; `element`: Gemma, AppAgent.
const ID_KEYS: [&str; 5] = ["id", "index", "element_id", "element", "target"];

/// Keys of the label, of which the first is ours.
const LABEL_KEYS: [&str; 3] = ["label", "element", "target"];

/// The element that the arguments name by number, label, or both; both must agree.
pub(super) fn find(
    dialect: Dialect,
    action: &'static str,
    arguments: &Map<String, Value>,
    screen: &Screen,
) -> Result<Option<ElementId>, ReplyError> {
    let id = number(arguments)?.map(|number| from_shown(dialect, number, screen)).transpose()?;
    let label = label(action, arguments)?;
    match (id, label) {
        (Some(element), Some(label)) if !names(element, &label) => Err(ReplyError::LabelMismatch {
            id: shown_number(dialect, element.id),
            label: excerpt(&label),
            shown: shown_label(element),
        }),
        (Some(element), Some(_) | None) => Ok(Some(element.id)),
        (None, Some(label)) => by_label(&label, screen).map(|element| Some(element.id)),
        (None, None) => Ok(None),
    }
}

/// The same for an action that needs an element.
pub(super) fn required(
    dialect: Dialect,
    action: &'static str,
    arguments: &Map<String, Value>,
    screen: &Screen,
) -> Result<ElementId, ReplyError> {
    let missing = ReplyError::MissingArgument { action, what: "an element: its label and its number" };
    find(dialect, action, arguments, screen)?.ok_or(missing)
}

/// The number under which a dialect shows an element: ours from 1, those of T3A and AutoDroid from 0.
pub(crate) fn shown_number(dialect: Dialect, id: ElementId) -> u32 {
    match dialect {
        Dialect::Compact | Dialect::Thoughtful => id.0,
        Dialect::T3a | Dialect::Droidtask => id.0.saturating_sub(1),
    }
}

fn from_shown(dialect: Dialect, number: i64, screen: &Screen) -> Result<&Element, ReplyError> {
    let first = match dialect {
        Dialect::Compact | Dialect::Thoughtful => 1,
        Dialect::T3a | Dialect::Droidtask => 0,
    };
    let position = number.checked_sub(first).and_then(|position| usize::try_from(position).ok());
    position.and_then(|position| screen.elements.get(position)).ok_or(ReplyError::NoSuchElement { id: number })
}

/// The number among the arguments. Small models write it as `"2"`, `"#2"` (SmolLM2) or `2.0` (Gemma).
fn number(arguments: &Map<String, Value>) -> Result<Option<i64>, ReplyError> {
    let mut found = None;
    for key in ID_KEYS {
        let Some(value) = arguments.get(key).filter(|value| !value.is_null()) else { continue };
        let number = whole_number(value);
        if number.is_none() && value.is_string() && LABEL_KEYS.contains(&key) {
            continue;
        }
        let number = number.ok_or_else(|| bad("an element's number", &value.to_string(), "a whole number"))?;
        if found.is_some_and(|earlier| earlier != number) {
            let first = format!("the element is {}", found.unwrap_or_default());
            return Err(ReplyError::Contradiction { first, second: format!("{key} is {number}") });
        }
        found = Some(number);
    }
    Ok(found)
}

fn whole_number(value: &Value) -> Option<i64> {
    let text = plain_text(value)?;
    let digits = text.trim().trim_start_matches('#');
    digits.strip_suffix(".0").unwrap_or(digits).parse().ok()
}

/// The label among the arguments. A model that taps has no other text to give, so `text` (GUI-Owl) and `name` (Llama
/// 3) are labels then.
fn label(action: &str, arguments: &Map<String, Value>) -> Result<Option<String>, ReplyError> {
    let presses = matches!(action, "tap" | "double_tap" | "long_press");
    let mut labels: Vec<String> = Vec::new();
    for key in LABEL_KEYS.into_iter().chain(["text", "name"].into_iter().filter(|_| presses)) {
        let Some(value) = arguments.get(key).filter(|value| value.is_string()) else { continue };
        if key != "label" && whole_number(value).is_some() {
            continue;
        }
        let text = plain_text(value).filter(|text| !text.trim().is_empty());
        labels.extend(text.filter(|text| !labels.contains(text)));
    }
    // A number as a label is a label that looks like one: `{"label":7,"id":3}` on a keypad (Qwen).
    if let Some(value) = pick(arguments, &["label"])?.filter(|value| value.is_number()) {
        labels.extend(plain_text(value));
    }
    match labels.as_slice() {
        [] => Ok(None),
        [label] => Ok(Some(label.clone())),
        [first, second, ..] => Err(ReplyError::Contradiction { first: excerpt(first), second: excerpt(second) }),
    }
}

/// The only element with this label: among those with numbers first, and exact labels before shortened ones.
fn by_label<'a>(label: &str, screen: &'a Screen) -> Result<&'a Element, ReplyError> {
    let exact = |element: &&Element| shown_label(element) == label;
    let named = |element: &&Element| names(element, label);
    for numbered in [true, false] {
        let group = || screen.elements.iter().filter(move |element| has_number(element) == numbered);
        for found in [group().filter(exact).collect::<Vec<_>>(), group().filter(named).collect()] {
            if let [element] = found.as_slice() {
                return Ok(element);
            }
            if !found.is_empty() {
                return Err(ReplyError::AmbiguousLabel { label: excerpt(label), count: found.len() });
            }
        }
    }
    Err(ReplyError::NoSuchLabel { label: excerpt(label) })
}
