//! Finding the calls of actions in a reply.
//!
//! Objects are looked for anywhere in the text, so code fences (Gemma, Llama), prose around the object (all small
//! models), `<tool_call>` (Qwen, Hermes), `[TOOL_CALLS]` (Mistral) and `<|python_tag|>` (Llama 3) need no rules.

use serde_json::{Map, Value};

use super::json;
use super::verb::Verb;
use crate::{Dialect, ReplyError};

/// An action by some model's name, with arguments by that model's names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) arguments: Map<String, Value>,
}

/// Characters of a reply that an error repeats.
const EXCERPT: usize = 60;

/// The calls in a reply; at least one.
pub(super) fn find(dialect: Dialect, text: &str) -> Result<Vec<Call>, ReplyError> {
    let text = after_last_action_marker(without_thinking(text)?);
    let mut calls = objects(dialect, text)?;
    if calls.is_empty() {
        calls = functions(text);
    }
    if calls.is_empty() {
        calls.extend(line(text));
    }
    if calls.is_empty() {
        return Err(ReplyError::NoAction { excerpt: crate::label::flatten(text, EXCERPT) });
    }
    Ok(calls)
}

/// What follows the reasoning: `<think>` (Qwen3, DeepSeek-R1, SmolLM3), `<thinking>`, `<thought>` (droidrun's prompts),
/// and the final channel of gpt-oss.
fn without_thinking(text: &str) -> Result<&str, ReplyError> {
    if let Some((_, last)) = text.rsplit_once("<|channel|>final<|message|>") {
        return Ok(last);
    }
    for tag in ["think", "thinking", "thought"] {
        if let Some((_, after)) = text.rsplit_once(&format!("</{tag}>")) {
            return Ok(after);
        }
        if text.trim_start().starts_with(&format!("<{tag}>")) {
            return Err(ReplyError::OnlyThinking);
        }
    }
    Ok(text)
}

/// What follows the last line that starts with `Action:` (T3A, GUI-Owl, UI-TARS, AppAgent write a reason before it).
fn after_last_action_marker(text: &str) -> &str {
    let mut rest = text;
    let mut position = 0;
    for line in text.split_inclusive('\n') {
        let start = position + (line.len() - line.trim_start().len());
        position += line.len();
        if let Some(after) = text[start..].strip_prefix("Action:") {
            rest = after;
        }
    }
    rest
}

/// The calls among the JSON objects of a text.
fn objects(dialect: Dialect, text: &str) -> Result<Vec<Call>, ReplyError> {
    let mut calls = Vec::new();
    let mut position = 0;
    while let Some(start) = text[position..].find('{').map(|offset| position + offset) {
        match json::read(text, start) {
            Ok((value, end)) => {
                collect(dialect, &value, &mut calls)?;
                position = end;
            }
            // What is inside a broken object must not be taken for the whole.
            Err(error) if begins_object(&text[start + 1..]) => return Err(error),
            Err(_) => position = start + 1,
        }
    }
    Ok(calls)
}

/// Whether a key follows, in quotes or with its colon, so that the brace before it was not prose.
fn begins_object(text: &str) -> bool {
    let text = text.trim_start();
    let behind_word = text.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    text.starts_with(['"', '\'']) || (behind_word.len() < text.len() && behind_word.trim_start().starts_with(':'))
}

/// The value's own call, or else those inside it (`tool_calls` lists of OpenAI-like servers).
fn collect(dialect: Dialect, value: &Value, calls: &mut Vec<Call>) -> Result<(), ReplyError> {
    match value {
        Value::Object(object) => match from_object(dialect, object)? {
            Some(call) => calls.push(call),
            None => object.values().try_for_each(|inner| collect(dialect, inner, calls))?,
        },
        Value::Array(items) => items.iter().try_for_each(|inner| collect(dialect, inner, calls))?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Ok(())
}

fn from_object(dialect: Dialect, object: &Map<String, Value>) -> Result<Option<Call>, ReplyError> {
    // Ours; `action_type`: T3A.
    for key in ["action", "action_type"] {
        match object.get(key) {
            Some(Value::String(name)) => return flat_call(key, name, object).map(Some),
            // `{"action":{"name":"tap","id":2}}`: Gemma.
            Some(Value::Object(inner)) => return nested_call(dialect, inner),
            Some(_) | None => {}
        }
    }
    if dialect == Dialect::Droidtask && (object.contains_key("Finished") || object.contains_key("id")) {
        return Ok(Some(Call { name: String::new(), arguments: object.clone() }));
    }
    // `{"function":{"name":...,"arguments":"..."}}`: OpenAI-like servers.
    if let Some(Value::Object(function)) = object.get("function") {
        return from_object(dialect, function);
    }
    nested_call(dialect, object)
}

/// The action's name beside its arguments, some of which may be in an object of their own.
fn flat_call(key: &str, name: &str, object: &Map<String, Value>) -> Result<Call, ReplyError> {
    let mut arguments = object.clone();
    arguments.remove(key);
    for wrapper in WRAPPERS {
        let Some(Value::Object(inner)) = arguments.get(wrapper).cloned() else { continue };
        arguments.remove(wrapper);
        for (key, value) in inner {
            if let Some(earlier) = arguments.get(&key).filter(|earlier| **earlier != value) {
                return Err(ReplyError::Contradiction {
                    first: format!("{key} is {earlier}"),
                    second: format!("{key} is {value}"),
                });
            }
            arguments.insert(key, value);
        }
    }
    Ok(Call { name: name.to_owned(), arguments })
}

/// Where arguments stand. `arguments`: Qwen, Hermes, Mistral; `parameters`: Llama 3; `params`, `args`: Gemma;
/// `action_input`: models that learnt LangChain's ReAct.
const WRAPPERS: [&str; 5] = ["arguments", "parameters", "params", "args", "action_input"];

/// A name with an object of arguments.
fn nested_call(dialect: Dialect, object: &Map<String, Value>) -> Result<Option<Call>, ReplyError> {
    // `name`: Qwen, Hermes, Mistral, Llama 3; `tool`: LFM2; `type`: Gemma.
    for key in ["name", "tool", "type"] {
        let Some(Value::String(name)) = object.get(key) else { continue };
        let wrapped = WRAPPERS.iter().find_map(|wrapper| object.get(*wrapper));
        let inner = match wrapped {
            // OpenAI-like servers send the arguments as a string of JSON.
            Some(Value::String(text)) => json::read(text, 0)?.0,
            Some(value) => value.clone(),
            None if Verb::from_name(name).is_some() => return flat_call(key, name, object).map(Some),
            None => continue,
        };
        let Value::Object(arguments) = inner else { continue };
        // `{"name":"mobile_use","arguments":{"action":"click",...}}`: GUI-Owl, Qwen-VL.
        if Verb::from_name(name).is_none() && arguments.contains_key("action") {
            return from_object(dialect, &arguments);
        }
        return Ok(Some(Call { name: name.clone(), arguments }));
    }
    // `{"tap":{"id":2}}`, `{"tap":2}`: Phi and Gemma.
    if let (1, Some((name, value))) = (object.len(), object.iter().next())
        && let Some(verb) = Verb::from_name(name)
    {
        let arguments = match value {
            Value::Object(arguments) => Some(arguments.clone()),
            Value::Null => Some(Map::new()),
            value => place(verb, vec![value.clone()]),
        };
        return Ok(arguments.map(|arguments| Call { name: name.clone(), arguments }));
    }
    Ok(None)
}

/// Calls written as in Python: `tap(2)`, `tap(id=2)` (Llama 3.2, LFM2, UI-TARS), `do(action="Tap", ...)` (AutoGLM).
fn functions(text: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    let mut position = 0;
    while let Some(open) = text[position..].find('(').map(|offset| position + offset) {
        position = open + 1;
        let name = text[..open].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let Ok(((positional, mut named), end)) = json::read_arguments(text, position) else { continue };
        let name = match named.remove("action") {
            Some(Value::String(action)) if name == "do" => action,
            Some(_) => continue,
            None => name.to_owned(),
        };
        let Some(verb) = Verb::from_name(&name) else { continue };
        let Some(mut arguments) = place(verb, positional) else { continue };
        arguments.extend(named);
        calls.push(Call { name, arguments });
        position = end;
    }
    calls
}

/// A reply that copies the form of the steps in the prompt: `tap "Wi-Fi"`, `scroll down`, `back` (small models).
fn line(text: &str) -> Option<Call> {
    let text = text.trim().trim_matches('`').trim();
    let (name, mut rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let verb = Verb::from_name(name)?;
    let mut values = Vec::new();
    while !rest.trim_start().is_empty() {
        let trimmed = rest.trim_start();
        let (value, end) = json::read(trimmed, 0).ok()?;
        let is_word = !trimmed.starts_with(['"', '\'']) && value.is_string();
        // Words without quotes are prose, except the few that are arguments.
        if is_word
            && !value.as_str().is_some_and(|word| is_direction(word) || word == "complete" || word == "infeasible")
        {
            return None;
        }
        values.push(value);
        rest = &trimmed[end..];
    }
    Some(Call { name: name.to_owned(), arguments: place(verb, values)? })
}

fn is_direction(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "up" | "down" | "left" | "right")
}

/// Names for arguments without names; `None` if there is not exactly one way to name them.
fn place(verb: Verb, values: Vec<Value>) -> Option<Map<String, Value>> {
    let mut arguments = Map::new();
    let mut texts = Vec::new();
    for value in values {
        let is_id = value.is_number() && !matches!(verb, Verb::Answer | Verb::Wait);
        if !is_id {
            texts.push(value);
        } else if arguments.insert("id".to_owned(), value).is_some() {
            return None;
        }
    }
    if matches!(verb, Verb::Scroll | Verb::Swipe) {
        // The label may stand before or behind the direction.
        texts.sort_by_key(|text| text.as_str().is_some_and(is_direction));
    }
    let names: &[&str] = match verb {
        Verb::Tap | Verb::DoubleTap | Verb::LongPress => &["label"],
        Verb::Type => &["label", "text"],
        Verb::Scroll | Verb::Swipe => &["label", "direction"],
        Verb::OpenApp => &["name"],
        Verb::Answer => &["text"],
        Verb::Done => &["status"],
        Verb::Wait => &["seconds"],
        Verb::SystemKey => &["key"],
        Verb::Back | Verb::Home | Verb::Enter => &[],
    };
    // With fewer texts than names the label is the one that is left out.
    let names = &names[names.len().checked_sub(texts.len())?..];
    arguments.extend(names.iter().map(|name| (*name).to_owned()).zip(texts));
    Some(arguments)
}
