//! What Settings shows.

use super::{Level, Message, Place, Prompt, Setting, is_on};
use crate::{
    AppEntry, Dialog, FontSize, Icon, LANGUAGES, Page, Permission, SCREEN_TIMEOUTS, System, ToggleStyle, ViewContext,
    Widget, vocabulary,
};

type Cx<'a> = ViewContext<'a>;

/// The sections on the first page, by the key of their row.
const SECTIONS: [(&str, Icon, Place); 9] = [
    ("network", Icon::Wifi, Place::Network),
    ("bluetooth_page", Icon::Bluetooth, Place::Bluetooth),
    ("apps", Icon::App, Place::Apps),
    ("notifications_page", Icon::Bell, Place::Notifications),
    ("display", Icon::Brightness, Place::Display),
    ("sound", Icon::Sound, Place::Sound),
    ("battery", Icon::Battery, Place::Battery),
    ("language", Icon::Language, Place::Language),
    ("about", Icon::Info, Place::About),
];

/// Which section leads to a setting, for the search.
const SETTINGS: [(&str, Place); 16] = [
    ("wifi", Place::Network),
    ("airplane", Place::Network),
    ("mobile_data", Place::Network),
    ("hotspot", Place::Network),
    ("bluetooth", Place::Bluetooth),
    ("brightness", Place::Display),
    ("dark_theme", Place::Display),
    ("font_size", Place::Display),
    ("timeout", Place::Display),
    ("ringtone", Place::Sound),
    ("vibrate", Place::Sound),
    ("do_not_disturb", Place::Sound),
    ("battery_saver", Place::Battery),
    ("battery_percentage", Place::Battery),
    ("device_name", Place::About),
    ("storage", Place::About),
];

pub(super) fn main(cx: &Cx<'_>, search: Option<&str>) -> Page<Message> {
    if let Some(text) = search {
        return results(cx, text);
    }
    let rows = SECTIONS
        .into_iter()
        .map(|(key, icon, place)| Widget::row(key, cx.label(key)).icon(icon).on_press(Message::Go(place)));
    Page::new("main", cx.label("settings"))
        .action(Widget::icon_button("search", cx.label("search"), Icon::Search).on_press(Message::OpenSearch))
        .with_all(cx.shuffle(rows.collect()))
}

fn results(cx: &Cx<'_>, text: &str) -> Page<Message> {
    let wanted = text.to_lowercase();
    let sections = SECTIONS.into_iter().map(|(key, _, place)| (key, place));
    let rows: Vec<_> = sections
        .chain(SETTINGS)
        .filter(|(key, _)| !wanted.is_empty() && cx.label(key).to_lowercase().contains(&wanted))
        .map(|(key, place)| Widget::row(format!("result_{key}"), cx.label(key)).on_press(Message::Go(place)))
        .collect();
    let page = Page::new("search", cx.label("search"))
        .up(Message::CloseSearch)
        .with(Widget::field("query", cx.label("search"), text).autofocus().on_text(Message::Search));
    if rows.is_empty() && !wanted.is_empty() {
        return page.with(Widget::text("no_results", "No results"));
    }
    page.with_all(rows)
}

pub(super) fn page(place: &Place, cx: &Cx<'_>) -> Page<Message> {
    match place {
        Place::Network => network(cx),
        Place::Wifi => wifi(cx),
        Place::Bluetooth => bluetooth(cx),
        Place::Display => display(cx),
        Place::Sound => sound(cx),
        Place::Battery => battery(cx),
        Place::Apps => apps(cx),
        Place::App(key) => cx.system.app(key).map_or_else(|| apps(cx), |app| app_info(app, cx)),
        Place::Permissions(key) => cx.system.app(key).map_or_else(|| apps(cx), |app| permissions(app, cx)),
        Place::Language => language(cx),
        Place::About => about(cx),
        Place::Notifications => notifications(cx),
    }
}

fn section(key: &str, label: &str, cx: &Cx<'_>) -> Page<Message> {
    Page::new(key, cx.label(label)).up(Message::Up)
}

fn switch(key: &str, setting: Setting, cx: &Cx<'_>) -> Widget<Message> {
    Widget::row(key, cx.label(key))
        .toggle(ToggleStyle::Switch, is_on(cx.system, setting))
        .on_toggle(|on| Message::Set(setting, on))
}

fn slider(key: &str, level: Level, value: u8, cx: &Cx<'_>) -> Widget<Message> {
    Widget::slider(key, cx.label(key), value).on_slide(move |value| Message::Slide(level, value))
}

fn network(cx: &Cx<'_>) -> Page<Message> {
    let system = cx.system;
    let connected = match (&system.connected, system.wifi) {
        (Some(name), true) => name.clone(),
        (None, true) => "Not connected".to_owned(),
        (_, false) => "Off".to_owned(),
    };
    let networks =
        Widget::row("wifi_page", cx.label("wifi_page")).subtitle(connected).on_press(Message::Go(Place::Wifi));
    let rows = vec![
        switch("wifi", Setting::Wifi, cx).icon(Icon::Wifi),
        networks.icon(Icon::Network),
        switch("mobile_data", Setting::MobileData, cx).icon(Icon::Mobile),
        switch("airplane", Setting::Airplane, cx).icon(Icon::Airplane),
        switch("hotspot", Setting::Hotspot, cx).icon(Icon::Share),
        switch("location", Setting::Location, cx).icon(Icon::Location),
    ];
    section("network_page", "network", cx).with_all(cx.shuffle(rows))
}

fn wifi(cx: &Cx<'_>) -> Page<Message> {
    let system = cx.system;
    let page = section("wifi_networks", "wifi_page", cx).with(switch("wifi", Setting::Wifi, cx));
    if !system.wifi {
        return page.with(Widget::text("wifi_off", "Turn it on to see the networks around you"));
    }
    let rows = system.networks.iter().enumerate().map(|(number, network)| {
        let state = match (system.connected.as_ref() == Some(&network.name), network.saved, network.secured) {
            (true, _, _) => "Connected",
            (false, true, _) => "Saved",
            (false, false, true) => "Secured",
            (false, false, false) => "Open",
        };
        Widget::row(format!("network_{number}"), &network.name)
            .subtitle(state)
            .icon(if network.secured { Icon::Lock } else { Icon::Wifi })
            .on_press(Message::Network(number))
            .on_long_press(Message::HoldNetwork(number))
    });
    page.with_all(rows)
}

fn bluetooth(cx: &Cx<'_>) -> Page<Message> {
    let page = section("bluetooth_devices", "bluetooth_page", cx).with(switch("bluetooth", Setting::Bluetooth, cx));
    if !cx.system.bluetooth {
        return page.with(Widget::text("bluetooth_off", "Turn it on to see the devices around you"));
    }
    let rows = cx.system.bluetooth_devices.iter().enumerate().map(|(number, device)| {
        Widget::row(format!("device_{number}"), &device.name)
            .subtitle(if device.paired { "Paired" } else { "Available" })
            .icon(Icon::Bluetooth)
            .on_press(Message::Pair(number))
    });
    page.with_all(rows)
}

fn display(cx: &Cx<'_>) -> Page<Message> {
    let system = cx.system;
    let rows = vec![
        slider("brightness", Level::Brightness, system.brightness, cx),
        switch("adaptive_brightness", Setting::AdaptiveBrightness, cx),
        switch("dark_theme", Setting::DarkTheme, cx),
        switch("auto_rotate", Setting::AutoRotate, cx),
        Widget::row("font_size", cx.label("font_size"))
            .subtitle(system.font_size.name())
            .on_press(Message::AskFontSize),
        Widget::row("timeout", cx.label("timeout"))
            .subtitle(duration(system.screen_timeout))
            .on_press(Message::AskTimeout),
    ];
    section("display_page", "display", cx).with_all(cx.shuffle(rows))
}

fn sound(cx: &Cx<'_>) -> Page<Message> {
    let volume = &cx.system.volume;
    let rows = vec![
        slider("media_volume", Level::Media, volume.media, cx),
        slider("ring_volume", Level::Ring, volume.ring, cx),
        slider("alarm_volume", Level::Alarm, volume.alarm, cx),
        slider("call_volume", Level::Call, volume.call, cx),
        switch("vibrate", Setting::Vibrate, cx),
        switch("do_not_disturb", Setting::DoNotDisturb, cx),
        Widget::row("ringtone", cx.label("ringtone")).subtitle(&cx.system.ringtone).on_press(Message::AskRingtone),
    ];
    section("sound_page", "sound", cx).with_all(cx.shuffle(rows))
}

fn battery(cx: &Cx<'_>) -> Page<Message> {
    section("battery_page", "battery", cx)
        .with(Widget::row("level", cx.label("level")).value(format!("{}%", cx.system.battery)).icon(Icon::Battery))
        .with(switch("battery_saver", Setting::BatterySaver, cx))
        .with(switch("battery_percentage", Setting::BatteryPercentage, cx))
}

fn installed(system: &System) -> impl Iterator<Item = &AppEntry> {
    system.apps.iter().filter(|app| app.installed)
}

fn apps(cx: &Cx<'_>) -> Page<Message> {
    let rows = installed(cx.system).map(|app| {
        Widget::row(format!("app_{}", app.key), &app.name)
            .subtitle(format!("{} MB", app.storage))
            .icon(app.icon)
            .on_press(Message::Go(Place::App(app.key)))
    });
    section("apps_page", "apps", cx).with_all(cx.shuffle(rows.collect()))
}

fn app_info(app: &AppEntry, cx: &Cx<'_>) -> Page<Message> {
    let key = app.key;
    let granted = app.permissions.values().filter(|granted| **granted).count();
    let buttons = vec![
        Widget::button("open", cx.label("open")).outlined().on_press(Message::OpenApp(key)),
        Widget::button("uninstall", cx.label("uninstall"))
            .outlined()
            .enabled(!app.system)
            .on_press(Message::AskUninstall(key)),
        Widget::button("force_stop", cx.label("force_stop"))
            .outlined()
            .enabled(app.running)
            .on_press(Message::AskForceStop(key)),
    ];
    Page::new(format!("app_info_{key}"), &app.name)
        .up(Message::Up)
        .with(Widget::line("app_buttons", cx.shuffle(buttons)))
        .with(
            Widget::row("app_notifications", cx.label("app_notifications"))
                .toggle(ToggleStyle::Switch, app.notifications)
                .on_toggle(|on| Message::AppNotifications(key, on)),
        )
        .with(
            Widget::row("permissions", cx.label("permissions"))
                .subtitle(if granted == 0 { "None granted".to_owned() } else { format!("{granted} granted") })
                .on_press(Message::Go(Place::Permissions(key))),
        )
        .with(Widget::row("app_storage", cx.label("storage")).value(format!("{} MB", app.storage)))
}

fn permissions(app: &AppEntry, cx: &Cx<'_>) -> Page<Message> {
    let key = app.key;
    let rows: Vec<_> = app
        .permissions
        .iter()
        .map(|(&permission, &granted)| {
            Widget::row(format!("permission_{}", permission.name().to_lowercase()), permission.name())
                .icon(permission_icon(permission))
                .toggle(ToggleStyle::Switch, granted)
                .on_toggle(|on| Message::Permission(key, permission, on))
        })
        .collect();
    let page = section(&format!("permissions_{key}"), "permissions", cx);
    if rows.is_empty() {
        return page.with(Widget::text("no_permissions", "No permissions requested"));
    }
    page.with_all(rows)
}

fn permission_icon(permission: Permission) -> Icon {
    match permission {
        Permission::Calendar => Icon::Calendar,
        Permission::Camera => Icon::Camera,
        Permission::Contacts => Icon::Contacts,
        Permission::Location => Icon::Location,
        Permission::Microphone => Icon::Microphone,
        Permission::Notifications => Icon::Bell,
        Permission::Storage => Icon::Folder,
    }
}

fn notifications(cx: &Cx<'_>) -> Page<Message> {
    let rows = installed(cx.system).map(|app| {
        let key = app.key;
        Widget::row(format!("notify_{key}"), &app.name)
            .icon(app.icon)
            .toggle(ToggleStyle::Switch, app.notifications)
            .on_toggle(|on| Message::AppNotifications(key, on))
    });
    section("notifications_list", "notifications_page", cx).with_all(cx.shuffle(rows.collect()))
}

fn language(cx: &Cx<'_>) -> Page<Message> {
    let rows = LANGUAGES.into_iter().enumerate().map(|(number, name)| {
        Widget::row(format!("language_{number}"), name)
            .toggle(ToggleStyle::Radio, cx.system.language == name)
            .on_press(Message::Language(name))
    });
    section("language_page", "language", cx).with_all(cx.shuffle(rows.collect()))
}

fn about(cx: &Cx<'_>) -> Page<Message> {
    let system = cx.system;
    let used = format!("{} GB of {} GB used", system.storage_used, system.storage_total);
    let rows = vec![
        Widget::row("device_name", cx.label("device_name"))
            .subtitle(&system.device_name)
            .on_press(Message::AskDeviceName),
        Widget::row("model", cx.label("model")).subtitle(&system.model),
        Widget::row("version", cx.label("version")).subtitle(&system.version),
        Widget::row("storage", cx.label("storage")).subtitle(used),
    ];
    section("about_page", "about", cx).with_all(cx.shuffle(rows))
}

pub(super) fn dialog(prompt: &Prompt, cx: &Cx<'_>) -> Dialog<Message> {
    let system = cx.system;
    let cancel = || Widget::button("cancel", cx.label("cancel")).on_press(Message::CloseDialog);
    let confirm = |key: &str, message| Widget::button(key, cx.label(key)).on_press(message);
    let app_name = |key: &str| system.app(key).map(|app| app.name.clone()).unwrap_or_default();
    let network_name =
        |number: usize| system.networks.get(number).map(|network| network.name.as_str()).unwrap_or_default();
    let dialog = match prompt {
        Prompt::Password { network, password } => Dialog::new("password_dialog", network_name(*network))
            .with(
                Widget::field("password", cx.label("password"), password)
                    .password()
                    .autofocus()
                    .on_text(Message::Password)
                    .on_submit(Message::Connect),
            )
            .button(cancel())
            .button(confirm("connect", Message::Connect)),
        Prompt::Forget(number) => Dialog::new("network_dialog", network_name(*number))
            .body("This phone will no longer join this network")
            .button(cancel())
            .button(confirm("forget", Message::Forget(*number))),
        Prompt::FontSize => choices("font_size_dialog", cx.label("font_size"))
            .with_all(FontSize::ALL.map(|size| {
                let key = format!("size_{}", size.name().to_lowercase());
                Widget::radio(key, size.name(), system.font_size == size).on_press(Message::FontSize(size))
            }))
            .button(cancel()),
        Prompt::Timeout => choices("timeout_dialog", cx.label("timeout"))
            .with_all(SCREEN_TIMEOUTS.map(|seconds| {
                let on = system.screen_timeout == seconds;
                Widget::radio(format!("timeout_{seconds}"), duration(seconds), on).on_press(Message::Timeout(seconds))
            }))
            .button(cancel()),
        Prompt::Ringtone => choices("ringtone_dialog", cx.label("ringtone"))
            .with_all(vocabulary::RINGTONES.iter().map(|name| {
                let key = format!("ringtone_{}", name.to_lowercase());
                Widget::radio(key, *name, system.ringtone == *name).on_press(Message::Ringtone(name))
            }))
            .button(cancel()),
        Prompt::ForceStop(key) => Dialog::new("force_stop_dialog", format!("{}?", cx.label("force_stop")))
            .body(format!("If you force stop {}, it may misbehave", app_name(key)))
            .button(cancel())
            .button(confirm("ok", Message::ForceStop(key))),
        Prompt::Uninstall(key) => Dialog::new("uninstall_dialog", app_name(key))
            .body("Do you want to uninstall this app?")
            .button(cancel())
            .button(confirm("ok", Message::Uninstall(key))),
        Prompt::DeviceName(name) => Dialog::new("device_name_dialog", cx.label("device_name"))
            .with(
                Widget::field("device_name_field", cx.label("device_name"), name)
                    .autofocus()
                    .on_text(Message::DeviceName)
                    .on_submit(Message::SaveDeviceName),
            )
            .button(cancel())
            .button(confirm("save", Message::SaveDeviceName)),
    };
    dialog.on_dismiss(Message::CloseDialog)
}

fn choices(key: &str, title: String) -> Dialog<Message> {
    Dialog::new(key, title)
}

/// `30 seconds`, `1 minute`.
fn duration(seconds: u32) -> String {
    match seconds {
        0..60 => format!("{seconds} seconds"),
        60..120 => "1 minute".to_owned(),
        _ => format!("{} minutes", seconds / 60),
    }
}
