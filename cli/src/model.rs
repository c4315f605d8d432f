//! From `--model` and `--backend` to a model that is ready to run.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use deftly_engine::{EngineMemory, LoadedModel, NativeOptions, Session, load_native, load_native_bytes};
use sha2::{Digest, Sha256};

use crate::args::{Backend, MemoryArgs, ModelArgs};

/// The model that comes with deftly; see `models/README.md`.
pub static EMBEDDED: &[u8] = include_bytes!("../../models/embedded.gguf");

/// The KV cache's length under mistral.rs when `--context-length` is not given and the model would allow more; the native
/// engine has the same default.
#[cfg(feature = "mistralrs")]
const DEFAULT_CONTEXT: usize = 8192;

/// What `--model` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    Embedded,
    Gguf(PathBuf),
    /// A Hugging Face id, or a folder in that format.
    HuggingFace(String),
}

impl ModelSource {
    /// Tells files from ids: a GGUF file is named as one or exists; everything else with one slash may be an id.
    pub fn parse(text: &str) -> Result<Self> {
        let path = Path::new(text);
        if text == "embedded" {
            Ok(Self::Embedded)
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gguf")) || path.is_file() {
            Ok(Self::Gguf(path.to_owned()))
        } else if path.is_dir() || is_hub_id(text) {
            Ok(Self::HuggingFace(text.to_owned()))
        } else {
            bail!(
                "--model {text}: no such file, and not a Hugging Face id\nhint: use embedded, a path that ends in .gguf, or OWNER/NAME"
            )
        }
    }
}

fn is_hub_id(text: &str) -> bool {
    let legal = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    text.split_once('/').is_some_and(|(owner, name)| legal(owner) && legal(name))
}

/// Loads the model that the options name.
pub fn load(args: &ModelArgs) -> Result<LoadedModel> {
    let source = ModelSource::parse(&args.model)?;
    let started = std::time::Instant::now();
    let model = match (&source, args.backend) {
        (ModelSource::Embedded, Backend::Auto | Backend::Native) => {
            load_native_bytes(EMBEDDED, "embedded", &native_options(args))?
        }
        (ModelSource::Gguf(path), Backend::Auto | Backend::Native) => load_native(path, &native_options(args))?,
        (ModelSource::HuggingFace(id), Backend::Native) => {
            bail!(
                "--model {id}: the native engine runs GGUF files only\nhint: leave out --backend, or give a .gguf file"
            )
        }
        (ModelSource::HuggingFace(_), Backend::Auto) | (_, Backend::Mistralrs) => load_mistralrs(&source, args)?,
    };
    tracing::info!(model = model.info.name, backend = model.info.backend, ms = started.elapsed().as_millis(), "loaded");
    Ok(model)
}

/// A session with the model that the options name.
pub fn session(args: &ModelArgs) -> Result<Session> {
    let mut session = Session::new(load(args)?)?;
    session.set_draft_sources(args.draft);
    Ok(session)
}

/// Where the engine keeps what it learned, if the options allow it and the machine has such a place.
pub fn memory(args: &MemoryArgs) -> Option<EngineMemory> {
    let folder = args.cache_dir.clone().or_else(cache_folder)?;
    Some(EngineMemory { folder, history: !args.no_history, cache: !args.no_cache })
}

/// Among the user's caches, by the system's custom.
fn cache_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let caches = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        variable("HOME").map(|home| home.join("Library/Caches"))
    } else {
        variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))
    };
    caches.map(|caches| caches.join("deftly"))
}

fn native_options(args: &ModelArgs) -> NativeOptions {
    NativeOptions {
        threads: args.threads.map(usize::from),
        context_len: args.context_length,
        cache_type: args.kv_cache.into(),
        precision: args.activations.into(),
        level: args.kernels,
    }
}

#[cfg(feature = "mistralrs")]
fn load_mistralrs(source: &ModelSource, args: &ModelArgs) -> Result<LoadedModel> {
    use deftly_mistralrs::{MistralrsOptions, ModelSpec};

    let spec = match source {
        ModelSource::Embedded => ModelSpec::Gguf(embedded_on_disk(args)?),
        ModelSource::Gguf(path) => ModelSpec::Gguf(path.clone()),
        ModelSource::HuggingFace(id) => ModelSpec::HuggingFace(id.clone()),
    };
    let options = MistralrsOptions {
        context_len: Some(args.context_length.unwrap_or(DEFAULT_CONTEXT)),
        ..MistralrsOptions::default()
    };
    Ok(deftly_mistralrs::load_mistralrs(&spec, &options)?)
}

#[cfg(not(feature = "mistralrs"))]
fn load_mistralrs(_: &ModelSource, args: &ModelArgs) -> Result<LoadedModel> {
    bail!(
        "--model {}: this build leaves mistral.rs out\nhint: build without --no-default-features, or use a .gguf file",
        args.model
    )
}

/// mistral.rs reads files only, so the embedded model is written out once per version of its content.
#[cfg(feature = "mistralrs")]
fn embedded_on_disk(args: &ModelArgs) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join("deftly");
    let path = folder.join(format!("embedded-{}.gguf", digest(args)?));
    if std::fs::read(&path).is_ok_and(|found| found == EMBEDDED) {
        return Ok(path);
    }
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&partial, EMBEDDED))
        .and_then(|()| std::fs::rename(&partial, &path))
        .with_context(|| format!("{}: cannot write the embedded model for mistral.rs", path.display()))?;
    Ok(path)
}

/// Tells models apart whatever they are called: the first bytes of the file's SHA-256, or the Hugging Face id.
pub fn digest(args: &ModelArgs) -> Result<String> {
    let mut hasher = Sha256::new();
    match ModelSource::parse(&args.model)? {
        ModelSource::Embedded => hasher.update(EMBEDDED),
        ModelSource::Gguf(path) => {
            let hashed = File::open(&path).and_then(|mut file| std::io::copy(&mut file, &mut hasher));
            hashed.with_context(|| format!("{}: cannot read the model", path.display()))?;
        }
        ModelSource::HuggingFace(id) => return Ok(id),
    }
    Ok(hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_a_file_an_id_or_embedded() {
        let check =
            |text: &str, expected: Option<ModelSource>| assert_eq!(ModelSource::parse(text).ok(), expected, "{text}");
        check("embedded", Some(ModelSource::Embedded));
        check("no/such/file.gguf", Some(ModelSource::Gguf("no/such/file.gguf".into())));
        check("Qwen/Qwen2.5-0.5B-Instruct", Some(ModelSource::HuggingFace("Qwen/Qwen2.5-0.5B-Instruct".into())));
        check("gpt", None);
        check("../up/there", None);
        check("", None);
    }
}
