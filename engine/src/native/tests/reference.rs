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
    let Some((model, texts)) = files() else { return };
    let started = std::time::Instant::now();
    let (mut target, info) = load_target(Gguf::open(&model).unwrap(), &NativeOptions::default()).unwrap();
    eprintln!("{info:?} loaded in {:.0?}", started.elapsed());
    let (mut same_top, mut rows, mut same_greedy, mut greedy, mut worst) = (0, 0, 0, 0, 0f64);
    for text in &texts {
        target.truncate(0).unwrap();
        let logits = target.forward(&text.ids, text.ids.len()).unwrap();
        let losses = text.ids.iter().skip(1).enumerate().map(|(i, next)| negative_log_likelihood(logits.row(i), *next));
        let mean = losses.sum::<f64>() / (text.ids.len() - 1) as f64;
        eprint!("{:+.4} ", mean - text.mean_nll);
        worst = worst.max((mean - text.mean_nll).abs());
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
    eprintln!(
        "same best token {same_top} of {rows}; greedy {same_greedy} of {greedy}; worst mean NLL difference {worst:.4}"
    );
    assert!(worst <= 0.02, "mean NLL differs by {worst}");
    assert!(same_top as f64 >= 0.97 * rows as f64, "{same_top} of {rows} best tokens agree");
}

/// What this thread has computed for: on a shared machine it says more than the clock on the wall. Linux only.
fn cpu_milliseconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanoseconds| nanoseconds.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e6
}

/// Prints milliseconds, asserts nothing: run it with `--nocapture` in a release build.
#[test]
fn speed_of_the_reference_model() {
    let Some((model, _)) = files() else { return };
    for (threads, precision) in [(2, Precision::Narrow)] {
        let options = NativeOptions { threads: Some(threads), precision, ..NativeOptions::default() };
        let (mut target, _) = load_target(Gguf::open(&model).unwrap(), &options).unwrap();
        let base: Vec<u32> = (0..256).map(|i| 100 + i).collect();
        target.forward(&base, 0).unwrap();
        for rows in [1, 4, 8, 64, 512] {
            let tokens: Vec<u32> = (0..rows).map(|i| 200 + i).collect();
            let (mut wall, mut cpu) = (f64::INFINITY, f64::INFINITY);
            for _ in 0..if rows < 64 { 20 } else { 6 } {
                target.truncate(base.len()).unwrap();
                let (started, before) = (std::time::Instant::now(), cpu_milliseconds());
                target.forward(&tokens, 1).unwrap();
                wall = wall.min(started.elapsed().as_secs_f64() * 1e3);
                cpu = cpu.min(cpu_milliseconds() - before);
            }
            eprintln!("{threads} threads, {precision:?}, {rows:3} rows: best {wall:.2} ms, of them computing {cpu:.2}");
        }
    }
}
