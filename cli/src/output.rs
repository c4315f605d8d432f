//! The two streams: stdout is data, stderr is everything else.
//!
//! `println!` panics when nobody reads any more; here that is an error like any other.

use std::io::{self, Write};

use anyhow::{Context, Result};

/// Prints data: `text` and a line break. What was printed is out when this returns, so that a pipe's reader is not late.
pub fn print(text: &str) -> Result<()> {
    write_line(&mut io::stdout().lock(), text).context("stdout: cannot write the output")
}

/// Tells the user something. The terminal may be gone, and then there is nobody left to tell.
pub fn tell(text: &str) {
    let _ = write_line(&mut io::stderr().lock(), text);
}

/// Whether an error only says that the reader of a pipe has seen enough, as `head` does.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.root_cause().downcast_ref::<io::Error>().is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// An error with its causes in one message: what went wrong first, what to do about it last. Many errors name their cause
/// themselves, so what was said already is left out.
pub fn describe(error: &anyhow::Error) -> String {
    let (mut problem, mut hints) = (String::new(), String::new());
    for cause in error.chain().map(ToString::to_string) {
        let (what, hint) = cause.split_once("\nhint: ").unwrap_or((&cause, ""));
        if !problem.contains(what) {
            let separator = if problem.is_empty() { "" } else { ": " };
            problem += &format!("{separator}{what}");
        }
        if !hint.is_empty() && !hints.contains(hint) {
            hints += &format!("\nhint: {hint}");
        }
    }
    problem + &hints
}

/// `text` in one line, without what could steer a terminal: apps choose their own names and labels.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

pub fn write_line(stream: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(stream, "{text}")?;
    stream.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_steer_the_terminal() {
        assert_eq!(plain("Wi-Fi\x1b[2J\n1"), "Wi-Fi [2J 1");
    }

    #[test]
    fn an_error_says_everything_once_and_the_hint_last() {
        let cause = || std::io::Error::other("disk gone");
        let check = |error: anyhow::Error, expected: &str| assert_eq!(describe(&error), expected);
        check(
            anyhow::Error::new(cause()).context("a.txt: cannot read\nhint: look"),
            "a.txt: cannot read: disk gone\nhint: look",
        );
        check(anyhow::Error::new(cause()).context("a.txt: disk gone\nhint: look"), "a.txt: disk gone\nhint: look");
        check(anyhow::anyhow!("plain"), "plain");
    }

    #[test]
    fn a_closed_pipe_is_told_from_other_errors() {
        let check = |kind: io::ErrorKind, expected: bool| {
            let error = Err::<(), _>(io::Error::from(kind)).context("stdout").expect_err("an error");
            assert_eq!(is_closed_pipe(&error), expected, "{kind:?}");
        };
        check(io::ErrorKind::BrokenPipe, true);
        check(io::ErrorKind::StorageFull, false);
        assert!(!is_closed_pipe(&anyhow::anyhow!("something else")));
    }
}
