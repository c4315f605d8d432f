//! How a task can be solved, short to write and good from any situation.
//!
//! A [`Plan`] is a list of stages. A stage belongs to one app, holds until its condition is true, and lists moves in the
//! order in which a person would make them. A move names a widget by its key, never by its label, so that a plan works
//! on every phone.
//!
//! ```text
//! Plan::in_app("settings")            // stage 1: in Settings ...
//!     .tap("network")                 //   a way: leads to the next page
//!     .set("wifi", true)              //   a wish: the switch should be on
//!     .until(|phone| ...)             // ... until this holds
//!     .open("contacts")               // stage 2: in Contacts ...
//!     .tap("add")
//!     .type_into("name", "Bob")
//!     .tap("save")                    // ... until the task's own success check holds
//! ```
//!
//! A plan is not a script: there is no position in it that a wrong step could spoil. Each time, the oracle looks anew:
//!
//! 1. The first stage whose condition does not hold is the current one; if there is none, the plan's ending is due.
//!    A stage without [`Plan::until`] holds when the plan's last stage does, that is, when the task is solved, if it is
//!    the last one; otherwise once its last move was made.
//! 2. The app in front is another: open the stage's app. A dialog of the system is in front: dismiss it, unless the
//!    stage has a move on it.
//! 3. Of the moves whose widget is on this page, scrolled off or not: the first **wish** that is not fulfilled (`set`,
//!    `type_into`, `tap_unless`, `swipe_unless`, `see`, `remember`), else the last **way** (`tap`, `long_press`). So a
//!    form is filled before `save` is pressed, and a wrong turn is continued from where it led, if the way goes on from
//!    there.
//! 4. The widget is scrolled off: scroll towards it. The keyboard covers it: go back, which closes the keyboard.
//! 5. No move is on this page: go back.
//!
//! What this needs from a plan: keys on the way must not mean something else on another page of the same app; where they
//! do, [`Plan::when`] restricts a move.

use std::sync::Arc;

use deftly_sim::SimPhone;
use deftly_tools::Direction;

use super::task::Check;

/// A solution; see the module.
#[derive(Clone)]
pub struct Plan {
    pub(crate) stages: Vec<Stage>,
    pub(crate) finish: Finish,
}

/// How the oracle ends the episode once every stage is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Finish {
    Done,
    Infeasible,
    Answer(String),
}

/// Part of a plan that stays in one app.
#[derive(Clone)]
pub(crate) struct Stage {
    /// The app's short name.
    pub app: &'static str,
    pub moves: Vec<Move>,
    pub until: Option<Check>,
}

/// Something to do to one widget.
#[derive(Clone)]
pub(crate) struct Move {
    pub key: Key,
    pub what: MoveKind,
    /// The move counts only while this holds.
    pub when: Option<Check>,
}

#[derive(Clone)]
pub(crate) enum MoveKind {
    /// A way: press it to get on.
    Tap,
    /// A way: hold it to get on.
    LongPress,
    /// A wish: it should be checked, or not.
    Set(bool),
    /// A wish: the field should hold this text. With `submit`, enter is pressed after typing.
    Type { text: String, submit: bool },
    /// A wish: press it until the check holds.
    TapUnless(Check),
    /// A wish: move a finger across it until the check holds.
    SwipeUnless(Direction, Check),
    /// A wish: it should be in view when the stage is over.
    See,
    /// A wish: it should have been pressed in this episode, so that its label stands in the history.
    Remember,
}

/// Looks a key up in the state of the phone.
pub type FindKey = Arc<dyn Fn(&SimPhone) -> Option<String> + Send + Sync>;

/// The key of a widget: known beforehand, or found when it is needed (a contact that the plan itself creates).
#[derive(Clone)]
pub enum Key {
    Fixed(String),
    Found(FindKey),
}

impl Key {
    /// A key that depends on the state of the phone; `None` while there is no such widget.
    pub fn found(find: impl Fn(&SimPhone) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::Found(Arc::new(find))
    }

    /// A key that counts only on the page with this key: the `save` of one form and not of another.
    pub fn on(page: impl Into<String>, key: impl Into<String>) -> Self {
        let (page, key) = (page.into(), key.into());
        Self::found(move |phone| (phone.place().0 == page).then(|| key.clone()))
    }

    pub(crate) fn resolve(&self, phone: &SimPhone) -> Option<String> {
        match self {
            Self::Fixed(key) => Some(key.clone()),
            Self::Found(find) => find(phone),
        }
    }
}

impl From<&str> for Key {
    fn from(key: &str) -> Self {
        Self::Fixed(key.to_string())
    }
}

impl From<String> for Key {
    fn from(key: String) -> Self {
        Self::Fixed(key)
    }
}

impl Plan {
    /// Begins in an app, named by its short name: `settings`.
    pub fn in_app(app: &'static str) -> Self {
        Self { stages: vec![Stage { app, moves: Vec::new(), until: None }], finish: Finish::Done }
    }

    /// Begins the next stage, in another app or in the same.
    pub fn open(mut self, app: &'static str) -> Self {
        self.stages.push(Stage { app, moves: Vec::new(), until: None });
        self
    }

    /// A way: press the widget.
    pub fn tap(self, key: impl Into<Key>) -> Self {
        self.push(key, MoveKind::Tap)
    }

    /// A way: hold the widget.
    pub fn long_press(self, key: impl Into<Key>) -> Self {
        self.push(key, MoveKind::LongPress)
    }

    /// A wish: the switch, check box or radio button should be on, or off.
    pub fn set(self, key: impl Into<Key>, on: bool) -> Self {
        self.push(key, MoveKind::Set(on))
    }

    /// A wish: the field should hold this text and nothing else.
    pub fn type_into(self, key: impl Into<Key>, text: impl Into<String>) -> Self {
        self.push(key, MoveKind::Type { text: text.into(), submit: false })
    }

    /// A wish like [`Plan::type_into`], with the keyboard's enter key pressed after typing (a search).
    pub fn submit_into(self, key: impl Into<Key>, text: impl Into<String>) -> Self {
        self.push(key, MoveKind::Type { text: text.into(), submit: true })
    }

    /// A wish: press the widget again and again until `reached` holds (a stepper's plus, the next month).
    pub fn tap_unless(self, key: impl Into<Key>, reached: impl Fn(&SimPhone) -> bool + Send + Sync + 'static) -> Self {
        self.push(key, MoveKind::TapUnless(Arc::new(reached)))
    }

    /// A wish: move a finger across the widget until `reached` holds (a slider to the right).
    pub fn swipe_unless(
        self,
        key: impl Into<Key>,
        direction: Direction,
        reached: impl Fn(&SimPhone) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.push(key, MoveKind::SwipeUnless(direction, Arc::new(reached)))
    }

    /// A wish: the widget should be in view. Usually the last move before an answer. A stage that ends with it and has
    /// no [`Plan::until`] lasts until the widget is in view, and again whenever it is not.
    pub fn see(self, key: impl Into<Key>) -> Self {
        self.push(key, MoveKind::See)
    }

    /// A wish: the widget should have been pressed in this episode. The labels of what was pressed stay in the prompt's
    /// history, which is the only memory that an agent has when it moves on to another app.
    pub fn remember(self, key: impl Into<Key>) -> Self {
        self.push(key, MoveKind::Remember)
    }

    /// Restricts the move before it to when `allowed` holds.
    pub fn when(mut self, allowed: impl Fn(&SimPhone) -> bool + Send + Sync + 'static) -> Self {
        if let Some(last) = self.stages.last_mut().and_then(|stage| stage.moves.last_mut()) {
            last.when = Some(Arc::new(allowed));
        }
        self
    }

    /// Ends the stage when `reached` holds.
    pub fn until(mut self, reached: impl Fn(&SimPhone) -> bool + Send + Sync + 'static) -> Self {
        if let Some(stage) = self.stages.last_mut() {
            stage.until = Some(Arc::new(reached));
        }
        self
    }

    pub(crate) fn answer(mut self, text: String) -> Self {
        self.finish = Finish::Answer(text);
        self
    }

    pub(crate) fn infeasible(mut self) -> Self {
        self.finish = Finish::Infeasible;
        self
    }

    fn push(mut self, key: impl Into<Key>, what: MoveKind) -> Self {
        if let Some(stage) = self.stages.last_mut() {
            stage.moves.push(Move { key: key.into(), what, when: None });
        }
        self
    }
}
