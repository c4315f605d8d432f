//! Filling in template files.

/// Replaces each `{name}` that `values` has. Values are not looked at again, so a goal may contain braces; other braces
/// of the template, those of JSON examples for one, stay.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let known = after
            .split_once('}')
            .and_then(|(name, tail)| values.iter().find(|(key, _)| *key == name).map(|(_, value)| (value, tail)));
        match known {
            Some((value, tail)) => {
                out.push_str(value);
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn fills_known_names_once() {
        let check = |template: &str, expected: &str| {
            assert_eq!(fill(template, &[("goal", "say {steps}"), ("steps", "none")]), expected);
        };
        check("Goal: {goal}, {steps}", "Goal: say {steps}, none");
        check(r#"{"action":"tap"} {goal}"#, r#"{"action":"tap"} say {steps}"#);
        check("{{goal}} {other} {", "{say {steps}} {other} {");
    }
}
