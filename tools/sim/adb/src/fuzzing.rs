//! What is fuzzed, without the connection around it. Not for use.

use crate::shell::words::Script;
use crate::transport::{HEADER, Header};

/// Reads bytes as messages until they are none. True if all of them were messages.
pub fn read_messages(mut bytes: &[u8]) -> bool {
    while let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() {
        let Ok(header) = Header::parse(header) else { return false };
        let Some((payload, rest)) = rest.split_at_checked(header.length as usize) else { return false };
        let Ok(message) = header.with(payload.to_vec(), true) else { return false };
        assert_eq!(message.encode(true), bytes[..HEADER + payload.len()], "what is read is written back");
        bytes = rest;
    }
    bytes.is_empty()
}

/// Reads a line of the shell. The number of its commands, if it is one.
pub fn read_line(line: &str) -> Option<usize> {
    let script = Script::parse(line).ok()?;
    assert!(script.items.iter().all(|item| !item.pipeline.is_empty()), "a pipeline has commands");
    Some(script.items.iter().map(|item| item.pipeline.len()).sum())
}
