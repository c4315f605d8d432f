//! What the system itself shows: the launcher, the notification shade, and its dialogs. They are pages like those of
//! apps, with messages of their own.

use crate::app::{AnyMessage, ViewContext, Words};
use crate::variation::{LabelTable, Wording};
use crate::widget::ToggleStyle;
use crate::{Dialog, Icon, Intent, Page, Permission, System, TextStyle, Time, Widget};

/// What pressing something of the system means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ShellMessage {
    OpenApp(String),
    Toggle(Quick),
    Brightness(u8),
    OpenNotification(usize),
    ClearNotifications,
    /// The button with this number of the dialog in front.
    Answer(usize),
    DismissDialog,
}

/// The shade's quick settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quick {
    Wifi,
    Bluetooth,
    Airplane,
    DoNotDisturb,
    BatterySaver,
    AutoRotate,
}

const LABELS: LabelTable = &[
    ("quick_wifi", &["Wi-Fi", "WLAN", "Internet"]),
    ("quick_bluetooth", &["Bluetooth"]),
    ("quick_airplane", &["Airplane mode", "Flight mode"]),
    ("quick_do_not_disturb", &["Do Not Disturb", "Quiet"]),
    ("quick_battery_saver", &["Battery Saver", "Power saving"]),
    ("quick_auto_rotate", &["Auto-rotate", "Rotation"]),
    ("clear_all", &["Clear all", "Dismiss all"]),
    ("brightness_slider", &["Brightness", "Display brightness"]),
];

/// A dialog of the system and what its buttons do.
pub(crate) struct OpenDialog {
    pub package: &'static str,
    pub key: &'static str,
    pub title: String,
    pub body: String,
    pub buttons: Vec<DialogButton>,
    /// What the back key does.
    pub dismiss: Option<Answer>,
}

pub(crate) struct DialogButton {
    pub key: String,
    pub label: String,
    pub answer: Answer,
}

/// What follows from a dialog's button.
pub(crate) enum Answer {
    /// A message to the app with this key.
    Message {
        app: &'static str,
        message: AnyMessage,
    },
    /// Whether an app gets a permission, and the message that tells it.
    Permission {
        app: &'static str,
        permission: Permission,
        granted: bool,
        message: AnyMessage,
    },
    Launch {
        app: String,
        intent: Intent,
    },
    Nothing,
}

fn words(wording: Wording) -> Words {
    Words { app: "shell", table: LABELS, wording }
}

/// The home screen: a grid of the installed apps.
pub(crate) fn launcher(system: &System, now: Time, wording: Wording) -> Page<ShellMessage> {
    let cx = ViewContext::new(system, now, words(wording));
    let icons = system
        .apps
        .iter()
        .filter(|app| app.installed)
        .map(|app| {
            let message = ShellMessage::OpenApp(app.key.to_owned());
            Widget::app_icon(format!("app_{}", app.key), &app.name, app.icon).on_press(message)
        })
        .collect();
    Page::new("home", "")
        .with(Widget::text("home_time", now.time_of_day().to_string()).style(TextStyle::Display))
        .with(Widget::text("home_date", now.date().with_weekday()))
        .with(Widget::grid("home_apps", 4, cx.shuffle(icons)))
}

/// The notification shade: quick settings, brightness, notifications.
pub(crate) fn shade(system: &System, now: Time, wording: Wording) -> Page<ShellMessage> {
    let cx = ViewContext::new(system, now, words(wording));
    let quick = |key: &str, icon, on, what| {
        Widget::row(key, cx.label(key))
            .icon(icon)
            .toggle(ToggleStyle::Switch, on)
            .on_toggle(|_| ShellMessage::Toggle(what))
    };
    let tiles = vec![
        quick("quick_wifi", Icon::Wifi, system.wifi, Quick::Wifi),
        quick("quick_bluetooth", Icon::Bluetooth, system.bluetooth, Quick::Bluetooth),
        quick("quick_airplane", Icon::Airplane, system.airplane, Quick::Airplane),
        quick("quick_do_not_disturb", Icon::Moon, system.do_not_disturb, Quick::DoNotDisturb),
        quick("quick_battery_saver", Icon::Battery, system.battery_saver, Quick::BatterySaver),
        quick("quick_auto_rotate", Icon::Repeat, system.auto_rotate, Quick::AutoRotate),
    ];
    let slider = Widget::slider("brightness_slider", cx.label("brightness_slider"), system.brightness)
        .on_slide(ShellMessage::Brightness);
    let mut page = Page::new("shade", "").with_all(cx.shuffle(tiles)).with(slider).with(Widget::divider());
    if system.notifications.is_empty() {
        return page.with(Widget::text("no_notifications", "No notifications").style(TextStyle::Caption));
    }
    for (number, notification) in system.notifications.iter().enumerate().rev() {
        let icon = system.app(notification.app).map_or(Icon::Bell, |app| app.icon);
        let row = Widget::row(format!("notification_{number}"), &notification.title)
            .subtitle(&notification.text)
            .icon(icon)
            .on_press(ShellMessage::OpenNotification(number));
        page = page.with(row);
    }
    page.with(Widget::button("clear_all", cx.label("clear_all")).plain().on_press(ShellMessage::ClearNotifications))
}

/// A dialog of the system as a page that has nothing but the dialog.
pub(crate) fn system_dialog(open: &OpenDialog) -> Page<ShellMessage> {
    let mut dialog = Dialog::new(open.key, &open.title).body(&open.body).on_dismiss(ShellMessage::DismissDialog);
    for (number, button) in open.buttons.iter().enumerate() {
        let widget = Widget::button(&button.key, &button.label).plain().on_press(ShellMessage::Answer(number));
        // Three short buttons fit side by side; more stand one below the other.
        dialog = if open.buttons.len() > 3 { dialog.with(widget) } else { dialog.button(widget) };
    }
    Page::new(open.key, "").dialog(Some(dialog))
}

/// Switches one of the quick settings.
pub(crate) fn toggle(system: &mut System, quick: Quick) {
    match quick {
        Quick::Wifi => system.set_wifi(!system.wifi),
        Quick::Bluetooth => system.bluetooth = !system.bluetooth,
        Quick::Airplane => system.set_airplane(!system.airplane),
        Quick::DoNotDisturb => system.do_not_disturb = !system.do_not_disturb,
        Quick::BatterySaver => system.battery_saver = !system.battery_saver,
        Quick::AutoRotate => system.auto_rotate = !system.auto_rotate,
    }
}
