//! The tile kernels with AVX2, FMA and F16C.
//!
//! `vpmaddubsw` multiplies unsigned weights with signed inputs and adds pairs of products, 16 bits wide. So many numbers of
//! four, five and six bits fit there that sums are widened once, twice or four times a record. Signed bytes are multiplied as
//! `|w| * (x * sign(w))`; two products of at most 128 * 127 fit, so these are widened at once.

mod floats;
mod nibbles;
mod signed;
mod sums;

use std::arch::x86_64::*;

use crate::native::blocks::BLOCK;
use crate::native::pack::{COLUMNS, Format, Quants, SUPER, Scales};

use super::{Columns, Precision, QuantizedTile, fetch_ahead};
pub(super) use floats::{
    exponentials, fixed_tile, float_tile, highest, largest, quantize_row, to_fixed, to_halves, weigh,
};
use nibbles::{four_rows_of_q4_0, nibble_sums, one_row_of_q4_0, three_rows_of_q4_0, two_rows_of_q4_0};
use signed::byte_sums;
use sums::{Starts, five_bit_sums, six_bit_sums};

/// Sums or scales of sixteen columns: eight in each half.
type Integers = [__m256i; 2];
type Floats = [__m256; 2];

/// [`Format`]s as constants that a function can be generic over.
const Q8_0: u8 = 0;
const Q4_0: u8 = 1;
const Q4_1: u8 = 2;
const Q4K: u8 = 3;
const Q5K: u8 = 4;
const Q6K: u8 = 5;
const Q5_0: u8 = 6;
const Q5_1: u8 = 7;

const fn format_of(constant: u8) -> Format {
    match constant {
        Q8_0 => Format::Q8_0,
        Q4_0 => Format::Q4_0,
        Q4_1 => Format::Q4_1,
        Q4K => Format::Q4K,
        Q5K => Format::Q5K,
        Q5_0 => Format::Q5_0,
        Q5_1 => Format::Q5_1,
        _ => Format::Q6K,
    }
}

/// # Safety
/// The processor has AVX2, FMA and F16C. `panel` is a whole panel of `inputs.records` records, `inputs` has as many rows
/// as `out`, and those are 1 to `precision.tile_rows()`.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn quantized_tile(
    format: Format,
    precision: Precision,
    panel: &[u8],
    inputs: QuantizedTile<'_>,
    out: &mut [Columns],
) {
    // SAFETY: passed on from the caller.
    unsafe {
        match format {
            Format::Q8_0 => by_rows::<Q8_0>(precision, panel, inputs, out),
            Format::Q4_0 => by_rows::<Q4_0>(precision, panel, inputs, out),
            Format::Q4_1 => by_rows::<Q4_1>(precision, panel, inputs, out),
            Format::Q5_0 => by_rows::<Q5_0>(precision, panel, inputs, out),
            Format::Q5_1 => by_rows::<Q5_1>(precision, panel, inputs, out),
            Format::Q4K => by_rows::<Q4K>(precision, panel, inputs, out),
            Format::Q5K => by_rows::<Q5K>(precision, panel, inputs, out),
            Format::Q6K => by_rows::<Q6K>(precision, panel, inputs, out),
        }
    }
}

/// # Safety
/// As [`quantized_tile`].
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn by_rows<const FORMAT: u8>(
    precision: Precision,
    panel: &[u8],
    inputs: QuantizedTile<'_>,
    out: &mut [Columns],
) {
    let panel = panel.as_ptr();
    // SAFETY: passed on from the caller; the number of rows is that of `out`.
    unsafe {
        if let (Q4_0, Precision::Narrow, 1..) = (FORMAT, precision, inputs.records) {
            if let Some(out) = out.first_chunk_mut::<4>() {
                return four_rows_of_q4_0(panel, inputs, out);
            } else if let Some(out) = out.first_chunk_mut::<3>() {
                return three_rows_of_q4_0(panel, inputs, out);
            } else if let Some(out) = out.first_chunk_mut::<2>() {
                return two_rows_of_q4_0(panel, inputs, out);
            } else if let Some(out) = out.first_chunk_mut::<1>() {
                return one_row_of_q4_0(panel, inputs, out);
            }
        }
        match (precision, out.len()) {
            (Precision::Narrow, 1) => tile::<FORMAT, false, 1>(panel, inputs, out),
            (Precision::Narrow, 2) => tile::<FORMAT, false, 2>(panel, inputs, out),
            (Precision::Narrow, 3) => tile::<FORMAT, false, 3>(panel, inputs, out),
            (Precision::Narrow, _) => tile::<FORMAT, false, 4>(panel, inputs, out),
            (Precision::Wide, 1) => tile::<FORMAT, true, 2>(panel, inputs, out),
            (Precision::Wide, _) => tile::<FORMAT, true, 4>(panel, inputs, out),
        }
    }
}

/// A plane is a row's values or, with `WIDE`, its rests: a wide tile has half as many rows as planes.
///
/// # Safety
/// As [`quantized_tile`], with `PLANES` planes.
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn tile<const FORMAT: u8, const WIDE: bool, const PLANES: usize>(
    panel: *const u8,
    inputs: QuantizedTile<'_>,
    out: &mut [Columns],
) {
    let format = const { format_of(FORMAT) };
    let (quants, scales) = (format.quants(), format.scales());
    let records = inputs.records;
    let rows = if WIDE { PLANES / 2 } else { PLANES };
    let mut planes = [inputs.values.as_ptr(); PLANES];
    for (plane, start) in planes.iter_mut().enumerate() {
        let first = if plane < rows { inputs.values.as_ptr() } else { inputs.rests.as_ptr() };
        // SAFETY: there are that many rows of values, and of rests.
        *start = unsafe { first.add(plane % rows * records * BLOCK) };
    }
    // Wide tiles use the first half.
    let mut totals: [Floats; PLANES] = [[_mm256_setzero_ps(); 2]; PLANES];
    let mut super_scales = panel;
    let mut at = panel;
    for record in 0..records {
        // SAFETY: `at` walks over the records of the panel, whose length the caller vouches for; each row has `records`
        // blocks of values, rests, scales and sums.
        unsafe {
            if scales.super_bytes() > 0 && record % SUPER == 0 {
                super_scales = at;
                at = at.add(scales.super_bytes());
            }
            fetch_ahead(at, scales.bytes() + quants.bytes());
            let record_scales = at;
            let numbers = at.add(scales.bytes());
            at = numbers.add(quants.bytes());
            let mut starts = Starts::<PLANES>::default();
            for plane in 0..PLANES {
                let (index, part) = (plane % rows * records + record, usize::from(plane >= rows));
                starts.records[plane] = if format.zero() > 0 { inputs.sums.get_unchecked(index)[part] } else { 0 };
                starts.halves[plane] = inputs.half_sums.get_unchecked(index)[part];
            }
            let sums = record_sums::<FORMAT, WIDE, PLANES>(record_scales, numbers, &planes, record * BLOCK, &starts);
            let (scale, other) = column_scales(scales, super_scales, record_scales);
            for row in 0..rows {
                let unit = if WIDE { 1.0 / 128.0 } else { 1.0 };
                let input_scale = *inputs.scales.get_unchecked(row * records + record) * unit;
                let precision = if WIDE { Precision::Wide } else { Precision::Narrow };
                let offset_input =
                    precision.offset_input(input_scale, *inputs.sums.get_unchecked(row * records + record));
                for half in 0..2 {
                    let dots = if WIDE { widen(sums[row][half], sums[row + rows][half]) } else { sums[row][half] };
                    let columns = [scale[half], other[half]];
                    totals[row][half] =
                        accumulate(scales, totals[row][half], dots, columns, [input_scale, offset_input]);
                }
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

/// A record's products.
///
/// This and what it calls are always part of [`tile`], which has the instructions: their results stay in registers. The
/// compiler does not allow that promise together with a list of instructions.
///
/// # Safety
/// The processor has AVX2. `scales` and `numbers` are a record's; each plane has 32 values from `from` on.
#[inline(always)]
unsafe fn record_sums<const FORMAT: u8, const WIDE: bool, const PLANES: usize>(
    scales: *const u8,
    numbers: *const u8,
    planes: &[*const i8; PLANES],
    from: usize,
    starts: &Starts<PLANES>,
) -> [Integers; PLANES] {
    let format = const { format_of(FORMAT) };
    // SAFETY: a record has 4 times 64 bytes of nibbles or 8 times 64 of bytes; one of six bits has 32 scales.
    unsafe {
        match format.quants() {
            Quants::Nibbles => nibble_sums::<WIDE, PLANES>(numbers, planes, from, starts),
            Quants::FiveBits => five_bit_sums::<PLANES>(numbers, planes, from, starts),
            Quants::SixBits => six_bit_sums::<PLANES>(scales, numbers, planes, from, starts),
            Quants::Bytes => byte_sums::<WIDE, PLANES>(numbers, planes, from),
        }
    }
}

/// `128 * sum + rest`.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn widen(sum: __m256i, rest: __m256i) -> __m256i {
    _mm256_add_epi32(_mm256_slli_epi32(sum, 7), rest)
}

/// The scales of a record as floats: (scale, offset or minimum).
///
/// # Safety
/// The pointers are to the scales of a record of this kind.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn column_scales(scales: Scales, super_scales: *const u8, record_scales: *const u8) -> (Floats, Floats) {
    // SAFETY: each kind has the bytes that are read for it (`Scales::bytes`, `Scales::super_bytes`).
    unsafe {
        match scales {
            Scales::Half => (halves(record_scales), [_mm256_setzero_ps(); 2]),
            Scales::HalfOffset => (halves(record_scales), halves(record_scales.add(COLUMNS * 2))),
            Scales::SuperMinimum => (
                multiply(halves(super_scales), unsigned_bytes(record_scales)),
                multiply(halves(super_scales.add(COLUMNS * 2)), unsigned_bytes(record_scales.add(COLUMNS))),
            ),
            // The records' own scales are in the sums.
            Scales::SuperSixteen => (halves(super_scales), [_mm256_setzero_ps(); 2]),
        }
    }
}

/// # Safety
/// Sixteen half-precision numbers can be read.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn halves(bytes: *const u8) -> Floats {
    let bytes = bytes.cast::<__m128i>();
    // SAFETY: two times eight numbers of two bytes.
    unsafe { [_mm256_cvtph_ps(_mm_loadu_si128(bytes)), _mm256_cvtph_ps(_mm_loadu_si128(bytes.add(1)))] }
}

/// # Safety
/// Sixteen bytes can be read.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn unsigned_bytes(bytes: *const u8) -> Floats {
    // SAFETY: two times eight bytes.
    let (low, high) = unsafe { (_mm_loadl_epi64(bytes.cast()), _mm_loadl_epi64(bytes.add(8).cast())) };
    [_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(low)), _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(high))]
}

#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn multiply(a: Floats, b: Floats) -> Floats {
    [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])]
}

/// The float arithmetic of a record: operation by operation that of the scalar twin.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn accumulate(
    scales: Scales,
    total: __m256,
    dots: __m256i,
    [scale, other]: Floats,
    [input_scale, offset_input]: [f32; 2],
) -> __m256 {
    let input = _mm256_set1_ps(input_scale);
    let offset_input = _mm256_set1_ps(offset_input);
    let dot = _mm256_cvtepi32_ps(dots);
    match scales {
        Scales::Half | Scales::SuperSixteen => _mm256_fmadd_ps(dot, _mm256_mul_ps(scale, input), total),
        Scales::HalfOffset => {
            let total = _mm256_fmadd_ps(dot, _mm256_mul_ps(scale, input), total);
            _mm256_fmadd_ps(other, offset_input, total)
        }
        Scales::SuperMinimum => {
            let total = _mm256_fmadd_ps(dot, _mm256_mul_ps(scale, input), total);
            _mm256_fnmadd_ps(other, offset_input, total)
        }
    }
}
