//! The phone itself.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::{Action, DeviceError, Screen};

/// A phone. All methods take `&mut self`: a phone has one screen and one finger.
#[async_trait]
pub trait Device: Send {
    /// Who this is: name, model, screen size.
    fn info(&self) -> DeviceInfo;

    /// Looks once. The screen may still be moving: [`crate::settle`] looks until two looks agree.
    async fn observe(&mut self) -> Result<Observation, DeviceError>;

    /// Takes a picture, PNG encoded.
    async fn screenshot(&mut self) -> Result<Screenshot, DeviceError>;

    /// Performs an action that touches the phone, addressed to elements of `screen`, the last one observed.
    ///
    /// # Errors
    /// An id that is not on `screen`, an element that cannot take the action, an app that is not installed, or a
    /// device that failed. [`Action::Answer`] and [`Action::Done`] never reach a device and are an error here.
    async fn perform(&mut self, action: &Action, screen: &Screen) -> Result<Performed, DeviceError>;

    /// The apps that can be opened, by the names shown on the launcher.
    async fn apps(&mut self) -> Result<Vec<App>, DeviceError>;

    /// Lets this much of the device's time pass: real time on a phone, virtual time on a simulated one.
    async fn pause(&mut self, duration: Duration);

    /// Which time its pauses are.
    fn clock(&self) -> Clock {
        Clock::Real
    }
}

/// Whose time it is that passes on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The world's: what is done meanwhile costs nothing.
    Real,
    /// The device's own: it stands still while something else is computed.
    Virtual,
}

/// What a device says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// As the user would select it: `sim:7`, `recorded:FILE`, `android:SERIAL`.
    pub name: String,
    pub model: String,
    /// Width and height in pixels.
    pub size: (u32, u32),
}

/// One look at a phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    pub screen: Screen,
    /// The app in front.
    pub app: App,
    /// Whether the on-screen keyboard is shown.
    pub keyboard: bool,
}

/// An installed app.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct App {
    /// Its name on the launcher: `Settings`.
    pub name: String,
    /// Its package: `com.android.settings`.
    pub package: String,
}

/// A picture of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screenshot {
    /// The PNG file's bytes.
    pub png: Vec<u8>,
}

/// What a device did for an action that it could perform.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Performed {
    /// What the device did, if that is not obvious from the action: the app a fuzzy name matched, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
