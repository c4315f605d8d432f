//! Text to tokens and back.
pub struct Tokenizer {}
