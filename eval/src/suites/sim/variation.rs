//! How phones differ in what they call things.

use std::fmt;
use std::str::FromStr;

use deftly_sim::Variation as PhoneVariation;

use crate::EvalError;

/// Which words the labels of a phone take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variation {
    /// Every phone the same: `Wi-Fi`.
    Canonical,
    /// As phones of several makers differ: `WLAN` now and then, other orders and themes.
    Synonyms,
    /// Also any words and strings of letters: training data, from which a model learns to read labels.
    Random,
}

impl Variation {
    pub fn name(self) -> &'static str {
        match self {
            Self::Canonical => "canonical",
            Self::Synonyms => "synonyms",
            Self::Random => "random",
        }
    }

    pub(crate) fn variation(self) -> PhoneVariation {
        match self {
            Self::Canonical => PhoneVariation::CANONICAL,
            Self::Synonyms => PhoneVariation::STANDARD,
            Self::Random => PhoneVariation::TRAINING,
        }
    }
}

impl fmt::Display for Variation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Variation {
    type Err = EvalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Canonical, Self::Synonyms, Self::Random]
            .into_iter()
            .find(|variation| variation.name() == text)
            .ok_or_else(|| EvalError::NoSuchVariation { name: text.to_string() })
    }
}
