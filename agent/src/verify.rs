//! What an action did, found out by looking.

use deftly_prompts::Outcome;
use deftly_tools::{Action, App, Element, ElementId, Observation, Role, Screen};

use crate::risk::is_system_dialog;

/// Compares the screens before and after an action with what the action was for.
///
/// Beyond "something changed", these effects are checked: typed text stands in its field, a switch has switched, the
/// app that was to be opened is in front.
pub(crate) fn verify(action: &Action, before: &Observation, after: &Observation, apps: &[App]) -> Outcome {
    let plain = if same_screen(before, after) { Outcome::NothingChanged } else { Outcome::Changed };
    match action {
        Action::Type { id, text, submit, .. } => verify_typed(*id, text, *submit, before, after).unwrap_or(plain),
        Action::Tap { id } => {
            if switch_stayed(*id, before, after) {
                Outcome::NothingChanged
            } else {
                plain
            }
        }
        Action::OpenApp { name } => verify_opened(name, after, apps).unwrap_or(plain),
        Action::DoubleTap { .. }
        | Action::LongPress { .. }
        | Action::Scroll { .. }
        | Action::Swipe { .. }
        | Action::Back
        | Action::Home
        | Action::Enter
        | Action::Wait
        | Action::Answer { .. }
        | Action::Done { .. } => plain,
    }
}

/// Whether a person would say that nothing happened. Bounds do not count: layouts move by a pixel for no reason.
pub(crate) fn same_screen(before: &Observation, after: &Observation) -> bool {
    let same = |(one, other): (&Element, &Element)| {
        one.role == other.role
            && one.label == other.label
            && one.value == other.value
            && one.state == other.state
            && one.resource_id == other.resource_id
    };
    let (one, other) = (&before.screen.elements, &after.screen.elements);
    before.app == after.app
        && before.keyboard == after.keyboard
        && one.len() == other.len()
        && one.iter().zip(other).all(same)
}

/// `Some` if more is known than whether the screen changed: the text is not where it should be.
fn verify_typed(
    id: Option<ElementId>,
    text: &str,
    submit: bool,
    before: &Observation,
    after: &Observation,
) -> Option<Outcome> {
    let field = match id {
        Some(id) => before.screen.get(id)?,
        None => before.screen.elements.iter().find(|element| element.state.focused && element.state.editable)?,
    };
    // A password cannot be read back, and its dots may not be on the screen.
    if field.state.password {
        return Some(Outcome::Changed);
    }
    // What was submitted may be gone from its field.
    if submit || before.app != after.app {
        return None;
    }
    let now = find_again(field, &before.screen, &after.screen)?.value.as_deref()?;
    // Fields format what is typed: numbers get spaces, sentences capitals.
    let key =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let holds = if key(text).is_empty() { now.contains(text.trim()) } else { key(now).contains(&key(text)) };
    (!holds).then(|| Outcome::Failed(format!("the field now holds {now:?}")))
}

/// Whether the pressed element is something that switches, is still there, and is as it was.
fn switch_stayed(id: ElementId, before: &Observation, after: &Observation) -> bool {
    let Some(switch) = before.screen.get(id) else { return false };
    let switches = match switch.role {
        Role::Switch | Role::Checkbox => switch.state.checked.is_some(),
        Role::Button
        | Role::Row
        | Role::Radio
        | Role::Tab
        | Role::Field
        | Role::Slider
        | Role::Image
        | Role::List
        | Role::Text => false,
    };
    switches
        && before.app == after.app
        && find_again(switch, &before.screen, &after.screen)
            .is_some_and(|now| now.state.checked == switch.state.checked)
}

/// `Some` if it is known that another app is in front.
fn verify_opened(name: &str, after: &Observation, apps: &[App]) -> Option<Outcome> {
    let same = |one: &str| one.trim().to_lowercase() == name.trim().to_lowercase();
    // A device may match names more loosely; what it made of another name is its own to know.
    let asked = apps.iter().find(|app| same(&app.name) || same(&app.package))?;
    let front = &after.app;
    let opened = front.package == asked.package || is_system_dialog(front);
    (!opened).then(|| Outcome::Failed(format!("{} is in front", front.name)))
}

/// The same element on a later screen, if there is exactly one that can be it.
fn find_again<'a>(element: &Element, before: &Screen, after: &'a Screen) -> Option<&'a Element> {
    let alike = |other: &&Element| {
        other.role == element.role && other.resource_id == element.resource_id && other.label == element.label
    };
    // A list repeats elements; of equals, the one in the same place counts.
    let place = before.elements.iter().filter(alike).position(|other| other.id == element.id)?;
    let equals = before.elements.iter().filter(alike).count();
    (after.elements.iter().filter(alike).count() == equals).then(|| after.elements.iter().filter(alike).nth(place))?
}

#[cfg(test)]
mod tests {
    use deftly_tools::{Bounds, ElementState};

    use super::*;

    /// `switch on`, `field "text"`, `password`, or a text: each line an element called by its first word.
    fn screen(lines: &[&str]) -> Observation {
        let element = |(line, id): (&&str, u32)| {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let role = match word {
                "switch" => Role::Switch,
                "field" | "password" => Role::Field,
                _ => Role::Text,
            };
            Element {
                id: ElementId(id),
                role,
                label: if role == Role::Text { (*line).into() } else { word.into() },
                value: (word == "field").then(|| rest.into()),
                state: ElementState {
                    checked: (role == Role::Switch).then(|| rest == "on"),
                    editable: role == Role::Field,
                    password: word == "password",
                    ..ElementState::default()
                },
                bounds: Bounds::default(),
                resource_id: String::new(),
            }
        };
        let elements = lines.iter().zip(1..).map(element).collect();
        Observation { screen: Screen { elements }, app: app("Settings"), keyboard: false }
    }

    fn app(name: &str) -> App {
        App { name: name.into(), package: format!("com.{}", name.to_lowercase()) }
    }

    fn check(action: &Action, before: &[&str], after: &[&str], expected: Outcome) {
        assert_eq!(verify(action, &screen(before), &screen(after), &[]), expected, "{action:?} {before:?} {after:?}");
    }

    #[test]
    fn typed_text_is_read_back() {
        let typed =
            |text: &str| Action::Type { id: Some(ElementId(1)), text: text.into(), clear: false, submit: false };
        let failed = |now: &str| Outcome::Failed(format!("the field now holds {now:?}"));
        check(&typed("Bob"), &["field"], &["field Bob"], Outcome::Changed);
        check(&typed("Bob"), &["field Hi"], &["field Hi Bob"], Outcome::Changed);
        check(&typed("5551234"), &["field"], &["field 555-1234"], Outcome::Changed);
        check(&typed("bob"), &["field"], &["field Bo"], failed("Bo"));
        check(&typed("bob"), &["field"], &["field"], failed(""));
        check(&typed("!?"), &["field"], &["field"], failed(""));
        check(&typed("!?"), &["field"], &["field !?"], Outcome::Changed);
        check(&typed("x"), &["password"], &["password"], Outcome::Changed);
        check(&typed("x"), &["field"], &["another screen"], Outcome::Changed);
        let submitted = Action::Type { id: Some(ElementId(1)), text: "Bob".into(), clear: false, submit: true };
        check(&submitted, &["field"], &["field", "Bob"], Outcome::Changed);
    }

    #[test]
    fn switches_must_switch() {
        let tap = Action::Tap { id: ElementId(1) };
        check(&tap, &["switch off"], &["switch on"], Outcome::Changed);
        check(&tap, &["switch off"], &["switch off"], Outcome::NothingChanged);
        check(&tap, &["switch off", "12:00"], &["switch off", "12:01"], Outcome::NothingChanged);
        check(&tap, &["switch off"], &["Are you sure?"], Outcome::Changed);
        check(&tap, &["text"], &["text"], Outcome::NothingChanged);
    }

    #[test]
    fn an_opened_app_must_be_in_front() {
        let open = |name: &str| Action::OpenApp { name: name.into() };
        let apps = [app("Clock"), app("Settings")];
        let check = |name: &str, front: App, expected: Outcome| {
            let before = screen(&["a"]);
            let after = Observation { app: front, ..screen(&["b"]) };
            assert_eq!(verify(&open(name), &before, &after, &apps), expected, "{name}");
        };
        check("clock", app("Clock"), Outcome::Changed);
        check("Clock", app("Settings"), Outcome::Failed("Settings is in front".into()));
        check("Clock", app("permissioncontroller"), Outcome::Changed);
        check("Clok", app("Clock"), Outcome::Changed);
    }
}
