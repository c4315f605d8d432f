//! What can be seen.

use super::xml::{Node, Tree};
use crate::Bounds;

/// The visible part of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visible {
    /// Clipped to its ancestors and the screen; the parent's if the node has none of its own.
    pub bounds: Bounds,
    /// Whether the node has readable bounds of its own. Without them it can be read but not pressed: nobody knows where.
    pub measured: bool,
}

/// The visible part of each node, `None` for what a person cannot see or should not be shown, and the screen.
#[derive(Debug)]
pub(super) struct Seen {
    pub nodes: Vec<Option<Visible>>,
    pub screen: Bounds,
}

/// Finds what can be seen.
pub(super) fn visible(tree: &Tree) -> Seen {
    let screen = screen_bounds(tree);
    let windows = Windows::of(tree, screen);
    let shown = Bounds { bottom: windows.keyboard_top.unwrap_or(screen.bottom), ..screen };
    let mut nodes: Vec<Option<Visible>> = vec![None; tree.nodes.len()];
    let mut index = 0;
    while let Some(node) = tree.nodes.get(index) {
        let clip = node.parent.map_or(Some(shown), |parent| nodes[parent].map(|parent| parent.bounds));
        let seen = clip.and_then(|clip| see(node, clip)).filter(|_| !windows.leave_out(node, screen));
        nodes[index] = seen;
        index = if seen.is_some() { index + 1 } else { node.end };
    }
    Seen { nodes, screen }
}

fn see(node: &Node, clip: Bounds) -> Option<Visible> {
    if !node.flags.visible {
        return None;
    }
    let bounds = node.bounds.map_or(clip, |bounds| bounds.intersect(clip));
    (!bounds.is_empty()).then_some(Visible { bounds, measured: node.bounds.is_some() })
}

/// The size that the dump gives, else what the windows span, else everything.
fn screen_bounds(tree: &Tree) -> Bounds {
    if let Some((width, height)) = tree.size {
        return Bounds::new(0, 0, width, height);
    }
    let windows =
        tree.children(None).filter_map(|window| tree.nodes[window].bounds).filter(|bounds| !bounds.is_empty());
    let (right, bottom) =
        windows.fold((0, 0), |(right, bottom), bounds| (bounds.right.max(right), bounds.bottom.max(bottom)));
    if right > 0 && bottom > 0 { Bounds::new(0, 0, right, bottom) } else { Bounds::new(0, 0, i32::MAX, i32::MAX) }
}

/// What the windows beside the app's are.
struct Windows {
    /// The keyboard's upper edge, if a dump of all windows shows one. What it covers cannot be pressed.
    keyboard_top: Option<i32>,
    /// Whether an app's window is there. Without one, a window of the keyboard's package is that app's settings.
    app: bool,
    /// Whether the notification shade, or another window of the system, covers the screen and what is below.
    shade: bool,
}

impl Windows {
    fn of(tree: &Tree, screen: Bounds) -> Self {
        let app = tree.children(None).any(|window| {
            let package = &tree.nodes[window].package;
            !is_keyboard(package) && !is_system_ui(package)
        });
        let shade = tree.children(None).any(|window| {
            let node = &tree.nodes[window];
            let covers = node.bounds.is_some_and(|bounds| area(bounds.intersect(screen)) * 10 >= area(screen) * 9);
            let inside = &tree.nodes[window..node.end];
            is_system_ui(&node.package) && covers && inside.iter().any(|node| node.flags.clickable)
        });
        // The keyboard's window often spans the screen; its keys do not.
        let keys = tree.nodes.iter().filter(|node| {
            app && is_keyboard(&node.package) && node.flags.visible && (node.flags.clickable || !node.text.is_empty())
        });
        let key_tops = keys.filter_map(|key| key.bounds).map(|bounds| bounds.intersect(screen));
        let keyboard_top = key_tops
            .filter(|bounds| !bounds.is_empty())
            .map(|bounds| bounds.top)
            .min()
            .filter(|&top| i64::from(top) * 4 > i64::from(screen.bottom));
        Self { keyboard_top, app, shade }
    }

    fn leave_out(&self, node: &Node, screen: Bounds) -> bool {
        let system = is_system_ui(&node.package);
        let is_window = node.parent.is_none();
        (self.app && is_keyboard(&node.package))
            || (self.shade && is_window && !system)
            || (system && SYSTEM_BAR_IDS.contains(&node.entry()))
            || (system && is_window && node.bounds.is_some_and(|bounds| is_bar(bounds, screen)))
    }
}

/// The views of the system's bars in Android's SystemUI, across versions.
const SYSTEM_BAR_IDS: &[&str] = &[
    "status_bar",
    "status_bar_container",
    "status_bar_contents",
    "status_bar_launch_animation_container",
    "statusIcons",
    "system_icons",
    "clock",
    "battery",
    "navigation_bar",
    "navigation_bar_frame",
    "navigation_bar_view",
    "nav_bar",
    "nav_buttons",
    "home_handle",
];

fn is_system_ui(package: &str) -> bool {
    package == "com.android.systemui"
}

/// Whether a package is a keyboard: AOSP's and Google's, Samsung's, SwiftKey, and those that say it in their name.
pub fn is_keyboard(package: &str) -> bool {
    ["inputmethod", "honeyboard", "swiftkey", "keyboard"].iter().any(|word| package.contains(word))
}

/// A strip of at most a tenth of the screen along a whole edge: bars are 3 to 9 percent, upright or not. A toast, which
/// SystemUI shows too, is not as wide as the screen.
fn is_bar(bounds: Bounds, screen: Bounds) -> bool {
    let thin = |size: i64, whole: i32| size * 10 <= i64::from(whole);
    let width = i64::from(bounds.right) - i64::from(bounds.left);
    let height = i64::from(bounds.bottom) - i64::from(bounds.top);
    let at_edge = |from: i32, to: i32, end: i32| from <= 0 || to >= end;
    let spans = |from: i32, to: i32, end: i32| from <= 0 && to >= end;
    (thin(height, screen.bottom)
        && spans(bounds.left, bounds.right, screen.right)
        && at_edge(bounds.top, bounds.bottom, screen.bottom))
        || (thin(width, screen.right)
            && spans(bounds.top, bounds.bottom, screen.bottom)
            && at_edge(bounds.left, bounds.right, screen.right))
}

/// In pixels; 0 for an empty rectangle.
pub(super) fn area(bounds: Bounds) -> i128 {
    if bounds.is_empty() {
        return 0;
    }
    (i128::from(bounds.right) - i128::from(bounds.left)) * (i128::from(bounds.bottom) - i128::from(bounds.top))
}
