//! The native target: GGUF models of the llama, qwen2 and qwen3 families on the CPU.
//!
//! The way of a pass, file by file:
//! 1. `config` and `weights`: metadata and tensors, checked; weights are repacked into panels (`pack`) from their block
//!    formats (`blocks`), in memory of their own (`arena`).
//! 2. `model`: embedding, then for every layer norm, projections (`matmul`), `rope`, KV `cache`, `attention`,
//!    feed-forward; the LM head for the rows that need it.
//! 3. `kernels`: the arithmetic, at the [`KernelLevel`] that the processor has; `pool`: the threads.
//!
//! **A row's logits are the same bits whatever is computed beside it**: one row or sixty-four, any chunking of a prompt,
//! any number of threads, after any truncation, at every kernel level. Generation with drafts relies on it.
//!
//! `unsafe` is confined to the kernels' instruction sets, the pool and the writes of disjoint results (`matmul`), the
//! memory of weights (`arena`), and the file mapping (`gguf`).

mod arena;
mod attention;
mod blocks;
mod cache;
mod config;
mod kernels;
mod level;
mod matmul;
mod model;
mod pack;
mod pool;
mod rope;
mod weights;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

pub use cache::CacheType;
pub use kernels::Precision;
pub use level::KernelLevel;

use crate::{ChatTemplate, EngineError, Gguf, LoadedModel, ModelInfo, TargetModel, Tokenizer, Vocabulary};
use config::Config;
use level::Available;
use model::{NativeModel, Setup};
use pool::Pool;
use weights::Weights;

/// The context of a load that asks for none: more than a phone's screen and history take, little memory.
const DEFAULT_CONTEXT: usize = 8192;
/// More threads than any machine this was made for; a mistyped number should not start them.
const MAX_THREADS: usize = 256;

/// How a model is loaded.
#[derive(Debug, Clone, Default)]
pub struct NativeOptions {
    /// Threads of a pass; the physical cores when absent.
    pub threads: Option<usize>,
    /// Tokens that the KV cache holds; when absent 8192, or what the model was trained for if that is less.
    pub context_len: Option<usize>,
    /// Number type of the KV cache.
    pub cache_type: CacheType,
    /// How finely products with quantised weights see the activations.
    pub precision: Precision,
    /// Kernels to use; the fastest that the processor has when absent.
    pub level: Option<KernelLevel>,
}

/// Loads the GGUF file at `path`.
pub fn load_native(path: &Path, options: &NativeOptions) -> Result<LoadedModel, EngineError> {
    load(Gguf::open(path)?, options)
}

/// Loads a GGUF file that is part of the program; `source` names it in errors and reports.
pub fn load_native_bytes(
    bytes: &'static [u8],
    source: &str,
    options: &NativeOptions,
) -> Result<LoadedModel, EngineError> {
    load(Gguf::from_static(bytes, source)?, options)
}

fn load(gguf: Gguf, options: &NativeOptions) -> Result<LoadedModel, EngineError> {
    let tokenizer = Arc::new(Tokenizer::new(&Vocabulary::from_gguf(&gguf)?)?);
    let chat_template = ChatTemplate::from_gguf(&gguf, &tokenizer)?;
    let (target, info) = load_target(gguf, options)?;
    Ok(LoadedModel { target: Box::new(target), tokenizer, chat_template, info })
}

/// The model without its tokenizer.
fn load_target(gguf: Gguf, options: &NativeOptions) -> Result<(NativeModel, ModelInfo), EngineError> {
    let config = Config::from_gguf(&gguf)?;
    let context_len = context_len(&config, options)?;
    let level = Available::select(options.level)?;
    let mut pool = Pool::new(threads(options)?)?;
    let weights = Weights::load(&gguf, &config, options.precision, &mut pool)?;
    let name = gguf.string("general.name")?.map_or_else(|| file_name(gguf.source()), str::to_owned);
    let info = ModelInfo {
        name,
        source: gguf.source().to_owned(),
        backend: "native",
        architecture: config.family.name().to_owned(),
        quantization: weights::main_type(&gguf).map(|dtype| dtype.name().to_owned()),
        parameters: Some(gguf.tensors().map(|tensor| tensor.elements() as u64).sum()),
        layers: Some(config.layers),
        bytes: Some(gguf.len() as u64),
        fingerprint: Some(gguf.fingerprint()),
        vocab_size: weights.output.outputs(),
        context_len,
    };
    let setup = Setup { level, pool, cache_type: options.cache_type, context_len };
    let target = NativeModel::new(gguf, config, weights, setup);
    tracing::debug!(model = info.name, level = %level.level(), context = target.context_len(), "loaded natively");
    Ok((target, info))
}

fn context_len(config: &Config, options: &NativeOptions) -> Result<usize, EngineError> {
    match options.context_len {
        None => Ok(config.trained_context.min(DEFAULT_CONTEXT)),
        Some(wanted) if (1..=config.trained_context).contains(&wanted) => Ok(wanted),
        Some(wanted) => Err(EngineError::InvalidRequest {
            reason: format!(
                "a context of {wanted} tokens, but the model was trained for 1 to {}",
                config.trained_context
            ),
            hint: "ask for a context that the model was trained for",
        }),
    }
}

fn threads(options: &NativeOptions) -> Result<usize, EngineError> {
    match options.threads {
        None => Ok(physical_cores().min(MAX_THREADS)),
        Some(threads @ 1..=MAX_THREADS) => Ok(threads),
        Some(threads) => Err(EngineError::InvalidRequest {
            reason: format!("{threads} threads"),
            hint: "use 1 to 256 threads; the physical cores are the default",
        }),
    }
}

/// Cores that this process may use, two hardware threads of a core counted once: the second one adds nothing to kernels
/// that keep the vector units busy.
fn physical_cores() -> usize {
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    let siblings = std::fs::read_to_string("/sys/devices/system/cpu/smt/active");
    let hyperthreads = siblings.is_ok_and(|active| active.trim() == "1");
    if hyperthreads { available.div_ceil(2) } else { available }
}

fn file_name(source: &str) -> String {
    Path::new(source).file_stem().map_or_else(|| source.to_owned(), |name| name.to_string_lossy().into_owned())
}
