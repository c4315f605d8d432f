//! Why a reply is no action.

/// A reply that could not be read. The message is for the model, on its next try: what was found, and what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    #[error("the reply has {length} bytes, {limit} are allowed\nhint: reply with one JSON object and nothing else")]
    TooLong { length: usize, limit: usize },

    #[error("the reply ends before its reasoning does\nhint: think less, or give more tokens with --max-tokens")]
    OnlyThinking,

    #[error("the reply has no action: {excerpt:?}\nhint: reply with one JSON object such as {{\"action\":\"back\"}}")]
    NoAction { excerpt: String },

    #[error("the JSON of the reply cannot be read at byte {position}: {reason}\nhint: reply with one JSON object")]
    BadJson { position: usize, reason: &'static str },

    #[error("the reply has {count} different actions\nhint: one action at a time")]
    SeveralActions { count: usize },

    #[error("no action is called {name:?}\nhint: there are {}", crate::parse::action_names())]
    UnknownAction { name: String },

    #[error("{action} needs {what}\nhint: see the examples of the actions")]
    MissingArgument { action: &'static str, what: &'static str },

    #[error("{what} cannot be {found}\nhint: expected {expected}")]
    BadArgument { what: &'static str, found: String, expected: &'static str },

    #[error("the reply contradicts itself: {first} and {second}\nhint: say each thing once")]
    Contradiction { first: String, second: String },

    #[error("no element {id} on this screen\nhint: use a number that starts a line of the screen")]
    NoSuchElement { id: i64 },

    #[error("no element is called {label:?}\nhint: copy the label and the number from one line of the screen")]
    NoSuchLabel { label: String },

    #[error("{count} elements are called {label:?}\nhint: give the number too")]
    AmbiguousLabel { label: String, count: usize },

    #[error("element {id} is called {shown:?}, not {label:?}\nhint: copy the label and the number from the same line")]
    LabelMismatch { id: u32, label: String, shown: String },
}
