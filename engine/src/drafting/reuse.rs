//! Draft extension (arXiv 2510.15312): the part of a rejected draft on which the model agreed further on is tried again
//! behind the correction.
//!
//! The rows behind the first wrong token were computed in any case. Where the model, given the wrong token, would have gone
//! on as the draft does, the draft was probably only off by a token: one too many, one too few, or another word for one.

use crate::TokenId;

/// What is left of a draft.
#[derive(Debug, Clone, Default)]
pub(super) struct Reuse {
    tokens: Vec<TokenId>,
    /// Tokens of it that were emitted already.
    at: usize,
    /// Tokens that came and were not the expected ones.
    misses: usize,
}

/// Tokens that may differ before what is left is given up.
const MISSES: usize = 2;

impl Reuse {
    /// After `draft`, of which the first `accepted` were right and the next was to be `correction`. `choices[i]` is what
    /// the model would have said behind the draft up to and including its token `accepted + i`.
    pub(super) fn keep(draft: &[TokenId], accepted: usize, correction: TokenId, choices: &[TokenId]) -> Self {
        // Tokens behind the wrong one, and what the model would have said behind the last of them.
        let behind = draft.iter().skip(accepted + 1).take(choices.len().saturating_sub(1));
        let expected: Vec<TokenId> = behind.chain(choices.last()).copied().collect();
        let agrees = |index: usize| choices.get(index) == expected.get(index) && index < expected.len();
        let mut run = 0..0;
        let mut start = 0;
        while start < expected.len() {
            let end = (start..expected.len()).find(|&index| !agrees(index)).unwrap_or(expected.len());
            if end - start > run.len() {
                run = start..end;
            }
            start = end + 1;
        }
        let mut tokens = expected[run].to_vec();
        // One too many was drafted: the correction is already the first of what is left.
        if tokens.first() == Some(&correction) {
            tokens.remove(0);
        }
        Self { tokens, at: 0, misses: 0 }
    }

    /// The reply went on with `token`.
    pub(super) fn follow(&mut self, token: TokenId) {
        let rest = &self.tokens[self.at..];
        // One token may have been put in or left out.
        match rest.iter().take(2).position(|&expected| expected == token) {
            Some(skipped) => self.at += skipped + 1,
            None => self.misses += 1,
        }
        if self.misses >= MISSES {
            *self = Self::default();
        }
    }

    /// The next token of what is left, and how many there are.
    pub(super) fn next(&self) -> Option<(TokenId, usize)> {
        let rest = &self.tokens[self.at..];
        rest.first().map(|&token| (token, rest.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_model_agreed_on_is_tried_again() {
        let check =
            |draft: &[TokenId], accepted: usize, correction: TokenId, choices: &[TokenId], expected: &[TokenId]| {
                let reuse = Reuse::keep(draft, accepted, correction, choices);
                assert_eq!(reuse.tokens, expected, "{draft:?} {accepted} {correction} {choices:?}");
            };
        // Another word for one: what follows it stays, and the model said how it goes on.
        check(&[1, 2, 3, 4], 1, 9, &[3, 4, 5], &[3, 4, 5]);
        // One too many: the correction is the next of the draft.
        check(&[1, 2, 3, 4], 1, 3, &[3, 4, 5], &[4, 5]);
        // The longest run counts.
        check(&[1, 2, 3, 4, 5], 0, 9, &[2, 8, 4, 5, 6], &[4, 5, 6]);
        // Nothing agreed but the token behind the draft.
        check(&[1, 2], 0, 9, &[7, 8], &[8]);
        check(&[1], 0, 9, &[7], &[7]);
    }

    #[test]
    fn it_is_given_up_when_it_does_not_come() {
        let mut reuse = Reuse::keep(&[1, 2, 3, 4], 0, 9, &[2, 3, 4, 5]);
        assert_eq!(reuse.next(), Some((2, 4)));
        reuse.follow(2);
        reuse.follow(8);
        assert_eq!(reuse.next(), Some((3, 3)), "one token was put in");
        reuse.follow(4);
        assert_eq!(reuse.next(), Some((5, 1)), "one token was left out");
        reuse.follow(7);
        assert_eq!(reuse.next(), None);
    }
}
