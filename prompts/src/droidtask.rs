//! The format of AutoDroid (arXiv 2308.15272), in which the DroidTask benchmark is published.
//!
//! It knows two actions, tap and input, and a "go back" button below every screen; scrolling is done by the host there.

use deftly_tools::{Action, Element, Role, Screen, Status};
use serde_json::{Map, Value, json};

use crate::compact::GOAL_LIMIT;
use crate::label::flatten;
use crate::line::history_line;
use crate::parse::{bad, shown_number};
use crate::schema::can_take;
use crate::t3a::object;
use crate::template::fill;
use crate::trim::Draft;
use crate::{Dialect, Outcome, Prompt, PromptInput, ReplyError, Turn};

const SYSTEM: &str = include_str!("../templates/droidtask/system.txt");
const USER: &str = include_str!("../templates/droidtask/user.txt");
const GO_BACK: &str = "go back";

pub(crate) fn compose(input: &PromptInput<'_>, draft: &Draft) -> Prompt {
    let screen = &input.observation.screen;
    let shown = screen.elements.iter().zip(&draft.left_out).filter(|(_, left_out)| !**left_out);
    let mut elements: Vec<String> = shown.map(|(element, _)| describe(element, draft.label_limit)).collect();
    elements.extend(go_back_number(screen).map(|number| format!("<button id={number}>{GO_BACK}</button>")));
    if draft.left_out_lines() > 0 {
        elements.push(format!("({} lines of text left out)", draft.left_out_lines()));
    }
    let values =
        [("goal", flatten(input.goal, GOAL_LIMIT)), ("steps", steps(input, draft)), ("elements", elements.join("\n"))];
    let user = fill(USER.trim_end(), &values.each_ref().map(|(key, value)| (*key, value.as_str())));
    Prompt { system: SYSTEM.trim_end().to_owned(), user, trimmed_lines: draft.trimmed_lines() }
}

/// The number of the button that the format adds below a screen which has none.
fn go_back_number(screen: &Screen) -> Option<u32> {
    let has_own = screen.elements.iter().any(|element| element.label == GO_BACK);
    (!has_own).then(|| u32::try_from(screen.elements.len()).ok()).flatten()
}

fn describe(element: &Element, limit: usize) -> String {
    let number = shown_number(Dialect::Droidtask, element.id);
    let (tag, checked) = match (element.role, element.state.checked) {
        (_, Some(true)) => ("checkbox", " checked=True"),
        (_, Some(false)) => ("checkbox", " checked=False"),
        (Role::Field, None) => ("input", ""),
        (Role::Checkbox | Role::Switch | Role::Radio, None) => ("checkbox", ""),
        (Role::Button | Role::Row | Role::Tab, None) => ("button", ""),
        (Role::Text | Role::Image | Role::List | Role::Slider, None) => {
            (if can_take(element, "tap") { "button" } else { "p" }, "")
        }
    };
    let value = element.value.as_deref().filter(|value| !value.is_empty());
    let text = flatten(value.unwrap_or(&element.label), limit);
    // The texts of a row are lines of their own in this format.
    let text = if element.role == Role::Row { text.replace(", ", "<br>") } else { text };
    format!("<{tag} id={number}{checked}>{text}</{tag}>")
}

fn steps(input: &PromptInput<'_>, draft: &Draft) -> String {
    let lines = input.history.iter().skip(draft.skipped_steps).map(|turn| step(turn, draft.label_limit));
    let notice = (draft.skipped_steps > 0).then(|| format!("({} earlier left out)", draft.skipped_steps));
    notice.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

fn step(turn: &Turn, limit: usize) -> String {
    let label = flatten(turn.label.as_deref().unwrap_or_default(), limit);
    let done = turn.outcome == Outcome::Changed;
    match &turn.action {
        Action::Tap { .. } if done => format!("- TapOn: <button>{label}</button>"),
        Action::Type { text, .. } if done => {
            format!("- TapOn: <input>{label}</input> InputText: {}", flatten(text, limit))
        }
        Action::Back if done => format!("- TapOn: <button>{GO_BACK}</button>"),
        Action::OpenApp { name } if done => format!("- launchApp {}", flatten(name, limit)),
        // The format has no words for the rest, nor for what went wrong.
        Action::Tap { .. }
        | Action::Type { .. }
        | Action::Back
        | Action::OpenApp { .. }
        | Action::DoubleTap { .. }
        | Action::LongPress { .. }
        | Action::Scroll { .. }
        | Action::Swipe { .. }
        | Action::Home
        | Action::Enter
        | Action::Wait
        | Action::Answer { .. }
        | Action::Done { .. } => format!("- {}", history_line(turn, limit)),
    }
}

/// The replies of the format, with the reasoning before the decision optional.
pub(crate) fn reply_schema(screen: &Screen) -> Value {
    let numbers = |action: &str| -> Vec<u32> {
        let able = screen.elements.iter().filter(|element| can_take(element, action));
        able.map(|element| shown_number(Dialect::Droidtask, element.id)).collect()
    };
    let mut taps = numbers("tap");
    taps.extend(go_back_number(screen));
    let mut branches =
        vec![decision("Yes", json!({ "const": -1 }), json!({ "enum": ["tap", "N/A"] }), json!({ "const": "N/A" }))];
    if !taps.is_empty() {
        branches.push(decision("No", json!({ "enum": taps }), json!({ "const": "tap" }), json!({ "const": "N/A" })));
    }
    if !numbers("type").is_empty() {
        let ids = json!({ "enum": numbers("type") });
        branches.push(decision("No", ids, json!({ "const": "input" }), json!({ "type": "string" })));
    }
    json!({ "anyOf": branches })
}

fn decision(finished: &str, id: Value, action: Value, input_text: Value) -> Value {
    let text = || json!({ "type": "string" });
    let mut schema = object(&[
        ("Steps", text()),
        ("Analyses", text()),
        ("Finished", json!({ "const": finished })),
        ("Next step", text()),
        ("id", id),
        ("action", action),
        ("input_text", input_text),
    ]);
    schema["required"] = json!(["Finished", "id", "action", "input_text"]);
    schema
}

/// What this format says in its own way: that the task is finished, and the button that goes back. `None` for the rest.
pub(crate) fn special_reply(
    action: &str,
    arguments: &Map<String, Value>,
    screen: &Screen,
) -> Result<Option<Action>, ReplyError> {
    let id = arguments.get("id").map(plain).unwrap_or_default();
    let no_element = matches!(id.as_str(), "" | "-1" | "n/a" | "none" | "null");
    let finished = match arguments.get("Finished").map(plain).as_deref() {
        Some("yes" | "true") => Some(true),
        Some("no" | "false") => Some(false),
        None => None,
        Some(other) => return Err(bad("Finished", other, "Yes or No")),
    };
    let contradiction =
        |first: &str| ReplyError::Contradiction { first: first.to_owned(), second: format!("id is {id}") };
    match finished {
        Some(true) if no_element => Ok(Some(Action::Done { status: Status::Complete, reason: None })),
        Some(true) => Err(contradiction("Finished is Yes")),
        Some(false) if id == "-1" => Err(contradiction("Finished is No")),
        None if id == "-1" => Ok(Some(Action::Done { status: Status::Complete, reason: None })),
        Some(false) | None => {
            let back = go_back_number(screen).is_some_and(|number| number.to_string() == id);
            let taps = matches!(action.to_lowercase().as_str(), "tap" | "touch" | "click");
            Ok((back && taps).then_some(Action::Back))
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned).trim().to_lowercase()
}
