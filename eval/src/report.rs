//! The result of an evaluation: one JSON object, and a table for people.
//!
//! The JSON's shape, the same for every suite:
//!
//! ```json
//! {"suite": "sim", "policy": "agent", "evaluation": {"model": "..."},
//!  "success_rate": 0.61, "interval": [0.52, 0.69], "successes": 73, "episodes": 120,
//!  "per_task": [{"name": "settings_turn_on_wifi", "apps": ["settings"], "difficulty": "easy", "kind": "do",
//!                "success_rate": 1.0, "interval": [0.44, 1.0], "successes": 3, "episodes": 3,
//!                "steps": 4.0, "optimal_steps": 4.0}],
//!  "per_app": [...], "per_difficulty": [...], "per_kind": [...],
//!  "steps": {"total": 801, "per_episode": 6.7, "over_optimal": 1.3},
//!  "tokens": {"prompt": 90210, "reused": 70000, "prefilled": 20210, "decoded": 9000, "passes": 3900,
//!             "forced": 2500, "drafted": 4000, "accepted": 2600,
//!             "per_step": {"prompt": 112.6, "reused": 87.4, "prefilled": 25.2, "decoded": 11.2}},
//!  "ms": {"total": 60000.0, "observe": 90.0, "decide": 58000.0, "act": 100.0, "prefill": 9000.0, "decode": 45000.0,
//!         "per_step": 74.9, "per_episode": 500.0},
//!  "metrics": {"step_accuracy": {"value": 0.4, "interval": [0.3, 0.5]}},
//!  "baselines": [{"policy": "random", "success_rate": 0.02, "interval": [0.0, 0.06], "metrics": {}}],
//!  "failures": [{"task": "...", "seed": 3, "reason": "..."}], "errors": [...]}
//! ```
//!
//! Rates are 0 to 1, intervals are Wilson's at 95%, `over_optimal` is steps over the oracle's steps in solved episodes.
//! `finished_f1` is the F1 of saying that a task is finished, against what is so: for `sim`, at the end of each episode.
//! A number that does not exist (a rate of nothing) is `null`, never 0.

use std::collections::BTreeMap;

use deftly_engine::{Account, DraftTallies};
use serde::Serialize;

use crate::stats::{Rate, f1};
use crate::suites::sim::{Difficulty, Ending, Kind};
use crate::{Episode, Fingerprint};

/// See the module for the JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub suite: String,
    pub policy: String,
    pub evaluation: BTreeMap<String, String>,
    #[serde(flatten)]
    pub overall: Score,
    pub per_task: Vec<Group>,
    pub per_app: Vec<Group>,
    pub per_difficulty: Vec<Group>,
    pub per_kind: Vec<Group>,
    pub steps: Steps,
    pub tokens: Tokens,
    pub ms: Milliseconds,
    pub metrics: BTreeMap<String, Metric>,
    pub baselines: Vec<Baseline>,
    pub failures: Vec<Failure>,
    pub errors: Vec<Failure>,
}

/// A success rate with what it was counted from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    pub success_rate: Option<f64>,
    pub interval: [f64; 2],
    pub successes: u64,
    pub episodes: u64,
}

/// The episodes that have something in common: the task, the app, the difficulty.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    pub name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub apps: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<Difficulty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(flatten)]
    pub score: Score,
    /// Per episode.
    pub steps: Option<f64>,
    /// Per episode, the oracle's.
    pub optimal_steps: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Steps {
    pub total: usize,
    pub per_episode: Option<f64>,
    /// Steps over the oracle's steps, in the solved episodes; 1 is as good as the oracle.
    pub over_optimal: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tokens {
    pub prompt: usize,
    pub reused: usize,
    pub prefilled: usize,
    pub decoded: usize,
    pub passes: usize,
    /// Emitted without logits, because the schema left no choice.
    pub forced: usize,
    /// Guessed, and of these right, by where the guesses came from.
    pub drafts: DraftTallies,
    /// Guesses that were right, a pass.
    pub accepted_per_pass: Option<f64>,
    /// `None` without steps.
    pub per_step: Option<TokensPerStep>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TokensPerStep {
    pub prompt: f64,
    pub reused: f64,
    pub prefilled: f64,
    pub decoded: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Milliseconds {
    pub total: f64,
    pub observe: f64,
    pub decide: f64,
    pub act: f64,
    /// Parts of `decide`.
    pub prefill: f64,
    /// The part of `prefill` and `decode` that was spent on masks and on what the schema forces.
    pub constraint: f64,
    pub decode: f64,
    pub per_step: Option<f64>,
    pub per_episode: Option<f64>,
}

/// A number beside the success rate, with its interval if it is a rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Metric {
    pub value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
}

/// What another policy reaches on the same episodes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Baseline {
    pub policy: String,
    #[serde(flatten)]
    pub score: Score,
    pub metrics: BTreeMap<String, Metric>,
}

/// An episode that was not solved, and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Failure {
    pub task: String,
    pub seed: u64,
    pub reason: String,
}

impl From<Rate> for Score {
    fn from(rate: Rate) -> Self {
        Self { success_rate: rate.value(), interval: rate.wilson(), successes: rate.successes, episodes: rate.attempts }
    }
}

impl From<Rate> for Metric {
    fn from(rate: Rate) -> Self {
        Self { value: rate.value(), interval: Some(rate.wilson()) }
    }
}

impl Report {
    /// Sums up. Episodes with an error are listed apart and counted nowhere.
    pub fn new(suite: &str, policy: &str, fingerprint: &Fingerprint, episodes: &[Episode]) -> Self {
        let (errors, counted): (Vec<&Episode>, Vec<&Episode>) = episodes.iter().partition(|one| one.error.is_some());
        Self {
            suite: suite.to_string(),
            policy: policy.to_string(),
            evaluation: fingerprint.parts.clone(),
            overall: score(&counted),
            per_task: groups(&counted, |one| vec![one.task.clone()], true),
            per_app: groups(&counted, |one| one.apps.clone(), false),
            per_difficulty: groups(&counted, |one| one.difficulty.map(|it| word(&it)).into_iter().collect(), false),
            per_kind: groups(&counted, |one| one.kind.map(|it| word(&it)).into_iter().collect(), false),
            steps: steps(&counted),
            tokens: tokens(&counted),
            ms: milliseconds(&counted),
            metrics: metrics(&counted),
            baselines: Vec::new(),
            failures: counted.iter().filter(|one| !one.solved).map(|one| failure(one)).collect(),
            errors: errors.into_iter().map(failure).collect(),
        }
    }

    /// Adds what another policy reached on the same episodes.
    pub fn add_baseline(&mut self, policy: &str, episodes: &[Episode]) {
        let counted: Vec<&Episode> = episodes.iter().filter(|one| one.error.is_none()).collect();
        self.baselines.push(Baseline {
            policy: policy.to_string(),
            score: score(&counted),
            metrics: metrics(&counted),
        });
    }
}

fn score(episodes: &[&Episode]) -> Score {
    episodes.iter().map(|one| one.solved).collect::<Rate>().into()
}

/// Groups in the order in which their first episode comes; an episode may belong to several.
fn groups(episodes: &[&Episode], names: impl Fn(&Episode) -> Vec<String>, describe: bool) -> Vec<Group> {
    let mut order: Vec<String> = Vec::new();
    let mut members: BTreeMap<String, Vec<&Episode>> = BTreeMap::new();
    for episode in episodes {
        for name in names(episode) {
            let group = members.entry(name.clone()).or_default();
            if group.is_empty() {
                order.push(name);
            }
            group.push(episode);
        }
    }
    order.into_iter().map(|name| group(members.remove(&name).unwrap_or_default(), name, describe)).collect()
}

fn group(episodes: Vec<&Episode>, name: String, describe: bool) -> Group {
    let first = episodes.first().filter(|_| describe);
    let total = |count: fn(&Episode) -> usize| episodes.iter().map(|one| count(one)).sum::<usize>() as f64;
    Group {
        name,
        apps: first.map(|one| one.apps.clone()).unwrap_or_default(),
        difficulty: first.and_then(|one| one.difficulty),
        kind: first.and_then(|one| one.kind),
        score: score(&episodes),
        steps: ratio(total(|one| one.steps), episodes.len()),
        optimal_steps: ratio(total(|one| one.optimal_steps), episodes.len()),
    }
}

fn steps(episodes: &[&Episode]) -> Steps {
    let total = episodes.iter().map(|one| one.steps).sum();
    let solved = || episodes.iter().filter(|one| one.solved);
    let optimal: usize = solved().map(|one| one.optimal_steps).sum();
    let taken: usize = solved().map(|one| one.steps).sum();
    Steps { total, per_episode: ratio(total as f64, episodes.len()), over_optimal: ratio(taken as f64, optimal) }
}

fn sum_accounts(episodes: &[&Episode]) -> Account {
    let mut sum = Account::default();
    episodes.iter().for_each(|one| sum += &one.account);
    sum
}

fn tokens(episodes: &[&Episode]) -> Tokens {
    let sum = sum_accounts(episodes);
    let steps: usize = episodes.iter().map(|one| one.steps).sum();
    let per = |count: usize| count as f64 / steps as f64;
    Tokens {
        prompt: sum.prompt_tokens,
        reused: sum.reused,
        prefilled: sum.prefilled,
        decoded: sum.decoded,
        passes: sum.passes,
        forced: sum.forced,
        drafts: sum.drafts,
        accepted_per_pass: ratio(sum.drafts.total().accepted as f64, sum.passes),
        per_step: (steps > 0).then(|| TokensPerStep {
            prompt: per(sum.prompt_tokens),
            reused: per(sum.reused),
            prefilled: per(sum.prefilled),
            decoded: per(sum.decoded),
        }),
    }
}

fn milliseconds(episodes: &[&Episode]) -> Milliseconds {
    let account = sum_accounts(episodes);
    let sum = |part: fn(&Episode) -> f64| episodes.iter().map(|one| part(one)).sum::<f64>();
    let total = sum(|one| one.ms.total);
    Milliseconds {
        total,
        observe: sum(|one| one.ms.observe),
        decide: sum(|one| one.ms.decide),
        act: sum(|one| one.ms.act),
        prefill: account.prefill_ms,
        constraint: account.constraint_ms,
        decode: account.decode_ms,
        per_step: ratio(total, episodes.iter().map(|one| one.steps).sum()),
        per_episode: ratio(total, episodes.len()),
    }
}

/// The measures of a suite beside success.
fn metrics(episodes: &[&Episode]) -> BTreeMap<String, Metric> {
    let mut metrics = recorded_metrics(episodes);
    let said = || episodes.iter().map(|one| (one.ending == Ending::Complete, one.reached));
    if said().any(|(_, reached)| reached.is_some()) {
        let pairs = said().map(|(says, reached)| (says, reached.unwrap_or(false)));
        metrics.insert("finished_f1".to_string(), finished_f1(pairs));
    }
    metrics
}

/// How well `finished` is said, from pairs of whether it was said and whether it was so.
fn finished_f1(pairs: impl Iterator<Item = (bool, bool)>) -> Metric {
    let (mut right, mut too_early, mut missed) = (0, 0, 0);
    for pair in pairs {
        match pair {
            (true, true) => right += 1,
            (true, false) => too_early += 1,
            (false, true) => missed += 1,
            (false, false) => {}
        }
    }
    Metric { value: Some(f1(right, too_early, missed)), interval: None }
}

/// The measures of recorded steps; empty for suites without them.
fn recorded_metrics(episodes: &[&Episode]) -> BTreeMap<String, Metric> {
    let scores = || episodes.iter().flat_map(|one| &one.recorded);
    if scores().next().is_none() {
        return BTreeMap::new();
    }
    let rate = |of: fn(&crate::StepScore) -> bool| Metric::from(scores().map(of).collect::<Rate>());
    BTreeMap::from([
        ("step_accuracy".to_string(), rate(|one| one.right)),
        ("type_accuracy".to_string(), rate(|one| one.right_type)),
        ("unreadable_rate".to_string(), rate(|one| one.unreadable)),
        ("finished_f1".to_string(), finished_f1(scores().map(|one| (one.says_finished, one.is_finished)))),
        ("task_completion".to_string(), episodes.iter().map(|one| one.solved).collect::<Rate>().into()),
    ])
}

fn failure(episode: &Episode) -> Failure {
    let reason = match (&episode.error, &episode.ending) {
        (Some(error), _) => error.clone(),
        (None, Ending::Complete) => "said complete, but the phone is not in the state asked for".to_string(),
        (None, Ending::Infeasible) => "said infeasible".to_string(),
        (None, Ending::Answer { text }) => format!("answered {text:?}"),
        (None, Ending::Unfinished { reason }) => reason.clone(),
    };
    Failure { task: episode.task.clone(), seed: episode.seed, reason }
}

fn ratio(total: f64, count: usize) -> Option<f64> {
    (count > 0).then(|| total / count as f64)
}

/// The word that serde writes for a unit variant.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|json| json.as_str().map(String::from)).unwrap_or_default()
}
