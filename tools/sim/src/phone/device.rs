//! The phone as a device: elements instead of pixels.

use std::time::Duration;

use async_trait::async_trait;
use deftly_tools::{
    Action, App, Bounds, Device, DeviceError, DeviceInfo, Direction, Element, ElementId, Observation, Performed, Role,
    Screen, Screenshot, parse_hierarchy,
};

use super::SimPhone;
use crate::RenderError;
use crate::frame::{HEIGHT, STATUS_BAR, WIDTH};

const STROKE: Duration = Duration::from_millis(300);

#[async_trait]
impl Device for SimPhone {
    fn info(&self) -> DeviceInfo {
        let size = (WIDTH as u32, HEIGHT as u32);
        DeviceInfo { name: format!("sim:{}", self.options.seed), model: self.system.model.clone(), size }
    }

    async fn observe(&mut self) -> Result<Observation, DeviceError> {
        self.tick();
        let screen = parse_hierarchy(self.hierarchy_xml().as_bytes())
            .map_err(|source| DeviceError::Hierarchy { device: self.info().name, source })?;
        Ok(Observation { screen, app: self.foreground(), keyboard: self.frame().keyboard })
    }

    async fn screenshot(&mut self) -> Result<Screenshot, DeviceError> {
        self.tick();
        self.picture().map_err(|error| DeviceError::Failed {
            device: self.info().name,
            what: format!("the screenshot could not be made: {error}"),
            hint: "this is a fault of the simulator; please report it".to_owned(),
        })
    }

    async fn perform(&mut self, action: &Action, screen: &Screen) -> Result<Performed, DeviceError> {
        self.tick();
        let device = self.info().name;
        match action {
            Action::Tap { id } => {
                let (x, y) = pressable(&device, screen, *id, "tap")?.bounds.center();
                self.press(x, y);
            }
            Action::DoubleTap { id } => {
                let (x, y) = pressable(&device, screen, *id, "double_tap")?.bounds.center();
                self.double_tap(x, y);
            }
            Action::LongPress { id } => {
                let (x, y) = pressable(&device, screen, *id, "long_press")?.bounds.center();
                self.long_press(x, y);
            }
            Action::Type { id, text, clear, submit } => self.perform_type(screen, *id, text, *clear, *submit)?,
            Action::Scroll { direction, id } => {
                let area = scroll_area(&device, screen, *id)?;
                let (from, to) = stroke(area, opposite(*direction), 35);
                self.swipe(from, to, STROKE);
            }
            Action::Swipe { direction, id } => {
                let area = match id {
                    Some(id) => find(&device, screen, *id)?.bounds,
                    None => Bounds::new(0, STATUS_BAR / 4, WIDTH, HEIGHT - 100),
                };
                let (from, to) = stroke(area, *direction, 48);
                self.swipe(from, to, STROKE);
            }
            Action::Back => self.back(),
            Action::Home => self.home(),
            Action::Enter => {
                if !self.enter() {
                    return Err(no_focus(device, "enter"));
                }
            }
            Action::OpenApp { name } => return self.open_by_name(name),
            Action::Wait => self.pause(Duration::from_secs(1)).await,
            Action::Answer { .. } | Action::Done { .. } => {
                return Err(DeviceError::NotForDevice { device, action: action.name() });
            }
        }
        Ok(Performed::default())
    }

    async fn apps(&mut self) -> Result<Vec<App>, DeviceError> {
        let installed = self.system.apps.iter().filter(|app| app.installed);
        Ok(installed.map(|app| App { name: app.name.clone(), package: app.package() }).collect())
    }

    async fn pause(&mut self, duration: Duration) {
        if self.options.real_time {
            tokio::time::sleep(duration).await;
            self.tick();
        } else {
            self.advance(duration);
        }
    }
}

impl SimPhone {
    /// What is shown at this moment, as a picture.
    pub fn picture(&self) -> Result<Screenshot, RenderError> {
        crate::render::screenshot(&self.frame())
    }

    fn perform_type(
        &mut self,
        screen: &Screen,
        id: Option<ElementId>,
        text: &str,
        clear: bool,
        submit: bool,
    ) -> Result<(), DeviceError> {
        let device = self.info().name;
        if let Some(id) = id {
            let element = pressable(&device, screen, id, "type")?;
            if !element.state.editable {
                let reason = "it is not a text field\nhint: type into an element with the role field".to_owned();
                return Err(not_possible(device, element, "type", reason));
            }
            if !element.state.focused {
                let (x, y) = element.bounds.center();
                self.press(x, y);
            }
        }
        if clear {
            self.clear_text();
        }
        if !self.type_text(text) {
            return Err(no_focus(device, "type"));
        }
        if submit {
            self.enter();
        }
        Ok(())
    }

    fn open_by_name(&mut self, name: &str) -> Result<Performed, DeviceError> {
        let installed = || self.system.apps.iter().filter(|app| app.installed);
        let plain =
            |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let wanted = plain(name);
        let found = installed()
            .find(|app| app.name == name)
            .or_else(|| installed().find(|app| plain(&app.name) == wanted))
            .or_else(|| installed().find(|app| app.package() == name))
            .or_else(|| {
                let similar = |app: &&crate::AppEntry| {
                    let theirs = plain(&app.name);
                    wanted.len() >= 3 && (theirs.contains(&wanted) || wanted.contains(&theirs)) && !theirs.is_empty()
                };
                installed().find(similar)
            });
        let Some(app) = found else {
            let installed = installed().map(|app| app.name.clone()).collect();
            return Err(DeviceError::NoSuchApp { device: self.info().name, name: name.to_owned(), installed });
        };
        let note = (app.name != name).then(|| format!("opened {}", app.name));
        let key = app.key;
        self.launch(key);
        Ok(Performed { note })
    }
}

fn find<'a>(device: &str, screen: &'a Screen, id: ElementId) -> Result<&'a Element, DeviceError> {
    let count = screen.elements.len();
    screen.get(id).ok_or_else(|| DeviceError::NoSuchElement { device: device.to_owned(), id, count })
}

fn pressable<'a>(
    device: &str,
    screen: &'a Screen,
    id: ElementId,
    action: &'static str,
) -> Result<&'a Element, DeviceError> {
    let element = find(device, screen, id)?;
    if element.state.disabled {
        let reason = "it is disabled\nhint: something else has to be done first".to_owned();
        return Err(not_possible(device.to_owned(), element, action, reason));
    }
    Ok(element)
}

fn not_possible(device: String, element: &Element, action: &'static str, reason: String) -> DeviceError {
    DeviceError::NotPossible { device, id: element.id, label: element.label.clone(), action, reason }
}

fn no_focus(device: String, action: &str) -> DeviceError {
    let what = format!("cannot {action}: no text field is focused");
    DeviceError::Failed { device, what, hint: "tap a field first, or name it by its id".to_owned() }
}

/// The area to scroll: the element's, or the largest list's.
fn scroll_area(device: &str, screen: &Screen, id: Option<ElementId>) -> Result<Bounds, DeviceError> {
    if let Some(id) = id {
        return Ok(find(device, screen, id)?.bounds);
    }
    let area = |bounds: Bounds| i64::from(bounds.right - bounds.left) * i64::from(bounds.bottom - bounds.top);
    let lists = screen.elements.iter().filter(|element| element.role == Role::List || element.state.scrollable);
    let largest = lists.map(|element| element.bounds).max_by_key(|&bounds| area(bounds));
    Ok(largest.unwrap_or(Bounds::new(0, 400, WIDTH, 2000)))
}

/// From and to of a finger that moves through the middle of an area, `reach` percent to each side of its centre.
fn stroke(area: Bounds, finger: Direction, reach: i32) -> ((i32, i32), (i32, i32)) {
    let (x, y) = area.center();
    let across = (area.right - area.left) * reach / 100;
    let along = (area.bottom - area.top) * reach / 100;
    match finger {
        Direction::Up => ((x, y + along), (x, y - along)),
        Direction::Down => ((x, y - along), (x, y + along)),
        Direction::Left => ((x + across, y), (x - across, y)),
        Direction::Right => ((x - across, y), (x + across, y)),
    }
}

/// To show what is further down, the finger moves up.
fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Up => Direction::Down,
        Direction::Down => Direction::Up,
        Direction::Left => Direction::Right,
        Direction::Right => Direction::Left,
    }
}
