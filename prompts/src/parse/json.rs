//! JSON as models write it.

use serde_json::{Map, Number, Value};

use crate::ReplyError;

/// Objects and arrays inside each other. Replies need three.
const DEPTH_LIMIT: usize = 16;

/// Reads one value that starts at `start`; returns it and the byte behind it.
///
/// Beyond JSON it reads: strings in single quotes and `True`, `False`, `None` (models that learnt from Python, Qwen
/// and DeepSeek among them); commas before a closing bracket (Gemma, Llama 3.2 1B); raw line breaks inside strings
/// (Gemma); keys and words without quotes (SmolLM2, TinyLlama).
pub(super) fn read(text: &str, start: usize) -> Result<(Value, usize), ReplyError> {
    let mut reader = Reader { text, position: start };
    let value = reader.value(0)?;
    Ok((value, reader.position))
}

/// The arguments of a call: those without a name, then those with one.
pub(super) type Arguments = (Vec<Value>, Map<String, Value>);

/// Reads `2, label="Wi-Fi")`, the arguments of a call, from behind its opening parenthesis; returns the byte behind the
/// closing one.
pub(super) fn read_arguments(text: &str, start: usize) -> Result<(Arguments, usize), ReplyError> {
    let mut reader = Reader { text, position: start };
    let (mut positional, mut named) = (Vec::new(), Map::new());
    loop {
        reader.skip_space();
        if reader.take(')') {
            return Ok(((positional, named), reader.position));
        }
        let value = reader.value(0)?;
        reader.skip_space();
        match value {
            Value::String(key) if reader.take('=') || reader.take(':') => {
                let value = reader.value(0)?;
                if named.insert(key, value).is_some() {
                    return Err(reader.error("an argument is named twice"));
                }
            }
            value => positional.push(value),
        }
        reader.skip_space();
        if !reader.take(',') && reader.peek() != Some(')') {
            return Err(reader.error("expected a comma or a closing parenthesis"));
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    /// In bytes, always between two characters.
    position: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, ReplyError> {
        self.skip_space();
        match self.peek() {
            Some('{' | '[') if depth == DEPTH_LIMIT => Err(self.error("it is nested too deep")),
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some(quote @ ('"' | '\'')) => self.string(quote).map(Value::String),
            Some(_) => self.word(),
            None => Err(self.error("it ends too early")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value, ReplyError> {
        self.bump();
        let mut object = Map::new();
        loop {
            self.skip_space();
            if self.take('}') {
                return Ok(Value::Object(object));
            }
            let key = match self.peek() {
                Some(quote @ ('"' | '\'')) => self.string(quote)?,
                Some(_) => self.bare_text()?.to_owned(),
                None => return Err(self.error("it ends too early")),
            };
            self.skip_space();
            if !self.take(':') {
                return Err(self.error("a key has no value"));
            }
            let value = self.value(depth + 1)?;
            if object.get(&key).is_some_and(|earlier| *earlier != value) {
                return Err(self.error("a key has two values"));
            }
            object.insert(key, value);
            self.skip_space();
            if !self.take(',') && self.peek() != Some('}') {
                return Err(self.error("expected a comma or a closing brace"));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, ReplyError> {
        self.bump();
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.take(']') {
                return Ok(Value::Array(items));
            }
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if !self.take(',') && self.peek() != Some(']') {
                return Err(self.error("expected a comma or a closing bracket"));
            }
        }
    }

    fn string(&mut self, quote: char) -> Result<String, ReplyError> {
        self.bump();
        let mut out = String::new();
        while let Some(character) = self.bump() {
            match character {
                '\\' => out.push(self.escape()?),
                _ if character == quote => return Ok(out),
                _ => out.push(character),
            }
        }
        Err(self.error("a string has no end"))
    }

    fn escape(&mut self) -> Result<char, ReplyError> {
        match self.bump() {
            Some('n') => Ok('\n'),
            Some('t') => Ok('\t'),
            Some('r') => Ok('\r'),
            Some('b') => Ok('\u{8}'),
            Some('f') => Ok('\u{c}'),
            Some('u') => self.unicode_escape(),
            Some(character @ ('"' | '\\' | '/' | '\'')) => Ok(character),
            Some(_) | None => Err(self.error("a string has an unknown escape")),
        }
    }

    /// `\uXXXX`, or two of them for a character beyond the basic plane.
    fn unicode_escape(&mut self) -> Result<char, ReplyError> {
        let first = self.hex4()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let has_second = first < 0xDC00 && self.take('\\') && self.take('u');
        let second = if has_second { self.hex4()? } else { 0 };
        if !(0xDC00..0xE000).contains(&second) {
            return Err(self.error("a string has half a surrogate pair"));
        }
        let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        char::from_u32(code).ok_or_else(|| self.error("a string has half a surrogate pair"))
    }

    fn hex4(&mut self) -> Result<u32, ReplyError> {
        let digits =
            self.text.get(self.position..self.position + 4).filter(|d| d.chars().all(|c| c.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.error("a string has an unknown escape"))?;
        self.position += 4;
        Ok(code)
    }

    /// A number, `true`, `false`, `null`, or a word that stands for a string.
    fn word(&mut self) -> Result<Value, ReplyError> {
        let word = self.bare_text()?;
        Ok(match word {
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            "null" | "None" => Value::Null,
            _ => serde_json::from_str::<Number>(word).map_or_else(|_| Value::String(word.to_owned()), Value::Number),
        })
    }

    /// Text without quotes: up to punctuation of JSON or of a call.
    fn bare_text(&mut self) -> Result<&'a str, ReplyError> {
        let start = self.position;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '#')) {
            self.bump();
        }
        if self.position == start {
            return Err(self.error("expected a value"));
        }
        let text: &'a str = self.text;
        Ok(&text[start..self.position])
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.bump();
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.position..].chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.position += character.len_utf8();
        Some(character)
    }

    fn take(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        if found {
            self.bump();
        }
        found
    }

    fn error(&self, reason: &'static str) -> ReplyError {
        ReplyError::BadJson { position: self.position, reason }
    }
}
