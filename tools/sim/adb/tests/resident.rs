//! The resident server, and what goes wrong on purpose.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot be set up has failed")]

mod common;

use std::time::Duration;

use common::{Host, server};
use deftly_sim::SimPhone;
use deftly_sim::apps::notes::Notes;
use deftly_sim_adb::{CallFault, CallFaultKind, ClockSource, Cut, FaultName, Faults, Lock, Server};
use deftly_tools::{Action, Device, ElementId, parse_hierarchy};
use serde_json::{Value, json};

async fn resident(clock: ClockSource) -> (Server, Host) {
    let server = server(clock).await;
    let mut host = Host::connect(&server).await;
    host.start_resident().await.unwrap();
    (server, host)
}

fn by(field: &str, value: impl Into<Value>) -> Value {
    let value: Value = value.into();
    json!({field: value, "mask": 1, "childOrSibling": [], "childOrSiblingSelector": []})
}

#[tokio::test]
async fn a_note_is_written_through_selectors() {
    let (server, mut host) = resident(ClockSource::Looks).await;
    let name = server.handset().with(|phone| phone.app_name("notes"));
    let icon = by("text", name);
    assert_eq!(host.result("waitForExists", json!([icon, 5000])).await, json!(true));
    assert_eq!(host.result("click", json!([icon])).await, json!(true));
    let add = by("resourceId", "com.deftly.notes:id/new");
    let found = host.result("waitForExists", json!([add, 5000])).await;
    assert_eq!(found, json!(true), "{}", host.result("dumpWindowHierarchy", json!([false, 50])).await);
    host.result("click", json!([add])).await;
    let field = by("className", "android.widget.EditText");
    assert_eq!(host.result("waitForExists", json!([field, 5000])).await, json!(true));
    assert_eq!(host.result("setText", json!([field, "Grüße ✓"])).await, json!(true));
    assert_eq!(host.result("waitForExists", json!([by("text", "Grüße ✓"), 5000])).await, json!(true));
    assert_eq!(host.result("getText", json!([field])).await, json!("Grüße ✓"));
    host.result("pressKey", json!(["back"])).await;
    host.result("pressKey", json!(["back"])).await;
    let saved = server.handset().with(|phone| format!("{:?}", phone.app::<Notes>()));
    assert!(saved.contains("Grüße ✓"), "{saved}");
}

#[tokio::test]
async fn errors_are_those_of_the_real_server() {
    let (_server, mut host) = resident(ClockSource::Looks).await;
    let mut check = async |method: &str, parameters: Value, code: i64, part: &str| {
        let answer = host.call(method, parameters).await.unwrap();
        assert_eq!(answer["error"]["code"], json!(code), "{method}: {answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(part), "{answer}");
    };
    check("objInfo", json!([by("text", "nowhere")]), -32001, "uiautomator.UiObjectNotFoundException").await;
    check("screenshot", json!({}), -32601, "not found").await;
    check("doubleClick", json!([1, 2, 0.1]), -32601, "not found").await;
    check("longClick", json!([1, 2, 0.5]), -32602, "invalid").await;
    check("click", json!(["a", 2]), -32602, "invalid").await;
    check("swipe", json!([1, 2, 3]), -32602, "invalid").await;
}

#[tokio::test]
async fn what_waits_in_vain_waits_no_longer_than_it_was_told() {
    let (_server, mut host) = resident(ClockSource::Real).await;
    let started = std::time::Instant::now();
    assert_eq!(host.result("waitForExists", json!([by("text", "nowhere"), 300])).await, json!(false));
    assert!((250..3000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    assert_eq!(host.result("waitUntilGone", json!([by("text", "nowhere"), 60_000])).await, json!(true));
}

#[tokio::test]
async fn the_server_lives_as_long_as_its_shell() {
    let server = server(ClockSource::Held).await;
    let mut host = Host::connect(&server).await;
    let run = "CLASSPATH=/data/local/tmp/u2.jar app_process / com.wetest.uia2.Main";
    assert!(host.shell(run).await.unwrap().contains("could not find class"), "without the file there is no class");
    host.shell("echo jar > /data/local/tmp/u2.jar").await.unwrap();
    let stream = host.open(&format!("shell:{run} -p 9010")).await.unwrap();
    assert_eq!(host.receive().await.unwrap().0, "WRTE");
    host.send("OKAY", stream.0, stream.1, &[]).await;
    let mut other = Host::connect(&server).await;
    assert!(other.open("tcp:9010").await.is_some() && other.open("tcp:9008").await.is_none());
    assert!(other.shell(run).await.unwrap().contains("already registered"));
    host.send("CLSE", stream.0, stream.1, &[]).await;
    assert!(eventually(|| !server.handset().resident_runs()).await);
}

async fn eventually(is_so: impl Fn() -> bool) -> bool {
    for _ in 0..200 {
        if is_so() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

/// The same steps in process and over the wire, each look and each pause in the same place.
#[tokio::test]
async fn looks_find_what_they_find_in_process() {
    let (server, mut host) = resident(ClockSource::Held).await;
    let mut phone = SimPhone::new(7);
    for step in 0..25 {
        let here = phone.observe().await.unwrap();
        let xml = host.result("dumpWindowHierarchy", json!([false, 50])).await;
        let there = parse_hierarchy(xml.as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(here.screen, there, "step {step}");
        let package = host.result("deviceInfo", json!({})).await["currentPackageName"].clone();
        assert_eq!(package, json!(here.app.package), "step {step}");
        let element = &here.screen.elements[(step * 7 + 3) % here.screen.elements.len()];
        if step % 6 == 5 || element.state.disabled {
            phone.perform(&Action::Back, &here.screen).await.unwrap();
            host.result("pressKey", json!(["back"])).await;
        } else {
            let (x, y) = element.bounds.center();
            phone.perform(&Action::Tap { id: ElementId(element.id.0) }, &here.screen).await.unwrap();
            host.result("click", json!([x, y])).await;
        }
        let pause = Duration::from_millis(step as u64 * 40);
        phone.pause(pause).await;
        server.handset().advance(pause);
    }
    assert_eq!(phone.state_digest(), server.handset().with(|phone| phone.state_digest()));
}

#[tokio::test]
async fn a_look_that_follows_a_look_is_later() {
    let (server, mut host) = resident(ClockSource::Looks).await;
    // Reading the clock counts as something that was done, so it is not read between the looks.
    let now = || server.handset().with(|phone| phone.now().0);
    let start = now();
    for _ in 0..3 {
        host.result("dumpWindowHierarchy", json!([false, 50])).await;
    }
    let passed = now() - start;
    assert!((160..10_000).contains(&passed), "{passed}");
    host.result("click", json!([5, 5])).await;
    host.result("deviceInfo", json!({})).await;
    let start = now();
    host.result("dumpWindowHierarchy", json!([false, 50])).await;
    assert_eq!(now(), start, "the first look after something was done is at once");
}

#[tokio::test]
async fn a_swipe_of_one_step_is_a_press() {
    let (server, mut host) = resident(ClockSource::Looks).await;
    let name = server.handset().with(|phone| phone.app_name("settings"));
    let info = host.result("objInfo", json!([by("text", name)])).await;
    let edge = |name: &str| info["bounds"][name].as_i64().unwrap();
    let (x, y) = ((edge("left") + edge("right")) / 2, (edge("top") + edge("bottom")) / 2);
    host.result("swipe", json!([x, y, x, 100, 0.5])).await;
    let front = server.handset().with(|phone| {
        phone.settle_now();
        phone.foreground().package
    });
    assert_eq!(front, "com.deftly.settings");
}

#[tokio::test]
async fn a_phone_that_sleeps_is_woken_and_unlocked() {
    let (server, mut host) = resident(ClockSource::Looks).await;
    server.handset().add_fault(FaultName::Asleep);
    let xml = host.result("dumpWindowHierarchy", json!([false, 50])).await;
    assert!(xml.as_str().unwrap().contains("<hierarchy rotation=\"0\" />"), "{xml}");
    assert!(host.shell("dumpsys power").await.unwrap().contains("mWakefulness=Asleep"));
    host.shell("input keyevent KEYCODE_WAKEUP").await.unwrap();
    assert!(host.result("dumpWindowHierarchy", json!([false, 50])).await.as_str().unwrap().contains("keyguard"));
    assert_eq!(server.handset().screen(), (true, Lock::Swipe));
    host.shell("input swipe 540 2000 540 600 200").await.unwrap();
    assert_eq!(server.handset().screen(), (true, Lock::Open));
    server.handset().add_fault(FaultName::Locked);
    host.shell("input swipe 540 2000 540 600 200; wm dismiss-keyguard; input tap 540 1200").await.unwrap();
    assert_eq!(server.handset().screen(), (true, Lock::Secure));
    assert!(host.shell("dumpsys window").await.unwrap().contains("isStatusBarKeyguard=true"));
}

#[tokio::test]
async fn an_unauthorized_host_waits_for_the_owner() {
    let server = server(ClockSource::Held).await;
    server.handset().add_fault(FaultName::Unauthorized);
    let mut host = Host::dial(&server).await;
    host.send("CNXN", 0x0100_0001, 4096, b"host::").await;
    for (kind, data) in [(2, &[1; 256][..]), (3, b"QAAAAkey user@host\0")] {
        let (name, arg0, _, token) = host.receive().await.unwrap();
        assert_eq!((name.as_str(), arg0, token.len()), ("AUTH", 1, 20));
        host.send("AUTH", kind, 0, data).await;
    }
    host.send("OPEN", 5, 0, b"shell:id\0").await;
    server.handset().set_faults(Faults::default());
    assert_eq!(host.receive().await.unwrap().0, "CNXN", "nothing was opened before");
}

/// A call that a fault strikes: whether it has an answer, and whether it was done.
async fn struck(what: CallFaultKind, answers: bool, is_done: bool) {
    let (server, mut host) = resident(ClockSource::Held).await;
    let fault = CallFault { call: "setClipboard".to_owned(), what, times: 1 };
    server.handset().set_faults(Faults { calls: vec![fault], ..Faults::default() });
    let answer = host.call("setClipboard", json!([null, "hello"])).await;
    assert_eq!(answer.is_some(), answers, "{what:?}: {answer:?}");
    let clip = server.handset().with(|phone| phone.system().clipboard.clone());
    assert_eq!(clip.is_some(), is_done, "{what:?}");
    // It is over: a new connection works, and the resident server with it if it still runs.
    let mut host = Host::connect(&server).await;
    let runs = server.handset().resident_runs();
    assert_eq!(runs, what != CallFaultKind::ResidentDies);
    if runs {
        host.result("setClipboard", json!([null, "again"])).await;
    } else {
        assert!(host.open("tcp:9008").await.is_none());
    }
}

#[tokio::test]
async fn calls_are_cut_where_a_fault_says_so() {
    struck(CallFaultKind::CutBefore, false, false).await;
    struck(CallFaultKind::CutAfter, false, true).await;
    struck(CallFaultKind::ShortReply(10), false, true).await;
    struck(CallFaultKind::ResidentDies, false, false).await;
}

#[tokio::test]
async fn connections_are_cut_where_a_fault_says_so() {
    let server = server(ClockSource::Held).await;
    let mut host = Host::connect(&server).await;
    server.handset().set_faults(Faults { cut: Some(Cut::OnOpen("shell:echo".to_owned())), ..Faults::default() });
    assert!(host.shell("id").await.is_some());
    assert_eq!(host.shell("echo a").await, None);
    let mut host = Host::connect(&server).await;
    assert!(host.shell("echo a").await.is_some(), "once");
    server.cut();
    assert_eq!(host.shell("echo a").await, None);
    server.handset().set_faults(Faults { cut: Some(Cut::AfterMessages(3)), ..Faults::default() });
    let mut host = Host::connect(&server).await;
    assert!(host.open("sync:").await.is_some() && host.open("sync:").await.is_some());
    assert!(host.open("sync:").await.is_none() && host.receive().await.is_none());
}

#[tokio::test]
async fn input_is_refused_where_the_vendor_forbids_it() {
    let (server, mut host) = resident(ClockSource::Held).await;
    server.handset().add_fault(FaultName::NoInjection);
    assert!(host.shell("input tap 540 1200").await.unwrap().contains("INJECT_EVENTS"));
    let answer = host.call("click", json!([540, 1200])).await.unwrap();
    assert!(answer["error"]["message"].as_str().unwrap().contains("INJECT_EVENTS"), "{answer}");
    host.result("dumpWindowHierarchy", json!([false, 50])).await;
}

#[tokio::test]
async fn trees_are_huge_or_restless() {
    let (server, mut host) = resident(ClockSource::Held).await;
    let dump = json!([false, 50]);
    server.handset().add_fault(FaultName::RestlessTree);
    assert_ne!(
        host.result("dumpWindowHierarchy", dump.clone()).await,
        host.result("dumpWindowHierarchy", dump.clone()).await
    );
    server.handset().add_fault(FaultName::HugeTree);
    let xml = host.result("dumpWindowHierarchy", dump).await;
    assert!(xml.as_str().unwrap().len() > 3_000_000);
}

#[tokio::test]
async fn a_phone_is_replaced_between_tasks() {
    let (server, mut host) = resident(ClockSource::Held).await;
    host.shell("am start -n com.deftly.shop/com.deftly.shop.MainActivity").await.unwrap();
    let used = server.handset().replace(SimPhone::new(8));
    assert_eq!((used.options().seed, used.foreground().package.as_str()), (7, "com.deftly.launcher"));
    assert_eq!(server.handset().with(|phone| phone.options().seed), 8);
    host.result("deviceInfo", json!({})).await;
}
