//! Scrolling a list through the resident server.

use std::time::Duration;

use super::selector::Selector;
use crate::handset::Inner;
use crate::touch;
use crate::tree::{Node, nodes};

/// Where a scroll goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Forward,
    Backward,
}

/// Swipes once through the list that is meant. Whether it moved; `None` if there is no such list.
pub fn once(phone: &mut Inner, list: &Selector, way: Way, vertical: bool) -> Option<bool> {
    let before = settled(phone);
    let area = before[list.find(&before)?].bounds;
    let [left, top, right, bottom] = area;
    // As far from the edges as UiScrollable keeps, a tenth.
    let (across, along) = ((right - left) / 10, (bottom - top) / 10);
    let (x, y) = ((left + right) / 2, (top + bottom) / 2);
    let (near, far) =
        if vertical { ((x, top + along), (x, bottom - along)) } else { ((left + across, y), (right - across, y)) };
    let (from, to) = match way {
        Way::Forward => (far, near),
        Way::Backward => (near, far),
    };
    touch::swipe(phone, from, to, Duration::from_millis(300));
    Some(settled(phone) != before)
}

/// Swipes until nothing moves any more, so many times at most.
pub fn to_end(phone: &mut Inner, list: &Selector, way: Way, vertical: bool, swipes: u64) -> Option<bool> {
    for _ in 0..swipes.min(100) {
        if !once(phone, list, way, vertical)? {
            return Some(true);
        }
    }
    Some(false)
}

/// Goes to the beginning, then forward until what is wanted is there.
pub fn to(phone: &mut Inner, list: &Selector, wanted: &Selector, vertical: bool) -> Option<bool> {
    let is_there = |phone: &mut Inner| wanted.find(&settled(phone)).is_some();
    if is_there(phone) {
        return Some(true);
    }
    to_end(phone, list, Way::Backward, vertical, 30)?;
    for _ in 0..30 {
        if is_there(phone) {
            return Some(true);
        }
        if !once(phone, list, Way::Forward, vertical)? {
            return Some(is_there(phone));
        }
    }
    Some(false)
}

/// What is shown once the screen stands still: a scroll of the real server waits for that.
fn settled(phone: &mut Inner) -> Vec<Node> {
    phone.phone.settle_now();
    nodes(&phone.hierarchy())
}
