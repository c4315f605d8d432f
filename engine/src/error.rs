//! What can go wrong between a model file and its reply.

/// The engine could not do what was asked. The message names the file or the numbers, what was found, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    #[error("{file}: cannot {action}: {source}\nhint: check that the file exists and can be read")]
    Io { file: String, action: &'static str, source: std::io::Error },

    /// The file is damaged, cut off, or not a model at all.
    #[error("{file}: {what}\nhint: {hint}")]
    ModelFile { file: String, what: String, hint: String },

    /// The file is fine, but it holds something that this engine does not run.
    #[error("{file}: {kind} {found:?} is not supported\nhint: supported are {supported}")]
    Unsupported { file: String, kind: &'static str, found: String, supported: String },

    /// The vocabulary of a model cannot be used.
    #[error(
        "{model}: the tokenizer cannot be built: {reason}\nhint: the file's tokenizer.ggml.* metadata is at fault; convert the model again"
    )]
    Tokenizer { model: String, reason: String },

    #[error("the text cannot be encoded: {reason}")]
    Encode { reason: String },

    #[error(
        "the model's chat template failed: {reason}\nhint: the template is part of the model file (tokenizer.chat_template)"
    )]
    ChatTemplate { reason: String },

    #[error("the constraint cannot be used: {reason}\nhint: constraints are JSON Schemas; {hint}")]
    Constraint { reason: String, hint: &'static str },

    #[error(
        "the prompt has {prompt} tokens, but the context holds {context}\nhint: shorten the prompt or load the model with a longer context"
    )]
    PromptTooLong { prompt: usize, context: usize },

    #[error("the request cannot be served: {reason}\nhint: {hint}")]
    InvalidRequest { reason: String, hint: &'static str },

    #[error(
        "token {token} is not in the vocabulary of {vocab} tokens\nhint: prompt and model use different tokenizers"
    )]
    TokenOutOfRange { token: u32, vocab: usize },

    /// A target model broke its contract, or its backend failed while it ran.
    #[error("{backend}: {what}\nhint: {hint}")]
    Backend { backend: &'static str, what: String, hint: String },
}

impl EngineError {
    /// Whether the same request may succeed when it is tried again, unchanged.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Backend { .. } => true,
            Self::Io { .. }
            | Self::ModelFile { .. }
            | Self::Unsupported { .. }
            | Self::Tokenizer { .. }
            | Self::Encode { .. }
            | Self::ChatTemplate { .. }
            | Self::Constraint { .. }
            | Self::PromptTooLong { .. }
            | Self::InvalidRequest { .. }
            | Self::TokenOutOfRange { .. } => false,
        }
    }
}
