//! Wordings that training never sees: what the suite measures understanding with.

/// The held-out wordings of a task.
pub fn held_out(task: &str) -> &'static [&'static str] {
    HELD_OUT.iter().find(|(name, _)| *name == task).map_or(&[], |(_, wordings)| wordings)
}

const HELD_OUT: &[(&str, &[&str])] = &[];
