//! One line of a prompt: an element, or a step of the past.

use deftly_tools::{Action, Element, Role};

use crate::label::{LABEL_LIMIT, flatten, quote};
use crate::{Outcome, Turn};

/// An element as the compact dialect shows it: `2 switch "Wi-Fi" off`, `text "3 networks"`.
///
/// The id is there if a person would try to act on the element, even if it is disabled now; text to read has none.
pub fn describe_element_line(element: &Element) -> String {
    element_line(element, LABEL_LIMIT)
}

/// The same with labels and values of at most `limit` characters.
pub(crate) fn element_line(element: &Element, limit: usize) -> String {
    let state = &element.state;
    let mut words = Vec::new();
    if has_number(element) {
        words.push(element.id.0.to_string());
    }
    words.push(element.role.word().to_owned());
    if !flatten(&element.label, limit).is_empty() {
        words.push(quote(&element.label, limit));
    }
    match element.value.as_deref() {
        Some(value) if !value.trim().is_empty() => words.push(quote(value, limit)),
        // A password field never says what it holds, so it cannot be called empty.
        Some(_) | None if element.role == Role::Field && !state.password => words.push("empty".to_owned()),
        Some(_) | None => {}
    }
    if let Some(on) = state.checked {
        words.push(if on { "on" } else { "off" }.to_owned());
    }
    let flags = [
        (state.selected, "selected"),
        // Where typed text would go. A focused button means nothing on a touch screen.
        (state.focused && state.editable, "focused"),
        (state.disabled, "disabled"),
        (state.password, "password"),
    ];
    words.extend(flags.into_iter().filter(|(set, _)| *set).map(|(_, word)| word.to_owned()));
    words.join(" ")
}

/// Whether the element's line starts with its id.
pub(crate) fn has_number(element: &Element) -> bool {
    match element.role {
        Role::Text | Role::Image | Role::List => {
            let state = &element.state;
            element.is_actionable() || state.clickable || state.long_clickable || state.scrollable || state.editable
        }
        Role::Button
        | Role::Row
        | Role::Switch
        | Role::Checkbox
        | Role::Radio
        | Role::Tab
        | Role::Field
        | Role::Slider => true,
    }
}

/// A step as the compact dialect shows it: `tap "Wi-Fi" -> nothing changed`.
pub(crate) fn history_line(turn: &Turn, limit: usize) -> String {
    let did = match &turn.outcome {
        Outcome::Unreadable(_) => "nothing".to_owned(),
        Outcome::Changed | Outcome::NothingChanged | Outcome::Failed(_) | Outcome::Refused(_) => {
            action_words(turn, limit)
        }
    };
    // Errors carry a hint for the owner on their second line; the first says what happened.
    let reason = |text: &str| flatten(text.lines().next().unwrap_or_default(), 2 * limit);
    match &turn.outcome {
        Outcome::Changed => did,
        Outcome::NothingChanged => format!("{did} -> nothing changed"),
        Outcome::Failed(text) => format!("{did} -> failed: {}", reason(text)),
        Outcome::Refused(text) => format!("{did} -> refused: {}", reason(text)),
        Outcome::Unreadable(text) => format!("{did} -> unreadable reply: {}", reason(text)),
    }
}

fn action_words(turn: &Turn, limit: usize) -> String {
    let mut words = vec![turn.action.name().to_owned()];
    let label = turn.label.as_deref().filter(|label| !label.trim().is_empty()).map(|label| quote(label, limit));
    match &turn.action {
        Action::Tap { .. } | Action::DoubleTap { .. } | Action::LongPress { .. } => words.extend(label),
        Action::Type { text, clear: _, submit, .. } => {
            words.extend(label);
            words.push(quote(text, limit));
            words.extend(submit.then(|| "submit".to_owned()));
        }
        Action::Scroll { direction, .. } | Action::Swipe { direction, .. } => {
            words.push(direction_word(*direction).to_owned());
            words.extend(label);
        }
        Action::OpenApp { name } => words.push(quote(name, limit)),
        Action::Answer { text } => words.push(quote(text, limit)),
        Action::Done { status, .. } => words.push(status_word(*status).to_owned()),
        Action::Back | Action::Home | Action::Enter | Action::Wait => {}
    }
    words.join(" ")
}

pub(crate) fn direction_word(direction: deftly_tools::Direction) -> &'static str {
    match direction {
        deftly_tools::Direction::Up => "up",
        deftly_tools::Direction::Down => "down",
        deftly_tools::Direction::Left => "left",
        deftly_tools::Direction::Right => "right",
    }
}

pub(crate) fn status_word(status: deftly_tools::Status) -> &'static str {
    match status {
        deftly_tools::Status::Complete => "complete",
        deftly_tools::Status::Infeasible => "infeasible",
    }
}
