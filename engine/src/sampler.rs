//! The ordinary sampler: logits to the next token.
//!
//! It is deterministic. Equal scores are told apart by the lower token id, and each call of [`Sampler::choose`] makes one
//! draw from the seeded generator (greedy makes none), so the same seed gives the same text however the rows were
//! computed.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use toktrie::SimpleVob;

use crate::{EngineError, TokenId};

/// How the next token is drawn. The default is greedy.
///
/// The filters apply in the order of the fields: temperature, top-k, top-p, min-p.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sampling {
    /// Logits are divided by it; 0 is greedy.
    pub temperature: f32,
    /// Keep this many of the likeliest tokens.
    pub top_k: Option<usize>,
    /// Keep the likeliest tokens until their probabilities sum to this much.
    pub top_p: f32,
    /// Keep tokens that are at least this likely relative to the likeliest.
    pub min_p: f32,
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 0.0, top_k: None, top_p: 1.0, min_p: 0.0, seed: 0 }
    }
}

impl Sampling {
    pub fn greedy() -> Self {
        Self::default()
    }

    pub fn is_greedy(&self) -> bool {
        self.temperature == 0.0
    }

    /// An error names the first setting that is out of its range.
    pub fn validate(&self) -> Result<(), EngineError> {
        let wrong = |name: &str, found: String, hint| {
            Err(EngineError::InvalidRequest { reason: format!("{name} is {found}"), hint })
        };
        if !(self.temperature.is_finite() && self.temperature >= 0.0) {
            return wrong("temperature", self.temperature.to_string(), "it is a number from 0 (greedy) up");
        }
        if self.top_k == Some(0) {
            return wrong("top_k", "0".into(), "it is at least 1; leave it out to keep every token");
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            return wrong("top_p", self.top_p.to_string(), "it is above 0 and at most 1");
        }
        if !(self.min_p >= 0.0 && self.min_p <= 1.0) {
            return wrong("min_p", self.min_p.to_string(), "it is from 0 to 1");
        }
        Ok(())
    }
}

/// A [`Sampling`] and the state of its random generator.
pub(crate) struct Sampler {
    sampling: Sampling,
    random: ChaCha8Rng,
}

/// A token that may be drawn, with its probability relative to the likeliest one.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    token: TokenId,
    weight: f64,
}

impl Sampler {
    pub(crate) fn new(sampling: &Sampling) -> Result<Self, EngineError> {
        sampling.validate()?;
        Ok(Self { sampling: sampling.clone(), random: ChaCha8Rng::seed_from_u64(sampling.seed) })
    }

    /// Whether it always draws the likeliest token.
    pub(crate) fn is_greedy(&self) -> bool {
        self.sampling.is_greedy()
    }

    /// The next token among the allowed ones; `None` when every allowed score is NaN or nothing is allowed.
    ///
    /// `logits: [vocab] f32`. A mask shorter than the row forbids the rest.
    pub(crate) fn choose(&mut self, logits: &[f32], allowed: Option<&SimpleVob>) -> Option<TokenId> {
        let best = greedy(logits, allowed)?;
        if self.sampling.is_greedy() {
            return Some(best);
        }
        let candidates = self.candidates(logits, allowed, best);
        let total: f64 = candidates.iter().map(|candidate| candidate.weight).sum();
        let mut left = self.random.random::<f64>() * total;
        for candidate in &candidates {
            left -= candidate.weight;
            if left < 0.0 {
                return Some(candidate.token);
            }
        }
        // Rounding can leave a remainder after the last candidate.
        candidates.last().map(|candidate| candidate.token)
    }

    fn candidates(&self, logits: &[f32], allowed: Option<&SimpleVob>, best: TokenId) -> Vec<Candidate> {
        let temperature = f64::from(self.sampling.temperature);
        let highest = score(logits[best as usize]);
        let mut candidates = Vec::new();
        for_each_allowed(logits, allowed, |token, logit| {
            let weight = ((score(logit) - highest) / temperature).exp();
            candidates.push(Candidate { token, weight });
        });
        if let Some(top_k) = self.sampling.top_k.filter(|&top_k| top_k < candidates.len()) {
            candidates.select_nth_unstable_by(top_k - 1, likelier_first);
            candidates.truncate(top_k);
            candidates.sort_unstable_by(likelier_first);
        }
        if self.sampling.top_p < 1.0 {
            keep_top_p(&mut candidates, f64::from(self.sampling.top_p));
        }
        let min_p = f64::from(self.sampling.min_p);
        // The likeliest has weight 1 and min_p is at most 1, so one candidate always remains.
        candidates.retain(|candidate| candidate.weight >= min_p);
        candidates
    }
}

/// The highest score, the lower id among equals.
fn greedy(logits: &[f32], allowed: Option<&SimpleVob>) -> Option<TokenId> {
    if allowed.is_none() {
        return likeliest(logits);
    }
    let mut best: Option<(TokenId, f32)> = None;
    for_each_allowed(logits, allowed, |token, logit| {
        if best.is_none_or(|(_, highest)| logit > highest) {
            best = Some((token, logit));
        }
    });
    best.map(|(token, _)| token)
}

/// The token with the highest of all scores, the lower id among equals; `None` when no score is a number.
pub(crate) fn likeliest(logits: &[f32]) -> Option<TokenId> {
    /// Scores whose highest is found before anybody asks where it stands.
    const PART: usize = 1024;
    let (mut highest, mut part_of_highest) = (f32::NEG_INFINITY, 0);
    for (index, part) in logits.chunks(PART).enumerate() {
        let of_part = highest_of(part);
        if of_part > highest {
            (highest, part_of_highest) = (of_part, index);
        }
    }
    let first = part_of_highest * PART;
    let place = logits.iter().skip(first).position(|&score| score == highest)?;
    Some((first + place) as TokenId)
}

/// The highest score that is a number, or negative infinity.
fn highest_of(scores: &[f32]) -> f32 {
    // Sixteen maxima side by side, which the compiler makes vectors of; a comparison with NaN is never true.
    let mut highest = [f32::NEG_INFINITY; 16];
    let (chunks, rest) = scores.as_chunks::<16>();
    for chunk in chunks {
        for (highest, &score) in highest.iter_mut().zip(chunk) {
            *highest = if score > *highest { score } else { *highest };
        }
    }
    highest.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max)
}

/// Visits allowed tokens in ascending order, NaN scores excepted.
fn for_each_allowed(logits: &[f32], allowed: Option<&SimpleVob>, mut visit: impl FnMut(TokenId, f32)) {
    match allowed {
        None => {
            for (token, &logit) in logits.iter().enumerate() {
                if !logit.is_nan() {
                    visit(token as TokenId, logit);
                }
            }
        }
        Some(allowed) => allowed.iter_set_entries(|token| {
            if let Some(&logit) = logits.get(token)
                && !logit.is_nan()
            {
                visit(token as TokenId, logit);
            }
        }),
    }
}

/// Infinite scores become the largest finite ones, so that differences of scores are numbers.
fn score(logit: f32) -> f64 {
    f64::from(logit.clamp(f32::MIN, f32::MAX))
}

fn likelier_first(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    b.weight.total_cmp(&a.weight).then(a.token.cmp(&b.token))
}

/// Keeps the shortest likeliest-first prefix that holds `top_p` of the weight.
///
/// The prefix is short in practice, so only a growing head of the candidates is ever sorted.
fn keep_top_p(candidates: &mut Vec<Candidate>, top_p: f64) {
    const FIRST_HEAD: usize = 64;
    let wanted = top_p * candidates.iter().map(|candidate| candidate.weight).sum::<f64>();
    let mut head = FIRST_HEAD;
    loop {
        if head < candidates.len() {
            candidates.select_nth_unstable_by(head - 1, likelier_first);
        }
        let sorted = head.min(candidates.len());
        candidates[..sorted].sort_unstable_by(likelier_first);
        let mut sum = 0.0;
        let enough = candidates[..sorted].iter().position(|candidate| {
            sum += candidate.weight;
            sum >= wanted
        });
        match enough {
            Some(last) => return candidates.truncate(last + 1),
            None if sorted == candidates.len() => return,
            None => head *= 4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(size: usize, allowed: &[TokenId]) -> SimpleVob {
        let mut mask = SimpleVob::alloc(size);
        allowed.iter().for_each(|&token| mask.allow_token(token));
        mask
    }

    #[test]
    fn greedy_takes_the_highest_score_and_the_lower_id_among_equals() {
        let (nan, inf) = (f32::NAN, f32::INFINITY);
        let check = |logits: &[f32], allowed: Option<&[TokenId]>, expected: Option<TokenId>| {
            let mask = allowed.map(|allowed| mask(8, allowed));
            let mut sampler = Sampler::new(&Sampling::greedy()).unwrap();
            assert_eq!(sampler.choose(logits, mask.as_ref()), expected, "{logits:?} {allowed:?}");
        };
        check(&[0.0, 2.0, 1.0], None, Some(1));
        check(&[2.0, 0.0, 2.0], None, Some(0));
        check(&[nan, -1.0, nan], None, Some(1));
        check(&[nan, inf, 5.0], None, Some(1));
        check(&[-inf, -inf], None, Some(0));
        check(&[nan, nan], None, None);
        check(&[], None, None);
        check(&[9.0, 1.0, 2.0], Some(&[1, 2]), Some(2));
        check(&[9.0, 1.0, 2.0], Some(&[]), None);
        check(&[9.0, 1.0], Some(&[1, 7]), Some(1));
    }

    #[test]
    fn the_highest_of_a_long_row_is_found_wherever_it_stands() {
        for places in [vec![0], vec![1023], vec![1024, 1025], vec![40, 5000], vec![4999, 2047], vec![5001]] {
            let mut row = vec![-3.0; 5002];
            row[1500] = f32::NAN;
            places.iter().for_each(|&place| row[place] = 2.0);
            assert_eq!(likeliest(&row), places.iter().min().map(|&place| place as TokenId), "{places:?}");
        }
        let mut row = vec![f32::NAN; 3000];
        assert_eq!(likeliest(&row), None);
        row[2500] = f32::NEG_INFINITY;
        assert_eq!(likeliest(&row), Some(2500));
    }

    /// Draws many tokens and compares their shares with the probabilities that the settings promise.
    #[test]
    fn draws_follow_the_filtered_distribution() {
        let logits: Vec<f32> = [0.5f32, 0.2, 0.15, 0.1, 0.05].iter().map(|p| p.ln()).collect();
        let check = |sampling: Sampling, allowed: Option<&[TokenId]>, expected: [f64; 5]| {
            const DRAWS: usize = 40_000;
            let mask = allowed.map(|allowed| mask(5, allowed));
            let mut sampler = Sampler::new(&sampling).unwrap();
            let mut counts = [0usize; 5];
            for _ in 0..DRAWS {
                counts[sampler.choose(&logits, mask.as_ref()).unwrap() as usize] += 1;
            }
            for (token, (&count, expected)) in counts.iter().zip(expected).enumerate() {
                let share = count as f64 / DRAWS as f64;
                // Four standard deviations of a share are at most 4 * sqrt(0.25 / 40000) = 0.01.
                assert!((share - expected).abs() < 0.01, "{sampling:?} token {token}: {share} for {expected}");
                assert_eq!(count == 0, expected == 0.0, "{sampling:?} token {token}");
            }
        };
        let warm = Sampling { temperature: 1.0, seed: 7, ..Sampling::default() };
        check(warm.clone(), None, [0.5, 0.2, 0.15, 0.1, 0.05]);
        check(Sampling { top_k: Some(2), ..warm.clone() }, None, [0.5 / 0.7, 0.2 / 0.7, 0.0, 0.0, 0.0]);
        check(Sampling { top_p: 0.8, ..warm.clone() }, None, [0.5 / 0.85, 0.2 / 0.85, 0.15 / 0.85, 0.0, 0.0]);
        check(Sampling { min_p: 0.25, ..warm.clone() }, None, [0.5 / 0.85, 0.2 / 0.85, 0.15 / 0.85, 0.0, 0.0]);
        check(warm.clone(), Some(&[3, 4]), [0.0, 0.0, 0.0, 2.0 / 3.0, 1.0 / 3.0]);
        // At temperature 0.5 probabilities are squared.
        let squares = 0.25 + 0.04 + 0.0225 + 0.01 + 0.0025;
        let cold = [0.25, 0.04, 0.0225, 0.01, 0.0025].map(|square: f64| square / squares);
        check(Sampling { temperature: 0.5, ..warm }, None, cold);
    }

    #[test]
    fn a_long_row_keeps_the_same_tokens_as_a_full_sort() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        for top_p in [0.1, 0.5, 0.9, 0.999] {
            let mut candidates: Vec<_> =
                (0..2000).map(|token| Candidate { token, weight: random.random::<f64>().powi(8) }).collect();
            let mut sorted = candidates.clone();
            sorted.sort_by(likelier_first);
            keep_top_p(&mut candidates, top_p);
            let kept: Vec<_> = candidates.iter().map(|candidate| candidate.token).collect();
            let expected: Vec<_> = sorted[..kept.len()].iter().map(|candidate| candidate.token).collect();
            assert_eq!(kept, expected);
            let share = |count: usize| {
                sorted[..count].iter().map(|c| c.weight).sum::<f64>() / sorted.iter().map(|c| c.weight).sum::<f64>()
            };
            assert!(share(kept.len()) >= top_p - 1e-9 && share(kept.len() - 1) < top_p + 1e-9);
        }
    }

    #[test]
    fn one_seed_gives_one_sequence() {
        let logits = [0.1, 0.2, 0.3, 0.4];
        let draw = |seed| {
            let mut sampler = Sampler::new(&Sampling { temperature: 1.0, seed, ..Sampling::default() }).unwrap();
            (0..64).map(|_| sampler.choose(&logits, None)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn settings_out_of_range_are_named() {
        let check = |sampling: Sampling, name: &str| {
            let error = sampling.validate().unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("hint:"), "{error}");
        };
        check(Sampling { temperature: -1.0, ..Sampling::default() }, "temperature");
        check(Sampling { temperature: f32::NAN, ..Sampling::default() }, "temperature");
        check(Sampling { top_k: Some(0), ..Sampling::default() }, "top_k");
        check(Sampling { top_p: 0.0, ..Sampling::default() }, "top_p");
        check(Sampling { min_p: 1.5, ..Sampling::default() }, "min_p");
    }
}
