//! Follows a [`Plan`] from whatever situation the phone is in. [`super::plan`] explains the rules.

use std::collections::HashSet;

use async_trait::async_trait;
use deftly_agent::{AgentError, Decider, Decision, StepContext};
use deftly_prompts::{Outcome, Turn};
use deftly_sim::SimPhone;
use deftly_tools::{Action, Role, Screen, Status};
use tokio_util::sync::CancellationToken;

use super::phone::{PhoneState, Place, Scene, Widget, app_matches};
use super::plan::{Finish, Move, MoveKind, Plan, Stage};
use super::task::{Check, Success, Task};
use crate::policy::decision;

/// Chooses the actions of a task's own solution. It looks at the phone's state, which no agent can.
pub struct Oracle {
    phone: PhoneState,
    plan: Plan,
    /// For tasks that ask for a state: once it is reached, nothing else matters.
    goal: Option<Check>,
    /// Moves that cannot be read off the phone, by stage and place in it: pressed, or seen.
    made: HashSet<(usize, usize)>,
    /// What was chosen last and for which move, to find out from the history whether it was performed.
    proposed: Option<(Action, (usize, usize))>,
}

impl Oracle {
    pub fn new(phone: PhoneState, task: &Task) -> Self {
        let goal = match &task.success {
            Success::Reached(check) => Some(check.clone()),
            Success::Answered(_) | Success::Refused(_) => None,
        };
        Self { phone, plan: task.plan.clone(), goal, made: HashSet::new(), proposed: None }
    }

    /// The next action. Ask before every step, also if something else is done then: what was seen is remembered.
    pub async fn next(&mut self, step: &StepContext<'_>) -> Action {
        // A second owner, so that the look does not borrow the oracle.
        let phone = self.phone.clone();
        phone.look(|phone| self.choose(phone, step)).await
    }

    fn choose(&mut self, phone: &SimPhone, step: &StepContext<'_>) -> Action {
        let frame = phone.frame();
        let scene = Scene { phone, frame: &frame, screen: &step.observation.screen };
        self.note_performed(step.history);
        if self.goal.as_ref().is_some_and(|reached| reached(phone)) {
            return self.finish();
        }
        let Some(index) = self.current_stage(scene, step) else { return self.finish() };
        let stage = self.plan.stages[index].clone();
        let action = self.advance(scene, index, &stage, step);
        unless_stuck(action, step.history, scene.screen)
    }

    /// Marks the move of the last proposal if that is what was done.
    fn note_performed(&mut self, history: &[Turn]) {
        if let (Some((action, place)), Some(turn)) = (self.proposed.take(), history.last()) {
            let performed = matches!(turn.outcome, Outcome::Changed | Outcome::NothingChanged);
            if performed && turn.action == action {
                self.made.insert(place);
            }
        }
    }

    /// The first stage that is not over.
    fn current_stage(&mut self, scene: Scene<'_>, step: &StepContext<'_>) -> Option<usize> {
        (0..self.plan.stages.len()).find(|&index| !self.is_over(scene, index, step))
    }

    fn is_over(&mut self, scene: Scene<'_>, index: usize, step: &StepContext<'_>) -> bool {
        let stage = &self.plan.stages[index];
        if let Some(until) = &stage.until {
            return until(scene.phone);
        }
        let is_last = index + 1 == self.plan.stages.len();
        if is_last && self.goal.is_some() {
            // The goal was looked at before.
            return false;
        }
        let Some(place) = stage.moves.len().checked_sub(1).map(|last| (index, last)) else {
            // A stage without moves is there to open its app.
            return app_matches(&step.observation.app, stage.app);
        };
        let last = &stage.moves[place.1];
        let counts = last.when.as_ref().is_none_or(|allowed| allowed(scene.phone));
        let holds =
            counts && find(last, scene, stage.app).is_some_and(|widget| wish_holds(&last.what, &widget, scene.phone));
        match last.what {
            // What the last stage shows must be in view when the answer is given; earlier stages only have to have seen.
            MoveKind::See if is_last => holds,
            MoveKind::See
            | MoveKind::Set(_)
            | MoveKind::Type { .. }
            | MoveKind::TapUnless(_)
            | MoveKind::SwipeUnless(..) => {
                if holds {
                    self.made.insert(place);
                }
                self.made.contains(&place)
            }
            MoveKind::Tap | MoveKind::LongPress | MoveKind::Remember => self.made.contains(&place),
        }
    }

    fn finish(&self) -> Action {
        match &self.plan.finish {
            Finish::Done => Action::Done { status: Status::Complete, reason: None },
            Finish::Infeasible => Action::Done { status: Status::Infeasible, reason: None },
            Finish::Answer(text) => Action::Answer { text: text.clone() },
        }
    }

    /// The next action of a stage.
    fn advance(&mut self, scene: Scene<'_>, index: usize, stage: &Stage, step: &StepContext<'_>) -> Action {
        match self.choose_move(scene, index, stage) {
            Some((number, widget)) => {
                let chosen = &stage.moves[number];
                let action = towards(chosen, &widget, scene.screen);
                self.proposed = Some((action.clone(), (index, number)));
                action
            }
            None if app_matches(&step.observation.app, stage.app) => Action::Back,
            None => open_app(stage.app, step),
        }
    }

    /// The move to make here: the first wish that is open, else the last way.
    fn choose_move(&self, scene: Scene<'_>, index: usize, stage: &Stage) -> Option<(usize, Widget)> {
        let mut way = None;
        for (number, one) in stage.moves.iter().enumerate() {
            if one.when.as_ref().is_some_and(|allowed| !allowed(scene.phone)) {
                continue;
            }
            let Some(widget) = find(one, scene, stage.app) else { continue };
            match one.what {
                MoveKind::Tap | MoveKind::LongPress => way = Some((number, widget)),
                MoveKind::Remember if self.made.contains(&(index, number)) => {}
                MoveKind::Remember
                | MoveKind::Set(_)
                | MoveKind::Type { .. }
                | MoveKind::TapUnless(_)
                | MoveKind::SwipeUnless(..)
                | MoveKind::See => {
                    if !wish_holds(&one.what, &widget, scene.phone) {
                        return Some((number, widget));
                    }
                }
            }
        }
        way
    }
}

fn find(one: &Move, scene: Scene<'_>, app: &str) -> Option<Widget> {
    scene.find(app, &one.key.resolve(scene.phone)?)
}

/// Whether nothing is left to do for this wish; ways and `remember` are never done by looking at the widget.
fn wish_holds(what: &MoveKind, widget: &Widget, phone: &SimPhone) -> bool {
    match what {
        MoveKind::Set(on) => widget.checked == Some(*on),
        MoveKind::Type { text, .. } => widget.value.as_deref().is_some_and(|value| holds_text(value, text)),
        MoveKind::TapUnless(reached) | MoveKind::SwipeUnless(_, reached) => reached(phone),
        MoveKind::See => matches!(widget.place, Place::Visible(_)),
        MoveKind::Remember | MoveKind::Tap | MoveKind::LongPress => false,
    }
}

/// Whether a field shows this text, or dots for it.
fn holds_text(value: &str, text: &str) -> bool {
    let is_hidden = !value.is_empty() && value.chars().all(|letter| letter == '•');
    value == text || (is_hidden && value.chars().count() == text.chars().count())
}

/// The move itself if the widget is in view, else what brings it into view.
fn towards(one: &Move, widget: &Widget, screen: &Screen) -> Action {
    let id = match widget.place {
        Place::Visible(id) => id,
        Place::Covered => return Action::Back,
        Place::Beyond(direction) => return Action::Scroll { direction, id: None },
    };
    match &one.what {
        MoveKind::Tap | MoveKind::Set(_) | MoveKind::TapUnless(_) | MoveKind::Remember => Action::Tap { id },
        MoveKind::LongPress => Action::LongPress { id },
        MoveKind::SwipeUnless(direction, _) => Action::Swipe { direction: *direction, id: Some(id) },
        MoveKind::Type { text, submit } => {
            let holds_text =
                screen.get(id).and_then(|field| field.value.as_ref()).is_some_and(|value| !value.is_empty());
            Action::Type { id: Some(id), text: text.clone(), clear: holds_text, submit: *submit }
        }
        // A wish to see a widget in view is fulfilled, so this is never asked for.
        MoveKind::See => Action::Wait,
    }
}

/// By the name on this phone's launcher; an app that the phone does not have is looked for from the home screen.
fn open_app(app: &str, step: &StepContext<'_>) -> Action {
    let found = step.apps.iter().find(|one| app_matches(one, app));
    found.map_or(Action::Home, |one| Action::OpenApp { name: one.name.clone() })
}

/// Something else if this very action has just done nothing: go back, and where that does nothing (a dialog that wants to
/// be answered) press the first button.
fn unless_stuck(action: Action, history: &[Turn], screen: &Screen) -> Action {
    let did_nothing = |turn: &Turn| match &turn.outcome {
        Outcome::Changed => false,
        Outcome::NothingChanged | Outcome::Failed(_) | Outcome::Refused(_) | Outcome::Unreadable(_) => true,
    };
    match history.last() {
        Some(turn) if turn.action == action && did_nothing(turn) => {
            let button = screen.elements.iter().find(|one| one.role == Role::Button && one.is_actionable());
            match (action, button) {
                (Action::Back, Some(button)) => Action::Tap { id: button.id },
                (Action::Back, None) => Action::Home,
                (_, _) => Action::Back,
            }
        }
        Some(_) | None => action,
    }
}

#[async_trait]
impl Decider for Oracle {
    async fn decide(&mut self, step: &StepContext<'_>, _cancel: &CancellationToken) -> Result<Decision, AgentError> {
        let action = self.next(step).await;
        Ok(decision(action, step))
    }
}
