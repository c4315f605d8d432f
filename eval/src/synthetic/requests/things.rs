//! Something opened, acted upon, made, renamed, edited.

use deftly_tools::Role;
use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::{Request, done};
use crate::synthetic::catalog::{ACTIONS, Names};
use crate::synthetic::draw::Draft;
use crate::synthetic::guide::Wish;
use crate::synthetic::machine::{Change, Item, PageId, Press, Spot, Surface};
use crate::synthetic::words::value_for;

pub(super) fn thing(d: &mut Draft) -> Option<(String, Spot, PageId)> {
    let (name, spot) = d.things.choose(&mut d.rng).cloned()?;
    match d.pages[spot.0].items[spot.1].press {
        Press::Open(page) => Some((name, spot, page)),
        _ => None,
    }
}

pub(super) fn open_thing(d: &mut Draft) -> Option<Request> {
    let (name, _, page) = thing(d)?;
    let name = d.named(&name);
    let form = d.one(&["Open {}", "Open the {t} {}", "Show {}", "Go to {}", "Show me the {t} {}", "Let me see {}"]);
    done(form.replace("{}", &name).replace("{t}", &d.thing.0), vec![Wish::See(page)])
}

pub(super) fn act_on_thing(d: &mut Draft) -> Option<Request> {
    let (name, spot, page) = thing(d)?;
    let named = d.named(&name);
    let form = if d.names == Names::Times {
        d.one(&["the {} {t}", "my {t} at {}", "the {t} at {}", "{}"])
    } else {
        d.one(&["the {t} {}", "{}", "the {} {t}", "{}", "my {t} {}"])
    };
    let what = form.replace("{}", &named).replace("{t}", &d.thing.0);
    action_request(d, &name, spot, page, what)
}

/// An action on the thing's page, beside others.
pub(super) fn action_request(d: &mut Draft, name: &str, spot: Spot, page: PageId, what: String) -> Option<Request> {
    let action = d.domain.actions.choose(&mut d.rng).copied()?;
    let said = ACTIONS.iter().find(|(label, _)| *label == action).map(|(_, said)| *said)?;
    let said = d.one(said);
    let mut others: Vec<&str> = d.domain.actions.iter().copied().filter(|one| *one != action).collect();
    others.shuffle(&mut d.rng);
    others.truncate(d.rng.random_range(1..=6));
    let in_menu = d.chance(0.6);
    let place = if in_menu { menu_of(d, page) } else { page };
    let at = d.rng.random_range(0..=others.len());
    let role = if in_menu { d.style.row } else { Role::Button };
    let mut wishes = Vec::new();
    for number in 0..=others.len() {
        if number == at {
            let mut target = None;
            let press = action_press(d, action, name, spot, in_menu, &mut target);
            let own = d.push(place, Item::new(role, action, press));
            wishes.push(target.unwrap_or(Wish::Press(own)));
        }
        if let Some(other) = others.get(number) {
            let press = if in_menu {
                Press::Close { pages: 1, changes: vec![Change::Toast((*other).to_owned())] }
            } else {
                Press::Act(vec![])
            };
            d.push(place, Item::new(role, *other, press));
        }
    }
    done(format!("{said} {what}"), wishes)
}

/// What the action does when pressed; what asks for more sets the wish on its dialog.
fn action_press(
    d: &mut Draft,
    action: &str,
    name: &str,
    spot: Spot,
    in_menu: bool,
    target: &mut Option<Wish>,
) -> Press {
    match action {
        "Delete" => {
            let mut changes = d.hide_thing(spot);
            changes.push(Change::Toast("Deleted".to_owned()));
            if d.chance(0.25) {
                return Press::Close { pages: if in_menu { 2 } else { 1 }, changes };
            }
            let question = match d.rng.random_range(0..4) {
                0 => format!("Delete {name}?"),
                1 => "Are you sure?".to_owned(),
                2 => "This cannot be undone".to_owned(),
                _ => format!("Do you really want to delete this {}?", d.thing.0),
            };
            let yes = d.one(&["Delete", "OK", "Yes", "Remove", "Move to bin"]);
            let dialog = d.page(Surface::Dialog, Some(&question));
            *target = Some(Wish::Press(d.answer_buttons(dialog, yes, 2, changes)));
            Press::Open(dialog)
        }
        "Properties" => {
            let dialog = d.page(Surface::Dialog, Some("Properties"));
            for fact in d.domain.facts {
                let value = value_for(&mut d.rng, fact);
                d.push(dialog, Item::text(format!("{}, {value}", plain(fact))));
            }
            d.button(dialog, "OK", Press::Close { pages: 1, changes: Vec::new() });
            *target = Some(Wish::See(dialog));
            Press::Open(dialog)
        }
        _ => {
            let changes = vec![Change::Toast(format!("{action}: {name}"))];
            if in_menu { Press::Close { pages: 1, changes } } else { Press::Act(changes) }
        }
    }
}

/// A menu of the page; made when it is first needed.
pub(super) fn menu_of(d: &mut Draft, page: PageId) -> PageId {
    let more = d.style.more;
    let found = d.pages[page].items.iter().find_map(|one| match one.press {
        Press::Open(menu) if one.label == more => Some(menu),
        _ => None,
    });
    found.unwrap_or_else(|| {
        let menu = d.page(Surface::Menu, None);
        d.button(page, more, Press::Open(menu));
        menu
    })
}

/// A fact's name without the remark for [`value_for`].
pub(super) fn plain(fact: &str) -> &str {
    fact.split(" (").next().unwrap_or(fact)
}

pub(super) fn create(d: &mut Draft) -> Option<Request> {
    if d.names == Names::Times {
        return None;
    }
    let name = d.fresh_name();
    let (thing, label) = (d.thing.0.clone(), d.create_label());
    let form = if d.chance(0.4) { Surface::Dialog } else { Surface::Page };
    let heading = format!("New {thing}");
    let page = d.page(form, Some(&heading));
    let mut wishes = Vec::new();
    let mut template = d
        .one(&[
            "Create a {t} called {}",
            "Add a new {t} named {}",
            "New {t} {}",
            "Make a {t} with the name {}",
            "Add the {t} {}",
        ])
        .replace("{t}", &thing)
        .replace("{}", &d.named(&name));
    let count = d.rng.random_range(1..=d.domain.fields.len());
    let wanted = d.rng.random_range(1..=count.min(3));
    let mut optional: Vec<usize> = (1..count).collect();
    optional.shuffle(&mut d.rng);
    optional.truncate(wanted - 1);
    let hinted = d.chance(0.2);
    for number in 0..count {
        let field = d.domain.fields[number];
        let shown = if number == 0 && hinted { "Label" } else { field };
        let spot = d.push(page, Item::new(Role::Field, shown, Press::Nothing));
        if number == 0 {
            wishes.push(Wish::Type(spot, name.clone()));
        } else if optional.contains(&number) {
            let value = value_for(&mut d.rng, field);
            let said = d.named(&value);
            let field = field.to_lowercase();
            let more = d.one(&[" with {f} {v}", ", {f} {v}", " and {f} {v}", ", and set the {f} to {v}"]);
            template.push_str(&more.replace("{f}", &field).replace("{v}", &said));
            wishes.push(Wish::Type(spot, value));
        }
    }
    if d.chance(0.25) {
        let kinds = d.one(&["Normal|Important|Private", "Text|Checklist", "Home|Work|Other", "One-time|Repeating"]);
        let kinds: Vec<&str> = kinds.split('|').collect();
        let current = d.rng.random_range(0..kinds.len());
        let first = d.radios(page, &kinds, current, 1, false);
        if d.chance(0.6) {
            let chosen = d.rng.random_range(0..kinds.len());
            let kind = d.param(kinds[chosen].to_lowercase());
            let form = d.one(&[", type {k}", " as {k}", ", kind {k}"]);
            template.push_str(&form.replace("{k}", &kind));
            wishes.push(Wish::Set((page, first + chosen), true));
        }
    }
    let row = d.push(0, Item::new(d.style.row, name, Press::Nothing).hidden(true));
    let save = d.style.save;
    let changes = vec![Change::Show(row)];
    let spot = match form {
        Surface::Dialog => d.answer_buttons(page, save, 1, changes),
        Surface::Page | Surface::Menu => d.button(page, save, Press::Close { pages: 1, changes }),
    };
    wishes.push(Wish::Press(spot));
    d.button(0, &label, Press::Open(page));
    done(template, wishes)
}

/// Made with a name only, then written into.
pub(super) fn create_and_write(d: &mut Draft) -> Option<Request> {
    let (name, text) = (d.fresh_name(), value_for(&mut d.rng, "text"));
    let (thing, label) = (d.thing.0.clone(), d.create_label());
    let editor = d.page(Surface::Page, Some(&name));
    let hint = d.one(&["Write here", "Text", "Start writing", "Content", "Enter text"]);
    let body = d.push(editor, Item::new(Role::Field, hint, Press::Nothing));
    let dialog = d.page(Surface::Dialog, Some(&format!("New {thing}")));
    let hint = d.one(&["Name", "Title", "Label", "Enter a name"]);
    let field = d.push(dialog, Item::new(Role::Field, hint, Press::Nothing));
    let ok = d.style.ok;
    let row = d.push(0, Item::new(d.style.row, name.clone(), Press::Open(editor)).hidden(true));
    let save = d.answer_buttons(dialog, ok, 1, vec![Change::Show(row), Change::Enter(editor)]);
    d.button(0, &label, Press::Open(dialog));
    let (said, words) = (d.named(&name), d.named(&text));
    let form = d.one(&[
        "Create a {t} called {} and write {w}",
        "New {t} {} with the text {w}",
        "Make a {t} named {}, type {w}",
        "Add a {t} {} that says {w}",
    ]);
    let template = form.replace("{}", &said).replace("{t}", &thing).replace("{w}", &words);
    done(template, vec![Wish::Type(field, name), Wish::Press(save), Wish::Type(body, text)])
}

pub(super) fn rename(d: &mut Draft) -> Option<Request> {
    let (name, spot, page) = thing(d)?;
    let new = d.fresh_name();
    let dialog = d.page(Surface::Dialog, Some("Rename"));
    let mut field = Item::new(Role::Field, d.one(&["Name", "New name", "Title"]), Press::Nothing);
    field.value = name.clone();
    let field = d.push(dialog, field);
    let ok = d.style.ok;
    let ok = d.answer_buttons(dialog, ok, 1, vec![Change::Rename(spot, new.clone())]);
    let label = d.one(&["Rename", "Rename", "Change name"]);
    if d.chance(0.5) {
        d.button(page, label, Press::Open(dialog));
    } else {
        let (menu, row) = (menu_of(d, page), d.style.row);
        d.push(menu, Item::new(row, label, Press::Open(dialog)));
    }
    let (old, said) = (d.named(&name), d.named(&new));
    let form = d.one(&[
        "Rename {} to {n}",
        "Change the name of {} to {n}",
        "Rename the {t} {} to {n}",
        "Give {} the name {n}",
    ]);
    let template = form.replace("{}", &old).replace("{n}", &said).replace("{t}", &d.thing.0);
    done(template, vec![Wish::Type(field, new), Wish::Press(ok)])
}

pub(super) fn edit(d: &mut Draft) -> Option<Request> {
    let (name, _, page) = thing(d)?;
    let fields = d.domain.fields;
    let number = (fields.len() > 1).then(|| d.rng.random_range(1..fields.len()))?;
    let form = d.page(Surface::Page, Some("Edit"));
    let mut target = None;
    let value = value_for(&mut d.rng, fields[number]);
    for (at, field) in fields.iter().enumerate() {
        let mut item = Item::new(Role::Field, *field, Press::Nothing);
        if at == 0 {
            item.value = name.clone();
        } else if d.chance(0.6) {
            item.value = value_for(&mut d.rng, field);
        }
        let spot = d.push(form, item);
        if at == number {
            target = Some(spot);
        }
    }
    let save = d.style.save;
    let save = d.button(form, save, Press::Close { pages: 1, changes: Vec::new() });
    let label = d.one(&["Edit", "Edit", "Change", "Edit {}"]).replace("{}", &d.thing.0);
    d.button(page, &label, Press::Open(form));
    let (said, text, field) = (d.named(&name), d.named(&value), fields[number].to_lowercase());
    let template = d
        .one(&["Change the {f} of {} to {v}", "Set the {f} of {} to {v}", "Edit {}: {f} {v}", "Give {} the {f} {v}"])
        .replace("{f}", &field)
        .replace("{}", &said)
        .replace("{v}", &text);
    done(template, vec![Wish::Type(target?, value), Wish::Press(save)])
}
