//! The tile kernels in plain Rust: the twin that every fast kernel is compared with, bit by bit.

use half::{bf16, f16};

use crate::native::blocks::{BLOCK, half_at};
use crate::native::pack::{COLUMNS, Format, Quants, SUPER, Scales};

use super::{Columns, Float, Precision, QuantizedTile};

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
            let sums = inputs.sums[index];
            let scale = match precision {
                Precision::Narrow => inputs.scales[index],
                Precision::Wide => inputs.scales[index] * (1.0 / 128.0),
            };
            let offset_input = precision.offset_input(scale, sums);
            let [less, rests_less] = sums.map(|sum| match scales {
                Scales::HalfLessEight => 2 * i32::from(sum),
                Scales::HalfLessSixteen => 4 * i32::from(sum),
                Scales::Half | Scales::HalfOffset | Scales::SuperMinimum | Scales::SuperSixteen => 0,
            });
            for (column, out) in out.iter_mut().enumerate() {
                let mut dots = dots(quants, numbers, column, values);
                dots[0] += less;
                if precision == Precision::Wide {
                    let rests = self::dots(quants, numbers, column, rests);
                    dots = [dots[0] * 128 + rests[0] + rests_less, dots[1] * 128 + rests[1]];
                }
                *out = accumulate(scales, super_scales, record_scales, column, dots, [scale, offset_input], *out);
            }
        }
    }
}

/// The products of a column's numbers with the first and the last sixteen values.
fn dots(quants: Quants, numbers: &[u8], column: usize, values: &[i8]) -> [i32; 2] {
    let mut dots = [0; 2];
    for (input, &value) in values.iter().enumerate() {
        let (group, lane) = (input / 4, column * 4 + input % 4);
        let number = match quants {
            Quants::Nibbles => i32::from(numbers[group / 2 * 64 + lane] >> (group % 2 * 4) & 0xf),
            Quants::Bytes | Quants::FiveBits => i32::from(numbers[group * 64 + lane] as i8),
        };
        dots[input / SIXTEEN] += number * i32::from(value);
    }
    dots
}

/// Adds a record's products to a column: the float arithmetic that all levels share, operation by operation.
fn accumulate(
    scales: Scales,
    super_scales: &[u8],
    record_scales: &[u8],
    column: usize,
    dots: [i32; 2],
    [input_scale, offset_input]: [f32; 2],
    total: f32,
) -> f32 {
    let half = |bytes: &[u8], index: usize| half_at(bytes, index * 2).to_f32();
    let dot = dots[0] + dots[1];
    match scales {
        Scales::Half | Scales::HalfLessEight | Scales::HalfLessSixteen => {
            (dot as f32).mul_add(half(record_scales, column) * input_scale, total)
        }
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
        Scales::SuperSixteen => {
            let super_scale = half(super_scales, column);
            let scale = |part: usize| super_scale * f32::from(record_scales[part * COLUMNS + column] as i8);
            let total = (dots[0] as f32).mul_add(scale(0) * input_scale, total);
            (dots[1] as f32).mul_add(scale(1) * input_scale, total)
        }
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
