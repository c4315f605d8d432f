//! Which tasks are meant.

use std::str::FromStr;

/// A choice of names by shell-like patterns: `settings_*`, `*wifi*,clock_?larm`. Without patterns every name is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskFilter {
    patterns: Vec<String>,
}

impl TaskFilter {
    pub fn matches(&self, name: &str) -> bool {
        self.patterns.is_empty() || self.patterns.iter().any(|pattern| glob_matches(pattern, name))
    }

    /// The patterns as they were given, for messages.
    pub fn text(&self) -> String {
        self.patterns.join(",")
    }
}

impl FromStr for TaskFilter {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let patterns = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(String::from).collect();
        Ok(Self { patterns })
    }
}

/// Whether `name` fits `pattern`, in which `*` stands for any text and `?` for one character. Greedy with one step back
/// to the last star, so the time is at most the product of the lengths.
pub fn glob_matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    // Where to continue if what follows the last star does not fit: behind the star, one character later in the name.
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, n));
                p += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    p = after_star;
                    n = from + 1;
                    retry = Some((after_star, n));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&rest| rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(patterns: &str, name: &str, expected: bool) {
        let filter: TaskFilter = patterns.parse().unwrap();
        assert_eq!(filter.matches(name), expected, "{patterns:?} on {name:?}");
    }

    #[test]
    fn patterns() {
        check("", "anything", true);
        check("settings_*", "settings_wifi", true);
        check("settings_*", "clock_alarm", false);
        check("*alarm*", "clock_alarm_edit", true);
        check("clock_?larm", "clock_alarm", true);
        check("clock_?larm", "clock_larm", false);
        check("a, b*", "bcd", true);
        check("a*b*c", "aXXbYYbZc", true);
        check("a*b*c", "aXXbYYbZ", false);
        check("*", "", true);
        check("?", "", false);
        check("wifi", "wifi2", false);
        check("*é?", "caféx", true);
    }
}
