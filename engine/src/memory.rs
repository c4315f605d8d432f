//! What the engine keeps on disk between runs: what drafting learned, and the KV cache of prompts that never change.
//!
//! Both only save time. A file that is damaged, of another model or of another version is ignored with a warning and
//! written anew. All files are for their owner's eyes only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::drafting::DraftMemory;
use crate::{ModelInfo, TokenId};

/// Changes with the format of either file.
const VERSION: u32 = 1;
/// Files that are larger were not written here.
const LARGEST_DRAFTS: u64 = 16 << 20;
const LARGEST_PREFIX: u64 = 1 << 30;
/// Prefixes that are kept for a model; the one that was used longest ago goes first.
const PREFIXES: usize = 8;
const MAGIC: &[u8; 8] = b"deftlyKV";
const CHECKSUM: usize = 32;

/// A folder, and what may be kept there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineMemory {
    pub folder: PathBuf,
    /// Earlier replies, how often drafts were right, and what passes cost.
    pub history: bool,
    /// KV caches of prompts that never change.
    pub cache: bool,
}

/// The file of what drafting learned.
#[derive(Serialize, Deserialize)]
struct DraftFile {
    version: u32,
    fingerprint: String,
    /// Passes cost something else on another machine.
    machine: String,
    drafts: DraftMemory,
}

impl EngineMemory {
    pub(crate) fn load_drafts(&self, info: &ModelInfo) -> Option<DraftMemory> {
        let path = self.drafts_path(info)?;
        let bytes = read(&path, LARGEST_DRAFTS)?;
        let file = match serde_json::from_slice::<DraftFile>(&bytes) {
            Ok(file) if file.version == VERSION && Some(&file.fingerprint) == info.fingerprint.as_ref() => file,
            Ok(_) => return ignore(&path, "it is of another version or model"),
            Err(error) => return ignore(&path, &error.to_string()),
        };
        let mut drafts = file.drafts;
        if file.machine != machine() {
            drafts.forget_costs();
        }
        Some(drafts)
    }

    pub(crate) fn save_drafts(&self, info: &ModelInfo, drafts: DraftMemory) {
        let (Some(path), Some(fingerprint)) = (self.drafts_path(info), info.fingerprint.clone()) else { return };
        let file = DraftFile { version: VERSION, fingerprint, machine: machine(), drafts };
        let written = serde_json::to_vec(&file).map_err(io::Error::other).and_then(|bytes| write(&path, &[&bytes]));
        if let Err(error) = written {
            tracing::warn!(path = %path.display(), %error, "what drafting learned could not be kept");
        }
    }

    fn drafts_path(&self, info: &ModelInfo) -> Option<PathBuf> {
        let fingerprint = info.fingerprint.as_ref().filter(|_| self.history)?;
        Some(self.folder.join(format!("drafts-{fingerprint}.json")))
    }

    /// The KV cache of exactly these tokens, as the target exported it.
    pub(crate) fn load_prefix(&self, info: &ModelInfo, layout: &str, tokens: &[TokenId]) -> Option<Vec<u8>> {
        let path = self.prefix_path(info, layout, tokens)?;
        let mut bytes = read(&path, LARGEST_PREFIX)?;
        let Some(end) = bytes.len().checked_sub(CHECKSUM).filter(|&end| end >= MAGIC.len() + 4) else {
            return ignore(&path, "it is cut off");
        };
        if bytes[..MAGIC.len()] != *MAGIC || bytes[MAGIC.len()..MAGIC.len() + 4] != VERSION.to_le_bytes() {
            return ignore(&path, "it is of another version");
        }
        if Sha256::digest(&bytes[..end])[..] != bytes[end..] {
            return ignore(&path, "its checksum is wrong");
        }
        // Used now: the next clean-up should keep it.
        let touched = File::options().append(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        if let Err(error) = touched {
            tracing::debug!(path = %path.display(), %error, "could not be marked as used");
        }
        bytes.truncate(end);
        bytes.drain(..MAGIC.len() + 4);
        Some(bytes)
    }

    pub(crate) fn save_prefix(&self, info: &ModelInfo, layout: &str, tokens: &[TokenId], cache: &[u8]) {
        let Some(path) = self.prefix_path(info, layout, tokens) else { return };
        let version = VERSION.to_le_bytes();
        let mut hasher = Sha256::new();
        let parts: [&[u8]; 3] = [MAGIC, &version, cache];
        parts.iter().for_each(|part| hasher.update(part));
        let written = write(&path, &[MAGIC, &version, cache, &hasher.finalize()]).and_then(|()| self.clean_up(info));
        if let Err(error) = written {
            tracing::warn!(path = %path.display(), %error, "the KV cache of the prompt's start could not be kept");
        }
    }

    /// The name says everything that the content depends on.
    fn prefix_path(&self, info: &ModelInfo, layout: &str, tokens: &[TokenId]) -> Option<PathBuf> {
        let fingerprint = info.fingerprint.as_ref().filter(|_| self.cache)?;
        let mut hasher = Sha256::new();
        hasher.update(layout);
        tokens.iter().for_each(|token| hasher.update(token.to_le_bytes()));
        Some(self.folder.join(format!("{}{}.kv", prefix_of(fingerprint), short(&hasher.finalize()))))
    }

    fn clean_up(&self, info: &ModelInfo) -> io::Result<()> {
        let Some(fingerprint) = &info.fingerprint else { return Ok(()) };
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&prefix_of(fingerprint)) {
                files.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        files.sort_unstable();
        files.iter().rev().skip(PREFIXES).try_for_each(|(_, path)| fs::remove_file(path))
    }
}

fn prefix_of(fingerprint: &str) -> String {
    format!("prefix-{fingerprint}-")
}

/// A file name's worth of a digest.
pub(crate) fn short(digest: &[u8]) -> String {
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn ignore<T>(path: &Path, reason: &str) -> Option<T> {
    tracing::warn!(path = %path.display(), reason, "ignored, and written anew");
    None
}

/// The whole file; `None` when there is none or it cannot be one of ours.
fn read(path: &Path, largest: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let result = File::open(path).and_then(|file| file.take(largest + 1).read_to_end(&mut bytes));
    match result {
        Ok(length) if length as u64 <= largest => Some(bytes),
        Ok(_) => ignore(path, "it is too large"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => ignore(path, &error.to_string()),
    }
}

/// Writes a file that is there whole or not at all, readable by its owner only.
fn write(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        create_private_folder(folder)?;
    }
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    let written = (|| {
        let mut file = private_file(&partial)?;
        parts.iter().try_for_each(|part| file.write_all(part))?;
        fs::rename(&partial, path)
    })();
    if written.is_err() {
        // What matters is the first error; a part of a file is of no use to anyone.
        drop(fs::remove_file(&partial));
    }
    written
}

#[cfg(unix)]
fn private_file(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}

#[cfg(unix)]
fn create_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn create_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Tells machines apart on which a pass costs something else.
fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(':'));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {threads} threads", model.map_or(std::env::consts::ARCH, |(_, name)| name.trim()))
}

#[cfg(test)]
mod tests;
