//! Texts that the device gets and nobody else: the goal, the prompt and the trace know them by name, `{{name}}`.

use std::time::Duration;

use async_trait::async_trait;
use deftly_tools::{Action, App, Device, DeviceError, DeviceInfo, Observation, Performed, Screen, Screenshot};

/// A shorter secret is concealed only where it stands alone: a PIN of one digit is part of too many other texts.
const SHORTEST_PART: usize = 4;

/// A secret by its name.
#[derive(Clone)]
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A secret is never printed, not even by accident.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({})", self.name)
    }
}

/// The names in `{{}}` that a text asks for.
pub fn secret_names(text: &str) -> Vec<&str> {
    let parts = text.split("{{").skip(1).filter_map(|part| part.split_once("}}"));
    parts.map(|(name, _)| name).filter(|name| is_secret_name(name)).collect()
}

/// Whether this can be the name of a secret: letters, digits, `_` and `-`.
pub fn is_secret_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// Whether a text is the name of a secret and nothing else.
pub(crate) fn is_placeholder(text: &str) -> bool {
    text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}")).is_some_and(is_secret_name)
}

/// A device between the agent and the phone: secrets are put in on the way to the phone, and out on the way back.
pub(crate) struct SecretDevice {
    inner: Box<dyn Device>,
    /// The longest first, so that a secret within another leaves no rest of it.
    secrets: Vec<Secret>,
    /// The last screen as it was shown, and as the phone showed it: what a field holds already may be a secret.
    last: Option<(Screen, Screen)>,
}

impl SecretDevice {
    pub(crate) fn new(inner: Box<dyn Device>, mut secrets: Vec<Secret>) -> Self {
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.value.len()));
        Self { inner, secrets, last: None }
    }

    fn expand(&self, text: &str) -> String {
        // Piece by piece, so that a secret that looks like a placeholder is not expanded again.
        let (mut rest, mut expanded) = (text, String::new());
        while let Some((before, after)) = rest.split_once("{{") {
            let named = after.split_once("}}");
            let known = named.and_then(|(name, rest)| Some((self.secrets.iter().find(|one| one.name == name)?, rest)));
            match known {
                Some((secret, after)) => {
                    expanded += before;
                    expanded += &secret.value;
                    rest = after;
                }
                None => {
                    expanded += before;
                    expanded += "{{";
                    rest = after;
                }
            }
        }
        expanded + rest
    }

    fn conceal(&self, text: &mut String) {
        for Secret { name, value } in &self.secrets {
            let placeholder = || format!("{{{{{name}}}}}");
            if is_same(text, value) {
                *text = placeholder();
            } else if value.chars().count() >= SHORTEST_PART && text.contains(value.as_str()) {
                *text = text.replace(value.as_str(), &placeholder());
            }
        }
    }

    fn conceal_screen(&self, screen: &mut Screen) {
        for element in &mut screen.elements {
            self.conceal(&mut element.label);
            element.value.iter_mut().for_each(|value| self.conceal(value));
        }
    }
}

/// Whether a text is the secret: fields put spaces and dashes into numbers and make capitals.
fn is_same(text: &str, secret: &str) -> bool {
    let key =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    text == secret || (!key(secret).is_empty() && key(text) == key(secret))
}

#[async_trait]
impl Device for SecretDevice {
    fn info(&self) -> DeviceInfo {
        self.inner.info()
    }

    async fn observe(&mut self) -> Result<Observation, DeviceError> {
        let mut observation = self.inner.observe().await?;
        let shown = observation.screen.clone();
        self.conceal_screen(&mut observation.screen);
        self.last = Some((observation.screen.clone(), shown));
        Ok(observation)
    }

    async fn screenshot(&mut self) -> Result<Screenshot, DeviceError> {
        self.inner.screenshot().await
    }

    async fn perform(&mut self, action: &Action, screen: &Screen) -> Result<Performed, DeviceError> {
        let action = match action {
            Action::Type { id, text, clear, submit } => {
                Action::Type { id: *id, text: self.expand(text), clear: *clear, submit: *submit }
            }
            Action::Tap { .. }
            | Action::DoubleTap { .. }
            | Action::LongPress { .. }
            | Action::Scroll { .. }
            | Action::Swipe { .. }
            | Action::Back
            | Action::Home
            | Action::Enter
            | Action::OpenApp { .. }
            | Action::Wait
            | Action::Answer { .. }
            | Action::Done { .. } => action.clone(),
        };
        let last = self.last.take();
        let real = last.as_ref().filter(|(concealed, _)| concealed == screen).map_or(screen, |(_, shown)| shown);
        let performed = self.inner.perform(&action, real).await;
        self.last = last;
        performed.map_err(|error| match error {
            // Its label is the phone's own, which the agent must not see.
            DeviceError::NotPossible { device, id, mut label, action, reason } => {
                self.conceal(&mut label);
                DeviceError::NotPossible { device, id, label, action, reason }
            }
            other => other,
        })
    }

    async fn apps(&mut self) -> Result<Vec<App>, DeviceError> {
        self.inner.apps().await
    }

    async fn pause(&mut self, duration: Duration) {
        self.inner.pause(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use deftly_tools::{RecordedDevice, RecordedStep};

    use super::*;

    fn device(secrets: &[(&str, &str)]) -> SecretDevice {
        let observation = Observation {
            screen: Screen::default(),
            app: App { name: "A".into(), package: "a".into() },
            keyboard: false,
        };
        let step = RecordedStep { observation, action: None, screenshot: None };
        let mut line = serde_json::to_value(step).unwrap();
        line["type"] = "step".into();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), line.to_string()).unwrap();
        let secrets = secrets.iter().map(|(name, value)| Secret { name: (*name).into(), value: (*value).into() });
        SecretDevice::new(Box::new(RecordedDevice::open(file.path()).unwrap()), secrets.collect())
    }

    #[test]
    fn secrets_go_to_the_phone_only() {
        let device = device(&[("pin", "1234"), ("word", "hunter2"), ("trick", "{{word}}"), ("one", "7")]);
        let expand = |text: &str, expected: &str| assert_eq!(device.expand(text), expected);
        expand("{{word}}", "hunter2");
        expand("a {{pin}} b {{word}}!", "a 1234 b hunter2!");
        expand("{{trick}}", "{{word}}");
        expand("{{unknown}} {{ {{pin}}", "{{unknown}} {{ 1234");
        expand("{{", "{{");
        let conceal = |text: &str, expected: &str| {
            let mut text = text.to_owned();
            device.conceal(&mut text);
            assert_eq!(text, expected);
        };
        conceal("hunter2", "{{word}}");
        conceal("Password: hunter2.", "Password: {{word}}.");
        conceal("HUNTER 2", "{{word}}");
        conceal("12-34", "{{pin}}");
        conceal("7", "{{one}}");
        conceal("17 of 77", "17 of 77");
    }

    #[test]
    fn goals_name_secrets() {
        assert_eq!(secret_names("Log in as {{user}} with {{pass-word}}, {{not this}} {{x"), ["user", "pass-word"]);
        assert!(is_placeholder("{{a}}") && !is_placeholder("{{a}} ") && !is_placeholder("{{}}"));
        let secret = Secret { name: "pin".into(), value: "1234".into() };
        assert_eq!(format!("{secret:?}"), "Secret(pin)");
    }
}
