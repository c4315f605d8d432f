//! The surface that is painted on: shapes and letters, in pixels of the screen.

use deftly_tools::Bounds;
use tiny_skia::{FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, PixmapPaint, Stroke, Transform};

use super::RenderError;

/// Red, green, blue.
pub(super) type Colour = [u8; 3];

/// How much of a circle's radius the handles of its four curves take.
const CURVE: f32 = 0.552_28;

/// A part of the screen, opaque everywhere. Whatever reaches over its edges is cut off.
pub(super) struct Canvas {
    pixels: Pixmap,
    /// The pixel of the screen that the canvas' left upper corner is.
    left: i32,
    top: i32,
}

impl Canvas {
    pub fn new(area: Bounds, background: Colour) -> Result<Self, RenderError> {
        let (width, height) = (area.right - area.left, area.bottom - area.top);
        let size = (u32::try_from(width).unwrap_or(0), u32::try_from(height).unwrap_or(0));
        let mut pixels = Pixmap::new(size.0, size.1).ok_or(RenderError::Size { width, height })?;
        pixels.fill(tiny_skia::Color::from_rgba8(background[0], background[1], background[2], 255));
        Ok(Self { pixels, left: area.left, top: area.top })
    }

    fn area(&self) -> Bounds {
        let (width, height) = (self.pixels.width() as i32, self.pixels.height() as i32);
        Bounds::new(self.left, self.top, self.left + width, self.top + height)
    }

    /// Paints on a part of the canvas only.
    pub fn within(
        &mut self,
        part: Bounds,
        draw: impl FnOnce(&mut Self) -> Result<(), RenderError>,
    ) -> Result<(), RenderError> {
        let part = part.intersect(self.area());
        if part.is_empty() {
            return Ok(());
        }
        let mut inner = Self::new(part, [0; 3])?;
        let place = (self.left - part.left, self.top - part.top);
        let copy = PixmapPaint::default();
        inner.pixels.draw_pixmap(place.0, place.1, self.pixels.as_ref(), &copy, Transform::identity(), None);
        draw(&mut inner)?;
        self.pixels.draw_pixmap(-place.0, -place.1, inner.pixels.as_ref(), &copy, Transform::identity(), None);
        Ok(())
    }

    fn to_canvas(&self) -> Transform {
        Transform::from_translate(-self.left as f32, -self.top as f32)
    }

    /// Fills a shape; `alpha` 255 covers what is below.
    pub fn fill(&mut self, path: Option<Path>, colour: Colour, alpha: u8) {
        if let Some(path) = path {
            let transform = self.to_canvas();
            self.pixels.fill_path(&path, &paint(colour, alpha), FillRule::Winding, transform, None);
        }
    }

    /// Draws a shape's outline with round ends and corners.
    pub fn stroke(&mut self, path: Option<Path>, colour: Colour, width: f32) {
        if let Some(path) = path {
            let stroke = Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
            let transform = self.to_canvas();
            self.pixels.stroke_path(&path, &paint(colour, 255), &stroke, transform, None);
        }
    }

    pub fn rectangle(&mut self, area: Bounds, colour: Colour) {
        self.fill(rounded(area, 0.0), colour, 255);
    }

    pub fn rounded(&mut self, area: Bounds, radius: f32, colour: Colour) {
        self.fill(rounded(area, radius), colour, 255);
    }

    /// A rounded outline that lies inside its area.
    pub fn outline(&mut self, area: Bounds, radius: f32, colour: Colour, width: i32) {
        let half = width / 2;
        let inner = Bounds::new(area.left + half, area.top + half, area.right - half, area.bottom - half);
        self.stroke(rounded(inner, radius), colour, width as f32);
    }

    pub fn circle(&mut self, x: i32, y: i32, radius: i32, colour: Colour) {
        self.fill(PathBuilder::from_circle(x as f32, y as f32, radius as f32), colour, 255);
    }

    /// A soft shadow below a surface: a few pale layers, each larger than the one over it.
    pub fn shadow(&mut self, area: Bounds, radius: f32) {
        for grow in (2..=14).rev().step_by(3) {
            let larger = Bounds::new(area.left - grow, area.top - grow + 6, area.right + grow, area.bottom + grow + 6);
            self.fill(rounded(larger, radius + grow as f32), [0; 3], 14);
        }
    }

    /// Mixes a colour into one pixel of the screen.
    pub fn blend(&mut self, x: i32, y: i32, colour: Colour, coverage: u8) {
        if coverage == 0 || !self.area().contains(x, y) {
            return;
        }
        let place = ((y - self.top) as usize * self.pixels.width() as usize + (x - self.left) as usize) * 4;
        if let Some(pixel) = self.pixels.data_mut().get_mut(place..place + 3) {
            for (channel, wanted) in pixel.iter_mut().zip(colour) {
                *channel = mix_channel(*channel, wanted, coverage);
            }
        }
    }

    /// Width, height and the pixels as red, green, blue.
    pub fn into_rgb(self) -> (u32, u32, Vec<u8>) {
        let (width, height) = (self.pixels.width(), self.pixels.height());
        let rgb = self.pixels.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        (width, height, rgb)
    }
}

fn mix_channel(below: u8, above: u8, amount: u8) -> u8 {
    let amount = u32::from(amount);
    ((u32::from(below) * (255 - amount) + u32::from(above) * amount + 127) / 255) as u8
}

/// A colour between two; `amount` 255 is all of the second.
pub(super) fn mix(first: Colour, second: Colour, amount: u8) -> Colour {
    [0, 1, 2].map(|channel| mix_channel(first[channel], second[channel], amount))
}

fn paint(colour: Colour, alpha: u8) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(colour[0], colour[1], colour[2], alpha);
    paint
}

/// A rectangle with round corners; `None` if it has no area.
pub(super) fn rounded(area: Bounds, radius: f32) -> Option<Path> {
    let (left, top, right, bottom) = (area.left as f32, area.top as f32, area.right as f32, area.bottom as f32);
    let radius = radius.min((right - left) / 2.0).min((bottom - top) / 2.0);
    if right <= left || bottom <= top {
        return None;
    }
    let mut path = PathBuilder::new();
    if radius < 1.0 {
        path.push_rect(tiny_skia::Rect::from_ltrb(left, top, right, bottom)?);
        return path.finish();
    }
    let near = radius * (1.0 - CURVE);
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.cubic_to(right - near, top, right, top + near, right, top + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - near, right - near, bottom, right - radius, bottom);
    path.line_to(left + radius, bottom);
    path.cubic_to(left + near, bottom, left, bottom - near, left, bottom - radius);
    path.line_to(left, top + radius);
    path.cubic_to(left, top + near, left + near, top, left + radius, top);
    path.close();
    path.finish()
}
