//! Rates with their uncertainty.

use serde::{Deserialize, Serialize};

/// The 97.5% quantile of the normal distribution, for a two-sided interval of 95%.
const Z_95: f64 = 1.959_963_984_540_054;

/// How often something succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rate {
    pub successes: u64,
    pub attempts: u64,
}

impl Rate {
    /// Counts one more attempt.
    pub fn add(&mut self, success: bool) {
        self.attempts += 1;
        self.successes += u64::from(success);
    }

    /// Successes per attempt, 0 to 1; `None` without attempts: that is no rate of zero.
    pub fn value(self) -> Option<f64> {
        (self.attempts > 0).then(|| self.successes as f64 / self.attempts as f64)
    }

    /// The 95% score interval of Wilson (1927), without continuity correction. Unlike the textbook's normal
    /// approximation it stays inside 0 to 1 and has a width at 0 of n and n of n. `[0, 1]` without attempts: nothing is
    /// known.
    ///
    /// `(p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)`; Newcombe, Statistics in Medicine 17 (1998), method 3.
    pub fn wilson(self) -> [f64; 2] {
        let Some(p) = self.value() else { return [0.0, 1.0] };
        let n = self.attempts as f64;
        let z2 = Z_95 * Z_95;
        let middle = p + z2 / (2.0 * n);
        let half = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z2 / n;
        // At 0 of n and n of n the bound is exact on paper and a rounding error off in floating point.
        let low = if self.successes == 0 { 0.0 } else { (middle - half) / scale };
        let high = if self.successes == self.attempts { 1.0 } else { (middle + half) / scale };
        [low.max(0.0), high.min(1.0)]
    }
}

impl FromIterator<bool> for Rate {
    fn from_iter<I: IntoIterator<Item = bool>>(outcomes: I) -> Self {
        let mut rate = Self::default();
        for success in outcomes {
            rate.add(success);
        }
        rate
    }
}

/// The harmonic mean of precision and recall, from the counts of a yes-or-no question; 0 if nothing was found.
pub fn f1(true_positives: u64, false_positives: u64, false_negatives: u64) -> f64 {
    let denominator = 2 * true_positives + false_positives + false_negatives;
    if denominator == 0 { 0.0 } else { 2.0 * true_positives as f64 / denominator as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(successes: u64, attempts: u64, expected: [f64; 2]) {
        let found = Rate { successes, attempts }.wilson();
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 5e-5, "{successes}/{attempts}: {found} is not {expected}");
        }
    }

    /// The first four are the examples of Newcombe (1998), table I, method 3; the rest from R's `prop.test(correct = FALSE)`.
    #[test]
    fn intervals_agree_with_published_values() {
        check(81, 263, [0.2553, 0.3662]);
        check(15, 148, [0.0624, 0.1605]);
        check(0, 20, [0.0, 0.1611]);
        check(1, 29, [0.0061, 0.1718]);
        check(5, 10, [0.2366, 0.7634]);
        check(10, 10, [0.7225, 1.0]);
        check(0, 0, [0.0, 1.0]);
    }

    #[test]
    fn the_interval_contains_the_rate() {
        for attempts in 1..60 {
            for successes in 0..=attempts {
                let rate = Rate { successes, attempts };
                let [low, high] = rate.wilson();
                let value = rate.value().unwrap();
                assert!(0.0 <= low && low <= value && value <= high && high <= 1.0, "{rate:?}: {low} {high}");
            }
        }
    }

    #[test]
    fn f1_of_known_counts() {
        assert_eq!(f1(0, 0, 0), 0.0);
        assert_eq!(f1(5, 0, 0), 1.0);
        assert!((f1(6, 2, 4) - 2.0 / 3.0).abs() < 1e-12);
    }
}
