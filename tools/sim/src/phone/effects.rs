//! What apps ask of the phone.

use std::time::Duration;

use super::{SYSTEM_UI, SimPhone, Toast};
use crate::Intent;
use crate::app::{AnyApp, Effect, Loan};
use crate::shell::{self, Answer, DialogButton, OpenDialog, ShellMessage};

const PERMISSIONS: &str = "com.android.permissioncontroller";

impl SimPhone {
    /// Lets an app do something, then does what it asks for.
    pub(super) fn with_app(&mut self, index: usize, call: impl FnOnce(&mut dyn AnyApp, Loan<'_>) -> Vec<Effect>) {
        let loan = Loan { system: &mut self.system, now: self.clock.now(), rng: &mut self.rng, wording: self.wording };
        let effects = call(self.apps[index].as_mut(), loan);
        for effect in effects {
            self.effect(index, effect);
        }
    }

    fn effect(&mut self, index: usize, effect: Effect) {
        let app = self.system.apps[index].key;
        match effect {
            Effect::Toast(text) => {
                let until = self.clock.passed() + Duration::from_millis(2600);
                self.toast = Some(Toast { package: self.system.apps[index].package(), text, until });
            }
            Effect::Dialog { title, body, buttons } => {
                let buttons = (1..)
                    .zip(buttons)
                    .map(|(number, (label, message))| {
                        let key = format!("button{number}");
                        DialogButton { key, label, answer: Answer::Message { app, message } }
                    })
                    .collect();
                let dismiss = Some(Answer::Nothing);
                self.dialogs.push_back(OpenDialog { package: "android", key: "alert", title, body, buttons, dismiss });
            }
            Effect::Permission { permission, granted, denied } => {
                let title = format!("Allow {} to {}?", self.system.apps[index].name, permission.request());
                let button = |key: &str, label: &str, granted, message| DialogButton {
                    key: key.to_owned(),
                    label: label.to_owned(),
                    answer: Answer::Permission { app, permission, granted, message },
                };
                let allow = button("permission_allow_button", "Allow", true, granted);
                let deny = button("permission_deny_button", "Don't allow", false, denied);
                let buttons = vec![deny, allow];
                let (title, body) = (title, String::new());
                let key = "permission";
                self.dialogs.push_back(OpenDialog { package: PERMISSIONS, key, title, body, buttons, dismiss: None });
            }
            Effect::Launch { app, intent } => self.open(&app, intent),
            Effect::ShareSheet(text) => self.share_sheet(&text),
            Effect::Send(message) => self.with_app(index, |app, loan| app.send(message, loan)),
        }
    }

    fn share_sheet(&mut self, text: &str) {
        let takers =
            self.apps.iter().zip(&self.system.apps).filter(|(app, entry)| app.manifest().takes_text && entry.installed);
        let buttons = takers
            .map(|(_, entry)| DialogButton {
                key: format!("share_{}", entry.key),
                label: entry.name.clone(),
                answer: Answer::Launch { app: entry.key.to_owned(), intent: Intent::Share { text: text.to_owned() } },
            })
            .collect();
        let (title, body) = ("Share".to_owned(), text.chars().take(120).collect());
        let dismiss = Some(Answer::Nothing);
        self.dialogs.push_back(OpenDialog { package: SYSTEM_UI, key: "share_sheet", title, body, buttons, dismiss });
    }

    /// Brings an installed app to the front, with a wish or as it was left.
    pub(super) fn open(&mut self, key: &str, intent: Option<Intent>) {
        let Some(index) = self.system.apps.iter().position(|app| app.key == key && app.installed) else {
            return;
        };
        self.shade_open = false;
        self.menu_open = false;
        self.front = Some(index);
        self.system.apps[index].running = true;
        if let Some(intent) = intent {
            self.with_app(index, |app, loan| app.open(intent, loan));
        }
    }

    /// Does what pressing something of the system means.
    pub(super) fn shell(&mut self, message: ShellMessage) {
        match message {
            ShellMessage::OpenApp(key) => self.open(&key, None),
            ShellMessage::Toggle(quick) => shell::toggle(&mut self.system, quick),
            ShellMessage::Brightness(value) => self.system.brightness = value,
            ShellMessage::OpenNotification(number) => {
                if number < self.system.notifications.len() {
                    let notification = self.system.notifications.remove(number);
                    self.open(notification.app, notification.intent);
                }
            }
            ShellMessage::ClearNotifications => self.system.notifications.clear(),
            ShellMessage::Answer(number) => {
                if let Some(mut dialog) = self.dialogs.pop_front()
                    && number < dialog.buttons.len()
                {
                    self.answer(dialog.buttons.swap_remove(number).answer);
                }
            }
            ShellMessage::DismissDialog => {
                if let Some(mut dialog) = self.dialogs.pop_front() {
                    // A permission prompt that is dismissed is a refusal.
                    let refusal = dialog.buttons.drain(..).map(|button| button.answer).find(is_refusal);
                    self.answer(refusal.or(dialog.dismiss).unwrap_or(Answer::Nothing));
                }
            }
        }
    }

    fn answer(&mut self, answer: Answer) {
        let (app, message) = match answer {
            Answer::Nothing => return,
            Answer::Launch { app, intent } => return self.open(&app, Some(intent)),
            Answer::Message { app, message } => (app, message),
            Answer::Permission { app, permission, granted, message } => {
                if let Some(entry) = self.system.app_mut(app) {
                    entry.permissions.insert(permission, granted);
                }
                (app, message)
            }
        };
        if let Some(index) = self.system.apps.iter().position(|entry| entry.key == app) {
            self.with_app(index, |app, loan| app.send(message, loan));
        }
    }

    /// Follows up what apps changed in the system: what was stopped begins anew, what was uninstalled is gone.
    pub(super) fn reconcile(&mut self) {
        let is_gone = |front: &usize| !self.system.apps[*front].running || !self.system.apps[*front].installed;
        self.front = self.front.filter(|front| !is_gone(front));
        for index in 0..self.apps.len() {
            let entry = &mut self.system.apps[index];
            if !entry.installed {
                entry.running = false;
                let key = entry.key;
                self.system.notifications.retain(|notification| notification.app != key);
            }
            if !self.system.apps[index].running && self.front != Some(index) {
                self.apps[index].reset();
            }
        }
    }
}

fn is_refusal(answer: &Answer) -> bool {
    matches!(answer, Answer::Permission { granted: false, .. })
}
