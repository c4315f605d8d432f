//! Replies that must fit a JSON Schema: at every token, the tokens that keep the reply valid.
//!
//! The grammar is llguidance's. It writes compact JSON (no spaces that the schema does not ask for), because every token
//! costs a pass. The token trie that masks are computed on is built once for a tokenizer and shared by its constraints;
//! a constraint itself is cheap enough to make anew for every screen.

use std::collections::VecDeque;
use std::sync::Arc;

use llguidance::api::TopLevelGrammar;
use llguidance::earley::SlicedBiasComputer;
use llguidance::{Matcher, ParserFactory};
use serde_json::{Value, json};
use toktrie::{InferenceCapabilities, SimpleVob, TokEnv, TokRxInfo, TokTrie, TokenizerEnv};

use crate::tokenizer::TokenKind;
use crate::{EngineError, TokenId, Tokenizer};

/// Where llguidance finds the options of a schema.
const OPTIONS_KEY: &str = "x-guidance";

const SCHEMA_HINT: &str = "check the schema's keywords and pattern syntax";

/// A grammar, and how far a reply has come in it.
#[derive(Clone)]
pub struct Constraint {
    matcher: Matcher,
    /// Tokens that the matcher has consumed and the reply has not: the draft that was looked at last. Most of it will come
    /// true, so it is parsed once.
    ahead: VecDeque<TokenId>,
}

impl std::fmt::Debug for Constraint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Constraint").field("stopped", &self.matcher.is_stopped()).finish_non_exhaustive()
    }
}

impl Constraint {
    /// The reply is one JSON value that `schema` accepts, written compactly, with properties in the schema's order.
    pub fn json_schema(tokenizer: &Tokenizer, schema: &Value) -> Result<Self, EngineError> {
        let Value::Object(mut schema) = schema.clone() else {
            return Err(EngineError::Constraint {
                reason: format!("the schema is {schema}"),
                hint: "a schema is a JSON object, {\"type\":\"object\",...} for instance",
            });
        };
        schema.insert(OPTIONS_KEY.into(), json!({ "whitespace_flexible": false }));
        let grammars = match tokenizer.grammars().get_or_init(|| Grammars::new(tokenizer)) {
            Ok(grammars) => grammars,
            Err(reason) => {
                return Err(EngineError::Tokenizer { model: tokenizer.name().to_owned(), reason: reason.clone() });
            }
        };
        let parser = grammars.factory.create_parser(TopLevelGrammar::from_json_schema(Value::Object(schema)));
        let matcher = Matcher::new(parser);
        match matcher.get_error() {
            None => Ok(Self { matcher, ahead: VecDeque::new() }),
            Some(reason) => Err(EngineError::Constraint { reason, hint: SCHEMA_HINT }),
        }
    }

    /// The tokens that may come next. Never more than the tokenizer's, so padding of the logits is masked too.
    pub(crate) fn mask(&mut self) -> Result<SimpleVob, EngineError> {
        self.go_back()?;
        self.matcher.compute_mask_or_eos().map_err(|error| failed(&error))
    }

    /// Moves on by a token that is allowed.
    pub(crate) fn consume(&mut self, token: TokenId) -> Result<(), EngineError> {
        if self.ahead.front() == Some(&token) {
            self.ahead.pop_front();
            return Ok(());
        }
        self.go_back()?;
        self.matcher.consume_token(token).map_err(|error| failed(&error))
    }

    /// Whether `token` would be allowed.
    pub(crate) fn allows(&mut self, token: TokenId) -> Result<bool, EngineError> {
        if self.ahead.front() == Some(&token) {
            return Ok(true);
        }
        self.go_back()?;
        let known = self.known(&[token])?;
        Ok(self.matcher.validate_tokens(&[token][..known]).map_err(|error| failed(&error))? == 1)
    }

    /// How many of `tokens`, one after the other, would be allowed, and the text that must come behind those; it is empty
    /// where there is a choice.
    pub(crate) fn look_ahead(&mut self, tokens: &[TokenId]) -> Result<(usize, String), EngineError> {
        self.go_back()?;
        let known = self.known(tokens)?;
        let allowed = self.matcher.try_consume_tokens(&tokens[..known]).map_err(|error| failed(&error))?;
        self.ahead.extend(&tokens[..allowed]);
        let mut bytes = if self.matcher.is_stopped() { Vec::new() } else { self.matcher.compute_ff_bytes() };
        // A character that is cut in the middle is left to the model.
        let whole = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
        bytes.truncate(whole);
        Ok((allowed, String::from_utf8(bytes).unwrap_or_default()))
    }

    /// The matcher to where the reply is.
    fn go_back(&mut self) -> Result<(), EngineError> {
        let ahead = std::mem::take(&mut self.ahead).len();
        if ahead == 0 { Ok(()) } else { self.matcher.rollback(ahead).map_err(|error| failed(&error)) }
    }

    /// How many of `tokens` the grammar knows: a model's padding is no token of it, and asking for one would end it.
    fn known(&self, tokens: &[TokenId]) -> Result<usize, EngineError> {
        let vocab = self.matcher.tok_env().map_err(|error| failed(&error))?.tok_trie().vocab_size();
        Ok(tokens.iter().take_while(|&&token| (token as usize) < vocab).count())
    }

    /// Whether nothing but the end can follow.
    pub(crate) fn is_complete(&self) -> bool {
        self.ahead.is_empty() && self.matcher.is_stopped()
    }
}

/// Grammars are checked when they are made; what fails later is a limit on their work.
fn failed(error: &impl std::fmt::Display) -> EngineError {
    EngineError::Constraint {
        reason: error.to_string(),
        hint: "simplify the schema, it exceeds the limits of its parser",
    }
}

/// What all constraints of one tokenizer share.
pub(crate) struct Grammars {
    factory: ParserFactory,
}

impl Grammars {
    fn new(tokenizer: &Tokenizer) -> Result<Self, String> {
        let environment: TokEnv = Arc::new(Environment { trie: trie(tokenizer) });
        let slices = SlicedBiasComputer::json_slices();
        let mut factory = ParserFactory::new(&environment, InferenceCapabilities::default(), &slices)
            .map_err(|error| error.to_string())?;
        factory.quiet();
        // An error is for the person who wrote the schema; the state of the parser would not help them.
        factory.limits_mut().verbose_errors = false;
        Ok(Self { factory })
    }
}

/// Every token's bytes; control tokens are marked so that no text can be mistaken for them.
fn trie(tokenizer: &Tokenizer) -> TokTrie {
    let word = |token: TokenId| match tokenizer.token_kind(token) {
        Some(TokenKind::Normal) => tokenizer.raw_bytes(token).to_vec(),
        Some(TokenKind::Control | TokenKind::UserDefined) => {
            [&[TokTrie::SPECIAL_TOKEN_MARKER], tokenizer.raw_bytes(token)].concat()
        }
        Some(TokenKind::Unused) | None => Vec::new(),
    };
    let mut words: Vec<Vec<u8>> = (0..tokenizer.vocab_size() as TokenId).map(word).collect();
    let mut ends = tokenizer.stop_tokens().to_vec();
    if ends.is_empty() {
        // A reply still ends where its grammar does. The trie wants an end token; this one has no logit.
        ends.push(words.len() as TokenId);
        words.push(b"\xff<|end of constraint|>".to_vec());
    }
    let info = TokRxInfo::new(words.len() as u32, ends[0]);
    TokTrie::from(&info, &words).with_eos_tokens(&ends)
}

/// Only masks are computed, so text is never tokenized here but for llguidance's own bookkeeping, where the longest
/// match is good enough.
struct Environment {
    trie: TokTrie,
}

impl TokenizerEnv for Environment {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<TokenId> {
        self.trie.greedy_tokenize(bytes)
    }

    fn tokenize_is_canonical(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests;
