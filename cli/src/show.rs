//! A run on the terminal: a step a line, then the result.

use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};

use deftly_agent::{AgentEvent, RunReport, StepRecord};
use deftly_engine::{Account, DraftSource, Passage};
use deftly_prompts::Outcome;
use deftly_tools::Action;
use tokio_util::sync::CancellationToken;

use crate::output::{self, plain};

/// Prints the events of one run to stdout.
pub struct StepPrinter {
    json: bool,
    color: bool,
    /// Replies too, not only steps.
    verbose: bool,
    /// Triggered when stdout cannot be written: an agent that nobody can watch any more should not go on.
    cancel: CancellationToken,
    /// Why it could not. Shared with whoever waits for the run, because the printer itself is given away to it.
    failure: Arc<OnceLock<anyhow::Error>>,
}

impl StepPrinter {
    pub fn new(json: bool, verbose: bool, cancel: CancellationToken) -> Self {
        Self { json, color: wants_color(&std::io::stdout()), verbose, cancel, failure: Arc::default() }
    }

    /// Where to find, after the run, why it could not be shown.
    pub fn failure(&self) -> Arc<OnceLock<anyhow::Error>> {
        self.failure.clone()
    }

    pub fn show(&self, event: &AgentEvent) {
        if self.failure.get().is_some() {
            return;
        }
        let text = if self.json { serde_json::to_string(event).map(Some) } else { Ok(self.describe(event)) };
        let printed = match text {
            Ok(Some(text)) => output::print(&text),
            Ok(None) => Ok(()),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = printed {
            // It is empty: nothing is printed after the first failure.
            let _ = self.failure.set(error);
            self.cancel.cancel();
        }
    }

    fn describe(&self, event: &AgentEvent) -> Option<String> {
        match event {
            AgentEvent::Start(start) => {
                let start = format!("{} on {}, model {}", plain(&start.goal), start.device.name, plain(&start.decider));
                Some(if self.verbose && self.color { format!("{start}\n{}", self.legend()) } else { start })
            }
            AgentEvent::Step(step) => Some(self.step(step)),
            AgentEvent::Decided { passages, account, .. } if self.verbose && !passages.is_empty() => {
                Some(self.reply(passages, account.as_deref()))
            }
            AgentEvent::Decided { .. } => None,
            AgentEvent::Finish(report) => Some(self.finish(report)),
            AgentEvent::Observed { .. }
            | AgentEvent::ConfirmAsked { .. }
            | AgentEvent::Refused { .. }
            | AgentEvent::Performed { .. }
            | AgentEvent::Verified { .. } => None,
        }
    }

    /// What it saw, what it did, what came of it, and how long each phase took.
    fn step(&self, step: &StepRecord) -> String {
        let seen =
            format!("{}, {} elements", plain(&step.observation.app.name), step.observation.screen.elements.len());
        let did = match (&step.decided, &step.result) {
            (Some(action), _) => action_words(action, step.label.as_deref()),
            (None, Some(_)) => "unreadable reply".to_owned(),
            (None, None) => "no decision".to_owned(),
        };
        let result = match &step.result {
            Some(Outcome::Changed) | None => String::new(),
            Some(Outcome::NothingChanged) => " -> nothing changed".to_owned(),
            Some(Outcome::Failed(reason)) => format!(" -> failed: {}", one_line(reason)),
            Some(Outcome::Refused(reason)) => format!(" -> refused: {}", one_line(reason)),
            Some(Outcome::Unreadable(reason)) => format!(" -> unreadable: {}", one_line(reason)),
        };
        let ms = format!(
            "look {:.0} decide {:.0} act {:.0} verify {:.0} ms",
            step.ms.observe, step.ms.decide, step.ms.act, step.ms.verify
        );
        format!("{:>3}  {seen:<28} {}{result}  {}", step.step, self.paint(&did, "1"), self.paint(&ms, "2"))
    }

    /// The reply, each part in the colour of who had guessed it, and in how many passes it came.
    fn reply(&self, passages: &[Passage], account: Option<&Account>) -> String {
        let parts = passages.iter().map(|passage| {
            let text = plain(&passage.text);
            passage.drafted_by.map_or(text.clone(), |source| self.paint(&text, source_color(source)))
        });
        let passes = account.map_or_else(String::new, |account| {
            let prefill = if account.prefilled > 0 { " and the prefill's" } else { "" };
            format!("  {} tokens in {} passes{prefill}", account.decoded, account.passes)
        });
        format!("     {}{}", parts.collect::<String>(), self.paint(&passes, "2"))
    }

    /// What the colours of [`Self::reply`] mean.
    fn legend(&self) -> String {
        let names = DraftSource::ALL.map(|source| self.paint(source.name(), source_color(source)));
        format!("replies: {}, the model's own", names.join(", "))
    }

    fn finish(&self, report: &RunReport) -> String {
        let color = if report.outcome.exit_code() == 0 { "32" } else { "31" };
        let account = &report.account;
        let outcome = report.outcome.to_string();
        let mut lines = outcome.lines().map(plain);
        let mut text = format!(
            "{} in {} {}, {:.1} s",
            self.paint(&lines.next().unwrap_or_default(), color),
            report.steps,
            if report.steps == 1 { "step" } else { "steps" },
            report.total_ms / 1e3
        );
        if account.prompt_tokens > 0 {
            text += &format!(
                " (prompt {} tokens, {} reused; reply {} tokens; prefill {:.0} ms, decode {:.0} ms)",
                account.prompt_tokens, account.reused, account.decoded, account.prefill_ms, account.decode_ms
            );
        }
        // The rest of an answer, or the hint of an error.
        for line in lines {
            text += &format!("\n{line}");
        }
        if let Some(trace) = &report.trace {
            text += &format!("\ntrace: {}", trace.display());
        }
        text
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// One for each source of drafts.
fn source_color(source: DraftSource) -> &'static str {
    match source {
        DraftSource::Context => "36",
        DraftSource::History => "32",
        DraftSource::Calibrated => "33",
        DraftSource::Reuse => "35",
        DraftSource::Forced => "90",
    }
}

/// Colours are for terminals, and only for owners who want them: <https://no-color.org>.
pub fn wants_color(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// The first line of a reason; a hint that follows is for the model or in the trace.
fn one_line(text: &str) -> String {
    plain(text.lines().next().unwrap_or_default())
}

/// An action as a person would say it: `tap "Wi-Fi"`.
pub fn action_words(action: &Action, label: Option<&str>) -> String {
    let on = label.map_or_else(String::new, |label| format!(" {label:?}"));
    match action {
        Action::Type { text, submit, .. } => format!("type {text:?}{on}{}", if *submit { " and enter" } else { "" }),
        Action::Scroll { direction, .. } | Action::Swipe { direction, .. } => {
            format!("{} {}{on}", action.name(), format!("{direction:?}").to_lowercase())
        }
        Action::OpenApp { name } => format!("open {name:?}"),
        Action::Answer { text } => format!("answer {text:?}"),
        Action::Done { status, .. } => format!("done: {}", format!("{status:?}").to_lowercase()),
        Action::Tap { .. } | Action::DoubleTap { .. } | Action::LongPress { .. } => {
            format!("{}{on}", action.name().replace('_', " "))
        }
        Action::Back | Action::Home | Action::Enter | Action::Wait => action.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deftly_tools::{Direction, ElementId, Status};

    #[test]
    fn actions_read_like_sentences() {
        let check =
            |action: Action, label: Option<&str>, expected: &str| assert_eq!(action_words(&action, label), expected);
        check(Action::Tap { id: ElementId(2) }, Some("Wi-Fi"), "tap \"Wi-Fi\"");
        check(Action::LongPress { id: ElementId(2) }, Some("Note"), "long press \"Note\"");
        check(
            Action::Type { id: None, text: "Bob".into(), clear: false, submit: true },
            None,
            "type \"Bob\" and enter",
        );
        check(Action::Scroll { direction: Direction::Down, id: None }, None, "scroll down");
        check(Action::Done { status: Status::Complete, reason: None }, None, "done: complete");
    }
}
