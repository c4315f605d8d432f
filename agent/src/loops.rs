//! Noticing that a run goes in circles.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use deftly_tools::{Action, Observation};

/// An action on a screen; equal keys are the same step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct StepKey(u64);

impl StepKey {
    /// Bounds do not count: a list that moved by a pixel is the same screen.
    pub(crate) fn new(action: &Action, observation: &Observation) -> Self {
        let mut hasher = DefaultHasher::new();
        action.hash(&mut hasher);
        observation.app.hash(&mut hasher);
        observation.keyboard.hash(&mut hasher);
        for element in &observation.screen.elements {
            (element.role, &element.label, &element.value, &element.state).hash(&mut hasher);
        }
        Self(hasher.finish())
    }
}

/// Counts steps that lead nowhere.
///
/// Two kinds of loop are told apart. The same step again and again without effect is noticed after `limit` times. A
/// circle of steps that each do something (to a tab and back) is noticed when one of them comes for the `2 * limit`-th
/// time on the very same screen; a person may well return to a screen a few times. In both cases the decider is told
/// first and stopped only if it goes on.
#[derive(Debug)]
pub(crate) struct LoopDetector {
    limit: usize,
    idle: Option<(StepKey, usize)>,
    visits: HashMap<StepKey, usize>,
}

impl LoopDetector {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), idle: None, visits: HashMap::new() }
    }

    /// Whether this step, which the decider was told to stop, is tried again.
    pub(crate) fn is_loop(&self, key: StepKey) -> bool {
        let idle = self.idle.is_some_and(|(last, times)| last == key && times >= self.limit);
        idle || self.visits.get(&key).is_some_and(|&times| times >= 2 * self.limit)
    }

    /// Counts a step that was made. `Some` is what the decider has to be told.
    pub(crate) fn note(&mut self, key: StepKey, had_effect: bool) -> Option<String> {
        let visits = self.visits.entry(key).or_insert(0);
        *visits += 1;
        let visits = *visits;
        let times = match self.idle {
            _ if had_effect => 0,
            Some((last, times)) if last == key => times + 1,
            Some(_) | None => 1,
        };
        self.idle = (!had_effect).then_some((key, times));
        if times >= self.limit {
            return Some(format!("this had no effect {times} times; do something else"));
        }
        (visits >= 2 * self.limit).then(|| format!("done {visits} times on this same screen; do something else"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps are letters, upper case with effect. `!` follows a step of which the decider is told, `x` stands for one
    /// that is stopped.
    fn check(steps: &str, expected: &str) {
        let mut detector = LoopDetector::new(3);
        let mut seen = String::new();
        for letter in steps.chars() {
            let key = StepKey(u64::from(letter.to_ascii_lowercase()));
            if detector.is_loop(key) {
                seen.push('x');
                break;
            }
            seen.push(letter);
            if detector.note(key, letter.is_uppercase()).is_some() {
                seen.push('!');
            }
        }
        assert_eq!(seen, expected, "{steps}");
    }

    #[test]
    fn loops_are_told_first_and_then_stopped() {
        check("aaaa", "aaa!x");
        check("aaab", "aaa!b");
        check("aabaab", "aabaab");
        check("AAAa", "AAAa");
        check("AAAAAAA", "AAAAAA!x");
        check("ABABABABABAB", "ABABABABABA!B!");
        check("ABABABABABABA", "ABABABABABA!B!x");
    }
}
