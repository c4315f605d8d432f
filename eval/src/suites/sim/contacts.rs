//! Tasks that begin in Contacts.

use deftly_sim::apps::contacts::{Contact, Contacts};
use deftly_sim::apps::messages::Messages;
use deftly_sim::{SimPhone, vocabulary};

use super::messages::{forget_texts, is_only_text, owner_texts, send_draft, some_text, someone};
use super::{Difficulty, Kind, Plan, Task, TaskBuilder, TaskTemplate};

const CONTACTS: &[&str] = &["contacts"];

pub(super) static TEMPLATES: &[TaskTemplate] = &[
    TaskTemplate {
        name: "contacts_add",
        apps: CONTACTS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Add {name} with the number {number} to {app}",
            "New contact: {name}, {number}",
            "Create a contact for {name}, phone number {number}",
            "I met {name} today, their number is {number}. Please save it in {app}",
            "Save {number} as {name}",
        ],
        build: add,
    },
    TaskTemplate {
        name: "contacts_add_with_company",
        apps: CONTACTS,
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Add {name} from {company} with the number {number} and the email {email} to {app}",
            "New contact: {name}, {number}, {email}, company {company}",
            "Create a contact called {name} with phone {number}, email {email} and company {company}",
            "{name} works at {company}. Save the number {number} and the address {email} in a new contact",
        ],
        build: add_with_company,
    },
    TaskTemplate {
        name: "contacts_change_number",
        apps: CONTACTS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Change the phone number of {name} to {number}",
            "{name} has a new number: {number}",
            "Edit {name}: phone {number}",
            "Please update {name} in {app}, their phone number is {number} now",
        ],
        build: |b| {
            let number = some_number(b);
            change(b, "phone_field", &number, |contact, text| contact.phone = text)
        },
    },
    TaskTemplate {
        name: "contacts_change_company",
        apps: CONTACTS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Set the company of {name} to {company}",
            "{name} works at {company} now, change the contact",
            "Edit {name}: company {company}",
            "Please note in {app} that {name} is at {company}",
        ],
        build: |b| {
            let company = format!("{} Works", b.choose(vocabulary::COMPANIES));
            b.param("company", &company);
            change(b, "company_field", &company, |contact, text| contact.company = text)
        },
    },
    TaskTemplate {
        name: "contacts_delete",
        apps: CONTACTS,
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Delete {name} from {app}",
            "Remove the contact {name}",
            "Delete the contact {name}",
            "I do not need the number of {name} any more, delete the contact",
        ],
        build: delete,
    },
    TaskTemplate {
        name: "contacts_favorite",
        apps: CONTACTS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "{favorite}: {name}",
            "Open {name} in {app} and choose {favorite}",
            "Make {name} a favorite",
            "{name} is my best friend, choose {favorite} for this contact",
        ],
        build: favorite,
    },
    TaskTemplate {
        name: "contacts_call",
        apps: CONTACTS,
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &["Call {name}", "Please call {name}", "Ring {name} for me", "Find {name} in {app} and call them"],
        build: call,
    },
    TaskTemplate {
        name: "contacts_which_number",
        apps: CONTACTS,
        difficulty: Difficulty::Easy,
        kind: Kind::Answer,
        wordings: &[
            "What is the phone number of {name}?",
            "Phone number of {name}?",
            "Look up {name} in {app} and tell me the phone number",
            "I need to call {name} from another phone, what is their number?",
        ],
        build: |b| look_up(b, "phone"),
    },
    TaskTemplate {
        name: "contacts_which_email",
        apps: CONTACTS,
        difficulty: Difficulty::Easy,
        kind: Kind::Answer,
        wordings: &[
            "What is the email address of {name}?",
            "Email of {name}?",
            "Which email address does {name} have in {app}?",
            "Find out the email address of {name} for me",
        ],
        build: |b| look_up(b, "email"),
    },
    TaskTemplate {
        name: "contacts_missing",
        apps: CONTACTS,
        difficulty: Difficulty::Medium,
        kind: Kind::Infeasible,
        wordings: &[
            "Call {name}",
            "What is the phone number of {name}?",
            "Delete {name} from {app}",
            "Make {name} a favorite",
            "Please look up the email address of {name}",
        ],
        build: missing,
    },
    TaskTemplate {
        name: "contacts_message",
        apps: &["contacts", "messages"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Open {name} in {app} and send them the message {text}",
            "From the contact {name}, write: {text}",
            "Find {name} in {app} and text them {text}",
            "Please look {name} up in {app}, and from there send \"{text}\"",
        ],
        build: message,
    },
    TaskTemplate {
        name: "contacts_share",
        apps: &["contacts", "messages"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Share the contact {other} with {name} in {messages}",
            "Share {other} with {name} via {messages}",
            "Send {name} the contact {other}, use {share}",
            "{name} asked for the details of {other}. Share that contact from {app} through {messages}",
        ],
        build: share,
    },
];

/// A plan that begins in Contacts; fills `{app}`.
fn in_contacts(b: &mut TaskBuilder<'_>) -> Plan {
    let app = b.phone.app_name("contacts");
    b.param("app", app);
    Plan::in_app("contacts")
}

/// One of the contacts, for whom `{name}` stands.
fn some_contact(b: &mut TaskBuilder<'_>) -> Contact {
    let contacts = b.phone.app::<Contacts>().contacts.clone();
    let contact = b.choose(&contacts);
    b.param("name", &contact.name);
    contact
}

/// Somebody who is in no phone's contacts, for whom `{name}` stands: no family has these names.
fn stranger(b: &mut TaskBuilder<'_>) -> String {
    let first = b.choose(vocabulary::FIRST_NAMES);
    let last = b.choose(&["Quill", "Finch", "Thorne", "Nox", "Marsh", "Penrose", "Applegate", "Vance", "Holloway"]);
    let name = format!("{first} {last}");
    b.param("name", &name);
    name
}

/// A phone number, for which `{number}` stands.
fn some_number(b: &mut TaskBuilder<'_>) -> String {
    let number = format!("+1 {} {} {}", b.number(201..=989), b.number(100..=999), b.number(1000..=9999));
    b.param("number", &number);
    number
}

/// Whether the page of this contact is in front.
fn shows(id: u32) -> impl Fn(&SimPhone) -> bool + Copy + Send + Sync + 'static {
    move |phone| phone.app::<Contacts>().shown() == Some(id)
}

/// Solved when the contacts are as they are now but for a change; a new one may have any id.
fn changed(b: &TaskBuilder<'_>, change: impl FnOnce(&mut Vec<Contact>), plan: Plan) -> Task {
    let known = |contacts: &[Contact]| {
        let mut contacts: Vec<Contact> = contacts.iter().cloned().map(|contact| Contact { id: 0, ..contact }).collect();
        contacts.sort_by(|a, b| a.name.cmp(&b.name));
        contacts
    };
    let mut wanted = b.phone.app::<Contacts>().contacts.clone();
    change(&mut wanted);
    let wanted = known(&wanted);
    Task::reach(move |phone| known(&phone.app::<Contacts>().contacts) == wanted, plan)
}

/// A new contact; the plan fills every field that is not empty.
fn create(b: &mut TaskBuilder<'_>, contact: Contact) -> Task {
    let fields = [
        ("name_field", &contact.name),
        ("phone_field", &contact.phone),
        ("email_field", &contact.email),
        ("company_field", &contact.company),
    ];
    let plan = fields.into_iter().filter(|(_, text)| !text.is_empty());
    let plan = plan.fold(in_contacts(b).tap("add"), |plan, (key, text)| plan.type_into(key, text)).tap("save");
    changed(b, |contacts| contacts.push(contact), plan)
}

fn add(b: &mut TaskBuilder<'_>) -> Task {
    let contact = Contact { name: stranger(b), phone: some_number(b), ..Contact::default() };
    create(b, contact)
}

fn add_with_company(b: &mut TaskBuilder<'_>) -> Task {
    let name = stranger(b);
    let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
    let company = b.choose(vocabulary::COMPANIES).to_owned();
    b.param("email", &email).param("company", &company);
    let contact = Contact { name, phone: some_number(b), email, company, ..Contact::default() };
    create(b, contact)
}

/// Another text in one field of a contact.
fn change(b: &mut TaskBuilder<'_>, field: &'static str, text: &str, set: fn(&mut Contact, String)) -> Task {
    let Contact { id, .. } = some_contact(b);
    // Another contact may be in the form after a wrong step; nothing is done there.
    let is_form = move |phone: &SimPhone| phone.app::<Contacts>().edited() == Some(id);
    let plan = in_contacts(b).tap(format!("contact_{id}")).tap("edit").when(shows(id));
    let plan = plan.type_into(field, text).when(is_form).tap("save").when(is_form);
    let text = text.to_owned();
    changed(b, |contacts| contacts.iter_mut().filter(|one| one.id == id).for_each(|one| set(one, text.clone())), plan)
}

fn delete(b: &mut TaskBuilder<'_>) -> Task {
    let Contact { id, .. } = some_contact(b);
    let plan = in_contacts(b).tap(format!("contact_{id}")).tap("more_options").when(shows(id));
    let plan = plan.tap("delete").when(shows(id)).tap("confirm_delete").when(shows(id));
    changed(b, |contacts| contacts.retain(|one| one.id != id), plan)
}

fn favorite(b: &mut TaskBuilder<'_>) -> Task {
    let Contact { id, .. } = some_contact(b);
    b.label("favorite", "contacts", "favorite");
    let star = |contacts: &mut Vec<Contact>, on| {
        contacts.iter_mut().filter(|one| one.id == id).for_each(|one| one.favorite = on);
    };
    star(&mut b.phone.app_mut::<Contacts>().contacts, false);
    let plan = in_contacts(b).tap(format!("contact_{id}")).tap("star").when(shows(id));
    changed(b, |contacts| star(contacts, true), plan)
}

fn call(b: &mut TaskBuilder<'_>) -> Task {
    let Contact { id, .. } = some_contact(b);
    let plan = in_contacts(b).tap(format!("contact_{id}")).tap("call").when(shows(id));
    Task::reach(move |phone| phone.app::<Contacts>().calls == [id], plan)
}

/// A question about a contact.
fn look_up(b: &mut TaskBuilder<'_>, key: &'static str) -> Task {
    let contact = some_contact(b);
    let plan = in_contacts(b).tap(format!("contact_{}", contact.id)).see(key).when(shows(contact.id));
    Task::answer([if key == "phone" { contact.phone } else { contact.email }], plan)
}

fn missing(b: &mut TaskBuilder<'_>) -> Task {
    let name = stranger(b);
    let before = b.phone.app::<Contacts>().contacts.clone();
    // A search for the name finds nothing.
    let plan = in_contacts(b).tap("search").type_into("search_field", &name);
    let plan = plan.until(move |phone| phone.app::<Contacts>().searching_for() == Some(&name));
    Task::infeasible(move |phone| phone.app::<Contacts>().contacts == before, plan)
}

fn message(b: &mut TaskBuilder<'_>) -> Task {
    let Contact { id, name, .. } = some_contact(b);
    forget_texts(b.phone, &name);
    let text = some_text(b);
    let texts_before = owner_texts(b.phone);
    let in_chat = {
        let name = name.clone();
        move |phone: &SimPhone| phone.app::<Messages>().writing_to() == Some(&name)
    };
    let plan = in_contacts(b).tap(format!("contact_{id}")).tap("message").when(shows(id)).until(in_chat);
    let plan = send_draft(plan.open("messages"), &name, text);
    Task::reach(move |phone| is_only_text(phone, &name, text, texts_before), plan)
}

fn share(b: &mut TaskBuilder<'_>) -> Task {
    let name = someone(b);
    let contacts = b.phone.app::<Contacts>().contacts.clone();
    let others: Vec<Contact> = contacts.into_iter().filter(|contact| contact.name != name).collect();
    let other = b.choose(&others);
    let messages = b.phone.app_name("messages");
    b.param("other", &other.name).param("messages", messages).label("share", "contacts", "share");
    let text = format!("{}: {}", other.name, other.phone);
    let texts_before = owner_texts(b.phone);
    let id = other.id;
    let has_draft = {
        let text = text.clone();
        move |phone: &SimPhone| phone.app::<Messages>().draft() == text
    };
    let plan = in_contacts(b)
        .tap(format!("contact_{id}"))
        .tap("more_options")
        .when(shows(id))
        .tap("share")
        .when(shows(id))
        .tap("share_messages")
        .until(has_draft);
    let plan = plan.open("messages").type_into("to", &name);
    let plan = send_draft(plan, &name, &text);
    Task::reach(move |phone| is_only_text(phone, &name, &text, texts_before), plan)
}
