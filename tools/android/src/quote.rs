//! Text in commands for the phone's shell.

use std::borrow::Cow;

/// One word of a command as the phone's shell reads it: whatever it contains, it stays one word and is only text.
///
/// `adb shell` joins its arguments with spaces and lets the phone's shell split them again, so every word that is not
/// written in this program goes through here. A shell's word cannot hold a zero byte; it is left out.
pub fn quote(word: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | ':' | '-' | '+' | ',' | '@');
    if !word.is_empty() && word.chars().all(plain) {
        return Cow::Borrowed(word);
    }
    // Within single quotes nothing is special but the quote itself.
    Cow::Owned(format!("'{}'", word.replace('\0', "").replace('\'', r"'\''")))
}

/// A command line of these words.
pub fn command_line(words: &[&str]) -> String {
    words.iter().map(|word| quote(word)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    /// What a POSIX shell makes of the words.
    fn through_a_shell(words: &[&str]) -> Vec<String> {
        let script = format!("for word in {}; do printf '%s\\001' \"$word\"; done", command_line(words));
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_terminator('\u{1}').map(str::to_owned).collect()
    }

    #[test]
    fn a_contact_is_just_a_contact() {
        let names =
            ["; rm -rf /", "$(reboot)", "`id`", "O'Brien", "a b", "", "*", "~", "a\nb", "\\", "\"", "-n", "&&", "💡 ü"];
        assert_eq!(through_a_shell(&names), names);
    }

    #[test]
    fn plain_words_stay_readable() {
        assert_eq!(command_line(&["am", "start", "-n", "com.a/.B"]), "am start -n com.a/.B");
        assert_eq!(quote("a=b;c"), "'a=b;c'");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_words_come_out_as_they_went_in(words in prop::collection::vec("[^\u{0}\u{1}]{0,12}", 1..6)) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            prop_assert_eq!(through_a_shell(&words), words);
        }
    }
}
