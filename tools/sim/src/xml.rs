//! Writes a frame as UIAutomator does.

use std::borrow::Cow;
use std::fmt::Write;

use deftly_tools::Bounds;

use crate::frame::{Frame, Layer, Node, NodeKind};

/// The accessibility tree as `uiautomator dump` prints it: the window in front (a dialog hides what is behind it), the
/// status bar, and a toast while there is one. As on a phone the keyboard is not in it.
pub(crate) fn hierarchy_xml(frame: &Frame) -> String {
    let front = frame.front();
    let shown = |node: &Node| {
        !node.visible.is_empty() && (node.layer == front || matches!(node.layer, Layer::StatusBar | Layer::Toast))
    };
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); frame.nodes.len()];
    let mut roots = Vec::new();
    for (index, node) in frame.nodes.iter().enumerate() {
        if shown(node) && !matches!(node.kind, NodeKind::Divider | NodeKind::GestureBar) {
            match node.parent {
                Some(parent) => children[parent].push(index),
                None => roots.push(index),
            }
        }
    }
    let mut xml = String::from(
        "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation=\"0\" width=\"1080\" height=\"2400\">",
    );
    for (number, &root) in roots.iter().enumerate() {
        write_node(&mut xml, frame, &children, root, number);
    }
    xml.push_str("</hierarchy>");
    xml
}

fn write_node(xml: &mut String, frame: &Frame, children: &[Vec<usize>], index: usize, number: usize) {
    let node = &frame.nodes[index];
    xml.push_str("<node");
    attribute(xml, "index", &number.to_string());
    attribute(xml, "text", &shown_text(node));
    attribute(xml, "resource-id", &resource_id(node));
    attribute(xml, "class", class(node));
    attribute(xml, "package", &node.package);
    attribute(xml, "content-desc", if node.kind == NodeKind::Field { "" } else { &node.description });
    if node.kind == NodeKind::Field {
        attribute(xml, "hint", &node.description);
    }
    let state = node.state;
    // A scrim is what a press beside the dialog hits; Android does not report it as something to click.
    let clickable = state.pressable && node.kind != NodeKind::Scrim;
    for (name, value) in [
        ("checkable", state.checked.is_some() && node.kind != NodeKind::Row),
        ("checked", state.checked == Some(true) && node.kind != NodeKind::Row),
        ("clickable", clickable),
        ("enabled", !state.disabled),
        ("focusable", clickable),
        ("focused", state.focused),
        ("scrollable", state.scrollable),
        ("long-clickable", state.long_pressable),
        ("password", state.password),
        ("selected", state.selected),
    ] {
        attribute(xml, name, if value { "true" } else { "false" });
    }
    let Bounds { left, top, right, bottom } = node.visible;
    attribute(xml, "bounds", &format!("[{left},{top}][{right},{bottom}]"));
    if children[index].is_empty() {
        xml.push_str("/>");
        return;
    }
    xml.push('>');
    for (number, &child) in children[index].iter().enumerate() {
        write_node(xml, frame, children, child, number);
    }
    xml.push_str("</node>");
}

/// A slider reports its position as text.
fn shown_text(node: &Node) -> Cow<'_, str> {
    match node.kind {
        NodeKind::Slider(value) => Cow::Owned(value.to_string()),
        _ => Cow::Borrowed(&node.text),
    }
}

fn resource_id(node: &Node) -> String {
    if node.key.is_empty() { String::new() } else { format!("{}:id/{}", node.package, node.key) }
}

fn class(node: &Node) -> &'static str {
    match node.kind {
        NodeKind::Window | NodeKind::Scrim | NodeKind::Panel | NodeKind::Card | NodeKind::StatusBar => {
            "android.widget.FrameLayout"
        }
        NodeKind::AppBar | NodeKind::Row | NodeKind::BottomBar => "android.view.ViewGroup",
        NodeKind::Scroll => "androidx.recyclerview.widget.RecyclerView",
        NodeKind::Group | NodeKind::Keyboard | NodeKind::GestureBar => "android.widget.LinearLayout",
        NodeKind::TabBar => "com.google.android.material.tabs.TabLayout",
        NodeKind::NavigationBar => "com.google.android.material.bottomnavigation.BottomNavigationView",
        NodeKind::Tab => "android.widget.LinearLayout",
        NodeKind::Text(_) | NodeKind::AppIcon(_) | NodeKind::Toast => "android.widget.TextView",
        NodeKind::Icon(_) | NodeKind::Image(_) => "android.widget.ImageView",
        NodeKind::Switch => "android.widget.Switch",
        NodeKind::Checkbox => "android.widget.CheckBox",
        NodeKind::Radio => "android.widget.RadioButton",
        NodeKind::Button(_) => "android.widget.Button",
        NodeKind::IconButton(_) | NodeKind::Fab(_) => "android.widget.ImageButton",
        NodeKind::Chip => "android.widget.CheckBox",
        NodeKind::Field => "android.widget.EditText",
        NodeKind::Slider(_) => "android.widget.SeekBar",
        NodeKind::Divider => "android.view.View",
    }
}

/// Writes ` name="value"`, escaped. Control characters that XML 1.0 does not allow become spaces.
fn attribute(xml: &mut String, name: &str, value: &str) {
    let _ = write!(xml, " {name}=\"");
    for letter in value.chars() {
        match letter {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' => xml.push_str("&#10;"),
            letter if letter.is_control() || matches!(letter, '\u{FFFE}' | '\u{FFFF}') => xml.push(' '),
            letter => xml.push(letter),
        }
    }
    xml.push('"');
}
