//! Pictures that do not come from the simulated phone's screen, and another format for those that do.

use std::io::Cursor;

use deftly_sim::{HEIGHT, WIDTH};
use image::{GrayImage, ImageFormat, codecs::jpeg::JpegEncoder};

/// A screen that is off, as PNG.
pub fn black() -> Vec<u8> {
    let mut png = Cursor::new(Vec::new());
    // Memory takes what is written to it.
    let _ = GrayImage::new(WIDTH as u32, HEIGHT as u32).write_to(&mut png, ImageFormat::Png);
    png.into_inner()
}

/// A PNG as JPEG, scaled by a factor of at most 1; `None` if it is none.
pub fn jpeg(png: &[u8], scale: f64, quality: u8) -> Option<Vec<u8>> {
    let mut picture = image::load_from_memory_with_format(png, ImageFormat::Png).ok()?.into_rgb8();
    if scale > 0.0 && scale < 1.0 {
        let size = |pixels: u32| ((f64::from(pixels) * scale) as u32).max(1);
        let (width, height) = (size(picture.width()), size(picture.height()));
        picture = image::imageops::thumbnail(&picture, width, height);
    }
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality.clamp(1, 100)).encode_image(&picture).ok()?;
    Some(jpeg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_have_the_screens_size() {
        let png = image::load_from_memory_with_format(&black(), ImageFormat::Png).unwrap();
        assert_eq!((png.width(), png.height()), (1080, 2400));
        let small = image::load_from_memory_with_format(&jpeg(&black(), 0.5, 80).unwrap(), ImageFormat::Jpeg).unwrap();
        assert_eq!((small.width(), small.height()), (540, 1200));
        assert_eq!(jpeg(b"no picture", 1.0, 80), None);
    }
}
