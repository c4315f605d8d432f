//! The program as its user meets it: run as a process, judged by exit code, stdout and stderr.

#![allow(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn deftly(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deftly"));
    command.args(args).stdin(Stdio::null()).env_remove("DEFTLY_LOG");
    command
}

/// Runs it, and checks the exit code first, because the rest means nothing without it.
fn run(args: &[&str], code: i32) -> (String, String) {
    let output = deftly(args).output().expect("the program starts");
    let (stdout, stderr) = texts(&output);
    assert_eq!(output.status.code(), Some(code), "{args:?}\nstdout: {stdout}\nstderr: {stderr}");
    (stdout, stderr)
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (text(&output.stdout), text(&output.stderr))
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn write(folder: &Path, name: &str, content: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("a temporary file");
    path.to_string_lossy().into_owned()
}

#[test]
fn every_command_explains_itself_with_an_example() {
    let check = |command: &[&str]| {
        let (stdout, _) = run(&[command, &["--help"]].concat(), 0);
        assert!(stdout.contains("Example"), "{command:?}: {stdout}");
    };
    check(&[]);
    check(&["run"]);
    check(&["eval"]);
    check(&["bench", "forward"]);
    check(&["bench", "sessions"]);
    check(&["bench", "agreement"]);
    check(&["device", "list"]);
    check(&["device", "show"]);
    check(&["device", "screenshot"]);
    check(&["sim", "serve"]);
    check(&["models", "list"]);
    check(&["models", "show"]);
    check(&["doctor"]);
}

#[test]
fn mistakes_end_with_2_and_say_what_to_do() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let garbage = write(folder.path(), "garbage.gguf", b"this is no model");
    let truncated = write(folder.path(), "truncated.gguf", b"GGUF\x03\0\0\0");
    let schema = write(folder.path(), "schema.json", b"{\"type\": ");
    let odd_schema = write(folder.path(), "odd.json", b"{\"type\": \"no such type\"}");
    let request = br#"{"session": "a", "step": 1, "prompt": "Hello", "n_predict": 2}"#;
    let requests = write(folder.path(), "requests.jsonl", request);
    let not_xml = write(folder.path(), "dump.xml", b"<hierarchy><node");
    let trace = write(folder.path(), "trace.jsonl", b"{\"type\":\"start\"");
    let check = |args: &[&str], words: &[&str]| {
        let (_, stderr) = run(args, 2);
        assert!(!stderr.contains("panicked"), "{args:?}: {stderr}");
        for word in words {
            assert!(stderr.contains(word), "{args:?}: {word:?} is missing in: {stderr}");
        }
    };
    check(&["run", "x", "--no-such-flag"], &["--no-such-flag"]);
    check(&["fly"], &["fly"]);
    check(&["run", " "], &["goal", "hint:"]);
    check(&["run", "x", "--dialect", "latin"], &["latin", "compact"]);
    check(&["run", "x", "--temperature", "-1"], &["temperature", "hint:"]);
    check(&["run", "x", "--screenshots"], &["--trace"]);
    check(&["run", "x", "--device", "toaster"], &["toaster", "hint:"]);
    check(&["run", "x", "--device", "sim:x"], &["sim:x", "hint:"]);
    check(&["run", "x", "--device", "recorded:no/such/file"], &["no/such/file", "hint:"]);
    check(&["run", "x", "--device", &format!("recorded:{trace}")], &["trace.jsonl", "hint:"]);
    check(&["run", "x", "--model", "no/such/file.gguf"], &["no/such/file.gguf", "hint:"]);
    check(&["run", "x", "--model", "nonsense"], &["nonsense", "hint:"]);
    check(&["run", "x", "--model", &garbage], &["garbage.gguf", "hint:"]);
    check(&["models", "show", "--model", &truncated], &["truncated.gguf", "hint:"]);
    check(&["models", "list", "--dir", "/no/such/folder"], &["/no/such/folder"]);
    check(&["device", "show", "--xml", "no/such.xml"], &["no/such.xml", "hint:"]);
    check(&["device", "show", "--xml", &not_xml], &["dump.xml", "hint:"]);
    check(&["device", "screenshot", "--out", "/no/such/folder/a.png"], &["/no/such/folder/a.png"]);
    check(&["device", "show", "--open", "No Such App"], &["No Such App", "hint:"]);
    check(&["bench", "forward", "--rows", "0"], &["--rows", "hint:"]);
    check(&["bench", "forward", "--context", "9999999"], &["9999999", "hint:"]);
    check(&["bench", "sessions", "--sessions", "no/such.jsonl"], &["no/such.jsonl", "hint:"]);
    check(&["bench", "sessions", "--sessions", &schema], &["schema.json", "hint:"]);
    check(&["bench", "sessions", "--sessions", &requests, "--schema", &schema], &["schema.json", "hint:"]);
    check(&["bench", "sessions", "--sessions", &requests, "--schema", &odd_schema], &["odd.json", "hint:"]);
    check(&["sim", "serve", "--fault", "tired"], &["tired", "hint:"]);
    check(&["eval", "droidtask", "--policy", "first"], &["--data", "hint:"]);
    check(&["eval", "sim", "--policy", "first", "--tasks", "no_such_task"], &["no_such_task", "hint:"]);
    check(&["eval", "sim", "--policy", "first", "--check", "no/such.json"], &["no/such.json", "hint:"]);
}

#[test]
fn devices_can_be_listed_and_looked_at() {
    assert!(run(&["device", "list"], 0).0.contains("sim"));
    assert_eq!(json_lines(&run(&["device", "list", "--json"], 0).0).len(), 3);

    let (screen, _) = run(&["device", "show"], 0);
    assert!(screen.starts_with("Screen: "), "{screen}");
    assert!(screen.contains("\"Settings\""), "{screen}");
    let (opened, _) = run(&["device", "show", "--open", "Settings"], 0);
    assert!(opened.starts_with("Screen: Settings\n"), "{opened}");
    let observation = &json_lines(&run(&["device", "show", "--json"], 0).0)[0];
    assert!(observation["screen"]["elements"].as_array().is_some_and(|elements| !elements.is_empty()));
}

#[test]
fn a_saved_dump_is_shown_as_the_model_would_see_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let xml =
        br#"<?xml version="1.0"?><hierarchy rotation="0"><node index="0" text="" class="android.widget.FrameLayout"
        package="com.example.app" bounds="[0,0][1080,2400]"><node index="0" text="Save" class="android.widget.Button"
        package="com.example.app" clickable="true" enabled="true" bounds="[40,300][400,400]"/></node></hierarchy>"#;
    let path = write(folder.path(), "dump.xml", xml);
    assert_eq!(run(&["device", "show", "--xml", &path], 0).0, "Screen: com.example.app\n1 button \"Save\"\n");
}

#[test]
fn a_screenshot_is_a_png() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("phone.png");
    run(&["device", "screenshot", "--out", &path.to_string_lossy()], 0);
    assert!(std::fs::read(path).expect("the picture").starts_with(b"\x89PNG"));
}

#[test]
#[cfg(unix)]
fn the_simulated_phone_is_served_until_it_is_told_to_stop() {
    use std::io::{BufRead, BufReader, Read, Write};

    let mut serve = deftly(&["sim", "serve", "--port", "0", "--seed", "7"]);
    let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the program starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    let address = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
    assert_eq!(line, format!("listening on {address}: adb connect {address}\n"));
    let (_, port) = address.rsplit_once(':').expect("a port");

    let mut phone = std::net::TcpStream::connect(&address).expect("the phone listens");
    let code = u32::from_le_bytes(*b"CNXN");
    for word in [code, 0x0100_0001, 4096, 0, 0, !code] {
        phone.write_all(&word.to_le_bytes()).expect("the phone hears");
    }
    let mut answer = [0; 4];
    phone.read_exact(&mut answer).expect("the phone answers");
    assert_eq!(&answer, b"CNXN");

    let (_, stderr) = run(&["sim", "serve", "--port", port], 2);
    assert!(stderr.contains(port) && stderr.contains("hint:"), "{stderr}");
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
    assert_eq!(child.wait().expect("the program ends").code(), Some(0));
}

#[test]
fn models_say_what_they_are() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(folder.path(), "broken.gguf", b"this is no model");
    let (list, _) = run(&["models", "list", "--dir", &folder.path().to_string_lossy()], 0);
    assert!(list.contains("embedded") && list.contains("broken.gguf") && list.contains("unusable"), "{list}");

    let (table, _) = run(&["models", "show"], 0);
    assert!(table.contains("family       llama") && table.contains("kernels"), "{table}");
    let shown = &json_lines(&run(&["models", "show", "--json"], 0).0)[0];
    assert_eq!((&shown["backend"], &shown["architecture"]), (&"native".into(), &"llama".into()));
}

#[test]
fn the_engine_can_be_measured() {
    let (stdout, _) = run(&["bench", "forward", "--rows", "1,3", "--context", "8", "--repeat", "2", "--json"], 0);
    let report = &json_lines(&stdout)[0];
    let rows: Vec<_> = report["forward"].as_array().expect("passes").iter().map(|pass| pass["rows"].as_u64()).collect();
    assert_eq!(rows, [Some(1), Some(3)]);
    assert!(report["forward"][0]["ms"].as_f64().is_some_and(|ms| ms > 0.0), "{report}");

    let folder = tempfile::tempdir().expect("a temporary folder");
    let line =
        |step| format!("{{\"session\": \"a\", \"step\": {step}, \"prompt\": \"Goal: Go back\", \"n_predict\": 40}}\n");
    let requests = write(folder.path(), "requests.jsonl", (line(1) + &line(2)).as_bytes());
    let schema = br#"{"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"], "additionalProperties": false}"#;
    let schema = write(folder.path(), "schema.json", schema);
    let (stdout, _) = run(&["bench", "sessions", "--sessions", &requests, "--schema", &schema, "--json"], 0);
    let report = &json_lines(&stdout)[0];
    assert_eq!(report["requests"], 2, "{report}");
    assert!(report["prefill"]["reused"].as_u64() > Some(0), "{report}");
    for text in report["texts"].as_array().expect("texts") {
        let reply: Value = serde_json::from_str(text.as_str().expect("a text")).expect("a JSON reply");
        assert!(reply["on"].is_boolean(), "{reply}");
    }
}

#[test]
fn a_dry_run_shows_one_step_and_does_nothing() {
    let (stdout, _) = run(&["run", "Turn on Wi-Fi", "--dry-run", "--json"], 0);
    let events = json_lines(&stdout);
    let count = |kind: &str| events.iter().filter(|event| event["type"] == kind).count();
    assert_eq!((count("start"), count("step"), count("performed"), count("finish")), (1, 1, 0, 1), "{stdout}");
}

/// The lines of the only trace in a folder.
fn trace_in(folder: &Path) -> (PathBuf, Vec<Value>) {
    let mut files = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
    let path = files.find(|path| path.extension().is_some_and(|extension| extension == "jsonl")).expect("a trace");
    let lines = json_lines(&std::fs::read_to_string(&path).expect("the trace"));
    (path, lines)
}

#[test]
fn a_trace_replays_as_it_was() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let traced = |name: &str, device: &str| {
        let trace = folder.path().join(name);
        let args = ["run", "Turn on Wi-Fi", "--max-steps", "2", "--device", device, "--screenshots", "--trace"];
        let output = deftly(&args).arg(&trace).output().expect("the program starts");
        let (stdout, stderr) = texts(&output);
        assert_ne!(output.status.code(), None, "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
        let (path, lines) = trace_in(&trace);
        assert!(stdout.contains(&path.display().to_string()), "{stdout}");
        let actions: Vec<Value> =
            lines.iter().filter(|line| line["type"] == "step").map(|line| line["action"].clone()).collect();
        (path, actions)
    };
    let (path, actions) = traced("first", "sim:3");
    assert!(!actions.is_empty());
    assert!(path.with_file_name(format!("{}-001.png", path.file_stem().expect("a name").to_string_lossy())).exists());
    let (_, replayed) = traced("second", &format!("recorded:{}", path.display()));
    assert_eq!(actions, replayed);
}

#[test]
fn the_oracle_solves_a_task_and_the_report_is_json() {
    let (stdout, _) = run(&["eval", "sim", "--policy", "oracle", "--limit", "1", "--seeds", "1,2", "--json", "-"], 0);
    let report = &json_lines(&stdout)[0];
    assert_eq!((&report["successes"], &report["episodes"]), (&2.into(), &2.into()), "{report}");
    for key in ["success_rate", "interval", "per_task", "steps", "tokens", "ms"] {
        assert!(!report[key].is_null(), "{key}");
    }
}

/// Devices of this kind are Linux's.
#[cfg(target_os = "linux")]
mod linux {
    use super::*;

    fn full() -> Stdio {
        std::fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full").into()
    }

    #[test]
    fn a_full_disk_is_named() {
        let output = deftly(&["device", "list"]).stdout(full()).output().expect("the program starts");
        let (_, stderr) = texts(&output);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr.contains("stdout") && stderr.contains("No space left"), "{stderr}");

        let folder = tempfile::tempdir().expect("a temporary folder");
        let trace = folder.path().join("trace.jsonl");
        std::os::unix::fs::symlink("/dev/full", &trace).expect("a link");
        let (_, stderr) = run(&["run", "Turn on Wi-Fi", "--trace", &trace.to_string_lossy()], 2);
        assert!(stderr.contains("trace.jsonl") && stderr.contains("No space left"), "{stderr}");
        assert!(stderr.contains("hint:"), "{stderr}");
    }

    #[test]
    fn a_closed_pipe_is_no_crash() {
        let check = |args: &[&str]| {
            let mut child =
                deftly(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
            drop(child.stdout.take());
            let (_, stderr) = texts(&child.wait_with_output().expect("the program ends"));
            assert!(!stderr.contains("panicked"), "{args:?}: {stderr}");
            assert!(!stderr.contains("error"), "{args:?}: {stderr}");
        };
        check(&["device", "show"]);
        check(&["run", "Turn on Wi-Fi"]);
    }
}
