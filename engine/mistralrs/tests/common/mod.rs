//! Tiny models with made-up weights: the same network as a GGUF file and in Hugging Face's format.

#![allow(dead_code, reason = "every test program uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use deftly_engine::TokenId;
use deftly_engine::gguf::TensorType;
use deftly_engine::gguf::write::{GgufWriter, MetadataValue};
use serde_json::{Value, json};

pub const WIDTH: usize = 64;
pub const HEADS: usize = 4;
pub const KV_HEADS: usize = 2;
pub const LAYERS: usize = 2;
pub const FEED_FORWARD: usize = 96;
pub const CONTEXT: usize = 1024;

/// 256 bytes, one merge, and the special tokens.
pub const END: TokenId = 257;
pub const SPARE: TokenId = 258;
pub const VOCABULARY: usize = 260;

const HEAD: usize = WIDTH / HEADS;

/// The tensors of a layer: GGUF's name, Hugging Face's name, rows, columns.
const LAYER: &[(&str, &str, usize, usize)] = &[
    ("attn_norm", "input_layernorm", 1, WIDTH),
    ("attn_q", "self_attn.q_proj", WIDTH, WIDTH),
    ("attn_k", "self_attn.k_proj", KV_HEADS * HEAD, WIDTH),
    ("attn_v", "self_attn.v_proj", KV_HEADS * HEAD, WIDTH),
    ("attn_output", "self_attn.o_proj", WIDTH, WIDTH),
    ("ffn_norm", "post_attention_layernorm", 1, WIDTH),
    ("ffn_gate", "mlp.gate_proj", FEED_FORWARD, WIDTH),
    ("ffn_up", "mlp.up_proj", FEED_FORWARD, WIDTH),
    ("ffn_down", "mlp.down_proj", WIDTH, FEED_FORWARD),
];

struct Weight {
    gguf: String,
    hugging_face: String,
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

fn weights() -> Vec<Weight> {
    let mut shapes = vec![
        ("token_embd.weight".to_owned(), "model.embed_tokens.weight".to_owned(), VOCABULARY, WIDTH),
        ("output_norm.weight".to_owned(), "model.norm.weight".to_owned(), 1, WIDTH),
    ];
    for layer in 0..LAYERS {
        shapes.extend(LAYER.iter().map(|&(ours, theirs, rows, columns)| {
            (format!("blk.{layer}.{ours}.weight"), format!("model.layers.{layer}.{theirs}.weight"), rows, columns)
        }));
    }
    let mut state = 1u64;
    let mut random = || {
        // Knuth's MMIX generator; its upper bits are good enough for weights.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    let weight = |(gguf, hugging_face, rows, columns): (String, String, usize, usize)| {
        let values = (0..rows * columns).map(|_| if rows == 1 { 1.0 + random() } else { random() * 0.5 }).collect();
        Weight { gguf, hugging_face, rows, columns, values }
    };
    shapes.into_iter().map(weight).collect()
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The 256 characters that stand for bytes, then what is merged from them and what is special.
fn tokens() -> Vec<String> {
    let own = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    let mut others = (0x100u32..).filter_map(char::from_u32);
    let character = |byte: u8| if own(byte) { char::from(byte) } else { others.next().unwrap() };
    let alphabet: Vec<String> = (0..=u8::MAX).map(character).map(String::from).collect();
    alphabet.into_iter().chain(["he", "<|im_end|>", "<|spare|>", "<|im_start|>"].map(String::from)).collect()
}

fn metadata() -> Vec<(&'static str, MetadataValue)> {
    let number = |n: usize| MetadataValue::U32(n as u32);
    let kinds = (0..VOCABULARY).map(|id| if id > 256 { 3 } else { 1 }).collect();
    vec![
        ("general.architecture", MetadataValue::String("llama".into())),
        ("general.name", MetadataValue::String("tiny".into())),
        ("llama.context_length", number(CONTEXT)),
        ("llama.embedding_length", number(WIDTH)),
        ("llama.block_count", number(LAYERS)),
        ("llama.feed_forward_length", number(FEED_FORWARD)),
        ("llama.attention.head_count", number(HEADS)),
        ("llama.attention.head_count_kv", number(KV_HEADS)),
        ("llama.attention.layer_norm_rms_epsilon", MetadataValue::F32(1e-5)),
        ("llama.rope.dimension_count", number(HEAD)),
        ("llama.rope.freq_base", MetadataValue::F32(10_000.0)),
        ("tokenizer.ggml.model", MetadataValue::String("gpt2".into())),
        ("tokenizer.ggml.pre", MetadataValue::String("llama-bpe".into())),
        ("tokenizer.ggml.tokens", MetadataValue::Strings(tokens())),
        ("tokenizer.ggml.merges", MetadataValue::Strings(vec!["h e".into()])),
        ("tokenizer.ggml.token_type", MetadataValue::I32s(kinds)),
        ("tokenizer.ggml.eos_token_id", MetadataValue::U32(END)),
    ]
}

/// The GGUF file, in which each key of `spoiled` has another value, or none.
pub fn gguf(spoiled: &[(&str, Option<MetadataValue>)]) -> Vec<u8> {
    let mut writer = GgufWriter::default();
    for (key, value) in metadata() {
        match spoiled.iter().find(|(spoiled, _)| *spoiled == key) {
            None => _ = writer.metadata(key, value),
            Some((_, Some(other))) => _ = writer.metadata(key, other.clone()),
            Some((_, None)) => {}
        }
    }
    for weight in weights() {
        let shape: &[usize] = if weight.rows == 1 { &[weight.columns] } else { &[weight.columns, weight.rows] };
        writer.tensor(&weight.gguf, shape, TensorType::F32, bytes(&weight.values));
    }
    writer.finish()
}

pub fn tiny_gguf(folder: &Path) -> PathBuf {
    let path = folder.join("tiny.gguf");
    fs::write(&path, gguf(&[])).unwrap();
    path
}

/// `config.json`, `tokenizer.json` and `model.safetensors` of the same network.
pub fn tiny_folder(folder: &Path) {
    let config = json!({
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "hidden_size": WIDTH,
        "intermediate_size": FEED_FORWARD, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS,
        "num_hidden_layers": LAYERS, "vocab_size": VOCABULARY, "max_position_embeddings": CONTEXT,
        "rms_norm_eps": 1e-5, "rope_theta": 10_000.0, "tie_word_embeddings": true, "torch_dtype": "float32",
    });
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let vocab: serde_json::Map<String, Value> =
        tokens().into_iter().enumerate().take(257).map(|(id, token)| (token, id.into())).collect();
    let added: Vec<Value> = (257..VOCABULARY).map(|id| json!({"id": id, "content": tokens()[id], "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false})).collect();
    let byte_level = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true});
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": null, "post_processor": null,
        "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "vocab": vocab, "merges": ["h e"]},
        "pre_tokenizer": byte_level, "decoder": byte_level, "added_tokens": added,
    });
    fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    fs::write(folder.join("tokenizer_config.json"), json!({"eos_token": "<|im_end|>"}).to_string()).unwrap();
    fs::write(folder.join("model.safetensors"), safetensors()).unwrap();
}

fn safetensors() -> Vec<u8> {
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for weight in weights() {
        let values = match weight.hugging_face.as_str() {
            name if name.contains("q_proj") => split_halves(&weight, HEADS),
            name if name.contains("k_proj") => split_halves(&weight, KV_HEADS),
            _ => weight.values,
        };
        let start = data.len();
        data.extend(bytes(&values));
        let shape = if weight.rows == 1 { vec![weight.columns] } else { vec![weight.rows, weight.columns] };
        let entry = json!({"dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]});
        header.insert(weight.hugging_face, entry);
    }
    let header = Value::Object(header).to_string();
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
}

/// GGUF rotates neighbouring rows of a head together, Hugging Face's format the first half with the second.
fn split_halves(weight: &Weight, heads: usize) -> Vec<f32> {
    let head = weight.rows / heads;
    let row = |row: usize| &weight.values[row * weight.columns..(row + 1) * weight.columns];
    let order =
        (0..heads).flat_map(|h| (0..2).flat_map(move |half| (0..head / 2).map(move |i| h * head + 2 * i + half)));
    order.flat_map(row).copied().collect()
}
