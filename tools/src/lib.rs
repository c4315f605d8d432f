//! What a phone is and how to touch it.
//!
//! The key types, in the order in which data flows through them:
//!
//! 1. [`Device`]: a phone. It is observed and it performs actions; it knows nothing of goals or models.
//! 2. [`Observation`]: one look at a device: its [`Screen`], the app in front, the keyboard.
//! 3. [`Screen`]: the [`Element`]s a person could act on or read, in reading order, made from UIAutomator XML by
//!    [`parse_hierarchy`].
//! 4. [`Action`]: what can be done next, addressed to elements by their [`ElementId`].
//!
//! Usage:
//!
//! 1. Observe with [`settle`], which looks until the screen stands still.
//! 2. Choose an [`Action`] on the [`Screen`] that comes back, and [`Device::perform`] it.
//! 3. See what it did with [`settle_after`], and repeat.

mod action;
mod device;
mod element;
mod error;
mod hierarchy;
mod recorded;
mod settle;
pub mod touch;

pub use action::{Action, Direction, Status};
pub use device::{App, Clock, Device, DeviceInfo, Observation, Performed, Screenshot};
pub use element::{Bounds, Element, ElementId, ElementState, Role, Screen};
pub use error::{DeviceError, HierarchyError};
pub use hierarchy::{is_keyboard, parse_hierarchy};
pub use recorded::{RecordedDevice, RecordedStart, RecordedStep};
pub use settle::{SettleLimits, Settled, settle, settle_after};
