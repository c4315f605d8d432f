//! What deftly wants to know of a model: its description, and for Hugging Face's format its tokenizer and template.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deftly_engine::{ChatTemplate, EngineError, Gguf, ModelInfo, Tokenizer};
use mistralrs::core::{Pipeline, hf_hub_cache_dir};
use tokio::sync::Mutex;

use crate::requests::failure;
use crate::{BACKEND, MistralrsOptions};

/// Of a GGUF file. Keys without which mistral.rs panics are errors.
pub(crate) fn gguf(gguf: &Gguf, path: &Path) -> Result<ModelInfo, EngineError> {
    let architecture = gguf.architecture()?.to_owned();
    let number = |key: &str| {
        let key = format!("{architecture}.{key}");
        gguf.require(&key, gguf.unsigned(&key)?)
    };
    for key in ["embedding_length", "attention.head_count", "attention.head_count_kv"] {
        number(key)?;
    }
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = gguf.string("general.name")?.map(str::to_owned).or(stem);
    let mut weights: HashMap<String, u64> = HashMap::new();
    for tensor in gguf.tensors() {
        let count: u64 = tensor.shape.iter().map(|&n| n as u64).product();
        *weights.entry(tensor.dtype.to_string()).or_default() += count;
    }
    Ok(ModelInfo {
        name: name.unwrap_or_else(|| gguf.source().to_owned()),
        source: gguf.source().to_owned(),
        backend: BACKEND,
        quantization: weights.iter().max_by_key(|(_, count)| **count).map(|(dtype, _)| dtype.clone()),
        parameters: Some(weights.values().sum()),
        layers: usize::try_from(number("block_count")?).ok(),
        bytes: Some(gguf.len() as u64),
        fingerprint: Some(gguf.fingerprint()),
        // The length of a row of logits, which the first one tells.
        vocab_size: 0,
        context_len: usize::try_from(number("context_length")?).unwrap_or(usize::MAX),
        architecture,
    })
}

/// Of a model in Hugging Face's format, as far as its `config.json` can be found.
pub(crate) fn hugging_face(id: &str, options: &MistralrsOptions) -> ModelInfo {
    let folder = folder_of(id, options.revision.as_deref().unwrap_or("main"));
    let config: serde_json::Value = folder
        .as_ref()
        .and_then(|folder| std::fs::read(folder.join("config.json")).ok())
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let number = |key: &str| config[key].as_u64().and_then(|n| usize::try_from(n).ok());
    ModelInfo {
        name: id.trim_end_matches('/').rsplit('/').next().unwrap_or(id).to_owned(),
        source: id.to_owned(),
        backend: BACKEND,
        architecture: config["model_type"].as_str().unwrap_or("unknown").to_owned(),
        quantization: None,
        parameters: None,
        layers: number("num_hidden_layers"),
        bytes: folder.as_deref().and_then(weight_bytes),
        // Weights in this format are many files; what was learned of one version may meet another.
        fingerprint: None,
        vocab_size: 0,
        context_len: number("max_position_embeddings").unwrap_or(crate::cache::GROWTH),
    }
}

/// The folder itself, or where the Hugging Face cache keeps a downloaded model.
fn folder_of(id: &str, revision: &str) -> Option<PathBuf> {
    if Path::new(id).is_dir() {
        return Some(id.into());
    }
    let model = hf_hub_cache_dir()?.join(format!("models--{}", id.replace('/', "--")));
    let commit = std::fs::read_to_string(model.join("refs").join(revision)).ok()?;
    Some(model.join("snapshots").join(commit.trim()))
}

fn weight_bytes(folder: &Path) -> Option<u64> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let weights = entries.filter(|entry| entry.path().extension().is_some_and(|e| e == "safetensors"));
    // Through the path, since the cache's files are links.
    Some(weights.filter_map(|entry| std::fs::metadata(entry.path()).ok()).map(|data| data.len()).sum())
}

/// The tokenizer that mistral.rs itself loaded, and the chat template it found.
pub(crate) async fn tokenizer_of(
    id: &str,
    pipeline: &Arc<Mutex<dyn Pipeline>>,
) -> Result<(Tokenizer, ChatTemplate), EngineError> {
    let pipeline = pipeline.lock().await;
    let loaded =
        pipeline.tokenizer().ok_or_else(|| failure(format!("{id} is not a language model: it has no tokenizer")))?;
    let json = loaded.to_string(false).map_err(|error| failure(format!("the tokenizer of {id} is broken: {error}")))?;
    let found = pipeline.get_chat_template();
    let bos = found.as_ref().and_then(|found| found.bos_tok());
    let tokenizer = Tokenizer::from_json(id, &json, bos.as_deref(), &pipeline.get_metadata().eos_tok)?;
    let source = found.as_ref().and_then(|found| found.chat_template.as_ref()).and_then(|template| {
        // One template, or a list of named ones.
        let named = |list: &Vec<HashMap<String, String>>| {
            let default = list.iter().find(|entry| entry.get("name").is_some_and(|name| name == "default"));
            default.or(list.first()).and_then(|entry| entry.get("template").cloned())
        };
        template.0.as_ref().either(|one| Some(one.clone()), named)
    });
    let chat_template = match source {
        Some(source) => ChatTemplate::new(&source, &tokenizer)?,
        None => ChatTemplate::fallback(&tokenizer)?,
    };
    Ok((tokenizer, chat_template))
}
