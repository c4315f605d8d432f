//! Metadata values, kept as positions in the file and decoded when they are asked for.

use std::ops::Range;

/// The type of a metadata value, or of an array's elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueType {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    Bool,
    String,
    Array,
    U64,
    I64,
    F64,
}

impl ValueType {
    /// In the order of their numbers in a file.
    const ALL: [Self; 13] = [
        Self::U8,
        Self::I8,
        Self::U16,
        Self::I16,
        Self::U32,
        Self::I32,
        Self::F32,
        Self::Bool,
        Self::String,
        Self::Array,
        Self::U64,
        Self::I64,
        Self::F64,
    ];

    pub fn from_id(id: u32) -> Option<Self> {
        Self::ALL.get(usize::try_from(id).ok()?).copied()
    }

    /// The bytes a value takes in a file: exact for numbers, the least for what has a length of its own.
    pub fn least_bytes(self) -> usize {
        match self {
            Self::U8 | Self::I8 | Self::Bool => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 | Self::String => 8,
            Self::Array => 12,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::I8 => "i8",
            Self::U16 => "u16",
            Self::I16 => "i16",
            Self::U32 => "u32",
            Self::I32 => "i32",
            Self::F32 => "f32",
            Self::Bool => "bool",
            Self::String => "string",
            Self::Array => "array",
            Self::U64 => "u64",
            Self::I64 => "i64",
            Self::F64 => "f64",
        }
    }
}

/// A value that the parser has measured: `range` holds exactly its bytes.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// A number or a boolean.
    Scalar { kind: ValueType, range: Range<usize> },
    /// The text, without its length.
    String { range: Range<usize> },
    /// The elements one after the other; strings with their lengths before them.
    Array { element: ValueType, count: usize, range: Range<usize> },
}

impl Value {
    pub fn describe(&self) -> String {
        match self {
            Self::Scalar { kind, .. } => kind.name().to_owned(),
            Self::String { .. } => "string".to_owned(),
            Self::Array { element, count, .. } => format!("array of {count} {}", element.name()),
        }
    }

    pub fn string<'a>(&self, file: &'a [u8]) -> Option<&'a str> {
        match self {
            Self::String { range } => std::str::from_utf8(file.get(range.clone())?).ok(),
            Self::Scalar { .. } | Self::Array { .. } => None,
        }
    }

    pub fn integer(&self, file: &[u8]) -> Option<i128> {
        match self {
            Self::Scalar { kind, range } => integer(*kind, file.get(range.clone())?),
            Self::String { .. } | Self::Array { .. } => None,
        }
    }

    pub fn float(&self, file: &[u8]) -> Option<f64> {
        match self {
            Self::Scalar { kind, range } => {
                let bytes = file.get(range.clone())?;
                float(*kind, bytes).or_else(|| integer(*kind, bytes).map(|value| value as f64))
            }
            Self::String { .. } | Self::Array { .. } => None,
        }
    }

    pub fn boolean(&self, file: &[u8]) -> Option<bool> {
        match self {
            Self::Scalar { kind: ValueType::Bool, range } => Some(file.get(range.start)? != &0),
            Self::Scalar { .. } | Self::String { .. } | Self::Array { .. } => None,
        }
    }

    pub fn strings<'a>(&self, file: &'a [u8]) -> Option<Vec<&'a str>> {
        let Self::Array { element: ValueType::String, range, .. } = self else { return None };
        let mut rest = file.get(range.clone())?;
        let mut strings = Vec::new();
        while let Some((length, tail)) = rest.split_first_chunk::<8>() {
            let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
            strings.push(std::str::from_utf8(tail.get(..length)?).ok()?);
            rest = &tail[length..];
        }
        Some(strings)
    }

    pub fn floats(&self, file: &[u8]) -> Option<Vec<f32>> {
        self.elements(file, |kind, bytes| float(kind, bytes).map(|value| value as f32))
    }

    pub fn integers(&self, file: &[u8]) -> Option<Vec<i64>> {
        self.elements(file, |kind, bytes| match kind {
            ValueType::Bool => Some(i64::from(*bytes.first()? != 0)),
            _ => integer(kind, bytes).and_then(|value| i64::try_from(value).ok()),
        })
    }

    fn elements<T>(&self, file: &[u8], read: impl Fn(ValueType, &[u8]) -> Option<T>) -> Option<Vec<T>> {
        let Self::Array { element, range, .. } = self else { return None };
        match element {
            ValueType::String | ValueType::Array => None,
            _ => file.get(range.clone())?.chunks_exact(element.least_bytes()).map(|b| read(*element, b)).collect(),
        }
    }
}

fn integer(kind: ValueType, bytes: &[u8]) -> Option<i128> {
    Some(match kind {
        ValueType::U8 => u8::from_le_bytes(bytes.try_into().ok()?).into(),
        ValueType::I8 => i8::from_le_bytes(bytes.try_into().ok()?).into(),
        ValueType::U16 => u16::from_le_bytes(bytes.try_into().ok()?).into(),
        ValueType::I16 => i16::from_le_bytes(bytes.try_into().ok()?).into(),
        ValueType::U32 => u32::from_le_bytes(bytes.try_into().ok()?).into(),
        ValueType::I32 => i32::from_le_bytes(bytes.try_into().ok()?).into(),
        ValueType::U64 => u64::from_le_bytes(bytes.try_into().ok()?).into(),
        ValueType::I64 => i64::from_le_bytes(bytes.try_into().ok()?).into(),
        ValueType::F32 | ValueType::F64 | ValueType::Bool | ValueType::String | ValueType::Array => return None,
    })
}

fn float(kind: ValueType, bytes: &[u8]) -> Option<f64> {
    match kind {
        ValueType::F32 => Some(f32::from_le_bytes(bytes.try_into().ok()?).into()),
        ValueType::F64 => Some(f64::from_le_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}
