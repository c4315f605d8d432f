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
    if Adb::default().version().await.is_err() {
        eprintln!("SKIPPED: adb is not installed (Debian: apt install adb)");
        return;
    }
    let server_port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let route = Route::Adb { server_port: Some(server_port) };
    let (mut plain, mut served) = (SimSuite::default(), SimSuite::new(SimSuiteOptions { route, ..Default::default() }));
    let tasks = plain.tasks();
    let jobs: Vec<Job> = TASKS.iter().map(|task| Job { task: (*task).to_owned(), seed: 3 }).collect();
    assert!(jobs.iter().all(|job| tasks.contains(&job.task)), "{tasks:?}");
    plain.prepare(&jobs).await.unwrap();
    served.prepare(&jobs).await.unwrap();
    for job in &jobs {
        let expected = run(&plain, job, &Policy::Oracle).await;
        assert!(expected.0, "{}", job.task);
        assert_eq!(run(&served, job, &Policy::Oracle).await, expected, "{}", job.task);
    }
    let _ = std::process::Command::new("adb").args(["-P", &server_port.to_string(), "kill-server"]).status();
}
