//! Tasks that begin in Calendar.

use deftly_sim::apps::calendar::{Calendar, Event};
use deftly_sim::apps::messages::Messages;
use deftly_sim::apps::notes::Notes;
use deftly_sim::{SimPhone, TimeOfDay};

use super::{Difficulty, Kind, Plan, Task, TaskBuilder, TaskTemplate};

pub(super) static TEMPLATES: &[TaskTemplate] = &[
    TaskTemplate {
        name: "calendar_create_event",
        apps: &["calendar"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Create an event called {title} today at {time}",
            "Add {title} to my calendar at {time}",
            "Put {title} into the calendar for today, {time}",
            "New event {title}, {time} today",
            "I have {title} at {time} today, please add it to the calendar",
        ],
        build: create_event,
    },
    TaskTemplate {
        name: "calendar_create_all_day",
        apps: &["calendar"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Create an all day event called {title} tomorrow",
            "Add {title} to my calendar for the whole day tomorrow",
            "Tomorrow is {title}, put it into the calendar as an all day event",
            "New all day event {title} tomorrow",
        ],
        build: create_all_day,
    },
    TaskTemplate {
        name: "calendar_delete_event",
        apps: &["calendar"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Delete the event {title}",
            "Remove {title} from my calendar",
            "Cancel {title} in the calendar",
            "Please take the event {title} off my calendar",
        ],
        build: delete_event,
    },
    TaskTemplate {
        name: "calendar_set_reminder",
        apps: &["calendar"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Turn on the {reminder} for {title}",
            "Remind me of {title}",
            "Set a reminder for the event {title}",
            "Switch {reminder} on for {title} in the calendar",
        ],
        build: set_reminder,
    },
    TaskTemplate {
        name: "calendar_change_location",
        apps: &["calendar"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Set the location of {title} to {place}",
            "{title} will be at {place}, change it in the calendar",
            "Change where {title} is to {place}",
            "Move the event {title} to {place}",
        ],
        build: change_location,
    },
    TaskTemplate {
        name: "calendar_when_is",
        apps: &["calendar"],
        difficulty: Difficulty::Medium,
        kind: Kind::Answer,
        wordings: &[
            "At what time is {title}?",
            "What time does {title} start?",
            "When does {title} begin, by the clock?",
            "Tell me the time of {title}",
        ],
        build: when_is,
    },
    TaskTemplate {
        name: "calendar_send_date",
        apps: &["calendar", "messages"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Share the event {title} with {name} through {messages}",
            "Send {name} the event {title} from the calendar",
            "Share {title} from my calendar with {name} in {messages}",
        ],
        build: send_date,
    },
    TaskTemplate {
        name: "calendar_note_from_event",
        apps: &["calendar", "notes"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Create a note called {title} about the event with that name, by sharing the event to {notes}",
            "Share the event {title} to {notes} and call the note {title}",
            "Make a note titled {title} from the calendar event {title}",
        ],
        build: note_from_event,
    },
];

/// Titles that no phone's own events have.
const TITLES: &[&str] = &[
    "Oil change",
    "Tennis with Leo",
    "Rent payment",
    "Passport photos",
    "Cake tasting",
    "Roof inspection",
    "Sauna",
    "Thesis meeting",
    "Blood donation",
    "Street fair",
    "Class reunion",
    "Key handover",
];

fn create_event(b: &mut TaskBuilder<'_>) -> Task {
    let title = b.choose(TITLES);
    let time = TimeOfDay { hour: b.number(7..=21) as u8, minute: b.choose(&[0, 15, 30, 45]) };
    b.param("title", title).param("time", time);
    let today = b.phone.app::<Calendar>().today();
    let plan = form_on(Plan::in_app("calendar").tap("new"), today)
        .type_into("title_field", title)
        .set("all_day", false)
        .type_into("hour", time.hour.to_string())
        .type_into("minute", format!("{:02}", time.minute))
        .tap("save");
    Task::reach(
        move |phone| event(phone, title).is_some_and(|event| event.date == today && event.time == Some(time)),
        plan,
    )
}

fn create_all_day(b: &mut TaskBuilder<'_>) -> Task {
    let title = b.choose(TITLES);
    b.param("title", title);
    let tomorrow = b.phone.app::<Calendar>().today().plus_days(1);
    let plan = form_on(Plan::in_app("calendar").tap("new"), tomorrow)
        .type_into("title_field", title)
        .set("all_day", true)
        .tap("save");
    Task::reach(
        move |phone| event(phone, title).is_some_and(|event| event.date == tomorrow && event.time.is_none()),
        plan,
    )
}

/// Brings the form to a day: the arrows are pressed until it shows it.
fn form_on(plan: Plan, day: deftly_sim::Date) -> Plan {
    let shown = |phone: &SimPhone| phone.app::<Calendar>().shown_day();
    plan.tap_unless("later", move |phone| shown(phone) >= day).tap_unless("earlier", move |phone| shown(phone) <= day)
}

fn delete_event(b: &mut TaskBuilder<'_>) -> Task {
    let event = some_event(b, |_| true);
    let count = b.phone.app::<Calendar>().events.len();
    let title = event.title.clone();
    let plan = to_event(&event).tap("more_options").tap("delete").tap("confirm_delete");
    Task::reach(
        move |phone| self::event(phone, &title).is_none() && phone.app::<Calendar>().events.len() + 1 == count,
        plan,
    )
}

fn set_reminder(b: &mut TaskBuilder<'_>) -> Task {
    let event = some_event(b, |_| true);
    b.label("reminder", "calendar", "reminder");
    if let Some(one) = b.phone.app_mut::<Calendar>().events.iter_mut().find(|one| one.id == event.id) {
        one.reminder = false;
    }
    let title = event.title.clone();
    let plan = to_event(&event).set("reminder", true);
    Task::reach(move |phone| self::event(phone, &title).is_some_and(|event| event.reminder), plan)
}

fn change_location(b: &mut TaskBuilder<'_>) -> Task {
    let event = some_event(b, |_| true);
    let place = b.choose(&["Town Hall", "Room 204", "Blue Cafe", "North Gate", "Aula", "Kiosk 7"]);
    b.param("place", place);
    let title = event.title.clone();
    let plan = to_event(&event).tap("edit").type_into("location_field", place).tap("save");
    Task::reach(move |phone| self::event(phone, &title).is_some_and(|event| event.location == place), plan)
}

fn when_is(b: &mut TaskBuilder<'_>) -> Task {
    let event = some_event(b, |event| event.time.is_some());
    let time = event.time.map(|time| time.to_string());
    Task::answer(time, to_event(&event).see("time"))
}

fn send_date(b: &mut TaskBuilder<'_>) -> Task {
    let event = some_event(b, |_| true);
    let chats = &b.phone.app::<Messages>().chats;
    let names: Vec<(u32, String)> = chats.iter().map(|chat| (chat.id, chat.with.clone())).collect();
    let (id, name) = b.choose(&names);
    b.param("messages", b.phone.app_name("messages")).param("name", &name);
    let (title, about) = (event.title.clone(), event.title.clone());
    let plan = to_event(&event)
        .tap("more_options")
        .tap("share")
        .tap("share_messages")
        .until(move |phone| is_writing(phone, &about))
        .open("messages")
        .type_into("to", name.clone())
        .tap(format!("suggestion_{id}"))
        .tap("send");
    let sent = move |phone: &SimPhone| {
        let chat = phone.app::<Messages>().chat(&name);
        chat.is_some_and(|chat| chat.texts.iter().any(|text| text.mine && text.text.starts_with(&title)))
    };
    Task::reach(sent, plan)
}

fn note_from_event(b: &mut TaskBuilder<'_>) -> Task {
    let event = some_event(b, |_| true);
    b.param("notes", b.phone.app_name("notes"));
    let title = event.title.clone();
    let plan = to_event(&event)
        .tap("more_options")
        .tap("share")
        .tap("share_notes")
        .until(|phone| phone.place().0 == "new_note")
        .open("notes")
        .type_into("title_field", title.clone())
        .tap("save");
    let noted =
        move |phone: &SimPhone| phone.app::<Notes>().find(&title).is_some_and(|note| note.text.starts_with(&title));
    Task::reach(noted, plan)
}

/// Whether a text that begins like this is about to be sent.
fn is_writing(phone: &SimPhone, start: &str) -> bool {
    let messages = phone.app::<Messages>();
    messages.writing_to().is_some() && messages.draft().starts_with(start)
}

fn event<'a>(phone: &'a SimPhone, title: &str) -> Option<&'a Event> {
    phone.app::<Calendar>().find(title)
}

/// An event of this phone, as `{title}`.
fn some_event(b: &mut TaskBuilder<'_>, fits: impl Fn(&Event) -> bool) -> Event {
    let events: Vec<Event> = b.phone.app::<Calendar>().events.iter().filter(|event| fits(event)).cloned().collect();
    let event = b.choose(&events);
    b.param("title", &event.title);
    event
}

/// The event's page, by way of the agenda, which lists them all.
fn to_event(event: &Event) -> Plan {
    Plan::in_app("calendar").tap("tab_agenda").tap(format!("event_{}", event.id))
}
