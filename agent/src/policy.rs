//! The host's rules. They hold whatever the model wants and whatever the screen says.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use deftly_tools::{Action, App, Observation};
use serde::{Deserialize, Serialize};

use crate::risk::{Risk, classify, is_system_dialog};

/// What the agent may do. The default performs everything but what needs a yes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policy {
    /// What happens to actions that pay, send, delete or grant.
    pub confirm: Confirm,
    /// The only apps in which the agent acts, by name or package; all if absent. In any other app it can only leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_apps: Option<Vec<String>>,
    /// Choose the first action, show it, and stop without performing it. There is no second one: what the phone would
    /// have shown next is not known.
    #[serde(default)]
    pub dry_run: bool,
}

impl Policy {
    /// Everything is performed. For simulated phones.
    pub fn allow_all() -> Self {
        Self { confirm: Confirm::Allow, ..Self::default() }
    }
}

/// What happens to actions that need a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirm {
    /// The [`Confirmer`] is asked. Without one the answer is no.
    Ask,
    #[default]
    Deny,
    Allow,
}

impl Confirm {
    pub const ALL: [Self; 3] = [Self::Ask, Self::Deny, Self::Allow];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Deny => "deny",
            Self::Allow => "allow",
        }
    }
}

impl fmt::Display for Confirm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// No such way to confirm.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("actions cannot be confirmed by {name:?}\nhint: use ask, deny or allow")]
pub struct UnknownConfirm {
    pub name: String,
}

impl FromStr for Confirm {
    type Err = UnknownConfirm;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|one| one.name() == name);
        found.ok_or_else(|| UnknownConfirm { name: name.to_owned() })
    }
}

/// Who is asked for a yes.
#[async_trait]
pub trait Confirmer: Send {
    /// Asks, and waits for the answer as long as it takes: the run's time budget and its cancellation go on meanwhile.
    async fn confirm(&mut self, question: &Question) -> Consent;
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    Yes,
    No,
}

/// What the owner is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub risk: Risk,
    pub action: Action,
    /// What the action's element is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The app in front.
    pub app: String,
    /// The words, resource id or app that show the risk.
    pub evidence: String,
}

impl fmt::Display for Question {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.action.name())?;
        if let Some(label) = &self.label {
            write!(formatter, " {label:?}")?;
        }
        if let Action::Type { text, .. } = &self.action {
            write!(formatter, " {text:?}")?;
        }
        write!(formatter, " in {:?} looks like {} ({:?})", self.app, self.risk, self.evidence)
    }
}

/// What the policy says to an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    Ask(Question),
    /// With the reason, for the decider and the owner.
    Refused(String),
}

impl Policy {
    pub(crate) fn check(&self, action: &Action, observation: &Observation, apps: &[App]) -> Verdict {
        if let Some(reason) = self.outside_allowed_apps(action, &observation.app, apps) {
            return Verdict::Refused(reason);
        }
        let Some(finding) = classify(action, observation) else { return Verdict::Allowed };
        match self.confirm {
            Confirm::Allow => Verdict::Allowed,
            Confirm::Deny => {
                Verdict::Refused(format!("{} needs the owner's yes, which nobody gives here", finding.risk))
            }
            Confirm::Ask => Verdict::Ask(Question {
                risk: finding.risk,
                action: action.clone(),
                label: element_label(action, observation),
                app: observation.app.name.clone(),
                evidence: finding.evidence,
            }),
        }
    }

    fn outside_allowed_apps(&self, action: &Action, front: &App, apps: &[App]) -> Option<String> {
        let allowed = self.allowed_apps.as_deref()?;
        let is_allowed = |app: &App| allowed.iter().any(|name| same(name, &app.name) || same(name, &app.package));
        match action {
            Action::Back | Action::Home | Action::Wait | Action::Answer { .. } | Action::Done { .. } => None,
            Action::OpenApp { name } => {
                let known = apps.iter().find(|app| same(name, &app.name) || same(name, &app.package));
                // A device may match a name loosely, so a name that it does not list is not allowed either.
                let allowed = known.is_some_and(is_allowed);
                (!allowed).then(|| format!("the app {name} is not among the allowed ones"))
            }
            Action::Tap { .. }
            | Action::DoubleTap { .. }
            | Action::LongPress { .. }
            | Action::Type { .. }
            | Action::Scroll { .. }
            | Action::Swipe { .. }
            | Action::Enter => {
                let allowed = is_allowed(front) || is_system_dialog(front);
                (!allowed)
                    .then(|| format!("the app {} is not among the allowed ones; leave it with open_app", front.name))
            }
        }
    }
}

/// What the action's element is called on this screen.
pub(crate) fn element_label(action: &Action, observation: &Observation) -> Option<String> {
    let element = observation.screen.get(action.target()?)?;
    (!element.label.trim().is_empty()).then(|| deftly_prompts::shown_label(element))
}

fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use deftly_tools::{Direction, ElementId, Screen, Status};

    use super::*;

    #[test]
    fn other_apps_can_only_be_left() {
        let app = |name: &str| App { name: name.into(), package: format!("com.{}", name.to_lowercase()) };
        let apps = [app("Clock"), app("Shop")];
        let policy = Policy { allowed_apps: Some(vec!["clock".into()]), ..Policy::allow_all() };
        let check = |front: &str, action: Action, allowed: bool| {
            let observation = Observation { screen: Screen::default(), app: app(front), keyboard: false };
            let verdict = policy.check(&action, &observation, &apps);
            assert_eq!(verdict == Verdict::Allowed, allowed, "{front} {action:?} {verdict:?}");
        };
        let tap = Action::Tap { id: ElementId(1) };
        let scroll = Action::Scroll { direction: Direction::Down, id: None };
        check("Clock", tap.clone(), true);
        check("Shop", tap, false);
        check("Shop", scroll, false);
        check("Shop", Action::Back, true);
        check("Shop", Action::Home, true);
        check("Shop", Action::Done { status: Status::Infeasible, reason: None }, true);
        check("Shop", Action::OpenApp { name: "Clock".into() }, true);
        check("Clock", Action::OpenApp { name: "com.shop".into() }, false);
        check("Clock", Action::OpenApp { name: "Clo".into() }, false);
    }

    #[test]
    fn ways_to_confirm_have_names() {
        for confirm in Confirm::ALL {
            assert_eq!(confirm.to_string().parse(), Ok(confirm));
        }
        assert!("maybe".parse::<Confirm>().unwrap_err().to_string().contains("hint:"));
    }
}
