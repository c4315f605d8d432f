//! The simulated phone, shared between the agent that uses it and those who look at its state: in this process, or
//! behind the ADB protocol.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deftly_sim::{Frame, GESTURE_BAR, Layer, Node, NodeKind, ScrollArea, SimPhone};
use deftly_sim_adb::Handset;
use deftly_tools::{
    Action, App, Bounds, Device, DeviceError, DeviceInfo, Direction, Element, ElementId, Observation, Performed,
    Screen, Screenshot,
};
use tokio::sync::{Mutex, MutexGuard};

/// A phone that the agent, the oracle and the judge hold together.
#[derive(Clone)]
pub struct SharedPhone {
    /// Locked for the length of one call. The agent, the oracle and the judge take turns, so nobody waits long, and
    /// nobody holds it while asking another.
    phone: Arc<Mutex<SimPhone>>,
    /// Kept beside the phone because [`Device::info`] cannot wait for the lock.
    info: DeviceInfo,
}

impl SharedPhone {
    pub fn new(phone: SimPhone) -> Self {
        Self { info: phone.info(), phone: Arc::new(Mutex::new(phone)) }
    }

    /// The phone itself.
    pub async fn lock(&self) -> MutexGuard<'_, SimPhone> {
        self.phone.lock().await
    }
}

#[async_trait]
impl Device for SharedPhone {
    fn info(&self) -> DeviceInfo {
        self.info.clone()
    }

    async fn observe(&mut self) -> Result<Observation, DeviceError> {
        self.lock().await.observe().await
    }

    async fn screenshot(&mut self) -> Result<Screenshot, DeviceError> {
        self.lock().await.screenshot().await
    }

    async fn perform(&mut self, action: &Action, screen: &Screen) -> Result<Performed, DeviceError> {
        self.lock().await.perform(action, screen).await
    }

    async fn apps(&mut self) -> Result<Vec<App>, DeviceError> {
        self.lock().await.apps().await
    }

    async fn pause(&mut self, duration: Duration) {
        self.lock().await.pause(duration).await;
    }
}

/// The phone's state, for the oracle and the judge, however the agent reaches the phone.
#[derive(Clone)]
pub enum PhoneState {
    Shared(SharedPhone),
    Served(Handset),
}

impl PhoneState {
    /// Looks at the phone while nobody uses it.
    pub async fn look<T>(&self, look: impl FnOnce(&SimPhone) -> T) -> T {
        match self {
            Self::Shared(shared) => look(&*shared.lock().await),
            Self::Served(handset) => handset.with(|phone| look(phone)),
        }
    }
}

/// What the oracle looks at: the phone with everything that is on its page, and what of it an agent sees.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub phone: &'a SimPhone,
    pub frame: &'a Frame,
    pub screen: &'a Screen,
}

/// A widget of the page in front, wherever it is scrolled to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Widget {
    pub place: Place,
    /// `Some(on)` for what can be on or off, chosen or not.
    pub checked: Option<bool>,
    /// The text of a field; dots for a password.
    pub value: Option<String>,
}

/// Where a widget is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Visible(ElementId),
    /// Scrolled off: scrolling in this direction brings it into view.
    Beyond(Direction),
    /// Under the keyboard.
    Covered,
}

impl Scene<'_> {
    /// Finds a widget by its key on what is in front, if that is this app or a prompt of the system.
    pub fn find(&self, app: &str, key: &str) -> Option<Widget> {
        let node = self.frame.find(key)?;
        let is_asked_for = package_matches(&node.package, app) || node.layer == Layer::System;
        let place = self.place(node).filter(|_| is_asked_for)?;
        let checked = node.state.checked.or_else(|| self.toggle_in(node)).or_else(|| {
            let is_tab = node.kind == NodeKind::Tab;
            is_tab.then_some(node.state.selected)
        });
        let value = (node.kind == NodeKind::Field).then(|| node.text.clone());
        Some(Widget { place, checked, value })
    }

    /// Whether the switch, check box or radio button that is part of a row is on.
    fn toggle_in(&self, row: &Node) -> Option<bool> {
        let index = self.frame.nodes.iter().position(|node| std::ptr::eq(node, row))?;
        let own = |node: &&Node| node.parent == Some(index) && node.key.is_empty();
        self.frame.nodes.iter().filter(own).find_map(|node| node.state.checked)
    }

    fn place(&self, node: &Node) -> Option<Place> {
        if !node.visible.is_empty() {
            return element_of(node, self.screen).map(Place::Visible);
        }
        let Some(area) = self.scroll_around(node) else { return self.frame.keyboard.then_some(Place::Covered) };
        let fits_without_keyboard = node.bounds.top >= area.bounds.top && node.bounds.bottom <= GESTURE_BAR;
        if self.frame.keyboard && fits_without_keyboard {
            return Some(Place::Covered);
        }
        let is_below = node.bounds.center().1 > area.bounds.center().1;
        Some(Place::Beyond(if is_below { Direction::Down } else { Direction::Up }))
    }

    /// The area in which a node scrolls.
    fn scroll_around(&self, node: &Node) -> Option<&ScrollArea> {
        let mut parent = node.parent;
        while let Some(index) = parent {
            if let Some(area) = self.frame.scrolls.iter().find(|area| area.node == index) {
                return Some(area);
            }
            parent = self.frame.nodes.get(index)?.parent;
        }
        None
    }
}

/// The element that an agent sees for a node: its own, or the one that the parser joined it with.
fn element_of(node: &Node, screen: &Screen) -> Option<ElementId> {
    let resource_id = format!("{}:id/{}", node.package, node.key);
    let (x, y) = node.visible.center();
    let around = |element: &&Element| element.bounds.contains(x, y);
    let own = || screen.elements.iter().find(|element| element.resource_id == resource_id && around(element));
    let area = |element: &&Element| {
        let Bounds { left, top, right, bottom } = element.bounds;
        i64::from(right - left) * i64::from(bottom - top)
    };
    let joined = || screen.elements.iter().filter(|one| around(one) && !one.state.scrollable).min_by_key(area);
    own().or_else(joined).map(|element| element.id)
}

/// Whether this is the app with this short name: `settings` is the last part of `com.deftly.settings`.
pub(crate) fn app_matches(app: &App, short_name: &str) -> bool {
    package_matches(&app.package, short_name)
}

fn package_matches(package: &str, short_name: &str) -> bool {
    package.rsplit('.').next() == Some(short_name)
}
