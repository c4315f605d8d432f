//! What keys do.

use crate::handset::{Inner, Lock};
use crate::touch;

/// The keys that do something here, by Android's names without `KEYCODE_` and numbers (`KeyEvent`), and those that are
/// only known.
const KEYS: &[(&str, u32)] = &[
    ("HOME", 3),
    ("BACK", 4),
    ("CALL", 5),
    ("ENDCALL", 6),
    ("DPAD_UP", 19),
    ("DPAD_DOWN", 20),
    ("DPAD_LEFT", 21),
    ("DPAD_RIGHT", 22),
    ("DPAD_CENTER", 23),
    ("VOLUME_UP", 24),
    ("VOLUME_DOWN", 25),
    ("POWER", 26),
    ("CAMERA", 27),
    ("TAB", 61),
    ("SPACE", 62),
    ("ENTER", 66),
    ("DEL", 67),
    ("MENU", 82),
    ("NOTIFICATION", 83),
    ("SEARCH", 84),
    ("MEDIA_PLAY_PAUSE", 85),
    ("ESCAPE", 111),
    ("FORWARD_DEL", 112),
    ("MOVE_HOME", 122),
    ("MOVE_END", 123),
    ("NUMPAD_ENTER", 160),
    ("VOLUME_MUTE", 164),
    ("APP_SWITCH", 187),
    ("SLEEP", 223),
    ("WAKEUP", 224),
    ("PASTE", 279),
];

/// The largest code that Android knows.
const MAX_CODE: u32 = 320;

/// How text comes to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// Key by key: only what a plain keyboard has keys for.
    ByKeys,
    /// As a whole, by an input method or the accessibility service.
    AsText,
}

/// `BACK`, `KEYCODE_BACK`, `back`, `4`.
pub fn code(name: &str) -> Option<u32> {
    if let Ok(number) = name.parse::<u32>() {
        return (number <= MAX_CODE).then_some(number);
    }
    let name = name.to_ascii_uppercase();
    let name = name.strip_prefix("KEYCODE_").unwrap_or(&name);
    KEYS.iter().find(|(known, _)| *known == name).map(|(_, code)| *code)
}

/// The names that the resident server has for keys.
pub fn code_of_word(name: &str) -> Option<u32> {
    let word = name.to_ascii_lowercase();
    Some(match word.as_str() {
        "home" => 3,
        "back" => 4,
        "up" => 19,
        "down" => 20,
        "left" => 21,
        "right" => 22,
        "center" => 23,
        "volume_up" => 24,
        "volume_down" => 25,
        "power" => 26,
        "camera" => 27,
        "space" => 62,
        "enter" => 66,
        "delete" | "del" => 67,
        "menu" => 82,
        "search" => 84,
        "volume_mute" => 164,
        "recent" => 187,
        _ => return None,
    })
}

/// Presses a key. One that this phone has no use for does nothing, as on many a phone.
pub fn press(phone: &mut Inner, code: u32) {
    phone.touched();
    match code {
        26 if phone.awake => touch::sleep(phone),
        26 | 224 => touch::wake(phone),
        223 => touch::sleep(phone),
        82 if phone.awake && phone.lock == Lock::Swipe => phone.lock = Lock::Open,
        _ if !phone.is_usable() => {}
        3 => phone.phone.home(),
        4 | 111 => phone.phone.back(),
        66 | 160 => {
            phone.phone.enter();
        }
        67 => {
            phone.phone.delete_letter();
        }
        62 => {
            phone.phone.type_text(" ");
        }
        83 => touch::open_shade(phone),
        279 => {
            if let Some(text) = phone.phone.system().clipboard.clone() {
                phone.phone.type_text(&text);
            }
        }
        // Letters and digits as on a keyboard: 29 is A, 7 is 0.
        7..=16 => type_letter(phone, b'0' + (code - 7) as u8),
        29..=54 => type_letter(phone, b'a' + (code - 29) as u8),
        _ => {}
    }
}

fn type_letter(phone: &mut Inner, letter: u8) {
    phone.phone.type_text(&char::from(letter).to_string());
}

/// Types into the focused field. False if that is not possible: no keyboard has a key for a letter.
pub fn type_text(phone: &mut Inner, text: &str, how: Typed) -> bool {
    phone.touched();
    let has_keys = text.chars().all(|letter| letter.is_ascii_graphic() || letter == ' ');
    if how == Typed::ByKeys && !has_keys {
        return false;
    }
    if phone.is_usable() {
        phone.phone.type_text(text);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_names_and_numbers() {
        for (name, expected) in
            [("BACK", Some(4)), ("keycode_home", Some(3)), ("66", Some(66)), ("9999", None), ("x", None)]
        {
            assert_eq!(code(name), expected, "{name}");
        }
        assert_eq!((code_of_word("recent"), code_of_word("anykey")), (Some(187), None));
    }
}
