//! One message of the transport protocol, as bytes: a header of six little-endian words, then the payload.
//!
//! The protocol is described in AOSP, `packages/modules/adb/protocol.txt`.

use std::fmt;

/// Bytes of a header.
pub const HEADER: usize = 24;

/// The version that does without checksums, and the one before it.
pub const VERSION_SKIP_CHECKSUM: u32 = 0x0100_0001;
pub const VERSION_MIN: u32 = 0x0100_0000;

/// The largest payload that this phone takes, adbd's own limit.
pub const MAX_PAYLOAD: u32 = 1024 * 1024;
/// The payload that a host without a say takes, from the protocol's first version.
pub const MIN_PAYLOAD: u32 = 4096;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Who is there: version, largest payload, banner.
    Connect,
    /// Proof of who the host is: kind, nothing, token or signature or key.
    Auth,
    /// A new stream: the sender's id, nothing, what for.
    Open,
    /// The stream is open, or a write has been taken: the sender's id, the receiver's.
    Okay,
    /// Data of a stream.
    Write,
    /// A stream is at its end.
    Close,
}

impl Command {
    const ALL: [Self; 6] = [Self::Connect, Self::Auth, Self::Open, Self::Okay, Self::Write, Self::Close];

    /// The four letters on the wire.
    const fn code(self) -> u32 {
        u32::from_le_bytes(match self {
            Self::Connect => *b"CNXN",
            Self::Auth => *b"AUTH",
            Self::Open => *b"OPEN",
            Self::Okay => *b"OKAY",
            Self::Write => *b"WRTE",
            Self::Close => *b"CLSE",
        })
    }
}

/// A header that has been checked; the payload follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub command: Command,
    pub arg0: u32,
    pub arg1: u32,
    /// Of the payload, at most [`MAX_PAYLOAD`].
    pub length: u32,
    /// The sum of the payload's bytes, or nothing.
    pub checksum: u32,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub command: Command,
    pub arg0: u32,
    pub arg1: u32,
    pub payload: Vec<u8>,
}

/// Why bytes are not a message of a host that can be talked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    #[error("no such command: {0:#010x}")]
    UnknownCommand(u32),
    #[error("the command {0:#010x} does not match its complement {1:#010x}")]
    Magic(u32, u32),
    #[error("a payload of {0} bytes, more than {MAX_PAYLOAD}")]
    TooLong(u32),
    #[error("the payload's checksum is {actual:#x}, expected {expected:#x}")]
    Checksum { expected: u32, actual: u32 },
}

impl Header {
    pub fn parse(bytes: &[u8; HEADER]) -> Result<Self, MessageError> {
        let word = |index: usize| {
            let at = index * 4;
            u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let (code, magic) = (word(0), word(5));
        let command = Command::ALL.into_iter().find(|command| command.code() == code);
        let command = command.ok_or(MessageError::UnknownCommand(code))?;
        if magic != !code {
            return Err(MessageError::Magic(code, magic));
        }
        let length = word(3);
        if length > MAX_PAYLOAD {
            return Err(MessageError::TooLong(length));
        }
        Ok(Self { command, arg0: word(1), arg1: word(2), length, checksum: word(4) })
    }

    /// The message with this payload; hosts of [`VERSION_SKIP_CHECKSUM`] send no checksum.
    pub fn with(self, payload: Vec<u8>, has_checksum: bool) -> Result<Message, MessageError> {
        if has_checksum {
            let actual = checksum(&payload);
            if actual != self.checksum {
                return Err(MessageError::Checksum { expected: self.checksum, actual });
            }
        }
        Ok(Message { command: self.command, arg0: self.arg0, arg1: self.arg1, payload })
    }
}

impl Message {
    pub fn new(command: Command, arg0: u32, arg1: u32, payload: impl Into<Vec<u8>>) -> Self {
        Self { command, arg0, arg1, payload: payload.into() }
    }

    pub fn encode(&self, has_checksum: bool) -> Vec<u8> {
        let checksum = if has_checksum { checksum(&self.payload) } else { 0 };
        let code = self.command.code();
        let mut bytes = Vec::with_capacity(HEADER + self.payload.len());
        for word in [code, self.arg0, self.arg1, self.payload.len() as u32, checksum, !code] {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        bytes.extend_from_slice(&self.payload);
        bytes
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({}, {}, {} bytes)", self.command, self.arg0, self.arg1, self.payload.len())
    }
}

fn checksum(payload: &[u8]) -> u32 {
    payload.iter().fold(0_u32, |sum, &byte| sum.wrapping_add(u32::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: Vec<u8>, expected: Result<Message, MessageError>) {
        let header: [u8; HEADER] = bytes[..HEADER].try_into().unwrap();
        let parsed = Header::parse(&header).and_then(|header| header.with(bytes[HEADER..].to_vec(), true));
        assert_eq!(parsed, expected);
    }

    #[test]
    fn what_is_written_is_read() {
        for command in Command::ALL {
            let message = Message::new(command, 1, u32::MAX, *b"host::features=cmd\0");
            check(message.encode(true), Ok(message));
        }
        let empty = Message::new(Command::Okay, 7, 9, []);
        check(empty.encode(false), Ok(empty));
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        let good = Message::new(Command::Write, 1, 2, *b"abc").encode(true);
        let with = |at: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[at] = byte;
            bytes
        };
        check(with(0, b'X'), Err(MessageError::UnknownCommand(u32::from_le_bytes(*b"XRTE"))));
        check(with(20, 0), Err(MessageError::Magic(u32::from_le_bytes(*b"WRTE"), 0xBAAB_AD00)));
        check(with(15, 0xFF), Err(MessageError::TooLong(0xFF00_0003)));
        check(with(24, b'b'), Err(MessageError::Checksum { expected: 294, actual: 295 }));
    }
}
