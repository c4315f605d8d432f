//! [`Vectors`] of two 256-bit registers, with AVX2, FMA, F16C and AVX-VNNI.

use std::arch::x86_64::*;

use super::{Columns, Format, Precision, QuantizedTile, Vectors, quantized_tile, tile};

/// Needs AVX2, FMA, F16C and AVX-VNNI.
struct Avx;

impl Vectors for Avx {
    type Integers = [__m256i; 2];
    type Floats = [__m256; 2];

    const TWO_SUMS: usize = 0;

    #[inline(always)]
    unsafe fn splat(value: i32) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { [_mm256_set1_epi32(value); 2] }
    }

    #[inline(always)]
    unsafe fn load(bytes: *const u8) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { [_mm256_loadu_si256(bytes.cast()), _mm256_loadu_si256(bytes.add(32).cast())] }
    }

    #[inline(always)]
    unsafe fn low_nibbles(bytes: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe {
            [_mm256_and_si256(bytes[0], _mm256_set1_epi8(0xf)), _mm256_and_si256(bytes[1], _mm256_set1_epi8(0xf))]
        }
    }

    #[inline(always)]
    unsafe fn high_nibbles(bytes: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe {
            [
                _mm256_and_si256(_mm256_srli_epi32(bytes[0], 4), _mm256_set1_epi8(0xf)),
                _mm256_and_si256(_mm256_srli_epi32(bytes[1], 4), _mm256_set1_epi8(0xf)),
            ]
        }
    }

    #[inline(always)]
    unsafe fn dot(sum: Self::Integers, weights: Self::Integers, values: i32) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe {
            let values = _mm256_set1_epi32(values);
            [_mm256_dpbusd_avx_epi32(sum[0], weights[0], values), _mm256_dpbusd_avx_epi32(sum[1], weights[1], values)]
        }
    }

    #[inline(always)]
    unsafe fn unsigned(bytes: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe {
            let top = _mm256_set1_epi8(i8::MIN);
            [_mm256_xor_si256(bytes[0], top), _mm256_xor_si256(bytes[1], top)]
        }
    }

    #[inline(always)]
    unsafe fn add(a: Self::Integers, b: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { [_mm256_add_epi32(a[0], b[0]), _mm256_add_epi32(a[1], b[1])] }
    }

    #[inline(always)]
    unsafe fn multiply(a: Self::Integers, b: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { [_mm256_mullo_epi32(a[0], b[0]), _mm256_mullo_epi32(a[1], b[1])] }
    }

    #[inline(always)]
    unsafe fn widen(sum: Self::Integers, rest: Self::Integers) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe {
            [
                _mm256_add_epi32(_mm256_slli_epi32(sum[0], 7), rest[0]),
                _mm256_add_epi32(_mm256_slli_epi32(sum[1], 7), rest[1]),
            ]
        }
    }

    #[inline(always)]
    unsafe fn unsigned_bytes(bytes: *const u8) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe {
            [
                _mm256_cvtepu8_epi32(_mm_loadl_epi64(bytes.cast())),
                _mm256_cvtepu8_epi32(_mm_loadl_epi64(bytes.add(8).cast())),
            ]
        }
    }

    #[inline(always)]
    unsafe fn signed_bytes(bytes: *const u8) -> Self::Integers {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe {
            [
                _mm256_cvtepi8_epi32(_mm_loadl_epi64(bytes.cast())),
                _mm256_cvtepi8_epi32(_mm_loadl_epi64(bytes.add(8).cast())),
            ]
        }
    }

    #[inline(always)]
    unsafe fn floats(integers: Self::Integers) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { [_mm256_cvtepi32_ps(integers[0]), _mm256_cvtepi32_ps(integers[1])] }
    }

    #[inline(always)]
    unsafe fn splat_float(value: f32) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { [_mm256_set1_ps(value); 2] }
    }

    #[inline(always)]
    unsafe fn halves(bytes: *const u8) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe {
            [_mm256_cvtph_ps(_mm_loadu_si128(bytes.cast())), _mm256_cvtph_ps(_mm_loadu_si128(bytes.add(16).cast()))]
        }
    }

    #[inline(always)]
    unsafe fn multiply_floats(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] }
    }

    #[inline(always)]
    unsafe fn fused(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
    }

    #[inline(always)]
    unsafe fn fused_negative(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe { [_mm256_fnmadd_ps(a[0], b[0], c[0]), _mm256_fnmadd_ps(a[1], b[1], c[1])] }
    }

    #[inline(always)]
    unsafe fn store(floats: Self::Floats, out: &mut Columns) {
        // SAFETY: the caller vouches for the instructions and the bytes.
        unsafe {
            _mm256_storeu_ps(out.as_mut_ptr(), floats[0]);
            _mm256_storeu_ps(out.as_mut_ptr().add(8), floats[1]);
        }
    }
}

quantized_tile!(Avx, #[target_feature(enable = "avx2,fma,f16c,avxvnni")], narrow 4 3 2 1, wide 2 1, pairs narrow, wide);
