//! The widgets themselves: what each needs and where its parts go.

use deftly_tools::Bounds;

use super::{Layout, text};
use crate::TextStyle;
use crate::frame::{NodeKind, WIDTH};
use crate::widget::{Content, Kind, Row, Toggle, ToggleStyle};

/// Space in pixels between a widget and the edge of what it is in.
pub(super) const MARGIN: i32 = 48;
const GAP: i32 = 24;
const ICON: i32 = 72;
/// The space a switch, check box or radio button takes.
const TOGGLE_WIDTH: i32 = 140;
/// The side of an icon button.
pub(super) const TOUCH: i32 = 126;

/// Where a widget goes: the node it is in, its left upper corner and width, and what of it can be seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub parent: usize,
    pub left: i32,
    pub top: i32,
    pub width: i32,
    pub clip: Bounds,
}

impl Place {
    fn bounds(self, height: i32) -> Bounds {
        Bounds::new(self.left, self.top, self.left + self.width, self.top + height)
    }

    fn inset(self, by: i32) -> Self {
        Self { left: self.left + by, width: self.width - 2 * by, ..self }
    }
}

impl Layout<'_> {
    fn percent(&self) -> i32 {
        self.frame.theme.font_percent
    }

    fn line_height(&self, style: TextStyle) -> i32 {
        text::line_height(style, self.percent())
    }

    fn text_height(&self, words: &str, style: TextStyle, width: i32) -> i32 {
        text::wrap(words, style, self.percent(), width).len() as i32 * self.line_height(style)
    }

    /// Puts widgets one below the other and returns where the last one ends.
    pub(super) fn column(&mut self, contents: &[Content], place: Place) -> i32 {
        let mut top = place.top;
        for content in contents {
            top = self.widget(content, Place { top, ..place });
        }
        top
    }

    /// Puts a widget and returns where it ends.
    pub(super) fn widget(&mut self, content: &Content, place: Place) -> i32 {
        match &content.kind {
            Kind::Row(row) => self.row(content, row, place),
            Kind::Toggle(toggle) => {
                let bounds = place.bounds(150);
                let index = self.leaf(content, toggle_kind(*toggle), bounds, place);
                self.frame.nodes[index].state.checked = Some(toggle.on);
                bounds.bottom
            }
            Kind::Button(style) => {
                let inner = place.inset(GAP);
                self.leaf(content, NodeKind::Button(*style), Place { top: place.top + 12, ..inner }.bounds(120), place);
                place.top + 144
            }
            Kind::IconButton(icon) => self.simple(content, NodeKind::IconButton(*icon), TOUCH, place),
            Kind::Fab(icon) => self.simple(content, NodeKind::Fab(*icon), 160, place),
            Kind::Tab { selected, icon } => {
                let bounds = place.bounds(if icon.is_some() { 180 } else { 130 });
                let index = self.leaf(content, NodeKind::Tab, bounds, place);
                self.frame.nodes[index].state.selected = *selected;
                self.frame.nodes[index].text.clear();
                let middle = place.left + place.width / 2;
                let mut text_top = bounds.top + 35;
                if let Some(icon) = icon {
                    let picture = Bounds::new(middle - 36, bounds.top + 24, middle + 36, bounds.top + 96);
                    self.node(Some(index), NodeKind::Icon(*icon), picture, place.clip);
                    text_top = bounds.top + 108;
                }
                let label = Bounds::new(bounds.left, text_top, bounds.right, text_top + 56);
                self.text_node(index, NodeKind::Text(TextStyle::Label), "", &content.label, label, place.clip);
                bounds.bottom
            }
            Kind::Chip { selected } => {
                let bounds = Place { top: place.top + 12, ..place }.bounds(90);
                let index = self.leaf(content, NodeKind::Chip, bounds, place);
                self.frame.nodes[index].state.checked = Some(*selected);
                bounds.bottom + 12
            }
            Kind::Field(field) => {
                let lines = i32::from(field.lines).max(1);
                let height = 90 + lines * self.line_height(TextStyle::Body);
                let bounds = Place { top: place.top + 12, ..place.inset(MARGIN) }.bounds(height);
                let index = self.leaf(content, NodeKind::Field, bounds, place);
                let focused = self.focus == Some(content.key.as_str()) && !content.key.is_empty();
                let node = &mut self.frame.nodes[index];
                node.description.clone_from(&content.label);
                node.text =
                    if field.password { "•".repeat(field.value.chars().count()) } else { field.value.clone() };
                node.state.password = field.password;
                node.state.focused = focused;
                node.state.pressable = true;
                bounds.bottom + 12
            }
            Kind::Slider(value) => self.simple(content, NodeKind::Slider(*value), 170, place),
            Kind::Text(style) => {
                let inner = place.inset(MARGIN.min(place.width / 20));
                let above = if *style == TextStyle::Heading { 36 } else { 12 };
                let height = self.text_height(&content.label, *style, inner.width);
                self.leaf(
                    content,
                    NodeKind::Text(*style),
                    Place { top: place.top + above, ..inner }.bounds(height),
                    place,
                );
                place.top + above + height + 12
            }
            Kind::Card => {
                let inner = place.inset(GAP);
                let index = self.leaf(content, NodeKind::Card, inner.bounds(0), place);
                let bottom =
                    self.column(&content.children, Place { parent: index, top: place.top + GAP + 12, ..inner });
                self.enclose(
                    index,
                    Bounds::new(inner.left, place.top + 12, inner.left + inner.width, bottom + GAP),
                    place,
                );
                bottom + GAP + 12
            }
            Kind::Line => self.line(content, place),
            Kind::Grid { columns } => self.grid(content, *columns, place),
            Kind::AppIcon(icon) => self.simple(content, NodeKind::AppIcon(*icon), 270, place),
            Kind::Image(icon) => {
                let height = (place.width * 9 / 16).min(520);
                let index = self.leaf(content, NodeKind::Image(*icon), place.bounds(height), place);
                self.describe(index);
                place.top + height
            }
            Kind::Divider => self.simple(content, NodeKind::Divider, 4, place),
        }
    }

    /// A widget without parts, of a fixed height.
    fn simple(&mut self, content: &Content, kind: NodeKind, height: i32, place: Place) -> i32 {
        let index = self.leaf(content, kind, place.bounds(height), place);
        if matches!(kind, NodeKind::IconButton(_) | NodeKind::Fab(_) | NodeKind::Slider(_)) {
            self.describe(index);
        }
        place.top + height
    }

    /// Makes a node's text its content description.
    fn describe(&mut self, index: usize) {
        let node = &mut self.frame.nodes[index];
        node.description = std::mem::take(&mut node.text);
    }

    /// The node of a widget, with its label as text.
    pub(super) fn leaf(&mut self, content: &Content, kind: NodeKind, bounds: Bounds, place: Place) -> usize {
        let index = self.text_node(place.parent, kind, &content.key, &content.label, bounds, place.clip);
        let target = self.target(content.slot);
        let node = &mut self.frame.nodes[index];
        node.state.disabled = !content.enabled;
        node.state.pressable = content.pressable;
        node.state.long_pressable = content.long_pressable;
        node.target = target;
        index
    }

    /// Gives a container its bounds once its content is known.
    pub(super) fn enclose(&mut self, index: usize, bounds: Bounds, place: Place) {
        let node = &mut self.frame.nodes[index];
        node.bounds = bounds;
        node.visible = super::seen(node.kind, bounds, place.clip);
    }

    fn row(&mut self, content: &Content, row: &Row, place: Place) -> i32 {
        let percent = self.percent();
        let value_width = row.value.as_ref().map_or(0, |value| text::width(value, TextStyle::Caption, percent) + GAP);
        let value_width = value_width.min(place.width / 2);
        let trailing =
            value_width + row.toggle.map_or(0, |_| TOGGLE_WIDTH) + content.children.len() as i32 * TOGGLE_WIDTH;
        let left = place.left + MARGIN + row.icon.map_or(0, |_| ICON + MARGIN);
        let width = (place.left + place.width - MARGIN - trailing - left).max(200);
        let title_height = self.text_height(&content.label, TextStyle::Body, width);
        let subtitle_height =
            row.subtitle.as_ref().map_or(0, |text| self.text_height(text, TextStyle::Caption, width) + 6);
        let texts = title_height + subtitle_height;
        let height = (texts + 72).max(150);
        let bounds = place.bounds(height);
        let index = self.leaf(content, NodeKind::Row, bounds, place);
        self.frame.nodes[index].text.clear();
        if self.frame.nodes[index].visible.is_empty() {
            // Its parts go with it; only what tasks look for by key is kept.
            self.frame.nodes[index].state.checked = row.toggle.map(|toggle| toggle.on);
        }
        let clip = place.clip.intersect(self.frame.nodes[index].visible);
        let middle = bounds.top + height / 2;
        if let Some(icon) = row.icon {
            let start = place.left + MARGIN;
            let picture = Bounds::new(start, middle - ICON / 2, start + ICON, middle + ICON / 2);
            self.node(Some(index), NodeKind::Icon(icon), picture, clip);
        }
        let top = bounds.top + (height - texts) / 2;
        let title = Bounds::new(left, top, left + width, top + title_height);
        self.text_node(index, NodeKind::Text(TextStyle::Body), "", &content.label, title, clip);
        if let Some(subtitle) = &row.subtitle {
            let below = Bounds::new(left, title.bottom + 6, left + width, top + texts);
            self.text_node(index, NodeKind::Text(TextStyle::Caption), "", subtitle, below, clip);
        }
        let mut start = left + width + GAP;
        if let Some(value) = &row.value {
            let line = self.line_height(TextStyle::Caption);
            let end = Bounds::new(start - GAP, middle - line / 2, start - GAP + value_width, middle + line / 2);
            self.text_node(index, NodeKind::Text(TextStyle::Caption), "", value, end, clip);
            start += value_width;
        }
        if let Some(toggle) = row.toggle {
            let control = Bounds::new(start, middle - 45, start + TOGGLE_WIDTH - GAP, middle + 45);
            let node = self.node(Some(index), toggle_kind(toggle), control, clip);
            self.frame.nodes[node].state.checked = Some(toggle.on);
            self.frame.nodes[node].state.disabled = !content.enabled;
        }
        for child in &content.children {
            let area = Place { parent: index, left: start, top: middle - TOUCH / 2, width: TOGGLE_WIDTH - 14, clip };
            self.trailing(child, &content.label, area);
            start += TOGGLE_WIDTH;
        }
        bounds.bottom
    }

    /// A widget at the end of a row. A switch there shows no text, so that it is described by the row's title.
    fn trailing(&mut self, child: &Content, title: &str, place: Place) {
        let first = self.frame.nodes.len();
        self.widget(child, place);
        if let (Kind::Toggle(_), Some(node)) = (&child.kind, self.frame.nodes.get_mut(first)) {
            let label = std::mem::take(&mut node.text);
            node.description = if label.is_empty() { title.to_owned() } else { label };
        }
    }

    /// Side by side; chips that do not fit go to the next line.
    fn line(&mut self, content: &Content, place: Place) -> i32 {
        let inner = place.inset(if place.width == WIDTH { GAP } else { 0 });
        let index = self.leaf(content, NodeKind::Group, inner.bounds(0), place);
        let fixed = |child: &Content| {
            let chip = || text::width(&child.label, TextStyle::Label, self.percent()) + 90;
            if matches!(child.kind, Kind::IconButton(_)) {
                return Some(TOUCH);
            }
            matches!(child.kind, Kind::Chip { .. }).then(chip)
        };
        let widths: Vec<Option<i32>> = content.children.iter().map(fixed).collect();
        let free = (inner.width - widths.iter().flatten().sum::<i32>()).max(0);
        let share = free / (widths.iter().filter(|width| width.is_none()).count() as i32).max(1);
        let (mut left, mut top, mut bottom) = (inner.left, place.top, place.top);
        for (child, width) in content.children.iter().zip(widths) {
            let width = width.unwrap_or(share.max(160)).min(inner.width);
            if left + width > inner.left + inner.width + 2 && left > inner.left {
                (left, top) = (inner.left, bottom);
            }
            let gap = if matches!(child.kind, Kind::Chip { .. }) { GAP / 2 } else { 0 };
            let area = Place { parent: index, left, top, width: width - gap, clip: place.clip };
            bottom = bottom.max(self.widget(child, area));
            left += width;
        }
        self.enclose(index, Bounds::new(inner.left, place.top, inner.left + inner.width, bottom), place);
        bottom
    }

    fn grid(&mut self, content: &Content, columns: usize, place: Place) -> i32 {
        let index = self.leaf(content, NodeKind::Group, place.bounds(0), place);
        let width = place.width / columns as i32;
        let mut top = place.top;
        for line in content.children.chunks(columns) {
            let mut bottom = top;
            let mut left = place.left;
            for child in line {
                bottom = bottom.max(self.widget(child, Place { parent: index, left, top, width, clip: place.clip }));
                left += width;
            }
            top = bottom;
        }
        self.enclose(index, Bounds::new(place.left, place.top, place.left + place.width, top), place);
        top
    }
}

fn toggle_kind(toggle: Toggle) -> NodeKind {
    match toggle.style {
        ToggleStyle::Switch => NodeKind::Switch,
        ToggleStyle::Checkbox => NodeKind::Checkbox,
        ToggleStyle::Radio => NodeKind::Radio,
    }
}
