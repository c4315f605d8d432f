//! Labels as the model sees and repeats them.

use deftly_tools::Element;

/// Characters of a label or value that a prompt shows. Longer ones are articles and messages: their beginning tells
/// them apart, and what is cut would cost more tokens than the rest of the screen.
pub(crate) const LABEL_LIMIT: usize = 80;

/// One line of plain text: whitespace and control characters become single spaces, and at most `limit` characters
/// stay, the last of them an ellipsis if something was cut.
///
/// The text comes from apps. `<|` opens the control tokens of the Qwen, Llama 3 and SmolLM2 vocabularies
/// (`<|im_end|>`, `<|eot_id|>`); it is split so that no label can end a chat message.
pub(crate) fn flatten(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    let mut space = false;
    for character in text.chars() {
        if character.is_whitespace() || character.is_control() {
            space = length > 0;
            continue;
        }
        let split = character == '|' && out.ends_with('<') && !space;
        let width = 1 + usize::from(space || split);
        if length + width > limit {
            cut_to(&mut out, limit.saturating_sub(1));
            out.push('…');
            return out;
        }
        if space || split {
            out.push(' ');
        }
        out.push(character);
        length += width;
        space = false;
    }
    out
}

fn cut_to(text: &mut String, characters: usize) {
    if let Some((end, _)) = text.char_indices().nth(characters) {
        text.truncate(end);
    }
    text.truncate(text.trim_end().len());
}

/// The text in quotes, escaped as in JSON, on one line.
pub(crate) fn quote(text: &str, limit: usize) -> String {
    serde_json::Value::String(flatten(text, limit)).to_string()
}

/// An element's label as prompts show it and replies repeat it; empty if it has none.
pub fn shown_label(element: &Element) -> String {
    flatten(&element.label, LABEL_LIMIT)
}

/// Whether `reply` is how a model names this element.
///
/// Accepted beside the shown label: the whole label; its first part, before `, `, which is what general models call a
/// row with a subtitle; and a beginning that ends in an ellipsis, which is what a tight budget shows. Case and spaces
/// do not count.
pub(crate) fn names(element: &Element, reply: &str) -> bool {
    let key = |text: &str| flatten(text, usize::MAX).to_lowercase();
    let (full, reply) = (key(&element.label), key(reply));
    if reply == full || reply == key(&shown_label(element)) {
        return true;
    }
    if reply.is_empty() {
        return false;
    }
    let is_title = full.split_once(", ").is_some_and(|(title, _)| title == reply);
    let beginning = reply.strip_suffix('…').or_else(|| reply.strip_suffix("...")).map(str::trim_end);
    is_title || beginning.is_some_and(|beginning| !beginning.is_empty() && full.starts_with(beginning))
}
