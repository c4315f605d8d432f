//! Weights in the order in which kernels read them: panels of sixteen output columns.
//!
//! A panel holds its columns' weights for all inputs, so a kernel reads one stream and every loaded value serves as many
//! rows as it works on. The same packing suits 32-byte and 64-byte vectors and 128-bit ones.
//!
//! - Quantised panels are a record for each 32 inputs (see [`Quants`], [`Scales`]). Q4_0, Q4_1 and Q4_K keep four bits a
//!   weight; types of five and six bits are widened to bytes, which costs memory (8.5 bits for 5.5) and saves unpacking.
//! - Float panels keep their type: for each input, the sixteen columns' weights.

use std::ops::Range;

use crate::EngineError;
use crate::gguf::{Tensor, TensorType};

use super::arena::{Arena, Bytes};
use super::blocks::{self, BLOCK, Block};
use super::kernels::Precision;
use super::pool::Pool;

/// Output columns in a panel.
pub const COLUMNS: usize = 16;
/// Bytes that are packed before the file's pages are let go.
const PART_BYTES: usize = 4 << 20;
/// Blocks of 32 that share the f16 scales of a K-quant.
pub const SUPER: usize = 8;

/// How a record keeps its 16 x 32 whole numbers. Inputs go in groups of four: a
/// group of all columns is 64 bytes, column after column, so that 32 bits hold one column's four.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quants {
    /// Unsigned, two groups in 64 bytes: the even group in the low halves, the next one in the high halves.
    Nibbles,
    /// Unsigned bytes below 32: eight products with a byte fit 16 bits.
    FiveBits,
    /// Unsigned bytes below 64: four products with a byte fit 16 bits.
    SixBits,
    /// Signed bytes.
    Bytes,
}

/// What stands before a record's numbers (and before every eighth record, for the `Super` kinds), sixteen of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scales {
    /// f16 scale (Q8_0, Q4_0, Q5_0).
    Half,
    /// f16 scale, f16 offset (Q4_1, Q5_1).
    HalfOffset,
    /// Every eighth record: f16 scale of scales, f16 scale of minima. Each record: u8 scale, u8 minimum (Q4_K, Q5_K).
    SuperMinimum,
    /// Every eighth record: f16 scale of scales. Each record: i8 scale of the first 16 inputs, of the last 16 (Q6_K).
    SuperSixteen,
}

/// A quantised type, as [`Quants`] and [`Scales`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Q8_0,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q4K,
    Q5K,
    Q6K,
}

impl Format {
    pub const ALL: [Self; 8] =
        [Self::Q8_0, Self::Q4_0, Self::Q4_1, Self::Q5_0, Self::Q5_1, Self::Q4K, Self::Q5K, Self::Q6K];

    pub const fn quants(self) -> Quants {
        match self {
            Self::Q4_0 | Self::Q4_1 | Self::Q4K => Quants::Nibbles,
            Self::Q5_0 | Self::Q5_1 | Self::Q5K => Quants::FiveBits,
            Self::Q6K => Quants::SixBits,
            Self::Q8_0 => Quants::Bytes,
        }
    }

    /// The packed number that stands for 0: a kernel takes it off through the sum of the inputs.
    pub const fn zero(self) -> i32 {
        match self {
            Self::Q4_0 => 8,
            Self::Q5_0 => 16,
            Self::Q6K => 32,
            Self::Q8_0 | Self::Q4_1 | Self::Q5_1 | Self::Q4K | Self::Q5K => 0,
        }
    }

    pub const fn scales(self) -> Scales {
        match self {
            Self::Q8_0 | Self::Q4_0 | Self::Q5_0 => Scales::Half,
            Self::Q4_1 | Self::Q5_1 => Scales::HalfOffset,
            Self::Q4K | Self::Q5K => Scales::SuperMinimum,
            Self::Q6K => Scales::SuperSixteen,
        }
    }
}

/// The layout of a packed matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    F32,
    F16,
    BF16,
    Quantized(Format),
}

impl Layout {
    pub fn of(dtype: TensorType) -> Self {
        match dtype {
            TensorType::F32 => Self::F32,
            TensorType::F16 => Self::F16,
            TensorType::BF16 => Self::BF16,
            TensorType::Q8_0 => Self::Quantized(Format::Q8_0),
            TensorType::Q5_0 => Self::Quantized(Format::Q5_0),
            TensorType::Q4_0 => Self::Quantized(Format::Q4_0),
            TensorType::Q4_1 => Self::Quantized(Format::Q4_1),
            TensorType::Q5_1 => Self::Quantized(Format::Q5_1),
            TensorType::Q4K => Self::Quantized(Format::Q4K),
            TensorType::Q5K => Self::Quantized(Format::Q5K),
            TensorType::Q6K => Self::Quantized(Format::Q6K),
        }
    }

    /// Bytes of a panel with `inputs` inputs.
    pub fn panel_bytes(self, inputs: usize) -> usize {
        match self {
            Self::F32 => inputs * COLUMNS * 4,
            Self::F16 | Self::BF16 => inputs * COLUMNS * 2,
            Self::Quantized(format) => {
                let (quants, scales) = (format.quants(), format.scales());
                let records = inputs / BLOCK;
                records.div_ceil(SUPER) * scales.super_bytes() + records * (scales.bytes() + quants.bytes())
            }
        }
    }
}

impl Quants {
    pub const fn bytes(self) -> usize {
        match self {
            Self::Nibbles => COLUMNS * BLOCK / 2,
            Self::FiveBits | Self::SixBits | Self::Bytes => COLUMNS * BLOCK,
        }
    }
}

impl Scales {
    /// Bytes before each record's numbers.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Half | Self::SuperMinimum | Self::SuperSixteen => 2 * COLUMNS,
            Self::HalfOffset => 4 * COLUMNS,
        }
    }

    /// Bytes before every eighth record.
    pub const fn super_bytes(self) -> usize {
        match self {
            Self::Half | Self::HalfOffset => 0,
            Self::SuperMinimum => 4 * COLUMNS,
            Self::SuperSixteen => 2 * COLUMNS,
        }
    }
}

/// A weight matrix `[outputs, inputs]`, packed. Columns that fill up the last panel are zeros.
pub struct Packed {
    layout: Layout,
    inputs: usize,
    outputs: usize,
    /// Of the inputs of products with this matrix.
    precision: Precision,
    data: Bytes,
}

impl Packed {
    /// Repacks `tensor`, whose rows are the outputs. The reader of the file made sure that rows are whole blocks.
    ///
    /// `release` is called now and then: what was packed until then is not read again. An error if there is no memory.
    pub fn new(
        tensor: &Tensor<'_>,
        precision: Precision,
        pool: &mut Pool,
        arena: &mut Arena,
        release: impl Fn(),
    ) -> Result<Self, EngineError> {
        let (inputs, outputs) = (tensor.row_len(), tensor.rows());
        let layout = Layout::of(tensor.dtype);
        let panel_bytes = layout.panel_bytes(inputs);
        let mut data = arena.allocate(panel_bytes * outputs.div_ceil(COLUMNS))?;
        let part_bytes = panel_bytes * (PART_BYTES / panel_bytes.max(1)).max(1);
        for (part, bytes) in data.as_mut_slice().chunks_mut(part_bytes.max(1)).enumerate() {
            pool.for_each_chunk(bytes, panel_bytes, |start, panel| {
                let first = (part * part_bytes + start) / panel_bytes * COLUMNS;
                let rows: Vec<&[u8]> = (first..outputs.min(first + COLUMNS)).map(|row| tensor.row(row)).collect();
                match layout {
                    Layout::F32 => pack_floats::<4>(&rows, panel),
                    Layout::F16 | Layout::BF16 => pack_floats::<2>(&rows, panel),
                    Layout::Quantized(format) => pack_quantized(tensor.dtype, format, &rows, panel, inputs / BLOCK),
                }
            });
            release();
        }
        Ok(Self { layout, inputs, outputs, precision, data })
    }

    pub fn layout(&self) -> Layout {
        self.layout
    }

    pub fn precision(&self) -> Precision {
        self.precision
    }

    pub fn inputs(&self) -> usize {
        self.inputs
    }

    pub fn outputs(&self) -> usize {
        self.outputs
    }

    pub fn panels(&self) -> usize {
        self.outputs.div_ceil(COLUMNS)
    }

    pub fn bytes_of(&self, panels: Range<usize>) -> &[u8] {
        let bytes = self.layout.panel_bytes(self.inputs);
        &self.data.as_slice()[panels.start * bytes..panels.end * bytes]
    }
}

fn pack_floats<const BYTES: usize>(rows: &[&[u8]], panel: &mut [u8]) {
    for (column, row) in rows.iter().enumerate() {
        for (input, value) in row.as_chunks::<BYTES>().0.iter().enumerate() {
            let at = (input * COLUMNS + column) * BYTES;
            panel[at..at + BYTES].copy_from_slice(value);
        }
    }
}

fn pack_quantized(dtype: TensorType, format: Format, rows: &[&[u8]], panel: &mut [u8], records: usize) {
    let (quants, scales) = (format.quants(), format.scales());
    let mut at = 0;
    for record in 0..records {
        if record % SUPER == 0 {
            pack_super_scales(dtype, scales, rows, record / SUPER, &mut panel[at..]);
            at += scales.super_bytes();
        }
        pack_scales(dtype, scales, rows, record, &mut panel[at..]);
        at += scales.bytes();
        let numbers = &mut panel[at..at + quants.bytes()];
        for (column, row) in rows.iter().enumerate() {
            pack_quants(format, &blocks::block(dtype, row, record), column, numbers);
        }
        at += quants.bytes();
    }
}

fn pack_quants(format: Format, block: &Block, column: usize, out: &mut [u8]) {
    // The blocks of Q6_K have signed numbers; those of Q4_0 and Q5_0 are as they come.
    let shift = match format.quants() {
        Quants::SixBits => format.zero() as u8,
        Quants::Nibbles | Quants::FiveBits | Quants::Bytes => 0,
    };
    for (input, &quant) in block.quants.iter().enumerate() {
        let (group, lane) = (input / 4, column * 4 + input % 4);
        let number = (quant as u8).wrapping_add(shift);
        match format.quants() {
            Quants::Nibbles => out[group / 2 * 64 + lane] |= number << (group % 2 * 4),
            Quants::FiveBits | Quants::SixBits | Quants::Bytes => out[group * 64 + lane] = number,
        }
    }
}

/// Copies the scales of a record from the blocks' own bytes (their layout: `native/blocks.rs`), so nothing is rounded.
fn pack_scales(dtype: TensorType, scales: Scales, rows: &[&[u8]], record: usize, out: &mut [u8]) {
    let size = dtype.block_bytes();
    for (column, row) in rows.iter().enumerate() {
        let per_block = dtype.block_len() / BLOCK;
        let block = &row[record / per_block * size..][..size];
        match scales {
            Scales::Half => out[column * 2..][..2].copy_from_slice(&block[..2]),
            Scales::HalfOffset => {
                out[column * 2..][..2].copy_from_slice(&block[..2]);
                out[(COLUMNS + column) * 2..][..2].copy_from_slice(&block[2..4]);
            }
            Scales::SuperMinimum => {
                let (scale, minimum) = blocks::scale_and_min(&block[4..16], record % per_block);
                out[column] = scale;
                out[COLUMNS + column] = minimum;
            }
            Scales::SuperSixteen => {
                let sixteens = &block[192 + record % per_block * 2..];
                out[column] = sixteens[0];
                out[COLUMNS + column] = sixteens[1];
            }
        }
    }
}

fn pack_super_scales(dtype: TensorType, scales: Scales, rows: &[&[u8]], index: usize, out: &mut [u8]) {
    let size = dtype.block_bytes();
    for (column, row) in rows.iter().enumerate() {
        match scales {
            Scales::Half | Scales::HalfOffset => {}
            Scales::SuperMinimum => {
                let block = &row[index * size..][..size];
                out[column * 2..][..2].copy_from_slice(&block[..2]);
                out[(COLUMNS + column) * 2..][..2].copy_from_slice(&block[2..4]);
            }
            Scales::SuperSixteen => {
                let block = &row[index * size..][..size];
                out[column * 2..][..2].copy_from_slice(&block[208..210]);
            }
        }
    }
}
