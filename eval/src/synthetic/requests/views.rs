//! Something looked for, or shown in another way.

use deftly_tools::Role;
use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::settings::radios_of;
use super::things::{action_request, menu_of, thing};
use super::{Request, done};
use crate::synthetic::draw::Draft;
use crate::synthetic::guide::{Finish, Wish};
use crate::synthetic::machine::{Change, Found, Item, PageId, Press, Spot, Surface};

pub(super) fn search(d: &mut Draft) -> Option<Request> {
    let (name, _, page) = thing(d)?;
    let field = search_field(d);
    let text = Wish::Type(field, name.clone());
    let said = d.named(&name);
    if d.chance(0.4) {
        let form = d.one(&["Search for {}", "Look for {}", "Search {}", "Find {}", "Search the {t} for {}"]);
        return done(form.replace("{}", &said).replace("{t}", &d.thing.1), vec![text]);
    }
    let form = d.one(&[
        "Search for {} and open it",
        "Find {} with the search and open it",
        "Look up {}, then open it",
        "Search {} and show it",
    ]);
    done(form.replace("{}", &said), vec![text, Wish::See(page)])
}

/// The search page, made when it is first needed.
pub(in crate::synthetic) fn search_field(d: &mut Draft) -> Spot {
    if let Some(field) = d.search {
        return field;
    }
    let (things, hint) = (d.things_word(), d.one(&["Search", "Search…", "Type to search", "Find", "Search {}"]));
    let hint = hint.replace("{}", &things.to_lowercase());
    let field = if d.chance(0.35) {
        for number in 0..d.things.len() {
            let (_, (page, item)) = d.things[number].clone();
            d.pages[page].items[item].found = Found::Listed;
            if let Some((page, switch)) = d.switch_of((page, item)) {
                d.pages[page].items[switch].found = Found::Listed;
            }
        }
        d.push(0, Item::new(Role::Field, hint, Press::Nothing).rank(10))
    } else {
        let page = d.page(Surface::Page, None);
        let label = d.one(&["Search", "Search", "Find", "Search {}"]).replace("{}", &things.to_lowercase());
        d.button(0, &label, Press::Open(page));
        let field = d.push(page, Item::new(Role::Field, hint, Press::Nothing));
        for number in 0..d.things.len() {
            let (name, (main, item)) = d.things[number].clone();
            let mut hit = Item::new(d.style.row, name, d.pages[main].items[item].press.clone());
            hit.found = Found::Hit;
            d.push(page, hit);
        }
        field
    };
    d.search = Some(field);
    field
}

/// Something that is not there: searched for, not found.
pub(super) fn missing(d: &mut Draft) -> Option<Request> {
    let name = d.fresh_name();
    let field = search_field(d);
    let said = d.named(&name);
    let action = d.domain.actions.choose(&mut d.rng).copied().unwrap_or("Open");
    let form = if d.chance(0.5) { "Open the {t} {}".to_owned() } else { format!("{action} the {{t}} {{}}") };
    let template = form.replace("{}", &said).replace("{t}", &d.thing.0);
    Some(Request { template, wishes: vec![Wish::Type(field, name)], finish: Finish::Infeasible })
}

/// The newest thing, behind a button of its own, and what can be done with it.
pub(super) fn latest(d: &mut Draft) -> Option<Request> {
    let thing = d.thing.0.clone();
    let page = d.page(Surface::Page, None);
    let form = d.one(&["Latest {}", "Newest {}", "Recent {}", "Show the last {}", "Open latest {}", "Last {}"]);
    d.button(0, &form.replace("{}", &thing), Press::Open(page));
    let said = d
        .one(&["the last {}", "the latest {}", "the newest {}", "my last {}", "the most recent {}"])
        .replace("{}", &thing);
    if d.chance(0.25) {
        return done(d.one(&["Open {}", "Show {}", "Look at {}"]).replace("{}", &said), vec![Wish::See(page)]);
    }
    let name = d.fresh_name();
    let row = d.push(0, Item::text(name.clone()));
    d.pages[0].items[row.1].hidden = true;
    action_request(d, &name, row, page, said)
}

pub(super) fn show_tab(d: &mut Draft) -> Option<Request> {
    let others: Vec<_> = d.tabs().into_iter().filter(|(_, page)| *page != 0).collect();
    let (label, page) = others.choose(&mut d.rng).cloned()?;
    let said = d.spoken(&label);
    let form = d.one(&[
        "Show the {} tab",
        "Go to {}",
        "Show {}",
        "View {}",
        "Switch to the {} tab",
        "Open {}",
        "Check the {}",
    ]);
    done(form.replace("{}", &said), vec![Wish::See(page)])
}

pub(super) fn sort(d: &mut Draft) -> Option<Request> {
    let mut keys = vec![
        "Name",
        "Title",
        "Date",
        "Size",
        "Duration",
        "Last modified",
        "Date created",
        "Type",
        "Rating",
        "Distance",
    ];
    keys.shuffle(&mut d.rng);
    keys.truncate(d.rng.random_range(3..=5));
    let label = d.one(&["Sort by", "Sort", "Sort order", "Change sorting", "Sorting"]);
    let dialog = d.page(Surface::Dialog, Some(label));
    let (now, chosen) = (d.rng.random_range(0..keys.len()), d.rng.random_range(0..keys.len()));
    let with_order = d.chance(0.6);
    let closes = d.style.closes && !with_order;
    let first = d.radios(dialog, &keys, now, 0, closes);
    let key = d.param(keys[chosen].to_lowercase());
    let mut template = d
        .one(&[
            "Sort {t} by {}",
            "Sort by {}",
            "Order the {t} by {}",
            "Sort the {t} in the list by {}",
            "Arrange {t} by {}",
        ])
        .replace("{t}", &d.thing.1)
        .replace("{}", &key);
    let mut wishes = vec![Wish::Set((dialog, first + chosen), true)];
    if closes && now == chosen {
        wishes = vec![Wish::Press((dialog, first + chosen))];
    }
    if with_order {
        let (current, descending) = (d.rng.random_range(0..2), d.chance(0.5));
        let orders = d.radios(dialog, &["Ascending", "Descending"], current, 1, false);
        if d.chance(0.7) {
            let form = if descending {
                " in descending order| descending|, descending"
            } else {
                " in ascending order| ascending|, ascending"
            };
            let forms: Vec<&str> = form.split('|').collect();
            template.push_str(d.one(&forms));
            wishes.push(Wish::Set((dialog, orders + usize::from(descending)), true));
        }
    }
    if !closes {
        let ok = d.style.ok;
        wishes.push(Wish::Press(d.answer_buttons(dialog, ok, 1, Vec::new())));
    }
    dialog_entry(d, label, dialog);
    done(template, wishes)
}

/// How the list is shown.
pub(super) fn view(d: &mut Draft) -> Option<Request> {
    let options = d.one(&["Grid|List", "List|Grid|Cards", "2|3|4|5", "Day|Week|Month", "Small|Medium|Large"]);
    let options: Vec<&str> = options.split('|').collect();
    let (label, noun) = match options[0] {
        "2" => ("Number of columns", "the number of columns"),
        "Day" => ("Change view", "the view"),
        "Small" => ("Size of the previews", "the size of the previews"),
        _ => ("View as", "the view"),
    };
    let now = d.rng.random_range(0..options.len());
    let chosen = (now + d.rng.random_range(1..options.len())) % options.len();
    let dialog = d.choice_dialog(Some(label), &options, now, 0);
    let mut wishes = vec![Wish::Set((dialog, radios_of(d, dialog)[chosen]), true)];
    if !d.style.closes {
        let ok = d.style.ok;
        wishes.push(Wish::Press(d.answer_buttons(dialog, ok, 1, Vec::new())));
    }
    dialog_entry(d, label, dialog);
    let value = d.param(options[chosen].to_lowercase());
    let form = d.one(&["Change {} to {v}", "Set {} to {v}", "Switch {} to {v}"]);
    done(form.replace("{}", noun).replace("{v}", &value), wishes)
}

/// A dialog opened from the bar or from the menu.
fn dialog_entry(d: &mut Draft, label: &str, dialog: PageId) {
    if d.chance(0.5) {
        d.button(0, label, Press::Open(dialog));
    } else {
        let (menu, row) = (menu_of(d, 0), d.style.row);
        d.push(menu, Item::new(row, label, Press::Open(dialog)));
    }
}

/// The app's big button.
pub(super) fn start(d: &mut Draft) -> Option<Request> {
    let (said, before, after) = if d.strange {
        (&["Start the {t}", "Run the {t}", "Start a {t}", "Begin the {t}"][..], "Start", "Stop")
    } else {
        d.domain.start?
    };
    if d.pages[0].items.iter().any(|one| one.label == before) {
        return None;
    }
    let spot = d.button(0, before, Press::Nothing);
    d.set_press(spot, Press::Act(vec![Change::Rename(spot, after.to_owned())]));
    done(d.one(said).replace("{t}", &d.thing.0), vec![Wish::Press(spot)])
}
