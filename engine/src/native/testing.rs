//! Random numbers and random tensors of every type, for the tests of this folder.

use half::{bf16, f16};

use crate::gguf::TensorType;

/// SplitMix64: small, seeded, the same everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In 0..1.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// Roughly normal: a sum of uniform numbers.
    pub fn normal(&mut self) -> f32 {
        (0..6).map(|_| self.unit() - 0.5).sum::<f32>() * 1.4
    }
}

/// The bytes of a random tensor with plausible scales.
pub fn random_tensor(random: &mut Random, dtype: TensorType, inputs: usize, outputs: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let blocks = inputs / dtype.block_len() * outputs;
    for _ in 0..blocks {
        let scale = f16::from_f32(0.002 + 0.01 * random.unit()).to_le_bytes();
        let minimum = f16::from_f32(0.0002 + 0.0002 * random.unit()).to_le_bytes();
        let mut noise = |out: &mut Vec<u8>, count: usize| out.extend((0..count).map(|_| random.bits() as u8));
        match dtype {
            TensorType::F32 => out.extend((random.normal() * 0.2).to_le_bytes()),
            TensorType::F16 => out.extend(f16::from_f32(random.normal() * 0.2).to_le_bytes()),
            TensorType::BF16 => out.extend(bf16::from_f32(random.normal() * 0.2).to_le_bytes()),
            TensorType::Q8_0 => {
                out.extend(f16::from_f32(0.0007).to_le_bytes());
                noise(&mut out, 32);
            }
            TensorType::Q4_0 => {
                out.extend(scale);
                noise(&mut out, 16);
            }
            TensorType::Q4_1 => {
                out.extend(scale);
                out.extend(f16::from_f32(-0.05).to_le_bytes());
                noise(&mut out, 16);
            }
            TensorType::Q5_0 => {
                out.extend(scale);
                noise(&mut out, 20);
            }
            TensorType::Q5_1 => {
                out.extend(scale);
                out.extend(f16::from_f32(-0.1).to_le_bytes());
                noise(&mut out, 20);
            }
            TensorType::Q4K | TensorType::Q5K => {
                out.extend(f16::from_f32(0.0004).to_le_bytes());
                out.extend(minimum);
                noise(&mut out, dtype.block_bytes() - 4);
            }
            TensorType::Q6K => {
                noise(&mut out, 208);
                out.extend(f16::from_f32(0.00003).to_le_bytes());
            }
        }
    }
    out
}
