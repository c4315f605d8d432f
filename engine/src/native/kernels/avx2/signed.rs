//! Products with weights of eight bits, with their sign; spelled out as in [`super::nibbles`].

use std::arch::asm;
use std::arch::x86_64::*;

use super::Integers;

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
        let mut sums = [[_mm256_setzero_si256(); 2]; PLANES];
        if WIDE {
            add_bytes(numbers, planes, from, &mut sums);
            return sums;
        }
        // Without `WIDE`, planes are rows, which lie one behind the other.
        let values = planes[0].add(from);
        let stride = planes[PLANES.min(2) - 1].offset_from_unsigned(planes[0]);
        if let Some(sums) = sums.first_chunk_mut::<4>() {
            add_bytes_of_four(numbers, values, stride, sums);
        } else if let Some(sums) = sums.first_chunk_mut::<3>() {
            add_bytes_of_three(numbers, values, stride, sums);
        } else if let Some(sums) = sums.first_chunk_mut::<2>() {
            add_bytes_of_two(numbers, values, stride, sums);
        } else if let Some(sums) = sums.first_chunk_mut::<1>() {
            add_bytes_of_one(numbers, values, stride, sums);
        }
        sums
    }
}

/// Adds a record's products to the planes' sums, wherever the planes are.
///
/// # Safety
/// As [`byte_sums`].
#[inline(always)]
unsafe fn add_bytes<const PLANES: usize>(
    numbers: *const u8,
    planes: &[*const i8; PLANES],
    from: usize,
    sums: &mut [Integers; PLANES],
) {
    // SAFETY: as in `byte_sums`.
    unsafe {
        let ones = _mm256_set1_epi16(1);
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
    }
}

/// One group of signed bytes, 64 at `$numbers`, with the four values at `$values` of each row.
#[rustfmt::skip]
macro_rules! byte_group {
    ($numbers:literal, $values:literal, $(($low:literal, $high:literal, $row:literal)),+) => {
        concat!(
            "vmovdqu {w0}, [{numbers} + ", $numbers, "]\n",
            "vmovdqu {w1}, [{numbers} + ", $numbers, " + 32]\n",
            "vpabsb {m0}, {w0}\n",
            "vpabsb {m1}, {w1}\n",
            $(byte_row!($row, $low, $high, $values)),+
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

/// Defines a product of some rows with a record of signed bytes. For each row: the registers of its sums, and how far on
/// its values begin.
#[rustfmt::skip]
macro_rules! rows_of_bytes {
    (
        $add:ident, $count:literal, [$($times:ident = $factor:literal),*],
        $(($low:ident $low_name:literal, $high:ident $high_name:literal, $row:literal)),+
    ) => {
        /// Adds a record's products to the rows' sums. The values of two rows are `stride` apart.
        ///
        /// # Safety
        /// The processor has AVX2. `numbers` is a record's 512 bytes; each row has 32 values.
        #[inline]
        #[target_feature(enable = "avx2,fma,f16c")]
        unsafe fn $add(numbers: *const u8, values: *const i8, stride: usize, sums: &mut [Integers; $count]) {
            let [$([mut $low, mut $high]),+] = *sums;
            // One row has no use for it.
            let _ = stride;
            // SAFETY: reads the bytes that the caller vouches for, writes registers only.
            unsafe {
                asm!(
                    byte_group!(0, 0, $(($low_name, $high_name, $row)),+),
                    byte_group!(64, 4, $(($low_name, $high_name, $row)),+),
                    byte_group!(128, 8, $(($low_name, $high_name, $row)),+),
                    byte_group!(192, 12, $(($low_name, $high_name, $row)),+),
                    byte_group!(256, 16, $(($low_name, $high_name, $row)),+),
                    byte_group!(320, 20, $(($low_name, $high_name, $row)),+),
                    byte_group!(384, 24, $(($low_name, $high_name, $row)),+),
                    byte_group!(448, 28, $(($low_name, $high_name, $row)),+),
                    numbers = in(reg) numbers,
                    values = in(reg) values,
                    $($times = in(reg) $factor * stride,)*
                    ones = in(ymm_reg) _mm256_set1_epi16(1),
                    $($low = inout(ymm_reg) $low, $high = inout(ymm_reg) $high,)+
                    w0 = out(ymm_reg) _, w1 = out(ymm_reg) _, m0 = out(ymm_reg) _, m1 = out(ymm_reg) _,
                    x = out(ymm_reg) _, p = out(ymm_reg) _,
                    options(nostack, readonly, preserves_flags),
                );
            }
            *sums = [$([$low, $high]),+];
        }
    };
}

rows_of_bytes!(add_bytes_of_one, 1, [], (a0 "a0", b0 "b0", ""));
rows_of_bytes!(add_bytes_of_two, 2, [stride = 1], (a0 "a0", b0 "b0", ""), (a1 "a1", b1 "b1", " + {stride}"));
rows_of_bytes!(
    add_bytes_of_three, 3, [stride = 1],
    (a0 "a0", b0 "b0", ""),
    (a1 "a1", b1 "b1", " + {stride}"),
    (a2 "a2", b2 "b2", " + 2 * {stride}")
);
rows_of_bytes!(
    add_bytes_of_four, 4, [stride = 1, three = 3],
    (a0 "a0", b0 "b0", ""),
    (a1 "a1", b1 "b1", " + {stride}"),
    (a2 "a2", b2 "b2", " + 2 * {stride}"),
    (a3 "a3", b3 "b3", " + {three}")
);
