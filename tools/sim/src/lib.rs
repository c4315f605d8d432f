//! The simulated phone: typed apps, a real screen, UIAutomator XML, a picture.
//!
//! The key types:
//!
//! 1. [`SimPhone`]: the phone. It implements [`deftly_tools::Device`] and takes presses by pixel.
//! 2. [`App`]: an app: typed state, a view of it, what each message changes. [`apps`] shows how to add one.
//! 3. [`Page`], [`Dialog`], [`Widget`]: what an app's view is made of.
//! 4. [`System`]: the state that belongs to no app: radios, theme, installed apps, notifications.
//! 5. [`Variation`]: what a seed may change besides data: labels, order, theme.
//! 6. [`Frame`]: the laid-out screen, from which the accessibility tree, the picture and the hit test are made.
//!
//! Usage:
//!
//! 1. Make one with [`SimPhone::new`]; the same seed gives the same phone.
//! 2. Prepare it through [`SimPhone::app_mut`] and [`SimPhone::system_mut`].
//! 3. Use it as a [`deftly_tools::Device`].
//! 4. Judge it through [`SimPhone::app`] and [`SimPhone::system`].

mod app;
pub mod apps;
mod frame;
mod icon;
mod layout;
mod page;
mod phone;
mod render;
mod seeder;
mod shell;
mod system;
mod time;
mod variation;
pub mod vocabulary;
mod widget;
mod xml;

pub use app::{App, Context, Intent, Manifest, ViewContext};
pub use frame::{
    Frame, GESTURE_BAR, HEIGHT, KEYBOARD_TOP, Layer, Node, NodeKind, NodeState, STATUS_BAR, ScrollArea, Theme, WIDTH,
};
pub use icon::Icon;
pub use page::{Dialog, Page};
pub use phone::{LAUNCHER, SimOptions, SimPhone};
pub use render::RenderError;
pub use seeder::Seeder;
pub use system::{
    AppEntry, BluetoothDevice, FontSize, LANGUAGES, Network, Notification, Permission, SCREEN_TIMEOUTS, System, Volume,
};
pub use time::{Date, MONTHS, Time, TimeOfDay, WEEKDAYS, days_in_month};
pub use variation::{LabelTable, Labels, Variation};
pub use widget::{ButtonStyle, TextStyle, Toggle, ToggleStyle, Widget};
