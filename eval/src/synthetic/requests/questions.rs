//! Questions, answered from what the screens say.

use rand::Rng;
use rand::seq::IndexedRandom;

use super::Request;
use super::things::{plain, thing};
use crate::synthetic::draw::Draft;
use crate::synthetic::guide::{Finish, Wish};

/// What a thing's page says.
pub(super) fn ask_fact(d: &mut Draft) -> Option<Request> {
    let (name, _, page) = thing(d)?;
    let fact = d.domain.facts.choose(&mut d.rng).copied()?;
    let shown = plain(fact);
    let labelled = format!("{shown}, ");
    let found = d.pages[page].items.iter().position(|one| one.label.starts_with(&labelled))?;
    let value = d.pages[page].items[found].label[labelled.len()..].to_owned();
    let (name, fact) = (d.named(&name), shown.to_lowercase());
    let form = d.one(&[
        "What is the {f} of {}?",
        "Tell me the {f} of {}",
        "{f} of {}?",
        "Which {f} does {} have?",
        "I need the {f} of the {t} {}",
    ]);
    let template = form.replace("{f}", &fact).replace("{}", &name).replace("{t}", &d.thing.0);
    answered(template, Wish::Find((page, found)), value)
}

pub(super) fn ask_setting(d: &mut Draft) -> Option<Request> {
    let number = (!d.settings.is_empty()).then(|| d.rng.random_range(0..d.settings.len()))?;
    let (spot, shown) = (d.settings[number].spot, d.settings[number].shown);
    let value = d.pages[spot.0].items[spot.1].detail.clone()?;
    let said = d.spoken(shown);
    let form = d.one(&[
        "What is {} set to?",
        "Which {} is set?",
        "Tell me what {} is set to",
        "What is the {} at the moment?",
    ]);
    answered(form.replace("{}", &said), Wish::Find(spot), value)
}

pub(super) fn count(d: &mut Draft) -> Option<Request> {
    let count = d.things.len();
    if count > 7 || d.pages[0].fits < 40 {
        return None;
    }
    let form = d.one(&[
        "How many {t} are there?",
        "How many {t} do I have?",
        "Count the {t}",
        "Tell me how many {t} there are",
    ]);
    answered(form.replace("{t}", &d.thing.1), Wish::See(0), count.to_string())
}

pub(super) fn answered(template: String, wish: Wish, text: String) -> Option<Request> {
    Some(Request { template, wishes: vec![wish], finish: Finish::Answer(text) })
}
