//! A phone is driven as a phone: through the real adb.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod support;

use deftly_sim::{SimPhone, Variation};
use deftly_tools::{Action, Device, Direction};

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
    let settings = open_app(&mut device, "settings").await;
    assert_eq!(settings.app.name, "Settings");
    let down = perform(&mut device, &settings, Action::Scroll { direction: Direction::Down, id: None }).await;
    assert_ne!(down.screen, settings.screen);
    let up = perform(&mut device, &down, Action::Swipe { direction: Direction::Down, id: None }).await;
    assert_eq!(up.screen, settings.screen);
    let home = perform(&mut device, &up, Action::Home).await;
    assert_eq!(home.app.name, "Home screen");
}

#[tokio::test(flavor = "multi_thread")]
async fn text_of_any_language_is_typed() {
    let Some(bench) = Bench::start().await else { return };
    let mut device = bench.open().await.unwrap();
    let notes = open_app(&mut device, "Notes").await;
    eprintln!("{notes:#?}");
    let new = element(&notes, "New note").id;
    let page = perform(&mut device, &notes, Action::Tap { id: new }).await;
    eprintln!("{page:#?}");
}
