//! The phone as a device: elements instead of pixels.

use std::time::Duration;

use async_trait::async_trait;
use deftly_tools::{
    Action, App, Bounds, Clock, Device, DeviceError, DeviceInfo, ElementId, Observation, Performed, Screen, Screenshot,
    parse_hierarchy, touch,
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
                let (x, y) = touch::pressable(&device, screen, *id, "tap")?.bounds.center();
                self.press(x, y);
            }
            Action::DoubleTap { id } => {
                let (x, y) = touch::pressable(&device, screen, *id, "double_tap")?.bounds.center();
                self.double_tap(x, y);
            }
            Action::LongPress { id } => {
                let (x, y) = touch::pressable(&device, screen, *id, "long_press")?.bounds.center();
                self.long_press(x, y);
            }
            Action::Type { id, text, clear, submit } => self.perform_type(screen, *id, text, *clear, *submit)?,
            Action::Scroll { direction, id } => {
                let middle = Bounds::new(0, 400, WIDTH, 2000);
                let (from, to) = touch::scroll_stroke(&device, screen, *id, *direction, middle)?;
                self.swipe(from, to, STROKE);
            }
            Action::Swipe { direction, id } => {
                let whole = Bounds::new(0, STATUS_BAR / 4, WIDTH, HEIGHT - 100);
                let (from, to) = touch::swipe_stroke(&device, screen, *id, *direction, whole)?;
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

    fn clock(&self) -> Clock {
        if self.options.real_time { Clock::Real } else { Clock::Virtual }
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
            let element = touch::field(&device, screen, id)?;
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

fn no_focus(device: String, action: &str) -> DeviceError {
    let what = format!("cannot {action}: no text field is focused");
    DeviceError::Failed { device, what, hint: "tap a field first, or name it by its id".to_owned() }
}
