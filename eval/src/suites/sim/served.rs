//! The simulated phone behind the ADB protocol, reached as a real phone is: through `adb` and the service on the phone.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deftly_android::{Adb, AndroidDevice};
use deftly_sim::{SimPhone, Variation};
use deftly_sim_adb::{ClockSource, Handset, Server, serve};
use deftly_tools::{Action, App, Device, DeviceError, DeviceInfo, Observation, Performed, Screen, Screenshot};
use tokio::sync::Mutex;

use crate::EvalError;

/// A phone that is served, and the one connection to it. Episodes put their phones into it one after the other.
pub struct ServedPhone {
    handset: Handset,
    /// Ends the service when it is dropped.
    _server: Server,
    device: ConnectedDevice,
}

impl ServedPhone {
    /// Serves a phone on a free port of this computer and connects to it.
    ///
    /// # Errors
    /// A port that cannot be had, or no adb.
    pub async fn start(adb: &Adb) -> Result<Self, EvalError> {
        let failed = |error: &dyn std::fmt::Display| EvalError::Serve { reason: error.to_string() };
        let handset = Handset::new(SimPhone::with_variation(0, Variation::CANONICAL), ClockSource::Looks);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(|error| failed(&error))?;
        let server = serve(listener, handset.clone()).map_err(|error| failed(&error))?;
        let address = server.address().to_string();
        let device = AndroidDevice::open(adb, Some(&address)).await.map_err(|error| failed(&error))?;
        let info = device.info();
        let device = ConnectedDevice { device: Arc::new(Mutex::new(device)), info };
        Ok(Self { handset, _server: server, device })
    }

    /// Puts a phone behind the connection.
    pub(crate) fn insert(&self, phone: SimPhone) -> (Handset, Box<dyn Device>) {
        self.handset.replace(phone);
        (self.handset.clone(), Box::new(self.device.clone()))
    }
}

/// The device that all episodes use in turn.
#[derive(Clone)]
struct ConnectedDevice {
    /// Locked for the length of one call; episodes run one after the other, so nobody waits.
    device: Arc<Mutex<AndroidDevice>>,
    /// Kept beside it because [`Device::info`] cannot wait for the lock.
    info: DeviceInfo,
}

#[async_trait]
impl Device for ConnectedDevice {
    fn info(&self) -> DeviceInfo {
        self.info.clone()
    }

    async fn observe(&mut self) -> Result<Observation, DeviceError> {
        self.device.lock().await.observe().await
    }

    async fn screenshot(&mut self) -> Result<Screenshot, DeviceError> {
        self.device.lock().await.screenshot().await
    }

    async fn perform(&mut self, action: &Action, screen: &Screen) -> Result<Performed, DeviceError> {
        self.device.lock().await.perform(action, screen).await
    }

    async fn apps(&mut self) -> Result<Vec<App>, DeviceError> {
        self.device.lock().await.apps().await
    }

    async fn pause(&mut self, duration: Duration) {
        self.device.lock().await.pause(duration).await;
    }
}
