//! [`Vectors`] of plain arrays, as the instructions are documented: the kernel can be tested on any machine.

use half::f16;

use super::{Columns, Format, Precision, QuantizedTile, Vectors, quantized_tile, tile};

/// Needs nothing.
struct Model;

fn each<A: Copy, B: Copy, C>(a: [A; 16], b: [B; 16], function: impl Fn(A, B) -> C) -> [C; 16] {
    std::array::from_fn(|column| function(a[column], b[column]))
}

impl Vectors for Model {
    type Integers = [i32; 16];
    type Floats = [f32; 16];

    const TWO_SUMS: usize = 6;

    unsafe fn splat(value: i32) -> [i32; 16] {
        [value; 16]
    }

    unsafe fn load(bytes: *const u8) -> [i32; 16] {
        // SAFETY: the caller vouches for 64 bytes.
        unsafe { bytes.cast::<[i32; 16]>().read_unaligned() }
    }

    unsafe fn low_nibbles(bytes: [i32; 16]) -> [i32; 16] {
        bytes.map(|bytes| bytes & 0x0f0f_0f0f)
    }

    unsafe fn high_nibbles(bytes: [i32; 16]) -> [i32; 16] {
        bytes.map(|bytes| bytes >> 4 & 0x0f0f_0f0f)
    }

    unsafe fn dot(sum: [i32; 16], weights: [i32; 16], values: i32) -> [i32; 16] {
        each(sum, weights, |sum, weights| {
            let products = weights.to_ne_bytes().into_iter().zip(values.to_ne_bytes());
            products.fold(sum, |sum, (weight, value)| sum.wrapping_add(i32::from(weight) * i32::from(value as i8)))
        })
    }

    unsafe fn unsigned(bytes: [i32; 16]) -> [i32; 16] {
        bytes.map(|bytes| i32::from_ne_bytes(bytes.to_ne_bytes().map(|byte| byte.wrapping_add(128))))
    }

    unsafe fn add(a: [i32; 16], b: [i32; 16]) -> [i32; 16] {
        each(a, b, i32::wrapping_add)
    }

    unsafe fn multiply(a: [i32; 16], b: [i32; 16]) -> [i32; 16] {
        each(a, b, i32::wrapping_mul)
    }

    unsafe fn widen(sum: [i32; 16], rest: [i32; 16]) -> [i32; 16] {
        each(sum, rest, |sum, rest| (sum << 7).wrapping_add(rest))
    }

    unsafe fn unsigned_bytes(bytes: *const u8) -> [i32; 16] {
        // SAFETY: the caller vouches for sixteen bytes.
        unsafe { bytes.cast::<[u8; 16]>().read() }.map(i32::from)
    }

    unsafe fn signed_bytes(bytes: *const u8) -> [i32; 16] {
        // SAFETY: as above.
        unsafe { bytes.cast::<[i8; 16]>().read() }.map(i32::from)
    }

    unsafe fn floats(integers: [i32; 16]) -> [f32; 16] {
        integers.map(|integer| integer as f32)
    }

    unsafe fn splat_float(value: f32) -> [f32; 16] {
        [value; 16]
    }

    unsafe fn halves(bytes: *const u8) -> [f32; 16] {
        // SAFETY: the caller vouches for 32 bytes.
        unsafe { bytes.cast::<[[u8; 2]; 16]>().read() }.map(|half| f16::from_le_bytes(half).to_f32())
    }

    unsafe fn multiply_floats(a: [f32; 16], b: [f32; 16]) -> [f32; 16] {
        each(a, b, |a, b| a * b)
    }

    unsafe fn fused(a: [f32; 16], b: [f32; 16], c: [f32; 16]) -> [f32; 16] {
        std::array::from_fn(|column| a[column].mul_add(b[column], c[column]))
    }

    unsafe fn fused_negative(a: [f32; 16], b: [f32; 16], c: [f32; 16]) -> [f32; 16] {
        std::array::from_fn(|column| (-a[column]).mul_add(b[column], c[column]))
    }

    unsafe fn store(floats: [f32; 16], out: &mut Columns) {
        *out = floats;
    }
}

quantized_tile!(Model, , narrow 8 7 6 5 4 3 2 1, wide 4 3 2 1, pairs narrow 10 9 8 7 6 5 4 3 2 1, wide 4 3 2 1);
