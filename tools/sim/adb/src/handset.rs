//! The phone behind the server: the simulated phone and what surrounds its screen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use deftly_sim::SimPhone;
use tokio::sync::watch;

use crate::faults::{CallFault, CallFaultKind, Cut, FaultName, Faults};
use crate::files::Files;
use crate::tree;

/// The input method that the phone comes with, and the one that clients install to type any text.
pub(crate) const OWN_KEYBOARD: &str = "com.android.inputmethod.latin/.LatinIME";
pub(crate) const ADB_KEYBOARD: &str = "com.github.uiautomator/.AdbKeyboard";

/// What moves the phone's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockSource {
    /// The real clock, as on a phone.
    #[default]
    Real,
    /// The looks at the tree: a look that follows a look finds the phone 80 ms later (the interval of
    /// [`deftly_tools::SettleLimits`]), or as much later as it really is if that is more than 90 ms. Nothing else moves
    /// it, so that a screen settles as it does in process, however long the client thinks.
    Looks,
    /// [`Handset::advance`] alone.
    Held,
}

/// The interval between two looks of [`deftly_tools::settle`], and when a look counts as late. Eight late intervals are
/// less than its patience, and eight intervals more than the longest transition.
const LOOK: Duration = Duration::from_millis(80);
const LATE_LOOK: Duration = Duration::from_millis(90);

/// What keeps a phone's screen from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lock {
    #[default]
    Open,
    /// A swipe up, the menu key or `wm dismiss-keyguard` opens it.
    Swipe,
    /// Only its owner opens it.
    Secure,
}

/// A handle on the phone behind a server; clones are the same phone.
#[derive(Clone)]
pub struct Handset {
    /// Held for the time of one command and never across an await.
    inner: Arc<Mutex<Inner>>,
    /// Whether hosts are let in, for connections that wait for it.
    authorized: Arc<watch::Sender<bool>>,
}

/// What the lock guards.
pub(crate) struct Inner {
    pub phone: SimPhone,
    pub faults: Faults,
    pub files: Files,
    /// By namespace and name, what `settings put` changed.
    pub settings: BTreeMap<(String, String), String>,
    pub awake: bool,
    pub lock: Lock,
    pub input_method: String,
    /// Whether [`ADB_KEYBOARD`] is installed.
    pub adb_keyboard: bool,
    /// What the host asked the phone to listen on; nothing on this phone ever dials it.
    pub reverses: Vec<(String, String)>,
    pub resident: Option<Resident>,
    pub resident_starts: u64,
    pub last_toast: Option<String>,
    /// Where the finger that [`crate::resident`] puts down is.
    pub finger: Option<Finger>,
    pub clock: ClockSource,
    /// Of the last request, which [`ClockSource::Real`] goes on from.
    last_request: Instant,
    /// Of the last look, if nothing was done since.
    last_look: Option<Instant>,
    looks: u64,
}

/// The resident server while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resident {
    pub port: u16,
    /// Which start of it this is.
    pub number: u64,
}

/// A finger on the glass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finger {
    pub down: (i32, i32),
    pub since: Instant,
}

impl Handset {
    pub fn new(phone: SimPhone, clock: ClockSource) -> Self {
        let inner = Inner {
            phone,
            faults: Faults::default(),
            files: Files::default(),
            settings: BTreeMap::new(),
            awake: true,
            lock: Lock::Open,
            input_method: OWN_KEYBOARD.to_owned(),
            adb_keyboard: false,
            reverses: Vec::new(),
            resident: None,
            resident_starts: 0,
            last_toast: None,
            finger: None,
            clock,
            last_request: Instant::now(),
            last_look: None,
            looks: 0,
        };
        Self { inner: Arc::new(Mutex::new(inner)), authorized: Arc::new(watch::Sender::new(true)) }
    }

    /// Does something with the phone while no client does.
    pub fn with<T>(&self, work: impl FnOnce(&mut SimPhone) -> T) -> T {
        let mut inner = self.lock();
        inner.touched();
        work(&mut inner.phone)
    }

    /// Puts another phone in this one's place. Its files stay, as those of a phone that was reset by hand; the screen is
    /// awake and open.
    pub fn replace(&self, phone: SimPhone) -> SimPhone {
        let mut inner = self.lock();
        inner.touched();
        (inner.awake, inner.lock, inner.last_toast, inner.finger) = (true, Lock::Open, None, None);
        std::mem::replace(&mut inner.phone, phone)
    }

    /// Lets so much of the phone's time pass.
    pub fn advance(&self, duration: Duration) {
        self.lock().phone.advance(duration);
    }

    pub fn set_clock(&self, clock: ClockSource) {
        let mut inner = self.lock();
        inner.touched();
        inner.last_request = Instant::now();
        inner.clock = clock;
    }

    pub fn faults(&self) -> Faults {
        self.lock().faults.clone()
    }

    pub fn set_faults(&self, faults: Faults) {
        let authorized = !faults.unauthorized;
        // Connections hear of a change only: they greet their hosts again then.
        self.authorized.send_if_modified(|known| std::mem::replace(known, authorized) != authorized);
        self.lock().faults = faults;
    }

    /// Adds a fault to those that there are.
    pub fn add_fault(&self, fault: FaultName) {
        let mut faults = self.faults();
        let mut call = |call: String, what| faults.calls.push(CallFault { call, what, times: 1 });
        match fault {
            FaultName::Asleep => return self.set_screen(false, Lock::Swipe),
            FaultName::Locked => return self.set_screen(true, Lock::Secure),
            FaultName::CutBeforeCall(name) => call(name, CallFaultKind::CutBefore),
            FaultName::CutAfterCall(name) => call(name, CallFaultKind::CutAfter),
            FaultName::ShortReply(name) => call(name, CallFaultKind::ShortReply(40)),
            FaultName::CutAfter(messages) => faults.cut = Some(Cut::AfterMessages(messages)),
            FaultName::Unauthorized => faults.unauthorized = true,
            FaultName::NoInjection => faults.no_injection = true,
            FaultName::NoResident => faults.no_resident = true,
            FaultName::KeyboardOnly => faults.keyboard_only = true,
            FaultName::HugeTree => faults.huge_tree = true,
            FaultName::RestlessTree => faults.restless_tree = true,
        }
        self.set_faults(faults);
    }

    /// Switches the screen on or off and locks or opens it.
    pub fn set_screen(&self, awake: bool, lock: Lock) {
        let mut inner = self.lock();
        inner.touched();
        (inner.awake, inner.lock) = (awake, lock);
    }

    /// Whether the screen is on, and its lock.
    pub fn screen(&self) -> (bool, Lock) {
        let inner = self.lock();
        (inner.awake, inner.lock)
    }

    /// Ends the resident server, as the system does with one that takes too much memory.
    pub fn kill_resident(&self) {
        self.lock().resident = None;
    }

    pub fn resident_runs(&self) -> bool {
        self.lock().resident.is_some()
    }

    /// How often the resident server has been started.
    pub fn resident_starts(&self) -> u64 {
        self.lock().resident_starts
    }

    pub(crate) fn watch_authorized(&self) -> watch::Receiver<bool> {
        self.authorized.subscribe()
    }

    /// The phone for one command. A command that panicked left whole commands behind it, so its poison is ignored.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Call before every request that looks at the phone or does something to it, other than a look at the tree.
    pub fn begin(&mut self) {
        if self.clock == ClockSource::Real {
            let now = Instant::now();
            self.phone.advance(now - self.last_request);
            self.last_request = now;
        }
        self.notice_toast();
    }

    /// Call before every look at the tree.
    pub fn begin_look(&mut self) {
        self.begin();
        let now = Instant::now();
        if self.clock == ClockSource::Looks
            && let Some(last) = self.last_look
        {
            let passed = now - last;
            self.phone.advance(if passed < LATE_LOOK { LOOK } else { passed });
        }
        self.last_look = Some(now);
        self.looks += 1;
        self.notice_toast();
    }

    /// Call when something is done to the phone: the next look is the first one.
    pub fn touched(&mut self) {
        self.last_look = None;
    }

    /// Whether the phone takes touches and keys; wakes nothing.
    pub fn is_usable(&self) -> bool {
        self.awake && self.lock == Lock::Open
    }

    /// The accessibility tree, or what stands in its place.
    pub fn hierarchy(&self) -> String {
        if !self.awake {
            return tree::EMPTY.to_owned();
        }
        let xml = match self.lock {
            Lock::Open => self.phone.hierarchy_xml(),
            Lock::Swipe | Lock::Secure => tree::keyguard(&self.phone.now().time_of_day().to_string(), self.lock),
        };
        let xml = if self.faults.huge_tree { tree::huge(xml) } else { xml };
        if self.faults.restless_tree { tree::restless(xml, self.looks) } else { xml }
    }

    /// The app in front: its package and its activity.
    pub fn front(&self) -> (String, String) {
        if self.lock != Lock::Open || !self.awake {
            return ("com.android.systemui".to_owned(), "com.android.systemui.Keyguard".to_owned());
        }
        let package = self.phone.foreground().package;
        let activity = activity(&package);
        (package, activity)
    }

    /// The key of an installed app by its package.
    pub fn app_key(&self, package: &str) -> Option<&'static str> {
        let apps = self.phone.system().apps.iter();
        apps.filter(|app| app.installed).find(|app| app.package() == package).map(|app| app.key)
    }

    fn notice_toast(&mut self) {
        if let Some((text, _)) = self.phone.toast() {
            self.last_toast = Some(text.to_owned());
        }
    }
}

/// The one activity of an app of this phone.
pub(crate) fn activity(package: &str) -> String {
    format!("{package}.MainActivity")
}
