//! The tile kernels with AVX2, FMA and F16C.
//!
//! Numbers of four and five bits are unsigned, so `vpmaddubsw` multiplies them as they are; a record's eight products of at
//! most 2 * 15 * 127 fit 16 bits, or four of 2 * 31 * 127, so they are widened once or twice a record. Signed bytes are multiplied as `|w| * (x * sign(w))`; two
//! products of at most 128 * 127 fit 16 bits, so these are widened at once.

use std::arch::asm;
use std::arch::x86_64::*;

use crate::native::blocks::BLOCK;
use crate::native::pack::{COLUMNS, Format, Quants, SUPER, Scales};

use super::{Columns, Float, Precision, QuantizedTile, elementwise};

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
        if let (Q4_0, Precision::Narrow, Ok(out), 1..) =
            (FORMAT, precision, <&mut [_; 4]>::try_from(&mut *out), inputs.records)
        {
            return four_rows_of_q4_0(panel, inputs, out);
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
            let record_scales = at;
            let numbers = at.add(scales.bytes());
            at = numbers.add(quants.bytes());
            let mut input_sums = [0; PLANES];
            if let Scales::HalfLessEight | Scales::HalfLessSixteen = scales {
                for (plane, sum) in input_sums.iter_mut().enumerate() {
                    let sums = inputs.sums.get_unchecked(plane % rows * records + record);
                    *sum = sums[usize::from(plane >= rows)];
                }
            }
            let first = first_sums::<FORMAT, WIDE, PLANES>(numbers, &planes, record * BLOCK, input_sums);
            let second = match scales {
                Scales::SuperSixteen => byte_sums::<PLANES>(numbers.add(256), &planes, record * BLOCK + 16, 4),
                Scales::Half
                | Scales::HalfLessEight
                | Scales::HalfLessSixteen
                | Scales::HalfOffset
                | Scales::SuperMinimum => [[_mm256_setzero_si256(); 2]; PLANES],
            };
            let (scale, other) = column_scales(scales, super_scales, record_scales);
            for row in 0..rows {
                let unit = if WIDE { 1.0 / 128.0 } else { 1.0 };
                let input_scale = *inputs.scales.get_unchecked(row * records + record) * unit;
                let precision = if WIDE { Precision::Wide } else { Precision::Narrow };
                let offset_input =
                    precision.offset_input(input_scale, *inputs.sums.get_unchecked(row * records + record));
                for half in 0..2 {
                    let mut dots = [first[row][half], second[row][half]];
                    if WIDE {
                        dots[0] = widen(dots[0], first[row + rows][half]);
                        dots[1] = widen(dots[1], second[row + rows][half]);
                    }
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

/// A record's products: of all its inputs or (Q6_K) of the first sixteen.
///
/// This and the two below are always part of [`tile`], which has the instructions: their results stay in registers. The
/// compiler does not allow that promise together with a list of instructions.
///
/// # Safety
/// The processor has AVX2. `numbers` are a record's; each plane has 32 values from `from` on.
#[inline(always)]
unsafe fn first_sums<const FORMAT: u8, const WIDE: bool, const PLANES: usize>(
    numbers: *const u8,
    planes: &[*const i8; PLANES],
    from: usize,
    input_sums: [i16; PLANES],
) -> [Integers; PLANES] {
    let format = const { format_of(FORMAT) };
    // SAFETY: a record has 4 times 64 bytes of nibbles or 8 times 64 of bytes.
    unsafe {
        match (format.quants(), format.scales()) {
            (Quants::Nibbles, _) => nibble_sums::<WIDE, PLANES>(numbers, planes, from, input_sums),
            (Quants::FiveBits, _) => five_bit_sums::<PLANES>(numbers, planes, from, input_sums),
            (Quants::Bytes, Scales::SuperSixteen) => byte_sums::<PLANES>(numbers, planes, from, 4),
            (Quants::Bytes, _) => byte_sums::<PLANES>(numbers, planes, from, 8),
        }
    }
}

/// `128 * sum + rest`.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn widen(sum: __m256i, rest: __m256i) -> __m256i {
    _mm256_add_epi32(_mm256_slli_epi32(sum, 7), rest)
}

/// Products of a record of nibbles, in 16-bit lanes that are widened at the end.
///
/// Each 16-bit lane starts from the input's sum (0 if nothing is to be taken off), and a column has two. A lane's products and its start stay within 16
/// bits together: with `p` and `n` the positive and negative parts of its sixteen values (at most 16 * 127) and `o` the
/// other lane's sum, they are at most `15 p - 4 (p - n + o)`, which is at most `11 p + 4 n + 4 |o|`, 30,480.
///
/// # Safety
/// The processor has AVX2. `numbers` is a record's 256 bytes; each plane has 32 values from `from` on.
#[inline(always)]
unsafe fn nibble_sums<const WIDE: bool, const PLANES: usize>(
    numbers: *const u8,
    planes: &[*const i8; PLANES],
    from: usize,
    input_sums: [i16; PLANES],
) -> [Integers; PLANES] {
    // SAFETY: four times 64 bytes of numbers, four times 8 bytes of values; the processor has the instructions.
    unsafe {
        // No closures here: one would be compiled without the instructions, and called.
        let low_half = _mm256_set1_epi8(0xf);
        let mut sums = [[_mm256_setzero_si256(); 2]; PLANES];
        for (sums, input_sum) in sums.iter_mut().zip(input_sums) {
            *sums = [_mm256_set1_epi16(input_sum); 2];
        }
        match (sums.first_chunk_mut(), WIDE) {
            (Some(sums), false) => {
                let stride = planes[1].offset_from_unsigned(planes[0]) / 8;
                add_nibbles_of_four(numbers, planes[0].add(from), stride, sums);
            }
            _ => {
                for pair in 0..4 {
                    let packed = numbers.add(pair * 64).cast::<__m256i>();
                    let packed = [packed.read_unaligned(), packed.add(1).read_unaligned()];
                    let low = [_mm256_and_si256(packed[0], low_half), _mm256_and_si256(packed[1], low_half)];
                    let shifted = [_mm256_srli_epi16(packed[0], 4), _mm256_srli_epi16(packed[1], 4)];
                    let high = [_mm256_and_si256(shifted[0], low_half), _mm256_and_si256(shifted[1], low_half)];
                    for (sums, plane) in sums.iter_mut().zip(planes) {
                        let values = plane.add(from + pair * 8).cast::<i32>();
                        let even = _mm256_set1_epi32(values.read_unaligned());
                        let odd = _mm256_set1_epi32(values.add(1).read_unaligned());
                        for half in 0..2 {
                            sums[half] = _mm256_add_epi16(sums[half], _mm256_maddubs_epi16(low[half], even));
                            sums[half] = _mm256_add_epi16(sums[half], _mm256_maddubs_epi16(high[half], odd));
                        }
                    }
                }
            }
        }
        let ones = _mm256_set1_epi16(1);
        for row in &mut sums {
            for sum in row {
                *sum = _mm256_madd_epi16(*sum, ones);
            }
        }
        sums
    }
}

/// One pair of groups of nibbles, 64 bytes at `$numbers`, with the eight values at `$values` of four rows.
#[rustfmt::skip]
macro_rules! nibble_pair {
    ($numbers:literal, $values:literal) => {
        concat!(
            "vmovdqu {w0}, [{numbers} + ", $numbers, "]\n",
            "vmovdqu {w1}, [{numbers} + ", $numbers, " + 32]\n",
            "vpsrlw {w2}, {w0}, 4\n",
            "vpsrlw {w3}, {w1}, 4\n",
            "vpand {w0}, {w0}, {mask}\n",
            "vpand {w1}, {w1}, {mask}\n",
            "vpand {w2}, {w2}, {mask}\n",
            "vpand {w3}, {w3}, {mask}\n",
            nibble_row!("", "a0", "b0", $values),
            nibble_row!(" + 8 * {stride}", "a1", "b1", $values),
            nibble_row!(" + 8 * {two}", "a2", "b2", $values),
            nibble_row!(" + 8 * {three}", "a3", "b3", $values),
        )
    };
}

/// Adds the products of the unpacked pair with one row to its two sums.
#[rustfmt::skip]
macro_rules! nibble_row {
    ($row:literal, $low:literal, $high:literal, $values:literal) => {
        concat!(
            "vpbroadcastd {x}, dword ptr [{values}", $row, " + ", $values, "]\n",
            "vpmaddubsw {p}, {w0}, {x}\n",
            "vpaddw {", $low, "}, {", $low, "}, {p}\n",
            "vpmaddubsw {p}, {w1}, {x}\n",
            "vpaddw {", $high, "}, {", $high, "}, {p}\n",
            "vpbroadcastd {x}, dword ptr [{values}", $row, " + ", $values, " + 4]\n",
            "vpmaddubsw {p}, {w2}, {x}\n",
            "vpaddw {", $low, "}, {", $low, "}, {p}\n",
            "vpmaddubsw {p}, {w3}, {x}\n",
            "vpaddw {", $high, "}, {", $high, "}, {p}\n",
        )
    };
}

/// Adds a record's products with four rows, whose values are eight times `stride` apart, to their 16-bit lanes.
///
/// # Safety
/// The processor has AVX2. `numbers` is a record's 256 bytes; each row has 32 values.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn add_nibbles_of_four(numbers: *const u8, values: *const i8, stride: usize, sums: &mut [Integers; 4]) {
    let [[mut a0, mut b0], [mut a1, mut b1], [mut a2, mut b2], [mut a3, mut b3]] = *sums;
    // SAFETY: reads the bytes that the caller vouches for, writes registers only.
    unsafe {
        asm!(
            nibble_pair!(0, 0),
            nibble_pair!(64, 8),
            nibble_pair!(128, 16),
            nibble_pair!(192, 24),
            numbers = in(reg) numbers,
            values = in(reg) values,
            stride = in(reg) stride,
            two = in(reg) 2 * stride,
            three = in(reg) 3 * stride,
            mask = in(ymm_reg) _mm256_set1_epi8(0xf),
            a0 = inout(ymm_reg) a0, a1 = inout(ymm_reg) a1, a2 = inout(ymm_reg) a2, a3 = inout(ymm_reg) a3,
            b0 = inout(ymm_reg) b0, b1 = inout(ymm_reg) b1, b2 = inout(ymm_reg) b2, b3 = inout(ymm_reg) b3,
            w0 = out(ymm_reg) _, w1 = out(ymm_reg) _, w2 = out(ymm_reg) _, w3 = out(ymm_reg) _,
            x = out(ymm_reg) _, p = out(ymm_reg) _,
            options(nostack, readonly, preserves_flags),
        );
    }
    *sums = [[a0, b0], [a1, b1], [a2, b2], [a3, b3]];
}

/// What a record's sums in 16 bits become of two halves of a row: floats, added to the row's results.
#[rustfmt::skip]
macro_rules! nibble_end {
    ($low:literal, $high:literal, $row:literal, $scales:literal) => {
        concat!(
            "vbroadcastss {x}, dword ptr [{scales}", $scales, "]\n",
            "vpmaddwd {", $low, "}, {", $low, "}, {ones}\n",
            "vpmaddwd {", $high, "}, {", $high, "}, {ones}\n",
            "vmulps {p}, {w0}, {x}\n",
            "vmulps {w2}, {w1}, {x}\n",
            "vcvtdq2ps {", $low, "}, {", $low, "}\n",
            "vcvtdq2ps {", $high, "}, {", $high, "}\n",
            "vfmadd213ps {", $low, "}, {p}, ymmword ptr [{out} + ", $row, "]\n",
            "vfmadd213ps {", $high, "}, {w2}, ymmword ptr [{out} + ", $row, " + 32]\n",
            "vmovups ymmword ptr [{out} + ", $row, "], {", $low, "}\n",
            "vmovups ymmword ptr [{out} + ", $row, " + 32], {", $high, "}\n",
        )
    };
}

/// Four rows with a panel of Q4_0: the tile that most of a prefill's time goes to, so its registers are spelled out. The
/// compiler, left to itself, unpacks a whole record to memory first and takes twice as long.
///
/// # Safety
/// The processor has AVX2, FMA and F16C. `panel` is a whole panel of `inputs.records` records, at least one, and `inputs`
/// has four rows.
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn four_rows_of_q4_0(panel: *const u8, inputs: QuantizedTile<'_>, out: &mut [Columns; 4]) {
    *out = [super::COLUMNS_ZERO; 4];
    // SAFETY: each turn reads one record of the panel and of each row's values, scales and sums, and adds to `out`. A
    // row's scales and sums are as many bytes apart as `stride` says, its values eight times that.
    unsafe {
        asm!(
            "2:",
            "vpbroadcastw {a0}, word ptr [{sums}]",
            "vpbroadcastw {a1}, word ptr [{sums} + {stride}]",
            "vpbroadcastw {a2}, word ptr [{sums} + 2 * {stride}]",
            "vpbroadcastw {a3}, word ptr [{sums} + {three}]",
            "vmovdqa {b0}, {a0}",
            "vmovdqa {b1}, {a1}",
            "vmovdqa {b2}, {a2}",
            "vmovdqa {b3}, {a3}",
            nibble_pair!(32, 0),
            nibble_pair!(96, 8),
            nibble_pair!(160, 16),
            nibble_pair!(224, 24),
            "vcvtph2ps {w0}, xmmword ptr [{numbers}]",
            "vcvtph2ps {w1}, xmmword ptr [{numbers} + 16]",
            nibble_end!("a0", "b0", 0, ""),
            nibble_end!("a1", "b1", 64, " + {stride}"),
            nibble_end!("a2", "b2", 128, " + 2 * {stride}"),
            nibble_end!("a3", "b3", 192, " + {three}"),
            "add {numbers}, 288",
            "add {values}, 32",
            "add {scales}, 4",
            "add {sums}, 4",
            "dec {records}",
            "jnz 2b",
            numbers = inout(reg) panel => _,
            values = inout(reg) inputs.values.as_ptr() => _,
            scales = inout(reg) inputs.scales.as_ptr() => _,
            sums = inout(reg) inputs.sums.as_ptr() => _,
            records = inout(reg) inputs.records => _,
            stride = in(reg) inputs.records * size_of::<f32>(),
            two = in(reg) inputs.records * size_of::<f32>() * 2,
            three = in(reg) inputs.records * size_of::<f32>() * 3,
            out = in(reg) out.as_mut_ptr(),
            mask = in(ymm_reg) _mm256_set1_epi8(0xf),
            ones = in(ymm_reg) _mm256_set1_epi16(1),
            a0 = out(ymm_reg) _, a1 = out(ymm_reg) _, a2 = out(ymm_reg) _, a3 = out(ymm_reg) _,
            b0 = out(ymm_reg) _, b1 = out(ymm_reg) _, b2 = out(ymm_reg) _, b3 = out(ymm_reg) _,
            w0 = out(ymm_reg) _, w1 = out(ymm_reg) _, w2 = out(ymm_reg) _, w3 = out(ymm_reg) _,
            x = out(ymm_reg) _, p = out(ymm_reg) _,
            options(nostack),
        );
    }
}

/// Products of a record of unsigned bytes below 32. Each column starts from four times the input's sum.
///
/// # Safety
/// The processor has AVX2. `numbers` is a record's 512 bytes; each plane has 32 values from `from` on.
#[inline(always)]
unsafe fn five_bit_sums<const PLANES: usize>(
    numbers: *const u8,
    planes: &[*const i8; PLANES],
    from: usize,
    input_sums: [i16; PLANES],
) -> [Integers; PLANES] {
    // SAFETY: eight times 64 bytes of numbers, eight times 4 bytes of values; the processor has the instructions.
    unsafe {
        let ones = _mm256_set1_epi16(1);
        let mut sums = [[_mm256_setzero_si256(); 2]; PLANES];
        for (sums, input_sum) in sums.iter_mut().zip(input_sums) {
            *sums = [_mm256_set1_epi32(4 * i32::from(input_sum)); 2];
        }
        for four in 0..2 {
            let mut parts = [[_mm256_setzero_si256(); 2]; PLANES];
            for group in four * 4..four * 4 + 4 {
                let weights = numbers.add(group * 64).cast::<__m256i>();
                let weights = [weights.read_unaligned(), weights.add(1).read_unaligned()];
                for (parts, plane) in parts.iter_mut().zip(planes) {
                    let value = _mm256_set1_epi32(plane.add(from + group * 4).cast::<i32>().read_unaligned());
                    for half in 0..2 {
                        parts[half] = _mm256_add_epi16(parts[half], _mm256_maddubs_epi16(weights[half], value));
                    }
                }
            }
            for (sums, parts) in sums.iter_mut().zip(parts) {
                for half in 0..2 {
                    sums[half] = _mm256_add_epi32(sums[half], _mm256_madd_epi16(parts[half], ones));
                }
            }
        }
        sums
    }
}

/// Products of groups of signed bytes.
///
/// # Safety
/// The processor has AVX2. `numbers` is `groups` groups of 64 bytes; each plane has four values a group from `from` on.
#[inline(always)]
unsafe fn byte_sums<const PLANES: usize>(
    numbers: *const u8,
    planes: &[*const i8; PLANES],
    from: usize,
    groups: usize,
) -> [Integers; PLANES] {
    // SAFETY: the caller vouches for the groups; the processor has the instructions.
    unsafe {
        let ones = _mm256_set1_epi16(1);
        let mut sums = [[_mm256_setzero_si256(); 2]; PLANES];
        for group in 0..groups {
            for half in 0..2 {
                let weights = _mm256_loadu_si256(numbers.add(group * 64 + half * 32).cast());
                let magnitudes = _mm256_abs_epi8(weights);
                for (sums, plane) in sums.iter_mut().zip(planes) {
                    let value = plane.add(from + group * 4).cast::<i32>().read_unaligned();
                    let signed = _mm256_sign_epi8(_mm256_set1_epi32(value), weights);
                    let products = _mm256_madd_epi16(_mm256_maddubs_epi16(magnitudes, signed), ones);
                    sums[half] = _mm256_add_epi32(sums[half], products);
                }
            }
        }
        sums
    }
}

/// The scales of a record as floats: (scale, offset or minimum or the scale of the second sixteen).
///
/// # Safety
/// The pointers are to the scales of a record of this kind.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn column_scales(scales: Scales, super_scales: *const u8, record_scales: *const u8) -> (Floats, Floats) {
    // SAFETY: each kind has the bytes that are read for it (`Scales::bytes`, `Scales::super_bytes`).
    unsafe {
        match scales {
            Scales::Half | Scales::HalfLessEight | Scales::HalfLessSixteen => {
                (halves(record_scales), [_mm256_setzero_ps(); 2])
            }
            Scales::HalfOffset => (halves(record_scales), halves(record_scales.add(COLUMNS * 2))),
            Scales::SuperMinimum => (
                multiply(halves(super_scales), unsigned_bytes(record_scales)),
                multiply(halves(super_scales.add(COLUMNS * 2)), unsigned_bytes(record_scales.add(COLUMNS))),
            ),
            Scales::SuperSixteen => {
                let super_scale = halves(super_scales);
                (
                    multiply(super_scale, signed_bytes(record_scales)),
                    multiply(super_scale, signed_bytes(record_scales.add(COLUMNS))),
                )
            }
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

/// # Safety
/// Sixteen bytes can be read.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn signed_bytes(bytes: *const u8) -> Floats {
    // SAFETY: two times eight bytes.
    let (low, high) = unsafe { (_mm_loadl_epi64(bytes.cast()), _mm_loadl_epi64(bytes.add(8).cast())) };
    [_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(low)), _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(high))]
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
    dots: [__m256i; 2],
    [scale, other]: Floats,
    [input_scale, offset_input]: [f32; 2],
) -> __m256 {
    let input = _mm256_set1_ps(input_scale);
    let offset_input = _mm256_set1_ps(offset_input);
    let dot = _mm256_cvtepi32_ps(dots[0]);
    match scales {
        Scales::Half | Scales::HalfLessEight | Scales::HalfLessSixteen => {
            _mm256_fmadd_ps(dot, _mm256_mul_ps(scale, input), total)
        }
        Scales::HalfOffset => {
            let total = _mm256_fmadd_ps(dot, _mm256_mul_ps(scale, input), total);
            _mm256_fmadd_ps(other, offset_input, total)
        }
        Scales::SuperMinimum => {
            let total = _mm256_fmadd_ps(dot, _mm256_mul_ps(scale, input), total);
            _mm256_fnmadd_ps(other, offset_input, total)
        }
        Scales::SuperSixteen => {
            let total = _mm256_fmadd_ps(dot, _mm256_mul_ps(scale, input), total);
            _mm256_fmadd_ps(_mm256_cvtepi32_ps(dots[1]), _mm256_mul_ps(other, input), total)
        }
    }
}

/// [`super::exponentials`], operation by operation as `elementwise` has it; the compiler does not vectorise that one.
///
/// # Safety
/// The processor has AVX2, FMA and F16C.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn exponentials(scores: &mut [f32]) -> (f32, f32) {
    let (parts, _) = scores.as_chunks_mut::<8>();
    let mut maxima = [f32::NEG_INFINITY; 8];
    // SAFETY: a part is eight floats, and so are the lanes.
    unsafe {
        let mut maximum = _mm256_set1_ps(f32::NEG_INFINITY);
        for part in parts.iter() {
            maximum = _mm256_max_ps(_mm256_loadu_ps(part.as_ptr()), maximum);
        }
        _mm256_storeu_ps(maxima.as_mut_ptr(), maximum);
    }
    let maximum = maxima.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let mut sums = [0.0; 8];
    // SAFETY: as above.
    unsafe {
        let mut sum = _mm256_setzero_ps();
        for part in parts {
            let score = _mm256_sub_ps(_mm256_loadu_ps(part.as_ptr()), _mm256_set1_ps(maximum));
            let power = exponential(score);
            _mm256_storeu_ps(part.as_mut_ptr(), power);
            sum = _mm256_add_ps(sum, power);
        }
        _mm256_storeu_ps(sums.as_mut_ptr(), sum);
    }
    (maximum, elementwise::sum_lanes(sums))
}

/// `e^x`, as [`elementwise::exponential`].
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
fn exponential(x: __m256) -> __m256 {
    use elementwise::{EXP_LOWEST, EXP_SERIES, LN_2, ROUND};
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
pub(super) unsafe fn float_tile(
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
    for input in 0..count {
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
