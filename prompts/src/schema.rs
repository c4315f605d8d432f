//! The JSON Schema of replies, narrowed to one screen.
//!
//! It starts from the schema that `schemars` derives for [`Action`], so that a new action or field is in it at once.
//! Narrowing keeps it small, because an engine compiles it for every step: an element's `label` and `id` are constants
//! of one object, the actions that take nothing else share that object, and what no element of the screen can do is
//! not in it. Documentation, formats and nulls are dropped: they cost compile time and no reply needs them.

use std::sync::LazyLock;

use deftly_tools::{Action, App, Element, Role, Screen};
use schemars::schema_for;
use serde_json::{Map, Value, json};

use crate::reply::element_constants;

/// One action of the derived schema.
struct Variant {
    name: String,
    /// The arguments other than `action` and `id`, with their narrowed schemas.
    arguments: Vec<(String, Value)>,
    required: Vec<String>,
    takes_element: bool,
}

pub(crate) fn reply_schema(screen: &Screen, apps: &[App]) -> Value {
    let variants = variants(apps);
    let mut branches = Vec::new();
    for element in &screen.elements {
        branches.extend(element_branches(&variants, element));
    }
    branches.extend(bare_branches(&variants, screen, apps));
    json!({ "anyOf": branches })
}

/// Characters of a thought. It is to be short: each costs time at every step.
const THOUGHT_LIMIT: usize = 120;

/// The same replies, each with a `thought` before everything else.
pub(crate) fn with_thought(mut schema: Value) -> Value {
    let branches = schema.get_mut("anyOf").and_then(Value::as_array_mut);
    for branch in branches.into_iter().flatten() {
        if let Some(properties) = branch.get_mut("properties").and_then(Value::as_object_mut) {
            properties.shift_insert(0, "thought".into(), json!({ "type": "string", "maxLength": THOUGHT_LIMIT }));
        }
        if let Some(required) = branch.get_mut("required").and_then(Value::as_array_mut) {
            required.insert(0, json!("thought"));
        }
    }
    schema
}

/// What can be done to one element: the plain actions (`tap`, ...) in one object, then those with arguments.
fn element_branches(variants: &[Variant], element: &Element) -> Vec<Value> {
    let possible = || variants.iter().filter(|variant| variant.takes_element && can_take(element, &variant.name));
    let plain: Vec<&Variant> = possible().filter(|variant| variant.arguments.is_empty()).collect();
    let mut branches = Vec::new();
    if !plain.is_empty() {
        branches.push(branch(&plain, element_constants(element)));
    }
    let with_arguments = possible().filter(|variant| !variant.arguments.is_empty());
    branches.extend(with_arguments.map(|variant| branch(&[variant], element_constants(element))));
    branches
}

/// What can be done without naming an element: the plain actions (`back`, ...) in one object, then those with arguments.
fn bare_branches(variants: &[Variant], screen: &Screen, apps: &[App]) -> Vec<Value> {
    let possible = || {
        variants.iter().filter(|variant| match variant.name.as_str() {
            // Text without an element goes to the focused field, so there must be one.
            "type" => screen.elements.iter().any(|element| element.state.focused && can_take(element, "type")),
            "scroll" => screen.elements.iter().any(|element| can_take(element, "scroll")),
            "open_app" => !apps.is_empty(),
            _ => !variant.required.iter().any(|argument| argument == "id"),
        })
    };
    let plain: Vec<&Variant> = possible().filter(|variant| variant.arguments.is_empty()).collect();
    let mut branches = vec![branch(&plain, Vec::new())];
    branches.extend(possible().filter(|v| !v.arguments.is_empty()).map(|variant| branch(&[variant], Vec::new())));
    branches
}

/// Whether the element can take this action.
pub(crate) fn can_take(element: &Element, action: &str) -> bool {
    let state = &element.state;
    if !element.is_actionable() {
        return false;
    }
    let pressable = state.clickable || state.checked.is_some() || state.editable;
    match action {
        "tap" | "double_tap" => pressable,
        // Phones report long presses unreliably; what can be pressed can be held.
        "long_press" => pressable || state.long_clickable,
        "type" => state.editable,
        "scroll" => state.scrollable,
        // What moves under a finger. Lists let rows that can be held be swiped away; offering it for every row would
        // double the schema.
        "swipe" => state.scrollable || state.long_clickable || element.role == Role::Slider,
        _ => false,
    }
}

/// An object with these actions, an element's constants, and the arguments that the actions have in common.
fn branch(variants: &[&Variant], element: Vec<(&'static str, Value)>) -> Value {
    let names: Vec<&str> = variants.iter().map(|variant| variant.name.as_str()).collect();
    let action = if let [name] = names.as_slice() { json!({ "const": name }) } else { json!({ "enum": names }) };
    let mut properties = Map::from_iter([("action".to_owned(), action)]);
    let mut required = vec![json!("action")];
    for (key, schema) in element {
        required.push(json!(key));
        properties.insert(key.to_owned(), schema);
    }
    if let Some(variant) = variants.first() {
        required.extend(variant.required.iter().filter(|key| *key != "action" && *key != "id").map(|key| json!(key)));
        properties.extend(variant.arguments.iter().cloned());
    }
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// The actions of the derived schema, in the order of [`Action`].
fn variants(apps: &[App]) -> Vec<Variant> {
    static DERIVED: LazyLock<Value> = LazyLock::new(|| schema_for!(Action).to_value());
    let all = DERIVED.get("oneOf").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    all.iter().filter_map(|schema| variant(schema, &DERIVED, apps)).collect()
}

fn variant(schema: &Value, root: &Value, apps: &[App]) -> Option<Variant> {
    let properties = schema.get("properties")?.as_object()?;
    let name = properties.get("action")?.get("const")?.as_str()?.to_owned();
    let required = schema.get("required").and_then(Value::as_array)?;
    let required = required.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let mut arguments = Vec::new();
    for (key, schema) in properties.iter().filter(|(key, _)| *key != "action" && *key != "id") {
        let narrowed = match (name.as_str(), key.as_str()) {
            ("open_app", "name") => json!({ "enum": app_names(apps) }),
            _ => narrow(schema, root),
        };
        arguments.push((key.clone(), narrowed));
    }
    Some(Variant { takes_element: properties.contains_key("id"), name, arguments, required })
}

fn app_names(apps: &[App]) -> Vec<&str> {
    let mut names: Vec<&str> = apps.iter().map(|app| app.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// An argument's schema without what a reply never needs: documentation, `null`, and `false`, which is the default.
fn narrow(schema: &Value, root: &Value) -> Value {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix('#')) {
        return root.pointer(target).map_or(json!({}), |target| narrow(target, root));
    }
    // An enum whose variants have documentation is derived as a choice of constants.
    if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
        let constants: Vec<&Value> = choices.iter().filter_map(|choice| choice.get("const")).collect();
        return json!({ "enum": constants });
    }
    if let Some(values) = schema.get("enum") {
        return json!({ "enum": values });
    }
    let types = schema.get("type");
    let not_null = |kind: &&Value| **kind != json!("null");
    let kind = types.and_then(Value::as_array).and_then(|kinds| kinds.iter().find(not_null)).or(types);
    match kind.and_then(Value::as_str) {
        Some("boolean") => json!({ "const": true }),
        Some(kind) => json!({ "type": kind }),
        None => json!({}),
    }
}
