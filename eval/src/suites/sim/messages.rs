//! Tasks that begin in Messages.

use deftly_sim::apps::contacts::Contacts;
use deftly_sim::apps::messages::{Chat, Messages, Text};
use deftly_sim::{SimPhone, vocabulary};

use super::{Difficulty, Kind, Plan, Task, TaskBuilder, TaskTemplate};

const MESSAGES: &[&str] = &["messages"];

pub(super) static TEMPLATES: &[TaskTemplate] = &[
    TaskTemplate {
        name: "messages_send",
        apps: MESSAGES,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Send {name} the message {text}",
            "Text {name}: {text}",
            "Write \"{text}\" to {name} in {app}",
            "Please send a message to {name} that says {text}",
            "Hey, can you text {name} for me? Just write {text}",
        ],
        build: send,
    },
    TaskTemplate {
        name: "messages_send_to_new",
        apps: MESSAGES,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Send the message {text} to the number {number}",
            "Text {number}: {text}",
            "Write \"{text}\" to {number}",
            "Start a new conversation with {number} and send {text}",
        ],
        build: send_to_number,
    },
    TaskTemplate {
        name: "messages_mute",
        apps: MESSAGES,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "{item} the conversation with {name}",
            "{item}: {name}",
            "Please choose {item} for the chat with {name}",
            "{name} writes too much, choose {item} in their conversation",
        ],
        build: |b| menu(b, "mute", |chat| chat.muted = true),
    },
    TaskTemplate {
        name: "messages_pin",
        apps: MESSAGES,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "{item} the conversation with {name}",
            "{item}: {name}",
            "Open the chat with {name} and choose {item}",
            "I write with {name} a lot, so choose {item} in our conversation",
        ],
        build: |b| menu(b, "pin", |chat| chat.pinned = true),
    },
    TaskTemplate {
        name: "messages_archive",
        apps: MESSAGES,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "{item} the conversation with {name}",
            "Put the chat with {name} away with {item}",
            "In {app}, choose {item} for {name}",
            "I am done talking to {name}, choose {item} in the chat",
        ],
        build: |b| menu(b, "archive", |chat| chat.archived = true),
    },
    TaskTemplate {
        name: "messages_unarchive",
        apps: MESSAGES,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "{item} the conversation with {name}",
            "The chat with {name} is in {archived}, choose {item} for it",
            "Bring the conversation with {name} back from {archived}",
            "Get {name} out of {archived} in {app}",
        ],
        build: unarchive,
    },
    TaskTemplate {
        name: "messages_delete",
        apps: MESSAGES,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Delete the conversation with {name}",
            "Delete the chat with {name} in {app}",
            "Remove all messages with {name}",
            "Please get rid of my whole conversation with {name}",
        ],
        build: delete,
    },
    TaskTemplate {
        name: "messages_last_from",
        apps: MESSAGES,
        difficulty: Difficulty::Easy,
        kind: Kind::Answer,
        wordings: &[
            "What did {name} write last?",
            "What is the last message from {name}?",
            "Last message of {name}?",
            "I missed a text from {name}, what does it say?",
        ],
        build: last_from,
    },
    TaskTemplate {
        name: "messages_who_wrote",
        apps: MESSAGES,
        difficulty: Difficulty::Medium,
        kind: Kind::Answer,
        wordings: &[
            "Who wrote \"{text}\" to me?",
            "Search {app} for \"{text}\" and tell me whose conversation it is in",
            "Somebody sent me \"{text}\", who was that?",
            "From whom is the message {text}?",
        ],
        build: who_wrote,
    },
    TaskTemplate {
        name: "messages_missing_conversation",
        apps: MESSAGES,
        difficulty: Difficulty::Medium,
        kind: Kind::Infeasible,
        wordings: &[
            "Delete the conversation with {name}",
            "What did {name} write last?",
            "Show me the last message from {name}",
            "Mute the chat with {name} please",
        ],
        build: missing_conversation,
    },
    TaskTemplate {
        name: "messages_send_phone_number",
        apps: &["messages", "contacts"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Send {name} the phone number of {other}",
            "Look up the phone number of {other} and text it to {name}",
            "{name} needs the number of {other}, please send it",
            "Find {other} in {contacts} and write their phone number to {name}, nothing else",
        ],
        build: |b| send_detail(b, "phone"),
    },
    TaskTemplate {
        name: "messages_send_email_address",
        apps: &["messages", "contacts"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Send {name} the email address of {other}",
            "Look up the email of {other} and text it to {name}",
            "{name} wants to write an email to {other}, send them the address",
            "Find the email of {other} in {contacts} and send exactly that to {name}",
        ],
        build: |b| send_detail(b, "email"),
    },
];

/// A conversation, neither pinned nor muted nor archived, for which `{name}` stands.
fn some_chat(b: &mut TaskBuilder<'_>) -> Chat {
    let chats = b.phone.app::<Messages>().chats.len() as i64;
    let number = b.number(0..=chats - 1) as usize;
    let chat = &mut b.phone.app_mut::<Messages>().chats[number];
    (chat.pinned, chat.muted, chat.archived) = (false, false, false);
    let chat = chat.clone();
    let app = b.phone.app_name("messages");
    b.param("name", &chat.with).param("app", app);
    chat
}

/// Somebody with whom there is a conversation, for whom `{name}` stands.
pub(super) fn someone(b: &mut TaskBuilder<'_>) -> String {
    some_chat(b).with
}

/// How many texts the owner has sent, so that a check can tell that no other was.
pub(super) fn owner_texts(phone: &SimPhone) -> usize {
    phone.app::<Messages>().chats.iter().flat_map(|chat| &chat.texts).filter(|text| text.mine).count()
}

/// Whether this text was sent to this person, and nothing else to anybody, since the owner had sent so many.
pub(super) fn is_only_text(phone: &SimPhone, to: &str, text: &str, texts_before: usize) -> bool {
    phone.app::<Messages>().sent(to, text) && owner_texts(phone) == texts_before + 1
}

/// Goes on in Messages, where the plan's stage must be: writes to somebody, in the conversation with them if there is one.
pub(super) fn write_to(plan: Plan, phone: &SimPhone, to: &str, text: &str) -> Plan {
    let plan = match phone.app::<Messages>().chat(to) {
        Some(chat) => plan.tap(format!("chat_{}", chat.id)),
        None => plan.tap("new").type_into("to", to),
    };
    send_draft(plan, to, text)
}

/// Goes on where a text to this person can be written.
pub(super) fn send_draft(plan: Plan, to: &str, text: &str) -> Plan {
    let is_right = |to: &str| {
        let to = to.to_owned();
        move |phone: &SimPhone| phone.app::<Messages>().writing_to() == Some(&to)
    };
    plan.type_into("draft", text).when(is_right(to)).tap("send").when(is_right(to))
}

/// Something to write, for which `{text}` stands.
pub(super) fn some_text(b: &mut TaskBuilder<'_>) -> &'static str {
    let text = b.choose(vocabulary::MESSAGES);
    b.param("text", text);
    text
}

fn send(b: &mut TaskBuilder<'_>) -> Task {
    let name = someone(b);
    forget_texts(b.phone, &name);
    let text = some_text(b);
    let texts_before = owner_texts(b.phone);
    let plan = write_to(Plan::in_app("messages"), b.phone, &name, text);
    Task::reach(move |phone| is_only_text(phone, &name, text, texts_before), plan)
}

/// Leaves only what the other one wrote, so that a text to be sent was not sent before.
pub(super) fn forget_texts(phone: &mut SimPhone, with: &str) {
    for chat in phone.app_mut::<Messages>().chats.iter_mut().filter(|chat| chat.with == with) {
        chat.texts.retain(|text| !text.mine);
    }
}

fn send_to_number(b: &mut TaskBuilder<'_>) -> Task {
    let number = format!("+1 {} {} {}", b.number(201..=989), b.number(100..=999), b.number(1000..=9999));
    let text = some_text(b);
    b.param("number", &number);
    let texts_before = owner_texts(b.phone);
    let plan = write_to(Plan::in_app("messages"), b.phone, &number, text);
    Task::reach(move |phone| is_only_text(phone, &number, text, texts_before), plan)
}

/// The conversations by their ids, without what reading changes.
fn states(messages: &Messages) -> Vec<Chat> {
    let mut chats: Vec<Chat> = messages.chats.iter().cloned().map(|chat| Chat { unread: false, ..chat }).collect();
    chats.sort_by_key(|chat| chat.id);
    chats
}

/// Solved when the conversations are as they are now but for a change.
fn changed(b: &TaskBuilder<'_>, change: impl FnOnce(&mut Vec<Chat>), plan: Plan) -> Task {
    let mut wanted = states(b.phone.app::<Messages>());
    change(&mut wanted);
    Task::reach(move |phone| states(phone.app::<Messages>()) == wanted, plan)
}

/// Something of the menu of a conversation.
fn menu(b: &mut TaskBuilder<'_>, item: &'static str, change: fn(&mut Chat)) -> Task {
    let Chat { id, .. } = some_chat(b);
    b.label("item", "messages", item);
    // The menu button is on other pages too, so the row comes after it.
    let plan = Plan::in_app("messages").tap("more_options").when(move |phone| is_open(phone, id));
    let plan = plan.tap(format!("chat_{id}")).tap(item).when(move |phone| is_open(phone, id));
    changed(b, |chats| chats.iter_mut().filter(|chat| chat.id == id).for_each(change), plan)
}

/// Whether the conversation with this id is in front.
fn is_open(phone: &SimPhone, id: u32) -> bool {
    let messages = phone.app::<Messages>();
    let chat = messages.chats.iter().find(|chat| chat.id == id);
    chat.is_some_and(|chat| messages.writing_to() == Some(&chat.with))
}

fn unarchive(b: &mut TaskBuilder<'_>) -> Task {
    let Chat { id, .. } = some_chat(b);
    b.label("item", "messages", "unarchive").label("archived", "messages", "archived");
    b.phone.app_mut::<Messages>().chats.iter_mut().filter(|chat| chat.id == id).for_each(|chat| chat.archived = true);
    let plan = Plan::in_app("messages").tap("more_options").tap("archived").tap(format!("chat_{id}"));
    let plan = plan.tap("unarchive").when(move |phone| is_open(phone, id));
    changed(b, |chats| chats.iter_mut().filter(|chat| chat.id == id).for_each(|chat| chat.archived = false), plan)
}

fn delete(b: &mut TaskBuilder<'_>) -> Task {
    let Chat { id, .. } = some_chat(b);
    let allowed = move |phone: &SimPhone| is_open(phone, id);
    let plan = Plan::in_app("messages").tap("more_options").when(allowed).tap(format!("chat_{id}"));
    let plan = plan.tap("delete").when(allowed).tap("confirm_delete").when(allowed);
    changed(b, |chats| chats.retain(|chat| chat.id != id), plan)
}

fn last_from(b: &mut TaskBuilder<'_>) -> Task {
    let chat = some_chat(b);
    let text = b.choose(vocabulary::MESSAGES);
    b.phone.app_mut::<Messages>().chats.iter_mut().filter(|one| one.id == chat.id).for_each(|one| {
        one.texts.push(Text { mine: false, text: text.to_owned() });
    });
    let last = format!("text_{}", chat.texts.len());
    let plan =
        Plan::in_app("messages").tap(format!("chat_{}", chat.id)).see(last).when(move |phone| is_open(phone, chat.id));
    Task::answer([text], plan)
}

fn who_wrote(b: &mut TaskBuilder<'_>) -> Task {
    let chat = some_chat(b);
    let place = b.choose(&["the old bridge", "gate seven", "the blue door", "platform two", "the museum"]);
    let text = format!("Meet me at {place} at {}", b.number(1..=12));
    b.param("text", &text);
    b.phone.app_mut::<Messages>().chats.iter_mut().filter(|one| one.id == chat.id).for_each(|one| {
        one.texts.insert(0, Text { mine: false, text: text.clone() });
    });
    let row = format!("chat_{}", chat.id);
    let plan = Plan::in_app("messages").tap("search").type_into("search_field", &text).see(row).when(is_found(text));
    Task::answer([chat.with], plan)
}

/// Whether this text is what is searched for.
fn is_found(text: String) -> impl Fn(&SimPhone) -> bool + Send + Sync + 'static {
    move |phone| phone.app::<Messages>().searching_for() == Some(&text)
}

fn missing_conversation(b: &mut TaskBuilder<'_>) -> Task {
    let name = b.choose(&["Octavia Quill", "Barnaby Finch", "Cordelia Thorne", "Percival Nox", "Zelda Marsh"]);
    b.param("name", name);
    let before = states(b.phone.app::<Messages>());
    // A search for the name finds nothing.
    let searched = is_found(name.to_owned());
    let plan = Plan::in_app("messages").tap("search").type_into("search_field", name).until(searched);
    Task::infeasible(move |phone| states(phone.app::<Messages>()) == before, plan)
}

/// Something of one contact, looked up and sent to another person.
fn send_detail(b: &mut TaskBuilder<'_>, key: &'static str) -> Task {
    let name = someone(b);
    let contacts = b.phone.app::<Contacts>().contacts.clone();
    let others: Vec<_> = contacts.into_iter().filter(|contact| contact.name != name).collect();
    let other = b.choose(&others);
    let text = if key == "phone" { other.phone } else { other.email };
    let app = b.phone.app_name("contacts");
    b.param("other", &other.name).param("contacts", app);
    let texts_before = owner_texts(b.phone);
    let id = other.id;
    let plan = Plan::in_app("contacts")
        .tap(format!("contact_{id}"))
        .remember(key)
        .when(move |phone| phone.app::<Contacts>().shown() == Some(id));
    let plan = write_to(plan.open("messages"), b.phone, &name, &text);
    Task::reach(move |phone| is_only_text(phone, &name, &text, texts_before), plan)
}
