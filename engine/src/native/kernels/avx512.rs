//! The float kernels with AVX-512: those of [`super::avx2`], with sixteen columns in one register.

use std::arch::x86_64::*;

use crate::native::pack::COLUMNS;

use super::elementwise::{EXP_LOWEST, EXP_SERIES, LN_2, ROUND};
use super::{Columns, Float, fetch_ahead};

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

/// [`super::exponentials`], operation by operation as `elementwise` has it.
///
/// # Safety
/// The processor has AVX-512F and AVX2.
#[target_feature(enable = "avx512f,avx2")]
pub(super) unsafe fn exponentials(scores: &mut [f32]) -> (f32, f32) {
    let lowest = _mm512_set1_ps(f32::NEG_INFINITY);
    let mut maximum = lowest;
    for part in scores.chunks(COLUMNS) {
        // SAFETY: the mask has a bit for each number of the part. What is not a number is the first operand and does not
        // come out.
        maximum = _mm512_max_ps(unsafe { _mm512_mask_loadu_ps(lowest, mask(part), part.as_ptr()) }, maximum);
    }
    let maximum = _mm512_reduce_max_ps(maximum);
    let mut sum = _mm256_setzero_ps();
    for part in scores.chunks_mut(COLUMNS) {
        let mask = mask(part);
        // SAFETY: as above.
        let power = unsafe {
            let score = _mm512_sub_ps(_mm512_maskz_loadu_ps(mask, part.as_ptr()), _mm512_set1_ps(maximum));
            let power = exponential(score);
            _mm512_mask_storeu_ps(part.as_mut_ptr(), mask, power);
            power
        };
        sum = _mm256_add_ps(sum, _mm512_castps512_ps256(power));
        if part.len() > 8 {
            sum = _mm256_add_ps(sum, _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(power))));
        }
    }
    // The order of `elementwise::sum_lanes`.
    let fours = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps::<1>(sum));
    let twos = _mm_add_ps(fours, _mm_movehl_ps(fours, fours));
    (maximum, _mm_cvtss_f32(_mm_add_ss(twos, _mm_movehdup_ps(twos))))
}

/// A bit for each number of a part of eight or sixteen.
fn mask(part: &[f32]) -> __mmask16 {
    if part.len() > 8 { 0xffff } else { 0xff }
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
