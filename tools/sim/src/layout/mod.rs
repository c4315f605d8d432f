//! Puts a page's widgets onto the screen.
//!
//! Everything flows downwards: each widget is told its left edge and width and takes the height it needs. [`page`]
//! arranges the parts of a page, [`widgets`] the widgets in it, [`text`] says how much space text takes.

mod page;
pub(crate) mod text;
mod widgets;

use std::collections::HashMap;

use deftly_tools::Bounds;

use crate::frame::{Frame, HEIGHT, KEYBOARD_TOP, Layer, Node, NodeKind, NodeState, Source, Target, Theme, WIDTH};

/// How far each scrolling area is scrolled, by page and area; absent where nobody has scrolled.
pub(crate) type ScrollOffsets = HashMap<String, i32>;

/// A frame that is being made.
pub(crate) struct Layout<'a> {
    pub frame: Frame,
    offsets: &'a ScrollOffsets,
    /// The key of the focused field.
    focus: Option<&'a str>,
    layer: Layer,
    source: Source,
    package: String,
}

impl<'a> Layout<'a> {
    pub fn new(theme: Theme, offsets: &'a ScrollOffsets, focus: Option<&'a str>, keyboard: bool) -> Self {
        let frame = Frame { nodes: Vec::new(), theme, keyboard, scrolls: Vec::new() };
        Self { frame, offsets, focus, layer: Layer::Page, source: Source::App, package: String::new() }
    }

    /// Begins a layer: what follows belongs to this package and is handled by this source.
    pub fn begin(&mut self, layer: Layer, source: Source, package: &str) {
        self.layer = layer;
        self.source = source;
        package.clone_into(&mut self.package);
    }

    /// Where the keyboard, or else the screen, ends what can be seen.
    fn floor(&self) -> i32 {
        if self.frame.keyboard { KEYBOARD_TOP } else { HEIGHT }
    }

    /// Adds a node without text or state.
    fn node(&mut self, parent: Option<usize>, kind: NodeKind, bounds: Bounds, clip: Bounds) -> usize {
        self.frame.nodes.push(Node {
            parent,
            kind,
            layer: self.layer,
            package: self.package.clone(),
            key: String::new(),
            text: String::new(),
            description: String::new(),
            bounds,
            visible: seen(kind, bounds, clip),
            state: NodeState::default(),
            target: None,
        });
        self.frame.nodes.len() - 1
    }

    fn text_node(
        &mut self,
        parent: usize,
        kind: NodeKind,
        key: &str,
        text: &str,
        bounds: Bounds,
        clip: Bounds,
    ) -> usize {
        let index = self.node(Some(parent), kind, bounds, clip);
        let node = &mut self.frame.nodes[index];
        key.clone_into(&mut node.key);
        text.clone_into(&mut node.text);
        index
    }

    fn target(&self, slot: Option<usize>) -> Option<Target> {
        slot.map(|slot| Target { source: self.source, slot: Some(slot) })
    }

    /// A window of the phone itself: a bar, the keyboard, a toast.
    pub fn furniture(&mut self, layer: Layer, kind: NodeKind, package: &str, text: &str, bounds: Bounds) {
        self.begin(layer, self.source, package);
        let index = self.node(None, kind, bounds, Bounds::new(0, 0, WIDTH, HEIGHT));
        text.clone_into(&mut self.frame.nodes[index].text);
    }
}

/// The part of a node that can be seen. Of what a person presses or reads, less than half its height counts as nothing:
/// a sliver of a row is no row.
fn seen(kind: NodeKind, bounds: Bounds, clip: Bounds) -> Bounds {
    let visible = bounds.intersect(clip);
    let is_container = match kind {
        NodeKind::Window
        | NodeKind::AppBar
        | NodeKind::Scroll
        | NodeKind::Card
        | NodeKind::Group
        | NodeKind::TabBar
        | NodeKind::BottomBar
        | NodeKind::NavigationBar
        | NodeKind::Scrim
        | NodeKind::Panel => true,
        NodeKind::Row
        | NodeKind::Text(_)
        | NodeKind::Icon(_)
        | NodeKind::Image(_)
        | NodeKind::AppIcon(_)
        | NodeKind::Switch
        | NodeKind::Checkbox
        | NodeKind::Radio
        | NodeKind::Button(_)
        | NodeKind::IconButton(_)
        | NodeKind::Fab(_)
        | NodeKind::Tab
        | NodeKind::Chip
        | NodeKind::Field
        | NodeKind::Slider(_)
        | NodeKind::Divider
        | NodeKind::Toast
        | NodeKind::StatusBar
        | NodeKind::Keyboard
        | NodeKind::GestureBar => false,
    };
    let height = visible.bottom - visible.top;
    let sliver = !is_container && height * 2 < bounds.bottom - bounds.top;
    if visible.is_empty() || sliver { Bounds::default() } else { visible }
}
