//! The trace of a run: a file of JSON lines, one whole step a line.
//!
//! The lines are the [`AgentEvent`]s `start`, `step` and `finish`. Each is written with one call and nothing is buffered
//! here, so a run that is killed loses at most the step it was in, and leaves at most half a line.
//! `deftly_tools::RecordedDevice` replays the steps.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use deftly_prompts::{Outcome, Turn};
use deftly_tools::Screenshot;

use crate::event::TRACE_VERSION;
use crate::{AgentError, AgentEvent, RunOutcome, RunStart, StepRecord};

/// The most of a trace that is read. A step on a full screen is about 20 kB, so this is thousands of steps.
const MAX_BYTES: u64 = 256 << 20;

/// Where traces go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceOptions {
    pub target: TraceTarget,
    /// Whether to put a picture of every screen beside the trace.
    pub screenshots: bool,
}

/// A folder, or one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceTarget {
    /// Every run gets a new file in this folder, which is created if need be: `run-1763846400123.jsonl`, named by the
    /// milliseconds since 1970.
    Folder(PathBuf),
    /// Each run overwrites this file.
    File(PathBuf),
}

impl TraceOptions {
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self { target: TraceTarget::Folder(path.into()), screenshots: false }
    }

    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { target: TraceTarget::File(path.into()), screenshots: false }
    }

    pub fn with_screenshots(self, screenshots: bool) -> Self {
        Self { screenshots, ..self }
    }
}

/// An open trace.
#[derive(Debug)]
pub(crate) struct TraceWriter {
    file: File,
    path: PathBuf,
}

impl TraceWriter {
    pub(crate) fn create(target: &TraceTarget) -> Result<Self, AgentError> {
        match target {
            TraceTarget::File(path) => {
                let file = File::create(path).map_err(|error| failed(path, "create it", error))?;
                Ok(Self { file, path: path.clone() })
            }
            TraceTarget::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(|error| failed(folder, "create its folder", error))?;
                Self::create_in(folder)
            }
        }
    }

    fn create_in(folder: &Path) -> Result<Self, AgentError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let mut number = 0;
        loop {
            // Runs that start in the same millisecond get a number.
            let suffix = if number == 0 { String::new() } else { format!("-{number}") };
            let path = folder.join(format!("run-{now}{suffix}.jsonl"));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { file, path }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && number < 1000 => number += 1,
                Err(error) => return Err(failed(&path, "create it", error)),
            }
        }
    }

    /// Continues a trace behind its first `length` bytes; what follows them is half a line.
    fn append(path: &Path, length: u64) -> Result<Self, AgentError> {
        let open = || -> std::io::Result<File> {
            let file = OpenOptions::new().append(true).open(path)?;
            file.set_len(length)?;
            Ok(file)
        };
        let file = open().map_err(|error| failed(path, "continue it", error))?;
        Ok(Self { file, path: path.to_path_buf() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn write(&mut self, event: &AgentEvent) -> Result<(), AgentError> {
        let mut line = serde_json::to_vec(event).map_err(|error| failed(&self.path, "write to it", error.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(|error| failed(&self.path, "write to it", error))
    }

    /// Saves a picture beside the trace and returns its name.
    pub(crate) fn screenshot(&self, step: usize, screenshot: &Screenshot) -> Result<String, AgentError> {
        let stem = self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = format!("{stem}-{step:03}.png");
        let path = self.path.with_file_name(&name);
        std::fs::write(&path, &screenshot.png).map_err(|error| failed(&path, "save the screenshot", error))?;
        Ok(name)
    }
}

fn failed(path: &Path, action: &'static str, source: std::io::Error) -> AgentError {
    AgentError::Trace { path: path.to_path_buf(), action, source }
}

/// A trace that was read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    pub path: PathBuf,
    pub start: RunStart,
    pub steps: Vec<StepRecord>,
    /// How the run ended; `None` if it was cut off.
    pub outcome: Option<RunOutcome>,
    /// Bytes of whole lines.
    length: u64,
}

impl Trace {
    /// Reads a trace. Half a line at its end, left by a run that was killed, is skipped.
    ///
    /// # Errors
    /// A file that cannot be read, is larger than 256 MB, or is no trace of this version.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, AgentError> {
        let path = path.as_ref();
        let bad = |line, reason: String| AgentError::BadTrace { path: path.to_path_buf(), line, reason };
        let unreadable = |error| failed(path, "read it", error);
        let mut reader = BufReader::new(File::open(path).map_err(unreadable)?.take(MAX_BYTES + 1));
        let (mut start, mut steps, mut outcome, mut length) = (None, Vec::new(), None, 0);
        let mut bytes = Vec::new();
        for line in 1.. {
            bytes.clear();
            let count = reader.read_until(b'\n', &mut bytes).map_err(unreadable)?;
            if length + count as u64 > MAX_BYTES {
                return Err(bad(line, format!("it is larger than {MAX_BYTES} bytes, which no run is")));
            }
            if !bytes.ends_with(b"\n") {
                break;
            }
            length += count as u64;
            match serde_json::from_slice(&bytes).map_err(|error| bad(line, error.to_string()))? {
                AgentEvent::Start(found) if found.version == TRACE_VERSION => start = Some(*found),
                AgentEvent::Start(found) => {
                    return Err(bad(line, format!("found version {}, expected {TRACE_VERSION}", found.version)));
                }
                AgentEvent::Step(step) => steps.push(*step),
                AgentEvent::Finish(report) => outcome = Some(report.outcome),
                AgentEvent::Observed { .. }
                | AgentEvent::Decided { .. }
                | AgentEvent::ConfirmAsked { .. }
                | AgentEvent::Refused { .. }
                | AgentEvent::Performed { .. }
                | AgentEvent::Verified { .. } => {}
            }
        }
        let start = start.ok_or_else(|| bad(1, "it does not begin with a line of type \"start\"".into()))?;
        Ok(Self { path: path.to_path_buf(), start, steps, outcome, length })
    }

    /// The history that a decider would see next.
    pub fn history(&self) -> Vec<Turn> {
        self.steps.iter().filter_map(turn).collect()
    }

    /// How many decisions were made.
    pub(crate) fn decisions(&self) -> usize {
        self.steps.iter().filter(|step| step.decided.is_some() || step.result.is_some()).count()
    }

    pub(crate) fn writer(&self) -> Result<TraceWriter, AgentError> {
        TraceWriter::append(&self.path, self.length)
    }
}

/// What a step adds to the history; nothing if the run ended in it.
fn turn(step: &StepRecord) -> Option<Turn> {
    let outcome = step.result.clone()?;
    match (&step.decided, outcome) {
        (_, Outcome::Unreadable(reason)) => Some(Turn::unreadable(reason)),
        (Some(action), outcome) => Some(Turn { action: action.clone(), label: step.label.clone(), outcome }),
        (None, _) => None,
    }
}
