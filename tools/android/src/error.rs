//! What can go wrong between this computer and a phone.

use deftly_tools::DeviceError;

use crate::phones::Phone;

/// A phone could not be found, reached or used. The last line of the message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AndroidError {
    #[error(
        "{program} cannot be started: {source}\nhint: install Android's platform tools (Debian and Ubuntu: apt install adb; macOS: brew install android-platform-tools)"
    )]
    NoAdb { program: String, source: std::io::Error },

    #[error(
        "no phone is connected{seen}\nhint: plug one in, switch on USB debugging in its developer options and allow this computer; or name one in the network: --device android:192.168.1.20:5555"
    )]
    NoPhone { seen: Listed },

    #[error("several phones are connected{phones}\nhint: say which: --device android:{first}", first = phones.first())]
    SeveralPhones { phones: Listed },

    #[error(
        "no phone is called {serial}{phones}\nhint: check the cable, or choose one that `deftly device list` shows"
    )]
    NoSuchPhone { serial: String, phones: Listed },

    #[error("{serial:?} cannot be a phone's serial number\nhint: take one that `deftly device list` shows")]
    BadSerial { serial: String },

    #[error("the phone is {state}\nhint: {}", state_hint(state))]
    NotReady { state: String },

    #[error(
        "the phone is locked, and only its owner can unlock it\nhint: unlock it by hand, and keep it awake with \"Stay awake\" in the developer options"
    )]
    Locked,

    #[error(
        "the phone's screen stays dark\nhint: press its power button; a phone that is covered or in a pocket refuses to wake up"
    )]
    Asleep,

    #[error(
        "the phone has {count} displays that are on\nhint: deftly drives phones with one display; unplug the other, or end the program that made it"
    )]
    SeveralDisplays { count: usize },

    #[error(
        "the phone refuses touches from a computer\nhint: switch on \"USB debugging (Security settings)\" in the developer options (Xiaomi, Redmi, POCO), or \"Disable permission monitoring\" (OPPO, OnePlus, realme), and start the phone again"
    )]
    NoInjection,

    /// adb said no.
    #[error("adb {command}: {reason}\nhint: run `deftly doctor`, or the same adb command by hand")]
    Adb { command: String, reason: String },

    /// The connection failed, or the phone did not answer. `sent` is false only if the phone cannot have been reached.
    #[error(
        "the connection to the phone failed during {during}: {reason}\nhint: check the cable or the network, then run `deftly doctor`"
    )]
    Link { during: String, reason: String, sent: bool },

    #[error("{during} took longer than {seconds} s\nhint: check that the phone is not frozen; start it again if it is")]
    TimedOut { during: String, seconds: u64 },

    #[error(
        "the phone's answer to {during} is larger than {limit} bytes\nhint: leave the page that is shown; no page that a person reads is so large"
    )]
    TooLarge { during: String, limit: usize },

    #[error("the phone's answer to {during} cannot be read: {reason}\nhint: run `deftly doctor`")]
    BadAnswer { during: String, reason: String },

    /// The service on the phone answered with an error of its own.
    #[error("the phone could not {during}: {reason}\nhint: try again; if it stays so, start the phone again")]
    Refused { during: String, reason: String },

    #[error(
        "the service on the phone does not start: {reason}\nhint: end other programs that automate the phone (uiautomator2, Appium), or start the phone again"
    )]
    NoService { reason: String },

    #[error(
        "no text field has the focus\nhint: tap a field first, or name it by its id; a field that vanishes when it is tapped takes no text"
    )]
    NoFocus,

    #[error("the field did not take the text\nhint: this app refuses text from outside; type it by hand")]
    NotTyped,

    /// What was asked for may have been done.
    #[error("nobody knows whether the {action} was performed: {reason}\nhint: look at the phone before doing it again")]
    OutcomeUnknown { action: &'static str, reason: String },
}

impl AndroidError {
    /// Whether the same call may succeed when it is made again, unchanged. An action of which nobody knows whether it
    /// was performed is not: it might be performed twice.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Link { .. } | Self::TimedOut { .. } | Self::BadAnswer { .. } => true,
            Self::NotReady { state } => state == "offline",
            Self::NoAdb { .. }
            | Self::NoPhone { .. }
            | Self::SeveralPhones { .. }
            | Self::NoSuchPhone { .. }
            | Self::BadSerial { .. }
            | Self::Locked
            | Self::Asleep
            | Self::SeveralDisplays { .. }
            | Self::NoInjection
            | Self::Adb { .. }
            | Self::TooLarge { .. }
            | Self::Refused { .. }
            | Self::NoService { .. }
            | Self::NoFocus
            | Self::NotTyped
            | Self::OutcomeUnknown { .. } => false,
        }
    }

    /// As a device reports it.
    pub fn on(self, device: &str) -> DeviceError {
        match self {
            Self::OutcomeUnknown { action, reason } => {
                DeviceError::OutcomeUnknown { device: device.to_owned(), action, reason }
            }
            other => {
                let text = other.to_string();
                let (what, hint) = text.split_once("\nhint: ").unwrap_or((&text, "run `deftly doctor`"));
                DeviceError::Failed { device: device.to_owned(), what: what.to_owned(), hint: hint.to_owned() }
            }
        }
    }

    /// What happened, without the hint.
    pub(crate) fn reason(&self) -> String {
        let text = self.to_string();
        text.lines().next().unwrap_or_default().to_owned()
    }
}

/// Phones in an error: a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed(pub Vec<Phone>);

impl Listed {
    fn first(&self) -> &str {
        self.0.first().map_or("SERIAL", |phone| phone.serial.as_str())
    }
}

impl std::fmt::Display for Listed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|phone| write!(f, "\n  {phone}"))
    }
}

/// What to do about a phone that adb sees in this state.
pub(crate) fn state_hint(state: &str) -> &'static str {
    match state {
        "unauthorized" | "authorizing" => {
            "unlock the phone and answer \"Allow USB debugging?\" with yes; if nothing asks, unplug it and plug it in again"
        }
        "offline" | "connecting" => "unplug the phone and plug it in again, or run `adb reconnect offline`",
        "no permissions" => {
            "this user may not open the USB device: install the udev rules (Debian: apt install android-sdk-platform-tools-common) and plug the phone in again"
        }
        "recovery" | "sideload" | "bootloader" => "start the phone normally",
        _ => "unplug the phone, plug it in again, and look at its screen",
    }
}
