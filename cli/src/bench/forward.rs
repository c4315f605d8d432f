//! `deftly bench forward`: the cost T(n) of one pass over n rows.

use std::time::Instant;

use anyhow::{Result, ensure};
use deftly_engine::{LoadedModel, TargetModel, TokenId};
use serde::Serialize;

use crate::args::ForwardArgs;
use crate::{model, output};

#[derive(Debug, Serialize)]
struct Report {
    model: deftly_engine::ModelInfo,
    context: usize,
    forward: Vec<Pass>,
}

/// One size of pass: medians over the repetitions.
#[derive(Debug, Serialize)]
struct Pass {
    rows: usize,
    ms: f64,
    tokens_per_second: f64,
}

pub fn forward(args: &ForwardArgs) -> Result<()> {
    ensure!(
        args.rows.iter().all(|&rows| rows > 0),
        "--rows: a pass has at least one row\nhint: for example --rows 1,4,16"
    );
    let LoadedModel { mut target, info, .. } = model::load(&args.model)?;
    let largest = args.rows.iter().copied().max().unwrap_or(1);
    ensure!(
        args.context.saturating_add(largest) <= target.context_len(),
        "--context {} and --rows {largest} need {} tokens, the KV cache holds {}\nhint: raise --context-length",
        args.context,
        args.context.saturating_add(largest),
        target.context_len()
    );

    let vocab = target.vocab_size();
    // Which tokens does not matter for the time, but they must be in the vocabulary.
    let token = |i: usize| (i * 7 % vocab) as TokenId;
    let context: Vec<TokenId> = (0..args.context).map(token).collect();
    if !context.is_empty() {
        target.forward(&context, 0)?;
    }
    let mut passes = Vec::new();
    for &rows in &args.rows {
        let tokens: Vec<TokenId> = (0..rows).map(|i| token(i + 13)).collect();
        let ms = measure(target.as_mut(), args, &tokens)?;
        passes.push(Pass { rows, ms, tokens_per_second: rows as f64 * 1e3 / ms });
    }

    let report = Report { model: info, context: args.context, forward: passes };
    if args.json {
        return output::print(&serde_json::to_string(&report)?);
    }
    let mut table = format!(
        "{} ({}), {} tokens of context\n{:>6} {:>10} {:>12}",
        report.model.name, report.model.backend, report.context, "rows", "ms", "tokens/s"
    );
    for pass in &report.forward {
        table += &format!("\n{:>6} {:>10.2} {:>12.0}", pass.rows, pass.ms, pass.tokens_per_second);
    }
    output::print(&table)
}

/// Median milliseconds of a pass.
fn measure(target: &mut dyn TargetModel, args: &ForwardArgs, tokens: &[TokenId]) -> Result<f64> {
    let rows_of_logits = if args.verify { tokens.len() } else { 1 };
    let mut times = Vec::new();
    // The first pass warms caches and is not counted.
    for pass in 0..=args.repeat {
        target.truncate(args.context)?;
        let started = Instant::now();
        let logits = std::hint::black_box(target.forward(tokens, rows_of_logits)?);
        if pass > 0 {
            times.push(started.elapsed().as_secs_f64() * 1e3);
        }
        target.recycle(logits);
    }
    target.truncate(args.context)?;
    Ok(super::median(&mut times))
}
