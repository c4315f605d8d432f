//! Earlier replies of the model, across prompts and runs of the program.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::automaton::{Automaton, Match};
use crate::TokenId;

/// Memory that the automaton may take. What exceeds it makes the older half of the replies be forgotten.
const MOST_BYTES: usize = 16 << 20;
/// Tokens of a reply that are kept, so that no single one pushes out the others.
const LONGEST_REPLY: usize = 4096;

/// A reply with the end of its prompt, so that a match can begin before the reply does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Remembered {
    tokens: Vec<TokenId>,
    /// Known in this run of the program only.
    #[serde(skip)]
    private: bool,
}

#[derive(Debug, Default)]
pub(super) struct History {
    /// The oldest first.
    replies: VecDeque<Remembered>,
    automaton: Automaton,
}

impl History {
    /// Replies of an earlier run. Tokens outside the vocabulary make it foreign: `None`.
    pub(super) fn restore(replies: Vec<Remembered>, vocab: usize) -> Option<Self> {
        let known = |reply: &Remembered| {
            reply.tokens.len() <= LONGEST_REPLY && reply.tokens.iter().all(|&token| (token as usize) < vocab)
        };
        if !replies.iter().all(known) {
            return None;
        }
        let mut history = Self::default();
        replies.into_iter().for_each(|reply| history.add(reply));
        Some(history)
    }

    /// What may be kept on disk.
    pub(super) fn lasting(&self) -> Vec<Remembered> {
        self.replies.iter().filter(|reply| !reply.private).cloned().collect()
    }

    pub(super) fn remember(&mut self, mut tokens: Vec<TokenId>) {
        tokens.truncate(LONGEST_REPLY);
        self.add(Remembered { tokens, private: false });
    }

    fn add(&mut self, reply: Remembered) {
        learn(&mut self.automaton, &reply);
        self.replies.push_back(reply);
        if self.automaton.bytes() > MOST_BYTES {
            self.replies.drain(..self.replies.len() / 2);
            self.rebuild();
        }
    }

    /// The newest reply is not kept on disk: it says what its owner would not want there.
    pub(super) fn keep_last_private(&mut self) {
        if let Some(last) = self.replies.back_mut() {
            last.private = true;
        }
    }

    fn rebuild(&mut self) {
        let mut automaton = Automaton::default();
        self.replies.iter().for_each(|reply| learn(&mut automaton, reply));
        self.automaton = automaton;
    }

    pub(super) fn automaton(&self) -> &Automaton {
        &self.automaton
    }

    /// Where a text that ends like this stands.
    pub(super) fn find(&self, end: &[TokenId]) -> Match {
        end.iter().fold(Match::NOTHING, |found, &token| self.automaton.follow(found, token))
    }
}

fn learn(automaton: &mut Automaton, reply: &Remembered) {
    automaton.begin();
    reply.tokens.iter().for_each(|&token| automaton.push(token));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_forgets_the_oldest() {
        let mut history = History::default();
        let reply = |number: u32| (0..4000).map(|place| (number * 7919 + place * place) % 50_000).collect::<Vec<_>>();
        for number in 0..200 {
            history.remember(reply(number));
            assert!(history.automaton.bytes() <= MOST_BYTES);
        }
        assert!(history.replies.len() < 200);
        let matched = |number| history.find(&reply(number)[..20]).length;
        assert_eq!(matched(199), 20);
        assert!(matched(0) < 20);
    }

    #[test]
    fn what_is_private_does_not_last() {
        let mut history = History::default();
        history.remember(vec![1, 2]);
        history.remember(vec![3, 4]);
        history.keep_last_private();
        assert_eq!(history.lasting().len(), 1);
        assert_eq!(history.find(&[3, 4]).length, 2, "it is still known in this run");
        assert!(History::restore(history.lasting(), 3).is_some());
        assert!(History::restore(history.lasting(), 2).is_none(), "a token of another vocabulary");
    }
}
