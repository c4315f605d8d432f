//! Where drafts come from, and which of these places are asked.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a token was known from before the model had said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftSource {
    /// What followed the same tokens earlier in the prompt or the reply.
    Context,
    /// What followed them in earlier replies of the model.
    History,
    /// What the model thought likely behind the same token when it read the prompt.
    Calibrated,
    /// The part of a rejected draft on which the model agreed.
    Reuse,
    /// What the constraint leaves as the only text. A token without alternative needs no pass.
    Forced,
}

impl DraftSource {
    pub const ALL: [Self; 5] = [Self::Context, Self::History, Self::Calibrated, Self::Reuse, Self::Forced];

    pub fn name(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::History => "history",
            Self::Calibrated => "calibrated",
            Self::Reuse => "reuse",
            Self::Forced => "forced",
        }
    }
}

impl fmt::Display for DraftSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The sources that are asked. Written `all`, `none`, or names with commas between them: `context,history`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftSources(u8);

impl DraftSources {
    pub const ALL: Self = Self((1 << DraftSource::ALL.len()) - 1);
    pub const NONE: Self = Self(0);

    pub fn contains(self, source: DraftSource) -> bool {
        self.0 & (1 << source as u8) != 0
    }

    #[must_use]
    pub fn with(self, source: DraftSource) -> Self {
        Self(self.0 | 1 << source as u8)
    }
}

impl Default for DraftSources {
    fn default() -> Self {
        Self::ALL
    }
}

impl fmt::Display for DraftSources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ALL => f.write_str("all"),
            Self::NONE => f.write_str("none"),
            Self(_) => {
                let on = DraftSource::ALL.into_iter().filter(|&source| self.contains(source));
                f.write_str(&on.map(DraftSource::name).collect::<Vec<_>>().join(","))
            }
        }
    }
}

/// A name that is none of the sources'.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no source of drafts\nhint: all, none, or some of context,history,calibrated,reuse,forced")]
pub struct UnknownDraftSource(String);

impl FromStr for DraftSources {
    type Err = UnknownDraftSource;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => return Ok(Self::ALL),
            "none" => return Ok(Self::NONE),
            _ => {}
        }
        text.split(',').try_fold(Self::NONE, |sources, name| {
            let source = DraftSource::ALL.into_iter().find(|source| source.name() == name.trim());
            source.map(|source| sources.with(source)).ok_or_else(|| UnknownDraftSource(name.to_owned()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_read_as_they_are_written() {
        let check = |text: &str, expected: Option<&str>| {
            let found = text.parse::<DraftSources>().ok().map(|sources| sources.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("all", Some("all"));
        check("none", Some("none"));
        check("history,context", Some("context,history"));
        check("context, forced", Some("context,forced"));
        check("context,history,calibrated,reuse,forced", Some("all"));
        check("", None);
        check("context,", None);
        check("ngram", None);
    }
}
