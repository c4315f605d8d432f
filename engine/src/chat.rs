//! Messages to prompt tokens.
pub struct ChatTemplate {}
