//! Which actions pay, send, delete or grant: known by words, never by what the screen claims to be.
//!
//! The words on the control itself come first: its label, and for buttons its resource id, which apps do not translate.
//! A control that only agrees ("OK") is judged by the texts right above it. Then come rules for apps: the system's
//! permission dialogs, payment apps, and the enter key in a chat. A wrong guess in the careful direction costs a
//! question; the tables lean that way. Text on the screen can make an action risky, it can never make one safe that its
//! own label marks.

mod words;

use std::fmt;

use deftly_tools::{Action, App, Element, Observation, Role, Screen};
use serde::{Deserialize, Serialize};

/// Why an action needs a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Money leaves.
    Paying,
    /// Others see it.
    Sending,
    /// Something is lost.
    Deleting,
    /// An app gets a right, or a place on the phone.
    Granting,
}

impl Risk {
    /// The word for it in sentences: `paying needs a yes`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Paying => "paying",
            Self::Sending => "sending",
            Self::Deleting => "deleting",
            Self::Granting => "granting",
        }
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// A risk, and the words that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) risk: Risk,
    pub(crate) evidence: String,
}

/// How many texts above an "OK" are taken for the question that it answers: a title and a message, each perhaps in two
/// parts.
const DIALOG_TEXTS: usize = 4;

/// Longer labels are content (a mail's subject, a note's first line), not the name of a control.
const LONGEST_NAME: usize = 6;

/// The risk of performing this action on this screen, if it has one.
pub(crate) fn classify(action: &Action, observation: &Observation) -> Option<Finding> {
    let screen = &observation.screen;
    match action {
        Action::Tap { id } | Action::DoubleTap { id } | Action::LongPress { id } => {
            pressing(screen.get(*id)?, observation)
        }
        Action::Type { id, submit: true, .. } => {
            let field = match id {
                Some(id) => screen.get(*id),
                None => focused_field(screen),
            };
            entering(field, observation)
        }
        Action::Enter => entering(focused_field(screen), observation),
        Action::Type { .. }
        | Action::Scroll { .. }
        | Action::Swipe { .. }
        | Action::Back
        | Action::Home
        | Action::OpenApp { .. }
        | Action::Wait
        | Action::Answer { .. }
        | Action::Done { .. } => None,
    }
}

/// Whether this is one of the system's own dialogs, which stand before an app without being one.
pub(crate) fn is_system_dialog(app: &App) -> bool {
    app_has(app, words::GRANTING_APPS)
}

fn pressing(element: &Element, observation: &Observation) -> Option<Finding> {
    if element.state.editable || element.state.disabled {
        return None;
    }
    let name = control_name(element);
    if starts_with_any(&name, words::NEGATIONS) {
        return None;
    }
    if let Some(finding) = named_risk(element, &name) {
        return Some(finding);
    }
    if is_system_dialog(&observation.app) {
        return Some(Finding { risk: Risk::Granting, evidence: observation.app.package.clone() });
    }
    if !words::CONSENT.contains(&name.text.as_str()) {
        return None;
    }
    if let Some(finding) = dialog_risk(element, &observation.screen) {
        return Some(finding);
    }
    app_has(&observation.app, words::PAYING_APPS)
        .then(|| Finding { risk: Risk::Paying, evidence: observation.app.name.clone() })
}

/// What the control's own label or resource id says.
fn named_risk(element: &Element, name: &Words) -> Option<Finding> {
    // Rows and texts are mostly content; as the name of a control they are short.
    let is_control = match element.role {
        Role::Button | Role::Tab => true,
        Role::Row | Role::Text | Role::Image => name.list.len() <= LONGEST_NAME / 2,
        Role::Switch | Role::Checkbox | Role::Radio => true,
        Role::Field | Role::Slider | Role::List => false,
    };
    if is_control
        && name.list.len() <= LONGEST_NAME
        && let Some((risk, phrase)) = phrase_in(name)
    {
        return Some(Finding { risk, evidence: phrase.to_owned() });
    }
    if element.role != Role::Button && element.role != Role::Image {
        return None;
    }
    let id = identifier_words(&element.resource_id);
    phrase_in(&id).map(|(risk, _)| Finding { risk, evidence: element.resource_id.clone() })
}

/// What the texts right above an "OK" ask.
fn dialog_risk(element: &Element, screen: &Screen) -> Option<Finding> {
    let above = screen.elements.iter().rev().skip_while(|other| other.id >= element.id);
    let texts = above.filter(|other| other.role == Role::Text).take(DIALOG_TEXTS);
    texts
        .filter_map(|text| phrase_in(&Words::of(&text.label)))
        .next()
        .map(|(risk, phrase)| Finding { risk, evidence: phrase.to_owned() })
}

/// The enter key sends in a chat: where the app is one or the screen has a control that sends, and the field is no
/// search.
fn entering(field: Option<&Element>, observation: &Observation) -> Option<Finding> {
    let hint = field.map(|field| Words::of(&format!("{} {}", field.label, identifier_words(&field.resource_id).text)));
    if hint.is_some_and(|hint| words::SEARCH_FIELDS.iter().any(|phrase| hint.has(phrase))) {
        return None;
    }
    if app_has(&observation.app, words::CHAT_APPS) {
        return Some(Finding { risk: Risk::Sending, evidence: observation.app.name.clone() });
    }
    let buttons = observation.screen.elements.iter().filter(|element| element.role == Role::Button);
    buttons.filter_map(|button| named_risk(button, &control_name(button))).find(|finding| finding.risk == Risk::Sending)
}

fn focused_field(screen: &Screen) -> Option<&Element> {
    screen.elements.iter().find(|element| element.state.focused && element.state.editable)
}

/// The label's first part: a row's subtitle and what else is joined to it is content.
fn control_name(element: &Element) -> Words {
    let title = match element.role {
        Role::Row => element.label.split(", ").next().unwrap_or_default(),
        Role::Button
        | Role::Switch
        | Role::Checkbox
        | Role::Radio
        | Role::Tab
        | Role::Field
        | Role::Slider
        | Role::Image
        | Role::List
        | Role::Text => element.label.as_str(),
    };
    Words::of(title)
}

fn app_has(app: &App, phrases: &[&str]) -> bool {
    let words = Words::of(&format!("{} {}", app.name, app.package));
    phrases.iter().any(|phrase| words.has(phrase))
}

/// The longest phrase of the tables in these words: `send money` pays, though `send` sends.
fn phrase_in(words: &Words) -> Option<(Risk, &'static str)> {
    let all = words::PHRASES.iter().flat_map(|(risk, phrases)| phrases.iter().map(move |phrase| (*risk, *phrase)));
    all.filter(|(_, phrase)| words.has(phrase)).max_by_key(|(_, phrase)| phrase.len())
}

fn starts_with_any(words: &Words, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| {
        let rest = words.text.strip_prefix(phrase);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' ') || !has_spaces(phrase))
    })
}

/// A text as lower-case words, in a list and joined by single spaces.
#[derive(Debug)]
struct Words {
    list: Vec<String>,
    text: String,
}

impl Words {
    fn of(text: &str) -> Self {
        // An apostrophe is no gap: "don't" is one word, with whichever of its signs.
        let plain: String = text.chars().filter(|c| !matches!(c, '\'' | '’' | '‘' | '`')).collect();
        let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let list: Vec<String> = words.map(str::to_lowercase).collect();
        let text = list.join(" ");
        Self { list, text }
    }

    fn has(&self, phrase: &str) -> bool {
        if !has_spaces(phrase) {
            return self.text.contains(phrase);
        }
        let mut parts = phrase.split(' ');
        let Some(first) = parts.next() else { return false };
        let rest: Vec<&str> = parts.collect();
        let starts = self.list.iter().enumerate().filter(|(_, word)| *word == first);
        starts
            .map(|(at, _)| &self.list[at + 1..])
            .any(|tail| tail.len() >= rest.len() && tail.iter().zip(&rest).all(|(word, wanted)| word == wanted))
    }
}

/// Whether the phrase's script puts spaces between words. Chinese, Japanese and Korean phrases are matched anywhere:
/// the first two have no spaces, the third attaches endings.
fn has_spaces(phrase: &str) -> bool {
    !phrase.chars().any(|c| matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}'))
}

/// The words of a resource id's last part: `com.shop:id/btnPayNow_2` is `btn pay now 2`.
fn identifier_words(resource_id: &str) -> Words {
    let name = resource_id.rsplit(['/', ':']).next().unwrap_or_default();
    let mut spaced = String::with_capacity(name.len() + 8);
    let mut was_lower = false;
    for character in name.chars() {
        if character.is_uppercase() && was_lower {
            spaced.push(' ');
        }
        was_lower = character.is_lowercase();
        spaced.push(character);
    }
    Words::of(&spaced)
}

#[cfg(test)]
mod tests;
