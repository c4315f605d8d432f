//! The conversation with one mistral.rs engine: the held sequence, requests for raw logits, and the prefix cache.

use std::sync::Arc;
use std::time::{Duration, Instant};

use deftly_engine::{EngineError, TokenId};
use mistralrs::{
    CustomLogitsProcessor, DType, MistralRs, NormalRequest, Request, RequestMessage, Response, SamplingParams,
    StopTokens, Tensor,
};
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::BACKEND;
use crate::cache::{PrefixCache, common_prefix};
use crate::steering::{Steering, Wheel};

/// How long the engine's thread may take to end before it counts as hung. It does nothing but free memory then.
const RESTART_LIMIT: Duration = Duration::from_secs(30);

/// Computes logits of token sequences, with as little repeated work as mistral.rs allows.
pub(crate) struct Requests {
    mistral: Arc<MistralRs>,
    /// Ends held sequences. A token that prompts do not contain, since it poisons its entry of the prefix cache.
    sentinel: TokenId,
    held: Option<Held>,
    cache: PrefixCache,
    /// Positions that the prefix cache may hold before it is emptied.
    cache_limit: usize,
    /// Rows that requests for raw logits computed again because they were in no cache entry.
    repeated: usize,
}

/// A sequence that mistral.rs is generating; it waits for its next token.
struct Held {
    /// Tokens whose keys and values its KV cache has.
    computed: Vec<TokenId>,
    wheel: Wheel,
    /// Kept, and drained to its end, because mistral.rs's engine panics when it cannot deliver a response.
    response: Receiver<Response>,
}

impl Requests {
    /// Tries the candidates for the token that ends sequences, since mistral.rs refuses some, and the model with them.
    /// Also returns the length of a row of logits.
    pub(crate) async fn start(
        mistral: Arc<MistralRs>,
        candidates: &[TokenId],
        cache_limit: usize,
    ) -> Result<(Self, usize), EngineError> {
        let mut requests =
            Self { mistral, sentinel: 0, held: None, cache: PrefixCache::default(), cache_limit, repeated: 0 };
        let mut refusal = failure("the vocabulary has no token that can end a sequence");
        for &candidate in candidates {
            requests.sentinel = candidate;
            match requests.hold(&[0]).await {
                Ok(row) => return Ok((requests, row.len())),
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    /// Logits of the last `rows` (at least one) positions of `tokens`, of which the last `appended` are new.
    pub(crate) async fn logits(
        &mut self,
        tokens: &[TokenId],
        appended: usize,
        rows: usize,
    ) -> Result<Vec<f32>, EngineError> {
        if rows > 1 {
            return self.raw(tokens, appended, rows).await;
        }
        match self.held.take() {
            Some(held) if held.is_continued_by(tokens, self.sentinel) => self.advance(held, tokens).await,
            held => {
                self.let_go(held, tokens).await?;
                self.make_servable(tokens, rows).await?;
                self.hold(tokens).await
            }
        }
    }

    /// Starts a sequence whose prompt is `tokens` and holds it; the logits of its last position.
    async fn hold(&mut self, tokens: &[TokenId]) -> Result<Vec<f32>, EngineError> {
        let (steering, wheel) = Steering::new();
        let response = self.send(tokens, Some(steering)).await?;
        let held = Held { computed: tokens.to_vec(), wheel, response };
        self.row_of(held).await
    }

    /// Tells the held sequence its next token, the last of `tokens`.
    async fn advance(&mut self, mut held: Held, tokens: &[TokenId]) -> Result<Vec<f32>, EngineError> {
        let Some(&token) = tokens.last() else { return Err(failure("a sequence cannot be continued by nothing")) };
        held.computed.push(token);
        // When the engine is gone this fails, and so does what waits for the row, which can say why.
        let _ = held.wheel.next.send(token);
        self.row_of(held).await
    }

    async fn row_of(&mut self, mut held: Held) -> Result<Vec<f32>, EngineError> {
        let response = tokio::select! {
            biased;
            Some(row) = held.wheel.rows.recv() => {
                self.held = Some(held);
                return Ok(row);
            }
            response = held.response.recv() => response,
        };
        drop(held.wheel);
        drain(held.response).await;
        Err(refusal(response))
    }

    /// Ends the held sequence, and keeps its KV cache if `next` starts more like it than like anything in the cache.
    async fn let_go(&mut self, held: Option<Held>, next: &[TokenId]) -> Result<(), EngineError> {
        let Some(Held { mut computed, wheel, response }) = held else { return Ok(()) };
        let keep = common_prefix(&computed, next) > self.cache.common(next);
        if keep {
            let _ = wheel.next.send(self.sentinel);
        }
        // Dropping it gives the sequence up; a token that was sent before is still delivered.
        drop(wheel);
        let end = drain(response).await;
        if keep && matches!(end, Some(Response::CompletionDone(_))) {
            computed.push(self.sentinel);
            self.cache.insert(computed);
        } else if keep {
            tracing::debug!("a sequence did not enter the prefix cache: {}", refusal(end));
        }
        Ok(())
    }

    /// Logits of several positions. Their keys and values are not kept, which is mistral.rs's way with such requests.
    async fn raw(&mut self, tokens: &[TokenId], appended: usize, rows: usize) -> Result<Vec<f32>, EngineError> {
        let held = self.held.take();
        self.let_go(held, tokens).await?;
        self.make_servable(tokens, rows).await?;
        let known = &tokens[..tokens.len() - appended];
        let repeats = known.len().saturating_sub(self.cache.reused(tokens));
        // Rows that are computed again and again are worth a cache entry once they have cost as much as one.
        if repeats > 0 && self.repeated >= repeats {
            self.repeated = 0;
            self.hold(known).await?;
            let held = self.held.take();
            self.let_go(held, tokens).await?;
        } else {
            self.repeated += repeats;
        }
        tracing::trace!(rows, repeats, "a request for raw logits");
        let mut response = self.send(tokens, None).await?;
        let first = response.recv().await;
        drain(response).await;
        match first {
            Some(Response::Raw { logits_chunks, .. }) => last_rows(&logits_chunks, rows),
            other => Err(refusal(other)),
        }
    }

    /// Empties the prefix cache when it is too large, or when it would make a request for `rows` rows go wrong.
    async fn make_servable(&mut self, tokens: &[TokenId], rows: usize) -> Result<(), EngineError> {
        if self.cache.positions() <= self.cache_limit && self.cache.serves(tokens, rows) {
            return Ok(());
        }
        self.forget().await
    }

    /// Ends the engine, which is the only public way to free its prefix cache on a CPU. The next request starts another
    /// one, around the same loaded weights.
    async fn forget(&mut self) -> Result<(), EngineError> {
        tracing::debug!(positions = self.cache.positions(), "the prefix cache is emptied");
        let sender = self.sender().await?;
        // It fails when the engine has ended already, which is what is wanted.
        let _ = sender.send(Request::Terminate).await;
        if tokio::time::timeout(RESTART_LIMIT, sender.closed()).await.is_err() {
            return Err(failure("its engine does not end"));
        }
        self.cache.clear();
        self.repeated = 0;
        Ok(())
    }

    async fn send(
        &mut self,
        tokens: &[TokenId],
        steering: Option<Steering>,
    ) -> Result<Receiver<Response>, EngineError> {
        // Two for a request for raw logits (it is answered twice), one and an error for a sequence that is given up.
        let (response, responses) = mpsc::channel(4);
        let sampling = SamplingParams {
            // Zero is greedy. Without a temperature, the token that is forced would only be the most likely one.
            temperature: Some(0.0),
            stop_toks: Some(StopTokens::Ids(vec![self.sentinel])),
            ..SamplingParams::neutral()
        };
        let tokens = RequestMessage::CompletionTokens(tokens.to_vec());
        let mut request = NormalRequest::new_simple(tokens, sampling, response, 0, None, None);
        request.return_raw_logits = steering.is_none();
        request.logits_processors = steering.map(|steering| vec![Arc::new(steering) as Arc<dyn CustomLogitsProcessor>]);
        let sender = self.sender().await?;
        sender.send(Request::Normal(Box::new(request))).await.map_err(|_| refusal(None))?;
        Ok(responses)
    }

    /// The way to the engine. One that has ended (by us, or because it panicked) is started again, with an empty cache.
    async fn sender(&mut self) -> Result<Sender<Request>, EngineError> {
        let started = Instant::now();
        loop {
            let sender = self.mistral.get_sender(None).map_err(|error| failure(error.to_string()))?;
            if !sender.is_closed() {
                return Ok(sender);
            }
            self.cache.clear();
            // Its thread is about to end; only then is another one started.
            if started.elapsed() > RESTART_LIMIT {
                return Err(failure("its engine stopped and does not end"));
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// Gives the held sequence up, so that the engine's thread is free to end.
    pub(crate) async fn stop(mut self) {
        if let Some(Held { wheel, response, .. }) = self.held.take() {
            drop(wheel);
            drain(response).await;
        }
    }
}

impl Held {
    fn is_continued_by(&self, tokens: &[TokenId], sentinel: TokenId) -> bool {
        tokens.split_last().is_some_and(|(last, known)| known == self.computed && *last != sentinel)
    }
}

/// Waits until the sequence is gone: only then may its channel be dropped. Returns the first response that was left; a
/// sequence that ended with its prompt is run once more by mistral.rs, and what comes of that means nothing.
async fn drain(mut responses: Receiver<Response>) -> Option<Response> {
    let first = responses.recv().await;
    while responses.recv().await.is_some() {}
    first
}

fn last_rows(chunks: &[Tensor], rows: usize) -> Result<Vec<f32>, EngineError> {
    let unusable = |error: &dyn std::fmt::Display| failure(format!("its logits cannot be used: {error}"));
    let (mut values, mut vocab) = (Vec::new(), 0);
    for chunk in chunks {
        vocab = chunk.dims().last().copied().unwrap_or(0);
        let chunk = chunk.to_dtype(DType::F32).and_then(|chunk| chunk.flatten_all()).map_err(|e| unusable(&e))?;
        values.extend(chunk.to_vec1::<f32>().map_err(|e| unusable(&e))?);
    }
    match values.len().checked_sub(rows * vocab) {
        Some(surplus) if vocab > 0 => Ok(values.split_off(surplus)),
        Some(_) | None => Err(failure(format!("it returned {} logits where {rows} rows were asked for", values.len()))),
    }
}

fn refusal(response: Option<Response>) -> EngineError {
    match response {
        Some(Response::InternalError(error) | Response::ValidationError(error)) => failure(error.to_string()),
        Some(Response::ModelError(message, _) | Response::CompletionModelError(message, _)) => failure(message),
        Some(_) => failure("it answered with something that was not asked for"),
        None => failure("its engine stopped"),
    }
}

pub(crate) fn failure(what: impl Into<String>) -> EngineError {
    EngineError::Backend {
        backend: BACKEND,
        what: what.into(),
        hint: "try again, or use the native engine if the model is a GGUF file".into(),
    }
}
