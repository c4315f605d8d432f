//! Suite `droidtask` on a small file of our own in AutoDroid's format.

#![expect(clippy::unwrap_used, reason = "helpers of tests, in which a panic is the message")]

use std::path::PathBuf;

use async_trait::async_trait;
use deftly_agent::{AgentError, Decider, Decision, StepContext};
use deftly_eval::suites::droidtask::DroidtaskSuite;
use deftly_eval::{EvalError, EvalOptions, Policy, Report, SharedDecider, evaluate};
use deftly_tools::{Action, ElementId, Status};
use tokio_util::sync::CancellationToken;

fn sample() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/droidtask_sample.json")
}

/// Gives prepared actions, and keeps what it was shown.
struct Scripted {
    actions: Vec<Action>,
    shown: std::sync::mpsc::Sender<String>,
}

#[async_trait]
impl Decider for Scripted {
    async fn decide(&mut self, step: &StepContext<'_>, _cancel: &CancellationToken) -> Result<Decision, AgentError> {
        let input = deftly_prompts::PromptInput {
            goal: step.goal,
            history: step.history,
            observation: step.observation,
            apps: step.apps,
        };
        let budget = deftly_prompts::Budget::unlimited();
        let prompt = deftly_prompts::render(deftly_prompts::Dialect::Compact, &input, budget);
        self.shown.send(prompt.user).unwrap();
        Ok(Decision {
            outcome: Ok(self.actions.remove(0)),
            reply: String::new(),
            passages: Vec::new(),
            account: None,
            milliseconds: 1.0,
        })
    }
}

async fn evaluate_sample(policy: &Policy, tasks: &str) -> Result<Report, EvalError> {
    let options = EvalOptions { seeds: vec![1], tasks: tasks.parse().unwrap(), ..EvalOptions::default() };
    let mut suite = DroidtaskSuite::open(&sample())?;
    evaluate(&mut suite, policy, &options, &CancellationToken::new(), &mut |_| ()).await
}

async fn check(tasks: &str, actions: Vec<Action>, step_accuracy: f64, type_accuracy: f64, solved: u64) -> String {
    let (sender, shown) = std::sync::mpsc::channel();
    let decider = SharedDecider::new(Box::new(Scripted { actions: actions.clone(), shown: sender }));
    let policy = Policy::Agent { name: "scripted".to_string(), decider };
    let report = evaluate_sample(&policy, tasks).await.unwrap();
    let metric = |name: &str| report.metrics[name].value.unwrap();
    assert_eq!(metric("step_accuracy"), step_accuracy, "{actions:?}");
    assert_eq!(metric("type_accuracy"), type_accuracy, "{actions:?}");
    assert_eq!(report.overall.successes, solved, "{actions:?}");
    assert_eq!(report.baselines.len(), 2);
    shown.try_iter().collect::<Vec<_>>().join("\n\n")
}

fn tap(id: u32) -> Action {
    Action::Tap { id: ElementId(id) }
}

fn type_text(id: u32, text: &str) -> Action {
    Action::Type { id: Some(ElementId(id)), text: text.to_string(), clear: true, submit: true }
}

fn done() -> Action {
    Action::Done { status: Status::Complete, reason: None }
}

#[tokio::test]
async fn steps_are_compared_with_the_recording() {
    // Ids of the screen count from 1: the file's 2 is the screen's 3 where there is a gap, and 2 where there is another.
    let shown = check("player_01", vec![type_text(1, "rain"), tap(2), done()], 1.0, 1.0, 1).await;
    insta::assert_snapshot!(shown);
    check("player_01", vec![type_text(1, "snow"), tap(3), done()], 1.0 / 3.0, 1.0, 0).await;
    check("player_01", vec![tap(1), done(), Action::Wait], 0.0, 0.0, 0).await;
    // The back key is the element that AutoDroid writes for it.
    check("player_00", vec![Action::Back, done()], 1.0, 1.0, 1).await;
    check("player_00", vec![tap(2), done()], 1.0, 1.0, 1).await;
    let infeasible = Action::Done { status: Status::Infeasible, reason: None };
    check("dialer_*", vec![tap(1), infeasible], 0.5, 0.5, 0).await;
}

#[tokio::test]
async fn baselines_need_no_model() {
    let report = evaluate_sample(&Policy::First, "").await.unwrap();
    // Never finished, twice the first element: of the task that begins by pressing it.
    assert_eq!(report.metrics["finished_f1"].value, Some(0.0));
    assert_eq!(report.metrics["step_accuracy"].value, Some(1.0 / 7.0));
    assert_eq!(report.per_app.len(), 2);
    let error = evaluate_sample(&Policy::Oracle, "").await.unwrap_err().to_string();
    assert!(error.contains("has no oracle"), "{error}");
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let error = DroidtaskSuite::open(&PathBuf::from("no/such/file.json")).err().unwrap().to_string();
    assert!(error.starts_with("no/such/file.json: ") && error.contains("hint: give the file with --data"), "{error}");
}
