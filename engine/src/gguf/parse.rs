//! One pass over the header: measures every value, believes no number that the file cannot hold.

use std::collections::BTreeMap;
use std::ops::Range;

use super::problem::GgufProblem;
use super::tensor::{TensorInfo, TensorType};
use super::value::{Value, ValueType};

const MAGIC: &[u8; 4] = b"GGUF";
/// Used when the file has no `general.alignment`.
const DEFAULT_ALIGNMENT: usize = 32;
/// A key's length, one byte of it, its type, one byte of value: the least that an entry takes.
const LEAST_METADATA_BYTES: usize = 8 + 1 + 4 + 1;
/// A name's length, one byte of it, one dimension, type and offset.
const LEAST_TENSOR_BYTES: usize = 8 + 1 + 4 + 8 + 4 + 8;

pub(super) struct Parsed {
    pub metadata: BTreeMap<String, Value>,
    pub tensors: BTreeMap<String, TensorInfo>,
}

pub(super) fn parse(file: &[u8]) -> Result<Parsed, GgufProblem> {
    let mut reader = Reader { file, position: 0 };
    check_header(&mut reader)?;
    let tensor_count = reader.u64("the number of tensors")?;
    let metadata_count = reader.u64("the number of metadata entries")?;
    reader.check_count("metadata entries", metadata_count, LEAST_METADATA_BYTES)?;
    reader.check_count("tensors", tensor_count, LEAST_TENSOR_BYTES)?;

    let mut metadata = BTreeMap::new();
    for _ in 0..metadata_count {
        let (key, value) = metadata_entry(&mut reader)?;
        if metadata.contains_key(&key) {
            return Err(GgufProblem::Duplicate { what: "metadata key", name: key });
        }
        metadata.insert(key, value);
    }

    let mut headers = Vec::new();
    for _ in 0..tensor_count {
        headers.push(tensor_header(&mut reader)?);
    }
    let alignment = alignment(&metadata, file)?;
    let data_start = reader.position.next_multiple_of(alignment).min(file.len());
    let mut tensors = BTreeMap::new();
    for header in headers {
        if tensors.contains_key(&header.name) {
            return Err(GgufProblem::Duplicate { what: "tensor", name: header.name });
        }
        let (name, info) = place(header, data_start, alignment, file.len())?;
        tensors.insert(name, info);
    }
    Ok(Parsed { metadata, tensors })
}

fn check_header(reader: &mut Reader<'_>) -> Result<(), GgufProblem> {
    let start = &reader.file[..reader.file.len().min(4)];
    if start != MAGIC {
        return Err(GgufProblem::Magic { found: start.to_vec() });
    }
    reader.position = MAGIC.len();
    match reader.u32("the version")? {
        2 | 3 => Ok(()),
        // The magic has no byte order of its own; a small version read from the wrong end does.
        version if matches!(version.swap_bytes(), 1..=3) => Err(GgufProblem::BigEndian),
        found => Err(GgufProblem::Version { found }),
    }
}

fn metadata_entry(reader: &mut Reader<'_>) -> Result<(String, Value), GgufProblem> {
    let key = reader.text("a metadata key")?.to_owned();
    let kind = reader.value_type(&key)?;
    let value = match kind {
        ValueType::String => Value::String { range: reader.string_range("a metadata string")? },
        ValueType::Array => array(reader, &key)?,
        _ => Value::Scalar { kind, range: reader.take("a metadata value", kind.least_bytes() as u64)? },
    };
    Ok((key, value))
}

fn array(reader: &mut Reader<'_>, key: &str) -> Result<Value, GgufProblem> {
    let element = reader.value_type(key)?;
    let count = reader.u64("the length of an array")?;
    reader.check_count("array elements", count, element.least_bytes())?;
    let range = match element {
        ValueType::Array => return Err(GgufProblem::NestedArray { key: key.to_owned() }),
        ValueType::String => {
            let start = reader.position;
            for _ in 0..count {
                reader.string_range("a string of an array")?;
            }
            start..reader.position
        }
        _ => reader.take("an array", count.saturating_mul(element.least_bytes() as u64))?,
    };
    // `check_count` made sure that the count is no more than the bytes of the file.
    Ok(Value::Array { element, count: count as usize, range })
}

struct TensorHeader {
    name: String,
    shape: Vec<u64>,
    dtype: TensorType,
    offset: u64,
}

fn tensor_header(reader: &mut Reader<'_>) -> Result<TensorHeader, GgufProblem> {
    let name = reader.text("a tensor's name")?.to_owned();
    let dimensions = reader.u32("a tensor's dimensions")?;
    if !(1..=4).contains(&dimensions) {
        return Err(GgufProblem::Dimensions { tensor: name, found: dimensions });
    }
    let mut shape = Vec::new();
    for _ in 0..dimensions {
        shape.push(reader.u64("a tensor's shape")?);
    }
    let id = reader.u32("a tensor's type")?;
    let offset = reader.u64("a tensor's offset")?;
    match TensorType::from_id(id) {
        Some(dtype) => Ok(TensorHeader { name, shape, dtype, offset }),
        None => Err(GgufProblem::TensorType { tensor: name, found: id }),
    }
}

/// Turns a header's claims into a range of the file, if they are true.
fn place(
    header: TensorHeader,
    data_start: usize,
    alignment: usize,
    file_len: usize,
) -> Result<(String, TensorInfo), GgufProblem> {
    let TensorHeader { name, shape, dtype, offset } = header;
    let row = shape.first().copied().unwrap_or(0);
    let rows = shape.iter().skip(1).try_fold(1u64, |product, &n| product.checked_mul(n));
    let block = dtype.block_len() as u64;
    let bytes = rows.and_then(|rows| (row / block).checked_mul(rows)?.checked_mul(dtype.block_bytes() as u64));
    let reason = if shape.contains(&0) {
        Some("empty")
    } else if row % block != 0 {
        Some("not a whole number of blocks a row")
    } else {
        None
    };
    if let Some(reason) = reason {
        return Err(GgufProblem::Shape { tensor: name, shape, reason });
    }
    let Some(needed) = bytes else {
        return Err(GgufProblem::Shape { tensor: name, shape, reason: "larger than any file" });
    };
    if offset % alignment as u64 != 0 {
        return Err(GgufProblem::Misaligned { tensor: name, offset, alignment });
    }
    let available = file_len - data_start;
    let end = offset.checked_add(needed).and_then(|end| usize::try_from(end).ok());
    match end {
        Some(end) if end <= available => {
            // Both are at most `end`, and every dimension at most the bytes it describes times the block length.
            let start = offset as usize;
            let shape = shape.iter().map(|&n| n as usize).collect();
            Ok((name, TensorInfo { shape, dtype, range: data_start + start..data_start + end }))
        }
        _ => Err(GgufProblem::OutOfFile { tensor: name, offset, needed, available }),
    }
}

fn alignment(metadata: &BTreeMap<String, Value>, file: &[u8]) -> Result<usize, GgufProblem> {
    let Some(value) = metadata.get("general.alignment") else { return Ok(DEFAULT_ALIGNMENT) };
    let found = value.integer(file).and_then(|v| u64::try_from(v).ok()).unwrap_or(0);
    if found.is_power_of_two() && (8..=65536).contains(&found) {
        Ok(found as usize)
    } else {
        Err(GgufProblem::Alignment { found })
    }
}

struct Reader<'a> {
    file: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    fn left(&self) -> usize {
        self.file.len() - self.position
    }

    fn take(&mut self, what: &'static str, needed: u64) -> Result<Range<usize>, GgufProblem> {
        match usize::try_from(needed) {
            Ok(count) if count <= self.left() => {
                let start = self.position;
                self.position += count;
                Ok(start..self.position)
            }
            _ => Err(GgufProblem::Truncated { what, position: self.position, needed, left: self.left() }),
        }
    }

    fn bytes<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], GgufProblem> {
        let range = self.take(what, N as u64)?;
        let mut bytes = [0; N];
        bytes.copy_from_slice(&self.file[range]);
        Ok(bytes)
    }

    fn u32(&mut self, what: &'static str) -> Result<u32, GgufProblem> {
        Ok(u32::from_le_bytes(self.bytes(what)?))
    }

    fn u64(&mut self, what: &'static str) -> Result<u64, GgufProblem> {
        Ok(u64::from_le_bytes(self.bytes(what)?))
    }

    fn string_range(&mut self, what: &'static str) -> Result<Range<usize>, GgufProblem> {
        let length = self.u64(what)?;
        self.take(what, length)
    }

    fn text(&mut self, what: &'static str) -> Result<&'a str, GgufProblem> {
        let range = self.string_range(what)?;
        std::str::from_utf8(&self.file[range.clone()]).map_err(|_| GgufProblem::NotUtf8 { what, position: range.start })
    }

    fn value_type(&mut self, key: &str) -> Result<ValueType, GgufProblem> {
        let id = self.u32("a metadata type")?;
        ValueType::from_id(id).ok_or_else(|| GgufProblem::ValueType { key: key.to_owned(), found: id })
    }

    /// Refuses a count of things, each of at least `least_bytes`, that the rest of the file cannot hold.
    fn check_count(&self, what: &'static str, count: u64, least_bytes: usize) -> Result<(), GgufProblem> {
        if count > (self.left() / least_bytes) as u64 {
            return Err(GgufProblem::Count { what, count, position: self.position, left: self.left() });
        }
        Ok(())
    }
}
