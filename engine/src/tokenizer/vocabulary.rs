//! What a model file says about its tokens, before anything is built from it.

use tokenizers::models::bpe::Vocab;

use super::alphabet;
use crate::{EngineError, TokenId};

/// What a token is for. The numbers are those of `tokenizer.ggml.token_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Text. The only kind that plain text is ever encoded to.
    Normal,
    /// Structure of the prompt, `<|im_start|>` for instance. It has no text.
    Control,
    /// Text that is one token wherever a template writes it, `<think>` for instance.
    UserDefined,
    /// Padding of the vocabulary, or a token for what cannot be spelled.
    Unused,
}

impl TokenKind {
    /// `None` for a number that GGUF does not define, and for the byte tokens of SentencePiece.
    pub fn from_gguf(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::Normal),
            3 => Some(Self::Control),
            4 => Some(Self::UserDefined),
            // 2 is the unknown token: byte-level vocabularies declare one and never use it.
            2 | 5 => Some(Self::Unused),
            _ => None,
        }
    }
}

/// Far beyond the largest vocabularies of today (262,144), and small enough for the constraint's trie and for memory.
pub(super) const LARGEST_VOCABULARY: usize = 1 << 21;

/// A byte-level BPE vocabulary (`tokenizer.ggml.model = "gpt2"`).
///
/// `tokens` and `merges` are written in GPT-2's byte alphabet; control and user-defined tokens are plain text.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// Names the model in errors.
    pub name: String,
    /// Position is id.
    pub tokens: Vec<String>,
    /// As many as `tokens`, or empty when all are normal.
    pub kinds: Vec<TokenKind>,
    /// Pairs like `Ġ t`, the most important first.
    pub merges: Vec<String>,
    /// How text is cut before BPE: `tokenizer.ggml.pre`.
    pub pre_tokenizer: String,
    pub bos: Option<TokenId>,
    /// Whether prompts start with `bos`.
    pub add_bos: bool,
    /// Tokens that end a reply. Well-known ones (`<|im_end|>`, ...) need not be listed.
    pub stop: Vec<TokenId>,
}

impl Vocabulary {
    /// Checks everything that the rest of the tokenizer relies on.
    pub(super) fn validate(&self) -> Result<(), EngineError> {
        let wrong = |reason: String| Err(EngineError::Tokenizer { model: self.name.clone(), reason });
        if self.tokens.is_empty() {
            return wrong("it has no tokens".into());
        }
        if self.tokens.len() > LARGEST_VOCABULARY {
            return wrong(format!("it has {} tokens, more than {LARGEST_VOCABULARY}", self.tokens.len()));
        }
        if !self.kinds.is_empty() && self.kinds.len() != self.tokens.len() {
            return wrong(format!("it has {} tokens but {} token types", self.tokens.len(), self.kinds.len()));
        }
        for &id in self.bos.iter().chain(&self.stop) {
            if id as usize >= self.tokens.len() {
                return wrong(format!("token {id} is named as special, but there are {} tokens", self.tokens.len()));
            }
        }
        Ok(())
    }

    pub(super) fn kind(&self, id: usize) -> TokenKind {
        self.kinds.get(id).copied().unwrap_or(TokenKind::Normal)
    }

    /// The bytes that the token stands for.
    pub(super) fn bytes(&self, id: usize) -> Vec<u8> {
        let text = &self.tokens[id];
        match self.kind(id) {
            TokenKind::Normal => alphabet::to_bytes(text).unwrap_or_else(|| text.as_bytes().to_vec()),
            TokenKind::Control | TokenKind::UserDefined => text.as_bytes().to_vec(),
            TokenKind::Unused => Vec::new(),
        }
    }

    /// The tokens that BPE may produce: those of text, so that no text is ever encoded to a control token.
    pub(super) fn normal_tokens(&self) -> Vocab {
        let normal = self.tokens.iter().enumerate().filter(|&(id, _)| self.kind(id) == TokenKind::Normal);
        normal.map(|(id, text)| (text.clone(), id as TokenId)).collect()
    }

    pub(super) fn merge_pairs(&self) -> Result<Vec<(String, String)>, EngineError> {
        let pair = |merge: &String| merge.split_once(' ').map(|(left, right)| (left.to_owned(), right.to_owned()));
        self.merges
            .iter()
            .map(|merge| {
                pair(merge).ok_or_else(|| EngineError::Tokenizer {
                    model: self.name.clone(),
                    reason: format!("merge {merge:?} is not two tokens with a space between"),
                })
            })
            .collect()
    }
}
