//! Actions as the compact dialect writes them.

use deftly_tools::{Action, Element, ElementId, Screen};
use serde_json::{Map, Value, json};

use crate::label::shown_label;
use crate::line::{direction_word, status_word};

/// The canonical reply: one compact JSON object, whose keys stand in the order of the schema.
///
/// The element's label comes before its id: a copied label makes the id certain. The label is left out if the element
/// shows none, or is not on the screen.
pub fn reply_text(action: &Action, screen: &Screen) -> String {
    let mut reply = Map::new();
    reply.insert("action".into(), action.name().into());
    if let Some(id) = action.target() {
        insert_element(&mut reply, id, screen);
    }
    match action {
        Action::Tap { .. } | Action::DoubleTap { .. } | Action::LongPress { .. } => {}
        Action::Type { text, clear, submit, .. } => {
            reply.insert("text".into(), json!(text));
            if *clear {
                reply.insert("clear".into(), json!(true));
            }
            if *submit {
                reply.insert("submit".into(), json!(true));
            }
        }
        Action::Scroll { direction, .. } | Action::Swipe { direction, .. } => {
            reply.insert("direction".into(), json!(direction_word(*direction)));
        }
        Action::OpenApp { name } => {
            reply.insert("name".into(), json!(name));
        }
        Action::Answer { text } => {
            reply.insert("text".into(), json!(text));
        }
        Action::Done { status, reason } => {
            reply.insert("status".into(), json!(status_word(*status)));
            if let Some(reason) = reason {
                reply.insert("reason".into(), json!(reason));
            }
        }
        Action::Back | Action::Home | Action::Enter | Action::Wait => {}
    }
    Value::Object(reply).to_string()
}

fn insert_element(reply: &mut Map<String, Value>, id: ElementId, screen: &Screen) {
    let label = screen.get(id).map(shown_label).unwrap_or_default();
    if !label.is_empty() {
        reply.insert("label".into(), json!(label));
    }
    reply.insert("id".into(), json!(id.0));
}

/// The element's `label` (if it shows one) and `id`, as constants of a schema.
pub(crate) fn element_constants(element: &Element) -> Vec<(&'static str, Value)> {
    let label = shown_label(element);
    let label = (!label.is_empty()).then(|| ("label", json!({ "const": label })));
    label.into_iter().chain([("id", json!({ "const": element.id.0 }))]).collect()
}
