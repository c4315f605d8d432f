//! The decider that asks a language model.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use deftly_engine::{
    Constraint, FinishReason, GenerateRequest, Generation, Message, ModelInfo, Sampling, Session, TokenId,
};
use deftly_prompts::{Budget, Dialect, PromptInput, Turn, describe_element_line, parse_reply, render, reply_schema};
use deftly_tools::{App, Observation, Screen};
use serde_json::Value;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::mask::typed_secret;
use crate::{AgentError, Decider, Decision, Extraction, StepContext};

/// What the chat template adds beyond what was measured with short texts: a text's first token may join differently.
const TEMPLATE_MARGIN: usize = 16;
/// A shorter start of all prompts is computed faster than it is read.
const WORTH_KEEPING: usize = 16;

/// How the model is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelOptions {
    pub dialect: Dialect,
    pub sampling: Sampling,
    /// Tokens of one reply; at most a quarter of the model's context is used. An action needs about 30, an answer that
    /// quotes the screen more.
    pub max_reply_tokens: usize,
    /// Whether replies are forced to be actions that make sense on the screen. Without it they are parsed leniently, for
    /// models that reason before they reply.
    pub constrained: bool,
}

impl Default for ModelOptions {
    fn default() -> Self {
        Self { dialect: Dialect::default(), sampling: Sampling::greedy(), max_reply_tokens: 256, constrained: true }
    }
}

/// Asks a model: prompt, chat template, tokens, constrained reply, action.
pub struct ModelDecider {
    /// Locked for the length of one generate, by the thread that runs it. A decision that was cancelled may still hold
    /// it until its pass through the model ends; the next one waits for that.
    session: Arc<Mutex<Session>>,
    options: ModelOptions,
    info: ModelInfo,
    /// What is being worked on before it is asked for.
    ahead: Option<Ahead>,
}

/// A decision that will probably be asked for, in the making.
struct Ahead {
    question: Question,
    work: JoinHandle<Result<Decision, AgentError>>,
    cancel: CancellationToken,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

impl ModelDecider {
    pub fn new(session: Session, options: ModelOptions) -> Self {
        let info = session.info().clone();
        Self { session: Arc::new(Mutex::new(session)), options, info, ahead: None }
    }

    /// The model that is asked.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Runs `work` with the session on a thread that may block, so that timers and Ctrl-C go on being served.
    async fn with_session<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, AgentError> + Send + 'static,
    ) -> Result<T, AgentError> {
        joined(self.begin(work)).await
    }

    fn begin<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, AgentError> + Send + 'static,
    ) -> JoinHandle<Result<T, AgentError>> {
        let session = self.session.clone();
        tokio::task::spawn_blocking(move || {
            let is_poisoned = session.is_poisoned();
            let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
            if is_poisoned {
                // Whatever panicked may have left the cache half written.
                session.clear()?;
            }
            work(&mut session)
        })
    }

    /// The decision that was begun ahead, if it is the one on this question. Any other is given up.
    async fn take_ahead(&mut self, question: &Question, cancel: &CancellationToken) -> Option<Decision> {
        let mut ahead = self.ahead.take().filter(|ahead| ahead.question == *question)?;
        let decision = tokio::select! {
            decision = joined(&mut ahead.work) => decision,
            () = cancel.cancelled() => return None,
        };
        // What failed ahead of time is tried again in the open.
        decision.inspect_err(|error| tracing::debug!(%error, "a decision ahead of time failed")).ok()
    }
}

async fn joined<T>(work: impl Future<Output = Result<Result<T, AgentError>, JoinError>>) -> Result<T, AgentError> {
    match work.await {
        Ok(result) => result,
        Err(error) => Err(AgentError::Panicked { reason: error.to_string() }),
    }
}

#[async_trait]
impl Decider for ModelDecider {
    async fn decide(&mut self, step: &StepContext<'_>, cancel: &CancellationToken) -> Result<Decision, AgentError> {
        let started = Instant::now();
        let question = Question::of(step);
        if let Some(decision) = self.take_ahead(&question, cancel).await {
            return Ok(Decision { milliseconds: milliseconds(started), ..decision });
        }
        let (options, cancel) = (self.options.clone(), cancel.clone());
        self.with_session(move |session| decide(session, &question, &options, &cancel)).await
    }

    fn anticipate(&mut self, step: Option<&StepContext<'_>>) {
        let Some(step) = step else {
            // Nobody waits for it, and whoever comes first waits a moment.
            let options = self.options.clone();
            drop(self.begin(move |session| {
                prepare(session, &options).inspect_err(|error| tracing::debug!(%error, "nothing was prepared"))
            }));
            return;
        };
        let question = Question::of(step);
        if self.ahead.as_ref().is_some_and(|ahead| ahead.question == question) {
            return;
        }
        // The one before is told to stop before the next waits for its session.
        self.ahead = None;
        let (options, cancel) = (self.options.clone(), CancellationToken::new());
        let (asked, stop) = (question.clone(), cancel.clone());
        let work = self.begin(move |session| {
            let max_tokens = reply_tokens(session, &options);
            let prompt = encode_prompt(session, &asked, options.dialect, max_tokens)?;
            session.prefetch(&prompt, &stop)?;
            decide(session, &asked, &options, &stop)
        });
        self.ahead = Some(Ahead { question, work, cancel });
    }

    async fn extract(&mut self, wanted: &Extraction<'_>, cancel: &CancellationToken) -> Result<String, AgentError> {
        let (messages, schema) = (extraction_messages(wanted), wanted.schema.clone());
        let cancel = cancel.clone();
        self.with_session(move |session| extract(session, &messages, &schema, &cancel)).await
    }

    fn name(&self) -> String {
        format!("{} ({}, {})", self.info.name, self.info.backend, self.options.dialect)
    }
}

/// What the first decision needs whatever the goal is: the dialect's system text in the cache, and the cost of passes.
fn prepare(session: &mut Session, options: &ModelOptions) -> Result<(), AgentError> {
    let never = CancellationToken::new();
    let encode = |goal: &str| {
        let observation = Observation {
            screen: Screen { elements: Vec::new() },
            app: App { name: goal.to_owned(), package: goal.to_owned() },
            keyboard: false,
        };
        let question = Question { goal: goal.to_owned(), history: Vec::new(), observation, apps: Vec::new() };
        encode_prompt(session, &question, options.dialect, reply_tokens(session, options))
    };
    let (one, other) = (encode("a")?, encode("1")?);
    let common = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    if common >= WORTH_KEEPING {
        session.warm(&one[..common], &never)?;
    }
    Ok(session.measure_passes(&never)?)
}

/// [`StepContext`] with everything owned, for another thread.
#[derive(Debug, Clone, PartialEq)]
struct Question {
    goal: String,
    history: Vec<Turn>,
    observation: Observation,
    apps: Vec<App>,
}

impl Question {
    fn of(step: &StepContext<'_>) -> Self {
        Self {
            goal: step.goal.to_owned(),
            history: step.history.to_vec(),
            observation: step.observation.clone(),
            apps: step.apps.to_vec(),
        }
    }
}

fn decide(
    session: &mut Session,
    question: &Question,
    options: &ModelOptions,
    cancel: &CancellationToken,
) -> Result<Decision, AgentError> {
    let started = Instant::now();
    let screen = &question.observation.screen;
    let constraint = if options.constrained {
        let schema = reply_schema(options.dialect, screen, &question.apps);
        Some(Constraint::json_schema(session.tokenizer(), &schema)?)
    } else {
        None
    };
    let max_tokens = reply_tokens(session, options);
    let prompt = encode_prompt(session, question, options.dialect, max_tokens)?;
    // Another seed for every step, or a sampled mistake would be repeated on the same screen.
    let seed = options.sampling.seed.wrapping_add(question.history.len() as u64);
    let sampling = Sampling { seed, ..options.sampling.clone() };
    let request = GenerateRequest { prompt, max_tokens, sampling, constraint, stop: Vec::new() };
    let generation = generate(session, &request, cancel)?;
    let outcome = parse_reply(options.dialect, &generation.text, screen);
    if outcome.as_ref().is_ok_and(|action| typed_secret(action, screen).is_some()) {
        session.keep_last_reply_private();
    }
    Ok(Decision {
        outcome,
        passages: generation.passages(session.tokenizer()),
        reply: generation.text,
        account: Some(generation.account),
        milliseconds: milliseconds(started),
    })
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn reply_tokens(session: &Session, options: &ModelOptions) -> usize {
    options.max_reply_tokens.min(session.context_len() / 4).max(1)
}

/// The prompt in tokens, trimmed so that it and the reply fit the context.
fn encode_prompt(
    session: &Session,
    question: &Question,
    dialect: Dialect,
    max_reply_tokens: usize,
) -> Result<Vec<TokenId>, AgentError> {
    let tokenizer = session.tokenizer();
    let encode = |system: &str, user: &str| {
        session.chat_template().encode(tokenizer, &[Message::system(system), Message::user(user)])
    };
    let overhead = encode(".", ".")?.len() + TEMPLATE_MARGIN;
    let max_tokens = session.context_len().saturating_sub(max_reply_tokens + overhead);
    // A text that cannot be encoded fails below, where the error can be reported; until then its length will do.
    let count = |text: &str| tokenizer.encode(text).map_or(text.len(), |tokens| tokens.len());
    let input = PromptInput {
        goal: &question.goal,
        history: &question.history,
        observation: &question.observation,
        apps: &question.apps,
    };
    let prompt = render(dialect, &input, Budget { max_tokens, count: &count });
    if prompt.trimmed_lines > 0 {
        tracing::debug!(lines = prompt.trimmed_lines, max_tokens, "the prompt was trimmed to fit the context");
    }
    Ok(encode(&prompt.system, &prompt.user)?)
}

fn generate(
    session: &mut Session,
    request: &GenerateRequest,
    cancel: &CancellationToken,
) -> Result<Generation, AgentError> {
    let generation = session.generate(request, cancel, &mut |_| {})?;
    match generation.finish {
        FinishReason::Cancelled => Err(AgentError::Cancelled),
        FinishReason::StopToken
        | FinishReason::StopString
        | FinishReason::ConstraintComplete
        | FinishReason::MaxTokens
        | FinishReason::ContextFull => Ok(generation),
    }
}

/// Asks for an answer as data. The screen is there because an answer in words may leave out what the type wants.
fn extraction_messages(wanted: &Extraction<'_>) -> [Message; 2] {
    let lines: Vec<String> = wanted.observation.screen.elements.iter().map(describe_element_line).collect();
    let system = "Write the answer to the question as one JSON object. Use only what the answer and the screen say.";
    let user = format!(
        "Question: {}\nScreen: {}\n{}\nAnswer: {}",
        wanted.goal,
        wanted.observation.app.name,
        lines.join("\n"),
        wanted.answer
    );
    [Message::system(system), Message::user(user)]
}

fn extract(
    session: &mut Session,
    messages: &[Message],
    schema: &Value,
    cancel: &CancellationToken,
) -> Result<String, AgentError> {
    let request = GenerateRequest {
        prompt: session.chat_template().encode(session.tokenizer(), messages)?,
        // Data is longer than an action; half the context is what a prompt of one screen leaves in any case.
        max_tokens: (session.context_len() / 2).max(1),
        sampling: Sampling::greedy(),
        constraint: Some(Constraint::json_schema(session.tokenizer(), schema)?),
        stop: Vec::new(),
    };
    Ok(generate(session, &request, cancel)?.text)
}

#[cfg(test)]
mod tests;
