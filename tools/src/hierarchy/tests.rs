use super::*;
use crate::Screen;

/// The screen as one line an element: id, role, label, value, states.
fn listing(screen: &Screen) -> String {
    let mut lines = String::new();
    for element in &screen.elements {
        let state = &element.state;
        let mut line = format!("{} {} {:?}", element.id.0, element.role.word(), element.label);
        if let Some(value) = &element.value {
            line.push_str(&format!(" value {value:?}"));
        }
        let words = [
            (state.checked == Some(true), "on"),
            (state.checked == Some(false), "off"),
            (state.clickable, "clickable"),
            (state.long_clickable, "long"),
            (state.scrollable, "scrollable"),
            (state.editable, "editable"),
            (state.focused, "focused"),
            (state.selected, "selected"),
            (state.disabled, "disabled"),
            (state.password, "password"),
        ];
        for (_, word) in words.iter().filter(|(is_set, _)| *is_set) {
            line.push(' ');
            line.push_str(word);
        }
        lines.push_str(&line);
        lines.push('\n');
    }
    lines
}

/// Parses `nodes` inside a hierarchy with one window of 1000x2000 and compares the listing.
fn check(nodes: &str, expected: &str) {
    let xml = format!("<hierarchy><node class='F' bounds='[0,0][1000,2000]'>{nodes}</node></hierarchy>");
    let screen = parse_hierarchy(xml.as_bytes()).unwrap();
    assert_eq!(listing(&screen).trim_end(), expected.trim(), "for {nodes}");
}

#[test]
fn a_row_joins_its_texts_and_takes_its_switch() {
    check(
        "<node class='android.widget.LinearLayout' clickable='true' bounds='[0,100][1000,300]'>\
           <node class='android.widget.TextView' text='Wi-Fi' bounds='[50,120][400,180]'/>\
           <node class='android.widget.TextView' text='Connected' bounds='[50,190][400,250]'/>\
           <node class='android.widget.Switch' text='ON' checkable='true' checked='true' bounds='[800,120][950,280]'/></node>",
        "1 switch \"Wi-Fi, Connected\" on clickable",
    );
}
