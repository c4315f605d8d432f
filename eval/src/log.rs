//! The log of an evaluation: JSON lines, one per finished episode, so that an interrupted evaluation goes on where it was.
//!
//! The first line says what was evaluated. Each episode is written with one call and flushed; a last line without a line
//! end is what a crash left, and is cut off.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Episode, EvalError};

const HINT: &str = "check that the folder exists, may be written to, and has space";

/// Everything that episodes depend on; two evaluations may share a log only if all of it is equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// By name: suite, policy, model, dialect, ...; the model's includes a digest of its file.
    #[serde(rename = "evaluation")]
    pub parts: BTreeMap<String, String>,
}

/// An open log.
pub struct EpisodeLog {
    path: PathBuf,
    file: File,
}

impl EpisodeLog {
    /// Opens or creates a log, and returns the episodes that are already in it.
    ///
    /// # Errors
    /// A file that cannot be read or written, is not a log, or belongs to an evaluation with another fingerprint.
    pub fn open(path: &Path, fingerprint: &Fingerprint) -> Result<(Self, Vec<Episode>), EvalError> {
        let failed = |source| EvalError::File { path: path.to_path_buf(), source, hint: HINT };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed)?;
        let complete = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let episodes = read_lines(path, &text[..complete], fingerprint)?;
        file.set_len(complete as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let mut log = Self { path: path.to_path_buf(), file };
        if complete == 0 {
            log.write_line(fingerprint)?;
        }
        Ok((log, episodes))
    }

    /// Appends an episode; when this returns, the system has it.
    pub fn append(&mut self, episode: &Episode) -> Result<(), EvalError> {
        self.write_line(episode)
    }

    fn write_line(&mut self, value: &impl Serialize) -> Result<(), EvalError> {
        let failed = |source| EvalError::File { path: self.path.clone(), source, hint: HINT };
        let mut line = serde_json::to_vec(value).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).and_then(|()| self.file.flush()).map_err(failed)
    }
}

fn read_lines(path: &Path, text: &[u8], fingerprint: &Fingerprint) -> Result<Vec<Episode>, EvalError> {
    let bad = |line: usize, error: serde_json::Error| EvalError::BadLog {
        path: path.to_path_buf(),
        line: line + 1,
        reason: error.to_string(),
    };
    let mut lines = text.split(|&byte| byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
    if let Some((number, first)) = lines.next() {
        let found: Fingerprint = serde_json::from_slice(first).map_err(|error| bad(number, error))?;
        compare(path, &found, fingerprint)?;
    }
    lines.map(|(number, line)| serde_json::from_slice(line).map_err(|error| bad(number, error))).collect()
}

/// Names the first part that differs.
fn compare(path: &Path, found: &Fingerprint, expected: &Fingerprint) -> Result<(), EvalError> {
    let names = found.parts.keys().chain(expected.parts.keys());
    let text = |value: Option<&String>| value.map_or_else(|| "not given".to_string(), |value| format!("{value:?}"));
    for name in names {
        let (old, new) = (found.parts.get(name), expected.parts.get(name));
        if old != new {
            return Err(EvalError::OtherEvaluation {
                path: path.to_path_buf(),
                what: name.clone(),
                found: text(old),
                expected: text(new),
            });
        }
    }
    Ok(())
}
