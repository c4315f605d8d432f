//! Reads DroidTask in AutoDroid's format: app -> task -> `{task, step_num, profile: [{label, history, state}]}`.
//!
//! A state is one element after another, written in a language that looks like HTML and is none: nothing is escaped,
//! texts may hold line ends, `<br>` separates the lines of one element:
//!
//! ```text
//! <input id=0>Search folders</input>
//! <button id=1 text='Open camera'></button>
//! <button id=4>Internal<br>2</button>
//! <checkbox id=6 checked=False>Show hidden</checkbox>
//! ```
//!
//! The ids are those that labels refer to; they may have gaps. The file that AutoDroid publishes leaves them out, then
//! they count from 0. A label is `[id, text to type or "null"]`, and `[-1, "null"]` means finished.

use std::collections::BTreeMap;
use std::path::Path;

use deftly_tools::{Action, Bounds, Element, ElementId, ElementState, Role, Screen, Status};
use serde::Deserialize;

use crate::EvalError;

/// Larger files are refused: all of DroidTask has 0.7 MB.
const MAX_BYTES: u64 = 256 << 20;

/// AutoDroid's element for the system's back key, the last of every state.
const BACK_LABEL: &str = "go back";

/// One recorded task.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedTask {
    /// `APP_NUMBER`, the number counted from 0 in the order of the file's sorted task keys.
    pub name: String,
    pub app: String,
    pub goal: String,
    pub steps: Vec<RecordedStep>,
}

/// One recorded screen and what was done on it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedStep {
    pub screen: Screen,
    pub action: Action,
    /// The label of the action's element.
    pub label: Option<String>,
}

/// Whether this is the element that AutoDroid adds for the system's back key.
pub fn is_back(element: &Element) -> bool {
    element.role == Role::Button && element.label == BACK_LABEL
}

#[derive(Deserialize)]
struct RawTask {
    task: String,
    profile: Vec<RawStep>,
}

#[derive(Deserialize)]
struct RawStep {
    label: (i64, Option<String>),
    state: String,
}

/// Reads a file of reasonable size.
pub fn read_file(path: &Path) -> Result<Vec<u8>, EvalError> {
    let failed = |source| EvalError::File { path: path.into(), source, hint: "give the file with --data FILE" };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > MAX_BYTES {
        return Err(bad(path, "file", format!("{size} bytes are more than the limit of {MAX_BYTES}")));
    }
    std::fs::read(path).map_err(failed)
}

/// Reads and checks a file's content; the path is for messages.
///
/// # Errors
/// What is not of this format, and a label that points to no element.
pub fn parse(path: &Path, json: &[u8]) -> Result<Vec<RecordedTask>, EvalError> {
    let apps: BTreeMap<String, BTreeMap<String, RawTask>> =
        serde_json::from_slice(json).map_err(|error| bad(path, "file", error.to_string()))?;
    let mut tasks = Vec::new();
    for (app, raw_tasks) in apps {
        for (number, (_, raw)) in raw_tasks.into_iter().enumerate() {
            let name = format!("{app}_{number:02}");
            if raw.profile.is_empty() {
                return Err(bad(path, &name, "the profile has no steps".to_string()));
            }
            let steps = raw.profile.iter().enumerate().map(|(index, step)| {
                read_step(step).map_err(|reason| bad(path, &format!("{name} step {}", index + 1), reason.to_string()))
            });
            let steps = steps.collect::<Result<Vec<_>, _>>()?;
            tasks.push(RecordedTask { name, app: app.clone(), goal: raw.task, steps });
        }
    }
    Ok(tasks)
}

fn bad(path: &Path, place: &str, reason: String) -> EvalError {
    EvalError::BadData { path: path.into(), place: place.to_string(), reason }
}

/// Why a step could not be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum StepError {
    #[error("expected <button>, <checkbox>, <input> or <p>, found {found:?}")]
    NotAnElement { found: String },
    #[error("<{tag}> is not closed")]
    NotClosed { tag: String },
    #[error("the id {found:?} is not a number")]
    BadId { found: String },
    #[error("the label points to element {id}, which the state does not have")]
    NoSuchElement { id: i64 },
    #[error("the label says finished and types {text:?}")]
    FinishedWithText { text: String },
}

fn read_step(raw: &RawStep) -> Result<RecordedStep, StepError> {
    let parsed = parse_state(&raw.state)?;
    let (id, text) = (raw.label.0, raw.label.1.as_deref().filter(|text| *text != "null"));
    if id == -1 {
        return match text {
            Some(text) => Err(StepError::FinishedWithText { text: text.to_string() }),
            None => {
                let action = Action::Done { status: Status::Complete, reason: None };
                Ok(RecordedStep { screen: to_screen(parsed), action, label: None })
            }
        };
    }
    let index = parsed.iter().position(|element| element.id == id).ok_or(StepError::NoSuchElement { id })?;
    let screen = to_screen(parsed);
    let (element, label) = (element_id(index), screen.elements[index].label.clone());
    let action = match text {
        Some(text) => Action::Type { id: Some(element), text: text.to_string(), clear: false, submit: false },
        None => Action::Tap { id: element },
    };
    Ok(RecordedStep { screen, action, label: Some(label) })
}

/// An element as it is written.
#[derive(Debug, PartialEq, Eq)]
struct RawElement<'a> {
    id: i64,
    tag: &'a str,
    /// The `text` attribute: a description.
    description: Option<&'a str>,
    checked: Option<bool>,
    content: &'a str,
}

fn parse_state(state: &str) -> Result<Vec<RawElement<'_>>, StepError> {
    let mut elements = Vec::new();
    let mut rest = state.trim_start();
    while !rest.is_empty() {
        let (element, after) = parse_element(rest, elements.len() as i64)?;
        elements.push(element);
        rest = after.trim_start();
    }
    Ok(elements)
}

/// Reads the element at the start of `text`, and returns what follows it.
fn parse_element(text: &str, default_id: i64) -> Result<(RawElement<'_>, &str), StepError> {
    let tag = ["button", "checkbox", "input", "p"].into_iter().find(|tag| {
        let after = text.strip_prefix('<').and_then(|text| text.strip_prefix(tag));
        after.is_some_and(|after| after.starts_with(['>', ' ']))
    });
    let tag = tag.ok_or_else(|| StepError::NotAnElement { found: text.chars().take(40).collect() })?;
    let not_closed = || StepError::NotClosed { tag: tag.to_string() };
    let mut element = RawElement { id: default_id, tag, description: None, checked: None, content: "" };
    let mut rest = text[1 + tag.len()..].trim_start();
    while !rest.starts_with('>') {
        let (name, after) = rest.split_once('=').ok_or_else(not_closed)?;
        let (value, after) = attribute_value(after).ok_or_else(not_closed)?;
        match name {
            "id" => element.id = value.parse().map_err(|_| StepError::BadId { found: value.to_string() })?,
            "text" => element.description = Some(value),
            "checked" => element.checked = Some(value.eq_ignore_ascii_case("true")),
            _ => {}
        }
        rest = after.trim_start();
    }
    let (content, after) = rest[1..].split_once(&format!("</{tag}>")).ok_or_else(not_closed)?;
    element.content = content;
    Ok((element, after))
}

/// Splits a value from what follows. Quotes inside a quoted value are not escaped: the value ends at the first quote
/// with a space or the tag's end behind it.
fn attribute_value(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('\'') {
        Some(quoted) => {
            let end =
                quoted.match_indices('\'').map(|(at, _)| at).find(|at| quoted[at + 1..].starts_with(['>', ' ']))?;
            Some((&quoted[..end], &quoted[end + 1..]))
        }
        None => Some(text.split_at(text.find(['>', ' '])?)),
    }
}

fn to_screen(elements: Vec<RawElement<'_>>) -> Screen {
    Screen { elements: elements.iter().enumerate().map(|(index, raw)| to_element(index, raw)).collect() }
}

/// Our elements count from 1, whatever the file's ids.
fn element_id(index: usize) -> ElementId {
    ElementId(u32::try_from(index + 1).unwrap_or(u32::MAX))
}

fn to_element(index: usize, raw: &RawElement<'_>) -> Element {
    let lines = raw.content.split("<br>").map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let content = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
    let several_lines = raw.content.contains("<br>");
    let mut state = ElementState { clickable: raw.tag != "p", ..ElementState::default() };
    let role = match raw.tag {
        "checkbox" => {
            state.checked = Some(raw.checked.unwrap_or(false));
            Role::Checkbox
        }
        "input" => {
            state.editable = true;
            Role::Field
        }
        "p" => Role::Text,
        // A button of several lines is what our own parser calls a row: a list's line with the texts inside it.
        _ if several_lines => Role::Row,
        _ => Role::Button,
    };
    // The format does not tell a field's hint from its text; a person would call the field by whichever it shows.
    let (label, value) = match (raw.description, role) {
        (Some(description), Role::Field) => (description.to_string(), Some(content)),
        (None, Role::Field) => (content, Some(String::new())),
        (Some(description), _) if content.is_empty() => (description.to_string(), None),
        (Some(_) | None, _) => (content, None),
    };
    // The format has no places; a line each keeps the reading order.
    let top = i32::try_from(index).unwrap_or(0).saturating_mul(100);
    let bounds = Bounds::new(0, top, 1080, top.saturating_add(100));
    Element { id: element_id(index), role, label, value, state, bounds, resource_id: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(state: &str, expected: &[(i64, &str, &str)]) {
        let elements = parse_state(state).unwrap();
        let ids: Vec<i64> = elements.iter().map(|element| element.id).collect();
        let screen = to_screen(elements);
        let found: Vec<(i64, &str, &str)> = ids
            .iter()
            .zip(&screen.elements)
            .map(|(&id, element)| (id, element.role.word(), element.label.as_str()))
            .collect();
        assert_eq!(found, expected, "{state}");
    }

    #[test]
    fn states() {
        check("", &[]);
        check(
            "<p id=0>Settings</p>\n <button id=2 text='Open camera'></button>",
            &[(0, "text", "Settings"), (2, "button", "Open camera")],
        );
        check(
            "<button  text='Change photo'></button>\n<input >Bob</input>",
            &[(0, "button", "Change photo"), (1, "field", "Bob")],
        );
        check("<button id=4>Internal<br>2</button>", &[(4, "row", "Internal, 2")]);
        check("<button id=5><unknown></button>", &[(5, "button", "<unknown>")]);
        check("<checkbox id=1 checked=True>One\n(two)</checkbox>", &[(1, "checkbox", "One (two)")]);
        check("<button id=0 text='Alice's note'></button>", &[(0, "button", "Alice's note")]);
        check("<button id=0 text='a > b'>x</button>", &[(0, "button", "x")]);
    }

    fn check_error(state: &str, label: (i64, &str), expected: &str) {
        let step = RawStep { label: (label.0, Some(label.1.to_string())), state: state.to_string() };
        assert_eq!(read_step(&step).unwrap_err().to_string(), expected, "{state}");
    }

    #[test]
    fn errors() {
        let button = "<button id=0>OK</button>";
        check_error(button, (1, "null"), "the label points to element 1, which the state does not have");
        check_error(button, (-1, "Bob"), "the label says finished and types \"Bob\"");
        check_error("<button id=0>OK", (0, "null"), "<button> is not closed");
        check_error("<button id=0 text='OK", (0, "null"), "<button> is not closed");
        check_error("<button id", (0, "null"), "<button> is not closed");
        check_error("<button id=x>OK</button>", (0, "null"), "the id \"x\" is not a number");
        check_error(
            "<pre>OK</pre>",
            (0, "null"),
            "expected <button>, <checkbox>, <input> or <p>, found \"<pre>OK</pre>\"",
        );
        check_error("hello", (0, "null"), "expected <button>, <checkbox>, <input> or <p>, found \"hello\"");
    }

    #[test]
    fn files_that_are_something_else() {
        for (json, expected) in [
            ("[1]", "invalid type: sequence, expected a map"),
            (r#"{"a": {"b": {"task": "t"}}}"#, "missing field `profile`"),
            (r#"{"a": {"b": {"task": "t", "profile": []}}}"#, "a_00: the profile has no steps"),
            (
                r#"{"a": {"b": {"task": "t", "profile": [{"label": [1, "null"], "state": ""}]}}}"#,
                "a_00 step 1: the label",
            ),
        ] {
            let error = parse(Path::new("data.json"), json.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("data.json: ") && error.contains(expected), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_state_is_read_or_refused(state in "(<(button|p|checkbox|input|q)( id=[0-9x]*)?( text='[a'> ]*)?>?|[a<>'/ é\n]|</button>|</p>){0,12}") {
            let step = RawStep { label: (0, None), state };
            let _ = read_step(&step);
        }
    }
}
