//! `deftly bench sessions`: recorded requests, served in order.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use deftly_engine::{Account, Constraint, GenerateRequest, ModelInfo, Sampling};
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::args::SessionsArgs;
use crate::{model, output};

/// A line of a sessions file. `session` and `step` are for people.
#[derive(Debug, Deserialize)]
struct Recorded {
    /// With the chat template applied already: control tokens are parsed.
    prompt: String,
    n_predict: usize,
}

#[derive(Debug, Serialize)]
struct Report {
    model: ModelInfo,
    requests: usize,
    ms_per_request: f64,
    prefill: Prefill,
    decode: Decode,
    texts: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Prefill {
    tokens: usize,
    reused: usize,
    ms: f64,
}

#[derive(Debug, Serialize)]
struct Decode {
    tokens: usize,
    passes: usize,
    /// Emitted without logits, because the schema left no choice.
    forced: usize,
    /// Guessed, and of these right.
    drafted: usize,
    accepted: usize,
    ms: f64,
}

/// Serves the requests; returns whether all were served (Ctrl-C stops between tokens, with a report of what was).
pub fn sessions(args: &SessionsArgs, cancel: &CancellationToken) -> Result<bool> {
    let requests = read_requests(&args.sessions, args.limit)?;
    let schema = match args.schema.as_deref() {
        Some(path) => Some((path, read_schema(path)?)),
        None => None,
    };
    let mut session = model::session(&args.model)?;
    let info = session.info().clone();

    let bar = if args.json { ProgressBar::hidden() } else { ProgressBar::new(requests.len() as u64) };
    let (mut total, mut texts, mut ms) = (Account::default(), Vec::new(), 0.0);
    for recorded in &requests {
        let constraint = match &schema {
            Some((path, schema)) => {
                let constraint = Constraint::json_schema(session.tokenizer(), schema);
                Some(constraint.with_context(|| path.display().to_string())?)
            }
            None => None,
        };
        let started = Instant::now();
        let request = GenerateRequest {
            prompt: session.tokenizer().encode_with_special(&recorded.prompt)?,
            max_tokens: recorded.n_predict,
            sampling: Sampling::greedy(),
            constraint,
            stop: vec!["<|im_end|>".into()],
        };
        let generation = session.generate(&request, cancel, &mut |_| {})?;
        if cancel.is_cancelled() {
            break;
        }
        ms += started.elapsed().as_secs_f64() * 1e3;
        total += &generation.account;
        texts.push(generation.text);
        bar.inc(1);
    }
    bar.finish_and_clear();

    let served = texts.len();
    let report = Report {
        model: info,
        requests: served,
        ms_per_request: ms / served.max(1) as f64,
        prefill: Prefill { tokens: total.prefilled, reused: total.reused, ms: total.prefill_ms },
        decode: Decode {
            tokens: total.decoded,
            passes: total.passes,
            forced: total.forced,
            drafted: total.drafted,
            accepted: total.accepted,
            ms: total.decode_ms,
        },
        texts,
    };
    print_report(&report, args.json)?;
    Ok(served == requests.len())
}

fn print_report(report: &Report, json: bool) -> Result<()> {
    if json {
        return output::print(&serde_json::to_string(report)?);
    }
    let each = |ms: f64, count: usize| ms / count.max(1) as f64;
    output::print(&format!(
        "{} ({}): {} requests, {:.1} ms each",
        report.model.name, report.model.backend, report.requests, report.ms_per_request
    ))?;
    output::print(&format!(
        "prefill {} tokens ({} reused) in {:.0} ms, {:.3} ms a token",
        report.prefill.tokens,
        report.prefill.reused,
        report.prefill.ms,
        each(report.prefill.ms, report.prefill.tokens)
    ))?;
    output::print(&format!(
        "decode  {} tokens, {} passes ({} tokens forced, {} of {} guesses right) in {:.0} ms, {:.2} ms a token",
        report.decode.tokens,
        report.decode.passes,
        report.decode.forced,
        report.decode.accepted,
        report.decode.drafted,
        report.decode.ms,
        each(report.decode.ms, report.decode.tokens)
    ))
}

fn read_requests(path: &Path, limit: Option<usize>) -> Result<Vec<Recorded>> {
    let file = File::open(path).with_context(|| {
        format!("{}: cannot open the sessions file\nhint: --sessions takes a file of JSON lines", path.display())
    })?;
    let mut requests = Vec::new();
    for (index, line) in BufReader::new(file).lines().enumerate().take(limit.unwrap_or(usize::MAX)) {
        let line = line.with_context(|| format!("{}: cannot read line {}", path.display(), index + 1))?;
        let request = serde_json::from_str(&line).with_context(|| {
            format!("{}:{}: not a request\nhint: one JSON object a line: {{\"session\", \"step\", \"prompt\", \"n_predict\"}}", path.display(), index + 1)
        })?;
        requests.push(request);
    }
    if requests.is_empty() {
        bail!(
            "{}: no requests\nhint: one JSON object a line: {{\"session\", \"step\", \"prompt\", \"n_predict\"}}",
            path.display()
        );
    }
    Ok(requests)
}

fn read_schema(path: &Path) -> Result<serde_json::Value> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("{}: cannot read the schema\nhint: --schema takes a file with a JSON Schema", path.display())
    })?;
    serde_json::from_str(&text)
        .with_context(|| format!("{}: not JSON\nhint: --schema takes a file with a JSON Schema", path.display()))
}
