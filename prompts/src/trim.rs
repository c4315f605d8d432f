//! Making a prompt fit.
//!
//! What is cheapest to miss goes first: text to read, farthest from anything that can be acted on; then the ends of
//! labels; then the oldest steps. An element that can be acted on always stays.

use std::cmp::Reverse;

use crate::label::LABEL_LIMIT;
use crate::line::{element_line, has_number, history_line};
use crate::{Budget, Prompt, PromptInput};

/// Label lengths to try when no more text can be dropped. At 12 characters a label is a word or two.
const SHORTER_LABELS: [usize; 3] = [40, 24, 12];

/// Tokens for saying that lines are left out.
const NOTICE_TOKENS: usize = 12;

/// Which parts of the input a prompt shows.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// Characters of a label.
    pub(crate) label_limit: usize,
    /// For each element of the screen, whether it is left out.
    pub(crate) left_out: Vec<bool>,
    /// How many of the oldest steps are left out.
    pub(crate) skipped_steps: usize,
}

impl Draft {
    fn whole(input: &PromptInput<'_>) -> Self {
        let elements = input.observation.screen.elements.len();
        Self { label_limit: LABEL_LIMIT, left_out: vec![false; elements], skipped_steps: 0 }
    }

    pub(crate) fn left_out_lines(&self) -> usize {
        self.left_out.iter().filter(|left_out| **left_out).count()
    }

    pub(crate) fn trimmed_lines(&self) -> usize {
        self.left_out_lines() + self.skipped_steps
    }
}

/// Trims until the prompt that `compose` makes of the draft fits, or nothing is left to trim.
pub(crate) fn fit(input: &PromptInput<'_>, budget: Budget<'_>, compose: &dyn Fn(&Draft) -> Prompt) -> Prompt {
    let mut draft = Draft::whole(input);
    let mut prompt = compose(&draft);
    // No tokenizer makes more tokens than there are bytes, so most prompts need not be counted.
    if prompt.system.len() + prompt.user.len() <= budget.max_tokens {
        return prompt;
    }
    let system = (budget.count)(&prompt.system);
    let over = |prompt: &Prompt| (system + (budget.count)(&prompt.user)).saturating_sub(budget.max_tokens);

    let mut texts = droppable(input).into_iter().peekable();
    while over(&prompt) > 0 && texts.peek().is_some() {
        let mut excess = over(&prompt) + NOTICE_TOKENS;
        for index in texts.by_ref() {
            draft.left_out[index] = true;
            let line = element_line(&input.observation.screen.elements[index], draft.label_limit);
            excess = excess.saturating_sub((budget.count)(&line));
            if excess == 0 {
                break;
            }
        }
        prompt = compose(&draft);
    }
    for limit in SHORTER_LABELS {
        if over(&prompt) == 0 {
            return prompt;
        }
        draft.label_limit = limit;
        prompt = compose(&draft);
    }
    while over(&prompt) > 0 && draft.skipped_steps < input.history.len() {
        let mut excess = over(&prompt) + NOTICE_TOKENS;
        while excess > 0 && draft.skipped_steps < input.history.len() {
            let line = history_line(&input.history[draft.skipped_steps], draft.label_limit);
            excess = excess.saturating_sub((budget.count)(&line));
            draft.skipped_steps += 1;
        }
        prompt = compose(&draft);
    }
    prompt
}

/// The elements that may be left out, in the order in which they go: text far from controls first, because text beside
/// a control explains it; of two equally far the lower one.
fn droppable(input: &PromptInput<'_>) -> Vec<usize> {
    let elements = &input.observation.screen.elements;
    let mut distances = vec![usize::MAX; elements.len()];
    let mut since = usize::MAX;
    for (index, element) in elements.iter().enumerate() {
        since = if has_number(element) { 0 } else { since.saturating_add(1) };
        distances[index] = since;
    }
    since = usize::MAX;
    for (index, element) in elements.iter().enumerate().rev() {
        since = if has_number(element) { 0 } else { since.saturating_add(1) };
        distances[index] = distances[index].min(since);
    }
    let mut order: Vec<usize> = (0..elements.len()).filter(|index| distances[*index] > 0).collect();
    order.sort_by_key(|index| Reverse((distances[*index], *index)));
    order
}
