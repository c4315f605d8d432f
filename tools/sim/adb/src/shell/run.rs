//! Runs lines of the shell.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Terminal;
use super::commands::{self, Call};
use super::words::{After, MAX_LINE, Piece, Redirect, Script, Simple, Word};
use crate::faults::CallFaultKind;
use crate::handset::{Handset, Resident};
use crate::transport::Closed;

/// The longest `sleep`.
const MAX_SLEEP: f64 = 600.0;
/// The most that a command may write.
const MAX_OUTPUT: usize = 32 * 1024 * 1024;
/// What the words of a command may be together once their variables are known.
const MAX_EXPANDED: usize = 1024 * 1024;
const MAX_VARIABLES: usize = 256;
/// The port of the resident server if it is not told another one.
const RESIDENT_PORT: u16 = 9008;

/// What a command wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Output {
    pub out: Vec<u8>,
    pub errors: Vec<u8>,
}

impl Output {
    pub fn plain(text: &str) -> Self {
        Self { out: text.as_bytes().to_vec(), errors: Vec::new() }
    }
}

/// How a line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Status(i32),
    /// A fault cut the stream or the connection.
    Cut,
}

/// One shell: its variables, and how its last command ended.
pub(crate) struct Session {
    pub handset: Handset,
    end: CancellationToken,
    variables: BTreeMap<String, String>,
    pub status: i32,
}

/// What became of one command.
enum Step {
    Done(i32, Output),
    /// The resident server runs in the foreground, from this start of it.
    Resident(Resident, Output),
    Sleep(Duration),
    /// The shell is told to end.
    Exit(i32),
    Cut(Output),
}

impl Session {
    pub fn new(handset: Handset, end: CancellationToken) -> Self {
        let variables = [("HOME", "/"), ("PATH", "/system/bin"), ("EXTERNAL_STORAGE", "/sdcard"), ("PWD", "/")];
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { handset, end, variables, status: 0 }
    }

    /// Runs a line and writes what it says.
    pub async fn run(&mut self, line: &str, terminal: &mut Terminal<'_>) -> Result<Ended, Closed> {
        let script = match Script::parse(line) {
            Ok(script) => script,
            Err(error) => {
                let errors = format!("/system/bin/sh: {error}\n").into_bytes();
                terminal.write(&Output { out: Vec::new(), errors }).await?;
                self.status = 1;
                return Ok(Ended::Status(1));
            }
        };
        for item in &script.items {
            let is_due = match item.after {
                After::Always => true,
                After::Success => self.status == 0,
                After::Failure => self.status != 0,
            };
            if !is_due {
                continue;
            }
            let mut input: Option<Vec<u8>> = None;
            for (number, simple) in item.pipeline.iter().enumerate() {
                let is_last = number + 1 == item.pipeline.len();
                let piped = std::mem::take(&mut input);
                match self.simple(simple, piped, item.background, terminal).await? {
                    Step::Done(status, output) => {
                        self.status = status;
                        if is_last {
                            terminal.write(&output).await?;
                        } else {
                            terminal.write(&Output { out: Vec::new(), errors: output.errors }).await?;
                            input = Some(output.out);
                        }
                    }
                    Step::Sleep(time) => {
                        if !item.background {
                            tokio::select! {
                                () = tokio::time::sleep(time) => {}
                                () = terminal.gone() => return Err(Closed),
                            }
                        }
                        self.status = 0;
                    }
                    Step::Resident(resident, output) => {
                        // It lives as long as its shell does.
                        let alive = Foreground { handset: self.handset.clone(), resident };
                        terminal.write(&output).await?;
                        tokio::select! {
                            () = alive.ended() => self.status = 137,
                            () = terminal.gone() => return Err(Closed),
                        }
                    }
                    Step::Exit(status) => return Ok(Ended::Status(status)),
                    Step::Cut(output) => {
                        terminal.write(&output).await?;
                        return Ok(Ended::Cut);
                    }
                }
            }
        }
        Ok(Ended::Status(self.status))
    }

    async fn simple(
        &mut self,
        simple: &Simple,
        piped: Option<Vec<u8>>,
        background: bool,
        terminal: &mut Terminal<'_>,
    ) -> Result<Step, Closed> {
        let mut words: Vec<String> = Vec::new();
        let mut room = MAX_EXPANDED;
        for word in &simple.words {
            words.extend(self.expand(word));
            room = room.saturating_sub(words.last().map_or(0, String::len));
            if room == 0 {
                let errors = b"/system/bin/sh: Argument list too long\n".to_vec();
                return Ok(Step::Done(126, Output { out: Vec::new(), errors }));
            }
        }
        let assigned: Vec<(String, String)> =
            simple.assignments.iter().map(|(name, value)| (name.clone(), self.text(value))).collect();
        // What runs another command is that command here.
        while let [first, _, ..] = words.as_slice()
            && ["nohup", "exec", "toybox", "busybox", "setsid", "command", "env"].contains(&first.as_str())
        {
            words.remove(0);
        }
        let Some(name) = words.first().cloned() else {
            for (name, value) in assigned {
                self.set(name, value);
            }
            return Ok(Step::Done(0, Output::default()));
        };
        let input = match self.redirected_input(simple) {
            Ok(input) => input.or(piped),
            Err(error) => {
                let errors = format!("/system/bin/sh: {error}\n").into_bytes();
                return Ok(Step::Done(1, Output { out: Vec::new(), errors }));
            }
        };
        match name.as_str() {
            "sleep" => {
                let seconds: f64 = words.get(1).and_then(|text| text.parse().ok()).unwrap_or(0.0);
                let seconds = if seconds.is_finite() { seconds.clamp(0.0, MAX_SLEEP) } else { 0.0 };
                return Ok(Step::Sleep(Duration::from_secs_f64(seconds)));
            }
            "app_process" => {
                let class_path = assigned.iter().find(|(name, _)| name == "CLASSPATH").map(|(_, value)| value.clone());
                let class_path = class_path.or_else(|| self.variables.get("CLASSPATH").cloned());
                return Ok(self.start_resident(&words, class_path.as_deref(), background));
            }
            "exit" => {
                let status = words.get(1).and_then(|text| text.parse().ok()).unwrap_or(self.status);
                return Ok(Step::Exit(status));
            }
            "export" => {
                for word in &words[1..] {
                    let (name, value) = word.split_once('=').unwrap_or((word, ""));
                    self.set(name.to_owned(), value.to_owned());
                }
                return Ok(Step::Done(0, Output::default()));
            }
            _ => {}
        }
        let input = match input {
            Some(input) => input,
            None if commands::reads_input(&words) && !background => terminal.read_all().await.ok_or(Closed)?,
            None => Vec::new(),
        };
        Ok(self.call(simple, &name, &words, &input))
    }

    fn call(&mut self, simple: &Simple, name: &str, words: &[String], input: &[u8]) -> Step {
        let mut phone = self.handset.lock();
        let strike = phone.faults.strike(name);
        if strike == Some(CallFaultKind::CutBefore) {
            self.end.cancel();
            return Step::Cut(Output::default());
        }
        phone.begin();
        let mut call = Call { phone: &mut phone, words, input, output: Output::default() };
        let status = commands::run(&mut call);
        let mut output = call.output;
        output.out.truncate(MAX_OUTPUT);
        match strike {
            Some(CallFaultKind::CutAfter) => {
                self.end.cancel();
                return Step::Cut(Output::default());
            }
            Some(CallFaultKind::ShortReply(bytes)) => {
                output.out.truncate(bytes);
                return Step::Cut(output);
            }
            Some(CallFaultKind::ResidentDies) => phone.resident = None,
            Some(CallFaultKind::CutBefore) | None => {}
        }
        for redirect in &simple.redirects {
            let written = match redirect {
                Redirect::Input(_) => Ok(()),
                Redirect::Join { errors: true } => {
                    let errors = std::mem::take(&mut output.errors);
                    output.out.extend(errors);
                    Ok(())
                }
                Redirect::Join { errors: false } => {
                    let out = std::mem::take(&mut output.out);
                    output.errors.extend(out);
                    Ok(())
                }
                Redirect::File { errors, append, target } => {
                    let text = std::mem::take(if *errors { &mut output.errors } else { &mut output.out });
                    let path = self.text(target);
                    super::files::write(&mut phone, &path, text, *append)
                }
            };
            if let Err(error) = written {
                output.errors.extend(format!("/system/bin/sh: {error}\n").into_bytes());
                return Step::Done(1, output);
            }
        }
        Step::Done(status, output)
    }

    fn redirected_input(&self, simple: &Simple) -> Result<Option<Vec<u8>>, String> {
        for redirect in &simple.redirects {
            if let Redirect::Input(source) = redirect {
                let path = self.text(source);
                if path == "/dev/null" {
                    return Ok(Some(Vec::new()));
                }
                let phone = self.handset.lock();
                return match phone.files.read(&path) {
                    Ok(data) => Ok(Some(data.to_vec())),
                    Err(error) => Err(format!("can't open {path}: {error}")),
                };
            }
        }
        Ok(None)
    }

    /// `CLASSPATH=/data/local/tmp/u2.jar app_process / com.wetest.uia2.Main -p 9008`
    fn start_resident(&self, words: &[String], class_path: Option<&str>, background: bool) -> Step {
        let mut phone = self.handset.lock();
        phone.begin();
        let fails = |text: &str| Step::Done(1, Output { out: Vec::new(), errors: format!("{text}\n").into_bytes() });
        let Some(main) = words.iter().skip(1).find(|word| !word.starts_with(['-', '/'])) else {
            return fails("Error: no class name was given");
        };
        let jar = class_path.is_some_and(|path| phone.files.status(path).is_ok_and(|status| status.size > 0));
        if !jar || main != "com.wetest.uia2.Main" {
            return fails(&format!("Error: could not find class '{main}'\njava.lang.ClassNotFoundException: {main}"));
        }
        if phone.faults.no_resident {
            return fails("java.lang.SecurityException: the simulated phone does not allow it (fault no-resident)");
        }
        if phone.resident.is_some() {
            return fails("java.lang.IllegalStateException: UiAutomationService already registered!");
        }
        let port = words.iter().position(|word| word == "-p").and_then(|at| words.get(at + 1)?.parse().ok());
        phone.resident_starts += 1;
        let resident = Resident { port: port.unwrap_or(RESIDENT_PORT), number: phone.resident_starts };
        phone.resident = Some(resident);
        let output = Output::plain("[server] INFO: [UiAutomator2Server] Starting Server\n");
        if background { Step::Done(0, Output::default()) } else { Step::Resident(resident, output) }
    }

    /// A word as its variables have it; one that is not quoted falls into words of its own.
    fn expand(&self, word: &Word) -> Vec<String> {
        match word.as_slice() {
            [Piece::Variable { name, quoted: false }] => {
                self.variable(name).split_whitespace().map(str::to_owned).collect()
            }
            _ => vec![self.text(word)],
        }
    }

    /// Cut off where it becomes longer than any line: a variable may hold itself many times.
    fn text(&self, word: &Word) -> String {
        let mut text = String::new();
        for piece in word {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Variable { name, .. } => text.push_str(&self.variable(name)),
            }
            if text.len() > MAX_LINE {
                let end = (0..=MAX_LINE).rev().find(|&at| text.is_char_boundary(at));
                text.truncate(end.unwrap_or(0));
                break;
            }
        }
        text
    }

    fn set(&mut self, name: String, value: String) {
        if self.variables.len() < MAX_VARIABLES {
            self.variables.insert(name, value);
        }
    }

    fn variable(&self, name: &str) -> String {
        match name {
            "?" => self.status.to_string(),
            "$" => "4711".to_owned(),
            name => self.variables.get(name).cloned().unwrap_or_default(),
        }
    }
}

/// Ends the resident server with the shell that it runs in, however that ends.
struct Foreground {
    handset: Handset,
    resident: Resident,
}

impl Foreground {
    async fn ended(&self) {
        while self.handset.lock().resident == Some(self.resident) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        let mut phone = self.handset.lock();
        if phone.resident == Some(self.resident) {
            phone.resident = None;
        }
    }
}
