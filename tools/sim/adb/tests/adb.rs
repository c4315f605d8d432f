//! Debian's real `adb` against the simulated phone. Skipped out loud where there is no `adb`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has failed")]

mod common;

use std::path::Path;
use std::process::Output;

use common::server;
use deftly_sim_adb::{ClockSource, FaultName, Server};
use tokio::process::Command;

/// An adb server of this test's own, so that nobody else's is disturbed.
struct Adb {
    port: String,
    serial: String,
    /// Where its keys are, away from the user's.
    home: tempfile::TempDir,
}

impl Adb {
    async fn connect(server: &Server) -> Option<Self> {
        if Command::new("adb").arg("version").output().await.is_err() {
            eprintln!("skipped: there is no adb (Debian: apt-get install adb)");
            return None;
        }
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let adb =
            Self { port: free.to_string(), serial: server.address().to_string(), home: tempfile::tempdir().unwrap() };
        let said = adb.run(&["connect", &adb.serial]).await;
        println!("{}", text(&said.stdout));
        Some(adb)
    }

    async fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new("adb");
        command.args(["-P", &self.port, "-s", &self.serial]).args(words).env("HOME", self.home.path());
        command.env_remove("ANDROID_SERIAL").env_remove("ANDROID_ADB_SERVER_PORT").kill_on_drop(true);
        let output = tokio::time::timeout(std::time::Duration::from_secs(60), command.output());
        output.await.expect("adb ends in time").expect("adb starts")
    }

    /// What it prints when all goes well.
    async fn says(&self, words: &[&str]) -> String {
        let output = self.run(words).await;
        assert!(output.status.success(), "{words:?}: {}{}", text(&output.stdout), text(&output.stderr));
        text(&output.stdout)
    }
}

impl Drop for Adb {
    fn drop(&mut self) {
        let kill = std::process::Command::new("adb").args(["-P", &self.port, "kill-server"]).output();
        assert!(kill.is_ok());
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn adb_uses_the_phone() {
    let server = server(ClockSource::Real).await;
    let Some(adb) = Adb::connect(&server).await else { return };
    let devices = adb.says(&["devices", "-l"]).await;
    let line = devices.lines().find(|line| line.starts_with(&adb.serial)).unwrap_or_default();
    assert!(line.contains(" device ") && line.contains("product:deftly_sim"), "{devices}");

    assert_eq!(adb.says(&["shell", "echo", "'a  b'"]).await, "a  b\n");
    let failed = adb.run(&["shell", "nope"]).await;
    assert_eq!(failed.status.code(), Some(127));
    assert!(text(&failed.stderr).contains("nope: inaccessible or not found"), "{}", text(&failed.stderr));

    let png = adb.run(&["exec-out", "screencap", "-p"]).await.stdout;
    let picture = image::load_from_memory_with_format(&png, image::ImageFormat::Png).unwrap();
    assert_eq!((picture.width(), picture.height()), (1080, 2400));

    let port = adb.says(&["forward", "tcp:0", "tcp:9008"]).await;
    let list = adb.says(&["forward", "--list"]).await;
    assert!(list.contains(&format!("tcp:{} tcp:9008", port.trim())), "{list}");
    adb.says(&["reverse", "tcp:7001", "tcp:7002"]).await;
    assert!(adb.says(&["reverse", "--list"]).await.contains("tcp:7001 tcp:7002"));
}

#[tokio::test(flavor = "multi_thread")]
async fn adb_pushes_and_pulls() {
    let server = server(ClockSource::Real).await;
    let Some(adb) = Adb::connect(&server).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let data: Vec<u8> = (0..3_000_000_u32).map(|number| (number ^ (number >> 8)) as u8).collect();
    std::fs::write(path("here"), &data).unwrap();
    adb.says(&["push", &path("here"), "/data/local/tmp/there"]).await;
    adb.says(&["pull", "/data/local/tmp/there", &path("back")]).await;
    assert!(std::fs::read(path("back")).unwrap() == data);
    assert!(adb.says(&["ls", "/data/local/tmp"]).await.contains("there"));
    let refused = adb.run(&["push", &path("here"), "/system/there"]).await;
    assert!(!refused.status.success());
    let said = text(&refused.stdout) + &text(&refused.stderr);
    assert!(said.contains("Permission denied"), "{said}");
    assert!(!adb.run(&["pull", "/sdcard/nothing", &path("nothing")]).await.status.success());
    assert!(!Path::new(&path("nothing")).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn adb_says_that_it_is_not_allowed() {
    let server = server(ClockSource::Real).await;
    server.handset().add_fault(FaultName::Unauthorized);
    let Some(adb) = Adb::connect(&server).await else { return };
    let devices = adb.says(&["devices"]).await;
    assert!(devices.contains(&format!("{}\tunauthorized", adb.serial)), "{devices}");
    assert!(!adb.run(&["shell", "id"]).await.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn adb_comes_back_after_a_cut() {
    let server = server(ClockSource::Real).await;
    let Some(adb) = Adb::connect(&server).await else { return };
    server.handset().add_fault("cut-before-call=input".parse().unwrap());
    // What adb says of a shell that was cut off is no error in all its versions.
    adb.run(&["shell", "input", "tap", "5", "5"]).await;
    assert!(server.handset().faults().calls.is_empty(), "the fault struck");
    // adb keeps a cut phone as offline for about 10 seconds unless it is told to forget it.
    for _ in 0..50 {
        adb.run(&["disconnect", &adb.serial]).await;
        adb.run(&["connect", &adb.serial]).await;
        if adb.run(&["shell", "echo", "back"]).await.stdout == b"back\n" {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the phone is used again");
}

/// Python's client of the resident server; skipped out loud where it is not installed.
#[tokio::test(flavor = "multi_thread")]
async fn uiautomator2_uses_the_phone() {
    let server = server(ClockSource::Real).await;
    let Some(adb) = Adb::connect(&server).await else { return };
    // A virtual environment's Python is named by this variable.
    let python = std::env::var("DEFTLY_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", "import uiautomator2"]).output().await;
    if !found.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "skipped: {python} has no uiautomator2 (pip install uiautomator2; DEFTLY_PYTHON names another Python)"
        );
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python_client.py");
    let mut command = Command::new(&python);
    command.args([script, &adb.serial]).env("ANDROID_ADB_SERVER_PORT", &adb.port).kill_on_drop(true);
    let output = tokio::time::timeout(std::time::Duration::from_secs(120), command.output());
    let output = output.await.expect("the script ends in time").expect("Python starts");
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    assert!(server.handset().resident_starts() == 1);
}
