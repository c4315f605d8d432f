//! Pursues a goal on a phone: observe, decide, check the policy, act, verify.
//!
//! The key types, in the order in which a run uses them:
//!
//! 1. [`Agent`]: a phone, a [`Decider`] and the host's rules, put together by [`Agent::builder`].
//! 2. [`Decider`]: chooses the next action. [`ModelDecider`] asks a language model; an oracle or a script works as well.
//! 3. [`Policy`]: what the agent may do, whatever the model wants: actions that pay, send, delete or grant need a yes
//!    from the [`Confirmer`]. Text on the screen is data; it can change neither goal nor policy.
//! 4. [`AgentEvent`]: everything that happens, for a terminal, the [`Trace`] file, or an evaluator.
//! 5. [`RunReport`]: how the run ended ([`RunOutcome`]), and what it cost.
//!
//! A goal can ask for something, and the answer comes back as a type:
//!
//! ```no_run
//! use deftly_agent::{Agent, ModelDecider, ModelOptions, Policy};
//! use deftly_engine::{LoadedModel, Session};
//!
//! #[derive(Debug, schemars::JsonSchema, serde::Deserialize)]
//! struct Battery { percent: u8, charging: bool }
//!
//! async fn ask(phone: Box<dyn deftly_tools::Device>, model: LoadedModel) -> Result<(), deftly_agent::AgentError> {
//!     let decider = ModelDecider::new(Session::new(model)?, ModelOptions::default());
//!     let mut agent = Agent::builder().device(phone).decider(Box::new(decider)).policy(Policy::default()).build();
//!     let run = agent.run_typed::<Battery>("How full is the battery?", &Default::default()).await?;
//!     println!("{}, {:?}", run.report.outcome, run.answer);
//!     Ok(())
//! }
//! ```
//!
//! What the agent makes sure of, in every run:
//!
//! - An effect is looked for after every action, and the decider is told when there is none.
//! - Steps, time, refusals and unreadable replies are bounded, and a loop is broken.
//! - A cancelled run ends at once, with a whole trace.
//! - What is typed into password fields is written nowhere.

mod agent;
mod bounds;
mod decide;
mod error;
mod event;
mod expected;
mod loops;
mod mask;
mod model;
mod policy;
mod recorder;
mod report;
mod risk;
mod run;
mod secrets;
mod trace;
mod typed;
mod verify;

pub use agent::{Agent, AgentBuilder, Limits, Missing};
pub use decide::{Decider, Decision, Extraction, StepContext};
pub use error::AgentError;
pub use event::{AgentEvent, RunStart, StepRecord, TRACE_VERSION};
pub use model::{ModelDecider, ModelOptions};
pub use policy::{Confirm, Confirmer, Consent, Policy, Question, UnknownConfirm};
pub use report::{PhaseMs, RunOutcome, RunReport};
pub use risk::Risk;
pub use secrets::{is_secret_name, secret_names};
pub use trace::{Trace, TraceOptions, TraceTarget};
pub use typed::TypedReport;
