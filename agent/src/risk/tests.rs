use deftly_tools::{Bounds, ElementId, ElementState};

use super::*;

fn element(role: Role, label: &str, resource_id: &str) -> Element {
    let state = ElementState {
        clickable: role != Role::Text,
        editable: role == Role::Field,
        focused: role == Role::Field,
        ..ElementState::default()
    };
    Element {
        id: ElementId(0),
        role,
        label: label.into(),
        value: None,
        state,
        bounds: Bounds::default(),
        resource_id: resource_id.into(),
    }
}

/// A screen whose last element is the one acted on.
fn observation(app: &str, mut elements: Vec<Element>) -> Observation {
    for (element, id) in elements.iter_mut().zip(1..) {
        element.id = ElementId(id);
    }
    let app = App { name: app.rsplit('.').next().unwrap_or_default().into(), package: app.into() };
    Observation { screen: Screen { elements }, app, keyboard: false }
}

fn tap_last(app: &str, elements: Vec<Element>) -> Option<Risk> {
    let observation = observation(app, elements);
    let id = ElementId(observation.screen.elements.len() as u32);
    classify(&Action::Tap { id }, &observation).map(|finding| finding.risk)
}

#[test]
fn labels_of_controls_are_read_in_many_languages() {
    let check = |role, label: &str, expected| {
        assert_eq!(tap_last("com.example.app", vec![element(role, label, "")]), expected, "{role:?} {label:?}");
    };
    check(Role::Button, "Pay now", Some(Risk::Paying));
    check(Role::Button, "PAY $12.50", Some(Risk::Paying));
    check(Role::Button, "Send money", Some(Risk::Paying));
    check(Role::Button, "Send", Some(Risk::Sending));
    check(Role::Button, "Delete note", Some(Risk::Deleting));
    check(Role::Row, "Delete, This cannot be undone", Some(Risk::Deleting));
    check(Role::Button, "While using the app", Some(Risk::Granting));
    check(Role::Button, "Jetzt kaufen", Some(Risk::Paying));
    check(Role::Button, "Nachricht senden", Some(Risk::Sending));
    check(Role::Button, "Supprimer", Some(Risk::Deleting));
    check(Role::Button, "S’abonner", Some(Risk::Paying));
    check(Role::Button, "Permitir", Some(Risk::Granting));
    check(Role::Button, "Удалить всё", Some(Risk::Deleting));
    check(Role::Button, "立即购买", Some(Risk::Paying));
    check(Role::Button, "送信する", Some(Risk::Sending));
    check(Role::Button, "삭제하기", Some(Risk::Deleting));
}

#[test]
fn words_count_whole_and_refusals_are_safe() {
    let check = |role, label: &str| {
        assert_eq!(tap_last("com.example.app", vec![element(role, label, "")]), None, "{role:?} {label:?}");
    };
    check(Role::Button, "Payload");
    check(Role::Button, "Sender");
    check(Role::Button, "Don't allow");
    check(Role::Button, "Don’t allow");
    check(Role::Button, "Deny");
    check(Role::Button, "Cancel order now");
    check(Role::Button, "不允许");
    check(Role::Button, "OK");
    check(Role::Row, "Mum, please send me the file");
    check(Role::Row, "How to delete all the things you own");
    check(Role::Field, "Send to");
    check(Role::Text, "");
}

#[test]
fn resource_ids_of_buttons_are_read() {
    let check = |role, id: &str, expected| {
        assert_eq!(tap_last("com.example.app", vec![element(role, "Los", id)]), expected, "{role:?} {id}");
    };
    check(Role::Button, "com.shop:id/pay_button", Some(Risk::Paying));
    check(Role::Button, "com.shop:id/btnPlaceOrder", Some(Risk::Paying));
    check(Role::Button, "com.chat:id/send", Some(Risk::Sending));
    check(Role::Button, "com.chat:id/sender_avatar", None);
    check(Role::Row, "com.chat:id/send", None);
    check(Role::Button, "", None);
}

#[test]
fn an_ok_is_judged_by_what_it_answers() {
    let check = |app: &str, texts: &[&str], label: &str, expected| {
        let mut elements: Vec<Element> = texts.iter().map(|text| element(Role::Text, text, "")).collect();
        elements.push(element(Role::Button, label, "android:id/button1"));
        assert_eq!(tap_last(app, elements), expected, "{app} {texts:?} {label}");
    };
    check("com.notes", &["Delete this note?", "It cannot be restored."], "OK", Some(Risk::Deleting));
    check("com.notes", &["Delete this note?"], "Cancel", None);
    check("com.notes", &["Rename this note?"], "OK", None);
    check("com.notes", &["Delete is above", "a", "b", "c", "d"], "OK", None);
    check("com.shop", &["Confirm payment", "$12.50"], "Yes", Some(Risk::Paying));
    check("com.example.pay", &["To Ann"], "Confirm", Some(Risk::Paying));
    check("com.android.permissioncontroller", &["Use the camera?"], "Immer", Some(Risk::Granting));
    check("com.android.permissioncontroller", &["Use the camera?"], "Deny", None);
}

#[test]
fn enter_sends_in_a_chat_and_searches_elsewhere() {
    let check = |app: &str, hint: &str, button: Option<&str>, expected| {
        let mut elements = vec![element(Role::Field, hint, "")];
        elements.extend(button.map(|label| element(Role::Button, label, "")));
        let observation = observation(app, elements);
        let submit = Action::Type { id: Some(ElementId(1)), text: "hi".into(), clear: false, submit: true };
        for action in [Action::Enter, submit] {
            assert_eq!(classify(&action, &observation).map(|found| found.risk), expected, "{app} {hint} {action:?}");
        }
        let typing = Action::Type { id: Some(ElementId(1)), text: "hi".into(), clear: false, submit: false };
        assert_eq!(classify(&typing, &observation), None);
    };
    check("com.android.messages", "Text message", None, Some(Risk::Sending));
    check("com.android.messages", "Search conversations", None, None);
    check("com.example.forum", "Write a comment", Some("Post"), Some(Risk::Sending));
    check("com.example.notes", "Title", None, None);
}
