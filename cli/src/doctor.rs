//! `deftly doctor`: is everything there that a run needs?

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use deftly_android::{Adb, Finding, State};
use deftly_engine::{GenerateRequest, KernelLevel, Message, Sampling};
use deftly_sim::SimPhone;
use deftly_tools::Device;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::args::{Backend, DoctorArgs, MemoryArgs, ModelArgs};
use crate::{model, output};

/// Bytes: a full history, some saved prompt starts, and traces with screenshots.
const SPACE_NEEDED: u64 = 200 << 20;

/// One line of the report.
#[derive(Debug, Serialize)]
struct Check {
    what: String,
    ok: bool,
    /// What most goals do not need.
    optional: bool,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl From<Finding> for Check {
    fn from(finding: Finding) -> Self {
        let (ok, optional) = match finding.state {
            State::Fine => (true, false),
            State::Optional => (false, true),
            State::Wrong => (false, false),
        };
        let hint = (!finding.hint.is_empty()).then_some(finding.hint);
        Self { what: finding.what, ok, optional, found: output::plain(&finding.found), hint }
    }
}

impl Check {
    fn of(what: &str, found: Result<String>, hint: &str) -> Self {
        let (ok, found, hint) = match found {
            Ok(found) => (true, found, None),
            Err(error) => (false, output::describe(&error), Some(hint.to_owned())),
        };
        Self { what: what.to_owned(), ok, optional: false, found, hint }
    }
}

/// Prints a line for each check; returns whether all are well.
pub async fn run(args: &DoctorArgs) -> Result<bool> {
    let mut checks = vec![
        Check::of("processor", Ok(processor()), "any x86-64 or Arm processor will do"),
        Check::of(
            "embedded model",
            tokio::task::spawn_blocking(embedded_model).await?,
            "build deftly again from a clean checkout",
        ),
        Check::of("simulated phone", simulated_phone().await, "build deftly again from a clean checkout"),
        Check {
            optional: true,
            ..Check::of(
                "mistral.rs",
                mistralrs(),
                "build without --no-default-features to run models other than GGUF files",
            )
        },
        Check::of(
            "temporary folder",
            folder(&std::env::temp_dir()),
            "free some space, or point TMPDIR at a folder that can be written",
        ),
    ];
    // Without it every run starts cold, that is all.
    if let Some(memory) = model::memory(&MemoryArgs { cache_dir: args.cache_dir.clone(), ..MemoryArgs::default() }) {
        let hint = "free some space, or name another folder with --cache-dir";
        checks.push(Check { optional: true, ..Check::of("cache folder", folder(&memory.folder), hint) });
    }
    checks.extend(deftly_android::check(&Adb::default()).await.into_iter().map(Check::from));
    for check in &checks {
        if args.json {
            output::print(&serde_json::to_string(check)?)?;
        } else {
            let mark = match (check.ok, check.optional) {
                (true, _) => "ok",
                (false, true) => "--",
                (false, false) => "FAIL",
            };
            output::print(&format!("{mark:<4} {:<16} {}", check.what, check.found))?;
            if let Some(hint) = &check.hint {
                output::print(&format!("     hint: {hint}"))?;
            }
        }
    }
    Ok(checks.iter().all(|check| check.ok || check.optional))
}

fn processor() -> String {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {threads} threads, kernels: {}", std::env::consts::ARCH, KernelLevel::detect())
}

fn embedded_model() -> Result<String> {
    let args = ModelArgs {
        model: "embedded".into(),
        backend: Backend::Native,
        context_length: Some(256),
        ..ModelArgs::default()
    };
    let started = Instant::now();
    let mut session = model::session(&args)?;
    let loaded = started.elapsed().as_millis();
    let prompt =
        session.chat_template().encode(session.tokenizer(), &[Message::user("Goal: Go back\nScreen: Home")])?;
    let request =
        GenerateRequest { prompt, max_tokens: 8, sampling: Sampling::greedy(), constraint: None, stop: Vec::new() };
    let account = session.generate(&request, &CancellationToken::new(), &mut |_| {})?.account;
    let each = account.decode_ms / account.passes.max(1) as f64;
    Ok(format!("{:.1} MB, loaded in {loaded} ms, {each:.2} ms a token", model::EMBEDDED.len() as f64 / 1e6))
}

async fn simulated_phone() -> Result<String> {
    let mut phone = SimPhone::new(0);
    let apps = phone.apps().await?.len();
    let elements = phone.observe().await?.screen.elements.len();
    Ok(format!("{apps} apps, {elements} elements on the first screen"))
}

fn mistralrs() -> Result<String> {
    anyhow::ensure!(cfg!(feature = "mistralrs"), "not in this build");
    Ok("0.8.1, built in".into())
}

/// That a folder can be written, and has space for what deftly keeps there.
fn folder(path: &Path) -> Result<String> {
    std::fs::create_dir_all(path).with_context(|| format!("{}: cannot be made", path.display()))?;
    let probe = path.join(format!("deftly-doctor-{}", std::process::id()));
    let written = std::fs::write(&probe, b"deftly").and_then(|()| std::fs::remove_file(&probe));
    written.with_context(|| format!("{}: cannot be written", path.display()))?;
    let free = fs4::available_space(path)?;
    anyhow::ensure!(free >= SPACE_NEEDED, "{}: {:.1} MB free", path.display(), free as f64 / 1e6);
    Ok(format!("{}, {:.1} GB free", path.display(), free as f64 / 1e9))
}
