//! Things that are on or off, and things that happen at a time.

use deftly_sim::WEEKDAYS;
use deftly_tools::Role;
use rand::Rng;

use super::questions::answered;
use super::things::thing;
use super::{Finish, Request, done};
use crate::synthetic::catalog::Names;
use crate::synthetic::draw::Draft;
use crate::synthetic::guide::Wish;
use crate::synthetic::machine::{Change, Item, PageId, Press, Spot, Surface};
use crate::synthetic::words::{one, time_of_day, title};

/// One thing's switch on the list.
pub(super) fn switch_thing(d: &mut Draft) -> Option<Request> {
    let number = (!d.switches.is_empty()).then(|| d.rng.random_range(0..d.switches.len()))?;
    let said = said_of(d, number);
    let (page, item) = d.switches[number];
    let now = d.pages[page].items[item].checked == Some(true);
    let on = if d.chance(0.15) { now } else { !now };
    let form = if on {
        d.one(&[
            "Turn on {}",
            "Switch {} on",
            "Turn {} on",
            "Enable {}",
            "Activate {}",
            "I need {} to be on",
            "{} is off, but I want it on",
            "Look for {} and turn it on if it is off",
            "I want to use {} again tomorrow, so turn it on",
        ])
    } else {
        d.one(&[
            "Turn off {}",
            "Switch {} off",
            "Turn {} off",
            "Disable {}",
            "No {} any more",
            "No {} this week",
            "Stop {}",
            "Turn {} off but do not delete it",
            "{} is not needed this week, switch it off",
        ])
    };
    done(form.replace("{}", &said), vec![Wish::Set(d.switches[number], on)])
}

/// A thing as a request calls it: by its name, or by what its row says behind that.
fn said_of(d: &mut Draft, number: usize) -> String {
    let name = d.things[number].0.clone();
    let title = d.titles.get(number).filter(|title| is_title_of_one(d, title)).cloned();
    let (called, form) = match title {
        Some(title) if d.chance(0.5) => (title, d.one(&["the {} {t}", "my {} {t}", "the {t} {}", "the {t} called {}"])),
        _ if d.names == Names::Times => (name, d.one(&["the {} {t}", "my {} {t}", "{}", "the {t} at {}"])),
        _ => (name, d.one(&["the {} {t}", "my {} {t}", "the {t} {}", "{}", "the {t} called {}"])),
    };
    let said = d.named(&called);
    form.replace("{}", &said).replace("{t}", &d.thing.0)
}

fn is_title_of_one(d: &Draft, title: &str) -> bool {
    !title.is_empty() && d.titles.iter().filter(|other| other.contains(title)).count() == 1
}

pub(super) fn count_switched(d: &mut Draft) -> Option<Request> {
    if d.switches.is_empty() || d.switches.len() > 7 || d.pages[0].fits < 40 {
        return None;
    }
    let on = d.chance(0.65);
    let count = d.switches.iter().filter(|(page, item)| d.pages[*page].items[*item].checked == Some(on)).count();
    let state = if on { "on" } else { "off" };
    let form = d.one(&["How many {t} are {s}?", "How many of my {t} are {s}?", "Count the {t} that are {s}"]);
    let template = form.replace("{t}", &d.thing.1).replace("{s}", state);
    answered(template, Wish::See(0), count.to_string())
}

/// When the thing is whose row says so.
pub(super) fn ask_time(d: &mut Draft) -> Option<Request> {
    let (time, title, spot) = titled(d)?;
    let said = d.named(&title);
    let form = d.one(&[
        "When is the {t} {}?",
        "What time is my {} {t}?",
        "At what time is the {t} for {}?",
        "Tell me the time of the {} {t}",
    ]);
    answered(form.replace("{}", &said).replace("{t}", &d.thing.0), Wish::Find(spot), time)
}

/// A thing at a time that is told apart by what its row says behind that: the time, the title, the row.
pub(super) fn titled(d: &mut Draft) -> Option<(String, String, Spot)> {
    let number = (!d.titles.is_empty()).then(|| d.rng.random_range(0..d.titles.len()))?;
    let (time, spot) = d.things[number].clone();
    let title = d.titles[number].clone();
    is_title_of_one(d, &title).then_some((time, title, spot))
}

/// Something to be done with a thing that the list does not have.
pub(super) fn absent(d: &mut Draft) -> Option<Request> {
    if d.names != Names::Times || d.search.is_some() {
        return None;
    }
    let last = d.things.last()?.1;
    let name = d.fresh_name();
    let said = d.named(&name);
    let form = d.one(&[
        "Turn off the {} {t}",
        "Switch on the {t} at {}",
        "Delete the {} {t}",
        "Remove my {t} at {}",
        "Repeat the {} {t} on Sunday",
        "Move the {} {t} to 9:30 AM",
        "I have a {t} at {}, delete it please",
    ]);
    let template = form.replace("{}", &said).replace("{t}", &d.thing.0);
    Some(Request { template, wishes: vec![Wish::Find(last)], finish: Finish::Infeasible })
}

/// A new thing at a time.
pub(super) fn create_at(d: &mut Draft) -> Option<Request> {
    let label = d.create_label();
    let page = d.page(Surface::Page, Some(&label));
    let (time, mut wishes) = time_fields(d, page);
    let mut template = d
        .one(&[
            "New {t} at {}",
            "Create a {t} for {}",
            "Set a {t} for {}",
            "Add a {t} at {}",
            "I need a {t} at {}",
            "{t}, {}",
            "Make me a {t} that begins at {}",
            "I have to be ready at {}, so set a {t}",
        ])
        .replace("{t}", &d.thing.0)
        .replace("{}", &d.param(&time));
    let hint = d.one(LABELS);
    let field = d.push(page, Item::new(Role::Field, hint, Press::Nothing));
    let mut row = Item::new(d.style.row, &time, Press::Nothing).hidden(true);
    if d.chance(0.6) {
        let title = title(&mut d.rng);
        let said = d.named(&title);
        let form = d.one(&[" called {}", " named {}", " with the name {}", ", {}", " and write {} on it"]);
        template.push_str(&form.replace("{}", &said));
        row = row.detail(&title);
        wishes.push(Wish::Type(field, title));
    }
    days(d, page);
    let mut changes = vec![Change::Show(d.push(0, row))];
    if let Some(label) = d.switch_label(&time) {
        let switch = Item::new(d.style.flip, label, Press::Flip).checked(true).hidden(true);
        changes.push(Change::Show(d.push(0, switch)));
    }
    wishes.push(save(d, page, changes));
    d.button(0, &label, Press::Open(page));
    done(template, wishes)
}

/// Another time for a thing.
pub(super) fn move_to(d: &mut Draft) -> Option<Request> {
    let Editable { page, row, said } = editable(d)?;
    let (time, mut wishes) = time_fields(d, page);
    maybe_label(d, page, row);
    days(d, page);
    let mut changes = Vec::new();
    if d.names == Names::Times {
        changes.push(Change::Rename(row, time.clone()));
        if let (Some(switch), Some(label)) = (d.switch_of(row), d.switch_label(&time)) {
            changes.push(Change::Rename(switch, label));
        }
    }
    wishes.push(save(d, page, changes));
    if d.chance(0.5) {
        delete_button(d, page, row);
    }
    let form = d.one(&[
        "Change {} to {v}",
        "Move {} to {v}",
        "Set {} to {v}",
        "{} should be at {v} instead",
        "Make {} start at {v}",
    ]);
    done(form.replace("{}", &said).replace("{v}", &d.param(time)), wishes)
}

/// A thing deleted on the form that its row opens.
pub(super) fn delete_on_form(d: &mut Draft) -> Option<Request> {
    let Editable { page, row, said } = editable(d)?;
    time_fields(d, page);
    maybe_label(d, page, row);
    if d.chance(0.7) {
        days(d, page);
    }
    save(d, page, Vec::new());
    let delete = delete_button(d, page, row);
    let form = d.one(&[
        "Delete {}",
        "Remove {}",
        "Get rid of {}",
        "Erase {}",
        "{} can go, delete it",
        "I will not use {} any more, delete it",
    ]);
    done(form.replace("{}", &said), vec![Wish::Press(delete)])
}

/// A thing that is to come again every week.
pub(super) fn repeat_on(d: &mut Draft) -> Option<Request> {
    let Editable { page, row, said } = editable(d)?;
    if d.chance(0.7) {
        time_fields(d, page);
        maybe_label(d, page, row);
    }
    let first = days(d, page);
    let day = d.rng.random_range(0..WEEKDAYS.len());
    let wishes = vec![Wish::Set((page, first + day), true), save(d, page, Vec::new())];
    if d.chance(0.5) {
        delete_button(d, page, row);
    }
    let weekday = d.param(WEEKDAYS[day]);
    let form = d.one(&["Repeat {} on {v}", "Repeat {} every {v}", "Make {} repeat on {v}s", "{} every {v}, please"]);
    done(form.replace("{}", &said).replace("{v}", &weekday), wishes)
}

/// What a field for the name of a thing at a time is called.
const LABELS: &[&str] = &["Name", "Label", "Title", "Note"];

/// A thing whose page can become a form.
struct Editable {
    page: PageId,
    row: Spot,
    /// What a request calls it.
    said: String,
}

/// A thing whose page is not a form yet.
fn editable(d: &mut Draft) -> Option<Editable> {
    let (name, row, page) = thing(d)?;
    let number = d.things.iter().position(|(other, _)| *other == name)?;
    let is_form = d.pages[page].items.iter().any(|one| one.role == Role::Field);
    (!is_form).then(|| Editable { page, row, said: said_of(d, number) })
}

/// Fields for an hour and a minute, and what is to be typed into them for the time that is returned; no thing is at it.
fn time_fields(d: &mut Draft, page: PageId) -> (String, Vec<Wish>) {
    let (shown, hour, minute) = loop {
        let time = time_of_day(&mut d.rng);
        if !d.things.iter().any(|(name, _)| *name == time.0) {
            break time;
        }
    };
    let (_, old_hour, old_minute) = time_of_day(&mut d.rng);
    let hours = d.one(&["Hour", "Hour", "Hours", "HH", "Hour of the day"]);
    let minutes = d.one(&["Minute", "Minute", "Minutes", "MM", "Min"]);
    let mut field = |label: &str, value: String| {
        let mut item = Item::new(Role::Field, label, Press::Nothing);
        item.value = value;
        d.push(page, item)
    };
    let hour_field = field(hours, old_hour.to_string());
    let minute_field = field(minutes, format!("{old_minute:02}"));
    let wishes = vec![Wish::Type(hour_field, hour.to_string()), Wish::Type(minute_field, format!("{minute:02}"))];
    (shown, wishes)
}

/// A field with the name that the thing of this row has, in some apps.
fn maybe_label(d: &mut Draft, page: PageId, row: Spot) {
    if d.chance(0.6) {
        let mut field = Item::new(Role::Field, d.one(LABELS), Press::Nothing);
        let number = d.things.iter().position(|(_, spot)| *spot == row);
        field.value = number.and_then(|number| d.titles.get(number).cloned()).unwrap_or_default();
        d.push(page, field);
    }
}

/// Boxes for the days of the week; the number of the first.
fn days(d: &mut Draft, page: PageId) -> usize {
    let heading = one(&mut d.rng, &["Repeat", "Days", "Repeat on", "Weekly on"]);
    d.push(page, Item::text(heading));
    let first = d.pages[page].items.len();
    for day in WEEKDAYS {
        let flip = d.style.flip;
        d.push(page, Item::new(flip, day, Press::Flip).checked(false));
    }
    first
}

fn save(d: &mut Draft, page: PageId, changes: Vec<Change>) -> Wish {
    let label = d.style.save;
    Wish::Press(d.button(page, label, Press::Close { pages: 1, changes }))
}

/// A button that deletes the thing of this row.
fn delete_button(d: &mut Draft, page: PageId, row: Spot) -> Spot {
    let label = d.one(&["Delete", "Delete", "Remove", "Delete {t}"]).replace("{t}", &d.thing.0);
    let changes = d.hide_thing(row);
    d.button(page, &label, Press::Close { pages: 1, changes })
}
