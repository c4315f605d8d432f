//! What the phone itself shows around an app: the status bar and the keyboard.

use deftly_tools::Bounds;

use super::canvas::Canvas;
use super::palette::Palette;
use super::text::{self, Align, Ink};
use super::widgets::{around, inset};
use super::{RenderError, icons};
use crate::Icon;
use crate::frame::Node;

const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
const ROW_HEIGHT: i32 = 165;
/// The room for one letter, with the gap around its key.
const KEY_WIDTH: i32 = 106;

/// The time on the left, the battery on the right. What radios are on is not part of a frame, so none is shown.
pub(super) fn status_bar(canvas: &mut Canvas, node: &Node, palette: &Palette) -> Result<(), RenderError> {
    let area = node.bounds;
    let ink = Ink { size: 36.0, colour: palette.text, bold: true, align: Align::Start };
    text::draw(canvas, &node.text, inset(area, 48, 0), ink)?;
    icons::draw(canvas, Icon::Battery, around((area.right - 66, area.center().1), 22), palette.text);
    Ok(())
}

/// A keyboard with letters, a space bar and the enter key.
pub(super) fn keyboard(canvas: &mut Canvas, area: Bounds, palette: &Palette) -> Result<(), RenderError> {
    canvas.rectangle(area, palette.keyboard);
    let ink = Ink { size: 46.0, colour: palette.text, bold: false, align: Align::Middle };
    let mut key = |left: i32, row: i32, width: i32, label: &str, icon: Option<Icon>| {
        let top = area.top + 24 + row * ROW_HEIGHT;
        let cap = inset(Bounds::new(left, top, left + width, top + ROW_HEIGHT), 6, 10);
        canvas.rounded(cap, 18.0, if label.is_empty() { palette.container } else { palette.key });
        if let Some(icon) = icon {
            icons::draw(canvas, icon, around(cap.center(), 28), palette.text);
        }
        text::draw(canvas, label, cap, ink)
    };
    for (letters, row) in ROWS.iter().zip(0..) {
        let mut left = (area.left + area.right - letters.len() as i32 * KEY_WIDTH) / 2;
        for letter in letters.chars() {
            key(left, row, KEY_WIDTH, letter.encode_utf8(&mut [0; 4]), None)?;
            left += KEY_WIDTH;
        }
    }
    let (left, right) = (area.left + 10, area.right - 10);
    key(left, 2, 158, "", Some(Icon::Text))?;
    key(right - 158, 2, 158, "", Some(Icon::Undo))?;
    key(left, 3, 158, "?123", None)?;
    key(left + 158, 3, KEY_WIDTH, ",", None)?;
    key(left + 158 + KEY_WIDTH, 3, 532, " ", None)?;
    key(right - 158 - KEY_WIDTH, 3, KEY_WIDTH, ".", None)?;
    key(right - 158, 3, 158, "", Some(Icon::Next))
}
