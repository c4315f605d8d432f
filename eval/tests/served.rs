//! The suite through adb and the service on the phone gives what it gives in process, task by task.

#![allow(clippy::unwrap_used, reason = "tests, whose helpers may unwrap too")]

use deftly_android::Adb;
use deftly_eval::{Job, Policy, Route, SimSuite, SimSuiteOptions, Suite};
use tokio_util::sync::CancellationToken;

/// Every kind of action: switches, typing in fields and passwords, scrolling, dialogs, long presses, swipes, answers.
const TASKS: [&str; 10] = [
    "settings_turn_on_wifi",
    "settings_connect_network",
    "settings_volume",
    "contacts_add",
    "contacts_delete",
    "messages_send",
    "clock_create_alarm",
    "notes_create",
    "files_delete_file",
    "shop_buy",
];

/// What an episode came to, without its times.
async fn run(suite: &SimSuite, job: &Job, policy: &Policy) -> (bool, String, usize) {
    let episode = suite.run(job, policy, &CancellationToken::new()).await.unwrap();
    (episode.solved, format!("{:?} {:?}", episode.ending, episode.error), episode.steps)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wire_changes_nothing() {
    compare(&TASKS.map(str::to_owned)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "every task takes minutes"]
async fn the_wire_changes_nothing_in_any_task() {
    compare(&SimSuite::default().tasks()).await;
}

async fn compare(tasks: &[String]) {
    if Adb::default().version().await.is_err() {
        eprintln!("SKIPPED: adb is not installed (Debian: apt install adb)");
        return;
    }
    let server_port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let route = Route::Adb { server_port: Some(server_port) };
    let (mut plain, mut served) = (SimSuite::default(), SimSuite::new(SimSuiteOptions { route, ..Default::default() }));
    let known = plain.tasks();
    assert!(tasks.iter().all(|task| known.contains(task)), "{known:?}");
    let jobs: Vec<Job> = tasks.iter().map(|task| Job { task: task.clone(), seed: 3 }).collect();
    plain.prepare(&jobs).await.unwrap();
    served.prepare(&jobs).await.unwrap();
    let mut differences = Vec::new();
    for job in &jobs {
        let expected = run(&plain, job, &Policy::Oracle).await;
        let found = run(&served, job, &Policy::Oracle).await;
        if found != expected || !expected.0 {
            differences.push(format!("{}: {found:?} and not {expected:?}", job.task));
        }
    }
    let _ = std::process::Command::new("adb").args(["-P", &server_port.to_string(), "kill-server"]).status();
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), jobs.len(), differences.join("\n"));
}
