//! Reads GGUF files (versions 2 and 3, little-endian): metadata, and tensors that stay where they are.
//!
//! The file is mapped (or is part of the program), checked once, and never copied: a [`Gguf`] keeps positions in it.
//! Everything in it is outside input. Counts and lengths are compared with the bytes that are left before anything is
//! believed, so memory is bounded by the file's own size and every damage is an [`EngineError`] that says where it is.
//!
//! 1. [`Gguf::open`] or [`Gguf::from_static`].
//! 2. Metadata by key: [`Gguf::string`], [`Gguf::unsigned`], [`Gguf::float`], [`Gguf::boolean`], and for arrays
//!    [`Gguf::strings`], [`Gguf::floats`], [`Gguf::integers`]. A missing key is `None`, a key of another type an error;
//!    [`Gguf::require`] turns `None` into an error.
//! 3. Weights by name: [`Gguf::tensor`].
//!
//! Format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

mod parse;
mod problem;
mod tensor;
mod value;
pub mod write;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use sha2::{Digest, Sha256};

pub use problem::GgufProblem;
pub use tensor::{Tensor, TensorType};

use crate::EngineError;
use tensor::TensorInfo;
use value::Value;

/// A model file that was checked: every tensor and every metadata value lies within it.
pub struct Gguf {
    /// What errors call the file.
    source: String,
    bytes: Bytes,
    metadata: BTreeMap<String, Value>,
    tensors: BTreeMap<String, TensorInfo>,
}

enum Bytes {
    Mapped(memmap2::Mmap),
    Static(&'static [u8]),
}

impl Bytes {
    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Static(bytes) => bytes,
        }
    }
}

impl std::fmt::Debug for Gguf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gguf")
            .field("source", &self.source)
            .field("metadata", &self.metadata.len())
            .field("tensors", &self.tensors.len())
            .finish_non_exhaustive()
    }
}

impl Gguf {
    /// Maps and checks the file at `path`.
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        let source = path.display().to_string();
        let io = |action| {
            let file = source.clone();
            move |source| EngineError::Io { file, action, source }
        };
        let file = File::open(path).map_err(io("open the model"))?;
        let metadata = file.metadata().map_err(io("read the size of the model"))?;
        if !metadata.is_file() {
            return Err(GgufProblem::NotAFile.in_file(&source));
        }
        if metadata.len() == 0 {
            // An empty file cannot be mapped on every system.
            return Self::from_static(&[], &source);
        }
        // SAFETY: the map is read-only and private to this value. Another process that cuts the file while it is mapped
        // makes the kernel stop this one (SIGBUS), as for every mapped file; it cannot make Rust read other memory.
        let map = unsafe { memmap2::Mmap::map(&file) }.map_err(io("map the model"))?;
        Self::parse(Bytes::Mapped(map), source)
    }

    /// Checks a file that is already in memory, such as a model that is part of the program; `source` names it in errors.
    pub fn from_static(bytes: &'static [u8], source: &str) -> Result<Self, EngineError> {
        Self::parse(Bytes::Static(bytes), source.to_owned())
    }

    fn parse(bytes: Bytes, source: String) -> Result<Self, EngineError> {
        let parsed = parse::parse(bytes.as_slice()).map_err(|problem| problem.in_file(&source))?;
        Ok(Self { source, bytes, metadata: parsed.metadata, tensors: parsed.tensors })
    }

    /// The path, or the name of an embedded model: what errors about this file start with.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Size of the whole file in bytes.
    pub fn len(&self) -> usize {
        self.bytes.as_slice().len()
    }

    /// Never true of a file that was opened: an empty one is no GGUF.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The metadata keys, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.metadata.keys().map(String::as_str)
    }

    pub fn string(&self, key: &str) -> Result<Option<&str>, EngineError> {
        self.get(key, "a string", |value, bytes| value.string(bytes))
    }

    /// An integer of any width that is not negative.
    pub fn unsigned(&self, key: &str) -> Result<Option<u64>, EngineError> {
        self.get(key, "an unsigned integer", |value, bytes| value.integer(bytes).and_then(|v| u64::try_from(v).ok()))
    }

    /// A float of either width, or an integer.
    pub fn float(&self, key: &str) -> Result<Option<f64>, EngineError> {
        self.get(key, "a number", |value, bytes| value.float(bytes))
    }

    pub fn boolean(&self, key: &str) -> Result<Option<bool>, EngineError> {
        self.get(key, "a boolean", |value, bytes| value.boolean(bytes))
    }

    /// An array of strings, borrowed from the file.
    pub fn strings(&self, key: &str) -> Result<Option<Vec<&str>>, EngineError> {
        self.get(key, "an array of strings", |value, bytes| value.strings(bytes))
    }

    /// An array of floats of either width.
    pub fn floats(&self, key: &str) -> Result<Option<Vec<f32>>, EngineError> {
        self.get(key, "an array of floats", |value, bytes| value.floats(bytes))
    }

    /// An array of integers (or booleans, as 0 and 1) of any width.
    pub fn integers(&self, key: &str) -> Result<Option<Vec<i64>>, EngineError> {
        self.get(key, "an array of integers", |value, bytes| value.integers(bytes))
    }

    /// The value of a key that the file must have: `gguf.require("a.b", gguf.unsigned("a.b")?)?`.
    pub fn require<T>(&self, key: &str, value: Option<T>) -> Result<T, EngineError> {
        value.ok_or_else(|| GgufProblem::MissingKey { key: key.to_owned() }.in_file(&self.source))
    }

    /// The family that the model belongs to (`general.architecture`).
    pub fn architecture(&self) -> Result<&str, EngineError> {
        self.require("general.architecture", self.string("general.architecture")?)
    }

    /// The tensor of this name, if the file has it.
    pub fn tensor(&self, name: &str) -> Option<Tensor<'_>> {
        let (name, info) = self.tensors.get_key_value(name)?;
        Some(info.view(name, self.bytes.as_slice()))
    }

    /// All tensors, by name.
    pub fn tensors(&self) -> impl Iterator<Item = Tensor<'_>> {
        self.tensors.iter().map(|(name, info)| info.view(name, self.bytes.as_slice()))
    }

    /// Tells model files apart, whatever they are called and wherever they are: a digest of the metadata and the table of
    /// tensors, the file's length, and samples of the weights. Reading all of a large file would take seconds.
    pub fn fingerprint(&self) -> String {
        const SAMPLES: usize = 64;
        const SAMPLE: usize = 4096;
        let bytes = self.bytes.as_slice();
        let weights = self.tensors.values().map(|tensor| tensor.range.start).min().unwrap_or(bytes.len());
        let mut hasher = Sha256::new();
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(&bytes[..weights]);
        let rest = &bytes[weights..];
        for sample in 0..SAMPLES {
            let start = rest.len() / SAMPLES * sample;
            hasher.update(&rest[start..rest.len().min(start + SAMPLE)]);
        }
        crate::memory::short(&hasher.finalize())
    }

    /// Tells the system that the mapped pages are not needed soon: weights that were repacked are not read again.
    pub fn release_pages(&self) {
        match &self.bytes {
            #[cfg(unix)]
            Bytes::Mapped(map) => {
                // SAFETY: the map is a read-only, file-backed mapping; dropped pages are read from the file again.
                let advised = unsafe { map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
                if let Err(error) = advised {
                    tracing::debug!(%error, file = self.source, "the pages of the model file stay resident");
                }
            }
            #[cfg(not(unix))]
            Bytes::Mapped(_) => {}
            Bytes::Static(_) => {}
        }
    }

    fn get<'a, T>(
        &'a self,
        key: &str,
        wanted: &'static str,
        read: impl FnOnce(&Value, &'a [u8]) -> Option<T>,
    ) -> Result<Option<T>, EngineError> {
        let Some(value) = self.metadata.get(key) else { return Ok(None) };
        match read(value, self.bytes.as_slice()) {
            Some(read) => Ok(Some(read)),
            None => {
                let problem = GgufProblem::WrongType { key: key.to_owned(), wanted, found: value.describe() };
                Err(problem.in_file(&self.source))
            }
        }
    }
}

#[cfg(test)]
mod tests;
