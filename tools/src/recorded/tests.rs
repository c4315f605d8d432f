use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::{Bounds, Direction, Element, ElementState, Role, Status};

fn observation(label: &str) -> Observation {
    let element = Element {
        id: ElementId(1),
        role: Role::Switch,
        label: label.into(),
        value: None,
        state: ElementState { checked: Some(false), clickable: true, ..ElementState::default() },
        bounds: Bounds::new(0, 100, 1080, 200),
        resource_id: String::new(),
    };
    let app = App { name: "Settings".into(), package: "com.android.settings".into() };
    Observation { screen: Screen { elements: vec![element] }, app, keyboard: false }
}

/// A line as the agent writes it: with fields of its own.
fn line(label: &str, action: Option<Action>, screenshot: Option<&str>) -> String {
    let step = RecordedStep { observation: observation(label), action, screenshot: screenshot.map(str::to_owned) };
    let mut json = serde_json::to_value(&step).unwrap();
    json["type"] = "step".into();
    json["milliseconds"] = 12.into();
    format!("{json}\n")
}

fn trace(lines: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.jsonl");
    std::fs::write(&path, lines).unwrap();
    (folder, path)
}

fn open(lines: &str) -> (TempDir, RecordedDevice) {
    let (folder, path) = trace(lines);
    let device = RecordedDevice::open(path).unwrap();
    (folder, device)
}

fn tap() -> Action {
    Action::Tap { id: ElementId(1) }
}

fn three_steps() -> String {
    let start = r#"{"type":"start","goal":"x","device":{"name":"sim:7","model":"m","size":[1080,2400]},"apps":[{"name":"Clock","package":"clock"}]}"#;
    let done = Action::Done { status: Status::Complete, reason: None };
    [
        format!("{start}\n"),
        line("Wi-Fi", None, None),
        line("Wi-Fi", Some(tap()), Some("1.png")),
        "{\"type\":\"policy\",\"anything\":[1,2]}\n\n".into(),
        line("Bluetooth", Some(Action::Back), None),
        line("End", Some(done), None),
    ]
    .concat()
}

#[tokio::test]
async fn a_trace_replays() {
    let (_folder, mut device) = open(&three_steps());
    assert_eq!(device.info().size, (1080, 2400));
    let apps: Vec<String> = device.apps().await.unwrap().into_iter().map(|app| app.name).collect();
    assert_eq!(apps, ["Clock", "Settings"]);

    for (label, action) in [("Wi-Fi", tap()), ("Bluetooth", Action::Back)] {
        let seen = device.observe().await.unwrap();
        assert_eq!(seen, observation(label));
        device.perform(&action, &seen.screen).await.unwrap();
    }
    assert_eq!(device.observe().await.unwrap(), observation("End"));
}

#[tokio::test]
async fn leaving_the_recording_is_loud() {
    let (_folder, mut device) = open(&three_steps());
    let screen = device.observe().await.unwrap().screen;
    let scroll = Action::Scroll { direction: Direction::Down, id: None };
    let error = device.perform(&scroll, &screen).await.unwrap_err();
    assert!(matches!(&error, DeviceError::LeftRecording { step: 2, .. }), "{error}");
    assert!(error.to_string().contains(r#"{"action":"tap","id":1}"#), "{error}");
    assert!(error.to_string().contains(r#"{"action":"scroll","direction":"down"}"#), "{error}");
    assert!(!error.is_models_fault());
    // It stays where it was.
    device.perform(&tap(), &screen).await.unwrap();
}

#[tokio::test]
async fn a_masked_text_fits_any() {
    let typed = |text: &str, clear| Action::Type { id: Some(ElementId(1)), text: text.into(), clear, submit: false };
    let (_folder, mut device) = open(&line("Password", Some(typed("***", false)), None));
    let screen = Screen::default();
    assert!(device.perform(&typed("secret", true), &screen).await.is_err());
    device.perform(&typed("secret", false), &screen).await.unwrap();
}

#[tokio::test]
async fn the_end_of_the_recording_is_loud() {
    let (_folder, mut device) = open(&line("Wi-Fi", Some(tap()), None));
    device.perform(&tap(), &Screen::default()).await.unwrap();
    assert!(matches!(device.observe().await, Err(DeviceError::RecordingEnded { steps: 1, .. })));
    assert!(matches!(device.screenshot().await, Err(DeviceError::RecordingEnded { .. })));
    assert!(matches!(device.perform(&tap(), &Screen::default()).await, Err(DeviceError::RecordingEnded { .. })));
    let answer = Action::Answer { text: "3".into() };
    assert!(matches!(device.perform(&answer, &Screen::default()).await, Err(DeviceError::NotForDevice { .. })));
}

#[tokio::test]
async fn screenshots_come_from_beside_the_trace() {
    let lines = [
        line("a", Some(tap()), Some("1.png")),
        line("b", Some(tap()), None),
        line("c", Some(tap()), Some("missing.png")),
        line("d", None, Some("../1.png")),
    ];
    let (folder, mut device) = open(&lines.concat());
    std::fs::write(folder.path().join("1.png"), b"picture").unwrap();
    assert_eq!(device.screenshot().await.unwrap().png, b"picture");
    for expected in ["step 2 has no screenshot", "missing.png of step 3", "step 4 has the screenshot \"../1.png\""] {
        device.perform(&tap(), &Screen::default()).await.unwrap();
        let error = device.screenshot().await.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn what_is_no_trace_is_an_error_that_says_why() {
    let wrong_id = line("a", None, None).replace("\"id\":1,\"role\"", "\"id\":5,\"role\"");
    let check = |lines: &str, expected: &str| {
        let (_folder, path) = trace(lines);
        let error = RecordedDevice::open(&path).unwrap_err().to_string();
        assert!(error.contains(expected), "{lines:?}: {error}");
        assert!(error.contains("trace.jsonl"), "{error}");
    };
    check("", "no line of type \"step\"");
    check("{\"type\":\"other\"}\n", "no line of type \"step\"");
    check("not json\n", "line 1");
    check(&format!("{}{}", line("a", None, None), "{\"type\":\"step\"}\n"), "line 2: missing field");
    check(&wrong_id, "line 1: found element 5, expected 1");
    let error = RecordedDevice::open("/nowhere/trace.jsonl").unwrap_err().to_string();
    assert!(error.contains("/nowhere/trace.jsonl"), "{error}");
}

#[tokio::test]
async fn a_trace_that_was_cut_off_replays_up_to_there() {
    let (_folder, mut device) = open(&format!("{}{}", line("a", Some(tap()), None), "{\"type\":\"st"));
    assert_eq!(device.observe().await.unwrap(), observation("a"));
    assert_eq!(device.info().size, (1080, 200));
}
