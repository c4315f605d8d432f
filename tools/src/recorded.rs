//! A phone that replays a trace.
//!
//! A trace is a file of JSON lines. Each line is an object with a `type`; two types matter here, the others and all
//! further fields are the agent's own and are skipped:
//!
//! ```json
//! {"type":"start","device":{"name":"sim:7","model":"Simulated","size":[1080,2400]},"apps":[{"name":"Settings","package":"com.android.settings"}]}
//! {"type":"step","observation":{...},"action":{"action":"tap","id":7},"screenshot":"step-1.png"}
//! ```
//!
//! `start` may be missing. A `step` is one look and the action performed on it; `action` is absent or null if none was
//! performed, because the reply could not be read or the policy refused it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{Action, App, Device, DeviceError, DeviceInfo, ElementId, Observation, Performed, Screen, Screenshot};

/// The most of a trace that is read. A step on a full screen is about 20 kB, so this is thousands of steps.
const MAX_BYTES: u64 = 256 << 20;
const MAX_STEPS: usize = 100_000;
/// A 1440x3200 picture of noise, the worst that a phone can send, is about 14 MB.
const MAX_SCREENSHOT_BYTES: u64 = 32 << 20;

/// What a trace shows instead of a secret.
const MASK: &str = "***";

/// What a trace says about the phone it was recorded on: a line of type `start`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedStart {
    pub device: DeviceInfo,
    #[serde(default)]
    pub apps: Vec<App>,
}

/// One step of a trace: a line of type `step`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedStep {
    /// What was seen.
    pub observation: Observation,
    /// What was performed on it, if anything was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The name of the PNG file beside the trace that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screenshot: Option<String>,
}

/// The lines of a trace that a replay needs.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line {
    Start(RecordedStart),
    Step(Box<RecordedStep>),
    #[serde(other)]
    Other,
}

/// Replays a trace. Each action must be the recorded one; anything else is an error, because nobody knows what the
/// phone would have shown.
#[derive(Debug)]
pub struct RecordedDevice {
    info: DeviceInfo,
    apps: Vec<App>,
    folder: PathBuf,
    path: String,
    steps: Vec<RecordedStep>,
    /// The index in `steps` of the screen that is shown; their number when the last action led beyond the recording.
    current: usize,
}

impl RecordedDevice {
    /// Reads a trace.
    ///
    /// # Errors
    /// [`DeviceError::BadRecording`] for a file that cannot be read, is no trace, holds no step, or is beyond 256 MB.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, DeviceError> {
        let path = path.as_ref();
        let reading = Reading { name: format!("recorded:{}", path.display()), path: path.display().to_string() };
        let file = File::open(path)
            .map_err(|error| reading.bad(format!("{error}\nhint: give a trace that `deftly run --trace DIR` wrote")))?;
        let (start, steps) = reading.lines(BufReader::new(file))?;
        let Some(first) = steps.first() else {
            return Err(
                reading.bad("it has no line of type \"step\"\nhint: give a trace that `deftly run --trace DIR` wrote")
            );
        };
        let (size, mut apps) = match start {
            Some(start) => (start.device.size, start.apps),
            None => (size_of(&first.observation.screen), Vec::new()),
        };
        for step in &steps {
            if !apps.contains(&step.observation.app) {
                apps.push(step.observation.app.clone());
            }
        }
        Ok(Self {
            info: DeviceInfo { name: reading.name, model: "Recorded".into(), size },
            apps,
            folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
            path: reading.path,
            steps,
            current: 0,
        })
    }

    fn step(&self) -> Result<&RecordedStep, DeviceError> {
        self.steps.get(self.current).ok_or_else(|| self.ended())
    }

    fn ended(&self) -> DeviceError {
        DeviceError::RecordingEnded { device: self.info.name.clone(), steps: self.steps.len() }
    }

    fn bad(&self, reason: String) -> DeviceError {
        DeviceError::BadRecording { device: self.info.name.clone(), path: self.path.clone(), reason }
    }
}

#[async_trait]
impl Device for RecordedDevice {
    fn info(&self) -> DeviceInfo {
        self.info.clone()
    }

    async fn observe(&mut self) -> Result<Observation, DeviceError> {
        Ok(self.step()?.observation.clone())
    }

    async fn screenshot(&mut self) -> Result<Screenshot, DeviceError> {
        let step = self.current + 1;
        let Some(name) = self.step()?.screenshot.clone() else {
            return Err(self.bad(format!("step {step} has no screenshot\nhint: record with screenshots")));
        };
        if Path::new(&name).file_name() != Some(name.as_ref()) {
            return Err(self.bad(format!(
                "step {step} has the screenshot {name:?}, expected the name of a file beside the trace"
            )));
        }
        let path = self.folder.join(&name);
        let failed =
            |error: std::io::Error| self.bad(format!("the screenshot {} of step {step}: {error}", path.display()));
        let mut png = Vec::new();
        File::open(&path).and_then(|file| file.take(MAX_SCREENSHOT_BYTES + 1).read_to_end(&mut png)).map_err(failed)?;
        if png.len() as u64 > MAX_SCREENSHOT_BYTES {
            return Err(failed(std::io::Error::other(format!("more than {MAX_SCREENSHOT_BYTES} bytes"))));
        }
        Ok(Screenshot { png })
    }

    async fn perform(&mut self, action: &Action, _screen: &Screen) -> Result<Performed, DeviceError> {
        if action.is_final() {
            return Err(DeviceError::NotForDevice { device: self.info.name.clone(), action: action.name() });
        }
        // Steps on which nothing was performed left the phone as it was: the next action was performed on theirs.
        let recorded = self.steps[self.current.min(self.steps.len())..].iter().position(|step| step.action.is_some());
        let index = self.current + recorded.ok_or_else(|| self.ended())?;
        let expected = self.steps[index].action.as_ref();
        if !expected.is_some_and(|expected| is_recorded(expected, action)) {
            return Err(DeviceError::LeftRecording {
                device: self.info.name.clone(),
                step: index + 1,
                expected: expected.map_or_else(String::new, words),
                found: words(action),
            });
        }
        self.current = index + 1;
        Ok(Performed::default())
    }

    async fn apps(&mut self) -> Result<Vec<App>, DeviceError> {
        Ok(self.apps.clone())
    }

    /// A recorded screen has settled already: no time needs to pass.
    async fn pause(&mut self, _duration: Duration) {}
}

/// Whether this is the recorded action. Traces show `***` for what was typed into password fields, so any text fits it.
fn is_recorded(recorded: &Action, action: &Action) -> bool {
    match (recorded, action) {
        (Action::Type { text, .. }, Action::Type { id, clear, submit, .. }) if text == MASK => {
            *recorded == Action::Type { id: *id, text: MASK.into(), clear: *clear, submit: *submit }
        }
        _ => recorded == action,
    }
}

/// The action as JSON, the way it stands in the trace.
fn words(action: &Action) -> String {
    serde_json::to_string(action).unwrap_or_else(|_| action.name().to_owned())
}

/// What the elements span: the least the screen can be.
fn size_of(screen: &Screen) -> (u32, u32) {
    let reach =
        |edges: &mut dyn Iterator<Item = i32>| edges.max().and_then(|edge| u32::try_from(edge).ok()).unwrap_or(0);
    let bounds = || screen.elements.iter().map(|element| element.bounds);
    (reach(&mut bounds().map(|bounds| bounds.right)), reach(&mut bounds().map(|bounds| bounds.bottom)))
}

/// What error messages about a trace begin with.
struct Reading {
    name: String,
    path: String,
}

impl Reading {
    fn bad(&self, reason: impl Into<String>) -> DeviceError {
        DeviceError::BadRecording { device: self.name.clone(), path: self.path.clone(), reason: reason.into() }
    }

    fn lines(&self, reader: impl BufRead) -> Result<(Option<RecordedStart>, Vec<RecordedStep>), DeviceError> {
        let mut reader = reader.take(MAX_BYTES + 1);
        let (mut start, mut steps) = (None, Vec::new());
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if reader.read_until(b'\n', &mut line).map_err(|error| self.bad(error.to_string()))? == 0 {
                break;
            }
            if reader.limit() == 0 || steps.len() >= MAX_STEPS {
                return Err(
                    self.bad(format!("it is larger than {MAX_BYTES} bytes or {MAX_STEPS} steps, which no run is"))
                );
            }
            let is_whole = line.ends_with(b"\n");
            if line.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice(&line) {
                Ok(Line::Start(found)) => start = Some(found),
                Ok(Line::Step(step)) => {
                    self.check_ids(&step, number)?;
                    steps.push(*step);
                }
                Ok(Line::Other) => {}
                Err(error) if is_whole => return Err(self.bad(format!("line {number}: {error}"))),
                // A run that was killed leaves half a line at the end.
                Err(error) => tracing::warn!(path = self.path, number, %error, "the trace ends inside a line"),
            }
        }
        Ok((start, steps))
    }

    /// Everything that takes a [`Screen`] counts on ids from 1 without gaps.
    fn check_ids(&self, step: &RecordedStep, number: usize) -> Result<(), DeviceError> {
        let elements = &step.observation.screen.elements;
        match elements.iter().zip(1..).find(|(element, id)| element.id != ElementId(*id)) {
            Some((element, id)) => {
                Err(self.bad(format!("line {number}: found element {}, expected {id}", element.id.0)))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
