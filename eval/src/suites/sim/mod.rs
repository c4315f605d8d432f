//! Suite `sim`: tasks on the simulated phone, success decided from its state.
//!
//! To add a task, write a [`TaskTemplate`] in the file of its (first) app and list it in that file's `TEMPLATES`:
//!
//! ```ignore
//! pub(super) static TEMPLATES: &[TaskTemplate] = &[TaskTemplate {
//!     name: "settings_turn_on_wifi",
//!     apps: &["settings"],
//!     difficulty: Difficulty::Easy,
//!     kind: Kind::Do,
//!     wordings: &["Turn on {wifi}", "Please switch {wifi} on", "I need {wifi} to be enabled"],
//!     build: turn_on_wifi,
//! }];
//!
//! fn turn_on_wifi(b: &mut TaskBuilder<'_>) -> Task {
//!     b.label("wifi", "settings", "wifi");                       // this phone's word for it
//!     b.phone.app_mut::<Settings>().wifi = false;                // so that there is something to do
//!     let plan = Plan::in_app("settings").tap("network").set("wifi", true);
//!     Task::reach(|phone| phone.app::<Settings>().wifi, plan)
//! }
//! ```
//!
//! An answer: `Task::answer([text], Plan::in_app("contacts").tap("contact_3").see("phone"))`. Something impossible:
//! `Task::infeasible(|phone| unharmed, plan that goes where it ought to be)`.
//!
//! [`plan`] explains how the oracle follows a plan from any situation; read its header before writing one. A test runs the
//! oracle on every template over many seeds, and a template that it cannot solve fails that test.

mod calendar;
mod clock;
mod contacts;
mod files;
mod messages;
mod notes;
mod settings;
mod shop;

pub mod oracle;
pub mod phone;
pub mod plan;
mod suite;
pub mod task;
mod variation;

pub use oracle::Oracle;
pub use phone::SharedPhone;
pub use plan::{Key, Plan};
pub use suite::{SimEpisode, SimSuite, SimSuiteOptions};
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
