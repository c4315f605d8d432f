//! Messages: conversations with people, new messages, archive and mute.

use crate::{App, Context, Dialog, Icon, Intent, Manifest, Page, Seeder, TextStyle, ViewContext, Widget, vocabulary};

/// All conversations.
#[derive(Debug)]
pub struct Messages {
    /// The newest first.
    pub chats: Vec<Chat>,
    page: Vec<Place>,
    draft: String,
    recipient: String,
    search: String,
    deleting: bool,
    next_id: u32,
}

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    pub id: u32,
    pub with: String,
    pub texts: Vec<Text>,
    pub unread: bool,
    pub pinned: bool,
    pub muted: bool,
    pub archived: bool,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub mine: bool,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Chat(u32),
    New,
    Search,
    Archive,
}

#[derive(Debug, Clone)]
pub enum Message {
    Open(u32),
    Back,
    StartNew,
    Recipient(String),
    Choose(String),
    Draft(String),
    Send(u32),
    SendNew,
    StartSearch,
    Search(String),
    ShowArchive,
    Pin(u32),
    Mute(u32),
    Archive(u32),
    AskDelete,
    Delete(u32),
    Keep,
}

impl Messages {
    /// The conversation with this person.
    pub fn chat(&self, with: &str) -> Option<&Chat> {
        self.chats.iter().find(|chat| chat.with == with)
    }

    /// Whether the owner has sent exactly this text to this person.
    pub fn sent(&self, to: &str, text: &str) -> bool {
        self.chat(to).is_some_and(|chat| chat.texts.iter().any(|one| one.mine && one.text.trim() == text))
    }

    /// To whom a text would go that is sent from the page in front.
    pub fn writing_to(&self) -> Option<&str> {
        match self.page.last()? {
            Place::Chat(id) => self.chats.iter().find(|chat| chat.id == *id).map(|chat| chat.with.as_str()),
            Place::New => Some(self.recipient.trim()),
            Place::Search | Place::Archive => None,
        }
    }

    /// What was written and not sent yet.
    pub fn draft(&self) -> &str {
        &self.draft
    }

    /// What stands in the search field, if the search is in front.
    pub fn searching_for(&self) -> Option<&str> {
        (self.page.last() == Some(&Place::Search)).then_some(self.search.as_str())
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut Chat> {
        self.chats.iter_mut().find(|chat| chat.id == id)
    }

    fn chat_row(chat: &Chat) -> Widget<Message> {
        let last = chat.texts.last().map(|text| text.text.as_str()).unwrap_or_default();
        let state = match (chat.unread, chat.pinned, chat.muted) {
            (true, _, _) => "Unread",
            (false, true, _) => "Pinned",
            (false, false, true) => "Muted",
            (false, false, false) => "",
        };
        let row = Widget::row(format!("chat_{}", chat.id), &chat.with).subtitle(last).icon(Icon::Person);
        let row = if state.is_empty() { row } else { row.value(state) };
        row.on_press(Message::Open(chat.id))
    }

    fn list(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let (pinned, rest): (Vec<&Chat>, Vec<&Chat>) =
            self.chats.iter().filter(|chat| !chat.archived).partition(|chat| chat.pinned);
        Page::new("chats", cx.label("messages"))
            .action(Widget::icon_button("search", cx.label("search"), Icon::Search).on_press(Message::StartSearch))
            .menu_item(Widget::button("archived", cx.label("archived")).on_press(Message::ShowArchive))
            .with_all(pinned.into_iter().chain(rest).map(Self::chat_row))
            .fab(Widget::fab("new", cx.label("new"), Icon::Edit).on_press(Message::StartNew))
    }

    fn conversation(&self, chat: &Chat, cx: &ViewContext<'_>) -> Page<Message> {
        let id = chat.id;
        let texts = chat.texts.iter().enumerate().map(|(index, text)| {
            let text_widget = Widget::text(
                format!("text_{index}"),
                if text.mine { format!("You: {}", text.text) } else { text.text.clone() },
            );
            Widget::card(format!("bubble_{index}"), vec![text_widget])
        });
        let item = |key: &str, message| Widget::button(key, cx.label(key)).on_press(message);
        let dialog = self.deleting.then(|| {
            let body = format!("The conversation with {} will be deleted", chat.with);
            Dialog::confirm_delete(cx, body, Message::Keep, Message::Delete(id))
        });
        Page::new(format!("chat_{id}"), &chat.with)
            .up(Message::Back)
            .menu_item(item(if chat.pinned { "unpin" } else { "pin" }, Message::Pin(id)))
            .menu_item(item(if chat.muted { "unmute" } else { "mute" }, Message::Mute(id)))
            .menu_item(item(if chat.archived { "unarchive" } else { "archive" }, Message::Archive(id)))
            .menu_item(item("delete", Message::AskDelete))
            .with_all(texts)
            .from_end()
            .bottom(self.writing_line(Message::Send(id), cx))
            .dialog(dialog)
    }

    fn writing_line(&self, send: Message, cx: &ViewContext<'_>) -> Widget<Message> {
        Widget::line(
            "writing",
            vec![
                Widget::field("draft", cx.label("draft"), &self.draft).on_text(Message::Draft),
                Widget::icon_button("send", cx.label("send"), Icon::Send)
                    .enabled(!self.draft.trim().is_empty())
                    .on_press(send),
            ],
        )
    }

    fn new_message(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let wanted = self.recipient.to_lowercase();
        let exact = self.chats.iter().any(|chat| chat.with == self.recipient);
        let suggestions =
            self.chats.iter().filter(|chat| !exact && !wanted.is_empty() && chat.with.to_lowercase().contains(&wanted));
        let rows = suggestions.map(|chat| {
            Widget::row(format!("suggestion_{}", chat.id), &chat.with)
                .icon(Icon::Person)
                .on_press(Message::Choose(chat.with.clone()))
        });
        Page::new("new", cx.label("new"))
            .up(Message::Back)
            .with(Widget::field("to", cx.label("to"), &self.recipient).autofocus().on_text(Message::Recipient))
            .with_all(rows)
            .bottom(self.writing_line(Message::SendNew, cx))
    }

    fn found(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let wanted = self.search.to_lowercase();
        let hits = self.chats.iter().filter(|chat| {
            let in_text = chat.texts.iter().any(|text| text.text.to_lowercase().contains(&wanted));
            !wanted.is_empty() && (in_text || chat.with.to_lowercase().contains(&wanted))
        });
        Page::search(cx, &self.search, Message::Back, Message::Search).with_all(hits.map(Self::chat_row))
    }

    fn archive(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let rows: Vec<Widget<Message>> = self.chats.iter().filter(|chat| chat.archived).map(Self::chat_row).collect();
        let empty = rows.is_empty().then(|| Widget::text("empty", "Nothing archived").style(TextStyle::Caption));
        Page::new("archive", cx.label("archived")).up(Message::Back).with_all(rows).with_all(empty)
    }

    /// Adds a text of the owner's; the chat moves to the top.
    fn send(&mut self, id: u32) {
        let text = std::mem::take(&mut self.draft);
        if let Some(index) = self.chats.iter().position(|chat| chat.id == id) {
            let mut chat = self.chats.remove(index);
            chat.texts.push(Text { mine: true, text: text.trim().to_owned() });
            self.chats.insert(0, chat);
        }
    }

    /// The chat with this person, made if there is none.
    fn chat_with(&mut self, name: &str) -> u32 {
        let wanted = name.trim().to_lowercase();
        if let Some(chat) = self.chats.iter().find(|chat| chat.with.to_lowercase() == wanted) {
            return chat.id;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.chats.insert(
            0,
            Chat {
                id,
                with: name.trim().to_owned(),
                texts: Vec::new(),
                unread: false,
                pinned: false,
                muted: false,
                archived: false,
            },
        );
        id
    }

    fn open_chat(&mut self, id: u32) {
        if let Some(chat) = self.get_mut(id) {
            chat.unread = false;
        }
        self.draft.clear();
        self.page.push(Place::Chat(id));
    }
}

impl App for Messages {
    type Message = Message;

    fn manifest() -> Manifest {
        Manifest {
            key: "messages",
            names: &["Messages", "Messaging", "Chats"],
            icon: Icon::Message,
            labels: &[
                ("messages", &["Messages", "Chats", "Conversations"]),
                ("search", &["Search", "Search messages", "Find"]),
                ("search_field", &["Search messages", "Search"]),
                ("archived", &["Archived", "Archive"]),
                ("new", &["New message", "Start chat", "Compose"]),
                ("to", &["To", "Recipient", "Type a name or number"]),
                ("draft", &["Message", "Text message", "Write a message"]),
                ("send", &["Send", "Send message"]),
                ("pin", &["Pin", "Pin conversation"]),
                ("unpin", &["Unpin"]),
                ("mute", &["Mute", "Mute notifications"]),
                ("unmute", &["Unmute"]),
                ("archive", &["Archive", "Move to archive"]),
                ("unarchive", &["Unarchive"]),
                ("delete", &["Delete", "Delete conversation"]),
                ("confirm_delete", &["Delete", "Yes, delete"]),
                ("cancel", &["Cancel", "Keep"]),
            ],
            system: true,
            takes_text: true,
            ..Manifest::DEFAULT
        }
    }

    fn new(seeder: &mut Seeder) -> Self {
        let people: Vec<String> = seeder.people().iter().take(14).cloned().collect();
        let mut chats: Vec<Chat> = (1..)
            .zip(people)
            .map(|(id, with)| {
                let count = seeder.number(1..=4) as usize;
                let texts = seeder.strings(vocabulary::MESSAGES, count);
                let texts = texts.into_iter().map(|text| Text { mine: seeder.chance(0.4), text }).collect();
                Chat {
                    id,
                    with,
                    texts,
                    unread: seeder.chance(0.25),
                    pinned: seeder.chance(0.1),
                    muted: seeder.chance(0.15),
                    archived: seeder.chance(0.1),
                }
            })
            .collect();
        seeder.shuffle(&mut chats);
        Self {
            next_id: chats.len() as u32 + 1,
            chats,
            page: Vec::new(),
            draft: String::new(),
            recipient: String::new(),
            search: String::new(),
            deleting: false,
        }
    }

    fn view(&self, cx: &ViewContext<'_>) -> Page<Message> {
        match self.page.last() {
            None => self.list(cx),
            Some(Place::Chat(id)) => match self.chats.iter().find(|chat| chat.id == *id) {
                Some(chat) => self.conversation(chat, cx),
                None => self.list(cx),
            },
            Some(Place::New) => self.new_message(cx),
            Some(Place::Search) => self.found(cx),
            Some(Place::Archive) => self.archive(cx),
        }
    }

    fn update(&mut self, message: Message, cx: &mut Context<'_, Message>) {
        match message {
            Message::Open(id) => self.open_chat(id),
            Message::Back => {
                self.back();
            }
            Message::StartNew => {
                self.recipient.clear();
                self.draft.clear();
                self.page.push(Place::New);
            }
            Message::Recipient(text) | Message::Choose(text) => self.recipient = text,
            Message::Draft(text) => self.draft = text,
            Message::Send(id) => self.send(id),
            Message::SendNew => {
                if self.recipient.trim().is_empty() {
                    cx.toast("Enter a recipient");
                    return;
                }
                let recipient = std::mem::take(&mut self.recipient);
                let id = self.chat_with(&recipient);
                self.send(id);
                self.page = vec![Place::Chat(id)];
            }
            Message::StartSearch => {
                self.search.clear();
                self.page.push(Place::Search);
            }
            Message::Search(text) => self.search = text,
            Message::ShowArchive => self.page.push(Place::Archive),
            Message::Pin(id) => {
                if let Some(chat) = self.get_mut(id) {
                    chat.pinned = !chat.pinned;
                }
            }
            Message::Mute(id) => {
                if let Some(chat) = self.get_mut(id) {
                    chat.muted = !chat.muted;
                }
            }
            Message::Archive(id) => {
                if let Some(chat) = self.get_mut(id) {
                    chat.archived = !chat.archived;
                    let text = if chat.archived { "Conversation archived" } else { "Conversation unarchived" };
                    cx.toast(text);
                }
                self.page.clear();
            }
            Message::AskDelete => self.deleting = true,
            Message::Keep => self.deleting = false,
            Message::Delete(id) => {
                self.deleting = false;
                self.chats.retain(|chat| chat.id != id);
                self.page.clear();
                cx.toast("Conversation deleted");
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
            Intent::Compose { to, text } => {
                let id = self.chat_with(&to);
                self.open_chat(id);
                self.draft = text;
            }
            Intent::Share { text } => {
                self.recipient.clear();
                self.draft = text;
                self.page.push(Place::New);
            }
            Intent::Show { name } => {
                if let Some(id) = self.chat(&name).map(|chat| chat.id) {
                    self.open_chat(id);
                }
            }
            Intent::Create { .. } => {}
        }
    }
}
