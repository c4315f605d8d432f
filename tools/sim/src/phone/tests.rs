use std::time::Duration;

use deftly_tools::{Action, Device, Direction, Element, ElementId, Observation, Role, Status, parse_hierarchy};

use super::*;
use crate::FontSize;
use crate::apps::settings::Settings;

fn phone(seed: u64) -> SimPhone {
    SimPhone::with_variation(seed, Variation::CANONICAL)
}

/// Settings on its first page, settled.
fn settings(seed: u64) -> SimPhone {
    let mut phone = phone(seed);
    phone.launch("settings");
    phone.settle_now();
    phone
}

fn look(phone: &SimPhone) -> Vec<Element> {
    parse_hierarchy(phone.hierarchy_xml().as_bytes()).unwrap().elements
}

fn labels(phone: &SimPhone) -> Vec<String> {
    look(phone).into_iter().map(|element| element.label).collect()
}

/// Presses the widget with this key and lets the screen settle.
fn press(phone: &mut SimPhone, key: &str) {
    let frame = phone.settled_frame();
    let node = frame.find(key).unwrap_or_else(|| panic!("no {key} on {:?}", phone.place()));
    assert!(!node.visible.is_empty(), "{key} cannot be seen");
    let (x, y) = node.visible.center();
    phone.press(x, y);
    phone.settle_now();
}

async fn settled(phone: &mut SimPhone) -> Observation {
    phone.settle_now();
    phone.observe().await.unwrap()
}

fn element(observation: &Observation, key: &str) -> ElementId {
    let found = observation.screen.elements.iter().find(|element| element.resource_id.ends_with(&format!("/{key}")));
    found.unwrap_or_else(|| panic!("no {key} in {:#?}", observation.screen)).id
}

#[test]
fn the_same_seed_gives_the_same_phone() {
    for variation in [Variation::CANONICAL, Variation::STANDARD, Variation::TRAINING] {
        let dump = |seed| {
            let mut phone = SimPhone::with_variation(seed, variation);
            phone.launch("settings");
            phone.settle_now();
            press(&mut phone, "network");
            press(&mut phone, "wifi");
            (phone.hierarchy_xml(), phone.state_digest())
        };
        assert_eq!(dump(7), dump(7));
        assert_ne!(dump(7), dump(8));
    }
}

#[test]
fn a_press_toggles_wifi() {
    let mut phone = settings(1);
    press(&mut phone, "network");
    let before = phone.system().wifi;
    press(&mut phone, "wifi");
    assert_eq!(phone.system().wifi, !before);
    let wifi = look(&phone).into_iter().find(|element| element.label == "Wi-Fi").unwrap();
    assert_eq!((wifi.role, wifi.state.checked), (Role::Switch, Some(!before)));
}

#[test]
fn a_press_on_nothing_does_nothing() {
    let mut phone = settings(1);
    let (xml, digest) = (phone.hierarchy_xml(), phone.state_digest());
    for point in [(500, 40), (500, 2390), (-5, 10), (5000, 5000)] {
        phone.press(point.0, point.1);
        phone.long_press(point.0, point.1);
    }
    assert_eq!((phone.hierarchy_xml(), phone.state_digest()), (xml, digest));
}

#[test]
fn scrolling_hides_and_reveals() {
    let mut phone = settings(1);
    phone.system_mut().font_size = FontSize::Largest;
    press(&mut phone, "language");
    let seen = |phone: &SimPhone, label: &str| labels(phone).iter().any(|one| one == label);
    assert!(seen(&phone, "English") && !seen(&phone, "Tiếng Việt"));
    phone.swipe((500, 2000), (500, 500), Duration::from_millis(300));
    phone.settle_now();
    assert!(!seen(&phone, "English") && seen(&phone, "Tiếng Việt"));
    // What is scrolled off is still in the frame, for those who ask where it is.
    assert!(phone.frame().find("language_0").unwrap().visible.is_empty());
    phone.swipe((500, 500), (500, 2000), Duration::from_millis(300));
    phone.settle_now();
    assert!(seen(&phone, "English"));
}

#[test]
fn the_keyboard_covers_what_is_beneath() {
    let mut phone = settings(1);
    let count = labels(&phone).len();
    press(&mut phone, "search");
    assert!(phone.frame().keyboard, "the search field asks for the focus");
    assert!(phone.type_text("a"));
    phone.settle_now();
    let elements = look(&phone);
    assert!(elements.iter().all(|element| element.bounds.bottom <= KEYBOARD_TOP), "{elements:#?}");
    phone.back();
    phone.settle_now();
    assert!(!phone.frame().keyboard && labels(&phone).len() > elements.len());
    phone.back();
    phone.settle_now();
    assert_eq!(labels(&phone).len(), count);
}

#[test]
fn back_closes_one_thing_at_a_time() {
    let mut phone = settings(1);
    press(&mut phone, "about");
    press(&mut phone, "device_name");
    phone.swipe((500, 10), (500, 1500), Duration::from_millis(300));
    phone.settle_now();
    let mut seen = Vec::new();
    for _ in 0..4 {
        phone.back();
        phone.settle_now();
        seen.push((phone.foreground().name, phone.place().1, phone.frame().keyboard));
    }
    let expected = [
        ("Settings", Some("device_name_dialog"), false),
        ("Settings", None, false),
        ("Settings", None, false),
        ("Home screen", None, false),
    ];
    let expected = expected.map(|(app, dialog, keyboard)| (app.to_owned(), dialog.map(str::to_owned), keyboard));
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_screen_takes_its_time_to_settle() {
    let mut phone = settings(1);
    let before = phone.observe().await.unwrap();
    let id = element(&before, "network");
    phone.perform(&Action::Tap { id }, &before.screen).await.unwrap();
    assert_eq!(phone.observe().await.unwrap(), before, "the old screen is still shown");
    phone.pause(Duration::from_millis(99)).await;
    assert_eq!(phone.observe().await.unwrap(), before);
    phone.pause(Duration::from_millis(502)).await;
    assert_ne!(phone.observe().await.unwrap(), before);
    assert_eq!(phone.place().0, "network_page");
}

#[test]
fn an_uninstalled_app_vanishes() {
    let mut phone = phone(1);
    let name = phone.app_name("settings");
    assert!(labels(&phone).contains(&name));
    phone.system_mut().app_mut("settings").unwrap().installed = false;
    assert!(!labels(&phone).contains(&name));
    phone.launch("settings");
    assert_eq!(phone.foreground().name, "Home screen");
}

#[tokio::test]
async fn a_password_is_typed_and_never_shown() {
    let mut phone = settings(1);
    phone.system_mut().set_wifi(true);
    phone.system_mut().connected = None;
    let network = &mut phone.system_mut().networks[0];
    (network.secured, network.saved) = (true, false);
    press(&mut phone, "network");
    press(&mut phone, "wifi_page");
    press(&mut phone, "network_0");
    let screen = settled(&mut phone).await;
    let id = Some(element(&screen, "password"));
    let action = |text: &str, submit| Action::Type { id, text: text.into(), clear: true, submit };
    phone.perform(&action("short", true), &screen.screen).await.unwrap();
    assert_eq!(phone.system().connected, None);
    phone.perform(&action("secret-enough", true), &screen.screen).await.unwrap();
    assert!(!phone.hierarchy_xml().contains("secret-enough"));
    assert_eq!(phone.system().connected, Some(phone.system().networks[0].name.clone()));
}

#[tokio::test]
async fn actions_that_cannot_be_performed_say_why() {
    let mut phone = settings(1);
    let screen = settled(&mut phone).await.screen;
    for (action, expected) in [
        (Action::Tap { id: ElementId(99) }, "no element 99"),
        (Action::OpenApp { name: "Chess".into() }, "installed are"),
        (Action::Type { id: None, text: "a".into(), clear: false, submit: false }, "no text field is focused"),
        (Action::Type { id: Some(ElementId(2)), text: "a".into(), clear: false, submit: false }, "not a text field"),
        (Action::Done { status: Status::Complete, reason: None }, "not for a device"),
    ] {
        let error = phone.perform(&action, &screen).await.unwrap_err().to_string();
        assert!(error.contains(expected), "{action:?}: {error}");
        assert!(error.contains("hint: "), "{action:?}: {error}");
    }
}

#[tokio::test]
async fn a_slider_follows_the_finger() {
    let mut phone = settings(1);
    press(&mut phone, "display");
    let screen = settled(&mut phone).await;
    let id = element(&screen, "brightness");
    for (direction, expected) in [(Direction::Right, 100), (Direction::Left, 0)] {
        phone.perform(&Action::Swipe { direction, id: Some(id) }, &screen.screen).await.unwrap();
        assert_eq!(phone.system().brightness, expected);
    }
    phone.perform(&Action::Tap { id }, &screen.screen).await.unwrap();
    assert_eq!(phone.system().brightness, 50);
}

#[test]
fn the_shade_has_quick_settings() {
    let mut phone = phone(1);
    phone.swipe((500, 10), (500, 1500), Duration::from_millis(300));
    phone.settle_now();
    let before = phone.system().airplane;
    press(&mut phone, "quick_airplane");
    assert_eq!(phone.system().airplane, !before);
    assert!(labels(&phone).contains(&"Airplane mode".to_owned()), "{:?}", labels(&phone));
}

#[test]
fn every_page_can_be_reached_in_every_font_and_has_unique_keys() {
    for size in FontSize::ALL {
        let mut phone = settings(3);
        phone.system_mut().font_size = size;
        for section in ["network", "bluetooth_page", "apps", "display", "sound", "battery", "language", "about"] {
            let frame = phone.settled_frame();
            let (x, y) = frame.find(section).unwrap().bounds.center();
            assert!(y < HEIGHT, "{section} at {y}");
            phone.press(x, y);
            phone.settle_now();
            let frame = phone.settled_frame();
            let mut keys: Vec<&str> =
                frame.nodes.iter().map(|node| node.key.as_str()).filter(|key| !key.is_empty()).collect();
            keys.sort_unstable();
            let count = keys.len();
            keys.dedup();
            assert_eq!(keys.len(), count, "{section}: {keys:?}");
            assert!(!look(&phone).is_empty());
            phone.back();
            phone.settle_now();
        }
    }
    assert!(format!("{:?}", settings(3).app::<Settings>()).contains("stack: []"));
}
