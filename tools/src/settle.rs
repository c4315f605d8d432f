//! Waiting until the screen stands still.

use std::time::{Duration, Instant};

use crate::{Clock, Device, DeviceError, Observation};

/// How long to wait for a screen that keeps moving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettleLimits {
    /// Between two looks.
    pub interval: Duration,
    /// How long [`settle_after`] takes a screen that is still the one from before for one that is late.
    pub patience: Duration,
    /// In all; after it the last look counts.
    pub timeout: Duration,
}

impl Default for SettleLimits {
    fn default() -> Self {
        Self {
            interval: Duration::from_millis(80),
            // Android's own transitions last 150 to 400 ms; apps that load take up to about half a second more.
            patience: Duration::from_millis(700),
            timeout: Duration::from_secs(6),
        }
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

/// Looks until two looks agree on screen, app and keyboard, or the time is over.
pub async fn settle(device: &mut dyn Device, limits: SettleLimits) -> Result<Settled, DeviceError> {
    look(device, None, limits, &mut |_| ()).await
}

/// Like [`settle`] after an action on the screen `before`: two looks that agree on `before` itself only count once
/// [`SettleLimits::patience`] is over, because a phone often shows the old screen for a moment.
///
/// `on_look` is told of every look but the one that counts. Most often that one is the same, so what is prepared for a look
/// is ready when the screen has settled.
pub async fn settle_after(
    device: &mut dyn Device,
    before: &Observation,
    limits: SettleLimits,
    on_look: &mut (dyn FnMut(&Observation) + Send),
) -> Result<Settled, DeviceError> {
    look(device, Some(before), limits, on_look).await
}

async fn look(
    device: &mut dyn Device,
    before: Option<&Observation>,
    limits: SettleLimits,
    on_look: &mut (dyn FnMut(&Observation) + Send),
) -> Result<Settled, DeviceError> {
    let mut spent = Duration::ZERO;
    let mut looks = 0;
    let mut last: Option<Observation> = None;
    loop {
        let started = Instant::now();
        let observation = device.observe().await?;
        // Where time is the device's own, a look takes none of it.
        spent += match device.clock() {
            Clock::Real => started.elapsed(),
            Clock::Virtual => Duration::ZERO,
        };
        looks += 1;
        let agrees = last.as_ref() == Some(&observation);
        let may_be_late = before == Some(&observation) && spent < limits.patience;
        if agrees && !may_be_late {
            return Ok(Settled { observation, looks, stable: true });
        }
        if spent >= limits.timeout {
            return Ok(Settled { observation, looks, stable: false });
        }
        on_look(&observation);
        last = Some(observation);
        // An interval of nothing would look forever at a device whose looks take no time.
        let interval = limits.interval.max(Duration::from_millis(1));
        device.pause(interval).await;
        spent += interval;
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::{Action, App, DeviceInfo, Element, ElementId, ElementState, Performed, Role, Screen, Screenshot};

    /// Shows one screen a look, named by `screens`, and the last one for ever; `!` fails, `~` never stops changing.
    struct Film {
        screens: Vec<char>,
        looks: usize,
        paused: Duration,
    }

    impl Film {
        fn new(screens: &str) -> Self {
            Self { screens: screens.chars().collect(), looks: 0, paused: Duration::ZERO }
        }
    }

    fn observation(label: &str) -> Observation {
        let element = Element {
            id: ElementId(1),
            role: Role::Text,
            label: label.into(),
            value: None,
            state: ElementState::default(),
            bounds: crate::Bounds::new(0, 0, 10, 10),
            resource_id: String::new(),
        };
        let app = App { name: "Clock".into(), package: "clock".into() };
        Observation { screen: Screen { elements: vec![element] }, app, keyboard: label == "k" }
    }

    #[async_trait]
    impl Device for Film {
        fn info(&self) -> DeviceInfo {
            DeviceInfo { name: "film".into(), model: "film".into(), size: (10, 10) }
        }

        async fn observe(&mut self) -> Result<Observation, DeviceError> {
            let frame = self.screens[self.looks.min(self.screens.len() - 1)];
            self.looks += 1;
            match frame {
                '!' => Err(DeviceError::Failed { device: "film".into(), what: "torn".into(), hint: "mend it".into() }),
                '~' => Ok(observation(&self.looks.to_string())),
                frame => Ok(observation(&frame.to_string())),
            }
        }

        async fn screenshot(&mut self) -> Result<Screenshot, DeviceError> {
            Ok(Screenshot { png: Vec::new() })
        }

        async fn perform(&mut self, _: &Action, _: &Screen) -> Result<Performed, DeviceError> {
            Ok(Performed::default())
        }

        async fn apps(&mut self) -> Result<Vec<App>, DeviceError> {
            Ok(Vec::new())
        }

        async fn pause(&mut self, duration: Duration) {
            self.paused += duration;
        }
    }

    /// `expected`: the label of the settled screen, the looks it took, whether it stood still; `None` for an error.
    async fn check(screens: &str, before: Option<&str>, expected: Option<(&str, u32, bool)>) {
        // Long enough that the real time of the looks does not matter.
        let limits = SettleLimits {
            interval: Duration::from_secs(10),
            patience: Duration::from_secs(35),
            timeout: Duration::from_secs(95),
        };
        let mut film = Film::new(screens);
        let settled = match before {
            None => settle(&mut film, limits).await,
            Some(before) => settle_after(&mut film, &observation(before), limits, &mut |_| ()).await,
        };
        match (settled, expected) {
            (Ok(settled), Some((label, looks, stable))) => {
                assert_eq!(settled.observation.screen.elements[0].label, label, "{screens}");
                assert_eq!((settled.looks, settled.stable), (looks, stable), "{screens}");
                assert_eq!(film.paused, limits.interval * (looks - 1), "{screens}");
            }
            (Err(_), None) => {}
            (settled, expected) => panic!("{screens}: {settled:?}, expected {expected:?}"),
        }
    }

    #[tokio::test]
    async fn two_looks_that_agree_are_enough() {
        check("a", None, Some(("a", 2, true))).await;
        check("abcc", None, Some(("c", 4, true))).await;
        check("abab~", None, Some(("11", 11, false))).await;
        check("a!", None, None).await;
    }

    #[tokio::test]
    async fn the_screen_from_before_may_be_late() {
        // It changes at last, it changes at once, it never changes: the fifth look comes after the patience.
        check("aaab", Some("a"), Some(("b", 5, true))).await;
        check("b", Some("a"), Some(("b", 2, true))).await;
        check("a", Some("a"), Some(("a", 5, true))).await;
    }

    #[tokio::test]
    async fn a_look_does_not_wait_for_ever_without_an_interval() {
        let limits =
            SettleLimits { interval: Duration::ZERO, timeout: Duration::from_millis(20), ..SettleLimits::default() };
        assert!(!settle(&mut Film::new("~"), limits).await.unwrap().stable);
    }
}
