//! What one generate cost.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Tokens, passes and milliseconds of one generate, or the sum of several.
///
/// Always true: `prompt_tokens == reused + prefilled`, unless the generate was cancelled in its prefill.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub prompt_tokens: usize,
    /// Prompt tokens whose keys and values were still in the KV cache.
    pub reused: usize,
    /// Prompt tokens that had to be computed.
    pub prefilled: usize,
    /// Tokens that were emitted, the end token included.
    pub decoded: usize,
    /// Passes through the model after the prefill. The first token needs none: the prefill's last row gives it.
    pub passes: usize,
    /// Tokens that were emitted without logits, because the constraint left no choice.
    #[serde(default)]
    pub forced: usize,
    /// Tokens that were guessed and verified in a pass with others.
    #[serde(default)]
    pub drafted: usize,
    /// Those of them that were right.
    #[serde(default)]
    pub accepted: usize,
    pub prefill_ms: f64,
    /// From the end of the prefill to the end of the reply, everything included.
    pub decode_ms: f64,
    /// The part of `decode_ms` that was spent on masks.
    pub constraint_ms: f64,
    /// What the processor used meanwhile, other programs included. Absent where the machine cannot tell, never 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joules: Option<f64>,
}

impl AddAssign<&Account> for Account {
    fn add_assign(&mut self, other: &Account) {
        let first = *self == Self::default();
        self.prompt_tokens += other.prompt_tokens;
        self.reused += other.reused;
        self.prefilled += other.prefilled;
        self.decoded += other.decoded;
        self.passes += other.passes;
        self.forced += other.forced;
        self.drafted += other.drafted;
        self.accepted += other.accepted;
        self.prefill_ms += other.prefill_ms;
        self.decode_ms += other.decode_ms;
        self.constraint_ms += other.constraint_ms;
        // A sum over generates of which one could not be measured would look like a small number, so it is absent.
        self.joules = match (self.joules, other.joules) {
            (Some(sum), Some(joules)) => Some(sum + joules),
            (None, joules) if first => joules,
            (None, _) | (Some(_), None) => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_energy_only_when_every_part_has_it() {
        let with = |joules| Account { decoded: 1, joules, ..Account::default() };
        let sum = |parts: &[Option<f64>]| {
            let mut total = Account::default();
            parts.iter().for_each(|&joules| total += &with(joules));
            (total.decoded, total.joules)
        };
        assert_eq!(sum(&[Some(1.0), Some(2.0)]), (2, Some(3.0)));
        assert_eq!(sum(&[Some(1.0), None, Some(1.0)]), (3, None));
        assert_eq!(sum(&[None]), (1, None));
    }
}
