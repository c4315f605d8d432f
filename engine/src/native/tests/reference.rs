//! Agreement with another implementation on a real model, whose files are not in the repository.
//!
//! `DEFTLY_REFERENCE_MODEL` is a GGUF file and `DEFTLY_REFERENCE_JSON` a list of `{ids, mean_nll, rows: [{pos, top}],
//! greedy}` that another implementation computed with it.

use std::path::PathBuf;

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Text {
    ids: Vec<u32>,
    mean_nll: f64,
    rows: Vec<Row>,
    greedy: Vec<u32>,
}

#[derive(Deserialize)]
struct Row {
    pos: usize,
    /// (token, logit), best first.
    top: Vec<(u32, f64)>,
}

fn files() -> Option<(PathBuf, Vec<Text>)> {
    let (Some(model), Some(json)) =
        (std::env::var_os("DEFTLY_REFERENCE_MODEL"), std::env::var_os("DEFTLY_REFERENCE_JSON"))
    else {
        eprintln!(
            "skipped: set DEFTLY_REFERENCE_MODEL and DEFTLY_REFERENCE_JSON to compare with another implementation"
        );
        return None;
    };
    let json = std::fs::read_to_string(json).unwrap();
    Some((model.into(), serde_json::from_str(&json).unwrap()))
}

fn best(row: &[f32]) -> u32 {
    row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0 as u32
}

fn negative_log_likelihood(row: &[f32], token: u32) -> f64 {
    let maximum = f64::from(row[best(row) as usize]);
    let sum: f64 = row.iter().map(|logit| (f64::from(*logit) - maximum).exp()).sum();
    maximum + sum.ln() - f64::from(row[token as usize])
}

#[test]
fn agrees_with_the_reference() {
    // Each text alone with fine activations; with coarse ones, which are as coarse as llama.cpp's, their mean.
    check_agreement(Precision::Wide, 0.02, 0.02);
    check_agreement(Precision::Narrow, f64::INFINITY, 0.02);
}

/// `tolerance`: of one text's mean negative log likelihood, and of the mean over all texts.
fn check_agreement(precision: Precision, text_tolerance: f64, tolerance: f64) {
    let Some((model, texts)) = files() else { return };
    let options = NativeOptions { precision, ..NativeOptions::default() };
    let started = std::time::Instant::now();
    let (mut target, _) = load_target(Gguf::open(&model).unwrap(), &options).unwrap();
    eprintln!("{precision:?}: loaded in {:.0?}", started.elapsed());
    let (mut same_top, mut rows, mut same_greedy, mut greedy) = (0, 0, 0, 0);
    let mut differences = Vec::new();
    for text in &texts {
        target.truncate(0).unwrap();
        let logits = target.forward(&text.ids, text.ids.len()).unwrap();
        let losses = text.ids.iter().skip(1).enumerate().map(|(i, next)| negative_log_likelihood(logits.row(i), *next));
        differences.push(losses.sum::<f64>() / (text.ids.len() - 1) as f64 - text.mean_nll);
        for row in &text.rows {
            rows += 1;
            same_top += usize::from(best(logits.row(row.pos)) == row.top[0].0);
        }
        let mut next = best(logits.last().unwrap());
        for expected in &text.greedy {
            greedy += 1;
            if next != *expected {
                break;
            }
            same_greedy += 1;
            next = best(target.forward(&[next], 1).unwrap().row(0));
        }
    }
    let worst = differences.iter().map(|difference| difference.abs()).fold(0.0, f64::max);
    let mean = differences.iter().sum::<f64>() / differences.len() as f64;
    eprintln!(
        "same best token {same_top} of {rows}; greedy {same_greedy} of {greedy}; mean NLL {mean:+.4}, worst {worst:.4}"
    );
    assert!(worst <= text_tolerance, "the mean NLL of a text differs by {worst}");
    assert!(mean.abs() <= tolerance, "mean NLL differs by {mean}");
    assert!(same_top as f64 >= 0.97 * rows as f64, "{same_top} of {rows} best tokens agree");
}
