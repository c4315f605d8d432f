//! `deftly models`: what there is, and what a model is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use deftly_engine::{Gguf, KernelLevel, ModelInfo};
use serde::Serialize;

use crate::args::{ModelArgs, ModelsCommand};
use crate::{model, output};

/// A line of `models list`.
#[derive(Debug, Serialize)]
struct Listed {
    /// What to give to `--model`.
    model: String,
    megabytes: f64,
    /// The family and name, or why the file cannot be used.
    what: String,
}

pub fn run(command: &ModelsCommand) -> Result<()> {
    match command {
        ModelsCommand::List { dir, json } => list(dir, *json),
        ModelsCommand::Show { model, json } => show(model, *json),
    }
}

fn list(dir: &Path, json: bool) -> Result<()> {
    let mut found = vec![Listed {
        model: "embedded".into(),
        megabytes: model::EMBEDDED.len() as f64 / 1e6,
        what: "comes with deftly, made for its screens".into(),
    }];
    found.extend(gguf_files(dir)?.iter().map(|path| describe_file(path)));
    for listed in &found {
        if json {
            output::print(&serde_json::to_string(listed)?)?;
        } else {
            output::print(&format!("{:>8.1} MB  {:<40} {}", listed.megabytes, listed.model, listed.what))?;
        }
    }
    Ok(())
}

fn gguf_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).with_context(|| {
        format!("{}: cannot list the folder\nhint: --dir takes a folder with GGUF files", dir.display())
    })?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gguf")))
        .collect();
    paths.sort();
    Ok(paths)
}

fn describe_file(path: &Path) -> Listed {
    let what = match Gguf::open(path) {
        Ok(gguf) => {
            let text = |key: &str| gguf.string(key).ok().flatten().unwrap_or("unnamed").to_owned();
            output::plain(&format!("{}, {}", text("general.architecture"), text("general.name")))
        }
        // One line a file: the error's first line says what is wrong.
        Err(error) => format!("unusable: {}", error.to_string().lines().next().unwrap_or_default()),
    };
    let bytes = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    Listed { model: path.display().to_string(), megabytes: bytes as f64 / 1e6, what }
}

fn show(args: &ModelArgs, json: bool) -> Result<()> {
    let loaded = model::load(args)?;
    let level = (loaded.info.backend == "native").then(|| args.kernels.unwrap_or_else(KernelLevel::detect));
    let shown = Shown {
        info: &loaded.info,
        weights: dtypes(&model::ModelSource::parse(&args.model)?, level)?,
        tokenizer: loaded.tokenizer.name().to_owned(),
        kernels: level.map(KernelLevel::name),
    };
    if json { output::print(&serde_json::to_string(&shown)?) } else { output::print(&shown.table()) }
}

/// What `models show` says.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    info: &'a ModelInfo,
    /// By dtype; empty if the model is no GGUF file.
    weights: BTreeMap<&'static str, Weights>,
    tokenizer: String,
    /// The instructions that the native engine uses on this processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    kernels: Option<&'static str>,
}

/// The tensors of a dtype.
#[derive(Debug, Serialize)]
struct Weights {
    tensors: usize,
    /// Whether the native engine has more than scalar code for them here; absent if another backend runs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    fast_kernel: Option<bool>,
}

impl Weights {
    fn text(&self, dtype: &str) -> String {
        let slow = if self.fast_kernel == Some(false) { ", no fast kernel on this processor" } else { "" };
        format!("{dtype} ({} tensors{slow})", self.tensors)
    }
}

impl Shown<'_> {
    fn table(&self) -> String {
        let info = self.info;
        let weights: Vec<String> = self.weights.iter().map(|(dtype, weights)| weights.text(dtype)).collect();
        let rows = [
            ("name", Some(output::plain(&info.name))),
            ("source", Some(info.source.clone())),
            ("backend", Some(info.backend.to_owned())),
            ("family", Some(output::plain(&info.architecture))),
            ("parameters", info.parameters.map(|count| format!("{:.1} million", count as f64 / 1e6))),
            ("layers", info.layers.map(|count| count.to_string())),
            ("weights", (!weights.is_empty()).then(|| weights.join(", "))),
            ("kernels", self.kernels.map(str::to_owned)),
            ("size", info.bytes.map(|bytes| format!("{:.1} MB", bytes as f64 / 1e6))),
            ("vocabulary", Some(format!("{} tokens", info.vocab_size))),
            ("context", Some(format!("{} tokens", info.context_len))),
            ("tokenizer", Some(output::plain(&self.tokenizer))),
        ];
        let lines = rows.into_iter().filter_map(|(name, value)| Some(format!("{name:<12} {}", value?)));
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn dtypes(source: &model::ModelSource, level: Option<KernelLevel>) -> Result<BTreeMap<&'static str, Weights>> {
    let gguf = match source {
        model::ModelSource::Embedded => Gguf::from_static(model::EMBEDDED, "embedded")?,
        model::ModelSource::Gguf(path) => Gguf::open(path)?,
        model::ModelSource::HuggingFace(_) => return Ok(BTreeMap::new()),
    };
    let mut weights = BTreeMap::new();
    for tensor in gguf.tensors() {
        let fast_kernel = level.map(|level| level.is_fast_for(tensor.dtype));
        weights.entry(tensor.dtype.name()).or_insert(Weights { tensors: 0, fast_kernel }).tensors += 1;
    }
    Ok(weights)
}
