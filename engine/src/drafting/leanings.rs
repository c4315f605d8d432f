//! What is known of single tokens beside the evidence for them.
//!
//! The same evidence is more often right for some tokens than for others: the rest of a word that has begun is surer than
//! the word behind a full stop. So every token shifts the log-odds of a guess of it, and of a guess behind it, learned by
//! logistic regression, one step a guess. Tokens share their shifts by a hash.

use serde::{Deserialize, Serialize};

use crate::TokenId;

/// Shifts for each of the two roles of a token; a power of two.
const PLACES: usize = 2048;
/// The step of the regression; from a tenth to four tenths cost the same passes on recorded replies.
const RATE: f64 = 0.2;
/// Old steps fade.
const MEMORY: f64 = 0.9995;
/// Chances are kept this far from 0 and 1, where the odds have no logarithm.
const SUREST: f64 = 0.995;
/// No shift grows beyond this.
const LARGEST: f32 = 20.0;

/// Shifts of log-odds; empty until something was learned.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Leanings(Vec<f32>);

impl Leanings {
    /// Whether the numbers are some that could have been learned.
    pub(super) fn is_sound(&self) -> bool {
        [0, 2 * PLACES].contains(&self.0.len()) && self.0.iter().all(|shift| shift.abs() <= LARGEST)
    }

    /// A guess's chance, corrected by what is known of the token and of the one before it.
    pub(super) fn lean(&self, chance: f64, token: TokenId, after: TokenId) -> f64 {
        if self.0.is_empty() {
            return chance;
        }
        let chance = chance.clamp(1.0 - SUREST, SUREST);
        let shift: f64 = places(token, after).iter().map(|&place| f64::from(self.0[place])).sum();
        1.0 / (1.0 + (1.0 - chance) / chance * (-shift).exp())
    }

    /// `error`: 1 for a right guess or 0 for a wrong one, less the chance that it was given.
    pub(super) fn learn(&mut self, error: f64, token: TokenId, after: TokenId) {
        self.0.resize(2 * PLACES, 0.0);
        for place in places(token, after) {
            let shift = f64::from(self.0[place]) * MEMORY + RATE * error;
            self.0[place] = (shift as f32).clamp(-LARGEST, LARGEST);
        }
    }
}

fn places(token: TokenId, after: TokenId) -> [usize; 2] {
    // The upper bits of a product with 2^32 over the golden ratio (Knuth's multiplicative hash).
    let hash = |token: TokenId| (token.wrapping_mul(2_654_435_769) >> (32 - PLACES.ilog2())) as usize;
    [hash(token), PLACES + hash(after)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_from_outside_are_looked_at() {
        let check = |numbers: Vec<f32>, expected| assert_eq!(Leanings(numbers).is_sound(), expected);
        check(Vec::new(), true);
        check(vec![1.0; 2 * PLACES], true);
        check(vec![1.0; 5], false);
        check(vec![f32::NAN; 2 * PLACES], false);
        check(vec![f32::INFINITY; 2 * PLACES], false);
    }

    #[test]
    fn without_errors_nothing_leans() {
        let mut leanings = Leanings::default();
        leanings.learn(0.0, 1, 2);
        assert!((leanings.lean(0.3, 1, 2) - 0.3).abs() < 1e-9);
        assert!(leanings.lean(1.0, TokenId::MAX, 0) < 1.0);
    }
}
