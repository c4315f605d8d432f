//! Which nodes of a tree a client means.

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

use crate::tree::Node;

/// A selector is this deep at most: children of children.
const MAX_DEPTH: usize = 8;

/// What a node must be, and whose child or sibling the one that is meant is.
#[derive(Debug)]
pub struct Selector {
    texts: Vec<(Field, Matcher)>,
    flags: Vec<(Flag, bool)>,
    index: Option<usize>,
    instance: Option<usize>,
    /// Each one is looked for among the children or siblings of what the one before it found.
    steps: Vec<(Step, Selector)>,
}

#[derive(Debug, Clone, Copy)]
enum Field {
    Text,
    Class,
    Description,
    Package,
    ResourceId,
}

#[derive(Debug)]
enum Matcher {
    Is(String),
    Contains(String),
    StartsWith(String),
    Matches(Regex),
}

type Flag = fn(&Node) -> bool;

#[derive(Debug, Clone, Copy)]
enum Step {
    Child,
    Sibling,
}

impl Selector {
    /// As clients write it: `{"text": "Wi-Fi", "mask": 1, "childOrSibling": [], ...}`. `None` if it is none.
    pub fn parse(value: &Value) -> Option<Self> {
        Self::parse_within(value, MAX_DEPTH)
    }

    fn parse_within(value: &Value, depth: usize) -> Option<Self> {
        let fields = value.as_object().filter(|_| depth > 0)?;
        let number = |name: &str| fields.get(name).and_then(Value::as_u64).map(|number| number as usize);
        let (index, instance) = (number("index"), number("instance"));
        let mut selector = Self { texts: Vec::new(), flags: Vec::new(), index, instance, steps: Vec::new() };
        for (name, value) in fields {
            selector.read(name, value)?;
        }
        let list = |name: &str| fields.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        for (step, inner) in list("childOrSibling").iter().zip(list("childOrSiblingSelector")) {
            let step = match step.as_str()? {
                "child" => Step::Child,
                "sibling" => Step::Sibling,
                _ => return None,
            };
            selector.steps.push((step, Self::parse_within(inner, depth - 1)?));
        }
        Some(selector)
    }

    fn read(&mut self, name: &str, value: &Value) -> Option<()> {
        if let Some(flag) = flag(name) {
            // A flag that is null was not set.
            if let Some(wanted) = value.as_bool() {
                self.flags.push((flag, wanted));
            }
            return Some(());
        }
        let Some((field, kind)) = text_field(name) else { return Some(()) };
        let Some(text) = value.as_str() else { return Some(()) };
        let text = text.to_owned();
        let matcher = match kind {
            "" => Matcher::Is(text),
            "Contains" => Matcher::Contains(text),
            "StartsWith" => Matcher::StartsWith(text),
            _ => Matcher::Matches(RegexBuilder::new(&format!("^(?s:{text})$")).size_limit(1 << 20).build().ok()?),
        };
        self.texts.push((field, matcher));
        Some(())
    }

    /// All nodes that are meant, in document order.
    pub fn find_all(&self, nodes: &[Node]) -> Vec<usize> {
        self.within(nodes, &(0..nodes.len()).collect::<Vec<usize>>())
    }

    /// The first one, or the one with the instance that is asked for.
    pub fn find(&self, nodes: &[Node]) -> Option<usize> {
        self.find_all(nodes).first().copied()
    }

    fn within(&self, nodes: &[Node], among: &[usize]) -> Vec<usize> {
        let mut found: Vec<usize> = among.iter().copied().filter(|&index| self.matches(&nodes[index])).collect();
        if let Some(instance) = self.instance {
            found = found.get(instance).copied().into_iter().collect();
        }
        for (step, selector) in &self.steps {
            // Real selectors go on from the first match only.
            let Some(&base) = found.first() else { return Vec::new() };
            let top = match step {
                Step::Child => Some(base),
                Step::Sibling => nodes[base].parent,
            };
            let Some(top) = top else { return Vec::new() };
            found = selector.within(nodes, &inside(nodes, top));
        }
        found
    }

    fn matches(&self, node: &Node) -> bool {
        let is_text = |(field, matcher): &(Field, Matcher)| {
            let text = match field {
                Field::Text => &node.text,
                Field::Class => &node.class,
                Field::Description => &node.description,
                Field::Package => &node.package,
                Field::ResourceId => &node.resource_id,
            };
            match matcher {
                Matcher::Is(wanted) => text == wanted,
                // UiSelector compares these without case.
                Matcher::Contains(part) => text.to_lowercase().contains(&part.to_lowercase()),
                Matcher::StartsWith(part) => text.to_lowercase().starts_with(&part.to_lowercase()),
                Matcher::Matches(regex) => regex.is_match(text),
            }
        };
        self.texts.iter().all(is_text)
            && self.flags.iter().all(|(flag, wanted)| flag(node) == *wanted)
            && self.index.is_none_or(|index| index == node.index)
    }
}

/// The nodes below one, in document order.
fn inside(nodes: &[Node], top: usize) -> Vec<usize> {
    let mut is_inside = vec![false; nodes.len()];
    let mut found = Vec::new();
    for (index, node) in nodes.iter().enumerate().skip(top + 1) {
        is_inside[index] = node.parent.is_some_and(|parent| parent == top || is_inside[parent]);
        if is_inside[index] {
            found.push(index);
        }
    }
    found
}

fn flag(name: &str) -> Option<Flag> {
    Some(match name {
        "checkable" => |node| node.checkable,
        "checked" => |node| node.checked,
        "clickable" => |node| node.clickable,
        "longClickable" => |node| node.long_clickable,
        "scrollable" => |node| node.scrollable,
        "enabled" => |node| node.enabled,
        "focusable" => |node| node.focusable,
        "focused" => |node| node.focused,
        "selected" => |node| node.selected,
        _ => return None,
    })
}

/// `textContains` is about the text, and about a part of it.
fn text_field(name: &str) -> Option<(Field, &'static str)> {
    let kinds = ["Contains", "StartsWith", "Matches"];
    let kind = kinds.into_iter().find(|kind| name.ends_with(kind)).unwrap_or("");
    let field = match name.strip_suffix(kind)? {
        "text" => Field::Text,
        "className" => Field::Class,
        "description" => Field::Description,
        "packageName" => Field::Package,
        "resourceId" => Field::ResourceId,
        _ => return None,
    };
    Some((field, kind))
}

/// What a client is told about a node.
pub fn info(node: &Node) -> Value {
    let [left, top, right, bottom] = node.bounds;
    let bounds = serde_json::json!({"bottom": bottom, "left": left, "right": right, "top": top});
    let text = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
    let mut info = Map::new();
    let mut add = |name: &str, value: Value| info.insert(name.to_owned(), value);
    add("bounds", bounds.clone());
    add("childCount", node.children.into());
    add("className", node.class.as_str().into());
    add("contentDescription", text(&node.description));
    add("packageName", node.package.as_str().into());
    add("resourceName", text(&node.resource_id));
    add("text", node.text.as_str().into());
    add("visibleBounds", bounds);
    for (name, value) in [
        ("checkable", node.checkable),
        ("checked", node.checked),
        ("clickable", node.clickable),
        ("enabled", node.enabled),
        ("focusable", node.focusable),
        ("focused", node.focused),
        ("longClickable", node.long_clickable),
        ("scrollable", node.scrollable),
        ("selected", node.selected),
    ] {
        add(name, value.into());
    }
    Value::Object(info)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tree::nodes;

    const TREE: &str = r#"<hierarchy>
        <node index="0" class="List" scrollable="true" bounds="[0,0][9,9]">
            <node index="0" class="Row" clickable="true"><node index="0" text="Wi-Fi"/><node index="1" class="Switch" checked="true"/></node>
            <node index="1" class="Row"><node index="0" text="Bluetooth"/><node index="1" class="Switch"/></node>
        </node></hierarchy>"#;

    fn check(selector: Value, expected: &[usize]) {
        let found = Selector::parse(&selector).map(|selector| selector.find_all(&nodes(TREE)));
        assert_eq!(found.as_deref(), Some(expected), "{selector}");
    }

    #[test]
    fn nodes_are_found_by_what_they_are() {
        check(json!({"text": "Wi-Fi", "mask": 1}), &[2]);
        check(json!({"textContains": "tooth"}), &[5]);
        check(json!({"textStartsWith": "wi"}), &[2]);
        check(json!({"textMatches": "[WB].*"}), &[2, 5]);
        check(json!({"textMatches": "Wi"}), &[]);
        check(json!({"className": "Switch", "instance": 1}), &[6]);
        check(json!({"className": "Switch", "checked": true}), &[3]);
        check(json!({"className": "Row", "index": 1}), &[4]);
    }

    #[test]
    fn children_and_siblings() {
        let of = |step: &str, inner: Value| json!({"className": "Row", "childOrSibling": [step], "childOrSiblingSelector": [inner]});
        check(of("child", json!({"className": "Switch"})), &[3]);
        check(of("sibling", json!({"className": "Row"})), &[1, 4]);
        check(of("child", json!({"text": "Bluetooth"})), &[]);
    }

    #[test]
    fn what_is_no_selector() {
        assert!(Selector::parse(&json!(3)).is_none());
        assert!(Selector::parse(&json!({"textMatches": "("})).is_none());
        assert!(Selector::parse(&json!({"childOrSibling": ["aunt"], "childOrSiblingSelector": [{}]})).is_none());
        let mut deep = json!({});
        for _ in 0..20 {
            deep = json!({"childOrSibling": ["child"], "childOrSiblingSelector": [deep]});
        }
        assert!(Selector::parse(&deep).is_none());
    }
}
