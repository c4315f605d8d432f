//! The compact dialect: one short line an element, the part that changes least first.

use crate::label::{LABEL_LIMIT, flatten};
use crate::line::{element_line, history_line};
use crate::template::fill;
use crate::trim::Draft;
use crate::{Prompt, PromptInput};

const SYSTEM: &str = include_str!("../templates/compact/system.txt");
const THOUGHT: &str = include_str!("../templates/compact/thought.txt");
const USER: &str = include_str!("../templates/compact/user.txt");

/// Characters of a goal that a prompt shows. A goal is a sentence or a short text; more than this is a mistake.
pub(crate) const GOAL_LIMIT: usize = 4000;

pub(crate) fn compose(input: &PromptInput<'_>, draft: &Draft) -> Prompt {
    let user = fill(
        USER.trim_end(),
        &[
            ("goal", &flatten(input.goal, GOAL_LIMIT)),
            ("steps", &steps(input, draft)),
            ("screen", &screen_title(input)),
            ("elements", &element_lines(input, draft)),
        ],
    );
    Prompt {
        system: SYSTEM.trim_end().to_owned(),
        user: user.trim_end().to_owned(),
        trimmed_lines: draft.trimmed_lines(),
    }
}

/// The same with the request for a thought.
pub(crate) fn compose_thoughtful(input: &PromptInput<'_>, draft: &Draft) -> Prompt {
    let mut prompt = compose(input, draft);
    prompt.system.push('\n');
    prompt.system.push_str(THOUGHT.trim_end());
    prompt
}

/// The history with its header, empty if nothing was done yet.
fn steps(input: &PromptInput<'_>, draft: &Draft) -> String {
    if input.history.is_empty() {
        return String::new();
    }
    let mut out = String::from("Steps:\n");
    if draft.skipped_steps > 0 {
        out.push_str(&format!("({} earlier left out)\n", draft.skipped_steps));
    }
    for turn in input.history.iter().skip(draft.skipped_steps) {
        out.push_str(&history_line(turn, draft.label_limit));
        out.push('\n');
    }
    out
}

fn screen_title(input: &PromptInput<'_>) -> String {
    let app = &input.observation.app;
    let name = if app.name.trim().is_empty() { &app.package } else { &app.name };
    let keyboard = if input.observation.keyboard { ", keyboard" } else { "" };
    format!("{}{keyboard}", flatten(name, LABEL_LIMIT))
}

fn element_lines(input: &PromptInput<'_>, draft: &Draft) -> String {
    let shown = input.observation.screen.elements.iter().zip(&draft.left_out).filter(|(_, left_out)| !**left_out);
    let mut lines: Vec<String> = shown.map(|(element, _)| element_line(element, draft.label_limit)).collect();
    match draft.left_out_lines() {
        0 => {}
        1 => lines.push("(1 line of text left out)".to_owned()),
        count => lines.push(format!("({count} lines of text left out)")),
    }
    lines.join("\n")
}
