//! Products of a record of five or six bits with several rows, and what all sums start from.

use std::arch::x86_64::*;

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
