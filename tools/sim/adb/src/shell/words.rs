//! A command line as a POSIX shell reads it, as far as clients of a phone write it: quotes, variables, lists, pipes,
//! redirections. What is beyond that (substitutions, loops, functions) is an error, and nothing is ever run elsewhere.

/// The longest line, as long as the name of a service.
pub const MAX_LINE: usize = 64 * 1024;
/// The most commands in one line.
const MAX_COMMANDS: usize = 256;

/// A line: lists of pipelines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    pub items: Vec<Item>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// When it runs, by how the item before it ended.
    pub after: After,
    /// Each one reads what the one before it writes.
    pub pipeline: Vec<Simple>,
    pub background: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    Always,
    Success,
    Failure,
}

/// One command: variables for it, words, where its output goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simple {
    pub assignments: Vec<(String, Word)>,
    pub words: Vec<Word>,
    pub redirects: Vec<Redirect>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redirect {
    /// `< file`
    Input(Word),
    /// `> file`, `2>> file`
    File { errors: bool, append: bool, target: Word },
    /// `2>&1`, `>&2`
    Join { errors: bool },
}

/// A word before its variables are known.
pub type Word = Vec<Piece>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    /// `$NAME`, `$?`
    Variable {
        name: String,
        quoted: bool,
    },
}

/// Why a line cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    #[error("syntax error: unexpected '{0}'")]
    Unexpected(String),
    #[error("no closing quote")]
    Unclosed,
    #[error("syntax error: '{0}' is not supported by the simulated phone's shell")]
    Unsupported(String),
    #[error("the line is too long")]
    TooLong,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(Word),
    /// `;`, `&`, `&&`, `||`, `|`, a new line
    Operator(&'static str),
    /// `<`, `>`, `>>`, `>&` and which output it is about
    Redirect(&'static str, bool),
}

impl Script {
    pub fn parse(line: &str) -> Result<Self, LineError> {
        if line.len() > MAX_LINE {
            return Err(LineError::TooLong);
        }
        let mut items: Vec<Item> = Vec::new();
        let mut item = Item { after: After::Always, pipeline: Vec::new(), background: false };
        let mut simple = Simple::default();
        let mut tokens = tokens(line)?.into_iter().peekable();
        let mut commands = 0;
        while let Some(token) = tokens.next() {
            match token {
                Token::Word(word) => simple.push(word)?,
                Token::Redirect(kind, errors) => {
                    let Some(Token::Word(target)) = tokens.next() else {
                        return Err(LineError::Unexpected(kind.to_owned()));
                    };
                    simple.redirects.push(redirect(kind, errors, target)?);
                }
                Token::Operator(operator) => {
                    let is_empty = simple == Simple::default();
                    if is_empty && (operator != "\n" || !item.pipeline.is_empty()) {
                        if operator == "\n" {
                            continue;
                        }
                        return Err(LineError::Unexpected(operator.to_owned()));
                    }
                    if is_empty {
                        continue;
                    }
                    commands += 1;
                    if commands > MAX_COMMANDS {
                        return Err(LineError::TooLong);
                    }
                    item.pipeline.push(std::mem::take(&mut simple));
                    let after = match operator {
                        "|" => continue,
                        "&&" => After::Success,
                        "||" => After::Failure,
                        _ => After::Always,
                    };
                    item.background = operator == "&";
                    let next = Item { after, pipeline: Vec::new(), background: false };
                    items.push(std::mem::replace(&mut item, next));
                }
            }
        }
        if simple != Simple::default() {
            item.pipeline.push(simple);
            items.push(item);
        } else if !item.pipeline.is_empty() {
            return Err(LineError::Unexpected("|".to_owned()));
        } else if item.after != After::Always {
            return Err(LineError::Unexpected("end of line".to_owned()));
        }
        Ok(Self { items })
    }
}

impl Simple {
    fn push(&mut self, word: Word) -> Result<(), LineError> {
        if self.words.is_empty()
            && let [Piece::Text(text), rest @ ..] = word.as_slice()
            && let Some((name, value)) = text.split_once('=')
            && is_name(name)
        {
            let mut value = vec![Piece::Text(value.to_owned())];
            value.extend_from_slice(rest);
            self.assignments.push((name.to_owned(), value));
            return Ok(());
        }
        if self.words.is_empty()
            && let [Piece::Text(text)] = word.as_slice()
            && ["if", "for", "while", "until", "case", "function", "{", "!", "[["].contains(&text.as_str())
        {
            return Err(LineError::Unsupported(text.clone()));
        }
        self.words.push(word);
        Ok(())
    }
}

fn redirect(kind: &'static str, errors: bool, target: Word) -> Result<Redirect, LineError> {
    match (kind, target.as_slice()) {
        ("<", _) => Ok(Redirect::Input(target)),
        (">&", [Piece::Text(text)]) if text == "1" && errors => Ok(Redirect::Join { errors }),
        (">&", [Piece::Text(text)]) if text == "2" && !errors => Ok(Redirect::Join { errors }),
        (">&", _) => Err(LineError::Unsupported(">&".to_owned())),
        (kind, _) => Ok(Redirect::File { errors, append: kind == ">>", target }),
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Reads words, one letter at a time.
struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    tokens: Vec<Token>,
    word: Word,
    /// Whether there is a word, which may be empty: `""`.
    is_word: bool,
}

fn tokens(line: &str) -> Result<Vec<Token>, LineError> {
    let mut reader = Reader { rest: line.chars().peekable(), tokens: Vec::new(), word: Vec::new(), is_word: false };
    while let Some(letter) = reader.rest.next() {
        match letter {
            ' ' | '\t' | '\r' => reader.end_word(),
            '\'' => reader.single_quoted()?,
            '"' => reader.double_quoted()?,
            '\\' => match reader.rest.next() {
                Some('\n') => {}
                Some(letter) => reader.text(letter),
                None => reader.text('\\'),
            },
            '$' => reader.variable(false)?,
            '#' if !reader.is_word => while reader.rest.next_if(|&letter| letter != '\n').is_some() {},
            '`' | '(' | ')' => return Err(LineError::Unsupported(letter.to_string())),
            '\n' => reader.operator("\n"),
            ';' => reader.operator(";"),
            '&' if reader.rest.next_if_eq(&'&').is_some() => reader.operator("&&"),
            '&' => reader.operator("&"),
            '|' if reader.rest.next_if_eq(&'|').is_some() => reader.operator("||"),
            '|' => reader.operator("|"),
            '<' => reader.redirect("<"),
            '>' if reader.rest.next_if_eq(&'>').is_some() => reader.redirect(">>"),
            '>' if reader.rest.next_if_eq(&'&').is_some() => reader.redirect(">&"),
            '>' => reader.redirect(">"),
            letter => reader.text(letter),
        }
    }
    reader.end_word();
    Ok(reader.tokens)
}

impl Reader<'_> {
    fn text(&mut self, letter: char) {
        self.is_word = true;
        match self.word.last_mut() {
            Some(Piece::Text(text)) => text.push(letter),
            Some(Piece::Variable { .. }) | None => self.word.push(Piece::Text(letter.to_string())),
        }
    }

    fn single_quoted(&mut self) -> Result<(), LineError> {
        self.is_word = true;
        loop {
            match self.rest.next().ok_or(LineError::Unclosed)? {
                '\'' => return Ok(()),
                letter => self.text(letter),
            }
        }
    }

    fn double_quoted(&mut self) -> Result<(), LineError> {
        self.is_word = true;
        loop {
            match self.rest.next().ok_or(LineError::Unclosed)? {
                '"' => return Ok(()),
                '\\' => match self.rest.next().ok_or(LineError::Unclosed)? {
                    '\n' => {}
                    letter @ ('"' | '\\' | '$' | '`') => self.text(letter),
                    letter => {
                        self.text('\\');
                        self.text(letter);
                    }
                },
                '$' => self.variable(true)?,
                '`' => return Err(LineError::Unsupported("`".to_owned())),
                letter => self.text(letter),
            }
        }
    }

    fn variable(&mut self, quoted: bool) -> Result<(), LineError> {
        let mut name = String::new();
        match self.rest.peek() {
            Some('(') => return Err(LineError::Unsupported("$(".to_owned())),
            Some('?' | '$') => name.extend(self.rest.next()),
            Some('{') => {
                self.rest.next();
                loop {
                    match self.rest.next().ok_or(LineError::Unclosed)? {
                        '}' => break,
                        letter => name.push(letter),
                    }
                }
                if !is_name(&name) {
                    return Err(LineError::Unsupported(format!("${{{name}}}")));
                }
            }
            Some(_) | None => {
                while let Some(letter) = self.rest.next_if(|letter| letter.is_ascii_alphanumeric() || *letter == '_') {
                    name.push(letter);
                }
            }
        }
        if name.is_empty() {
            self.text('$');
        } else {
            self.is_word = true;
            self.word.push(Piece::Variable { name, quoted });
        }
        Ok(())
    }

    fn end_word(&mut self) {
        if std::mem::take(&mut self.is_word) {
            self.tokens.push(Token::Word(std::mem::take(&mut self.word)));
        }
    }

    fn operator(&mut self, operator: &'static str) {
        self.end_word();
        self.tokens.push(Token::Operator(operator));
    }

    /// A digit right before it says which output it is about.
    fn redirect(&mut self, kind: &'static str) {
        let number = match self.word.as_slice() {
            [Piece::Text(text)] if text == "1" || text == "2" => Some(text == "2"),
            _ => None,
        };
        if number.is_some() {
            self.word.clear();
            self.is_word = false;
        }
        self.end_word();
        self.tokens.push(Token::Redirect(kind, number.unwrap_or(false)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written back with a bar between words, variables as `<NAME>`.
    fn shown(line: &str) -> Result<String, LineError> {
        let word = |word: &Word| -> String {
            let piece = |piece: &Piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Variable { name, .. } => format!("<{name}>"),
            };
            word.iter().map(piece).collect()
        };
        let simple = |simple: &Simple| -> String {
            let assignments = simple.assignments.iter().map(|(name, value)| format!("{name}:={}", word(value)));
            let words = simple.words.iter().map(word);
            let redirects = simple.redirects.iter().map(|redirect| match redirect {
                Redirect::Input(target) => format!("in:{}", word(target)),
                Redirect::File { errors, append, target } => format!("{errors}{append}:{}", word(target)),
                Redirect::Join { errors } => format!("join{errors}"),
            });
            assignments.chain(words).chain(redirects).collect::<Vec<String>>().join("|")
        };
        let script = Script::parse(line)?;
        let items = script.items.iter().map(|item| {
            let pipeline: Vec<String> = item.pipeline.iter().map(simple).collect();
            format!("{:?} {}{}", item.after, pipeline.join(" -> "), if item.background { " &" } else { "" })
        });
        Ok(items.collect::<Vec<String>>().join("; "))
    }

    fn check(line: &str, expected: &str) {
        assert_eq!(shown(line), Ok(expected.to_owned()), "{line}");
    }

    #[test]
    fn words_are_split_and_quoted() {
        check("echo  a\tb", "Always echo|a|b");
        check(r#"echo 'a  "b"' "c 'd'" e\ f"#, r#"Always echo|a  "b"|c 'd'|e f"#);
        check(r#"echo "" '' a''b"#, "Always echo|||ab");
        check(r#"echo "\$x \a" \$y"#, r"Always echo|$x \a|$y");
        check("echo '; rm -rf /' ';' \"&&\"", "Always echo|; rm -rf /|;|&&");
        check("# nothing", "");
        check("echo a#b # c", "Always echo|a#b");
    }

    #[test]
    fn variables_and_assignments() {
        check("echo X4EXIT:$?", "Always echo|X4EXIT:<?>");
        check("echo $HOME/${A}b $ ", "Always echo|<HOME>/<A>b|$");
        check("CLASSPATH=/a.jar app_process / b.Main", "Always CLASSPATH:=/a.jar|app_process|/|b.Main");
        check("a b=c", "Always a|b=c");
    }

    #[test]
    fn lists_pipes_and_redirections() {
        check("a; b && c || d\ne", "Always a; Always b; Success c; Failure d; Always e");
        check("a | b | c", "Always a -> b -> c");
        check("nohup a >/dev/null 2>&1 &", "Always nohup|a|falsefalse:/dev/null|jointrue &");
        check("a 2>>x <y>z a2>b", "Always a|a2|truetrue:x|in:y|falsefalse:z|falsefalse:b");
        check("a >&2 |\n b", "Always a|joinfalse -> b");
    }

    #[test]
    fn what_is_no_line_is_an_error() {
        for line in ["'a", "\"a", "a |", "| a", "; a", "a &&", "a >", "a > ;", "$(a)", "`a`", "(a)", "${a", "${a:-b}"] {
            assert!(shown(line).is_err(), "{line}: {:?}", shown(line));
        }
        assert!(shown("if true; then a; fi").is_err());
        assert_eq!(shown(&"a;".repeat(MAX_COMMANDS + 1)), Err(LineError::TooLong));
        assert_eq!(shown(&"a".repeat(MAX_LINE + 1)), Err(LineError::TooLong));
    }
}
