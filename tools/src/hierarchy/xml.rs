//! The document as a flat tree.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::text::{flatten, unescape};
use super::{MAX_DEPTH, MAX_NODES};
use crate::{Bounds, HierarchyError};

/// In bytes. The longest class names and resource ids of real apps are about 150.
const MAX_IDENTIFIER: usize = 500;

/// All nodes in document order: a node's descendants are the nodes from the one after it to its `end`.
#[derive(Debug, Default)]
pub(super) struct Tree<'a> {
    pub nodes: Vec<Node<'a>>,
    /// Width and height of the screen in pixels, where the dump says so (the UIAutomator 2 server does).
    pub size: Option<(i32, i32)>,
}

impl Tree<'_> {
    /// The children of a node, or the windows for `None`.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = usize> {
        let (first, end) = match parent {
            Some(node) => (node + 1, self.nodes[node].end),
            None => (0, self.nodes.len()),
        };
        std::iter::successors((first < end).then_some(first), move |&node| {
            let next = self.nodes[node].end;
            (next < end).then_some(next)
        })
    }
}

/// One node with the attributes that matter here; texts are unescaped and on one line.
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    pub parent: Option<usize>,
    /// One past the last descendant.
    pub end: usize,
    pub class: Cow<'a, str>,
    pub package: Cow<'a, str>,
    pub resource_id: Cow<'a, str>,
    pub text: Cow<'a, str>,
    /// The text as typed, line breaks included. Empty for passwords.
    pub raw_text: Cow<'a, str>,
    pub description: Cow<'a, str>,
    pub hint: Cow<'a, str>,
    /// `None` if the attribute is missing or unreadable.
    pub bounds: Option<Bounds>,
    pub flags: Flags,
}

impl Node<'_> {
    /// The part of the resource id after `package:id/`.
    pub fn entry(&self) -> &str {
        self.resource_id.rsplit('/').next().unwrap_or_default()
    }

    /// The class without its package and outer class: `Tab` for `androidx.appcompat.app.ActionBar$Tab`.
    pub fn simple_class(&self) -> &str {
        self.class.rsplit(['.', '$']).next().unwrap_or_default()
    }
}

/// A node's boolean attributes, with UIAutomator's meaning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flags {
    pub checkable: bool,
    pub checked: bool,
    pub clickable: bool,
    pub enabled: bool,
    pub focused: bool,
    pub long_clickable: bool,
    pub password: bool,
    pub scrollable: bool,
    pub selected: bool,
    pub visible: bool,
}

impl Default for Flags {
    /// What a missing attribute means: a node is enabled and visible, and nothing else.
    fn default() -> Self {
        Self {
            checkable: false,
            checked: false,
            clickable: false,
            enabled: true,
            focused: false,
            long_clickable: false,
            password: false,
            scrollable: false,
            selected: false,
            visible: true,
        }
    }
}

/// The bytes as text. Bytes that are not UTF-8 become U+FFFD: a label with one broken letter is still a label.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, HierarchyError> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(HierarchyError::Xml { position: 0, reason: "it is UTF-16, expected UTF-8".into() });
    }
    Ok(String::from_utf8_lossy(bytes))
}

/// Reads `<hierarchy>` and all that is in it; what stands before and after it is not looked at, because
/// `uiautomator dump /dev/tty` prints its own messages into the same stream.
pub(super) fn read(document: &str) -> Result<Tree<'_>, HierarchyError> {
    let mut reader = Reader::from_str(document);
    let mut tree = Tree::default();
    let mut open: Vec<usize> = Vec::new();
    let mut inside = false;
    loop {
        let event = reader
            .read_event()
            .map_err(|error| HierarchyError::Xml { position: reader.error_position(), reason: error.to_string() })?;
        match event {
            Event::Start(tag) | Event::Empty(tag) if !inside && tag.name().as_ref() != b"hierarchy" => {
                return Err(HierarchyError::NotAHierarchy { found: format!("<{}>", excerpt(&name(&tag))) });
            }
            Event::Start(tag) if !inside => {
                inside = true;
                tree.size = screen_size(&tag);
            }
            Event::Empty(_) if !inside => return Ok(tree),
            Event::Start(tag) => {
                if open.len() >= MAX_DEPTH {
                    return Err(HierarchyError::TooLarge { what: "levels", limit: MAX_DEPTH });
                }
                let index = push(&mut tree, &tag, open.last().copied(), position(&reader))?;
                open.push(index);
            }
            Event::Empty(tag) => {
                push(&mut tree, &tag, open.last().copied(), position(&reader))?;
            }
            Event::End(_) => match open.pop() {
                Some(index) => tree.nodes[index].end = tree.nodes.len(),
                None => return Ok(tree),
            },
            Event::Eof if inside => {
                return Err(HierarchyError::Xml {
                    position: position(&reader),
                    reason: format!("the document ends inside {} open elements", open.len() + 1),
                });
            }
            Event::Eof => return Err(HierarchyError::NotAHierarchy { found: format!("{:?}", excerpt(document)) }),
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> u64 {
    reader.buffer_position()
}

fn name(tag: &BytesStart) -> String {
    String::from_utf8_lossy(tag.name().as_ref()).into_owned()
}

/// The start of what was found, short enough for an error message.
fn excerpt(found: &str) -> String {
    found.trim().chars().take(60).collect()
}

fn push<'a>(
    tree: &mut Tree<'a>,
    tag: &BytesStart<'a>,
    parent: Option<usize>,
    position: u64,
) -> Result<usize, HierarchyError> {
    let index = tree.nodes.len();
    if index >= MAX_NODES {
        return Err(HierarchyError::TooLarge { what: "nodes", limit: MAX_NODES });
    }
    let mut node = Node { parent, end: index + 1, ..Node::default() };
    for_each_attribute(tag, position, |key, value| set(&mut node, key, value))?;
    if node.class.is_empty() {
        // Appium's dumps name the tag after the class.
        node.class = identifier(Cow::Owned(name(tag)));
    }
    if node.flags.password {
        if node.description == node.text {
            node.description = Cow::Borrowed("");
        }
        node.text = Cow::Borrowed("");
        node.raw_text = Cow::Borrowed("");
    }
    tree.nodes.push(node);
    Ok(index)
}

fn set<'a>(node: &mut Node<'a>, key: &[u8], value: Cow<'a, str>) {
    let is_true = value == "true";
    let flags = &mut node.flags;
    match key {
        b"class" => node.class = identifier(value),
        b"package" => node.package = identifier(value),
        b"resource-id" => node.resource_id = identifier(flatten(value)),
        b"text" => {
            node.text = flatten(value.clone());
            node.raw_text = value;
        }
        b"content-desc" => node.description = flatten(value),
        b"hint" => node.hint = flatten(value),
        b"bounds" => node.bounds = read_bounds(&value),
        b"checkable" => flags.checkable = is_true,
        b"checked" => flags.checked = is_true,
        b"clickable" => flags.clickable = is_true,
        b"enabled" => flags.enabled = value != "false",
        b"focused" => flags.focused = is_true,
        b"long-clickable" => flags.long_clickable = is_true,
        b"password" => flags.password = is_true,
        b"scrollable" => flags.scrollable = is_true,
        b"selected" => flags.selected = is_true,
        b"visible-to-user" => flags.visible = value != "false",
        _ => {}
    }
}

/// Nothing for what is too long to be one: identifiers are looked at more than once, also from a node's children.
fn identifier(value: Cow<str>) -> Cow<str> {
    if value.len() > MAX_IDENTIFIER { Cow::Borrowed("") } else { value }
}

/// `[left,top][right,bottom]`; `None` if it is anything else or beyond 32 bits.
fn read_bounds(text: &str) -> Option<Bounds> {
    let (first, second) = text.trim().strip_prefix('[')?.strip_suffix(']')?.split_once("][")?;
    let point = |text: &str| {
        let (x, y) = text.split_once(',')?;
        Some((x.trim().parse::<i32>().ok()?, y.trim().parse::<i32>().ok()?))
    };
    let ((left, top), (right, bottom)) = (point(first)?, point(second)?);
    Some(Bounds { left, top, right, bottom })
}

fn screen_size(tag: &BytesStart) -> Option<(i32, i32)> {
    let (mut width, mut height) = (None, None);
    for_each_attribute(tag, 0, |key, value| match key {
        b"width" => width = value.parse().ok(),
        b"height" => height = value.parse().ok(),
        _ => {}
    })
    .ok()?;
    Some((width.filter(|&width| width > 0)?, height.filter(|&height| height > 0)?))
}

/// Duplicate names are not looked for (that would take quadratic time); the last one counts.
fn for_each_attribute<'a>(
    tag: &BytesStart<'a>,
    position: u64,
    mut visit: impl FnMut(&[u8], Cow<'a, str>),
) -> Result<(), HierarchyError> {
    let bad = |reason: String| HierarchyError::Xml { position, reason };
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| bad(error.to_string()))?;
        let value = std::str::from_utf8(&attribute.value).map_err(|error| bad(error.to_string()))?;
        visit(attribute.key.as_ref(), Cow::Owned(unescape(value).into_owned()));
    }
    Ok(())
}
