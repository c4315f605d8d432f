//! Apps that run: `am`, `monkey`, processes, the status bar.

use base64::Engine;

use super::commands::Call;
use crate::handset::{ADB_KEYBOARD, activity};
use crate::keys::{self, Typed};
use crate::touch;

/// The process ids of apps begin here, one for each app.
const FIRST_PID: usize = 2000;
const RESIDENT_PID: usize = 1900;
/// What `am broadcast` reports of a receiver that did what it was asked.
const DONE: i32 = -1;

/// `first` is where the verb stands: `am start`, `cmd activity start`.
pub(crate) fn am(call: &mut Call<'_>, first: usize) -> i32 {
    match call.word(first) {
        Some("start" | "start-activity") => start(call, first + 1),
        Some("force-stop" | "kill") => {
            let package = call.words.last().cloned().unwrap_or_default();
            if let Some(key) = call.phone.app_key(&package) {
                call.phone.touched();
                call.phone.phone.stop(key);
            } else if package == super::packages::ADB_KEYBOARD_PACKAGE {
                call.phone.resident = None;
            }
            0
        }
        Some("broadcast") => broadcast(call),
        Some("stack" | "task" | "get-current-user") => {
            call.say("0");
            0
        }
        Some(verb) => {
            let line = format!("Unknown command: {verb}");
            call.fail(line);
            255
        }
        None => call.fail("Activity manager (activity) commands: start, force-stop, broadcast"),
    }
}

/// `start [-W] [-S] [-n COMPONENT | -a ACTION -c CATEGORY [-p PACKAGE] | PACKAGE]`
fn start(call: &mut Call<'_>, first: usize) -> i32 {
    let with_value = ["-a", "-c", "-d", "-t", "-e", "--es", "--ei", "--ez", "--user", "--display", "-f", "-p", "-n"];
    let mut component = None;
    let mut package = None;
    let mut words = call.words[first.min(call.words.len())..].iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-n" => component = words.next().cloned(),
            "-p" => package = words.next().cloned(),
            option if with_value.contains(&option) => {
                words.next();
            }
            word if word.starts_with('-') => {}
            word if word.contains('/') => component = Some(word.to_owned()),
            word => package = Some(word.to_owned()),
        }
    }
    let target = match (&component, package) {
        (Some(component), _) => component.clone(),
        (None, Some(package)) => format!("{package}/{}", activity(&package)),
        (None, None) => {
            call.say("Starting: Intent { }");
            return call.fail("Error: Activity not started, unable to resolve Intent { }");
        }
    };
    let (package, name) = target.split_once('/').unwrap_or((&target, ""));
    let name = if name.starts_with('.') { format!("{package}{name}") } else { name.to_owned() };
    call.say(format!("Starting: Intent {{ cmp={package}/{name} }}"));
    let key = call.phone.app_key(package).filter(|_| name == activity(package));
    let Some(key) = key else {
        if component.is_none() {
            return call.fail(format!("Error: Activity not started, unable to resolve Intent {{ pkg={package} }}"));
        }
        call.fail("Error type 3");
        return call.fail(format!("Error: Activity class {{{package}/{name}}} does not exist."));
    };
    call.phone.touched();
    if call.has("-S") {
        call.phone.phone.stop(key);
    }
    call.phone.phone.launch(key);
    if call.has("-W") {
        call.say(format!(
            "Status: ok\nLaunchState: COLD\nActivity: {package}/{name}\nTotalTime: 300\nWaitTime: 302\nComplete"
        ));
    }
    0
}

/// `monkey -p PACKAGE -c android.intent.category.LAUNCHER 1`
pub(crate) fn monkey(call: &mut Call<'_>) -> i32 {
    let Some(package) = call.option("-p").map(str::to_owned) else {
        return call.fail("usage: monkey -p PACKAGE -c android.intent.category.LAUNCHER 1");
    };
    let Some(key) = call.phone.app_key(&package) else {
        call.say("** No activities found to run, monkey aborted.");
        return 252;
    };
    call.phone.touched();
    call.phone.phone.launch(key);
    call.say("Events injected: 1");
    call.say("## Network stats: elapsed time=20ms (0ms mobile, 0ms wifi, 20ms not connected)");
    0
}

pub(crate) fn statusbar(call: &mut Call<'_>) -> i32 {
    match call.word(2) {
        Some("expand-notifications" | "expand-settings") => touch::open_shade(call.phone),
        Some("collapse") => {
            call.phone.touched();
            if call.phone.is_usable() && call.phone.phone.foreground().package == "com.android.systemui" {
                call.phone.phone.back();
            }
        }
        Some(_) | None => return call.fail("usage: cmd statusbar expand-notifications|expand-settings|collapse"),
    }
    0
}

/// A broadcast to the input method of `uiautomator2`; nobody hears any other.
fn broadcast(call: &mut Call<'_>) -> i32 {
    let action = call.option("-a").unwrap_or_default().to_owned();
    let text = call.option("text").map(str::to_owned);
    let code = call.option("code").map(str::to_owned);
    call.say(format!("Broadcasting: Intent {{ act={action} flg=0x400000 }}"));
    let hears = call.phone.input_method == ADB_KEYBOARD && call.phone.adb_keyboard;
    let result = if hears { keyboard(call, &action, text, code) } else { None };
    match result {
        Some(data) => call.say(format!("Broadcast completed: result={DONE}, data=\"{data}\"")),
        None => call.say("Broadcast completed: result=0"),
    }
    0
}

/// What the input method says to a broadcast that it understands. Texts are in base 64.
fn keyboard(call: &mut Call<'_>, action: &str, text: Option<String>, code: Option<String>) -> Option<&'static str> {
    call.phone.touched();
    match action {
        "ADB_KEYBOARD_INPUT_TEXT" => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text?).ok()?;
            keys::type_text(call.phone, &String::from_utf8(bytes).ok()?, Typed::AsText);
        }
        "ADB_KEYBOARD_CLEAR_TEXT" => {
            if call.phone.is_usable() {
                call.phone.phone.clear_text();
            }
        }
        "ADB_KEYBOARD_INPUT_KEYCODE" => keys::press(call.phone, code?.parse().ok()?),
        "ADB_KEYBOARD_SMART_ENTER" | "ADB_KEYBOARD_EDITOR_CODE" => keys::press(call.phone, 66),
        "ADB_KEYBOARD_HIDE" => {
            if call.phone.is_usable() && call.phone.phone.frame().keyboard {
                call.phone.phone.hide_keyboard();
            }
        }
        _ => return None,
    }
    Some("success")
}

/// `ps`, `pidof`, `kill`, `pkill`.
pub(crate) fn processes(call: &mut Call<'_>, name: &str) -> i32 {
    let apps = call.phone.phone.system().apps.iter().enumerate();
    let running = apps.filter(|(_, app)| app.running && app.installed);
    let mut processes: Vec<(usize, String)> = vec![
        (1, "init".to_owned()),
        (900, "system_server".to_owned()),
        (1200, "com.android.systemui".to_owned()),
        (1300, "com.deftly.launcher".to_owned()),
    ];
    processes.extend(running.map(|(index, app)| (FIRST_PID + index, app.package())));
    if call.phone.resident.is_some() {
        processes.push((RESIDENT_PID, "app_process".to_owned()));
    }
    let target = call.words.last().cloned().unwrap_or_default();
    match name {
        "ps" => {
            call.say("USER           PID  PPID     VSZ    RSS WCHAN            ADDR S NAME");
            for (pid, name) in processes {
                call.say(format!("u0_a1        {pid:>5}   100 1010000  27580 SyS_epoll_          0 S {name}"));
            }
            0
        }
        "pidof" => match processes.iter().find(|(_, name)| *name == target) {
            Some((pid, _)) => {
                call.say(pid.to_string());
                0
            }
            None => 1,
        },
        // The user of the shell may end what it started, and no app.
        _ => {
            let is_resident =
                target == RESIDENT_PID.to_string() || "com.wetest.uia2.Main app_process".contains(&target);
            if is_resident && call.phone.resident.take().is_some() {
                return 0;
            }
            call.fail(format!("{name}: {target}: No such process"))
        }
    }
}
