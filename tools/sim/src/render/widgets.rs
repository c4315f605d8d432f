//! What each kind of node looks like.

use deftly_tools::Bounds;

use super::canvas::{Canvas, Colour, mix};
use super::palette::{Palette, app_colour};
use super::text::{Align, Ink};
use super::{RenderError, furniture, icons, text};
use crate::frame::{Frame, Node, NodeKind};
use crate::layout::text::font_size;
use crate::{ButtonStyle, Icon, TextStyle};

/// Space in pixels between a widget's parts and its edge, as in the layout.
const MARGIN: i32 = 48;

/// Paints one node.
pub(super) struct Painter<'a> {
    pub frame: &'a Frame,
    pub palette: &'a Palette,
    pub index: usize,
    pub node: &'a Node,
}

impl Painter<'_> {
    pub fn paint(&self, canvas: &mut Canvas) -> Result<(), RenderError> {
        let (area, palette) = (self.node.bounds, self.palette);
        match self.node.kind {
            NodeKind::Window => canvas.rectangle(area, palette.background),
            NodeKind::AppBar | NodeKind::Scroll | NodeKind::Group | NodeKind::Row | NodeKind::Tab => self.tab(canvas),
            NodeKind::TabBar => {
                let line = Bounds::new(area.left, area.bottom - 2, area.right, area.bottom);
                canvas.rectangle(line, palette.divider);
            }
            NodeKind::BottomBar | NodeKind::NavigationBar => {
                canvas.rectangle(area, palette.bar);
                canvas.rectangle(Bounds::new(area.left, area.top, area.right, area.top + 2), palette.divider);
            }
            NodeKind::Card => {
                canvas.rounded(area, 36.0, palette.surface);
                canvas.outline(area, 36.0, palette.divider, 2);
            }
            NodeKind::Scrim => canvas.fill(super::canvas::rounded(area, 0.0), [0; 3], 120),
            NodeKind::Panel => {
                canvas.shadow(area, 56.0);
                canvas.rounded(area, 56.0, palette.surface);
            }
            NodeKind::Text(style) => self.words(canvas, style)?,
            NodeKind::Icon(icon) => self.icon(canvas, icon),
            NodeKind::Image(icon) => {
                let inner = Bounds::new(area.left + 24, area.top + 8, area.right - 24, area.bottom - 8);
                canvas.rounded(inner, 36.0, palette.container);
                icons::draw(canvas, icon, around(area.center(), 90), palette.accent_text);
            }
            NodeKind::AppIcon(icon) => self.app_icon(canvas, icon)?,
            NodeKind::Switch | NodeKind::Checkbox | NodeKind::Radio => self.toggle(canvas)?,
            NodeKind::Button(style) => self.button(canvas, style)?,
            NodeKind::IconButton(icon) => {
                icons::draw(canvas, icon, around(area.center(), 34), self.tint(palette.text));
            }
            NodeKind::Fab(icon) => {
                canvas.shadow(area, 48.0);
                canvas.rounded(area, 48.0, palette.accent);
                icons::draw(canvas, icon, around(area.center(), 38), palette.on_accent);
            }
            NodeKind::Chip => self.chip(canvas)?,
            NodeKind::Field => self.field(canvas)?,
            NodeKind::Slider(percent) => self.slider(canvas, percent)?,
            NodeKind::Divider => {
                canvas.rectangle(Bounds::new(area.left, area.top + 1, area.right, area.top + 3), palette.divider)
            }
            NodeKind::Toast => {
                canvas.shadow(area, 60.0);
                canvas.rounded(area, 60.0, mix(palette.background, palette.text, 215));
                let ink = Ink { align: Align::Middle, colour: palette.background, ..self.ink(38, palette.text) };
                text::draw(canvas, &self.node.text, inset(area, 48, 4), ink)?;
            }
            NodeKind::StatusBar => furniture::status_bar(canvas, self.node, palette)?,
            NodeKind::Keyboard => furniture::keyboard(canvas, area, palette)?,
            NodeKind::GestureBar => canvas.rounded(around_wide(area.center(), 180, 6), 6.0, palette.text),
        }
        Ok(())
    }

    fn parent(&self) -> Option<&Node> {
        self.node.parent.and_then(|parent| self.frame.nodes.get(parent))
    }

    /// A colour, paler if the node or what it is part of is disabled.
    fn tint(&self, colour: Colour) -> Colour {
        let row = self.parent().filter(|parent| matches!(parent.kind, NodeKind::Row));
        let disabled = self.node.state.disabled || row.is_some_and(|row| row.state.disabled);
        if disabled { self.palette.faded(colour) } else { colour }
    }

    /// Text of this size, in percent of the owner's font size.
    fn ink(&self, size: i32, colour: Colour) -> Ink {
        let size = (size * self.frame.theme.font_percent) as f32 / 100.0;
        Ink { size, colour: self.tint(colour), bold: false, align: Align::Start }
    }

    fn words(&self, canvas: &mut Canvas, style: TextStyle) -> Result<(), RenderError> {
        let colour = match style {
            TextStyle::Display | TextStyle::Title | TextStyle::Body => self.palette.text,
            TextStyle::Heading => self.palette.accent_text,
            TextStyle::Caption | TextStyle::Label => self.palette.pale,
        };
        let mut ink = self.ink(font_size(style), colour);
        ink.bold = matches!(style, TextStyle::Heading);
        if style == TextStyle::Display {
            ink.align = Align::Middle;
        }
        match self.parent().map(|parent| (parent.kind, parent.state.selected)) {
            Some((NodeKind::Tab, selected)) => {
                ink.align = Align::Middle;
                ink.bold = selected;
                ink.colour = if selected { self.palette.accent_text } else { self.palette.pale };
            }
            // The value of a row stands at its end.
            Some((NodeKind::Row, _)) if style == TextStyle::Caption && self.is_beside_a_text() => {
                ink.align = Align::End;
            }
            Some(_) | None => {}
        }
        text::draw(canvas, &self.node.text, self.node.bounds, ink)
    }

    /// Whether a text of the same parent begins further left: the row's title.
    fn is_beside_a_text(&self) -> bool {
        self.frame.nodes[..self.index].iter().rev().take(4).any(|other| {
            other.parent == self.node.parent
                && matches!(other.kind, NodeKind::Text(_))
                && other.bounds.left < self.node.bounds.left
        })
    }

    /// The mark of a selected tab, below its text or behind its icon.
    fn tab(&self, canvas: &mut Canvas) {
        let area = self.node.bounds;
        if !matches!(self.node.kind, NodeKind::Tab) || !self.node.state.selected {
            return;
        }
        let middle = area.center().0;
        if self.parent().is_some_and(|parent| matches!(parent.kind, NodeKind::NavigationBar)) {
            if area.bottom - area.top > 150 {
                canvas.rounded(
                    Bounds::new(middle - 92, area.top + 18, middle + 92, area.top + 102),
                    42.0,
                    self.palette.container,
                );
            }
        } else {
            let line = Bounds::new(area.left + 40, area.bottom - 8, area.right - 40, area.bottom);
            canvas.rounded(line, 4.0, self.palette.accent);
        }
    }

    fn icon(&self, canvas: &mut Canvas, icon: Icon) {
        let selected = self.parent().is_some_and(|parent| parent.state.selected);
        let colour = if selected { self.palette.accent_text } else { self.palette.pale };
        icons::draw(canvas, icon, inset(self.node.bounds, 8, 8), self.tint(colour));
    }

    fn app_icon(&self, canvas: &mut Canvas, icon: Icon) -> Result<(), RenderError> {
        let area = self.node.bounds;
        let (x, _) = area.center();
        let tile = around((x, area.top + 100), 76);
        canvas.rounded(tile, 52.0, app_colour(icon));
        icons::draw(canvas, icon, around(tile.center(), 44), [255; 3]);
        let ink = Ink { align: Align::Middle, ..self.ink(34, self.palette.text) };
        let name = Bounds::new(area.left + 8, area.top + 188, area.right - 8, area.bottom - 24);
        text::draw(canvas, &self.node.text, name, ink)
    }

    /// A switch, checkbox or radio button at the end of its area, with its text before it.
    fn toggle(&self, canvas: &mut Canvas) -> Result<(), RenderError> {
        let (area, palette) = (self.node.bounds, self.palette);
        let on = self.node.state.checked == Some(true);
        let has_text = !self.node.text.is_empty();
        let (centre, y) = area.center();
        let x = if has_text { area.right - MARGIN - 58 } else { centre };
        let (accent, outline) = (self.tint(palette.accent), self.tint(palette.pale));
        match self.node.kind {
            NodeKind::Switch => {
                let track = around_wide((x, y), 54, 32);
                if on {
                    canvas.rounded(track, 32.0, accent);
                    canvas.circle(x + 22, y, 23, palette.on_accent);
                } else {
                    canvas.rounded(track, 32.0, palette.divider);
                    canvas.outline(track, 30.0, outline, 4);
                    canvas.circle(x - 22, y, 16, outline);
                }
            }
            NodeKind::Radio => {
                let colour = if on { accent } else { outline };
                canvas.outline(around((x, y), 28), 28.0, colour, 5);
                if on {
                    canvas.circle(x, y, 14, colour);
                }
            }
            _ => {
                let square = around((x, y), 27);
                if on {
                    canvas.rounded(square, 9.0, accent);
                    icons::draw(canvas, Icon::Check, around((x, y), 23), palette.on_accent);
                } else {
                    canvas.outline(square, 9.0, outline, 5);
                }
            }
        }
        let words = Bounds::new(area.left + MARGIN, area.top, x - 80, area.bottom);
        if has_text { text::draw(canvas, &self.node.text, words, self.ink(44, palette.text)) } else { Ok(()) }
    }

    fn button(&self, canvas: &mut Canvas, style: ButtonStyle) -> Result<(), RenderError> {
        let (area, palette) = (self.node.bounds, self.palette);
        let colour = match style {
            ButtonStyle::Filled => {
                canvas.rounded(area, 60.0, self.tint(palette.accent));
                palette.on_accent
            }
            ButtonStyle::Outlined => {
                canvas.outline(area, 60.0, self.tint(palette.outline), 3);
                palette.accent_text
            }
            ButtonStyle::Text => palette.accent_text,
        };
        let ink = Ink { align: Align::Middle, bold: true, ..self.ink(39, colour) };
        text::draw(canvas, &self.node.text, inset(area, 16, 0), ink)
    }

    fn chip(&self, canvas: &mut Canvas) -> Result<(), RenderError> {
        let (area, palette) = (self.node.bounds, self.palette);
        let selected = self.node.state.selected;
        if selected {
            canvas.rounded(area, 24.0, palette.container);
        } else {
            canvas.outline(area, 24.0, palette.outline, 3);
        }
        let colour = if selected { palette.accent_text } else { palette.text };
        let ink = Ink { align: Align::Middle, bold: selected, ..self.ink(34, colour) };
        text::draw(canvas, &self.node.text, inset(area, 12, 0), ink)
    }

    /// A field with its outline, its value or hint, and the hint on the outline while there is a value.
    fn field(&self, canvas: &mut Canvas) -> Result<(), RenderError> {
        let (area, palette, node) = (self.node.bounds, self.palette, self.node);
        let focused = node.state.focused;
        let (outline, width) = if focused { (palette.accent, 6) } else { (palette.outline, 3) };
        canvas.outline(area, 24.0, self.tint(outline), width);
        let words = inset(area, 36, 24);
        let (shown, colour) =
            if node.text.is_empty() { (&node.description, palette.pale) } else { (&node.text, palette.text) };
        let ink = self.ink(44, colour);
        text::draw(canvas, shown, words, ink)?;
        if focused {
            let end = text::width(&node.text, ink.size)?.min(words.right - words.left);
            let caret = around_wide((words.left + end + 4, area.center().1), 2, 28);
            canvas.rectangle(caret, palette.accent);
        }
        if !node.text.is_empty() && !node.description.is_empty() {
            let ink = self.ink(28, if focused { palette.accent_text } else { palette.pale });
            let room = Bounds::new(area.left + 40, area.top - 18, area.right - 40, area.top + 20);
            let end = (room.left + text::width(&node.description, ink.size)? + 8).min(room.right);
            let behind = if self.is_on_a_surface() { palette.surface } else { palette.background };
            canvas.rectangle(Bounds::new(room.left - 10, room.top, end, room.bottom), behind);
            text::draw(canvas, &node.description, room, ink)?;
        }
        Ok(())
    }

    /// Whether a card or a dialog is behind the node.
    fn is_on_a_surface(&self) -> bool {
        let mut above = self.node.parent;
        while let Some(node) = above.and_then(|index| self.frame.nodes.get(index)) {
            if matches!(node.kind, NodeKind::Card | NodeKind::Panel) {
                return true;
            }
            above = node.parent;
        }
        false
    }

    fn slider(&self, canvas: &mut Canvas, percent: u8) -> Result<(), RenderError> {
        let (area, palette) = (self.node.bounds, self.palette);
        let label = if self.node.text.is_empty() { &self.node.description } else { &self.node.text };
        let words = Bounds::new(area.left + MARGIN, area.top + 12, area.right - MARGIN, area.top + 72);
        text::draw(canvas, label, words, self.ink(38, palette.text))?;
        let (left, right, y) = (area.left + MARGIN, area.right - MARGIN, area.top + 118);
        let x = left + (right - left) * i32::from(percent.min(100)) / 100;
        canvas.rounded(Bounds::new(left, y - 6, right, y + 6), 6.0, palette.container);
        canvas.rounded(Bounds::new(left, y - 6, x, y + 6), 6.0, self.tint(palette.accent));
        canvas.circle(x, y, 26, self.tint(palette.accent));
        Ok(())
    }
}

/// The square around a point whose sides are twice this long.
pub(super) fn around(centre: (i32, i32), half: i32) -> Bounds {
    around_wide(centre, half, half)
}

pub(super) fn around_wide((x, y): (i32, i32), half_width: i32, half_height: i32) -> Bounds {
    Bounds::new(x - half_width, y - half_height, x + half_width, y + half_height)
}

pub(super) fn inset(area: Bounds, x: i32, y: i32) -> Bounds {
    Bounds::new(area.left + x, area.top + y, area.right - x, area.bottom - y)
}
