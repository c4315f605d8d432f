//! Something found in the app and passed on to another one, which comes with the phone.

use deftly_sim::App as _;
use deftly_sim::apps::{messages::Messages, notes::Notes};
use deftly_tools::Role;
use rand::Rng;

use super::switches::titled;
use super::{Request, done};
use crate::synthetic::draw::Draft;
use crate::synthetic::guide::Wish;
use crate::synthetic::machine::{Change, Item, PageId, Press, Spot, Surface};
use crate::synthetic::words::{person, phrase, title};

/// The time of a thing, kept in a note.
pub(super) fn note_time(d: &mut Draft) -> Option<Request> {
    let (time, row, thing) = time_to_tell(d)?;
    let name = if d.chance(0.5) { thing.clone() } else { title(&mut d.rng) };
    let other = OtherApp::draw(d, Notes::manifest().key)?;
    let heading = d.one(&["Title", "Title", "Name", "Heading"]);
    let body = d.one(&["Note", "Note", "Text", "Write here"]);
    let create = d.one(&["New note", "Create note", "Add note", "Add a note"]);
    let save = d.style.save;
    let wishes = other.write(d, row, create, [(heading, &name), (body, &time)], save);
    let form = d.one(&[
        "Make a note called {n} that says when the {t} {} is",
        "Put the time of my {t} {} into a new note named {n}",
        "Check when the {} {t} is and keep the time in a note, {n}",
        "I want a note {n} with the time of the {t} called {}",
        "See when my {} {t} is. Then write it in a note with the title {n}",
        "New note {n}: the time of the {} {t}",
    ]);
    let (said, thing) = (d.named(&name), d.named(&thing));
    done(form.replace("{n}", &said).replace("{}", &thing).replace("{t}", &d.thing.0), wishes)
}

/// The time of a thing, sent to somebody.
pub(super) fn send_time(d: &mut Draft) -> Option<Request> {
    let (time, row, thing) = time_to_tell(d)?;
    let name = person(&mut d.rng);
    let other = OtherApp::draw(d, Messages::manifest().key)?;
    let to = d.one(&["To", "To", "Recipient", "Name or number"]);
    let body = d.one(&["Message", "Message", "Text message", "Type a message"]);
    let create = d.one(&["New message", "Start chat", "Compose", "Write a message"]);
    let wishes = other.write(d, row, create, [(to, &name), (body, &time)], "Send");
    let form = d.one(&[
        "Text {n} the time of my {t} {}",
        "Let {n} know in {a} when the {t} {} is",
        "{n} asked when my {} {t} is, answer in a message",
        "Write to {n} at what time the {} {t} is",
        "Look up the time of the {t} called {} and send it to {n}",
        "Send the time of my {} {t} to {n} in {a}",
    ]);
    let (said, thing, app) = (d.param(name), d.named(&thing), d.param(other.name));
    let template = form.replace("{n}", &said).replace("{}", &thing).replace("{t}", &d.thing.0).replace("{a}", &app);
    done(template, wishes)
}

/// A thing whose row says its time, and can be opened: the time, the row, and what tells the thing apart.
fn time_to_tell(d: &mut Draft) -> Option<(String, Spot, String)> {
    let (time, title, row) = titled(d)?;
    matches!(d.pages[row.0].items[row.1].press, Press::Open(_)).then_some((time, row, title))
}

/// An app with a list, to which a form adds.
struct OtherApp {
    name: String,
    list: PageId,
    form: PageId,
}

impl OtherApp {
    /// `None` if the drawn app has another one beside it already, or is called like this one.
    fn draw(d: &mut Draft, key: &str) -> Option<Self> {
        let name = d.phone.app_name(key);
        if d.pages.iter().any(|page| page.app.is_some()) || name == d.app {
            return None;
        }
        let list = d.page(Surface::Page, None);
        let form = d.page(Surface::Page, None);
        d.pages[list].items.clear();
        for page in [list, form] {
            d.pages[page].app = Some(name.clone());
        }
        Some(Self { name, list, form })
    }

    /// The wishes that open the thing's row, so that what it says is remembered, then fill the form.
    fn write(&self, d: &mut Draft, row: Spot, create: &str, fields: [(&str, &str); 2], save: &str) -> Vec<Wish> {
        let style = d.style.row;
        for _ in 0..d.rng.random_range(0..8) {
            let item = Item::new(style, title(&mut d.rng), Press::Nothing).detail(phrase(&mut d.rng));
            d.push(self.list, item);
        }
        let added = fields.map(|(_, text)| text).join(", ");
        let added = d.push(self.list, Item::new(style, added, Press::Nothing).hidden(true));
        let create = d.button(self.list, create, Press::Open(self.form));
        let typed = fields.map(|(label, text)| {
            let field = d.push(self.form, Item::new(Role::Field, label, Press::Nothing));
            Wish::Type(field, text.to_owned())
        });
        let save = d.button(self.form, save, Press::Close { pages: 1, changes: vec![Change::Show(added)] });
        [Wish::Press(row), Wish::Press(create)].into_iter().chain(typed).chain([Wish::Press(save)]).collect()
    }
}
