//! One conversation with one model: keeps its KV cache between requests and computes only what is new.

use std::time::Instant;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::drafting::{Draft, Drafting};
use crate::energy::EnergyMeter;
use crate::reply::{FinishReason, Reply, milliseconds};
use crate::{
    Account, ChatTemplate, Constraint, EngineError, LoadedModel, Logits, ModelInfo, Sampling, TokenId, Tokenizer,
};

/// Prompt tokens in one pass. Long enough that the weights are read few times, short enough that a cancellation is
/// noticed soon.
const PREFILL_CHUNK: usize = 256;

/// What to generate, and until when.
#[derive(Debug, Clone, Default)]
pub struct GenerateRequest {
    pub prompt: Vec<TokenId>,
    /// The end token counts. At least 1.
    pub max_tokens: usize,
    pub sampling: Sampling,
    pub constraint: Option<Constraint>,
    /// The reply ends before the first of these, also where one begins or ends inside a token.
    pub stop: Vec<String>,
}

/// A reply.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Generation {
    /// Without the end token and without the stop string.
    pub text: String,
    /// Every token that was drawn, the end token included.
    pub tokens: Vec<TokenId>,
    pub finish: FinishReason,
    pub account: Account,
}

/// A model and the tokens in its KV cache.
pub struct Session {
    model: LoadedModel,
    /// The tokens whose keys and values are in the cache: `cached.len() == model.target.len()` between calls.
    cached: Vec<TokenId>,
    energy: Option<EnergyMeter>,
    /// Absent when every token is to have a pass of its own.
    drafting: Option<Drafting>,
}

impl Session {
    pub fn new(model: LoadedModel) -> Result<Self, EngineError> {
        let mut session =
            Self { model, cached: Vec::new(), energy: EnergyMeter::find(), drafting: Some(Drafting::default()) };
        session.clear()?;
        Ok(session)
    }

    pub fn info(&self) -> &ModelInfo {
        &self.model.info
    }

    pub fn tokenizer(&self) -> &std::sync::Arc<Tokenizer> {
        &self.model.tokenizer
    }

    pub fn chat_template(&self) -> &ChatTemplate {
        &self.model.chat_template
    }

    pub fn context_len(&self) -> usize {
        self.model.target.context_len()
    }

    /// Turns drafting off, or on again. It changes how many passes a reply takes, never the reply.
    pub fn set_drafting(&mut self, on: bool) {
        self.drafting = on.then(|| self.drafting.take().unwrap_or_default());
    }

    /// Forgets every token, so that the next request computes its whole prompt.
    pub fn clear(&mut self) -> Result<(), EngineError> {
        self.keep(0)
    }

    /// Continues `request.prompt`. `on_text` gets the reply piece by piece as soon as it is certain.
    ///
    /// The longest common prefix of the prompt and the tokens in the KV cache is reused. A cancellation is noticed
    /// between passes and is no error: the reply so far comes back with [`FinishReason::Cancelled`]. After an error the
    /// session can be used on.
    pub fn generate(
        &mut self,
        request: &GenerateRequest,
        cancel: &CancellationToken,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<Generation, EngineError> {
        self.validate(request)?;
        let tokenizer = self.model.tokenizer.clone();
        let mut reply = Reply::new(&tokenizer, request)?;
        let mut account = Account { prompt_tokens: request.prompt.len(), ..Account::default() };
        let energy_before = self.energy.as_ref().and_then(EnergyMeter::read);

        let started = Instant::now();
        let logits = self.prefill(&request.prompt, cancel, &mut account);
        account.prefill_ms = milliseconds(started);

        let started = Instant::now();
        let finish = match logits? {
            Some(logits) => self.decode(logits, &request.prompt, &mut reply, cancel, &mut account, on_text)?,
            None => FinishReason::Cancelled,
        };
        if let Some(drafting) = &mut self.drafting {
            drafting.remember(&request.prompt, &reply.tokens);
        }
        let text = reply.finish(on_text);
        account.decode_ms = milliseconds(started);
        account.joules =
            self.energy.as_ref().zip(energy_before).and_then(|(meter, before)| meter.joules_since(&before));
        Ok(Generation { text, tokens: reply.tokens, finish, account })
    }

    fn validate(&self, request: &GenerateRequest) -> Result<(), EngineError> {
        let invalid = |reason: &str, hint| Err(EngineError::InvalidRequest { reason: reason.to_owned(), hint });
        if request.prompt.is_empty() {
            return invalid("the prompt is empty", "a prompt has at least one token");
        }
        if request.max_tokens == 0 {
            return invalid("max_tokens is 0", "ask for at least one token");
        }
        let context = self.context_len();
        if request.prompt.len() > context {
            return Err(EngineError::PromptTooLong { prompt: request.prompt.len(), context });
        }
        let vocab = self.model.target.vocab_size();
        match request.prompt.iter().find(|&&token| token as usize >= vocab) {
            Some(&token) => Err(EngineError::TokenOutOfRange { token, vocab }),
            None => Ok(()),
        }
    }

    /// Brings the cache to hold exactly `prompt`; the logits are those of its last token. `None` when cancelled.
    fn prefill(
        &mut self,
        prompt: &[TokenId],
        cancel: &CancellationToken,
        account: &mut Account,
    ) -> Result<Option<Logits>, EngineError> {
        let common = self.cached.iter().zip(prompt).take_while(|(cached, wanted)| cached == wanted).count();
        // Logits are not kept, so the last token is computed in any case.
        account.reused = common.min(prompt.len() - 1);
        self.keep(account.reused)?;
        let mut logits = None;
        let mut chunks = prompt[account.reused..].chunks(PREFILL_CHUNK).peekable();
        while let Some(chunk) = chunks.next() {
            if cancel.is_cancelled() {
                return Ok(None);
            }
            let rows = usize::from(chunks.peek().is_none());
            logits = Some(self.forward(chunk, rows)?);
            account.prefilled += chunk.len();
        }
        Ok(logits)
    }

    /// The loop: draw from the rows of a pass as long as its draft holds, take what the constraint forces, guess what
    /// follows, and compute the next rows.
    fn decode(
        &mut self,
        mut logits: Logits,
        prompt: &[TokenId],
        reply: &mut Reply<'_>,
        cancel: &CancellationToken,
        account: &mut Account,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<FinishReason, EngineError> {
        let mut draft: Option<Draft> = None;
        // The tokens of the draft are the last ones in the cache.
        let mut text = prompt.to_vec();
        loop {
            let guesses = draft.as_ref().map_or(&[][..], |draft| &draft.tokens);
            let verified = self.cached.len() - guesses.len();
            let mut accepted = 0;
            // Tokens of the reply that are not in the cache yet.
            let mut pending = Vec::new();
            let mut end = None;
            while pending.is_empty() && end.is_none() {
                if cancel.is_cancelled() {
                    end = Some(FinishReason::Cancelled);
                    break;
                }
                let token = reply.draw(logits.row(accepted), account)?;
                end = reply.push(token, account, on_text)?;
                text.push(token);
                if guesses.get(accepted) == Some(&token) {
                    accepted += 1;
                } else {
                    pending.push(token);
                }
            }
            self.keep(verified + accepted)?;
            account.accepted += accepted;
            if let (Some(drafting), Some(draft)) = (&mut self.drafting, &draft) {
                drafting.verified(draft, accepted);
            }
            while end.is_none() && self.drafting.is_some() && self.has_place_for(&pending) {
                let Some(token) = reply.forced(account)? else { break };
                account.forced += 1;
                end = reply.push(token, account, on_text)?;
                text.push(token);
                pending.push(token);
            }
            if let Some(finish) = end {
                return Ok(finish);
            }
            if !self.has_place_for(&pending) {
                return Ok(FinishReason::ContextFull);
            }
            draft = self.guess(&text, pending.len(), reply, account)?;
            let guesses = draft.as_ref().map_or(0, |draft| draft.tokens.len());
            pending.extend(draft.iter().flat_map(|draft| &draft.tokens));
            let started = Instant::now();
            logits = self.forward(&pending, 1 + guesses)?;
            if let Some(drafting) = &mut self.drafting {
                drafting.passed(pending.len(), milliseconds(started));
            }
            account.passes += 1;
        }
    }

    /// Whether the last of these tokens still fits the cache.
    fn has_place_for(&self, pending: &[TokenId]) -> bool {
        self.cached.len() + pending.len() <= self.context_len()
    }

    /// Tokens that may follow `text`, of which the last `pending` are not in the cache yet.
    fn guess(
        &mut self,
        text: &[TokenId],
        pending: usize,
        reply: &mut Reply<'_>,
        account: &mut Account,
    ) -> Result<Option<Draft>, EngineError> {
        // The last token of a reply needs no row of its own.
        let most = (self.context_len() - self.cached.len() - pending).min(reply.left() - 1);
        let Some(drafting) = &mut self.drafting else { return Ok(None) };
        let Some(mut draft) = drafting.propose(text, most) else { return Ok(None) };
        draft.tokens.truncate(reply.allowed(&draft.tokens, account)?);
        account.drafted += draft.tokens.len();
        Ok((!draft.tokens.is_empty()).then_some(draft))
    }

    /// One pass; `cached` follows the target's cache whether it succeeds or not.
    fn forward(&mut self, tokens: &[TokenId], rows: usize) -> Result<Logits, EngineError> {
        let result = self.model.target.forward(tokens, rows).and_then(|logits| match logits.rows() {
            found if found == rows => Ok(logits),
            found => Err(EngineError::Backend {
                backend: self.model.info.backend,
                what: format!("a pass gave {found} rows of logits instead of {rows}"),
                hint: "this is a bug in the target model".into(),
            }),
        });
        match result {
            Ok(logits) => {
                self.cached.extend_from_slice(tokens);
                Ok(logits)
            }
            Err(error) => {
                // What the failed pass left behind is not known to be right; the error that matters is the first.
                let known = self.cached.len().min(self.model.target.len());
                if self.keep(known).is_err() {
                    self.cached.clear();
                }
                Err(error)
            }
        }
    }

    /// Forgets everything behind the first `len` tokens.
    fn keep(&mut self, len: usize) -> Result<(), EngineError> {
        self.cached.truncate(len);
        if self.model.target.len() > self.cached.len() {
            self.model.target.truncate(self.cached.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
