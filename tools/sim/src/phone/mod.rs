//! The simulated phone: holds the apps and the system, shows one screen, takes one finger.

mod device;
mod effects;
mod input;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use deftly_tools::{App as InstalledApp, Bounds};
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::app::{AnyApp, Words};
use crate::apps;
use crate::frame::{Frame, GESTURE_BAR, HEIGHT, KEYBOARD_TOP, Layer, NodeKind, STATUS_BAR, Source, Theme, WIDTH};
use crate::layout::{Layout, ScrollOffsets};
use crate::page::PageContent;
use crate::seeder::Shared;
use crate::shell::{self, OpenDialog};
use crate::variation::{Wording, fnv1a};
use crate::widget::{Content, Kind};
use crate::xml::hierarchy_xml;
use crate::{App, AppEntry, Seeder, System, Time, Variation};

const SYSTEM_UI: &str = "com.android.systemui";
/// The package of the home screen.
pub const LAUNCHER: &str = "com.deftly.launcher";
const KEYBOARD: &str = "com.android.inputmethod.latin";

/// How to make a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SimOptions {
    pub seed: u64,
    pub variation: Variation,
    /// Whether the phone's clock follows the real one. Otherwise only [`deftly_tools::Device::pause`] moves it, at once.
    pub real_time: bool,
}

/// A simulated phone. The same options give the same phone, and the same input the same screens.
pub struct SimPhone {
    options: SimOptions,
    wording: Wording,
    rng: ChaCha8Rng,
    clock: Clock,
    system: System,
    apps: Vec<Box<dyn AnyApp>>,
    /// The index of the app in front; `None` for the launcher.
    front: Option<usize>,
    /// The key of the focused field.
    focus: Option<String>,
    keyboard: bool,
    menu_open: bool,
    shade_open: bool,
    dialogs: VecDeque<OpenDialog>,
    toast: Option<Toast>,
    offsets: ScrollOffsets,
    accent: [u8; 3],
    /// What was last shown as settled; while the screen moves it is still there.
    transition: Option<Transition>,
}

#[derive(Debug)]
struct Toast {
    package: String,
    text: String,
    until: Duration,
}

/// The screen from before an input, and when the new one is there.
struct Transition {
    before: Frame,
    before_app: InstalledApp,
    until: Duration,
}

/// The phone's clock.
#[derive(Debug)]
struct Clock {
    start: Time,
    passed: Duration,
    /// When the clock follows the real one: when it was started.
    real: Option<Instant>,
}

impl Clock {
    fn passed(&self) -> Duration {
        self.real.map_or(self.passed, |start| start.elapsed())
    }

    fn now(&self) -> Time {
        Time(self.start.0 + self.passed().as_millis() as i64)
    }
}

const ACCENTS: [[u8; 3]; 8] = [
    [0x1A, 0x73, 0xE8],
    [0x00, 0x7A, 0x6E],
    [0x6A, 0x4F, 0xB3],
    [0xC2, 0x18, 0x5B],
    [0x2E, 0x7D, 0x32],
    [0xB4, 0x53, 0x09],
    [0x45, 0x5A, 0x64],
    [0xB3, 0x26, 0x1E],
];

impl SimPhone {
    /// The phone with this seed, in the standard variation.
    pub fn new(seed: u64) -> Self {
        Self::with_options(SimOptions { seed, ..SimOptions::default() })
    }

    pub fn with_variation(seed: u64, variation: Variation) -> Self {
        Self::with_options(SimOptions { seed, variation, real_time: false })
    }

    pub fn with_options(options: SimOptions) -> Self {
        let SimOptions { seed, variation, real_time } = options;
        let wording = Wording { seed, variation };
        let shared = Shared::new(wording.hash(&["shared"]));
        let seeder = |name: &str| Seeder::new(wording.hash(&["data", name]), &shared);
        let apps = apps::all(&seeder);
        let mut drawer = seeder("entries");
        let entries = apps.iter().map(|app| entry(app.as_ref(), &mut drawer, wording)).collect();
        let mut system = System::new(&mut seeder("system"), entries);
        let mut rng = ChaCha8Rng::seed_from_u64(wording.hash(&["input"]));
        if !variation.theme {
            system.dark_theme = false;
        }
        let accent = ACCENTS.choose(&mut rng).copied().filter(|_| variation.theme).unwrap_or(ACCENTS[0]);
        let real = real_time.then(Instant::now);
        Self {
            options,
            wording,
            rng,
            clock: Clock { start: shared.now(), passed: Duration::ZERO, real },
            system,
            apps,
            front: None,
            focus: None,
            keyboard: false,
            menu_open: false,
            shade_open: false,
            dialogs: VecDeque::new(),
            toast: None,
            offsets: ScrollOffsets::new(),
            accent,
            transition: None,
        }
    }

    pub fn options(&self) -> SimOptions {
        self.options
    }

    /// The state of an app.
    pub fn app<A: App>(&self) -> &A {
        let found = self.apps.iter().find_map(|app| app.as_any().downcast_ref());
        #[expect(clippy::expect_used, reason = "a phone has every app of apps::all; a missing line there is a bug")]
        found.expect("the app is registered in apps/mod.rs")
    }

    /// The state of an app, to set up a task. Change data, not where the app is.
    pub fn app_mut<A: App>(&mut self) -> &mut A {
        let found = self.apps.iter_mut().find_map(|app| app.as_any_mut().downcast_mut());
        #[expect(clippy::expect_used, reason = "a phone has every app of apps::all; a missing line there is a bug")]
        found.expect("the app is registered in apps/mod.rs")
    }

    pub fn system(&self) -> &System {
        &self.system
    }

    pub fn system_mut(&mut self) -> &mut System {
        &mut self.system
    }

    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// This phone's word for a key of an app's labels: `label("settings", "wifi")`.
    pub fn label(&self, app: &str, key: &str) -> String {
        let table = self.apps.iter().map(|app| app.manifest()).find(|manifest| manifest.key == app);
        self.wording.label(app, table.map_or(&[], |manifest| manifest.labels), key)
    }

    /// The name of an app on this phone's launcher; the key if there is no such app.
    pub fn app_name(&self, key: &str) -> String {
        self.system.app(key).map_or_else(|| key.to_owned(), |app| app.name.clone())
    }

    /// The key of the page in front of the app in front, and of its dialog if it has one; to judge where the phone is.
    pub fn place(&self) -> (String, Option<String>) {
        let content = self.content();
        (content.key, content.dialog.map(|dialog| dialog.key))
    }

    /// A hash of everything an input can change, for comparing phones.
    pub fn state_digest(&self) -> u64 {
        let state = format!("{:?}{:?}{:?}{:?}{:?}", self.apps, self.system, self.front, self.place(), self.shade_open);
        fnv1a(0xCBF2_9CE4_8422_2325, state.bytes())
    }

    /// The accessibility tree of what is shown at this moment.
    pub fn hierarchy_xml(&self) -> String {
        hierarchy_xml(&self.frame())
    }

    /// What is shown at this moment: during a transition the screen from before.
    pub fn frame(&self) -> Frame {
        match &self.transition {
            Some(transition) if self.clock.passed() < transition.until => transition.before.clone(),
            Some(_) | None => self.settled_frame(),
        }
    }

    /// The app in front at this moment, or the launcher, or the shade.
    pub fn foreground(&self) -> InstalledApp {
        match &self.transition {
            Some(transition) if self.clock.passed() < transition.until => transition.before_app.clone(),
            Some(_) | None => self.settled_app(),
        }
    }

    fn settled_app(&self) -> InstalledApp {
        let app = |name: &str, package: &str| InstalledApp { name: name.to_owned(), package: package.to_owned() };
        if self.shade_open {
            return app("Notification shade", SYSTEM_UI);
        }
        match self.front.and_then(|front| self.system.apps.get(front)) {
            Some(entry) => app(&entry.name, &entry.package()),
            None => app("Home screen", LAUNCHER),
        }
    }

    /// What the app in front, or the launcher, shows.
    fn content(&self) -> PageContent {
        match self.front {
            Some(front) => self.apps[front].view(&self.system, self.clock.now(), self.wording),
            None => shell::launcher(&self.system, self.clock.now(), self.wording).erase().0,
        }
    }

    /// What will be shown once the screen has settled.
    pub fn settled_frame(&self) -> Frame {
        let theme =
            Theme { dark: self.system.dark_theme, accent: self.accent, font_percent: self.system.font_size.percent() };
        let content = self.content();
        let mut layout = Layout::new(theme, &self.offsets, self.focus.as_deref(), self.keyboard);
        let source = if self.front.is_some() { Source::App } else { Source::Launcher };
        let package = self.front.map_or_else(|| LAUNCHER.to_owned(), |front| self.system.apps[front].package());
        layout.begin(Layer::Page, source, &package);
        layout.page(&content);
        layout.begin(Layer::Dialog, source, &package);
        if let Some(dialog) = &content.dialog {
            layout.dialog(dialog);
        } else if self.menu_open && !content.menu.is_empty() {
            layout.menu(&content.menu);
        }
        if let Some(open) = self.dialogs.front() {
            layout.begin(Layer::System, Source::SystemDialog, open.package);
            if let Some(dialog) = shell::system_dialog(open).erase().0.dialog {
                layout.dialog(&dialog);
            }
        }
        if self.shade_open {
            layout.begin(Layer::Shade, Source::Shade, SYSTEM_UI);
            layout.page(&shell::shade(&self.system, self.clock.now(), self.wording).erase().0);
        }
        self.furniture(&mut layout);
        layout.frame
    }

    /// The bars, the keyboard, the toast.
    fn furniture(&self, layout: &mut Layout<'_>) {
        let time = self.clock.now().time_of_day().to_string();
        let bar = Bounds::new(0, 0, WIDTH, STATUS_BAR);
        layout.furniture(Layer::StatusBar, NodeKind::StatusBar, SYSTEM_UI, &time, bar);
        if self.keyboard {
            let area = Bounds::new(0, KEYBOARD_TOP, WIDTH, HEIGHT);
            layout.furniture(Layer::Keyboard, NodeKind::Keyboard, KEYBOARD, "", area);
        }
        let handle = Bounds::new(0, GESTURE_BAR, WIDTH, HEIGHT);
        layout.furniture(Layer::Keyboard, NodeKind::GestureBar, SYSTEM_UI, "", handle);
        if let Some(toast) = self.toast.as_ref().filter(|toast| self.clock.passed() < toast.until) {
            let bounds = Bounds::new(140, 2080, WIDTH - 140, 2200);
            layout.furniture(Layer::Toast, NodeKind::Toast, &toast.package, &toast.text, bounds);
        }
    }

    /// Lets so much of the phone's time pass. Nothing if its clock follows the real one.
    pub fn advance(&mut self, duration: Duration) {
        self.clock.passed += duration;
        self.tick();
    }

    /// Runs what is due.
    fn tick(&mut self) {
        if self.transition.as_ref().is_some_and(|transition| self.clock.passed() >= transition.until) {
            self.transition = None;
        }
        for index in 0..self.apps.len() {
            if self.system.apps[index].installed {
                self.with_app(index, |app, loan| app.tick(loan));
            }
        }
    }

    /// The screen is about to change: it stays as it is for 100 to 600 ms.
    fn begin_transition(&mut self) {
        let (before, before_app) = (self.frame(), self.foreground());
        let until = self.clock.passed() + Duration::from_millis(self.rng.random_range(100..=600));
        self.transition = Some(Transition { before, before_app, until });
    }

    /// Closes the menu and takes the focus away if the page or dialog it was on is gone, and focuses a field that asks
    /// for it on a new one.
    fn follow(&mut self, before: &(String, Option<String>, Option<usize>)) {
        let (page, dialog) = self.place();
        let here = (page, dialog, self.front);
        let content = self.content();
        let is_new = here != *before;
        if is_new {
            self.menu_open = false;
        }
        let fields = match &content.dialog {
            Some(dialog) => fields(&dialog.content),
            None => [&content.tabs, &content.body, &content.bottom].into_iter().flat_map(|part| fields(part)).collect(),
        };
        let is_there = |key: &String| fields.iter().any(|(field, _)| field == key);
        if is_new || !self.focus.as_ref().is_some_and(is_there) {
            self.focus = None;
            self.keyboard = false;
        }
        let wanted = fields.iter().find(|(_, autofocus)| is_new && *autofocus);
        if let Some((key, _)) = wanted {
            self.focus = Some(key.clone());
            self.keyboard = true;
        }
    }

    fn situation(&self) -> (String, Option<String>, Option<usize>) {
        let (page, dialog) = self.place();
        (page, dialog, self.front)
    }
}

/// The keys of the fields among widgets, and whether they want the focus.
fn fields(contents: &[Content]) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    for content in contents {
        if let Kind::Field(field) = &content.kind {
            found.push((content.key.clone(), field.autofocus));
        }
        found.extend(fields(&content.children));
    }
    found
}

/// What the system knows about an app when the phone is new.
fn entry(app: &dyn AnyApp, seeder: &mut Seeder, wording: Wording) -> AppEntry {
    let manifest = app.manifest();
    let words = Words { app: manifest.key, table: manifest.labels, wording };
    let canonical = manifest.names.first().copied().unwrap_or(manifest.key);
    AppEntry {
        key: manifest.key,
        name: words.wording.choose(manifest.key, "app_name", canonical, manifest.names),
        icon: manifest.icon,
        installed: true,
        system: manifest.system,
        running: false,
        notifications: true,
        permissions: manifest.permissions.iter().map(|&permission| (permission, seeder.chance(0.7))).collect(),
        storage: seeder.number(20..=900) as u32,
    }
}

/// What the field with this key holds.
fn find_field(contents: &[Content], key: &str) -> Option<String> {
    contents.iter().find_map(|content| match &content.kind {
        Kind::Field(field) if content.key == key => Some(field.value.clone()),
        _ => find_field(&content.children, key),
    })
}
