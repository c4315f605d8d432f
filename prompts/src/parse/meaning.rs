//! From a call to an action: what the names mean, and whether the call is certain.

use deftly_tools::{Action, Direction, ElementId, Screen, Status};
use serde_json::{Map, Value};

use super::calls::Call;
use super::element;
use super::verb::Verb;
use crate::{Dialect, ReplyError, droidtask};

type Arguments = Map<String, Value>;

/// The action that a call means.
pub(super) fn action(dialect: Dialect, call: &Call, screen: &Screen) -> Result<Action, ReplyError> {
    if dialect == Dialect::Droidtask
        && let Some(action) = droidtask::special_reply(&call.name, &call.arguments, screen)?
    {
        return Ok(action);
    }
    let arguments = &call.arguments;
    let verb = Verb::from_name(&call.name).ok_or_else(|| ReplyError::UnknownAction { name: excerpt(&call.name) })?;
    let target = || element::required(dialect, verb.name(), arguments, screen);
    let optional_target = || element::find(dialect, verb.name(), arguments, screen);
    Ok(match verb {
        Verb::Tap => Action::Tap { id: target()? },
        Verb::DoubleTap => Action::DoubleTap { id: target()? },
        Verb::LongPress => Action::LongPress { id: target()? },
        Verb::Type => typing(dialect, optional_target()?, arguments)?,
        Verb::Scroll => Action::Scroll { direction: direction(verb, arguments)?, id: optional_target()? },
        Verb::Swipe => Action::Swipe { direction: direction(verb, arguments)?, id: optional_target()? },
        Verb::Back => Action::Back,
        Verb::Home => Action::Home,
        Verb::Enter => Action::Enter,
        // `app_name`: T3A; `app`: AutoGLM; `text`: GUI-Owl and droidrun.
        Verb::OpenApp => {
            Action::OpenApp { name: text(verb, arguments, &["name", "app_name", "app", "text"], "the app's name")? }
        }
        Verb::Wait => Action::Wait,
        Verb::Answer => Action::Answer { text: text(verb, arguments, &["text", "answer", "message"], "a text")? },
        Verb::Done => {
            let reason = pick(arguments, &["reason"])?.and_then(plain_text);
            Action::Done { status: status(arguments)?, reason }
        }
        Verb::SystemKey => system_key(arguments)?,
    })
}

fn typing(dialect: Dialect, id: Option<ElementId>, arguments: &Arguments) -> Result<Action, ReplyError> {
    // `input_text`: AutoDroid; `content`: UI-TARS; `value`: models that know Playwright.
    let text = text(Verb::Type, arguments, &["text", "input_text", "content", "value"], "a text")?;
    let flag = |keys: &[&str]| pick(arguments, keys)?.map_or(Ok(false), |value| boolean(keys, value));
    // AutoDroid's input replaces what the field holds. T3A's `input_text` presses enter at the end.
    let clear = flag(&["clear", "clear_text"])? || dialect == Dialect::Droidtask;
    let submit = flag(&["submit", "press_enter"])? || dialect == Dialect::T3a;
    Ok(Action::Type { id, text, clear, submit })
}

fn direction(verb: Verb, arguments: &Arguments) -> Result<Direction, ReplyError> {
    let found = text(verb, arguments, &["direction", "dir"], "a direction")?;
    match found.trim().to_lowercase().as_str() {
        "up" => Ok(Direction::Up),
        "down" => Ok(Direction::Down),
        "left" => Ok(Direction::Left),
        "right" => Ok(Direction::Right),
        _ => Err(bad("direction", &found, "up, down, left or right")),
    }
}

/// How the episode ends. It is never taken for granted: a model that stops without saying so must say so.
fn status(arguments: &Arguments) -> Result<Status, ReplyError> {
    // `goal_status`: T3A; `success`: droidrun.
    let found = text(Verb::Done, arguments, &["status", "goal_status", "success"], "a status, complete or infeasible")?;
    match found.trim().to_lowercase().as_str() {
        "complete" | "completed" | "success" | "true" => Ok(Status::Complete),
        "infeasible" | "impossible" | "failure" | "false" => Ok(Status::Infeasible),
        _ => Err(bad("status", &found, "complete or infeasible")),
    }
}

fn system_key(arguments: &Arguments) -> Result<Action, ReplyError> {
    let found = text(Verb::SystemKey, arguments, &["button", "key"], "a key")?;
    match Verb::from_name(&found) {
        Some(Verb::Back) => Ok(Action::Back),
        Some(Verb::Home) => Ok(Action::Home),
        Some(Verb::Enter) => Ok(Action::Enter),
        Some(_) | None => Err(bad("key", &found, "back, home or enter")),
    }
}

fn text(verb: Verb, arguments: &Arguments, keys: &[&str], what: &'static str) -> Result<String, ReplyError> {
    let missing = || ReplyError::MissingArgument { action: verb.name(), what };
    let value = pick(arguments, keys)?.ok_or_else(missing)?;
    plain_text(value).ok_or_else(|| bad("a text", &value.to_string(), "a string"))
}

/// The one value that stands under these keys; `null` counts as absent.
pub(super) fn pick<'a>(arguments: &'a Arguments, keys: &[&str]) -> Result<Option<&'a Value>, ReplyError> {
    let mut found: Option<(&str, &Value)> = None;
    for key in keys {
        let Some(value) = arguments.get(*key).filter(|value| !value.is_null()) else { continue };
        match found {
            Some((first, earlier)) if earlier != value => {
                let say = |key: &str, value: &Value| format!("{key} is {}", excerpt(&value.to_string()));
                return Err(ReplyError::Contradiction { first: say(first, earlier), second: say(key, value) });
            }
            Some(_) => {}
            None => found = Some((key, value)),
        }
    }
    Ok(found.map(|(_, value)| value))
}

/// A scalar as text: numbers lose their quotes in small Qwen models.
pub(super) fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn boolean(keys: &[&str], value: &Value) -> Result<bool, ReplyError> {
    match plain_text(value).unwrap_or_default().to_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(bad("a flag", &format!("{}: {value}", keys.join("/")), "true or false")),
    }
}

pub(crate) fn bad(what: &'static str, found: &str, expected: &'static str) -> ReplyError {
    ReplyError::BadArgument { what, found: excerpt(found), expected }
}

pub(super) fn excerpt(text: &str) -> String {
    crate::label::flatten(text, 60)
}
