//! The apps of the phone.
//!
//! An app is one file: its state, its manifest, its pages, and what each message changes. To add one, write the file
//! (or a folder, if it passes 400 lines) and list it below in `register!`.
//!
//! A whole app, with a list, a second page, a dialog and a text field:
//!
//! ```ignore
//! use crate::{App, Context, Dialog, Icon, Manifest, Page, Seeder, ViewContext, Widget, vocabulary};
//!
//! /// The state. Judges of tasks read it, so name things as a person would.
//! #[derive(Debug)]
//! pub struct Lists {
//!     pub items: Vec<Item>,
//!     open: Option<u32>,          // the page in front: an item's id, or the list
//!     adding: Option<String>,     // what stands in the dialog's field, while it is open
//!     next_id: u32,
//! }
//!
//! #[derive(Debug, Clone, PartialEq, Eq)]
//! pub struct Item {
//!     pub id: u32,                // stable: part of the widget's key
//!     pub name: String,
//!     pub done: bool,
//! }
//!
//! #[derive(Debug, Clone)]
//! pub enum Message { Open(u32), Up, SetDone(u32, bool), StartAdding, Name(String), Add, Cancel }
//!
//! impl App for Lists {
//!     type Message = Message;
//!
//!     fn manifest() -> Manifest {
//!         Manifest {
//!             key: "lists",                            // package com.deftly.lists
//!             names: &["Lists", "My lists"],           // the first is canonical, the others synonyms
//!             icon: Icon::Check,
//!             labels: &[                               // by key; one without an entry is its key: "save_as" -> "Save as"
//!                 ("add", &["Add item", "New item", "Create item"]),
//!                 ("name", &["Name", "Item name"]),
//!             ],
//!             ..Manifest::DEFAULT
//!         }
//!     }
//!
//!     fn new(seeder: &mut Seeder) -> Self {
//!         let names = seeder.strings(vocabulary::ITEMS, 8);
//!         let items: Vec<Item> = (1..).zip(names).map(|(id, name)| Item { id, name, done: seeder.chance(0.3) }).collect();
//!         Self { next_id: items.len() as u32 + 1, items, open: None, adding: None }
//!     }
//!
//!     fn view(&self, cx: &ViewContext<'_>) -> Page<Message> {
//!         if let Some(item) = self.open.and_then(|id| self.items.iter().find(|item| item.id == id)) {
//!             return Page::new("item", &item.name)
//!                 .up(Message::Up)
//!                 .with(Widget::switch("done", cx.label("done"), item.done)
//!                     .on_toggle(|on| Message::SetDone(item.id, on)));
//!         }
//!         let rows = self.items.iter().map(|item| {
//!             Widget::row(format!("item_{}", item.id), &item.name).on_press(Message::Open(item.id))
//!         });
//!         let dialog = self.adding.as_ref().map(|name| {
//!             Dialog::new("add_dialog", cx.label("add"))
//!                 .with(Widget::field("name", cx.label("name"), name).autofocus().on_text(Message::Name).on_submit(Message::Add))
//!                 .button(Widget::button("cancel", cx.label("cancel")).on_press(Message::Cancel))
//!                 .button(Widget::button("save", cx.label("save")).on_press(Message::Add))
//!                 .on_dismiss(Message::Cancel)
//!         });
//!         Page::new("list", cx.label("lists"))
//!             .with_all(cx.shuffle(rows.collect()))
//!             .fab(Widget::fab("add", cx.label("add"), Icon::Add).on_press(Message::StartAdding))
//!             .dialog(dialog)
//!     }
//!
//!     fn update(&mut self, message: Message, cx: &mut Context<'_, Message>) {
//!         match message {
//!             Message::Open(id) => self.open = Some(id),
//!             Message::Up => { self.back(); }
//!             Message::SetDone(id, on) => {
//!                 if let Some(item) = self.items.iter_mut().find(|item| item.id == id) { item.done = on; }
//!             }
//!             Message::StartAdding => self.adding = Some(String::new()),
//!             Message::Name(name) => self.adding = Some(name),
//!             Message::Cancel => self.adding = None,
//!             Message::Add => {
//!                 if let Some(name) = self.adding.take().filter(|name| !name.is_empty()) {
//!                     self.items.push(Item { id: self.next_id, name, done: false });
//!                     self.next_id += 1;
//!                     cx.toast("Item added");
//!                 }
//!             }
//!         }
//!     }
//!
//!     fn back(&mut self) -> bool {
//!         self.open.take().is_some()
//!     }
//! }
//! ```
//!
//! Rules that keep tasks and training honest:
//!
//! - **Keys** are unique on a page (fields across the whole app), do not depend on labels or the order of rows, and
//!   begin with what they are: `contact_3`, `save`. What has an id keeps it for ever.
//! - **Page keys** differ between pages of an app; a page for one item of many has the item's id in it
//!   (`Page::new(format!("chat_{id}"), ..)`), because scroll positions and the focus belong to the page's key.
//! - **Words** go through [`crate::ViewContext::label`]; names and texts of the owner do not.
//! - **Data** comes from the [`crate::Seeder`]; nothing in a view or an update is random except through
//!   [`crate::Context::rng`].
//! - `settings` shows state that is not its own: `cx.system` holds what the whole phone shares.

pub mod calendar;
pub mod clock;
pub mod contacts;
pub mod files;
pub mod messages;
pub mod notes;
pub mod settings;
pub mod shop;

use crate::app::AnyApp;
use crate::{App, Seeder};

/// One line an app, in the order in which they are installed.
macro_rules! register {
    ($($app:ty),* $(,)?) => {
        /// Every app, filled with its data.
        pub(crate) fn all(seeder: &dyn Fn(&str) -> Seeder) -> Vec<Box<dyn AnyApp>> {
            vec![$(Box::new(<$app>::new(&mut seeder(<$app as App>::manifest().key)))),*]
        }
    };
}

register! {
    settings::Settings,
    contacts::Contacts,
    messages::Messages,
    clock::Clock,
    calendar::Calendar,
    notes::Notes,
    files::Files,
    shop::Shop,
}
