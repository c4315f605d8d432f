//! The reply as it grows: draws each token, keeps the text, and knows when to stop.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use toktrie::SimpleVob;

use crate::sampler::Sampler;
use crate::tokenizer::TextDecoder;
use crate::{Account, Constraint, DraftSource, EngineError, GenerateRequest, Logits, TokenId, Tokenizer};

/// Why a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model drew an end token.
    StopToken,
    /// The text reached one of the request's stop strings.
    StopString,
    /// The constraint allows nothing more.
    ConstraintComplete,
    MaxTokens,
    /// The KV cache is full.
    ContextFull,
    Cancelled,
}

/// Everything that one drawn token can change. It sees one row of logits at a time, in order, so a reply does not
/// depend on how many rows were computed together.
pub(crate) struct Reply<'a> {
    tokenizer: &'a Tokenizer,
    sampler: Sampler,
    constraint: Option<Constraint>,
    stop: StopStrings<'a>,
    max_tokens: usize,
    decoder: TextDecoder,
    /// What may come next; computed once for each token.
    mask: Option<SimpleVob>,
    /// The text must go on so, which is known once [`Self::forced`] was asked.
    forced_text: Option<String>,
    pub(crate) tokens: Vec<TokenId>,
    /// For each of them, who had guessed it.
    pub(crate) drafted_by: Vec<Option<DraftSource>>,
}

impl<'a> Reply<'a> {
    pub(crate) fn new(tokenizer: &'a Tokenizer, request: &'a GenerateRequest) -> Result<Self, EngineError> {
        Ok(Self {
            tokenizer,
            sampler: Sampler::new(&request.sampling)?,
            constraint: request.constraint.clone(),
            stop: StopStrings::new(&request.stop)?,
            max_tokens: request.max_tokens,
            decoder: TextDecoder::default(),
            mask: None,
            forced_text: None,
            tokens: Vec::new(),
            drafted_by: Vec::new(),
        })
    }

    /// Draws the token that follows, from a row of the logits: that of the position before it.
    pub(crate) fn draw(&mut self, logits: &Logits, row: usize, account: &mut Account) -> Result<TokenId, EngineError> {
        if let Some(token) = self.draw_unmasked(logits, row, account)? {
            return Ok(token);
        }
        self.compute_mask(account)?;
        self.sampler.choose(logits.row(row), self.mask.as_ref()).ok_or_else(|| EngineError::Backend {
            backend: "target",
            what: "no allowed token has a score: its logits are not numbers".into(),
            hint: "the model file may be damaged; check its checksum or convert it again".into(),
        })
    }

    /// Where the likeliest of all tokens is the one to draw and the constraint, if there is one, allows it, it is the likeliest of
    /// those allowed too, and no mask is needed to find it.
    fn draw_unmasked(
        &mut self,
        logits: &Logits,
        row: usize,
        account: &mut Account,
    ) -> Result<Option<TokenId>, EngineError> {
        if self.mask.is_some() || !self.sampler.is_greedy() {
            return Ok(None);
        }
        let likeliest = logits.likeliest(row);
        let (Some(token), Some(constraint)) = (likeliest, &mut self.constraint) else {
            return Ok(likeliest);
        };
        let started = Instant::now();
        let is_allowed = constraint.allows(token)?;
        account.constraint_ms += milliseconds(started);
        Ok(is_allowed.then_some(token))
    }

    fn compute_mask(&mut self, account: &mut Account) -> Result<(), EngineError> {
        if let (Some(constraint), None) = (&mut self.constraint, &self.mask) {
            let started = Instant::now();
            self.mask = Some(constraint.mask()?);
            account.constraint_ms += milliseconds(started);
        }
        Ok(())
    }

    /// The token that follows if the constraint leaves no choice: drawn as from any logits, so that the sampler's numbers
    /// are those that a pass would have used up.
    pub(crate) fn forced(&mut self, account: &mut Account) -> Result<Option<TokenId>, EngineError> {
        // A choice of texts is a choice of tokens, and quicker to see.
        let Some(constraint) = &mut self.constraint else { return Ok(None) };
        let started = Instant::now();
        let is_choice = match (&self.mask, &self.forced_text) {
            (Some(_), _) => false,
            (None, Some(text)) => text.is_empty(),
            (None, None) => self.forced_text.insert(constraint.look_ahead(&[])?.1).is_empty(),
        };
        account.constraint_ms += milliseconds(started);
        if is_choice {
            return Ok(None);
        }
        self.compute_mask(account)?;
        let only = self.mask.as_ref().filter(|mask| mask.num_set() == 1).and_then(SimpleVob::first_bit_set);
        let Some(only) = only else { return Ok(None) };
        let mut row = vec![f32::NEG_INFINITY; only + 1];
        row[only] = 0.0;
        Ok(self.sampler.choose(&row, self.mask.as_ref()))
    }

    /// How many of these tokens the constraint would take, and the tokens in which the model would probably write what is
    /// forced behind those. It may cut the same text into other tokens, so they are guesses.
    pub(crate) fn look_ahead(
        &mut self,
        tokens: &[TokenId],
        account: &mut Account,
    ) -> Result<(usize, Vec<TokenId>), EngineError> {
        let Some(constraint) = &mut self.constraint else { return Ok((tokens.len(), Vec::new())) };
        let started = Instant::now();
        let (allowed, text) = match (tokens, &self.forced_text) {
            ([], Some(text)) => (0, text.clone()),
            _ => constraint.look_ahead(tokens)?,
        };
        let forced = if text.is_empty() { Vec::new() } else { self.tokenizer.encode(&text)? };
        account.constraint_ms += milliseconds(started);
        Ok((allowed, forced))
    }

    /// Tokens that may still be drawn.
    pub(crate) fn left(&self) -> usize {
        self.max_tokens - self.tokens.len()
    }

    /// Takes a drawn token into the reply and passes on the text that is certain. `Some` when the reply ends with it.
    pub(crate) fn push(
        &mut self,
        token: TokenId,
        drafted_by: Option<DraftSource>,
        account: &mut Account,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<Option<FinishReason>, EngineError> {
        self.tokens.push(token);
        self.drafted_by.push(drafted_by);
        self.mask = None;
        self.forced_text = None;
        account.decoded += 1;
        if self.tokenizer.stop_tokens().contains(&token) {
            return Ok(Some(FinishReason::StopToken));
        }
        let started = Instant::now();
        if let Some(constraint) = &mut self.constraint {
            constraint.consume(token)?;
            account.constraint_ms += milliseconds(started);
        }
        let text = self.decoder.push(self.tokenizer.text_bytes(token));
        if self.stop.push(&text, on_text) {
            return Ok(Some(FinishReason::StopString));
        }
        if self.constraint.as_ref().is_some_and(Constraint::is_complete) {
            return Ok(Some(FinishReason::ConstraintComplete));
        }
        Ok((self.tokens.len() >= self.max_tokens).then_some(FinishReason::MaxTokens))
    }

    /// The whole text; passes on what was held back.
    pub(crate) fn finish(&mut self, on_text: &mut dyn FnMut(&str)) -> String {
        let rest = self.decoder.finish();
        self.stop.push(&rest, on_text);
        self.stop.finish(on_text)
    }
}

pub(crate) fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// Watches the text for stop strings, which may begin in one token and end in another, and holds back what could be
/// the start of one.
struct StopStrings<'a> {
    strings: &'a [String],
    text: String,
    /// Bytes of `text` that were passed on.
    passed: usize,
    found: bool,
}

impl<'a> StopStrings<'a> {
    fn new(strings: &'a [String]) -> Result<Self, EngineError> {
        if strings.iter().any(String::is_empty) {
            return Err(EngineError::InvalidRequest {
                reason: "a stop string is empty".into(),
                hint: "an empty text stands everywhere; leave it out",
            });
        }
        Ok(Self { strings, text: String::new(), passed: 0, found: false })
    }

    /// True when the text now holds a stop string; the text ends before it.
    fn push(&mut self, addition: &str, on_text: &mut dyn FnMut(&str)) -> bool {
        if self.found || addition.is_empty() {
            return self.found;
        }
        self.text.push_str(addition);
        // What was passed on cannot be part of a stop string.
        let unsure = &self.text[self.passed..];
        if let Some(at) = self.strings.iter().filter_map(|stop| unsure.find(stop.as_str())).min() {
            self.text.truncate(self.passed + at);
            self.found = true;
        }
        let held = if self.found { 0 } else { self.held_back() };
        let certain = self.text.len() - held;
        if certain > self.passed {
            on_text(&self.text[self.passed..certain]);
            self.passed = certain;
        }
        self.found
    }

    /// Bytes at the end of the text that begin a stop string.
    fn held_back(&self) -> usize {
        let unsure = &self.text[self.passed..];
        let begins = |stop: &String| {
            let prefixes = stop.char_indices().map(|(at, _)| &stop[..at]).rev();
            prefixes.map(|prefix| if unsure.ends_with(prefix) { prefix.len() } else { 0 }).max().unwrap_or(0)
        };
        self.strings.iter().map(begins).max().unwrap_or(0)
    }

    fn finish(&mut self, on_text: &mut dyn FnMut(&str)) -> String {
        if self.passed < self.text.len() {
            on_text(&self.text[self.passed..]);
        }
        std::mem::take(&mut self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_strings_end_the_text_wherever_they_begin() {
        let check = |pieces: &[&str], stops: &[&str], expected: &str, found: bool| {
            let stops: Vec<String> = stops.iter().map(|stop| stop.to_string()).collect();
            let mut strings = StopStrings::new(&stops).unwrap();
            let mut streamed = String::new();
            let mut on_text = |text: &str| streamed.push_str(text);
            let any = pieces.iter().any(|piece| strings.push(piece, &mut on_text));
            let text = strings.finish(&mut on_text);
            assert_eq!((text.as_str(), any), (expected, found), "{pieces:?} {stops:?}");
            assert_eq!(streamed, text, "{pieces:?} {stops:?}");
        };
        check(&["abc"], &[], "abc", false);
        check(&["abc", "STOP", "d"], &["STOP"], "abc", true);
        check(&["abST", "OPd"], &["STOP"], "ab", true);
        check(&["a", "S", "T", "O", "X"], &["STOP"], "aSTOX", false);
        check(&["xSTO"], &["STOP"], "xSTO", false);
        check(&["one two three"], &["three", "two"], "one ", true);
        check(&["SSTOP"], &["STOP"], "S", true);
        check(&["aab"], &["ab"], "a", true);
        check(&["aa", "b"], &["ab"], "a", true);
        check(&["é", "ü!"], &["ü"], "é", true);
        check(&["STOP"], &["STOP"], "", true);
        check(&["", ""], &["x"], "", false);
    }
}
