//! Contacts: people with numbers and addresses, favourites, search.

use crate::{App, Context, Dialog, Icon, Intent, Manifest, Page, Seeder, ViewContext, Widget, vocabulary};

/// The address book.
#[derive(Debug)]
pub struct Contacts {
    pub contacts: Vec<Contact>,
    /// The people called, in order.
    pub calls: Vec<u32>,
    page: Vec<Place>,
    only_favorites: bool,
    search: String,
    draft: Contact,
    deleting: bool,
    next_id: u32,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contact {
    pub id: u32,
    pub name: String,
    pub phone: String,
    pub email: String,
    pub company: String,
    pub favorite: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Search,
    Contact(u32),
    /// A new contact, or the one with this id.
    Edit(Option<u32>),
}

#[derive(Debug, Clone)]
pub enum Message {
    Open(u32),
    Back,
    ShowFavorites(bool),
    StartSearch,
    Search(String),
    Add,
    Edit(u32),
    Name(String),
    Phone(String),
    Email(String),
    Company(String),
    Save,
    ToggleFavorite(u32),
    Call(u32),
    Write(u32),
    Share(u32),
    Copy(String),
    AskDelete,
    Delete(u32),
    Keep,
}

impl Contacts {
    pub fn find(&self, name: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.name == name)
    }

    /// The contact whose page is in front.
    pub fn shown(&self) -> Option<u32> {
        match self.page.last()? {
            Place::Contact(id) => Some(*id),
            Place::Search | Place::Edit(_) => None,
        }
    }

    /// The contact in the form, if it is in front and not for a new one.
    pub fn edited(&self) -> Option<u32> {
        match self.page.last()? {
            Place::Edit(id) => *id,
            Place::Search | Place::Contact(_) => None,
        }
    }

    /// What stands in the search field, if the search is in front.
    pub fn searching_for(&self) -> Option<&str> {
        (self.page.last() == Some(&Place::Search)).then_some(self.search.as_str())
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut Contact> {
        self.contacts.iter_mut().find(|contact| contact.id == id)
    }

    /// Contacts by name, as every list shows them.
    fn rows<'a>(&'a self, matches: impl Fn(&Contact) -> bool + 'a) -> Vec<Widget<Message>> {
        let mut shown: Vec<&Contact> = self.contacts.iter().filter(|contact| matches(contact)).collect();
        shown.sort_by(|a, b| a.name.cmp(&b.name));
        shown
            .into_iter()
            .map(|contact| {
                Widget::row(format!("contact_{}", contact.id), &contact.name)
                    .icon(Icon::Person)
                    .on_press(Message::Open(contact.id))
            })
            .collect()
    }

    fn list(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let tabs = vec![
            Widget::tab("tab_all", cx.label("tab_all"), !self.only_favorites).on_press(Message::ShowFavorites(false)),
            Widget::tab("tab_favorites", cx.label("tab_favorites"), self.only_favorites)
                .on_press(Message::ShowFavorites(true)),
        ];
        let rows = self.rows(|contact| contact.favorite || !self.only_favorites);
        let empty = rows.is_empty().then(|| Widget::text("empty", "No favorites yet"));
        Page::new(if self.only_favorites { "favorites" } else { "contacts" }, cx.label("contacts"))
            .action(Widget::icon_button("search", cx.label("search"), Icon::Search).on_press(Message::StartSearch))
            .tabs(tabs)
            .with_all(rows)
            .with_all(empty)
            .fab(Widget::fab("add", cx.label("add"), Icon::Add).on_press(Message::Add))
    }

    fn search_page(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let wanted = self.search.to_lowercase();
        let rows = self.rows(|contact| !wanted.is_empty() && contact.name.to_lowercase().contains(&wanted));
        let nothing = (rows.is_empty() && !wanted.is_empty()).then(|| Widget::text("nothing", "No contacts found"));
        Page::search(cx, &self.search, Message::Back, Message::Search).with_all(rows).with_all(nothing)
    }

    fn details(&self, contact: &Contact, cx: &ViewContext<'_>) -> Page<Message> {
        let id = contact.id;
        let (star, label) = if contact.favorite { (Icon::StarFilled, "unfavorite") } else { (Icon::Star, "favorite") };
        let line = |key: &str, value: &str, icon| {
            (!value.is_empty()).then(|| {
                Widget::row(key, value).subtitle(cx.label(key)).icon(icon).on_press(Message::Copy(value.to_owned()))
            })
        };
        let actions = vec![
            Widget::button("call", cx.label("call")).outlined().on_press(Message::Call(id)),
            Widget::button("message", cx.label("message")).outlined().on_press(Message::Write(id)),
        ];
        let dialog = self.deleting.then(|| {
            let body = format!("{} will be removed from your contacts", contact.name);
            Dialog::confirm_delete(cx, body, Message::Keep, Message::Delete(id))
        });
        Page::new(format!("contact_{id}"), &contact.name)
            .up(Message::Back)
            .action(Widget::icon_button("star", cx.label(label), star).on_press(Message::ToggleFavorite(id)))
            .action(Widget::icon_button("edit", cx.label("edit"), Icon::Edit).on_press(Message::Edit(id)))
            .menu_item(Widget::button("share", cx.label("share")).on_press(Message::Share(id)))
            .menu_item(Widget::button("delete", cx.label("delete")).on_press(Message::AskDelete))
            .with(Widget::line("actions", actions))
            .with_all(line("phone", &contact.phone, Icon::Phone))
            .with_all(line("email", &contact.email, Icon::Email))
            .with_all(line("company", &contact.company, Icon::Storage))
            .dialog(dialog)
    }

    fn form(&self, id: Option<u32>, cx: &ViewContext<'_>) -> Page<Message> {
        let draft = &self.draft;
        let (key, title) = match id {
            Some(id) => (format!("edit_{id}"), cx.label("edit")),
            None => ("new_contact".to_owned(), cx.label("add")),
        };
        Page::new(key, title)
            .up(Message::Back)
            .with(Widget::field("name_field", cx.label("name"), &draft.name).on_text(Message::Name))
            .with(Widget::field("phone_field", cx.label("phone"), &draft.phone).on_text(Message::Phone))
            .with(Widget::field("email_field", cx.label("email"), &draft.email).on_text(Message::Email))
            .with(Widget::field("company_field", cx.label("company"), &draft.company).on_text(Message::Company))
            .with(
                Widget::button("save", cx.label("save")).enabled(!draft.name.trim().is_empty()).on_press(Message::Save),
            )
    }

    fn save(&mut self, cx: &mut Context<'_, Message>) {
        let Some(Place::Edit(id)) = self.page.pop() else { return };
        let mut contact = std::mem::take(&mut self.draft);
        match id {
            Some(_) => {
                if let Some(old) = self.get_mut(contact.id) {
                    *old = contact;
                }
            }
            None => {
                contact.id = self.next_id;
                self.next_id += 1;
                self.page.push(Place::Contact(contact.id));
                self.contacts.push(contact);
            }
        }
        cx.toast("Contact saved");
    }
}

impl App for Contacts {
    type Message = Message;

    fn manifest() -> Manifest {
        Manifest {
            key: "contacts",
            names: &["Contacts", "People", "Address book"],
            icon: Icon::Contacts,
            labels: &[
                ("contacts", &["Contacts", "People", "All contacts"]),
                ("tab_all", &["All", "Everyone"]),
                ("tab_favorites", &["Favorites", "Starred"]),
                ("search", &["Search", "Search contacts", "Find"]),
                ("search_field", &["Search contacts", "Name", "Search"]),
                ("add", &["Create contact", "Add contact", "New contact"]),
                ("edit", &["Edit contact", "Edit"]),
                ("favorite", &["Add to favorites", "Star"]),
                ("unfavorite", &["Remove from favorites", "Unstar"]),
                ("call", &["Call", "Dial"]),
                ("message", &["Message", "Text", "Send message"]),
                ("name", &["Name", "Full name"]),
                ("phone", &["Phone", "Phone number", "Mobile"]),
                ("email", &["Email", "E-mail", "Email address"]),
                ("company", &["Company", "Organization", "Work"]),
                ("save", &["Save", "Done"]),
                ("share", &["Share", "Share contact"]),
                ("delete", &["Delete", "Delete contact", "Remove"]),
                ("confirm_delete", &["Delete", "Remove", "OK"]),
                ("cancel", &["Cancel", "Keep"]),
            ],
            system: true,
            ..Manifest::DEFAULT
        }
    }

    fn new(seeder: &mut Seeder) -> Self {
        let names: Vec<String> = seeder.people().iter().take(24).cloned().collect();
        let contacts: Vec<Contact> = (1..)
            .zip(names)
            .map(|(id, name)| Contact {
                id,
                email: format!("{}@example.com", name.to_lowercase().replace(' ', ".")),
                phone: seeder.phone_number(),
                company: if seeder.chance(0.4) { seeder.pick(vocabulary::COMPANIES).to_owned() } else { String::new() },
                favorite: seeder.chance(0.2),
                name,
            })
            .collect();
        Self {
            next_id: contacts.len() as u32 + 1,
            contacts,
            calls: Vec::new(),
            page: Vec::new(),
            only_favorites: false,
            search: String::new(),
            draft: Contact::default(),
            deleting: false,
        }
    }

    fn view(&self, cx: &ViewContext<'_>) -> Page<Message> {
        match self.page.last() {
            None => self.list(cx),
            Some(Place::Search) => self.search_page(cx),
            Some(Place::Contact(id)) => match self.contacts.iter().find(|contact| contact.id == *id) {
                Some(contact) => self.details(contact, cx),
                None => self.list(cx),
            },
            Some(Place::Edit(id)) => self.form(*id, cx),
        }
    }

    fn update(&mut self, message: Message, cx: &mut Context<'_, Message>) {
        match message {
            Message::Open(id) => self.page.push(Place::Contact(id)),
            Message::Back => {
                self.back();
            }
            Message::ShowFavorites(only) => self.only_favorites = only,
            Message::StartSearch => {
                self.search.clear();
                self.page.push(Place::Search);
            }
            Message::Search(text) => self.search = text,
            Message::Add => {
                self.draft = Contact::default();
                self.page.push(Place::Edit(None));
            }
            Message::Edit(id) => {
                self.draft = self.get_mut(id).map(|contact| contact.clone()).unwrap_or_default();
                self.page.push(Place::Edit(Some(id)));
            }
            Message::Name(text) => self.draft.name = text,
            Message::Phone(text) => self.draft.phone = text,
            Message::Email(text) => self.draft.email = text,
            Message::Company(text) => self.draft.company = text,
            Message::Save => self.save(cx),
            Message::ToggleFavorite(id) => {
                if let Some(contact) = self.get_mut(id) {
                    contact.favorite = !contact.favorite;
                }
            }
            Message::Call(id) => {
                self.calls.push(id);
                cx.toast("Calling");
            }
            Message::Write(id) => {
                let to = self.get_mut(id).map(|contact| contact.name.clone()).unwrap_or_default();
                cx.launch("messages", Intent::Compose { to, text: String::new() });
            }
            Message::Share(id) => {
                let text = self.get_mut(id).map(|contact| format!("{}: {}", contact.name, contact.phone));
                cx.share(text.unwrap_or_default());
            }
            Message::Copy(text) => {
                cx.system.clipboard = Some(text);
                cx.toast("Copied");
            }
            Message::AskDelete => self.deleting = true,
            Message::Keep => self.deleting = false,
            Message::Delete(id) => {
                self.deleting = false;
                self.contacts.retain(|contact| contact.id != id);
                self.page.pop();
                cx.toast("Contact deleted");
            }
        }
    }

    fn back(&mut self) -> bool {
        self.deleting = false;
        self.page.pop().is_some()
    }

    fn open(&mut self, intent: Intent, _cx: &mut Context<'_, Message>) {
        self.reset();
        match intent {
            Intent::Show { name } => {
                if let Some(id) = self.find(&name).map(|contact| contact.id) {
                    self.page.push(Place::Contact(id));
                }
            }
            Intent::Create { name, details } => {
                self.draft = Contact { name, phone: details, ..Contact::default() };
                self.page.push(Place::Edit(None));
            }
            Intent::Compose { .. } | Intent::Share { .. } => {}
        }
    }
}
