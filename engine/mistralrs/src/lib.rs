//! Any model that [mistral.rs](https://github.com/EricLBuehler/mistral.rs) supports, as a
//! [`TargetModel`](deftly_engine::TargetModel).
//!
//! 1. [`ModelSpec`]: a GGUF file, or a model in Hugging Face's format (an id, or a folder).
//! 2. [`load_mistralrs`] loads it, with its tokenizer and chat template, into a [`LoadedModel`].
//! 3. Wrap that in a [`Session`](deftly_engine::Session), as with the native engine.
//!
//! mistral.rs serves requests (tokens in, text out) and keeps its KV cache to itself; a target model has a KV cache
//! that is appended to, cut, and asked for logits. The adapter brings the two together through mistral.rs's public API
//! only:
//!
//! - One sequence is *held*: mistral.rs generates, and a logits processor hands each row of logits over and waits to be
//!   told which token comes next. Decoding one token after the other costs one row each, as it should.
//! - Rows of several positions come from a request for raw logits, which runs what mistral.rs's prefix cache lacks.
//! - A held sequence that is left behind goes into the prefix cache if the next one starts like it. Cutting the cache
//!   is free; mistral.rs finds the common prefix again.
//!
//! The engine runs on threads of its own, so that the adapter can be called from anywhere, other runtimes included. A
//! panic in mistral.rs becomes an error.

mod cache;
mod describe;
mod load;
mod requests;
mod steering;
mod target;

use std::path::PathBuf;

use deftly_engine::{EngineError, LoadedModel};

/// What errors and reports call this backend.
pub(crate) const BACKEND: &str = "mistralrs";

/// Where a model comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSpec {
    Gguf(PathBuf),
    /// An id such as `Qwen/Qwen3-0.6B`, or a folder with `config.json`, `tokenizer.json` and safetensors files.
    HuggingFace(String),
}

impl std::fmt::Display for ModelSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gguf(path) => path.display().fmt(f),
            Self::HuggingFace(id) => id.fmt(f),
        }
    }
}

/// How to load a model.
#[derive(Debug, Clone, Default)]
pub struct MistralrsOptions {
    /// Tokens of context; the model's own limit when it is lower or this is absent.
    pub context_len: Option<usize>,
    /// Branch, tag or commit of a Hugging Face id; `main` when absent.
    pub revision: Option<String>,
}

/// Loads the model that `spec` names. It may download it, when it is a Hugging Face id.
///
/// Errors name the model and what to do: a file that is missing, damaged or of a family that mistral.rs does not run, an
/// id that does not exist or cannot be reached.
pub fn load_mistralrs(spec: &ModelSpec, options: &MistralrsOptions) -> Result<LoadedModel, EngineError> {
    target::start(spec.clone(), options.clone())
}
