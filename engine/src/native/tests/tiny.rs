//! Tiny models as GGUF files, and a plain float32 forward pass to compare with.

use crate::gguf::TensorType;
use crate::gguf::write::{GgufWriter, MetadataValue};
use crate::native::blocks;
use crate::native::config::Family;
use crate::native::testing::{Random, random_tensor};

use super::*;

/// The shape of a tiny model.
#[derive(Debug, Clone)]
pub struct Tiny {
    pub family: Family,
    pub dtype: TensorType,
    pub layers: usize,
    pub width: usize,
    pub heads: usize,
    pub kv_heads: usize,
    pub head_dim: usize,
    pub ffn: usize,
    pub vocab: usize,
    pub tied: bool,
    /// Llama 3's `rope_freqs.weight`.
    pub rope_divisors: bool,
    pub seed: u64,
}

pub const ROPE_BASE: f32 = 10_000.0;
pub const EPSILON: f32 = 1e-5;
pub const CONTEXT: usize = 512;

impl Tiny {
    /// A model whose rows are one block of `dtype`.
    pub fn new(family: Family, dtype: TensorType) -> Self {
        let width = dtype.block_len().max(64);
        let (heads, kv_heads, head_dim) = (4, 2, 16);
        Self {
            family,
            dtype,
            layers: 2,
            width,
            heads,
            kv_heads,
            // Rows of the attention output must be whole blocks too.
            head_dim: head_dim.max(width / heads),
            ffn: 2 * width,
            vocab: 90,
            tied: true,
            rope_divisors: false,
            seed: 1,
        }
    }

    pub fn writer(&self) -> GgufWriter {
        let mut random = Random::new(self.seed);
        let mut writer = GgufWriter::default();
        let name = self.family.name();
        writer.metadata("general.architecture", MetadataValue::String(name.into()));
        for (key, value) in [
            ("block_count", self.layers),
            ("embedding_length", self.width),
            ("attention.head_count", self.heads),
            ("attention.head_count_kv", self.kv_heads),
            ("attention.key_length", self.head_dim),
            ("context_length", CONTEXT),
        ] {
            writer.metadata(&format!("{name}.{key}"), MetadataValue::U32(value as u32));
        }
        writer.metadata(&format!("{name}.rope.freq_base"), MetadataValue::F32(ROPE_BASE));
        writer.metadata(&format!("{name}.attention.layer_norm_rms_epsilon"), MetadataValue::F32(EPSILON));
        for (tensor, inputs, outputs) in self.matrices() {
            let data = random_tensor(&mut random, self.dtype, inputs, outputs);
            writer.tensor(&tensor, &[inputs, outputs], self.dtype, data);
        }
        for (tensor, length, around) in self.vectors() {
            let values = (0..length).flat_map(|_| (around + 0.3 * random.normal()).to_le_bytes()).collect();
            writer.tensor(&tensor, &[length], TensorType::F32, values);
        }
        writer
    }

    pub fn gguf(&self) -> Gguf {
        Gguf::from_static(Box::leak(self.writer().finish().into_boxed_slice()), "tiny").unwrap()
    }

    pub fn load(&self, options: &NativeOptions) -> NativeModel {
        load_target(self.gguf(), options).unwrap().0
    }

    fn matrices(&self) -> Vec<(String, usize, usize)> {
        let (queries, kv) = (self.heads * self.head_dim, self.kv_heads * self.head_dim);
        let mut matrices = vec![("token_embd.weight".to_owned(), self.width, self.vocab)];
        if !self.tied {
            matrices.push(("output.weight".to_owned(), self.width, self.vocab));
        }
        for layer in 0..self.layers {
            for (name, inputs, outputs) in [
                ("attn_q", self.width, queries),
                ("attn_k", self.width, kv),
                ("attn_v", self.width, kv),
                ("attn_output", queries, self.width),
                ("ffn_gate", self.width, self.ffn),
                ("ffn_up", self.width, self.ffn),
                ("ffn_down", self.ffn, self.width),
            ] {
                matrices.push((format!("blk.{layer}.{name}.weight"), inputs, outputs));
            }
        }
        matrices
    }

    /// (name, length, mean)
    fn vectors(&self) -> Vec<(String, usize, f32)> {
        let mut vectors = vec![("output_norm.weight".to_owned(), self.width, 1.0)];
        if self.rope_divisors {
            vectors.push(("rope_freqs.weight".to_owned(), self.head_dim / 2, 3.0));
        }
        for layer in 0..self.layers {
            let mut add = |name: &str, length, mean| vectors.push((format!("blk.{layer}.{name}"), length, mean));
            add("attn_norm.weight", self.width, 1.0);
            add("ffn_norm.weight", self.width, 1.0);
            match self.family {
                Family::Llama => {}
                Family::Qwen2 => {
                    add("attn_q.bias", self.heads * self.head_dim, 0.0);
                    add("attn_k.bias", self.kv_heads * self.head_dim, 0.0);
                    add("attn_v.bias", self.kv_heads * self.head_dim, 0.0);
                }
                Family::Qwen3 => {
                    add("attn_q_norm.weight", self.head_dim, 1.0);
                    add("attn_k_norm.weight", self.head_dim, 1.0);
                }
            }
        }
        vectors
    }
}

/// The textbook forward pass: every position from scratch, float32, no cache. Returns the logits of every position.
pub fn plain_forward(shape: &Tiny, gguf: &Gguf, tokens: &[u32]) -> Vec<Vec<f32>> {
    let plain = Plain { shape, gguf };
    let embedding = plain.floats("token_embd.weight").unwrap();
    let mut stream: Vec<Vec<f32>> =
        tokens.iter().map(|token| embedding[*token as usize * shape.width..][..shape.width].to_vec()).collect();
    for layer in 0..shape.layers {
        let name = |part: &str| format!("blk.{layer}.{part}");
        let normed: Vec<_> = stream.iter().map(|row| plain.norm(row, &name("attn_norm.weight"))).collect();
        let project = |part: &str| normed.iter().map(|row| plain.linear(row, &name(part))).collect::<Vec<_>>();
        let queries = plain.rotated(project("attn_q"), &name("attn_q_norm.weight"));
        let keys = plain.rotated(project("attn_k"), &name("attn_k_norm.weight"));
        let values = project("attn_v");
        for (position, row) in stream.iter_mut().enumerate() {
            let mixed = plain.attend(&queries[position], &keys[..=position], &values[..=position]);
            add(row, &plain.linear(&mixed, &name("attn_output")));
            let normed = plain.norm(row, &name("ffn_norm.weight"));
            let (gate, up) = (plain.linear(&normed, &name("ffn_gate")), plain.linear(&normed, &name("ffn_up")));
            let gated: Vec<f32> = gate.iter().zip(&up).map(|(g, u)| g / (1.0 + (-g).exp()) * u).collect();
            add(row, &plain.linear(&gated, &name("ffn_down")));
        }
    }
    let head = if shape.tied { "token_embd" } else { "output" };
    stream.iter().map(|row| plain.linear(&plain.norm(row, "output_norm.weight"), head)).collect()
}

struct Plain<'a> {
    shape: &'a Tiny,
    gguf: &'a Gguf,
}

impl Plain<'_> {
    fn floats(&self, name: &str) -> Option<Vec<f32>> {
        let tensor = self.gguf.tensor(name)?;
        let mut values = vec![0.0; tensor.elements()];
        blocks::dequantize_row(tensor.dtype, tensor.data, &mut values);
        Some(values)
    }

    fn linear(&self, row: &[f32], name: &str) -> Vec<f32> {
        let weights = self.floats(&format!("{name}.weight")).unwrap();
        let mut out: Vec<f32> =
            weights.chunks(row.len()).map(|weights| weights.iter().zip(row).map(|(w, x)| w * x).sum()).collect();
        if let Some(bias) = self.floats(&format!("{name}.bias")) {
            add(&mut out, &bias);
        }
        out
    }

    fn norm(&self, row: &[f32], name: &str) -> Vec<f32> {
        let mean = row.iter().map(|x| x * x).sum::<f32>() / row.len() as f32;
        let scale = 1.0 / (mean + EPSILON).sqrt();
        row.iter().zip(self.floats(name).unwrap()).map(|(x, weight)| x * scale * weight).collect()
    }

    fn rotated(&self, rows: Vec<Vec<f32>>, norm: &str) -> Vec<Vec<f32>> {
        let (dim, pairs) = (self.shape.head_dim, self.shape.head_dim / 2);
        let divisors = self.floats("rope_freqs.weight").unwrap_or(vec![1.0; pairs]);
        let rotate = |(position, row): (usize, Vec<f32>)| {
            let mut out = Vec::new();
            for head in row.chunks(dim) {
                let head = if self.gguf.tensor(norm).is_some() { self.norm(head, norm) } else { head.to_vec() };
                let mut turned = head.clone();
                for (pair, divisor) in divisors.iter().enumerate() {
                    let angle = position as f32 * ROPE_BASE.powf(-2.0 * pair as f32 / dim as f32) / divisor;
                    let (a, b) = match self.shape.family {
                        Family::Llama => (2 * pair, 2 * pair + 1),
                        Family::Qwen2 | Family::Qwen3 => (pair, pair + pairs),
                    };
                    turned[a] = head[a] * angle.cos() - head[b] * angle.sin();
                    turned[b] = head[a] * angle.sin() + head[b] * angle.cos();
                }
                out.extend(turned);
            }
            out
        };
        rows.into_iter().enumerate().map(rotate).collect()
    }

    fn attend(&self, query: &[f32], keys: &[Vec<f32>], values: &[Vec<f32>]) -> Vec<f32> {
        let (dim, group) = (self.shape.head_dim, self.shape.heads / self.shape.kv_heads);
        let mut out = Vec::new();
        for (head, query) in query.chunks(dim).enumerate() {
            let from = head / group * dim;
            let dot = |key: &Vec<f32>| query.iter().zip(&key[from..]).map(|(q, k)| q * k).sum::<f32>();
            let scores: Vec<f32> = keys.iter().map(|key| dot(key) / (dim as f32).sqrt()).collect();
            let maximum = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let weights: Vec<f32> = scores.iter().map(|score| (score - maximum).exp()).collect();
            let sum: f32 = weights.iter().sum();
            out.extend((0..dim).map(|i| {
                weights.iter().zip(values).map(|(weight, value)| weight * value[from + i]).sum::<f32>() / sum
            }));
        }
        out
    }
}

fn add(total: &mut [f32], part: &[f32]) {
    total.iter_mut().zip(part).for_each(|(total, part)| *total += part);
}
