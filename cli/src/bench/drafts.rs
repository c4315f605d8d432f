//! `deftly bench drafts`: recorded replies through the drafters, without a model.

use anyhow::{Result, ensure};
use deftly_engine::{DraftReplayOptions, DraftTally, DraftTrace, replay_drafts};

use super::read_lines;
use crate::args::DraftsArgs;
use crate::output;

pub fn drafts(args: &DraftsArgs) -> Result<()> {
    ensure!(
        args.row_cost.is_finite() && args.row_cost >= 0.0,
        "--row-cost {}: not a cost\nhint: 0.15 says that a row adds 15% of what a pass of one row costs",
        args.row_cost
    );
    let what = "{\"prompt\": [tokens], \"reply\": [tokens]}";
    let traces: Vec<DraftTrace> = read_lines(&args.traces, "--traces", what, None)?;
    let report = replay_drafts(&traces, &DraftReplayOptions { sources: args.draft, row_cost: args.row_cost });
    if args.json {
        return output::print(&serde_json::to_string(&report)?);
    }
    output::print(&format!(
        "{} replies, {} tokens in {} passes: {:.2} tokens a pass, {:.2} of the cost of a pass each",
        report.replies,
        report.tokens,
        report.passes,
        (report.tokens - report.replies) as f64 / report.passes.max(1) as f64,
        report.cost
    ))?;
    for (source, DraftTally { drafted, accepted }) in
        [("context", report.drafts.context), ("history", report.drafts.history)]
    {
        output::print(&format!("{source:8} {accepted} of {drafted} guesses right"))?;
    }
    output::print(&format!("drafters {:.1} microseconds a token", report.drafter_us))
}
