//! The adapter on a real model, against llama.cpp's results for it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::File;

use deftly_engine::{LoadedModel, Logits, TokenId};
use deftly_mistralrs::{MistralrsOptions, ModelSpec, load_mistralrs};
use serde_json::Value;

/// Prompts to run: mistral.rs takes some seconds for each on a small CPU.
const PROMPTS: usize = 3;

fn reference() -> Option<(LoadedModel, Vec<Value>)> {
    let variables = ["DEFTLY_REFERENCE_MODEL", "DEFTLY_REFERENCE_JSON"].map(std::env::var_os);
    let [Some(model), Some(json)] = variables else {
        eprintln!(
            "SKIPPED: set DEFTLY_REFERENCE_MODEL to a GGUF file and DEFTLY_REFERENCE_JSON to llama.cpp's results"
        );
        return None;
    };
    let model = load_mistralrs(&ModelSpec::Gguf(model.into()), &MistralrsOptions::default()).unwrap();
    Some((model, serde_json::from_reader(File::open(json).unwrap()).unwrap()))
}

fn ids(value: &Value) -> Vec<TokenId> {
    value.as_array().unwrap().iter().map(|id| id.as_u64().unwrap() as TokenId).collect()
}

fn best(row: &[f32]) -> TokenId {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    row.iter().position(|&score| score == largest).unwrap() as TokenId
}

#[test]
fn it_agrees_with_the_reference() {
    let Some((mut model, prompts)) = reference() else { return };
    let (mut agreed, mut total) = (0, 0);
    for prompt in prompts.iter().take(PROMPTS) {
        let tokens = ids(&prompt["ids"]);
        assert_eq!(model.tokenizer.encode_with_special(prompt["text"].as_str().unwrap()).unwrap(), tokens);
        model.target.truncate(0).unwrap();
        let logits = model.target.forward(&tokens, tokens.len()).unwrap();
        let (found, expected) = (mean_nll(&logits, &tokens), prompt["mean_nll"].as_f64().unwrap());
        assert!((found - expected).abs() < 0.02, "mean negative log-likelihood {found}, expected {expected}");
        for row in prompt["rows"].as_array().unwrap() {
            let position = row["pos"].as_u64().unwrap() as usize;
            agreed += usize::from(u64::from(best(logits.row(position))) == row["top"][0][0].as_u64().unwrap());
            total += 1;
        }
    }
    eprintln!("the most likely token agrees with llama.cpp's in {agreed} of {total} rows");
    assert!(agreed * 100 >= total * 90);
}

#[test]
fn greedy_decoding_follows_the_reference() {
    let Some((mut model, prompts)) = reference() else { return };
    let (mut agreed, mut total) = (0, 0);
    for prompt in prompts.iter().take(PROMPTS) {
        let expected = ids(&prompt["greedy"]);
        model.target.truncate(0).unwrap();
        let mut logits = model.target.forward(&ids(&prompt["ids"]), 1).unwrap();
        let mut found = Vec::new();
        while found.len() < expected.len() {
            let token = best(logits.row(0));
            found.push(token);
            logits = model.target.forward(&[token], 1).unwrap();
        }
        agreed += found.iter().zip(&expected).take_while(|(a, b)| a == b).count();
        total += expected.len();
    }
    eprintln!("greedy decoding agrees with llama.cpp's for {agreed} of {total} tokens, up to the first that differs");
    // One near tie ends the agreement of a prompt: the backends round differently.
    assert!(agreed * 2 >= total);
}

/// Mean negative log-likelihood of each token after those before it.
fn mean_nll(logits: &Logits, tokens: &[TokenId]) -> f64 {
    let nll = |(position, &next): (usize, &TokenId)| {
        let row = logits.row(position);
        let largest = f64::from(row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        let sum: f64 = row.iter().map(|&score| (f64::from(score) - largest).exp()).sum();
        largest + sum.ln() - f64::from(row[next as usize])
    };
    tokens[1..].iter().enumerate().map(nll).sum::<f64>() / (tokens.len() - 1) as f64
}
