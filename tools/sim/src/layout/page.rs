//! The parts of a page: bars, body, floating button, dialog, menu.

use deftly_tools::Bounds;

use super::widgets::{Place, TOUCH};
use super::{Layout, text};
use crate::frame::{GESTURE_BAR, HEIGHT, NodeKind, STATUS_BAR, ScrollArea, Source, Target, WIDTH};
use crate::page::{DialogContent, PageContent};
use crate::widget::{Content, Kind};
use crate::{Icon, TextStyle};

const APP_BAR: i32 = 170;
const DIALOG_WIDTH: i32 = 940;

impl Layout<'_> {
    /// A whole page, without its dialog and its menu.
    pub fn page(&mut self, page: &PageContent) {
        let screen = Bounds::new(0, 0, WIDTH, HEIGHT);
        let clip = Bounds::new(0, 0, WIDTH, self.floor());
        let window = self.node(None, NodeKind::Window, screen, screen);
        page.key.clone_into(&mut self.frame.nodes[window].key);
        let mut top = STATUS_BAR;
        if !page.title.is_empty() || page.up.is_some() {
            self.app_bar(page, window, clip);
            top += APP_BAR;
        }
        if !page.tabs.is_empty() {
            top = self.bar(&page.tabs, NodeKind::TabBar, "tabs", window, top, clip);
        }
        let bottom = self.bottom(page, window, clip);
        let body = Bounds::new(0, top, WIDTH, bottom.min(self.floor()));
        self.scroll(&format!("{}/{}/list", self.package, page.key), &page.body, window, body, page.from_end);
        if let Some(fab) = &page.fab {
            let place = Place { parent: window, left: WIDTH - 210, top: bottom - 210, width: 160, clip };
            self.widget(fab, place);
        }
    }

    fn app_bar(&mut self, page: &PageContent, window: usize, clip: Bounds) {
        let bounds = Bounds::new(0, STATUS_BAR, WIDTH, STATUS_BAR + APP_BAR);
        let bar = self.node(Some(window), NodeKind::AppBar, bounds, clip);
        "toolbar".clone_into(&mut self.frame.nodes[bar].key);
        let top = STATUS_BAR + (APP_BAR - TOUCH) / 2;
        let mut left = 48;
        if let Some(slot) = page.up {
            let target = Some(Target { source: self.source, slot: Some(slot) });
            self.bar_button(bar, "up", "Navigate up", Icon::Back, (16, top), target, clip);
            left = 16 + TOUCH + 24;
        }
        let mut right = WIDTH - 16;
        if !page.menu.is_empty() {
            right -= TOUCH;
            let target = Some(Target { source: Source::MenuButton, slot: None });
            self.bar_button(bar, "more_options", "More options", Icon::More, (right, top), target, clip);
        }
        right -= page.actions.iter().map(action_width).sum::<i32>();
        let title = Bounds::new(left, top + 24, right.max(left + 100), top + 24 + 80);
        self.text_node(bar, NodeKind::Text(TextStyle::Title), "title", &page.title, title, clip);
        for action in &page.actions {
            let width = action_width(action);
            self.widget(action, Place { parent: bar, left: right, top, width, clip });
            right += width;
        }
    }

    #[expect(clippy::too_many_arguments, reason = "two callers, and each argument is a different thing")]
    fn bar_button(
        &mut self,
        bar: usize,
        key: &str,
        description: &str,
        icon: Icon,
        (left, top): (i32, i32),
        target: Option<Target>,
        clip: Bounds,
    ) {
        let bounds = Bounds::new(left, top, left + TOUCH, top + TOUCH);
        let index = self.text_node(bar, NodeKind::IconButton(icon), key, "", bounds, clip);
        let node = &mut self.frame.nodes[index];
        description.clone_into(&mut node.description);
        node.state.pressable = true;
        node.target = target;
    }

    /// Tabs of one width. Returns the lower edge.
    fn bar(&mut self, tabs: &[Content], kind: NodeKind, key: &str, window: usize, top: i32, clip: Bounds) -> i32 {
        let index = self.node(Some(window), kind, Bounds::new(0, top, WIDTH, top), clip);
        key.clone_into(&mut self.frame.nodes[index].key);
        let width = WIDTH / tabs.len().max(1) as i32;
        let mut bottom = top;
        for (tab, left) in tabs.iter().zip((0..).step_by(width.max(1) as usize)) {
            bottom = bottom.max(self.widget(tab, Place { parent: index, left, top, width, clip }));
        }
        let place = Place { parent: window, left: 0, top, width: WIDTH, clip };
        self.enclose(index, Bounds::new(0, top, WIDTH, bottom), place);
        bottom
    }

    /// Bottom navigation and what stays at the bottom. Returns the upper edge of both.
    fn bottom(&mut self, page: &PageContent, window: usize, clip: Bounds) -> i32 {
        let mut bottom = GESTURE_BAR;
        if !page.navigation.is_empty() {
            let has_icons = page.navigation.iter().any(|tab| matches!(tab.kind, Kind::Tab { icon: Some(_), .. }));
            bottom -= if has_icons { 180 } else { 130 };
            self.bar(&page.navigation, NodeKind::NavigationBar, "bottom_navigation", window, bottom, clip);
        }
        if page.bottom.is_empty() {
            return bottom;
        }
        if page.bottom.iter().any(has_field) {
            bottom = bottom.min(self.floor());
        }
        let index = self.node(Some(window), NodeKind::BottomBar, Bounds::default(), clip);
        let place = Place { parent: index, left: 0, top: 0, width: WIDTH, clip };
        let height = self.column(&page.bottom, place);
        let top = bottom - height;
        for node in &mut self.frame.nodes[index + 1..] {
            let moved =
                Bounds::new(node.bounds.left, node.bounds.top + top, node.bounds.right, node.bounds.bottom + top);
            node.bounds = moved;
            node.visible = super::seen(node.kind, moved, clip);
        }
        self.enclose(index, Bounds::new(0, top, WIDTH, bottom), place);
        top
    }

    /// Content that scrolls if it is higher than its area. Returns the content's height.
    fn scroll(&mut self, key: &str, contents: &[Content], parent: usize, area: Bounds, from_end: bool) -> i32 {
        let screen = Bounds::new(0, 0, WIDTH, self.floor());
        let index = self.node(Some(parent), NodeKind::Scroll, area, screen);
        "list".clone_into(&mut self.frame.nodes[index].key);
        let place = Place {
            parent: index,
            left: area.left,
            top: area.top,
            width: area.right - area.left,
            clip: area.intersect(screen),
        };
        let first = self.frame.nodes.len();
        let height = self.column(contents, place) - area.top;
        // So that a floating button does not cover the last row for ever.
        let spare = if height > area.bottom - area.top && parent == 0 { 220 } else { 0 };
        let max = (height + spare - (area.bottom - area.top)).max(0);
        let start = if from_end { (max - spare).max(0) } else { 0 };
        let offset = self.offsets.get(key).copied().unwrap_or(start).clamp(0, max);
        if offset > 0 {
            self.frame.nodes.truncate(first);
            self.column(contents, Place { top: area.top - offset, ..place });
        }
        self.frame.nodes[index].state.scrollable = max > 0;
        let scroll = ScrollArea { node: index, key: key.to_owned(), layer: self.layer, bounds: area, offset, max };
        self.frame.scrolls.push(scroll);
        height
    }

    /// A dialog in the middle of what the keyboard leaves.
    pub fn dialog(&mut self, dialog: &DialogContent) {
        let screen = Bounds::new(0, 0, WIDTH, HEIGHT);
        let scrim = self.node(None, NodeKind::Scrim, screen, screen);
        self.frame.nodes[scrim].target = self.target(dialog.dismiss);
        let floor = self.floor().min(GESTURE_BAR);
        let left = (WIDTH - DIALOG_WIDTH) / 2;
        let inner = DIALOG_WIDTH - 96;
        let percent = self.frame.theme.font_percent;
        let height_of = |words: &str, style| match words {
            "" => 0,
            words => text::wrap(words, style, percent, inner).len() as i32 * text::line_height(style, percent) + 24,
        };
        let (title, body) = (height_of(&dialog.title, TextStyle::Title), height_of(&dialog.body, TextStyle::Body));
        let buttons = if dialog.buttons.is_empty() { 48 } else { 168 };
        let room = floor - STATUS_BAR - 80 - title - body - buttons - 48;
        let content = self.height_of(&dialog.content).min(room);
        let height = 48 + title + body + content + buttons;
        let top = STATUS_BAR + (floor - STATUS_BAR - height) / 2;
        let bounds = Bounds::new(left, top, left + DIALOG_WIDTH, top + height);
        let panel = self.node(Some(scrim), NodeKind::Panel, bounds, screen);
        dialog.key.clone_into(&mut self.frame.nodes[panel].key);
        let mut line = top + 48;
        for (words, style, key, height) in
            [(&dialog.title, TextStyle::Title, "alertTitle", title), (&dialog.body, TextStyle::Body, "message", body)]
        {
            if height > 0 {
                let area = Bounds::new(left + 48, line, left + 48 + inner, line + height - 24);
                self.text_node(panel, NodeKind::Text(style), key, words, area, screen);
                line += height;
            }
        }
        if !dialog.content.is_empty() {
            let area = Bounds::new(left, line, left + DIALOG_WIDTH, line + content);
            self.scroll(&format!("{}/{}/list", self.package, dialog.key), &dialog.content, panel, area, false);
        }
        let count = dialog.buttons.len().max(1) as i32;
        let width = (DIALOG_WIDTH - 48) / count;
        for (button, number) in dialog.buttons.iter().zip(0..) {
            let left = left + 24 + number * width;
            self.widget(button, Place { parent: panel, left, top: bounds.bottom - 156, width, clip: screen });
        }
    }

    /// How high widgets are in a dialog.
    fn height_of(&mut self, contents: &[Content]) -> i32 {
        let first = self.frame.nodes.len();
        let clip = Bounds::default();
        let height = self.column(contents, Place { parent: 0, left: 0, top: 0, width: DIALOG_WIDTH, clip });
        self.frame.nodes.truncate(first);
        height
    }

    /// The menu behind "More options".
    pub fn menu(&mut self, items: &[Content]) {
        let screen = Bounds::new(0, 0, WIDTH, HEIGHT);
        let scrim = self.node(None, NodeKind::Scrim, screen, screen);
        self.frame.nodes[scrim].target = Some(Target { source: Source::MenuScrim, slot: None });
        let (left, width, top) = (WIDTH - 24 - 600, 600, STATUS_BAR + 24);
        let bounds = Bounds::new(left, top, left + width, top + 24 + items.len() as i32 * 140 + 24);
        let panel = self.node(Some(scrim), NodeKind::Panel, bounds, screen);
        for (item, number) in items.iter().zip(0..) {
            let top = top + 24 + number * 140;
            let place = Place { parent: panel, left, top, width, clip: screen };
            let area = Bounds::new(left, top, left + width, top + 140);
            let row = self.leaf(item, NodeKind::Row, area, place);
            let words = std::mem::take(&mut self.frame.nodes[row].text);
            let inside = Bounds::new(left + 48, top + 40, left + width - 48, top + 100);
            self.text_node(row, NodeKind::Text(TextStyle::Body), "", &words, inside, screen);
        }
    }
}

/// The room an action takes in the app bar: its words, if it is a button with text.
fn action_width(action: &Content) -> i32 {
    match action.kind {
        Kind::Button(_) => text::width(&action.label, TextStyle::Body, 100).clamp(160, 420) + 96,
        _ => TOUCH,
    }
}

fn has_field(content: &Content) -> bool {
    matches!(content.kind, Kind::Field(_)) || content.children.iter().any(has_field)
}
