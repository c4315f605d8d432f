//! The arithmetic: small functions over one tile or one row, each at every [`KernelLevel`].
//!
//! A kernel computes each output alone, in an order of its own that is fixed by the shapes: a sum over 32-input records, or
//! over inputs, from the first to the last, with fused multiply-adds. So a row's result does not depend on the rows
//! beside it, and all levels give the same bits. Integer sums are exact in any order.
//!
//! The functions here check lengths and choose; `unsafe` is below them.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod elementwise;
mod scalar;

use super::blocks::BLOCK;
use super::level::{Available, KernelLevel};
use super::pack::{COLUMNS, Format, Layout};

/// Results of one row and one panel.
pub type Columns = [f32; COLUMNS];

/// What a tile starts as.
pub const COLUMNS_ZERO: Columns = [0.0; COLUMNS];

/// The most rows in a tile of quantised weights, of any precision.
pub const QUANTIZED_ROWS: usize = 4;
/// The most rows in a tile of float weights.
pub const FLOAT_ROWS: usize = 6;

/// How finely a product sees its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Eight bits: `scale * value`, as llama.cpp has it.
    #[default]
    Narrow,
    /// Fifteen bits: `scale * (value + rest / 128)`, at twice the multiplications. What is lost is less than what the
    /// f16 KV cache loses: greedy text is that of float arithmetic.
    Wide,
}

impl Precision {
    /// The most rows in a tile: eight 256-bit accumulators, and the weights, stay in registers.
    pub fn tile_rows(self) -> usize {
        match self {
            Self::Narrow => QUANTIZED_ROWS,
            Self::Wide => QUANTIZED_ROWS / 2,
        }
    }
}

/// Rows of activations as whole numbers, with a scale for every 32 inputs.
#[derive(Debug, Default)]
pub struct QuantizedRows {
    /// `[rows, inputs]`, -127..=127.
    pub values: Vec<i8>,
    /// `[rows, inputs]`, -64..=64: what rounding to `values` lost, in parts of 128.
    pub rests: Vec<i8>,
    /// `[rows, inputs / 32]`.
    pub scales: Vec<f32>,
    /// -4 times the sum of each 32 values, and of their rests: added to a product twice, it takes 8 off the weights.
    pub sums: Vec<[i16; 2]>,
}

impl Precision {
    /// What the sum of a record's inputs is multiplied with, times the record's scale: `sums` as a number.
    #[inline]
    fn offset_input(self, scale: f32, sums: [i16; 2]) -> f32 {
        let sum = match self {
            Self::Narrow => i32::from(sums[0]),
            Self::Wide => 128 * i32::from(sums[0]) + i32::from(sums[1]),
        };
        scale * (sum as f32 * -0.25)
    }
}

/// Some rows of [`QuantizedRows`].
#[derive(Debug, Clone, Copy)]
pub struct QuantizedTile<'a> {
    pub values: &'a [i8],
    pub rests: &'a [i8],
    pub scales: &'a [f32],
    pub sums: &'a [[i16; 2]],
    /// Records of 32 inputs in a row.
    pub records: usize,
}

impl QuantizedRows {
    /// Makes place for `rows` rows of `inputs`. Contents are left to whoever quantises them.
    pub fn resize(&mut self, rows: usize, inputs: usize) {
        self.values.resize(rows * inputs, 0);
        self.rests.resize(rows * inputs, 0);
        self.scales.resize(rows * inputs / BLOCK, 0.0);
        self.sums.resize(rows * inputs / BLOCK, [0; 2]);
    }

    pub fn tile(&self, first: usize, rows: usize, records: usize) -> QuantizedTile<'_> {
        let parts = first * records..(first + rows) * records;
        QuantizedTile {
            values: &self.values[parts.start * BLOCK..parts.end * BLOCK],
            rests: &self.rests[parts.start * BLOCK..parts.end * BLOCK],
            scales: &self.scales[parts.clone()],
            sums: &self.sums[parts],
            records,
        }
    }
}

/// `out[row] = inputs[row] * panel` for up to [`Precision::tile_rows`] rows.
pub fn quantized_tile(
    level: Available,
    format: Format,
    precision: Precision,
    panel: &[u8],
    inputs: QuantizedTile<'_>,
    out: &mut [Columns],
) {
    let records = inputs.records;
    assert!((1..=precision.tile_rows()).contains(&out.len()));
    assert_eq!(inputs.values.len(), out.len() * records * BLOCK);
    assert_eq!(inputs.rests.len(), out.len() * records * BLOCK);
    assert_eq!(inputs.scales.len(), out.len() * records);
    assert_eq!(inputs.sums.len(), out.len() * records);
    assert!(panel.len() >= Layout::Quantized(format).panel_bytes(records * BLOCK));
    match level.level() {
        KernelLevel::Scalar => scalar::quantized_tile(format, precision, panel, inputs, out),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `Available` has seen that the processor has AVX2, FMA and F16C; the lengths were checked above.
        KernelLevel::Avx2 => unsafe { avx2::quantized_tile(format, precision, panel, inputs, out) },
        #[cfg(not(target_arch = "x86_64"))]
        KernelLevel::Avx2 => scalar::quantized_tile(format, precision, panel, inputs, out),
    }
}

/// How a float panel keeps its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Float {
    F32,
    F16,
    BF16,
}

impl Float {
    pub const fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
        }
    }
}

/// `out[row] = inputs[row] * panel` for up to [`FLOAT_ROWS`] rows of `count` inputs, which start `stride` apart.
/// The panel has, for each input, sixteen columns.
pub fn float_tile(
    level: Available,
    kind: Float,
    panel: &[u8],
    inputs: &[f32],
    stride: usize,
    count: usize,
    out: &mut [Columns],
) {
    assert!((1..=FLOAT_ROWS).contains(&out.len()));
    assert!(inputs.len() >= (out.len() - 1) * stride + count);
    assert!(panel.len() >= count * COLUMNS * kind.bytes());
    match level.level() {
        KernelLevel::Scalar => scalar::float_tile(kind, panel, inputs, stride, count, out),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: as in `quantized_tile`.
        KernelLevel::Avx2 => unsafe { avx2::float_tile(kind, panel, inputs, stride, count, out) },
        #[cfg(not(target_arch = "x86_64"))]
        KernelLevel::Avx2 => scalar::float_tile(kind, panel, inputs, stride, count, out),
    }
}

/// Defines a function over slices that is compiled once for every level from the same source in [`elementwise`].
macro_rules! by_level {
    ($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?) => {
        $(#[$doc])*
        pub fn $name(level: Available, $($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,f16c")]
            fn with_avx2($($argument: $type),*) $(-> $result)? {
                elementwise::$name($($argument),*)
            }
            match level.level() {
                KernelLevel::Scalar => elementwise::$name($($argument),*),
                #[cfg(target_arch = "x86_64")]
                // SAFETY: `Available` has seen that the processor has these features.
                KernelLevel::Avx2 => unsafe { with_avx2($($argument),*) },
                #[cfg(not(target_arch = "x86_64"))]
                KernelLevel::Avx2 => elementwise::$name($($argument),*),
            }
        }
    };
}

by_level! {
    /// One row to whole numbers: the fields of [`QuantizedRows`].
    quantize_row(row: &[f32], values: &mut [i8], rests: &mut [i8], scales: &mut [f32], sums: &mut [[i16; 2]])
}
by_level! {
    /// `out = row / rms(row) * weight`, as RMSNorm has it.
    rms_norm(row: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32])
}
by_level! {
    /// `gate = silu(gate) * up`.
    swiglu(gate: &mut [f32], up: &[f32])
}
by_level! {
    /// `e^x` of one number.
    exponential(x: f32) -> f32
}
by_level! {
    /// `total = total * keep + part * add`.
    scale_add(total: &mut [f32], keep: f32, part: &[f32], add: f32)
}
by_level! {
    /// `total = total + part`.
    add(total: &mut [f32], part: &[f32])
}

/// Replaces scores by `exp(score - max)` and returns `(max, sum)`. The length is a multiple of 8; a score of negative
/// infinity gives 0.
pub fn exponentials(level: Available, scores: &mut [f32]) -> (f32, f32) {
    match level.level() {
        KernelLevel::Scalar => elementwise::exponentials(scores),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `Available` has seen that the processor has these features.
        KernelLevel::Avx2 => unsafe { avx2::exponentials(scores) },
        #[cfg(not(target_arch = "x86_64"))]
        KernelLevel::Avx2 => elementwise::exponentials(scores),
    }
}

#[cfg(test)]
mod tests;
