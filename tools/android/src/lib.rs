//! Android phones, over adb and a service that runs on the phone.
//!
//! The key types:
//!
//! 1. [`AndroidDevice`]: a phone as a [`deftly_tools::Device`].
//! 2. [`Adb`]: the `adb` program, and [`Phone`], what it sees.
//! 3. [`AndroidError`]: what can go wrong, what to do about it, and whether the same call may be made again.
//! 4. [`check`]: what `deftly doctor` says of adb and each phone.
//!
//! Usage:
//!
//! 1. Open a phone: `AndroidDevice::open(&Adb::default(), Some("192.168.1.20:5555"))`.
//! 2. Use it as any device.
//!
//! Three rules hold everywhere. What is done to a phone is done at most once: an action whose answer was lost ends in
//! [`deftly_tools::DeviceError::OutcomeUnknown`], and looks are repeated instead. Text for the phone's shell is quoted
//! word by word ([`quote`]). Typed text is in no argument of a process and in no log.

mod adb;
mod apps;
mod checks;
mod device;
mod error;
mod lock;
mod look;
mod phones;
mod quote;
mod service;
mod text;
mod wire;

pub use adb::Adb;
pub use checks::{Finding, State, check};
pub use device::AndroidDevice;
pub use error::{AndroidError, Listed};
pub use phones::Phone;
pub use quote::quote;
