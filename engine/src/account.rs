//! What one generate cost.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::DraftSource;
use crate::drafting::Guess;

/// Tokens, passes and milliseconds of one generate, or the sum of several.
///
/// Always true: `prompt_tokens == reused + prefilled`, unless the generate was cancelled in its prefill, or its constraint
/// left nothing to the model.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub prompt_tokens: usize,
    /// Prompt tokens whose keys and values were still in the KV cache.
    pub reused: usize,
    /// Prompt tokens that had to be computed.
    pub prefilled: usize,
    /// Tokens that were emitted, the end token included.
    pub decoded: usize,
    /// Passes through the model after the prefill. The first token needs none: the prefill's last row gives it.
    pub passes: usize,
    /// Tokens that were emitted without logits, because the constraint left no choice.
    #[serde(default)]
    pub forced: usize,
    /// Tokens that were guessed and verified in a pass with others, by where the guess came from.
    #[serde(default)]
    pub drafts: DraftTallies,
    /// The part of `reused` that was computed ahead, while the phone was still busy.
    #[serde(default)]
    pub prefetched: usize,
    pub prefill_ms: f64,
    /// From the end of the prefill to the end of the reply, everything included.
    pub decode_ms: f64,
    /// The part of both that was spent on masks and on what the constraint forces.
    pub constraint_ms: f64,
    /// The part of `prefill_ms` that went into logits for calibrated drafts.
    #[serde(default)]
    pub calibration_ms: f64,
    /// What the processor used meanwhile, other programs included. Absent where the machine cannot tell, never 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joules: Option<f64>,
}

/// Tokens of drafts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftTally {
    /// Guessed.
    pub drafted: usize,
    /// Guessed right.
    pub accepted: usize,
}

impl AddAssign for DraftTally {
    fn add_assign(&mut self, other: Self) {
        self.drafted += other.drafted;
        self.accepted += other.accepted;
    }
}

/// Tokens of drafts by their source. Tokens that had no alternative are no guesses: [`Account::forced`] counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftTallies {
    pub context: DraftTally,
    pub history: DraftTally,
    pub calibrated: DraftTally,
    pub reuse: DraftTally,
    /// Text that the constraint forced, in the tokens that the model would probably take for it.
    pub forced: DraftTally,
}

impl DraftTallies {
    pub fn total(&self) -> DraftTally {
        let Self { context, history, calibrated, reuse, forced } = *self;
        let mut total = DraftTally::default();
        [context, history, calibrated, reuse, forced].into_iter().for_each(|tally| total += tally);
        total
    }

    /// Counts a draft of which the first `accepted` tokens were right.
    pub(crate) fn count(&mut self, draft: &[Guess], accepted: usize) {
        for (index, guess) in draft.iter().enumerate() {
            let tally = DraftTally { drafted: 1, accepted: usize::from(index < accepted) };
            match guess.source() {
                DraftSource::Context => self.context += tally,
                DraftSource::History => self.history += tally,
                DraftSource::Calibrated => self.calibrated += tally,
                DraftSource::Reuse => self.reuse += tally,
                DraftSource::Forced => self.forced += tally,
            }
        }
    }
}

impl AddAssign for DraftTallies {
    fn add_assign(&mut self, other: Self) {
        self.context += other.context;
        self.history += other.history;
        self.calibrated += other.calibrated;
        self.reuse += other.reuse;
        self.forced += other.forced;
    }
}

impl AddAssign<&Account> for Account {
    fn add_assign(&mut self, other: &Account) {
        let first = *self == Self::default();
        self.prompt_tokens += other.prompt_tokens;
        self.reused += other.reused;
        self.prefilled += other.prefilled;
        self.decoded += other.decoded;
        self.passes += other.passes;
        self.forced += other.forced;
        self.drafts += other.drafts;
        self.prefetched += other.prefetched;
        self.prefill_ms += other.prefill_ms;
        self.decode_ms += other.decode_ms;
        self.constraint_ms += other.constraint_ms;
        self.calibration_ms += other.calibration_ms;
        // A sum over generates of which one could not be measured would look like a small number, so it is absent.
        self.joules = match (self.joules, other.joules) {
            (Some(sum), Some(joules)) => Some(sum + joules),
            (None, joules) if first => joules,
            (None, _) | (Some(_), None) => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_energy_only_when_every_part_has_it() {
        let with = |joules| Account { decoded: 1, joules, ..Account::default() };
        let sum = |parts: &[Option<f64>]| {
            let mut total = Account::default();
            parts.iter().for_each(|&joules| total += &with(joules));
            (total.decoded, total.joules)
        };
        assert_eq!(sum(&[Some(1.0), Some(2.0)]), (2, Some(3.0)));
        assert_eq!(sum(&[Some(1.0), None, Some(1.0)]), (3, None));
        assert_eq!(sum(&[None]), (1, None));
    }
}
