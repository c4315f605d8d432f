//! `deftly bench sessions`: recorded requests, served in order.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use deftly_engine::{
    Account, Constraint, DraftSources, DraftTallies, DraftTally, DraftTrace, GenerateRequest, Generation, ModelInfo,
    PassTime, Sampling, Session,
};
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::read_lines;
use crate::args::{ModelArgs, SessionsArgs};
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
    /// T(n).
    pass_times: Vec<PassTime>,
    prefill: Prefill,
    decode: Decode,
    /// The same requests without drafts, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    plain: Option<Plain>,
    texts: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Prefill {
    tokens: usize,
    reused: usize,
    /// The part of `reused` that was computed before the request was due.
    prefetched: usize,
    ms: f64,
    /// The part of `ms` that calibrated drafts cost.
    calibration_ms: f64,
}

#[derive(Debug, Serialize)]
struct Decode {
    tokens: usize,
    passes: usize,
    /// Emitted without logits, because the schema left no choice.
    forced: usize,
    drafts: DraftTallies,
    ms: f64,
    /// What the schema cost, the part before the first pass included.
    constraint_ms: f64,
}

#[derive(Debug, Serialize)]
struct Plain {
    ms_per_request: f64,
    decode_ms: f64,
    /// Requests whose text was the same with drafts.
    identical: usize,
}

/// Serves the requests; returns whether all were served (Ctrl-C stops between tokens, with a report of what was).
pub fn sessions(args: &SessionsArgs, cancel: &CancellationToken) -> Result<bool> {
    let what = "{\"session\", \"step\", \"prompt\", \"n_predict\"}";
    let requests: Vec<Recorded> = read_lines(&args.sessions, "--sessions", what, args.limit)?;
    let schema = args.schema.as_deref().map(|path| read_schema(path).map(|schema| (path, schema))).transpose()?;
    let mut served = Served::new(&args.model, cancel)?;
    let mut plain = match args.verify_identical {
        true => Some(Served::new(&ModelArgs { draft: DraftSources::NONE, ..args.model.clone() }, cancel)?),
        false => None,
    };
    let mut record = args.record.as_deref().map(Record::create).transpose()?;

    let bar = if args.json { ProgressBar::hidden() } else { ProgressBar::new(requests.len() as u64) };
    for recorded in &requests {
        let session = &served.session;
        let constraint = schema.as_ref().map(|(path, schema)| {
            Constraint::json_schema(session.tokenizer(), schema).with_context(|| path.display().to_string())
        });
        let request = GenerateRequest {
            prompt: session.tokenizer().encode_with_special(&recorded.prompt)?,
            max_tokens: recorded.n_predict,
            sampling: Sampling { temperature: args.temperature, ..Sampling::default() },
            constraint: constraint.transpose()?,
            stop: vec!["<|im_end|>".into()],
        };
        let known = args.known_until.as_deref().and_then(|text| known_part(&recorded.prompt, text));
        let known = known.map(|known| session.tokenizer().encode_with_special(known)).transpose()?;
        for served in [Some(&mut served), plain.as_mut()].into_iter().flatten() {
            served.serve(&request, known.as_deref(), cancel)?;
        }
        if cancel.is_cancelled() {
            break;
        }
        if let Some(record) = &mut record {
            record.write(&request, served.generations.last())?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let complete = served.generations.len() == requests.len();
    print_report(&report(served, plain), args.json)?;
    Ok(complete)
}

/// A session and what it gave.
struct Served {
    session: Session,
    generations: Vec<Generation>,
    account: Account,
    ms: f64,
}

impl Served {
    fn new(args: &ModelArgs, cancel: &CancellationToken) -> Result<Self> {
        let mut session = model::session(args)?;
        session.measure_passes(cancel)?;
        Ok(Self { session, generations: Vec::new(), account: Account::default(), ms: 0.0 })
    }

    fn serve(&mut self, request: &GenerateRequest, known: Option<&[u32]>, cancel: &CancellationToken) -> Result<()> {
        if let Some(known) = known.filter(|known| !known.is_empty()) {
            self.session.prefetch(known, cancel)?;
        }
        let started = Instant::now();
        let generation = self.session.generate(request, cancel, &mut |_| {})?;
        if !cancel.is_cancelled() {
            self.ms += started.elapsed().as_secs_f64() * 1e3;
            self.account += &generation.account;
            self.generations.push(generation);
        }
        Ok(())
    }

    fn ms_per_request(&self) -> f64 {
        self.ms / self.generations.len().max(1) as f64
    }
}

/// What stands before the last line that begins with `text`.
fn known_part<'a>(prompt: &'a str, text: &str) -> Option<&'a str> {
    let starts = prompt.match_indices(text).map(|(at, _)| at);
    let start = starts.filter(|&at| at == 0 || prompt[..at].ends_with('\n')).last()?;
    Some(&prompt[..start])
}

/// Prompts and replies in tokens, a line each.
struct Record<'a> {
    path: &'a Path,
    file: BufWriter<File>,
}

impl<'a> Record<'a> {
    fn create(path: &'a Path) -> Result<Self> {
        let file = File::create(path).with_context(|| {
            format!("{}: cannot be written\nhint: --record takes a file in a folder that exists", path.display())
        })?;
        Ok(Self { path, file: BufWriter::new(file) })
    }

    fn write(&mut self, request: &GenerateRequest, generation: Option<&Generation>) -> Result<()> {
        let Some(generation) = generation else { return Ok(()) };
        let trace = DraftTrace { prompt: request.prompt.clone(), reply: generation.tokens.clone() };
        let line = serde_json::to_string(&trace)?;
        let written = writeln!(self.file, "{line}").and_then(|()| self.file.flush());
        written.with_context(|| format!("{}: cannot be written\nhint: check the disk", self.path.display()))
    }
}

fn report(served: Served, plain: Option<Served>) -> Report {
    let plain = plain.map(|plain| Plain {
        ms_per_request: plain.ms_per_request(),
        decode_ms: plain.account.decode_ms,
        identical: served
            .generations
            .iter()
            .zip(&plain.generations)
            .filter(|(with, without)| (&with.text, &with.tokens) == (&without.text, &without.tokens))
            .count(),
    });
    let account = &served.account;
    Report {
        model: served.session.info().clone(),
        requests: served.generations.len(),
        ms_per_request: served.ms_per_request(),
        pass_times: served.session.pass_times(),
        prefill: Prefill {
            tokens: account.prefilled,
            reused: account.reused,
            prefetched: account.prefetched,
            ms: account.prefill_ms,
            calibration_ms: account.calibration_ms,
        },
        decode: Decode {
            tokens: account.decoded,
            passes: account.passes,
            forced: account.forced,
            drafts: account.drafts,
            ms: account.decode_ms,
            constraint_ms: account.constraint_ms,
        },
        plain,
        texts: served.generations.into_iter().map(|generation| generation.text).collect(),
    }
}

fn print_report(report: &Report, json: bool) -> Result<()> {
    if json {
        return output::print(&serde_json::to_string(report)?);
    }
    let each = |ms: f64, count: usize| ms / count.max(1) as f64;
    let Report { model, requests, ms_per_request, pass_times, prefill, decode, .. } = report;
    output::print(&format!("{} ({}): {requests} requests, {ms_per_request:.1} ms each", model.name, model.backend))?;
    let times = pass_times.iter().map(|time| format!("{} {:.2} ({})", time.rows, time.ms, time.threads));
    output::print(&format!("passes  rows, ms, (threads): {}", times.collect::<Vec<_>>().join(", ")))?;
    output::print(&format!(
        "prefill {} tokens ({} reused, {} of them computed ahead) in {:.0} ms, {:.3} ms a token",
        prefill.tokens,
        prefill.reused,
        prefill.prefetched,
        prefill.ms,
        each(prefill.ms, prefill.tokens)
    ))?;
    let total = decode.drafts.total();
    output::print(&format!(
        "decode  {} tokens, {} passes ({} tokens forced, {} of {} guesses right) in {:.0} ms, {:.2} ms a token",
        decode.tokens,
        decode.passes,
        decode.forced,
        total.accepted,
        total.drafted,
        decode.ms,
        each(decode.ms, decode.tokens)
    ))?;
    let DraftTallies { context, history, calibrated, reuse, forced } = decode.drafts;
    let sources =
        [("context", context), ("history", history), ("calibrated", calibrated), ("reuse", reuse), ("forced", forced)];
    for (source, DraftTally { drafted, accepted }) in sources {
        if drafted > 0 {
            output::print(&format!("        {source}: {accepted} of {drafted} guesses right"))?;
        }
    }
    let Some(plain) = &report.plain else { return Ok(()) };
    output::print(&format!(
        "plain   {:.1} ms each, {:.2} ms a decoded token; {} of {requests} texts identical",
        plain.ms_per_request,
        each(plain.decode_ms, decode.tokens),
        plain.identical
    ))
}

fn read_schema(path: &Path) -> Result<serde_json::Value> {
    let text = std::fs::read_to_string(path).with_context(|| {
        format!("{}: cannot read the schema\nhint: --schema takes a file with a JSON Schema", path.display())
    })?;
    serde_json::from_str(&text)
        .with_context(|| format!("{}: not JSON\nhint: --schema takes a file with a JSON Schema", path.display()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_known_ends_where_the_last_screen_begins() {
        let check = |prompt: &str, expected: Option<&str>| assert_eq!(super::known_part(prompt, "Screen"), expected);
        check("goal\nScreen of a\n1 x\nScreen of b\n2 y", Some("goal\nScreen of a\n1 x\n"));
        check("goal: the Screen\n", None);
        check("Screen of a", Some(""));
    }
}
