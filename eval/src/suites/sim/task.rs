//! A task of the simulator: what is asked, how the phone is prepared, when it counts as solved, how it can be solved.

use std::collections::BTreeMap;
use std::sync::Arc;

use deftly_sim::SimPhone;
use deftly_tools::Status;
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::held_out::held_out;
use super::plan::Plan;
use super::varied::varied;
use crate::wording::{Wordings, fill, reword};

/// How often a varied wording starts from the template's own ones instead of [`varied`]'s.
const PLAIN_AMONG_VARIED: f64 = 0.2;

/// A question about the state of the phone.
pub type Check = Arc<dyn Fn(&SimPhone) -> bool + Send + Sync>;

/// A family of tasks: the same request with other names, numbers and phones. A seed makes a [`TaskInstance`] of it.
pub struct TaskTemplate {
    /// Unique over the suite, `APP_what_is_done`: `settings_turn_on_wifi`. What `--tasks` matches and reports show.
    pub name: &'static str,
    /// The apps that a solution goes through, by their short names: `settings`, `contacts`, ...
    pub apps: &'static [&'static str],
    pub difficulty: Difficulty,
    pub kind: Kind,
    /// Ways in which a person could ask for it, with `{placeholders}` that [`TaskBuilder::param`] fills.
    pub wordings: &'static [&'static str],
    /// Draws the parameters, prepares the phone, and says how success is decided and reached.
    pub build: fn(&mut TaskBuilder<'_>) -> Task,
}

/// How much has to go right, as a person would judge it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// One app, up to about four steps.
    Easy,
    /// One app with a form or a search, or up to about eight steps.
    Medium,
    /// More steps than that, two apps, or something to find out on the way.
    Hard,
}

/// What the person wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something done.
    Do,
    /// Something said.
    Answer,
    /// Something that this phone cannot do; the agent should find that out and say so.
    Infeasible,
}

/// How an episode ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "ending")]
pub enum Ending {
    /// The agent says that the goal is reached.
    Complete,
    /// The agent says that the goal cannot be reached.
    Infeasible,
    Answer {
        text: String,
    },
    /// The agent did not end by itself: out of steps, caught in a loop, or failed.
    Unfinished {
        reason: String,
    },
}

impl From<Status> for Ending {
    fn from(status: Status) -> Self {
        match status {
            Status::Complete => Self::Complete,
            Status::Infeasible => Self::Infeasible,
        }
    }
}

/// What [`TaskTemplate::build`] returns: when the task is solved, and a plan that solves it.
pub struct Task {
    pub(crate) success: Success,
    pub(crate) plan: Plan,
}

/// When an episode counts as solved. All of them need the agent to end the episode by itself, as AndroidWorld does.
pub(crate) enum Success {
    /// The phone is in a state.
    Reached(Check),
    /// One of these answers was given.
    Answered(Vec<String>),
    /// The agent said `infeasible` and left the phone in a state.
    Refused(Check),
}

impl Task {
    /// Something to do: solved when `reached` holds at the end.
    ///
    /// Check what was asked and that nothing near it broke: that the right contact is gone, and that the others are
    /// still there.
    pub fn reach(reached: impl Fn(&SimPhone) -> bool + Send + Sync + 'static, plan: Plan) -> Self {
        Self { success: Success::Reached(Arc::new(reached)), plan }
    }

    /// Something to find out: solved when the answer is one of `accepted`, compared as [`same_answer`] does. The first
    /// one is what the oracle says, so it should stand on the screen word for word.
    pub fn answer<T: Into<String>>(accepted: impl IntoIterator<Item = T>, plan: Plan) -> Self {
        let accepted: Vec<String> = accepted.into_iter().map(Into::into).collect();
        let plan = plan.answer(accepted.first().cloned().unwrap_or_default());
        Self { success: Success::Answered(accepted), plan }
    }

    /// Something that cannot be done: solved when the agent says so and `unharmed` holds.
    pub fn infeasible(unharmed: impl Fn(&SimPhone) -> bool + Send + Sync + 'static, plan: Plan) -> Self {
        Self { success: Success::Refused(Arc::new(unharmed)), plan: plan.infeasible() }
    }

    /// Whether an episode that ended so, with the phone in this state, is a success.
    pub fn is_solved(&self, phone: &SimPhone, ending: &Ending) -> bool {
        match (&self.success, ending) {
            (Success::Reached(check), Ending::Complete) => check(phone),
            (Success::Answered(accepted), Ending::Answer { text }) => accepted.iter().any(|one| same_answer(one, text)),
            (Success::Refused(check), Ending::Infeasible) => check(phone),
            (Success::Reached(_) | Success::Answered(_) | Success::Refused(_), _) => false,
        }
    }

    /// Whether the phone is in the state that was to be reached; `None` for tasks that have none.
    pub fn is_reached(&self, phone: &SimPhone) -> Option<bool> {
        match &self.success {
            Success::Reached(check) => Some(check(phone)),
            Success::Answered(_) | Success::Refused(_) => None,
        }
    }

    /// What kind of task the success check is for; must agree with [`TaskTemplate::kind`].
    pub fn kind(&self) -> Kind {
        match self.success {
            Success::Reached(_) => Kind::Do,
            Success::Answered(_) => Kind::Answer,
            Success::Refused(_) => Kind::Infeasible,
        }
    }
}

/// Whether two answers say the same: equal but for case, spaces, and punctuation around words.
pub fn same_answer(expected: &str, given: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split_whitespace()
            .map(|word| word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '+' && c != '-').to_lowercase())
            .filter(|word| !word.is_empty())
            .collect()
    };
    words(expected) == words(given)
}

/// One task to be done on one phone.
pub struct TaskInstance {
    pub template: &'static TaskTemplate,
    pub seed: u64,
    /// The request in plain words.
    pub goal: String,
    /// What was drawn, by placeholder.
    pub params: BTreeMap<String, String>,
    pub task: Task,
}

/// Draws a task's parameters and prepares the phone for it.
pub struct TaskBuilder<'a> {
    /// The phone, already filled with its seed's content; change its state freely.
    pub phone: &'a mut SimPhone,
    rng: ChaCha8Rng,
    params: BTreeMap<String, String>,
}

impl<'a> TaskBuilder<'a> {
    pub(crate) fn new(phone: &'a mut SimPhone, rng: ChaCha8Rng) -> Self {
        Self { phone, rng, params: BTreeMap::new() }
    }

    /// Fills `{name}` in the wordings.
    pub fn param(&mut self, name: &str, value: impl ToString) -> &mut Self {
        self.params.insert(name.to_string(), value.to_string());
        self
    }

    /// Fills `{name}` with what this phone calls the widget with this key, so that the goal names what the screen shows
    /// even when labels are randomised: the phone's word for `wifi` may be `Wireless`.
    pub fn label(&mut self, name: &str, app: &str, key: &str) -> &mut Self {
        let label = self.phone.label(app, key);
        self.param(name, label)
    }

    /// One of `options`; `options` must not be empty.
    pub fn choose<T: Clone>(&mut self, options: &[T]) -> T {
        #[expect(clippy::expect_used, reason = "templates are our own code; a test builds every one of them")]
        options.choose(&mut self.rng).cloned().expect("something to choose from")
    }

    /// A number in the range, ends included.
    pub fn number(&mut self, range: std::ops::RangeInclusive<i64>) -> i64 {
        self.rng.random_range(range)
    }

    /// The task's own random numbers, for everything else.
    pub fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.rng
    }

    /// The goal in words: a wording with its placeholders filled. A placeholder without a parameter stays as it is,
    /// which a test over all templates finds.
    pub(crate) fn finish(
        mut self,
        template: &'static TaskTemplate,
        seed: u64,
        task: Task,
        wordings: Wordings,
    ) -> TaskInstance {
        let known = match wordings {
            Wordings::Plain => template.wordings,
            Wordings::Varied if self.rng.random_bool(PLAIN_AMONG_VARIED) => template.wordings,
            Wordings::Varied => varied(template.name),
            Wordings::HeldOut => held_out(template.name),
        };
        let wording = known.choose(&mut self.rng).copied().unwrap_or(template.name);
        let named = |name: &str| self.params.get(name).map(String::as_str);
        let goal = match wordings {
            Wordings::Plain | Wordings::HeldOut => fill(wording, named),
            Wordings::Varied => fill(&reword(wording, &mut self.rng), named),
        };
        TaskInstance { template, seed, goal, params: self.params, task }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        let params = [("name", "{who}"), ("who", "Bob")].map(|(name, value)| (name.to_string(), value.to_string()));
        let params = BTreeMap::from(params);
        for (wording, expected) in
            [("Call {who} now", "Call Bob now"), ("{name}{who}", "{who}Bob"), ("Say {what}", "Say {what}"), ("{", "{")]
        {
            assert_eq!(fill(wording, |name| params.get(name).map(String::as_str)), expected);
        }
    }

    #[test]
    fn answers() {
        for (expected, given, same) in [
            ("07:30", "7:30", false),
            ("07:30", " 07:30. ", true),
            ("Anna Berg", "anna berg", true),
            ("Anna Berg", "It is Anna Berg", false),
            ("3", "\"3\"", true),
            ("-3", "3", false),
            ("", "", true),
        ] {
            assert_eq!(same_answer(expected, given), same, "{expected:?} {given:?}");
        }
    }
}
