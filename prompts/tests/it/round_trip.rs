//! Properties over any screen and any text.

use deftly_prompts::{Budget, Dialect, PromptInput, parse_reply, render, reply_schema, reply_text};
use deftly_tools::{Element, Role, Screen};
use proptest::prelude::*;

use crate::fixture::{apps, element, observation, screen};
use crate::schema::{Checker, valid_actions};

fn any_element() -> impl Strategy<Value = Element> {
    let roles = [Role::Button, Role::Row, Role::Switch, Role::Field, Role::List, Role::Text, Role::Tab, Role::Slider];
    let label = prop_oneof!["[a-c]{0,2}(, [a-c])?", "\\PC{0,100}", any::<String>(), Just("7".to_owned())];
    (prop::sample::select(roles.to_vec()), label, any::<[bool; 3]>()).prop_map(
        |(role, label, [disabled, focused, password])| {
            let mut element = element(role, &label);
            element.state.disabled = disabled;
            element.state.focused = focused;
            element.state.password = password && element.state.editable;
            element
        },
    )
}

fn any_screen() -> impl Strategy<Value = Screen> {
    prop::collection::vec(any_element(), 0..8).prop_map(screen)
}

/// Text near enough to replies to come far into the parser.
fn any_reply() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "\"",
        "'",
        ":",
        ",",
        "\\",
        "\\u12",
        "action",
        "tap",
        "id",
        "label",
        "done",
        "status",
        "1",
        "-1",
        "<think>",
        "</think>",
        "Action:",
        "\n",
        " ",
        "é",
        "{\"action\":\"tap\",",
        "\"id\":1}",
        "Finished",
        "Yes",
        "name",
    ]);
    prop_oneof![any::<String>(), prop::collection::vec(pieces, 0..30).prop_map(|pieces| pieces.concat())]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn parsing_never_panics(reply in any_reply(), screen in any_screen()) {
        for dialect in Dialect::ALL {
            let _ = parse_reply(dialect, &reply, &screen);
        }
    }

    #[test]
    fn canonical_replies_are_read_back(screen in any_screen(), text in any::<String>()) {
        for action in valid_actions(&screen, &text) {
            let reply = reply_text(&action, &screen);
            prop_assert_eq!(parse_reply(Dialect::Compact, &reply, &screen), Ok(action), "{}", reply);
        }
    }

    #[test]
    fn budgets_keep_what_can_be_acted_on(screen in any_screen(), max_tokens in 0_usize..600) {
        let observation = observation(screen);
        let input = PromptInput { goal: "Do it", history: &[], observation: &observation, apps: &apps() };
        let count = |text: &str| text.len() / 4;
        for dialect in Dialect::ALL {
            let prompt = render(dialect, &input, Budget { max_tokens, count: &count });
            let first = if matches!(dialect, Dialect::Compact | Dialect::Thoughtful) { 0 } else { 1 };
            for element in observation.screen.elements.iter().filter(|element| element.is_actionable()) {
                let number = (element.id.0 - first).to_string();
                let line = match dialect {
                    Dialect::Compact | Dialect::Thoughtful => format!("\n{number} "),
                    Dialect::T3a => format!("\nUI element {number}: "),
                    Dialect::Droidtask => format!(" id={number}"),
                };
                prop_assert!(prompt.user.contains(&line), "{}", prompt.user);
            }
        }
    }
}

proptest! {
    // A grammar is compiled for each case.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn canonical_replies_are_in_the_schema(screen in any_screen(), text in any::<String>()) {
        let mut checker = Checker::new(reply_schema(Dialect::Compact, &screen, &apps()));
        for action in valid_actions(&screen, &text) {
            let reply = reply_text(&action, &screen);
            prop_assert!(checker.accepts(&reply), "{}", reply);
        }
    }
}
