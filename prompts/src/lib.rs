//! Between what the agent knows and what a language model reads and writes.
//!
//! The key types, in the order in which data flows through them:
//!
//! 1. [`PromptInput`]: the goal, the steps so far ([`Turn`] with its [`Outcome`]), the observation, the installed apps.
//! 2. [`render`]: makes the [`Prompt`] of a [`Dialect`], trimmed to a [`Budget`].
//! 3. [`reply_schema`]: the JSON Schema of the replies that make sense on this screen, for constrained decoding.
//! 4. [`parse_reply`]: model text to [`Action`](deftly_tools::Action), tolerant in form and strict in meaning.
//!    [`reply_text`] is its inverse in the compact dialect, which writes training data.
//!
//! Usage: [`render`] the input, let a model generate under [`reply_schema`], [`parse_reply`]; if that fails, append
//! [`Turn::unreadable`] to the history, so that the model sees the error on its next try.

mod compact;
mod dialect;
mod droidtask;
mod error;
mod input;
mod label;
mod line;
mod parse;
mod reply;
mod schema;
mod t3a;
mod template;
mod trim;

pub use dialect::{Dialect, UnknownDialect, parse_reply, render, reply_schema};
pub use error::ReplyError;
pub use input::{Budget, Outcome, Prompt, PromptInput, Turn};
pub use label::shown_label;
pub use line::describe_element_line;
pub use reply::reply_text;
