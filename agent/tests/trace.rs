//! Traces: written whole, read back, replayed, resumed, and without secrets.

#![allow(clippy::unwrap_used, reason = "tests, whose helpers may unwrap too")]

mod support;

use deftly_agent::{AgentError, Limits, RunOutcome, Trace, TraceOptions};
use deftly_prompts::Outcome;
use deftly_tools::{Action, Device, RecordedDevice};
use support::{PNG, Phone, Script, agent, limits, run};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Runs a script and returns the folder of its trace, and the trace.
async fn traced(screen: &str, script: &[&str]) -> (TempDir, Trace) {
    let folder = tempfile::tempdir().unwrap();
    let (builder, _) = agent(Phone::on(screen), Script::new(script));
    let report =
        run(builder.trace(TraceOptions::folder(folder.path().join("new")).with_screenshots(true)).build()).await;
    let trace = Trace::read(report.trace.unwrap()).unwrap();
    (folder, trace)
}

#[tokio::test]
async fn a_trace_is_read_back() {
    let (_folder, trace) = traced("home", &["tap Go", "garbage", "done"]).await;
    assert_eq!((trace.start.goal.as_str(), trace.start.device.name.as_str()), ("Do it", "fake"));
    assert_eq!(trace.outcome, Some(RunOutcome::Reached));
    let steps: Vec<_> = trace.steps.iter().map(|step| (step.step, step.action.is_some())).collect();
    assert_eq!(steps, [(1, true), (2, false), (3, true)]);
    assert_eq!(trace.history().len(), 2);
    let picture = trace.path.with_file_name(trace.steps[0].screenshot.as_deref().unwrap());
    assert_eq!(std::fs::read(picture).unwrap(), PNG);
}

#[tokio::test]
async fn a_trace_replays() {
    let (_folder, trace) = traced("home", &["tap Go", "tap Wi-Fi", "garbage", "done"]).await;
    let device = RecordedDevice::open(&trace.path).unwrap();
    assert_eq!(device.info().size, (100, 100));
    let mut again = deftly_agent::Agent::builder()
        .device(Box::new(device))
        .decider(Box::new(Script::new(&["tap Go", "tap Wi-Fi", "garbage", "done"])))
        .limits(limits())
        .build();
    let report = again.run("Do it", &CancellationToken::new()).await.unwrap();
    assert_eq!((report.outcome, report.steps), (RunOutcome::Reached, 4));
}

#[tokio::test]
async fn typed_passwords_are_written_nowhere() {
    let secret = "pa\"ss w0rd";
    let script = ["type Password=pa\"ss w0rd", "type Name=pa\"ss w0rd", "answer it is pa\"ss w0rd"];
    let (_folder, trace) = traced("wifi", &script).await;
    let text = std::fs::read_to_string(&trace.path).unwrap();
    assert!(!text.contains("w0rd"), "{text}");
    assert!(!text.contains(secret));
    let Some(Action::Type { text, .. }) = &trace.steps[0].action else { panic!("{:?}", trace.steps[0]) };
    assert_eq!(text, "***");
    assert_eq!(trace.outcome, Some(RunOutcome::Answered { text: "it is ***".into() }));

    // Such a trace replays nevertheless.
    let device = RecordedDevice::open(&trace.path).unwrap();
    let decider = Box::new(Script::new(&script));
    let mut again = deftly_agent::Agent::builder().device(Box::new(device)).decider(decider).limits(limits()).build();
    let report = again.run("Do it", &CancellationToken::new()).await.unwrap();
    assert!(matches!(report.outcome, RunOutcome::Answered { .. }), "{:?}", report.outcome);
}

#[tokio::test]
async fn named_secrets_are_masked_from_the_first_line() {
    let folder = tempfile::tempdir().unwrap();
    let (builder, _) = agent(Phone::on("wifi"), Script::new(&["done"]));
    let mut agent = builder.trace(TraceOptions::folder(folder.path())).secrets(["hunter2".to_owned()]).build();
    let report = agent.run("Log in with hunter2", &CancellationToken::new()).await.unwrap();
    assert_eq!(report.goal, "Log in with hunter2");
    let text = std::fs::read_to_string(report.trace.unwrap()).unwrap();
    assert!(text.contains("Log in with ***") && !text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn secrets_by_name_reach_the_phone_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let phone = Phone::on("wifi");
    let performed = phone.performed.clone();
    let script = Script::new(&["type Password={{pass}}", "type Name={{pass}}", "type Name=my {{pass}}", "done"]);
    let seen = script.seen.clone();
    let (builder, events) = agent(phone, script);
    let mut agent = builder.trace(TraceOptions::folder(folder.path())).secret("pass", "pa\"ss w0rd").build();
    let report = agent.run("Log in with {{pass}}", &CancellationToken::new()).await.unwrap();
    assert_eq!(report.outcome, RunOutcome::Reached);

    let typed: Vec<String> = performed
        .lock()
        .unwrap()
        .iter()
        .filter_map(|action| match action {
            Action::Type { text, .. } => Some(text.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(typed, ["pa\"ss w0rd", "pa\"ss w0rd", "my pa\"ss w0rd"]);

    // Each was seen to stand in its field, under its name.
    assert!(
        support::steps(&events)[..3].iter().all(|step| step.ends_with(": changed")),
        "{:?}",
        support::steps(&events)
    );
    let trace = std::fs::read_to_string(report.trace.unwrap()).unwrap();
    assert!(!trace.contains("w0rd"), "{trace}");
    assert!(trace.contains("Log in with {{pass}}") && trace.contains(r#""value":"my {{pass}}""#), "{trace}");
    let told = format!("{:?} {:?}", seen.lock().unwrap(), events.lock().unwrap());
    assert!(!told.contains("w0rd"), "{told}");
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.jsonl");
    let phone = Phone::on("home");
    let (builder, _) = agent(phone, Script::new(&["tap Go", "tap Wi-Fi"]));
    let limit = Limits { max_steps: 2, ..limits() };
    run(builder.trace(TraceOptions::file(&path)).limits(limit).build()).await;
    // Killed while it wrote: no end, half a line.
    let text = std::fs::read_to_string(&path).unwrap();
    let whole: Vec<&str> = text.lines().filter(|line| !line.contains(r#""type":"finish""#)).collect();
    std::fs::write(&path, format!("{}\n{{\"type\":\"st", whole.join("\n"))).unwrap();

    let script = Script::new(&["tap Back", "done"]);
    let seen = script.seen.clone();
    let (builder, _) = agent(Phone::on("wifi"), script);
    let mut agent = builder.build();
    let report = agent.resume(&path, &CancellationToken::new()).await.unwrap();
    assert_eq!((report.outcome, report.steps, report.goal.as_str()), (RunOutcome::Reached, 4, "Do it"));
    let first = seen.lock().unwrap()[0].clone();
    assert_eq!(first.iter().map(|turn| turn.label.as_deref()).collect::<Vec<_>>(), [Some("Go"), Some("Wi-Fi")]);
    assert!(first.iter().all(|turn| turn.outcome == Outcome::Changed));

    let trace = Trace::read(&path).unwrap();
    assert_eq!((trace.start.resumed_steps, trace.history().len()), (2, 3));
    let error = agent.resume(&path, &CancellationToken::new()).await.unwrap_err();
    assert!(matches!(error, AgentError::NothingToResume { .. }), "{error}");
}

#[tokio::test]
async fn what_is_no_trace_is_an_error_that_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.jsonl");
    let check = |text: &str, expected: &str| {
        std::fs::write(&path, text).unwrap();
        let error = Trace::read(&path).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("hint:"), "{error:?} should have {expected:?}");
    };
    check("", "line 1: it does not begin");
    check("{\"type\":\"step\"}\n", "line 1: missing field");
    check("not json\n", "line 1: expected");
    assert!(matches!(Trace::read("/nowhere/trace.jsonl"), Err(AgentError::Trace { .. })));
}

/// A device that takes no bytes stands for a disk without space.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_stops_the_run_with_a_clear_error() {
    let phone = Phone::on("home");
    let performed = phone.performed.clone();
    let (builder, _) = agent(phone, Script::new(&["tap Go"]));
    let mut agent = builder.trace(TraceOptions::file("/dev/full")).build();
    let error = agent.run("Do it", &CancellationToken::new()).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("/dev/full") && text.contains("write") && text.contains("hint:"), "{text}");
    assert!(performed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_a_clear_error() {
    let (builder, _) = agent(Phone::on("home"), Script::new(&["done"]));
    let mut agent = builder.trace(TraceOptions::folder("/dev/null/traces")).build();
    let error = agent.run("Do it", &CancellationToken::new()).await.unwrap_err().to_string();
    assert!(error.contains("/dev/null/traces") && error.contains("hint:"), "{error}");
}
