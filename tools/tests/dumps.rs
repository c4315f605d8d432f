//! Whole screens: each dump in `tests/dumps`, written after those of real phones, and the elements it becomes.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own files should stop")]

use std::fmt::Write;
use std::path::Path;

use deftly_tools::{Element, Screen, parse_hierarchy};

/// One line an element, as a person compares it with the dump.
fn listing(screen: &Screen) -> String {
    let mut lines = String::new();
    for element in &screen.elements {
        writeln!(lines, "{}", line(element)).unwrap();
    }
    lines
}

fn line(element: &Element) -> String {
    let state = &element.state;
    let bounds = element.bounds;
    let mut line = format!("{:>2} {} {:?}", element.id.0, element.role.word(), element.label);
    if let Some(value) = &element.value {
        write!(line, " = {value:?}").unwrap();
    }
    let words = [
        (state.checked == Some(true), "on"),
        (state.checked == Some(false), "off"),
        (state.clickable, "click"),
        (state.long_clickable, "long"),
        (state.scrollable, "scroll"),
        (state.focused, "focused"),
        (state.selected, "selected"),
        (state.disabled, "disabled"),
        (state.password, "password"),
    ];
    for (_, word) in words.iter().filter(|(is_set, _)| *is_set) {
        write!(line, " {word}").unwrap();
    }
    write!(line, " [{},{}][{},{}]", bounds.left, bounds.top, bounds.right, bounds.bottom).unwrap();
    line
}

fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dumps").join(format!("{name}.xml"));
    let screen = parse_hierarchy(&std::fs::read(path).unwrap()).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("dumps");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, listing(&screen)));
}

#[test]
fn a_settings_page_between_the_systems_bars() {
    check("settings");
}

#[test]
fn a_list_of_chats_in_compose() {
    check("chats");
}

#[test]
fn a_form_under_the_keyboard() {
    check("form");
}

#[test]
fn a_permission_dialog() {
    check("dialog");
}

#[test]
fn a_page_in_a_web_view() {
    check("webview");
}
