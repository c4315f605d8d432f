//! Draws a [`Frame`] as a PNG picture that a person can read.
//!
//! [`canvas`] holds the pixels, [`text`] the fonts, [`icons`] the pictures, [`palette`] the colours; [`widgets`] paints
//! one node, [`furniture`] what the phone itself shows around an app.

mod canvas;
mod furniture;
mod icons;
mod palette;
#[cfg(test)]
mod tests;
mod text;
mod widgets;

use deftly_tools::{Bounds, Screenshot};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

use self::canvas::Canvas;
use self::palette::Palette;
use crate::frame::{Frame, HEIGHT, WIDTH};

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("the PNG encoder failed: {0}")]
    Png(#[from] image::ImageError),
    #[error("no surface of {width} by {height} pixels can be made")]
    Size { width: i32, height: i32 },
    #[error("the font that comes with the program cannot be read: {0}")]
    Font(&'static str),
}

/// The frame as a PNG file.
pub(crate) fn screenshot(frame: &Frame) -> Result<Screenshot, RenderError> {
    let (width, height, pixels) = paint(frame)?.into_rgb();
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive).write_image(
        &pixels,
        width,
        height,
        ExtendedColorType::Rgb8,
    )?;
    Ok(Screenshot { png })
}

/// Paints the nodes in their order, which is from the back to the front.
fn paint(frame: &Frame) -> Result<Canvas, RenderError> {
    let palette = Palette::of(frame.theme);
    let mut canvas = Canvas::new(Bounds::new(0, 0, WIDTH, HEIGHT), palette.background)?;
    for index in 0..frame.nodes.len() {
        let node = &frame.nodes[index];
        let painter = widgets::Painter { frame, palette: &palette, index, node };
        if node.visible.is_empty() {
            continue;
        }
        if node.visible == node.bounds {
            painter.paint(&mut canvas)?;
        } else {
            canvas.within(node.visible, |part| painter.paint(part))?;
        }
    }
    Ok(canvas)
}
