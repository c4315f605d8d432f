//! Keeping secrets out of events and traces.

use deftly_prompts::Outcome;
use deftly_tools::{Action, Observation, Screen};

use crate::{AgentEvent, RunOutcome, StepRecord};

/// What stands in the place of a secret.
pub(crate) const MASK: &str = "***";

/// A shorter secret is masked only where it stands alone: a PIN of one digit is part of too many other texts.
const SHORTEST_PART: usize = 4;

/// Texts that must not be written down: those that the host named, and all that was typed into password fields.
#[derive(Debug, Default)]
pub(crate) struct Mask {
    secrets: Vec<String>,
}

impl Mask {
    pub(crate) fn add(&mut self, secret: &str) {
        if !secret.is_empty() && secret != MASK && !self.secrets.iter().any(|known| known == secret) {
            self.secrets.push(secret.to_owned());
            // The longest first, so that a secret within another leaves no rest of it.
            self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    fn text(&self, text: &mut String) {
        for secret in &self.secrets {
            if text == secret {
                *text = MASK.to_owned();
            } else if secret.chars().count() >= SHORTEST_PART {
                // Replies are JSON, in which a quote of the secret is escaped.
                for form in [secret.as_str(), escaped(secret).as_str()] {
                    if text.contains(form) {
                        *text = text.replace(form, MASK);
                    }
                }
            }
        }
    }

    fn maybe(&self, text: &mut Option<String>) {
        if let Some(text) = text {
            self.text(text);
        }
    }

    pub(crate) fn event(&self, event: &mut AgentEvent) {
        if self.secrets.is_empty() {
            return;
        }
        match event {
            AgentEvent::Start(start) => self.text(&mut start.goal),
            AgentEvent::Observed { observation, .. } => self.observation(observation),
            AgentEvent::Decided { action, label, problem, reply, passages, .. } => {
                action.iter_mut().for_each(|action| self.action(action));
                self.maybe(label);
                self.maybe(problem);
                let said = reply.clone();
                self.text(reply);
                // A secret may stand across parts, none of which is one.
                if *reply != said {
                    passages.clear();
                }
            }
            AgentEvent::ConfirmAsked { question, .. } => {
                self.action(&mut question.action);
                self.maybe(&mut question.label);
                self.text(&mut question.evidence);
            }
            AgentEvent::Refused { reason, .. } => self.text(reason),
            AgentEvent::Performed { note, .. } => self.maybe(note),
            AgentEvent::Verified { outcome, .. } => self.outcome(outcome),
            AgentEvent::Step(record) => self.step(record),
            AgentEvent::Finish(report) => {
                self.text(&mut report.goal);
                self.run_outcome(&mut report.outcome);
            }
        }
    }

    fn step(&self, record: &mut StepRecord) {
        self.observation(&mut record.observation);
        record.action.iter_mut().chain(&mut record.decided).for_each(|action| self.action(action));
        self.maybe(&mut record.label);
        self.text(&mut record.reply);
        record.result.iter_mut().for_each(|outcome| self.outcome(outcome));
        self.maybe(&mut record.note);
    }

    fn observation(&self, observation: &mut Observation) {
        for element in &mut observation.screen.elements {
            self.text(&mut element.label);
            self.maybe(&mut element.value);
        }
    }

    pub(crate) fn action(&self, action: &mut Action) {
        match action {
            Action::Type { text, .. } | Action::Answer { text } => self.text(text),
            Action::OpenApp { name } => self.text(name),
            Action::Done { reason, .. } => self.maybe(reason),
            Action::Tap { .. }
            | Action::DoubleTap { .. }
            | Action::LongPress { .. }
            | Action::Scroll { .. }
            | Action::Swipe { .. }
            | Action::Back
            | Action::Home
            | Action::Enter
            | Action::Wait => {}
        }
    }

    pub(crate) fn outcome(&self, outcome: &mut Outcome) {
        match outcome {
            Outcome::Failed(reason) | Outcome::Refused(reason) | Outcome::Unreadable(reason) => self.text(reason),
            Outcome::Changed | Outcome::NothingChanged => {}
        }
    }

    fn run_outcome(&self, outcome: &mut RunOutcome) {
        match outcome {
            RunOutcome::Answered { text } => self.text(text),
            RunOutcome::GaveUp { reason } => self.maybe(reason),
            RunOutcome::Refused { reason } => self.text(reason),
            RunOutcome::DryRun { action } | RunOutcome::Loop { action } => self.action(action),
            RunOutcome::DeviceFailed { error } | RunOutcome::DeciderFailed { error } => self.text(error),
            RunOutcome::Reached
            | RunOutcome::StepLimit { .. }
            | RunOutcome::TimeLimit { .. }
            | RunOutcome::Unreadable { .. }
            | RunOutcome::Cancelled => {}
        }
    }
}

/// The text as it stands within the quotes of JSON.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// What this action types into a password field, if it does.
pub(crate) fn typed_secret<'a>(action: &'a Action, screen: &Screen) -> Option<&'a str> {
    let Action::Type { id, text, .. } = action else { return None };
    let field = match id {
        Some(id) => screen.get(*id),
        None => screen.elements.iter().find(|element| element.state.focused && element.state.editable),
    };
    field.filter(|field| field.state.password).map(|_| text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let check = |secrets: &[&str], text: &str, expected: &str| {
            let mut mask = Mask::default();
            secrets.iter().for_each(|secret| mask.add(secret));
            let mut text = text.to_owned();
            mask.text(&mut text);
            assert_eq!(text, expected, "{secrets:?}");
        };
        check(&[], "hunter2", "hunter2");
        check(&["hunter2"], "my hunter2 is hunter2", "my *** is ***");
        check(&["hunter", "hunter22"], "hunter22", "***");
        check(&["1"], "1", "***");
        check(&["1"], "10 of 11", "10 of 11");
        check(&["", "***"], "a *** b", "a *** b");
        check(&["a\"b\\c"], r#"{"text":"a\"b\\c"}"#, r#"{"text":"***"}"#);
    }
}
