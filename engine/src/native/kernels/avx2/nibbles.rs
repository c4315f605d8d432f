//! Products with weights of four bits.
//!
//! The tiles of whole panels are written in assembler, their registers spelled out: the compiler, left to itself, unpacks a
//! record to memory first and takes twice as long.

use std::arch::asm;
use std::arch::x86_64::*;

use crate::native::kernels::{AHEAD, COLUMNS_ZERO, Columns, FAR_AHEAD, QuantizedTile};

use super::Integers;
use super::sums::Starts;

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
        let mut sums = [[_mm256_setzero_si256(); 2]; PLANES];
        for (sums, start) in sums.iter_mut().zip(starts.records) {
            *sums = [_mm256_set1_epi16(start); 2];
        }
        // Without `WIDE`, planes are rows, which lie one behind the other.
        let values = planes[0].add(from);
        let stride = if WIDE { 0 } else { planes[PLANES.min(2) - 1].offset_from_unsigned(planes[0]) / 8 };
        if WIDE {
            add_nibbles(numbers, planes, from, &mut sums);
        } else if let Some(sums) = sums.first_chunk_mut::<4>() {
            add_nibbles_of_four(numbers, values, stride, sums);
        } else if let Some(sums) = sums.first_chunk_mut::<3>() {
            add_nibbles_of_three(numbers, values, stride, sums);
        } else if let Some(sums) = sums.first_chunk_mut::<2>() {
            add_nibbles_of_two(numbers, values, stride, sums);
        } else if let Some(sums) = sums.first_chunk_mut::<1>() {
            add_nibbles_of_one(numbers, values, stride, sums);
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

/// Adds a record's products to the planes' 16-bit lanes, wherever the planes are.
///
/// # Safety
/// As [`nibble_sums`].
#[inline(always)]
unsafe fn add_nibbles<const PLANES: usize>(
    numbers: *const u8,
    planes: &[*const i8; PLANES],
    from: usize,
    sums: &mut [Integers; PLANES],
) {
    // SAFETY: as in `nibble_sums`.
    unsafe {
        let low_half = _mm256_set1_epi8(0xf);
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

/// One pair of groups of nibbles, 64 bytes at `$numbers`, with the eight values at `$values` of each row.
#[rustfmt::skip]
macro_rules! nibble_pair {
    ($numbers:literal, $values:literal, $(($low:literal, $high:literal, $row:literal)),+) => {
        concat!(
            "vmovdqu {w0}, [{numbers} + ", $numbers, "]\n",
            "vmovdqu {w1}, [{numbers} + ", $numbers, " + 32]\n",
            "vpsrlw {w2}, {w0}, 4\n",
            "vpsrlw {w3}, {w1}, 4\n",
            "vpand {w0}, {w0}, {mask}\n",
            "vpand {w1}, {w1}, {mask}\n",
            "vpand {w2}, {w2}, {mask}\n",
            "vpand {w3}, {w3}, {mask}\n",
            $(nibble_row!($low, $high, $row, $values)),+
        )
    };
}

/// Adds the products of the unpacked pair with one row to its two sums.
#[rustfmt::skip]
macro_rules! nibble_row {
    ($low:literal, $high:literal, $row:literal, $values:literal) => {
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

/// Sets the sums of a row to what takes the number that stands for 0 off.
#[rustfmt::skip]
macro_rules! nibble_start {
    ($low:literal, $high:literal, $scales:literal) => {
        concat!(
            "vpbroadcastw {", $low, "}, word ptr [{sums}", $scales, "]\n",
            "vmovdqa {", $high, "}, {", $low, "}\n",
        )
    };
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

/// Defines a product of some rows with a record of nibbles, and with a whole panel of Q4_0.
///
/// For each row: the registers of its sums, how far on its values begin and its scales and sums do (a row's scales and
/// sums are `stride` bytes long, its values eight times that), and where its results are in `out`.
#[rustfmt::skip]
macro_rules! rows_of_nibbles {
    (
        $add:ident, $panel:ident, $count:literal, [$($times:ident = $factor:literal),*],
        $(($low:ident $low_name:literal, $high:ident $high_name:literal, $values:literal, $scales:literal, $out:literal)),+
    ) => {
        /// Adds a record's products to the rows' 16-bit lanes. The values of two rows are eight times `stride` apart.
        ///
        /// # Safety
        /// The processor has AVX2. `numbers` is a record's 256 bytes; each row has 32 values.
        #[inline]
        #[target_feature(enable = "avx2,fma,f16c")]
        unsafe fn $add(numbers: *const u8, values: *const i8, stride: usize, sums: &mut [Integers; $count]) {
            let [$([mut $low, mut $high]),+] = *sums;
            let _ = stride;
            // SAFETY: reads the bytes that the caller vouches for, writes registers only.
            unsafe {
                asm!(
                    nibble_pair!(0, 0, $(($low_name, $high_name, $values)),+),
                    nibble_pair!(64, 8, $(($low_name, $high_name, $values)),+),
                    nibble_pair!(128, 16, $(($low_name, $high_name, $values)),+),
                    nibble_pair!(192, 24, $(($low_name, $high_name, $values)),+),
                    numbers = in(reg) numbers,
                    values = in(reg) values,
                    $($times = in(reg) $factor * stride,)*
                    mask = in(ymm_reg) _mm256_set1_epi8(0xf),
                    $($low = inout(ymm_reg) $low, $high = inout(ymm_reg) $high,)+
                    w0 = out(ymm_reg) _, w1 = out(ymm_reg) _, w2 = out(ymm_reg) _, w3 = out(ymm_reg) _,
                    x = out(ymm_reg) _, p = out(ymm_reg) _,
                    options(nostack, readonly, preserves_flags),
                );
            }
            *sums = [$([$low, $high]),+];
        }

        /// Products of the rows with a panel of Q4_0: what most of a pass's time goes to.
        ///
        /// # Safety
        /// The processor has AVX2, FMA and F16C. `panel` is a whole panel of `inputs.records` records, at least one, and
        /// `inputs` has as many rows as `out`.
        #[target_feature(enable = "avx2,fma,f16c")]
        pub(super) unsafe fn $panel(panel: *const u8, inputs: QuantizedTile<'_>, out: &mut [Columns; $count]) {
            *out = [COLUMNS_ZERO; $count];
            // SAFETY: each turn reads one record of the panel and of each row's values, scales and sums, and adds to `out`.
            unsafe {
                asm!(
                    "2:",
                    "prefetcht0 [{numbers} + {ahead}]",
                    "prefetcht0 [{numbers} + {ahead} + 64]",
                    "prefetcht0 [{numbers} + {ahead} + 128]",
                    "prefetcht0 [{numbers} + {ahead} + 192]",
                    "prefetcht0 [{numbers} + {ahead} + 256]",
                    "prefetcht1 [{numbers} + {far}]",
                    "prefetcht1 [{numbers} + {far} + 64]",
                    "prefetcht1 [{numbers} + {far} + 128]",
                    "prefetcht1 [{numbers} + {far} + 192]",
                    "prefetcht1 [{numbers} + {far} + 256]",
                    $(nibble_start!($low_name, $high_name, $scales),)+
                    nibble_pair!(32, 0, $(($low_name, $high_name, $values)),+),
                    nibble_pair!(96, 8, $(($low_name, $high_name, $values)),+),
                    nibble_pair!(160, 16, $(($low_name, $high_name, $values)),+),
                    nibble_pair!(224, 24, $(($low_name, $high_name, $values)),+),
                    "vcvtph2ps {w0}, xmmword ptr [{numbers}]",
                    "vcvtph2ps {w1}, xmmword ptr [{numbers} + 16]",
                    $(nibble_end!($low_name, $high_name, $out, $scales),)+
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
                    ahead = const AHEAD,
                    far = const FAR_AHEAD,
                    $($times = in(reg) $factor * inputs.records * size_of::<f32>(),)*
                    out = in(reg) out.as_mut_ptr(),
                    mask = in(ymm_reg) _mm256_set1_epi8(0xf),
                    ones = in(ymm_reg) _mm256_set1_epi16(1),
                    $($low = out(ymm_reg) _, $high = out(ymm_reg) _,)+
                    w0 = out(ymm_reg) _, w1 = out(ymm_reg) _, w2 = out(ymm_reg) _, w3 = out(ymm_reg) _,
                    x = out(ymm_reg) _, p = out(ymm_reg) _,
                    options(nostack),
                );
            }
        }
    };
}

rows_of_nibbles!(add_nibbles_of_one, one_row_of_q4_0, 1, [], (a0 "a0", b0 "b0", "", "", 0));
rows_of_nibbles!(
    add_nibbles_of_two, two_rows_of_q4_0, 2, [stride = 1],
    (a0 "a0", b0 "b0", "", "", 0),
    (a1 "a1", b1 "b1", " + 8 * {stride}", " + {stride}", 64)
);
rows_of_nibbles!(
    add_nibbles_of_three, three_rows_of_q4_0, 3, [stride = 1, two = 2],
    (a0 "a0", b0 "b0", "", "", 0),
    (a1 "a1", b1 "b1", " + 8 * {stride}", " + {stride}", 64),
    (a2 "a2", b2 "b2", " + 8 * {two}", " + {two}", 128)
);
rows_of_nibbles!(
    add_nibbles_of_four, four_rows_of_q4_0, 4, [stride = 1, two = 2, three = 3],
    (a0 "a0", b0 "b0", "", "", 0),
    (a1 "a1", b1 "b1", " + 8 * {stride}", " + {stride}", 64),
    (a2 "a2", b2 "b2", " + 8 * {two}", " + {two}", 128),
    (a3 "a3", b3 "b3", " + 8 * {three}", " + {three}", 192)
);
