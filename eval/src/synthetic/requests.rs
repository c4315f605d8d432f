//! What a person may want of a drawn app. Each request adds the pages that it needs and says how it is asked for.

mod questions;
mod settings;
mod switches;
mod things;
mod tools;
mod views;

use super::draw::Draft;
use super::guide::{Finish, Wish};
use questions::{ask_fact, ask_setting, count};
use settings::setting;
use switches::{absent, ask_time, count_switched, create_at, move_to, repeat_on, switch_thing};
use things::{act_on_thing, create, create_and_write, edit, open_thing, rename};
use tools::{add_from, move_number, remove_from, run};
pub(super) use views::search_field;
use views::{latest, missing, search, show_tab, sort, start, view};

/// A request as a template, with what fulfils it.
pub(super) struct Request {
    pub template: String,
    pub wishes: Vec<Wish>,
    pub finish: Finish,
}

fn done(template: String, wishes: Vec<Wish>) -> Option<Request> {
    Some(Request { template, wishes, finish: Finish::Complete })
}

/// The kinds of requests, the common ones more than once. What an app cannot serve gives `None`.
pub(super) const KINDS: &[fn(&mut Draft) -> Option<Request>] = &[
    setting,
    setting,
    setting,
    setting,
    setting,
    act_on_thing,
    act_on_thing,
    act_on_thing,
    open_thing,
    search,
    search,
    create,
    create,
    create_and_write,
    latest,
    latest,
    show_tab,
    sort,
    sort,
    view,
    ask_fact,
    ask_setting,
    count,
    missing,
    start,
    start,
    rename,
    edit,
    switch_thing,
    switch_thing,
    switch_thing,
    switch_thing,
    count_switched,
    count_switched,
    ask_time,
    ask_time,
    create_at,
    move_to,
    repeat_on,
    absent,
    absent,
    run,
    run,
    move_number,
    move_number,
    add_from,
    add_from,
    remove_from,
];
