//! What can be wrong with a GGUF file.

use crate::EngineError;

use super::TensorType;

/// A damage or a limit, with its position or name; [`GgufProblem::in_file`] adds the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GgufProblem {
    #[error("not a file")]
    NotAFile,
    #[error("not a GGUF file: it starts with {found:02x?}, expected the bytes of \"GGUF\"")]
    Magic { found: Vec<u8> },
    #[error("a big-endian GGUF file")]
    BigEndian,
    #[error("GGUF version {found}")]
    Version { found: u32 },
    #[error("the file ends within {what}: {needed} bytes are needed at position {position}, {left} are left")]
    Truncated { what: &'static str, position: usize, needed: u64, left: usize },
    #[error("the file claims {count} {what} at position {position}, more than the {left} bytes that are left can hold")]
    Count { what: &'static str, count: u64, position: usize, left: usize },
    #[error("{what} at position {position} is not UTF-8")]
    NotUtf8 { what: &'static str, position: usize },
    #[error("metadata key {key:?} has type {found}, GGUF knows 0 to 12")]
    ValueType { key: String, found: u32 },
    #[error("metadata key {key:?} is an array of arrays")]
    NestedArray { key: String },
    #[error("{what} {name:?} is there twice")]
    Duplicate { what: &'static str, name: String },
    #[error("general.alignment is {found}, expected a power of two from 8 to 65536")]
    Alignment { found: u64 },
    #[error("tensor {tensor:?} has {found} dimensions, expected 1 to 4")]
    Dimensions { tensor: String, found: u32 },
    #[error("tensor {tensor:?} has the shape {shape:?}, which is {reason}")]
    Shape { tensor: String, shape: Vec<u64>, reason: &'static str },
    #[error("tensor {tensor:?} has the element type {}", TensorType::name_of(*.found))]
    TensorType { tensor: String, found: u32 },
    #[error("tensor {tensor:?} starts at offset {offset}, which is not a multiple of the alignment {alignment}")]
    Misaligned { tensor: String, offset: u64, alignment: usize },
    #[error("tensor {tensor:?} needs {needed} bytes at offset {offset} of the data, which has {available}")]
    OutOfFile { tensor: String, offset: u64, needed: u64, available: usize },
    #[error("metadata key {key:?} is missing")]
    MissingKey { key: String },
    #[error("metadata key {key:?} should be {wanted}, found {found}")]
    WrongType { key: String, wanted: &'static str, found: String },
    #[error("tensor {tensor:?} is missing")]
    MissingTensor { tensor: String },
    #[error("tensor {tensor:?} has the shape {found:?}, expected {expected:?}")]
    WrongShape { tensor: String, found: Vec<usize>, expected: Vec<usize> },
    #[error("metadata key {key:?} is {found}, expected {expected}")]
    BadValue { key: String, found: String, expected: String },
}

impl GgufProblem {
    /// The error that a caller sees: the problem, the file it is in, and what to do.
    pub fn in_file(self, file: &str) -> EngineError {
        let unsupported = |kind, found: String, supported: String| EngineError::Unsupported {
            file: file.to_owned(),
            kind,
            found,
            supported,
        };
        match &self {
            Self::BigEndian => unsupported("byte order", "big-endian".into(), "little-endian GGUF files".into()),
            Self::Version { found } => unsupported("GGUF version", found.to_string(), "versions 2 and 3".into()),
            Self::TensorType { tensor, found } => {
                let found = format!("{} (of {tensor})", TensorType::name_of(*found));
                unsupported("tensor type", found, TensorType::supported_names())
            }
            Self::NotAFile => self.damage(file, "give the path of a .gguf file"),
            Self::Magic { .. } => {
                self.damage(file, "only GGUF files run natively: convert the model, or use another backend")
            }
            Self::Truncated { .. } | Self::Count { .. } | Self::OutOfFile { .. } => {
                self.damage(file, "the file is cut off or damaged: download it again and compare its checksum")
            }
            Self::NotUtf8 { .. }
            | Self::ValueType { .. }
            | Self::NestedArray { .. }
            | Self::Duplicate { .. }
            | Self::Alignment { .. }
            | Self::Dimensions { .. }
            | Self::Shape { .. }
            | Self::Misaligned { .. } => {
                self.damage(file, "the file is damaged or was written by a broken converter; get it again")
            }
            Self::MissingKey { .. }
            | Self::WrongType { .. }
            | Self::MissingTensor { .. }
            | Self::WrongShape { .. }
            | Self::BadValue { .. } => {
                self.damage(file, "the file is not a complete model of its family; convert the model again")
            }
        }
    }

    fn damage(&self, file: &str, hint: &str) -> EngineError {
        EngineError::ModelFile { file: file.to_owned(), what: self.to_string(), hint: hint.to_owned() }
    }
}
