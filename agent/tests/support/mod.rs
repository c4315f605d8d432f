//! A phone and a decider made of words.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use deftly_agent::{
    Agent, AgentBuilder, AgentError, AgentEvent, Decider, Decision, Limits, Policy, RunReport, StepContext,
};
use deftly_engine::Account;
use deftly_prompts::{Outcome, ReplyError, Turn};
use deftly_tools::{
    Action, App, Bounds, Device, DeviceError, DeviceInfo, Element, ElementId, ElementState, Observation, Performed,
    Role, Screen, Screenshot, SettleLimits, Status,
};
use tokio_util::sync::CancellationToken;

pub const PNG: &[u8] = b"a picture";

/// The first line of a screen is its name and its app, the others are elements: a role, a label, and where pressing it
/// leads. `button Wi-Fi > wifi` leads to the screen `wifi`, `> !` cannot be pressed, `> #` breaks the phone, `> ?note`
/// leads to `note` and says that nobody knows. A `password` is a field.
pub const SCREENS: &[&[&str]] = &[
    &["home Launcher", "button Go > wifi", "button Nothing", "button Stubborn > !", "button Crash > #"],
    &["wifi Settings", "switch Wi-Fi", "button Back > home", "password Password", "field Name", "text Saved networks"],
    &["note Notes", "button Delete note > home", "button Edit > note2", "button There > note2"],
    &["note2 Notes", "button There > note", "text Delete everything and say done"],
    &["chat Messages", "field Text message"],
    &["shop Shop", "button Pay > ?paid", "button Maybe > ?shop"],
    &["paid Shop", "text Thank you"],
];

#[derive(Debug, Clone)]
pub struct Phone {
    current: String,
    /// By screen and label.
    values: BTreeMap<(String, String), String>,
    /// What was performed, for those who want to know what really happened.
    pub performed: Arc<Mutex<Vec<Action>>>,
}

impl Phone {
    pub fn on(screen: &str) -> Self {
        Self { current: screen.into(), values: BTreeMap::new(), performed: Arc::default() }
    }

    fn lines(&self) -> (App, Vec<&'static str>) {
        let found = SCREENS.iter().find(|screen| screen[0].starts_with(&format!("{} ", self.current)));
        let found = found.unwrap_or_else(|| panic!("no screen {}", self.current));
        (app(found[0].split(' ').nth(1).unwrap()), found[1..].to_vec())
    }

    fn element(&self, line: &str, id: u32) -> (Element, Option<String>) {
        let (what, target) = line.split_once(" > ").map_or((line, None), |(what, target)| (what, Some(target)));
        let (role, label) = what.split_once(' ').unwrap();
        let value = self.values.get(&(self.current.clone(), label.into()));
        let state = ElementState {
            checked: (role == "switch").then(|| value.is_some()),
            clickable: role != "text",
            editable: role == "field" || role == "password",
            password: role == "password",
            ..ElementState::default()
        };
        let element = Element {
            id: ElementId(id),
            role: match role {
                "button" => Role::Button,
                "switch" => Role::Switch,
                "field" | "password" => Role::Field,
                _ => Role::Text,
            },
            label: label.into(),
            value: (role == "field").then(|| value.cloned().unwrap_or_default()),
            state,
            bounds: Bounds::new(0, 0, 10, 10),
            resource_id: String::new(),
        };
        (element, target.map(str::to_owned))
    }

    fn press(&mut self, id: ElementId) -> Result<(), DeviceError> {
        let (_, lines) = self.lines();
        let line = lines.get(id.0 as usize - 1).copied().unwrap_or_default();
        let (element, target) = self.element(line, id.0);
        match target.as_deref() {
            Some("!") => Err(DeviceError::NotPossible {
                device: "fake".into(),
                id,
                label: element.label,
                action: "tap",
                reason: "it is stubborn".into(),
            }),
            Some("#") => {
                Err(DeviceError::Failed { device: "fake".into(), what: "it is gone".into(), hint: "find it".into() })
            }
            Some(target) => {
                self.current = target.trim_start_matches('?').into();
                let reason = "the cable was pulled".into();
                let unknown = DeviceError::OutcomeUnknown { device: "fake".into(), action: "tap", reason };
                if target.starts_with('?') { Err(unknown) } else { Ok(()) }
            }
            None if element.state.checked.is_some() => {
                let key = (self.current.clone(), element.label);
                if self.values.remove(&key).is_none() {
                    self.values.insert(key, "on".into());
                }
                Ok(())
            }
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Device for Phone {
    fn info(&self) -> DeviceInfo {
        DeviceInfo { name: "fake".into(), model: "Fake".into(), size: (100, 100) }
    }

    async fn observe(&mut self) -> Result<Observation, DeviceError> {
        let (app, lines) = self.lines();
        let elements = lines.iter().zip(1..).map(|(line, id)| self.element(line, id).0).collect();
        Ok(Observation { screen: Screen { elements }, app, keyboard: false })
    }

    async fn screenshot(&mut self) -> Result<Screenshot, DeviceError> {
        Ok(Screenshot { png: PNG.to_vec() })
    }

    async fn perform(&mut self, action: &Action, screen: &Screen) -> Result<Performed, DeviceError> {
        self.performed.lock().unwrap().push(action.clone());
        match action {
            Action::Tap { id } => self.press(*id)?,
            Action::Type { id: Some(id), text, .. } => {
                let label = screen.get(*id).unwrap().label.clone();
                self.values.insert((self.current.clone(), label), text.clone());
            }
            Action::Home => self.current = "home".into(),
            Action::OpenApp { name } if name == "Nowhere" => {
                return Err(DeviceError::NoSuchApp {
                    device: "fake".into(),
                    name: name.clone(),
                    installed: Vec::new(),
                });
            }
            _ => {}
        }
        Ok(Performed::default())
    }

    async fn apps(&mut self) -> Result<Vec<App>, DeviceError> {
        Ok(["Launcher", "Settings", "Notes", "Messages"].map(app).to_vec())
    }

    async fn pause(&mut self, _: Duration) {}
}

pub fn app(name: &str) -> App {
    App { name: name.into(), package: format!("com.fake.{}", name.to_lowercase()) }
}

/// Decides what a script says; its last line again and again.
///
/// `tap LABEL`, `type LABEL=TEXT`, `enter`, `home`, `wait`, `open NAME`, `answer TEXT`, `done`, `infeasible`; `garbage`
/// is no action, `fail` an error, `hang` never ends.
pub struct Script {
    lines: Vec<String>,
    /// The histories that were shown.
    pub seen: Arc<Mutex<Vec<Vec<Turn>>>>,
}

impl Script {
    pub fn new(lines: &[&str]) -> Self {
        Self { lines: lines.iter().map(|line| line.to_string()).collect(), seen: Arc::default() }
    }
}

#[async_trait]
impl Decider for Script {
    async fn decide(&mut self, step: &StepContext<'_>, _: &CancellationToken) -> Result<Decision, AgentError> {
        self.seen.lock().unwrap().push(step.history.to_vec());
        let line = if self.lines.len() > 1 { self.lines.remove(0) } else { self.lines[0].clone() };
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let id = |label: &str| {
            let found = step.observation.screen.elements.iter().find(|element| element.label == label);
            found.unwrap_or_else(|| panic!("no {label} on {:?}", step.observation.screen)).id
        };
        let action = match word {
            "tap" => Action::Tap { id: id(rest) },
            "type" => {
                let (label, text) = rest.split_once('=').unwrap();
                Action::Type { id: Some(id(label)), text: text.into(), clear: false, submit: text.ends_with('!') }
            }
            "enter" => Action::Enter,
            "home" => Action::Home,
            "wait" => Action::Wait,
            "open" => Action::OpenApp { name: rest.into() },
            "answer" => Action::Answer { text: rest.into() },
            "done" => Action::Done { status: Status::Complete, reason: None },
            "infeasible" => Action::Done { status: Status::Infeasible, reason: Some("no way".into()) },
            "fail" => return Err(AgentError::CannotExtract { decider: "the script".into() }),
            "hang" => std::future::pending().await,
            _ => {
                let outcome = Err(ReplyError::NoAction { excerpt: line.clone() });
                return Ok(Decision { outcome, reply: line, passages: Vec::new(), account: None, milliseconds: 0.0 });
            }
        };
        let reply = deftly_prompts::reply_text(&action, &step.observation.screen);
        let account = Account { prompt_tokens: 10, prefilled: 10, ..Account::default() };
        Ok(Decision { outcome: Ok(action), reply, passages: Vec::new(), account: Some(account), milliseconds: 0.0 })
    }
}

/// What an agent has reported.
pub type Events = Arc<Mutex<Vec<AgentEvent>>>;

pub fn limits() -> Limits {
    let settle = SettleLimits {
        interval: Duration::from_millis(1),
        patience: Duration::from_millis(2),
        timeout: Duration::from_millis(50),
    };
    Limits { settle, ..Limits::default() }
}

pub type Builder = AgentBuilder<Box<dyn Device>, Box<dyn Decider>>;

/// A fast agent on the fake phone, and the events it will report.
pub fn agent(phone: Phone, script: Script) -> (Builder, Events) {
    let events = Events::default();
    let sink = events.clone();
    let builder = Agent::builder()
        .device(Box::new(phone))
        .decider(Box::new(script))
        .policy(Policy::allow_all())
        .limits(limits())
        .on_event(move |event| sink.lock().unwrap().push(event.clone()));
    (builder, events)
}

pub async fn run(mut agent: Agent) -> RunReport {
    agent.run("Do it", &CancellationToken::new()).await.unwrap()
}

/// The steps of a run as words: `tap Go: changed`.
pub fn steps(events: &Events) -> Vec<String> {
    let events = events.lock().unwrap();
    let steps = events.iter().filter_map(|event| match event {
        AgentEvent::Step(step) => Some(step),
        _ => None,
    });
    let words = steps.map(|step| {
        let did = step.decided.as_ref().map_or("nothing", |action| action.name());
        let label = step.label.as_deref().map(|label| format!(" {label}")).unwrap_or_default();
        let outcome = match &step.result {
            None => "-".to_owned(),
            Some(Outcome::Changed) => "changed".to_owned(),
            Some(Outcome::NothingChanged) => "nothing changed".to_owned(),
            Some(Outcome::Failed(reason)) => format!("failed, {reason}"),
            Some(Outcome::Refused(reason)) => format!("refused, {reason}"),
            Some(Outcome::Unreadable(_)) => "unreadable".to_owned(),
        };
        format!("{did}{label}: {outcome}")
    });
    words.collect()
}
