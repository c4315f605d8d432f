//! Settings changed.

use deftly_tools::Role;
use rand::Rng;
use rand::seq::IndexedRandom;

use super::{Request, done};
use crate::synthetic::catalog::Takes;
use crate::synthetic::draw::Draft;
use crate::synthetic::guide::Wish;
use crate::synthetic::machine::{Item, PageId, Press};

/// A setting changed: a switch, a choice, a text.
pub(super) fn setting(d: &mut Draft) -> Option<Request> {
    let number = (!d.settings.is_empty()).then(|| d.rng.random_range(0..d.settings.len()))?;
    let (spot, dialog, names, shown) = {
        let one = &d.settings[number];
        (one.spot, one.dialog, one.setting.names, one.shown)
    };
    let name = if d.chance(0.6) { shown } else { d.one(names) };
    let said = d.spoken(name);
    match (&d.settings[number].setting.takes, dialog) {
        (Takes::OnOff, _) => {
            let now = d.pages[spot.0].items[spot.1].checked == Some(true);
            let on = if d.chance(0.15) { now } else { !now };
            let forms: &[&str] = if on {
                &[
                    "Turn on {}",
                    "Enable {}",
                    "Switch {} on",
                    "I want {} on",
                    "{} on",
                    "Activate {}",
                    "Make sure {} is on",
                ]
            } else {
                &[
                    "Turn off {}",
                    "Disable {}",
                    "Switch {} off",
                    "No more {}",
                    "{} off",
                    "Deactivate {}",
                    "I don't want {}",
                ]
            };
            done(d.one(forms).replace("{}", &said), vec![Wish::Set(spot, on)])
        }
        (Takes::OneOf(_), Some(dialog)) => {
            let radios: Vec<usize> = radios_of(d, dialog);
            let chosen = radios.choose(&mut d.rng).copied()?;
            let is_so = d.pages[dialog].items[chosen].checked == Some(true);
            let value = d.pages[dialog].items[chosen].label.clone();
            let value = d.spoken(&value);
            let form = d.one(&[
                "Set {} to {v}",
                "Change {} to {v}",
                "Change the {} to {v}",
                "Make {} {v}",
                "Switch {} to {v}",
                "Use {v} as {}",
                "Choose {v} for {}",
                "{}: {v}",
                "I want {v} as {}",
                "Select {v} under {}",
                "Adjust {} to {v}",
            ]);
            let template = form.replace("{}", &said).replace("{v}", &value);
            if is_so && d.style.details {
                return done(template, vec![Wish::Find(spot)]);
            }
            let mut wishes =
                vec![if is_so { Wish::Press((dialog, chosen)) } else { Wish::Set((dialog, chosen), true) }];
            wishes.extend(confirm(d, dialog));
            done(template, wishes)
        }
        (Takes::Text(values), Some(dialog)) => {
            let value = values.choose(&mut d.rng).copied()?;
            let field = d.pages[dialog].items.iter().position(|one| one.role == Role::Field)?;
            if d.pages[spot.0].items[spot.1].detail.as_deref() == Some(value) {
                return None;
            }
            let text = d.named(value);
            let form = d.one(&["Set {} to {v}", "Change {} to {v}", "Enter {v} as {}", "Make {v} the {}", "{}: {v}"]);
            let mut wishes = vec![Wish::Type((dialog, field), value.to_owned())];
            wishes.extend(confirm(d, dialog));
            done(form.replace("{}", &said).replace("{v}", &text), wishes)
        }
        (Takes::OneOf(_) | Takes::Text(_), None) => None,
    }
}

pub(super) fn radios_of(d: &Draft, page: PageId) -> Vec<usize> {
    let items = d.pages[page].items.iter().enumerate();
    items.filter(|(_, one)| matches!(one.press, Press::Pick { .. })).map(|(number, _)| number).collect()
}

/// The press on OK, if the dialog has one beside its way out.
fn confirm(d: &Draft, dialog: PageId) -> Option<Wish> {
    let cancel = d.style.cancel;
    let is_ok = |one: &Item| matches!(one.press, Press::Close { .. }) && one.label != cancel;
    d.pages[dialog].items.iter().position(is_ok).map(|number| Wish::Press((dialog, number)))
}
