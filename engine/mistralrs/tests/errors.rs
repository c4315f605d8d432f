//! What cannot be loaded is an error that names it and says what to do, and never a panic.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::path::Path;

use deftly_engine::gguf::write::MetadataValue;
use deftly_mistralrs::{MistralrsOptions, ModelSpec, load_mistralrs};

fn check(spec: &ModelSpec, expected: &[&str]) {
    let error =
        load_mistralrs(spec, &MistralrsOptions::default()).err().map(|error| error.to_string()).unwrap_or_default();
    for part in expected.iter().chain(&["\nhint: "]) {
        assert!(error.contains(part), "{error:?} should have {part:?}");
    }
}

#[test]
fn files() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        ModelSpec::Gguf(path)
    };
    let whole = common::gguf(&[]);
    check(&ModelSpec::Gguf("no/such/file.gguf".into()), &["no/such/file.gguf", "open the model"]);
    check(&ModelSpec::Gguf(folder.path().into()), &[folder.path().to_str().unwrap()]);
    check(&file("empty.gguf", b""), &["empty.gguf"]);
    check(&file("text.gguf", b"This is not a model at all."), &["text.gguf"]);
    check(&file("cut.gguf", &whole[..whole.len() / 2]), &["cut.gguf"]);
    check(&file("header.gguf", &whole[..40]), &["header.gguf"]);
}

#[test]
fn metadata() {
    let folder = tempfile::tempdir().unwrap();
    let spoiled = |name: &str, key: &str, value: Option<MetadataValue>| {
        let path = folder.path().join(name);
        fs::write(&path, common::gguf(&[(key, value)])).unwrap();
        ModelSpec::Gguf(path)
    };
    let text = |text: &str| Some(MetadataValue::String(text.into()));
    check(&spoiled("a.gguf", "general.architecture", text("mamba")), &["a.gguf", "\"mamba\"", "qwen3"]);
    check(&spoiled("b.gguf", "general.architecture", None), &["b.gguf", "general.architecture"]);
    check(&spoiled("c.gguf", "llama.context_length", None), &["c.gguf", "llama.context_length"]);
    check(&spoiled("d.gguf", "llama.block_count", text("two")), &["d.gguf", "llama.block_count"]);
    check(&spoiled("e.gguf", "llama.rope.dimension_count", None), &["e.gguf", "mistral.rs cannot load it"]);
    // Asks for layers that the file does not have, and for heads that do not divide the width.
    check(&spoiled("f.gguf", "llama.block_count", Some(MetadataValue::U32(9))), &["f.gguf", "blk.2"]);
    check(&spoiled("g.gguf", "llama.attention.head_count", Some(MetadataValue::U32(0))), &["g.gguf"]);
    check(&spoiled("h.gguf", "tokenizer.ggml.model", text("llama")), &["h.gguf", "gpt2"]);
    check(&spoiled("i.gguf", "tokenizer.ggml.eos_token_id", None), &["i.gguf", "mistral.rs cannot load it"]);
    check(&spoiled("j.gguf", "tokenizer.ggml.eos_token_id", Some(MetadataValue::U32(9999))), &["j.gguf", "9999"]);
}

#[test]
fn folders() {
    let check_folder = |change: fn(&Path), expected: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        common::tiny_folder(folder.path());
        change(folder.path());
        let spec = ModelSpec::HuggingFace(folder.path().to_str().unwrap().to_owned());
        check(&spec, &[&[folder.path().to_str().unwrap()], expected].concat());
    };
    check_folder(|folder| fs::remove_file(folder.join("config.json")).unwrap(), &["config.json"]);
    check_folder(|folder| fs::remove_file(folder.join("tokenizer.json")).unwrap(), &["tokenizer.json"]);
    check_folder(|folder| fs::remove_file(folder.join("model.safetensors")).unwrap(), &["safetensors"]);
    check_folder(|folder| fs::write(folder.join("config.json"), "{").unwrap(), &["mistral.rs cannot load it"]);
    check_folder(|folder| fs::write(folder.join("config.json"), "{}").unwrap(), &["mistral.rs cannot load it"]);
    check_folder(|folder| fs::write(folder.join("tokenizer.json"), "[]").unwrap(), &["mistral.rs cannot load it"]);
    check_folder(
        |folder| fs::write(folder.join("model.safetensors"), "short").unwrap(),
        &["mistral.rs cannot load it"],
    );
}
