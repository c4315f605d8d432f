//! What is to be done in a drawn app, and the way to it from wherever it is.

use std::collections::{HashMap, VecDeque};

use deftly_tools::{Action, Role, Status};

use super::machine::{Item, Machine, Page, PageId, Press, Spot, Surface};

/// One thing to be done, in its turn.
#[derive(Debug, Clone)]
pub(super) enum Wish {
    Press(Spot),
    /// The switch, box or radio button should be so.
    Set(Spot, bool),
    Type(Spot, String),
    /// The number should be so; buttons of the page, by their numbers there, move it by so much.
    Count {
        text: Spot,
        to: i64,
        steps: Vec<(usize, i64)>,
    },
    /// The page should be in view.
    See(PageId),
    /// The item should be in view.
    Find(Spot),
}

impl Wish {
    fn page(&self) -> PageId {
        match self {
            Self::Press((page, _)) | Self::Set((page, _), _) | Self::Type((page, _), _) | Self::Find((page, _)) => {
                *page
            }
            Self::Count { text: (page, _), .. } => *page,
            Self::See(page) => *page,
        }
    }
}

/// How it ends when every wish is fulfilled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finish {
    Complete,
    Infeasible,
    Answer(String),
}

/// The wishes and how many of them are fulfilled.
pub(super) struct Guide {
    pub wishes: Vec<Wish>,
    pub finish: Finish,
    done: usize,
}

impl Guide {
    pub fn new(wishes: Vec<Wish>, finish: Finish) -> Self {
        Self { wishes, finish, done: 0 }
    }

    /// The next action, and whether it fulfils the current wish.
    pub fn next(&mut self, machine: &Machine) -> (Action, bool) {
        while self.wishes.get(self.done).is_some_and(|wish| holds(wish, machine)) {
            self.done += 1;
        }
        let Some(wish) = self.wishes.get(self.done) else { return (self.end(), false) };
        let app = machine.app_of(wish.page());
        let Some(top) = machine.top().filter(|_| machine.app_in_front() == Some(app)) else {
            return (Action::OpenApp { name: app.to_owned() }, false);
        };
        if top == wish.page() {
            let number = match wish {
                Wish::Press((_, number)) | Wish::Set((_, number), _) | Wish::Type((_, number), _) => *number,
                Wish::Find((_, number)) => *number,
                Wish::Count { text, to, steps } => match next_step(machine, *text, *to, steps) {
                    Some(number) => number,
                    None => return (Action::Wait, false),
                },
                // Fulfilled when the page is in view, so this is never reached.
                Wish::See(_) => return (Action::Wait, false),
            };
            let act = |id| match wish {
                Wish::Press(_) | Wish::Set(..) | Wish::Count { .. } | Wish::Find(_) | Wish::See(_) => {
                    Action::Tap { id }
                }
                Wish::Type(spot, text) => {
                    let clear = machine.item(*spot).is_some_and(|field| !field.value.is_empty());
                    Action::Type { id: Some(id), text: text.clone(), clear, submit: false }
                }
            };
            return match machine.look_for(number) {
                Some(Ok(id)) => (act(id), !matches!(wish, Wish::Count { .. })),
                Some(Err(direction)) => (Action::Scroll { direction, id: None }, false),
                None => (Action::Back, false),
            };
        }
        (towards(machine, top, wish.page()), false)
    }

    /// Call when the proposed action that fulfils the wish was performed.
    pub fn fulfilled(&mut self) {
        self.done += 1;
    }

    fn end(&self) -> Action {
        match &self.finish {
            Finish::Complete => Action::Done { status: Status::Complete, reason: None },
            Finish::Infeasible => Action::Done { status: Status::Infeasible, reason: None },
            Finish::Answer(text) => Action::Answer { text: text.clone() },
        }
    }
}

fn holds(wish: &Wish, machine: &Machine) -> bool {
    let here = machine.top() == Some(wish.page());
    match wish {
        Wish::Press(_) => false,
        Wish::Set(spot, on) => here && machine.item(*spot).is_some_and(|item| item.checked == Some(*on)),
        Wish::Count { text, to, .. } => here && machine.item(*text).is_some_and(|item| item.count == Some(*to)),
        Wish::Type(spot, text) => here && machine.item(*spot).is_some_and(|item| item.value == *text),
        Wish::See(_) => here,
        Wish::Find((_, number)) => here && matches!(machine.look_for(*number), Some(Ok(_))),
    }
}

/// The button that brings a number nearest to where it should be without going too far.
fn next_step(machine: &Machine, text: Spot, to: i64, steps: &[(usize, i64)]) -> Option<usize> {
    let missing = to - machine.item(text)?.count?;
    let fits = |by: i64| by.signum() == missing.signum() && by.abs() <= missing.abs();
    let nearest = steps.iter().filter(|(_, by)| fits(*by)).max_by_key(|(_, by)| by.abs())?;
    Some(nearest.0)
}

/// One step from the visible page to another: along presses that open pages, else back.
fn towards(machine: &Machine, top: PageId, wanted: PageId) -> Action {
    let Some(number) = first_press(machine, top, wanted).or_else(|| answer_to_notice(machine, top)) else {
        return Action::Back;
    };
    match machine.look_for(number) {
        Some(Ok(id)) => Action::Tap { id },
        Some(Err(direction)) => Action::Scroll { direction, id: None },
        None => Action::Back,
    }
}

/// The button that sends a notice away: a dialog of nothing but text and buttons that change nothing.
fn answer_to_notice(machine: &Machine, page: PageId) -> Option<usize> {
    let Page { surface, items, .. } = &machine.pages[page];
    let is_plain = |one: &Item| one.role == Role::Text || closes(one);
    (*surface == Surface::Dialog && items.iter().all(is_plain)).then(|| items.iter().position(closes)).flatten()
}

fn closes(item: &Item) -> bool {
    matches!(&item.press, Press::Close { changes, .. } if changes.is_empty())
}

/// The press on `from` that begins the shortest way to `to`.
fn first_press(machine: &Machine, from: PageId, to: PageId) -> Option<usize> {
    let mut first: HashMap<PageId, usize> = HashMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(page) = queue.pop_front() {
        for (number, item) in machine.pages[page].items.iter().enumerate().filter(|(_, item)| !item.hidden) {
            let (Press::Open(target) | Press::Tab(target)) = item.press else { continue };
            if target == from || first.contains_key(&target) {
                continue;
            }
            let way = if page == from { number } else { first[&page] };
            first.insert(target, way);
            if target == to {
                return Some(way);
            }
            queue.push_back(target);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::machine::Change;

    #[test]
    fn a_number_is_moved_in_the_fewest_presses_and_back_from_too_far() {
        let button = |by| Item::new(Role::Button, format!("{by}"), Press::Act(vec![Change::Add((0, 0), by)]));
        let steps: Vec<(usize, i64)> = [-5, -1, 1, 5].into_iter().zip(1..).map(|(by, number)| (number, by)).collect();
        for (from, to, presses) in [(7, 20, 5), (25, 3, 6), (4, 5, 1), (8, 8, 0)] {
            let items = [Item::text("min").count(from)].into_iter().chain(steps.iter().map(|(_, by)| button(*by)));
            let items = items.collect();
            let page = Page { app: None, surface: Surface::Page, items, notice: None, on_pick: vec![], fits: 60 };
            let mut machine = Machine::new("Oven".to_owned(), vec![], vec![], vec![page], false);
            machine.perform(&Action::OpenApp { name: "Oven".to_owned() });
            let wish = Wish::Count { text: (0, 0), to, steps: steps.clone() };
            let mut guide = Guide::new(vec![wish], Finish::Complete);
            let mut pressed = 0;
            loop {
                let (action, fulfils) = guide.next(&machine);
                if action.is_final() {
                    break;
                }
                assert!(!fulfils && machine.perform(&action));
                pressed += 1;
            }
            assert_eq!(pressed, presses, "from {from} to {to}");
            assert!(holds(&guide.wishes[0], &machine));
        }
    }
}
