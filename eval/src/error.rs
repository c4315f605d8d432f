//! What can go wrong with an evaluation, as opposed to within an episode.

use std::path::PathBuf;

use deftly_agent::AgentError;

/// An evaluation could not be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    #[error("no suite is called {name:?}\nhint: the suites are sim and droidtask")]
    NoSuchSuite { name: String },

    #[error("no policy is called {name:?}\nhint: the policies are agent, oracle, random and first")]
    NoSuchPolicy { name: String },

    #[error(
        "no task fits {filter:?}\nhint: for example {example}; patterns may use * and ?, several are separated by commas"
    )]
    NoTasks { filter: String, example: String },

    #[error("suite {suite} has no oracle\nhint: it is made of recorded steps; use --policy agent, random or first")]
    NoOracle { suite: &'static str },

    /// A task that its own oracle cannot solve says nothing about an agent, so the suite has to be mended first.
    #[error(
        "the oracle does not solve\n  {}\nhint: the task's plan or its success check is wrong; see eval/src/suites/sim",
        list(tasks)
    )]
    OracleFailed { tasks: Vec<String> },

    #[error("{path}: {source}\nhint: {hint}")]
    File { path: PathBuf, source: std::io::Error, hint: &'static str },

    #[error(
        "{path}:{line}: not a line of an evaluation log: {reason}\nhint: choose another file, or remove this one to start anew"
    )]
    BadLog { path: PathBuf, line: usize, reason: String },

    #[error(
        "{path} was written by another evaluation: its {what} is {found}, this one has {expected}\nhint: choose another file, or remove this one to start anew"
    )]
    OtherEvaluation { path: PathBuf, what: String, found: String, expected: String },

    #[error(
        "{path}: {place}: {reason}\nhint: expected the format of AutoDroid's DroidTask profile: app -> task -> {{task, step_num, profile}}"
    )]
    BadData { path: PathBuf, place: String, reason: String },

    /// The simulated phone could not be served, or reached where it is.
    #[error("the simulated phone cannot be reached over adb: {reason}")]
    Serve { reason: String },

    #[error(transparent)]
    Agent(#[from] AgentError),

    #[error("the model could not be used: {error}")]
    Decider { error: String },

    #[error("no variation is called {name:?}\nhint: the variations are canonical, synonyms and random")]
    NoSuchVariation { name: String },

    #[error("no wordings are called {name:?}\nhint: they are plain, varied and held-out")]
    NoSuchWordings { name: String },

    /// The user stopped it; what was finished is in the log.
    #[error("stopped after {finished} of {total} episodes")]
    Cancelled { finished: usize, total: usize },
}

/// A few of many names.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n  ");
    match names.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{shown}\n  and {more} more"),
        Some(_) | None => shown,
    }
}
