//! Settings of the system: `settings`, `ime`, `svc`.

use super::commands::Call;
use crate::handset::{ADB_KEYBOARD, OWN_KEYBOARD};

/// What clients may put beside the settings that the phone has.
const MAX_SETTINGS: usize = 256;

/// `first` is where the verb stands.
pub(crate) fn settings(call: &mut Call<'_>, first: usize) -> i32 {
    let words: Vec<String> = call.words[first.min(call.words.len())..].to_vec();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let words = match words.as_slice() {
        ["--user", _, rest @ ..] => rest,
        words => words,
    };
    match words {
        ["get", space, name, ..] => {
            let value = get(call, space, name).unwrap_or_else(|| "null".to_owned());
            call.say(value);
            0
        }
        ["put", space, name, value, ..] => put(call, space, name, value),
        ["delete", space, name, ..] => {
            let gone = call.phone.settings.remove(&((*space).to_owned(), (*name).to_owned())).is_some();
            call.say(format!("Deleted {} rows", u8::from(gone)));
            0
        }
        ["list", space, ..] => {
            let listed = call.phone.settings.iter().filter(|((known, _), _)| known == space);
            let lines: Vec<String> = listed.map(|((_, name), value)| format!("{name}={value}")).collect();
            for line in lines {
                call.say(line);
            }
            0
        }
        _ => call.fail("usage: settings get|put|delete|list NAMESPACE [NAME [VALUE]]"),
    }
}

/// What the phone's own state says, then what was put.
fn get(call: &Call<'_>, space: &str, name: &str) -> Option<String> {
    let system = call.phone.phone.system();
    let flag = |on: bool| Some(u8::from(on).to_string());
    match (space, name) {
        ("secure", "default_input_method") => Some(call.phone.input_method.clone()),
        ("secure", "enabled_input_methods") => Some(methods(call).join(":")),
        ("system", "screen_brightness") => Some((u32::from(system.brightness) * 255 / 100).to_string()),
        ("system", "screen_brightness_mode") => flag(system.adaptive_brightness),
        ("system", "accelerometer_rotation") => flag(system.auto_rotate),
        ("system", "screen_off_timeout") => Some((system.screen_timeout * 1000).to_string()),
        ("system", "user_rotation") => Some("0".to_owned()),
        ("global", "airplane_mode_on") => flag(system.airplane),
        ("global", "wifi_on") => flag(system.wifi),
        ("global", "bluetooth_on") => flag(system.bluetooth),
        ("global", "device_name") => Some(system.device_name.clone()),
        _ => call.phone.settings.get(&(space.to_owned(), name.to_owned())).cloned(),
    }
}

fn put(call: &mut Call<'_>, space: &str, name: &str, value: &str) -> i32 {
    if !["system", "secure", "global"].contains(&space) {
        return call.fail(format!("Invalid namespace '{space}'"));
    }
    call.phone.touched();
    let is_on = value == "1";
    let system = call.phone.phone.system_mut();
    match (space, name) {
        ("secure", "default_input_method") => return select(call, value),
        ("system", "screen_brightness") => {
            system.brightness =
                value.parse::<u32>().map_or(system.brightness, |value| (value.min(255) * 100 / 255) as u8);
        }
        ("system", "screen_brightness_mode") => system.adaptive_brightness = is_on,
        ("system", "accelerometer_rotation") => system.auto_rotate = is_on,
        ("global", "airplane_mode_on") => system.set_airplane(is_on),
        _ => {
            let key = (space.to_owned(), name.to_owned());
            let settings = &mut call.phone.settings;
            if settings.len() >= MAX_SETTINGS && !settings.contains_key(&key) {
                return call.fail("java.lang.IllegalStateException: You are adding too many system settings");
            }
            settings.insert(key, value.to_owned());
        }
    }
    0
}

fn methods(call: &Call<'_>) -> Vec<&'static str> {
    let mut methods = vec![OWN_KEYBOARD];
    if call.phone.adb_keyboard {
        methods.push(ADB_KEYBOARD);
    }
    methods
}

fn select(call: &mut Call<'_>, method: &str) -> i32 {
    if !methods(call).contains(&method) {
        return call.fail(format!("Unknown input method {method} cannot be selected for user #0"));
    }
    call.phone.input_method = method.to_owned();
    0
}

/// `ime list|enable|disable|set|reset`
pub(crate) fn ime(call: &mut Call<'_>, first: usize) -> i32 {
    let method = call.words.last().cloned().unwrap_or_default();
    match call.word(first) {
        Some("list") => {
            for method in methods(call) {
                let line = if call.has("-s") { method.to_owned() } else { format!("{method}:\n  mId={method}") };
                call.say(line);
            }
            0
        }
        Some("enable") if methods(call).contains(&method.as_str()) => {
            call.say(format!("Input method {method}: now enabled for user #0"));
            0
        }
        Some("set") => {
            let status = select(call, &method);
            if status == 0 {
                call.say(format!("Input method {method} selected for user #0"));
            }
            status
        }
        Some("disable" | "reset") => {
            call.phone.input_method = OWN_KEYBOARD.to_owned();
            call.say("Input method disabled for user #0");
            0
        }
        Some("enable") => call.fail(format!("Unknown input method {method} cannot be enabled for user #0")),
        Some(_) | None => call.fail("usage: ime list|enable|disable|set|reset"),
    }
}

/// `svc wifi|data|bluetooth enable|disable`, `svc power stayon`
pub(crate) fn svc(call: &mut Call<'_>) -> i32 {
    call.phone.touched();
    let is_on = call.word(2) == Some("enable");
    let system = call.phone.phone.system_mut();
    match call.words.get(1).map(String::as_str) {
        Some("wifi") => system.set_wifi(is_on),
        Some("data") => system.mobile_data = is_on,
        Some("bluetooth") => system.bluetooth = is_on,
        Some("power") => {}
        Some(_) | None => return call.fail("usage: svc wifi|data|bluetooth enable|disable"),
    }
    0
}
