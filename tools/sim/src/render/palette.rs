//! The colours of a frame, all derived from its theme.

use super::canvas::{Colour, mix};
use crate::{Icon, Theme};

/// What each part of the screen is painted with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    pub background: Colour,
    /// Cards, dialogs, menus.
    pub surface: Colour,
    /// The bars at the lower edge.
    pub bar: Colour,
    pub text: Colour,
    /// Subtitles, hints and small icons.
    pub pale: Colour,
    pub outline: Colour,
    pub divider: Colour,
    /// Filled buttons and what is switched on.
    pub accent: Colour,
    /// Text and thumbs on the accent.
    pub on_accent: Colour,
    /// The accent where it is text, light or dark enough to be read.
    pub accent_text: Colour,
    /// Pale accent: behind selected tabs and chips.
    pub container: Colour,
    pub keyboard: Colour,
    pub key: Colour,
}

const BLACK: Colour = [0; 3];
const WHITE: Colour = [255; 3];

impl Palette {
    pub fn of(theme: Theme) -> Self {
        let accent = if theme.dark { mix(theme.accent, WHITE, 70) } else { theme.accent };
        let on_accent = if brightness(accent) > 150 { [24, 24, 28] } else { WHITE };
        let towards = if theme.dark { WHITE } else { BLACK };
        let background = if theme.dark { [18, 18, 21] } else { [248, 248, 251] };
        let tinted = |amount| mix(background, accent, amount);
        Self {
            background,
            surface: if theme.dark { [36, 37, 42] } else { WHITE },
            bar: tinted(16),
            text: if theme.dark { [233, 233, 236] } else { [27, 27, 31] },
            pale: if theme.dark { [168, 170, 178] } else { [92, 94, 102] },
            outline: mix(background, towards, 90),
            divider: mix(background, towards, 28),
            accent,
            on_accent,
            accent_text: mix(accent, towards, if theme.dark { 60 } else { 50 }),
            container: tinted(54),
            keyboard: mix(background, towards, 22),
            key: if theme.dark { [62, 63, 69] } else { WHITE },
        }
    }

    /// A colour that is half gone.
    pub fn faded(&self, colour: Colour) -> Colour {
        mix(self.background, colour, 110)
    }
}

fn brightness(colour: Colour) -> u32 {
    (u32::from(colour[0]) * 299 + u32::from(colour[1]) * 587 + u32::from(colour[2]) * 114) / 1000
}

/// The background of an app's icon on the launcher: a few colours, so that apps are told apart at a glance.
pub(super) fn app_colour(icon: Icon) -> Colour {
    const COLOURS: [Colour; 9] = [
        [52, 103, 214],
        [18, 140, 96],
        [214, 84, 60],
        [124, 77, 196],
        [0, 131, 155],
        [196, 64, 122],
        [92, 107, 122],
        [178, 118, 20],
        [66, 133, 60],
    ];
    COLOURS[icon as usize % COLOURS.len()]
}
