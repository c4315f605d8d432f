//! Replies as models write them.

use deftly_prompts::{Dialect, parse_reply};
use deftly_tools::{Action, Direction, ElementId, Screen, Status};

use crate::fixture::every_kind;

fn tap(id: u32) -> Action {
    Action::Tap { id: ElementId(id) }
}

fn typing(id: u32, text: &str) -> Action {
    Action::Type { id: Some(ElementId(id)), text: text.into(), clear: false, submit: false }
}

#[track_caller]
fn check(reply: &str, expected: Action) {
    match parse_reply(Dialect::Compact, reply, &every_kind()) {
        Ok(action) => assert_eq!(action, expected, "{reply}"),
        Err(error) => panic!("{reply}: {error}"),
    }
}

/// The error's first line, which is what the model sees.
#[track_caller]
fn check_error(reply: &str, expected: &str) {
    match parse_reply(Dialect::Compact, reply, &every_kind()) {
        Ok(action) => panic!("{reply}: read as {action:?}"),
        Err(error) => assert_eq!(error.to_string().lines().next(), Some(expected), "{reply}"),
    }
}

#[test]
fn canonical_replies() {
    check(r#"{"action":"tap","label":"Wi-Fi","id":2}"#, tap(2));
    check(r#"{"action":"type","label":"Name","id":6,"text":"Bob"}"#, typing(6, "Bob"));
    check(r#"{"action":"scroll","direction":"down"}"#, Action::Scroll { direction: Direction::Down, id: None });
    check(r#"{"action":"open_app","name":"Settings"}"#, Action::OpenApp { name: "Settings".into() });
    check(r#"{"action":"back"}"#, Action::Back);
    check(r#"{"action":"answer","text":"3"}"#, Action::Answer { text: "3".into() });
    check(r#"{"action":"done","status":"infeasible"}"#, Action::Done { status: Status::Infeasible, reason: None });
}

#[test]
fn text_around_the_object() {
    check("```json\n{\"action\":\"tap\",\"id\":2}\n```", tap(2));
    check(r#"Sure! I will press it: {"action":"tap","id":2}. Done."#, tap(2));
    check(r#"<think>maybe {"action":"back"}?</think>{"action":"tap","id":2}"#, tap(2));
    check("Reason: it is {off}\nAction: {\"action_type\": \"click\", \"index\": 2}", tap(2));
    check(r#"{"action":"tap","id":2}, so: {"action": "tap", "id": 2}"#, tap(2));
    check(r#"<|channel|>analysis<|message|>hm<|channel|>final<|message|>{"action":"home"}"#, Action::Home);
}

#[test]
fn the_form_of_json() {
    check("{'action': 'type', 'id': 5, 'text': 'it\\'s', 'clear': False,}", typing(5, "it's"));
    check("{action: tap, id: 2}", tap(2));
    check("{\"action\":\"type\",\"id\":5,\"text\":\"two\nlines \\ud83d\\ude00\"}", typing(5, "two\nlines 😀"));
    check(r#"{"action":"tap","id":2.0,"label":null}"#, tap(2));
    check(r##"{"action":"tap","id":"#2"}"##, tap(2));
}

#[test]
fn tool_calls() {
    check(r#"<tool_call>{"name":"tap","arguments":{"id":2}}</tool_call>"#, tap(2));
    check(r#"[TOOL_CALLS] [{"name": "tap", "arguments": {"id": 2}}]"#, tap(2));
    check(r#"<|python_tag|>{"name": "tap", "parameters": {"id": "2"}}"#, tap(2));
    check(r#"{"name":"mobile_use","arguments":{"action":"click","id":2}}"#, tap(2));
    check(r#"{"tool_calls":[{"function":{"name":"tap","arguments":"{\"id\":2}"}}]}"#, tap(2));
    check(r#"{"tool":"tap","arguments":{"id":2}}"#, tap(2));
    check(r#"{"action":"tap","params":{"id":2}}"#, tap(2));
    check(r#"{"action":{"type":"tap","id":2}}"#, tap(2));
    check(r#"{"tap":{"id":2}}"#, tap(2));
    check(r#"{"tap":2}"#, tap(2));
    check(r#"{"name":"open_app","arguments":{"name":"Clock"}}"#, Action::OpenApp { name: "Clock".into() });
    check(r#"{"action":"system_button","button":"Back"}"#, Action::Back);
}

#[test]
fn calls_and_lines() {
    check("tap(2)", tap(2));
    check("I tap it (now): tap(label=\"Wi-Fi\", id=2)", tap(2));
    check("do(action=\"Tap\", element=2)", tap(2));
    check("type(5, 'Bob')", typing(5, "Bob"));
    check("tap \"Wi-Fi\"", tap(2));
    check("`type \"Name\" \"Bob\"`", typing(6, "Bob"));
    check("scroll down", Action::Scroll { direction: Direction::Down, id: None });
    check("back", Action::Back);
}

#[test]
fn other_names() {
    check(r#"{"action":"click","id":2}"#, tap(2));
    check(r#"{"action":"Long Press","id":2}"#, Action::LongPress { id: ElementId(2) });
    check(r#"{"action":"pressBack"}"#, Action::Back);
    check(r#"{"action":"input_text","index":5,"text":7}"#, typing(5, "7"));
    check(r#"{"action":"launch","app":"Clock"}"#, Action::OpenApp { name: "Clock".into() });
    check(r#"{"action":"complete","success":true}"#, Action::Done { status: Status::Complete, reason: None });
}

#[test]
fn elements_by_label() {
    check(r#"{"action":"tap","label":"wi-fi"}"#, tap(2));
    check(r#"{"action":"tap","label":"Bluetooth","id":3}"#, tap(3));
    check(r#"{"action":"tap","element":"Bluetooth"}"#, tap(3));
    check(r#"{"action":"tap","text":"Blue…","id":3}"#, tap(3));
    check(r#"{"action":"tap","label":"I \"agree\" to all","id":11}"#, tap(11));
    check(r#"{"action":"tap","id":13}"#, tap(13));
    check_error(r#"{"action":"tap","label":"Bluetooth","id":2}"#, "element 2 is called \"Wi-Fi\", not \"Bluetooth\"");
    check_error(r#"{"action":"tap","label":"WLAN"}"#, "no element is called \"WLAN\"");
    check_error(r#"{"action":"tap","id":15}"#, "no element 15 on this screen");
    check_error(r#"{"action":"tap","id":0}"#, "no element 0 on this screen");
    check_error(r#"{"action":"tap","id":-9223372036854775808}"#, "no element -9223372036854775808 on this screen");
    check_error(
        r#"{"action":"tap","id":2,"index":3}"#,
        "the reply contradicts itself: the element is 2 and index is 3",
    );
    check_error(r#"{"action":"tap"}"#, "tap needs an element: its label and its number");
    check_error(r#"{"action":"tap","element":[499,182]}"#, "an element's number cannot be [499,182]");
}

#[test]
fn same_label_twice() {
    let mut screen: Screen = every_kind();
    screen.elements[2].label = "Wi-Fi".into();
    let error = parse_reply(Dialect::Compact, r#"{"action":"tap","label":"Wi-Fi"}"#, &screen).unwrap_err();
    assert_eq!(error.to_string(), "2 elements are called \"Wi-Fi\"\nhint: give the number too");
}

#[test]
fn nothing_is_guessed() {
    check_error("", "the reply has no action: \"\"");
    check_error("I am done, the Wi-Fi is on.", "the reply has no action: \"I am done, the Wi-Fi is on.\"");
    check_error("done", "done needs a status, complete or infeasible");
    check_error(r#"{"action":"done"}"#, "done needs a status, complete or infeasible");
    check_error("finish(message=\"ok\")", "done needs a status, complete or infeasible");
    check_error(r#"{"action":"jump","id":2}"#, "no action is called \"jump\"");
    check_error(r#"{"action":"tap","id":2}{"action":"back"}"#, "the reply has 2 different actions");
    check_error(
        r#"{"action":"tap","id":2"#,
        "the JSON of the reply cannot be read at byte 22: expected a comma or a closing brace",
    );
    check_error(
        r#"{"action":"tap","id":2,"id":3}"#,
        "the JSON of the reply cannot be read at byte 29: a key has two values",
    );
    check_error(
        r#"{"a":"b", "c":{"action":"back"}, "d":"#,
        "the JSON of the reply cannot be read at byte 37: it ends too early",
    );
    check_error("{x: {\"action\":\"back\"}, y", "the JSON of the reply cannot be read at byte 24: a key has no value");
    check_error(r#"{"action":"scroll","direction":"sideways"}"#, "direction cannot be sideways");
    check_error("<think>I should tap", "the reply ends before its reasoning does");
    check_error(&"x".repeat(70_000), "the reply has 70000 bytes, 65536 are allowed");
    check_error(
        &format!("{{\"a\":{}", "[".repeat(60_000)),
        "the JSON of the reply cannot be read at byte 20: it is nested too deep",
    );
}

#[test]
fn hostile_replies_end_soon() {
    for piece in ["{", "{a:[", "{\"", "{'", "(", "tap(", "{a:1,", "Action:\n", "<think>", "[{"] {
        let text = piece.repeat(60_000 / piece.len());
        assert!(parse_reply(Dialect::Compact, &text, &every_kind()).is_err(), "{piece}");
    }
}

#[test]
fn t3a_replies() {
    let check = |reply: &str, expected: Action| {
        assert_eq!(parse_reply(Dialect::T3a, reply, &every_kind()).unwrap(), expected, "{reply}");
    };
    check("Reason: it is off.\nAction: {\"action_type\": \"click\", \"index\": 1}", tap(2));
    check(
        r#"{"action_type": "status", "goal_status": "complete"}"#,
        Action::Done { status: Status::Complete, reason: None },
    );
    check(r#"{"action_type": "open_app", "app_name": "Clock"}"#, Action::OpenApp { name: "Clock".into() });
    let text = Action::Type { id: Some(ElementId(5)), text: "a".into(), clear: false, submit: true };
    check(r#"{"action_type": "input_text", "text": "a", "index": 4}"#, text);
    check(r#"{"action_type": "navigate_back"}"#, Action::Back);
}

#[test]
fn droidtask_replies() {
    let done = || Action::Done { status: Status::Complete, reason: None };
    let read = |reply: &str| parse_reply(Dialect::Droidtask, reply, &every_kind());
    let check = |reply: &str, expected: Action| assert_eq!(read(reply).unwrap(), expected, "{reply}");
    check(r#"{"Steps":"...","Finished":"No","Next step":"Tap it","id":1,"action":"tap","input_text":"N/A"}"#, tap(2));
    check(r#"{"Finished":"No","id":"14","action":"tap","input_text":"N/A"}"#, Action::Back);
    check(r#"{"Finished":"Yes","Next step":"None","id":-1,"action":"tap","input_text":"N/A"}"#, done());
    check(r#"{"id":-1,"action":"N/A"}"#, done());
    let text = Action::Type { id: Some(ElementId(5)), text: "a".into(), clear: true, submit: false };
    check(r#"{"Finished":"No","id":4,"action":"input","input_text":"a"}"#, text);
    for reply in [
        r#"{"Finished":"Yes","id":1,"action":"tap"}"#,
        r#"{"Finished":"No","id":-1,"action":"tap"}"#,
        "{'id':99,'action':'tap'}",
    ] {
        assert!(read(reply).is_err(), "{reply}");
    }
}
