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
//! Usage:
//!
//! 1. Load a model: [`load_native`], or the `deftly-mistralrs` crate.
//! 2. Wrap it in a [`Session`].
//! 3. Encode messages with the model's own template.
//! 4. [`Session::generate`], and repeat from 3: a prompt that starts like the one before costs only what differs.
//!
//! ```
//! use deftly_engine::{Constraint, EngineError, GenerateRequest, LoadedModel, Message, Session};
//! use tokio_util::sync::CancellationToken;
//!
//! fn is_it_on(model: LoadedModel, screen: &str) -> Result<String, EngineError> {
//!     let mut session = Session::new(model)?;
//!     let messages = [Message::system("Is Wi-Fi on?"), Message::user(screen)];
//!     let schema = serde_json::json!({"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"]});
//!     let request = GenerateRequest {
//!         prompt: session.chat_template().encode(session.tokenizer(), &messages)?,
//!         max_tokens: 20,
//!         constraint: Some(Constraint::json_schema(session.tokenizer(), &schema)?),
//!         ..GenerateRequest::default()
//!     };
//!     Ok(session.generate(&request, &CancellationToken::new(), &mut |_| ())?.text)
//! }
//! ```
//!
//! Everything read from a file (metadata, tokens, templates, weights) is outside input: it gives an [`EngineError`],
//! never a panic.

mod account;
mod chat;
mod constraint;
mod drafting;
mod energy;
mod error;
pub mod gguf;
mod memory;
mod native;
mod reply;
mod sampler;
mod session;
mod target;
#[cfg(test)]
mod testing;
mod tokenizer;

pub use account::{Account, DraftTallies, DraftTally};
pub use chat::{ChatTemplate, Message, Role};
pub use constraint::Constraint;
pub use drafting::{
    DraftReplay, DraftReplayOptions, DraftSource, DraftSources, DraftTrace, PassTime, UnknownDraftSource, replay_drafts,
};
pub use error::EngineError;
pub use gguf::Gguf;
pub use memory::EngineMemory;
pub use native::{CacheType, KernelLevel, NativeOptions, Precision, load_native, load_native_bytes};
pub use reply::FinishReason;
pub use sampler::Sampling;
pub use session::{GenerateRequest, Generation, Passage, Session};
pub use target::{LoadedModel, Logits, ModelInfo, TargetModel, TokenId};
pub use tokenizer::{TextDecoder, TokenKind, Tokenizer, Vocabulary};
