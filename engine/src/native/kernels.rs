//! The arithmetic: small functions over one tile or one row, each at every [`KernelLevel`].
//!
//! A kernel computes each output alone, in an order of its own that is fixed by the shapes: a sum over 32-input records, or
//! over inputs, from the first to the last, with fused multiply-adds. So a row's result does not depend on the rows
//! beside it, and all levels give the same bits. Integer sums are exact in any order.
//!
//! The functions here check lengths and choose; `unsafe` is below them.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod elementwise;
mod scalar;
#[cfg(any(target_arch = "x86_64", test))]
mod vnni;

use half::f16;

pub use elementwise::bounded;

use super::blocks::BLOCK;
use super::level::{Available, KernelLevel};
use super::pack::{COLUMNS, Format, Layout, Quants, SUPER};

/// Results of one row and one panel.
pub type Columns = [f32; COLUMNS];

/// What a tile starts as.
pub const COLUMNS_ZERO: Columns = [0.0; COLUMNS];

/// The most rows in a tile of quantised weights, at any level and precision ([`KernelLevel::tile_rows`], [`KernelLevel::pair_rows`]).
pub const QUANTIZED_ROWS: usize = 10;
/// The most results of a tile of quantised weights: those of two panels ([`KernelLevel::pair_rows`]).
pub const QUANTIZED_RESULTS: usize = 20;
/// The most rows in a tile of float weights, at any level ([`KernelLevel::float_tile_rows`]).
pub const FLOAT_ROWS: usize = 24;

/// How finely a product sees its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Eight bits: `scale * value`, as llama.cpp has it.
    #[default]
    Narrow,
    /// Fifteen bits: `scale * (value + rest / 128)`, at twice the multiplications. What is lost is less than what a KV cache of
    /// sixteen bits loses: greedy text is that of float arithmetic.
    Wide,
}

/// Rows of activations as whole numbers, with a scale for every 32 inputs.
#[derive(Debug, Default, PartialEq)]
pub struct QuantizedRows {
    /// `[rows, inputs]`, -127..=127.
    pub values: Vec<i8>,
    /// `[rows, inputs]`, -64..=64: what rounding to `values` lost, in parts of 128.
    pub rests: Vec<i8>,
    /// `[rows, inputs / 32]`.
    pub scales: Vec<f32>,
    /// -4 times the sum of each 32 values, and of their rests: added to a product twice, it takes 8 off the weights.
    pub sums: Vec<[i16; 2]>,
    /// The same for the first and the last sixteen: of the values, of the rests.
    pub half_sums: Vec<[[i16; 2]; 2]>,
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

/// How far before their use weights, keys and values are fetched into the nearest cache, in bytes. A processor fetches by
/// itself what follows, but only to the end of a page, and waits when the next one begins.
#[cfg(any(target_arch = "x86_64", test))]
const AHEAD: usize = 2048;
/// The same for the second-level cache, which waits for more lines at a time than the first.
#[cfg(any(target_arch = "x86_64", test))]
const FAR_AHEAD: usize = 8192;
/// The same where lines are fetched one by one between other work.
#[cfg(any(target_arch = "x86_64", test))]
const LINE_AHEAD: usize = 16384;
/// Bytes of a cache line.
#[cfg(any(target_arch = "x86_64", test))]
const LINE: usize = 64;

/// Has `bytes` fetched that lie [`AHEAD`] and [`FAR_AHEAD`] of `from`.
#[cfg(any(target_arch = "x86_64", test))]
#[inline(always)]
fn fetch_ahead(from: *const u8, bytes: usize) {
    fetch_lines::<false>(from.wrapping_add(AHEAD), bytes);
    fetch_lines::<true>(from.wrapping_add(FAR_AHEAD), bytes);
}

/// Has the line fetched that lies [`AHEAD`] of `from`, and that [`LINE_AHEAD`].
#[cfg(any(target_arch = "x86_64", test))]
#[inline(always)]
fn fetch_line_ahead(from: *const u8) {
    fetch_lines::<false>(from.wrapping_add(AHEAD), 1);
    fetch_lines::<true>(from.wrapping_add(LINE_AHEAD), 1);
}

/// Has the lines of `bytes` fetched into the nearest cache, or `FAR` into the second.
#[cfg(any(target_arch = "x86_64", test))]
#[inline(always)]
fn fetch_lines<const FAR: bool>(from: *const u8, bytes: usize) {
    #[cfg(target_arch = "x86_64")]
    for line in (0..bytes).step_by(LINE) {
        use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};
        let line = from.wrapping_add(line).cast();
        // SAFETY: every processor of this kind has the instruction, and any address will do: it is a hint.
        unsafe { if FAR { _mm_prefetch::<_MM_HINT_T1>(line) } else { _mm_prefetch::<_MM_HINT_T0>(line) } };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (from, bytes);
}

/// Some rows of [`QuantizedRows`].
#[derive(Debug, Clone, Copy)]
pub struct QuantizedTile<'a> {
    pub values: &'a [i8],
    pub rests: &'a [i8],
    pub scales: &'a [f32],
    pub sums: &'a [[i16; 2]],
    pub half_sums: &'a [[[i16; 2]; 2]],
    pub rows: usize,
    /// Records of 32 inputs in a row.
    pub records: usize,
}

/// One row of [`QuantizedRows`], to be filled.
#[derive(Debug)]
pub struct QuantizedRow<'a> {
    pub values: &'a mut [i8],
    pub rests: &'a mut [i8],
    pub scales: &'a mut [f32],
    pub sums: &'a mut [[i16; 2]],
    pub half_sums: &'a mut [[[i16; 2]; 2]],
}

/// What becomes of 32 numbers of a row.
struct QuantizedBlock<'a> {
    values: &'a mut [i8; BLOCK],
    rests: &'a mut [i8; BLOCK],
    scale: &'a mut f32,
    sums: &'a mut [i16; 2],
    half_sums: &'a mut [[i16; 2]; 2],
}

impl QuantizedRow<'_> {
    /// The blocks of `row`, each with the place of its results.
    #[inline(always)]
    fn blocks<'a>(&'a mut self, row: &'a [f32]) -> impl Iterator<Item = (&'a [f32; BLOCK], QuantizedBlock<'a>)> {
        let values = self.values.as_chunks_mut::<BLOCK>().0.iter_mut();
        let numbers = values.zip(self.rests.as_chunks_mut::<BLOCK>().0);
        let sums = self.sums.iter_mut().zip(self.half_sums.iter_mut());
        let results = numbers.zip(self.scales.iter_mut().zip(sums));
        row.as_chunks::<BLOCK>().0.iter().zip(results).map(|(block, ((values, rests), (scale, (sums, half_sums))))| {
            (block, QuantizedBlock { values, rests, scale, sums, half_sums })
        })
    }
}

impl QuantizedRows {
    /// Makes place for `rows` rows of `inputs`. Contents are left to whoever quantises them.
    pub fn resize(&mut self, rows: usize, inputs: usize) {
        self.values.resize(rows * inputs, 0);
        self.rests.resize(rows * inputs, 0);
        self.scales.resize(rows * inputs / BLOCK, 0.0);
        self.sums.resize(rows * inputs / BLOCK, [0; 2]);
        self.half_sums.resize(rows * inputs / BLOCK, [[0; 2]; 2]);
    }

    /// The rows, each `records * 32` inputs long.
    pub fn rows_mut(&mut self, records: usize) -> impl Iterator<Item = QuantizedRow<'_>> {
        // No chunk may be empty, and rows without records have nothing to fill.
        let (inputs, records) = ((records * BLOCK).max(1), records.max(1));
        let numbers = self.values.chunks_mut(inputs).zip(self.rests.chunks_mut(inputs));
        let sums = self.sums.chunks_mut(records).zip(self.half_sums.chunks_mut(records));
        numbers.zip(self.scales.chunks_mut(records).zip(sums)).map(|((values, rests), (scales, (sums, half_sums)))| {
            QuantizedRow { values, rests, scales, sums, half_sums }
        })
    }

    pub fn tile(&self, first: usize, rows: usize, records: usize) -> QuantizedTile<'_> {
        let parts = first * records..(first + rows) * records;
        QuantizedTile {
            values: &self.values[parts.start * BLOCK..parts.end * BLOCK],
            rests: &self.rests[parts.start * BLOCK..parts.end * BLOCK],
            scales: &self.scales[parts.clone()],
            sums: &self.sums[parts.clone()],
            half_sums: &self.half_sums[parts],
            rows,
            records,
        }
    }
}

/// Calls a function at its level: the one of that name in the module of plain code that is named, in `avx2` or in `avx512`, which
/// have the same arguments.
macro_rules! at_level {
    ($level:expr, $plain:ident::$name:ident($($argument:expr),*)) => {
        match $level.level() {
            KernelLevel::Scalar => $plain::$name($($argument),*),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Available` has seen that the processor has AVX2, FMA and F16C; lengths are checked before.
            KernelLevel::Avx2 | KernelLevel::AvxVnni => unsafe { avx2::$name($($argument),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the same with AVX-512 and its VNNI.
            KernelLevel::Avx512Vnni => unsafe { avx512::$name($($argument),*) },
            #[cfg(not(target_arch = "x86_64"))]
            KernelLevel::Avx2 | KernelLevel::AvxVnni | KernelLevel::Avx512Vnni => $plain::$name($($argument),*),
        }
    };
}

/// `out[panel, row] = inputs[row] * panels[panel]` for up to [`KernelLevel::tile_rows`] rows and one panel, or up to
/// [`KernelLevel::pair_rows`] and two, which lie behind each other.
pub fn quantized_tile(
    level: Available,
    format: Format,
    precision: Precision,
    panels: &[u8],
    inputs: QuantizedTile<'_>,
    out: &mut [Columns],
) {
    let (rows, records) = (inputs.rows, inputs.records);
    let count = out.len() / rows;
    assert_eq!(out.len(), rows * count);
    assert!(match count {
        1 => rows <= level.level().tile_rows(precision),
        _ => count == 2 && level.level().pair_rows(precision).is_some_and(|most| rows <= most),
    });
    assert_eq!(inputs.values.len(), rows * records * BLOCK);
    assert_eq!(inputs.rests.len(), rows * records * BLOCK);
    assert_eq!(inputs.scales.len(), rows * records);
    assert_eq!(inputs.sums.len(), rows * records);
    assert_eq!(inputs.half_sums.len(), rows * records);
    assert_eq!(panels.len(), count * Layout::Quantized(format).panel_bytes(records * BLOCK));
    match level.level() {
        KernelLevel::Scalar => scalar::quantized_tile(format, precision, panels, inputs, out),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `Available` has seen that the processor has AVX2, FMA and F16C; the lengths were checked above.
        KernelLevel::Avx2 => unsafe { avx2::quantized_tile(format, precision, panels, inputs, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the same with AVX-VNNI.
        KernelLevel::AvxVnni => unsafe { vnni::avx::quantized_tile(format, precision, panels, inputs, out) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the same with AVX-512 and its VNNI.
        KernelLevel::Avx512Vnni => unsafe { vnni::avx512::quantized_tile(format, precision, panels, inputs, out) },
        #[cfg(not(target_arch = "x86_64"))]
        KernelLevel::Avx2 | KernelLevel::AvxVnni | KernelLevel::Avx512Vnni => {
            scalar::quantized_tile(format, precision, panels, inputs, out)
        }
    }
}

/// Whether a level gives the scalar kernels' results, bit by bit, for records of every format, their inputs and floats: a processor (or a
/// virtual machine) whose instructions are not what it says would otherwise write nonsense, fluently. It takes about a
/// millisecond.
pub fn self_check(level: Available) -> bool {
    /// So that every format has its scales of scales, and a tile the most rows.
    const RECORDS: usize = SUPER;
    let mut state = 1u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let floats: Vec<f32> = (0..FLOAT_ROWS * RECORDS * BLOCK).map(|_| f32::from(byte()) - 127.0).collect();
    let quantized = |quantize: &dyn Fn(&[f32], &mut QuantizedRow<'_>)| {
        let mut rows = QuantizedRows::default();
        rows.resize(QUANTIZED_ROWS, RECORDS * BLOCK);
        for (mut row, floats) in rows.rows_mut(RECORDS).zip(floats.chunks(RECORDS * BLOCK)) {
            quantize(floats, &mut row);
        }
        rows
    };
    let rows = quantized(&elementwise::quantize_row);
    let rows_agree = quantized(&|floats, row| quantize_row(level, floats, row)) == rows;
    let bits = |rows: &[Columns]| -> Vec<u32> { rows.iter().flatten().map(|value| value.to_bits()).collect() };
    let quantized_agree = Format::ALL.into_iter().all(|format| {
        // Numbers of few bits are kept in bytes; scales of any bits are numbers once the top ones of a half are gone.
        let mask = match format.quants() {
            Quants::Nibbles | Quants::Bytes => 0xff,
            Quants::FiveBits => 0x1f,
            Quants::SixBits => 0x3f,
        };
        let panel_bytes = Layout::Quantized(format).panel_bytes(RECORDS * BLOCK);
        let panels: Vec<u8> = (0..2 * panel_bytes).map(|_| byte() & mask & 0xbf).collect();
        [Precision::Narrow, Precision::Wide].into_iter().all(|precision| {
            let single = [(level.level().tile_rows(precision), 1)];
            let pair = level.level().pair_rows(precision).map(|rows| (rows, 2));
            single.into_iter().chain(pair).all(|(count, together)| {
                let tile = rows.tile(0, count, RECORDS);
                let mut results = [[COLUMNS_ZERO; QUANTIZED_RESULTS]; 2];
                let [expected, found] = results.each_mut().map(|results| &mut results[..together * count]);
                for (panel, expected) in panels.chunks(panel_bytes).zip(expected.chunks_mut(count)) {
                    scalar::quantized_tile(format, precision, panel, tile, expected);
                }
                quantized_tile(level, format, precision, &panels[..together * panel_bytes], tile, found);
                bits(expected) == bits(found)
            })
        })
    });
    let floats_agree = [Float::F32, Float::F16, Float::BF16].into_iter().all(|kind| {
        let panel: Vec<u8> = (0..BLOCK * COLUMNS * kind.bytes()).map(|_| byte() & 0xbf).collect();
        let count = level.level().float_tile_rows();
        let (mut expected, mut found) = ([COLUMNS_ZERO; FLOAT_ROWS], [COLUMNS_ZERO; FLOAT_ROWS]);
        scalar::float_tile(kind, &panel, &floats, BLOCK, BLOCK, &mut expected[..count]);
        float_tile(level, kind, &panel, &floats, BLOCK, BLOCK, &mut found[..count]);
        bits(&expected[..count]) == bits(&found[..count])
    });
    let fixed_agree = {
        const MOST: i16 = 1000;
        let largest_agree = elementwise::largest(&floats) == largest(level, &floats);
        let (mut numbers, mut found) = (vec![0; floats.len()], vec![0; floats.len()]);
        elementwise::to_fixed(&floats, elementwise::fixed_scale(127.0, MOST).0, MOST, &mut numbers);
        to_fixed(level, &floats, 127.0, MOST, &mut found);
        let (panel, scales): (Vec<u8>, _) =
            ((0..BLOCK * COLUMNS * 2).map(|_| byte()).collect(), [1.5f32.to_ne_bytes(); COLUMNS]);
        // The panel's numbers are of any bits; these are so small that no sum exceeds 32.
        let rows = level.level().float_tile_rows();
        let inputs = FixedTile { numbers: &numbers, scales: &floats, stride: BLOCK, pairs: BLOCK / 2, rows };
        let (mut tile, mut found_tile) = ([COLUMNS_ZERO; FLOAT_ROWS], [COLUMNS_ZERO; FLOAT_ROWS]);
        scalar::fixed_tile(&panel, &scales, inputs, &mut tile, 1);
        fixed_tile(level, &panel, &scales, inputs, &mut found_tile, 1);
        let factors: Vec<[u8; 4]> = floats.iter().map(|number| number.to_ne_bytes()).collect();
        let (mut weighed, mut found_weighed) = (floats.clone(), floats.clone());
        let weighed_agree = elementwise::weigh(&mut weighed, &factors) == weigh(level, &mut found_weighed, &factors)
            && weighed == found_weighed;
        largest_agree && numbers == found && bits(&tile) == bits(&found_tile) && weighed_agree
    };
    let (mut expected, mut found) = (floats.clone(), floats);
    rows_agree
        && quantized_agree
        && floats_agree
        && fixed_agree
        && elementwise::highest(&expected) == highest(level, &found)
        && elementwise::exponentials(&mut expected, 127.0) == exponentials(level, &mut found, 127.0)
        && expected == found
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

/// `out[row] = inputs[row] * panel` for up to [`KernelLevel::float_tile_rows`] rows of `count` inputs, which start `stride` apart.
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
    assert!((1..=level.level().float_tile_rows()).contains(&out.len()));
    assert!(inputs.len() >= (out.len() - 1) * stride + count);
    assert!(panel.len() >= count * COLUMNS * kind.bytes());
    at_level!(level, scalar::float_tile(kind, panel, inputs, stride, count, out))
}

/// Rows of whole numbers, each with a scale, which start `stride` apart and are multiplied as far as `pairs` pairs.
#[derive(Debug, Clone, Copy)]
pub struct FixedTile<'a> {
    pub numbers: &'a [i16],
    pub scales: &'a [f32],
    pub stride: usize,
    pub pairs: usize,
    pub rows: usize,
}

/// `out[step * row, column] = (inputs[row] * panel) * (row's scale * scales[column])` for up to
/// [`KernelLevel::float_tile_rows`] rows.
/// The panel has, for each pair of inputs, two numbers of each of sixteen columns. The sums of the products are to be less than
/// 2^31.
pub fn fixed_tile(
    level: Available,
    panel: &[u8],
    scales: &[[u8; 4]; COLUMNS],
    inputs: FixedTile<'_>,
    out: &mut [Columns],
    step: usize,
) {
    assert!((1..=level.level().float_tile_rows()).contains(&inputs.rows));
    assert!(inputs.numbers.len() >= (inputs.rows - 1) * inputs.stride + 2 * inputs.pairs);
    assert!(inputs.scales.len() >= inputs.rows);
    assert!(panel.len() >= inputs.pairs * COLUMNS * 4);
    assert!(out.len() > (inputs.rows - 1) * step);
    at_level!(level, scalar::fixed_tile(panel, scales, inputs, out, step))
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
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx2,fma,f16c")]
            fn with_avx512($($argument: $type),*) $(-> $result)? {
                elementwise::$name($($argument),*)
            }
            match level.level() {
                KernelLevel::Scalar => elementwise::$name($($argument),*),
                #[cfg(target_arch = "x86_64")]
                // SAFETY: `Available` has seen that the processor has these features.
                KernelLevel::Avx2 | KernelLevel::AvxVnni => unsafe { with_avx2($($argument),*) },
                #[cfg(target_arch = "x86_64")]
                // SAFETY: as above.
                KernelLevel::Avx512Vnni => unsafe { with_avx512($($argument),*) },
                #[cfg(not(target_arch = "x86_64"))]
                KernelLevel::Avx2 | KernelLevel::AvxVnni | KernelLevel::Avx512Vnni => elementwise::$name($($argument),*),
            }
        }
    };
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
    /// Adds more keys to a query's: `sums` are the largest score and the sum of the exponentials of what is below it.
    merge(sums: &mut [f32; 2], values: &mut [f32], more: [f32; 2], more_values: &[f32])
}
by_level! {
    /// `total = total + part`.
    add(total: &mut [f32], part: &[f32])
}
by_level! {
    /// `row = row / divisor`, without negative zeros: the one thing that a tile of attention can change.
    divide(row: &mut [f32], divisor: f32)
}

/// One row to whole numbers: the fields of [`QuantizedRows`].
pub fn quantize_row(level: Available, row: &[f32], out: &mut QuantizedRow<'_>) {
    at_level!(level, elementwise::quantize_row(row, out))
}

/// Numbers as halves, the nearest. What is too large becomes the largest that is one, and what is not a number the lowest.
pub fn to_halves(level: Available, numbers: &[f32], halves: &mut [f16]) {
    match level.level() {
        KernelLevel::Scalar => elementwise::to_halves(numbers, halves),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: `Available` has seen that the processor has these features.
        KernelLevel::Avx2 | KernelLevel::AvxVnni | KernelLevel::Avx512Vnni => unsafe {
            avx2::to_halves(numbers, halves)
        },
        #[cfg(not(target_arch = "x86_64"))]
        KernelLevel::Avx2 | KernelLevel::AvxVnni | KernelLevel::Avx512Vnni => elementwise::to_halves(numbers, halves),
    }
}

/// Numbers as whole ones from `-most` to `most`, the nearest if `largest` is their largest magnitude; returns what they are to be
/// multiplied with. What is not finite becomes any of them.
pub fn to_fixed(level: Available, numbers: &[f32], largest: f32, most: i16, fixed: &mut [i16]) -> f32 {
    let (inverse, scale) = elementwise::fixed_scale(largest, most);
    at_level!(level, elementwise::to_fixed(numbers, inverse, most, fixed));
    scale
}

/// `numbers = numbers * factors`; returns the largest of them, or 0. Neither are below it.
pub fn weigh(level: Available, numbers: &mut [f32], factors: &[[u8; 4]]) -> f32 {
    at_level!(level, elementwise::weigh(numbers, factors)).min(f32::MAX)
}

/// The largest magnitude, which is finite: 0 if none is a number.
pub fn largest(level: Available, numbers: &[f32]) -> f32 {
    at_level!(level, elementwise::largest(numbers)).min(f32::MAX)
}

/// The largest of the scores, a multiple of 8: negative infinity if none is a number.
pub fn highest(level: Available, scores: &[f32]) -> f32 {
    at_level!(level, elementwise::highest(scores))
}

/// Replaces scores by `exp(score - maximum)` and returns their sum. The length is a multiple of 8; a score of negative infinity
/// gives 0.
pub fn exponentials(level: Available, scores: &mut [f32], maximum: f32) -> f32 {
    at_level!(level, elementwise::exponentials(scores, maximum))
}

#[cfg(test)]
mod tests;
