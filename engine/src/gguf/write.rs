//! Writes GGUF files: tests make tiny models with it, and tools that convert models can.
//!
//! ```
//! use deftly_engine::gguf::{Gguf, TensorType, write::{GgufWriter, MetadataValue}};
//! let mut writer = GgufWriter::default();
//! writer.metadata("general.architecture", MetadataValue::String("llama".into()));
//! writer.tensor("output_norm.weight", &[2], TensorType::F32, [1.0f32, 1.0].iter().flat_map(|v| v.to_le_bytes()).collect());
//! let file: &'static [u8] = Box::leak(writer.finish().into_boxed_slice());
//! let gguf = Gguf::from_static(file, "example")?;
//! assert_eq!(gguf.architecture()?, "llama");
//! # Ok::<(), deftly_engine::EngineError>(())
//! ```

use super::TensorType;

/// The alignment that a file without `general.alignment` has.
const ALIGNMENT: usize = 32;

/// A metadata value to write.
#[derive(Debug, Clone, PartialEq)]
pub enum MetadataValue {
    U32(u32),
    I32(i32),
    F32(f32),
    Bool(bool),
    String(String),
    U64(u64),
    Strings(Vec<String>),
    F32s(Vec<f32>),
    I32s(Vec<i32>),
}

/// Collects metadata and tensors; [`GgufWriter::finish`] gives the file's bytes (version 3, little-endian).
///
/// It writes what it is told, also what no reader would accept: tests of the reader need that.
#[derive(Debug, Clone, Default)]
pub struct GgufWriter {
    metadata: Vec<(String, MetadataValue)>,
    tensors: Vec<(String, Vec<u64>, u32, Vec<u8>)>,
}

impl GgufWriter {
    pub fn metadata(&mut self, key: &str, value: MetadataValue) -> &mut Self {
        self.metadata.push((key.to_owned(), value));
        self
    }

    /// `shape` in GGUF's order (row length first); `data` are the bytes of all rows in `dtype`.
    pub fn tensor(&mut self, name: &str, shape: &[usize], dtype: TensorType, data: Vec<u8>) -> &mut Self {
        let shape = shape.iter().map(|&n| n as u64).collect();
        self.raw_tensor(name, shape, dtype.id(), data)
    }

    /// A tensor of any shape and type number.
    pub fn raw_tensor(&mut self, name: &str, shape: Vec<u64>, dtype: u32, data: Vec<u8>) -> &mut Self {
        self.tensors.push((name.to_owned(), shape, dtype, data));
        self
    }

    /// Replaces the tensors with those of another writer.
    pub fn take_tensors(&mut self, other: &Self) -> &mut Self {
        self.tensors.clone_from(&other.tensors);
        self
    }

    /// The bytes of the file.
    pub fn finish(&self) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(3u32.to_le_bytes());
        out.extend((self.tensors.len() as u64).to_le_bytes());
        out.extend((self.metadata.len() as u64).to_le_bytes());
        for (key, value) in &self.metadata {
            string(&mut out, key);
            metadata_value(&mut out, value);
        }
        let mut offset = 0;
        for (name, shape, dtype, data) in &self.tensors {
            string(&mut out, name);
            out.extend((shape.len() as u32).to_le_bytes());
            out.extend(shape.iter().flat_map(|n| n.to_le_bytes()));
            out.extend(dtype.to_le_bytes());
            out.extend((offset as u64).to_le_bytes());
            offset += data.len().next_multiple_of(ALIGNMENT);
        }
        for (_, _, _, data) in &self.tensors {
            out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
            out.extend(data);
        }
        out
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn metadata_value(out: &mut Vec<u8>, value: &MetadataValue) {
    let array = |out: &mut Vec<u8>, element: u32, count: usize| {
        out.extend(9u32.to_le_bytes());
        out.extend(element.to_le_bytes());
        out.extend((count as u64).to_le_bytes());
    };
    match value {
        MetadataValue::U32(v) => out.extend(4u32.to_le_bytes().into_iter().chain(v.to_le_bytes())),
        MetadataValue::I32(v) => out.extend(5u32.to_le_bytes().into_iter().chain(v.to_le_bytes())),
        MetadataValue::F32(v) => out.extend(6u32.to_le_bytes().into_iter().chain(v.to_le_bytes())),
        MetadataValue::Bool(v) => out.extend(7u32.to_le_bytes().into_iter().chain([u8::from(*v)])),
        MetadataValue::U64(v) => out.extend(10u32.to_le_bytes().into_iter().chain(v.to_le_bytes())),
        MetadataValue::String(v) => {
            out.extend(8u32.to_le_bytes());
            string(out, v);
        }
        MetadataValue::Strings(values) => {
            array(out, 8, values.len());
            values.iter().for_each(|v| string(out, v));
        }
        MetadataValue::F32s(values) => {
            array(out, 6, values.len());
            out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        }
        MetadataValue::I32s(values) => {
            array(out, 5, values.len());
            out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        }
    }
}
