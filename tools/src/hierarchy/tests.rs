use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::{Bounds, Screen};

/// The screen as one line an element: id, role, label, value, states.
fn listing(screen: &Screen) -> String {
    let mut lines = String::new();
    for element in &screen.elements {
        let state = &element.state;
        write!(lines, "{} {} {:?}", element.id.0, element.role.word(), element.label).unwrap();
        if let Some(value) = &element.value {
            write!(lines, " = {value:?}").unwrap();
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
            write!(lines, " {word}").unwrap();
        }
        lines.push('\n');
    }
    lines
}

/// A node; `attributes` as in a dump, bounds given as `left top right bottom`.
fn node(class: &str, bounds: [i32; 4], attributes: &str, children: &[String]) -> String {
    let [left, top, right, bottom] = bounds;
    let children = children.concat();
    format!("<node class='android.{class}' bounds='[{left},{top}][{right},{bottom}]' {attributes}>{children}</node>")
}

fn text(text: &str, bounds: [i32; 4]) -> String {
    node("widget.TextView", bounds, &format!("text='{text}'"), &[])
}

fn parse(windows: &str) -> Screen {
    parse_hierarchy(format!("<?xml version='1.0'?><hierarchy rotation='0'>{windows}</hierarchy>").as_bytes()).unwrap()
}

/// Parses the nodes inside one window of 1000x2000 and compares the listing, trimmed line by line.
fn check(nodes: &[String], expected: &str) {
    check_windows(&node("widget.FrameLayout", [0, 0, 1000, 2000], "package='app'", nodes), expected);
}

fn check_windows(windows: &str, expected: &str) {
    let expected: Vec<&str> = expected.trim().lines().map(str::trim).collect();
    assert_eq!(listing(&parse(windows)).trim_end(), expected.join("\n"), "for {windows}");
}

const ROW: [i32; 4] = [0, 100, 1000, 300];
const TITLE: [i32; 4] = [50, 120, 400, 180];
const SUMMARY: [i32; 4] = [50, 190, 400, 250];
const END: [i32; 4] = [800, 120, 950, 280];

#[test]
fn a_row_is_its_texts() {
    check(
        &[node("widget.LinearLayout", ROW, "clickable='true'", &[text("Wi-Fi", TITLE), text("Connected", SUMMARY)])],
        r#"1 row "Wi-Fi, Connected" click"#,
    );
    // A text that says the same twice is said once.
    check(
        &[node(
            "widget.LinearLayout",
            ROW,
            "clickable='true' content-desc='Wi-Fi, connected to Home'",
            &[text("Wi-Fi", TITLE), text("Home", SUMMARY), text("Ho", END)],
        )],
        r#"1 row "Wi-Fi, connected to Home, Ho" click"#,
    );
}

#[test]
fn a_switch_in_a_row_is_the_rows_unless_it_is_pressed_itself() {
    let switch =
        |attributes: &str| node("widget.Switch", END, &format!("text='ON' checkable='true' {attributes}"), &[]);
    check(
        &[node("widget.LinearLayout", ROW, "clickable='true'", &[text("Wi-Fi", TITLE), switch("checked='true'")])],
        r#"1 switch "Wi-Fi" on click"#,
    );
    check(
        &[node("widget.LinearLayout", ROW, "clickable='true'", &[text("7:00", TITLE), switch("clickable='true'")])],
        "1 row \"7:00\" click\n2 switch \"7:00\" off click",
    );
    let checkbox = node("widget.CheckBox", END, "text='Remember' checkable='true'", &[]);
    check(&[node("view.ViewGroup", ROW, "clickable='true'", &[checkbox])], r#"1 checkbox "Remember" off click"#);
}

#[test]
fn what_is_pressed_inside_a_row_is_its_own() {
    let delete = node("widget.ImageButton", END, "clickable='true' resource-id='app:id/deleteButton'", &[]);
    check(
        &[node("widget.LinearLayout", ROW, "clickable='true'", &[text("Bob", TITLE), delete])],
        "1 row \"Bob\" click\n2 button \"delete button\" click",
    );
    let named = node("widget.FrameLayout", END, "clickable='true'", &[text("Call", END)]);
    check(
        &[node("widget.LinearLayout", ROW, "clickable='true'", &[text("Bob", TITLE), named.clone()])],
        "1 row \"Bob\" click\n2 button \"Call\" click",
    );
    // A pressable wrapper around what is pressed, with nothing to say, is no element.
    check(&[node("widget.LinearLayout", ROW, "clickable='true'", &[named])], r#"1 button "Call" click"#);
}

#[test]
fn a_large_pressable_background_is_none() {
    let ok = node("widget.Button", END, "clickable='true' text='OK'", &[]);
    check(
        &[node("view.View", [0, 0, 1000, 2000], "clickable='true'", &[text("Title", TITLE), ok])],
        "1 text \"Title\"\n2 button \"OK\" click",
    );
    check(
        &[node("view.View", [0, 0, 1000, 2000], "clickable='true'", &[text("Tap to start", TITLE)])],
        r#"1 row "Tap to start" click"#,
    );
}

#[test]
fn fields_have_a_name_and_a_value() {
    let field = |attributes: &str| node("widget.EditText", END, &format!("clickable='true' {attributes}"), &[]);
    let cases = [
        ("hint='Name' text='Bob' focused='true'", r#"1 field "Name" = "Bob" click focused"#),
        ("hint='Name' text='Name'", r#"1 field "Name" = "" click"#),
        ("hint='Name'", r#"1 field "Name" = "" click"#),
        ("content-desc='Search' text='a&#10;b'", r#"1 field "Search" = "a\nb" click"#),
        ("resource-id='app:id/first_name'", r#"1 field "first name" = "" click"#),
        ("hint='PIN' text='1234' password='true'", r#"1 field "PIN" click password"#),
        ("content-desc='1234' text='1234' password='true' resource-id='x:id/pin'", r#"1 field "pin" click password"#),
    ];
    for (attributes, expected) in cases {
        check(&[field(attributes)], expected);
    }
    let compose = |attributes: &str, inner: &str| node("widget.EditText", END, attributes, &[text(inner, END)]);
    check(&[compose("text=''", "Search")], r#"1 field "Search" = """#);
    check(&[compose("text='Bob' content-desc='Name'", "Bob")], r#"1 field "Name" = "Bob""#);
    check(&[compose("password='true' resource-id='pin'", "1234")], r#"1 field "pin" password"#);
}

#[test]
fn a_control_without_a_name_takes_the_text_beside_it() {
    let bare = |class: &str, bounds| node(class, bounds, "clickable='true' checkable='true'", &[]);
    // It is alone with a text in its container; the text is then no element of its own.
    check(
        &[node("widget.LinearLayout", ROW, "", &[text("Airplane mode", TITLE), bare("widget.Switch", END)])],
        r#"1 switch "Airplane mode" off click"#,
    );
    // It follows a text among others.
    let field = |bounds| node("widget.EditText", bounds, "clickable='true'", &[]);
    check(
        &[
            text("Name", [0, 0, 200, 50]),
            field([0, 60, 900, 160]),
            text("Email", [0, 200, 200, 250]),
            field([0, 260, 900, 360]),
        ],
        "1 field \"Name\" = \"\" click\n2 field \"Email\" = \"\" click",
    );
    // A slider says its name, then its position.
    let slider = node("widget.SeekBar", END, "text='50%'", &[]);
    check(&[node("widget.LinearLayout", ROW, "", &[text("Volume", TITLE), slider])], r#"1 slider "Volume, 50%" click"#);
}

#[test]
fn classes_of_the_common_toolkits_have_roles() {
    let cases = [
        ("widget.Button", "clickable='true' text='x'", "button \"x\" click"),
        ("widget.Button", "enabled='false' text='x'", "button \"x\" disabled"),
        ("widget.ImageButton", "clickable='true' content-desc='x'", "button \"x\" click"),
        ("widget.ImageView", "clickable='true' content-desc='x'", "button \"x\" click"),
        ("widget.ImageView", "content-desc='x'", "image \"x\""),
        ("widget.ImageView", "", ""),
        ("widget.TextView", "clickable='true' text='x'", "button \"x\" click"),
        ("widget.TextView", "long-clickable='true' text='x'", "text \"x\" long"),
        ("widget.CheckBox", "clickable='true' checkable='true' text='x'", "checkbox \"x\" off click"),
        ("widget.RadioButton", "clickable='true' checkable='true' checked='true' text='x'", "radio \"x\" on click"),
        ("widget.ToggleButton", "clickable='true' checkable='true' content-desc='x'", "switch \"x\" off click"),
        ("x.SwitchCompat", "clickable='true' checkable='true' content-desc='x' text='OFF'", "switch \"x\" off click"),
        ("view.View", "clickable='true' checkable='true' content-desc='x'", "switch \"x\" off click"),
        ("view.View", "clickable='true' text='x'", "button \"x\" click"),
        ("x.ActionBar$Tab", "clickable='true' selected='true' content-desc='x'", "tab \"x\" click selected"),
        ("widget.FrameLayout", "clickable='true' resource-id='a:id/tab_clock' content-desc='x'", "tab \"x\" click"),
        ("widget.ViewSwitcher", "", ""),
        ("x.RecyclerView", "scrollable='true'", "list \"\" scroll"),
        ("webkit.WebView", "scrollable='true' text='Page' long-clickable='true'", "list \"Page\" scroll"),
        ("webkit.WebView", "text='Page' clickable='true'", "text \"Page\""),
        ("widget.MultiAutoCompleteTextView", "hint='To'", "field \"To\" = \"\""),
    ];
    for (class, attributes, expected) in cases {
        let expected = if expected.is_empty() { String::new() } else { format!("1 {expected}") };
        check(&[node(class, [0, 100, 400, 200], attributes, &[])], &expected);
    }
}

#[test]
fn neighbours_of_which_one_is_selected_are_tabs() {
    let item = |left, label: &str, selected: bool| {
        let attributes = format!("clickable='true' selected='{selected}'");
        node("view.View", [left, 1800, left + 300, 2000], &attributes, &[text(label, [left, 1900, left + 300, 1950])])
    };
    check(
        &[item(0, "Alarm", false), item(300, "Timer", true)],
        "1 tab \"Alarm\" click\n2 tab \"Timer\" click selected",
    );
    check(&[item(0, "Alarm", false), item(300, "Timer", false)], "1 button \"Alarm\" click\n2 button \"Timer\" click");
}

#[test]
fn what_cannot_be_seen_goes() {
    let gone = [
        node("widget.TextView", TITLE, "text='x' visible-to-user='false'", &[]),
        text("empty", [50, 50, 50, 90]),
        text("upside down", [90, 90, 50, 50]),
        text("below", [0, 2000, 100, 2100]),
        text("left", [-200, 0, -100, 100]),
        node("widget.FrameLayout", [0, 100, 500, 200], "", &[text("outside its parent", [0, 300, 100, 400])]),
        node("widget.Button", [0, 0, 0, 0], "clickable='true' text='x'", &[text("inside nothing", TITLE)]),
        text("", TITLE),
        text("·", TITLE),
        "<node class='android.widget.Button' clickable='true' bounds='[1,2]'/>".into(),
    ];
    for node in gone {
        check(&[node], "");
    }
    let screen = parse(&node(
        "F",
        [0, 0, 1000, 2000],
        "",
        &[node("F", [0, 100, 500, 300], "", &[text("x", [-9, 0, 600, 200])])],
    ));
    assert_eq!(screen.elements[0].bounds, Bounds::new(0, 100, 500, 200));
}

#[test]
fn what_an_ancestor_says_is_not_said_again() {
    let inner = text("80%", TITLE);
    check(
        &[node("view.ViewGroup", ROW, "content-desc='Battery 80%'", &[inner.clone(), text("8", SUMMARY)])],
        "1 text \"Battery 80%\"\n2 text \"8\"",
    );
    check(&[node("view.View", ROW, "text='80%'", &[inner])], r#"1 text "80%""#);
    check(&[node("widget.TextView", ROW, "text='7' content-desc='7 January'", &[])], r#"1 text "7 January""#);
    check(&[node("widget.TextView", ROW, "text='7' content-desc='17'", &[])], r#"1 text "7""#);
}

#[test]
fn the_reading_order_is_a_persons() {
    let button = |label: &str, bounds| node("widget.Button", bounds, &format!("clickable='true' text='{label}'"), &[]);
    let list = node(
        "widget.ListView",
        [0, 200, 1000, 1800],
        "scrollable='true'",
        &[text("second", [0, 500, 500, 600]), text("first", [0, 200, 500, 300])],
    );
    check(
        &[
            button("bottom", [0, 1850, 300, 1990]),
            button("add", [800, 1600, 950, 1750]),
            list,
            // On one line, though not of one height.
            button("menu", [850, 40, 950, 140]),
            text("title", [200, 60, 600, 120]),
            button("back", [0, 30, 120, 150]),
        ],
        r#"1 button "back" click
        2 text "title"
        3 button "menu" click
        4 list "" scroll
        5 text "first"
        6 text "second"
        7 button "add" click
        8 button "bottom" click"#,
    );
    // Panes stay together.
    let pane = |left, a: &str, b: &str| {
        node(
            "widget.FrameLayout",
            [left, 0, left + 500, 2000],
            "",
            &[text(a, [left, 0, left + 400, 90]), text(b, [left, 100, left + 400, 190])],
        )
    };
    check(&[pane(500, "c", "d"), pane(0, "a", "b")], "1 text \"a\"\n2 text \"b\"\n3 text \"c\"\n4 text \"d\"");
}

#[test]
fn of_the_system_only_the_shade_stays() {
    let system =
        |bounds, children: &[String]| node("widget.FrameLayout", bounds, "package='com.android.systemui'", children);
    let app = node("widget.FrameLayout", [0, 0, 1000, 2000], "package='app'", &[text("app", TITLE)]);
    let clock = text("12:00", [0, 0, 100, 50]);
    let home = node("widget.ImageView", [400, 1900, 600, 2000], "clickable='true' content-desc='Home'", &[]);
    let bars =
        [app.clone(), system([0, 0, 1000, 80], std::slice::from_ref(&clock)), system([0, 1900, 1000, 2000], &[home])];
    check_windows(&bars.concat(), r#"1 text "app""#);
    let toast = system([200, 1700, 800, 1800], &[text("Saved", [220, 1720, 780, 1780])]);
    check_windows(&[app.clone(), toast].concat(), "1 text \"app\"\n2 text \"Saved\"");

    let bar = node(
        "x.Bar",
        [0, 0, 1000, 80],
        "package='com.android.systemui' resource-id='com.android.systemui:id/status_bar'",
        &[clock],
    );
    let clear = node("widget.Button", END, "package='com.android.systemui' clickable='true' text='Clear all'", &[]);
    check_windows(&[app, system([0, 0, 1000, 2000], &[bar, clear])].concat(), r#"1 button "Clear all" click"#);
}

#[test]
fn the_keyboard_goes_with_what_it_covers() {
    let key = node(
        "view.View",
        [0, 1400, 100, 1500],
        "package='com.android.inputmethod.latin' clickable='true' text='q'",
        &[],
    );
    let keyboard = node("widget.FrameLayout", [0, 0, 1000, 2000], "package='com.android.inputmethod.latin'", &[key]);
    let nodes =
        [text("above", [0, 0, 100, 100]), text("half", [0, 1300, 100, 1500]), text("covered", [0, 1600, 100, 1700])];
    let app = node("widget.FrameLayout", [0, 0, 1000, 2000], "package='app'", &nodes);
    let windows = [app, keyboard.clone()].concat();
    check_windows(&windows, "1 text \"above\"\n2 text \"half\"");
    assert_eq!(parse(&windows).elements[1].bounds.bottom, 1400);
    // Alone, it is the keyboard's own settings.
    check_windows(&keyboard, r#"1 button "q" click"#);
}

#[test]
fn texts_are_clean_whatever_they_hold() {
    let cases = [
        ("a &amp; b &lt;c&gt; &quot;d&quot; &#39;e&#x27;", "a & b <c> \"d\" 'e'"),
        ("&#55357;&#56832; &#128512; 😀", "😀 😀 😀"),
        ("&#55357; &#56832;x&#0;", "\u{FFFD} \u{FFFD}x"),
        ("bare & &unknown; &#xZZ; &", "bare & &unknown; &#xZZ; &"),
        ("a&#10;b\u{1}\t c ", "a b c"),
        ("\u{202B}שלום עולם\u{202C}", "שלום עולם"),
        ("مرحبا", "مرحبا"),
        ("👩\u{200D}👧", "👩\u{200D}👧"),
    ];
    for (raw, expected) in cases {
        let screen = parse(&node("F", [0, 0, 1000, 2000], "", &[text(raw, TITLE)]));
        assert_eq!(screen.elements[0].label, expected, "for {raw:?}");
    }
}

#[test]
fn words_of_an_id_are_a_name() {
    let cases = [
        ("save_button", "save button"),
        ("saveButton", "save button"),
        ("fab", "fab"),
        ("0_resource_name_obfuscated", ""),
    ];
    for (id, expected) in cases {
        assert_eq!(text::id_words(id), expected);
    }
}

#[test]
fn what_is_no_hierarchy_is_a_clear_error() {
    let check = |xml: &[u8], expected: &str| {
        let error = parse_hierarchy(xml).unwrap_err().to_string();
        assert!(error.contains(expected), "{}: {error}", String::from_utf8_lossy(xml));
    };
    check(b"", "expected <hierarchy>, found \"\"");
    check(b"ERROR: could not get idle state.", "found \"ERROR: could not get idle state.\"");
    check(b"<html><body/></html>", "found <html>");
    check(b"<hierarchy><node bounds='[0,0][1,1]'>", "ends inside 2 open elements");
    check(b"<hierarchy><node></hierarchy>", "not XML at byte");
    check(b"<hierarchy><node text='x/></hierarchy>", "not XML at byte");
    check(b"<hierarchy><node text=x y='/></hierarchy>", "not XML at byte");
    check("\u{FEFF}<hierarchy><".as_bytes(), "not XML");
    check(&[0xFF, 0xFE, b'<', 0], "UTF-16");
    let deep = "<hierarchy>".to_owned() + &"<node>".repeat(MAX_DEPTH + 1);
    check(deep.as_bytes(), "more than 5000 levels");
    let wide = "<hierarchy>".to_owned() + &"<node/>".repeat(MAX_NODES + 1);
    check(wide.as_bytes(), "more than 100000 nodes");
    check(&vec![b' '; MAX_BYTES + 1], "more than 16777216 bytes");
}

#[test]
fn what_surrounds_a_hierarchy_does_not_matter() {
    for xml in [
        "<hierarchy/>",
        "junk <?xml?><hierarchy></hierarchy>UI hierchary dumped to: /dev/tty\n",
        "\u{FEFF}<hierarchy rotation='x'/><",
    ] {
        assert_eq!(parse_hierarchy(xml.as_bytes()), Ok(Screen::default()), "{xml}");
    }
    // Bytes that are not UTF-8 spoil a letter, not the screen; Appium's tags are classes.
    let xml = b"<hierarchy width='100' height='100'><android.widget.Button text='a\xFF' clickable='true' bounds='[0,0][500,50]'/></hierarchy>";
    let screen = parse_hierarchy(xml).unwrap();
    assert_eq!(listing(&screen), "1 button \"a\u{FFFD}\" click\n");
    assert_eq!(screen.elements[0].bounds.right, 100);
}

/// The shapes that make a careless parser quadratic, at the limits: if one did, this test would not end.
#[test]
fn the_largest_trees_are_read() {
    let page = |nodes: &str| format!("<node class='F' bounds='[0,0][1000,2000]'>{nodes}</node>");
    let long = "word ".repeat(2_000);
    let cases = [
        page(&text("x", TITLE).repeat(50_000)),
        page(&node("widget.Switch", END, "clickable='true' checkable='true'", &[]).repeat(50_000)),
        page(&node("widget.LinearLayout", ROW, "clickable='true'", &[text("a b", TITLE).repeat(50_000)])),
        page(&node("view.View", ROW, &format!("text='{long}'"), &[text("word", TITLE).repeat(50_000)])),
        page(&node("view.View", ROW, "clickable='true' selected='true'", &[]).repeat(50_000)),
        ("<node bounds='[0,0][1000,2000]' text='x' clickable='true'>".repeat(4_900)) + &"</node>".repeat(4_900),
        ("<node bounds='[0,0][1000,2000]' checkable='true' text='x'>".repeat(4_900)) + &"</node>".repeat(4_900),
        page(&format!("<node {} bounds='[0,0][9,9]' text='x'/>", "a='1' ".repeat(500_000))),
    ];
    for windows in cases {
        assert!(!parse(&windows).elements.is_empty());
    }
}

/// One random node: tag and attributes that are often, but not always, what a phone writes.
fn any_node() -> impl Strategy<Value = String> {
    let class = prop::sample::select(vec![
        "F",
        "a.Button",
        "a.EditText",
        "a.Switch",
        "a.TextView",
        "a.ImageView",
        "a.SeekBar",
        "a.WebView",
        "a.TabLayout",
    ]);
    let coordinate = || prop_oneof![4 => -50..2_500i32, 1 => any::<i32>()];
    let bounds = (coordinate(), coordinate(), coordinate(), coordinate());
    let texts = ("\\PC{0,12}", "\\PC{0,12}", "\\PC{0,8}");
    (class, bounds, texts, any::<u16>()).prop_map(|(class, (left, top, right, bottom), (text, description, hint), bits)| {
        let escape = |text: String| text.replace('<', "&lt;").replace('\'', "&#39;");
        let names = ["clickable", "checkable", "checked", "long-clickable", "scrollable", "selected", "password", "focused", "enabled"];
        let flags: String = (0..).zip(names).map(|(bit, name)| format!(" {name}='{}'", bits >> bit & 1 == 1)).collect();
        let (text, description, hint) = (escape(text), escape(description), escape(hint));
        format!("<node class='{class}' bounds='[{left},{top}][{right},{bottom}]' text='{text}' content-desc='{description}' hint='{hint}'{flags}>")
    })
}

/// A tree of them: after each node, so many are closed.
fn any_tree() -> impl Strategy<Value = String> {
    prop::collection::vec((any_node(), 0..3usize), 0..60).prop_map(|nodes| {
        let mut xml = String::from("<hierarchy>");
        let mut open = 0;
        for (node, close) in nodes {
            xml.push_str(&node);
            open += 1;
            let close = close.min(open);
            xml.push_str(&"</node>".repeat(close));
            open -= close;
        }
        xml + &"</node>".repeat(open) + "</hierarchy>"
    })
}

fn check_invariants(screen: &Screen) {
    for (element, id) in screen.elements.iter().zip(1..) {
        assert_eq!(element.id, ElementId(id));
        assert!(!element.bounds.is_empty(), "{element:?}");
        assert!(!element.label.chars().any(char::is_control), "{element:?}");
        assert!(element.value.is_none() || element.state.editable && !element.state.password, "{element:?}");
    }
}

proptest! {
    #[test]
    fn any_tree_becomes_a_screen(xml in any_tree()) {
        check_invariants(&parse_hierarchy(xml.as_bytes()).unwrap());
    }

    #[test]
    fn a_damaged_tree_is_a_screen_or_an_error(xml in any_tree(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>()) {
        let mut bytes = xml.into_bytes();
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if let Ok(screen) = parse_hierarchy(&bytes) {
            check_invariants(&screen);
        }
        bytes.truncate(cut.index(bytes.len()));
        if let Ok(screen) = parse_hierarchy(&bytes) {
            check_invariants(&screen);
        }
    }
}
