//! The phone as a device.

use std::time::Duration;

use async_trait::async_trait;
use deftly_tools::{
    Action, App, Bounds, Device, DeviceError, DeviceInfo, ElementId, Observation, Performed, Screen, Screenshot,
    is_keyboard, parse_hierarchy, touch,
};
use serde_json::{Value, json};

use crate::adb::{Adb, AdbPhone};
use crate::apps::{self, Launchable};
use crate::service::Service;
use crate::text::{self, Wanted};
use crate::wire::CallLimits;
use crate::{AndroidError, lock, look, phones};

/// A tree of 3 MB takes a slow phone several seconds. Larger ones than 16 MB no parser here reads.
const TREE: CallLimits = CallLimits { patience: Duration::from_secs(20), bytes: 16 << 20 };
/// Deeper trees than real apps have; a web page has some hundred levels.
const MAX_DEPTH: u32 = 500;
/// A picture of noise on the largest phone is about 14 MB.
const MAX_PICTURE: usize = 32 << 20;
/// Longer than what Android takes for a long press (400 to 500 ms, up to 1 s if the owner sets it so).
const LONG_PRESS_MS: u32 = 1100;
/// Two of them and the way to the phone are well within Android's 300 ms for a double tap.
const QUICK_PRESS_MS: u32 = 40;
/// At 5 ms a step, 300 ms: fast enough to be a swipe, slow enough not to throw a list past what is wanted.
const STROKE_STEPS: u32 = 60;

/// An Android phone, driven over adb and a service that runs on the phone.
pub struct AndroidDevice {
    name: String,
    model: String,
    size: (u32, u32),
    rotation: Option<u8>,
    phone: AdbPhone,
    service: Service,
    apps: Vec<Launchable>,
    /// The launcher's package, if the phone says.
    home: Option<String>,
}

impl AndroidDevice {
    /// Finds a phone, wakes it, and starts the service on it. `serial` may be an address, `192.168.1.20:5555`; without
    /// one there must be exactly one phone.
    ///
    /// # Errors
    /// No adb, no such phone, one that is not allowed, locked, or has several displays, a service that does not start.
    pub async fn open(adb: &Adb, serial: Option<&str>) -> Result<Self, AndroidError> {
        let chosen = phones::choose(adb, serial).await?;
        let phone = adb.phone(&chosen.serial);
        let displays = phone.shell_line("dumpsys display", "dumpsys display").await?;
        let count = look::displays_on(&displays);
        if count > 1 {
            return Err(AndroidError::SeveralDisplays { count });
        }
        lock::open(&phone).await?;
        let (apps, home, model) = tokio::try_join!(
            installed(&phone),
            phone.shell_line(
                "resolve-activity",
                "cmd package resolve-activity --brief -a android.intent.action.MAIN -c android.intent.category.HOME",
            ),
            phone.shell_line("getprop", "getprop ro.product.model"),
        )?;
        let home =
            home.lines().last().and_then(|line| line.trim().split_once('/')).map(|(package, _)| package.to_owned());
        let model = if model.trim().is_empty() { chosen.model } else { model.trim().to_owned() };
        let service = Service::open(phone.clone()).await?;
        let name = format!("android:{}", phone.serial());
        let mut device = Self { name, model, size: (0, 0), rotation: None, phone, service, apps, home };
        device.measure().await?;
        Ok(device)
    }

    /// Learns the size of the screen as it is turned now.
    async fn measure(&mut self) -> Result<Value, AndroidError> {
        let info = self.service.info().await?;
        let size =
            |key: &str| info[key].as_u64().and_then(|size| u32::try_from(size).ok()).filter(|size| *size <= 20_000);
        if let (Some(width), Some(height)) = (size("displayWidth"), size("displayHeight")) {
            self.size = (width, height);
        }
        Ok(info)
    }

    async fn look(&mut self) -> Result<Observation, DeviceError> {
        match self.look_once().await? {
            Some(observation) => Ok(observation),
            None => {
                // Asleep or locked: it went to sleep while the model was thinking.
                lock::open(&self.phone).await.map_err(|error| error.on(&self.name))?;
                let shown = self.look_once().await?;
                shown.ok_or_else(|| AndroidError::Asleep.on(&self.name))
            }
        }
    }

    /// `None` if there is nothing to be seen on a phone that sleeps or is locked.
    async fn look_once(&mut self) -> Result<Option<Observation>, DeviceError> {
        let failed = |name: &str| {
            let name = name.to_owned();
            move |error: AndroidError| error.on(&name)
        };
        // The first thing that the service does for a tree is to set its accessibility flags anew, and Android then
        // forgets the nodes that it has kept: a look never shows what was there before.
        let tree = self.service.ask("dumpWindowHierarchy", json!([false, MAX_DEPTH]), TREE).await;
        let tree = tree.map_err(failed(&self.name))?;
        let xml = tree.as_str().unwrap_or_default();
        let info = self.service.info().await.map_err(failed(&self.name))?;
        let packages = look::packages(xml);
        let front = look::front(info["currentPackageName"].as_str(), &packages);
        let is_dark = info["screenOn"] == Value::Bool(false);
        if is_dark || look::may_be_locked(xml, front) {
            let lock = lock::look(&self.phone).await.map_err(failed(&self.name))?;
            if !lock.awake || lock.locked {
                return Ok(None);
            }
        }
        let rotation = look::rotation(xml);
        if rotation != self.rotation {
            self.rotation = rotation;
            self.measure().await.map_err(failed(&self.name))?;
        }
        let screen = parse_hierarchy(xml.as_bytes())
            .map_err(|source| DeviceError::Hierarchy { device: self.name.clone(), source })?;
        let app = self.app(front.unwrap_or_default());
        let keyboard = self.keyboard(&packages, &screen).await.map_err(failed(&self.name))?;
        Ok(Some(Observation { screen, app, keyboard }))
    }

    fn app(&self, package: &str) -> App {
        let known = self.apps.iter().find(|entry| entry.app.package == package);
        let is_home = self.home.as_deref() == Some(package) || package.contains("launcher");
        let name = match known {
            _ if package == look::SYSTEM_UI => "Notification shade".to_owned(),
            Some(entry) => entry.app.name.clone(),
            None if is_home => "Home screen".to_owned(),
            None => apps::name_of(package),
        };
        App { name, package: package.to_owned() }
    }

    /// Whether the keyboard is shown. Where the tree does not have it, the phone is asked, but only if something could
    /// be typed: the question takes as long as the look.
    async fn keyboard(&self, packages: &[&str], screen: &Screen) -> Result<bool, AndroidError> {
        let is_typing = || screen.elements.iter().any(|element| element.state.editable && element.state.focused);
        if packages.len() > 1 && packages.iter().any(|package| is_keyboard(package)) {
            return Ok(true);
        }
        if !is_typing() {
            return Ok(false);
        }
        let state = self.phone.shell_line("dumpsys input_method", "dumpsys input_method").await?;
        Ok(state.contains("mInputShown=true"))
    }

    async fn press(&mut self, action: &'static str, screen: &Screen, id: ElementId) -> Result<Point, DeviceError> {
        let center = touch::pressable(&self.name, screen, id, action)?.bounds.center();
        Ok(Point(center))
    }

    /// Puts a finger down for so long; for the shortest time that an app takes for a tap if `milliseconds` is `None`.
    async fn finger(
        &mut self,
        action: &'static str,
        Point((x, y)): Point,
        milliseconds: Option<u32>,
    ) -> Result<(), AndroidError> {
        let parameters = milliseconds.map_or_else(|| json!([x, y]), |time| json!([x, y, time]));
        taken(self.service.act(action, "click", parameters).await?)
    }

    async fn stroke(
        &mut self,
        action: &'static str,
        (from, to): (touch::Point, touch::Point),
    ) -> Result<(), AndroidError> {
        let parameters = json!([from.0, from.1, to.0, to.1, STROKE_STEPS]);
        taken(self.service.act(action, "swipe", parameters).await?)
    }

    /// A key by the service's name for it. What it answers is whether the screen changed within a second, which says
    /// nothing of the key.
    async fn key(&mut self, action: &'static str, key: &str) -> Result<(), AndroidError> {
        self.service.act(action, "pressKey", json!([key])).await.map(|_| ())
    }

    async fn enter_text(
        &mut self,
        screen: &Screen,
        id: Option<ElementId>,
        typed: &str,
        clear: bool,
        submit: bool,
    ) -> Result<(), DeviceError> {
        let name = self.name.clone();
        let focused = screen.elements.iter().find(|element| element.state.editable && element.state.focused);
        let field = match id {
            Some(id) => Some(touch::field(&name, screen, id)?),
            None => focused,
        };
        if let Some(field) = field.filter(|field| !field.state.focused) {
            self.finger("type", Point(field.bounds.center()), None).await.map_err(|error| error.on(&name))?;
        }
        let before = field.and_then(|field| field.value.as_deref()).filter(|_| !clear).unwrap_or_default();
        let hidden = field.is_some_and(|field| field.state.password);
        let wanted = Wanted { before, text: typed, hidden };
        text::enter(&mut self.service, &wanted).await.map_err(|error| match (error, field) {
            // Another field may take it, so this is for the model to know.
            (error @ (AndroidError::NoFocus | AndroidError::NotTyped), Some(field)) => DeviceError::NotPossible {
                device: name.clone(),
                id: field.id,
                label: field.label.clone(),
                action: "type",
                reason: error.to_string(),
            },
            (error, _) => error.on(&name),
        })?;
        if submit {
            self.key("type", "enter").await.map_err(|error| error.on(&name))?;
        }
        Ok(())
    }

    async fn open_by_name(&mut self, name: &str) -> Result<Performed, DeviceError> {
        let Some(entry) = apps::find(&self.apps, name).cloned() else {
            let installed = self.apps.iter().map(|entry| entry.app.name.clone()).collect();
            return Err(DeviceError::NoSuchApp { device: self.name.clone(), name: name.to_owned(), installed });
        };
        let started = self.phone.shell(&["am", "start", "-n", &entry.component]).await;
        // Starting an app that was started already shows it again, so a lost answer costs nothing.
        let said = started.map_err(|error| error.on(&self.name))?;
        if let Some(line) = said.lines().find(|line| line.starts_with("Error") || line.contains("Exception")) {
            let refused = AndroidError::Refused {
                during: format!("open {}", entry.app.name),
                reason: line.chars().take(200).collect(),
            };
            return Err(refused.on(&self.name));
        }
        Ok(Performed { note: (entry.app.name != name).then(|| format!("opened {}", entry.app.name)) })
    }

    /// Where a finger swipes that is not told where: the screen without its edges, on which the system's own gestures
    /// begin.
    fn whole(&self) -> Bounds {
        let (width, height) = self.pixels();
        Bounds::new(0, height / 120, width, height - height / 24)
    }

    fn middle(&self) -> Bounds {
        let (width, height) = self.pixels();
        Bounds::new(0, height / 6, width, height * 5 / 6)
    }

    fn pixels(&self) -> (i32, i32) {
        let pixels = |size: u32| i32::try_from(size).unwrap_or(i32::MAX);
        (pixels(self.size.0), pixels(self.size.1))
    }
}

/// A place on the glass.
#[derive(Debug, Clone, Copy)]
struct Point(touch::Point);

/// The service says no if Android would not take the touch.
fn taken(answer: Value) -> Result<(), AndroidError> {
    if answer == Value::Bool(false) { Err(AndroidError::NoInjection) } else { Ok(()) }
}

/// The apps on the launcher.
async fn installed(phone: &AdbPhone) -> Result<Vec<Launchable>, AndroidError> {
    let query = "cmd package query-activities -a android.intent.action.MAIN -c android.intent.category.LAUNCHER";
    Ok(apps::parse(&phone.shell_line("query-activities", query).await?))
}

#[async_trait]
impl Device for AndroidDevice {
    fn info(&self) -> DeviceInfo {
        DeviceInfo { name: self.name.clone(), model: self.model.clone(), size: self.size }
    }

    async fn observe(&mut self) -> Result<Observation, DeviceError> {
        self.look().await
    }

    async fn screenshot(&mut self) -> Result<Screenshot, DeviceError> {
        let mut result = picture(&self.phone).await;
        if result.as_ref().is_err_and(AndroidError::is_retryable) {
            result = picture(&self.phone).await;
        }
        Ok(Screenshot { png: result.map_err(|error| error.on(&self.name))? })
    }

    async fn perform(&mut self, action: &Action, screen: &Screen) -> Result<Performed, DeviceError> {
        let name = self.name.clone();
        let done = match action {
            Action::Tap { id } => {
                let point = self.press("tap", screen, *id).await?;
                self.finger("tap", point, None).await
            }
            Action::DoubleTap { id } => {
                let point = self.press("double_tap", screen, *id).await?;
                match self.finger("double_tap", point, Some(QUICK_PRESS_MS)).await {
                    Ok(()) => self.finger("double_tap", point, Some(QUICK_PRESS_MS)).await,
                    Err(error) => Err(error),
                }
            }
            Action::LongPress { id } => {
                let point = self.press("long_press", screen, *id).await?;
                self.finger("long_press", point, Some(LONG_PRESS_MS)).await
            }
            Action::Type { id, text, clear, submit } => {
                self.enter_text(screen, *id, text, *clear, *submit).await?;
                Ok(())
            }
            Action::Scroll { direction, id } => {
                let stroke = touch::scroll_stroke(&name, screen, *id, *direction, self.middle())?;
                self.stroke("scroll", stroke).await
            }
            Action::Swipe { direction, id } => {
                let stroke = touch::swipe_stroke(&name, screen, *id, *direction, self.whole())?;
                self.stroke("swipe", stroke).await
            }
            Action::Back => self.key("back", "back").await,
            Action::Home => self.key("home", "home").await,
            Action::Enter => self.key("enter", "enter").await,
            Action::OpenApp { name } => return self.open_by_name(name).await,
            Action::Wait => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok(())
            }
            Action::Answer { .. } | Action::Done { .. } => {
                return Err(DeviceError::NotForDevice { device: name, action: action.name() });
            }
        };
        done.map(|()| Performed::default()).map_err(|error| error.on(&name))
    }

    async fn apps(&mut self) -> Result<Vec<App>, DeviceError> {
        let mut found = installed(&self.phone).await;
        if found.as_ref().is_err_and(AndroidError::is_retryable) {
            found = installed(&self.phone).await;
        }
        self.apps = found.map_err(|error| error.on(&self.name))?;
        Ok(self.apps.iter().map(|entry| entry.app.clone()).collect())
    }

    async fn pause(&mut self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A picture, whole: a PNG file ends with an empty chunk called IEND.
async fn picture(phone: &AdbPhone) -> Result<Vec<u8>, AndroidError> {
    let png = phone.exec_out(&["screencap", "-p"], MAX_PICTURE).await?;
    let during = || "screencap".to_owned();
    if !png.starts_with(b"\x89PNG\r\n\x1a\n") {
        let text =
            String::from_utf8_lossy(&png).lines().next().unwrap_or_default().chars().take(200).collect::<String>();
        return Err(AndroidError::BadAnswer { during: during(), reason: format!("it is no picture: {text:?}") });
    }
    if png.len() < 20 || !png[png.len() - 12..].contains(&b'I') || &png[png.len() - 8..png.len() - 4] != b"IEND" {
        let reason = format!("the picture ends after {} bytes", png.len());
        return Err(AndroidError::Link { during: during(), reason, sent: true });
    }
    Ok(png)
}
