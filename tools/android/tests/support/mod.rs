//! A simulated phone behind the real `adb`, with an adb server of its own for each test.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its own part of this")]

use std::net::TcpListener;
use std::process::Command;

use deftly_android::{Adb, AndroidDevice, AndroidError};
use deftly_sim::{SimPhone, Variation};
use deftly_sim_adb::{ClockSource, Handset, Server, serve};
use deftly_tools::{Action, Device, Element, Observation, SettleLimits, settle, settle_after};

/// The phone, the way to it, and everything that has to be ended afterwards.
pub struct Bench {
    pub handset: Handset,
    pub server: Server,
    pub adb: Adb,
    pub address: String,
    server_port: u16,
}

impl Bench {
    /// `None`, said out loud, where there is no adb.
    pub async fn start() -> Option<Self> {
        if Adb::default().version().await.is_err() {
            eprintln!("SKIPPED: adb is not installed (Debian: apt install adb)");
            return None;
        }
        let handset = Handset::new(SimPhone::with_variation(7, Variation::CANONICAL), ClockSource::Real);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = serve(listener, handset.clone()).unwrap();
        let address = server.address().to_string();
        let server_port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let adb = Adb::default().with_server_port(server_port);
        Some(Self { handset, server, adb, address, server_port })
    }

    pub async fn open(&self) -> Result<AndroidDevice, AndroidError> {
        AndroidDevice::open(&self.adb, Some(&self.address)).await
    }

    /// Runs the real adb beside the device.
    pub fn adb(&self, arguments: &[&str]) -> String {
        let port = self.server_port.to_string();
        let output = Command::new("adb").args(["-P", &port]).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn kill_adb_server(&self) {
        self.adb(&["kill-server"]);
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.kill_adb_server();
    }
}

/// Looks until the screen stands still.
pub async fn look(device: &mut AndroidDevice) -> Observation {
    settle(device, SettleLimits::default()).await.unwrap().observation
}

/// Does something and looks until the screen stands still.
pub async fn perform(device: &mut AndroidDevice, before: &Observation, action: Action) -> Observation {
    device.perform(&action, &before.screen).await.unwrap();
    settle_after(device, before, SettleLimits::default(), &mut |_| ()).await.unwrap().observation
}

pub async fn open_app(device: &mut AndroidDevice, name: &str) -> Observation {
    let before = look(device).await;
    perform(device, &before, Action::OpenApp { name: name.to_owned() }).await
}

/// The first element whose label has this part.
pub fn element<'a>(observation: &'a Observation, label: &str) -> &'a Element {
    let elements = &observation.screen.elements;
    elements
        .iter()
        .find(|element| element.label.contains(label))
        .unwrap_or_else(|| panic!("no {label:?} in {elements:#?}"))
}
