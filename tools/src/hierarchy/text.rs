//! Texts as phones write them into dumps.

use std::borrow::Cow;

/// Replaces XML's entities. What is no entity stays as it is: dumps with a bare `&` exist, and the text is still useful.
///
/// Some Android versions write an emoji as two references to UTF-16 surrogates (`&#55357;&#56832;`): they are joined.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut high: Option<u32> = None;
    while let Some(start) = rest.find('&') {
        if start > 0 {
            flush(&mut high, &mut out);
        }
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        match reference(rest) {
            Some((code, length)) => {
                push_code(code, &mut high, &mut out);
                rest = &rest[length..];
            }
            None => {
                flush(&mut high, &mut out);
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    if !rest.is_empty() {
        flush(&mut high, &mut out);
    }
    out.push_str(rest);
    flush(&mut high, &mut out);
    Cow::Owned(out)
}

/// The code point that the reference at the start of `text` stands for, and the reference's length in bytes.
fn reference(text: &str) -> Option<(u32, usize)> {
    // The longest reference is `&#x10FFFF;`; leading zeros beyond that are not written by any phone.
    let end = text.bytes().take(12).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let code = match name {
        "lt" => u32::from('<'),
        "gt" => u32::from('>'),
        "amp" => u32::from('&'),
        "quot" => u32::from('"'),
        "apos" => u32::from('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            }
        }
    };
    Some((code, end + 1))
}

/// Appends a code point, or keeps it in `high` if it is the first half of a surrogate pair.
fn push_code(code: u32, high: &mut Option<u32>, out: &mut String) {
    match (high.take(), code) {
        (Some(first), 0xDC00..=0xDFFF) => {
            let joined = 0x10000 + ((first - 0xD800) << 10) + (code - 0xDC00);
            out.push(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        (pending, code) => {
            if pending.is_some() {
                out.push(char::REPLACEMENT_CHARACTER);
            }
            match code {
                0xD800..=0xDBFF => *high = Some(code),
                code => out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
            }
        }
    }
}

fn flush(high: &mut Option<u32>, out: &mut String) {
    if high.take().is_some() {
        out.push(char::REPLACEMENT_CHARACTER);
    }
}

/// The text on one line: white space and control characters become single spaces, what cannot be seen goes.
pub(super) fn flatten(text: Cow<'_, str>) -> Cow<'_, str> {
    let clean = |text: &str| !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ");
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && clean(&text) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for part in text.chars().filter(|&c| !is_invisible(c)) {
        if !(part.is_whitespace() || part.is_control()) {
            out.push(part);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    Cow::Owned(out)
}

/// What a field holds: as typed, line breaks included, without characters that a person cannot type.
pub(super) fn field_value(text: &str) -> String {
    text.chars().filter(|&c| !is_invisible(c)).map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

/// Direction marks that Android wraps around numbers and names, WebView's stand-in for inline pictures, soft hyphens.
/// The joiners U+200C and U+200D stay: scripts and emoji need them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFFC}' | '\u{AD}')
}

/// The words of a resource id's name, `save_button` or `saveButton` as `save button`; empty if they mean nothing.
pub(super) fn id_words(entry: &str) -> String {
    // What resource shrinkers write instead of a name.
    if entry.contains("obfuscated") {
        return String::new();
    }
    let mut words = String::new();
    let mut previous = '_';
    for c in entry.chars().take(60) {
        if !c.is_alphanumeric() {
            if !words.is_empty() && !words.ends_with(' ') {
                words.push(' ');
            }
        } else {
            if c.is_uppercase() && previous.is_lowercase() {
                words.push(' ');
            }
            words.extend(c.to_lowercase());
        }
        previous = c;
    }
    words.truncate(words.trim_end().len());
    words
}

/// Whether `whole` says `part` in the same words: `part` stands in it and no letter or digit touches its ends.
pub(super) fn says(whole: &str, part: &str) -> bool {
    let alone = |neighbour: Option<char>| !neighbour.is_some_and(char::is_alphanumeric);
    // A part whose own end is punctuation ends there, whatever follows.
    let open_start = part.starts_with(|c: char| !c.is_alphanumeric());
    let open_end = part.ends_with(|c: char| !c.is_alphanumeric());
    !part.is_empty()
        && whole.match_indices(part).any(|(start, _)| {
            (open_start || alone(whole[..start].chars().next_back()))
                && (open_end || alone(whole[start + part.len()..].chars().next()))
        })
}
