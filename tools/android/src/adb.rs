//! The `adb` program: a process for each command, with arguments and never a shell on this computer.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::process::Command;

use crate::AndroidError;
use crate::phones::{self, Phone};
use crate::quote::command_line;

/// The longest that most commands may take. The first one also starts adb's server, which takes a few seconds.
const PATIENCE: Duration = Duration::from_secs(20);
/// A 3 MB file over a bad network.
const PUSH_PATIENCE: Duration = Duration::from_secs(120);
/// The most that a command may print; `dumpsys` prints a few megabytes at worst.
const MAX_OUTPUT: usize = 16 << 20;
const MAX_COMPLAINT: usize = 64 << 10;

/// How adb is run.
#[derive(Debug, Clone)]
pub struct Adb {
    program: PathBuf,
    /// Of adb's server; `None` leaves it to adb, which reads `ANDROID_ADB_SERVER_PORT`.
    server_port: Option<u16>,
}

impl Default for Adb {
    fn default() -> Self {
        Self { program: PathBuf::from("adb"), server_port: None }
    }
}

/// What a command printed, and whether it says that it succeeded.
#[derive(Debug)]
pub(crate) struct Printed {
    pub ok: bool,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Adb {
    /// Another program than the `adb` on the PATH.
    pub fn with_program(self, program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), ..self }
    }

    /// An adb server of one's own on this port.
    pub fn with_server_port(self, port: u16) -> Self {
        Self { server_port: Some(port), ..self }
    }

    /// adb's version; also says whether adb is there at all.
    pub async fn version(&self) -> Result<String, AndroidError> {
        let printed = self.run("version", &[OsStr::new("version")], PATIENCE, MAX_OUTPUT).await?;
        let text = String::from_utf8_lossy(&printed.stdout).into_owned();
        let version = text.lines().find_map(|line| line.strip_prefix("Version ")).or(text.lines().next());
        Ok(version.unwrap_or("unknown").to_owned())
    }

    /// Starts adb's server unless it runs.
    pub async fn start_server(&self) -> Result<(), AndroidError> {
        let printed = self.run("start-server", &[OsStr::new("start-server")], PATIENCE, MAX_OUTPUT).await?;
        if printed.ok { Ok(()) } else { Err(complaint("start-server", &printed)) }
    }

    /// All phones that adb sees, whatever their state.
    pub async fn phones(&self) -> Result<Vec<Phone>, AndroidError> {
        let arguments = ["devices", "-l"].map(OsStr::new);
        let printed = self.run("devices", &arguments, PATIENCE, MAX_OUTPUT).await?;
        if !printed.ok {
            return Err(complaint("devices", &printed));
        }
        Ok(phones::parse(&String::from_utf8_lossy(&printed.stdout)))
    }

    /// Connects a phone in the network.
    pub(crate) async fn connect(&self, address: &str) -> Result<(), AndroidError> {
        let what = format!("connect {address}");
        let printed = self.run(&what, &["connect", address].map(OsStr::new), PATIENCE, MAX_OUTPUT).await?;
        // It exits with 0 whether it could connect or not.
        let text = String::from_utf8_lossy(&printed.stdout);
        if text.contains("connected to") { Ok(()) } else { Err(complaint(&what, &printed)) }
    }

    pub(crate) async fn disconnect(&self, address: &str) -> Result<(), AndroidError> {
        let arguments = ["disconnect", address].map(OsStr::new);
        self.run("disconnect", &arguments, PATIENCE, MAX_OUTPUT).await.map(|_| ())
    }

    pub(crate) fn phone(&self, serial: &str) -> AdbPhone {
        AdbPhone { adb: self.clone(), serial: serial.to_owned() }
    }

    /// Runs adb. `what` names the command in errors; arguments are never shown there, because they may be anything.
    async fn run(
        &self,
        what: &str,
        arguments: &[&OsStr],
        patience: Duration,
        limit: usize,
    ) -> Result<Printed, AndroidError> {
        self.run_with(what, arguments, "", patience, limit).await
    }

    async fn run_with(
        &self,
        what: &str,
        arguments: &[&OsStr],
        input: &str,
        patience: Duration,
        limit: usize,
    ) -> Result<Printed, AndroidError> {
        let mut command = Command::new(&self.program);
        if let Some(port) = self.server_port {
            command.args(["-P", &port.to_string()]);
        }
        let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
        command.args(arguments).stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command
            .spawn()
            .map_err(|source| AndroidError::NoAdb { program: self.program.display().to_string(), source })?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let work = async {
            let ((), stdout, stderr) =
                tokio::try_join!(write(stdin, input), read(stdout, limit), read(stderr, MAX_COMPLAINT))?;
            if stdout.len() > limit {
                return Ok(None);
            }
            Ok(Some((child.wait().await?, stdout, stderr)))
        };
        let failed = |error: std::io::Error| AndroidError::Adb { command: what.to_owned(), reason: error.to_string() };
        let timed_out =
            |_| AndroidError::TimedOut { during: format!("adb {what}"), seconds: patience.as_secs().max(1) };
        let finished = tokio::time::timeout(patience, work).await.map_err(timed_out)?;
        let Some((status, stdout, stderr)) = finished.map_err(failed)? else {
            return Err(AndroidError::TooLarge { during: format!("adb {what}"), limit });
        };
        Ok(Printed { ok: status.success(), stdout, stderr: String::from_utf8_lossy(&stderr).trim().to_owned() })
    }
}

async fn write(stream: Option<impl AsyncWrite + Unpin>, input: &str) -> std::io::Result<()> {
    match stream {
        Some(mut stream) => stream.write_all(input.as_bytes()).await,
        None => Ok(()),
    }
}

/// Reads up to one byte more than `limit`, so that the caller can tell; the writer is not read any further then.
async fn read(stream: Option<impl AsyncRead + Unpin>, limit: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        stream.take(limit as u64 + 1).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// One phone, as adb reaches it.
#[derive(Debug, Clone)]
pub(crate) struct AdbPhone {
    adb: Adb,
    serial: String,
}

impl AdbPhone {
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Runs a command on the phone, each word quoted, and returns what it prints.
    pub async fn shell(&self, words: &[&str]) -> Result<String, AndroidError> {
        let line = command_line(words);
        let printed = self.on_phone(&words[..words.len().min(2)].join(" "), &["shell", &line], MAX_OUTPUT).await?;
        let mut text = String::from_utf8_lossy(&printed.stdout).into_owned();
        // Old phones send both streams in one, so callers look for complaints in either.
        if !printed.ok && !printed.stderr.is_empty() {
            text += &printed.stderr;
        }
        Ok(text)
    }

    /// Runs a command line of our own making on the phone.
    pub async fn shell_line(&self, what: &str, line: &'static str) -> Result<String, AndroidError> {
        let printed = self.on_phone(what, &["shell", line], MAX_OUTPUT).await?;
        Ok(String::from_utf8_lossy(&printed.stdout).into_owned())
    }

    /// Runs a command line on the phone that goes to its shell's input, so that no list of processes on this computer
    /// shows it.
    pub async fn shell_input(&self, what: &str, line: &str) -> Result<String, AndroidError> {
        let arguments = ["-s", &self.serial, "shell"].map(OsStr::new);
        let input = format!("{line}\nexit\n");
        let printed = self.adb.run_with(what, &arguments, &input, PATIENCE, MAX_OUTPUT).await?;
        if printed.ok {
            Ok(String::from_utf8_lossy(&printed.stdout).into_owned())
        } else {
            Err(complaint(what, &printed))
        }
    }

    /// Runs a command on the phone and returns the very bytes that it prints.
    pub async fn exec_out(&self, words: &[&str], limit: usize) -> Result<Vec<u8>, AndroidError> {
        let line = command_line(words);
        Ok(self.on_phone(words.first().unwrap_or(&"exec-out"), &["exec-out", &line], limit).await?.stdout)
    }

    pub async fn push(&self, local: &Path, remote: &str) -> Result<(), AndroidError> {
        let arguments = ["-s".as_ref(), self.serial.as_ref(), "push".as_ref(), local.as_os_str(), remote.as_ref()];
        let printed = self.adb.run("push", &arguments, PUSH_PATIENCE, MAX_OUTPUT).await?;
        if printed.ok { Ok(()) } else { Err(complaint("push", &printed)) }
    }

    /// Forwards a port of this computer to a port of the phone: one that is forwarded there already, else a free one.
    /// It stays for the next run.
    pub async fn forward(&self, port: u16) -> Result<u16, AndroidError> {
        let known = self.on_phone("forward --list", &["forward", "--list"], MAX_OUTPUT).await?;
        let remote = format!("tcp:{port}");
        let listing = String::from_utf8_lossy(&known.stdout).into_owned();
        let forwards = listing.lines().filter_map(|line| line.strip_prefix(&self.serial)?.trim().split_once(' '));
        let there = forwards.into_iter().find(|(_, to)| *to == remote);
        if let Some(port) = there.and_then(|(from, _)| from.strip_prefix("tcp:")?.parse().ok()) {
            return Ok(port);
        }
        let printed = self.on_phone("forward", &["forward", "tcp:0", &format!("tcp:{port}")], MAX_OUTPUT).await?;
        let text = String::from_utf8_lossy(&printed.stdout).trim().to_owned();
        match text.parse() {
            Ok(port) if printed.ok => Ok(port),
            Ok(_) | Err(_) => Err(complaint("forward", &printed)),
        }
    }

    /// Waits until adb reaches the phone again, connecting anew to one in the network.
    ///
    /// # Errors
    /// The state the phone is in when the time is over.
    pub async fn come_back(&self, patience: Duration) -> Result<(), AndroidError> {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let phones = self.adb.phones().await?;
            let found = phones.iter().find(|phone| phone.serial == self.serial);
            let state = found.map(|phone| phone.state.clone());
            match state.as_deref() {
                Some("device") => return Ok(()),
                Some("unauthorized" | "no permissions") => {
                    return Err(AndroidError::NotReady { state: state.unwrap_or_default() });
                }
                Some(_) | None if tokio::time::Instant::now() >= deadline => {
                    return Err(match state {
                        Some(state) => AndroidError::NotReady { state },
                        None => AndroidError::NoSuchPhone {
                            serial: self.serial.clone(),
                            phones: crate::error::Listed(phones),
                        },
                    });
                }
                Some(_) | None => {}
            }
            if phones::is_address(&self.serial) {
                // An entry that is offline has to go before the address can be connected again.
                self.adb.disconnect(&self.serial).await?;
                if let Err(error) = self.adb.connect(&self.serial).await {
                    tracing::debug!(%error, "the phone is not back yet");
                }
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn on_phone(&self, what: &str, arguments: &[&str], limit: usize) -> Result<Printed, AndroidError> {
        let all: Vec<&OsStr> =
            ["-s", &self.serial].into_iter().chain(arguments.iter().copied()).map(OsStr::new).collect();
        let printed = self.adb.run(what, &all, PATIENCE, limit).await?;
        if !printed.ok && is_adbs_own(&printed.stderr) { Err(complaint(what, &printed)) } else { Ok(printed) }
    }
}

/// Whether adb itself failed, as opposed to the command that it ran on the phone.
fn is_adbs_own(stderr: &str) -> bool {
    stderr.lines().any(|line| ["error: ", "adb: ", "adb.exe: ", "* failed"].iter().any(|start| line.starts_with(start)))
}

/// What adb printed when it failed, as an error.
fn complaint(what: &str, printed: &Printed) -> AndroidError {
    let stdout = String::from_utf8_lossy(&printed.stdout);
    let text = if printed.stderr.is_empty() { stdout.trim() } else { &printed.stderr };
    let line =
        text.lines().rfind(|line| !line.starts_with('*') && !line.trim().is_empty()).unwrap_or("it says nothing");
    let reason = line.trim_start_matches("error: ").trim_start_matches("adb: ").chars().take(300).collect::<String>();
    if text.contains("unauthorized") || text.contains("failed to authenticate") {
        return AndroidError::NotReady { state: "unauthorized".to_owned() };
    }
    let is_link = [
        "offline",
        "not found",
        "closed",
        "no devices",
        "protocol fault",
        "Connection re",
        "cannot connect",
        "failed to connect",
    ]
    .iter()
    .any(|sign| reason.contains(sign));
    // A command that adb could not even open on the phone has done nothing there.
    let sent = reason.contains("closed") || reason.contains("protocol fault");
    if is_link {
        AndroidError::Link { during: format!("adb {what}"), reason, sent }
    } else {
        AndroidError::Adb { command: what.to_owned(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adbs_complaints_become_errors() {
        let check = |stderr: &str, expected: &str, retryable: bool| {
            let printed = Printed { ok: false, stdout: Vec::new(), stderr: stderr.to_owned() };
            let error = complaint("shell", &printed);
            assert!(error.to_string().contains(expected), "{stderr}: {error}");
            assert_eq!(error.is_retryable(), retryable, "{stderr}");
        };
        check("error: device 'x' not found", "failed during adb shell: device 'x' not found", true);
        check("error: device offline", "device offline", true);
        check("error: closed", "closed", true);
        check(
            "error: device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set\nTry 'adb kill-server'",
            "the phone is unauthorized",
            false,
        );
        check("adb: error: failed to stat remote object", "adb shell: error: failed to stat", false);
        check("", "it says nothing", false);
    }

    #[tokio::test]
    async fn without_adb_the_error_says_what_to_install() {
        let error = Adb::default().with_program("no-such-adb").version().await.unwrap_err().to_string();
        assert!(error.contains("no-such-adb cannot be started") && error.contains("apt install adb"), "{error}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_adb_prints_is_bounded() {
        let adb = Adb::default().with_program("yes");
        let error = adb.run("x", &[OsStr::new("y")], PATIENCE, 1000).await.unwrap_err();
        assert!(matches!(error, AndroidError::TooLarge { limit: 1000, .. }), "{error}");
        let slow = Adb::default().with_program("sleep");
        let error = slow.run("x", &[OsStr::new("5")], Duration::from_millis(50), 1000).await.unwrap_err();
        assert!(matches!(error, AndroidError::TimedOut { .. }), "{error}");
    }
}
