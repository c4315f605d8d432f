//! UIAutomator XML to [`Screen`].
//!
//! The steps, each a module, each linear in the size of the tree (reading order also sorts siblings):
//!
//! 1. [`xml`] reads the document into a flat tree in document order, without recursion.
//! 2. [`prune`] finds what can be seen: bounds clipped to ancestors, no invisible nodes, no system bars, no keyboard.
//! 3. [`role`] decides which nodes are things to act on, and what they are to a person.
//! 4. [`label`] joins the texts inside such a node into its label, and names controls that have no text.
//! 5. [`order`] puts the elements in reading order.

mod label;
mod order;
mod prune;
mod role;
mod text;
mod xml;

pub use self::prune::is_keyboard;
use crate::{Element, ElementId, HierarchyError, Screen};

/// The most of a document that is read. Real dumps reach 5 MB, 10,000 nodes and 500 levels (long WebView pages).
const MAX_BYTES: usize = 16 << 20;
const MAX_NODES: usize = 100_000;
const MAX_DEPTH: usize = 5_000;

/// Reads a UIAutomator dump: `<hierarchy>` with nested `<node>`s, one top-level node a window.
///
/// What becomes an element:
/// - What can be pressed, typed into or scrolled. A pressable row and the texts inside it are one element; a switch or
///   check box in it that is not itself clickable makes the row a switch or check box. What is clickable inside a row
///   stays an element of its own, and its text does not join the row's.
/// - Text and described pictures, unless an ancestor's text or description says the same.
///
/// What does not: invisible nodes, nodes outside their ancestors or the screen, the keyboard's keys and what they
/// cover, the status and navigation bars (the notification shade stays), and large clickable backgrounds.
///
/// # Errors
/// Bytes that are not such a document, or one beyond 16 MB, 100,000 nodes or 5,000 levels.
pub fn parse_hierarchy(xml: &[u8]) -> Result<Screen, HierarchyError> {
    if xml.len() > MAX_BYTES {
        return Err(HierarchyError::TooLarge { what: "bytes", limit: MAX_BYTES });
    }
    let document = xml::decode(xml)?;
    let tree = xml::read(&document)?;
    let seen = prune::visible(&tree);
    let anchors = role::anchors(&tree, &seen);
    let mut drafts = label::elements(&tree, &seen, &anchors);

    let bounds: Vec<_> = drafts.iter().map(|draft| draft.as_ref().map(|element| element.bounds)).collect();
    let ordered = order::reading_order(&tree, &bounds).into_iter().filter_map(|node| drafts[node].take());
    let elements = (1..).map(ElementId).zip(ordered).map(|(id, element)| Element { id, ..element }).collect();
    Ok(Screen { elements })
}

#[cfg(test)]
mod tests;
