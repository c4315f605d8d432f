//! What can go wrong with a phone, on purpose.

use std::str::FromStr;

/// How a phone misbehaves. The default is a phone that does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// The owner has not allowed this computer: hosts are asked for a key and never let in.
    pub unauthorized: bool,
    /// The connection is cut once, then again only if this is set again.
    pub cut: Option<Cut>,
    /// What goes wrong with single calls.
    pub calls: Vec<CallFault>,
    /// The vendor's switch against injected touches is on: every tap, swipe, key and text is refused.
    pub no_injection: bool,
    /// The resident server cannot be started.
    pub no_resident: bool,
    /// Fields take text from a keyboard, not through accessibility.
    pub keyboard_only: bool,
    /// Trees are about 3 MB long.
    pub huge_tree: bool,
    /// No two trees are the same.
    pub restless_tree: bool,
}

/// When a connection is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// After so many messages from the host.
    AfterMessages(u64),
    /// When a service is opened whose name begins so: `shell`, `tcp:9008`.
    OnOpen(String),
}

/// What goes wrong with a call: a JSON-RPC method or a shell command by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFault {
    pub call: String,
    pub what: CallFaultKind,
    /// How often; each time counts one down.
    pub times: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallFaultKind {
    /// The connection is cut before the call is done.
    CutBefore,
    /// The call is done, and the connection is cut before the answer.
    CutAfter,
    /// The answer ends after so many bytes, and its stream with it.
    ShortReply(usize),
    /// The resident server dies before the call is done (calls of its own) or after it (shell commands).
    ResidentDies,
}

impl Faults {
    /// The fault that strikes this call, counted down.
    pub(crate) fn strike(&mut self, call: &str) -> Option<CallFaultKind> {
        let index = self.calls.iter().position(|fault| fault.times > 0 && fault.call == call)?;
        let fault = &mut self.calls[index];
        fault.times -= 1;
        let what = fault.what;
        if fault.times == 0 {
            self.calls.remove(index);
        }
        Some(what)
    }

    /// Whether the connection is to be cut now; once.
    pub(crate) fn cuts(&mut self, is_now: impl FnOnce(&Cut) -> bool) -> bool {
        let now = self.cut.as_ref().is_some_and(is_now);
        if now {
            self.cut = None;
        }
        now
    }
}

/// A fault as it is written on a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultName {
    Unauthorized,
    Asleep,
    Locked,
    NoInjection,
    NoResident,
    KeyboardOnly,
    HugeTree,
    RestlessTree,
    /// `cut-after=20`
    CutAfter(u64),
    /// `cut-before-call=click`
    CutBeforeCall(String),
    /// `cut-after-call=click`
    CutAfterCall(String),
    /// `short-reply=dumpWindowHierarchy`
    ShortReply(String),
}

/// A name that no fault has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no fault {0:?}\nhint: {hint}", hint = FaultName::HELP)]
pub struct NoSuchFault(String);

impl FaultName {
    pub const HELP: &'static str = "unauthorized, asleep, locked, no-injection, no-resident, keyboard-only, huge-tree, \
         restless-tree, cut-after=MESSAGES, cut-before-call=NAME, cut-after-call=NAME, short-reply=NAME";
}

impl FromStr for FaultName {
    type Err = NoSuchFault;

    fn from_str(text: &str) -> Result<Self, NoSuchFault> {
        let none = || NoSuchFault(text.to_owned());
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let named = || if value.is_empty() { Err(none()) } else { Ok(value.to_owned()) };
        Ok(match name {
            "cut-after" => Self::CutAfter(value.parse().map_err(|_| none())?),
            "cut-before-call" => Self::CutBeforeCall(named()?),
            "cut-after-call" => Self::CutAfterCall(named()?),
            "short-reply" => Self::ShortReply(named()?),
            _ if text.contains('=') => return Err(none()),
            "unauthorized" => Self::Unauthorized,
            "asleep" => Self::Asleep,
            "locked" => Self::Locked,
            "no-injection" => Self::NoInjection,
            "no-resident" => Self::NoResident,
            "keyboard-only" => Self::KeyboardOnly,
            "huge-tree" => Self::HugeTree,
            "restless-tree" => Self::RestlessTree,
            _ => return Err(none()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<FaultName>) {
        assert_eq!(text.parse::<FaultName>().ok(), expected, "{text}");
    }

    #[test]
    fn faults_have_names() {
        check("asleep", Some(FaultName::Asleep));
        check("cut-after=20", Some(FaultName::CutAfter(20)));
        check("cut-before-call=click", Some(FaultName::CutBeforeCall("click".to_owned())));
        for wrong in ["", "tired", "asleep=1", "cut-after", "cut-after=x", "short-reply="] {
            check(wrong, None);
        }
        let error = "tired".parse::<FaultName>().unwrap_err().to_string();
        assert!(error.contains("\"tired\"\nhint: unauthorized, "), "{error}");
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_says() {
        let fault = CallFault { call: "click".to_owned(), what: CallFaultKind::CutBefore, times: 2 };
        let mut faults = Faults { calls: vec![fault], ..Faults::default() };
        assert_eq!(faults.strike("swipe"), None);
        let strikes: Vec<bool> = (0..3).map(|_| faults.strike("click").is_some()).collect();
        assert_eq!(strikes, [true, true, false]);
    }
}
