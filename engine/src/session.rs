//! One conversation with one model: keeps its KV cache between requests and computes only what is new.

use std::ops::Range;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::drafting::{Drafting, Guess};
use crate::energy::EnergyMeter;
use crate::reply::{FinishReason, Reply, milliseconds};
use crate::{
    Account, ChatTemplate, Constraint, DraftSource, DraftSources, EngineError, EngineMemory, LoadedModel, Logits,
    ModelInfo, PassTime, Sampling, TextDecoder, TokenId, Tokenizer,
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

/// A part of a reply and who had guessed it; `None` for what passes of their own gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drafted_by: Option<DraftSource>,
}

impl Generation {
    /// The reply, divided by who had guessed its tokens.
    pub fn passages(&self, tokenizer: &Tokenizer) -> Vec<Passage> {
        let mut decoder = TextDecoder::default();
        let mut passages: Vec<Passage> = Vec::new();
        for (&token, &drafted_by) in self.tokens.iter().zip(&self.drafted_by) {
            let text = decoder.push(tokenizer.text_bytes(token));
            match passages.last_mut() {
                Some(last) if last.drafted_by == drafted_by => last.text += &text,
                Some(_) | None => passages.push(Passage { text, drafted_by }),
            }
        }
        passages
    }
}

/// What is known of a reply before its first pass.
enum Beginning {
    /// Everything: nothing was left to the model.
    Complete(FinishReason),
    Draft {
        pending: Vec<TokenId>,
        draft: Vec<Guess>,
    },
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
        self.drafting.begin(&request.prompt);
        let first = self.begin_reply(request, &mut reply, &mut account, on_text)?;
        let finish = match first {
            Beginning::Complete(finish) => finish,
            Beginning::Draft { pending, draft } => {
                let logits = self.prefill(&request.prompt, &pending, &draft, cancel, &mut account);
                account.prefill_ms = milliseconds(started);
                match logits? {
                    Some(logits) => self.decode(logits, draft, &mut reply, cancel, &mut account, on_text)?,
                    None => FinishReason::Cancelled,
                }
            }
        };
        self.drafting.remember(&request.prompt, &reply.tokens);
        let text = reply.finish(on_text);
        account.decode_ms = milliseconds(started) - account.prefill_ms;
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

    /// What is known of the reply before the model has seen the prompt: what the constraint forces, and a first draft,
    /// which is verified in the pass that ends the prefill.
    fn begin_reply(
        &mut self,
        request: &GenerateRequest,
        reply: &mut Reply<'_>,
        account: &mut Account,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<Beginning, EngineError> {
        let room = self.context_len() - request.prompt.len();
        let mut pending = Vec::new();
        if let Some(finish) = self.take_forced(&mut pending, room, reply, account, on_text)? {
            return Ok(Beginning::Complete(finish));
        }
        let draft = self.guess(pending.len().max(1), room - pending.len(), reply, account)?;
        Ok(Beginning::Draft { pending, draft })
    }

    /// Takes the tokens to which the constraint leaves no alternative, at most `room` of them; `Some` when the reply ends.
    fn take_forced(
        &mut self,
        pending: &mut Vec<TokenId>,
        room: usize,
        reply: &mut Reply<'_>,
        account: &mut Account,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<Option<FinishReason>, EngineError> {
        let mut end = None;
        while end.is_none() && pending.len() < room && self.drafting.sources().contains(DraftSource::Forced) {
            let Some(token) = reply.forced(account)? else { break };
            account.forced += 1;
            end = reply.push(token, Some(DraftSource::Forced), account, on_text)?;
            self.drafting.grow(token, true);
            pending.push(token);
        }
        Ok(end)
    }

    /// Brings the cache to hold exactly `prompt`, the reply's `pending` tokens and the `draft`. The logits are those of the
    /// last token before the draft and of the draft's. `None` when cancelled.
    fn prefill(
        &mut self,
        prompt: &[TokenId],
        pending: &[TokenId],
        draft: &[Guess],
        cancel: &CancellationToken,
        account: &mut Account,
    ) -> Result<Option<Logits>, EngineError> {
        // Logits are not kept, so the last token is computed in any case.
        account.reused = self.common(prompt).min(prompt.len() - 1);
        account.prefetched = self.ahead.end.min(account.reused).saturating_sub(self.ahead.start);
        self.keep(account.reused)?;
        self.ahead = 0..0;
        // The last pass gives logits: of the prompt's end too if they calibrate drafts.
        let calibrated = self.drafting.wanted_positions().min(prompt.len() - account.reused - 1);
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
        let mut tokens = prompt[last..].to_vec();
        tokens.extend(pending);
        tokens.extend(draft.iter().map(|guess| guess.token));
        let wanted = if calibrated > 0 { 1 + calibrated + pending.len() + draft.len() } else { 1 + draft.len() };
        let started = Instant::now();
        let mut logits = self.forward(&tokens, wanted)?;
        account.prefilled = prompt.len() - account.reused;
        if calibrated > 0 {
            let extra_ms = (milliseconds(started) - self.schedule.prefill_ms(tokens.len())).max(0.0);
            account.calibration_ms += extra_ms;
            self.drafting.calibrate(&prompt[last..], last.checked_sub(1).map(|at| prompt[at]), &logits, extra_ms);
            logits = logits.into_last(1 + draft.len())?;
        } else {
            self.schedule.prefilled(tokens.len(), milliseconds(started));
        }
        Ok(Some(logits))
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

    /// Measures what passes of several rows cost with all threads and with fewer, if nobody did before or the machine has
    /// changed since: a second or so, while nobody waits.
    pub fn measure_passes(&mut self, cancel: &CancellationToken) -> Result<(), EngineError> {
        let available = self.model.target.threads();
        if self.drafting.knows_costs(available) {
            return Ok(());
        }
        let token = self.cached.last().copied().unwrap_or(0);
        let before = self.cached.len();
        let room = self.context_len() - before;
        let sizes = Schedule::MEASURED_ROWS.into_iter().filter(|&rows| rows <= room);
        let threads = || std::iter::successors(Some(available), |threads| (*threads > 1).then_some(threads / 2));
        let mut trials: Vec<PassTime> = sizes
            .flat_map(|rows| threads().map(move |threads| PassTime { rows, threads, ms: f64::INFINITY }))
            .collect();
        // In turns, so that another program slows all of them down or none.
        for _ in 0..Schedule::MEASUREMENTS {
            for trial in &mut trials {
                if cancel.is_cancelled() {
                    return Ok(());
                }
                let started = Instant::now();
                self.forward_with(trial.threads, &vec![token; trial.rows], trial.rows)?;
                trial.ms = trial.ms.min(milliseconds(started));
                self.keep(before)?;
            }
        }
        self.drafting.tried(available, &trials);
        Ok(())
    }

    /// What [`Self::measure_passes`] found, with the passes since: for each size the threads that make it cheapest.
    pub fn pass_times(&self) -> Vec<PassTime> {
        self.drafting.pass_times()
    }

    /// The loop: draw from the rows of a pass as long as its draft holds, take what the constraint forces, guess what
    /// follows, and compute the next rows. The tokens of the draft are the last ones in the cache; `logits` has a row for
    /// each of them, and one before.
    fn decode(
        &mut self,
        mut logits: Logits,
        mut draft: Vec<Guess>,
        reply: &mut Reply<'_>,
        cancel: &CancellationToken,
        account: &mut Account,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<FinishReason, EngineError> {
        loop {
            // Tokens of the reply that are not in the cache yet.
            let mut pending = Vec::new();
            let mut end = self.verify(&logits, &draft, &mut pending, reply, cancel, account, on_text)?;
            let room = self.context_len() - self.cached.len();
            if end.is_none() {
                end = self.take_forced(&mut pending, room, reply, account, on_text)?;
            }
            if let Some(finish) = end {
                return Ok(finish);
            }
            if pending.len() > room {
                return Ok(FinishReason::ContextFull);
            }
            draft = self.guess(pending.len(), room - pending.len(), reply, account)?;
            pending.extend(draft.iter().map(|guess| guess.token));
            self.model.target.recycle(logits);
            let threads = self.drafting.threads_to_try(pending.len()).unwrap_or(self.model.target.threads());
            let started = Instant::now();
            logits = self.forward_with(threads, &pending, 1 + draft.len())?;
            self.drafting.passed(pending.len(), threads, milliseconds(started));
            account.passes += 1;
        }
    }

    /// Draws from the rows until a draw differs from the draft; the differing token is `pending`. What of the draft was
    /// wrong leaves the cache. `Some` when the reply ends.
    #[expect(clippy::too_many_arguments, reason = "the state of one reply, which no other function needs whole")]
    fn verify(
        &mut self,
        logits: &Logits,
        draft: &[Guess],
        pending: &mut Vec<TokenId>,
        reply: &mut Reply<'_>,
        cancel: &CancellationToken,
        account: &mut Account,
        on_text: &mut dyn FnMut(&str),
    ) -> Result<Option<FinishReason>, EngineError> {
        let verified = self.cached.len() - draft.len();
        let (mut accepted, mut end) = (0, None);
        while pending.is_empty() && end.is_none() {
            if cancel.is_cancelled() {
                end = Some(FinishReason::Cancelled);
                break;
            }
            let token = reply.draw(logits, accepted, account)?;
            let guess = draft.get(accepted).filter(|guess| guess.token == token);
            end = reply.push(token, guess.map(Guess::source), account, on_text)?;
            if guess.is_some() {
                accepted += 1;
            } else {
                pending.push(token);
                self.drafting.rejected(draft, accepted, token, logits);
            }
            self.drafting.grow(token, false);
        }
        self.keep(verified + accepted)?;
        account.drafts.count(draft, accepted);
        self.drafting.verified(draft, accepted);
        Ok(end)
    }

    /// Tokens that may follow the reply so far, for a pass that computes `pending` rows in any case and has `room` for
    /// more: what the constraint forces, what the sources guess, and what is forced behind that.
    fn guess(
        &mut self,
        pending: usize,
        room: usize,
        reply: &mut Reply<'_>,
        account: &mut Account,
    ) -> Result<Vec<Guess>, EngineError> {
        // The last token of a reply needs no row of its own.
        let most = room.min(reply.left() - 1);
        let (_, forced) = self.look_ahead(&[], reply, account)?;
        let mut draft = self.offered(Vec::new(), most, reply, account)?;
        // The sources may know how the model cuts a forced text into tokens; the text alone does not say it.
        if !forced.is_empty() && self.drafting.is_likelier(&forced, &draft) {
            draft = self.offered(forced, most, reply, account)?;
        }
        draft.truncate(most);
        self.drafting.cut(&mut draft, pending);
        Ok(draft)
    }

    /// A draft with what the sources guess behind it, as far as the constraint allows it, and what is forced behind that.
    fn offered(
        &mut self,
        mut draft: Vec<Guess>,
        most: usize,
        reply: &mut Reply<'_>,
        account: &mut Account,
    ) -> Result<Vec<Guess>, EngineError> {
        self.drafting.extend(&mut draft, most);
        if !draft.is_empty() {
            let (allowed, forced) = self.look_ahead(&draft, reply, account)?;
            draft.truncate(allowed);
            if !draft.is_empty() {
                draft.extend(forced);
            }
        }
        Ok(draft)
    }

    /// How much of a draft the constraint allows, and what it forces behind that.
    fn look_ahead(
        &self,
        draft: &[Guess],
        reply: &mut Reply<'_>,
        account: &mut Account,
    ) -> Result<(usize, Vec<Guess>), EngineError> {
        let tokens: Vec<TokenId> = draft.iter().map(|guess| guess.token).collect();
        let (allowed, mut forced) = reply.look_ahead(&tokens, account)?;
        if !self.drafting.sources().contains(DraftSource::Forced) {
            forced.clear();
        }
        let mut after = tokens.last().copied().unwrap_or_default();
        let guess = |(index, token)| Guess::forced(token, index, std::mem::replace(&mut after, token));
        let forced = forced.into_iter().enumerate().map(guess).collect();
        Ok((allowed, forced))
    }

    /// One pass, with the threads that make it cheapest.
    fn forward(&mut self, tokens: &[TokenId], rows: usize) -> Result<Logits, EngineError> {
        let threads = self.drafting.threads(tokens.len()).unwrap_or(self.model.target.threads());
        self.forward_with(threads, tokens, rows)
    }

    /// One pass; `cached` follows the target's cache whether it succeeds or not.
    fn forward_with(&mut self, threads: usize, tokens: &[TokenId], rows: usize) -> Result<Logits, EngineError> {
        self.model.target.use_threads(threads);
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
