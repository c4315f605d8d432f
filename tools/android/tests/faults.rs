//! What goes wrong ends in a recovery within bounds, or in an error that says what to do; and nothing is done twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use std::time::{Duration, Instant};

use deftly_sim_adb::{CallFault, CallFaultKind, Cut, FaultName, Faults, Lock};
use deftly_tools::{Action, Device, DeviceError, ElementId, SettleLimits, settle, settle_after};

use support::{Bench, element, look, open_app};

fn call(name: &str, what: CallFaultKind) -> Faults {
    let fault = CallFault { call: name.to_owned(), what, times: 1 };
    Faults { calls: vec![fault], ..Faults::default() }
}

fn cut(cut: Cut) -> Faults {
    Faults { cut: Some(cut), ..Faults::default() }
}

/// What must not be done twice: a switch that is pressed twice is off again.
struct Switch {
    bench: Bench,
    device: deftly_android::AndroidDevice,
    id: ElementId,
}

impl Switch {
    async fn find() -> Option<Self> {
        let bench = Bench::start().await?;
        let mut device = bench.open().await.unwrap();
        let settings = open_app(&mut device, "Settings").await;
        let network = element(&settings, "Network").id;
        let page = support::perform(&mut device, &settings, Action::Tap { id: network }).await;
        let id = element(&page, "Wi-Fi").id;
        Some(Self { bench, device, id })
    }

    fn is_on(&self) -> bool {
        self.bench.handset.with(|phone| phone.system().wifi)
    }

    async fn tap(&mut self) -> Result<(), DeviceError> {
        let screen = look(&mut self.device).await.screen;
        self.device.perform(&Action::Tap { id: self.id }, &screen).await.map(|_| ())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_survives_what_happens_to_the_connection() {
    let Some(bench) = Bench::start().await else { return };
    let mut device = bench.open().await.unwrap();
    let expected = look(&mut device).await;
    let dump = "dumpWindowHierarchy";
    let faults = [
        call(dump, CallFaultKind::CutBefore),
        call(dump, CallFaultKind::CutAfter),
        call(dump, CallFaultKind::ShortReply(100)),
        call(dump, CallFaultKind::ResidentDies),
        call("deviceInfo", CallFaultKind::CutBefore),
        call("deviceInfo", CallFaultKind::ResidentDies),
        cut(Cut::AfterMessages(1)),
        cut(Cut::AfterMessages(3)),
        cut(Cut::OnOpen("tcp:9008".to_owned())),
    ];
    for fault in faults {
        bench.handset.set_faults(fault.clone());
        let started = Instant::now();
        let seen = device.observe().await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(seen, expected, "{fault:?}");
        assert!(started.elapsed() < Duration::from_secs(30), "{fault:?}: {:?}", started.elapsed());
        bench.handset.set_faults(Faults::default());
    }
    bench.kill_adb_server();
    assert_eq!(device.observe().await.unwrap(), expected);
    bench.server.cut();
    assert_eq!(device.observe().await.unwrap(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_is_started_again_once() {
    let Some(bench) = Bench::start().await else { return };
    let mut device = bench.open().await.unwrap();
    let expected = look(&mut device).await;
    bench.handset.kill_resident();
    assert_eq!(device.observe().await.unwrap(), expected);
    assert_eq!(bench.handset.resident_starts(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_whose_answer_is_lost_is_not_repeated() {
    for what in [CallFaultKind::CutBefore, CallFaultKind::CutAfter, CallFaultKind::ShortReply(20)] {
        let Some(mut switch) = Switch::find().await else { return };
        let before = switch.is_on();
        let page = look(&mut switch.device).await;
        switch.bench.handset.set_faults(call("click", what));
        let error = switch.tap().await.unwrap_err();
        assert!(matches!(error, DeviceError::OutcomeUnknown { action: "tap", .. }), "{what:?}: {error}");
        let changed = switch.is_on() != before;
        assert_eq!(changed, what != CallFaultKind::CutBefore, "{what:?}");
        // The next look finds out what came of it.
        let page =
            settle_after(&mut switch.device, &page, SettleLimits::default(), &mut |_| ()).await.unwrap().observation;
        assert_eq!(element(&page, "Wi-Fi").state.checked, Some(switch.is_on()), "{what:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_on_a_connection_that_is_gone_is_performed_once() {
    let Some(mut switch) = Switch::find().await else { return };
    let before = switch.is_on();
    let screen = look(&mut switch.device).await.screen;
    switch.bench.server.cut();
    let tap = Action::Tap { id: switch.id };
    switch.device.perform(&tap, &screen).await.unwrap();
    assert_eq!(switch.is_on(), !before);
    switch.bench.handset.kill_resident();
    switch.device.perform(&tap, &screen).await.unwrap();
    assert_eq!(switch.is_on(), before);
    switch.bench.kill_adb_server();
    switch.device.perform(&tap, &screen).await.unwrap();
    assert_eq!(switch.is_on(), !before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_sleeps_is_woken_and_a_locked_one_says_so() {
    let Some(bench) = Bench::start().await else { return };
    bench.handset.add_fault(FaultName::Asleep);
    let mut device = bench.open().await.unwrap();
    assert_eq!(bench.handset.screen(), (true, Lock::Open));
    let home = look(&mut device).await;
    bench.handset.add_fault(FaultName::Asleep);
    assert_eq!(device.observe().await.unwrap().app, home.app);

    for awake in [true, false] {
        bench.handset.set_screen(awake, Lock::Secure);
        let error = device.observe().await.unwrap_err().to_string();
        assert!(error.contains("the phone is locked") && error.contains("hint: unlock it by hand"), "{error}");
    }
    let error = bench.open().await.err().unwrap().to_string();
    assert!(error.contains("the phone is locked"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_does_not_trust_this_computer_says_so() {
    let Some(bench) = Bench::start().await else { return };
    bench.handset.add_fault(FaultName::Unauthorized);
    let error = bench.open().await.err().unwrap().to_string();
    assert!(error.contains("unauthorized") && error.contains("Allow USB debugging?"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vendors_switch_is_named() {
    let Some(mut switch) = Switch::find().await else { return };
    switch.bench.handset.add_fault(FaultName::NoInjection);
    let error = switch.tap().await.unwrap_err().to_string();
    assert!(error.contains("refuses touches") && error.contains("USB debugging (Security settings)"), "{error}");
    let findings = deftly_android::check(&switch.bench.adb).await;
    let touches = findings.iter().find(|finding| finding.what.ends_with("touches")).unwrap();
    assert_eq!(touches.state, deftly_android::State::Wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_wants_a_keyboard_gets_one_and_the_owner_theirs_back() {
    let Some(bench) = Bench::start().await else { return };
    let mut device = bench.open().await.unwrap();
    let notes = open_app(&mut device, "Notes").await;
    let page = support::perform(&mut device, &notes, Action::Tap { id: element(&notes, "New note").id }).await;
    let field = page.screen.elements.iter().find(|element| element.state.editable).unwrap().id;
    let write = Action::Type { id: Some(field), text: "Grüße; rm -rf /".into(), clear: false, submit: false };
    let keyboard = |bench: &Bench| {
        let words = ["-s", &bench.address, "shell", "settings", "get", "secure", "default_input_method"];
        bench.adb(&words)
    };
    let before = keyboard(&bench);
    bench.handset.add_fault(FaultName::KeyboardOnly);
    assert!(device.perform(&write, &page.screen).await.is_err());
    assert_eq!(keyboard(&bench), before);

    let archive = tempfile::NamedTempFile::with_suffix(".apk").unwrap();
    std::fs::write(archive.path(), b"PK\x03\x04").unwrap();
    let path = archive.path().to_str().unwrap();
    let said = bench.adb(&["-s", &bench.address, "install", "--no-streaming", path]);
    assert!(said.contains("Success"), "{said}");
    let page = support::perform(&mut device, &page, write).await;
    let field = page.screen.elements.iter().find(|element| element.state.editable && element.state.focused).unwrap();
    assert_eq!(field.value.as_deref(), Some("Grüße; rm -rf /"));
    assert_eq!(keyboard(&bench), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_and_restless_trees_are_bounded() {
    let Some(bench) = Bench::start().await else { return };
    let mut device = bench.open().await.unwrap();
    bench.handset.add_fault(FaultName::HugeTree);
    assert!(device.observe().await.unwrap().screen.elements.len() > 1000);
    bench.handset.set_faults(Faults::default());

    bench.handset.add_fault(FaultName::RestlessTree);
    let limits = SettleLimits { timeout: Duration::from_secs(1), ..SettleLimits::default() };
    assert!(!settle(&mut device, limits).await.unwrap().stable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_cut_short_is_taken_again() {
    let Some(bench) = Bench::start().await else { return };
    let mut device = bench.open().await.unwrap();
    bench.handset.set_faults(call("screencap", CallFaultKind::ShortReply(2000)));
    assert!(device.screenshot().await.unwrap().png.len() > 2000);
}

#[tokio::test(flavor = "multi_thread")]
async fn which_phone_is_meant_is_asked() {
    let (Some(one), Some(other)) = (Bench::start().await, Bench::start().await) else { return };
    let error = deftly_android::AndroidDevice::open(&one.adb, None).await.err().unwrap().to_string();
    assert!(error.contains("no phone is connected"), "{error}");
    one.adb(&["connect", &one.address]);
    one.adb(&["connect", &other.address]);
    let error = deftly_android::AndroidDevice::open(&one.adb, None).await.err().unwrap().to_string();
    assert!(error.contains("several phones") && error.contains(&other.address), "{error}");
    assert!(error.contains("hint: say which: --device android:127.0.0.1:"), "{error}");
    one.adb(&["disconnect", &other.address]);
    assert!(deftly_android::AndroidDevice::open(&one.adb, None).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_well_with_a_phone_that_was_used() {
    let Some(bench) = Bench::start().await else { return };
    let _device = bench.open().await.unwrap();
    let findings = deftly_android::check(&bench.adb).await;
    assert!(findings.iter().all(|finding| finding.state == deftly_android::State::Fine), "{findings:#?}");
    assert_eq!(findings.len(), 8, "{findings:#?}");
}
