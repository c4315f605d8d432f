//! The formats in which a phone can be put to a model.

use std::fmt;
use std::str::FromStr;

use deftly_tools::{Action, App, Screen};
use serde::{Deserialize, Serialize};

use crate::trim::Draft;
use crate::{Budget, Prompt, PromptInput, ReplyError, compact, droidtask, parse, schema, t3a, trim};

/// A format of prompts and replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Ours: 5 to 9 tokens an element. What the embedded model speaks.
    #[default]
    Compact,
    /// The same, and every reply begins with a short thought: for models that choose better when they first write down what
    /// comes next, at the price of longer replies.
    Thoughtful,
    /// That of T3A, AndroidWorld's text agent (arXiv 2405.14573), without the pixel bounds.
    T3a,
    /// That of AutoDroid (arXiv 2308.15272), in which DroidTask is published.
    Droidtask,
}

impl Dialect {
    pub const ALL: [Self; 4] = [Self::Compact, Self::Thoughtful, Self::T3a, Self::Droidtask];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Thoughtful => "thoughtful",
            Self::T3a => "t3a",
            Self::Droidtask => "droidtask",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|dialect| dialect.name() == name)
            .ok_or_else(|| UnknownDialect { name: name.to_owned() })
    }
}

/// No dialect has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no dialect is called {name:?}\nhint: there are compact, thoughtful, t3a and droidtask")]
pub struct UnknownDialect {
    pub name: String,
}

/// The prompt for the next step, trimmed to the budget; see [`Prompt::trimmed_lines`].
///
/// Trimming never removes an element that can be acted on, so a prompt for a very full screen can still be longer than
/// the budget: the engine then refuses it with both numbers.
pub fn render(dialect: Dialect, input: &PromptInput<'_>, budget: Budget<'_>) -> Prompt {
    trim::fit(input, budget, &|draft| compose(dialect, input, draft))
}

fn compose(dialect: Dialect, input: &PromptInput<'_>, draft: &Draft) -> Prompt {
    match dialect {
        Dialect::Compact => compact::compose(input, draft),
        Dialect::Thoughtful => compact::compose_thoughtful(input, draft),
        Dialect::T3a => t3a::compose(input, draft),
        Dialect::Droidtask => droidtask::compose(input, draft),
    }
}

/// The JSON Schema of the replies that make sense on this screen.
///
/// Made from the schema of [`Action`]; ids and labels are joined constants, and an action is offered only for the
/// elements that can take it. Objects list their keys in the order in which replies must have them.
pub fn reply_schema(dialect: Dialect, screen: &Screen, apps: &[App]) -> serde_json::Value {
    match dialect {
        Dialect::Compact => schema::reply_schema(screen, apps),
        Dialect::Thoughtful => schema::with_thought(schema::reply_schema(screen, apps)),
        Dialect::T3a => t3a::reply_schema(screen, apps),
        Dialect::Droidtask => droidtask::reply_schema(screen),
    }
}

/// Reads a model's reply.
///
/// Lenient in form: prose, fences, tool-call wrappers and other models' names for our actions are read, each named in
/// the source after the model family that writes it. Strict in meaning: what could be read in two ways is an error,
/// never a guess, and an episode ends only if the reply says how.
///
/// # Errors
/// A reply without an action, with several, with missing or contradicting arguments, or with an element that is not on
/// the screen. The message is written for the model.
pub fn parse_reply(dialect: Dialect, text: &str, screen: &Screen) -> Result<Action, ReplyError> {
    parse::parse_reply(dialect, text, screen)
}
