//! GPT-2's byte alphabet: every byte is written as one printable character, so that a vocabulary is a list of strings.
//!
//! Printable Latin-1 bytes stand for themselves; the other 68 are written, in order, as the characters from U+0100 on
//! (a space is `Ġ`, a line feed `Ċ`).

/// The character that stands for `byte`.
pub(crate) fn character(byte: u8) -> char {
    if stands_for_itself(byte) {
        return char::from(byte);
    }
    let rank = (0..byte).filter(|&other| !stands_for_itself(other)).count() as u32;
    char::from_u32(0x100 + rank).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The bytes that `text` stands for, or `None` when a character is not of the alphabet.
pub(super) fn to_bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(byte).collect()
}

fn stands_for_itself(byte: u8) -> bool {
    // 0xad is the soft hyphen, which prints nothing.
    matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)
}

fn byte(character: char) -> Option<u8> {
    match u32::from(character) {
        code @ 0..=0xff => u8::try_from(code).ok().filter(|&byte| stands_for_itself(byte)),
        code @ 0x100..=0x120 => u8::try_from(code - 0x100).ok(),
        // U+0121 is 0x7f, after the 33 bytes up to the space; then 0x80 to 0xa0, then 0xad.
        code @ 0x121..=0x142 => u8::try_from(code - 0x121 + 0x7f).ok(),
        0x143 => Some(0xad),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_own_character() {
        for value in 0..=u8::MAX {
            assert_eq!(byte(character(value)), Some(value));
        }
        let check = |text: &str, expected: Option<&[u8]>| assert_eq!(to_bytes(text).as_deref(), expected, "{text}");
        check("ĠHiĊ", Some(b" Hi\n"));
        check("Ã©", Some("é".as_bytes()));
        check("", Some(b""));
        check("a b", None);
        check("\u{144}", None);
        check("\u{1F600}", None);
    }
}
