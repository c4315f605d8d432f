//! What is kept of one episode: a line of the log, a line of the JSON report.

use deftly_engine::Account;
use serde::{Deserialize, Serialize};

use crate::suites::sim::{Difficulty, Ending, Kind};

/// One task, done once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Episode {
    /// The template's name, or the recorded task's.
    pub task: String,
    pub seed: u64,
    pub apps: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<Difficulty>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    pub goal: String,
    pub solved: bool,
    /// Whether the phone was in the state asked for at the end, whatever the agent said; `None` where nothing but words
    /// was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<bool>,
    #[serde(flatten)]
    pub ending: Ending,
    /// Decisions, the one that ended the episode included.
    pub steps: usize,
    /// What the oracle needed.
    pub optimal_steps: usize,
    /// Sums over the steps; all zero for policies without a model.
    pub account: Account,
    pub ms: EpisodeMs,
    /// For suites of recorded steps: how each was answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recorded: Vec<StepScore>,
    /// The evaluation failed, not the agent; such an episode is listed but not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Real milliseconds of an episode by phase. The prefill and decode parts of `decide` are in the account.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct EpisodeMs {
    /// Looking until the screen stood still.
    pub observe: f64,
    /// The policy: for a model, prompt, prefill, decode, parsing.
    pub decide: f64,
    pub act: f64,
    /// From start to end, verification and everything else included.
    pub total: f64,
}

/// How one recorded step was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepScore {
    /// Element and text, or `finished`, as recorded.
    pub right: bool,
    /// The same kind of step: press, type, or finished.
    pub right_type: bool,
    pub says_finished: bool,
    pub is_finished: bool,
    /// The reply could not be read.
    pub unreadable: bool,
}
