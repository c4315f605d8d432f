//! The block formats of GGUF, value by value: what the packed kernels are made from and compared with.
//!
//! A quantised row is a row of blocks. Layouts: the structs and `dequantize_row_*` of ggml's `ggml-common.h` and
//! `ggml-quants.c`, described here in our own words.

use half::{bf16, f16};

use crate::gguf::TensorType;

/// Values that share an activation scale, and the values in one step of every quantised kernel.
pub const BLOCK: usize = 32;

/// Thirty-two consecutive weights as whole numbers, with what turns them into values.
///
/// `value[i] = scale[i / 16] * quant[i] + offset`. Every quantised format can be said this way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// -128..=127; 0..=15 and 0..=31 for formats of four and five bits (of Q4_0 and Q5_0 too: their `-8` and `-16` are in
    /// the offset).
    pub quants: [i8; BLOCK],
    pub scales: [f32; 2],
    pub offset: f32,
}

/// The values of one row of a tensor. `bytes` are whole blocks, `out` is as long as the row.
pub fn dequantize_row(dtype: TensorType, bytes: &[u8], out: &mut [f32]) {
    match dtype {
        TensorType::F32 => {
            for (value, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
                *value = f32::from_le_bytes(*bytes);
            }
        }
        TensorType::F16 => {
            for (value, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
                *value = f16::from_le_bytes(*bytes).to_f32();
            }
        }
        TensorType::BF16 => {
            for (value, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
                *value = bf16::from_le_bytes(*bytes).to_f32();
            }
        }
        TensorType::Q8_0
        | TensorType::Q4_0
        | TensorType::Q4_1
        | TensorType::Q5_0
        | TensorType::Q5_1
        | TensorType::Q4K
        | TensorType::Q5K
        | TensorType::Q6K => {
            for (index, values) in out.chunks_mut(BLOCK).enumerate() {
                let block = block(dtype, bytes, index);
                for (i, value) in values.iter_mut().enumerate() {
                    *value = block.scales[i / 16] * f32::from(block.quants[i]) + block.offset;
                }
            }
        }
    }
}

/// Weights `32 * index..` of a quantised row. A float type has no blocks: it gives zeros.
pub fn block(dtype: TensorType, row: &[u8], index: usize) -> Block {
    let per_block = dtype.block_len() / BLOCK;
    let size = dtype.block_bytes();
    let bytes = |blocks: usize| &row[blocks * size..(blocks + 1) * size];
    match dtype {
        TensorType::F32 | TensorType::F16 | TensorType::BF16 => {
            Block { quants: [0; BLOCK], scales: [0.0; 2], offset: 0.0 }
        }
        TensorType::Q8_0 => q8_0(bytes(index)),
        TensorType::Q4_0 => q4_0(bytes(index)),
        TensorType::Q4_1 => q4_1(bytes(index)),
        TensorType::Q5_0 => q5_0(bytes(index)),
        TensorType::Q5_1 => q5_1(bytes(index)),
        TensorType::Q4K => q4_k(bytes(index / per_block), index % per_block),
        TensorType::Q5K => q5_k(bytes(index / per_block), index % per_block),
        TensorType::Q6K => q6_k(bytes(index / per_block), index % per_block),
    }
}

/// The half-precision number at `position`.
pub fn half_at(bytes: &[u8], position: usize) -> f16 {
    f16::from_le_bytes([bytes[position], bytes[position + 1]])
}

fn uniform(quants: [i8; BLOCK], scale: f32, offset: f32) -> Block {
    Block { quants, scales: [scale; 2], offset }
}

/// f16 scale, 32 signed bytes.
fn q8_0(bytes: &[u8]) -> Block {
    let quants = std::array::from_fn(|i| bytes[2 + i] as i8);
    uniform(quants, half_at(bytes, 0).to_f32(), 0.0)
}

/// Sixteen bytes hold 32 numbers: the low halves are the first 16.
fn nibbles(bytes: &[u8]) -> [i8; BLOCK] {
    std::array::from_fn(|i| (if i < 16 { bytes[i] & 0xf } else { bytes[i - 16] >> 4 }) as i8)
}

/// f16 scale, 32 four-bit numbers that stand for -8..=7.
fn q4_0(bytes: &[u8]) -> Block {
    let scale = half_at(bytes, 0).to_f32();
    uniform(nibbles(&bytes[2..]), scale, -8.0 * scale)
}

/// f16 scale, f16 minimum, 32 four-bit numbers.
fn q4_1(bytes: &[u8]) -> Block {
    uniform(nibbles(&bytes[4..]), half_at(bytes, 0).to_f32(), half_at(bytes, 2).to_f32())
}

/// [`nibbles`] with a fifth bit: bit `i` of the four bytes before them.
fn nibbles_and_bits(bytes: &[u8]) -> [i8; BLOCK] {
    let low = nibbles(&bytes[4..]);
    std::array::from_fn(|i| low[i] | ((bytes[i / 8] >> (i % 8) & 1) << 4) as i8)
}

/// f16 scale, 32 five-bit numbers that stand for -16..=15.
fn q5_0(bytes: &[u8]) -> Block {
    let scale = half_at(bytes, 0).to_f32();
    uniform(nibbles_and_bits(&bytes[2..]), scale, -16.0 * scale)
}

/// f16 scale, f16 minimum, 32 five-bit numbers.
fn q5_1(bytes: &[u8]) -> Block {
    uniform(nibbles_and_bits(&bytes[4..]), half_at(bytes, 0).to_f32(), half_at(bytes, 2).to_f32())
}

/// The 6-bit scale and minimum of sub-block `index` (of 8) of Q4_K and Q5_K, from their 12 bytes.
///
/// The first four are the low six bits of bytes 0..4 and 4..8; the last four have their low four bits in bytes 8..12 and
/// their high two in what the first four left over.
pub fn scale_and_min(bytes: &[u8], index: usize) -> (u8, u8) {
    if index < 4 {
        (bytes[index] & 63, bytes[index + 4] & 63)
    } else {
        let low = bytes[index + 4];
        ((low & 0xf) | (bytes[index - 4] >> 6) << 4, (low >> 4) | (bytes[index] >> 6) << 4)
    }
}

fn k_block(bytes: &[u8], sub_block: usize, quants: [i8; BLOCK]) -> Block {
    let (scale, minimum) = scale_and_min(&bytes[4..16], sub_block);
    let scale = half_at(bytes, 0).to_f32() * f32::from(scale);
    uniform(quants, scale, -(half_at(bytes, 2).to_f32() * f32::from(minimum)))
}

/// f16 scale of scales, f16 scale of minima, 12 bytes of those, then 4 groups of 32 bytes: two sub-blocks each.
fn q4_k(bytes: &[u8], sub_block: usize) -> Block {
    let group = &bytes[16 + sub_block / 2 * 32..];
    let shift = sub_block % 2 * 4;
    k_block(bytes, sub_block, std::array::from_fn(|i| (group[i] >> shift & 0xf) as i8))
}

/// Q4_K with a fifth bit: bit `sub_block` of 32 bytes that stand before the groups.
fn q5_k(bytes: &[u8], sub_block: usize) -> Block {
    let high = &bytes[16..48];
    let group = &bytes[48 + sub_block / 2 * 32..];
    let shift = sub_block % 2 * 4;
    let quant = |i: usize| (group[i] >> shift & 0xf) | (high[i] >> sub_block & 1) << 4;
    k_block(bytes, sub_block, std::array::from_fn(|i| quant(i) as i8))
}

/// 128 bytes of low halves, 64 bytes of high pairs of bits, 16 signed scales, f16 scale of scales. Each half of the 256
/// values has four sub-blocks of 32; a scale covers 16 values.
fn q6_k(bytes: &[u8], sub_block: usize) -> Block {
    let (half, part) = (sub_block / 4, sub_block % 4);
    let low = &bytes[half * 64 + part % 2 * 32..];
    let high = &bytes[128 + half * 32..];
    let scales = &bytes[192 + sub_block * 2..];
    let quant = |i: usize| {
        let low = low[i] >> (part / 2 * 4) & 0xf;
        (low | (high[i] >> (part * 2) & 3) << 4) as i8 - 32
    };
    let super_scale = half_at(bytes, 208).to_f32();
    Block {
        quants: std::array::from_fn(quant),
        scales: [0, 1].map(|i| super_scale * f32::from(scales[i] as i8)),
        offset: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half(value: f32) -> [u8; 2] {
        f16::from_f32(value).to_le_bytes()
    }

    /// `expected` are (index, value) of a row of one block; its other values are not looked at.
    fn check(dtype: TensorType, bytes: &[&[u8]], expected: &[(usize, f32)]) {
        let bytes = bytes.concat();
        assert_eq!(bytes.len(), dtype.block_bytes(), "{dtype}");
        let mut values = vec![f32::NAN; dtype.block_len()];
        dequantize_row(dtype, &bytes, &mut values);
        for (index, value) in expected {
            assert_eq!(values[*index], *value, "{dtype} value {index}");
        }
    }

    #[test]
    fn floats_are_read_as_they_are() {
        check(TensorType::F32, &[&1.25f32.to_le_bytes()], &[(0, 1.25)]);
        check(TensorType::F16, &[&half(-0.375)], &[(0, -0.375)]);
        check(TensorType::BF16, &[&bf16::from_f32(-3.5).to_le_bytes()], &[(0, -3.5)]);
    }

    #[test]
    fn blocks_of_32_follow_their_definition() {
        let mut bytes = [0u8; 32];
        (bytes[0], bytes[31]) = (127, 0x80);
        check(TensorType::Q8_0, &[&half(0.5), &bytes], &[(0, 63.5), (1, 0.0), (31, -64.0)]);
        let mut nibbles = [0u8; 16];
        (nibbles[0], nibbles[15]) = (0x3f, 0x8a);
        let values = [(0, 3.5), (16, -2.5), (15, 1.0), (31, 0.0), (1, -4.0)];
        check(TensorType::Q4_0, &[&half(0.5), &nibbles], &values);
        let values = [(0, 8.5), (16, 2.5), (15, 6.0), (31, 5.0), (1, 1.0)];
        check(TensorType::Q4_1, &[&half(0.5), &half(1.0), &nibbles], &values);
        // The fifth bits of values 0 and 31.
        let high = [1, 0, 0, 0x80];
        let values = [(0, 7.5), (16, -6.5), (15, -3.0), (31, 4.0), (1, -8.0)];
        check(TensorType::Q5_0, &[&half(0.5), &high, &nibbles], &values);
        let values = [(0, 16.5), (16, 2.5), (15, 6.0), (31, 13.0), (1, 1.0)];
        check(TensorType::Q5_1, &[&half(0.5), &half(1.0), &high, &nibbles], &values);
    }

    #[test]
    fn blocks_of_256_follow_their_definition() {
        // Scales 1, 2, 3, 4, 37, 38, 39, 63 and minima 5, 6, 7, 8, 33, 0, 0, 63, packed as the format has it.
        let (scales, minima) = ([1, 2, 3, 4, 37, 38, 39, 63u8], [5, 6, 7, 8, 33, 0, 0, 63u8]);
        let mut packed = [0u8; 12];
        for i in 0..4 {
            packed[i] = scales[i] | (scales[i + 4] >> 4) << 6;
            packed[i + 4] = minima[i] | (minima[i + 4] >> 4) << 6;
            packed[i + 8] = (scales[i + 4] & 0xf) | (minima[i + 4] & 0xf) << 4;
        }
        for i in 0..8 {
            assert_eq!(scale_and_min(&packed, i), (scales[i], minima[i]));
        }
        let mut quants = [0u8; 128];
        (quants[0], quants[127]) = (0xa3, 0xf1);
        // Values 0, 32 (the high half of byte 0), 223 and 255 (the halves of the last byte).
        let values = [(0, 0.5 * 3.0 - 1.25), (32, 0.5 * 20.0 - 1.5), (223, 0.5 * 39.0), (255, 0.5 * 945.0 - 15.75)];
        check(TensorType::Q4K, &[&half(0.5), &half(0.25), &packed, &quants], &values);
        let mut high = [0u8; 32];
        (high[0], high[31]) = (0b11, 0b1000_0000);
        let values = [(0, 0.5 * 19.0 - 1.25), (32, 0.5 * 52.0 - 1.5), (223, 0.5 * 39.0), (255, 0.5 * 1953.0 - 15.75)];
        check(TensorType::Q5K, &[&half(0.5), &half(0.25), &packed, &high, &quants], &values);

        let (mut low, mut high, mut scales) = ([0u8; 128], [0u8; 64], [1u8; 16]);
        (low[0], high[0]) = (0x5c, 0b11_10_01_00);
        (scales[0], scales[2], scales[4], scales[6], scales[15]) = (2, 3, 0xff, 5, 7);
        // Sub-block 0 has bits 0 and 1 of the high byte, 1 bits 2 and 3, 2 and 3 the others, with the low byte's high half.
        let values = [(0, -20.0), (32, 1.5 * -16.0), (64, -0.5 * 5.0), (96, 2.5 * 16.0), (255, 3.5 * -32.0)];
        check(TensorType::Q6K, &[&low, &high, &scales, &half(0.5)], &values);
    }
}
