//! What a person may want of a drawn app. Each request adds the pages that it needs and says how it is asked for.

use deftly_tools::Role;
use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::catalog::{ACTIONS, Takes};
use super::draw::Draft;
use super::guide::{Finish, Wish};
use super::machine::{Change, Found, Item, PageId, Press, Spot, Surface};
use super::words::value_for;

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
];

/// A setting changed: a switch, a choice, a text.
fn setting(d: &mut Draft) -> Option<Request> {
    let number = (!d.settings.is_empty()).then(|| d.rng.random_range(0..d.settings.len()))?;
    let (spot, dialog, names, shown) = {
        let one = &d.settings[number];
        (one.spot, one.dialog, one.setting.names, one.shown)
    };
    let name = if d.chance(0.6) { shown } else { d.one(names) };
    let said = d.spoken(name);
    match (&d.settings[number].setting.takes, dialog) {
        (Takes::OnOff, _) => {
            let now = d.pages[spot.0].items[spot.1].checked == Some(true);
            let on = if d.chance(0.15) { now } else { !now };
            let forms: &[&str] = if on {
                &[
                    "Turn on {}",
                    "Enable {}",
                    "Switch {} on",
                    "I want {} on",
                    "{} on",
                    "Activate {}",
                    "Make sure {} is on",
                ]
            } else {
                &[
                    "Turn off {}",
                    "Disable {}",
                    "Switch {} off",
                    "No more {}",
                    "{} off",
                    "Deactivate {}",
                    "I don't want {}",
                ]
            };
            done(d.one(forms).replace("{}", &said), vec![Wish::Set(spot, on)])
        }
        (Takes::OneOf(_), Some(dialog)) => {
            let radios: Vec<usize> = radios_of(d, dialog);
            let chosen = radios.choose(&mut d.rng).copied()?;
            let is_so = d.pages[dialog].items[chosen].checked == Some(true);
            let value = d.pages[dialog].items[chosen].label.clone();
            let value = d.spoken(&value);
            let form = d.one(&[
                "Set {} to {v}",
                "Change {} to {v}",
                "Change the {} to {v}",
                "Make {} {v}",
                "Switch {} to {v}",
                "Use {v} as {}",
                "Choose {v} for {}",
                "{}: {v}",
                "I want {v} as {}",
                "Select {v} under {}",
                "Adjust {} to {v}",
            ]);
            let template = form.replace("{}", &said).replace("{v}", &value);
            if is_so && d.style.details {
                return done(template, vec![Wish::Find(spot)]);
            }
            let mut wishes =
                vec![if is_so { Wish::Press((dialog, chosen)) } else { Wish::Set((dialog, chosen), true) }];
            wishes.extend(confirm(d, dialog));
            done(template, wishes)
        }
        (Takes::Text(values), Some(dialog)) => {
            let value = values.choose(&mut d.rng).copied()?;
            let field = d.pages[dialog].items.iter().position(|one| one.role == Role::Field)?;
            if d.pages[spot.0].items[spot.1].detail.as_deref() == Some(value) {
                return None;
            }
            let text = d.named(value);
            let form = d.one(&["Set {} to {v}", "Change {} to {v}", "Enter {v} as {}", "Make {v} the {}", "{}: {v}"]);
            let mut wishes = vec![Wish::Type((dialog, field), value.to_owned())];
            wishes.extend(confirm(d, dialog));
            done(form.replace("{}", &said).replace("{v}", &text), wishes)
        }
        (Takes::OneOf(_) | Takes::Text(_), None) => None,
    }
}

fn radios_of(d: &Draft, page: PageId) -> Vec<usize> {
    let items = d.pages[page].items.iter().enumerate();
    items.filter(|(_, one)| matches!(one.press, Press::Pick { .. })).map(|(number, _)| number).collect()
}

/// The press on OK, if the dialog has one beside its way out.
fn confirm(d: &Draft, dialog: PageId) -> Option<Wish> {
    let cancel = d.style.cancel;
    let is_ok = |one: &Item| matches!(one.press, Press::Close { .. }) && one.label != cancel;
    d.pages[dialog].items.iter().position(is_ok).map(|number| Wish::Press((dialog, number)))
}

fn thing(d: &mut Draft) -> Option<(String, Spot, PageId)> {
    let (name, spot) = d.things.choose(&mut d.rng).cloned()?;
    match d.pages[spot.0].items[spot.1].press {
        Press::Open(page) => Some((name, spot, page)),
        _ => None,
    }
}

fn open_thing(d: &mut Draft) -> Option<Request> {
    let (name, _, page) = thing(d)?;
    let name = d.named(&name);
    let form = d.one(&["Open {}", "Open the {t} {}", "Show {}", "Go to {}", "Show me the {t} {}", "Let me see {}"]);
    done(form.replace("{}", &name).replace("{t}", d.domain.thing.0), vec![Wish::See(page)])
}

/// A menu of the page; made when it is first needed.
fn menu_of(d: &mut Draft, page: PageId) -> PageId {
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

fn act_on_thing(d: &mut Draft) -> Option<Request> {
    let (name, spot, page) = thing(d)?;
    let named = d.named(&name);
    let what = if d.chance(0.4) { format!("the {} {named}", d.domain.thing.0) } else { named };
    action_request(d, &name, spot, page, what)
}

/// An action on the thing's page, beside others.
fn action_request(d: &mut Draft, name: &str, spot: Spot, page: PageId, what: String) -> Option<Request> {
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
            let changes = vec![Change::Hide(spot), Change::Toast("Deleted".to_owned())];
            if d.chance(0.25) {
                return Press::Close { pages: if in_menu { 2 } else { 1 }, changes };
            }
            let question = match d.rng.random_range(0..4) {
                0 => format!("Delete {name}?"),
                1 => "Are you sure?".to_owned(),
                2 => "This cannot be undone".to_owned(),
                _ => format!("Do you really want to delete this {}?", d.domain.thing.0),
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

/// A fact's name without the remark for [`value_for`].
fn plain(fact: &str) -> &str {
    fact.split(" (").next().unwrap_or(fact)
}

/// The search page, made when it is first needed.
pub(super) fn search_field(d: &mut Draft) -> Spot {
    if let Some(field) = d.search {
        return field;
    }
    let (things, hint) = (d.things_word(), d.one(&["Search", "Search…", "Type to search", "Find", "Search {}"]));
    let hint = hint.replace("{}", &things.to_lowercase());
    let field = if d.chance(0.35) {
        for number in 0..d.things.len() {
            let (_, (page, item)) = d.things[number].clone();
            d.pages[page].items[item].found = Found::Listed;
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

/// Made with a name only, then written into.
fn create_and_write(d: &mut Draft) -> Option<Request> {
    let (name, text) = (d.fresh_name(), value_for(&mut d.rng, "text"));
    let (thing, label) = (d.domain.thing.0, d.create_label());
    let editor = d.page(Surface::Page, Some(&name));
    let hint = d.one(&["Write here", "Text", "Start writing", "Content", "Enter text"]);
    let body = d.push(editor, Item::new(Role::Field, hint, Press::Nothing));
    let dialog = d.page(Surface::Dialog, Some(&format!("New {thing}")));
    let hint = d.one(&["Name", "Title", "Label", "Enter a name"]);
    let field = d.push(dialog, Item::new(Role::Field, hint, Press::Nothing));
    let ok = d.style.ok;
    let mut row = Item::new(d.style.row, name.clone(), Press::Open(editor));
    row.hidden = true;
    let row = d.push(0, row);
    let save = d.answer_buttons(dialog, ok, 1, vec![Change::Show(row), Change::Enter(editor)]);
    d.button(0, &label, Press::Open(dialog));
    let (said, words) = (d.named(&name), d.named(&text));
    let form = d.one(&[
        "Create a {t} called {} and write {w}",
        "New {t} {} with the text {w}",
        "Make a {t} named {}, type {w}",
        "Add a {t} {} that says {w}",
    ]);
    let template = form.replace("{}", &said).replace("{t}", thing).replace("{w}", &words);
    done(template, vec![Wish::Type(field, name), Wish::Press(save), Wish::Type(body, text)])
}

/// The newest thing, behind a button of its own, and what can be done with it.
fn latest(d: &mut Draft) -> Option<Request> {
    let thing = d.domain.thing.0;
    let page = d.page(Surface::Page, None);
    let form = d.one(&["Latest {}", "Newest {}", "Recent {}", "Show the last {}", "Open latest {}", "Last {}"]);
    d.button(0, &form.replace("{}", thing), Press::Open(page));
    let said = d
        .one(&["the last {}", "the latest {}", "the newest {}", "my last {}", "the most recent {}"])
        .replace("{}", thing);
    if d.chance(0.25) {
        return done(d.one(&["Open {}", "Show {}", "Look at {}"]).replace("{}", &said), vec![Wish::See(page)]);
    }
    let name = d.fresh_name();
    let row = d.push(0, Item::text(name.clone()));
    d.pages[0].items[row.1].hidden = true;
    action_request(d, &name, row, page, said)
}

fn search(d: &mut Draft) -> Option<Request> {
    let (name, _, page) = thing(d)?;
    let field = search_field(d);
    let text = Wish::Type(field, name.clone());
    let said = d.named(&name);
    if d.chance(0.4) {
        let form = d.one(&["Search for {}", "Look for {}", "Search {}", "Find {}", "Search the {t} for {}"]);
        return done(form.replace("{}", &said).replace("{t}", d.domain.thing.1), vec![text]);
    }
    let form = d.one(&[
        "Search for {} and open it",
        "Find {} with the search and open it",
        "Look up {}, then open it",
        "Search {} and show it",
    ]);
    done(form.replace("{}", &said), vec![text, Wish::See(page)])
}

/// Something that is not there: searched for, not found.
fn missing(d: &mut Draft) -> Option<Request> {
    let name = d.fresh_name();
    let field = search_field(d);
    let said = d.named(&name);
    let action = d.domain.actions.choose(&mut d.rng).copied().unwrap_or("Open");
    let form = if d.chance(0.5) { "Open the {t} {}".to_owned() } else { format!("{action} the {{t}} {{}}") };
    let template = form.replace("{}", &said).replace("{t}", d.domain.thing.0);
    Some(Request { template, wishes: vec![Wish::Type(field, name)], finish: Finish::Infeasible })
}

fn create(d: &mut Draft) -> Option<Request> {
    let name = d.fresh_name();
    let (thing, label) = (d.domain.thing.0, d.create_label());
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
        .replace("{t}", thing)
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
    let mut row = Item::new(d.style.row, name, Press::Nothing);
    row.hidden = true;
    let row = d.push(0, row);
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

fn show_tab(d: &mut Draft) -> Option<Request> {
    let tabs: Vec<(String, PageId)> = d.pages[0]
        .items
        .iter()
        .filter_map(|one| match one.press {
            Press::Tab(page) if page != 0 => Some((one.label.clone(), page)),
            _ => None,
        })
        .collect();
    let (label, page) = tabs.choose(&mut d.rng).cloned()?;
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

/// A dialog opened from the bar or from the menu.
fn dialog_entry(d: &mut Draft, label: &str, dialog: PageId) {
    if d.chance(0.5) {
        d.button(0, label, Press::Open(dialog));
    } else {
        let (menu, row) = (menu_of(d, 0), d.style.row);
        d.push(menu, Item::new(row, label, Press::Open(dialog)));
    }
}

fn sort(d: &mut Draft) -> Option<Request> {
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
        .replace("{t}", d.domain.thing.1)
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
fn view(d: &mut Draft) -> Option<Request> {
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

fn answered(template: String, wish: Wish, text: String) -> Option<Request> {
    Some(Request { template, wishes: vec![wish], finish: Finish::Answer(text) })
}

/// What a thing's page says.
fn ask_fact(d: &mut Draft) -> Option<Request> {
    let (name, _, page) = thing(d)?;
    let fact = d.domain.facts.choose(&mut d.rng).copied()?;
    let shown = plain(fact);
    let labelled = format!("{shown}, ");
    let found = d.pages[page].items.iter().position(|one| one.label.starts_with(&labelled))?;
    let value = d.pages[page].items[found].label[labelled.len()..].to_owned();
    let (name, fact) = (d.named(&name), shown.to_lowercase());
    let form = d.one(&[
        "What is the {f} of {}?",
        "Tell me the {f} of {}",
        "{f} of {}?",
        "Which {f} does {} have?",
        "I need the {f} of the {t} {}",
    ]);
    let template = form.replace("{f}", &fact).replace("{}", &name).replace("{t}", d.domain.thing.0);
    answered(template, Wish::Find((page, found)), value)
}

fn ask_setting(d: &mut Draft) -> Option<Request> {
    let number = (!d.settings.is_empty()).then(|| d.rng.random_range(0..d.settings.len()))?;
    let (spot, shown) = (d.settings[number].spot, d.settings[number].shown);
    let value = d.pages[spot.0].items[spot.1].detail.clone()?;
    let said = d.spoken(shown);
    let form = d.one(&[
        "What is {} set to?",
        "Which {} is set?",
        "Tell me what {} is set to",
        "What is the {} at the moment?",
    ]);
    answered(form.replace("{}", &said), Wish::Find(spot), value)
}

fn count(d: &mut Draft) -> Option<Request> {
    let count = d.things.len();
    if count > 7 || d.pages[0].fits < 40 {
        return None;
    }
    let form = d.one(&[
        "How many {t} are there?",
        "How many {t} do I have?",
        "Count the {t}",
        "Tell me how many {t} there are",
    ]);
    answered(form.replace("{t}", d.domain.thing.1), Wish::See(0), count.to_string())
}

/// The app's big button.
fn start(d: &mut Draft) -> Option<Request> {
    let (said, before, after) = d.domain.start?;
    if d.pages[0].items.iter().any(|one| one.label == before) {
        return None;
    }
    let spot = d.button(0, before, Press::Nothing);
    d.pages[0].items[spot.1].press = Press::Act(vec![Change::Rename(spot, after.to_owned())]);
    done(d.one(said).to_owned(), vec![Wish::Press(spot)])
}

fn rename(d: &mut Draft) -> Option<Request> {
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
    let template = form.replace("{}", &old).replace("{n}", &said).replace("{t}", d.domain.thing.0);
    done(template, vec![Wish::Type(field, new), Wish::Press(ok)])
}

fn edit(d: &mut Draft) -> Option<Request> {
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
    let label = d.one(&["Edit", "Edit", "Change", "Edit {}"]).replace("{}", d.domain.thing.0);
    d.button(page, &label, Press::Open(form));
    let (said, text, field) = (d.named(&name), d.named(&value), fields[number].to_lowercase());
    let template = d
        .one(&["Change the {f} of {} to {v}", "Set the {f} of {} to {v}", "Edit {}: {f} {v}", "Give {} the {f} {v}"])
        .replace("{f}", &field)
        .replace("{}", &said)
        .replace("{v}", &text);
    done(template, vec![Wish::Type(target?, value), Wish::Press(save)])
}
