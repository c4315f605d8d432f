//! Suites, oracle and baselines, scoring, statistics, reports.
//!
//! The key types, in the order in which an evaluation goes through them:
//!
//! 1. [`Suite`]: a set of tasks and how to run one. [`SimSuite`] has tasks on simulated phones whose success
//!    is decided from the phone's state; [`DroidtaskSuite`] has recorded steps of real apps.
//! 2. [`Policy`]: who chooses the actions: a model, the suite's own oracle, or a baseline.
//! 3. [`evaluate`]: runs every task with every seed, keeps each [`Episode`] in a log so that an interrupted evaluation
//!    goes on where it was, and returns a
//! 4. [`Report`]: success rate with its interval, per task, app and difficulty, steps, tokens and milliseconds, as JSON or,
//!    by [`render`], as a table.
//!
//! Beside it, [`trajectories`] writes what the oracle does as training data, on the simulated phone and in [`synthetic`] apps.

mod episode;
mod error;
mod evaluate;
mod filter;
mod log;
mod policy;
mod report;
mod stats;
pub mod suites;
pub mod synthetic;
mod table;
pub mod trajectories;
mod wording;

pub use episode::{Episode, EpisodeMs, StepScore};
pub use error::EvalError;
pub use evaluate::{EvalEvent, EvalOptions, Job, Policy, Progress, Suite, evaluate};
pub use filter::{TaskFilter, glob_matches};
pub use log::{EpisodeLog, Fingerprint};
pub use policy::{FirstDecider, PolicyKind, RandomDecider, SharedDecider, random_action};
pub use report::Report;
pub use stats::{Rate, f1};
pub use suites::droidtask::DroidtaskSuite;
pub use suites::sim::{Route, SimSuite, SimSuiteOptions};
pub use table::render;
pub use wording::{Wordings, reword};
