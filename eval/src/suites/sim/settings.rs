//! Tasks that begin in Settings.

use super::{Difficulty, Kind, Plan, Task, TaskBuilder, TaskTemplate};

pub(super) static TEMPLATES: &[TaskTemplate] = &[
    TaskTemplate {
        name: "settings_turn_on_wifi",
        apps: &["settings"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &["Turn on {wifi}", "Please switch {wifi} on", "I need {wifi} to be on"],
        build: turn_on_wifi,
    },
    TaskTemplate {
        name: "settings_rename_phone",
        apps: &["settings"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &["Change the {device_name} to {name}", "Set {device_name} to {name}", "Rename this phone to {name}"],
        build: rename_phone,
    },
    TaskTemplate {
        name: "settings_which_version",
        apps: &["settings"],
        difficulty: Difficulty::Easy,
        kind: Kind::Answer,
        wordings: &["What does {version} say?", "Which {version} does this phone have?"],
        build: which_version,
    },
    TaskTemplate {
        name: "settings_connect_missing_network",
        apps: &["settings"],
        difficulty: Difficulty::Medium,
        kind: Kind::Infeasible,
        wordings: &["Connect to the network {network}", "Use the {wifi} network {network}"],
        build: connect_missing_network,
    },
];

fn turn_on_wifi(b: &mut TaskBuilder<'_>) -> Task {
    b.label("wifi", "settings", "wifi");
    b.phone.system_mut().set_wifi(false);
    let plan = Plan::in_app("settings").tap("network").set("wifi", true);
    Task::reach(|phone| phone.system().wifi && !phone.system().airplane, plan)
}

fn rename_phone(b: &mut TaskBuilder<'_>) -> Task {
    let name = b.choose(&["Nova", "Pocket phone", "Blue whale", "Travel companion", "Kitchen phone"]);
    b.param("name", name).label("device_name", "settings", "device_name");
    let plan =
        Plan::in_app("settings").tap("about").tap("device_name").type_into("device_name_field", name).tap("save");
    Task::reach(move |phone| phone.system().device_name == name, plan)
}

fn which_version(b: &mut TaskBuilder<'_>) -> Task {
    b.label("version", "settings", "version");
    let version = b.phone.system().version.clone();
    Task::answer([version], Plan::in_app("settings").tap("about").see("version"))
}

fn connect_missing_network(b: &mut TaskBuilder<'_>) -> Task {
    let network = format!("Harbour {}", b.number(10..=99));
    b.param("network", network).label("wifi", "settings", "wifi");
    b.phone.system_mut().set_wifi(true);
    let connected = b.phone.system().connected.clone();
    // The page that would show the network is open, and all of it was looked through.
    let last = format!("network_{}", b.phone.system().networks.len() - 1);
    let plan = Plan::in_app("settings").tap("network").tap("wifi_page").see(last);
    Task::infeasible(move |phone| phone.system().connected == connected, plan)
}
