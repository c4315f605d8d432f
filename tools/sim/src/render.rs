//! Draws a [`Frame`] as a PNG picture.

use deftly_tools::Screenshot;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::frame::{Frame, HEIGHT, WIDTH};

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("the PNG encoder failed: {0}")]
    Png(#[from] image::ImageError),
}

/// The frame as a PNG file.
pub(crate) fn screenshot(frame: &Frame) -> Result<Screenshot, RenderError> {
    let background = if frame.theme.dark { Rgb([18, 18, 20]) } else { Rgb([250, 250, 252]) };
    let mut image = RgbImage::from_pixel(WIDTH as u32, HEIGHT as u32, background);
    for node in frame.nodes.iter().filter(|node| !node.visible.is_empty() && node.parent.is_some()) {
        let seen = node.visible;
        for x in seen.left..seen.right {
            for y in [seen.top, seen.bottom - 1] {
                image.put_pixel(x as u32, y as u32, Rgb(frame.theme.accent));
            }
        }
    }
    let mut png = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(image).write_to(&mut png, ImageFormat::Png)?;
    Ok(Screenshot { png: png.into_inner() })
}
