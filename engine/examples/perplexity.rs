//! Mean negative log likelihood of a text, in chunks that are looked at alone: how much a number type loses.
//!
//! ```sh
//! cargo run --release -p deftly-engine --example perplexity -- model.gguf text.txt narrow i16
//! ```
//!
//! The third argument says how finely products see the activations, `narrow` or `wide`, and the fourth what numbers the KV
//! cache keeps: `i16`, `f16` or `f32`. The reference is a file of the
//! same weights as F32, which no activations are rounded for.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use deftly_engine::{CacheType, LoadedModel, NativeOptions, Precision, load_native};

/// Tokens of a chunk. Each begins anew, as the first half of a text would.
const CHUNK: usize = 512;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, text, precision, cache] = &arguments[..] else {
        eprintln!("usage: perplexity MODEL TEXT narrow|wide i16|f16|f32");
        return ExitCode::from(2);
    };
    match measure(model, text, precision, cache) {
        Ok((mean, tokens)) => {
            println!("{mean:.5} nats a token, {tokens} tokens, {precision}, {cache}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// The mean over all tokens but the first of each chunk, and their number.
fn measure(model: &str, text: &str, precision: &str, cache: &str) -> Result<(f64, usize), Box<dyn Error>> {
    let precision = match precision {
        "narrow" => Precision::Narrow,
        "wide" => Precision::Wide,
        other => return Err(format!("no precision is called {other:?}\nhint: narrow or wide").into()),
    };
    let cache_type = match cache {
        "i16" => CacheType::I16,
        "f16" => CacheType::F16,
        "f32" => CacheType::F32,
        other => return Err(format!("no numbers are called {other:?}\nhint: i16, f16 or f32").into()),
    };
    let options = NativeOptions { precision, cache_type, context_len: Some(CHUNK), ..NativeOptions::default() };
    let LoadedModel { mut target, tokenizer, .. } = load_native(Path::new(model), &options)?;
    let tokens = tokenizer.encode(&std::fs::read_to_string(text)?)?;
    let (mut total, mut count) = (0.0, 0);
    for chunk in tokens.chunks(CHUNK).filter(|chunk| chunk.len() > 1) {
        target.truncate(0)?;
        let logits = target.forward(chunk, chunk.len())?;
        for (position, next) in chunk[1..].iter().enumerate() {
            total += negative_log_likelihood(logits.row(position), *next as usize);
            count += 1;
        }
    }
    Ok((total / f64::from(u32::try_from(count.max(1))?), count))
}

fn negative_log_likelihood(row: &[f32], token: usize) -> f64 {
    let maximum = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = row.iter().map(|logit| f64::from(logit - maximum).exp()).sum();
    sum.ln() - f64::from(row[token] - maximum)
}
