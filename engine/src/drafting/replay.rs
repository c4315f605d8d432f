//! Drafts for recorded replies, without a model: how drafters are tuned in seconds.

use serde::{Deserialize, Serialize};

use super::{DraftSources, Drafting, PassTime};
use crate::{DraftTallies, TokenId};

/// A reply that a model gave, in tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DraftTrace {
    pub prompt: Vec<TokenId>,
    pub reply: Vec<TokenId>,
}

/// How recorded replies are replayed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DraftReplayOptions {
    pub sources: DraftSources,
    /// What a row beyond the first adds to a pass, as a part of what a pass of one row costs.
    pub row_cost: f64,
}

/// What drafting would have made of the replies.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DraftReplay {
    pub replies: usize,
    pub tokens: usize,
    /// Passes, the prefill's last row not counted, as in [`crate::Account::passes`].
    pub passes: usize,
    /// The cost of the passes relative to one for every token.
    pub cost: f64,
    /// Microseconds that the drafters took for a token.
    pub drafter_us: f64,
    pub drafts: DraftTallies,
}

/// Replays the traces in their order. Only context and history can be replayed: the others need the model's logits.
pub fn replay_drafts<'a>(
    traces: impl IntoIterator<Item = &'a DraftTrace>,
    options: &DraftReplayOptions,
) -> DraftReplay {
    let mut drafting = Drafting::new(options.sources);
    let cost = |rows: usize| 1.0 + options.row_cost * (rows - 1) as f64;
    drafting.tried(1, &[1, super::LONGEST + 1].map(|rows| PassTime { rows, threads: 1, ms: cost(rows) }));
    let mut report = DraftReplay::default();
    let mut spent = 0.0;
    let started = std::time::Instant::now();
    for trace in traces.into_iter().filter(|trace| !trace.prompt.is_empty() && !trace.reply.is_empty()) {
        drafting.begin(&trace.prompt);
        drafting.grow(trace.reply[0], false);
        let mut at = 1;
        while at < trace.reply.len() {
            let left = &trace.reply[at..];
            let mut draft = Vec::new();
            drafting.extend(&mut draft, left.len() - 1);
            drafting.cut(&mut draft, 1);
            let accepted = draft.iter().zip(left).take_while(|(guess, token)| guess.token == **token).count();
            report.drafts.count(&draft, accepted);
            left[..accepted + 1].iter().for_each(|&token| drafting.grow(token, false));
            at += accepted + 1;
            report.passes += 1;
            spent += cost(1 + draft.len());
        }
        drafting.remember(&trace.prompt, &trace.reply);
        report.replies += 1;
        report.tokens += trace.reply.len();
    }
    let plain = report.tokens - report.replies;
    report.cost = spent / plain.max(1) as f64;
    report.drafter_us = started.elapsed().as_secs_f64() * 1e6 / report.tokens.max(1) as f64;
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_that_repeat_take_fewer_passes() {
        let trace = DraftTrace { prompt: vec![1, 2, 3], reply: vec![4, 5, 6, 7, 8, 9] };
        let traces = vec![trace; 20];
        let replay = |sources: &str| {
            replay_drafts(&traces, &DraftReplayOptions { sources: sources.parse().unwrap(), row_cost: 0.2 })
        };
        let (none, history) = (replay("none"), replay("history"));
        assert_eq!((none.passes, none.tokens, none.cost), (100, 120, 1.0));
        assert!(history.passes < 50 && history.cost < 0.7, "{history:?}");
        assert_eq!(history.drafts.context.drafted, 0);
    }
}
