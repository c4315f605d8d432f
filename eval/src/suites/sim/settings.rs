//! Tasks that begin in Settings.

use deftly_sim::{AppEntry, FontSize, LANGUAGES, Permission, SimPhone, System, vocabulary};
use deftly_tools::Direction;

use super::messages::{is_only_text, owner_texts, someone, write_to};
use super::{Difficulty, Kind, Plan, Task, TaskBuilder, TaskTemplate};

const SETTINGS: &[&str] = &["settings"];

pub(super) static TEMPLATES: &[TaskTemplate] = &[
    TaskTemplate {
        name: "settings_turn_on_wifi",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Turn on {switch}",
            "{switch} on",
            "Please switch {switch} on",
            "I need {switch} to be on",
            "Hey, could you make sure that {switch} is on in the {app} app?",
        ],
        build: |b| turn(b, &WIFI, true),
    },
    TaskTemplate {
        name: "settings_turn_off_bluetooth",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Turn off {switch}",
            "{switch} off",
            "Disable {switch} please",
            "I don't need {switch} right now, switch it off",
            "Could you turn {switch} off in {app} to save power?",
        ],
        build: |b| turn(b, &BLUETOOTH, false),
    },
    TaskTemplate {
        name: "settings_turn_on_airplane",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Turn on {switch}",
            "Enable {switch}",
            "We are about to take off, put the phone into {switch}",
            "Switch {switch} on, please",
        ],
        build: |b| turn(b, &AIRPLANE, true),
    },
    TaskTemplate {
        name: "settings_turn_on_dark_theme",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Turn on {switch}",
            "Use {switch}",
            "Enable {switch} on this phone",
            "My eyes hurt, can you switch {switch} on?",
        ],
        build: |b| turn(b, &DARK_THEME, true),
    },
    TaskTemplate {
        name: "settings_turn_on_any",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Turn on {switch}",
            "{switch} on",
            "Enable {switch} in {app}",
            "Switch {switch} on, please",
            "I would like {switch} to be on",
            "Open {app}, then {page}, and turn {switch} on",
        ],
        build: |b| {
            let switch = b.choose(SWITCHES);
            turn(b, switch, true)
        },
    },
    TaskTemplate {
        name: "settings_turn_off_any",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Turn off {switch}",
            "{switch} off",
            "Disable {switch} in {app}",
            "Switch {switch} off, please",
            "I do not want {switch} any more, turn it off",
            "In {page}, switch {switch} off",
        ],
        build: |b| {
            let switch = b.choose(SWITCHES);
            turn(b, switch, false)
        },
    },
    TaskTemplate {
        name: "settings_turn_two",
        apps: SETTINGS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Turn {first} on and {second} off",
            "{first} on, {second} off",
            "Please switch on {first}, then switch off {second}",
            "I want {first} on but {second} off, can you do that in {app}?",
        ],
        build: turn_two,
    },
    TaskTemplate {
        name: "settings_screen_timeout",
        apps: SETTINGS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Set {setting} to {choice}",
            "{setting}: {choice}",
            "Change {setting} to {choice} in {app}",
            "The screen should stay on for {choice}, please set {setting}",
        ],
        build: screen_timeout,
    },
    TaskTemplate {
        name: "settings_ringtone",
        apps: SETTINGS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Set {setting} to {choice}",
            "Use {choice} as {setting}",
            "Change the {setting} to {choice}",
            "I am tired of my old melody, make {choice} the {setting}",
        ],
        build: ringtone,
    },
    TaskTemplate {
        name: "settings_font_size",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Set {setting} to {choice}",
            "{setting} {choice}",
            "Change {setting} to {choice} please",
            "I cannot read this well, set {setting} to {choice}",
        ],
        build: font_size,
    },
    TaskTemplate {
        name: "settings_language",
        apps: SETTINGS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Change {setting} to {choice}",
            "Set {setting} to {choice}",
            "Switch the phone to {choice}",
            "I am learning a language, so please use {choice} on this phone",
        ],
        build: language,
    },
    TaskTemplate {
        name: "settings_volume",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Turn {setting} all the way {direction}",
            "{setting} all the way {direction}",
            "Please move {setting} all the way {direction}",
            "Can you turn {setting} all the way {direction} in {app}?",
        ],
        build: volume,
    },
    TaskTemplate {
        name: "settings_rename_phone",
        apps: SETTINGS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Change the {device_name} to {name}",
            "Set {device_name} to {name}",
            "Rename this phone to {name}",
            "From now on this phone should be called {name}",
        ],
        build: rename_phone,
    },
    TaskTemplate {
        name: "settings_connect_network",
        apps: SETTINGS,
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Connect to the network {network}, the password is {password}",
            "Join {network} with password {password}",
            "Use the {wifi} network {network} (password {password})",
            "I am at a friend's place. Their network is {network} and the password is {password}. Connect please",
        ],
        build: connect_network,
    },
    TaskTemplate {
        name: "settings_pair_device",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Pair with {device}",
            "Connect {device} over {bluetooth}",
            "Pair {device}",
            "I want to use my {device} with this phone, pair it",
        ],
        build: pair_device,
    },
    TaskTemplate {
        name: "settings_uninstall",
        apps: SETTINGS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Uninstall {name}",
            "Remove the app {name}",
            "Get rid of the {name} app",
            "I never use {name}, please uninstall it from this phone",
        ],
        build: uninstall,
    },
    TaskTemplate {
        name: "settings_force_stop",
        apps: SETTINGS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Force stop {name}",
            "{name} hangs, force stop it",
            "Stop the app {name} in {app}",
            "Force {name} to stop",
        ],
        build: force_stop,
    },
    TaskTemplate {
        name: "settings_revoke_permission",
        apps: SETTINGS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Take the {permission} permission away from {name}",
            "Revoke {permission} for {name}",
            "{name} must not use {permission} any more, change its permissions",
            "Deny {name} the permission {permission}",
        ],
        build: revoke_permission,
    },
    TaskTemplate {
        name: "settings_mute_app",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Turn off notifications of {name}",
            "No more notifications from {name}",
            "Stop {name} from showing notifications",
            "{name} keeps bothering me, switch its notifications off in {app}",
        ],
        build: mute_app,
    },
    TaskTemplate {
        name: "settings_which_version",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Answer,
        wordings: &[
            "What does {row} say?",
            "Which {row} does this phone have?",
            "{row}?",
            "Tell me the {row} of this phone",
        ],
        build: |b| read_off(b, "version", |system| system.version.clone()),
    },
    TaskTemplate {
        name: "settings_which_model",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Answer,
        wordings: &["What is the {row} of this phone?", "Look up the {row} in {app}", "{row}?", "Tell me the {row}"],
        build: |b| read_off(b, "model", |system| system.model.clone()),
    },
    TaskTemplate {
        name: "settings_storage_used",
        apps: SETTINGS,
        difficulty: Difficulty::Easy,
        kind: Kind::Answer,
        wordings: &[
            "How much {row} is used?",
            "What does {row} say in {app}?",
            "Is my phone full? Tell me what {row} says",
            "{row} used?",
        ],
        build: storage_used,
    },
    TaskTemplate {
        name: "settings_connect_missing_network",
        apps: SETTINGS,
        difficulty: Difficulty::Medium,
        kind: Kind::Infeasible,
        wordings: &[
            "Connect to the network {network}",
            "Use the {wifi} network {network}",
            "Join {network}",
            "Can you connect this phone to {network}? It should be in the list",
        ],
        build: connect_missing_network,
    },
    TaskTemplate {
        name: "settings_airplane_and_tell",
        apps: &["settings", "messages"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Turn on {switch} and text {name}: {text}",
            "{switch} on, then write \"{text}\" to {name}",
            "Switch {switch} on, and after that let {name} know with the message \"{text}\"",
            "I am boarding. Please turn on {switch} and send {name} the message {text}",
        ],
        build: airplane_and_tell,
    },
];

/// A switch of Settings: where it is, and what of the system it shows.
struct Switch {
    /// The row on the first page that leads to it.
    page: &'static str,
    key: &'static str,
    field: fn(&mut System) -> &mut bool,
    is_on: fn(&System) -> bool,
}

/// A [`Switch`] for a field of the system that has its key as its name.
macro_rules! switch {
    ($page:literal, $field:ident) => {
        Switch {
            page: $page,
            key: stringify!($field),
            field: |system| &mut system.$field,
            is_on: |system| system.$field,
        }
    };
}

static WIFI: Switch = switch!("network", wifi);
static BLUETOOTH: Switch = switch!("bluetooth_page", bluetooth);
static AIRPLANE: Switch = switch!("network", airplane);
static DARK_THEME: Switch = switch!("display", dark_theme);

/// The switches that change nothing but themselves.
static SWITCHES: &[&Switch] = &[
    &BLUETOOTH,
    &DARK_THEME,
    &switch!("network", mobile_data),
    &switch!("network", hotspot),
    &switch!("network", location),
    &switch!("display", adaptive_brightness),
    &switch!("display", auto_rotate),
    &switch!("sound", vibrate),
    &switch!("sound", do_not_disturb),
    &switch!("battery", battery_saver),
    &switch!("battery", battery_percentage),
];

/// A plan that begins in Settings; fills `{app}`.
fn in_settings(b: &mut TaskBuilder<'_>) -> Plan {
    let app = b.phone.app_name("settings");
    b.param("app", app);
    Plan::in_app("settings")
}

fn turn(b: &mut TaskBuilder<'_>, switch: &'static Switch, on: bool) -> Task {
    b.label("switch", "settings", switch.key).label("page", "settings", switch.page);
    *(switch.field)(b.phone.system_mut()) = !on;
    let plan = in_settings(b).tap(switch.page).set(switch.key, on);
    Task::reach(move |phone| (switch.is_on)(phone.system()) == on, plan)
}

fn turn_two(b: &mut TaskBuilder<'_>) -> Task {
    let first = b.choose(SWITCHES);
    let others: Vec<&'static Switch> = SWITCHES.iter().copied().filter(|switch| switch.key != first.key).collect();
    let second = b.choose(&others);
    b.label("first", "settings", first.key).label("second", "settings", second.key);
    *(first.field)(b.phone.system_mut()) = false;
    *(second.field)(b.phone.system_mut()) = true;
    let plan = in_settings(b)
        .tap(first.page)
        .set(first.key, true)
        .until(|phone| (first.is_on)(phone.system()))
        .open("settings")
        .tap(second.page)
        .set(second.key, false);
    Task::reach(move |phone| (first.is_on)(phone.system()) && !(second.is_on)(phone.system()), plan)
}

fn screen_timeout(b: &mut TaskBuilder<'_>) -> Task {
    const CHOICES: &[(u32, &str)] = &[
        (15, "15 seconds"),
        (30, "30 seconds"),
        (60, "1 minute"),
        (120, "2 minutes"),
        (300, "5 minutes"),
        (600, "10 minutes"),
    ];
    let (seconds, choice) = b.choose(CHOICES);
    b.param("choice", choice).label("setting", "settings", "timeout");
    b.phone.system_mut().screen_timeout = if seconds == 30 { 60 } else { 30 };
    let plan = in_settings(b).tap("display").tap("timeout").tap(format!("timeout_{seconds}"));
    Task::reach(move |phone| phone.system().screen_timeout == seconds, plan)
}

fn ringtone(b: &mut TaskBuilder<'_>) -> Task {
    let current = b.phone.system().ringtone.clone();
    let others: Vec<&str> = vocabulary::RINGTONES.iter().copied().filter(|name| *name != current).collect();
    let choice = b.choose(&others);
    b.param("choice", choice).label("setting", "settings", "ringtone");
    let plan = in_settings(b).tap("sound").tap("ringtone").tap(format!("ringtone_{}", choice.to_lowercase()));
    Task::reach(move |phone| phone.system().ringtone == choice, plan)
}

fn font_size(b: &mut TaskBuilder<'_>) -> Task {
    let size = b.choose(&[FontSize::Small, FontSize::Large, FontSize::Largest]);
    b.param("choice", size.name()).label("setting", "settings", "font_size");
    b.phone.system_mut().font_size = FontSize::Default;
    let plan = in_settings(b).tap("display").tap("font_size").tap(format!("size_{}", size.name().to_lowercase()));
    Task::reach(move |phone| phone.system().font_size == size, plan)
}

fn language(b: &mut TaskBuilder<'_>) -> Task {
    let number = b.number(1..=LANGUAGES.len() as i64 - 1) as usize;
    let choice = LANGUAGES[number];
    b.param("choice", choice).label("setting", "settings", "language");
    b.phone.system_mut().language = LANGUAGES[0].to_owned();
    let plan = in_settings(b).tap("language").tap(format!("language_{number}"));
    Task::reach(move |phone| phone.system().language == choice, plan)
}

fn volume(b: &mut TaskBuilder<'_>) -> Task {
    type Read = fn(&System) -> u8;
    const LEVELS: &[(&str, &str, Read)] = &[
        ("display", "brightness", |system| system.brightness),
        ("sound", "media_volume", |system| system.volume.media),
        ("sound", "ring_volume", |system| system.volume.ring),
        ("sound", "alarm_volume", |system| system.volume.alarm),
        ("sound", "call_volume", |system| system.volume.call),
    ];
    let (page, key, read) = b.choose(LEVELS);
    let (word, direction, end) = b.choose(&[("up", Direction::Right, 100), ("down", Direction::Left, 0)]);
    b.param("direction", word).label("setting", "settings", key);
    let reached = move |phone: &SimPhone| read(phone.system()) == end;
    Task::reach(reached, in_settings(b).tap(page).swipe_unless(key, direction, reached))
}

fn rename_phone(b: &mut TaskBuilder<'_>) -> Task {
    let name = b.choose(&["Nova", "Pocket phone", "Blue whale", "Travel companion", "Kitchen phone", "Rocket", "Work"]);
    b.param("name", name).label("device_name", "settings", "device_name");
    let plan = in_settings(b).tap("about").tap("device_name").type_into("device_name_field", name).tap("save");
    Task::reach(move |phone| phone.system().device_name == name, plan)
}

fn connect_network(b: &mut TaskBuilder<'_>) -> Task {
    let number = b.number(0..=b.phone.system().networks.len() as i64 - 1) as usize;
    let word = b.choose(vocabulary::ITEMS).to_lowercase().replace(' ', "");
    let password = format!("{word}-{}", b.number(10_000..=99_999));
    let system = b.phone.system_mut();
    system.networks[number].secured = true;
    system.networks[number].saved = false;
    system.set_wifi(true);
    let network = system.networks[number].name.clone();
    b.param("network", &network).param("password", &password).label("wifi", "settings", "wifi");
    let plan = in_settings(b)
        .tap("network")
        .tap("wifi_page")
        .tap(format!("network_{number}"))
        .type_into("password", password)
        .tap("connect");
    Task::reach(move |phone| phone.system().wifi && phone.system().connected.as_ref() == Some(&network), plan)
}

fn pair_device(b: &mut TaskBuilder<'_>) -> Task {
    let number = b.number(0..=b.phone.system().bluetooth_devices.len() as i64 - 1) as usize;
    let system = b.phone.system_mut();
    system.bluetooth = true;
    system.bluetooth_devices[number].paired = false;
    let mut wanted = system.bluetooth_devices.clone();
    wanted[number].paired = true;
    b.param("device", &wanted[number].name).label("bluetooth", "settings", "bluetooth");
    let plan = in_settings(b).tap("bluetooth_page").tap(format!("device_{number}"));
    Task::reach(move |phone| phone.system().bluetooth_devices == wanted, plan)
}

/// An app that passes; fills `{name}` with what this phone calls it. Returns its key.
fn some_app(b: &mut TaskBuilder<'_>, passes: impl Fn(&AppEntry) -> bool) -> &'static str {
    let apps: Vec<(&'static str, String)> =
        b.phone.system().apps.iter().filter(|app| passes(app)).map(|app| (app.key, app.name.clone())).collect();
    let (key, name) = b.choose(&apps);
    b.param("name", name);
    key
}

fn uninstall(b: &mut TaskBuilder<'_>) -> Task {
    let key = some_app(b, |app| app.installed && !app.system);
    let others = b.phone.system().apps.iter().filter(|app| app.installed).count() - 1;
    let plan = in_settings(b).tap("apps").tap(format!("app_{key}")).tap("uninstall").tap("ok");
    let reached = move |phone: &SimPhone| {
        let system = phone.system();
        let is_gone = system.app(key).is_some_and(|app| !app.installed);
        is_gone && system.apps.iter().filter(|app| app.installed).count() == others
    };
    Task::reach(reached, plan)
}

fn force_stop(b: &mut TaskBuilder<'_>) -> Task {
    let key = some_app(b, |app| app.installed && app.key != "settings");
    if let Some(app) = b.phone.system_mut().app_mut(key) {
        app.running = true;
    }
    let plan = in_settings(b).tap("apps").tap(format!("app_{key}")).tap("force_stop").tap("ok");
    let reached = move |phone: &SimPhone| phone.system().app(key).is_some_and(|app| app.installed && !app.running);
    Task::reach(reached, plan)
}

fn revoke_permission(b: &mut TaskBuilder<'_>) -> Task {
    let key = some_app(b, |app| app.installed && app.key != "settings");
    let permission =
        b.choose(&[Permission::Camera, Permission::Contacts, Permission::Location, Permission::Microphone]);
    b.param("permission", permission.name());
    if let Some(app) = b.phone.system_mut().app_mut(key) {
        app.permissions.insert(permission, true);
    }
    let switch = format!("permission_{}", permission.name().to_lowercase());
    let plan = in_settings(b).tap("apps").tap(format!("app_{key}")).tap("permissions").set(switch, false);
    Task::reach(move |phone| phone.system().app(key).is_some_and(|app| app.installed && !app.has(permission)), plan)
}

fn mute_app(b: &mut TaskBuilder<'_>) -> Task {
    let key = some_app(b, |app| app.installed);
    if let Some(app) = b.phone.system_mut().app_mut(key) {
        app.notifications = true;
    }
    let plan = in_settings(b).tap("notifications_page").set(format!("notify_{key}"), false);
    Task::reach(move |phone| phone.system().app(key).is_some_and(|app| app.installed && !app.notifications), plan)
}

/// A question about a row of the page about the phone.
fn read_off(b: &mut TaskBuilder<'_>, key: &'static str, read: fn(&System) -> String) -> Task {
    b.label("row", "settings", key);
    let plan = in_settings(b).tap("about").see(key);
    Task::answer([read(b.phone.system())], plan)
}

fn storage_used(b: &mut TaskBuilder<'_>) -> Task {
    b.label("row", "settings", "storage");
    let System { storage_used: used, storage_total: total, .. } = *b.phone.system();
    let whole = format!("{used} GB of {total} GB used");
    let accepted =
        [whole, format!("{used} GB"), format!("{used} GB of {total} GB"), format!("{used}GB"), used.to_string()];
    Task::answer(accepted, in_settings(b).tap("about").see("storage"))
}

fn connect_missing_network(b: &mut TaskBuilder<'_>) -> Task {
    let network = format!("Harbour {}", b.number(10..=99));
    b.param("network", network).label("wifi", "settings", "wifi");
    b.phone.system_mut().set_wifi(true);
    let connected = b.phone.system().connected.clone();
    // The page that would show the network is open, and all of it was looked through.
    let last = format!("network_{}", b.phone.system().networks.len() - 1);
    let plan = in_settings(b).tap("network").tap("wifi_page").see(last);
    Task::infeasible(move |phone| phone.system().connected == connected, plan)
}

fn airplane_and_tell(b: &mut TaskBuilder<'_>) -> Task {
    let name = someone(b);
    let text = b.choose(&[
        "I am on the plane now",
        "Boarding, talk later",
        "No signal until tonight",
        "See you after the flight",
    ]);
    b.param("text", text).label("switch", "settings", AIRPLANE.key);
    b.phone.system_mut().set_airplane(false);
    let texts_before = owner_texts(b.phone);
    let plan = in_settings(b).tap(AIRPLANE.page).set(AIRPLANE.key, true).until(|phone| phone.system().airplane);
    let plan = write_to(plan.open("messages"), b.phone, &name, text);
    Task::reach(move |phone| phone.system().airplane && is_only_text(phone, &name, text, texts_before), plan)
}
