//! Text into the field that has the focus.
//!
//! It goes to the field through accessibility, in the body of a request: any language, no keyboard, and nothing of it in
//! the arguments of a process. Where a field takes no text that way, uiautomator2's input method types it if it is
//! installed; the phone's own is chosen again afterwards. Passwords never go that way.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use uiautomator::Selector;

use crate::AndroidError;
use crate::adb::AdbPhone;
use crate::service::Service;
use crate::wire::CallLimits;

/// As uiautomator2 installs it.
const INPUT_METHOD: &str = "com.github.uiautomator/.AdbKeyboard";
/// How long a field may take to get the focus that a tap gives it.
const FOCUS_MS: u32 = 2000;

/// What is to stand in a field.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// What the field holds; empty if it is to be cleared, or if nobody can know, as with passwords.
    pub before: &'a str,
    pub text: &'a str,
    /// What is in the field cannot be read back.
    pub hidden: bool,
}

/// Puts the text into the focused field. Doing it twice leaves the same text there as doing it once.
pub(crate) async fn enter(service: &mut Service, wanted: &Wanted<'_>) -> Result<(), AndroidError> {
    let focused = Selector::new().focused(true).to_params();
    let there = service.ask("waitForExists", json!([focused, FOCUS_MS]), CallLimits::SMALL).await?;
    if there != Value::Bool(true) {
        return Err(AndroidError::NoFocus);
    }
    let whole = format!("{}{}", wanted.before, wanted.text);
    let answer = match service.ask("setText", json!([focused, whole]), CallLimits::SMALL).await {
        Ok(answer) => answer != Value::Bool(false),
        Err(AndroidError::Refused { reason, .. }) => {
            tracing::debug!(reason, "the field takes no text through accessibility");
            false
        }
        Err(error) => return Err(error),
    };
    // The service says yes whatever the app did, so what can be read is read.
    if answer && (wanted.hidden || shows(service, &focused, &whole).await?) {
        return Ok(());
    }
    // The input method hears its text through a command's arguments, which the phone's process list shows.
    if wanted.hidden {
        return Err(AndroidError::NotTyped);
    }
    match by_input_method(service.phone(), &whole).await {
        // Without that input method there is nothing else to try; the agent sees what the field holds.
        Err(AndroidError::NotTyped) if answer => Ok(()),
        Ok(()) if !shows(service, &focused, &whole).await? => Err(AndroidError::NotTyped),
        result => result,
    }
}

/// Whether the field shows the text, in a moment: a screen is late by some hundred milliseconds, and a look in between
/// would find the old text in a field that has the focus.
async fn shows(service: &mut Service, focused: &Value, whole: &str) -> Result<bool, AndroidError> {
    const READS: u32 = 10;
    let mut last = None;
    for read in 1..=READS {
        match service.ask("getText", json!([focused]), CallLimits::SMALL).await {
            Ok(text) => last = text.as_str().map(str::to_owned),
            // The field may be gone already: some search as soon as there is text.
            Err(AndroidError::Refused { .. }) => return Ok(true),
            Err(error) => return Err(error),
        }
        if last.as_deref().is_none_or(|shown| key(shown).contains(&key(whole))) {
            return Ok(true);
        }
        if read < READS {
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
    }
    Ok(!ignored(last.as_deref().unwrap_or_default(), whole))
}

/// Whether the field shows nothing of the text. Fields format what is typed, cut it to a length and replace it, and the
/// agent looks at that; here only a field that ignored it is to be found.
fn ignored(shown: &str, whole: &str) -> bool {
    let (shown, whole) = (key(shown), key(whole));
    !whole.is_empty() && !shown.chars().any(|letter| whole.contains(letter))
}

fn key(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Types through uiautomator2's input method, and chooses the one from before again.
///
/// # Errors
/// [`AndroidError::NotTyped`] if it is not installed.
pub(crate) async fn by_input_method(phone: &AdbPhone, whole: &str) -> Result<(), AndroidError> {
    let installed = phone.shell(&["ime", "list", "-s", "-a"]).await?;
    if !installed.lines().any(|line| line.trim() == INPUT_METHOD) {
        return Err(AndroidError::NotTyped);
    }
    let before = phone.shell(&["settings", "get", "secure", "default_input_method"]).await?;
    phone.shell(&["ime", "enable", INPUT_METHOD]).await?;
    phone.shell(&["ime", "set", INPUT_METHOD]).await?;
    let typed = broadcast(phone, whole).await;
    // Whether it worked or not, the owner gets their keyboard back.
    let before = before.trim();
    if !before.is_empty() && before != "null" {
        phone.shell(&["ime", "set", before]).await?;
    }
    typed
}

async fn broadcast(phone: &AdbPhone, whole: &str) -> Result<(), AndroidError> {
    phone.shell(&["am", "broadcast", "-a", "ADB_KEYBOARD_CLEAR_TEXT"]).await?;
    // Base64 has no letter that a shell knows.
    let line = format!("am broadcast -a ADB_KEYBOARD_INPUT_TEXT --es text {}", STANDARD.encode(whole));
    let answer = phone.shell_input("am broadcast", &line).await?;
    // The code with which uiautomator2's input method says that it did.
    if answer.contains("result=-1") { Ok(()) } else { Err(AndroidError::NotTyped) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_field_that_ignored_the_text_is_found() {
        let check = |shown: &str, whole: &str, expected: bool| {
            assert_eq!(ignored(shown, whole), expected, "{shown:?} {whole}");
        };
        check("Bob", "Bob", false);
        check("555-12", "55512", false);
        check("BOB", "bob", false);
        check("", "bob", true);
        check("Search", "bk", true);
        check("", "", false);
        check("…", "💡", false);
    }
}
