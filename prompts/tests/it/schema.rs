//! The schema of replies, checked with the library that constrains models by it.

use std::sync::Arc;

use deftly_prompts::{Dialect, parse_reply, reply_schema, reply_text};
use deftly_tools::{Action, Direction, ElementId, Role, Screen, Status};
use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, ParserFactory};
use serde_json::{Value, json};
use toktrie::ApproximateTokEnv;

use crate::fixture::{apps, every_kind, forty_rows};

/// Decides whether a reply is one that a constrained model could write, compact and in the order of the keys.
pub struct Checker {
    matcher: Matcher,
}

impl Checker {
    pub fn new(mut schema: Value) -> Self {
        schema["x-guidance"] = json!({ "whitespace_flexible": false });
        let environment = ApproximateTokEnv::single_byte_env();
        let factory = Arc::new(ParserFactory::new_simple(&environment).unwrap());
        let matcher = Matcher::new(factory.create_parser(TopLevelGrammar::from_json_schema(schema)));
        assert_eq!(matcher.get_error(), None);
        Self { matcher }
    }

    pub fn accepts(&mut self, reply: &str) -> bool {
        let tokens: Vec<u32> = reply.bytes().map(u32::from).collect();
        self.matcher.reset().unwrap();
        self.matcher.validate_tokens(&tokens).unwrap() == tokens.len() && {
            self.matcher.consume_tokens(&tokens).unwrap();
            self.matcher.is_accepting().unwrap()
        }
    }
}

/// Every action that makes sense on a screen, with `text` wherever text is free.
pub fn valid_actions(screen: &Screen, text: &str) -> Vec<Action> {
    let mut actions =
        vec![Action::Back, Action::Home, Action::Enter, Action::Wait, Action::Answer { text: text.into() }];
    actions.push(Action::OpenApp { name: "Clock".into() });
    for (status, reason) in [(Status::Complete, None), (Status::Infeasible, Some(text.to_owned()))] {
        actions.push(Action::Done { status, reason });
    }
    actions.push(Action::Swipe { direction: Direction::Left, id: None });
    for element in &screen.elements {
        let (id, state) = (element.id, &element.state);
        if state.disabled {
            continue;
        }
        if state.clickable {
            actions.extend([Action::Tap { id }, Action::DoubleTap { id }, Action::LongPress { id }]);
        }
        if state.editable {
            for flag in [false, true] {
                actions.push(Action::Type { id: Some(id), text: text.into(), clear: flag, submit: flag });
                if state.focused {
                    actions.push(Action::Type { id: None, text: text.into(), clear: !flag, submit: flag });
                }
            }
        }
        if state.scrollable || element.role == Role::Slider {
            actions.push(Action::Swipe { direction: Direction::Left, id: Some(id) });
        }
        if state.scrollable {
            actions.push(Action::Scroll { direction: Direction::Up, id: Some(id) });
            actions.push(Action::Scroll { direction: Direction::Down, id: None });
        }
    }
    actions
}

#[test]
fn every_canonical_reply_is_in_the_schema_and_read_back() {
    let screen = every_kind();
    let mut checker = Checker::new(reply_schema(Dialect::Compact, &screen, &apps()));
    for action in valid_actions(&screen, "Bob \"B\" \\ \n 👋") {
        let reply = reply_text(&action, &screen);
        assert!(checker.accepts(&reply), "{reply}");
        assert_eq!(parse_reply(Dialect::Compact, &reply, &screen).as_ref(), Ok(&action), "{reply}");
    }
}

#[test]
fn what_makes_no_sense_is_not_in_the_schema() {
    let mut checker = Checker::new(reply_schema(Dialect::Compact, &every_kind(), &apps()));
    for reply in [
        r#"{"action":"tap","label":"Wi-Fi","id":3}"#,
        r#"{"action":"tap","id":2}"#,
        r#"{"action":"tap","id":2,"label":"Wi-Fi"}"#,
        r#"{"action":"tap","label":"Save","id":9}"#,
        r#"{"action":"tap","label":"Saved networks are listed below","id":4}"#,
        r#"{"action":"type","label":"Wi-Fi","id":2,"text":"Bob"}"#,
        r#"{"action":"scroll","label":"Wi-Fi","id":2,"direction":"down"}"#,
        r#"{"action":"open_app","name":"Bank"}"#,
        r#"{"action":"done"}"#,
        r#"{"action":"type","label":"Name","id":6,"text":"Bob","clear":false}"#,
    ] {
        assert!(!checker.accepts(reply), "{reply}");
    }
}

#[test]
fn the_other_dialects() {
    let check = |dialect: Dialect, reply: &str, expected: bool| {
        let mut checker = Checker::new(reply_schema(dialect, &every_kind(), &apps()));
        assert_eq!(checker.accepts(reply), expected, "{reply}");
    };
    let thoughtful = |thought: &str| format!(r#"{{"thought":"{thought}","action":"tap","label":"Wi-Fi","id":2}}"#);
    let thought = thoughtful("Wi-Fi, done");
    check(Dialect::Thoughtful, &thought, true);
    check(Dialect::Thoughtful, r#"{"action":"tap","label":"Wi-Fi","id":2}"#, false);
    check(Dialect::Thoughtful, &thoughtful(&"a".repeat(121)), false);
    assert_eq!(parse_reply(Dialect::Thoughtful, &thought, &every_kind()), Ok(Action::Tap { id: ElementId(2) }));
    check(Dialect::T3a, r#"{"action_type":"click","index":1}"#, true);
    check(Dialect::T3a, r#"{"action_type":"input_text","text":"a","index":4}"#, true);
    check(Dialect::T3a, r#"{"action_type":"input_text","text":"a","index":1}"#, false);
    check(Dialect::Droidtask, r#"{"Finished":"No","id":14,"action":"tap","input_text":"N/A"}"#, true);
    check(Dialect::Droidtask, r#"{"Steps":"a","Finished":"Yes","id":-1,"action":"tap","input_text":"N/A"}"#, true);
    check(Dialect::Droidtask, r#"{"Finished":"No","id":1,"action":"input","input_text":"a"}"#, false);
}

#[test]
fn one_switch() {
    let mut screen = every_kind();
    screen.elements.drain(2..);
    let schema = reply_schema(Dialect::Compact, &screen, &apps());
    insta::assert_snapshot!(serde_json::to_string_pretty(&schema).unwrap());
}

/// A schema is compiled for every step, so a full screen must stay small.
#[test]
fn forty_rows_are_small() {
    let screen = forty_rows();
    let schema = reply_schema(Dialect::Compact, &screen, &apps());
    let bytes = schema.to_string().len();
    assert!(bytes < 10_000, "{bytes} bytes");
    let mut checker = Checker::new(schema);
    assert!(checker.accepts(&reply_text(&Action::Tap { id: ElementId(40) }, &screen)));
}
