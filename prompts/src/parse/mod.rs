//! Model text to [`Action`].
//!
//! 1. [`calls`] finds what looks like a call of an action in the text, whatever is around it.
//! 2. [`json`] reads the JSON inside, forgiving what small models get wrong in its form.
//! 3. [`meaning`] makes an action of the call, forgiving other models' names ([`verb`]) and refusing what is not
//!    certain, the [`element`] above all.

mod calls;
mod element;
mod json;
mod meaning;
mod verb;

use deftly_tools::{Action, Screen};

use crate::{Dialect, ReplyError};

pub(crate) use element::shown_number;
pub(crate) use meaning::bad;
pub(crate) use verb::action_names;

/// Bytes of a reply that are read. The longest useful one is a paragraph of reasoning and a typed text.
const REPLY_LIMIT: usize = 64 * 1024;

pub(crate) fn parse_reply(dialect: Dialect, text: &str, screen: &Screen) -> Result<Action, ReplyError> {
    if text.len() > REPLY_LIMIT {
        return Err(ReplyError::TooLong { length: text.len(), limit: REPLY_LIMIT });
    }
    let calls = calls::find(dialect, text)?;
    let mut actions: Vec<Action> = Vec::new();
    for call in &calls {
        let action = meaning::action(dialect, call, screen)?;
        // Models that think aloud often write the same action twice; that is one decision.
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    match actions.len() {
        1 => Ok(actions.remove(0)),
        count => Err(ReplyError::SeveralActions { count }),
    }
}
