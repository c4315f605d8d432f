//! Draws an app: its style, its pages, its settings.

use deftly_sim::{SimPhone, Variation};
use deftly_tools::Role;
use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::catalog::{DOMAINS, Domain, GROUPS, Group, Names, Setting, Takes};
use super::machine::{Change, Item, Page, PageId, Press, Spot, Surface};
use super::words::{capitalised, file, one, person, strange_app, strange_thing, time_of_day, title, uncapitalised};

/// How one maker's apps look.
pub(super) struct Style {
    pub row: Role,
    pub flip: Role,
    pub radio: Role,
    back: Option<(&'static str, bool)>,
    pub ok: &'static str,
    pub cancel: &'static str,
    pub save: &'static str,
    pub more: &'static str,
    titled: bool,
    fits: usize,
    /// Picking a radio button closes its dialog.
    pub closes: bool,
    /// Rows show the setting's value.
    pub details: bool,
    upper: bool,
    /// The ranks of buttons and of tabs on whole pages: above or below the rest.
    bar: u8,
    pub tabs: u8,
}

impl Style {
    fn draw(rng: &mut ChaCha8Rng) -> Self {
        let rows = [Role::Row, Role::Row, Role::Button];
        let back = match rng.random_range(0..6) {
            0..2 => Some(("Navigate up", false)),
            2 => Some((one(rng, &["Back", "Go back"]), false)),
            3 => Some((one(rng, &["go back", "Back", "Navigate up"]), true)),
            _ => None,
        };
        Self {
            row: rows.choose(rng).copied().unwrap_or(Role::Row),
            flip: if rng.random_bool(0.5) { Role::Switch } else { Role::Checkbox },
            radio: if rng.random_bool(0.5) { Role::Radio } else { Role::Checkbox },
            back,
            ok: one(rng, &["OK", "OK", "OK", "Apply", "Confirm", "Done", "Set"]),
            cancel: one(rng, &["Cancel", "Cancel", "Close", "Dismiss", "Not now"]),
            save: one(rng, &["Save", "Save", "Done", "OK", "Create", "Confirm", "Add"]),
            more: one(rng, &["More options", "More options", "More options", "More", "Menu", "Options", "Open menu"]),
            titled: rng.random_bool(0.7),
            fits: if rng.random_bool(0.5) { 60 } else { rng.random_range(9..18) },
            closes: rng.random_bool(0.6),
            details: rng.random_bool(0.75),
            upper: rng.random_bool(0.3),
            bar: if rng.random_bool(0.65) { 20 } else { 70 },
            tabs: if rng.random_bool(0.5) { 30 } else { 80 },
        }
    }
}

/// An app while it is being drawn.
pub(super) struct Draft {
    pub rng: ChaCha8Rng,
    pub style: Style,
    pub domain: &'static Domain,
    /// One of the app's things, and many.
    pub thing: (String, String),
    /// What the app is called.
    pub app: String,
    /// The phone that it may be on, whose own apps stand beside it.
    pub phone: SimPhone,
    /// Whether nothing but its name on the home screen tells of the app: neither it nor its things are a kind that
    /// others share.
    pub strange: bool,
    /// How this app names its things.
    pub names: Names,
    pub pages: Vec<Page>,
    pub params: Vec<String>,
    pub settings: Vec<DrawnSetting>,
    /// Things in the main list: the name and the place.
    pub things: Vec<(String, Spot)>,
    /// What the switches of things are called, `{}` being the thing's name, if they have some.
    pub switch_form: Option<String>,
    /// The switch of each thing, if they have some.
    pub switches: Vec<Spot>,
    /// What a thing's row says behind its name, where it is told apart by that.
    pub titles: Vec<String>,
    /// What requests call the pages that have a tool of their own.
    pub tools: Vec<String>,
    /// The page of search results, if there is one, with its field.
    pub search: Option<Spot>,
}

/// A setting in its place.
pub(super) struct DrawnSetting {
    pub setting: &'static Setting,
    /// The name that the screen shows.
    pub shown: &'static str,
    pub spot: Spot,
    pub dialog: Option<PageId>,
}

impl Draft {
    pub fn new(mut rng: ChaCha8Rng) -> Self {
        let style = Style::draw(&mut rng);
        let domain = DOMAINS.choose(&mut rng).unwrap_or(&DOMAINS[0]);
        let strange = rng.random_bool(0.45);
        let (mut thing, mut app) =
            ((domain.thing.0.to_owned(), domain.thing.1.to_owned()), one(&mut rng, domain.apps).to_owned());
        let mut names = domain.names;
        if strange {
            thing = strange_thing(&mut rng);
            app = strange_app(&mut rng, &thing);
            names =
                *[Names::Times, Names::Times, Names::Titles, Names::People, names].choose(&mut rng).unwrap_or(&names);
        }
        let phone = SimPhone::with_variation(rng.random(), Variation::STANDARD);
        let mut draft = Self {
            rng,
            phone,
            style,
            domain,
            thing,
            app,
            strange,
            names,
            pages: Vec::new(),
            params: Vec::new(),
            settings: Vec::new(),
            things: Vec::new(),
            search: None,
            switch_form: None,
            switches: Vec::new(),
            titles: Vec::new(),
            tools: Vec::new(),
        };
        draft.page(Surface::Page, None);
        draft
    }

    pub fn one<'a>(&mut self, options: &[&'a str]) -> &'a str {
        one(&mut self.rng, options)
    }

    pub fn chance(&mut self, part: f64) -> bool {
        self.rng.random_bool(part)
    }

    /// A placeholder for this value.
    pub fn param(&mut self, value: impl Into<String>) -> String {
        self.params.push(value.into());
        format!("{{{}}}", self.params.len() - 1)
    }

    /// A placeholder for a label as a person writes it.
    pub fn spoken(&mut self, label: &str) -> String {
        let said = match self.rng.random_range(0..20) {
            0..9 => label.to_owned(),
            9..16 => uncapitalised(label),
            16 => label.to_lowercase(),
            17..19 => format!("'{label}'"),
            _ => format!("\"{label}\""),
        };
        self.param(said)
    }

    /// A placeholder for a name, which keeps its capitals.
    pub fn named(&mut self, name: &str) -> String {
        let said = match self.rng.random_range(0..8) {
            0 => format!("'{name}'"),
            1 => format!("\"{name}\""),
            _ => name.to_owned(),
        };
        self.param(said)
    }

    /// An empty page; whole pages may begin with a way back and a title.
    pub fn page(&mut self, surface: Surface, title: Option<&str>) -> PageId {
        let mut items = Vec::new();
        if let (Surface::Page, Some((label, false)), false) = (surface, self.style.back, self.pages.is_empty()) {
            let press = Press::Close { pages: 1, changes: Vec::new() };
            items.push(Item::new(Role::Button, label, press).rank(0));
        }
        if let Some(title) = title.filter(|_| self.style.titled || surface == Surface::Dialog) {
            items.push(Item::text(title).rank(1));
        }
        let fits = if surface == Surface::Page { self.style.fits } else { 60 };
        self.pages.push(Page { app: None, surface, items, notice: None, on_pick: Vec::new(), fits });
        self.pages.len() - 1
    }

    pub fn push(&mut self, page: PageId, item: Item) -> Spot {
        self.pages[page].items.push(item);
        (page, self.pages[page].items.len() - 1)
    }

    pub fn button(&mut self, page: PageId, label: &str, press: Press) -> Spot {
        let rank = if self.pages[page].surface == Surface::Page { self.style.bar } else { 60 };
        self.push(page, Item::new(Role::Button, label, press).rank(rank))
    }

    /// Ends pages of a style whose way back comes last, but for each app's first.
    pub fn close(&mut self) {
        let Some((label, true)) = self.style.back else { return };
        for number in 0..self.pages.len() {
            let (before, page) = (&self.pages[..number], &self.pages[number]);
            if before.iter().all(|other| other.app != page.app) {
                continue;
            }
            let press = Press::Close { pages: 1, changes: Vec::new() };
            self.push(number, Item::new(Role::Button, label, press).rank(200));
        }
    }

    pub fn name(&mut self) -> String {
        match self.names {
            Names::People => person(&mut self.rng),
            Names::Titles => title(&mut self.rng),
            Names::Files(endings) => file(&mut self.rng, endings),
            Names::Times => time_of_day(&mut self.rng).0,
        }
    }

    /// Names that no other thing has, nor contains.
    pub fn fresh_name(&mut self) -> String {
        loop {
            let name = self.name();
            let clashes = |other: &String| {
                let (a, b) = (other.to_lowercase(), name.to_lowercase());
                a.contains(&b) || b.contains(&a)
            };
            if !self.things.iter().any(|(other, _)| clashes(other)) {
                return name;
            }
        }
    }

    pub fn set_press(&mut self, (page, number): Spot, press: Press) {
        self.pages[page].items[number].press = press;
    }

    /// A tab of the page's bar, which shows `target`.
    pub fn push_tab(&mut self, page: PageId, label: &str, target: PageId) {
        let mut item = Item::new(Role::Tab, label, Press::Tab(target)).rank(self.style.tabs);
        item.selected = target == page;
        self.push(page, item);
    }

    /// The bar of the main page: labels, and what they show.
    pub fn tabs(&self) -> Vec<(String, PageId)> {
        let target = |one: &Item| match one.press {
            Press::Tab(page) => Some((one.label.clone(), page)),
            _ => None,
        };
        self.pages[0].items.iter().filter_map(target).collect()
    }

    /// What the switch of a thing with this name is called, if things have switches.
    pub fn switch_label(&self, name: &str) -> Option<String> {
        self.switch_form.as_ref().map(|form| form.replace("{}", name))
    }

    /// The switch beside the row of a thing.
    pub fn switch_of(&self, row: Spot) -> Option<Spot> {
        let number = self.things.iter().position(|(_, spot)| *spot == row)?;
        self.switches.get(number).copied()
    }

    /// What takes the row of a thing off the list, its switch too.
    pub fn hide_thing(&self, row: Spot) -> Vec<Change> {
        [Some(row), self.switch_of(row)].into_iter().flatten().map(Change::Hide).collect()
    }

    /// Cancel and OK, in one order or the other.
    pub fn answer_buttons(&mut self, page: PageId, ok: &str, pages: usize, changes: Vec<Change>) -> Spot {
        let cancel = self.style.cancel;
        let nothing = Press::Close { pages: 1, changes: Vec::new() };
        if self.chance(0.6) {
            self.button(page, cancel, nothing);
            self.button(page, ok, Press::Close { pages, changes })
        } else {
            let spot = self.button(page, ok, Press::Close { pages, changes });
            self.button(page, cancel, nothing);
            spot
        }
    }

    /// A warning or a tip that comes up before the page can be used.
    pub fn maybe_notice(&mut self, page: PageId) {
        if !self.chance(0.07) {
            return;
        }
        let text = self.one(&[
            "Changes may take effect after a restart",
            "Some features need more storage",
            "Tip: swipe down to refresh",
            "This function is new. Tell us what you think.",
            "Rate this app",
            "Warning: this can use mobile data",
            "An update is available",
        ]);
        let button = self.one(&["OK", "Got it", "Later", "Not now", "Close", "Understood"]);
        let notice = self.page(Surface::Dialog, Some(text));
        self.button(notice, button, Press::Close { pages: 1, changes: Vec::new() });
        self.pages[page].notice = Some(notice);
    }

    /// A page of settings, in sections or behind rows of their own.
    pub fn settings_page(&mut self) -> PageId {
        let heading = self.one(&["Settings", "Settings", "Preferences", "Options"]);
        let page = self.page(Surface::Page, Some(heading));
        self.maybe_notice(page);
        let count = self.rng.random_range(1..=5);
        let mut groups: Vec<&'static Group> = GROUPS.iter().collect();
        groups.shuffle(&mut self.rng);
        let nested = self.chance(0.4);
        for group in groups.into_iter().take(count) {
            let name = self.one(group.names);
            if nested {
                let own = self.page(Surface::Page, Some(name));
                self.maybe_notice(own);
                let row = self.style.row;
                self.push(page, Item::new(row, name, Press::Open(own)));
                self.group(own, group);
            } else {
                let shown = if self.style.upper { name.to_uppercase() } else { name.to_owned() };
                self.push(page, Item::text(shown));
                self.group(page, group);
            }
        }
        page
    }

    fn group(&mut self, page: PageId, group: &'static Group) {
        let count = self.rng.random_range(2..=7);
        let mut settings: Vec<&'static Setting> = group.settings.iter().collect();
        settings.shuffle(&mut self.rng);
        for setting in settings.into_iter().take(count) {
            let shown = self.one(setting.names);
            match setting.takes {
                Takes::OnOff => {
                    let (role, on) = (self.style.flip, self.chance(0.5));
                    let spot = self.push(page, Item::new(role, shown, Press::Flip).checked(on));
                    self.settings.push(DrawnSetting { setting, shown, spot, dialog: None });
                }
                Takes::OneOf(values) => self.choice_row(page, setting, shown, values),
                Takes::Text(values) => self.text_row(page, setting, shown, values),
            }
        }
    }

    fn choice_row(&mut self, page: PageId, setting: &'static Setting, shown: &'static str, values: &[&'static str]) {
        let first = self.rng.random_range(0..values.len().saturating_sub(1).max(1));
        let count = self.rng.random_range(2..=7).min(values.len());
        let from = first.min(values.len() - count);
        let values = &values[from..from + count];
        let current = self.rng.random_range(0..values.len());
        let dialog = self.choice_dialog(self.style.titled.then_some(shown), values, current, 0);
        let mut item = Item::new(self.style.row, shown, Press::Open(dialog));
        if self.style.details {
            item = item.detail(values[current]);
        }
        let spot = self.push(page, item);
        let adopt = if self.style.details { vec![Change::Adopt(spot, dialog)] } else { Vec::new() };
        if self.style.closes {
            self.pages[dialog].on_pick = adopt;
            if self.chance(0.5) {
                let cancel = self.style.cancel;
                self.button(dialog, cancel, Press::Close { pages: 1, changes: Vec::new() });
            }
        } else {
            let ok = self.style.ok;
            self.answer_buttons(dialog, ok, 1, adopt);
        }
        self.maybe_notice(dialog);
        self.settings.push(DrawnSetting { setting, shown, spot, dialog: Some(dialog) });
    }

    /// Radio buttons of one group, on a new dialog.
    pub fn choice_dialog(&mut self, title: Option<&str>, values: &[&str], current: usize, group: u8) -> PageId {
        let dialog = self.page(Surface::Dialog, title);
        self.radios(dialog, values, current, group, self.style.closes);
        dialog
    }

    pub fn radios(&mut self, page: PageId, values: &[&str], current: usize, group: u8, closes: bool) -> usize {
        let first = self.pages[page].items.len();
        let role = self.style.radio;
        for (number, value) in values.iter().enumerate() {
            self.push(page, Item::new(role, *value, Press::Pick { group, closes }).checked(number == current));
        }
        first
    }

    fn text_row(&mut self, page: PageId, setting: &'static Setting, shown: &'static str, values: &[&'static str]) {
        let current = self.one(values);
        let dialog = self.page(Surface::Dialog, Some(shown));
        let mut field = Item::new(Role::Field, shown, Press::Nothing);
        if self.chance(0.7) {
            field.value = current.to_owned();
        }
        self.push(dialog, field);
        let mut item = Item::new(self.style.row, shown, Press::Open(dialog));
        if self.style.details {
            item = item.detail(current);
        }
        let spot = self.push(page, item);
        let adopt = if self.style.details { vec![Change::Adopt(spot, dialog)] } else { Vec::new() };
        let ok = self.style.ok;
        self.answer_buttons(dialog, ok, 1, adopt);
        self.settings.push(DrawnSetting { setting, shown, spot, dialog: Some(dialog) });
    }

    /// `New note`, `Add`, `Create a new note`.
    pub fn create_label(&mut self) -> String {
        let form = self.one(&["New {}", "Add {}", "Create {}", "Create a new {}", "Add a new {}", "New", "Add", "+"]);
        form.replace("{}", &self.thing.0)
    }

    pub fn things_word(&self) -> String {
        capitalised(&self.thing.1)
    }
}
