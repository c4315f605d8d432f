//! Tasks that begin in Clock.

use deftly_sim::apps::clock::{Alarm, Clock};
use deftly_sim::apps::notes::Notes;
use deftly_sim::{SimPhone, TimeOfDay, vocabulary};

use super::notes::{sent_containing, write_message};
use super::{Difficulty, Key, Kind, Plan, Task, TaskBuilder, TaskTemplate};

/// Names for alarms that no phone has from the start.
const LABELS: &[&str] =
    &["Swimming", "Bakery", "Piano lesson", "Water the plants", "Call mum", "Bus 42", "Vitamins", "Stretching"];

pub(super) static TEMPLATES: &[TaskTemplate] = &[
    TaskTemplate {
        name: "clock_turn_on_alarm",
        apps: &["clock"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Turn on the {time} alarm",
            "Switch my {time} alarm on",
            "Enable the alarm for {time}",
            "There is an alarm at {time} that is off. Please turn it on.",
            "I want to be woken by the {time} alarm tomorrow, so switch it on",
        ],
        build: |b| switch_alarm(b, true),
    },
    TaskTemplate {
        name: "clock_turn_off_alarm",
        apps: &["clock"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Turn off the {time} alarm",
            "Disable my alarm at {time}",
            "Switch the {time} alarm off, but keep it",
            "I don't need the alarm at {time} any more, turn it off please",
            "No {time} alarm tomorrow, please",
        ],
        build: |b| switch_alarm(b, false),
    },
    TaskTemplate {
        name: "clock_create_alarm",
        apps: &["clock"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Set an alarm for {time}",
            "New alarm at {time}",
            "Wake me up at {time}",
            "Create an alarm that rings at {time}",
            "I have to get up at {time}, could you set an alarm for that?",
        ],
        build: create_alarm,
    },
    TaskTemplate {
        name: "clock_create_labelled_alarm",
        apps: &["clock"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Set an alarm for {time} called {label}",
            "Add a {time} alarm with the label {label}",
            "Create an alarm at {time} and name it {label}",
            "Alarm, {time}, {label}",
            "Please set up an alarm named {label} that rings at {time}",
        ],
        build: create_labelled_alarm,
    },
    TaskTemplate {
        name: "clock_delete_alarm",
        apps: &["clock"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Delete the {time} alarm",
            "Remove my alarm at {time}",
            "Get rid of the {time} alarm",
            "I never use the alarm for {time}, delete it please",
        ],
        build: delete_alarm,
    },
    TaskTemplate {
        name: "clock_change_alarm_time",
        apps: &["clock"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Change the {label} alarm to {time}",
            "Move my {label} alarm to {time}",
            "Make the alarm called {label} ring at {time} instead",
            "{label} now starts at another time. Set its alarm to {time}.",
            "Edit the alarm {label}: new time {time}",
        ],
        build: change_alarm_time,
    },
    TaskTemplate {
        name: "clock_repeat_alarm",
        apps: &["clock"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Repeat the {time} alarm on {day}",
            "Make my {time} alarm ring every {day}",
            "Let the alarm at {time} repeat on {day}s and save it",
            "I need the {time} alarm every week on {day}",
        ],
        build: repeat_alarm,
    },
    TaskTemplate {
        name: "clock_start_timer",
        apps: &["clock"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Start a timer for {minutes} minutes",
            "Set a {minutes} minute timer",
            "Timer, {minutes} min",
            "Remind me in {minutes} minutes with a timer",
            "I'm boiling potatoes. Please start a countdown of {minutes} minutes.",
        ],
        build: start_timer,
    },
    TaskTemplate {
        name: "clock_start_stopwatch",
        apps: &["clock"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Start the stopwatch",
            "Run the stopwatch",
            "Please start the stopwatch of the phone",
            "I'm about to run a lap, start the stopwatch!",
        ],
        build: start_stopwatch,
    },
    TaskTemplate {
        name: "clock_add_city",
        apps: &["clock"],
        difficulty: Difficulty::Medium,
        kind: Kind::Do,
        wordings: &[
            "Add {city} to the world clock",
            "Show {city} in my world clock",
            "I want to see what time it is in {city}, add it to the clock's cities",
            "Put {city} on the list of cities in the clock",
            "World clock: add {city}",
        ],
        build: add_city,
    },
    TaskTemplate {
        name: "clock_remove_city",
        apps: &["clock"],
        difficulty: Difficulty::Easy,
        kind: Kind::Do,
        wordings: &[
            "Remove {city} from the world clock",
            "Delete {city} from my clock's cities",
            "I don't need the time in {city} any more, take it off the world clock",
            "World clock: remove {city}",
        ],
        build: remove_city,
    },
    TaskTemplate {
        name: "clock_when_is_alarm",
        apps: &["clock"],
        difficulty: Difficulty::Easy,
        kind: Kind::Answer,
        wordings: &[
            "At what time does the alarm {label} ring?",
            "When is my {label} alarm?",
            "What time is the alarm called {label} set for?",
            "Time of the {label} alarm?",
            "I forgot when my {label} alarm goes off. Can you look it up?",
        ],
        build: when_is_alarm,
    },
    TaskTemplate {
        name: "clock_how_many_alarms_on",
        apps: &["clock"],
        difficulty: Difficulty::Medium,
        kind: Kind::Answer,
        wordings: &[
            "How many alarms are turned on?",
            "How many of my alarms are on?",
            "Count the alarms that are switched on",
            "Can you tell me how many alarms are active?",
        ],
        build: how_many_alarms_on,
    },
    TaskTemplate {
        name: "clock_missing_alarm",
        apps: &["clock"],
        difficulty: Difficulty::Medium,
        kind: Kind::Infeasible,
        wordings: &[
            "Turn off the {time} alarm",
            "Delete my alarm at {time}",
            "Rename the {time} alarm to Dentist",
            "I have an alarm for {time}, please remove it",
            "Repeat the {time} alarm on Sunday",
        ],
        build: missing_alarm,
    },
    TaskTemplate {
        name: "clock_note_alarm_time",
        apps: &["clock", "notes"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Write a note titled {label} with the time of my {label} alarm",
            "Look up when the {label} alarm rings and save the time in a note called {label}",
            "Note {label}: the time at which the alarm {label} is set",
            "Find the alarm {label}, then make a note named {label} that says at what time it rings",
        ],
        build: note_alarm_time,
    },
    TaskTemplate {
        name: "clock_send_alarm_time",
        apps: &["clock", "messages"],
        difficulty: Difficulty::Hard,
        kind: Kind::Do,
        wordings: &[
            "Message {name} the time of my {label} alarm",
            "Tell {name} in {messages} when my alarm {label} rings",
            "Send {name} a message with the time of the {label} alarm",
            "{name} wants to know what time my {label} alarm is set for. Send it in a message.",
        ],
        build: send_alarm_time,
    },
];

fn alarms(phone: &SimPhone) -> &[Alarm] {
    &phone.app::<Clock>().alarms
}

fn alarm(phone: &SimPhone, id: u32) -> Option<&Alarm> {
    alarms(phone).iter().find(|alarm| alarm.id == id)
}

/// Whether every one of these alarms is still as it was.
fn kept(phone: &SimPhone, others: &[Alarm]) -> bool {
    others.iter().all(|other| alarm(phone, other.id) == Some(other))
}

/// One of the phone's alarms, and the others. The goal names it by its time.
fn pick_alarm(b: &mut TaskBuilder<'_>) -> (Alarm, Vec<Alarm>) {
    let all = alarms(b.phone).to_vec();
    let picked = b.choose(&all);
    b.param("time", picked.time);
    (picked.clone(), all.into_iter().filter(|other| other.id != picked.id).collect())
}

/// An alarm with a label that no other has; the goal names it by this label.
fn pick_labelled(b: &mut TaskBuilder<'_>) -> (Alarm, Vec<Alarm>) {
    let label = b.choose(LABELS);
    let (mut picked, others) = pick_alarm(b);
    picked.label = label.to_owned();
    b.param("label", label);
    let named = picked.clone();
    change(b, named.id, |alarm| *alarm = named);
    (picked, others)
}

fn change(b: &mut TaskBuilder<'_>, id: u32, edit: impl FnOnce(&mut Alarm)) {
    if let Some(alarm) = b.phone.app_mut::<Clock>().alarms.iter_mut().find(|alarm| alarm.id == id) {
        edit(alarm);
    }
}

/// A time at which no alarm rings.
fn free_time(b: &mut TaskBuilder<'_>) -> TimeOfDay {
    loop {
        let (hour, minute) = (b.number(0..=23) as u8, b.number(0..=11) as u8 * 5);
        let time = TimeOfDay { hour, minute };
        if b.phone.app::<Clock>().alarm_at(time).is_none() {
            b.param("time", time);
            return time;
        }
    }
}

/// Fills the form's time.
fn set_time(plan: Plan, page: &str, time: TimeOfDay) -> Plan {
    plan.type_into(Key::on(page, "hour"), time.hour.to_string())
        .type_into(Key::on(page, "minute"), format!("{:02}", time.minute))
}

fn in_alarms() -> Plan {
    Plan::in_app("clock").tap("tab_alarms")
}

fn switch_alarm(b: &mut TaskBuilder<'_>, on: bool) -> Task {
    let (Alarm { id, .. }, others) = pick_alarm(b);
    change(b, id, |alarm| alarm.on = !on);
    let plan = in_alarms().set(format!("alarm_{id}_on"), on);
    Task::reach(move |phone| alarm(phone, id).is_some_and(|alarm| alarm.on == on) && kept(phone, &others), plan)
}

fn create_alarm(b: &mut TaskBuilder<'_>) -> Task {
    let time = free_time(b);
    let plan = set_time(in_alarms().tap("add_alarm"), "new_alarm", time).tap(Key::on("new_alarm", "save"));
    Task::reach(move |phone| alarms(phone).iter().any(|alarm| alarm.time == time && alarm.on), plan)
}

fn create_labelled_alarm(b: &mut TaskBuilder<'_>) -> Task {
    let (time, label) = (free_time(b), b.choose(LABELS));
    b.param("label", label);
    let plan = set_time(in_alarms().tap("add_alarm"), "new_alarm", time)
        .type_into(Key::on("new_alarm", "label"), label)
        .tap(Key::on("new_alarm", "save"));
    let right = move |alarm: &Alarm| alarm.time == time && alarm.on && alarm.label == label;
    Task::reach(move |phone| alarms(phone).iter().any(right), plan)
}

fn delete_alarm(b: &mut TaskBuilder<'_>) -> Task {
    let (Alarm { id, .. }, others) = pick_alarm(b);
    let plan = in_alarms().tap(format!("alarm_{id}")).tap(Key::on(format!("edit_{id}"), "delete"));
    Task::reach(move |phone| alarm(phone, id).is_none() && kept(phone, &others), plan)
}

fn change_alarm_time(b: &mut TaskBuilder<'_>) -> Task {
    let (Alarm { id, label, .. }, others) = pick_labelled(b);
    let (time, page) = (free_time(b), format!("edit_{id}"));
    let plan = set_time(in_alarms().tap(format!("alarm_{id}")), &page, time).tap(Key::on(page, "save"));
    let right = move |alarm: &Alarm| alarm.time == time && alarm.label == label;
    Task::reach(move |phone| alarm(phone, id).is_some_and(&right) && kept(phone, &others), plan)
}

fn repeat_alarm(b: &mut TaskBuilder<'_>) -> Task {
    let (Alarm { id, time, .. }, others) = pick_alarm(b);
    let (day, key, name) =
        b.choose(&[(0, "mon", "Monday"), (2, "wed", "Wednesday"), (5, "sat", "Saturday"), (6, "sun", "Sunday")]);
    b.param("day", name);
    change(b, id, |alarm| alarm.days = [false; 7]);
    let page = format!("edit_{id}");
    let plan = in_alarms().tap(format!("alarm_{id}")).set(Key::on(&page, key), true).tap(Key::on(page, "save"));
    let mut days = [false; 7];
    days[day] = true;
    let right = move |alarm: &Alarm| alarm.time == time && alarm.days == days;
    Task::reach(move |phone| alarm(phone, id).is_some_and(&right) && kept(phone, &others), plan)
}

fn start_timer(b: &mut TaskBuilder<'_>) -> Task {
    let before = b.phone.app::<Clock>().timer.minutes;
    let minutes = loop {
        let minutes = b.number(3..=40) as u32;
        if minutes != before {
            break minutes;
        }
    };
    b.param("minutes", minutes);
    // Whether the timer runs, or pressing the button of so many minutes would go too far.
    let enough = move |step: i64| {
        move |phone: &SimPhone| {
            let timer = &phone.app::<Clock>().timer;
            let missing = i64::from(minutes) - i64::from(timer.minutes);
            timer.ends.is_some() || missing * step.signum() < step.abs()
        }
    };
    let plan = Plan::in_app("clock")
        .tap("tab_timer")
        .tap_unless("plus_5", enough(5))
        .tap_unless("minus_5", enough(-5))
        .tap_unless("plus_1", enough(1))
        .tap_unless("minus_1", enough(-1))
        .tap("start")
        .tap("stop");
    Task::reach(
        move |phone| {
            let timer = &phone.app::<Clock>().timer;
            timer.ends.is_some() && timer.minutes == minutes
        },
        plan,
    )
}

fn start_stopwatch(_: &mut TaskBuilder<'_>) -> Task {
    let plan = Plan::in_app("clock").tap("tab_stopwatch").tap("start_stopwatch");
    Task::reach(|phone| phone.app::<Clock>().stopwatch.running, plan)
}

fn add_city(b: &mut TaskBuilder<'_>) -> Task {
    let before = b.phone.app::<Clock>().cities.clone();
    let free: Vec<&str> =
        vocabulary::CITIES.iter().copied().filter(|city| !before.iter().any(|known| known == city)).collect();
    let city = b.choose(&free);
    b.param("city", city);
    let plan = Plan::in_app("clock").tap("tab_world").tap("add_city").tap(Key::on("choose_city", city_key(city)));
    Task::reach(
        move |phone| {
            let cities = &phone.app::<Clock>().cities;
            cities.iter().any(|known| known == city) && before.iter().all(|known| cities.contains(known))
        },
        plan,
    )
}

fn remove_city(b: &mut TaskBuilder<'_>) -> Task {
    let before = b.phone.app::<Clock>().cities.clone();
    let city = b.choose(&before);
    b.param("city", &city);
    let plan = Plan::in_app("clock").tap("tab_world").tap(format!("remove_{}", city_key(&city)));
    let left: Vec<String> = before.into_iter().filter(|known| *known != city).collect();
    Task::reach(move |phone| phone.app::<Clock>().cities == left, plan)
}

/// The key of a city's row.
fn city_key(city: &str) -> String {
    format!("city_{}", city.to_lowercase().replace(' ', "_"))
}

fn when_is_alarm(b: &mut TaskBuilder<'_>) -> Task {
    let (Alarm { id, time, .. }, _) = pick_labelled(b);
    Task::answer(accepted(time), in_alarms().see(format!("alarm_{id}")))
}

/// How people write a time.
fn accepted(time: TimeOfDay) -> [String; 3] {
    let shown = time.to_string();
    let short = shown.replace(' ', "");
    [shown, short, format!("{:02}:{:02}", time.hour, time.minute)]
}

fn how_many_alarms_on(b: &mut TaskBuilder<'_>) -> Task {
    let all = alarms(b.phone);
    let on = all.iter().filter(|alarm| alarm.on).count();
    let last = last_row(all);
    Task::answer([on.to_string()], in_alarms().see(last))
}

/// The key of the last row of the list, which is in order of time.
fn last_row(alarms: &[Alarm]) -> String {
    let last = alarms.iter().max_by_key(|alarm| (alarm.time, alarm.id));
    last.map_or_else(|| "tab_alarms".to_owned(), |alarm| format!("alarm_{}", alarm.id))
}

fn missing_alarm(b: &mut TaskBuilder<'_>) -> Task {
    free_time(b);
    let before = alarms(b.phone).to_vec();
    let plan = in_alarms().see(last_row(&before));
    Task::infeasible(move |phone| alarms(phone) == before, plan)
}

fn note_alarm_time(b: &mut TaskBuilder<'_>) -> Task {
    let (Alarm { id, time, label, .. }, _) = pick_labelled(b);
    let plan = in_alarms()
        .remember(format!("alarm_{id}"))
        .open("notes")
        .tap("new")
        .type_into("title_field", &label)
        .type_into("text_field", time.to_string())
        .tap(Key::on("new_note", "save"));
    Task::reach(
        move |phone| phone.app::<Notes>().find(&label).is_some_and(|note| note.text.contains(&time.to_string())),
        plan,
    )
}

fn send_alarm_time(b: &mut TaskBuilder<'_>) -> Task {
    let (Alarm { id, time, .. }, _) = pick_labelled(b);
    let (plan, name) = write_message(b, in_alarms().remember(format!("alarm_{id}")), time.to_string());
    Task::reach(move |phone| sent_containing(phone, &name, &time.to_string()), plan)
}
