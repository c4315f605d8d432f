//! The float kernels and the row functions with AVX-512: those of [`super::avx2`], with sixteen numbers in one register.

use std::arch::x86_64::*;

use crate::native::pack::COLUMNS;

use super::elementwise::{self, EXP_LOWEST, EXP_SERIES, LN_2, ROUND, SMALLEST};
use super::{Columns, FixedTile, Float, QuantizedBlock, QuantizedRow, fetch_ahead};

const F32: u8 = 0;
const F16: u8 = 1;
const BF16: u8 = 2;

/// # Safety
/// The processor has AVX-512F. `panel` has `count` times sixteen numbers; `inputs` has `count` values in as many rows as
/// `out` has, which start `stride` apart.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn float_tile(
    kind: Float,
    panel: &[u8],
    inputs: &[f32],
    stride: usize,
    count: usize,
    out: &mut [Columns],
) {
    let (mut inputs, mut out, panel) = (inputs.as_ptr(), out, panel.as_ptr());
    while !out.is_empty() {
        // SAFETY: passed on from the caller; the rows that are left are those of `out`.
        let done = unsafe {
            match kind {
                Float::F32 => next_rows::<F32>(panel, inputs, stride, count, out),
                Float::F16 => next_rows::<F16>(panel, inputs, stride, count, out),
                Float::BF16 => next_rows::<BF16>(panel, inputs, stride, count, out),
            }
        };
        out = &mut out[done..];
        inputs = inputs.wrapping_add(done * stride);
    }
}

/// As many rows as one of the tiles has; returns how many.
///
/// # Safety
/// As [`float_tile`].
#[target_feature(enable = "avx512f")]
unsafe fn next_rows<const KIND: u8>(
    panel: *const u8,
    inputs: *const f32,
    stride: usize,
    count: usize,
    out: &mut [Columns],
) -> usize {
    macro_rules! first_that_fits {
        ($($rows:literal)*) => {
            $(if let Some(out) = out.first_chunk_mut::<$rows>() {
                // SAFETY: passed on from the caller; there are that many rows.
                unsafe { rows_of::<KIND, $rows>(panel, inputs, stride, count, out) };
                return $rows;
            })*
        };
    }
    first_that_fits!(24 23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1);
    0
}

/// # Safety
/// As [`float_tile`], with `ROWS` rows.
#[target_feature(enable = "avx512f")]
unsafe fn rows_of<const KIND: u8, const ROWS: usize>(
    panel: *const u8,
    inputs: *const f32,
    stride: usize,
    count: usize,
    out: &mut [Columns; ROWS],
) {
    let mut totals = [_mm512_setzero_ps(); ROWS];
    let input_bytes = COLUMNS * if KIND == F32 { 4 } else { 2 };
    for input in 0..count {
        fetch_ahead(panel.wrapping_add(input * input_bytes), input_bytes);
        // SAFETY: `input` is below the count that the caller vouches for.
        unsafe {
            let weights = match KIND {
                F32 => _mm512_loadu_ps(panel.add(input * COLUMNS * 4).cast()),
                F16 => _mm512_cvtph_ps(_mm256_loadu_si256(panel.add(input * COLUMNS * 2).cast())),
                // A bfloat16 is the upper half of a float.
                _ => {
                    let numbers = _mm256_loadu_si256(panel.add(input * COLUMNS * 2).cast());
                    _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(numbers), 16))
                }
            };
            for (row, total) in totals.iter_mut().enumerate() {
                *total = _mm512_fmadd_ps(weights, _mm512_set1_ps(*inputs.add(row * stride + input)), *total);
            }
        }
    }
    for (total, out) in totals.into_iter().zip(out) {
        // SAFETY: a row of results is one vector.
        unsafe { _mm512_storeu_ps(out.as_mut_ptr(), total) };
    }
}

/// # Safety
/// The processor has AVX-512F and AVX-512 VNNI. `panel` has `inputs.pairs` times 32 numbers; `inputs` has as many pairs in every row,
/// and a scale; `out` has a place for each row, `step` apart.
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) unsafe fn fixed_tile(
    panel: &[u8],
    scales: &[[u8; 4]; COLUMNS],
    inputs: FixedTile<'_>,
    out: &mut [Columns],
    step: usize,
) {
    // SAFETY: sixteen numbers of four bytes.
    let scales = unsafe { _mm512_loadu_ps(scales.as_ptr().cast()) };
    let mut first = 0;
    while first < inputs.rows {
        // SAFETY: passed on from the caller, for the rows that are left.
        first += unsafe {
            let numbers = inputs.numbers.as_ptr().add(first * inputs.stride);
            let rows = FixedRows { numbers, scales: inputs.scales.as_ptr().add(first), stride: inputs.stride };
            let out = out.as_mut_ptr().add(first * step);
            next_fixed_rows(panel.as_ptr(), scales, rows, [inputs.rows - first, inputs.pairs], (out, step))
        };
    }
}

/// The first of some rows of whole numbers, `stride` apart, and its scale.
#[derive(Clone, Copy)]
struct FixedRows {
    numbers: *const i16,
    scales: *const f32,
    stride: usize,
}

/// As many rows as one of the tiles has; returns how many.
///
/// # Safety
/// As [`fixed_tile`]; there are `count` rows of so many `pairs`.
#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn next_fixed_rows(
    panel: *const u8,
    scales: __m512,
    rows: FixedRows,
    [count, pairs]: [usize; 2],
    out: (*mut Columns, usize),
) -> usize {
    macro_rules! first_that_fits {
        ($($rows:literal)*) => {
            $(if count >= $rows {
                // SAFETY: passed on from the caller; there are that many rows.
                unsafe { fixed_rows_of::<$rows>(panel, scales, rows, pairs, out) };
                return $rows;
            })*
        };
    }
    first_that_fits!(24 23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1);
    0
}

/// # Safety
/// As [`next_fixed_rows`], with `ROWS` rows.
#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn fixed_rows_of<const ROWS: usize>(
    panel: *const u8,
    scales: __m512,
    rows: FixedRows,
    pairs: usize,
    (out, step): (*mut Columns, usize),
) {
    const PAIR_BYTES: usize = COLUMNS * 4;
    let mut sums = [_mm512_setzero_si512(); ROWS];
    for pair in 0..pairs {
        fetch_ahead(panel.wrapping_add(pair * PAIR_BYTES), PAIR_BYTES);
        // SAFETY: `pair` is below the count that the caller vouches for.
        unsafe {
            let columns = _mm512_loadu_si512(panel.add(pair * PAIR_BYTES).cast());
            for (row, sum) in sums.iter_mut().enumerate() {
                let both = rows.numbers.add(row * rows.stride + 2 * pair).cast::<i32>().read_unaligned();
                *sum = _mm512_dpwssd_epi32(*sum, columns, _mm512_set1_epi32(both));
            }
        }
    }
    for (row, sum) in sums.into_iter().enumerate() {
        // SAFETY: a row has a scale and a place, which is one vector.
        unsafe {
            let scales = _mm512_mul_ps(_mm512_set1_ps(*rows.scales.add(row)), scales);
            _mm512_storeu_ps(out.add(row * step).cast(), _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scales));
        }
    }
}

/// [`super::weigh`].
///
/// # Safety
/// The processor has AVX-512F.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn weigh(numbers: &mut [f32], factors: &[[u8; 4]]) -> f32 {
    let (parts, rest) = numbers.as_chunks_mut::<COLUMNS>();
    let (factors, factors_rest) = factors.split_at(parts.len() * COLUMNS);
    let mut maximum = _mm512_setzero_ps();
    for (part, factors) in parts.iter_mut().zip(factors.as_chunks::<COLUMNS>().0) {
        // SAFETY: a part is a vector, and so are its factors.
        unsafe {
            let product = _mm512_mul_ps(_mm512_loadu_ps(part.as_ptr()), _mm512_loadu_ps(factors.as_ptr().cast()));
            _mm512_storeu_ps(part.as_mut_ptr(), product);
            // What is not a number is the first operand and does not come out.
            maximum = _mm512_max_ps(product, maximum);
        }
    }
    _mm512_reduce_max_ps(maximum).max(elementwise::weigh(rest, factors_rest))
}

/// [`super::largest`].
///
/// # Safety
/// The processor has AVX-512F.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn largest(numbers: &[f32]) -> f32 {
    let (parts, rest) = numbers.as_chunks::<COLUMNS>();
    let mut maximum = _mm512_setzero_ps();
    for part in parts {
        // SAFETY: a part is a vector. What is not a number is the first operand and does not come out.
        maximum = _mm512_max_ps(_mm512_abs_ps(unsafe { _mm512_loadu_ps(part.as_ptr()) }), maximum);
    }
    _mm512_reduce_max_ps(maximum).max(elementwise::largest(rest))
}

/// [`super::to_fixed`], with the inverse of the scale.
///
/// # Safety
/// The processor has AVX-512F.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn to_fixed(numbers: &[f32], inverse: f32, most: i16, fixed: &mut [i16]) {
    let (parts, rest) = numbers.as_chunks::<COLUMNS>();
    let (fixed, fixed_rest) = fixed.split_at_mut(parts.len() * COLUMNS);
    let (largest, lowest) = (_mm512_set1_epi32(i32::from(most)), _mm512_set1_epi32(-i32::from(most)));
    for (part, fixed) in parts.iter().zip(fixed.as_chunks_mut::<COLUMNS>().0) {
        // SAFETY: a part is a vector, and half of one in numbers of sixteen bits.
        unsafe {
            let scaled = _mm512_mul_ps(_mm512_loadu_ps(part.as_ptr()), _mm512_set1_ps(inverse));
            let whole = _mm512_max_epi32(_mm512_min_epi32(_mm512_cvtps_epi32(scaled), largest), lowest);
            _mm256_storeu_si256(fixed.as_mut_ptr().cast(), _mm512_cvtepi32_epi16(whole));
        }
    }
    elementwise::to_fixed(rest, inverse, most, fixed_rest);
}

/// [`super::quantize_row`], operation by operation as `elementwise` has it.
///
/// # Safety
/// The processor has AVX-512F, AVX-512 VNNI and AVX2.
#[target_feature(enable = "avx512f,avx512vnni,avx2")]
pub(super) unsafe fn quantize_row(row: &[f32], out: &mut QuantizedRow<'_>) {
    for (block, QuantizedBlock { values, rests, scale, sums, half_sums }) in out.blocks(row) {
        // SAFETY: a block is two vectors of floats.
        let numbers: [__m512; 2] = unsafe { block.as_ptr().cast::<[__m512; 2]>().read_unaligned() };
        let mut maximum = _mm512_setzero_ps();
        for numbers in numbers {
            // What is not a number is the first operand here and does not come out.
            maximum = _mm512_max_ps(_mm512_abs_ps(numbers), maximum);
        }
        let maximum = _mm512_reduce_max_ps(maximum);
        let inverse = if maximum > SMALLEST { 127.0 * 128.0 / maximum } else { 0.0 };
        *scale = if maximum > SMALLEST { maximum / 127.0 } else { 0.0 };
        let mut bytes = [_mm_setzero_si128(); 4];
        for (half, numbers) in numbers.into_iter().enumerate() {
            let round = _mm512_set1_ps(ROUND);
            let shifted = _mm512_add_ps(_mm512_mul_ps(numbers, _mm512_set1_ps(inverse)), round);
            let fine = _mm512_sub_epi32(_mm512_castps_si512(shifted), _mm512_castps_si512(round));
            let bound = _mm512_set1_epi32(127 * 128);
            let fine = _mm512_min_epi32(_mm512_max_epi32(fine, _mm512_set1_epi32(-127 * 128)), bound);
            let coarse = _mm512_srai_epi32::<7>(_mm512_add_epi32(fine, _mm512_set1_epi32(64)));
            bytes[half] = _mm512_cvtepi32_epi8(coarse);
            bytes[2 + half] = _mm512_cvtepi32_epi8(_mm512_sub_epi32(fine, _mm512_slli_epi32::<7>(coarse)));
        }
        let [values_bytes, rests_bytes] = [_mm256_set_m128i(bytes[1], bytes[0]), _mm256_set_m128i(bytes[3], bytes[2])];
        // Four times each quarter's sum, in its four lanes of 32 bits.
        let quarters = _mm512_inserti64x4::<1>(_mm512_castsi256_si512(values_bytes), rests_bytes);
        let fours = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_set1_epi8(4), quarters);
        let twos = _mm512_add_epi32(fours, _mm512_shuffle_epi32::<0b10_11_00_01>(fours));
        let ones = _mm512_add_epi32(twos, _mm512_shuffle_epi32::<0b01_00_11_10>(twos));
        let less = _mm512_sub_epi32(_mm512_setzero_si512(), ones);
        let of_quarters = _mm512_setr_epi32(0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        let halves = _mm512_castsi512_si128(_mm512_permutexvar_epi32(of_quarters, less));
        let both = _mm_packs_epi32(halves, _mm_hadd_epi32(halves, halves));
        // SAFETY: a block's bytes; four numbers of sixteen bits, and two.
        unsafe {
            _mm256_storeu_si256(values.as_mut_ptr().cast(), values_bytes);
            _mm256_storeu_si256(rests.as_mut_ptr().cast(), rests_bytes);
            half_sums.as_mut_ptr().cast::<i64>().write_unaligned(_mm_cvtsi128_si64(both));
            sums.as_mut_ptr().cast::<i32>().write_unaligned(_mm_extract_epi32(both, 2));
        }
    }
}

/// [`super::highest`].
///
/// # Safety
/// The processor has AVX-512F.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn highest(scores: &[f32]) -> f32 {
    // What is left is nothing or eight numbers.
    let (parts, rest) = scores.as_chunks::<COLUMNS>();
    let lowest = _mm512_set1_ps(f32::NEG_INFINITY);
    // What is not a number is the first operand and does not come out.
    // SAFETY: the mask has a bit for each number that is left.
    let mut maximum = _mm512_max_ps(unsafe { _mm512_mask_loadu_ps(lowest, mask(rest), rest.as_ptr()) }, lowest);
    for part in parts {
        // SAFETY: a part is a vector.
        maximum = _mm512_max_ps(unsafe { _mm512_loadu_ps(part.as_ptr()) }, maximum);
    }
    _mm512_reduce_max_ps(maximum)
}

/// [`super::exponentials`], operation by operation as `elementwise` has it.
///
/// # Safety
/// The processor has AVX-512F and AVX2.
#[target_feature(enable = "avx512f,avx2")]
pub(super) unsafe fn exponentials(scores: &mut [f32], maximum: f32) -> f32 {
    let (parts, rest) = scores.as_chunks_mut::<COLUMNS>();
    let maximum = _mm512_set1_ps(maximum);
    let mut sum = _mm256_setzero_ps();
    for part in parts {
        // SAFETY: a part is a vector.
        let power = exponential(_mm512_sub_ps(unsafe { _mm512_loadu_ps(part.as_ptr()) }, maximum));
        // SAFETY: as above.
        unsafe { _mm512_storeu_ps(part.as_mut_ptr(), power) };
        sum = _mm256_add_ps(sum, _mm512_castps512_ps256(power));
        sum = _mm256_add_ps(sum, _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(power))));
    }
    if !rest.is_empty() {
        // SAFETY: the mask has a bit for each of the eight numbers that are left.
        let scores = unsafe { _mm512_maskz_loadu_ps(mask(rest), rest.as_ptr()) };
        let power = exponential(_mm512_sub_ps(scores, maximum));
        // SAFETY: as for the load.
        unsafe { _mm512_mask_storeu_ps(rest.as_mut_ptr(), mask(rest), power) };
        sum = _mm256_add_ps(sum, _mm512_castps512_ps256(power));
    }
    // The order of `elementwise::sum_lanes`.
    let fours = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps::<1>(sum));
    let twos = _mm_add_ps(fours, _mm_movehl_ps(fours, fours));
    _mm_cvtss_f32(_mm_add_ss(twos, _mm_movehdup_ps(twos)))
}

/// A bit for each of nothing or eight numbers.
fn mask(rest: &[f32]) -> __mmask16 {
    if rest.is_empty() { 0 } else { 0xff }
}

/// `e^x`, as [`elementwise::exponential`].
#[inline]
#[target_feature(enable = "avx512f")]
fn exponential(x: __m512) -> __m512 {
    let lowest = _mm512_set1_ps(EXP_LOWEST);
    // The bound is the second operand: it is what comes out if `x` is not a number, as with `f32::max`.
    let bounded = _mm512_min_ps(_mm512_max_ps(x, lowest), _mm512_set1_ps(88.0));
    let round = _mm512_set1_ps(ROUND);
    let shifted = _mm512_fmadd_ps(bounded, _mm512_set1_ps(std::f32::consts::LOG2_E), round);
    let whole = _mm512_sub_ps(shifted, round);
    let rest = _mm512_fnmadd_ps(whole, _mm512_set1_ps(LN_2[0]), bounded);
    let rest = _mm512_fnmadd_ps(whole, _mm512_set1_ps(LN_2[1]), rest);
    let mut series = _mm512_set1_ps(EXP_SERIES[0]);
    for coefficient in &EXP_SERIES[1..] {
        series = _mm512_fmadd_ps(series, rest, _mm512_set1_ps(*coefficient));
    }
    let mantissa = _mm512_add_ps(_mm512_fmadd_ps(_mm512_mul_ps(series, rest), rest, rest), _mm512_set1_ps(1.0));
    let whole = _mm512_sub_epi32(_mm512_castps_si512(shifted), _mm512_castps_si512(round));
    let exponent = _mm512_slli_epi32(_mm512_add_epi32(whole, _mm512_set1_epi32(127)), 23);
    let power = _mm512_mul_ps(mantissa, _mm512_castsi512_ps(exponent));
    _mm512_maskz_mov_ps(!_mm512_cmp_ps_mask::<_CMP_LT_OQ>(x, lowest), power)
}
