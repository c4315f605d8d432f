//! Notes: titles and texts, pins, labels, a bin.

use crate::{App, Context, Dialog, Icon, Intent, Manifest, Page, Seeder, ViewContext, Widget, vocabulary};

/// The notebook.
#[derive(Debug)]
pub struct Notes {
    /// The newest first.
    pub notes: Vec<Note>,
    page: Vec<Place>,
    draft: Note,
    search: String,
    deleting: bool,
    next_id: u32,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    pub id: u32,
    pub title: String,
    pub text: String,
    pub pinned: bool,
    /// In the bin.
    pub deleted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Note(u32),
    Edit(Option<u32>),
    Search,
    Bin,
}

#[derive(Debug, Clone)]
pub enum Message {
    Open(u32),
    Back,
    New,
    Edit(u32),
    Title(String),
    Text(String),
    Save,
    Pin(u32),
    Share(u32),
    AskDelete,
    Keep,
    Delete(u32),
    Restore(u32),
    ShowBin,
    EmptyBin,
    StartSearch,
    Search(String),
}

impl Notes {
    /// The note with this title that is not in the bin.
    pub fn find(&self, title: &str) -> Option<&Note> {
        self.notes.iter().find(|note| note.title == title && !note.deleted)
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut Note> {
        self.notes.iter_mut().find(|note| note.id == id)
    }

    fn note_row(note: &Note) -> Widget<Message> {
        let row = Widget::row(format!("note_{}", note.id), &note.title).subtitle(&note.text).icon(Icon::Note);
        let row = if note.pinned { row.value("Pinned") } else { row };
        row.on_press(Message::Open(note.id))
    }

    fn list(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let (pinned, rest): (Vec<&Note>, Vec<&Note>) =
            self.notes.iter().filter(|note| !note.deleted).partition(|note| note.pinned);
        Page::new("notes", cx.label("notes"))
            .action(Widget::icon_button("search", cx.label("search"), Icon::Search).on_press(Message::StartSearch))
            .menu_item(Widget::button("bin", cx.label("bin")).on_press(Message::ShowBin))
            .with_all(pinned.into_iter().chain(rest).map(Self::note_row))
            .fab(Widget::fab("new", cx.label("new"), Icon::Add).on_press(Message::New))
    }

    fn details(&self, note: &Note, cx: &ViewContext<'_>) -> Page<Message> {
        let id = note.id;
        let pin = if note.pinned { "unpin" } else { "pin" };
        let dialog = self.deleting.then(|| {
            let body = format!("{} will be moved to the bin", note.title);
            Dialog::confirm_delete(cx, body, Message::Keep, Message::Delete(id))
        });
        Page::new(format!("note_{id}"), &note.title)
            .up(Message::Back)
            .action(Widget::icon_button("pin", cx.label(pin), Icon::Pin).on_press(Message::Pin(id)))
            .action(Widget::icon_button("edit", cx.label("edit"), Icon::Edit).on_press(Message::Edit(id)))
            .menu_item(Widget::button("share", cx.label("share")).on_press(Message::Share(id)))
            .menu_item(Widget::button("delete", cx.label("delete")).on_press(Message::AskDelete))
            .with(Widget::text("text", &note.text))
            .dialog(dialog)
    }

    fn editor(&self, id: Option<u32>, cx: &ViewContext<'_>) -> Page<Message> {
        let (key, title) = match id {
            Some(id) => (format!("edit_{id}"), cx.label("edit")),
            None => ("new_note".to_owned(), cx.label("new")),
        };
        Page::new(key, title)
            .up(Message::Back)
            .with(Widget::field("title_field", cx.label("title"), &self.draft.title).on_text(Message::Title))
            .with(Widget::field("text_field", cx.label("text"), &self.draft.text).lines(4).on_text(Message::Text))
            .with(
                Widget::button("save", cx.label("save"))
                    .enabled(!self.draft.title.trim().is_empty())
                    .on_press(Message::Save),
            )
    }

    fn found(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let wanted = self.search.to_lowercase();
        let hits = self.notes.iter().filter(|note| {
            let within = note.title.to_lowercase().contains(&wanted) || note.text.to_lowercase().contains(&wanted);
            !wanted.is_empty() && !note.deleted && within
        });
        Page::search(cx, &self.search, Message::Back, Message::Search).with_all(hits.map(Self::note_row))
    }

    fn bin(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let rows: Vec<Widget<Message>> = self
            .notes
            .iter()
            .filter(|note| note.deleted)
            .map(|note| {
                let restore =
                    Widget::icon_button(format!("restore_{}", note.id), format!("Restore {}", note.title), Icon::Undo);
                Widget::row(format!("deleted_{}", note.id), &note.title)
                    .trailing(vec![restore.on_press(Message::Restore(note.id))])
            })
            .collect();
        let empty = rows.is_empty();
        Page::new("bin", cx.label("bin"))
            .up(Message::Back)
            .with_all(rows)
            .with_all(empty.then(|| Widget::text("empty", "The bin is empty")))
            .with(
                Widget::button("empty_bin", cx.label("empty_bin"))
                    .outlined()
                    .enabled(!empty)
                    .on_press(Message::EmptyBin),
            )
    }

    fn save(&mut self, cx: &mut Context<'_, Message>) {
        let Some(Place::Edit(id)) = self.page.pop() else { return };
        let mut note = std::mem::take(&mut self.draft);
        note.title = note.title.trim().to_owned();
        note.text = note.text.trim().to_owned();
        if id.is_none() {
            note.id = self.next_id;
            self.next_id += 1;
        }
        self.notes.retain(|old| old.id != note.id);
        self.notes.insert(0, note);
        cx.toast("Note saved");
    }
}

impl App for Notes {
    type Message = Message;

    fn manifest() -> Manifest {
        Manifest {
            key: "notes",
            names: &["Notes", "Notebook", "Memo"],
            icon: Icon::Note,
            labels: &[
                ("notes", &["Notes", "All notes", "My notes"]),
                ("search", &["Search", "Search notes", "Find"]),
                ("search_field", &["Search notes", "Search your notes"]),
                ("bin", &["Bin", "Trash", "Recently deleted"]),
                ("empty_bin", &["Empty bin", "Delete all", "Empty trash"]),
                ("new", &["New note", "Add note", "Create note"]),
                ("title", &["Title", "Note title"]),
                ("text", &["Note", "Text", "Write something"]),
                ("save", &["Save", "Done"]),
                ("pin", &["Pin", "Pin note"]),
                ("unpin", &["Unpin", "Unpin note"]),
                ("edit", &["Edit", "Edit note"]),
                ("share", &["Share", "Send"]),
                ("delete", &["Delete", "Delete note", "Move to bin"]),
                ("confirm_delete", &["Delete", "Move", "OK"]),
                ("cancel", &["Cancel", "Keep"]),
            ],
            takes_text: true,
            ..Manifest::DEFAULT
        }
    }

    fn new(seeder: &mut Seeder) -> Self {
        let titles = seeder.strings(vocabulary::NOTES, 14);
        let notes: Vec<Note> = (1..)
            .zip(titles)
            .map(|(id, title)| {
                let count = seeder.number(2..=4) as usize;
                let text = seeder.strings(vocabulary::ITEMS, count).join(", ");
                Note { id, title, text, pinned: seeder.chance(0.15), deleted: seeder.chance(0.15) }
            })
            .collect();
        Self {
            next_id: notes.len() as u32 + 1,
            notes,
            page: Vec::new(),
            draft: Note::default(),
            search: String::new(),
            deleting: false,
        }
    }

    fn view(&self, cx: &ViewContext<'_>) -> Page<Message> {
        match self.page.last() {
            None => self.list(cx),
            Some(Place::Note(id)) => match self.notes.iter().find(|note| note.id == *id) {
                Some(note) => self.details(note, cx),
                None => self.list(cx),
            },
            Some(Place::Edit(id)) => self.editor(*id, cx),
            Some(Place::Search) => self.found(cx),
            Some(Place::Bin) => self.bin(cx),
        }
    }

    fn update(&mut self, message: Message, cx: &mut Context<'_, Message>) {
        match message {
            Message::Open(id) => self.page.push(Place::Note(id)),
            Message::Back => {
                self.back();
            }
            Message::New => {
                self.draft = Note::default();
                self.page.push(Place::Edit(None));
            }
            Message::Edit(id) => {
                self.draft = self.get_mut(id).map(|note| note.clone()).unwrap_or_default();
                self.page.push(Place::Edit(Some(id)));
            }
            Message::Title(text) => self.draft.title = text,
            Message::Text(text) => self.draft.text = text,
            Message::Save => self.save(cx),
            Message::Pin(id) => {
                if let Some(note) = self.get_mut(id) {
                    note.pinned = !note.pinned;
                }
            }
            Message::Share(id) => {
                let text = self.get_mut(id).map(|note| format!("{}: {}", note.title, note.text)).unwrap_or_default();
                cx.share(text);
            }
            Message::AskDelete => self.deleting = true,
            Message::Keep => self.deleting = false,
            Message::Delete(id) => {
                self.deleting = false;
                if let Some(note) = self.get_mut(id) {
                    note.deleted = true;
                }
                self.page.pop();
                cx.toast("Note moved to the bin");
            }
            Message::Restore(id) => {
                if let Some(note) = self.get_mut(id) {
                    note.deleted = false;
                }
                cx.toast("Note restored");
            }
            Message::ShowBin => self.page.push(Place::Bin),
            Message::EmptyBin => self.notes.retain(|note| !note.deleted),
            Message::StartSearch => {
                self.search.clear();
                self.page.push(Place::Search);
            }
            Message::Search(text) => self.search = text,
        }
    }

    fn back(&mut self) -> bool {
        self.deleting = false;
        self.page.pop().is_some()
    }

    fn open(&mut self, intent: Intent, _cx: &mut Context<'_, Message>) {
        self.reset();
        match intent {
            Intent::Share { text } => {
                self.draft = Note { text, ..Note::default() };
                self.page.push(Place::Edit(None));
            }
            Intent::Create { name, details } => {
                self.draft = Note { title: name, text: details, ..Note::default() };
                self.page.push(Place::Edit(None));
            }
            Intent::Show { name } => {
                if let Some(id) = self.find(&name).map(|note| note.id) {
                    self.page.push(Place::Note(id));
                }
            }
            Intent::Compose { .. } => {}
        }
    }
}
