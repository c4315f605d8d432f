//! Which nodes are things to act on, and what they are to a person.

use super::prune::{Seen, Visible, area};
use super::text::id_words;
use super::xml::{Node, Tree};
use crate::Role;

/// Why a node is a thing to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Its class, or what can be done with it, says what it is.
    Is(Role),
    /// It can be pressed; its content says what it is.
    Press,
    /// It scrolls.
    Scroll,
}

/// The nodes to act on and what belongs to them.
#[derive(Debug)]
pub(super) struct Anchors {
    pub of: Vec<Option<Anchor>>,
    /// The nearest ancestor that is an anchor.
    pub owner: Vec<Option<usize>>,
    /// For a pressable row, the switch, check box or radio button inside it that it stands for.
    pub control: Vec<Option<usize>>,
    /// How many anchors stand before each node in document order, to count those in a subtree at once.
    before: Vec<usize>,
    /// Whether the node is one of a group of tabs.
    pub tab: Vec<bool>,
}

impl Anchors {
    /// How many anchors are inside a node, itself not counted.
    pub fn inside(&self, tree: &Tree, node: usize) -> usize {
        self.before[tree.nodes[node].end] - self.before[node + 1]
    }
}

/// What a class is, from the names that Android's, AndroidX's, Material's and Compose's accessibility report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Field,
    Switch,
    Checkbox,
    Radio,
    Slider,
    Tab,
    Button,
    Image,
    Text,
    Web,
    Other,
}

impl Class {
    pub fn of(node: &Node) -> Self {
        let name = node.simple_class();
        let has = |word: &str| name.contains(word);
        match name {
            "Tab" | "TabView" | "BottomNavigationItemView" | "NavigationBarItemView" => Self::Tab,
            "Chip" | "Spinner" => Self::Button,
            "Image" => Self::Image,
            "ViewSwitcher" | "TextSwitcher" | "ImageSwitcher" => Self::Other,
            _ if has("EditText") || has("AutoComplete") => Self::Field,
            _ if has("Switch") || has("ToggleButton") => Self::Switch,
            _ if has("CheckBox") || has("CheckedTextView") => Self::Checkbox,
            _ if has("RadioButton") => Self::Radio,
            _ if has("SeekBar") || has("RatingBar") || has("Slider") => Self::Slider,
            _ if has("Button") => Self::Button,
            _ if name.ends_with("ImageView") => Self::Image,
            _ if name.ends_with("TextView") => Self::Text,
            _ if has("WebView") => Self::Web,
            _ => Self::Other,
        }
    }

    /// The role of a control that is on or off.
    pub fn checked_role(self) -> Role {
        match self {
            Self::Checkbox => Role::Checkbox,
            Self::Radio => Role::Radio,
            // Compose reports its switches as a checkable android.view.View.
            Self::Switch
            | Self::Field
            | Self::Slider
            | Self::Tab
            | Self::Button
            | Self::Image
            | Self::Text
            | Self::Web
            | Self::Other => Role::Switch,
        }
    }
}

/// Finds the anchors.
pub(super) fn anchors(tree: &Tree, seen: &Seen) -> Anchors {
    let count = tree.nodes.len();
    let mut touchable_before = Vec::with_capacity(count + 1);
    touchable_before.push(0);
    for (node, visible) in tree.nodes.iter().zip(&seen.nodes) {
        let touchable = visible.is_some_and(|visible| visible.measured && is_touchable(node));
        touchable_before.push(touchable_before[touchable_before.len() - 1] + usize::from(touchable));
    }
    let mut anchors = Anchors {
        of: vec![None; count],
        owner: vec![None; count],
        control: vec![None; count],
        before: vec![0],
        tab: vec![false; count],
    };
    for (index, node) in tree.nodes.iter().enumerate() {
        let owner = node.parent.and_then(|parent| anchors.of[parent].map_or(anchors.owner[parent], |_| Some(parent)));
        anchors.owner[index] = owner;
        if let Some(visible) = seen.nodes[index].filter(|visible| visible.measured && is_touchable(node)) {
            let has_inner = touchable_before[node.end] > touchable_before[index + 1];
            let row = owner.filter(|&owner| anchors.of[owner] == Some(Anchor::Press));
            let is_background = has_inner && covers_screen(visible, seen);
            match anchor(node, row.is_some(), is_background) {
                Choice::Anchor(anchor) => anchors.of[index] = Some(anchor),
                Choice::Control(role) => match row {
                    Some(row) if anchors.control[row].is_none() => anchors.control[row] = Some(index),
                    Some(_) | None => anchors.of[index] = Some(Anchor::Is(role)),
                },
                Choice::Nothing => {}
            }
        }
        anchors.before.push(anchors.before[index] + usize::from(anchors.of[index].is_some()));
    }
    anchors.tab = tabs(tree, seen, &anchors);
    anchors
}

fn is_touchable(node: &Node) -> bool {
    let flags = node.flags;
    match Class::of(node) {
        Class::Field | Class::Slider => true,
        // A page is long-clickable as a whole, which means nothing to a person.
        Class::Web => flags.scrollable,
        // A disabled button may no longer be clickable, and a person still sees a button.
        Class::Button if !flags.enabled && [&node.text, &node.description].iter().any(|text| !text.is_empty()) => true,
        Class::Switch
        | Class::Checkbox
        | Class::Radio
        | Class::Tab
        | Class::Button
        | Class::Image
        | Class::Text
        | Class::Other => flags.clickable || flags.long_clickable || flags.checkable || flags.scrollable,
    }
}

/// What one touchable node becomes.
enum Choice {
    Anchor(Anchor),
    /// A control that is not pressed itself: the state of the row it stands in, or an anchor if there is no row.
    Control(Role),
    Nothing,
}

fn anchor(node: &Node, in_row: bool, is_background: bool) -> Choice {
    let flags = node.flags;
    let class = Class::of(node);
    match class {
        Class::Field => return Choice::Anchor(Anchor::Is(Role::Field)),
        Class::Slider => return Choice::Anchor(Anchor::Is(Role::Slider)),
        Class::Switch | Class::Checkbox | Class::Radio if flags.clickable => {
            return Choice::Anchor(Anchor::Is(class.checked_role()));
        }
        Class::Switch | Class::Checkbox | Class::Radio => return Choice::Control(class.checked_role()),
        Class::Tab | Class::Button | Class::Image | Class::Text | Class::Web | Class::Other => {}
    }
    if flags.scrollable {
        Choice::Anchor(Anchor::Scroll)
    } else if is_background {
        Choice::Nothing
    } else if flags.clickable {
        Choice::Anchor(Anchor::Press)
    } else if flags.checkable {
        Choice::Control(class.checked_role())
    } else if in_row {
        // Text that can be selected inside a row is still the row's text.
        Choice::Nothing
    } else if class == Class::Text {
        Choice::Anchor(Anchor::Is(Role::Text))
    } else {
        Choice::Anchor(Anchor::Press)
    }
}

/// A pressable surface of most of the screen with other things on it is a background: a scrim, a touch interceptor.
fn covers_screen(visible: Visible, seen: &Seen) -> bool {
    area(visible.bounds) * 10 >= area(seen.screen) * 8
}

/// Tabs by their class, by the bar they stand in, or by one of a few neighbours being selected.
fn tabs(tree: &Tree, seen: &Seen, anchors: &Anchors) -> Vec<bool> {
    let count = tree.nodes.len();
    let mut tab = vec![false; count];
    let mut in_bar = vec![false; count];
    let mut compared = vec![false; count];
    for (index, node) in tree.nodes.iter().enumerate() {
        let parent = node.parent;
        in_bar[index] = parent.is_some_and(|parent| in_bar[parent]) || is_tab_bar(node);
        if anchors.of[index] != Some(Anchor::Press) {
            continue;
        }
        let named = match Class::of(node) {
            Class::Tab => true,
            // A browser's tab switcher is a button, whatever its id.
            Class::Button => false,
            Class::Field
            | Class::Switch
            | Class::Checkbox
            | Class::Radio
            | Class::Slider
            | Class::Image
            | Class::Text
            | Class::Web
            | Class::Other => id_words(node.entry()).split(' ').any(|word| word == "tab"),
        };
        tab[index] |= named || parent.is_some_and(|parent| in_bar[parent]);
        if let Some(parent) = parent.filter(|_| node.flags.selected)
            && !std::mem::replace(&mut compared[parent], true)
        {
            let group: Vec<usize> =
                tree.children(Some(parent)).filter(|&child| anchors.of[child] == Some(Anchor::Press)).collect();
            if is_tab_group(tree, seen, &group) {
                group.iter().for_each(|&child| tab[child] = true);
            }
        }
    }
    tab
}

fn is_tab_bar(node: &Node) -> bool {
    let class = node.simple_class();
    let by_class = ["TabLayout", "TabWidget", "BottomNavigation", "NavigationBarView", "NavigationRail"];
    if by_class.iter().any(|name| class.contains(name)) {
        return true;
    }
    let words = id_words(node.entry());
    let has = |wanted: &[&str]| words.split(' ').any(|word| wanted.contains(&word));
    has(&["tabs", "navbar"])
        || (has(&["tab"]) && has(&["bar", "layout"]))
        || (has(&["bottom"]) && has(&["nav", "navigation"]))
}

/// Two to five pressable neighbours on one line, one of them selected. More are a calendar's days or a picker's colours.
fn is_tab_group(tree: &Tree, seen: &Seen, group: &[usize]) -> bool {
    let selected = group.iter().filter(|&&node| tree.nodes[node].flags.selected).count();
    let tops = || group.iter().filter_map(|&node| seen.nodes[node]).map(|visible| visible.bounds.top);
    (2..=5).contains(&group.len()) && selected == 1 && tops().min() == tops().max()
}
