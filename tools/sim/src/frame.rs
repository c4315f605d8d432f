//! The laid-out screen: one structure from which the accessibility tree, the picture and the hit test are made.

use deftly_tools::Bounds;

use crate::{ButtonStyle, Icon, TextStyle};

/// Width and height of the screen in pixels.
pub const WIDTH: i32 = 1080;
pub const HEIGHT: i32 = 2400;
/// The lower edge of the status bar.
pub const STATUS_BAR: i32 = 80;
/// The upper edge of the gesture bar at the bottom.
pub const GESTURE_BAR: i32 = 2340;
/// The upper edge of the keyboard, which reaches down to the end of the screen.
pub const KEYBOARD_TOP: i32 = 1600;

/// One laid-out screen.
///
/// `nodes` is a tree in document order: a parent stands before its children, and [`Node::parent`] points back. That is
/// the order to paint in: later nodes lie over earlier ones, and layers ascend ([`Layer`]). Nodes that cannot be seen
/// (scrolled off, covered by the keyboard, outside the screen) are in it too, with an empty [`Node::visible`]: skip
/// those when painting.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub nodes: Vec<Node>,
    pub theme: Theme,
    /// Whether the keyboard is shown; its picture is one node of kind [`NodeKind::Keyboard`].
    pub keyboard: bool,
    /// What can be scrolled, the one in front last.
    pub scrolls: Vec<ScrollArea>,
}

/// Colours and sizes of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    pub dark: bool,
    /// Red, green, blue of filled buttons, switches, selected tabs.
    pub accent: [u8; 3],
    /// What text sizes are multiplied by, in percent; the layout has used it already.
    pub font_percent: i32,
}

/// One thing on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub parent: Option<usize>,
    pub kind: NodeKind,
    pub layer: Layer,
    /// The package that owns it.
    pub package: String,
    /// The widget's key; empty for parts without one.
    pub key: String,
    /// The text to draw. For a field its value, already replaced by dots if it is a password.
    pub text: String,
    /// What a screen reader says for a picture; not drawn. For a field, its hint, drawn while the text is empty.
    pub description: String,
    /// In pixels, whether it can be seen or not.
    pub bounds: Bounds,
    /// The part of `bounds` that can be seen.
    pub visible: Bounds,
    pub state: NodeState,
    pub(crate) target: Option<Target>,
}

/// What a node is and what to draw for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// The background of a page; the root of its layer.
    Window,
    AppBar,
    /// An area whose content scrolls.
    Scroll,
    /// A line of a list; its icon, title, subtitle, value and toggle are children.
    Row,
    Card,
    /// An invisible container.
    Group,
    /// The bar of tabs at the top.
    TabBar,
    /// The bar with what stays at the bottom of a page.
    BottomBar,
    /// The bar of bottom navigation.
    NavigationBar,
    /// Darkens what is behind it.
    Scrim,
    /// A dialog's or a menu's surface.
    Panel,
    Text(TextStyle),
    /// A picture that says nothing: part of a row or a tab.
    Icon(Icon),
    /// A picture of its own.
    Image(Icon),
    /// An app on the launcher: icon above, name (`text`) below.
    AppIcon(Icon),
    /// `state.checked` says how it stands. With `text`, that is drawn to its left.
    Switch,
    Checkbox,
    Radio,
    Button(ButtonStyle),
    IconButton(Icon),
    Fab(Icon),
    /// `state.selected`; icon and text are children.
    Tab,
    /// `state.checked` says whether it is chosen.
    Chip,
    Field,
    /// The position in percent. `text` is drawn above the track.
    Slider(u8),
    Divider,
    Toast,
    /// The status bar, with the time as text.
    StatusBar,
    Keyboard,
    /// The bar for gestures at the bottom edge.
    GestureBar,
}

/// The state of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NodeState {
    pub disabled: bool,
    /// `Some(on)` for what can be on or off.
    pub checked: Option<bool>,
    pub selected: bool,
    pub focused: bool,
    pub password: bool,
    pub pressable: bool,
    pub long_pressable: bool,
    pub scrollable: bool,
}

/// What lies in front of what, from the back to the front.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The app's page, or the launcher.
    Page,
    /// The app's dialog or menu.
    Dialog,
    /// A dialog or permission prompt of the system.
    System,
    Shade,
    StatusBar,
    Keyboard,
    Toast,
}

/// Who handles what is done to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub source: Source,
    /// The handler among those of the source's page; `None` for the phone's own things.
    pub slot: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    App,
    Launcher,
    SystemDialog,
    Shade,
    /// "More options" of the app bar.
    MenuButton,
    /// Beside an open menu.
    MenuScrim,
}

/// An area whose content scrolls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScrollArea {
    /// The node of kind [`NodeKind::Scroll`].
    pub node: usize,
    pub key: String,
    pub layer: Layer,
    pub bounds: Bounds,
    /// How many pixels the content is moved up, 0 to `max`.
    pub offset: i32,
    pub max: i32,
}

impl Frame {
    /// The layer that takes presses, and that the accessibility tree shows.
    pub fn front(&self) -> Layer {
        let modal = |node: &&Node| node.layer <= Layer::Shade;
        self.nodes.iter().filter(modal).map(|node| node.layer).max().unwrap_or(Layer::Page)
    }

    /// The node of a widget by its key, in the front layer, seen or not.
    pub fn find(&self, key: &str) -> Option<&Node> {
        let front = self.front();
        // A window has its page's key, which may be that of the button that opens it.
        let is_widget = |node: &&Node| node.layer == front && node.kind != NodeKind::Window;
        self.nodes.iter().filter(is_widget).find(|node| !key.is_empty() && node.key == key)
    }

    /// What scrolls in the front layer.
    pub fn front_scroll(&self) -> Option<&ScrollArea> {
        let front = self.front();
        self.scrolls.iter().rfind(|area| area.layer == front && area.max > 0)
    }

    /// The topmost node at this pixel that takes presses.
    pub(crate) fn hit(&self, x: i32, y: i32) -> Option<&Node> {
        let front = self.front();
        self.nodes.iter().rev().find(|node| {
            node.layer == front
                && node.visible.contains(x, y)
                && (node.target.is_some() || matches!(node.kind, NodeKind::Fab(_) | NodeKind::Panel))
        })
    }
}
