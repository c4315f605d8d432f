//! What an app is: typed state, a view of it, and what each message changes.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use rand_chacha::ChaCha8Rng;

use crate::page::PageContent;
use crate::variation::Wording;
use crate::widget::Event;
use crate::{Icon, LabelTable, Notification, Page, Permission, Seeder, System, Time, Widget};

/// An app. `apps/mod.rs` shows how to write one.
pub trait App: fmt::Debug + Send + 'static {
    /// What widgets say when something is done to them.
    type Message: Send + 'static;

    /// What the app is called and looks like.
    fn manifest() -> Manifest;

    /// The app with its data, drawn from the phone's seed.
    fn new(seeder: &mut Seeder) -> Self;

    /// The page on top of the app's own stack. It must depend on the state and the context only.
    fn view(&self, cx: &ViewContext<'_>) -> Page<Self::Message>;

    /// Changes the state.
    fn update(&mut self, message: Self::Message, cx: &mut Context<'_, Self::Message>);

    /// Goes back by one page or closes a page's own overlay; false on the first page, where back leaves the app.
    /// Dialogs with [`crate::Dialog::on_dismiss`] are closed before this is asked.
    fn back(&mut self) -> bool;

    /// Goes to the first page and drops what was not saved: the app was stopped.
    fn reset(&mut self) {
        while self.back() {}
    }

    /// Another app, or a notification, opens this one with a wish.
    fn open(&mut self, _intent: Intent, _cx: &mut Context<'_, Self::Message>) {}

    /// Time has passed; timers look at [`Context::now`]. Called often, also in the background.
    fn tick(&mut self, _cx: &mut Context<'_, Self::Message>) {}
}

/// What an app is called and looks like.
#[derive(Debug, Clone, Copy)]
pub struct Manifest {
    /// Unique and in lower case; the package is `com.deftly.KEY`.
    pub key: &'static str,
    /// The name on the launcher and its synonyms.
    pub names: &'static [&'static str],
    pub icon: Icon,
    /// The labels of its widgets, by key.
    pub labels: LabelTable,
    /// Cannot be uninstalled.
    pub system: bool,
    /// Takes texts that other apps share, as [`Intent::Share`].
    pub takes_text: bool,
    /// What it was granted or denied before this phone came into our hands. It asks for all others.
    pub permissions: &'static [Permission],
}

impl Manifest {
    /// For what an app does not say about itself.
    pub const DEFAULT: Self =
        Self { key: "", names: &[], icon: Icon::App, labels: &[], system: false, takes_text: false, permissions: &[] };
}

/// What one app wants of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// A new message to somebody, by name or number.
    Compose { to: String, text: String },
    /// Do something with this text.
    Share { text: String },
    /// Show the item with this name: a contact, a note, a file, an app's settings.
    Show { name: String },
    /// A new item with this name, and what else is known of it.
    Create { name: String, details: String },
}

/// What a view may know besides its app's state.
pub struct ViewContext<'a> {
    pub system: &'a System,
    now: Time,
    words: Words,
}

/// What an update may do besides changing its app's state.
pub struct Context<'a, M> {
    pub system: &'a mut System,
    now: Time,
    words: Words,
    rng: &'a mut ChaCha8Rng,
    effects: &'a mut Vec<Effect>,
    /// Messages of other types cannot be sent by mistake.
    message: PhantomData<fn(M)>,
}

/// An app's words on this phone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub app: &'static str,
    pub table: LabelTable,
    pub wording: Wording,
}

impl Words {
    fn label(self, key: &str) -> String {
        self.wording.label(self.app, self.table, key)
    }
}

impl<'a> ViewContext<'a> {
    pub(crate) fn new(system: &'a System, now: Time, words: Words) -> Self {
        Self { system, now, words }
    }

    pub fn now(&self) -> Time {
        self.now
    }

    /// This phone's word for a key of [`Manifest::labels`]. A key that is not there is its own label: `save_as` gives
    /// `Save as`.
    pub fn label(&self, key: &str) -> String {
        self.words.label(key)
    }

    /// Puts rows whose order means nothing into this phone's order, which depends on their keys only.
    pub fn shuffle<M>(&self, mut widgets: Vec<Widget<M>>) -> Vec<Widget<M>> {
        let wording = self.words.wording;
        if wording.variation.shuffle {
            widgets.sort_by_cached_key(|widget| wording.hash(&[self.words.app, "order", widget.key()]));
        }
        widgets
    }
}

/// A message whose type only its app knows.
pub(crate) type AnyMessage = Box<dyn Any + Send>;

/// What an app asks of the phone.
pub(crate) enum Effect {
    Toast(String),
    Dialog { title: String, body: String, buttons: Vec<(String, AnyMessage)> },
    Permission { permission: Permission, granted: AnyMessage, denied: AnyMessage },
    Launch { app: String, intent: Option<Intent> },
    ShareSheet(String),
    Send(AnyMessage),
}

impl<M: Send + 'static> Context<'_, M> {
    pub fn now(&self) -> Time {
        self.now
    }

    pub fn rng(&mut self) -> &mut ChaCha8Rng {
        self.rng
    }

    /// See [`ViewContext::label`].
    pub fn label(&self, key: &str) -> String {
        self.words.label(key)
    }

    /// Shows a text at the bottom for two seconds.
    pub fn toast(&mut self, text: impl Into<String>) {
        self.effects.push(Effect::Toast(text.into()));
    }

    /// Shows a dialog of the system, in front of everything. Each button has a label and the message that answers.
    pub fn ask(&mut self, title: impl Into<String>, body: impl Into<String>, buttons: Vec<(String, M)>) {
        let buttons = buttons.into_iter().map(|(label, message)| (label, Box::new(message) as AnyMessage)).collect();
        self.effects.push(Effect::Dialog { title: title.into(), body: body.into(), buttons });
    }

    /// Asks the owner for a permission; the answer comes back as a message. At once if it was answered before.
    pub fn request_permission(&mut self, permission: Permission, answer: impl Fn(bool) -> M) {
        let answered = self.system.app(self.words.app).and_then(|app| app.permissions.get(&permission).copied());
        self.effects.push(match answered {
            Some(granted) => Effect::Send(Box::new(answer(granted))),
            None => {
                let (granted, denied) = (Box::new(answer(true)), Box::new(answer(false)));
                Effect::Permission { permission, granted, denied }
            }
        });
    }

    /// Opens another app by its key, with a wish.
    pub fn launch(&mut self, app: impl Into<String>, intent: Intent) {
        self.effects.push(Effect::Launch { app: app.into(), intent: Some(intent) });
    }

    /// Opens another app by its key, as its icon does.
    pub fn open_app(&mut self, app: impl Into<String>) {
        self.effects.push(Effect::Launch { app: app.into(), intent: None });
    }

    /// Lets the owner choose an app that takes this text.
    pub fn share(&mut self, text: impl Into<String>) {
        self.effects.push(Effect::ShareSheet(text.into()));
    }

    /// Puts a notification into the shade, unless the owner has switched this app's off.
    pub fn notify(&mut self, title: impl Into<String>, text: impl Into<String>, intent: Option<Intent>) {
        let app = self.words.app;
        if self.system.app(app).is_some_and(|entry| entry.notifications) {
            let notification = Notification { app, title: title.into(), text: text.into(), intent };
            self.system.notifications.push(notification);
        }
    }
}

/// What the phone lends to an app for an update.
pub(crate) struct Loan<'a> {
    pub system: &'a mut System,
    pub now: Time,
    pub rng: &'a mut ChaCha8Rng,
    pub wording: Wording,
}

/// An app whose message type is hidden, so that a phone can hold all of them.
pub(crate) trait AnyApp: fmt::Debug + Send {
    fn manifest(&self) -> Manifest;
    fn view(&self, system: &System, now: Time, wording: Wording) -> PageContent;
    /// Something was done to the widget with this slot of [`AnyApp::view`].
    fn event(&mut self, slot: usize, event: Event, loan: Loan<'_>) -> Vec<Effect>;
    fn send(&mut self, message: AnyMessage, loan: Loan<'_>) -> Vec<Effect>;
    fn open(&mut self, intent: Intent, loan: Loan<'_>) -> Vec<Effect>;
    fn tick(&mut self, loan: Loan<'_>) -> Vec<Effect>;
    fn back(&mut self) -> bool;
    fn reset(&mut self);
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

fn words<A: App>(wording: Wording) -> Words {
    let manifest = A::manifest();
    Words { app: manifest.key, table: manifest.labels, wording }
}

/// Calls the app with a context and returns what it asked of the phone.
fn with_context<A: App>(
    app: &mut A,
    loan: Loan<'_>,
    call: impl FnOnce(&mut A, &mut Context<'_, A::Message>),
) -> Vec<Effect> {
    let mut effects = Vec::new();
    let words = words::<A>(loan.wording);
    let Loan { system, now, rng, .. } = loan;
    call(app, &mut Context { system, now, words, rng, effects: &mut effects, message: PhantomData });
    effects
}

impl<A: App> AnyApp for A {
    fn manifest(&self) -> Manifest {
        A::manifest()
    }

    fn view(&self, system: &System, now: Time, wording: Wording) -> PageContent {
        App::view(self, &ViewContext::new(system, now, words::<A>(wording))).erase().0
    }

    fn event(&mut self, slot: usize, event: Event, loan: Loan<'_>) -> Vec<Effect> {
        let cx = ViewContext::new(loan.system, loan.now, words::<A>(loan.wording));
        let mut handlers = App::view(self, &cx).erase().1;
        if slot >= handlers.len() {
            return Vec::new();
        }
        match handlers.swap_remove(slot).message(event) {
            Some(message) => with_context(self, loan, |app, cx| app.update(message, cx)),
            None => Vec::new(),
        }
    }

    fn send(&mut self, message: AnyMessage, loan: Loan<'_>) -> Vec<Effect> {
        match message.downcast::<A::Message>() {
            Ok(message) => with_context(self, loan, |app, cx| app.update(*message, cx)),
            // The phone returns messages to the app that made them, so this does not happen.
            Err(_) => Vec::new(),
        }
    }

    fn open(&mut self, intent: Intent, loan: Loan<'_>) -> Vec<Effect> {
        with_context(self, loan, |app, cx| App::open(app, intent, cx))
    }

    fn tick(&mut self, loan: Loan<'_>) -> Vec<Effect> {
        with_context(self, loan, |app, cx| App::tick(app, cx))
    }

    fn back(&mut self) -> bool {
        App::back(self)
    }

    fn reset(&mut self) {
        App::reset(self);
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
