//! What the phone itself knows and all its apps see.

use std::collections::BTreeMap;

use crate::{Icon, Intent, Seeder, vocabulary};

/// The state of the phone that belongs to no single app. Settings edits it, every app reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    pub wifi: bool,
    pub networks: Vec<Network>,
    /// The name of the network in use.
    pub connected: Option<String>,
    pub bluetooth: bool,
    pub bluetooth_devices: Vec<BluetoothDevice>,
    pub airplane: bool,
    pub mobile_data: bool,
    pub hotspot: bool,
    pub location: bool,
    /// 0 to 100.
    pub brightness: u8,
    pub adaptive_brightness: bool,
    pub auto_rotate: bool,
    pub dark_theme: bool,
    pub font_size: FontSize,
    /// In seconds, one of [`SCREEN_TIMEOUTS`].
    pub screen_timeout: u32,
    pub volume: Volume,
    pub vibrate: bool,
    pub ringtone: String,
    pub do_not_disturb: bool,
    /// In percent.
    pub battery: u8,
    pub battery_saver: bool,
    pub battery_percentage: bool,
    pub language: String,
    pub device_name: String,
    pub model: String,
    pub version: String,
    /// In gigabytes.
    pub storage_used: u32,
    pub storage_total: u32,
    pub apps: Vec<AppEntry>,
    /// The newest last.
    pub notifications: Vec<Notification>,
    pub clipboard: Option<String>,
}

/// A Wi-Fi network in reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    pub name: String,
    /// Needs a password. Any of at least 8 characters will do.
    pub secured: bool,
    pub saved: bool,
}

/// A Bluetooth device in reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BluetoothDevice {
    pub name: String,
    pub paired: bool,
}

/// Volumes, 0 to 100.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    pub media: u8,
    pub ring: u8,
    pub alarm: u8,
    pub call: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FontSize {
    Small,
    Default,
    Large,
    Largest,
}

impl FontSize {
    pub const ALL: [Self; 4] = [Self::Small, Self::Default, Self::Large, Self::Largest];

    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "Small",
            Self::Default => "Default",
            Self::Large => "Large",
            Self::Largest => "Largest",
        }
    }

    /// What text is scaled by, in percent, as on Android.
    pub fn percent(self) -> i32 {
        match self {
            Self::Small => 85,
            Self::Default => 100,
            Self::Large => 115,
            Self::Largest => 130,
        }
    }
}

pub const SCREEN_TIMEOUTS: [u32; 6] = [15, 30, 60, 120, 300, 600];
pub const LANGUAGES: [&str; 20] = [
    "English",
    "Deutsch",
    "Español",
    "Français",
    "Italiano",
    "Português",
    "Nederlands",
    "Polski",
    "Türkçe",
    "Svenska",
    "Dansk",
    "Suomi",
    "Norsk",
    "Čeština",
    "Magyar",
    "Română",
    "Hrvatski",
    "Íslenska",
    "Bahasa Indonesia",
    "Tiếng Việt",
];

/// An app of the phone, installed or not any more.
#[derive(Debug, Clone, PartialEq)]
pub struct AppEntry {
    /// `settings`; see [`crate::Manifest::key`].
    pub key: &'static str,
    /// On this phone's launcher.
    pub name: String,
    pub icon: Icon,
    pub installed: bool,
    /// Part of the system: cannot be uninstalled.
    pub system: bool,
    /// Started since it was last stopped.
    pub running: bool,
    pub notifications: bool,
    /// What it has been granted or denied; what it has not asked for yet is absent.
    pub permissions: BTreeMap<Permission, bool>,
    /// In megabytes.
    pub storage: u32,
}

impl AppEntry {
    /// `com.deftly.settings`.
    pub fn package(&self) -> String {
        package(self.key)
    }

    pub fn has(&self, permission: Permission) -> bool {
        self.permissions.get(&permission) == Some(&true)
    }
}

pub(crate) fn package(key: &str) -> String {
    format!("com.deftly.{key}")
}

/// What an app must ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    Calendar,
    Camera,
    Contacts,
    Location,
    Microphone,
    Notifications,
    Storage,
}

impl Permission {
    pub fn name(self) -> &'static str {
        match self {
            Self::Calendar => "Calendar",
            Self::Camera => "Camera",
            Self::Contacts => "Contacts",
            Self::Location => "Location",
            Self::Microphone => "Microphone",
            Self::Notifications => "Notifications",
            Self::Storage => "Files",
        }
    }

    /// What the prompt says the app wants to do.
    pub(crate) fn request(self) -> &'static str {
        match self {
            Self::Calendar => "access your calendar",
            Self::Camera => "take pictures and record video",
            Self::Contacts => "access your contacts",
            Self::Location => "access this device's location",
            Self::Microphone => "record audio",
            Self::Notifications => "send you notifications",
            Self::Storage => "access files on your device",
        }
    }
}

/// A notification in the shade.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// The key of the app that posted it.
    pub app: &'static str,
    pub title: String,
    pub text: String,
    /// What the app is opened with when it is pressed.
    pub intent: Option<Intent>,
}

impl System {
    pub(crate) fn new(seeder: &mut Seeder, apps: Vec<AppEntry>) -> Self {
        let networks: Vec<Network> = seeder
            .strings(vocabulary::NETWORKS, 7)
            .into_iter()
            .map(|name| Network { name, secured: seeder.chance(0.7), saved: seeder.chance(0.3) })
            .collect();
        let wifi = seeder.chance(0.5);
        let connected = networks.iter().find(|network| wifi && network.saved).map(|network| network.name.clone());
        let bluetooth_devices = seeder
            .strings(vocabulary::BLUETOOTH_DEVICES, 5)
            .into_iter()
            .map(|name| BluetoothDevice { name, paired: seeder.chance(0.4) })
            .collect();
        let mut volume = || seeder.number(1..=9) as u8 * 10;
        let volume = Volume { media: volume(), ring: volume(), alarm: volume(), call: volume() };
        let owner = seeder.people().first().and_then(|name| name.split(' ').next()).unwrap_or("My").to_owned();
        let model = seeder.pick(&["Deft 5", "Deft 6 Pro", "Nimbus X2", "Orbit 9", "Pebble 12"]).to_owned();
        let storage_total = seeder.pick(&[64, 128, 256]);
        Self {
            wifi,
            networks,
            connected,
            bluetooth: seeder.chance(0.5),
            bluetooth_devices,
            airplane: false,
            mobile_data: seeder.chance(0.6),
            hotspot: seeder.chance(0.2),
            location: seeder.chance(0.5),
            brightness: seeder.number(1..=9) as u8 * 10,
            adaptive_brightness: seeder.chance(0.5),
            auto_rotate: seeder.chance(0.5),
            dark_theme: seeder.chance(0.4),
            font_size: FontSize::Default,
            screen_timeout: seeder.pick(&SCREEN_TIMEOUTS),
            volume,
            vibrate: seeder.chance(0.5),
            ringtone: seeder.pick(vocabulary::RINGTONES).to_owned(),
            do_not_disturb: seeder.chance(0.3),
            battery: seeder.number(20..=100) as u8,
            battery_saver: seeder.chance(0.3),
            battery_percentage: seeder.chance(0.5),
            language: "English".to_owned(),
            device_name: format!("{owner}'s {model}"),
            model,
            version: format!("{}", seeder.number(12..=16)),
            storage_used: seeder.number(20..=60) as u32,
            storage_total,
            apps,
            notifications: Vec::new(),
            clipboard: None,
        }
    }

    /// The app with this key, installed or not.
    pub fn app(&self, key: &str) -> Option<&AppEntry> {
        self.apps.iter().find(|app| app.key == key)
    }

    pub fn app_mut(&mut self, key: &str) -> Option<&mut AppEntry> {
        self.apps.iter_mut().find(|app| app.key == key)
    }

    /// Turns Wi-Fi on or off; on, it connects to a saved network.
    pub fn set_wifi(&mut self, on: bool) {
        self.wifi = on;
        let saved = self.networks.iter().find(|network| network.saved);
        self.connected = saved.filter(|_| on).map(|network| network.name.clone());
    }

    /// Turns airplane mode on or off; on, it takes the radios with it.
    pub fn set_airplane(&mut self, on: bool) {
        self.airplane = on;
        if on {
            self.set_wifi(false);
            self.bluetooth = false;
        }
    }
}
