//! [`Vectors`] of one 512-bit register, with AVX-512 VNNI.

use std::arch::x86_64::*;

use super::{Columns, Format, Precision, QuantizedTile, Vectors, quantized_tile, tile};

/// Needs AVX-512F and AVX-512 VNNI.
struct Avx512;

impl Vectors for Avx512 {
    type Integers = __m512i;
    type Floats = __m512;

    const TWO_SUMS: usize = 6;

    #[inline(always)]
    unsafe fn splat(value: i32) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_set1_epi32(value) }
    }

    #[inline(always)]
    unsafe fn load(bytes: *const u8) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_loadu_si512(bytes.cast()) }
    }

    #[inline(always)]
    unsafe fn low_nibbles(bytes: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_and_si512(bytes, _mm512_set1_epi32(0x0f0f_0f0f)) }
    }

    #[inline(always)]
    unsafe fn high_nibbles(bytes: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_and_si512(_mm512_srli_epi32(bytes, 4), _mm512_set1_epi32(0x0f0f_0f0f)) }
    }

    #[inline(always)]
    unsafe fn dot(sum: Self::Integers, weights: Self::Integers, values: i32) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_dpbusd_epi32(sum, weights, _mm512_set1_epi32(values)) }
    }

    #[inline(always)]
    unsafe fn unsigned(bytes: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_xor_si512(bytes, _mm512_set1_epi32(0x8080_8080_u32 as i32)) }
    }

    #[inline(always)]
    unsafe fn add(a: Self::Integers, b: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_add_epi32(a, b) }
    }

    #[inline(always)]
    unsafe fn multiply(a: Self::Integers, b: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_mullo_epi32(a, b) }
    }

    #[inline(always)]
    unsafe fn widen(sum: Self::Integers, rest: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_add_epi32(_mm512_slli_epi32(sum, 7), rest) }
    }

    #[inline(always)]
    unsafe fn unsigned_bytes(bytes: *const u8) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_cvtepu8_epi32(_mm_loadu_si128(bytes.cast())) }
    }

    #[inline(always)]
    unsafe fn signed_bytes(bytes: *const u8) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_cvtepi8_epi32(_mm_loadu_si128(bytes.cast())) }
    }

    #[inline(always)]
    unsafe fn floats(integers: Self::Integers) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_cvtepi32_ps(integers) }
    }

    #[inline(always)]
    unsafe fn splat_float(value: f32) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn halves(bytes: *const u8) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(bytes.cast())) }
    }

    #[inline(always)]
    unsafe fn multiply_floats(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    unsafe fn fused(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn fused_negative(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { _mm512_fnmadd_ps(a, b, c) }
    }

    #[inline(always)]
    unsafe fn store(floats: Self::Floats, out: &mut Columns) {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe {
            _mm512_storeu_ps(out.as_mut_ptr(), floats);
        }
    }
}

quantized_tile!(Avx512, #[target_feature(enable = "avx512f,avx512vnni,avx2,fma,f16c")], narrow 8 7 6 5 4 3 2 1, wide 4 3 2 1, pairs narrow 10 9 8 7 6 5 4 3 2 1, wide 4 3 2 1);
