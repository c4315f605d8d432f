//! Calendar: days with events, an agenda, a form with date and time.

use crate::{
    App, Context, Date, Dialog, Icon, Intent, Manifest, Page, Seeder, TextStyle, TimeOfDay, ViewContext, Widget,
    vocabulary,
};

/// The calendar.
#[derive(Debug)]
pub struct Calendar {
    pub events: Vec<Event>,
    page: Vec<Place>,
    /// The day that is shown.
    day: Date,
    today: Date,
    agenda: bool,
    search: String,
    draft: Draft,
    deleting: bool,
    next_id: u32,
}

/// Something that happens on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: u32,
    pub title: String,
    pub date: Date,
    /// `None` for the whole day.
    pub time: Option<TimeOfDay>,
    pub location: String,
    pub reminder: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Event(u32),
    Edit(Option<u32>),
    Search,
}

/// An event that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Draft {
    title: String,
    location: String,
    date: Date,
    hour: String,
    minute: String,
    all_day: bool,
    reminder: bool,
}

#[derive(Debug, Clone)]
pub enum Message {
    Open(u32),
    Back,
    ShowDay,
    ShowAgenda,
    PreviousDay,
    NextDay,
    Today,
    New,
    Edit(u32),
    Title(String),
    Location(String),
    Earlier,
    Later,
    Hour(String),
    Minute(String),
    AllDay(bool),
    Reminder(bool),
    Save,
    AskDelete,
    Keep,
    Delete(u32),
    Remind(u32, bool),
    StartSearch,
    Search(String),
    Share(u32),
}

impl Calendar {
    pub fn find(&self, title: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.title == title)
    }

    /// The day that the page or the form shows.
    pub fn shown_day(&self) -> Date {
        match self.page.last() {
            Some(Place::Edit(_)) => self.draft.date,
            Some(Place::Event(_) | Place::Search) | None => self.day,
        }
    }

    pub fn today(&self) -> Date {
        self.today
    }

    fn sorted(&self, shown: impl Fn(&Event) -> bool) -> Vec<&Event> {
        let mut events: Vec<&Event> = self.events.iter().filter(|event| shown(event)).collect();
        events.sort_by_key(|event| (event.date, event.time, event.id));
        events
    }

    fn event_row(event: &Event, with_date: bool) -> Widget<Message> {
        let time = event.time.map_or_else(|| "All day".to_owned(), |time| time.to_string());
        let when = if with_date { format!("{}, {time}", short_date(event.date)) } else { time };
        Widget::row(format!("event_{}", event.id), &event.title).subtitle(when).on_press(Message::Open(event.id))
    }

    fn front(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let tabs = vec![
            Widget::tab("tab_day", cx.label("tab_day"), !self.agenda).on_press(Message::ShowDay),
            Widget::tab("tab_agenda", cx.label("tab_agenda"), self.agenda).on_press(Message::ShowAgenda),
        ];
        let page = Page::new(if self.agenda { "agenda" } else { "day" }, cx.label("calendar"))
            .action(Widget::icon_button("search", cx.label("search"), Icon::Search).on_press(Message::StartSearch))
            .action(Widget::icon_button("today", cx.label("today"), Icon::Calendar).on_press(Message::Today))
            .tabs(tabs)
            .fab(Widget::fab("new", cx.label("new"), Icon::Add).on_press(Message::New));
        if self.agenda {
            let coming = self.sorted(|event| event.date >= self.today);
            return page.with_all(coming.into_iter().map(|event| Self::event_row(event, true)));
        }
        let events = self.sorted(|event| event.date == self.day);
        let empty = events.is_empty().then(|| Widget::text("empty", "No events"));
        page.with(day_line(self.day, "previous_day", Message::PreviousDay, "next_day", Message::NextDay, cx))
            .with_all(events.into_iter().map(|event| Self::event_row(event, false)))
            .with_all(empty)
    }

    fn event_page(&self, event: &Event, cx: &ViewContext<'_>) -> Page<Message> {
        let id = event.id;
        let time = event.time.map_or_else(|| "All day".to_owned(), |time| time.to_string());
        let place =
            (!event.location.is_empty()).then(|| Widget::text("location", format!("Location: {}", event.location)));
        let dialog = self.deleting.then(|| {
            let body = format!("{} will be deleted", event.title);
            Dialog::confirm_delete(cx, body, Message::Keep, Message::Delete(id))
        });
        Page::new(format!("event_{id}"), &event.title)
            .up(Message::Back)
            .action(Widget::icon_button("edit", cx.label("edit"), Icon::Edit).on_press(Message::Edit(id)))
            .menu_item(Widget::button("share", cx.label("share")).on_press(Message::Share(id)))
            .menu_item(Widget::button("delete", cx.label("delete")).on_press(Message::AskDelete))
            .with(Widget::text("date", event.date.with_weekday()))
            .with(Widget::text("time", time))
            .with_all(place)
            .with(
                Widget::switch("reminder", cx.label("reminder"), event.reminder)
                    .on_toggle(|on| Message::Remind(id, on)),
            )
            .dialog(dialog)
    }

    fn form(&self, id: Option<u32>, cx: &ViewContext<'_>) -> Page<Message> {
        let draft = &self.draft;
        let (key, title) = match id {
            Some(id) => (format!("edit_{id}"), cx.label("edit")),
            None => ("new_event".to_owned(), cx.label("new")),
        };
        let times = (!draft.all_day).then(|| {
            Widget::line(
                "times",
                vec![
                    Widget::field("hour", cx.label("hour"), &draft.hour).on_text(Message::Hour),
                    Widget::field("minute", cx.label("minute"), &draft.minute).on_text(Message::Minute),
                ],
            )
        });
        Page::new(key, title)
            .up(Message::Back)
            .action(Widget::icon_button("save", cx.label("save"), Icon::Check).on_press(Message::Save))
            .with(Widget::field("title_field", cx.label("title"), &draft.title).on_text(Message::Title))
            .with(day_line(draft.date, "earlier", Message::Earlier, "later", Message::Later, cx))
            .with(Widget::switch("all_day", cx.label("all_day"), draft.all_day).on_toggle(Message::AllDay))
            .with_all(times)
            .with(Widget::field("location_field", cx.label("location"), &draft.location).on_text(Message::Location))
            .with(Widget::switch("reminder", cx.label("reminder"), draft.reminder).on_toggle(Message::Reminder))
    }

    fn found(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let wanted = self.search.trim().to_lowercase();
        let hits = self.sorted(|event| !wanted.is_empty() && event.title.to_lowercase().contains(&wanted));
        let nothing = (hits.is_empty() && !wanted.is_empty()).then(|| Widget::text("nothing", "No events found"));
        Page::search(cx, &self.search, Message::Back, Message::Search)
            .with_all(hits.into_iter().map(|event| Self::event_row(event, true)))
            .with_all(nothing)
    }

    fn save(&mut self, cx: &mut Context<'_, Message>) {
        let number = |text: &str, limit: u8| text.trim().parse::<u8>().ok().filter(|value| *value < limit);
        let time = match (number(&self.draft.hour, 24), number(&self.draft.minute, 60)) {
            _ if self.draft.all_day => None,
            (Some(hour), Some(minute)) => Some(TimeOfDay { hour, minute }),
            _ => {
                cx.toast("Enter an hour from 0 to 23 and a minute from 0 to 59");
                return;
            }
        };
        if self.draft.title.trim().is_empty() {
            cx.toast("Enter a title");
            return;
        }
        let Some(Place::Edit(old)) = self.page.pop() else { return };
        let id = old.unwrap_or(self.next_id);
        self.next_id = self.next_id.max(id + 1);
        self.events.retain(|event| event.id != id);
        self.events.push(Event {
            id,
            title: self.draft.title.trim().to_owned(),
            date: self.draft.date,
            time,
            location: self.draft.location.trim().to_owned(),
            reminder: self.draft.reminder,
        });
        self.day = self.draft.date;
        cx.toast("Event saved");
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut Event> {
        self.events.iter_mut().find(|event| event.id == id)
    }

    fn start_draft(&mut self, id: Option<u32>) {
        let event = id.and_then(|id| self.events.iter().find(|event| event.id == id));
        self.draft = match event {
            Some(event) => Draft {
                title: event.title.clone(),
                location: event.location.clone(),
                date: event.date,
                hour: event.time.map_or(9, |time| time.hour).to_string(),
                minute: format!("{:02}", event.time.map_or(0, |time| time.minute)),
                all_day: event.time.is_none(),
                reminder: event.reminder,
            },
            None => empty_draft(self.day),
        };
        self.page.push(Place::Edit(id));
    }
}

/// A date between two arrows.
fn day_line(
    date: Date,
    earlier: &str,
    on_earlier: Message,
    later: &str,
    on_later: Message,
    cx: &ViewContext<'_>,
) -> Widget<Message> {
    let text = format!("{}, {} {}", date.weekday_name(), date.month_name(), date.day);
    Widget::line(
        "day_line",
        vec![
            Widget::icon_button(earlier, cx.label("previous_day"), Icon::Previous).on_press(on_earlier),
            Widget::text("shown_day", text).style(TextStyle::Title),
            Widget::icon_button(later, cx.label("next_day"), Icon::Next).on_press(on_later),
        ],
    )
}

fn short_date(date: Date) -> String {
    format!("{} {}", &date.month_name()[..3], date.day)
}

fn empty_draft(date: Date) -> Draft {
    Draft {
        title: String::new(),
        location: String::new(),
        date,
        hour: "9".to_owned(),
        minute: "00".to_owned(),
        all_day: false,
        reminder: false,
    }
}

impl App for Calendar {
    type Message = Message;

    fn manifest() -> Manifest {
        Manifest {
            key: "calendar",
            names: &["Calendar", "Agenda", "Planner"],
            icon: Icon::Calendar,
            labels: &[
                ("calendar", &["Calendar", "My calendar"]),
                ("tab_day", &["Day", "Day view"]),
                ("tab_agenda", &["Agenda", "Schedule", "Upcoming"]),
                ("search", &["Search", "Search events", "Find"]),
                ("search_field", &["Search events", "Event title"]),
                ("today", &["Today", "Go to today"]),
                ("previous_day", &["Previous day", "Day before"]),
                ("next_day", &["Next day", "Day after"]),
                ("new", &["New event", "Add event", "Create event"]),
                ("edit", &["Edit", "Edit event"]),
                ("title", &["Title", "Event title", "Add title"]),
                ("location", &["Location", "Where", "Add location"]),
                ("hour", &["Hour", "Start hour"]),
                ("minute", &["Minute", "Start minute"]),
                ("all_day", &["All day", "Whole day"]),
                ("reminder", &["Reminder", "Remind me"]),
                ("save", &["Save", "Done"]),
                ("share", &["Share", "Send"]),
                ("delete", &["Delete", "Delete event", "Remove"]),
                ("confirm_delete", &["Delete", "Yes, delete"]),
                ("cancel", &["Cancel", "Keep"]),
            ],
            takes_text: true,
            ..Manifest::DEFAULT
        }
    }

    fn new(seeder: &mut Seeder) -> Self {
        let today = seeder.today();
        let titles = seeder.strings(vocabulary::EVENTS, 12);
        let events: Vec<Event> = (1..)
            .zip(titles)
            .map(|(id, title)| Event {
                id,
                title,
                date: seeder.day(0..=6),
                time: seeder.chance(0.85).then(|| seeder.time_of_day(7..=20, 15)),
                location: if seeder.chance(0.5) { seeder.pick(vocabulary::STREETS).to_owned() } else { String::new() },
                reminder: seeder.chance(0.4),
            })
            .collect();
        Self {
            next_id: events.len() as u32 + 1,
            events,
            page: Vec::new(),
            day: today,
            today,
            agenda: seeder.chance(0.5),
            search: String::new(),
            draft: empty_draft(today),
            deleting: false,
        }
    }

    fn view(&self, cx: &ViewContext<'_>) -> Page<Message> {
        match self.page.last() {
            None => self.front(cx),
            Some(Place::Event(id)) => match self.events.iter().find(|event| event.id == *id) {
                Some(event) => self.event_page(event, cx),
                None => self.front(cx),
            },
            Some(Place::Edit(id)) => self.form(*id, cx),
            Some(Place::Search) => self.found(cx),
        }
    }

    fn update(&mut self, message: Message, cx: &mut Context<'_, Message>) {
        match message {
            Message::Open(id) => self.page.push(Place::Event(id)),
            Message::Back => {
                self.back();
            }
            Message::ShowDay => self.agenda = false,
            Message::ShowAgenda => self.agenda = true,
            Message::PreviousDay => self.day = self.day.plus_days(-1),
            Message::NextDay => self.day = self.day.plus_days(1),
            Message::Today => (self.day, self.agenda) = (self.today, false),
            Message::New => self.start_draft(None),
            Message::Edit(id) => self.start_draft(Some(id)),
            Message::Title(text) => self.draft.title = text,
            Message::Location(text) => self.draft.location = text,
            Message::Earlier => self.draft.date = self.draft.date.plus_days(-1),
            Message::Later => self.draft.date = self.draft.date.plus_days(1),
            Message::Hour(text) => self.draft.hour = text,
            Message::Minute(text) => self.draft.minute = text,
            Message::AllDay(on) => self.draft.all_day = on,
            Message::Reminder(on) => self.draft.reminder = on,
            Message::Save => self.save(cx),
            Message::AskDelete => self.deleting = true,
            Message::Keep => self.deleting = false,
            Message::Delete(id) => {
                self.deleting = false;
                self.events.retain(|event| event.id != id);
                self.page.pop();
                cx.toast("Event deleted");
            }
            Message::Remind(id, on) => {
                if let Some(event) = self.get_mut(id) {
                    event.reminder = on;
                }
            }
            Message::StartSearch => {
                self.search.clear();
                self.page.push(Place::Search);
            }
            Message::Search(text) => self.search = text,
            Message::Share(id) => {
                let text = self.get_mut(id).map(|event| format!("{} on {}", event.title, short_date(event.date)));
                cx.share(text.unwrap_or_default());
            }
        }
    }

    fn back(&mut self) -> bool {
        self.deleting = false;
        self.page.pop().is_some()
    }

    fn open(&mut self, intent: Intent, _cx: &mut Context<'_, Message>) {
        self.reset();
        match intent {
            Intent::Create { name, .. } | Intent::Share { text: name } => {
                self.start_draft(None);
                self.draft.title = name;
            }
            Intent::Show { name } => {
                if let Some(id) = self.find(&name).map(|event| event.id) {
                    self.page.push(Place::Event(id));
                }
            }
            Intent::Compose { .. } => {}
        }
    }
}
