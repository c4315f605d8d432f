//! One finger and the keys.

use std::time::Duration;

use crate::frame::{HEIGHT, Layer, NodeKind, STATUS_BAR, Source, Target};
use crate::shell::{self, ShellMessage};
use crate::widget::{Event, Handlers};
use crate::{Page, SimPhone};

/// A pixel.
type Point = (i32, i32);

/// The furthest a finger may move for it to count as a press.
const SLOP: i32 = 24;

impl SimPhone {
    /// Presses a pixel. A press on nothing does nothing.
    pub fn press(&mut self, x: i32, y: i32) {
        self.act(|phone| phone.touch(x, y, Event::Press));
    }

    /// Presses twice.
    pub fn double_tap(&mut self, x: i32, y: i32) {
        self.press(x, y);
        self.press(x, y);
    }

    /// Presses and holds. What does nothing when held is not pressed.
    pub fn long_press(&mut self, x: i32, y: i32) {
        self.act(|phone| phone.touch(x, y, Event::LongPress));
    }

    /// Moves a finger. Down from the status bar opens the notification shade, up closes it; up from the lower edge goes
    /// home; over a slider it moves that; elsewhere it scrolls by as far as the finger moves.
    pub fn swipe(&mut self, from: Point, to: Point, _duration: Duration) {
        if (from.0 - to.0).abs() <= SLOP && (from.1 - to.1).abs() <= SLOP {
            return self.press(from.0, from.1);
        }
        self.act(|phone| phone.drag(from, to));
    }

    /// Types into the focused field, after what it holds. False if no field is focused.
    pub fn type_text(&mut self, text: &str) -> bool {
        self.edit(|value| value + text)
    }

    /// Empties the focused field. False if there is none.
    pub fn clear_text(&mut self) -> bool {
        self.edit(|_| String::new())
    }

    /// The keyboard's delete key: takes the last letter of the focused field. False if there is none.
    pub fn delete_letter(&mut self) -> bool {
        self.edit(|mut value| {
            value.pop();
            value
        })
    }

    /// The keyboard's enter key: submits a field of one line, begins a new line in others. False if no field is focused.
    pub fn enter(&mut self) -> bool {
        let frame = self.settled_frame();
        let Some(node) = frame.nodes.iter().find(|node| node.state.focused) else { return false };
        let Some(target) = node.target else { return false };
        self.act(|phone| {
            phone.keyboard = false;
            phone.dispatch(target, Event::Submit);
        });
        true
    }

    /// Closes the keyboard, if it is open. The field keeps the focus.
    pub fn hide_keyboard(&mut self) {
        self.act(|phone| phone.keyboard = false);
    }

    /// The back key: closes the keyboard, else the shade, else a dialog of the system, else the menu, else the app's
    /// dialog, else goes back in the app, else goes home.
    pub fn back(&mut self) {
        self.act(|phone| {
            if phone.keyboard {
                phone.keyboard = false;
                phone.focus = None;
            } else if phone.shade_open {
                phone.shade_open = false;
            } else if !phone.dialogs.is_empty() {
                phone.shell(ShellMessage::DismissDialog);
            } else if phone.menu_open {
                phone.menu_open = false;
            } else {
                phone.back_in_app();
            }
        });
    }

    /// The home key.
    pub fn home(&mut self) {
        self.act(|phone| {
            while !phone.dialogs.is_empty() {
                phone.shell(ShellMessage::DismissDialog);
            }
            phone.shade_open = false;
            phone.front = None;
        });
    }

    /// Starts an app by its key, as pressing its icon does. Nothing if it is not installed.
    pub fn launch(&mut self, key: &str) {
        self.act(|phone| {
            phone.home_silently();
            phone.open(key, None);
        });
    }

    /// Stops an app by its key, as its page in the settings does: it begins anew when it is started again.
    pub fn stop(&mut self, key: &str) {
        self.act(|phone| {
            if let Some(entry) = phone.system.app_mut(key) {
                entry.running = false;
            }
        });
    }

    /// Whether a text field has the focus, so that [`Self::type_text`] works.
    pub fn has_focus(&self) -> bool {
        self.focus.is_some()
    }

    /// The text of the toast that is shown, and the package that shows it.
    pub fn toast(&self) -> Option<(&str, &str)> {
        let toast = self.toast.as_ref().filter(|toast| self.clock.passed() < toast.until)?;
        Some((&toast.text, &toast.package))
    }

    /// Ends the transition at once, for tests and for setting up tasks.
    pub fn settle_now(&mut self) {
        self.advance(Duration::from_millis(601));
    }

    fn home_silently(&mut self) {
        self.dialogs.clear();
        self.shade_open = false;
    }

    fn back_in_app(&mut self) {
        let Some(front) = self.front else { return };
        let content = self.content();
        match content.dialog.map(|dialog| dialog.dismiss) {
            Some(Some(slot)) => self.dispatch(Target { source: Source::App, slot: Some(slot) }, Event::Press),
            // A dialog that must be answered.
            Some(None) => {}
            None => {
                if !self.apps[front].back() {
                    self.front = None;
                }
            }
        }
    }

    /// Does something to the phone. If the screen changes by it, it takes its time.
    fn act(&mut self, action: impl FnOnce(&mut Self)) {
        self.tick();
        let before = self.settled_frame();
        let situation = self.situation();
        let transition = self.transition.is_some();
        self.begin_transition();
        action(self);
        self.reconcile();
        self.follow(&situation);
        if !transition && self.settled_frame() == before {
            self.transition = None;
        }
    }

    fn touch(&mut self, x: i32, y: i32, event: Event) {
        let frame = self.settled_frame();
        if self.keyboard && y >= crate::frame::KEYBOARD_TOP {
            return;
        }
        let Some(node) = frame.hit(x, y) else { return };
        if node.state.disabled {
            return;
        }
        let Some(target) = node.target else { return };
        if node.kind == NodeKind::Field && event == Event::Press {
            self.focus = Some(node.key.clone());
            self.keyboard = true;
            self.reveal(&node.key.clone());
            return;
        }
        let event = match node.kind {
            NodeKind::Slider(_) => Event::Slide(slider_value(node.bounds.left, node.bounds.right, x)),
            _ => event,
        };
        self.dispatch(target, event);
    }

    /// Scrolls a field that the keyboard would cover into view.
    fn reveal(&mut self, key: &str) {
        let frame = self.settled_frame();
        let Some(index) = frame.nodes.iter().rposition(|node| node.key == key && node.kind == NodeKind::Field) else {
            return;
        };
        let node = &frame.nodes[index];
        let area = frame.scrolls.iter().rfind(|area| is_inside(&frame, index, area.node));
        if let Some(area) = area.filter(|area| node.bounds.bottom > area.bounds.bottom) {
            let offset = (area.offset + node.bounds.bottom - area.bounds.bottom + 24).clamp(0, area.max);
            self.offsets.insert(area.key.clone(), offset);
        }
    }

    fn drag(&mut self, from: Point, to: Point) {
        let (across, down) = (to.0 - from.0, to.1 - from.1);
        let vertical = down.abs() >= across.abs();
        if from.1 < STATUS_BAR && down > 300 {
            self.shade_open = true;
            self.keyboard = false;
            self.focus = None;
            return;
        }
        if from.1 > HEIGHT - 60 && down < -300 {
            self.shade_open = false;
            self.dialogs.clear();
            self.front = None;
            return;
        }
        let frame = self.settled_frame();
        if let Some((slot, value)) = frame.hit(from.0, from.1).and_then(|node| match node.kind {
            NodeKind::Slider(_) if !vertical => {
                Some((node.target?, slider_value(node.bounds.left, node.bounds.right, to.0)))
            }
            _ => None,
        }) {
            return self.dispatch(slot, Event::Slide(value));
        }
        let front = frame.front();
        let area = frame
            .scrolls
            .iter()
            .rfind(|area| area.layer == front && area.max > 0 && area.bounds.contains(from.0, from.1));
        match area {
            Some(area) if vertical => {
                let offset = (area.offset - down).clamp(0, area.max);
                self.offsets.insert(area.key.clone(), offset);
            }
            Some(_) | None => {
                if front == Layer::Shade && down < -300 {
                    self.shade_open = false;
                }
            }
        }
    }

    /// Gives an event to whoever handles it.
    fn dispatch(&mut self, target: Target, event: Event) {
        let Some(slot) = target.slot else {
            if event == Event::Press {
                self.menu_open = target.source == Source::MenuButton;
            }
            return;
        };
        let now = self.clock.now();
        match target.source {
            Source::App => {
                let Some(front) = self.front else { return };
                self.menu_open = false;
                self.with_app(front, |app, loan| app.event(slot, event, loan));
            }
            Source::Launcher => self.shell_event(shell::launcher(&self.system, now, self.wording), slot, event),
            Source::Shade => self.shell_event(shell::shade(&self.system, now, self.wording), slot, event),
            Source::SystemDialog => {
                if let Some(open) = self.dialogs.front() {
                    self.shell_event(shell::system_dialog(open), slot, event);
                }
            }
            Source::MenuButton | Source::MenuScrim => {}
        }
    }

    fn shell_event(&mut self, page: Page<ShellMessage>, slot: usize, event: Event) {
        let mut handlers: Vec<Handlers<ShellMessage>> = page.erase().1;
        if slot < handlers.len()
            && let Some(message) = handlers.swap_remove(slot).message(event)
        {
            self.shell(message);
        }
    }

    /// Changes the text of the focused field.
    fn edit(&mut self, change: impl FnOnce(String) -> String) -> bool {
        let Some(key) = self.focus.clone() else { return false };
        let frame = self.settled_frame();
        let field = frame.nodes.iter().rfind(|node| node.state.focused && node.key == key);
        let Some(target) = field.and_then(|field| field.target) else { return false };
        let Some(value) = self.field_value(&key) else { return false };
        self.act(|phone| {
            phone.keyboard = true;
            phone.dispatch(target, Event::Text(change(value)));
        });
        true
    }

    /// What a field holds, passwords included.
    fn field_value(&self, key: &str) -> Option<String> {
        let content = self.content();
        let dialog = content.dialog.as_ref().map(|dialog| &dialog.content);
        let parts = [dialog, Some(&content.tabs), Some(&content.body), Some(&content.bottom)];
        parts.into_iter().flatten().find_map(|part| super::find_field(part, key))
    }
}

/// Whether a node stands inside another.
fn is_inside(frame: &crate::Frame, index: usize, container: usize) -> bool {
    std::iter::successors(Some(index), |&node| frame.nodes[node].parent).any(|node| node == container)
}

/// The position in percent at `x`. The outer 5 % of a slider count as its ends.
fn slider_value(left: i32, right: i32, x: i32) -> u8 {
    let width = (right - left).max(1);
    let percent = ((x - left) * 100 / width - 5) * 100 / 90;
    percent.clamp(0, 100) as u8
}
