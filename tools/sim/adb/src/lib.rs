//! The simulated phone over the wire: what adbd says on port 5555, and the resident server of `uiautomator2` behind it.
//!
//! Real clients drive it as they drive a phone: Debian's `adb`, Python's `uiautomator2`, the crate `uiautomator`.
//!
//! The key types:
//!
//! 1. [`Handset`]: a handle on the phone behind a server, for whoever prepares it and judges it from its state.
//! 2. [`serve`] and [`Server`]: a listener's connections, until it is stopped.
//! 3. [`ClockSource`]: what moves the phone's clock while clients come and go.
//! 4. [`Faults`]: how the phone misbehaves on purpose, also while it is served.
//!
//! Usage:
//!
//! 1. Make a phone and its handle: `Handset::new(SimPhone::new(7), ClockSource::Real)`.
//! 2. Bind a listener and [`serve`] it. Only loopback: whoever connects is let in, as by a phone that trusts its cable.
//! 3. `adb connect` to it.
//!
//! Nothing that a client says is run on this computer: the shell is a small interpreter of its own, its
//! files are in memory, and every size that a client chooses has a limit.

mod faults;
mod files;
pub mod fuzzing;
mod handset;
mod keys;
mod picture;
mod resident;
mod server;
mod services;
mod shell;
mod sync;
mod touch;
mod transport;
mod tree;

pub use faults::{CallFault, CallFaultKind, Cut, FaultName, Faults, NoSuchFault};
pub use handset::{ClockSource, Handset, Lock};
pub use server::{Server, serve};
