//! Who chooses the actions: the agent's model, or one of the baselines that every report is read against.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use deftly_agent::{AgentError, Decider, Decision, StepContext};
use deftly_tools::{Action, Direction, Element, Status};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::EvalError;

/// Who chooses the actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyKind {
    /// The model.
    Agent,
    /// The suite's own solution: the most that can be reached.
    Oracle,
    /// Any action that the screen allows, all equally likely: the least that counts.
    Random,
    /// Always the first element that can be acted on.
    First,
}

impl PolicyKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Oracle => "oracle",
            Self::Random => "random",
            Self::First => "first",
        }
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for PolicyKind {
    type Err = EvalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Agent, Self::Oracle, Self::Random, Self::First]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| EvalError::NoSuchPolicy { name: text.to_string() })
    }
}

/// A decider that several agents use in turn: a model is loaded once for all episodes.
#[derive(Clone)]
pub struct SharedDecider {
    /// Locked for the length of one decision; only one episode runs at a time, so nobody waits.
    inner: Arc<Mutex<Box<dyn Decider>>>,
    /// Kept beside it because [`Decider::name`] cannot wait for the lock.
    name: String,
}

impl SharedDecider {
    pub fn new(decider: Box<dyn Decider>) -> Self {
        Self { name: decider.name(), inner: Arc::new(Mutex::new(decider)) }
    }
}

#[async_trait]
impl Decider for SharedDecider {
    async fn decide(&mut self, step: &StepContext<'_>, cancel: &CancellationToken) -> Result<Decision, AgentError> {
        self.inner.lock().await.decide(step, cancel).await
    }

    fn anticipate(&mut self, step: Option<&StepContext<'_>>) {
        // Nobody decides while an episode waits for its phone; if somebody does, nothing need be anticipated.
        if let Ok(mut inner) = self.inner.try_lock() {
            inner.anticipate(step);
        }
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

/// Chooses any action that the screen allows.
pub struct RandomDecider {
    rng: ChaCha8Rng,
}

impl RandomDecider {
    pub fn new(seed: u64) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed) }
    }
}

#[async_trait]
impl Decider for RandomDecider {
    async fn decide(&mut self, step: &StepContext<'_>, _cancel: &CancellationToken) -> Result<Decision, AgentError> {
        Ok(decision(random_action(step, &mut self.rng), step))
    }
}

/// One of the actions that make sense on this screen, all equally likely: one per element, one per app, back, done.
pub fn random_action(step: &StepContext<'_>, rng: &mut impl Rng) -> Action {
    let elements = step.observation.screen.elements.iter().filter(|element| element.is_actionable());
    let mut actions: Vec<Action> = elements.map(|element| act_on(element, step.goal, rng)).collect();
    actions.extend(step.apps.iter().map(|app| Action::OpenApp { name: app.name.clone() }));
    actions.push(Action::Back);
    actions.push(Action::Done { status: Status::Complete, reason: None });
    actions.choose(rng).cloned().unwrap_or(Action::Back)
}

/// What a person would do with this kind of element; what to type is a word of the goal.
fn act_on(element: &Element, goal: &str, rng: &mut impl Rng) -> Action {
    let id = element.id;
    if element.state.editable {
        let words: Vec<&str> = goal.split_whitespace().collect();
        let text = words.choose(rng).copied().unwrap_or("text").to_string();
        return Action::Type { id: Some(id), text, clear: false, submit: false };
    }
    if element.state.scrollable && !element.state.clickable {
        let direction = if rng.random_bool(0.5) { Direction::Down } else { Direction::Up };
        return Action::Scroll { direction, id: Some(id) };
    }
    if element.state.clickable || !element.state.long_clickable { Action::Tap { id } } else { Action::LongPress { id } }
}

/// Always chooses the first element that can be pressed, or else goes back.
pub struct FirstDecider;

#[async_trait]
impl Decider for FirstDecider {
    async fn decide(&mut self, step: &StepContext<'_>, _cancel: &CancellationToken) -> Result<Decision, AgentError> {
        let pressable = |element: &&Element| element.is_actionable() && element.state.clickable;
        let first = step.observation.screen.elements.iter().find(pressable);
        let action = first.map_or(Action::Back, |element| Action::Tap { id: element.id });
        Ok(decision(action, step))
    }
}

/// A seed for one episode, different for every task and seed, the same on every machine.
pub(crate) fn episode_seed(task: &str, seed: u64) -> u64 {
    let digest = Sha256::new().chain_update(task).chain_update(seed.to_le_bytes()).finalize();
    digest.iter().take(8).fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}

/// A decision as a model would have made it, with the reply that it would have written.
pub(crate) fn decision(action: Action, step: &StepContext<'_>) -> Decision {
    let reply = deftly_prompts::reply_text(&action, &step.observation.screen);
    Decision { outcome: Ok(action), reply, passages: Vec::new(), account: None, milliseconds: 0.0 }
}
