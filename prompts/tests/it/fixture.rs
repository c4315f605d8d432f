//! Screens to test with.

use deftly_tools::{App, Bounds, Element, ElementId, ElementState, Observation, Role, Screen};

/// An element whose state is what its role usually has; its id is set by [`screen`].
pub fn element(role: Role, label: &str) -> Element {
    let pressable = !matches!(role, Role::Text | Role::Image | Role::List);
    let state = ElementState {
        clickable: pressable,
        checked: matches!(role, Role::Switch | Role::Checkbox | Role::Radio).then_some(false),
        editable: role == Role::Field,
        scrollable: role == Role::List,
        ..ElementState::default()
    };
    let value = (role == Role::Field).then(String::new);
    Element {
        id: ElementId(0),
        role,
        label: label.into(),
        value,
        state,
        bounds: Bounds::default(),
        resource_id: String::new(),
    }
}

pub fn with(mut element: Element, change: impl FnOnce(&mut Element)) -> Element {
    change(&mut element);
    element
}

pub fn screen(elements: Vec<Element>) -> Screen {
    let elements =
        elements.into_iter().zip(1..).map(|(element, id)| Element { id: ElementId(id), ..element }).collect();
    Screen { elements }
}

/// One element of every kind.
pub fn every_kind() -> Screen {
    screen(vec![
        element(Role::Button, "Navigate up"),
        element(Role::Switch, "Wi-Fi"),
        element(Role::Row, "Bluetooth, Off"),
        element(Role::Text, "Saved networks are listed below"),
        element(Role::Field, "Search"),
        with(element(Role::Field, "Name"), |field| {
            field.value = Some("Bob".into());
            field.state.focused = true;
        }),
        element(Role::List, ""),
        with(element(Role::Tab, "Alarms"), |tab| tab.state.selected = true),
        with(element(Role::Button, "Save"), |button| button.state.disabled = true),
        with(element(Role::Field, "PIN"), |field| {
            field.value = None;
            field.state.password = true;
        }),
        with(element(Role::Checkbox, "I \"agree\"\nto all"), |agree| agree.state.checked = Some(true)),
        element(Role::Image, "A cat"),
        element(Role::Button, ""),
        element(Role::Slider, "Volume"),
    ])
}

/// Forty pressable rows with labels of a usual length.
pub fn forty_rows() -> Screen {
    screen((0..40).map(|number| element(Role::Row, &format!("Network {number}, Saved"))).collect())
}

pub fn observation(screen: Screen) -> Observation {
    Observation { screen, app: app("Settings"), keyboard: true }
}

pub fn app(name: &str) -> App {
    App { name: name.into(), package: format!("com.example.{}", name.to_lowercase()) }
}

pub fn apps() -> Vec<App> {
    ["Settings", "Contacts", "Messages", "Clock", "Calendar", "Notes", "Files", "Shop"].map(app).into()
}
