//! Begins an episode with the oracle's steps, to see what a policy does from there on.

use async_trait::async_trait;
use deftly_agent::{AgentError, Decider, Decision, StepContext};
use tokio_util::sync::CancellationToken;

use super::Oracle;
use crate::policy::decision;

/// The oracle for a number of steps, then somebody else. The oracle never ends an episode: where it would, the other's
/// turn comes early.
pub(super) struct Guided {
    oracle: Oracle,
    steps_left: usize,
    decider: Box<dyn Decider>,
}

impl Guided {
    pub(super) fn new(oracle: Oracle, steps: usize, decider: Box<dyn Decider>) -> Self {
        Self { oracle, steps_left: steps, decider }
    }
}

#[async_trait]
impl Decider for Guided {
    async fn decide(&mut self, step: &StepContext<'_>, cancel: &CancellationToken) -> Result<Decision, AgentError> {
        if self.steps_left > 0 {
            let action = self.oracle.next(step).await;
            if !action.is_final() {
                self.steps_left -= 1;
                return Ok(decision(action, step));
            }
            self.steps_left = 0;
        }
        self.decider.decide(step, cancel).await
    }

    fn anticipate(&mut self, step: Option<&StepContext<'_>>) {
        if self.steps_left == 0 {
            self.decider.anticipate(step);
        }
    }

    fn name(&self) -> String {
        self.decider.name()
    }
}
