//! Writes a GGUF file with random Q4_0 weights in the shape of a known model, to measure speed with:
//!
//! ```sh
//! cargo run --release -p deftly-engine --example random_gguf -- qwen2.5-0.5b half.gguf
//! deftly bench forward --model half.gguf
//! ```
//!
//! Shapes: the `config.json` of Qwen/Qwen2.5-0.5B and Qwen/Qwen2.5-1.5B.

use std::process::ExitCode;

use deftly_engine::gguf::TensorType;
use deftly_engine::gguf::write::{GgufWriter, MetadataValue};

struct Shape {
    name: &'static str,
    layers: usize,
    width: usize,
    heads: usize,
    kv_heads: usize,
    feed_forward: usize,
}

const VOCABULARY: usize = 151_936;
const SHAPES: [Shape; 2] = [
    Shape { name: "qwen2.5-0.5b", layers: 24, width: 896, heads: 14, kv_heads: 2, feed_forward: 4864 },
    Shape { name: "qwen2.5-1.5b", layers: 28, width: 1536, heads: 12, kv_heads: 2, feed_forward: 8960 },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, path] = &arguments[..] else {
        eprintln!("usage: random_gguf SHAPE FILE\nhint: shapes are {}", SHAPES.map(|shape| shape.name).join(", "));
        return ExitCode::from(2);
    };
    let Some(shape) = SHAPES.iter().find(|shape| shape.name == name) else {
        eprintln!("error: no shape is called {name:?}\nhint: shapes are {}", SHAPES.map(|s| s.name).join(", "));
        return ExitCode::from(2);
    };
    if let Err(error) = std::fs::write(path, file(shape)) {
        eprintln!("error: {path}: {error}");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

fn file(shape: &Shape) -> Vec<u8> {
    let mut writer = GgufWriter::default();
    let text = |text: &str| MetadataValue::String(text.into());
    writer.metadata("general.architecture", text("qwen2"));
    writer.metadata("general.name", text(&format!("{} with random weights", shape.name)));
    for (key, value) in [
        ("block_count", shape.layers),
        ("embedding_length", shape.width),
        ("feed_forward_length", shape.feed_forward),
        ("attention.head_count", shape.heads),
        ("attention.head_count_kv", shape.kv_heads),
        ("context_length", 32_768),
    ] {
        writer.metadata(&format!("qwen2.{key}"), MetadataValue::U32(value as u32));
    }
    writer.metadata("qwen2.rope.freq_base", MetadataValue::F32(1e6));
    writer.metadata("qwen2.attention.layer_norm_rms_epsilon", MetadataValue::F32(1e-6));
    add_tokenizer(&mut writer);

    let mut random = Random(1);
    let kv_width = shape.width / shape.heads * shape.kv_heads;
    add_matrix(&mut writer, &mut random, "token_embd.weight", shape.width, VOCABULARY);
    add_vector(&mut writer, "output_norm.weight", shape.width, 1.0);
    for layer in 0..shape.layers {
        for (part, inputs, outputs) in [
            ("attn_q", shape.width, shape.width),
            ("attn_k", shape.width, kv_width),
            ("attn_v", shape.width, kv_width),
            ("attn_output", shape.width, shape.width),
            ("ffn_gate", shape.width, shape.feed_forward),
            ("ffn_up", shape.width, shape.feed_forward),
            ("ffn_down", shape.feed_forward, shape.width),
        ] {
            add_matrix(&mut writer, &mut random, &format!("blk.{layer}.{part}.weight"), inputs, outputs);
        }
        for (part, length) in [("attn_q", shape.width), ("attn_k", kv_width), ("attn_v", kv_width)] {
            add_vector(&mut writer, &format!("blk.{layer}.{part}.bias"), length, 0.0);
        }
        for part in ["attn_norm", "ffn_norm"] {
            add_vector(&mut writer, &format!("blk.{layer}.{part}.weight"), shape.width, 1.0);
        }
    }
    writer.finish()
}

/// As many tokens as the model has; what they say does not matter here.
fn add_tokenizer(writer: &mut GgufWriter) {
    let printable = (b'!'..=b'~').map(|byte| char::from(byte).to_string());
    let merged = std::iter::once("!\"".to_owned());
    let others = (0..).map(|i| format!("<{i}>"));
    let tokens: Vec<String> = printable.chain(merged).chain(others).take(VOCABULARY).collect();
    writer.metadata("tokenizer.ggml.model", MetadataValue::String("gpt2".into()));
    writer.metadata("tokenizer.ggml.pre", MetadataValue::String("qwen2".into()));
    writer.metadata("tokenizer.ggml.tokens", MetadataValue::Strings(tokens));
    writer.metadata("tokenizer.ggml.token_type", MetadataValue::I32s(vec![1; VOCABULARY]));
    writer.metadata("tokenizer.ggml.merges", MetadataValue::Strings(vec!["! \"".into()]));
    writer.metadata("tokenizer.ggml.eos_token_id", MetadataValue::U32(VOCABULARY as u32 - 1));
}

/// Q4_0: blocks of an f16 scale and 16 bytes.
fn add_matrix(writer: &mut GgufWriter, random: &mut Random, name: &str, inputs: usize, outputs: usize) {
    let scale = half::f16::from_f32(0.1 / (inputs as f32).sqrt()).to_le_bytes();
    let mut data = Vec::with_capacity(inputs * outputs / 32 * 18);
    for _ in 0..inputs * outputs / 32 {
        data.extend(scale);
        data.extend(random.next().to_le_bytes());
        data.extend(random.next().to_le_bytes());
    }
    writer.tensor(name, &[inputs, outputs], TensorType::Q4_0, data);
}

fn add_vector(writer: &mut GgufWriter, name: &str, length: usize, value: f32) {
    writer.tensor(name, &[length], TensorType::F32, value.to_le_bytes().repeat(length));
}

/// xorshift64 (Marsaglia 2003).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}
