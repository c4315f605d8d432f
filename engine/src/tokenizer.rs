//! Text to tokens and back, byte for byte.
//!
//! Two ways in, and the difference matters: [`Tokenizer::encode`] reads everything as plain text, so nothing that stands
//! on a phone's screen can become a control token; [`Tokenizer::encode_with_special`] also reads control tokens and is
//! for text that we or the model file wrote.

mod alphabet;
mod json;
mod metadata;
mod pre_tokenizer;
mod vocabulary;

use std::collections::HashMap;
use std::sync::OnceLock;

use tokenizers::models::bpe::BPE;

use crate::constraint::Grammars;
use crate::{EngineError, TokenId};

#[cfg(test)]
pub(crate) use alphabet::character as alphabet_character;
pub use vocabulary::{TokenKind, Vocabulary};

/// End tokens of known families, for files that name only one of theirs.
const KNOWN_STOPS: &[&str] =
    &["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|end|>", "<end_of_turn>", "</s>"];

/// A model's vocabulary, ready to encode and decode.
pub struct Tokenizer {
    name: String,
    /// Encodes plain text. It knows no control tokens.
    encoder: tokenizers::Tokenizer,
    tokens: Vec<Token>,
    /// Control and user-defined tokens by their first byte, the longest first.
    specials: HashMap<u8, Vec<(String, TokenId)>>,
    /// Bytes that no token spells. Small vocabularies lack some control characters and unassigned planes of Unicode.
    unspellable: Vec<u8>,
    bos: Option<TokenId>,
    add_bos: bool,
    stop: Vec<TokenId>,
    /// The token trie of constraints, built when the first constraint is.
    grammars: OnceLock<Result<Grammars, String>>,
}

struct Token {
    bytes: Box<[u8]>,
    kind: TokenKind,
}

impl Tokenizer {
    /// For GGUF files see [`Self::from_gguf`], for Hugging Face's [`Self::from_json`].
    pub fn new(vocabulary: &Vocabulary) -> Result<Self, EngineError> {
        vocabulary.validate()?;
        let broken = |error: Box<dyn std::error::Error + Send + Sync>| EngineError::Tokenizer {
            model: vocabulary.name.clone(),
            reason: error.to_string(),
        };
        let pre_tokenizer = pre_tokenizer::build(&vocabulary.name, &vocabulary.pre_tokenizer)?;
        let normal = vocabulary.normal_tokens();
        let unspellable =
            (0..=u8::MAX).filter(|&byte| !normal.contains_key(&alphabet::character(byte).to_string())).collect();
        let bpe = BPE::builder()
            .vocab_and_merges(normal, vocabulary.merge_pairs()?)
            .ignore_merges(pre_tokenizer.ignore_merges)
            .build()
            .map_err(broken)?;
        let mut encoder = tokenizers::Tokenizer::new(bpe);
        encoder.with_pre_tokenizer(Some(pre_tokenizer.splitter));

        let tokens: Vec<Token> = (0..vocabulary.tokens.len())
            .map(|id| Token { bytes: vocabulary.bytes(id).into(), kind: vocabulary.kind(id) })
            .collect();
        let mut tokenizer = Self::assemble(&vocabulary.name, encoder, tokens, unspellable, &vocabulary.stop);
        tokenizer.bos = vocabulary.bos;
        tokenizer.add_bos = vocabulary.add_bos && vocabulary.bos.is_some();
        Ok(tokenizer)
    }

    /// `encoder` must know no control tokens, and `stop` no ids beyond `tokens`.
    fn assemble(
        name: &str,
        encoder: tokenizers::Tokenizer,
        tokens: Vec<Token>,
        unspellable: Vec<u8>,
        stop: &[TokenId],
    ) -> Self {
        Self {
            name: name.to_owned(),
            encoder,
            specials: specials(&tokens),
            unspellable,
            bos: None,
            add_bos: false,
            stop: stop_tokens(stop, &tokens),
            tokens,
            grammars: OnceLock::new(),
        }
    }

    /// Encodes plain text: `<|im_end|>` in it becomes the tokens of those ten characters.
    ///
    /// A character that the vocabulary cannot spell becomes `U+FFFD`, or `?` where that cannot be spelled either.
    pub fn encode(&self, text: &str) -> Result<Vec<TokenId>, EngineError> {
        let mut tokens = Vec::new();
        self.encode_plain(text, &mut tokens)?;
        Ok(tokens)
    }

    /// Encodes text in which control tokens are meant as such. Never for text from outside.
    pub fn encode_with_special(&self, text: &str) -> Result<Vec<TokenId>, EngineError> {
        self.encode_guarded(text, None)
    }

    /// As [`Self::encode_with_special`], where `marker` breaks up what must stay text and is itself left out.
    pub(crate) fn encode_guarded(&self, text: &str, marker: Option<char>) -> Result<Vec<TokenId>, EngineError> {
        let mut tokens = Vec::new();
        let plain = |text: &str, tokens: &mut Vec<TokenId>| match marker {
            Some(marker) if text.contains(marker) => self.encode_plain(&text.replace(marker, ""), tokens),
            Some(_) | None => self.encode_plain(text, tokens),
        };
        let (mut start, mut at) = (0, 0);
        while let Some(character) = text[at..].chars().next() {
            match self.special_at(&text[at..]) {
                Some((length, id)) => {
                    plain(&text[start..at], &mut tokens)?;
                    tokens.push(id);
                    at += length;
                    start = at;
                }
                None => at += character.len_utf8(),
            }
        }
        plain(&text[start..], &mut tokens)?;
        Ok(tokens)
    }

    /// Puts `marker` into every piece of `text` that could be read as (a part of) a control token.
    pub(crate) fn guard(&self, text: &str, marker: char) -> String {
        let mut guarded = String::with_capacity(text.len() + 8);
        // The text could complete a control token that what stands before it begins.
        let completes = |special: &str| special.char_indices().skip(1).any(|(at, _)| text.starts_with(&special[at..]));
        if self.specials.values().flatten().any(|(special, _)| completes(special)) {
            guarded.push(marker);
        }
        for (at, character) in text.char_indices() {
            guarded.push(character);
            let rest = &text[at..];
            let starts = |(special, _): &(String, TokenId)| rest.starts_with(special) || special.starts_with(rest);
            if self.specials.get(&text.as_bytes()[at]).is_some_and(|specials| specials.iter().any(starts)) {
                guarded.push(marker);
            }
        }
        guarded
    }

    fn special_at(&self, text: &str) -> Option<(usize, TokenId)> {
        let candidates = self.specials.get(text.as_bytes().first()?)?;
        candidates.iter().find(|(special, _)| text.starts_with(special)).map(|(special, id)| (special.len(), *id))
    }

    fn encode_plain(&self, text: &str, tokens: &mut Vec<TokenId>) -> Result<(), EngineError> {
        if text.is_empty() {
            return Ok(());
        }
        let spelled = self.spellable(text);
        let encoding = self
            .encoder
            .encode_fast(spelled.as_deref().unwrap_or(text), false)
            .map_err(|error| EngineError::Encode { reason: error.to_string() })?;
        tokens.extend_from_slice(encoding.get_ids());
        Ok(())
    }

    /// `text` without characters that cannot be spelled, or `None` when it has none.
    fn spellable(&self, text: &str) -> Option<String> {
        let missing = |bytes: &[u8]| bytes.iter().any(|byte| self.unspellable.contains(byte));
        if self.unspellable.is_empty() || !missing(text.as_bytes()) {
            return None;
        }
        let replacement = if missing("\u{FFFD}".as_bytes()) { '?' } else { char::REPLACEMENT_CHARACTER };
        let spell = |character: char| {
            let mut buffer = [0; 4];
            if missing(character.encode_utf8(&mut buffer).as_bytes()) { replacement } else { character }
        };
        Some(text.chars().map(spell).collect())
    }

    /// Whether every byte of `text` has a token, so that `decode(encode(text)) == text`.
    pub fn can_spell(&self, text: &str) -> bool {
        !text.bytes().any(|byte| self.unspellable.contains(&byte))
    }

    /// Text of `tokens`. Control tokens have none; bytes that are not UTF-8 become `U+FFFD`.
    pub fn decode(&self, tokens: &[TokenId]) -> String {
        let bytes: Vec<u8> = tokens.iter().flat_map(|&token| self.text_bytes(token)).copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The bytes that `token` adds to the text: none for control tokens and unknown ids.
    pub fn text_bytes(&self, token: TokenId) -> &[u8] {
        match self.tokens.get(token as usize) {
            Some(Token { bytes, kind: TokenKind::Normal | TokenKind::UserDefined }) => bytes,
            Some(Token { kind: TokenKind::Control | TokenKind::Unused, .. }) | None => &[],
        }
    }

    /// How the vocabulary writes `token`, control tokens included, for people to read.
    pub fn token_text(&self, token: TokenId) -> Option<String> {
        self.tokens.get(token as usize).map(|token| String::from_utf8_lossy(&token.bytes).into_owned())
    }

    /// The control or user-defined token that is written `text`.
    pub fn special_token(&self, text: &str) -> Option<TokenId> {
        self.special_at(text).filter(|&(length, _)| length == text.len()).map(|(_, id)| id)
    }

    pub fn vocab_size(&self) -> usize {
        self.tokens.len()
    }

    pub fn bos(&self) -> Option<TokenId> {
        self.bos
    }

    /// Whether the model was trained on prompts that start with [`Self::bos`].
    pub fn add_bos(&self) -> bool {
        self.add_bos
    }

    /// Tokens that end a reply, the file's own end token first.
    pub fn stop_tokens(&self) -> &[TokenId] {
        &self.stop
    }

    /// Names the model in errors.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn token_kind(&self, token: TokenId) -> Option<TokenKind> {
        self.tokens.get(token as usize).map(|token| token.kind)
    }

    /// The bytes of every token, control tokens included.
    pub(crate) fn raw_bytes(&self, token: TokenId) -> &[u8] {
        self.tokens.get(token as usize).map_or(&[], |token| &token.bytes)
    }

    pub(crate) fn grammars(&self) -> &OnceLock<Result<Grammars, String>> {
        &self.grammars
    }
}

/// A token of one character cannot be told apart from text, so it is none.
fn specials(tokens: &[Token]) -> HashMap<u8, Vec<(String, TokenId)>> {
    let mut specials: HashMap<u8, Vec<(String, TokenId)>> = HashMap::new();
    for (id, token) in tokens.iter().enumerate() {
        let is_special = match token.kind {
            TokenKind::Control | TokenKind::UserDefined => true,
            TokenKind::Normal | TokenKind::Unused => false,
        };
        let text = String::from_utf8_lossy(&token.bytes);
        if is_special && text.chars().nth(1).is_some() {
            specials.entry(token.bytes[0]).or_default().push((text.into_owned(), id as TokenId));
        }
    }
    for candidates in specials.values_mut() {
        candidates.sort_by_key(|(text, id)| (std::cmp::Reverse(text.len()), *id));
    }
    specials
}

fn stop_tokens(named: &[TokenId], tokens: &[Token]) -> Vec<TokenId> {
    let mut stop = named.to_vec();
    for (id, token) in tokens.iter().enumerate() {
        let known = KNOWN_STOPS.iter().any(|known| known.as_bytes() == &*token.bytes);
        if token.kind == TokenKind::Control && known {
            stop.push(id as TokenId);
        }
    }
    let mut seen = std::collections::HashSet::new();
    stop.retain(|&token| seen.insert(token));
    stop
}

/// Turns tokens into text as they come; a character that is spread over several tokens appears with its last one.
#[derive(Debug, Default)]
pub struct TextDecoder {
    /// The start of a character whose rest has not come yet.
    pending: Vec<u8>,
}

impl TextDecoder {
    /// Adds the token's bytes and returns what became readable.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let mut text = String::new();
        let mut rest = self.pending.as_slice();
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    rest = &[];
                    break;
                }
                Err(error) => {
                    let (valid, invalid) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    rest = invalid;
                    // Without a length, the bytes are the start of a character that may still be completed.
                    let Some(length) = error.error_len() else { break };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = &rest[length..];
                }
            }
        }
        self.pending = rest.to_vec();
        text
    }

    /// What is left when no more tokens come.
    pub fn finish(&mut self) -> String {
        let rest = String::from_utf8_lossy(&self.pending).into_owned();
        self.pending.clear();
        rest
    }
}

#[cfg(test)]
mod tests;
