//! Drafts: guesses of the tokens to come, which one pass over several rows verifies together.
//!
//! A draft never changes the reply: every row is drawn from as if it had been computed alone, and the first draw that
//! differs from the draft ends it. What drafting decides is only how many passes a reply takes.
//!
//! 1. [`find`] looks for the longest run of tokens that ends the text and stood before: in the text itself
//!    ([`Source::Context`]: prompt lookup, Saxena 2023) or in earlier replies ([`Source::History`]), and proposes what
//!    followed it there.
//! 2. The [`Arbiter`] cuts the draft where the next token stops paying: the length that gives most expected tokens per
//!    millisecond, `(1 + sum of P(first i accepted)) / T(1 + k)`, with acceptance learned per source and match length
//!    and T(n) from the passes themselves.

use crate::TokenId;

/// The longest draft.
pub(crate) const LONGEST: usize = 15;
/// The longest match that is told from a longer one.
const LONGEST_MATCH: usize = 16;
/// A single token that stood before says little.
const SHORTEST_MATCH: usize = 2;
/// Tokens of earlier replies that are kept, the oldest forgotten first.
const HISTORY: usize = 16 << 10;
/// Tokens of a prompt's end that are kept with its reply, so that a match can begin before the reply does.
const LEAD: usize = 4;

/// Where a draft comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Context,
    History,
}

/// A guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) source: Source,
    /// Tokens that matched before it.
    pub(crate) matched: usize,
    pub(crate) tokens: Vec<TokenId>,
}

/// What a session remembers from reply to reply.
#[derive(Debug, Default)]
pub(crate) struct Drafting {
    history: Vec<TokenId>,
    arbiter: Arbiter,
}

impl Drafting {
    /// A draft behind `text`, the prompt and the reply so far; of `most` tokens, or of none if it would not pay.
    pub(crate) fn propose(&mut self, text: &[TokenId], most: usize) -> Option<Draft> {
        let most = most.min(LONGEST);
        let context = find(text, &text[..text.len().saturating_sub(1)], most);
        let history = find(text, &self.history, most);
        // What the screen says is newer than what was said of another.
        let (source, (matched, tokens)) = match (context, history) {
            (Some(context), Some(history)) if history.0 > context.0 => (Source::History, history),
            (Some(context), _) => (Source::Context, context),
            (None, Some(history)) => (Source::History, history),
            (None, None) => return None,
        };
        let length = self.arbiter.length(source, matched, tokens.len());
        (length > 0).then(|| Draft { source, matched, tokens: tokens[..length].to_vec() })
    }

    /// Learns how many tokens of a draft were right.
    pub(crate) fn verified(&mut self, draft: &Draft, accepted: usize) {
        self.arbiter.acceptance(draft.source, draft.matched).learn(draft.tokens.len(), accepted);
    }

    /// Learns what a pass over `rows` rows cost.
    pub(crate) fn passed(&mut self, rows: usize, milliseconds: f64) {
        self.arbiter.cost.learn(rows, milliseconds);
    }

    /// Remembers a reply and the end of its prompt.
    pub(crate) fn remember(&mut self, prompt: &[TokenId], reply: &[TokenId]) {
        self.history.extend(&prompt[prompt.len().saturating_sub(LEAD)..]);
        self.history.extend(reply);
        if self.history.len() > 2 * HISTORY {
            self.history.drain(..self.history.len() - HISTORY);
        }
    }
}

/// What followed in `past` where its tokens match the end of `text` longest, and latest: (length of the match, up to
/// `most` tokens). One comparison a position as a rule, so thousands of tokens take microseconds: no index is kept.
fn find<'a>(text: &[TokenId], past: &'a [TokenId], most: usize) -> Option<(usize, &'a [TokenId])> {
    let mut best: Option<(usize, usize)> = None;
    for end in (1..past.len()).rev() {
        let pairs = text.iter().rev().zip(past[..end].iter().rev()).take(LONGEST_MATCH);
        let matched = pairs.take_while(|(a, b)| a == b).count();
        if matched >= SHORTEST_MATCH && best.is_none_or(|(longest, _)| matched > longest) {
            best = Some((matched, end));
            if matched == LONGEST_MATCH {
                break;
            }
        }
    }
    let (matched, end) = best?;
    let tokens = &past[end..past.len().min(end + most)];
    (!tokens.is_empty()).then_some((matched, tokens))
}

/// Decides how long a draft may be.
#[derive(Debug, Default)]
struct Arbiter {
    /// By source and by [`Self::bucket`] of the match.
    acceptance: [[Acceptance; Self::BUCKETS]; 2],
    cost: PassCost,
}

impl Arbiter {
    const BUCKETS: usize = 4;

    fn bucket(matched: usize) -> usize {
        match matched {
            0..=2 => 0,
            3..=4 => 1,
            5..=8 => 2,
            _ => 3,
        }
    }

    fn acceptance(&mut self, source: Source, matched: usize) -> &mut Acceptance {
        &mut self.acceptance[source as usize][Self::bucket(matched)]
    }

    /// How many of `available` tokens give most expected tokens per millisecond.
    fn length(&mut self, source: Source, matched: usize, available: usize) -> usize {
        let chance = self.acceptance(source, matched).chance();
        let (mut best, mut length) = (1.0 / self.cost.of(1), 0);
        let (mut expected, mut all_right) = (1.0, 1.0);
        for count in 1..=available {
            all_right *= chance;
            expected += all_right;
            let rate = expected / self.cost.of(1 + count);
            if rate > best {
                (best, length) = (rate, count);
            }
        }
        if length == 0 && self.acceptance(source, matched).is_time_to_probe() { available.min(1) } else { length }
    }
}

/// How often the tokens of a source were right, the last few dozen counting most.
#[derive(Debug, Clone, Copy)]
struct Acceptance {
    right: f64,
    tried: f64,
    /// Drafts that were not made because they would not have paid.
    skipped: u32,
}

impl Default for Acceptance {
    /// Worth trying at first.
    fn default() -> Self {
        Self { right: 2.0, tried: 3.0, skipped: 0 }
    }
}

impl Acceptance {
    const MEMORY: f64 = 0.97;
    const PROBE_EVERY: u32 = 32;

    fn chance(&self) -> f64 {
        self.right / self.tried
    }

    /// Tokens behind the first wrong one were not tried.
    fn learn(&mut self, drafted: usize, accepted: usize) {
        for right in 0..drafted.min(accepted + 1) {
            self.right = self.right * Self::MEMORY + f64::from(u8::from(right < accepted));
            self.tried = self.tried * Self::MEMORY + 1.0;
        }
    }

    /// A source that lost is tried again now and then: the text may have become another.
    fn is_time_to_probe(&mut self) -> bool {
        self.skipped += 1;
        self.skipped.is_multiple_of(Self::PROBE_EVERY)
    }
}

/// T(n): milliseconds of a pass over n rows, from the passes that were made.
#[derive(Debug, Default)]
struct PassCost {
    /// By rows; 0 where none was made yet.
    measured: [f64; LONGEST + 2],
}

impl PassCost {
    /// Of a pass's rows beyond the first, the part of the first one's cost that each adds before any was measured.
    const ASSUMED_SLOPE: f64 = 0.3;
    const WEIGHT: f64 = 0.1;

    fn learn(&mut self, rows: usize, milliseconds: f64) {
        let Some(mean) = self.measured.get_mut(rows) else { return };
        // A pass that another program interrupted says nothing about this one.
        let bounded = if *mean > 0.0 { milliseconds.min(3.0 * *mean) } else { milliseconds };
        *mean = if *mean > 0.0 { *mean + Self::WEIGHT * (bounded - *mean) } else { bounded };
    }

    /// Between two sizes that were measured, the line between them; beyond the last, the line on.
    fn of(&self, rows: usize) -> f64 {
        let known = |rows: &usize| self.measured[*rows] > 0.0;
        let (below, above) = ((1..=rows).rev().find(known), (rows..self.measured.len()).find(known));
        match (below, above) {
            (Some(below), Some(above)) if below < above => {
                let part = (rows - below) as f64 / (above - below) as f64;
                self.measured[below] + part * (self.measured[above] - self.measured[below])
            }
            (Some(exact), Some(_)) => self.measured[exact],
            (Some(below), None) => self.measured[below] * Self::assumed(rows) / Self::assumed(below),
            (None, Some(above)) => self.measured[above] * Self::assumed(rows) / Self::assumed(above),
            (None, None) => Self::assumed(rows),
        }
    }

    fn assumed(rows: usize) -> f64 {
        1.0 + Self::ASSUMED_SLOPE * (rows - 1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_and_latest_match_is_continued() {
        let check = |text: &[TokenId], past: &[TokenId], most, expected: Option<(usize, &[TokenId])>| {
            assert_eq!(find(text, past, most), expected, "{text:?} in {past:?}");
        };
        check(&[1, 2, 3], &[9, 1, 2, 3, 4, 5], 9, Some((3, &[4, 5])));
        check(&[1, 2, 3], &[2, 3, 7, 9, 2, 3, 8], 1, Some((2, &[8])));
        check(&[1, 2, 3], &[1, 2, 3, 7, 2, 3, 8], 1, Some((3, &[7])));
        check(&[1, 2, 3], &[3, 4, 5], 9, None);
        check(&[1, 2, 3], &[2, 3], 9, None);
        check(&[], &[1, 2], 9, None);
        check(&[1, 2], &[], 9, None);
    }

    #[test]
    fn drafts_are_as_long_as_they_pay() {
        let length = |chance: f64, slope: f64| {
            let acceptance = [[Acceptance { right: chance * 1e3, tried: 1e3, skipped: 0 }; Arbiter::BUCKETS]; 2];
            let mut arbiter = Arbiter { acceptance, cost: PassCost::default() };
            for rows in 1..=LONGEST + 1 {
                arbiter.cost.learn(rows, 1.0 + slope * (rows - 1) as f64);
            }
            arbiter.length(Source::Context, 4, LONGEST)
        };
        assert_eq!(length(1.0, 0.1), LONGEST);
        assert_eq!(length(0.99, 1.0), 0, "rows that cost as much as passes");
        assert_eq!(length(0.05, 0.1), 0);
        assert!((2..8).contains(&length(0.8, 0.2)), "{}", length(0.8, 0.2));
    }

    #[test]
    fn what_is_always_wrong_is_given_up_and_probed() {
        let mut drafting = Drafting::default();
        for rows in 1..=LONGEST + 1 {
            drafting.passed(rows, 1.0 + 0.2 * (rows - 1) as f64);
        }
        let text = [1, 2, 3, 4, 1, 2];
        let mut made = 0;
        for _ in 0..400 {
            if let Some(draft) = drafting.propose(&text, 8) {
                made += 1;
                drafting.verified(&draft, 0);
            }
        }
        assert!((4..40).contains(&made), "{made}");
    }
}
