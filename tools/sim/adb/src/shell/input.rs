//! Touches, keys and looks: `input`, `screencap`, `uiautomator`.

use std::time::Duration;

use super::commands::Call;
use crate::keys::{self, Typed};
use crate::touch;

/// What a phone says whose owner has not allowed injected touches.
pub const NO_INJECTION: &str = "java.lang.SecurityException: Injecting input events requires the caller (or the source \
     of the instrumentation, if any) to have the INJECT_EVENTS permission.";

const USAGE: &str = "Usage: input [<source>] [-d DISPLAY_ID] <command> [<arg>...]\n\nThe commands are: text <string>, \
     keyevent [--longpress] <key>..., tap <x> <y>, swipe <x1> <y1> <x2> <y2> [duration(ms)], draganddrop <x1> <y1> <x2> \
     <y2> [duration(ms)]";

/// What counts as a long press where a finger stays in its place, as on Android.
const LONG_PRESS: Duration = Duration::from_millis(500);

pub(crate) fn input(call: &mut Call<'_>) -> i32 {
    let mut words = call.arguments();
    let sources = ["touchscreen", "keyboard", "mouse", "touchpad", "gamepad", "stylus", "dpad"];
    if let [first, rest @ ..] = words
        && sources.contains(&first.as_str())
    {
        words = rest;
    }
    if let [first, _, rest @ ..] = words
        && first == "-d"
    {
        words = rest;
    }
    let [command, arguments @ ..] = words else {
        return call.fail(USAGE);
    };
    let (command, arguments) = (command.clone(), arguments.to_vec());
    if call.phone.faults.no_injection {
        return call.fail(NO_INJECTION);
    }
    let is_done = match command.as_str() {
        "tap" => numbers(&arguments).is_some_and(|[x, y]| touch::tap(call.phone, (x, y))),
        "swipe" | "draganddrop" | "drag" => swipe(call, &arguments, command != "swipe"),
        "text" if !arguments.is_empty() => {
            // `%s` stands for a space, because shells split words there.
            let text = arguments.join(" ").replace("%s", " ");
            if !keys::type_text(call.phone, &text, Typed::ByKeys) {
                // What Android says of letters that no key has.
                return call.fail("java.lang.NullPointerException: Attempt to get length of null array");
            }
            true
        }
        "keyevent" => return keyevent(call, &arguments),
        _ => false,
    };
    if is_done { 0 } else { bad_arguments(call, &command) }
}

fn bad_arguments(call: &mut Call<'_>, command: &str) -> i32 {
    call.fail(format!("Error: Invalid arguments for command: {command}\n{USAGE}"));
    255
}

fn numbers<const N: usize>(words: &[String]) -> Option<[i32; N]> {
    // Clients send fractions of pixels; a finger has none.
    let number =
        |word: &String| word.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number as i32);
    let numbers: Vec<i32> = words.iter().take(N).map_while(number).collect();
    numbers.try_into().ok()
}

fn swipe(call: &mut Call<'_>, words: &[String], is_drag: bool) -> bool {
    let Some([x1, y1, x2, y2]) = numbers(words) else { return false };
    let duration =
        words.get(4).and_then(|text| text.parse().ok()).map_or(Duration::from_millis(300), Duration::from_millis);
    if (x1, y1) == (x2, y2) && duration >= LONG_PRESS {
        touch::long_press(call.phone, (x1, y1));
    } else if is_drag {
        touch::drag(call.phone, (x1, y1), (x2, y2));
    } else {
        touch::swipe(call.phone, (x1, y1), (x2, y2), duration);
    }
    true
}

fn keyevent(call: &mut Call<'_>, words: &[String]) -> i32 {
    let names: Vec<String> = words.iter().filter(|word| !word.starts_with("--")).cloned().collect();
    if names.is_empty() {
        return bad_arguments(call, "keyevent");
    }
    for name in names {
        let Some(code) = keys::code(&name) else {
            call.fail(format!("Error: Unknown keycode: {name}"));
            return 255;
        };
        keys::press(call.phone, code);
    }
    0
}

/// `screencap -p [file]`
pub(crate) fn screencap(call: &mut Call<'_>) -> i32 {
    let mut file = None;
    let mut words = call.arguments().iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-d" => {
                words.next();
            }
            "-p" => {}
            word if !word.starts_with('-') => file = Some(word.to_owned()),
            _ => {}
        }
    }
    let png = match touch::picture(call.phone) {
        Ok(png) => png,
        Err(error) => return call.fail(format!("Capturing failed: {error}")),
    };
    match file {
        None => {
            call.output.out = png;
            0
        }
        Some(file) => match super::files::write(call.phone, &file, png, false) {
            Ok(()) => 0,
            Err(error) => call.fail(format!("Error opening file: {file}: {error}")),
        },
    }
}

/// `uiautomator dump [--compressed] [file]`
pub(crate) fn uiautomator(call: &mut Call<'_>) -> i32 {
    if call.word(1) != Some("dump") {
        return call.fail("Usage: uiautomator dump [--compressed] [file]");
    }
    if call.phone.resident.is_some() {
        // Two of them cannot be registered at a time.
        call.say("ERROR: could not get idle state.");
        return call.fail("java.lang.IllegalStateException: UiAutomationService already registered!");
    }
    call.phone.begin_look();
    if call.phone.faults.restless_tree {
        call.say("ERROR: could not get idle state.");
        return 1;
    }
    if !call.phone.awake {
        call.say("ERROR: null root node returned by UiTestAutomationBridge.");
        return 1;
    }
    let xml = call.phone.hierarchy();
    let file = call.arguments()[1..].iter().find(|word| !word.starts_with("--"));
    let file = file.cloned().unwrap_or_else(|| "/sdcard/window_dump.xml".to_owned());
    if file == "/dev/tty" {
        call.say(xml);
    } else if let Err(error) = super::files::write(call.phone, &file, xml.into_bytes(), false) {
        return call.fail(format!("java.io.FileNotFoundException: {file}: {error}"));
    }
    call.say(format!("UI hierchary dumped to: {file}"));
    0
}
