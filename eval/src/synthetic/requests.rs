//! What a person may want of a drawn app. Each request adds the pages that it needs and says how it is asked for.

mod across;
mod questions;
mod settings;
mod switches;
mod things;
mod tools;
mod views;

use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::draw::Draft;
use super::guide::{Finish, Wish};
use across::{note_time, send_time};
use questions::{ask_fact, ask_setting, count};
use settings::setting;
use switches::{absent, ask_time, count_switched, create_at, delete_on_form, move_to, repeat_on, switch_thing};
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

/// A kind of request.
pub(super) struct Kind {
    pub name: &'static str,
    /// How often it is drawn, beside the others.
    weight: u32,
    /// What an app cannot serve gives `None`.
    pub ask: fn(&mut Draft) -> Option<Request>,
}

const fn kind(name: &'static str, weight: u32, ask: fn(&mut Draft) -> Option<Request>) -> Kind {
    Kind { name, weight, ask }
}

pub(super) const KINDS: &[Kind] = &[
    kind("setting", 5, setting),
    kind("act", 3, act_on_thing),
    kind("open", 1, open_thing),
    kind("search", 2, search),
    kind("create", 2, create),
    kind("write", 1, create_and_write),
    kind("latest", 2, latest),
    kind("tab", 1, show_tab),
    kind("sort", 2, sort),
    kind("view", 1, view),
    kind("ask_fact", 1, ask_fact),
    kind("ask_setting", 1, ask_setting),
    kind("count", 1, count),
    kind("missing", 1, missing),
    kind("start", 2, start),
    kind("rename", 1, rename),
    kind("edit", 1, edit),
    kind("switch", 4, switch_thing),
    kind("count_on", 2, count_switched),
    kind("ask_time", 2, ask_time),
    kind("create_at", 3, create_at),
    kind("move_to", 3, move_to),
    kind("repeat", 2, repeat_on),
    kind("delete", 2, delete_on_form),
    kind("absent", 2, absent),
    kind("run", 2, run),
    kind("number", 2, move_number),
    kind("add", 3, add_from),
    kind("remove", 1, remove_from),
    kind("note_time", 1, note_time),
    kind("send_time", 1, send_time),
];

/// A kind drawn from those that are wanted; `None` if none is.
pub(super) fn any_kind(rng: &mut ChaCha8Rng, wanted: &dyn Fn(&Kind) -> bool) -> Option<&'static Kind> {
    KINDS.choose_weighted(rng, |kind| if wanted(kind) { kind.weight } else { 0 }).ok()
}
