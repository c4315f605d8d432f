//! The format of T3A, AndroidWorld's text agent (arXiv 2405.14573).
//!
//! Two things differ from the original. An element's description keeps the fields that say something and leaves out
//! the other sixteen, its pixel bounds included, which stay on the host: about 30 tokens instead of 149. And the
//! history holds the actions themselves instead of a model's summaries, which cost a second call a step.

use deftly_tools::{App, Element, Role, Screen};
use serde_json::{Value, json};

use crate::compact::GOAL_LIMIT;
use crate::label::flatten;
use crate::line::history_line;
use crate::parse::shown_number;
use crate::schema::can_take;
use crate::template::fill;
use crate::trim::Draft;
use crate::{Dialect, Prompt, PromptInput};

const SYSTEM: &str = include_str!("../templates/t3a/system.txt");
const USER: &str = include_str!("../templates/t3a/user.txt");

pub(crate) fn compose(input: &PromptInput<'_>, draft: &Draft) -> Prompt {
    let shown = input.observation.screen.elements.iter().zip(&draft.left_out).filter(|(_, left_out)| !**left_out);
    let mut elements: Vec<String> = shown.map(|(element, _)| describe(element, draft.label_limit)).collect();
    if elements.is_empty() {
        elements.push("Not available".to_owned());
    }
    if draft.left_out_lines() > 0 {
        elements.push(format!("({} text elements left out)", draft.left_out_lines()));
    }
    let values =
        [("goal", flatten(input.goal, GOAL_LIMIT)), ("steps", steps(input, draft)), ("elements", elements.join("\n"))];
    let user = fill(USER.trim_end(), &values.each_ref().map(|(key, value)| (*key, value.as_str())));
    Prompt { system: SYSTEM.trim_end().to_owned(), user, trimmed_lines: draft.trimmed_lines() }
}

fn steps(input: &PromptInput<'_>, draft: &Draft) -> String {
    if input.history.is_empty() {
        return "You just started, no action has been performed yet.".to_owned();
    }
    let numbered = input.history.iter().enumerate().skip(draft.skipped_steps);
    let lines = numbered.map(|(index, turn)| format!("Step {}: {}", index + 1, history_line(turn, draft.label_limit)));
    let notice = (draft.skipped_steps > 0).then(|| format!("({} earlier steps left out)", draft.skipped_steps));
    notice.into_iter().chain(lines).collect::<Vec<_>>().join("\n")
}

/// An element as Python prints the `UIElement` of AndroidWorld.
fn describe(element: &Element, limit: usize) -> String {
    let state = &element.state;
    let text = element.value.as_deref().filter(|value| !value.is_empty()).unwrap_or(&element.label);
    let mut fields = vec![format!("text={}", python_string(text, limit))];
    if element.role == Role::Field && text != element.label {
        fields.push(format!("hint_text={}", python_string(&element.label, limit)));
    }
    fields.push(format!("class_name='{}'", class_name(element.role)));
    if let Some(on) = state.checked {
        fields.push(format!("is_checked={}", if on { "True" } else { "False" }));
    }
    let flags = [
        (state.clickable, "is_clickable=True"),
        (state.long_clickable, "is_long_clickable=True"),
        (state.editable, "is_editable=True"),
        (state.scrollable, "is_scrollable=True"),
        (state.focused, "is_focused=True"),
        (state.selected, "is_selected=True"),
        (state.disabled, "is_enabled=False"),
    ];
    fields.extend(flags.into_iter().filter(|(set, _)| *set).map(|(_, field)| field.to_owned()));
    format!("UI element {}: UIElement({})", shown_number(Dialect::T3a, element.id), fields.join(", "))
}

fn python_string(text: &str, limit: usize) -> String {
    format!("'{}'", flatten(text, limit).replace('\\', "\\\\").replace('\'', "\\'"))
}

fn class_name(role: Role) -> &'static str {
    match role {
        Role::Button => "android.widget.Button",
        Role::Row => "android.widget.LinearLayout",
        Role::Switch => "android.widget.Switch",
        Role::Checkbox => "android.widget.CheckBox",
        Role::Radio => "android.widget.RadioButton",
        Role::Tab => "android.widget.TabWidget",
        Role::Field => "android.widget.EditText",
        Role::Slider => "android.widget.SeekBar",
        Role::Image => "android.widget.ImageView",
        Role::List => "androidx.recyclerview.widget.RecyclerView",
        Role::Text => "android.widget.TextView",
    }
}

/// The actions of the format as JSON objects. A constrained reply is the object alone, without `Reason:` before it.
pub(crate) fn reply_schema(screen: &Screen, apps: &[App]) -> Value {
    let indexes = |action: &str| -> Vec<u32> {
        let able = screen.elements.iter().filter(|element| can_take(element, action));
        able.map(|element| shown_number(Dialect::T3a, element.id)).collect()
    };
    let directions = || json!({ "enum": ["up", "down", "left", "right"] });
    let plain = ["keyboard_enter", "navigate_home", "navigate_back", "wait"];
    let mut branches = vec![
        object(&[("action_type", json!({ "enum": plain }))]),
        object(&[
            ("action_type", json!({ "const": "status" })),
            ("goal_status", json!({ "enum": ["complete", "infeasible"] })),
        ]),
        object(&[("action_type", json!({ "const": "answer" })), ("text", json!({ "type": "string" }))]),
        object(&[("action_type", json!({ "const": "swipe" })), ("direction", directions())]),
    ];
    let presses = [("tap", "click"), ("double_tap", "double_tap"), ("long_press", "long_press")];
    for (ours, theirs) in presses.into_iter().filter(|(ours, _)| !indexes(ours).is_empty()) {
        let index = json!({ "enum": indexes(ours) });
        branches.push(object(&[("action_type", json!({ "const": theirs })), ("index", index)]));
    }
    if !indexes("type").is_empty() {
        let index = json!({ "enum": indexes("type") });
        let text = json!({ "type": "string" });
        branches.push(object(&[("action_type", json!({ "const": "input_text" })), ("text", text), ("index", index)]));
    }
    if !indexes("scroll").is_empty() {
        let action = json!({ "const": "scroll" });
        let index = json!({ "enum": indexes("scroll") });
        branches.push(object(&[("action_type", action.clone()), ("direction", directions())]));
        branches.push(object(&[("action_type", action), ("direction", directions()), ("index", index)]));
    }
    if !apps.is_empty() {
        let names: Vec<&str> = apps.iter().map(|app| app.name.as_str()).collect();
        branches
            .push(object(&[("action_type", json!({ "const": "open_app" })), ("app_name", json!({ "enum": names }))]));
    }
    json!({ "anyOf": branches })
}

/// An object with exactly these keys.
pub(crate) fn object(properties: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = properties.iter().map(|(key, _)| *key).collect();
    let properties: serde_json::Map<String, Value> =
        properties.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}
