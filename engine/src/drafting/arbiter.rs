//! Decides which guess is made and how long a draft may be.
//!
//! What a guess is worth is learned, not assumed: for every token of a reply, drafted or not, each source is asked what it
//! would have guessed, so that a source that loses is known to win again without a pass being risked on it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::DraftSource;
use super::cost::PassCost;
use super::leanings::Leanings;
use crate::TokenId;

/// Why a token is guessed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    pub(super) source: DraftSource,
    /// Tokens that matched before it.
    pub(super) matched: usize,
    /// The part of the evidence that says so, 0 to 1.
    pub(super) share: f32,
    /// Occurrences that the share is of.
    pub(super) occurrences: u32,
    /// Whether the newest of them says so.
    pub(super) latest: bool,
    pub(super) others: Others,
    /// Tokens in a row before it that were guessed right, those of its own draft among them.
    pub(super) hits: usize,
    /// The guess and the token before it.
    pub(super) token: TokenId,
    pub(super) after: TokenId,
}

/// What the other sources guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    Silent,
    Agree,
    Differ,
}

const SOURCES: usize = DraftSource::ALL.len();
const LENGTHS: usize = 6;
const SHARES: usize = 4;
const OCCURRENCES: usize = 3;
const OTHERS: usize = 3;
const HITS: usize = 4;
const CELLS: usize = SOURCES * LENGTHS * SHARES * OCCURRENCES * 2 * OTHERS * HITS;

impl Evidence {
    /// Evidence of the same kind shares what is learned.
    fn cell(self) -> usize {
        let share = match self.share {
            share if share < 0.5 => 0,
            share if share < 0.8 => 1,
            share if share < 0.98 => 2,
            _ => 3,
        };
        let occurrences = match self.occurrences {
            0..=1 => 0,
            2..=4 => 1,
            _ => 2,
        };
        let hits = match self.hits {
            0 => 0,
            1..=2 => 1,
            3..=7 => 2,
            _ => 3,
        };
        let classes = [
            (self.source as usize, SOURCES),
            (self.length(), LENGTHS),
            (share, SHARES),
            (occurrences, OCCURRENCES),
            (usize::from(self.latest), 2),
            (self.others as usize, OTHERS),
            (hits, HITS),
        ];
        classes.into_iter().fold(0, |cell, (class, of)| cell * of + class)
    }

    fn length(self) -> usize {
        match self.matched {
            0..=1 => 0,
            2 => 1,
            3..=4 => 2,
            5..=8 => 3,
            9..=16 => 4,
            _ => 5,
        }
    }

    /// What is assumed before anything is learned: longer matches of which more agree are righter.
    pub(super) fn assumed(self) -> f64 {
        const BY_LENGTH: [f64; LENGTHS] = [0.2, 0.4, 0.6, 0.7, 0.8, 0.85];
        if self.source == DraftSource::Forced {
            return 0.9;
        }
        BY_LENGTH[self.length()] * f64::from(self.share.clamp(0.0, 1.0))
    }
}

/// How often guesses on one kind of evidence were right, the last hundred counting most.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Acceptance {
    right: f64,
    tried: f64,
}

impl Acceptance {
    const MEMORY: f64 = 0.99;
    /// Guesses that the assumption is worth.
    const TRUST: f64 = 5.0;

    fn chance(self, assumed: f64) -> f64 {
        (self.right + Self::TRUST * assumed) / (self.tried + Self::TRUST)
    }

    fn learn(&mut self, is_right: bool) {
        self.right = self.right * Self::MEMORY + f64::from(u8::from(is_right));
        self.tried = self.tried * Self::MEMORY + 1.0;
    }
}

/// What was learned of each kind of evidence: nothing, or one for each cell. Most kinds never occur, so on disk are those that
/// did.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "BTreeMap<usize, Acceptance>", into = "BTreeMap<usize, Acceptance>")]
struct Learned(Vec<Acceptance>);

impl From<BTreeMap<usize, Acceptance>> for Learned {
    fn from(cells: BTreeMap<usize, Acceptance>) -> Self {
        let mut learned = Self::default();
        cells.into_iter().filter(|(cell, _)| *cell < CELLS).for_each(|(cell, acceptance)| {
            *learned.cell(cell) = acceptance;
        });
        learned
    }
}

impl From<Learned> for BTreeMap<usize, Acceptance> {
    fn from(learned: Learned) -> Self {
        learned.0.into_iter().enumerate().filter(|(_, acceptance)| acceptance.tried > 0.0).collect()
    }
}

impl Learned {
    fn cell(&mut self, cell: usize) -> &mut Acceptance {
        self.0.resize(CELLS, Acceptance::default());
        &mut self.0[cell]
    }
}

/// What was learned of guesses and passes. Kept between runs; damaged numbers cost time, never a wrong reply.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Arbiter {
    #[serde(default)]
    learned: Learned,
    #[serde(default)]
    pub(super) leanings: Leanings,
    pub(super) cost: PassCost,
}

impl Arbiter {
    /// Whether the numbers are some that could have been learned.
    pub(super) fn is_sound(&self) -> bool {
        let sound = |number: &f64| number.is_finite() && *number >= 0.0;
        let is_learned_sound =
            self.learned.0.iter().all(|cell| sound(&cell.right) && cell.right <= cell.tried && sound(&cell.tried));
        is_learned_sound && self.leanings.is_sound() && self.cost.is_sound()
    }

    pub(super) fn chance(&self, evidence: Evidence) -> f64 {
        let of_its_kind = self.learned.0.get(evidence.cell()).copied().unwrap_or_default();
        self.leanings.lean(of_its_kind.chance(evidence.assumed()), evidence.token, evidence.after)
    }

    pub(super) fn learn(&mut self, evidence: Evidence, is_right: bool) {
        let error = f64::from(u8::from(is_right)) - self.chance(evidence);
        self.leanings.learn(error, evidence.token, evidence.after);
        self.learned.cell(evidence.cell()).learn(is_right);
    }

    /// How many guesses with these chances give most expected tokens per millisecond, in a pass that has `pending` rows
    /// without them: the greatest `(1 + sum of P(first i right)) / T(pending + k)`.
    pub(super) fn length(&self, chances: &[f64], pending: usize) -> usize {
        let (mut best, mut length) = (1.0 / self.cost.of(pending), 0);
        let (mut expected, mut all_right) = (1.0, 1.0);
        for (index, chance) in chances.iter().enumerate() {
            all_right *= chance;
            expected += all_right;
            let rate = expected / self.cost.of(pending + index + 1);
            if rate > best {
                (best, length) = (rate, index + 1);
            }
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use super::super::cost::PassTime;
    use super::*;

    fn evidence(matched: usize, share: f32) -> Evidence {
        // Other matches, other tokens: what is learned of one kind says nothing about another.
        let (token, after) = (matched as TokenId, 1000 + matched as TokenId);
        Evidence {
            source: DraftSource::History,
            matched,
            share,
            occurrences: 1,
            latest: true,
            others: Others::Silent,
            hits: 0,
            token,
            after,
        }
    }

    #[test]
    fn drafts_are_as_long_as_they_pay() {
        let length = |chance: f64, slope: f64| {
            let mut arbiter = Arbiter::default();
            arbiter
                .cost
                .plan(1, &[1, 32].map(|rows| PassTime { rows, threads: 1, ms: 1.0 + slope * (rows - 1) as f64 }));
            arbiter.length(&[chance; 31], 1)
        };
        assert_eq!(length(1.0, 0.1), 31);
        assert_eq!(length(0.99, 1.0), 0, "rows that cost as much as passes");
        assert_eq!(length(0.05, 0.1), 0);
        assert!((2..8).contains(&length(0.8, 0.2)), "{}", length(0.8, 0.2));
    }

    #[test]
    fn a_kind_of_evidence_is_believed_as_far_as_it_was_right() {
        let mut arbiter = Arbiter::default();
        let (poor, good) = (evidence(2, 1.0), evidence(12, 1.0));
        assert!(arbiter.chance(poor) < arbiter.chance(good));
        (0..100).for_each(|_| arbiter.learn(poor, true));
        (0..100).for_each(|_| arbiter.learn(good, false));
        assert!(arbiter.chance(poor) > 0.95 && arbiter.chance(good) < 0.05);
        (0..200).for_each(|_| arbiter.learn(good, true));
        assert!(arbiter.chance(good) > 0.8, "what was wrong may become right again");
    }

    #[test]
    fn kinds_of_evidence_are_learned_apart_and_kept() {
        let poor = evidence(4, 1.0);
        let kinds =
            [Evidence { hits: 9, ..poor }, Evidence { others: Others::Agree, ..poor }, Evidence { share: 0.9, ..poor }];
        let mut arbiter = Arbiter::default();
        for _ in 0..100 {
            arbiter.learn(poor, false);
            kinds.iter().for_each(|&kind| arbiter.learn(kind, true));
        }
        // Their tokens are the same, so what is known of those says nothing here.
        arbiter.leanings = Leanings::default();
        let text = serde_json::to_string(&arbiter).unwrap();
        assert!(text.len() < 1000, "only what was learned is kept: {text}");
        let restored: Arbiter = serde_json::from_str(&text).unwrap();
        assert!(restored.is_sound() && restored.chance(poor) < 0.2);
        assert!(kinds.iter().all(|&kind| restored.chance(kind) > 0.8));
        let mut foreign: BTreeMap<usize, Acceptance> = arbiter.learned.clone().into();
        foreign.insert(CELLS, Acceptance::default());
        assert_eq!(Learned::from(foreign).0.len(), CELLS);
    }

    #[test]
    fn of_the_same_evidence_one_token_may_be_righter_than_another() {
        let mut arbiter = Arbiter::default();
        let (sure, doubtful) = (evidence(4, 1.0), Evidence { token: 70, after: 80, ..evidence(4, 1.0) });
        for _ in 0..50 {
            arbiter.learn(sure, true);
            arbiter.learn(doubtful, false);
        }
        assert!(arbiter.chance(sure) > 0.8 && arbiter.chance(doubtful) < 0.2);
    }
}
