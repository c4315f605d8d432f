//! The frame of an evaluation, on a suite without phones: choice of tasks, log and resumption, sums, table.

#![expect(clippy::unwrap_used, reason = "helpers of tests, in which a panic is the message")]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use deftly_engine::Account;
use deftly_eval::suites::sim::{Difficulty, Ending, Kind};
use deftly_eval::{
    Episode, EpisodeMs, EvalError, EvalEvent, EvalOptions, Job, Policy, PolicyKind, Report, Suite, evaluate, render,
};
use tokio_util::sync::CancellationToken;

/// Tasks of two apps; the oracle solves all, others those whose name is longer than their seed says.
#[derive(Default)]
struct FakeSuite {
    runs: AtomicUsize,
}

#[async_trait]
impl Suite for FakeSuite {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn tasks(&self) -> Vec<String> {
        ["clock_alarm", "clock_timer", "notes_add", "notes_delete_all"].map(String::from).to_vec()
    }

    fn baselines(&self) -> &'static [PolicyKind] {
        &[PolicyKind::Oracle, PolicyKind::First]
    }

    fn fingerprint(&self) -> Vec<(String, String)> {
        vec![("variation".to_string(), "standard".to_string())]
    }

    async fn prepare(&mut self, _jobs: &[Job]) -> Result<(), EvalError> {
        Ok(())
    }

    async fn run(&self, job: &Job, policy: &Policy, _cancel: &CancellationToken) -> Result<Episode, EvalError> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        let solved = match policy.kind() {
            PolicyKind::Oracle => true,
            PolicyKind::First => false,
            PolicyKind::Random | PolicyKind::Agent => job.task.len() as u64 > 9 + job.seed,
        };
        let app = job.task.split('_').next().unwrap();
        Ok(Episode {
            task: job.task.clone(),
            seed: job.seed,
            apps: vec![app.to_string()],
            difficulty: Some(if app == "clock" { Difficulty::Easy } else { Difficulty::Hard }),
            kind: Some(Kind::Do),
            goal: format!("do {}", job.task),
            solved,
            // Two tasks more are done than are said to be.
            reached: Some(solved || app == "clock" && job.seed == 3),
            ending: if solved { Ending::Complete } else { Ending::Unfinished { reason: "out of steps".to_string() } },
            steps: 6,
            optimal_steps: 4,
            account: Account { prompt_tokens: 600, reused: 450, prefilled: 150, decoded: 60, ..Account::default() },
            ms: EpisodeMs { observe: 6.0, decide: 12.0, act: 3.0, total: 24.0 },
            recorded: Vec::new(),
            error: None,
        })
    }
}

async fn run(
    suite: &mut FakeSuite,
    policy: &Policy,
    options: &EvalOptions,
) -> Result<(Report, Vec<String>), EvalError> {
    let mut events = Vec::new();
    let mut on_event = |event: EvalEvent<'_>| {
        events.push(match event {
            EvalEvent::Started { total, resumed, solved } => format!("start {resumed}/{total}, {solved} solved"),
            EvalEvent::Finished { episode, progress } => {
                format!("{} {}: {}/{}", episode.task, episode.seed, progress.finished, progress.total)
            }
            EvalEvent::Baseline { policy } => format!("baseline {policy}"),
        });
    };
    let report = evaluate(suite, policy, options, &CancellationToken::new(), &mut on_event).await?;
    Ok((report, events))
}

fn with_log(path: &Path) -> EvalOptions {
    EvalOptions { log: Some(path.to_path_buf()), baselines: false, ..EvalOptions::default() }
}

#[tokio::test]
async fn reports_sums_and_baselines() {
    let (report, events) = run(&mut FakeSuite::default(), &Policy::Random, &EvalOptions::default()).await.unwrap();
    assert_eq!(events.first().unwrap(), "start 0/12, 0 solved");
    assert_eq!(events[events.len() - 2..], ["baseline oracle", "baseline first"]);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!((&json["successes"], &json["episodes"]), (&5.into(), &12.into()));
    assert_eq!(json["steps"]["over_optimal"], 1.5);
    assert_eq!(json["tokens"]["per_step"]["reused"], 75.0);
    assert_eq!(json["ms"]["per_step"], 4.0);
    assert_eq!(json["metrics"]["finished_f1"]["value"], 10.0 / 12.0);
    assert_eq!(json["per_task"][3]["name"], "notes_delete_all");
    assert_eq!(json["per_task"][3]["success_rate"], 1.0);
    assert_eq!(json["per_difficulty"][1]["name"], "hard");
    assert_eq!(json["baselines"][0]["success_rate"], 1.0);
    assert_eq!(json["failures"].as_array().unwrap().len(), 7);
    insta::assert_snapshot!(render(&report));
}

#[tokio::test]
async fn an_interrupted_evaluation_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let mut suite = FakeSuite::default();
    let (whole, _) = run(&mut suite, &Policy::Random, &with_log(&path)).await.unwrap();
    assert_eq!(suite.runs.swap(0, Ordering::Relaxed), 12);

    // As if the program had been killed while it wrote the sixth episode.
    let text = std::fs::read_to_string(&path).unwrap();
    let cut = text.match_indices('\n').nth(6).unwrap().0 - 20;
    std::fs::write(&path, &text[..cut]).unwrap();
    let (resumed, events) = run(&mut suite, &Policy::Random, &with_log(&path)).await.unwrap();
    assert_eq!(events[0], "start 5/12, 3 solved");
    assert_eq!(suite.runs.load(Ordering::Relaxed), 7);
    assert_eq!(resumed, whole);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_log_belongs_to_one_evaluation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    run(&mut FakeSuite::default(), &Policy::Random, &with_log(&path)).await.unwrap();
    let check = async |policy: Policy, identity: &[(&str, &str)], expected: &str| {
        let identity = identity.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let options = EvalOptions { identity, ..with_log(&path) };
        let error = run(&mut FakeSuite::default(), &policy, &options).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check(Policy::First, &[], "its policy is \"random\", this one has \"first\"").await;
    check(Policy::Random, &[("dialect", "t3a")], "its dialect is not given, this one has \"t3a\"").await;
    std::fs::write(&path, "something else\n").unwrap();
    check(Policy::Random, &[], "log.jsonl:1: not a line of an evaluation log").await;
}

#[tokio::test]
async fn chooses_tasks() {
    let check = async |tasks: &str, limit: Option<usize>, expected: &[&str]| {
        let tasks = tasks.parse().unwrap();
        let options = EvalOptions { tasks, limit, seeds: vec![7], baselines: false, ..EvalOptions::default() };
        let (report, _) = run(&mut FakeSuite::default(), &Policy::Random, &options).await.unwrap();
        let names: Vec<&str> = report.per_task.iter().map(|task| task.name.as_str()).collect();
        assert_eq!(names, expected);
    };
    check("", None, &["clock_alarm", "clock_timer", "notes_add", "notes_delete_all"]).await;
    check("*_alarm,notes_*", Some(2), &["clock_alarm", "notes_add"]).await;
    let options = EvalOptions { tasks: "shop_*".parse().unwrap(), ..EvalOptions::default() };
    let error = run(&mut FakeSuite::default(), &Policy::Random, &options).await.unwrap_err().to_string();
    assert!(error.contains("no task fits \"shop_*\""), "{error}");
}

#[tokio::test]
async fn cancellation_keeps_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let cancel = CancellationToken::new();
    let mut on_event = |event: EvalEvent<'_>| {
        if let EvalEvent::Finished { progress, .. } = event
            && progress.finished == 3
        {
            cancel.cancel();
        }
    };
    let mut suite = FakeSuite::default();
    let error = evaluate(&mut suite, &Policy::Random, &with_log(&path), &cancel, &mut on_event).await.unwrap_err();
    assert!(matches!(error, EvalError::Cancelled { finished: 3, total: 12 }), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 4);
}
