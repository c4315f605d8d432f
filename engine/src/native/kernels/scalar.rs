//! The tile kernels in plain Rust: the twin that every fast kernel is compared with, bit by bit.

use half::{bf16, f16};

use crate::native::blocks::{BLOCK, half_at};
use crate::native::pack::{COLUMNS, Format, Quants, SUPER, Scales};

use super::{Columns, FixedTile, Float, Precision, QuantizedTile};

/// Inputs that share a scale in the finest format.
const SIXTEEN: usize = 16;

pub(super) fn quantized_tile(
    format: Format,
    precision: Precision,
    panel: &[u8],
    inputs: QuantizedTile<'_>,
    out: &mut [Columns],
) {
    let (quants, scales) = (format.quants(), format.scales());
    for (row, out) in out.iter_mut().enumerate() {
        *out = [0.0; COLUMNS];
        let mut at = 0;
        let mut super_scales: &[u8] = &[];
        for record in 0..inputs.records {
            if record % SUPER == 0 {
                super_scales = &panel[at..at + scales.super_bytes()];
                at += scales.super_bytes();
            }
            let record_scales = &panel[at..at + scales.bytes()];
            at += scales.bytes();
            let numbers = &panel[at..at + quants.bytes()];
            at += quants.bytes();
            let index = row * inputs.records + record;
            let values = &inputs.values[index * BLOCK..(index + 1) * BLOCK];
            let rests = &inputs.rests[index * BLOCK..(index + 1) * BLOCK];
            let scale = match precision {
                Precision::Narrow => inputs.scales[index],
                Precision::Wide => inputs.scales[index] * (1.0 / 128.0),
            };
            let offset_input = precision.offset_input(scale, inputs.sums[index]);
            // The sums are -4 times those of the values.
            let less = inputs.half_sums[index].map(|sums| sums.map(|sum| format.zero() / 4 * i32::from(sum)));
            for (column, out) in out.iter_mut().enumerate() {
                let dot = match precision {
                    Precision::Narrow => {
                        scaled(scales, record_scales, column, dots(quants, numbers, column, values, less[0]))
                    }
                    Precision::Wide => {
                        let fine = dots(quants, numbers, column, rests, less[1]);
                        let dots = dots(quants, numbers, column, values, less[0]);
                        scaled(scales, record_scales, column, [0, 1].map(|half| dots[half] * 128 + fine[half]))
                    }
                };
                *out = accumulate(scales, super_scales, record_scales, column, dot, [scale, offset_input], *out);
            }
        }
    }
}

/// The products of a column's numbers with the first and the last sixteen values, added to `less`.
fn dots(quants: Quants, numbers: &[u8], column: usize, values: &[i8], less: [i32; 2]) -> [i32; 2] {
    let mut dots = less;
    for (input, &value) in values.iter().enumerate() {
        let (group, lane) = (input / 4, column * 4 + input % 4);
        let number = match quants {
            Quants::Nibbles => i32::from(numbers[group / 2 * 64 + lane] >> (group % 2 * 4) & 0xf),
            Quants::FiveBits | Quants::SixBits => i32::from(numbers[group * 64 + lane]),
            Quants::Bytes => i32::from(numbers[group * 64 + lane] as i8),
        };
        dots[input / SIXTEEN] += number * i32::from(value);
    }
    dots
}

/// The products of a record as one whole number, with the scales of its halves if it has any. That fits: 32 * 32 numbers
/// of Q6_K times values of 127 * 128, times scales of 128, are less than 2^31.
fn scaled(scales: Scales, record_scales: &[u8], column: usize, dots: [i32; 2]) -> i32 {
    match scales {
        Scales::Half | Scales::HalfOffset | Scales::SuperMinimum => dots[0] + dots[1],
        Scales::SuperSixteen => {
            let scale = |half: usize| i32::from(record_scales[half * COLUMNS + column] as i8);
            dots[0] * scale(0) + dots[1] * scale(1)
        }
    }
}

/// Adds a record's products to a column: the float arithmetic that all levels share, operation by operation.
fn accumulate(
    scales: Scales,
    super_scales: &[u8],
    record_scales: &[u8],
    column: usize,
    dot: i32,
    [input_scale, offset_input]: [f32; 2],
    total: f32,
) -> f32 {
    let half = |bytes: &[u8], index: usize| half_at(bytes, index * 2).to_f32();
    match scales {
        Scales::Half => (dot as f32).mul_add(half(record_scales, column) * input_scale, total),
        Scales::HalfOffset => {
            let total = (dot as f32).mul_add(half(record_scales, column) * input_scale, total);
            half(record_scales, COLUMNS + column).mul_add(offset_input, total)
        }
        Scales::SuperMinimum => {
            let scale = half(super_scales, column) * f32::from(record_scales[column]);
            let minimum = half(super_scales, COLUMNS + column) * f32::from(record_scales[COLUMNS + column]);
            let total = (dot as f32).mul_add(scale * input_scale, total);
            (-minimum).mul_add(offset_input, total)
        }
        Scales::SuperSixteen => (dot as f32).mul_add(half(super_scales, column) * input_scale, total),
    }
}

pub(super) fn float_tile(kind: Float, panel: &[u8], inputs: &[f32], stride: usize, count: usize, out: &mut [Columns]) {
    let weight = |index: usize| match kind {
        Float::F32 => {
            f32::from_le_bytes([panel[index * 4], panel[index * 4 + 1], panel[index * 4 + 2], panel[index * 4 + 3]])
        }
        Float::F16 => f16::from_le_bytes([panel[index * 2], panel[index * 2 + 1]]).to_f32(),
        Float::BF16 => bf16::from_le_bytes([panel[index * 2], panel[index * 2 + 1]]).to_f32(),
    };
    for (row, out) in out.iter_mut().enumerate() {
        *out = [0.0; COLUMNS];
        for input in 0..count {
            let value = inputs[row * stride + input];
            for (column, out) in out.iter_mut().enumerate() {
                *out = weight(input * COLUMNS + column).mul_add(value, *out);
            }
        }
    }
}

pub(super) fn fixed_tile(
    panel: &[u8],
    scales: &[[u8; 4]; COLUMNS],
    inputs: FixedTile<'_>,
    out: &mut [Columns],
    step: usize,
) {
    let (panel, _) = panel.as_chunks::<2>();
    let rows = inputs.numbers.chunks(inputs.stride).zip(inputs.scales).take(inputs.rows);
    for ((row, row_scale), out) in rows.zip(out.iter_mut().step_by(step)) {
        let mut sums = [0i32; COLUMNS];
        let pairs = row.as_chunks::<2>().0.iter().take(inputs.pairs);
        for (numbers, pair) in panel.as_chunks::<{ 2 * COLUMNS }>().0.iter().zip(pairs) {
            for (sum, both) in sums.iter_mut().zip(numbers.as_chunks::<2>().0) {
                let [one, other] = both.map(|number| i32::from(i16::from_le_bytes(number)));
                *sum = sum.wrapping_add(one * i32::from(pair[0]) + other * i32::from(pair[1]));
            }
        }
        for ((out, sum), scale) in out.iter_mut().zip(sums).zip(scales) {
            *out = sum as f32 * (row_scale * f32::from_ne_bytes(*scale));
        }
    }
}
