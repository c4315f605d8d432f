//! How much space text takes. Widths are estimates for a proportional font: the renderer draws within these boxes.

use crate::TextStyle;

/// The height of a capital letter's line and the font size, in pixels at font size 100 %.
pub(crate) fn font_size(style: TextStyle) -> i32 {
    match style {
        TextStyle::Display => 120,
        TextStyle::Title => 58,
        TextStyle::Heading => 38,
        TextStyle::Body => 44,
        TextStyle::Caption => 36,
        TextStyle::Label => 34,
    }
}

/// The height of one line in pixels.
pub(crate) fn line_height(style: TextStyle, percent: i32) -> i32 {
    font_size(style) * percent * 135 / 10_000
}

/// About how wide a text is in pixels. Half the font size a letter is right on average for Latin text; wide scripts take
/// a whole one.
pub(crate) fn width(text: &str, style: TextStyle, percent: i32) -> i32 {
    let halves: i32 = text.chars().take(2000).map(|letter| if letter < '\u{1100}' { 11 } else { 20 }).sum();
    halves * font_size(style) * percent / 2000
}

/// Breaks a text into lines that fit this width in pixels, at spaces where there are any.
pub(crate) fn wrap(text: &str, style: TextStyle, percent: i32, available: i32) -> Vec<String> {
    let letters = (available * 2000 / (11 * font_size(style) * percent.max(1))).max(4) as usize;
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut length = 0;
        for word in paragraph.split(' ') {
            let word_length = word.chars().count();
            if length > 0 && length + 1 + word_length > letters {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += word_length;
        }
        lines.push(line);
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}
