//! Suite `sim`: tasks on the simulated phone, success decided from its state.
//!
//! To add a task, write a [`TaskTemplate`] in the file of its first app and list it in that file's `TEMPLATES`
//! (`settings.rs` has one of each kind):
//!
//! ```ignore
//! TaskTemplate {
//!     name: "settings_turn_on_wifi",                             // APP_what_is_done
//!     apps: &["settings"],
//!     difficulty: Difficulty::Easy,
//!     kind: Kind::Do,
//!     wordings: &["Turn on {wifi}", "Please switch {wifi} on"],  // several, so that no single one is learnt
//!     build: turn_on_wifi,
//! }
//!
//! fn turn_on_wifi(b: &mut TaskBuilder<'_>) -> Task {
//!     b.label("wifi", "settings", "wifi");                       // {wifi} is this phone's word for it
//!     b.phone.system_mut().set_wifi(false);                      // so that there is something to do
//!     let plan = Plan::in_app("settings").tap("network").set("wifi", true);
//!     Task::reach(|phone| phone.system().wifi, plan)
//! }
//! ```
//!
//! - Something to find out: `Task::answer([text], Plan::in_app("contacts").tap("contact_3").see("phone"))`. The answer must
//!   stand on the screen at the end, since an agent can only copy what it sees.
//! - Something impossible: `Task::infeasible(|phone| unharmed, plan that goes to where it ought to be)`.
//! - Two apps: `.open("messages")` begins the next stage; `.remember(key)` presses what has to be known there, because
//!   the labels of what was pressed are all that an agent remembers.
//! - A goal names whatever is randomised by what this phone shows: labels through [`TaskBuilder::label`], apps through
//!   `b.param("app", b.phone.app_name("shop"))`, people and things by their names in the app's state.
//! - State is changed by `b.phone.app_mut::<App>()` and `b.phone.system_mut()` only; the phone starts at its launcher.
//!
//! [`plan`] explains how the oracle follows a plan from any situation; read its header before writing one. The test
//! `the_oracle_solves_every_task` runs it on every template over seeds and variations, and names what it cannot solve.

mod calendar;
mod clock;
mod contacts;
mod files;
mod guided;
pub mod held_out;
mod messages;
mod notes;
mod settings;
mod shop;

pub mod oracle;
pub mod phone;
pub mod plan;
mod served;
mod suite;
pub mod task;
mod variation;
pub mod varied;

pub use oracle::Oracle;
pub use phone::{PhoneState, SharedPhone};
pub use plan::{Key, Plan};
pub use served::ServedPhone;
pub use suite::{Route, SimEpisode, SimSuite, SimSuiteOptions};
pub use task::{Check, Difficulty, Ending, Kind, Task, TaskBuilder, TaskInstance, TaskTemplate, same_answer};
pub use variation::Variation;

/// Every template of the suite, in the order in which reports show them.
pub fn templates() -> impl Iterator<Item = &'static TaskTemplate> {
    [
        settings::TEMPLATES,
        contacts::TEMPLATES,
        messages::TEMPLATES,
        clock::TEMPLATES,
        calendar::TEMPLATES,
        notes::TEMPLATES,
        files::TEMPLATES,
        shop::TEMPLATES,
    ]
    .into_iter()
    .flatten()
}
