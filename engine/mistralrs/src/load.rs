//! Loads a model into mistral.rs, and its tokenizer and chat template into our own types.

use std::path::Path;
use std::sync::Arc;

use deftly_engine::{ChatTemplate, EngineError, Gguf, ModelInfo, TokenId, Tokenizer, Vocabulary};
use mistralrs::core::{GGUFLoaderBuilder, GGUFSpecificConfig, MistralRsBuilder, Pipeline};
use mistralrs::model_builder_trait::build_auto_pipeline;
use mistralrs::{
    AutoDeviceMapParams, DefaultSchedulerMethod, Device, DeviceMapSetting, MistralRs, ModelBuilder, ModelDType,
    SchedulerConfig, TokenSource, best_device,
};
use tokio::sync::Mutex;

use crate::cache::GROWTH;
use crate::requests::{Requests, failure};
use crate::{MistralrsOptions, ModelSpec, describe};

/// Families of which mistral.rs 0.8.1 runs GGUF files (`GGUFPipeline`).
const GGUF_FAMILIES: &[&str] = &["llama", "mistral3", "phi2", "phi3", "qwen2", "qwen3", "qwen3moe", "starcoder2"];

/// Prefix cache entries may hold this many contexts, or positions where contexts are short.
const CACHED_CONTEXTS: usize = 2;
const CACHED_POSITIONS: usize = 8192;

/// How many tokens are tried for ending sequences. mistral.rs refuses those that start another token.
const SENTINELS: usize = 32;

/// What belongs to a loaded model.
pub(crate) struct Loaded {
    pub(crate) requests: Requests,
    pub(crate) tokenizer: Tokenizer,
    pub(crate) chat_template: ChatTemplate,
    pub(crate) info: ModelInfo,
}

pub(crate) async fn load(spec: &ModelSpec, options: &MistralrsOptions) -> Result<Loaded, EngineError> {
    let device = best_device(false).map_err(|error| failure(format!("no device can be used: {error}")))?;
    let (pipeline, tokenizer, chat_template, mut info) = match spec {
        ModelSpec::Gguf(path) => {
            // Our reader goes first: its errors say where a file is damaged, where mistral.rs would panic.
            let gguf = Gguf::open(path)?;
            check_family(&gguf)?;
            let info = describe::gguf(&gguf, path)?;
            let tokenizer = Tokenizer::new(&Vocabulary::from_gguf(&gguf)?)?;
            let chat_template = ChatTemplate::from_gguf(&gguf, &tokenizer)?;
            (gguf_pipeline(spec, path, &device)?, tokenizer, chat_template, info)
        }
        ModelSpec::HuggingFace(id) => {
            let pipeline = hugging_face_pipeline(spec, id, options, &device).await?;
            let (tokenizer, chat_template) = describe::tokenizer_of(id, &pipeline).await?;
            (pipeline, tokenizer, chat_template, describe::hugging_face(id, options))
        }
    };
    let mistral = engine(pipeline).await;
    let own_limit = mistral.max_sequence_length(None).ok().flatten().unwrap_or(info.context_len);
    info.context_len = context_len(own_limit, options.context_len);
    let cache_limit = (CACHED_CONTEXTS * info.context_len).max(CACHED_POSITIONS);
    let (requests, vocab_size) = Requests::start(mistral, &sentinels(&tokenizer), cache_limit).await?;
    info.vocab_size = vocab_size;
    Ok(Loaded { requests, tokenizer, chat_template, info })
}

/// The error for a model that makes mistral.rs panic.
pub(crate) fn broken(spec: &ModelSpec, panic: &str) -> EngineError {
    refused(spec, &format!("it panicked: {panic}"))
}

fn refused(spec: &ModelSpec, reason: &dyn std::fmt::Display) -> EngineError {
    let hint = match spec {
        ModelSpec::Gguf(_) => "the native engine may run it; else convert the model again",
        ModelSpec::HuggingFace(_) => {
            "check the id and the network, set HF_TOKEN for a gated model, or give a folder with config.json, \
             tokenizer.json and safetensors files"
        }
    };
    EngineError::ModelFile {
        file: spec.to_string(),
        what: format!("mistral.rs cannot load it: {}", reason.to_string().trim_end()),
        hint: hint.into(),
    }
}

fn check_family(gguf: &Gguf) -> Result<(), EngineError> {
    let family = gguf.architecture()?;
    if GGUF_FAMILIES.contains(&family) {
        return Ok(());
    }
    Err(EngineError::Unsupported {
        file: gguf.source().to_owned(),
        kind: "family (general.architecture)",
        found: family.to_owned(),
        supported: format!("{} (mistral.rs)", GGUF_FAMILIES.join(", ")),
    })
}

fn gguf_pipeline(spec: &ModelSpec, path: &Path, device: &Device) -> Result<Arc<Mutex<dyn Pipeline>>, EngineError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let folder = path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
    let (Some(name), Some(folder)) = (name, folder.and_then(Path::to_str)) else {
        return Err(refused(spec, &"its path is not valid UTF-8"));
    };
    let config = GGUFSpecificConfig::default();
    let loader =
        GGUFLoaderBuilder::new(None, None, folder.to_owned(), vec![name.to_owned()], config, false, None).build();
    let pipeline =
        loader.load_model_from_hf(None, TokenSource::None, &dtype(device), device, true, mapping(device), None, None);
    Ok(pipeline.map_err(|error| refused(spec, &error))?)
}

async fn hugging_face_pipeline(
    spec: &ModelSpec,
    id: &str,
    options: &MistralrsOptions,
    device: &Device,
) -> Result<Arc<Mutex<dyn Pipeline>>, EngineError> {
    let mut builder = ModelBuilder::new(id)
        .with_dtype(dtype(device))
        .with_device(device.clone())
        .with_device_mapping(mapping(device));
    if let Some(revision) = &options.revision {
        builder = builder.with_hf_revision(revision);
    }
    tracing::info!(id, "mistral.rs loads the model, and downloads it first if it is not in the cache");
    let (pipeline, _, _) = build_auto_pipeline(builder).await.map_err(|error| refused(spec, &error))?;
    Ok(pipeline)
}

/// mistral.rs would choose half precision on a CPU, where it is slower and less exact than single precision.
fn dtype(device: &Device) -> ModelDType {
    if device.is_cpu() { ModelDType::F32 } else { ModelDType::Auto }
}

fn mapping(device: &Device) -> DeviceMapSetting {
    if device.is_cpu() {
        DeviceMapSetting::dummy()
    } else {
        DeviceMapSetting::Auto(AutoDeviceMapParams::default_text())
    }
}

/// One sequence at a time, which no token ends but the adapter's own.
async fn engine(pipeline: Arc<Mutex<dyn Pipeline>>) -> Arc<MistralRs> {
    let one_sequence = DefaultSchedulerMethod::Fixed(std::num::NonZeroUsize::MIN);
    let scheduler = SchedulerConfig::DefaultScheduler { method: one_sequence };
    MistralRsBuilder::new(pipeline, scheduler, false, None).with_disable_eos_stop(true).build().await
}

/// Whole steps of the KV cache's growth: mistral.rs fails when a step goes beyond the model's limit, not when a token does.
fn context_len(own_limit: usize, wanted: Option<usize>) -> usize {
    let usable = if own_limit > GROWTH { own_limit / GROWTH * GROWTH } else { own_limit };
    usable.min(wanted.unwrap_or(usize::MAX))
}

/// Tokens that could end sequences, the best first: tokens without text that no prompt has a use for, then end tokens.
fn sentinels(tokenizer: &Tokenizer) -> Vec<TokenId> {
    let used = |token: TokenId| tokenizer.bos() == Some(token) || tokenizer.stop_tokens().contains(&token);
    // Spare tokens stand at the end of vocabularies, those that structure conversations at the start of the specials.
    let spare = (0..tokenizer.vocab_size() as TokenId).rev();
    let spare = spare.filter(|&token| tokenizer.text_bytes(token).is_empty() && !used(token));
    spare.take(SENTINELS).chain(tokenizer.stop_tokens().iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_is_whole_steps_within_the_limits() {
        let check = |own: usize, wanted: Option<usize>, expected: usize| {
            assert_eq!(context_len(own, wanted), expected, "{own} {wanted:?}");
        };
        check(2048, None, 2048);
        check(2048, Some(4096), 2048);
        check(2048, Some(100), 100);
        check(1000, None, 512);
        check(300, None, 300);
    }
}
