//! Text: measured, broken into lines and painted with fonts that come with the program.

use std::sync::OnceLock;

use deftly_tools::Bounds;
use fontdue::{Font, FontSettings};

use super::RenderError;
use super::canvas::{Canvas, Colour};

/// Where text stands in its box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Start,
    Middle,
    End,
}

/// What text looks like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    /// The font's size in pixels.
    pub size: f32,
    pub colour: Colour,
    pub bold: bool,
    pub align: Align,
}

/// Letters beyond this many are never painted: no box of the screen has room for them.
const MAX_LETTERS: usize = 2000;

/// A Latin font, and one for pictures such as emoji, which is read only when one appears.
struct Fonts {
    latin: Font,
    pictures: OnceLock<Option<Font>>,
}

fn fonts() -> Result<&'static Fonts, RenderError> {
    static FONTS: OnceLock<Result<Fonts, &'static str>> = OnceLock::new();
    let read = || {
        let latin = Font::from_bytes(epaint_default_fonts::UBUNTU_LIGHT, FontSettings::default())?;
        Ok(Fonts { latin, pictures: OnceLock::new() })
    };
    FONTS.get_or_init(read).as_ref().map_err(|&reason| RenderError::Font(reason))
}

impl Fonts {
    /// The font that has a letter; the Latin one, which then shows its empty box, if none has.
    fn of(&self, letter: char) -> &Font {
        if self.latin.has_glyph(letter) {
            return &self.latin;
        }
        let read = || Font::from_bytes(epaint_default_fonts::NOTO_EMOJI_REGULAR, FontSettings::default()).ok();
        let pictures = self.pictures.get_or_init(read).as_ref();
        pictures.filter(|font| font.has_glyph(letter)).unwrap_or(&self.latin)
    }

    fn advance(&self, letter: char, size: f32) -> f32 {
        self.of(letter).metrics(letter, size).advance_width
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().take(MAX_LETTERS).map(|letter| self.advance(letter, size)).sum()
    }

    /// Cuts a text so that it fits, with an ellipsis where it was cut.
    fn fit(&self, text: &str, size: f32, available: f32) -> String {
        if self.width(text, size) <= available {
            return text.to_owned();
        }
        let mut room = available - self.advance('…', size);
        let mut short = String::new();
        for letter in text.chars() {
            room -= self.advance(letter, size);
            if room < 0.0 {
                break;
            }
            short.push(letter);
        }
        short.truncate(short.trim_end().len());
        short.push('…');
        short
    }

    /// Breaks a text into at most so many lines, the last one cut if there is more.
    fn lines(&self, text: &str, size: f32, available: f32, most: usize) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in paragraph.split(' ') {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if line.is_empty() || lines.len() + 1 == most || self.width(&longer, size) <= available {
                    line = longer;
                } else {
                    lines.push(std::mem::replace(&mut line, word.to_owned()));
                }
            }
            lines.push(line);
            if lines.len() >= most {
                break;
            }
        }
        lines.iter().map(|line| self.fit(line, size, available)).collect()
    }
}

/// How wide a text is in pixels.
pub(super) fn width(text: &str, size: f32) -> Result<i32, RenderError> {
    Ok(fonts()?.width(text, size).ceil() as i32)
}

/// Paints a text into a box: as many lines as fit, in the middle of its height.
pub(super) fn draw(canvas: &mut Canvas, text: &str, area: Bounds, ink: Ink) -> Result<(), RenderError> {
    let fonts = fonts()?;
    let text: String = text.chars().take(MAX_LETTERS).collect();
    let available = (area.right - area.left) as f32;
    let height = (area.bottom - area.top) as f32;
    let line_height = ink.size * 1.34;
    let most = ((height / line_height + 0.1) as usize).max(1);
    let lines = fonts.lines(&text, ink.size, available, most);
    let mut baseline = area.top as f32 + (height - line_height * lines.len() as f32) / 2.0 + ink.size;
    for line in &lines {
        let spare = available - fonts.width(line, ink.size);
        let start = match ink.align {
            Align::Start => 0.0,
            Align::Middle => spare / 2.0,
            Align::End => spare,
        };
        draw_line(canvas, fonts, line, (area.left as f32 + start.max(0.0), baseline), ink);
        baseline += line_height;
    }
    Ok(())
}

fn draw_line(canvas: &mut Canvas, fonts: &Fonts, line: &str, (mut x, baseline): (f32, f32), ink: Ink) {
    let mut before: Option<char> = None;
    for letter in line.chars() {
        let font = fonts.of(letter);
        let kerning = before.and_then(|before| font.horizontal_kern(before, letter, ink.size)).unwrap_or(0.0);
        x += kerning;
        let (metrics, coverage) = font.rasterize(letter, ink.size);
        let left = x.round() as i32 + metrics.xmin;
        let top = baseline.round() as i32 - metrics.height as i32 - metrics.ymin;
        // The font comes in one light weight: each further print, a pixel to the right, makes it heavier.
        let prints = if ink.bold { 1 + (ink.size / 24.0) as i32 } else { 1 };
        for shift in 0..=prints {
            let strength = if shift == prints && !ink.bold { 110 } else { 255 };
            for (row, y) in coverage.chunks_exact(metrics.width.max(1)).zip(top..) {
                for (&covered, x) in row.iter().zip(left + shift..) {
                    canvas.blend(x, y, ink.colour, (u16::from(covered) * strength / 255) as u8);
                }
            }
        }
        x += metrics.advance_width;
        before = Some(letter);
    }
}
