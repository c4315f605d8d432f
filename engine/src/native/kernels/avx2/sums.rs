//! Products of a record of whole numbers with several rows: what most of a pass's time goes to.

use std::arch::asm;
use std::arch::x86_64::*;

use crate::native::kernels::{COLUMNS_ZERO, Columns, QuantizedTile};

use super::Integers;

/// What a record's products start from, so that the number that stands for 0 is taken off: the planes' sums of
/// [`QuantizedTile`], or zeros; and those of their halves.
pub(super) struct Starts<const PLANES: usize> {
    pub records: [i16; PLANES],
    pub halves: [[i16; 2]; PLANES],
}

impl<const PLANES: usize> Default for Starts<PLANES> {
    fn default() -> Self {
        Self { records: [0; PLANES], halves: [[0; 2]; PLANES] }
    }
}

/// Products of a record of nibbles, in 16-bit lanes that are widened at the end.
///
/// Each 16-bit lane starts from the input's sum (0 if nothing is to be taken off), and a column has two. A lane's products
/// and its start stay within 16 bits together: with `p` and `n` the positive and negative parts of its sixteen values (at
/// most 16 * 127) and `o` the other lane's sum, they are at most `15 p - 4 (p - n + o)`, which is at most
/// `11 p + 4 n + 4 |o|`, 30,480.
///
/// # Safety
/// The processor has AVX2. `numbers` is a record's 256 bytes; each plane has 32 values from `from` on.
#[inline(always)]
pub(super) unsafe fn nibble_sums<const WIDE: bool, const PLANES: usize>(
    numbers: *const u8,
    planes: &[*const i8; PLANES],
    from: usize,
    starts: &Starts<PLANES>,
) -> [Integers; PLANES] {
    // SAFETY: four times 64 bytes of numbers, four times 8 bytes of values; the processor has the instructions.
    unsafe {
        // No closures here: one would be compiled without the instructions, and called.
        let low_half = _mm256_set1_epi8(0xf);
        let mut sums = [[_mm256_setzero_si256(); 2]; PLANES];
        for (sums, start) in sums.iter_mut().zip(starts.records) {
            *sums = [_mm256_set1_epi16(start); 2];
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
pub(super) unsafe fn four_rows_of_q4_0(panel: *const u8, inputs: QuantizedTile<'_>, out: &mut [Columns; 4]) {
    *out = [COLUMNS_ZERO; 4];
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
pub(super) unsafe fn five_bit_sums<const PLANES: usize>(
    numbers: *const u8,
    planes: &[*const i8; PLANES],
    from: usize,
    starts: &Starts<PLANES>,
) -> [Integers; PLANES] {
    // SAFETY: eight times 64 bytes of numbers, eight times 4 bytes of values; the processor has the instructions.
    unsafe {
        let ones = _mm256_set1_epi16(1);
        let mut sums = [[_mm256_setzero_si256(); 2]; PLANES];
        for (sums, start) in sums.iter_mut().zip(starts.records) {
            *sums = [_mm256_set1_epi32(4 * i32::from(start)); 2];
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

/// Products of a record of unsigned bytes below 64, whose halves have scales of their own: those are multiplied in where
/// pairs of 16 bits become 32, at no cost.
///
/// # Safety
/// The processor has AVX2. `scales` are 32 bytes and `numbers` 512; each plane has 32 values from `from` on.
#[inline(always)]
pub(super) unsafe fn six_bit_sums<const PLANES: usize>(
    scales: *const u8,
    numbers: *const u8,
    planes: &[*const i8; PLANES],
    from: usize,
    starts: &Starts<PLANES>,
) -> [Integers; PLANES] {
    // SAFETY: eight times 64 bytes of numbers, eight times 4 bytes of values; the processor has the instructions.
    unsafe {
        let mut sums = [[_mm256_setzero_si256(); 2]; PLANES];
        for half in 0..2 {
            let scale = |part: usize| _mm256_cvtepi8_epi32(_mm_loadl_epi64(scales.add(part * 16 + half * 8).cast()));
            let scales = [scale(0), scale(1)];
            let eights = [_mm256_slli_epi32(scales[0], 3), _mm256_slli_epi32(scales[1], 19)];
            // Both scales, times eight, beside each other.
            let eights = _mm256_blend_epi16(eights[0], eights[1], 0xaa);
            for (sums, start) in sums.iter_mut().zip(starts.halves) {
                let start = i32::from(start[0] as u16) | i32::from(start[1]) << 16;
                sums[half] = _mm256_madd_epi16(eights, _mm256_set1_epi32(start));
            }
            for (sixteen, scale) in scales.into_iter().enumerate() {
                let scale = _mm256_blend_epi16(scale, _mm256_slli_epi32(scale, 16), 0xaa);
                for pair in sixteen * 2..sixteen * 2 + 2 {
                    let weights = numbers.add(pair * 128 + half * 32).cast::<__m256i>();
                    let weights = [weights.read_unaligned(), weights.add(2).read_unaligned()];
                    for (sums, plane) in sums.iter_mut().zip(planes) {
                        let values = plane.add(from + pair * 8).cast::<i32>();
                        let even = _mm256_maddubs_epi16(weights[0], _mm256_set1_epi32(values.read_unaligned()));
                        let odd = _mm256_maddubs_epi16(weights[1], _mm256_set1_epi32(values.add(1).read_unaligned()));
                        let products = _mm256_madd_epi16(_mm256_add_epi16(even, odd), scale);
                        sums[half] = _mm256_add_epi32(sums[half], products);
                    }
                }
            }
        }
        sums
    }
}

/// Products of a record of signed bytes.
///
/// # Safety
/// The processor has AVX2. `numbers` is a record's 512 bytes; each plane has 32 values from `from` on.
#[inline(always)]
pub(super) unsafe fn byte_sums<const WIDE: bool, const PLANES: usize>(
    numbers: *const u8,
    planes: &[*const i8; PLANES],
    from: usize,
) -> [Integers; PLANES] {
    // SAFETY: the record has eight groups of 64 bytes; the processor has the instructions.
    unsafe {
        let ones = _mm256_set1_epi16(1);
        let mut sums = [[_mm256_setzero_si256(); 2]; PLANES];
        if let (Some(four), false) = (sums.first_chunk_mut(), WIDE) {
            let stride = planes[1].offset_from_unsigned(planes[0]);
            add_bytes_of_four(numbers, planes[0].add(from), stride, four);
            return sums;
        }
        for group in 0..8 {
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

/// One group of signed bytes, 64 at `$numbers`, with the four values at `$values` of four rows.
#[rustfmt::skip]
macro_rules! byte_group {
    ($numbers:literal, $values:literal) => {
        concat!(
            "vmovdqu {w0}, [{numbers} + ", $numbers, "]\n",
            "vmovdqu {w1}, [{numbers} + ", $numbers, " + 32]\n",
            "vpabsb {m0}, {w0}\n",
            "vpabsb {m1}, {w1}\n",
            byte_row!("", "a0", "b0", $values),
            byte_row!(" + {stride}", "a1", "b1", $values),
            byte_row!(" + 2 * {stride}", "a2", "b2", $values),
            byte_row!(" + {three}", "a3", "b3", $values),
        )
    };
}

/// Adds the products of the group with one row to its two sums.
#[rustfmt::skip]
macro_rules! byte_row {
    ($row:literal, $low:literal, $high:literal, $values:literal) => {
        concat!(
            "vpbroadcastd {x}, dword ptr [{values}", $row, " + ", $values, "]\n",
            "vpsignb {p}, {x}, {w0}\n",
            "vpsignb {x}, {x}, {w1}\n",
            "vpmaddubsw {p}, {m0}, {p}\n",
            "vpmaddubsw {x}, {m1}, {x}\n",
            "vpmaddwd {p}, {p}, {ones}\n",
            "vpmaddwd {x}, {x}, {ones}\n",
            "vpaddd {", $low, "}, {", $low, "}, {p}\n",
            "vpaddd {", $high, "}, {", $high, "}, {x}\n",
        )
    };
}

/// Adds a record's products with four rows, whose values are `stride` apart, to their sums.
///
/// # Safety
/// The processor has AVX2. `numbers` is a record's 512 bytes; each row has 32 values.
#[inline]
#[target_feature(enable = "avx2,fma,f16c")]
unsafe fn add_bytes_of_four(numbers: *const u8, values: *const i8, stride: usize, sums: &mut [Integers; 4]) {
    let [[mut a0, mut b0], [mut a1, mut b1], [mut a2, mut b2], [mut a3, mut b3]] = *sums;
    // SAFETY: reads the bytes that the caller vouches for, writes registers only.
    unsafe {
        asm!(
            byte_group!(0, 0),
            byte_group!(64, 4),
            byte_group!(128, 8),
            byte_group!(192, 12),
            byte_group!(256, 16),
            byte_group!(320, 20),
            byte_group!(384, 24),
            byte_group!(448, 28),
            numbers = in(reg) numbers,
            values = in(reg) values,
            stride = in(reg) stride,
            three = in(reg) 3 * stride,
            ones = in(ymm_reg) _mm256_set1_epi16(1),
            a0 = inout(ymm_reg) a0, a1 = inout(ymm_reg) a1, a2 = inout(ymm_reg) a2, a3 = inout(ymm_reg) a3,
            b0 = inout(ymm_reg) b0, b1 = inout(ymm_reg) b1, b2 = inout(ymm_reg) b2, b3 = inout(ymm_reg) b3,
            w0 = out(ymm_reg) _, w1 = out(ymm_reg) _, m0 = out(ymm_reg) _, m1 = out(ymm_reg) _,
            x = out(ymm_reg) _, p = out(ymm_reg) _,
            options(nostack, readonly, preserves_flags),
        );
    }
    *sums = [[a0, b0], [a1, b1], [a2, b2], [a3, b3]];
}
