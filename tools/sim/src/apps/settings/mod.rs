//! Settings: the app that edits [`System`].

mod labels;
mod pages;

use crate::{App, Context, FontSize, Icon, Manifest, Page, Permission, Seeder, System, ViewContext};

/// Where Settings is. What it shows is in [`System`].
#[derive(Debug)]
pub struct Settings {
    /// The pages above the first one, the top last.
    stack: Vec<Place>,
    dialog: Option<Prompt>,
    /// What is searched for on the first page; `None` while the search is closed.
    search: Option<String>,
}

/// A page of Settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Network,
    Wifi,
    Bluetooth,
    Display,
    Sound,
    Battery,
    Apps,
    /// By the app's key.
    App(&'static str),
    Permissions(&'static str),
    Language,
    About,
    Notifications,
}

/// A dialog of Settings and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Prompt {
    Password { network: usize, password: String },
    Forget(usize),
    FontSize,
    Timeout,
    Ringtone,
    ForceStop(&'static str),
    Uninstall(&'static str),
    DeviceName(String),
}

#[derive(Debug, Clone)]
pub enum Message {
    Go(Place),
    Up,
    OpenSearch,
    Search(String),
    CloseSearch,
    Set(Setting, bool),
    Slide(Level, u8),
    Network(usize),
    HoldNetwork(usize),
    Password(String),
    Connect,
    Forget(usize),
    Pair(usize),
    AskFontSize,
    FontSize(FontSize),
    AskTimeout,
    Timeout(u32),
    AskRingtone,
    Ringtone(&'static str),
    Language(&'static str),
    AppNotifications(&'static str, bool),
    Permission(&'static str, Permission, bool),
    AskForceStop(&'static str),
    ForceStop(&'static str),
    AskUninstall(&'static str),
    Uninstall(&'static str),
    OpenApp(&'static str),
    AskDeviceName,
    DeviceName(String),
    SaveDeviceName,
    CloseDialog,
}

/// Something of the system that is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    Wifi,
    Bluetooth,
    Airplane,
    MobileData,
    Hotspot,
    Location,
    AdaptiveBrightness,
    AutoRotate,
    DarkTheme,
    Vibrate,
    DoNotDisturb,
    BatterySaver,
    BatteryPercentage,
}

/// Something of the system between 0 and 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Brightness,
    Media,
    Ring,
    Alarm,
    Call,
}

/// The shortest password that a secured network accepts, as WPA2 demands.
const SHORTEST_PASSWORD: usize = 8;

impl App for Settings {
    type Message = Message;

    fn manifest() -> Manifest {
        Manifest {
            key: "settings",
            names: &["Settings", "Preferences", "System settings"],
            icon: Icon::Settings,
            labels: labels::LABELS,
            system: true,
            ..Manifest::DEFAULT
        }
    }

    fn new(_seeder: &mut Seeder) -> Self {
        Self { stack: Vec::new(), dialog: None, search: None }
    }

    fn view(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let page = match self.stack.last() {
            None => pages::main(cx, self.search.as_deref()),
            Some(place) => pages::page(place, cx),
        };
        page.dialog(self.dialog.as_ref().map(|prompt| pages::dialog(prompt, cx)))
    }

    fn update(&mut self, message: Message, cx: &mut Context<'_, Message>) {
        match message {
            Message::Go(place) => {
                self.search = None;
                self.stack.push(place);
            }
            Message::Up => {
                self.back();
            }
            Message::OpenSearch => self.search = Some(String::new()),
            Message::Search(text) => self.search = Some(text),
            Message::CloseSearch => self.search = None,
            Message::Set(setting, on) => set(cx.system, setting, on),
            Message::Slide(level, value) => *level_mut(cx.system, level) = value,
            Message::Network(_)
            | Message::HoldNetwork(_)
            | Message::Password(_)
            | Message::Connect
            | Message::Forget(_) => {
                self.update_networks(message, cx);
            }
            Message::Pair(number) => pair(number, cx),
            Message::AskFontSize => self.dialog = Some(Prompt::FontSize),
            Message::FontSize(size) => self.choose(|system| system.font_size = size, cx),
            Message::AskTimeout => self.dialog = Some(Prompt::Timeout),
            Message::Timeout(seconds) => self.choose(|system| system.screen_timeout = seconds, cx),
            Message::AskRingtone => self.dialog = Some(Prompt::Ringtone),
            Message::Ringtone(name) => self.choose(|system| system.ringtone = name.to_owned(), cx),
            Message::Language(name) => self.choose(|system| system.language = name.to_owned(), cx),
            Message::AskDeviceName => self.dialog = Some(Prompt::DeviceName(cx.system.device_name.clone())),
            Message::DeviceName(name) => self.dialog = Some(Prompt::DeviceName(name)),
            Message::SaveDeviceName => {
                if let Some(Prompt::DeviceName(name)) = self.dialog.take()
                    && !name.trim().is_empty()
                {
                    cx.system.device_name = name;
                }
            }
            Message::CloseDialog => self.dialog = None,
            Message::AppNotifications(..)
            | Message::Permission(..)
            | Message::AskForceStop(_)
            | Message::ForceStop(_)
            | Message::AskUninstall(_)
            | Message::Uninstall(_)
            | Message::OpenApp(_) => self.update_apps(message, cx),
        }
    }

    fn back(&mut self) -> bool {
        self.dialog.take().is_some() || self.search.take().is_some() || self.stack.pop().is_some()
    }

    /// `Show` opens the page of the app with this name or key.
    fn open(&mut self, intent: crate::Intent, cx: &mut Context<'_, Message>) {
        if let crate::Intent::Show { name } = intent
            && let Some(app) = cx.system.apps.iter().find(|app| app.name == name || app.key == name)
        {
            self.reset();
            self.stack = vec![Place::Apps, Place::App(app.key)];
        }
    }
}

impl Settings {
    fn choose(&mut self, change: impl FnOnce(&mut System), cx: &mut Context<'_, Message>) {
        self.dialog = None;
        change(cx.system);
    }

    fn update_networks(&mut self, message: Message, cx: &mut Context<'_, Message>) {
        match message {
            Message::Network(number) => {
                let Some(network) = cx.system.networks.get(number) else { return };
                let name = network.name.clone();
                if cx.system.connected.as_ref() == Some(&name) {
                    self.dialog = Some(Prompt::Forget(number));
                } else if network.secured && !network.saved {
                    self.dialog = Some(Prompt::Password { network: number, password: String::new() });
                } else {
                    connect(number, cx);
                }
            }
            Message::HoldNetwork(number) => self.dialog = Some(Prompt::Forget(number)),
            Message::Password(text) => {
                if let Some(Prompt::Password { password, .. }) = &mut self.dialog {
                    *password = text;
                }
            }
            Message::Connect => {
                if let Some(Prompt::Password { network, password }) = &self.dialog {
                    if password.chars().count() < SHORTEST_PASSWORD {
                        cx.toast("The password needs at least 8 characters");
                        return;
                    }
                    connect(*network, cx);
                    self.dialog = None;
                }
            }
            Message::Forget(number) => {
                self.dialog = None;
                if let Some(network) = cx.system.networks.get_mut(number) {
                    network.saved = false;
                    let name = network.name.clone();
                    cx.system.connected = cx.system.connected.take().filter(|connected| *connected != name);
                }
            }
            _ => {}
        }
    }

    fn update_apps(&mut self, message: Message, cx: &mut Context<'_, Message>) {
        match message {
            Message::AppNotifications(key, on) => {
                if let Some(app) = cx.system.app_mut(key) {
                    app.notifications = on;
                }
            }
            Message::Permission(key, permission, on) => {
                if let Some(app) = cx.system.app_mut(key) {
                    app.permissions.insert(permission, on);
                }
            }
            Message::AskForceStop(key) => self.dialog = Some(Prompt::ForceStop(key)),
            Message::AskUninstall(key) => self.dialog = Some(Prompt::Uninstall(key)),
            Message::ForceStop(key) => {
                self.dialog = None;
                if let Some(app) = cx.system.app_mut(key) {
                    app.running = false;
                }
            }
            Message::Uninstall(key) => {
                self.dialog = None;
                if let Some(app) = cx.system.app_mut(key).filter(|app| !app.system) {
                    app.installed = false;
                    let name = app.name.clone();
                    self.stack.retain(|place| *place != Place::App(key));
                    cx.toast(format!("{name} was uninstalled"));
                }
            }
            Message::OpenApp(key) => cx.open_app(key),
            _ => {}
        }
    }
}

fn connect(number: usize, cx: &mut Context<'_, Message>) {
    if let Some(network) = cx.system.networks.get_mut(number) {
        network.saved = true;
        cx.system.connected = Some(network.name.clone());
        let name = network.name.clone();
        cx.toast(format!("Connected to {name}"));
    }
}

fn pair(number: usize, cx: &mut Context<'_, Message>) {
    if let Some(device) = cx.system.bluetooth_devices.get_mut(number) {
        device.paired = !device.paired;
        let (name, done) = (device.name.clone(), if device.paired { "Paired with" } else { "Unpaired" });
        cx.toast(format!("{done} {name}"));
    }
}

fn set(system: &mut System, setting: Setting, on: bool) {
    match setting {
        Setting::Wifi => system.set_wifi(on),
        Setting::Bluetooth => system.bluetooth = on,
        Setting::Airplane => system.set_airplane(on),
        Setting::MobileData => system.mobile_data = on,
        Setting::Hotspot => system.hotspot = on,
        Setting::Location => system.location = on,
        Setting::AdaptiveBrightness => system.adaptive_brightness = on,
        Setting::AutoRotate => system.auto_rotate = on,
        Setting::DarkTheme => system.dark_theme = on,
        Setting::Vibrate => system.vibrate = on,
        Setting::DoNotDisturb => system.do_not_disturb = on,
        Setting::BatterySaver => system.battery_saver = on,
        Setting::BatteryPercentage => system.battery_percentage = on,
    }
}

fn is_on(system: &System, setting: Setting) -> bool {
    match setting {
        Setting::Wifi => system.wifi,
        Setting::Bluetooth => system.bluetooth,
        Setting::Airplane => system.airplane,
        Setting::MobileData => system.mobile_data,
        Setting::Hotspot => system.hotspot,
        Setting::Location => system.location,
        Setting::AdaptiveBrightness => system.adaptive_brightness,
        Setting::AutoRotate => system.auto_rotate,
        Setting::DarkTheme => system.dark_theme,
        Setting::Vibrate => system.vibrate,
        Setting::DoNotDisturb => system.do_not_disturb,
        Setting::BatterySaver => system.battery_saver,
        Setting::BatteryPercentage => system.battery_percentage,
    }
}

fn level_mut(system: &mut System, level: Level) -> &mut u8 {
    match level {
        Level::Brightness => &mut system.brightness,
        Level::Media => &mut system.volume.media,
        Level::Ring => &mut system.volume.ring,
        Level::Alarm => &mut system.volume.alarm,
        Level::Call => &mut system.volume.call,
    }
}
