//! Installed apps: `pm`, `cmd package`.

use super::commands::Call;
use crate::handset::{ADB_KEYBOARD, OWN_KEYBOARD, activity};

/// What is installed beside the apps of the launcher.
const SYSTEM_PACKAGES: [&str; 4] =
    ["android", "com.android.systemui", "com.android.inputmethod.latin", "com.deftly.launcher"];
/// The package of [`ADB_KEYBOARD`].
pub(crate) const ADB_KEYBOARD_PACKAGE: &str = "com.github.uiautomator";

/// An app as its package, name and kind.
pub(crate) struct Installed {
    pub package: String,
    /// As the launcher shows it; `None` for what is not on it.
    pub name: Option<String>,
    pub system: bool,
}

pub(crate) fn installed(call: &Call<'_>) -> Vec<Installed> {
    let apps = call.phone.phone.system().apps.iter().filter(|app| app.installed);
    let apps = apps.map(|app| Installed { package: app.package(), name: Some(app.name.clone()), system: app.system });
    let system = SYSTEM_PACKAGES.iter().map(|&package| (package, true));
    let keyboard = call.phone.adb_keyboard.then_some((ADB_KEYBOARD_PACKAGE, false));
    let others = system.chain(keyboard);
    apps.chain(others.map(|(package, system)| Installed { package: package.to_owned(), name: None, system })).collect()
}

/// `first` is where the verb stands: `pm list packages`, `cmd package list packages`.
pub(crate) fn pm(call: &mut Call<'_>, first: usize) -> i32 {
    let words = call.words[first.min(call.words.len())..].to_vec();
    let plain: Vec<&str> = plain_words(&words);
    match plain.as_slice() {
        ["list", "packages", filter @ ..] => list(call, filter.first().copied().unwrap_or_default()),
        ["path", package, ..] => path(call, package),
        ["clear", package, ..] => clear(call, package),
        ["uninstall", package, ..] => uninstall(call, package),
        ["install", path, ..] => install(call, path),
        ["resolve-activity", ..] => resolve(call, &words),
        ["query-activities", ..] => query(call),
        ["grant" | "revoke", ..] => 0,
        ["list", what, ..] => {
            let line = format!("Error: unknown list type '{what}'");
            call.fail(line)
        }
        [verb, ..] => {
            let line = format!("Unknown command: {verb}");
            call.fail(line);
            255
        }
        [] => call.fail("Package manager (package) commands: list, path, clear, install, uninstall, resolve-activity, query-activities"),
    }
}

/// The words that are no options, nor values of options.
fn plain_words(words: &[String]) -> Vec<&str> {
    let with_value = ["--user", "-a", "-c", "-d", "-t", "-i", "-S", "--query-flags"];
    let mut plain = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if with_value.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') {
            plain.push(word.as_str());
        }
    }
    plain
}

fn list(call: &mut Call<'_>, filter: &str) -> i32 {
    let (only_system, only_others, with_file) = (call.has("-s"), call.has("-3"), call.has("-f"));
    let mut apps = installed(call);
    apps.retain(|app| app.package.contains(filter) && if app.system { !only_others } else { !only_system });
    for app in apps {
        let line = if with_file {
            format!("package:{}={}", file(&app.package, app.system), app.package)
        } else {
            format!("package:{}", app.package)
        };
        call.say(line);
    }
    0
}

fn file(package: &str, system: bool) -> String {
    if system { format!("/system/app/{package}/base.apk") } else { format!("/data/app/{package}/base.apk") }
}

fn path(call: &mut Call<'_>, package: &str) -> i32 {
    let app = installed(call).into_iter().find(|app| app.package == package);
    match app {
        Some(app) => {
            call.say(format!("package:{}", file(&app.package, app.system)));
            0
        }
        None => 1,
    }
}

/// Begins the app anew. Its data stays: the simulator has no other state to give it.
fn clear(call: &mut Call<'_>, package: &str) -> i32 {
    let Some(key) = call.phone.app_key(package) else {
        call.say("Failed");
        return 1;
    };
    call.phone.touched();
    call.phone.phone.stop(key);
    call.say("Success");
    0
}

fn uninstall(call: &mut Call<'_>, package: &str) -> i32 {
    call.phone.touched();
    if package == ADB_KEYBOARD_PACKAGE && call.phone.adb_keyboard {
        call.phone.adb_keyboard = false;
        if call.phone.input_method == ADB_KEYBOARD {
            call.phone.input_method = OWN_KEYBOARD.to_owned();
        }
        call.say("Success");
        return 0;
    }
    let key = call.phone.app_key(package);
    let entry = key.and_then(|key| call.phone.phone.system_mut().app_mut(key)).filter(|entry| !entry.system);
    let Some(entry) = entry else {
        call.say("Failure [DELETE_FAILED_INTERNAL_ERROR]");
        return 1;
    };
    entry.installed = false;
    let key = entry.key;
    call.phone.phone.stop(key);
    call.say("Success");
    0
}

/// The one app that can be installed is the input method of `uiautomator2`, which clients push to type any text. No app
/// file is ever run: the simulated phone has its own version of it.
fn install(call: &mut Call<'_>, path: &str) -> i32 {
    let is_archive = match call.phone.files.read(path) {
        Ok(data) => data.starts_with(b"PK\x03\x04"),
        Err(_) => {
            let line = format!("Error: failed to write; {path} (No such file or directory)");
            return call.fail(line);
        }
    };
    if !is_archive {
        call.say("Failure [INSTALL_PARSE_FAILED_NOT_APK]");
        return 1;
    }
    call.phone.adb_keyboard = true;
    call.say("Success");
    0
}

/// `resolve-activity [--brief] [-a ACTION] [-c CATEGORY] PACKAGE`
fn resolve(call: &mut Call<'_>, words: &[String]) -> i32 {
    let package = plain_words(words).get(1).map(|&word| word.to_owned());
    let app = installed(call).into_iter().find(|app| Some(&app.package) == package.as_ref() && app.name.is_some());
    match app {
        None => call.say("No activity found"),
        Some(app) if call.has("--brief") => {
            call.say("priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=false");
            call.say(format!("{}/{}", app.package, activity(&app.package)));
        }
        Some(app) => {
            call.say("priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=false");
            say_activity(call, &app, "");
        }
    }
    0
}

/// `query-activities [--brief|--components] -a android.intent.action.MAIN -c android.intent.category.LAUNCHER [PACKAGE]`:
/// the apps of the launcher, whatever is asked, because they have no other activities.
fn query(call: &mut Call<'_>) -> i32 {
    let (is_brief, only_components) = (call.has("--brief"), call.has("--components"));
    let mut apps = installed(call);
    apps.retain(|app| app.name.is_some());
    if !only_components {
        call.say(format!("{} activities found:", apps.len()));
    }
    for (number, app) in apps.iter().enumerate() {
        let component = format!("{}/{}", app.package, activity(&app.package));
        if only_components {
            call.say(component);
            continue;
        }
        call.say(format!("  Activity #{number}:"));
        call.say("    priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true");
        if is_brief {
            call.say(format!("    {component}"));
        } else {
            say_activity(call, app, "    ");
        }
    }
    0
}

/// What the package manager knows of an activity. These apps have their names in their manifests, as few real apps have.
fn say_activity(call: &mut Call<'_>, app: &Installed, indent: &str) {
    let name = app.name.as_deref().unwrap_or_default();
    let package = &app.package;
    let source = file(package, app.system);
    call.say(format!("{indent}ActivityInfo:"));
    call.say(format!("{indent}  name={}", activity(package)));
    call.say(format!("{indent}  packageName={package}"));
    call.say(format!("{indent}  labelRes=0x0 nonLocalizedLabel={name} icon=0x7f010000 banner=0x0"));
    call.say(format!("{indent}  enabled=true exported=true directBootAware=false"));
    call.say(format!("{indent}  ApplicationInfo:"));
    call.say(format!("{indent}    packageName={package}"));
    call.say(format!("{indent}    labelRes=0x0 nonLocalizedLabel={name} icon=0x7f010000 banner=0x0"));
    call.say(format!("{indent}    processName={package}"));
    call.say(format!("{indent}    sourceDir={source}"));
}
