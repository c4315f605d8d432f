//! Tokens in, tokens out: runs a local language model for one workload, long prompts that mostly repeat and short
//! structured replies.
//!
//! The key types, in the order in which data flows through them:
//!
//! 1. [`LoadedModel`]: a [`TargetModel`] with the [`Tokenizer`] and [`ChatTemplate`] that belong to it.
//! 2. [`Message`]s become prompt tokens by [`ChatTemplate::encode`]; their text can never become a control token.
//! 3. [`Session`]: owns the model, keeps its KV cache between requests, and prefills only what is new.
//! 4. [`GenerateRequest`]: prompt tokens, a limit, [`Sampling`], stop strings, and a [`Constraint`] for structured
//!    replies.
//! 5. [`Generation`]: the text, why it ended, and its [`Account`]: tokens, passes and milliseconds of each phase.
//!
//! Usage: load a model ([`load_native`], or the `deftly-mistralrs` crate), wrap it in a [`Session`], encode the messages,
//! [`Session::generate`], repeat. A prompt that starts like the one before costs only the part that differs.
//!
//! Everything read from a file (metadata, tokens, templates, weights) is outside input: it gives an [`EngineError`],
//! never a panic.

mod chat;
mod error;
mod target;
mod tokenizer;

pub use chat::ChatTemplate;
pub use error::EngineError;
pub use target::{LoadedModel, Logits, ModelInfo, TargetModel, TokenId};
pub use tokenizer::Tokenizer;
