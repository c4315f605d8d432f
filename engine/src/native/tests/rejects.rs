//! What cannot be run is an error that says what, and what can.

use super::tiny::{CONTEXT, Tiny};
use super::*;
use crate::gguf::TensorType;
use crate::gguf::write::{GgufWriter, MetadataValue};
use crate::native::config::Family;

fn load_error(writer: &GgufWriter) -> String {
    let bytes = Box::leak(writer.finish().into_boxed_slice());
    let gguf = Gguf::from_static(bytes, "odd.gguf").unwrap();
    load_target(gguf, &NativeOptions::default()).map(drop).unwrap_err().to_string()
}

#[test]
fn unsupported_models_are_refused() {
    let shape = Tiny::new(Family::Llama, TensorType::Q8_0);
    let check = |change: &dyn Fn(&mut GgufWriter), expected: &str| {
        let mut writer = shape.writer();
        change(&mut writer);
        let message = load_error(&writer);
        assert!(message.contains(expected) && message.starts_with("odd.gguf: "), "{message:?} lacks {expected:?}");
        assert!(message.contains("\nhint: "), "{message}");
    };
    let string = |text: &str| MetadataValue::String(text.into());
    for (key, value, expected) in [
        ("rope.scaling.type", string("yarn"), "rope scaling \"yarn\" is not supported"),
        ("expert_count", MetadataValue::U32(8), "mixture of experts \"8\""),
        ("attention.sliding_window", MetadataValue::U32(64), "sliding window \"64\""),
        ("attention.value_length", MetadataValue::U32(8), "value_length\" is 8, expected"),
        ("rope.dimension_count", MetadataValue::U32(18), "an even number up to 16"),
    ] {
        let change = |writer: &mut GgufWriter| {
            writer.metadata(&format!("llama.{key}"), value.clone());
        };
        check(&change, expected);
    }
    let extra = |writer: &mut GgufWriter| {
        writer.tensor("blk.0.attn_sinks.weight", &[4], TensorType::F32, vec![0; 16]);
    };
    check(&extra, "tensor \"blk.0.attn_sinks.weight\" is not supported");
}

#[test]
fn incomplete_and_contradictory_models_are_refused() {
    let check = |writer: GgufWriter, expected: &str| {
        let message = load_error(&writer);
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    };
    let base = Tiny::new(Family::Llama, TensorType::Q8_0);
    let mut foreign = GgufWriter::default();
    check(foreign.clone(), "\"general.architecture\" is missing");
    foreign.metadata("general.architecture", MetadataValue::String("mamba".into()));
    check(foreign, "model family \"mamba\" is not supported\nhint: supported are llama, qwen2, qwen3");
    let mut empty = GgufWriter::default();
    empty.metadata("general.architecture", MetadataValue::String("llama".into()));
    check(empty, "\"llama.embedding_length\" is missing");

    // The tensors are those of one shape, the metadata that of another.
    let mixed = |change: &dyn Fn(&mut Tiny)| {
        let mut other = base.clone();
        change(&mut other);
        let mut writer = other.writer();
        writer.take_tensors(&base.writer());
        writer
    };
    check(mixed(&|shape| shape.layers = 3), "tensor \"blk.2.ffn_gate.weight\" is missing");
    check(mixed(&|shape| shape.layers = 1), "tensor \"blk.1.attn_k.weight\" is not supported");
    check(mixed(&|shape| shape.width = 96), "\"token_embd.weight\" has the shape [64, 90], expected [96, 90]");
    check(mixed(&|shape| shape.heads = 8), "\"blk.0.attn_q.weight\" has the shape [64, 64], expected [64, 128]");
    check(mixed(&|shape| shape.kv_heads = 3), "head_count_kv\" is 3, expected a divisor of 4 heads");
    let mut deep = GgufWriter::default();
    deep.metadata("general.architecture", MetadataValue::String("llama".into()));
    deep.metadata("llama.embedding_length", MetadataValue::U32(1_000_000));
    check(deep, "embedding_length\" is 1000000, expected from 1 to 65536");
}

#[test]
fn options_that_cannot_be_met_are_refused() {
    let check = |options: NativeOptions, expected: &str| {
        let gguf = Tiny::new(Family::Llama, TensorType::F16).gguf();
        let message = load_target(gguf, &options).map(drop).unwrap_err().to_string();
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    };
    check(NativeOptions { threads: Some(0), ..NativeOptions::default() }, "0 threads");
    check(NativeOptions { context_len: Some(CONTEXT + 1), ..NativeOptions::default() }, "a context of 513 tokens");
    check(NativeOptions { context_len: Some(0), ..NativeOptions::default() }, "a context of 0 tokens");
}

#[test]
fn a_wrong_request_appends_nothing() {
    let mut model = Tiny::new(Family::Llama, TensorType::F16).load(&NativeOptions::default());
    model.forward(&[1, 2, 3], 0).unwrap();
    let check = |result: Result<(), EngineError>, expected: &str| {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(expected), "{message:?} lacks {expected:?}");
    };
    check(model.forward(&[1; CONTEXT - 2], 1).map(drop), "the prompt has 513 tokens, but the context holds 512");
    check(model.forward(&[1, 90], 1).map(drop), "token 90 is not in the vocabulary of 90 tokens");
    check(model.forward(&[1], 2).map(drop), "2 rows of logits were asked for 1 tokens");
    check(model.truncate(4), "cannot truncate 3 cached tokens to 4");
    assert_eq!(model.len(), 3);
    assert_eq!(model.forward(&[], 0).unwrap().rows(), 0);
    model.forward(&[1; CONTEXT - 3], 1).unwrap();
    assert_eq!(model.len(), CONTEXT);
}
