//! Synthetic apps: training data from apps that do not exist.
//!
//! The simulated phone has eight apps; real phones have many more. A seed draws an app from patterns that real ones share
//! (lists, things with switches, tools that run or count, settings in sections or behind rows, choice dialogs, forms with
//! times and days, menus behind "More options", search, tabs, sort dialogs, warnings), fills it with words, draws a request,
//! and follows the way that fulfils it, with wrong turns, sometimes on into a note or a message. Every step becomes a prompt
//! through the real prompt code, with the right reply. Nearly half of the apps are strange: names and things are made up, so
//! that on a home screen they are found by what the others are not for. Most home screens are those of a simulated phone, in
//! all that they show: a network takes any difference for the answer.
//!
//! 1. [`words`] and [`catalog`] are what apps are made of.
//! 2. [`draw`] makes pages of it, [`requests`] adds what somebody may want, [`machine`] runs the app.
//! 3. [`guide`] knows the next right action from wherever the app is.

mod catalog;
mod draw;
mod guide;
mod machine;
mod requests;
mod words;

use deftly_agent::{Decider, StepContext};
use deftly_prompts::{Budget, Dialect, Outcome, PromptInput, Turn, render, reply_text};
use deftly_sim::apps::clock::Clock;
use deftly_sim::{App as _, SimPhone, WEEKDAYS};
use deftly_tools::{Action, App, Direction, Role};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio_util::sync::CancellationToken;

use crate::policy::{SharedDecider, episode_seed};
use crate::trajectories::TrajectoryLine;
use crate::wording::{fill, reword};
use crate::{EvalError, TaskFilter};
use catalog::{DOMAINS, Names};
use draw::Draft;
use guide::{Finish, Guide};
use machine::{Change, Found, Item, Machine, Press, Surface};
use requests::{KINDS, Kind, Request, any_kind, search_field};
use words::{date, one, strange_tool, time_of_day, title, uncapitalised, value_for};

/// What the lines' tasks begin with; the request's kind follows.
pub(crate) const TASK: &str = "apps_";

/// Longer episodes go in circles: what is wanted is hidden by a search that came before.
const MAX_STEPS: usize = 30;

/// So many apps are drawn for one that can serve what is wanted of it.
const MAX_APPS: u64 = 100;

/// So many kinds are tried in an app before it is given up.
const MAX_KINDS: usize = 20;

/// What a request's lines call their task, for every kind of request.
pub(crate) fn task_names() -> impl Iterator<Item = String> {
    KINDS.iter().map(task_name)
}

fn task_name(kind: &Kind) -> String {
    format!("{TASK}{}", kind.name)
}

/// How an episode in a drawn app goes.
pub(crate) struct Course<'a> {
    /// The kinds of requests that are wanted.
    pub tasks: &'a TaskFilter,
    /// How often another action is performed instead of the right one, 0 to 1.
    pub wrong_step_rate: f64,
    /// Who chooses the wrong steps; without it they are random.
    pub learner: Option<SharedDecider>,
}

/// The lines of one episode in a drawn app; `None` if it comes to no end. The same seed and course give the same lines.
pub(crate) async fn synthetic_episode(
    seed: u64,
    course: &Course<'_>,
    cancel: &CancellationToken,
) -> Result<Option<Vec<TrajectoryLine>>, EvalError> {
    let Some(mut lesson) = (0..MAX_APPS).find_map(|number| {
        let mut rng = ChaCha8Rng::seed_from_u64(episode_seed("synthetic", seed));
        rng.set_stream(number);
        Lesson::draw(rng, course.tasks)
    }) else {
        return Ok(None);
    };
    let mut learner = course.learner.clone();
    let mut history = lesson.history.clone();
    let mut lines = Vec::new();
    while lines.len() < MAX_STEPS {
        let observation = lesson.machine.observe();
        let (right, fulfils) = lesson.guide.next(&lesson.machine);
        let input = PromptInput {
            goal: &lesson.goal,
            history: &history,
            observation: &observation,
            apps: &lesson.machine.apps,
        };
        let prompt = render(Dialect::Compact, &input, Budget::unlimited());
        let reply = reply_text(&right, &observation.screen);
        let step = lines.len();
        lines.push(TrajectoryLine {
            task: lesson.task.clone(),
            seed,
            step,
            system: prompt.system,
            user: prompt.user,
            reply,
        });
        if right.is_final() {
            return Ok(Some(lines));
        }
        let goes_wrong = lesson.rng.random_bool(course.wrong_step_rate);
        let action = match &mut learner {
            Some(learner) if goes_wrong => {
                let PromptInput { goal, history, observation, apps } = input;
                let tried = learner.decide(&StepContext { goal, history, observation, apps }, cancel).await?;
                tried.outcome.ok().filter(|action| is_harmless(&lesson.machine, action)).unwrap_or(right.clone())
            }
            None if goes_wrong => wrong_action(&lesson.machine, &mut lesson.rng),
            _ => right.clone(),
        };
        let label = action.target().and_then(|id| observation.screen.get(id)).map(|element| element.label.clone());
        let changed = lesson.machine.perform(&action);
        if fulfils && action == right {
            lesson.guide.fulfilled();
        }
        let outcome = if changed { Outcome::Changed } else { Outcome::NothingChanged };
        history.push(Turn { action, label, outcome });
    }
    Ok(None)
}

/// An app that nobody knows.
pub(crate) fn unknown_app(rng: &mut ChaCha8Rng) -> App {
    let thing = words::strange_thing(rng);
    app(words::strange_app(rng, &thing))
}

fn app(name: String) -> App {
    App { package: name.to_lowercase(), name }
}

/// A drawn app with a request.
struct Lesson {
    task: String,
    machine: Machine,
    guide: Guide,
    goal: String,
    history: Vec<Turn>,
    rng: ChaCha8Rng,
}

impl Lesson {
    /// `None` if the app that was drawn serves nothing that is wanted.
    fn draw(rng: ChaCha8Rng, tasks: &TaskFilter) -> Option<Self> {
        let mut d = Draft::new(rng);
        furnish(&mut d);
        let (kind, Request { template, wishes, finish }) = wanted(&mut d, tasks)?;
        d.close();
        shuffle_menus(&mut d);
        let name = d.app.clone();
        let from_home = d.chance(if d.strange { 0.8 } else { 0.45 });
        let home = Home::draw(&mut d);
        // The phone's own apps have things of most kinds, so that beside them only a strange thing tells its app.
        let names_thing = template.contains(&d.thing.0) && (d.strange || !home.of_the_phone);
        let names_tool = d.strange && d.tools.iter().any(|tool| template.contains(tool));
        let is_told = names_thing || names_tool;
        let needed = from_home && !(is_told && d.chance(0.75));
        let template = in_app(&mut d, template, &name, needed);
        let template = if d.chance(0.5) { reword(&template, &mut d.rng) } else { template };
        let param = |number: &str| d.params.get(number.parse::<usize>().ok()?).map(String::as_str);
        let goal = words::capitalised(&fill(&template, param));
        let shows_keyboard = d.chance(0.4);
        let mut machine = Machine::new(name.clone(), home.apps, home.texts, d.pages, shows_keyboard);
        let mut history = Vec::new();
        if !from_home {
            let action = Action::OpenApp { name };
            machine.perform(&action);
            history.push(Turn { action, label: None, outcome: Outcome::Changed });
        }
        Some(Self { task: task_name(kind), machine, guide: Guide::new(wishes, finish), goal, history, rng: d.rng })
    }
}

/// The main page: a title, things, tabs, and a way to the settings.
fn furnish(d: &mut Draft) {
    if d.chance(0.5) {
        let heading = d.things_word();
        d.push(0, Item::text(heading).rank(1));
    }
    let count = d.rng.random_range(2..=14);
    if d.chance(if d.names == Names::Times { 0.7 } else { 0.2 }) {
        d.switch_form = Some(d.one(&["{}", "{} {t}", "{t} {}", "{}"]).replace("{t}", &d.thing.0));
    }
    for _ in 0..count {
        let name = d.fresh_name();
        let page = d.page(Surface::Page, Some(&name));
        let mut item = Item::new(d.style.row, name.clone(), Press::Open(page));
        item.found = Found::Always;
        if d.names == Names::Times {
            let title = if d.chance(0.2) { String::new() } else { title(&mut d.rng) };
            let days = d.one(&["", "", "Once", "Weekdays", "Every day", "Mon Wed"]);
            let parts: Vec<&str> = [title.as_str(), days].into_iter().filter(|part| !part.is_empty()).collect();
            if !parts.is_empty() {
                item = item.detail(parts.join(", "));
            }
            d.titles.push(title);
        } else if d.chance(0.25) {
            let fact = d.one(d.domain.facts);
            item = item.detail(value_for(&mut d.rng, fact));
        }
        let spot = d.push(0, item);
        if let Some(label) = d.switch_label(&name) {
            let on = d.chance(0.5);
            let switch = d.push(0, Item::new(d.style.flip, label, Press::Flip).checked(on));
            d.switches.push(switch);
        }
        for fact in d.domain.facts {
            let value = value_for(&mut d.rng, fact);
            let fact = fact.split(" (").next().unwrap_or(fact);
            d.push(page, Item::text(format!("{fact}, {value}")));
        }
        d.things.push((name, spot));
    }
    if d.chance(0.5) {
        tabs(d);
    }
    settings_entry(d);
    // Most apps can be searched, whatever is wanted of them.
    if d.chance(0.45) {
        search_field(d);
    }
}

fn tabs(d: &mut Draft) {
    let labels: Vec<String> = if d.strange {
        let count = d.rng.random_range(2..=4);
        (0..count).map(|_| strange_tool(&mut d.rng)).collect()
    } else {
        d.domain.tabs.iter().map(|&label| label.to_owned()).collect()
    };
    let others: Vec<usize> = labels.iter().skip(1).map(|_| d.page(Surface::Page, None)).collect();
    let pages: Vec<usize> = [0].into_iter().chain(others).collect();
    for &page in &pages {
        for (label, &target) in labels.iter().zip(&pages) {
            d.push_tab(page, label, target);
        }
        if page != 0 {
            for _ in 0..d.rng.random_range(0..5) {
                let (name, row) = (d.name(), d.style.row);
                d.push(page, Item::new(row, name, Press::Nothing));
            }
        }
    }
}

fn settings_entry(d: &mut Draft) {
    let settings = d.settings_page();
    let label = d.one(&["Settings", "Settings", "Settings", "Preferences", "Options", "App settings"]);
    if d.chance(0.25) {
        d.button(0, label, Press::Open(settings));
        return;
    }
    let menu = d.page(Surface::Menu, None);
    let (more, row) = (d.style.more, d.style.row);
    d.button(0, more, Press::Open(menu));
    d.push(menu, Item::new(row, label, Press::Open(settings)));
    let mut others = vec![
        "About",
        "Help",
        "Feedback",
        "Refresh",
        "Select all",
        "Statistics",
        "Import",
        "Export all",
        "Invite",
        "Log out",
    ];
    others.shuffle(&mut d.rng);
    for other in others.into_iter().take(d.rng.random_range(0..6)) {
        let page = d.page(Surface::Page, Some(other));
        d.push(menu, Item::new(row, other, Press::Open(page)));
    }
}

/// The request, among others that only leave their buttons and menus behind.
fn wanted(d: &mut Draft, tasks: &TaskFilter) -> Option<(&'static Kind, Request)> {
    let others = d.rng.random_range(0..4);
    let at = d.rng.random_range(0..=others);
    let mut found = None;
    for number in 0..=others {
        if number == at {
            found = Some(main_request(d, tasks)?);
        } else if let Some(kind) = any_kind(&mut d.rng, &|_| true) {
            (kind.ask)(d);
        }
    }
    found
}

fn main_request(d: &mut Draft, tasks: &TaskFilter) -> Option<(&'static Kind, Request)> {
    let (kind, first) = some_request(d, &|kind| tasks.matches(&task_name(kind)))?;
    if first.finish != Finish::Complete || !d.chance(0.12) {
        return Some((kind, first));
    }
    let own = d.params.len();
    let second = some_request(d, &|_| true).filter(|(_, second)| second.finish != Finish::Infeasible);
    // What the first one names may be gone when the second's turn comes.
    let is_named = |name: &String| d.params[..own].iter().any(|other| bare(other) == bare(name));
    let Some((_, second)) = second.filter(|_| !d.params[own..].iter().any(is_named)) else {
        return Some((kind, first));
    };
    let form = d.one(&["{1} and {2}", "{1}, then {2}", "{1} and then {2}", "First {0}, then {2}", "{1}. Then {2}"]);
    let [a, b] = [first.template, second.template];
    let template = form.replace("{0}", "\u{1}").replace("{1}", "\u{2}").replace("{2}", &uncapitalised(&b));
    let template = template.replace('\u{1}', &uncapitalised(&a)).replace('\u{2}', &a);
    let wishes = first.wishes.into_iter().chain(second.wishes).collect();
    Some((kind, Request { template, wishes, finish: second.finish }))
}

/// A name without the quotes that a person may put around it.
fn bare(name: &str) -> String {
    name.trim_matches(['\'', '"']).to_lowercase()
}

/// A request of a kind that is wanted; `None` if this app seems to serve none.
fn some_request(d: &mut Draft, wanted: &dyn Fn(&Kind) -> bool) -> Option<(&'static Kind, Request)> {
    (0..MAX_KINDS).find_map(|_| {
        let kind = any_kind(&mut d.rng, wanted)?;
        (kind.ask)(d).map(|request| (kind, request))
    })
}

fn shuffle_menus(d: &mut Draft) {
    for page in d.pages.iter_mut().filter(|page| page.surface == Surface::Menu) {
        for item in page.items.iter_mut().filter(|item| item.rank == 50) {
            item.rank = d.rng.random_range(0..100);
        }
    }
}

/// Names the app, always if it has to be opened first.
fn in_app(d: &mut Draft, template: String, name: &str, needed: bool) -> String {
    if !needed && d.chance(0.6) {
        return template;
    }
    let app = d.param(name);
    let end = template.trim_end_matches('?');
    let form =
        d.one(&["{t} in {a}", "{t} in the {a} app", "{t} in {a}", "In {a}, {u}", "In the {a} app: {u}", "{a}: {u}"]);
    let mark = if end.len() < template.len() { "?" } else { "" };
    let text = form.replace("{a}", "\u{1}").replace("{u}", "\u{2}").replace("{t}", end);
    text.replace('\u{2}', &uncapitalised(end)).replace('\u{1}', &app) + mark
}

/// The home screen: the drawn app among others.
struct Home {
    apps: Vec<App>,
    /// What stands above the apps.
    texts: Vec<String>,
    /// Whether the others are those that come with a phone.
    of_the_phone: bool,
}

impl Home {
    fn draw(d: &mut Draft) -> Self {
        let other = d.pages.iter().find_map(|page| page.app.clone());
        let of_the_phone = other.is_some() || d.chance(if d.strange { 0.7 } else { 0.5 });
        let mut names = vec![d.app.clone()];
        let mut texts = if d.chance(0.7) { now(&mut d.rng) } else { Vec::new() };
        if of_the_phone {
            // As on that phone, or the way the day is written would tell whose app is meant.
            if d.chance(0.8) {
                let now = d.phone.now();
                texts = vec![now.time_of_day().to_string(), now.date().with_weekday()];
            }
            let left_out = if d.chance(0.7) { 0 } else { d.rng.random_range(1..3) };
            let mut own = phone_apps(&d.phone);
            own.shuffle(&mut d.rng);
            names.extend(own.into_iter().skip(left_out));
            names.extend(other);
        } else {
            for _ in 0..d.rng.random_range(3..10) {
                let domain = DOMAINS.choose(&mut d.rng).unwrap_or(&DOMAINS[0]);
                // Another app for the same things would leave open which is meant.
                if domain.thing.0 != d.thing.0 {
                    names.push(one(&mut d.rng, domain.apps).to_owned());
                }
            }
        }
        names.sort();
        names.dedup();
        names.shuffle(&mut d.rng);
        let apps = names.into_iter().map(app).collect();
        Self { apps, texts, of_the_phone }
    }
}

/// The time and the day as home screens may show them.
fn now(rng: &mut ChaCha8Rng) -> Vec<String> {
    let weekday = one(rng, &WEEKDAYS);
    vec![time_of_day(rng).0, format!("{weekday}, {}", date(rng))]
}

/// What the apps that come with a phone are called. Without the clock, so that it can be held out.
fn phone_apps(phone: &SimPhone) -> Vec<String> {
    let apps = phone.system().apps.iter().filter(|app| app.key != Clock::manifest().key);
    apps.map(|app| app.name.clone()).collect()
}

/// Whether pressing this changes nothing that somebody would have to put right.
fn is_harmless_press(item: &Item) -> bool {
    match &item.press {
        Press::Open(_) | Press::Tab(_) => true,
        Press::Nothing => matches!(item.role, Role::Row | Role::Button),
        Press::Close { changes, .. } => changes.is_empty(),
        // A number moved too far is moved back.
        Press::Act(changes) => !changes.is_empty() && changes.iter().all(|one| matches!(one, Change::Add(..))),
        Press::Flip | Press::Pick { .. } => false,
    }
}

/// Whether the action changes nothing that somebody would have to put right.
fn is_harmless(machine: &Machine, action: &Action) -> bool {
    match action {
        Action::Tap { id } => machine.item_at(*id).is_some_and(is_harmless_press),
        Action::Scroll { .. } | Action::Back | Action::Home => true,
        _ => false,
    }
}

/// A wrong turn: another page, a press on something that does nothing, back, a scroll.
fn wrong_action(machine: &Machine, rng: &mut ChaCha8Rng) -> Action {
    let Some(page) = machine.top() else {
        return Action::Scroll { direction: Direction::Down, id: None };
    };
    let view = machine.in_view(page);
    let harmless = view.into_iter().filter(|(_, item)| is_harmless_press(item));
    let presses: Vec<usize> = harmless.map(|(number, _)| number).collect();
    match (rng.random_range(0..10), presses.choose(rng)) {
        (0..8, Some(&number)) => match machine.look_for(number) {
            Some(Ok(id)) => Action::Tap { id },
            Some(Err(_)) | None => Action::Back,
        },
        (8, _) => Action::Scroll { direction: Direction::Down, id: None },
        (_, _) => Action::Back,
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use deftly_agent::{AgentError, Decision};
    use deftly_tools::Status;

    use super::*;
    use crate::policy::decision;

    /// The lines of the episode; none if it comes to no end.
    async fn episode(seed: u64, tasks: &str, wrong_step_rate: f64) -> Vec<TrajectoryLine> {
        let tasks = tasks.parse().unwrap();
        let course = Course { tasks: &tasks, wrong_step_rate, learner: None };
        synthetic_episode(seed, &course, &CancellationToken::new()).await.unwrap().unwrap_or_default()
    }

    #[tokio::test]
    async fn episodes_end_and_repeat() {
        for rate in [0.0, 0.2] {
            let mut finished = 0;
            for seed in 0..300 {
                let lines = episode(seed, "", rate).await;
                assert_eq!(lines, episode(seed, "", rate).await);
                let Some(last) = lines.last() else { continue };
                assert!(last.reply.contains("\"done\"") || last.reply.contains("\"answer\""), "{}", last.reply);
                finished += 1;
                for line in &lines {
                    assert!(!line.user.lines().next().is_some_and(|goal| goal.contains('{')), "{}", line.user);
                }
            }
            let least = if rate == 0.0 { 300 } else { 291 };
            assert!(finished >= least, "only {finished} of 300 episodes came to an end");
        }
    }

    #[tokio::test]
    async fn requests_of_every_kind_can_be_asked_for() {
        for name in task_names() {
            for seed in 0..5 {
                let lines = episode(seed, &name, 0.0).await;
                assert!(lines.last().is_some_and(|line| line.task == name), "{name}");
            }
        }
    }

    #[tokio::test]
    async fn a_time_is_carried_to_an_app_of_the_phone() {
        for task in ["apps_note_time", "apps_send_time"] {
            for seed in 0..20 {
                let lines = episode(seed, task, 0.0).await;
                let opens = |line: &TrajectoryLine| line.reply.starts_with(r#"{"action":"open_app""#);
                let at = (1..lines.len()).find(|&at| opens(&lines[at])).unwrap();
                // The row that was tapped before begins with the time.
                let row = lines[at - 1].reply.split('"').nth(7).unwrap();
                let types = format!(r#""text":"{}"}}"#, row.split(',').next().unwrap());
                assert!(lines[at..].iter().any(|line| line.reply.ends_with(&types)), "{types} is missing: {lines:?}");
            }
        }
    }

    /// Always wants the same.
    struct Stubborn(Action);

    #[async_trait]
    impl Decider for Stubborn {
        async fn decide(&mut self, step: &StepContext<'_>, _: &CancellationToken) -> Result<Decision, AgentError> {
            Ok(decision(self.0.clone(), step))
        }

        fn name(&self) -> String {
            "stubborn".to_owned()
        }
    }

    #[tokio::test]
    async fn a_learners_mistakes_are_performed_but_for_what_cannot_be_undone() {
        let tasks = "apps_switch".parse().unwrap();
        let course = |action: Action| {
            let learner = Some(SharedDecider::new(Box::new(Stubborn(action))));
            Course { tasks: &tasks, wrong_step_rate: 1.0, learner }
        };
        let no_cancel = CancellationToken::new();
        let done = course(Action::Done { status: Status::Complete, reason: None });
        let scrolls = course(Action::Scroll { direction: Direction::Up, id: None });
        for seed in 0..20 {
            // What is not performed is replaced by what is right, so that the episode comes to its end.
            let lines = synthetic_episode(seed, &done, &no_cancel).await.unwrap().unwrap();
            assert_eq!(lines, episode(seed, "apps_switch", 0.0).await);
            // Nothing but scrolling reaches nothing, unless nothing was to be done.
            let lines = synthetic_episode(seed, &scrolls, &no_cancel).await.unwrap();
            assert!(lines.is_none_or(|lines| lines.len() == 1));
        }
    }
}
