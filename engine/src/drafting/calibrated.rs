//! What the model thought likely behind each token when it read the prompt.
//!
//! In-context distribution calibration of arXiv 2510.15312: the logits of the prompt's own positions tell what may follow a
//! token here. A guess is looked up behind the last token, then behind that guess, and so on, which walks the paper's tree
//! along its likeliest branch. The LM head for these positions is work that nobody asked for, so it must pay back what it
//! costs, or it is left out and tried again later.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{Logits, TokenId, sampler};

/// Positions at the end of a prompt that are worth their logits: there the screen stands.
const POSITIONS: usize = 64;
/// Requests that are calibrated before the account is looked at.
const TRIALS: u32 = 8;
/// After a loss, one in so many requests is calibrated to see whether it pays by now.
const PROBE_EVERY: u32 = 64;

#[derive(Debug, Clone, Copy)]
struct Prediction {
    before: Option<TokenId>,
    next: TokenId,
    probability: f32,
}

#[derive(Debug, Default)]
pub(super) struct Calibrated {
    /// By the token that stands at the position, the newest last.
    predictions: HashMap<TokenId, Vec<Prediction>>,
    ledger: Ledger,
}

/// Milliseconds that were spent, and those that were saved. Kept between runs: what does not pay is not tried anew by each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Ledger {
    requests: u32,
    balance: f64,
}

impl Ledger {
    pub(super) fn is_sound(self) -> bool {
        self.balance.is_finite()
    }
}

impl Calibrated {
    pub(super) fn new(ledger: Ledger) -> Self {
        Self { predictions: HashMap::new(), ledger }
    }

    pub(super) fn ledger(&self) -> Ledger {
        self.ledger
    }

    /// Positions of the next prompt whose logits are wanted.
    pub(super) fn wanted(&mut self) -> usize {
        self.predictions.clear();
        self.ledger.requests = self.ledger.requests.saturating_add(1);
        let pays = self.ledger.balance > 0.0 || self.ledger.requests <= TRIALS;
        if pays || self.ledger.requests.is_multiple_of(PROBE_EVERY) { POSITIONS } else { 0 }
    }

    /// Reads the logits of `positions`, the last of the prompt, each `[vocab]`; they took this long.
    pub(super) fn read(&mut self, before: Option<TokenId>, positions: &[TokenId], logits: &Logits, milliseconds: f64) {
        let mut before = before;
        for (row, &token) in positions.iter().enumerate() {
            if let Some((next, probability)) = likeliest(logits.row(row)) {
                self.predictions.entry(token).or_default().push(Prediction { before, next, probability });
            }
            before = Some(token);
        }
        self.forget_a_part();
        self.ledger.balance -= milliseconds;
    }

    /// Tokens of this source were accepted and saved this much.
    pub(super) fn saved(&mut self, milliseconds: f64) {
        self.ledger.balance += milliseconds;
    }

    /// The account of long ago weighs less.
    fn forget_a_part(&mut self) {
        self.ledger.balance *= 0.9;
    }

    /// (token, its probability, tokens that matched): where the last two tokens stood together, else where the last did.
    pub(super) fn after(&self, [before, last]: [Option<TokenId>; 2]) -> Option<(TokenId, f32, usize)> {
        let predictions = self.predictions.get(&last?)?;
        let same = predictions.iter().rev().find(|prediction| prediction.before == before);
        let matched = 1 + usize::from(same.is_some());
        let found = same.or(predictions.last())?;
        Some((found.next, found.probability, matched))
    }
}

/// The token with the highest score and its probability; `None` when the scores are not numbers.
fn likeliest(row: &[f32]) -> Option<(TokenId, f32)> {
    let best = sampler::likeliest(row)?;
    let highest = row[best as usize];
    let sum: f32 = row.iter().filter(|score| !score.is_nan()).map(|score| (score - highest).exp()).sum();
    Some((best, 1.0 / sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows that prefer these tokens.
    fn logits(preferred: &[TokenId]) -> Logits {
        let mut values = vec![0.0; preferred.len() * 10];
        preferred.iter().enumerate().for_each(|(row, &token)| values[row * 10 + token as usize] = 9.0);
        Logits::new(values, 10).unwrap()
    }

    #[test]
    fn a_guess_comes_from_where_the_last_tokens_stood() {
        let mut calibrated = Calibrated::default();
        calibrated.read(Some(1), &[2, 3, 4, 3], &logits(&[5, 6, 7, 8]), 1.0);
        let check = |last: [Option<TokenId>; 2], expected: Option<(TokenId, usize)>| {
            assert_eq!(calibrated.after(last).map(|(token, _, matched)| (token, matched)), expected, "{last:?}");
        };
        check([Some(1), Some(2)], Some((5, 2)));
        check([Some(2), Some(3)], Some((6, 2)));
        check([Some(9), Some(3)], Some((8, 1)));
        check([Some(3), Some(9)], None);
        check([None, None], None);
    }

    #[test]
    fn what_does_not_pay_is_left_out_and_tried_again() {
        let mut calibrated = Calibrated::default();
        let mut served = |saved: f64| {
            let made = (0..256).filter(|_| {
                let wanted = calibrated.wanted() > 0;
                if wanted {
                    calibrated.read(None, &[1], &logits(&[2]), 1.0);
                    calibrated.saved(saved);
                }
                wanted
            });
            made.count()
        };
        assert!((TRIALS as usize..20).contains(&served(0.0)));
        assert!(served(5.0) > 100);
    }

    #[test]
    fn another_run_does_not_try_again_what_did_not_pay() {
        let mut calibrated = Calibrated::default();
        while calibrated.wanted() > 0 {
            calibrated.read(None, &[1], &logits(&[2]), 1.0);
        }
        let kept = serde_json::to_string(&calibrated.ledger()).unwrap();
        let mut next_run = Calibrated::new(serde_json::from_str(&kept).unwrap());
        assert_eq!((0..40).map(|_| next_run.wanted()).sum::<usize>(), 0);
    }

    #[test]
    fn scores_that_are_not_numbers_guess_nothing() {
        assert_eq!(likeliest(&[f32::NAN, f32::NAN]), None);
        assert_eq!(likeliest(&[f32::NAN, 1.0]).map(|(token, _)| token), Some(1));
    }
}
