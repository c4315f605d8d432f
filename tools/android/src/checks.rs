//! What `deftly doctor` says of adb and of each phone.

use crate::adb::{Adb, AdbPhone};
use crate::error::state_hint;
use crate::phones::Phone;
use crate::service::Service;
use crate::{AndroidError, lock};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `adb`, or a phone's serial number and what of it.
    pub what: String,
    pub state: State,
    pub found: String,
    /// What to do about it; empty if nothing needs to be done.
    pub hint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Fine,
    /// Only some goals need it, or it will be put right by itself.
    Optional,
    Wrong,
}

impl Finding {
    fn fine(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { what: what.into(), state: State::Fine, found: found.into(), hint: String::new() }
    }

    fn optional(what: impl Into<String>, found: &str, hint: &str) -> Self {
        Self { what: what.into(), state: State::Optional, found: found.to_owned(), hint: hint.to_owned() }
    }

    fn wrong(what: impl Into<String>, error: &AndroidError) -> Self {
        let text = error.to_string();
        let (found, hint) = text.split_once("\nhint: ").unwrap_or((&text, ""));
        Self { what: what.into(), state: State::Wrong, found: found.to_owned(), hint: hint.to_owned() }
    }
}

/// Looks at adb, its server, and each phone that it sees. Nothing is installed or started on a phone; adb's server is.
pub async fn check(adb: &Adb) -> Vec<Finding> {
    let version = match adb.version().await {
        Ok(version) => version,
        Err(error) => return vec![Finding { state: State::Optional, ..Finding::wrong("adb", &error) }],
    };
    let mut findings = vec![Finding::fine("adb", version)];
    let phones = match adb.start_server().await {
        Ok(()) => adb.phones().await,
        Err(error) => Err(error),
    };
    match phones {
        Err(error) => findings.push(Finding::wrong("adb server", &error)),
        Ok(phones) => {
            findings.push(Finding::fine("adb server", format!("{} connected", count(phones.len()))));
            for phone in &phones {
                findings.extend(check_phone(adb, phone).await);
            }
        }
    }
    findings
}

fn count(phones: usize) -> String {
    if phones == 1 { "1 phone".to_owned() } else { format!("{phones} phones") }
}

async fn check_phone(adb: &Adb, phone: &Phone) -> Vec<Finding> {
    let what = |part: &str| format!("{} {part}", phone.serial);
    if !phone.is_ready() {
        let hint = state_hint(&phone.state).to_owned();
        return vec![Finding { what: what("adb"), state: State::Wrong, found: phone.state.clone(), hint }];
    }
    let reached = adb.phone(&phone.serial);
    let mut findings = vec![Finding::fine(what("adb"), format!("authorised, {}", phone.model))];
    findings.extend(check_screen(&reached, &what).await);
    findings.push(check_touches(&reached, what("touches")).await);
    findings.push(match Service::is_running(&reached).await {
        Ok(true) => Finding::fine(what("service"), "runs"),
        Ok(false) => {
            Finding::optional(what("service"), "does not run", "nothing to do: it is started by the first run")
        }
        Err(error) => Finding::wrong(what("service"), &error),
    });
    findings.push(check_input_method(&reached, what("keyboard")).await);
    findings
}

async fn check_screen(phone: &AdbPhone, what: &impl Fn(&str) -> String) -> Vec<Finding> {
    let lock = match lock::look(phone).await {
        Ok(lock) => lock,
        Err(error) => return vec![Finding::wrong(what("screen"), &error)],
    };
    let screen = if lock.awake {
        Finding::fine(what("screen"), "on")
    } else {
        Finding::optional(what("screen"), "off", "nothing to do: a run switches it on")
    };
    let open = match (lock.locked, lock.secure) {
        (false, _) => Finding::fine(what("lock"), "open"),
        (true, false) => Finding::optional(what("lock"), "closed, without a secret", "nothing to do: a run opens it"),
        (true, true) => Finding::wrong(what("lock"), &AndroidError::Locked),
    };
    vec![screen, open]
}

/// Sends a key that means nothing. Where a vendor's switch forbids touches from a computer, it is refused like them.
async fn check_touches(phone: &AdbPhone, what: String) -> Finding {
    match phone.shell(&["input", "keyevent", "KEYCODE_UNKNOWN"]).await {
        Ok(said) if said.contains("INJECT_EVENTS") || said.contains("SecurityException") => {
            Finding::wrong(what, &AndroidError::NoInjection)
        }
        Ok(_) => Finding::fine(what, "allowed"),
        Err(error) => Finding::wrong(what, &error),
    }
}

async fn check_input_method(phone: &AdbPhone, what: String) -> Finding {
    match phone.shell(&["settings", "get", "secure", "default_input_method"]).await {
        Ok(method) if method.contains("AdbKeyboard") => Finding::optional(
            what,
            method.trim(),
            "this is a keyboard for programs: choose your own in the phone's settings if you want to type",
        ),
        Ok(method) => Finding::fine(what, method.trim()),
        Err(error) => Finding::wrong(what, &error),
    }
}
