//! Reading order.

use super::xml::Tree;
use crate::Bounds;

/// The nodes that have bounds, as a person reads them: a container before its content, siblings line by line from top
/// to bottom, and from left to right in a line. Sorting siblings, not all elements, keeps panes, cards and dialogs
/// together.
pub(super) fn reading_order(tree: &Tree, bounds: &[Option<Bounds>]) -> Vec<usize> {
    let extents = extents(tree, bounds);
    let mut order = Vec::new();
    let mut stack = Vec::new();
    push_children(tree, &extents, None, &mut stack);
    while let Some(node) = stack.pop() {
        if bounds[node].is_some() {
            order.push(node);
        }
        push_children(tree, &extents, Some(node), &mut stack);
    }
    order
}

/// For each node, the rectangle around its element and all elements inside it. Wrappers are often as large as the
/// screen; where their content stands is what counts.
fn extents(tree: &Tree, bounds: &[Option<Bounds>]) -> Vec<Option<Bounds>> {
    let mut extents = bounds.to_vec();
    for index in (0..extents.len()).rev() {
        if let (Some(extent), Some(parent)) = (extents[index], tree.nodes[index].parent) {
            let union = extents[parent].map_or(extent, |other| Bounds {
                left: other.left.min(extent.left),
                top: other.top.min(extent.top),
                right: other.right.max(extent.right),
                bottom: other.bottom.max(extent.bottom),
            });
            extents[parent] = Some(union);
        }
    }
    extents
}

/// Pushes the children last first, so that the first is popped first.
fn push_children(tree: &Tree, extents: &[Option<Bounds>], parent: Option<usize>, stack: &mut Vec<usize>) {
    let mut children: Vec<(Bounds, usize)> =
        tree.children(parent).filter_map(|child| extents[child].map(|extent| (extent, child))).collect();
    children.sort_unstable_by_key(|&(extent, child)| (extent.top, child));
    let mut rest = children.as_mut_slice();
    while let Some(&(first, _)) = rest.first() {
        let length = rest.iter().position(|&(extent, _)| !shares_line(first, extent)).unwrap_or(rest.len());
        let (line, below) = rest.split_at_mut(length);
        line.sort_unstable_by_key(|&(extent, child)| (extent.left, extent.top, child));
        rest = below;
    }
    stack.extend(children.iter().rev().map(|&(_, child)| child));
}

/// Whether two rectangles, the first not lower than the second, overlap by more than half of the lower one's height.
fn shares_line(first: Bounds, second: Bounds) -> bool {
    let height = |bounds: Bounds| i64::from(bounds.bottom) - i64::from(bounds.top);
    let overlap = i64::from(first.bottom.min(second.bottom)) - i64::from(first.top.max(second.top));
    overlap * 2 > height(first).min(height(second))
}
