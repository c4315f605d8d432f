//! What a screen will probably become.

use std::collections::VecDeque;

use deftly_tools::{Action, Observation};

/// Steps that are remembered.
const STEPS: usize = 64;

/// Steps that were seen: what an action on a screen led to. The same action on the same screen usually leads there again.
#[derive(Debug, Default)]
pub(crate) struct ExpectedScreens {
    /// The oldest first.
    steps: VecDeque<(Observation, Action, Observation)>,
}

impl ExpectedScreens {
    pub(crate) fn learn(&mut self, before: &Observation, action: &Action, after: &Observation) {
        self.steps.retain(|(screen, acted, _)| (screen, acted) != (before, action));
        self.steps.push_back((before.clone(), action.clone(), after.clone()));
        if self.steps.len() > STEPS {
            self.steps.pop_front();
        }
    }

    pub(crate) fn after(&self, before: &Observation, action: &Action) -> Option<&Observation> {
        let same = |(screen, acted, _): &&(_, _, _)| (screen, acted) == (before, action);
        self.steps.iter().rev().find(same).map(|(_, _, after)| after)
    }
}

#[cfg(test)]
mod tests {
    use deftly_tools::{App, Screen};

    use super::*;

    #[test]
    fn the_newest_outcome_of_a_step_is_expected_again() {
        let screen = |name: &str| Observation {
            screen: Screen { elements: Vec::new() },
            app: App { name: name.into(), package: name.into() },
            keyboard: false,
        };
        let mut expected = ExpectedScreens::default();
        expected.learn(&screen("a"), &Action::Back, &screen("b"));
        expected.learn(&screen("a"), &Action::Home, &screen("c"));
        expected.learn(&screen("a"), &Action::Back, &screen("d"));
        assert_eq!(expected.after(&screen("a"), &Action::Back), Some(&screen("d")));
        assert_eq!(expected.after(&screen("a"), &Action::Home), Some(&screen("c")));
        assert_eq!(expected.after(&screen("b"), &Action::Back), None);
        (0..STEPS).for_each(|number| expected.learn(&screen(&number.to_string()), &Action::Back, &screen("e")));
        assert_eq!(expected.after(&screen("a"), &Action::Home), None, "the oldest are forgotten");
    }
}
