//! A phone is driven as a phone: through the real adb.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use deftly_sim::{SimPhone, Variation};
use deftly_tools::{Action, Device, Direction, ElementId, Observation};

use support::{Bench, element, look, open_app, perform};

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_shows_itself() {
    let Some(bench) = Bench::start().await else { return };
    let mut device = bench.open().await.unwrap();
    let info = device.info();
    assert_eq!(info.name, format!("android:{}", bench.address));
    assert_eq!(info.size, (1080, 2400));
    let expected = SimPhone::with_variation(7, Variation::CANONICAL).apps().await.unwrap();
    assert_eq!(device.apps().await.unwrap(), expected);
    let home = look(&mut device).await;
    assert_eq!((home.app.name.as_str(), home.keyboard), ("Home screen", false));
    let picture = device.screenshot().await.unwrap().png;
    assert_eq!(picture, bench.handset.with(|phone| phone.picture().unwrap().png));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finger_does_what_a_finger_does() {
    let Some(bench) = Bench::start().await else { return };
    let mut device = bench.open().await.unwrap();
    let contacts = open_app(&mut device, "contact").await;
    assert_eq!(contacts.app.name, "Contacts");
    let down = perform(&mut device, &contacts, Action::Scroll { direction: Direction::Down, id: None }).await;
    assert_ne!(down.screen, contacts.screen);
    let up = perform(&mut device, &down, Action::Scroll { direction: Direction::Up, id: None }).await;
    assert_eq!(up.screen, contacts.screen);
    let home = perform(&mut device, &up, Action::Home).await;
    assert_eq!(home.app.name, "Home screen");
    let shade = perform(&mut device, &home, Action::Swipe { direction: Direction::Down, id: None }).await;
    let again = perform(&mut device, &shade, Action::Back).await;
    assert_eq!(again.app.name, "Home screen");
    let error = device.perform(&Action::Tap { id: ElementId(999) }, &home.screen).await.unwrap_err();
    assert!(error.is_models_fault(), "{error}");
    let error = device.perform(&Action::OpenApp { name: "; reboot".into() }, &home.screen).await.unwrap_err();
    assert!(error.to_string().contains("no app is called \"; reboot\""), "{error}");
}

/// The text of the field that has the focus.
fn typed(observation: &Observation) -> Option<&str> {
    let field = observation.screen.elements.iter().find(|element| element.state.editable && element.state.focused);
    field.and_then(|field| field.value.as_deref())
}

#[tokio::test(flavor = "multi_thread")]
async fn text_of_any_language_is_typed() {
    let Some(bench) = Bench::start().await else { return };
    let mut device = bench.open().await.unwrap();
    let notes = open_app(&mut device, "Notes").await;
    let new = element(&notes, "New note").id;
    let page = perform(&mut device, &notes, Action::Tap { id: new }).await;
    let field = page.screen.elements.iter().find(|element| element.state.editable).unwrap().id;
    let write = |id, text: &str, clear| Action::Type { id, text: text.into(), clear, submit: false };
    let page = perform(&mut device, &page, write(Some(field), "Grüße 你好 💡; rm -rf $HOME 'x' \"y\"", false)).await;
    assert_eq!(typed(&page), Some("Grüße 你好 💡; rm -rf $HOME 'x' \"y\""));
    assert!(page.keyboard);
    let page = perform(&mut device, &page, write(None, "שלום", true)).await;
    assert_eq!(typed(&page), Some("שלום"));
    let page = perform(&mut device, &page, write(None, "!", false)).await;
    assert_eq!(typed(&page), Some("שלום!"));
}

/// What BENCHMARKS.md quotes: `cargo test --release -p deftly-android --test phone -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn what_the_wire_costs() {
    let Some(bench) = Bench::start().await else { return };
    let opened = std::time::Instant::now();
    let mut device = bench.open().await.unwrap();
    println!("open, the service not yet on the phone: {:.0} ms", ms(opened));
    let opened = std::time::Instant::now();
    drop(bench.open().await.unwrap());
    println!("open, the service running: {:.0} ms", ms(opened));
    let settings = open_app(&mut device, "Settings").await;
    let mut plain = SimPhone::with_variation(7, Variation::CANONICAL);
    plain.perform(&Action::OpenApp { name: "Settings".into() }, &settings.screen).await.unwrap();
    let swipe = Action::Scroll { direction: Direction::Down, id: None };
    let (mut looks, mut acts, mut plain_looks, mut dumps) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..100 {
        looks.push(timed(device.observe()).await);
        acts.push(timed(device.perform(&swipe, &settings.screen)).await);
        plain_looks.push(timed(plain.observe()).await);
        if round < 20 {
            let started = std::time::Instant::now();
            bench.adb(&["-s", &bench.address, "exec-out", "uiautomator dump /dev/tty"]);
            dumps.push(ms(started));
        }
    }
    for (what, mut times) in
        [("look", looks), ("act", acts), ("look in process", plain_looks), ("uiautomator dump", dumps)]
    {
        times.sort_by(f64::total_cmp);
        println!("{what}: median {:.2} ms, p95 {:.2} ms", times[times.len() / 2], times[times.len() * 95 / 100]);
    }
}

fn ms(since: std::time::Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

async fn timed<T>(work: impl Future<Output = Result<T, deftly_tools::DeviceError>>) -> f64 {
    let started = std::time::Instant::now();
    work.await.unwrap();
    ms(started)
}
