//! One conversation with one model: keeps its KV cache between requests and computes only what is new.

use std::ops::Range;
use std::time::Instant;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::drafting::{Drafting, Guess};
use crate::energy::EnergyMeter;
use crate::reply::{FinishReason, Reply, milliseconds};
use crate::{
    Account, ChatTemplate, Constraint, DraftSource, DraftSources, EngineError, EngineMemory, LoadedModel, Logits,
    ModelInfo, Sampling, TokenId, Tokenizer,
};

mod schedule;

use schedule::Schedule;

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
    /// For each of `tokens`, who had guessed it or left no choice; `None` for those that a pass of their own gave.
    #[serde(skip)]
    pub drafted_by: Vec<Option<DraftSource>>,
    pub finish: FinishReason,
    pub account: Account,
}

/// A model and the tokens in its KV cache.
pub struct Session {
    model: LoadedModel,
    /// The tokens whose keys and values are in the cache: `cached.len() == model.target.len()` between calls.
    cached: Vec<TokenId>,
    /// The part of them that was computed ahead of the prompt that is to come.
    ahead: Range<usize>,
    energy: Option<EnergyMeter>,
    drafting: Drafting,
    schedule: Schedule,
    /// Absent when nothing is to be kept on disk.
    memory: Option<EngineMemory>,
}

impl Session {
    pub fn new(model: LoadedModel) -> Result<Self, EngineError> {
        let mut session = Self {
            model,
            cached: Vec::new(),
            ahead: 0..0,
            energy: EnergyMeter::find(),
            drafting: Drafting::default(),
            schedule: Schedule::default(),
            memory: None,
        };
        session.clear()?;
        Ok(session)
    }

    /// Goes on with what earlier runs learned of this model, and keeps on disk what this one learns: when the session is
    /// dropped, or by [`Self::save`].
    #[must_use]
    pub fn with_memory(mut self, memory: EngineMemory) -> Self {
        if let Some(drafts) = memory.load_drafts(&self.model.info) {
            let vocab = self.model.target.vocab_size();
            match Drafting::restore(self.drafting.sources(), drafts, vocab) {
                Some(drafting) => self.drafting = drafting,
                None => tracing::warn!(model = self.model.info.name, "what was learned of drafts is damaged: ignored"),
            }
        }
        self.memory = Some(memory);
        self
    }

    /// Writes down what was learned. Errors are warnings: nothing but time depends on it.
    pub fn save(&self) {
        if let Some(memory) = &self.memory {
            memory.save_drafts(&self.model.info, self.drafting.memory());
        }
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

    /// Where drafts may come from. It changes how many passes a reply takes, never the reply.
    pub fn set_draft_sources(&mut self, sources: DraftSources) {
        self.drafting.set_sources(sources);
    }

    /// The last reply says what its owner would not want on disk: it is remembered until the program ends, not longer.
    pub fn keep_last_reply_private(&mut self) {
        self.drafting.keep_last_private();
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
        self.drafting.remember(&request.prompt, &reply.tokens);
        let text = reply.finish(on_text);
        account.decode_ms = milliseconds(started);
        account.joules =
            self.energy.as_ref().zip(energy_before).and_then(|(meter, before)| meter.joules_since(&before));
        Ok(Generation { text, tokens: reply.tokens, drafted_by: reply.drafted_by, finish, account })
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
        // Logits are not kept, so the last token is computed in any case.
        account.reused = self.common(prompt).min(prompt.len() - 1);
        account.prefetched = self.ahead.end.min(account.reused).saturating_sub(self.ahead.start);
        self.keep(account.reused)?;
        self.ahead = 0..0;
        let calibrated = self.drafting.wanted_positions().min(prompt.len() - account.reused - 1);
        // The last pass gives logits: of all its rows if they calibrate drafts, else of the very last.
        let last = if calibrated > 0 {
            prompt.len() - 1 - calibrated
        } else {
            let chunk = self.schedule.chunk(Schedule::PREFILL_MS);
            account.reused + (prompt.len() - account.reused - 1) / chunk * chunk
        };
        if !self.advance(&prompt[..last], Schedule::PREFILL_MS, cancel)? {
            account.prefilled = self.cached.len() - account.reused;
            return Ok(None);
        }
        let started = Instant::now();
        let logits = self.forward(&prompt[last..], calibrated + 1)?;
        account.prefilled = prompt.len() - account.reused;
        if calibrated == 0 {
            return Ok(Some(logits));
        }
        let extra_ms = (milliseconds(started) - self.schedule.prefill_ms(calibrated + 1)).max(0.0);
        account.calibration_ms += extra_ms;
        self.drafting.calibrate(prompt, &logits, extra_ms);
        logits.into_last().map(Some)
    }

    /// Tokens at the start of `prompt` that are in the cache.
    fn common(&self, prompt: &[TokenId]) -> usize {
        self.cached.iter().zip(prompt).take_while(|(cached, wanted)| cached == wanted).count()
    }

    /// Computes what of `prompt` is not in the cache, which holds its beginning, in passes of about `pass_ms`; false when
    /// cancelled.
    fn advance(&mut self, prompt: &[TokenId], pass_ms: f64, cancel: &CancellationToken) -> Result<bool, EngineError> {
        while self.cached.len() < prompt.len() {
            if cancel.is_cancelled() {
                return Ok(false);
            }
            let rest = &prompt[self.cached.len()..];
            let chunk = &rest[..rest.len().min(self.schedule.chunk(pass_ms))];
            let started = Instant::now();
            self.forward(chunk, 0)?;
            self.schedule.prefilled(chunk.len(), milliseconds(started));
        }
        Ok(true)
    }

    /// Computes a prompt that will probably come, while nobody waits: the next [`Self::generate`] reuses what of it was
    /// right. A cancellation takes effect within a few milliseconds. Returns the tokens computed.
    pub fn prefetch(&mut self, prompt: &[TokenId], cancel: &CancellationToken) -> Result<usize, EngineError> {
        let request = GenerateRequest { prompt: prompt.to_vec(), max_tokens: 1, ..GenerateRequest::default() };
        self.validate(&request)?;
        let common = self.common(prompt);
        self.keep(common)?;
        self.ahead = self.ahead.start.min(common)..self.ahead.end.min(common);
        if self.ahead.is_empty() {
            self.ahead.start = common;
        }
        self.advance(prompt, Schedule::PREFETCH_MS, cancel)?;
        self.ahead.end = self.cached.len();
        Ok(self.cached.len() - common)
    }

    /// Brings the start of all prompts into the cache, from disk if an earlier run left it there; else it is computed and
    /// left for later ones.
    pub fn warm(&mut self, prefix: &[TokenId], cancel: &CancellationToken) -> Result<(), EngineError> {
        if self.common(prefix) == prefix.len() {
            return Ok(());
        }
        let layout = self.model.target.cache_layout();
        let memory = self.memory.clone().zip(layout);
        if let Some((memory, layout)) = &memory
            && let Some(exported) = memory.load_prefix(&self.model.info, layout, prefix)
        {
            self.keep(0)?;
            if self.model.target.import_cache(prefix.len(), &exported) {
                self.cached = prefix.to_vec();
                self.ahead = 0..prefix.len();
                return Ok(());
            }
            tracing::warn!("the kept KV cache does not fit this load of the model: ignored");
        }
        self.prefetch(prefix, cancel)?;
        if let (Some((memory, layout)), true) = (&memory, self.cached == prefix)
            && let Some(exported) = self.model.target.export_cache()
        {
            memory.save_prefix(&self.model.info, layout, prefix, &exported);
        }
        Ok(())
    }

    /// Measures what passes of several rows cost, if nobody did before: less than a second, while nobody waits.
    pub fn measure_passes(&mut self, cancel: &CancellationToken) -> Result<(), EngineError> {
        if self.drafting.knows_costs() {
            return Ok(());
        }
        let token = self.cached.last().copied().unwrap_or(0);
        let before = self.cached.len();
        let room = self.context_len() - before;
        for rows in Schedule::MEASURED_ROWS.into_iter().filter(|&rows| rows <= room) {
            for _ in 0..Schedule::MEASUREMENTS {
                if cancel.is_cancelled() {
                    return Ok(());
                }
                let started = Instant::now();
                self.forward(&vec![token; rows], rows)?;
                self.drafting.passed(rows, milliseconds(started));
                self.keep(before)?;
            }
        }
        Ok(())
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
        self.drafting.begin(prompt);
        // The tokens of the draft are the last ones in the cache.
        let mut draft: Vec<Guess> = Vec::new();
        loop {
            let verified = self.cached.len() - draft.len();
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
                let guess = draft.get(accepted).filter(|guess| guess.token == token);
                end = reply.push(token, guess.map(|guess| guess.source), account, on_text)?;
                if guess.is_some() {
                    accepted += 1;
                } else {
                    pending.push(token);
                    self.drafting.rejected(&draft, accepted, token, &logits);
                }
                self.drafting.grow(token, false);
            }
            self.keep(verified + accepted)?;
            account.drafts.count(&draft, accepted);
            self.drafting.accepted(&draft[..accepted]);
            while end.is_none() && self.takes_forced() && self.has_place_for(&pending) {
                let Some(token) = reply.forced(account)? else { break };
                account.forced += 1;
                end = reply.push(token, Some(DraftSource::Forced), account, on_text)?;
                self.drafting.grow(token, true);
                pending.push(token);
            }
            if let Some(finish) = end {
                return Ok(finish);
            }
            if !self.has_place_for(&pending) {
                return Ok(FinishReason::ContextFull);
            }
            draft = self.guess(pending.len(), reply, account)?;
            pending.extend(draft.iter().map(|guess| guess.token));
            let started = Instant::now();
            logits = self.forward(&pending, 1 + draft.len())?;
            self.drafting.passed(pending.len(), milliseconds(started));
            account.passes += 1;
        }
    }

    fn takes_forced(&self) -> bool {
        self.drafting.sources().contains(DraftSource::Forced)
    }

    /// Whether the last of these tokens still fits the cache.
    fn has_place_for(&self, pending: &[TokenId]) -> bool {
        self.cached.len() + pending.len() <= self.context_len()
    }

    /// Tokens that may follow the reply so far, of which the last `pending` are not in the cache yet.
    fn guess(
        &mut self,
        pending: usize,
        reply: &mut Reply<'_>,
        account: &mut Account,
    ) -> Result<Vec<Guess>, EngineError> {
        // The last token of a reply needs no row of its own.
        let most = (self.context_len() - self.cached.len() - pending).min(reply.left() - 1);
        let mut draft = self.drafting.propose(most, pending);
        if !draft.is_empty() {
            let tokens: Vec<TokenId> = draft.iter().map(|guess| guess.token).collect();
            draft.truncate(reply.allowed(&tokens, account)?);
        }
        Ok(draft)
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

impl Drop for Session {
    fn drop(&mut self) {
        self.save();
    }
}

#[cfg(test)]
mod tests;
