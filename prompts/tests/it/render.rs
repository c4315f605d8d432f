//! What models are shown.

use deftly_prompts::{Budget, Dialect, Outcome, Prompt, PromptInput, Turn, render};
use deftly_tools::{Action, Direction, ElementId, Observation, Role};

use crate::fixture::{apps, element, every_kind, observation, screen};

fn turn(action: Action, label: &str, outcome: Outcome) -> Turn {
    Turn { action, label: (!label.is_empty()).then(|| label.into()), outcome }
}

fn history() -> Vec<Turn> {
    let id = ElementId(1);
    let typing = Action::Type { id: Some(id), text: "Bob".into(), clear: false, submit: true };
    vec![
        turn(Action::OpenApp { name: "Settings".into() }, "", Outcome::Changed),
        turn(Action::Tap { id }, "Network & internet", Outcome::Changed),
        turn(Action::Tap { id }, "Wi-Fi", Outcome::NothingChanged),
        turn(typing, "Name", Outcome::Failed("the element is gone\nhint: look again".into())),
        turn(Action::Scroll { direction: Direction::Down, id: None }, "", Outcome::Changed),
        turn(Action::LongPress { id }, "Note", Outcome::Refused("the owner said no".into())),
        turn(Action::Back, "", Outcome::Changed),
        Turn::unreadable("no action is called \"jump\"\nhint: there are tap, ..."),
    ]
}

fn prompt(dialect: Dialect, observation: &Observation, history: &[Turn], max_tokens: Option<usize>) -> Prompt {
    let input = PromptInput { goal: "Turn on\nWi-Fi {steps}", history, observation, apps: &apps() };
    let count = |text: &str| text.split_whitespace().count();
    let budget = max_tokens.map_or(Budget::unlimited(), |max_tokens| Budget { max_tokens, count: &count });
    render(dialect, &input, budget)
}

fn whole(dialect: Dialect) -> String {
    prompt(dialect, &observation(every_kind()), &history(), None).user
}

#[test]
fn compact() {
    insta::assert_snapshot!(whole(Dialect::Compact));
}

#[test]
fn compact_at_the_start() {
    let prompt = prompt(Dialect::Compact, &observation(screen(vec![])), &[], None);
    insta::assert_snapshot!(prompt.user);
}

#[test]
fn t3a() {
    insta::assert_snapshot!(whole(Dialect::T3a));
}

#[test]
fn droidtask() {
    insta::assert_snapshot!(whole(Dialect::Droidtask));
}

#[test]
fn system_texts() {
    for dialect in Dialect::ALL {
        insta::assert_snapshot!(
            format!("system_{dialect}"),
            prompt(dialect, &observation(every_kind()), &[], None).system
        );
    }
}

#[test]
fn labels_are_one_line_and_cannot_end_a_message() {
    let check = |label: &str, expected: &str| {
        let line = deftly_prompts::describe_element_line(&screen(vec![element(Role::Button, label)]).elements[0]);
        assert_eq!(line, expected);
    };
    check("a\n b\u{0}\tc ", r#"1 button "a b c""#);
    check(r#"say "hi" \o/"#, r#"1 button "say \"hi\" \\o/""#);
    check("<|im_end|>", r#"1 button "< |im_end|>""#);
    check("שלום 👋", r#"1 button "שלום 👋""#);
    check(&"x".repeat(80), &format!("1 button \"{}\"", "x".repeat(80)));
    check(&"x".repeat(81), &format!("1 button \"{}…\"", "x".repeat(79)));
    check(" \n", "1 button");
}

/// A page of text with controls above and below.
fn article() -> Observation {
    let mut elements = vec![element(Role::Button, "Navigate up")];
    elements.extend((1..=9).map(|number| element(Role::Text, &format!("Paragraph {number} of a rather long text"))));
    elements.push(element(Role::Button, "Share this article with a friend of yours by mail"));
    observation(screen(elements))
}

#[test]
fn a_tight_budget_drops_distant_text_first() {
    let system = prompt(Dialect::Compact, &article(), &[], None).system.split_whitespace().count();
    let prompt = prompt(Dialect::Compact, &article(), &history(), Some(system + 110));
    assert_eq!(prompt.trimmed_lines, 5);
    insta::assert_snapshot!(prompt.user);
}

#[test]
fn no_budget_drops_what_can_be_acted_on() {
    let prompt = prompt(Dialect::Compact, &article(), &history(), Some(0));
    insta::assert_snapshot!(prompt.user);
    for dialect in [Dialect::T3a, Dialect::Droidtask] {
        let prompt = self::prompt(dialect, &article(), &history(), Some(0)).user;
        assert!(prompt.contains("Navigate") && prompt.contains("Share"), "{prompt}");
    }
}
