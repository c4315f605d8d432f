//! The [`TargetModel`]: a list of tokens, and a thread that computes logits of it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;

use deftly_engine::{ChatTemplate, EngineError, LoadedModel, Logits, ModelInfo, TargetModel, TokenId, Tokenizer};
use tokio::runtime::{Builder, Runtime};

use crate::load::{self, Loaded};
use crate::requests::{Requests, failure};
use crate::{MistralrsOptions, ModelSpec};

struct MistralrsTarget {
    /// The KV cache, as far as anyone outside can tell.
    tokens: Vec<TokenId>,
    vocab_size: usize,
    context_len: usize,
    /// To the thread that owns mistral.rs. Dropping it ends that thread, which frees the model.
    jobs: mpsc::Sender<Job>,
}

struct Job {
    /// The whole sequence.
    tokens: Vec<TokenId>,
    /// How many of its tokens are new.
    appended: usize,
    rows: usize,
    reply: mpsc::Sender<Result<Vec<f32>, EngineError>>,
}

/// What the thread hands over once the model is loaded.
struct Ready {
    tokenizer: Tokenizer,
    chat_template: ChatTemplate,
    info: ModelInfo,
}

/// Loads the model on a thread of its own and returns once it is ready.
///
/// The thread is needed because a caller may be inside another tokio runtime, where none may be started or waited for.
pub(crate) fn start(spec: ModelSpec, options: MistralrsOptions) -> Result<LoadedModel, EngineError> {
    let (jobs, inbox) = mpsc::channel();
    let (ready, loaded) = mpsc::channel();
    thread::Builder::new()
        .name("mistralrs".into())
        .spawn(move || serve(&spec, &options, &ready, &inbox))
        .map_err(|error| failure(format!("its thread cannot be started: {error}")))?;
    let Ready { tokenizer, chat_template, info } =
        loaded.recv().unwrap_or_else(|_| Err(failure("its thread ended while it loaded the model")))?;
    let target =
        MistralrsTarget { tokens: Vec::new(), vocab_size: info.vocab_size, context_len: info.context_len, jobs };
    Ok(LoadedModel { target: Box::new(target), tokenizer: Arc::new(tokenizer), chat_template, info })
}

fn serve(
    spec: &ModelSpec,
    options: &MistralrsOptions,
    ready: &mpsc::Sender<Result<Ready, EngineError>>,
    inbox: &mpsc::Receiver<Job>,
) {
    // One thread only: mistral.rs sends a request of its own through a runtime with more, and so into the prefix cache.
    let runtime = match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = ready.send(Err(failure(format!("its runtime cannot be started: {error}"))));
            return;
        }
    };
    let loaded = guarded(|| runtime.block_on(load::load(spec, options)), |panic| load::broken(spec, panic));
    let mut requests = match loaded {
        Ok(Loaded { requests, tokenizer, chat_template, info }) => {
            // Nobody waits any more when this fails, and then there are no jobs either.
            let _ = ready.send(Ok(Ready { tokenizer, chat_template, info }));
            requests
        }
        Err(error) => {
            let _ = ready.send(Err(error));
            return;
        }
    };
    for job in inbox {
        let result = compute(&runtime, &mut requests, &job);
        // A caller that gave up waiting does not want the reply.
        let _ = job.reply.send(result);
    }
    runtime.block_on(requests.stop());
}

fn compute(runtime: &Runtime, requests: &mut Requests, job: &Job) -> Result<Vec<f32>, EngineError> {
    let work = || runtime.block_on(requests.logits(&job.tokens, job.appended, job.rows.max(1)));
    guarded(work, |panic| failure(format!("it panicked: {panic}")))
}

/// Turns a panic of mistral.rs, which asserts what it expects of a file or a request, into an error.
fn guarded<T>(
    work: impl FnOnce() -> Result<T, EngineError>,
    describe: impl FnOnce(&str) -> EngineError,
) -> Result<T, EngineError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(describe(message(&*panic))))
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

impl TargetModel for MistralrsTarget {
    fn forward(&mut self, tokens: &[TokenId], rows: usize) -> Result<Logits, EngineError> {
        let wanted = self.tokens.len() + tokens.len();
        if wanted > self.context_len {
            return Err(EngineError::PromptTooLong { prompt: wanted, context: self.context_len });
        }
        if let Some(&token) = tokens.iter().find(|&&token| token as usize >= self.vocab_size) {
            return Err(EngineError::TokenOutOfRange { token, vocab: self.vocab_size });
        }
        if rows > tokens.len() {
            return Err(EngineError::InvalidRequest {
                reason: format!("{rows} rows of {} tokens were asked for", tokens.len()),
                hint: "ask for at most one row a token",
            });
        }
        if tokens.is_empty() {
            return Logits::new(Vec::new(), self.vocab_size);
        }
        let mut all = self.tokens.clone();
        all.extend_from_slice(tokens);
        let (reply, result) = mpsc::channel();
        let ended = || failure("its thread ended");
        let job = Job { tokens: all, appended: tokens.len(), rows, reply };
        self.jobs.send(job).map_err(|_| ended())?;
        let mut values = result.recv().map_err(|_| ended())??;
        if values.len() != rows.max(1) * self.vocab_size {
            return Err(failure(format!("it returned {} logits, not rows of {}", values.len(), self.vocab_size)));
        }
        values.truncate(rows * self.vocab_size);
        self.tokens.extend_from_slice(tokens);
        Logits::new(values, self.vocab_size)
    }

    fn truncate(&mut self, len: usize) -> Result<(), EngineError> {
        if len > self.tokens.len() {
            return Err(EngineError::InvalidRequest {
                reason: format!("the KV cache holds {} tokens and cannot be cut to {len}", self.tokens.len()),
                hint: "this is a bug in the caller",
            });
        }
        self.tokens.truncate(len);
        Ok(())
    }

    fn len(&self) -> usize {
        self.tokens.len()
    }

    fn vocab_size(&self) -> usize {
        self.vocab_size
    }

    fn context_len(&self) -> usize {
        self.context_len
    }
}
