//! What a prompt is made of, and the budget it must fit.

use deftly_tools::{Action, App, Observation};
use serde::{Deserialize, Serialize};

/// Everything that the model may know when it chooses the next action.
#[derive(Debug, Clone, Copy)]
pub struct PromptInput<'a> {
    /// In the owner's words.
    pub goal: &'a str,
    /// The steps so far, oldest first.
    pub history: &'a [Turn],
    pub observation: &'a Observation,
    /// The apps that can be opened.
    pub apps: &'a [App],
}

/// One step of the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub action: Action,
    /// What the action's element was called when it was acted on: its id means nothing on a later screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    pub outcome: Outcome,
}

impl Turn {
    /// A step in which nothing was done because the model's reply could not be read.
    ///
    /// `Wait` stands in for the missing action; the prompt does not show it.
    pub fn unreadable(reason: impl Into<String>) -> Self {
        Self { action: Action::Wait, label: None, outcome: Outcome::Unreadable(reason.into()) }
    }
}

/// What came of a step, as far as the model is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "reason")]
pub enum Outcome {
    /// The screen is another than before. Nothing is said about it: this is the ordinary case.
    Changed,
    /// The action was performed, and the screen is as it was.
    NothingChanged,
    /// The device could not perform it.
    Failed(String),
    /// The host's policy, or the owner, said no.
    Refused(String),
    /// The model's reply was no action.
    Unreadable(String),
}

/// How long a prompt may be.
#[derive(Clone, Copy)]
pub struct Budget<'a> {
    /// Tokens for the system and the user text together. What the chat template adds is the caller's to subtract.
    pub max_tokens: usize,
    /// Counts the tokens of a text.
    pub count: &'a dyn Fn(&str) -> usize,
}

impl Budget<'static> {
    /// No limit: nothing is ever left out.
    pub fn unlimited() -> Self {
        Self { max_tokens: usize::MAX, count: &|_| 0 }
    }
}

impl std::fmt::Debug for Budget<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Budget").field("max_tokens", &self.max_tokens).finish_non_exhaustive()
    }
}

/// The two messages that a model gets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// The same for every step of every goal, so that an engine computes it once.
    pub system: String,
    pub user: String,
    /// How many lines of the screen and of the history were left out to fit the budget.
    pub trimmed_lines: usize,
}
