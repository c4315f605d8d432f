//! Accessibility trees that do not come from the simulated phone's screen, and a reader for those that do.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::handset::Lock;

const DECLARATION: &str = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>";

/// What a phone whose screen is off shows.
pub const EMPTY: &str = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation=\"0\" />";

/// The size of a tree that is too large.
const HUGE: usize = 3 * 1024 * 1024;

/// The lock screen.
pub fn keyguard(time: &str, lock: Lock) -> String {
    let hint = if lock == Lock::Secure { "Enter your PIN" } else { "Swipe up to open" };
    let frame = node("", "keyguard_root_view", "android.widget.FrameLayout", "[0,0][1080,2400]", false);
    let clock = node(time, "keyguard_clock", "android.widget.TextView", "[60,300][1020,480]", true);
    let hint = node(hint, "keyguard_indication_text", "android.widget.TextView", "[60,2200][1020,2280]", true);
    format!(
        "{DECLARATION}<hierarchy rotation=\"0\" width=\"1080\" height=\"2400\">{frame}{clock}{hint}</node></hierarchy>"
    )
}

fn node(text: &str, id: &str, class: &str, bounds: &str, is_leaf: bool) -> String {
    let end = if is_leaf { "/>" } else { ">" };
    format!(
        "<node index=\"0\" text=\"{text}\" resource-id=\"com.android.systemui:id/{id}\" class=\"{class}\" \
         package=\"com.android.systemui\" content-desc=\"\" checkable=\"false\" checked=\"false\" clickable=\"false\" \
         enabled=\"true\" focusable=\"false\" focused=\"false\" scrollable=\"false\" long-clickable=\"false\" \
         password=\"false\" selected=\"false\" bounds=\"{bounds}\"{end}"
    )
}

/// The tree with so many rows more that it is about 3 MB long.
pub fn huge(xml: String) -> String {
    let Some(end) = xml.rfind("</hierarchy>") else { return xml };
    let mut long = String::with_capacity(HUGE + 1024);
    long.push_str(&xml[..end]);
    let mut number = 0;
    while long.len() < HUGE {
        number += 1;
        let top = 80 + number % 2200;
        let bounds = format!("[0,{top}][1080,{}]", top + 40);
        let row = node(&format!("Line {number}"), "line", "android.widget.TextView", &bounds, true);
        long.push_str(&row.replace("com.android.systemui", "com.deftly.huge"));
    }
    long.push_str("</hierarchy>");
    long
}

/// The tree with a text that no other look has.
pub fn restless(xml: String, look: u64) -> String {
    let Some(end) = xml.rfind("</hierarchy>") else { return xml };
    let frame = node(&format!("Loading {look}"), "loading", "android.widget.TextView", "[0,100][1080,160]", true);
    format!("{}{frame}</hierarchy>", &xml[..end])
}

/// One node of a tree, in document order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    pub parent: Option<usize>,
    /// Its number among its siblings.
    pub index: usize,
    pub text: String,
    pub resource_id: String,
    pub class: String,
    pub package: String,
    pub description: String,
    pub checkable: bool,
    pub checked: bool,
    pub clickable: bool,
    pub enabled: bool,
    pub focusable: bool,
    pub focused: bool,
    pub scrollable: bool,
    pub long_clickable: bool,
    pub selected: bool,
    /// Left, top, right, bottom.
    pub bounds: [i32; 4],
    pub children: usize,
}

impl Node {
    pub fn center(&self) -> (i32, i32) {
        let [left, top, right, bottom] = self.bounds;
        ((left + right) / 2, (top + bottom) / 2)
    }
}

/// The nodes of a tree that this crate or the simulator wrote. What cannot be read ends the list.
pub fn nodes(xml: &str) -> Vec<Node> {
    let mut reader = Reader::from_str(xml);
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) if start.name().as_ref() == b"node" => {
                let index = push(&mut nodes, &open, &start);
                open.push(index);
            }
            Ok(Event::Empty(start)) if start.name().as_ref() == b"node" => {
                push(&mut nodes, &open, &start);
            }
            Ok(Event::End(end)) if end.name().as_ref() == b"node" => {
                open.pop();
            }
            Ok(Event::Eof) | Err(_) => return nodes,
            Ok(_) => {}
        }
    }
}

fn push(nodes: &mut Vec<Node>, open: &[usize], start: &BytesStart<'_>) -> usize {
    let mut node = read(start);
    node.parent = open.last().copied();
    if let Some(parent) = node.parent {
        nodes[parent].children += 1;
    }
    nodes.push(node);
    nodes.len() - 1
}

fn read(start: &BytesStart<'_>) -> Node {
    let mut node = Node::default();
    for attribute in start.attributes().flatten() {
        let value = attribute.unescape_value().unwrap_or_default().into_owned();
        let flag = value == "true";
        match attribute.key.as_ref() {
            b"index" => node.index = value.parse().unwrap_or_default(),
            b"text" => node.text = value,
            b"resource-id" => node.resource_id = value,
            b"class" => node.class = value,
            b"package" => node.package = value,
            b"content-desc" => node.description = value,
            b"checkable" => node.checkable = flag,
            b"checked" => node.checked = flag,
            b"clickable" => node.clickable = flag,
            b"enabled" => node.enabled = flag,
            b"focusable" => node.focusable = flag,
            b"focused" => node.focused = flag,
            b"scrollable" => node.scrollable = flag,
            b"long-clickable" => node.long_clickable = flag,
            b"selected" => node.selected = flag,
            b"bounds" => node.bounds = bounds(&value),
            _ => {}
        }
    }
    node
}

/// `[0,100][1080,160]`.
fn bounds(text: &str) -> [i32; 4] {
    let mut numbers = text.split(['[', ']', ',']).filter_map(|part| part.parse().ok());
    std::array::from_fn(|_| numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use deftly_sim::SimPhone;
    use deftly_tools::parse_hierarchy;

    use super::*;

    #[test]
    fn the_phones_own_tree_is_read() {
        let phone = SimPhone::new(7);
        let nodes = nodes(&phone.hierarchy_xml());
        let settings = nodes.iter().find(|node| node.text == phone.app_name("settings")).unwrap();
        assert!(settings.clickable && settings.enabled && !settings.checked);
        assert_eq!((settings.package.as_str(), settings.children), ("com.deftly.launcher", 0));
        assert!(settings.bounds[2] > settings.bounds[0] && settings.bounds[3] > settings.bounds[1]);
        let parent = &nodes[settings.parent.unwrap()];
        assert!(parent.children > settings.index);
    }

    #[test]
    fn what_goes_wrong_is_still_a_tree() {
        let xml = SimPhone::new(7).hierarchy_xml();
        let screens = [keyguard("7:00", Lock::Swipe), huge(xml.clone()), restless(xml.clone(), 3)];
        for screen in &screens {
            assert!(parse_hierarchy(screen.as_bytes()).is_ok_and(|screen| !screen.elements.is_empty()));
        }
        assert!((HUGE..HUGE + 4096).contains(&screens[1].len()));
        assert_ne!(screens[2], restless(xml, 4));
        assert!(nodes(EMPTY).is_empty());
    }
}
