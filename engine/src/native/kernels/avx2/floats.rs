//! Tiles of float weights, and the row functions that the compiler does not make vectors of.

use std::arch::x86_64::*;

use half::f16;

use crate::native::kernels::elementwise::{ROUND, SMALLEST};
use crate::native::kernels::{Columns, FixedTile, Float, QuantizedBlock, QuantizedRow, elementwise, fetch_ahead};
use crate::native::pack::COLUMNS;

use super::{Floats, halves};

/// [`crate::native::kernels::quantize_row`], operation by operation as `elementwise` has it.
///
/// # Safety
/// The processor has AVX2, FMA and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(in crate::native::kernels) unsafe fn quantize_row(row: &[f32], out: &mut QuantizedRow<'_>) {
    for (block, QuantizedBlock { values, rests, scale, sums, half_sums }) in out.blocks(row) {
        // SAFETY: a block is four vectors of floats, and one of bytes.
        let numbers: [__m256; 4] = unsafe { block.as_ptr().cast::<[__m256; 4]>().read_unaligned() };
        let mut maximum = _mm256_setzero_ps();
        for numbers in numbers {
            // What is not a number is the second operand here and does not come out.
            maximum = _mm256_max_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0), numbers), maximum);
        }
        let maximum = largest_lane(maximum);
        let inverse = if maximum > SMALLEST { 127.0 * 128.0 / maximum } else { 0.0 };
        *scale = if maximum > SMALLEST { maximum / 127.0 } else { 0.0 };
        let mut coarse = [_mm256_setzero_si256(); 4];
        let mut rest = coarse;
        for part in 0..4 {
            let round = _mm256_set1_ps(ROUND);
            let shifted = _mm256_add_ps(_mm256_mul_ps(numbers[part], _mm256_set1_ps(inverse)), round);
            let fine = _mm256_sub_epi32(_mm256_castps_si256(shifted), _mm256_castps_si256(round));
            let bound = _mm256_set1_epi32(127 * 128);
            let fine = _mm256_min_epi32(_mm256_max_epi32(fine, _mm256_set1_epi32(-127 * 128)), bound);
            coarse[part] = _mm256_srai_epi32(_mm256_add_epi32(fine, _mm256_set1_epi32(64)), 7);
            rest[part] = _mm256_sub_epi32(fine, _mm256_slli_epi32(coarse[part], 7));
        }
        // Sixteen bits each, the first sixteen and the last. Packing takes turns between the halves of a vector.
        let coarse = [_mm256_packs_epi32(coarse[0], coarse[1]), _mm256_packs_epi32(coarse[2], coarse[3])];
        let rest = [_mm256_packs_epi32(rest[0], rest[1]), _mm256_packs_epi32(rest[2], rest[3])];
        for (bytes, [first, last]) in [(values, coarse), (rests, rest)] {
            let turns = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
            let packed = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(first, last), turns);
            // SAFETY: as above.
            unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), packed) };
        }
        let less = _mm256_set1_epi16(-4);
        let values = _mm256_hadd_epi32(_mm256_madd_epi16(coarse[0], less), _mm256_madd_epi16(coarse[1], less));
        let rests = _mm256_hadd_epi32(_mm256_madd_epi16(rest[0], less), _mm256_madd_epi16(rest[1], less));
        let fours = _mm256_hadd_epi32(values, rests);
        let halves = _mm_add_epi32(_mm256_castsi256_si128(fours), _mm256_extracti128_si256(fours, 1));
        let both = _mm_packs_epi32(halves, _mm_hadd_epi32(halves, halves));
        // SAFETY: four numbers of sixteen bits, and two.
        unsafe {
            half_sums.as_mut_ptr().cast::<i64>().write_unaligned(_mm_cvtsi128_si64(both));
            sums.as_mut_ptr().cast::<i32>().write_unaligned(_mm_extract_epi32(both, 2));
        }
    }
}

/// The largest lane; none is NaN.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn largest_lane(lanes: __m256) -> f32 {
    let four = _mm_max_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
    let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)))
}

/// [`crate::native::kernels::highest`].
///
/// # Safety
/// The processor has AVX2, FMA and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(in crate::native::kernels) unsafe fn highest(scores: &[f32]) -> f32 {
    let mut maximum = _mm256_set1_ps(f32::NEG_INFINITY);
    for part in scores.as_chunks::<8>().0 {
        // SAFETY: a part is eight floats.
        maximum = _mm256_max_ps(unsafe { _mm256_loadu_ps(part.as_ptr()) }, maximum);
    }
    largest_lane(maximum)
}

/// [`crate::native::kernels::exponentials`], operation by operation as `elementwise` has it.
///
/// # Safety
/// The processor has AVX2, FMA and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(in crate::native::kernels) unsafe fn exponentials(scores: &mut [f32], maximum: f32) -> f32 {
    let mut sums = [0.0; 8];
    // SAFETY: a part is eight floats, and so are the sums.
    unsafe {
        let mut sum = _mm256_setzero_ps();
        for part in scores.as_chunks_mut::<8>().0 {
            let score = _mm256_sub_ps(_mm256_loadu_ps(part.as_ptr()), _mm256_set1_ps(maximum));
            let power = exponential(score);
            _mm256_storeu_ps(part.as_mut_ptr(), power);
            sum = _mm256_add_ps(sum, power);
        }
        _mm256_storeu_ps(sums.as_mut_ptr(), sum);
    }
    elementwise::sum_lanes(sums)
}

/// `e^x`, as [`elementwise::exponential`].
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn exponential(x: __m256) -> __m256 {
    use elementwise::{EXP_LOWEST, EXP_SERIES, LN_2};
    let lowest = _mm256_set1_ps(EXP_LOWEST);
    // The bound is the second operand: it is what comes out if `x` is not a number, as with `f32::max`.
    let bounded = _mm256_min_ps(_mm256_max_ps(x, lowest), _mm256_set1_ps(88.0));
    let round = _mm256_set1_ps(ROUND);
    let shifted = _mm256_fmadd_ps(bounded, _mm256_set1_ps(std::f32::consts::LOG2_E), round);
    let whole = _mm256_sub_ps(shifted, round);
    let rest = _mm256_fnmadd_ps(whole, _mm256_set1_ps(LN_2[0]), bounded);
    let rest = _mm256_fnmadd_ps(whole, _mm256_set1_ps(LN_2[1]), rest);
    let mut series = _mm256_set1_ps(EXP_SERIES[0]);
    for coefficient in &EXP_SERIES[1..] {
        series = _mm256_fmadd_ps(series, rest, _mm256_set1_ps(*coefficient));
    }
    let mantissa = _mm256_add_ps(_mm256_fmadd_ps(_mm256_mul_ps(series, rest), rest, rest), _mm256_set1_ps(1.0));
    let whole = _mm256_sub_epi32(_mm256_castps_si256(shifted), _mm256_castps_si256(round));
    let exponent = _mm256_slli_epi32(_mm256_add_epi32(whole, _mm256_set1_epi32(127)), 23);
    let power = _mm256_mul_ps(mantissa, _mm256_castsi256_ps(exponent));
    _mm256_andnot_ps(_mm256_cmp_ps(x, lowest, _CMP_LT_OQ), power)
}

const F32: u8 = 0;
const F16: u8 = 1;
const BF16: u8 = 2;

/// # Safety
/// The processor has AVX2, FMA and F16C. `panel` has `count` times sixteen numbers; `inputs` has `count` values in as many
/// rows as `out` has, 1 to 6, which start `stride` apart.
#[target_feature(enable = "avx2,fma,f16c")]
pub(in crate::native::kernels) unsafe fn float_tile(
    kind: Float,
    panel: &[u8],
    inputs: &[f32],
    stride: usize,
    count: usize,
    out: &mut [Columns],
) {
    let (panel, inputs) = (panel.as_ptr(), inputs.as_ptr());
    // SAFETY: passed on from the caller.
    unsafe {
        match kind {
            Float::F32 => float_by_rows::<F32>(panel, inputs, stride, count, out),
            Float::F16 => float_by_rows::<F16>(panel, inputs, stride, count, out),
            Float::BF16 => float_by_rows::<BF16>(panel, inputs, stride, count, out),
        }
    }
}

/// # Safety
/// As [`float_tile`].
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn float_by_rows<const KIND: u8>(
    panel: *const u8,
    inputs: *const f32,
    stride: usize,
    count: usize,
    out: &mut [Columns],
) {
    // SAFETY: passed on from the caller; the number of rows is that of `out`.
    unsafe {
        match out.len() {
            1 => float_rows::<KIND, 1>(panel, inputs, stride, count, out),
            2 => float_rows::<KIND, 2>(panel, inputs, stride, count, out),
            3 => float_rows::<KIND, 3>(panel, inputs, stride, count, out),
            4 => float_rows::<KIND, 4>(panel, inputs, stride, count, out),
            5 => float_rows::<KIND, 5>(panel, inputs, stride, count, out),
            _ => float_rows::<KIND, 6>(panel, inputs, stride, count, out),
        }
    }
}

/// # Safety
/// As [`float_tile`], with `ROWS` rows.
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn float_rows<const KIND: u8, const ROWS: usize>(
    panel: *const u8,
    inputs: *const f32,
    stride: usize,
    count: usize,
    out: &mut [Columns],
) {
    let mut totals: [Floats; ROWS] = [[_mm256_setzero_ps(); 2]; ROWS];
    let input_bytes = COLUMNS * if KIND == F32 { 4 } else { 2 };
    for input in 0..count {
        fetch_ahead(panel.wrapping_add(input * input_bytes), input_bytes);
        // SAFETY: `input` is below the count that the caller vouches for.
        unsafe {
            let weights = match KIND {
                F32 => {
                    let weights = panel.add(input * COLUMNS * 4).cast::<f32>();
                    [_mm256_loadu_ps(weights), _mm256_loadu_ps(weights.add(8))]
                }
                F16 => halves(panel.add(input * COLUMNS * 2)),
                _ => brain_halves(panel.add(input * COLUMNS * 2)),
            };
            for (row, totals) in totals.iter_mut().enumerate() {
                let value = _mm256_set1_ps(*inputs.add(row * stride + input));
                totals[0] = _mm256_fmadd_ps(weights[0], value, totals[0]);
                totals[1] = _mm256_fmadd_ps(weights[1], value, totals[1]);
            }
        }
    }
    for (totals, out) in totals.iter().zip(out) {
        // SAFETY: a row of results is two vectors long.
        unsafe {
            _mm256_storeu_ps(out.as_mut_ptr(), totals[0]);
            _mm256_storeu_ps(out.as_mut_ptr().add(8), totals[1]);
        }
    }
}

/// # Safety
/// Sixteen bfloat16 numbers can be read.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn brain_halves(bytes: *const u8) -> Floats {
    let bytes = bytes.cast::<__m128i>();
    // SAFETY: two times eight numbers of two bytes.
    let (low, high) = unsafe { (_mm_loadu_si128(bytes), _mm_loadu_si128(bytes.add(1))) };
    // A bfloat16 is the upper half of a float.
    [
        _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(low), 16)),
        _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(high), 16)),
    ]
}

/// # Safety
/// The processor has AVX2, FMA and F16C. `panel` has `inputs.pairs` times 32 numbers; `inputs` has 1 to 6 rows of as many pairs, and
/// a scale for each.
#[target_feature(enable = "avx2,fma,f16c")]
pub(in crate::native::kernels) unsafe fn fixed_tile(
    panel: &[u8],
    scales: &[[u8; 4]; COLUMNS],
    inputs: FixedTile<'_>,
    out: &mut [Columns],
    step: usize,
) {
    // SAFETY: passed on from the caller; the number of rows is that of the inputs.
    unsafe {
        match inputs.rows {
            1 => fixed_rows::<1>(panel, scales, inputs, out, step),
            2 => fixed_rows::<2>(panel, scales, inputs, out, step),
            3 => fixed_rows::<3>(panel, scales, inputs, out, step),
            4 => fixed_rows::<4>(panel, scales, inputs, out, step),
            5 => fixed_rows::<5>(panel, scales, inputs, out, step),
            _ => fixed_rows::<6>(panel, scales, inputs, out, step),
        }
    }
}

/// # Safety
/// As [`fixed_tile`], with `ROWS` rows.
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn fixed_rows<const ROWS: usize>(
    panel: &[u8],
    scales: &[[u8; 4]; COLUMNS],
    inputs: FixedTile<'_>,
    out: &mut [Columns],
    step: usize,
) {
    const PAIR_BYTES: usize = COLUMNS * 4;
    let (panel, numbers) = (panel.as_ptr(), inputs.numbers.as_ptr());
    let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
    for pair in 0..inputs.pairs {
        fetch_ahead(panel.wrapping_add(pair * PAIR_BYTES), PAIR_BYTES);
        // SAFETY: `pair` is below the count that the caller vouches for.
        unsafe {
            let columns = panel.add(pair * PAIR_BYTES).cast::<__m256i>();
            let columns = [_mm256_loadu_si256(columns), _mm256_loadu_si256(columns.add(1))];
            for (row, sums) in sums.iter_mut().enumerate() {
                let both = numbers.add(row * inputs.stride + 2 * pair).cast::<i32>().read_unaligned();
                for half in 0..2 {
                    let products = _mm256_madd_epi16(columns[half], _mm256_set1_epi32(both));
                    sums[half] = _mm256_add_epi32(sums[half], products);
                }
            }
        }
    }
    for ((sums, row_scale), out) in sums.iter().zip(inputs.scales).zip(out.iter_mut().step_by(step)) {
        for (half, sum) in sums.iter().enumerate() {
            // SAFETY: the scales, and a row of results, are two vectors long.
            unsafe {
                let scales = _mm256_loadu_ps(scales.as_ptr().cast::<f32>().add(8 * half));
                let scales = _mm256_mul_ps(_mm256_set1_ps(*row_scale), scales);
                let results = _mm256_mul_ps(_mm256_cvtepi32_ps(*sum), scales);
                _mm256_storeu_ps(out.as_mut_ptr().add(8 * half), results);
            }
        }
    }
}

/// [`crate::native::kernels::weigh`].
///
/// # Safety
/// The processor has AVX2, FMA and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(in crate::native::kernels) unsafe fn weigh(numbers: &mut [f32], factors: &[[u8; 4]]) -> f32 {
    let (parts, rest) = numbers.as_chunks_mut::<8>();
    let (factors, factors_rest) = factors.split_at(parts.len() * 8);
    let mut maximum = _mm256_setzero_ps();
    for (part, factors) in parts.iter_mut().zip(factors.as_chunks::<8>().0) {
        // SAFETY: a part is a vector, and so are its factors.
        unsafe {
            let product = _mm256_mul_ps(_mm256_loadu_ps(part.as_ptr()), _mm256_loadu_ps(factors.as_ptr().cast()));
            _mm256_storeu_ps(part.as_mut_ptr(), product);
            // What is not a number is the first operand and does not come out.
            maximum = _mm256_max_ps(product, maximum);
        }
    }
    largest_lane(maximum).max(elementwise::weigh(rest, factors_rest))
}

/// [`crate::native::kernels::largest`].
///
/// # Safety
/// The processor has AVX2, FMA and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(in crate::native::kernels) unsafe fn largest(numbers: &[f32]) -> f32 {
    let (parts, rest) = numbers.as_chunks::<8>();
    let mut maximum = _mm256_setzero_ps();
    for part in parts {
        // SAFETY: a part is a vector.
        let numbers = unsafe { _mm256_loadu_ps(part.as_ptr()) };
        // What is not a number is the first operand and does not come out.
        maximum = _mm256_max_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0), numbers), maximum);
    }
    largest_lane(maximum).max(elementwise::largest(rest))
}

/// [`crate::native::kernels::to_fixed`], with the inverse of the scale.
///
/// # Safety
/// The processor has AVX2, FMA and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(in crate::native::kernels) unsafe fn to_fixed(numbers: &[f32], inverse: f32, most: i16, fixed: &mut [i16]) {
    let (parts, rest) = numbers.as_chunks::<8>();
    let (fixed, fixed_rest) = fixed.split_at_mut(parts.len() * 8);
    let bound = i32::from(most);
    for (part, fixed) in parts.iter().zip(fixed.as_chunks_mut::<8>().0) {
        // SAFETY: a part is a vector, and half of one in numbers of sixteen bits.
        unsafe {
            let scaled = _mm256_mul_ps(_mm256_loadu_ps(part.as_ptr()), _mm256_set1_ps(inverse));
            let whole = _mm256_min_epi32(_mm256_cvtps_epi32(scaled), _mm256_set1_epi32(bound));
            let whole = _mm256_max_epi32(whole, _mm256_set1_epi32(-bound));
            let packed = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
            _mm_storeu_si128(fixed.as_mut_ptr().cast(), packed);
        }
    }
    elementwise::to_fixed(rest, inverse, most, fixed_rest);
}

/// [`crate::native::kernels::to_halves`].
///
/// # Safety
/// The processor has AVX2, FMA and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(in crate::native::kernels) unsafe fn to_halves(numbers: &[f32], halves: &mut [f16]) {
    let largest = _mm256_set1_ps(f16::MAX.to_f32());
    let smallest = _mm256_set1_ps(f16::MIN.to_f32());
    let (parts, rest) = numbers.as_chunks::<8>();
    let (out, out_rest) = halves.split_at_mut(parts.len() * 8);
    for (part, out) in parts.iter().zip(out.as_chunks_mut::<8>().0) {
        // SAFETY: eight floats are a vector, eight halves a half of one.
        unsafe {
            // What is not a number is the first operand and does not come out.
            let bounded = _mm256_min_ps(_mm256_max_ps(_mm256_loadu_ps(part.as_ptr()), smallest), largest);
            let packed = _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(bounded);
            _mm_storeu_si128(out.as_mut_ptr().cast(), packed);
        }
    }
    elementwise::to_halves(rest, out_rest);
}
