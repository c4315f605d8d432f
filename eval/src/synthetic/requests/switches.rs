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
use crate::synthetic::machine::{Item, PageId, Press, Surface};
use crate::synthetic::words::{one, time_of_day};

/// One thing's switch on the list.
pub(super) fn switch_thing(d: &mut Draft) -> Option<Request> {
    let number = (!d.switches.is_empty()).then(|| d.rng.random_range(0..d.switches.len()))?;
    let said = said_of(d, number);
    let on = d.chance(0.5);
    let form = if on {
        d.one(&["Turn on {}", "Switch {} on", "Turn {} on", "Enable {}", "Activate {}", "I need {} to be on"])
    } else {
        d.one(&["Turn off {}", "Switch {} off", "Turn {} off", "Disable {}", "No {} any more", "Stop {}"])
    };
    done(form.replace("{}", &said), vec![Wish::Set(d.switches[number], on)])
}

/// A thing as a request calls it: by its name, or by what its row says behind that.
fn said_of(d: &mut Draft, number: usize) -> String {
    let name = d.things[number].0.clone();
    let title = d.titles.get(number).filter(|title| is_title_of_one(d, title)).cloned();
    let (called, form) = match title {
        Some(title) if d.chance(0.3) => (title, d.one(&["the {} {t}", "my {} {t}", "the {t} {}", "the {t} called {}"])),
        _ if d.names == Names::Times => (name, d.one(&["the {} {t}", "my {} {t}", "{}", "the {t} at {}"])),
        _ => (name, d.one(&["the {} {t}", "my {} {t}", "the {t} {}", "{}", "the {t} called {}"])),
    };
    let said = d.named(&called);
    form.replace("{}", &said).replace("{t}", &d.thing.0)
}

fn is_title_of_one(d: &Draft, title: &str) -> bool {
    d.titles.iter().filter(|other| other.contains(title)).count() == 1
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
    let number = (!d.titles.is_empty()).then(|| d.rng.random_range(0..d.titles.len()))?;
    let (time, spot) = d.things[number].clone();
    let title = d.titles[number].clone();
    if !is_title_of_one(d, &title) {
        return None;
    }
    let said = d.named(&title);
    let form = d.one(&[
        "When is the {t} {}?",
        "What time is my {} {t}?",
        "At what time is the {t} for {}?",
        "Tell me the time of the {} {t}",
    ]);
    answered(form.replace("{}", &said).replace("{t}", &d.thing.0), Wish::Find(spot), time)
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
        .one(&["New {t} at {}", "Create a {t} for {}", "Set a {t} for {}", "Add a {t} at {}", "I need a {t} at {}"])
        .replace("{t}", &d.thing.0)
        .replace("{}", &time);
    let hint = d.one(&["Name", "Label", "Title", "Note"]);
    let field = d.push(page, Item::new(Role::Field, hint, Press::Nothing));
    if d.chance(0.45) {
        let title = d.fresh_name();
        let said = d.named(&title);
        let form = d.one(&[" called {}", " named {}", " with the name {}", ", {}"]);
        template.push_str(&form.replace("{}", &said));
        wishes.push(Wish::Type(field, title));
    }
    days(d, page);
    wishes.push(save(d, page));
    d.button(0, &label, Press::Open(page));
    done(template, wishes)
}

/// Another time for a thing.
pub(super) fn move_to(d: &mut Draft) -> Option<Request> {
    let (page, said) = editable(d)?;
    let (time, mut wishes) = time_fields(d, page);
    days(d, page);
    wishes.push(save(d, page));
    let form = d.one(&[
        "Change {} to {v}",
        "Move {} to {v}",
        "Set {} to {v}",
        "{} should be at {v} instead",
        "Make {} start at {v}",
    ]);
    done(form.replace("{}", &said).replace("{v}", &time), wishes)
}

/// A thing that is to come again every week.
pub(super) fn repeat_on(d: &mut Draft) -> Option<Request> {
    let (page, said) = editable(d)?;
    if d.chance(0.5) {
        time_fields(d, page);
    }
    let first = days(d, page);
    let day = d.rng.random_range(0..WEEKDAYS.len());
    let wishes = vec![Wish::Set((page, first + day), true), save(d, page)];
    let weekday = d.param(WEEKDAYS[day]);
    let form = d.one(&["Repeat {} on {v}", "Repeat {} every {v}", "Make {} repeat on {v}s", "{} every {v}, please"]);
    done(form.replace("{}", &said).replace("{v}", &weekday), wishes)
}

/// A thing whose page is not a form yet, and what a request calls it.
fn editable(d: &mut Draft) -> Option<(PageId, String)> {
    let (name, _, page) = thing(d)?;
    let number = d.things.iter().position(|(other, _)| *other == name)?;
    let is_form = d.pages[page].items.iter().any(|one| one.role == Role::Field);
    (!is_form).then(|| (page, said_of(d, number)))
}

/// Fields for an hour and a minute, and what is to be typed into them for the time that is returned.
fn time_fields(d: &mut Draft, page: PageId) -> (String, Vec<Wish>) {
    let (shown, hour, minute) = time_of_day(&mut d.rng);
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
    (d.param(shown), wishes)
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

fn save(d: &mut Draft, page: PageId) -> Wish {
    let label = d.style.save;
    Wish::Press(d.button(page, label, Press::Close { pages: 1, changes: Vec::new() }))
}
