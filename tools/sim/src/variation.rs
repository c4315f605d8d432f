//! How one simulated phone differs from another besides its data: words, order, theme.

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::vocabulary;

/// What is randomised by the phone's seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variation {
    pub labels: Labels,
    /// Whether rows whose order means nothing (see [`crate::ViewContext::shuffle`]) are shuffled.
    pub shuffle: bool,
    /// Whether theme and accent colour are drawn.
    pub theme: bool,
}

/// Which words the labels take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Labels {
    /// Each label's first word: `Wi-Fi`.
    Canonical,
    /// A synonym now and then: `WLAN`.
    Synonyms,
    /// Any words and strings of letters, so that a model learns to read labels and not to know them.
    Random,
}

impl Variation {
    /// Every phone has the same words in the same order; only its data is drawn.
    pub const CANONICAL: Self = Self { labels: Labels::Canonical, shuffle: false, theme: false };
    /// Phones as they differ between makers.
    pub const STANDARD: Self = Self { labels: Labels::Synonyms, shuffle: true, theme: true };
    /// For training data.
    pub const TRAINING: Self = Self { labels: Labels::Random, shuffle: true, theme: true };
}

impl Default for Variation {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// A label and its synonyms, the canonical one first, by the key it is asked for.
pub type LabelTable = &'static [(&'static str, &'static [&'static str])];

/// Chooses the words of one phone. The same key always gives the same word, in whatever order labels are asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wording {
    pub seed: u64,
    pub variation: Variation,
}

impl Wording {
    /// The label of `key` in the app `app`. A key that is not in the table is its own label: `save_as` gives `Save as`.
    pub fn label(self, app: &str, table: LabelTable, key: &str) -> String {
        let known = table.iter().find(|(name, _)| *name == key).map(|(_, words)| *words).unwrap_or_default();
        let from_key = sentence(&key.replace('_', " "));
        let canonical = known.first().map_or(from_key, |word| (*word).to_owned());
        self.choose(app, key, &canonical, known)
    }

    /// One of `known`, which begins with `canonical` or is empty.
    pub fn choose(self, app: &str, key: &str, canonical: &str, known: &[&str]) -> String {
        let mut rng = ChaCha8Rng::seed_from_u64(self.hash(&[app, "label", key]));
        let mut synonym = |chance: f64| match known.choose(&mut rng) {
            Some(word) if rng.random_bool(chance) => (*word).to_owned(),
            Some(_) | None => canonical.to_owned(),
        };
        match self.variation.labels {
            Labels::Canonical => canonical.to_owned(),
            Labels::Synonyms => synonym(0.45),
            Labels::Random => {
                let usual = synonym(0.6);
                match rng.random_range(0..10) {
                    0..4 => usual,
                    4..8 => random_words(&mut rng),
                    _ => random_letters(&mut rng),
                }
            }
        }
    }

    /// A number that depends on the seed and these words only (FNV-1a, then a finaliser to spread the bits).
    pub fn hash(self, words: &[&str]) -> u64 {
        let bytes = words.iter().flat_map(|word| word.bytes().chain([0xFF]));
        let hash = fnv1a(self.seed ^ 0xCBF2_9CE4_8422_2325, bytes);
        let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        mixed ^ (mixed >> 33)
    }
}

/// The FNV-1a hash of bytes, begun at `basis`.
pub(crate) fn fnv1a(basis: u64, bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(basis, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

fn random_words(rng: &mut ChaCha8Rng) -> String {
    let count = rng.random_range(1..=3);
    let words: Vec<&str> = (0..count).filter_map(|_| vocabulary::WORDS.choose(rng).copied()).collect();
    sentence(&words.join(" "))
}

fn random_letters(rng: &mut ChaCha8Rng) -> String {
    let length = rng.random_range(3..=9);
    sentence(&(0..length).map(|_| char::from(rng.random_range(b'a'..=b'z'))).collect::<String>())
}

/// With a capital first letter.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: LabelTable = &[("wifi", &["Wi-Fi", "WLAN", "Wireless"])];

    #[test]
    fn labels_follow_the_variation() {
        let wording = |seed, variation| Wording { seed, variation };
        for seed in 0..50 {
            assert_eq!(wording(seed, Variation::CANONICAL).label("a", TABLE, "wifi"), "Wi-Fi");
            assert_eq!(wording(seed, Variation::STANDARD).label("a", TABLE, "save_as"), "Save as");
            let label = wording(seed, Variation::STANDARD).label("a", TABLE, "wifi");
            assert!(TABLE[0].1.contains(&label.as_str()), "{label}");
            assert!(!wording(seed, Variation::TRAINING).label("a", TABLE, "wifi").is_empty());
        }
        let all = |variation| {
            (0..50)
                .map(|seed| wording(seed, variation).label("a", TABLE, "wifi"))
                .collect::<std::collections::BTreeSet<_>>()
        };
        assert_eq!(all(Variation::STANDARD).len(), 3);
        assert!(all(Variation::TRAINING).len() > 10);
    }
}
