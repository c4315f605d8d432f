//! What a person would call each element.

use super::prune::{Seen, area};
use super::role::{Anchor, Anchors, Class};
use super::text::{field_value, id_words, says};
use super::xml::{Node, Tree};
use crate::{Element, ElementId, ElementState, Role};

/// In bytes: a row's label takes no further texts beyond this, and a longer text covers none inside it. Both keep the
/// work linear; a person's name for a thing is shorter by far.
const MAX_JOINED: usize = 1000;
/// In bytes: a longer text beside a nameless control is an explanation, not its name.
const MAX_BORROWED: usize = 120;
/// How far up a nameless control looks for a container that holds only it and its name.
const BORROW_LEVELS: usize = 3;

/// The elements by node, with ids still to be given.
pub(super) fn elements(tree: &Tree, seen: &Seen, anchors: &Anchors) -> Vec<Option<Element>> {
    let mut labels = Labels::gather(tree, seen, anchors);
    labels.name_controls(tree, seen, anchors);
    (0..tree.nodes.len()).map(|index| labels.element(tree, seen, anchors, index)).collect()
}

struct Labels {
    /// The label of each anchor; of other nodes, nothing.
    of: Vec<String>,
    /// How many texts inside an anchor joined its label.
    parts: Vec<usize>,
    /// Whether the node is text or a picture that stands for itself.
    loose: Vec<bool>,
}

impl Labels {
    /// One pass in document order: each text goes to the anchor it is in, or stands for itself.
    fn gather(tree: &Tree, seen: &Seen, anchors: &Anchors) -> Self {
        let count = tree.nodes.len();
        let mut labels = Self { of: vec![String::new(); count], parts: vec![0; count], loose: vec![false; count] };
        // The nearest ancestor-or-self whose own text may repeat what is inside it.
        let mut cover: Vec<Option<usize>> = vec![None; count];
        for (index, node) in tree.nodes.iter().enumerate() {
            if seen.nodes[index].is_none() {
                continue;
            }
            let outer = node.parent.and_then(|parent| cover[parent]);
            let name = name(node);
            cover[index] = if name.is_empty() || name.len() > MAX_JOINED { outer } else { Some(index) };
            if let Some(anchor) = anchors.of[index] {
                labels.of[index] = own_label(node, anchor).to_owned();
                continue;
            }
            let is_repeated = outer.is_some_and(|outer| says(self::name(&tree.nodes[outer]), name));
            if name.is_empty() || is_repeated {
                continue;
            }
            match anchors.owner[index].filter(|&owner| anchors.of[owner] != Some(Anchor::Scroll)) {
                Some(owner) => labels.join(&tree.nodes[owner], anchors.of[owner], owner, name),
                None => labels.loose[index] = !is_ornament(name),
            }
        }
        labels
    }

    fn join(&mut self, owner: &Node, anchor: Option<Anchor>, index: usize, part: &str) {
        let label = &mut self.of[index];
        if anchor == Some(Anchor::Is(Role::Field)) {
            // Compose puts a field's hint inside it. So it does with what was typed, which for passwords is not kept.
            if owner.flags.password || part == owner.text || self.parts[index] == 0 && !label.is_empty() {
                return;
            }
        }
        if label.len() > MAX_JOINED || label.split(", ").any(|known| known == part) {
            return;
        }
        push_part(label, part);
        self.parts[index] += 1;
    }

    /// Names the controls that have no text: from the row they are in, from the text beside them, from their id.
    fn name_controls(&mut self, tree: &Tree, seen: &Seen, anchors: &Anchors) {
        let mut previous_sibling = vec![None; tree.nodes.len()];
        let mut last_child = vec![None; tree.nodes.len()];
        for (index, node) in tree.nodes.iter().enumerate() {
            if let Some(parent) = node.parent {
                previous_sibling[index] = last_child[parent].replace(index);
            }
        }
        for (index, node) in tree.nodes.iter().enumerate() {
            let Some(anchor) = anchors.of[index] else { continue };
            let is_control = match anchor {
                Anchor::Is(role) => role != Role::Text,
                Anchor::Press | Anchor::Scroll => false,
            };
            if self.of[index].is_empty() && is_control {
                self.of[index] = self.borrowed(tree, anchors, index, previous_sibling[index]);
            }
            if anchor == Anchor::Is(Role::Slider) && !node.text.is_empty() {
                push_part(&mut self.of[index], &node.text);
            }
            if self.of[index].is_empty() && anchor != Anchor::Scroll && !is_empty_surface(tree, seen, anchors, index) {
                self.of[index] = id_words(node.entry());
            }
        }
    }

    fn borrowed(&mut self, tree: &Tree, anchors: &Anchors, index: usize, previous: Option<usize>) -> String {
        if let Some(owner) = anchors.owner[index].filter(|&owner| anchors.of[owner] != Some(Anchor::Scroll)) {
            let label = &self.of[owner];
            return if label.len() <= MAX_JOINED { label.clone() } else { String::new() };
        }
        let ancestors = std::iter::successors(tree.nodes[index].parent, |&node| tree.nodes[node].parent);
        for ancestor in ancestors.take(BORROW_LEVELS) {
            // Each node is in at most BORROW_LEVELS such ancestors of one sole control, so this stays linear.
            if anchors.of[ancestor].is_some() || anchors.inside(tree, ancestor) > 1 {
                break;
            }
            let inside: Vec<usize> = (ancestor..tree.nodes[ancestor].end).filter(|&node| self.loose[node]).collect();
            if let Some(label) = self.absorb(tree, &inside) {
                return label;
            }
        }
        let beside: Vec<usize> =
            previous.into_iter().filter(|&node| self.loose[node] && tree.nodes[node].end == node + 1).collect();
        self.absorb(tree, &beside).unwrap_or_default()
    }

    /// Joins loose texts into a name, after which they no longer stand for themselves. `None` if there are none or
    /// they are too long for a name.
    fn absorb(&mut self, tree: &Tree, nodes: &[usize]) -> Option<String> {
        let length: usize = nodes.iter().map(|&node| name(&tree.nodes[node]).len()).sum();
        if nodes.is_empty() || length > MAX_BORROWED {
            return None;
        }
        let mut label = String::new();
        for &node in nodes {
            self.loose[node] = false;
            push_part(&mut label, name(&tree.nodes[node]));
        }
        Some(label)
    }

    fn element(&mut self, tree: &Tree, seen: &Seen, anchors: &Anchors, index: usize) -> Option<Element> {
        let node = &tree.nodes[index];
        let visible = seen.nodes[index]?;
        let (role, label) = match anchors.of[index] {
            None if self.loose[index] => (loose_role(node), name(node).to_owned()),
            None => return None,
            Some(anchor) => {
                let label = std::mem::take(&mut self.of[index]);
                if label.is_empty() && is_empty_surface(tree, seen, anchors, index) {
                    return None;
                }
                let role = match anchor {
                    Anchor::Is(role) => role,
                    Anchor::Scroll => Role::List,
                    Anchor::Press => self.pressable_role(tree, seen, anchors, index),
                };
                (role, label)
            }
        };
        let control = anchors.control[index].map_or(node, |control| &tree.nodes[control]);
        Some(Element {
            id: ElementId(0),
            role,
            label,
            value: (role == Role::Field && !node.flags.password).then(|| value(node)),
            state: state(node, role, anchors.of[index], control),
            bounds: visible.bounds,
            resource_id: node.resource_id.to_string(),
        })
    }

    fn pressable_role(&self, tree: &Tree, seen: &Seen, anchors: &Anchors, index: usize) -> Role {
        let node = &tree.nodes[index];
        let is_wide = seen.nodes[index].is_some_and(|visible| {
            let width = i64::from(visible.bounds.right) - i64::from(visible.bounds.left);
            width * 2 > i64::from(seen.screen.right)
        });
        if anchors.tab[index] {
            return Role::Tab;
        }
        if let Some(control) = anchors.control[index] {
            return checked_role(&tree.nodes[control]);
        }
        let has_children = node.end > index + 1;
        match Class::of(node) {
            Class::Button | Class::Image => Role::Button,
            Class::Text if is_wide && anchors.owner[index].is_some() => Role::Row,
            Class::Text => Role::Button,
            Class::Other if node.flags.checkable => Role::Switch,
            Class::Other if self.parts[index] > 1 || is_wide && has_children => Role::Row,
            Class::Field
            | Class::Switch
            | Class::Checkbox
            | Class::Radio
            | Class::Slider
            | Class::Tab
            | Class::Web
            | Class::Other => Role::Button,
        }
    }
}

/// Whether something pressable has nothing of its own to show: it only holds other things to press, or it is a row of
/// which a list shows an edge, but none of its texts.
fn is_empty_surface(tree: &Tree, seen: &Seen, anchors: &Anchors, index: usize) -> bool {
    let node = &tree.nodes[index];
    let is_edge = || match (node.bounds, seen.nodes[index]) {
        (Some(whole), Some(visible)) => area(visible.bounds) * 2 < area(whole),
        (None, _) | (_, None) => false,
    };
    let has_children = node.end > index + 1;
    anchors.of[index] == Some(Anchor::Press) && (anchors.inside(tree, index) > 0 || (has_children && is_edge()))
}

/// What a node says itself: its text, or its description if that says the same and more. Empty if nothing.
fn name<'a>(node: &'a Node) -> &'a str {
    // android.widget.Switch reports its state as text.
    let is_state =
        Class::of(node) == Class::Switch && ["on", "off"].iter().any(|word| node.text.eq_ignore_ascii_case(word));
    let text = if is_state { "" } else { node.text.as_ref() };
    let prefers_description = node.description.len() <= MAX_JOINED && says(&node.description, text);
    if text.is_empty() || prefers_description { &node.description } else { text }
}

/// What an anchor is called by its own attributes.
fn own_label<'a>(node: &'a Node, anchor: Anchor) -> &'a str {
    match anchor {
        Anchor::Is(Role::Field) if node.hint.is_empty() => &node.description,
        Anchor::Is(Role::Field) => &node.hint,
        // A slider's text is its position, which follows its name.
        Anchor::Is(Role::Slider) => &node.description,
        Anchor::Scroll if Class::of(node) != Class::Web => &node.description,
        Anchor::Scroll | Anchor::Press | Anchor::Is(_) => name(node),
    }
}

fn push_part(label: &mut String, part: &str) {
    if !label.is_empty() {
        label.push_str(", ");
    }
    label.push_str(part);
}

/// Separators that stand in a view of their own.
fn is_ornament(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '·' | '•' | '|' | ' '))
}

fn loose_role(node: &Node) -> Role {
    if Class::of(node) == Class::Image { Role::Image } else { Role::Text }
}

fn checked_role(control: &Node) -> Role {
    Class::of(control).checked_role()
}

/// What a field holds. A field that shows its hint is empty, though Android reports the hint as its text.
fn value(node: &Node) -> String {
    if node.text == node.hint { String::new() } else { field_value(&node.raw_text) }
}

fn state(node: &Node, role: Role, anchor: Option<Anchor>, control: &Node) -> ElementState {
    let flags = node.flags;
    let is_list = anchor == Some(Anchor::Scroll);
    let is_checked = match role {
        Role::Switch | Role::Checkbox | Role::Radio => Some(control.flags.checked),
        Role::Button | Role::Row if flags.checkable => Some(flags.checked),
        Role::Button | Role::Row | Role::Tab | Role::Field | Role::Slider | Role::Image | Role::List | Role::Text => {
            None
        }
    };
    ElementState {
        checked: is_checked,
        // A press on a slider sets it, which Android does not report as a click.
        clickable: (flags.clickable && anchor.is_some() && !is_list) || role == Role::Slider,
        long_clickable: flags.long_clickable && anchor.is_some() && !is_list,
        scrollable: flags.scrollable && anchor.is_some(),
        editable: role == Role::Field,
        focused: flags.focused && anchor.is_some() && !is_list,
        selected: flags.selected || (role == Role::Tab && flags.checked),
        disabled: !flags.enabled,
        password: flags.password && role == Role::Field,
    }
}
