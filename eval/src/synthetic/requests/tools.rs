//! Pages with a tool of their own: one that runs, a number that buttons move, a list filled from a catalogue.

use deftly_tools::Role;
use rand::Rng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::{Request, done};
use crate::synthetic::draw::Draft;
use crate::synthetic::guide::Wish;
use crate::synthetic::machine::{Change, Item, PageId, Press, Spot, Surface};
use crate::synthetic::words::{any_word, person, place, strange_tool, title, uncapitalised};

/// Something that is started or stopped.
pub(super) fn run(d: &mut Draft) -> Option<Request> {
    let (page, label, said) = tool_page(d);
    let starts = d.one(&["Start", "Start", "Begin", "Go", "Run", "Start {}"]).replace("{}", &said);
    let stops = d.one(&["Stop", "Stop", "Pause", "End", "Stop {}"]).replace("{}", &said);
    let runs = d.chance(0.25);
    let (idle, busy) =
        (d.one(&["Ready", "Off", "Stopped", "0", label.as_str()]).to_owned(), d.one(&["Running", "On", "Active"]));
    let (state, next_state) = if runs { (busy, idle.as_str()) } else { (idle.as_str(), busy) };
    let (now, next) = if runs { (stops, starts) } else { (starts, stops) };
    let text = d.push(page, Item::text(state));
    let other = d.one(&["Reset", "Clear", "Restart", "Mark", "Share", "Help"]);
    let other_first = d.chance(0.5);
    if other_first {
        d.button(page, other, Press::Nothing);
    }
    let spot = d.button(page, &now, Press::Nothing);
    if !other_first && d.chance(0.6) {
        d.button(page, other, Press::Nothing);
    }
    let changes = vec![Change::Rename(spot, next), Change::Rename(text, next_state.to_owned())];
    d.set_press(spot, Press::Act(changes));
    let form = if runs {
        d.one(&["Stop the {}", "End the {}", "Stop {}", "Let the {} stop", "The {} runs, stop it"])
    } else {
        d.one(&[
            "Start the {}",
            "Run the {}",
            "Start {}",
            "Begin the {}",
            "Let the {} run",
            "I need the {} now, start it",
            "Start the {} for me, I am ready",
            "It begins now: start the {}!",
        ])
    };
    done(form.replace("{}", &said), vec![Wish::Press(spot)])
}

/// A number moved to the goal's by buttons, and perhaps started.
pub(super) fn move_number(d: &mut Draft) -> Option<Request> {
    let (page, _, said) = tool_page(d);
    let (unit, units) =
        *[("min", "minutes"), ("s", "seconds"), ("%", "percent"), ("km", "kilometers"), ("cups", "cups")]
            .choose(&mut d.rng)?;
    let (small, large) = *[(1, 5), (1, 10), (5, 10), (5, 30), (2, 10)].choose(&mut d.rng)?;
    let from: i64 = d.rng.random_range(0..=8) * large;
    let to = loop {
        let to = d.rng.random_range(1..=8 * large / small) * small;
        if to != from {
            break to;
        }
    };
    let text = d.push(page, Item::text(unit).count(from));
    let forms = [("+{} {u}", "-{} {u}"), ("+{}", "-{}"), ("Plus {}", "Minus {}"), ("{} more", "{} less")];
    let (more, less) = *forms.choose(&mut d.rng)?;
    let mut steps = vec![(less, -large), (less, -small), (more, small), (more, large)];
    // Some makers are not consistent.
    if d.chance(0.3) {
        let (more, less) = *forms.choose(&mut d.rng)?;
        (steps[0].0, steps[2].0) = (less, more);
    }
    if d.chance(0.4) {
        steps.reverse();
    }
    let steps: Vec<(usize, i64)> = steps
        .into_iter()
        .map(|(form, by)| {
            let label = form.replace("{}", &by.abs().to_string()).replace("{u}", unit);
            (d.push(page, Item::new(Role::Button, label, Press::Act(vec![Change::Add(text, by)]))).1, by)
        })
        .collect();
    let mut wishes = vec![Wish::Count { text, to, steps }];
    let starts = d.chance(0.6);
    if starts {
        let (before, after) =
            *[("Start", "Stop"), ("Start {}", "Stop"), ("Begin", "Cancel"), ("Go", "Stop")].choose(&mut d.rng)?;
        let spot = d.push(page, Item::new(Role::Button, before.replace("{}", &said), Press::Nothing));
        let state = d.one(&["Running", "Ends at 7:35 PM", "Started", "Ends at 11:10 AM"]);
        let changes = vec![Change::Rename(spot, after.to_owned()), Change::Rename(text, state.to_owned())];
        d.set_press(spot, Press::Act(changes));
        wishes.push(Wish::Press(spot));
    }
    let form = if starts {
        d.one(&[
            "Start a {t} of {n} {u}",
            "Start the {t} for {n} {u}",
            "{t}, {n} {u}",
            "{n} {u} of {t}",
            "Run the {t} for {n} {u}",
            "Set a {n} {u} {t}",
            "The dough rests, please start a {t} of {n} {u}",
            "Tell me with the {t} when {n} {u} are over",
        ])
    } else {
        d.one(&["Set the {t} to {n} {u}", "Put the {t} at {n} {u}", "{t}: {n} {u}", "Change the {t} to {n} {u}"])
    };
    let shown = if d.chance(0.3) { unit } else { units };
    let number = d.param(to.to_string());
    done(form.replace("{t}", &said).replace("{n}", &number).replace("{u}", shown), wishes)
}

/// One more on a list, chosen from a catalogue.
pub(super) fn add_from(d: &mut Draft) -> Option<Request> {
    let Collection { said, choices, .. } = collection(d)?;
    let (name, spot) = choices.choose(&mut d.rng).cloned()?;
    let form = d.one(&[
        "Add {} to the {l}",
        "Put {} on the {l}",
        "Show {} in my {l}",
        "{l}: add {}",
        "I want {} in the {l}",
        "Include {} in the {l}",
        "I want to know how {} is doing, put it into the {l}",
        "{} is missing in the {l}, add it",
    ]);
    done(form.replace("{}", &d.named(&name)).replace("{l}", &said), vec![Wish::Press(spot)])
}

/// One less on such a list.
pub(super) fn remove_from(d: &mut Draft) -> Option<Request> {
    let Collection { said, removes, .. } = collection(d)?;
    let (name, spot) = removes.choose(&mut d.rng).cloned()?;
    let form = d.one(&[
        "Remove {} from the {l}",
        "Delete {} from my {l}",
        "Take {} off the {l}",
        "{l}: remove {}",
        "I don't need {} in the {l} any more",
        "I no longer look at {}, take it out of the {l}",
    ]);
    done(form.replace("{}", &d.named(&name)).replace("{l}", &said), vec![Wish::Press(spot)])
}

struct Collection {
    /// What the list is called.
    said: String,
    /// What could be added, and the press that adds it.
    choices: Vec<(String, Spot)>,
    /// What is there, and the press that removes it.
    removes: Vec<(String, Spot)>,
}

fn collection(d: &mut Draft) -> Option<Collection> {
    let (page, _, said) = tool_page(d);
    let kinds: [fn(&mut ChaCha8Rng) -> String; 3] = [title, person, place];
    let name_of = kinds.choose(&mut d.rng)?;
    let count = d.rng.random_range(8..=34);
    let mut names: Vec<String> = (0..count).map(|_| name_of(&mut d.rng)).collect();
    names.sort();
    names.dedup();
    names.retain(|name| !d.things.iter().any(|(thing, _)| thing == name));
    let (verb, row) = (d.one(&["Remove {}", "Remove {}", "Delete {}", "Remove"]), d.style.row);
    let catalogue = d.page(Surface::Page, Some("Choose"));
    if d.chance(0.6) {
        d.pages[catalogue].fits = d.rng.random_range(6..14);
    }
    let kind =
        if d.chance(0.5) { format!(" {}", any_word(&mut d.rng)) } else { d.one(&["", " one", " entry"]).to_owned() };
    let add = d.one(&["Add", "Add", "New", "Choose", "Add to list"]);
    d.button(page, &format!("{add}{kind}"), Press::Open(catalogue));
    let (mut choices, mut removes) = (Vec::new(), Vec::new());
    for name in names {
        let there = d.chance(0.2);
        let own = d.push(page, Item::new(row, &name, Press::Nothing).hidden(!there));
        let remove = Item::new(Role::Button, verb.replace("{}", &name), Press::Nothing).hidden(!there);
        let remove = d.push(page, remove);
        let choice = d.push(catalogue, Item::new(row, &name, Press::Nothing).hidden(there));
        d.set_press(remove, Press::Act(vec![Change::Hide(own), Change::Hide(remove), Change::Show(choice)]));
        let changes = vec![Change::Show(own), Change::Show(remove), Change::Hide(choice)];
        d.set_press(choice, Press::Close { pages: 1, changes });
        if there {
            removes.push((name, remove));
        } else {
            choices.push((name, choice));
        }
    }
    Some(Collection { said, choices, removes })
}

/// A page of its own behind a tab or a button: the page, its label, and what a request calls it.
fn tool_page(d: &mut Draft) -> (PageId, String, String) {
    let label = strange_tool(&mut d.rng);
    let page = d.page(Surface::Page, Some(&label));
    if !d.tabs().is_empty() || d.chance(0.5) {
        add_tab(d, page, &label);
    } else {
        d.button(0, &label, Press::Open(page));
    }
    let said = if d.chance(0.7) { uncapitalised(&label) } else { label.clone() };
    d.tools.push(said.clone());
    (page, label, said)
}

/// One more tab on every page that has tabs.
fn add_tab(d: &mut Draft, page: PageId, label: &str) {
    let mut bar = d.tabs();
    if bar.is_empty() {
        bar.push((d.things_word(), 0));
        d.push_tab(0, &bar[0].0, 0);
    }
    for (other, target) in bar {
        d.push_tab(target, label, page);
        d.push_tab(page, &other, target);
    }
    d.push_tab(page, label, page);
}
