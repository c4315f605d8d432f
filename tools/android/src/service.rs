//! The service that stays on the phone: openatx's `u2.jar`, which keeps Android's UiAutomation open and answers
//! JSON-RPC on port 9008. A look takes milliseconds with it; `uiautomator dump` starts a virtual machine for each look
//! and takes two seconds.
//!
//! It is reached through the `uiautomator` crate as far as that goes. What the crate 1.0.2 cannot do is done here:
//!
//! - It speaks to an adb server on port 5037 only, so it cannot install the service where `ANDROID_ADB_SERVER_PORT`
//!   says otherwise. Installing, starting and forwarding are done with adb, and the crate is given the forwarded port.
//! - It makes a failed call three times. A tap that was performed and whose answer was lost would be performed again, so
//!   it is told to try once, and [`Service::act`] decides what may be repeated.
//! - Its `swipe` sends seconds where the service counts steps of 5 ms, so that every swipe is a jump; its `long_click`
//!   and `double_click` call methods that the service does not have, and then an adb server on port 5037. Gestures are
//!   calls by name instead.
//! - It has no call for the tree in this mode, reads answers of any size, and logs every request. The tree and all text
//!   go over [`Wire`].
//! - Its messages are Chinese; [`english`] says what they mean.

use std::time::Duration;

use serde_json::{Value, json};
use uiautomator::{Device as Caller, Error as CallError};

use crate::AndroidError;
use crate::adb::AdbPhone;
use crate::wire::{CallLimits, Wire, refused};

/// The service itself, from the crate that this one is built with.
const JAR: &[u8] = include_bytes!(env!("DEFTLY_U2_JAR"));
/// Where uiautomator2 keeps it too, so that a phone that was used with that needs nothing.
const JAR_ON_PHONE: &str = "/data/local/tmp/u2.jar";
const PORT: u16 = 9008;

/// A virtual machine starts on the phone; on a slow one that takes several seconds.
const START_PATIENCE: Duration = Duration::from_secs(20);
/// How long a phone may be gone. A cable that is moved takes a few seconds, and so does adb's server when it is started.
const ABSENCE: Duration = Duration::from_secs(15);
const PING_PATIENCE: Duration = Duration::from_secs(3);
/// Of an action: a long press takes a second, a back key that nothing answers to another.
const ACTION_PATIENCE: Duration = Duration::from_secs(15);

/// A connection to the service.
pub(crate) struct Service {
    phone: AdbPhone,
    link: Option<Link>,
    /// How often the service had to be started.
    starts: u32,
}

struct Link {
    wire: Wire,
    caller: Caller,
}

impl Service {
    /// Installs and starts the service, as far as need be.
    pub async fn open(phone: AdbPhone) -> Result<Self, AndroidError> {
        let mut service = Self { phone, link: None, starts: 0 };
        service.connect().await?;
        Ok(service)
    }

    /// Whether the service runs, without starting it.
    pub async fn is_running(phone: &AdbPhone) -> Result<bool, AndroidError> {
        let port = phone.forward(PORT).await?;
        Ok(Wire::new(port).ping(PING_PATIENCE).await.is_ok())
    }

    pub fn phone(&self) -> &AdbPhone {
        &self.phone
    }

    /// Asks something that may be asked twice, and asks again if the connection failed.
    pub async fn ask(&mut self, method: &str, parameters: Value, limits: CallLimits) -> Result<Value, AndroidError> {
        if self.link.is_none() {
            self.connect().await?;
        }
        match self.ask_once(method, parameters.clone(), limits).await {
            Err(error) if self.can_mend(&error).await => {
                tracing::info!(error = error.reason(), "asking the phone again");
                self.connect().await?;
                self.ask_once(method, parameters, limits).await
            }
            result => result,
        }
    }

    async fn ask_once(&mut self, method: &str, parameters: Value, limits: CallLimits) -> Result<Value, AndroidError> {
        let Some(link) = &mut self.link else { return Err(gone(method)) };
        link.wire.call(method, parameters, limits).await
    }

    /// What the phone says about itself and the app in front, through the crate.
    pub async fn info(&mut self) -> Result<Value, AndroidError> {
        if self.link.is_none() {
            self.connect().await?;
        }
        match self.call("deviceInfo", json!([])).await {
            Err(error) if self.can_mend(&error).await => {
                self.connect().await?;
                self.call("deviceInfo", json!([])).await
            }
            result => result,
        }
    }

    /// Does something that must not be done twice. The service is known to be there before it is asked, so a failure
    /// after that leaves open whether it was done.
    ///
    /// # Errors
    /// [`AndroidError::OutcomeUnknown`] in that case.
    pub async fn act(&mut self, action: &'static str, method: &str, parameters: Value) -> Result<Value, AndroidError> {
        self.reach().await?;
        self.call(method, parameters).await.map_err(|error| unless_answered(action, error))
    }

    /// Makes sure that the service answers, on this very connection.
    async fn reach(&mut self) -> Result<(), AndroidError> {
        if let Some(link) = &mut self.link
            && link.wire.ping(PING_PATIENCE).await.is_ok()
        {
            return Ok(());
        }
        self.connect().await
    }

    /// One call through the crate.
    async fn call(&mut self, method: &str, parameters: Value) -> Result<Value, AndroidError> {
        let Some(link) = &self.link else { return Err(gone(method)) };
        let call = link.caller.jsonrpc_client().call::<Value>(method, parameters);
        let seconds = ACTION_PATIENCE.as_secs();
        let timed_out = |_| AndroidError::TimedOut { during: method.to_owned(), seconds };
        let answer = tokio::time::timeout(ACTION_PATIENCE, call).await.map_err(timed_out)?;
        answer.map_err(|error| english(method, &error))
    }

    /// Whether a failed call may succeed on a new connection, or with the service started again.
    async fn can_mend(&mut self, error: &AndroidError) -> bool {
        // The service's own connection to Android is broken: only a new one has it again.
        let is_dead = error.reason().contains("UiAutomation not connected") || error.reason().contains("DeadObject");
        if is_dead && let Some(link) = &mut self.link {
            link.wire.stop(PING_PATIENCE).await;
        }
        is_dead || error.is_retryable()
    }

    /// A new way to the service; starts it if it does not run.
    async fn connect(&mut self) -> Result<(), AndroidError> {
        self.link = None;
        self.phone.come_back(ABSENCE).await?;
        let port = self.phone.forward(PORT).await?;
        let mut wire = Wire::new(port);
        if wire.ping(PING_PATIENCE).await.is_err() {
            self.install().await?;
            self.start(&mut wire).await?;
        }
        let url = format!("http://127.0.0.1:{port}/jsonrpc/0");
        let caller = Caller::connect_with_rpc_url(Some(self.phone.serial()), &url)
            .map_err(|error| english("connect", &error))?;
        if let Ok(mut settings) = caller.settings().write() {
            settings.max_retry = 1;
        }
        self.link = Some(Link { wire, caller });
        self.do_not_wait().await
    }

    async fn install(&self) -> Result<(), AndroidError> {
        let sum = self.phone.shell(&["toybox", "md5sum", JAR_ON_PHONE]).await?;
        if sum.contains(&jar_sum()) {
            return Ok(());
        }
        let folder = TemporaryFolder::new()?;
        let local = folder.0.join("u2.jar");
        std::fs::write(&local, JAR).map_err(|error| no_service(&format!("{}: {error}", local.display())))?;
        self.phone.push(&local, JAR_ON_PHONE).await
    }

    async fn start(&mut self, wire: &mut Wire) -> Result<(), AndroidError> {
        self.starts += 1;
        tracing::info!(starts = self.starts, "starting the service on the phone");
        let command = "CLASSPATH=/data/local/tmp/u2.jar nohup app_process / com.wetest.uia2.Main >/dev/null 2>&1 &";
        self.phone.shell_line("start", command).await?;
        let deadline = tokio::time::Instant::now() + START_PATIENCE;
        loop {
            match wire.ping(PING_PATIENCE).await {
                Ok(()) => return Ok(()),
                Err(error) if tokio::time::Instant::now() >= deadline => return Err(no_service(&error.reason())),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Lets the service look at once. It would wait for half a second without any event before each look, and for ten
    /// on a screen that never rests; looks that agree are waited for here.
    async fn do_not_wait(&mut self) -> Result<(), AndroidError> {
        let Some(link) = &mut self.link else { return Err(gone("getConfigurator")) };
        let mut settings = match link.wire.call("getConfigurator", json!([]), CallLimits::SMALL).await {
            Ok(settings) => settings,
            Err(error) if error.is_retryable() => return Err(error),
            // Slower, but it works.
            Err(error) => {
                tracing::warn!(%error, "the phone keeps its waiting times");
                return Ok(());
            }
        };
        if let Some(settings) = settings.as_object_mut() {
            settings.insert("waitForIdleTimeout".to_owned(), json!(0));
            settings.insert("waitForSelectorTimeout".to_owned(), json!(2000));
        }
        link.wire.call("setConfigurator", json!([settings]), CallLimits::SMALL).await.map(|_| ())
    }
}

/// An action's error: what the service answered with, or that nobody knows.
fn unless_answered(action: &'static str, error: AndroidError) -> AndroidError {
    match error {
        AndroidError::Link { sent: true, .. } | AndroidError::TimedOut { .. } | AndroidError::BadAnswer { .. } => {
            AndroidError::OutcomeUnknown { action, reason: error.reason() }
        }
        other => other,
    }
}

/// What the crate's error means.
fn english(method: &str, error: &CallError) -> AndroidError {
    let during = method.to_owned();
    let link =
        |reason: &str, sent: bool| AndroidError::Link { during: method.to_owned(), reason: reason.to_owned(), sent };
    match error {
        CallError::Http(error) if error.is_connect() => link("nothing listens on the forwarded port", false),
        CallError::Http(_) => link("it was closed before the answer", true),
        CallError::HttpTimeout | CallError::Timeout => AndroidError::TimedOut { during, seconds: 60 },
        CallError::UiAutomatorNotConnected => link("there is none", false),
        // "error code -32001: what the service says", in Chinese up to the number.
        CallError::JsonRpc(text) => match text.split_once(": ") {
            Some((code, reason)) if code.ends_with(|c: char| c.is_ascii_digit()) && code.contains('-') => {
                refused(method, reason)
            }
            Some(_) | None => AndroidError::BadAnswer { during, reason: "it is no JSON-RPC".to_owned() },
        },
        // The other variants are of parts of the crate that are not used here, or of answers that are not JSON.
        other => AndroidError::BadAnswer { during, reason: format!("error {} of the client", other.code()) },
    }
}

fn gone(method: &str) -> AndroidError {
    AndroidError::Link { during: method.to_owned(), reason: "there is none".to_owned(), sent: false }
}

fn no_service(reason: &str) -> AndroidError {
    AndroidError::NoService { reason: reason.to_owned() }
}

/// The jar's MD5, by which the phone's own `md5sum` recognises it.
fn jar_sum() -> String {
    use md5::{Digest, Md5};
    Md5::digest(JAR).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where the jar lies while adb reads it; gone afterwards.
struct TemporaryFolder(std::path::PathBuf);

impl TemporaryFolder {
    fn new() -> Result<Self, AndroidError> {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let path = std::env::temp_dir().join(format!("deftly-{}-{}", std::process::id(), now.as_nanos()));
        // Not one that is there already: somebody else could exchange the file.
        std::fs::create_dir(&path).map_err(|error| no_service(&format!("{}: {error}", path.display())))?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::debug!(%error, "a temporary folder stays behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crates_errors_are_translated() {
        let check = |error: CallError, expected: &str, unknown: bool| {
            let error = english("click", &error);
            assert!(error.to_string().contains(expected), "{error}");
            assert!(error.to_string().is_ascii(), "{error}");
            let is_unknown = matches!(unless_answered("tap", error), AndroidError::OutcomeUnknown { .. });
            assert_eq!(is_unknown, unknown, "{expected}");
        };
        check(CallError::JsonRpc("错误码 -32001: no such object".into()), "could not click: no such object", false);
        check(CallError::JsonRpc("错误码 -32001: needs INJECT_EVENTS".into()), "refuses touches", false);
        check(CallError::JsonRpc("HTTP 错误 502: ".into()), "cannot be read", true);
        check(CallError::HttpTimeout, "took longer", true);
        check(CallError::UiAutomatorNotConnected, "there is none", false);
        check(CallError::Internal("锁中毒".into()), "error", true);
    }

    #[test]
    fn the_jar_is_the_one_that_was_read() {
        assert!(JAR.starts_with(b"PK\x03\x04"));
        assert_eq!(jar_sum().len(), 32);
    }
}
