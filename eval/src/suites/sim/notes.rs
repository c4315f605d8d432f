//! Tasks that begin in Notes.

use deftly_sim::apps::contacts::Contacts;
use deftly_sim::apps::messages::Messages;
use deftly_sim::apps::notes::{Note, Notes};
use deftly_sim::{SimPhone, vocabulary};

use super::{Difficulty, Key, Kind, Plan, Task, TaskBuilder, TaskTemplate};

/// What a person could write down.
const TEXTS: &[&str] = &[
    "Bring the blue folder",
    "Two tickets for Saturday",
    "Ask about the deposit",
    "Room 214, second floor",
    "Half past six at the fountain",
    "Paint the fence before June",
    "Spare key is at the office",
    "Check the tyres first",
];

pub(super) static TEMPLATES: &[TaskTemplate] = &[
    TaskTemplate {
        name: "notes_create",
        apps: &["notes"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Create a note titled {title} that says {text}",
            "New note {title}: {text}",
            "Write a note with the title {title} and the text {text}",
            "Please note down \"{text}\" under the title {title}",
            "Add a note called {title} with the content: {text}",
        ],
        build: create,
    },
    TaskTemplate {
        name: "notes_edit_text",
        apps: &["notes"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Change the text of the note {title} to {text}",
            "Edit the note {title} so that it says {text}",
            "Replace what the note {title} says with: {text}",
            "My note {title} is out of date. It should only say {text}",
            "Note {title}: set the text to {text}",
        ],
        build: edit_text,
    },
    TaskTemplate {
        name: "notes_rename",
        apps: &["notes"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Rename the note {title} to {new_title}",
            "Change the title of the note {title} to {new_title}",
            "The note {title} should be called {new_title}",
            "Give my note {title} the new title {new_title}, please",
        ],
        build: rename,
    },
    TaskTemplate {
        name: "notes_pin",
        apps: &["notes"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Pin the note {title}",
            "Pin {title} in {notes}",
            "Keep the note {title} at the top",
            "I look at my note {title} all the time, please pin it",
        ],
        build: |b| pin(b, true),
    },
    TaskTemplate {
        name: "notes_unpin",
        apps: &["notes"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Unpin the note {title}",
            "Remove the pin from the note {title}",
            "The note {title} need not be pinned any more",
            "Take {title} off the pinned notes",
        ],
        build: |b| pin(b, false),
    },
    TaskTemplate {
        name: "notes_delete",
        apps: &["notes"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Delete the note {title}",
            "Move the note {title} to the bin",
            "Throw away my note {title}",
            "I don't need the note called {title} any more, delete it",
            "Remove {title} from {notes}",
        ],
        build: delete,
    },
    TaskTemplate {
        name: "notes_restore",
        apps: &["notes"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Restore the note {title}",
            "Bring the deleted note {title} back",
            "Undelete my note {title}",
            "Get the note {title} back from the bin",
            "I deleted the note {title} by mistake, please restore it",
        ],
        build: restore,
    },
    TaskTemplate {
        name: "notes_search_and_open",
        apps: &["notes"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Search for the note {title} and open it",
            "Open the note {title}",
            "Find my note {title} and show it to me",
            "I want to read {title} in {notes}, open it please",
        ],
        build: search_and_open,
    },
    TaskTemplate {
        name: "notes_what_does_it_say",
        apps: &["notes"],
        difficulty: Difficulty::Easy,
        kind: Kind::Answer,
        wordings: &[
            "What does the note {title} say?",
            "Read me the note {title}",
            "What did I write in the note {title}?",
            "Text of the note {title}?",
            "Can you look up what my note called {title} says?",
        ],
        build: what_does_it_say,
    },
    TaskTemplate {
        name: "notes_which_mentions",
        apps: &["notes"],
        difficulty: Difficulty::Medium,
        kind: Kind::Answer,
        wordings: &[
            "Which note mentions {word}?",
            "What is the title of the note with {word} in it?",
            "In which of my notes did I write {word}?",
            "I wrote {word} in one of my notes. What is it called?",
        ],
        build: which_mentions,
    },
    TaskTemplate {
        name: "notes_how_many_in_bin",
        apps: &["notes"],
        difficulty: Difficulty::Medium,
        kind: Kind::Answer,
        wordings: &[
            "How many notes are in the bin?",
            "How many deleted notes can I still restore?",
            "Count the notes in the bin",
            "Tell me how many notes I have deleted that are still in the bin",
        ],
        build: how_many_in_bin,
    },
    TaskTemplate {
        name: "notes_missing",
        apps: &["notes"],
        difficulty: Difficulty::Medium,
        kind: Kind::Infeasible,
        wordings: &[
            "Delete the note {title}",
            "Pin the note {title}",
            "What does the note {title} say?",
            "Rename the note {title} to Old ideas",
            "Please find my note called {title} and add \"done\" to it",
        ],
        build: missing,
    },
    TaskTemplate {
        name: "notes_send_text",
        apps: &["notes", "messages"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Send the text of the note {title} to {name} in {messages}",
            "Message {name} what my note {title} says",
            "{name} needs what is in the note {title}. Send it as a message.",
            "Look up the note {title} and send what it says to {name}",
        ],
        build: send_text,
    },
    TaskTemplate {
        name: "notes_share",
        apps: &["notes", "messages"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Share the note {title} with {name} in {messages}",
            "Share my note {title} via {messages} with {name}",
            "Use sharing to send the note {title} to {name}",
            "Open the note {title}, share it through {messages} and send it to {name}",
        ],
        build: share,
    },
    TaskTemplate {
        name: "notes_contact_number",
        apps: &["notes", "contacts"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Write a note titled {title} with the phone number of {name}",
            "Share the contact {name} to {notes} and title the note {title}",
            "Look up {name}'s number in {contacts} and save it in a note called {title}",
            "Make a note {title} that has {name}'s phone number in it",
        ],
        build: contact_number,
    },
];

fn notes(phone: &SimPhone) -> &[Note] {
    &phone.app::<Notes>().notes
}

fn note(phone: &SimPhone, id: u32) -> Option<&Note> {
    notes(phone).iter().find(|note| note.id == id)
}

/// Whether all notes but this one are still as they were.
fn kept(phone: &SimPhone, before: &[Note], changed: u32) -> bool {
    before.iter().filter(|old| old.id != changed).all(|old| note(phone, old.id) == Some(old))
}

/// A note that the goal names by its title, made so by `prepare`, and all notes as they are then.
fn pick(b: &mut TaskBuilder<'_>, prepare: impl FnOnce(&mut Note)) -> (Note, Vec<Note>) {
    let ids: Vec<u32> = notes(b.phone).iter().map(|note| note.id).collect();
    let id = b.choose(&ids);
    let app = b.phone.app_mut::<Notes>();
    if let Some(note) = app.notes.iter_mut().find(|note| note.id == id) {
        note.deleted = false;
        prepare(note);
    }
    let before = app.notes.clone();
    let picked = before.iter().find(|note| note.id == id).cloned().unwrap_or_default();
    let name = b.phone.app_name("notes");
    b.param("title", &picked.title).param("notes", name);
    (picked, before)
}

/// A title that no note has, not even in the bin.
fn new_title(b: &mut TaskBuilder<'_>) -> &'static str {
    let used = notes(b.phone);
    let is_free = |title: &&str| !used.iter().any(|note| note.title == *title || note.text.contains(*title));
    let free: Vec<&str> = vocabulary::NOTES.iter().copied().filter(is_free).collect();
    b.choose(&free)
}

fn page(id: u32) -> String {
    format!("note_{id}")
}

/// Opens the note.
fn at_note(id: u32) -> Plan {
    Plan::in_app("notes").tap(page(id))
}

/// Opens the note's editor.
fn at_editor(id: u32) -> Plan {
    at_note(id).tap(Key::on(page(id), "edit"))
}

/// Continues a plan with a new message of this text to somebody, whom the goal calls `{name}`.
pub(super) fn write_message(b: &mut TaskBuilder<'_>, plan: Plan, text: String) -> (Plan, String) {
    let people: Vec<String> = b.phone.app::<Messages>().chats.iter().map(|chat| chat.with.clone()).collect();
    let (name, app) = (b.choose(&people), b.phone.app_name("messages"));
    b.param("name", &name).param("messages", app);
    let plan = plan
        .open("messages")
        .tap(Key::on("chats", "new"))
        .type_into(Key::on("new", "to"), &name)
        .type_into(Key::on("new", "draft"), text)
        .tap(Key::on("new", "send"));
    (plan, name)
}

/// Whether the owner has sent this person a message with this in it.
pub(super) fn sent_containing(phone: &SimPhone, name: &str, text: &str) -> bool {
    let chat = phone.app::<Messages>().chat(name);
    chat.is_some_and(|chat| chat.texts.iter().any(|one| one.mine && one.text.contains(text)))
}

fn create(b: &mut TaskBuilder<'_>) -> Task {
    let (title, text) = (new_title(b), b.choose(TEXTS));
    b.param("title", title).param("text", text);
    let plan = Plan::in_app("notes")
        .tap("new")
        .type_into(Key::on("new_note", "title_field"), title)
        .type_into(Key::on("new_note", "text_field"), text)
        .tap(Key::on("new_note", "save"));
    Task::reach(move |phone| phone.app::<Notes>().find(title).is_some_and(|note| note.text == text), plan)
}

fn edit_text(b: &mut TaskBuilder<'_>) -> Task {
    let (Note { id, title, .. }, before) = pick(b, |_| ());
    let (text, editor) = (b.choose(TEXTS), format!("edit_{id}"));
    b.param("text", text);
    let plan = at_editor(id).type_into(Key::on(&editor, "text_field"), text).tap(Key::on(&editor, "save"));
    let right = move |note: &Note| note.title == title && note.text == text && !note.deleted;
    Task::reach(move |phone| note(phone, id).is_some_and(&right) && kept(phone, &before, id), plan)
}

fn rename(b: &mut TaskBuilder<'_>) -> Task {
    let (Note { id, text, .. }, before) = pick(b, |_| ());
    let (title, editor) = (new_title(b), format!("edit_{id}"));
    b.param("new_title", title);
    let plan = at_editor(id).type_into(Key::on(&editor, "title_field"), title).tap(Key::on(&editor, "save"));
    let right = move |note: &Note| note.title == title && note.text == text && !note.deleted;
    Task::reach(move |phone| note(phone, id).is_some_and(&right) && kept(phone, &before, id), plan)
}

fn pin(b: &mut TaskBuilder<'_>, pinned: bool) -> Task {
    let (Note { id, .. }, before) = pick(b, |note| note.pinned = !pinned);
    let plan = at_note(id).tap(Key::on(page(id), "pin"));
    Task::reach(
        move |phone| note(phone, id).is_some_and(|note| note.pinned == pinned) && kept(phone, &before, id),
        plan,
    )
}

fn delete(b: &mut TaskBuilder<'_>) -> Task {
    let (Note { id, .. }, before) = pick(b, |_| ());
    let plan = at_note(id)
        .tap(Key::on(page(id), "more_options"))
        .tap(Key::on(page(id), "delete"))
        .tap(Key::on(page(id), "confirm_delete"));
    // Gone for good is deleted too.
    Task::reach(move |phone| note(phone, id).is_none_or(|note| note.deleted) && kept(phone, &before, id), plan)
}

fn restore(b: &mut TaskBuilder<'_>) -> Task {
    let (Note { id, .. }, before) = pick(b, |note| note.deleted = true);
    let plan = in_bin().tap(format!("restore_{id}"));
    Task::reach(move |phone| note(phone, id).is_some_and(|note| !note.deleted) && kept(phone, &before, id), plan)
}

fn in_bin() -> Plan {
    Plan::in_app("notes").tap(Key::on("notes", "more_options")).tap(Key::on("notes", "bin"))
}

fn search_and_open(b: &mut TaskBuilder<'_>) -> Task {
    let (Note { id, title, .. }, before) = pick(b, |_| ());
    let plan = searching(&title).tap(Key::on("search", page(id)));
    Task::reach(move |phone| phone.place().0 == page(id) && kept(phone, &before, u32::MAX), plan)
}

fn searching(text: &str) -> Plan {
    Plan::in_app("notes").tap(Key::on("notes", "search")).type_into("search_field", text)
}

fn what_does_it_say(b: &mut TaskBuilder<'_>) -> Task {
    let text = b.choose(TEXTS);
    let (Note { id, .. }, _) = pick(b, |note| note.text = text.to_owned());
    Task::answer([text], at_note(id).see(Key::on(page(id), "text")))
}

fn which_mentions(b: &mut TaskBuilder<'_>) -> Task {
    let word = b.choose(&["Marzipan", "Kayak", "Trombone", "Lighthouse", "Telescope", "Origami", "Saffron"]);
    b.param("word", word);
    let (Note { id, title, .. }, _) = pick(b, |note| note.text = format!("{}, {word}", note.text));
    Task::answer([title], searching(word).see(Key::on("search", page(id))))
}

fn how_many_in_bin(b: &mut TaskBuilder<'_>) -> Task {
    let count = b.number(1..=5) as usize;
    for (index, note) in b.phone.app_mut::<Notes>().notes.iter_mut().enumerate() {
        note.deleted = index < count;
    }
    Task::answer([count.to_string()], in_bin().see(Key::on("bin", "empty_bin")))
}

fn missing(b: &mut TaskBuilder<'_>) -> Task {
    let title = new_title(b);
    b.param("title", title);
    let before = notes(b.phone).to_vec();
    Task::infeasible(move |phone| notes(phone) == before, searching(title))
}

/// A note with a short text, so that all of it stands in the list.
fn pick_short(b: &mut TaskBuilder<'_>) -> Note {
    let text = b.choose(TEXTS);
    pick(b, |note| note.text = text.to_owned()).0
}

fn send_text(b: &mut TaskBuilder<'_>) -> Task {
    let Note { id, text, .. } = pick_short(b);
    let (plan, name) = write_message(b, Plan::in_app("notes").remember(page(id)), text.clone());
    Task::reach(move |phone| sent_containing(phone, &name, &text), plan)
}

fn share(b: &mut TaskBuilder<'_>) -> Task {
    let Note { id, title, text, .. } = pick_short(b);
    let plan = at_note(id)
        .tap(Key::on(page(id), "more_options"))
        .tap(Key::on(page(id), "share"))
        .tap(Key::on(page(id), "share_messages"));
    let (plan, name) = write_message(b, plan, format!("{title}: {text}"));
    Task::reach(move |phone| sent_containing(phone, &name, &text), plan)
}

fn contact_number(b: &mut TaskBuilder<'_>) -> Task {
    let contact = b.choose(&b.phone.app::<Contacts>().contacts.clone());
    let title = new_title(b);
    let (contacts, notes) = (b.phone.app_name("contacts"), b.phone.app_name("notes"));
    b.param("name", &contact.name).param("title", title).param("contacts", contacts).param("notes", notes);
    let page = format!("contact_{}", contact.id);
    let plan = Plan::in_app("contacts")
        .tap(&*page)
        .tap(Key::on(&page, "more_options"))
        .tap(Key::on(&page, "share"))
        .tap(Key::on(&page, "share_notes"))
        .open("notes")
        .tap("new")
        .type_into(Key::on("new_note", "title_field"), title)
        .type_into(Key::on("new_note", "text_field"), format!("{}: {}", contact.name, contact.phone))
        .tap(Key::on("new_note", "save"));
    Task::reach(
        move |phone| phone.app::<Notes>().find(title).is_some_and(|note| note.text.contains(&contact.phone)),
        plan,
    )
}
