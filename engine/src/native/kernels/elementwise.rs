//! Row functions in plain Rust that the compiler vectorises for each level.
//!
//! Multiplications and additions are fused only where `mul_add` says so, and sums are kept in eight lanes, so the bits are
//! the same whatever the width of a vector.

use half::f16;

use crate::native::blocks::BLOCK;

use super::{QuantizedBlock, QuantizedRow};

const LANES: usize = 8;

/// Adding 1.5 * 2^23 to a small float leaves its nearest whole number in the low bits of the mantissa.
pub(super) const ROUND: f32 = 12_582_912.0;

/// Below it `e^x` is taken as 0: floats lose their precision there.
pub(super) const EXP_LOWEST: f32 = -87.3;
/// `ln 2` in two parts, the first of few bits; with [`EXP_SERIES`], the constants of Cephes' `expf`.
pub(super) const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
pub(super) const EXP_SERIES: [f32; 6] =
    [1.987_569_1e-4, 1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 5e-1];

/// Activations smaller than this are taken as 0: their scale's inverse would overflow.
pub(super) const SMALLEST: f32 = 1e-30;

/// `e^x` to about one unit in the last place, by range reduction and a polynomial; `x` is at most 88.
#[inline(always)]
#[expect(clippy::manual_clamp, reason = "`max` and `min` are single instructions; `clamp` also looks for NaN")]
pub(super) fn exponential(x: f32) -> f32 {
    let bounded = x.max(EXP_LOWEST).min(88.0);
    let shifted = bounded.mul_add(std::f32::consts::LOG2_E, ROUND);
    let whole = shifted - ROUND;
    let rest = whole.mul_add(-LN_2[0], bounded);
    let rest = whole.mul_add(-LN_2[1], rest);
    let mut series = EXP_SERIES[0];
    for coefficient in &EXP_SERIES[1..] {
        series = series.mul_add(rest, *coefficient);
    }
    let mantissa = (series * rest).mul_add(rest, rest) + 1.0;
    let exponent = (shifted.to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32).wrapping_add(127) << 23;
    let result = mantissa * f32::from_bits(exponent as u32);
    if x < EXP_LOWEST { 0.0 } else { result }
}

/// The lanes added in a fixed tree.
#[inline(always)]
pub(super) fn sum_lanes(lanes: [f32; LANES]) -> f32 {
    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
}

#[inline(always)]
pub(super) fn quantize_row(row: &[f32], out: &mut QuantizedRow<'_>) {
    for (block, QuantizedBlock { values, rests, scale, sums, half_sums }) in out.blocks(row) {
        let mut maxima = [0f32; LANES];
        for part in block.as_chunks::<LANES>().0 {
            for (maximum, value) in maxima.iter_mut().zip(part) {
                let magnitude = value.abs();
                *maximum = if magnitude > *maximum { magnitude } else { *maximum };
            }
        }
        let maximum = maxima.into_iter().fold(0f32, f32::max);
        let inverse = if maximum > SMALLEST { 127.0 * 128.0 / maximum } else { 0.0 };
        *scale = if maximum > SMALLEST { maximum / 127.0 } else { 0.0 };
        for ((value, rest), number) in values.iter_mut().zip(rests.iter_mut()).zip(block) {
            let fine = ((number * inverse + ROUND).to_bits() as i32).wrapping_sub(ROUND.to_bits() as i32);
            // Only a number that is not finite is out of range.
            let fine = fine.clamp(-127 * 128, 127 * 128);
            let coarse = (fine + 64) >> 7;
            *value = coarse as i8;
            *rest = (fine - coarse * 128) as i8;
        }
        // At most 32 * 127, so four times that fits.
        *half_sums = [&*values, &*rests].map(|numbers| {
            let (first, last) = numbers.split_at(BLOCK / 2);
            [first, last].map(|numbers| -4 * numbers.iter().map(|number| i16::from(*number)).sum::<i16>())
        });
        *sums = half_sums.map(|[first, last]| first + last);
    }
}

#[inline(always)]
pub(super) fn rms_norm(row: &[f32], weight: &[f32], epsilon: f32, out: &mut [f32]) {
    let mut lanes = [0f32; LANES];
    let (parts, tail) = row.as_chunks::<LANES>();
    for part in parts {
        for (lane, value) in lanes.iter_mut().zip(part) {
            *lane += value * value;
        }
    }
    for (lane, value) in lanes.iter_mut().zip(tail) {
        *lane += value * value;
    }
    let scale = 1.0 / (sum_lanes(lanes) / row.len() as f32 + epsilon).sqrt();
    for ((out, value), weight) in out.iter_mut().zip(row).zip(weight) {
        *out = value * scale * weight;
    }
}

#[inline(always)]
pub(super) fn swiglu(gate: &mut [f32], up: &[f32]) {
    for (gate, up) in gate.iter_mut().zip(up) {
        *gate = *gate / (1.0 + exponential(-*gate)) * up;
    }
}

#[inline(always)]
pub(super) fn highest(scores: &[f32]) -> f32 {
    let mut maxima = [f32::NEG_INFINITY; LANES];
    for part in scores.as_chunks::<LANES>().0 {
        for (maximum, score) in maxima.iter_mut().zip(part) {
            *maximum = if *score > *maximum { *score } else { *maximum };
        }
    }
    maxima.into_iter().fold(f32::NEG_INFINITY, f32::max)
}

#[inline(always)]
pub(super) fn exponentials(scores: &mut [f32], maximum: f32) -> f32 {
    let mut lanes = [0f32; LANES];
    for part in scores.as_chunks_mut::<LANES>().0 {
        for (lane, score) in lanes.iter_mut().zip(part) {
            *score = exponential(*score - maximum);
            *lane += *score;
        }
    }
    sum_lanes(lanes)
}

#[inline(always)]
pub(super) fn merge(sums: &mut [f32; 2], values: &mut [f32], more: [f32; 2], more_values: &[f32]) {
    let maximum = sums[0].max(more[0]);
    let (keep, add) = (exponential(sums[0] - maximum), exponential(more[0] - maximum));
    *sums = [maximum, sums[1] * keep + more[1] * add];
    for (value, more) in values.iter_mut().zip(more_values) {
        *value = more.mul_add(add, *value * keep);
    }
}

pub(super) fn weigh(numbers: &mut [f32], factors: &[[u8; 4]]) -> f32 {
    let mut largest = 0f32;
    for (number, factor) in numbers.iter_mut().zip(factors) {
        *number *= f32::from_ne_bytes(*factor);
        largest = if *number > largest { *number } else { largest };
    }
    largest
}

/// The largest magnitude; what is not a number does not count.
pub(super) fn largest(numbers: &[f32]) -> f32 {
    numbers.iter().fold(0f32, |largest, number| if number.abs() > largest { number.abs() } else { largest })
}

/// What makes numbers whole ones up to `most`, and these numbers again.
pub(super) fn fixed_scale(largest: f32, most: i16) -> (f32, f32) {
    if largest > SMALLEST { (f32::from(most) / largest, largest / f32::from(most)) } else { (0.0, 0.0) }
}

pub(super) fn to_fixed(numbers: &[f32], inverse: f32, most: i16, fixed: &mut [i16]) {
    let bound = i32::from(most);
    for (fixed, number) in fixed.iter_mut().zip(numbers) {
        *fixed = ((number * inverse).round_ties_even() as i32).clamp(-bound, bound) as i16;
    }
}

#[inline(always)]
pub(super) fn add(total: &mut [f32], part: &[f32]) {
    for (total, part) in total.iter_mut().zip(part) {
        *total += part;
    }
}

#[inline(always)]
pub(super) fn divide(row: &mut [f32], divisor: f32) {
    for number in row {
        *number = *number / divisor + 0.0;
    }
}

/// What is not a number becomes one: `max` gives the bound, `clamp` would give it back.
#[inline(always)]
pub fn bounded(number: f32, largest: f32) -> f32 {
    number.max(-largest).min(largest)
}

pub(super) fn to_halves(numbers: &[f32], halves: &mut [f16]) {
    for (half, number) in halves.iter_mut().zip(numbers) {
        *half = f16::from_f32(bounded(*number, f16::MAX.to_f32()));
    }
}
