//! Drafts: guesses of the tokens to come, which one pass over several rows verifies together.
//!
//! A draft never changes the reply: every row is drawn from as if it had been computed alone, and the first draw that
//! differs from the draft ends it. What drafting decides is only how many passes a reply takes.
//!
//! 1. Four places know what may come ([`DraftSource`]): the text so far and earlier replies (`automaton`, `history`), the
//!    prompt's own logits (`calibrated`), and what is left of a rejected draft (`reuse`).
//! 2. A draft grows token by token: at each place every source makes an offer, and the likeliest is taken, so one draft
//!    may begin in a menu of the prompt and end in an earlier reply.
//! 3. The `arbiter` knows how often offers on such evidence were right, and cuts the draft where the next token stops
//!    paying: `(1 + sum of P(first i right)) / T(rows)`.
//!
//! A chain, no tree: on a CPU each row costs a large part of what the first one does, so the second-best branch never
//! paid.

mod arbiter;
mod automaton;
mod calibrated;
mod cost;
mod history;
mod leanings;
mod replay;
mod reuse;
mod source;

use serde::{Deserialize, Serialize};

pub use cost::PassTime;
pub use replay::{DraftReplay, DraftReplayOptions, DraftTrace, replay_drafts};
pub use source::{DraftSource, DraftSources, UnknownDraftSource};

use crate::{Logits, TokenId};
use arbiter::{Arbiter, Evidence, Others};
use automaton::{Automaton, Follower, Match};
use calibrated::{Calibrated, Ledger};
use history::{History, Remembered};
use leanings::Leanings;
use reuse::Reuse;

/// The longest draft.
const LONGEST: usize = 31;
/// Matches that are asked, from the longest on.
const MATCHES: usize = 3;
/// A draft whose every token being right is less likely than this is long enough.
const HOPELESS: f64 = 0.02;
/// Tokens of a prompt's end that are kept with its reply, so that a match can begin before the reply does.
const LEAD: usize = 4;
/// The longest run of the prompt's end that is looked up among earlier replies.
const LOOKED_UP: usize = 32;

/// A guessed token and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Guess {
    pub(crate) token: TokenId,
    evidence: Evidence,
}

impl Guess {
    pub(crate) fn source(&self) -> DraftSource {
        self.evidence.source
    }

    /// Token number `index` of a text that the constraint forces, behind `after`: only where the model cuts it is not known.
    pub(crate) fn forced(token: TokenId, index: usize, after: TokenId) -> Self {
        let evidence = Evidence {
            source: DraftSource::Forced,
            matched: index,
            share: 1.0,
            occurrences: 1,
            latest: true,
            others: Others::Silent,
            hits: index,
            token,
            after,
        };
        Self { token, evidence }
    }
}

/// What a model's drafting remembers, as it is kept on disk.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct DraftMemory {
    arbiter: Arbiter,
    replies: Vec<Remembered>,
    #[serde(default)]
    calibration: Ledger,
}

impl DraftMemory {
    /// Passes cost something else on another machine.
    pub(crate) fn forget_costs(&mut self) {
        self.arbiter.cost = Default::default();
        self.calibration = Default::default();
    }
}

/// What a session remembers from reply to reply, and where the present one stands.
#[derive(Debug, Default)]
pub(crate) struct Drafting {
    sources: DraftSources,
    history: History,
    arbiter: Arbiter,
    /// What was known of tokens before the present reply, in case that it is private.
    leanings_before: Leanings,
    calibrated: Calibrated,
    context: Automaton,
    place: Place,
    /// Drafts that are made whatever the sources say.
    #[cfg(test)]
    dictated: std::cell::RefCell<Vec<Vec<TokenId>>>,
}

/// The end of a text, as each source sees it: of the text so far, or of that with a draft behind it.
#[derive(Debug, Clone)]
struct Place {
    context: Match,
    history: Match,
    reuse: Reuse,
    /// The last two tokens.
    last: [Option<TokenId>; 2],
    /// Tokens in a row that were the likeliest guess, or are of the draft.
    hits: usize,
}

impl Default for Place {
    fn default() -> Self {
        Self { context: Match::NOTHING, history: Match::NOTHING, reuse: Reuse::default(), last: [None; 2], hits: 0 }
    }
}

impl Drafting {
    pub(crate) fn new(sources: DraftSources) -> Self {
        Self { sources, ..Self::default() }
    }

    /// Goes on with what an earlier run of the program remembered; `None` when it is not of a model with this vocabulary.
    pub(crate) fn restore(sources: DraftSources, memory: DraftMemory, vocab: usize) -> Option<Self> {
        let is_sound = memory.arbiter.is_sound() && memory.calibration.is_sound();
        let history = is_sound.then(|| History::restore(memory.replies, vocab))??;
        let calibrated = Calibrated::new(memory.calibration);
        Some(Self { sources, history, arbiter: memory.arbiter, calibrated, ..Self::default() })
    }

    pub(crate) fn memory(&self) -> DraftMemory {
        let calibration = self.calibrated.ledger();
        DraftMemory { arbiter: self.arbiter.clone(), replies: self.history.lasting(), calibration }
    }

    pub(crate) fn sources(&self) -> DraftSources {
        self.sources
    }

    /// The sources change; what was learned stays.
    pub(crate) fn set_sources(&mut self, sources: DraftSources) {
        self.sources = sources;
    }

    /// A reply to `prompt` begins.
    pub(crate) fn begin(&mut self, prompt: &[TokenId]) {
        self.arbiter.cost.close(0.0);
        self.leanings_before = self.arbiter.leanings.clone();
        self.context = Automaton::default();
        if self.sources.contains(DraftSource::Context) {
            prompt.iter().for_each(|&token| self.context.push(token));
        }
        let last = [prompt.len().checked_sub(2).map(|at| prompt[at]), prompt.last().copied()];
        self.place = Place {
            context: self.context.earlier(),
            history: self.history.find(&prompt[prompt.len().saturating_sub(LOOKED_UP)..]),
            reuse: Reuse::default(),
            last,
            hits: 0,
        };
    }

    /// The reply went on with `token`. Every source learns whether it knew, unless nothing else was possible.
    pub(crate) fn grow(&mut self, token: TokenId, forced: bool) {
        let mut hits = self.place.hits;
        if !forced {
            let offers = self.offers(&self.place);
            let is_hit = self.likeliest(&offers).is_some_and(|(_, guess)| guess.token == token);
            hits = if is_hit { hits + 1 } else { 0 };
            for offer in offers {
                self.arbiter.learn(offer.evidence, offer.token == token);
            }
        }
        self.place = Place { hits, ..self.behind(&self.place, token) };
        if self.sources.contains(DraftSource::Context) {
            self.context.push(token);
            self.place.context = self.context.earlier();
        }
    }

    /// What will probably follow the reply with `guesses` behind it, at most `most` tokens in all. [`Self::cut`] says how
    /// much of it pays.
    pub(crate) fn extend(&self, guesses: &mut Vec<Guess>, most: usize) {
        #[cfg(test)]
        if let Some(dictated) = self.dictated.borrow_mut().pop() {
            *guesses = dictated.into_iter().take(most).map(|token| Guess::forced(token, 0, 0)).collect();
            return;
        }
        let mut place = guesses.iter().fold(self.place.clone(), |place, guess| self.behind(&place, guess.token));
        let mut all_right: f64 = guesses.iter().map(|guess| self.arbiter.chance(guess.evidence)).product();
        while guesses.len() < most.min(LONGEST) {
            let Some((chance, guess)) = self.likeliest(&self.offers(&place)) else { break };
            all_right *= chance;
            if all_right < HOPELESS {
                break;
            }
            guesses.push(guess);
            place = self.behind(&place, guess.token);
        }
    }

    /// Whether one draft begins with a likelier token than another.
    pub(crate) fn is_likelier(&self, one: &[Guess], other: &[Guess]) -> bool {
        let chance = |draft: &[Guess]| draft.first().map_or(0.0, |guess| self.arbiter.chance(guess.evidence));
        chance(one) > chance(other)
    }

    /// The next drafts are these, the last first.
    #[cfg(test)]
    pub(crate) fn dictate(&mut self, mut drafts: Vec<Vec<TokenId>>) {
        drafts.reverse();
        self.dictated = drafts.into();
    }

    /// Cuts a draft to what pays in a pass that computes `pending` rows in any case.
    pub(crate) fn cut(&self, guesses: &mut Vec<Guess>, pending: usize) {
        #[cfg(test)]
        if !self.dictated.borrow().is_empty() {
            return;
        }
        let chances: Vec<f64> = guesses.iter().map(|guess| self.arbiter.chance(guess.evidence)).collect();
        guesses.truncate(self.arbiter.length(&chances, pending));
    }

    /// The offer that is most often right, and its chance.
    fn likeliest(&self, offers: &[Guess]) -> Option<(f64, Guess)> {
        let offers = offers.iter().map(|&offer| (self.arbiter.chance(offer.evidence), offer));
        offers.max_by(|(a, _), (b, _)| a.total_cmp(b))
    }

    /// What the sources guess to follow. Where several matches of a source guess the same, the longest speaks for it.
    fn offers(&self, place: &Place) -> Vec<Guess> {
        let mut offers: Vec<Guess> = Vec::with_capacity(2 * MATCHES + 2);
        let offer = |source, token, matched, share, occurrences, latest| {
            let (others, hits, after) = (Others::Silent, place.hits, place.last[1].unwrap_or_default());
            let evidence = Evidence { source, matched, share, occurrences, latest, others, hits, token, after };
            Guess { token, evidence }
        };
        for (source, automaton, found) in [
            (DraftSource::Context, &self.context, place.context),
            (DraftSource::History, self.history.automaton(), place.history),
        ] {
            if self.sources.contains(source) {
                let first = offers.len();
                let matches = std::iter::successors(Some(found), |&found| automaton.shorter(found));
                for found in matches.take(MATCHES) {
                    for Follower { token, count, of, latest } in automaton.followers(found) {
                        if offers[first..].iter().all(|offer| offer.token != token) {
                            offers.push(offer(source, token, found.length, count as f32 / of as f32, of, latest));
                        }
                    }
                }
            }
        }
        if let Some((token, share, matched)) = self.calibrated.after(place.last) {
            offers.push(offer(DraftSource::Calibrated, token, matched, share, 1, true));
        }
        if let Some((token, matched)) = place.reuse.next() {
            offers.push(offer(DraftSource::Reuse, token, matched, 1.0, 1, true));
        }
        hear_others(&mut offers);
        offers
    }

    fn behind(&self, place: &Place, token: TokenId) -> Place {
        let mut reuse = place.reuse.clone();
        reuse.follow(token);
        Place {
            context: self.context.follow(place.context, token),
            history: self.history.automaton().follow(place.history, token),
            reuse,
            last: [place.last[1], Some(token)],
            hits: place.hits + 1,
        }
    }

    /// A draft was verified: its first `accepted` tokens were right, and `token`, which [`Self::grow`] is told next, came
    /// instead of the one behind them. `logits` has a row for each token of the draft, and one before.
    pub(crate) fn rejected(&mut self, draft: &[Guess], accepted: usize, token: TokenId, logits: &Logits) {
        if !self.sources.contains(DraftSource::Reuse) || accepted >= draft.len() {
            return;
        }
        let rows = (accepted + 1..logits.rows()).take(LOOKED_AT);
        let choices: Option<Vec<TokenId>> = rows.map(|row| logits.likeliest(row)).collect();
        let tokens: Vec<TokenId> = draft.iter().map(|guess| guess.token).collect();
        if let Some(choices) = choices {
            self.place.reuse = Reuse::keep(&tokens, accepted, token, &choices);
        }
    }

    /// Learns what a pass over `rows` rows cost with so many threads.
    pub(crate) fn passed(&mut self, rows: usize, threads: usize, milliseconds: f64) {
        self.arbiter.cost.learn(rows, threads, milliseconds);
    }

    /// Whether the cost of passes with so many threads is known, of this run or an earlier one.
    pub(crate) fn knows_costs(&self, threads: usize) -> bool {
        self.arbiter.cost.is_known(threads)
    }

    /// Learns what passes cost with `available` threads and with fewer.
    pub(crate) fn tried(&mut self, available: usize, trials: &[PassTime]) {
        self.arbiter.cost.plan(available, trials);
    }

    pub(crate) fn pass_times(&self) -> Vec<PassTime> {
        self.arbiter.cost.times()
    }

    /// Threads for a pass over `rows` rows; `None` as long as it does not matter.
    pub(crate) fn threads(&self, rows: usize) -> Option<usize> {
        self.arbiter.cost.threads(rows)
    }

    /// The same for a pass that [`Self::passed`] is told of: it may try other threads.
    pub(crate) fn threads_to_try(&self, rows: usize) -> Option<usize> {
        self.arbiter.cost.threads_to_try(rows)
    }

    /// Positions at the end of the next prompt whose logits would help.
    pub(crate) fn wanted_positions(&mut self) -> usize {
        if self.sources.contains(DraftSource::Calibrated) { self.calibrated.wanted() } else { 0 }
    }

    /// Reads the logits of the prompt's last positions, with the token before them. `extra_ms`: what they cost.
    pub(crate) fn calibrate(&mut self, positions: &[TokenId], before: Option<TokenId>, logits: &Logits, extra_ms: f64) {
        self.calibrated.read(before, positions, logits, extra_ms);
    }

    /// The first `accepted` tokens of a draft were right.
    pub(crate) fn verified(&mut self, draft: &[Guess], accepted: usize) {
        // What is forced is not offered again at each token, so it is learned here.
        for (index, guess) in draft.iter().enumerate().take(accepted + 1) {
            if guess.source() == DraftSource::Forced {
                self.arbiter.learn(guess.evidence, index < accepted);
            }
        }
        // What calibration brought is put against what it cost.
        let count = draft[..accepted].iter().filter(|guess| guess.source() == DraftSource::Calibrated).count();
        // A token that was accepted is a pass of one row that was not made.
        self.calibrated.saved(count as f64 * self.arbiter.cost.of(1));
    }

    /// Remembers a reply and the end of its prompt.
    pub(crate) fn remember(&mut self, prompt: &[TokenId], reply: &[TokenId]) {
        let lead = &prompt[prompt.len().saturating_sub(LEAD)..];
        self.history.remember([lead, reply].concat());
    }

    /// The newest reply says what its owner would not want on disk: nothing that names its tokens is kept there.
    pub(crate) fn keep_last_private(&mut self) {
        self.history.keep_last_private();
        self.arbiter.leanings = self.leanings_before.clone();
    }
}

/// Tells each offer whether the foremost one of the other sources is of the same token.
fn hear_others(offers: &mut [Guess]) {
    for index in 0..offers.len() {
        let Guess { token, evidence } = offers[index];
        let of_others = offers.iter().map(|offer| offer.evidence).filter(|other| other.source != evidence.source);
        let foremost = of_others.max_by(|a, b| a.assumed().total_cmp(&b.assumed()));
        offers[index].evidence.others = match foremost {
            None => Others::Silent,
            Some(other) if other.token == token => Others::Agree,
            Some(_) => Others::Differ,
        };
    }
}

/// Rows behind a rejected token that are looked at.
const LOOKED_AT: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    /// A model for which a row adds a fifth of what a pass costs.
    fn drafting() -> Drafting {
        let mut drafting = Drafting::default();
        drafting.tried(1, &[(1, 1.0), (31, 7.0)].map(|(rows, ms)| PassTime { rows, threads: 1, ms }));
        drafting
    }

    fn propose(drafting: &Drafting, most: usize) -> Vec<Guess> {
        let mut guesses = Vec::new();
        drafting.extend(&mut guesses, most);
        drafting.cut(&mut guesses, 1);
        guesses
    }

    fn tokens(guesses: &[Guess]) -> Vec<TokenId> {
        guesses.iter().map(|guess| guess.token).collect()
    }

    #[test]
    fn a_draft_may_begin_in_one_place_and_end_in_another() {
        let mut drafting = drafting();
        // "tap 7 end" was said before; the screen says what stands behind 1 2 3.
        for _ in 0..20 {
            drafting.remember(&[90, 91, 92, 93], &[50, 1, 2, 3, 60, 61, 62]);
        }
        drafting.begin(&[1, 2, 3, 4, 60, 61, 7, 90, 91, 92, 93]);
        let draft = propose(&drafting, 31);
        assert_eq!(tokens(&draft)[..3], [50, 1, 2]);
        assert_eq!(draft[0].source(), DraftSource::History);
        drafting.set_sources("context".parse().unwrap());
        drafting.begin(&[1, 2, 3, 4, 5, 9, 1, 2, 3]);
        let draft = propose(&drafting, 2);
        assert_eq!((tokens(&draft), draft[0].source()), (vec![4, 5], DraftSource::Context));
    }

    #[test]
    fn what_is_always_wrong_is_given_up_and_found_again() {
        let mut drafting = drafting();
        let mut serve = |answer: TokenId, rounds: usize| {
            let mut made = 0;
            for _ in 0..rounds {
                drafting.begin(&[1, 2, 3, 4, 1, 2]);
                made += usize::from(!propose(&drafting, 8).is_empty());
                drafting.grow(answer, false);
            }
            made
        };
        assert!(serve(9, 200) < 20);
        // It is learned without a draft that the source is right by now.
        assert!(serve(3, 200) > 100);
    }

    #[test]
    fn a_private_reply_leaves_no_tokens_on_disk() {
        let mut drafting = drafting();
        drafting.begin(&[1, 2, 3, 4, 1, 2]);
        drafting.grow(3, false);
        let before = drafting.memory().arbiter.leanings;
        assert_ne!(before, Leanings::default());
        drafting.begin(&[1, 2, 3, 4, 1, 2]);
        drafting.grow(9, false);
        assert_ne!(drafting.memory().arbiter.leanings, before);
        drafting.remember(&[1, 2], &[9]);
        drafting.keep_last_private();
        let memory = drafting.memory();
        assert_eq!((memory.arbiter.leanings, memory.replies.len()), (before, 0));
    }

    #[test]
    fn memory_survives_the_disk_and_not_another_vocabulary() {
        let mut drafting = drafting();
        drafting.remember(&[1, 2, 3, 4], &[5, 6, 7]);
        let text = serde_json::to_string(&drafting.memory()).unwrap();
        let restore = |vocab| {
            let memory = serde_json::from_str(&text).unwrap();
            Drafting::restore(DraftSources::ALL, memory, vocab)
        };
        let mut restored = restore(8).unwrap();
        restored.begin(&[3, 4]);
        assert_eq!(tokens(&propose(&restored, 3))[..2], [5, 6]);
        assert_eq!(restored.arbiter.cost.of(1), drafting.arbiter.cost.of(1));
        assert!(restore(7).is_none());
    }
}
