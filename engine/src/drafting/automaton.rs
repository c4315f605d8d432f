//! A suffix automaton with counts: every run of tokens that stood in a text, and what followed it how often.
//!
//! Blumer et al. 1985, in the generalised form that takes several texts. Growing by a token and following a text token by
//! token are amortised constant time, so the longest match is always at hand and never searched for.

use std::collections::HashMap;

use crate::TokenId;

/// Suffix links that are followed to count an occurrence. Ordinary text has fewer; in `aaaa...` the shortest runs are
/// counted too low instead of taking quadratic time.
const COUNTED_LINKS: usize = 32;
/// Followers of a run that are looked at: the newest ones of a run that nearly anything follows.
const FOLLOWERS: usize = 64;
/// No state, no edge.
const NONE: u32 = u32::MAX;
const ROOT: u32 = 0;

/// All runs with the same occurrences.
#[derive(Debug, Clone, Copy)]
struct State {
    /// Of the longest of them.
    length: u32,
    /// The state of the longest run that ends these and occurs more often; [`NONE`] for the root.
    link: u32,
    /// The newest of the edges; [`NONE`] when there is none.
    edge: u32,
    occurrences: u32,
    /// What followed last; [`NONE`] when nothing did.
    latest: TokenId,
}

#[derive(Debug, Clone, Copy)]
struct Edge {
    token: TokenId,
    target: u32,
    /// The next older edge of the same state.
    next: u32,
}

/// The longest run that ends a text and stands in the automaton.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    state: u32,
    /// Tokens of the run.
    pub(super) length: usize,
}

impl Match {
    pub(super) const NOTHING: Self = Self { state: ROOT, length: 0 };
}

/// What may follow a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Follower {
    pub(super) token: TokenId,
    /// How often it followed.
    pub(super) count: u32,
    /// How often anything followed.
    pub(super) of: u32,
    /// Whether it is what followed last.
    pub(super) latest: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Automaton {
    states: Vec<State>,
    edges: Vec<Edge>,
    /// The edges of the root, which has one for every token of the texts.
    first: HashMap<TokenId, u32>,
    /// The whole text so far.
    end: u32,
}

impl Default for Automaton {
    fn default() -> Self {
        let root = State { length: 0, link: NONE, edge: NONE, occurrences: 0, latest: NONE };
        Self { states: vec![root], edges: Vec::new(), first: HashMap::new(), end: ROOT }
    }
}

impl Automaton {
    /// Bytes that it takes, about.
    pub(super) fn bytes(&self) -> usize {
        let (states, edges) = (self.states.len() * size_of::<State>(), self.edges.len() * size_of::<Edge>());
        states + edges + self.first.len() * 2 * size_of::<(TokenId, u32)>()
    }

    /// The next token that is pushed begins another text.
    pub(super) fn begin(&mut self) {
        self.end = ROOT;
    }

    /// The text grows by a token.
    pub(super) fn push(&mut self, token: TokenId) {
        let before = self.end;
        self.end = match self.target(before, token) {
            Some(target) => self.suffix_state(before, token, target),
            None => self.append(before, token),
        };
        self.for_each_suffix(before, |state| state.latest = token);
        self.for_each_suffix(self.end, |state| state.occurrences += 1);
    }

    /// The runs that end the text of a state, longest first.
    fn for_each_suffix(&mut self, state: u32, mut change: impl FnMut(&mut State)) {
        let mut state = state;
        for _ in 0..COUNTED_LINKS {
            let Some(found) = self.states.get_mut(state as usize) else { break };
            change(found);
            state = found.link;
        }
    }

    /// A new state for the text with `token` behind it.
    fn append(&mut self, before: u32, token: TokenId) -> u32 {
        let length = self.states[before as usize].length + 1;
        let added = self.add(State { length, link: ROOT, edge: NONE, occurrences: 0, latest: NONE });
        let mut state = before;
        while state != NONE {
            if let Some(target) = self.target(state, token) {
                self.states[added as usize].link = self.suffix_state(state, token, target);
                break;
            }
            self.set(state, token, added);
            state = self.states[state as usize].link;
        }
        added
    }

    /// The state of exactly the longest run of `state` with `token` behind it, which `target` may hold among longer ones:
    /// then they part.
    fn suffix_state(&mut self, state: u32, token: TokenId, target: u32) -> u32 {
        let length = self.states[state as usize].length + 1;
        if self.states[target as usize].length == length {
            return target;
        }
        let parted = self.add(State { length, edge: NONE, ..self.states[target as usize] });
        let mut copied = Vec::new();
        let mut edge = self.states[target as usize].edge;
        while edge != NONE {
            copied.push(self.edges[edge as usize]);
            edge = self.edges[edge as usize].next;
        }
        for edge in copied.into_iter().rev() {
            self.set(parted, edge.token, edge.target);
        }
        self.states[target as usize].link = parted;
        let mut from = state;
        while from != NONE && self.target(from, token) == Some(target) {
            self.set(from, token, parted);
            from = self.states[from as usize].link;
        }
        parted
    }

    fn add(&mut self, state: State) -> u32 {
        self.states.push(state);
        (self.states.len() - 1) as u32
    }

    fn target(&self, state: u32, token: TokenId) -> Option<u32> {
        if state == ROOT {
            return self.first.get(&token).copied();
        }
        self.edges_of(state).find(|edge| edge.token == token).map(|edge| edge.target)
    }

    fn set(&mut self, state: u32, token: TokenId, target: u32) {
        if state == ROOT {
            self.first.insert(token, target);
            return;
        }
        let mut edge = self.states[state as usize].edge;
        while edge != NONE {
            let found = &mut self.edges[edge as usize];
            if found.token == token {
                found.target = target;
                return;
            }
            edge = found.next;
        }
        let next = self.states[state as usize].edge;
        self.edges.push(Edge { token, target, next });
        self.states[state as usize].edge = (self.edges.len() - 1) as u32;
    }

    fn edges_of(&self, state: u32) -> impl Iterator<Item = &Edge> {
        let mut edge = self.states[state as usize].edge;
        std::iter::from_fn(move || {
            let found = self.edges.get(edge as usize)?;
            edge = found.next;
            Some(found)
        })
    }

    /// The longest run that ends the text and stood before.
    pub(super) fn earlier(&self) -> Match {
        match self.states[self.end as usize].link {
            NONE => Match::NOTHING,
            state => Match { state, length: self.states[state as usize].length as usize },
        }
    }

    /// The longest run that ends the text of `found` with `token` behind it.
    pub(super) fn follow(&self, found: Match, token: TokenId) -> Match {
        let mut found = Some(found);
        while let Some(Match { state, length }) = found {
            if let Some(target) = self.target(state, token) {
                return Match { state: target, length: length + 1 };
            }
            found = self.shorter(Match { state, length });
        }
        Match::NOTHING
    }

    /// The longest run that ends this one and occurs more often. `None` at the end, where nothing matches.
    pub(super) fn shorter(&self, found: Match) -> Option<Match> {
        let state = self.states[found.state as usize].link;
        (state != NONE).then(|| Match { state, length: self.states[state as usize].length as usize })
    }

    /// What followed most often, and what followed last if that is something else. Nothing behind an empty run.
    pub(super) fn followers(&self, found: Match) -> impl Iterator<Item = Follower> {
        let latest = self.states[found.state as usize].latest;
        let (mut most, mut last, mut of) = (None, None, 0);
        for edge in self.edges_of(found.state).take(FOLLOWERS) {
            let count = self.states[edge.target as usize].occurrences;
            of += count;
            if most.is_none_or(|(_, most)| count > most) {
                most = Some((edge.token, count));
            }
            if edge.token == latest {
                last = Some((edge.token, count));
            }
        }
        // Of equals, the newest.
        let most = if most.map(|(_, count)| count) == last.map(|(_, count)| count) { last } else { most };
        let last = last.filter(|_| last != most);
        let follower = move |(token, count)| Follower { token, count, of, latest: token == latest };
        [most, last].into_iter().flatten().map(follower)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn automaton(texts: &[&[TokenId]]) -> Automaton {
        let mut automaton = Automaton::default();
        for text in texts {
            automaton.begin();
            text.iter().for_each(|&token| automaton.push(token));
        }
        automaton
    }

    fn matched(automaton: &Automaton, text: &[TokenId]) -> Match {
        text.iter().fold(Match::NOTHING, |found, &token| automaton.follow(found, token))
    }

    #[test]
    fn what_followed_most_often_is_the_first_guess() {
        let check = |texts: &[&[TokenId]], text: &[TokenId], expected: Option<(usize, TokenId, u32, u32)>| {
            let automaton = automaton(texts);
            let found = matched(&automaton, text);
            let follower = automaton.followers(found).next();
            let found = follower.map(|follower| (found.length, follower.token, follower.count, follower.of));
            assert_eq!(found, expected, "{text:?} in {texts:?}");
        };
        check(&[&[1, 2, 3]], &[1, 2], Some((2, 3, 1, 1)));
        check(&[&[1, 2, 3], &[1, 2, 4], &[1, 2, 4]], &[9, 1, 2], Some((2, 4, 2, 3)));
        check(&[&[1, 2, 3], &[5, 2, 4]], &[7, 2], Some((1, 4, 1, 2)));
        check(&[&[1, 2, 3]], &[8], None);
        check(&[&[1, 2, 3]], &[2, 3], None);
        check(&[], &[1], None);
    }

    proptest! {
        /// Matches and counts are those that a search of the texts finds.
        #[test]
        fn it_knows_what_a_search_would_find(
            texts in prop::collection::vec(prop::collection::vec(0u32..3, 0..12), 1..5),
            text in prop::collection::vec(0u32..3, 0..8),
        ) {
            let texts: Vec<&[TokenId]> = texts.iter().map(Vec::as_slice).collect();
            let automaton = automaton(&texts);
            let found = matched(&automaton, &text);
            let stands = |run: &[TokenId]| texts.iter().any(|text| run.is_empty() || text.windows(run.len()).any(|window| window == run));
            let longest = (0..=text.len()).rev().find(|&length| stands(&text[text.len() - length..])).unwrap();
            prop_assert_eq!(found.length, longest);
            if longest > 0 {
                let run = &text[text.len() - longest..];
                let followers = texts.iter().flat_map(|text| text.windows(longest + 1)).filter(|window| window[..longest] == *run);
                let mut counts = [0; 3];
                followers.for_each(|window| counts[window[longest] as usize] += 1);
                let most = counts.into_iter().max().unwrap();
                let follower = automaton.followers(found).next();
                prop_assert_eq!(follower.map_or(0, |follower| follower.count), most);
                prop_assert_eq!(follower.map_or(0, |follower| follower.of), counts.iter().sum::<u32>());
            }
        }

        /// The match that the automaton keeps of its own text is the longest run that stood before.
        #[test]
        fn it_knows_where_its_own_end_stood_before(text in prop::collection::vec(0u32..3, 1..20)) {
            let earlier = automaton(&[&text]).earlier();
            let stood = |length: &usize| text.windows(*length).take(text.len() - length).any(|window| *window == text[text.len() - length..]);
            let longest = (1..text.len()).rev().find(stood).unwrap_or(0);
            prop_assert_eq!(earlier.length, longest);
        }
    }
}
