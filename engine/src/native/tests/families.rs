//! Every family and every dtype gives what a plain float32 forward pass gives.

use super::tiny::{Tiny, plain_forward};
use super::*;
use crate::gguf::TensorType;
use crate::native::config::Family;

/// The largest difference of a logit, in standard deviations of the logits.
fn difference(shape: &Tiny, options: &NativeOptions) -> f32 {
    let tokens: Vec<u32> = (0..40).map(|i| (i * 37 + 11) % shape.vocab as u32).collect();
    let expected = plain_forward(shape, &shape.gguf(), &tokens);
    let mut model = shape.load(options);
    let logits = model.forward(&tokens, tokens.len()).unwrap();
    assert_eq!((logits.rows(), logits.vocab(), model.len()), (tokens.len(), shape.vocab, tokens.len()));
    let all: Vec<f32> = expected.concat();
    let deviation = (all.iter().map(|x| x * x).sum::<f32>() / all.len() as f32).sqrt();
    let rows = expected.iter().enumerate().flat_map(|(i, row)| row.iter().zip(logits.row(i)));
    rows.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / deviation
}

/// What loses least.
fn exact() -> NativeOptions {
    let (cache_type, precision) = (CacheType::F32, Precision::Wide);
    NativeOptions { cache_type, precision, threads: Some(2), ..NativeOptions::default() }
}

fn check(shape: &Tiny, options: &NativeOptions, tolerance: f32) {
    let found = difference(shape, options);
    assert!(found < tolerance, "{found} is not below {tolerance} for {shape:?} with {options:?}");
}

#[test]
fn every_family_and_dtype_agrees_with_a_plain_forward_pass() {
    let exact = exact();
    for family in Family::ALL {
        for dtype in TensorType::ALL {
            let shape = Tiny::new(family, dtype);
            check(&shape, &exact, 0.002);
            for cache_type in [CacheType::I16, CacheType::F16] {
                check(&shape, &NativeOptions { cache_type, ..exact.clone() }, 0.02);
            }
            check(&shape, &NativeOptions { precision: Precision::Narrow, ..exact.clone() }, 0.25);
        }
    }
}

#[test]
fn every_shape_agrees_with_a_plain_forward_pass() {
    let exact = exact();
    let base = Tiny::new(Family::Llama, TensorType::Q8_0);
    check(&Tiny { tied: false, ..base.clone() }, &exact, 0.002);
    check(&Tiny { rope_divisors: true, ..base.clone() }, &exact, 0.002);
    check(&Tiny { heads: 6, kv_heads: 1, head_dim: 32, ..base.clone() }, &exact, 0.002);
    check(&Tiny { heads: 3, kv_heads: 3, head_dim: 32, vocab: 49, ..base.clone() }, &exact, 0.002);
    // Rows that are no whole blocks, and heads that are no whole panels, with float weights.
    let floats = Tiny::new(Family::Qwen3, TensorType::F32);
    check(&Tiny { heads: 6, kv_heads: 3, head_dim: 24, ..floats.clone() }, &exact, 0.002);
    check(&Tiny { width: 50, heads: 5, kv_heads: 1, head_dim: 10, ffn: 33, vocab: 17, ..floats }, &exact, 0.002);
}

#[test]
fn a_model_is_described() {
    let shape = Tiny::new(Family::Qwen2, TensorType::Q4_0);
    let (_, info) = load_target(shape.gguf(), &NativeOptions::default()).unwrap();
    assert_eq!((info.architecture.as_str(), info.quantization.as_deref()), ("qwen2", Some("Q4_0")));
    assert_eq!((info.layers, info.vocab_size, info.context_len), (Some(2), shape.vocab, tiny::CONTEXT));
    assert_eq!(info.name, "tiny");
}
