//! A drawn app as a state machine: pages of items, a stack of open pages, and what each press does.

use deftly_tools::{Action, App, Bounds, Direction, Element, ElementId, ElementState, Observation, Role, Screen};

use super::app;

/// A page's place in [`Machine::pages`].
pub(super) type PageId = usize;

/// An item's place: its page, and its number there.
pub(super) type Spot = (PageId, usize);

/// What a page covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    /// The whole screen.
    Page,
    /// Closes when one of its items is pressed.
    Menu,
    /// Stays until it is answered.
    Dialog,
}

/// What pressing an item does.
#[derive(Debug, Clone)]
pub(super) enum Press {
    Nothing,
    Open(PageId),
    /// Another page in the place of this one.
    Tab(PageId),
    Flip,
    /// Checks this radio button and no other of its group.
    Pick {
        group: u8,
        closes: bool,
    },
    /// OK, Save, Delete: closes so many pages, then changes things.
    Close {
        pages: usize,
        changes: Vec<Change>,
    },
    /// Changes things and stays.
    Act(Vec<Change>),
}

/// What a press changes beside the page it is on.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Hide(Spot),
    Show(Spot),
    /// Another label, in the place of a count too.
    Rename(Spot, String),
    /// The item counts so many more.
    Add(Spot, i64),
    /// The item shows what was picked or typed on the page.
    Adopt(Spot, PageId),
    /// Another page comes up.
    Enter(PageId),
    /// A short message at the bottom of the screen.
    Toast(String),
}

/// When an item of a page with a search field is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Always,
    /// Unless something else is searched for.
    Listed,
    /// Only when it is searched for.
    Hit,
}

#[derive(Debug, Clone)]
pub(super) struct Item {
    pub role: Role,
    pub label: String,
    /// Shown after the label: a row's second line.
    pub detail: Option<String>,
    pub checked: Option<bool>,
    /// Shown before the label: a number that buttons move.
    pub count: Option<i64>,
    /// What a field holds.
    pub value: String,
    pub press: Press,
    pub selected: bool,
    pub hidden: bool,
    pub found: Found,
    /// Where it stands: items with lower ranks come first.
    pub rank: u8,
}

impl Item {
    pub fn new(role: Role, label: impl Into<String>, press: Press) -> Self {
        Self {
            role,
            label: label.into(),
            detail: None,
            checked: None,
            count: None,
            value: String::new(),
            press,
            selected: false,
            hidden: false,
            found: Found::Always,
            rank: 50,
        }
    }

    pub fn text(label: impl Into<String>) -> Self {
        Self::new(Role::Text, label, Press::Nothing)
    }

    pub fn checked(mut self, on: bool) -> Self {
        self.checked = Some(on);
        self
    }

    pub fn count(mut self, number: i64) -> Self {
        self.count = Some(number);
        self
    }

    pub fn hidden(mut self, is_hidden: bool) -> Self {
        self.hidden = is_hidden;
        self
    }

    pub fn rank(mut self, rank: u8) -> Self {
        self.rank = rank;
        self
    }

    pub fn detail(mut self, text: impl Into<String>) -> Self {
        self.detail = Some(text.into());
        self
    }

    fn shown_label(&self) -> String {
        match (&self.detail, self.count) {
            (Some(detail), _) => format!("{}, {detail}", self.label),
            (None, Some(count)) => format!("{count} {}", self.label),
            (None, None) => self.label.clone(),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Page {
    /// The app that the page belongs to, if it is not the drawn one.
    pub app: Option<String>,
    pub surface: Surface,
    pub items: Vec<Item>,
    /// A dialog that comes up when the page is first opened.
    pub notice: Option<PageId>,
    /// What picking a radio button that closes the page changes.
    pub on_pick: Vec<Change>,
    /// How many items fit; more than that scroll.
    pub fits: usize,
}

/// A drawn app, running.
pub(super) struct Machine {
    pub name: String,
    pub apps: Vec<App>,
    /// What the home screen shows above the apps.
    home_texts: Vec<String>,
    pub pages: Vec<Page>,
    /// The open pages, the visible one last; empty on the home screen.
    pub stack: Vec<PageId>,
    first: usize,
    keyboard_on: Option<usize>,
    toast: Option<String>,
    /// Whether this app's fields bring up a keyboard that the screen mentions.
    pub shows_keyboard: bool,
}

impl Machine {
    pub fn new(name: String, apps: Vec<App>, home_texts: Vec<String>, pages: Vec<Page>, shows_keyboard: bool) -> Self {
        let (stack, first, keyboard_on, toast) = (Vec::new(), 0, None, None);
        Self { name, apps, home_texts, pages, stack, first, keyboard_on, toast, shows_keyboard }
    }

    /// The visible page; `None` on the home screen.
    pub fn top(&self) -> Option<PageId> {
        self.stack.last().copied()
    }

    /// The app that a page belongs to.
    pub fn app_of(&self, page: PageId) -> &str {
        self.pages[page].app.as_ref().unwrap_or(&self.name)
    }

    /// The app that is open; `None` on the home screen.
    pub fn app_in_front(&self) -> Option<&str> {
        self.stack.first().map(|&page| self.app_of(page))
    }

    pub fn item(&self, spot: Spot) -> Option<&Item> {
        self.pages.get(spot.0)?.items.get(spot.1)
    }

    /// The items of a page that are there now, with their numbers.
    fn present(&self, page: PageId) -> Vec<(usize, &Item)> {
        let items = &self.pages[page].items;
        let searched = items.iter().find(|one| one.role == Role::Field).map(|one| one.value.to_lowercase());
        let searched = searched.filter(|text| !text.is_empty());
        let is_found = |item: &Item| match (item.found, &searched) {
            (Found::Always, _) | (Found::Listed, None) => true,
            (Found::Hit, None) => false,
            (Found::Listed | Found::Hit, Some(text)) => item.label.to_lowercase().contains(text),
        };
        let mut present: Vec<_> = items.iter().enumerate().filter(|(_, item)| !item.hidden && is_found(item)).collect();
        present.sort_by_key(|(_, item)| item.rank);
        present
    }

    /// The items in view: everything, or a window of a page that scrolls.
    pub fn in_view(&self, page: PageId) -> Vec<(usize, &Item)> {
        let present = self.present(page);
        let fits = self.pages[page].fits;
        if present.len() <= fits {
            return present;
        }
        let first = self.first.min(present.len() - fits);
        present.into_iter().skip(first).take(fits).collect()
    }

    fn scrolls(&self, page: PageId) -> bool {
        self.present(page).len() > self.pages[page].fits
    }

    /// Where an item of the visible page is: in view, or in which direction; `None` if it is not there.
    pub fn look_for(&self, number: usize) -> Option<Result<ElementId, Direction>> {
        let page = self.top()?;
        let view = self.in_view(page);
        if let Some(place) = view.iter().position(|(one, _)| *one == number) {
            // A list line comes first on a page that scrolls.
            return Some(Ok(ElementId((place + 1 + usize::from(self.scrolls(page))) as u32)));
        }
        let present = self.present(page);
        let wanted = present.iter().position(|(one, _)| *one == number)?;
        Some(Err(if wanted < self.first { Direction::Up } else { Direction::Down }))
    }

    /// The item with this id.
    fn at(&self, id: ElementId) -> Option<usize> {
        let page = self.top()?;
        let place = (id.0 as usize).checked_sub(1 + usize::from(self.scrolls(page)))?;
        self.in_view(page).get(place).map(|(number, _)| *number)
    }

    pub fn item_at(&self, id: ElementId) -> Option<&Item> {
        self.item((self.top()?, self.at(id)?))
    }

    pub fn observe(&self) -> Observation {
        let Some(page) = self.top() else {
            let buttons = self.apps.iter().map(|one| Item::new(Role::Button, one.name.clone(), Press::Nothing));
            let texts = self.home_texts.iter().map(Item::text);
            let items: Vec<Item> = texts.chain(buttons).collect();
            let elements = items.iter().enumerate().map(|(number, item)| element(number, item, false)).collect();
            return Observation { screen: Screen { elements }, app: app("Home screen".to_owned()), keyboard: false };
        };
        let mut elements = Vec::new();
        if self.scrolls(page) {
            elements.push(element(0, &Item::new(Role::List, "", Press::Nothing), false));
        }
        for (number, item) in self.in_view(page) {
            elements.push(element(elements.len(), item, self.keyboard_on == Some(number)));
        }
        if let Some(toast) = &self.toast {
            elements.push(element(elements.len(), &Item::text(toast.clone()), false));
        }
        let keyboard = self.shows_keyboard && self.keyboard_on.is_some();
        Observation { screen: Screen { elements }, app: app(self.app_of(self.stack[0]).to_owned()), keyboard }
    }

    /// Performs an action; whether anything changed.
    pub fn perform(&mut self, action: &Action) -> bool {
        self.toast = None;
        match action {
            Action::OpenApp { name } => self.open_app(name),
            Action::Back if self.keyboard_on.is_some() && self.shows_keyboard => {
                self.keyboard_on = None;
                true
            }
            Action::Back | Action::Home if self.stack.is_empty() => false,
            Action::Back => {
                self.leave(1);
                true
            }
            Action::Home => {
                self.stack.clear();
                true
            }
            Action::Scroll { direction, .. } => self.scroll(*direction),
            Action::Tap { id } => self.at(*id).is_some_and(|number| self.press(number)),
            Action::Type { id: Some(id), text, .. } => self.at(*id).is_some_and(|number| self.write(number, text)),
            Action::Type { id: None, .. }
            | Action::DoubleTap { .. }
            | Action::LongPress { .. }
            | Action::Swipe { .. }
            | Action::Enter
            | Action::Wait
            | Action::Answer { .. }
            | Action::Done { .. } => false,
        }
    }

    fn open_app(&mut self, name: &str) -> bool {
        let first = (0..self.pages.len()).find(|&page| self.app_of(page) == name);
        let Some(first) = first.filter(|_| self.app_in_front() != Some(name)) else { return false };
        self.stack = vec![first];
        self.enter();
        true
    }

    fn scroll(&mut self, direction: Direction) -> bool {
        let Some(page) = self.top() else { return false };
        let (count, fits) = (self.present(page).len(), self.pages[page].fits);
        let last = count.saturating_sub(fits);
        let before = self.first.min(last);
        let step = fits.saturating_sub(2).max(1);
        self.first = match direction {
            Direction::Down => (before + step).min(last),
            Direction::Up => before.saturating_sub(step),
            Direction::Left | Direction::Right => before,
        };
        self.first != before
    }

    fn write(&mut self, number: usize, text: &str) -> bool {
        let Some(page) = self.top() else { return false };
        let field = &mut self.pages[page].items[number];
        let changed = field.value != text;
        field.value = text.to_owned();
        self.keyboard_on = Some(number);
        changed
    }

    fn press(&mut self, number: usize) -> bool {
        let Some(page) = self.top() else { return false };
        match self.pages[page].items[number].press.clone() {
            Press::Nothing => return false,
            Press::Open(target) => self.open(target),
            Press::Tab(target) if target == page => return false,
            Press::Tab(target) => {
                self.stack.pop();
                self.stack.push(target);
                self.enter();
            }
            Press::Flip => {
                let item = &mut self.pages[page].items[number];
                item.checked = item.checked.map(|on| !on);
            }
            Press::Pick { group, closes } => {
                for (other, item) in self.pages[page].items.iter_mut().enumerate() {
                    if matches!(item.press, Press::Pick { group: own, .. } if own == group) {
                        item.checked = Some(other == number);
                    }
                }
                if closes {
                    let changes = self.pages[page].on_pick.clone();
                    self.leave(1);
                    self.apply(&changes);
                }
            }
            Press::Close { pages, changes } => {
                self.leave(pages);
                self.apply(&changes);
            }
            Press::Act(changes) => self.apply(&changes),
        }
        true
    }

    fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Hide((page, number)) => self.pages[*page].items[*number].hidden = true,
                Change::Show((page, number)) => self.pages[*page].items[*number].hidden = false,
                Change::Rename((page, number), label) => {
                    let item = &mut self.pages[*page].items[*number];
                    item.label.clone_from(label);
                    item.count = None;
                }
                Change::Add((page, number), by) => {
                    let item = &mut self.pages[*page].items[*number];
                    item.count = item.count.map(|count| (count + by).max(0));
                }
                Change::Adopt((page, number), from) => {
                    let chosen = self.pages[*from].items.iter().find_map(|one| match one.role {
                        Role::Field => Some(one.value.clone()),
                        _ if one.checked == Some(true) => Some(one.label.clone()),
                        _ => None,
                    });
                    self.pages[*page].items[*number].detail = chosen;
                }
                Change::Enter(page) => self.open(*page),
                Change::Toast(text) => self.toast = Some(text.clone()),
            }
        }
    }

    fn open(&mut self, page: PageId) {
        if self.top().is_some_and(|top| self.pages[top].surface == Surface::Menu) {
            self.stack.pop();
        }
        self.stack.push(page);
        self.enter();
    }

    fn enter(&mut self) {
        self.first = 0;
        self.keyboard_on = None;
        if let Some(notice) = self.top().and_then(|top| self.pages[top].notice.take()) {
            self.stack.push(notice);
        }
    }

    fn leave(&mut self, pages: usize) {
        self.stack.truncate(self.stack.len().saturating_sub(pages));
        self.first = 0;
        self.keyboard_on = None;
    }
}

fn element(number: usize, item: &Item, focused: bool) -> Element {
    let acts = !matches!(item.role, Role::Text | Role::List | Role::Image);
    Element {
        id: ElementId(number as u32 + 1),
        role: item.role,
        label: item.shown_label(),
        value: (item.role == Role::Field && !item.value.is_empty()).then(|| item.value.clone()),
        state: ElementState {
            checked: item.checked,
            clickable: acts,
            scrollable: item.role == Role::List,
            editable: item.role == Role::Field,
            focused,
            selected: item.selected,
            ..ElementState::default()
        },
        bounds: Bounds::default(),
        resource_id: String::new(),
    }
}
