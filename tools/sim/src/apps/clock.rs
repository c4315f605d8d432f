//! Clock: alarms, a timer, a stopwatch, cities of the world.

use crate::{
    App, Context, Icon, Manifest, Page, Seeder, TextStyle, Time, TimeOfDay, ViewContext, WEEKDAYS, Widget, vocabulary,
};

/// Everything that tells time.
#[derive(Debug)]
pub struct Clock {
    pub alarms: Vec<Alarm>,
    pub timer: Timer,
    pub stopwatch: Stopwatch,
    /// Cities of the world clock.
    pub cities: Vec<String>,
    tab: Tab,
    editing: Option<Draft>,
    choosing_city: bool,
    next_id: u32,
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    pub id: u32,
    pub time: TimeOfDay,
    pub label: String,
    pub on: bool,
    /// Monday first.
    pub days: [bool; 7],
}

/// A countdown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timer {
    /// As set, in minutes.
    pub minutes: u32,
    /// When it rings, while it runs.
    pub ends: Option<Time>,
    /// How often it was started.
    pub started: u32,
}

/// A stopwatch, which counts up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stopwatch {
    pub running: bool,
    pub laps: u32,
    /// Started since it was last reset.
    pub used: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Alarms,
    World,
    Timer,
    Stopwatch,
}

/// An alarm that is being edited.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Draft {
    /// `None` for a new one.
    id: Option<u32>,
    hour: String,
    minute: String,
    label: String,
    days: [bool; 7],
}

#[derive(Debug, Clone)]
pub enum Message {
    ShowAlarms,
    ShowWorld,
    ShowTimer,
    ShowStopwatch,
    SetAlarm(u32, bool),
    Edit(u32),
    AddAlarm,
    Hour(String),
    Minute(String),
    Label(String),
    Day(usize, bool),
    Save,
    Delete(u32),
    Back,
    TimerMinutes(u32),
    StartTimer,
    StopTimer,
    StartStopwatch,
    StopStopwatch,
    Lap,
    ResetStopwatch,
    ChooseCity,
    AddCity(String),
    RemoveCity(String),
}

/// The keys of the days' chips, Monday first.
const DAY_KEYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Clock {
    /// The first alarm at this time.
    pub fn alarm_at(&self, time: TimeOfDay) -> Option<&Alarm> {
        self.alarms.iter().find(|alarm| alarm.time == time)
    }

    fn navigation(&self, cx: &ViewContext<'_>) -> Vec<Widget<Message>> {
        let tab = |key: &str, tab: Tab, icon, message| {
            Widget::tab(key, cx.label(key), self.tab == tab).icon(icon).on_press(message)
        };
        vec![
            tab("tab_alarms", Tab::Alarms, Icon::Alarm, Message::ShowAlarms),
            tab("tab_world", Tab::World, Icon::WorldClock, Message::ShowWorld),
            tab("tab_timer", Tab::Timer, Icon::Timer, Message::ShowTimer),
            tab("tab_stopwatch", Tab::Stopwatch, Icon::Stopwatch, Message::ShowStopwatch),
        ]
    }

    fn alarms_page(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let mut alarms: Vec<&Alarm> = self.alarms.iter().collect();
        alarms.sort_by_key(|alarm| (alarm.time, alarm.id));
        let rows = alarms.into_iter().map(|alarm| {
            let days = describe_days(&alarm.days);
            let subtitle = if alarm.label.is_empty() { days } else { format!("{}, {days}", alarm.label) };
            let switch = Widget::switch(format!("alarm_{}_on", alarm.id), format!("{} alarm", alarm.time), alarm.on);
            Widget::row(format!("alarm_{}", alarm.id), alarm.time.to_string())
                .subtitle(subtitle)
                .trailing(vec![switch.on_toggle(|on| Message::SetAlarm(alarm.id, on))])
                .on_press(Message::Edit(alarm.id))
        });
        Page::new("alarms", cx.label("tab_alarms"))
            .with_all(rows)
            .navigation(self.navigation(cx))
            .fab(Widget::fab("add_alarm", cx.label("add_alarm"), Icon::Add).on_press(Message::AddAlarm))
    }

    fn edit_page(&self, draft: &Draft, cx: &ViewContext<'_>) -> Page<Message> {
        let (key, title) = match draft.id {
            Some(id) => (format!("edit_{id}"), cx.label("edit_alarm")),
            None => ("new_alarm".to_owned(), cx.label("add_alarm")),
        };
        let days = DAY_KEYS.iter().enumerate().map(|(index, key)| {
            Widget::chip(*key, WEEKDAYS[index], draft.days[index]).on_toggle(|on| Message::Day(index, on))
        });
        let delete =
            draft.id.map(|id| Widget::button("delete", cx.label("delete")).outlined().on_press(Message::Delete(id)));
        Page::new(key, title)
            .up(Message::Back)
            .with(Widget::field("hour", cx.label("hour"), &draft.hour).on_text(Message::Hour))
            .with(Widget::field("minute", cx.label("minute"), &draft.minute).on_text(Message::Minute))
            .with(Widget::field("label", cx.label("label"), &draft.label).on_text(Message::Label))
            .with(Widget::heading("repeat", cx.label("repeat")))
            .with(Widget::grid("days", 2, days.collect()))
            .with(Widget::button("save", cx.label("save")).on_press(Message::Save))
            .with_all(delete)
    }

    fn world_page(&self, cx: &ViewContext<'_>) -> Page<Message> {
        if self.choosing_city {
            let others = vocabulary::CITIES.iter().filter(|city| !self.cities.iter().any(|known| known == *city));
            let rows =
                others.map(|city| Widget::row(city_key(city), *city).on_press(Message::AddCity((*city).to_owned())));
            return Page::new("choose_city", cx.label("add_city")).up(Message::Back).with_all(rows);
        }
        let rows = self.cities.iter().map(|city| {
            let remove =
                Widget::icon_button(format!("remove_{}", city_key(city)), format!("Remove {city}"), Icon::Delete);
            let hour = (cx.now().time_of_day().hour + city_offset(city)) % 24;
            let time = TimeOfDay { hour, minute: cx.now().time_of_day().minute };
            Widget::row(city_key(city), city)
                .subtitle(time.to_string())
                .trailing(vec![remove.on_press(Message::RemoveCity(city.clone()))])
        });
        Page::new("world", cx.label("tab_world"))
            .with_all(rows)
            .navigation(self.navigation(cx))
            .fab(Widget::fab("add_city", cx.label("add_city"), Icon::Add).on_press(Message::ChooseCity))
    }

    fn timer_page(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let timer = &self.timer;
        let step = |key: &str, by: i64| {
            let minutes = (i64::from(timer.minutes) + by).clamp(0, 600) as u32;
            Widget::button(key, cx.label(key)).outlined().on_press(Message::TimerMinutes(minutes))
        };
        let state = match timer.ends {
            Some(ends) => format!("Rings at {}", ends.time_of_day()),
            None => format!("{} min", timer.minutes),
        };
        let control = match timer.ends {
            Some(_) => Widget::button("stop", cx.label("stop_timer")).on_press(Message::StopTimer),
            None => Widget::button("start", cx.label("start_timer"))
                .enabled(timer.minutes > 0)
                .on_press(Message::StartTimer),
        };
        Page::new("timer", cx.label("tab_timer"))
            .with(Widget::text("timer_state", state).style(TextStyle::Display))
            .with(Widget::line(
                "steps",
                vec![step("minus_5", -5), step("minus_1", -1), step("plus_1", 1), step("plus_5", 5)],
            ))
            .with(control)
            .navigation(self.navigation(cx))
    }

    fn stopwatch_page(&self, cx: &ViewContext<'_>) -> Page<Message> {
        let watch = &self.stopwatch;
        let state = match (watch.running, watch.used) {
            (true, _) => "Running",
            (false, true) => "Stopped",
            (false, false) => "0:00",
        };
        let laps = (watch.laps > 0).then(|| Widget::text("laps", format!("Laps: {}", watch.laps)));
        let button = |key: &str, message| Widget::button(key, cx.label(key)).on_press(message);
        let controls = if watch.running {
            vec![button("lap", Message::Lap).outlined(), button("stop_stopwatch", Message::StopStopwatch)]
        } else {
            vec![
                button("reset_stopwatch", Message::ResetStopwatch).outlined().enabled(watch.used),
                button("start_stopwatch", Message::StartStopwatch),
            ]
        };
        Page::new("stopwatch", cx.label("tab_stopwatch"))
            .with(Widget::text("stopwatch_state", state).style(TextStyle::Display))
            .with_all(laps)
            .with(Widget::line("controls", controls))
            .navigation(self.navigation(cx))
    }

    fn save(&mut self, cx: &mut Context<'_, Message>) {
        let Some(draft) = &self.editing else { return };
        let number = |text: &str, limit: u8| text.trim().parse::<u8>().ok().filter(|value| *value < limit);
        let (Some(hour), Some(minute)) = (number(&draft.hour, 24), number(&draft.minute, 60)) else {
            cx.toast("Enter an hour from 0 to 23 and a minute from 0 to 59");
            return;
        };
        let (time, label, days) = (TimeOfDay { hour, minute }, draft.label.trim().to_owned(), draft.days);
        match draft.id {
            Some(id) => {
                if let Some(alarm) = self.alarms.iter_mut().find(|alarm| alarm.id == id) {
                    *alarm = Alarm { id, time, label, on: true, days };
                }
            }
            None => {
                self.alarms.push(Alarm { id: self.next_id, time, label, on: true, days });
                self.next_id += 1;
            }
        }
        self.editing = None;
        cx.toast(format!("Alarm set for {time}"));
    }
}

fn describe_days(days: &[bool; 7]) -> String {
    match days {
        [false, false, false, false, false, false, false] => "Once".to_owned(),
        [true, true, true, true, true, true, true] => "Every day".to_owned(),
        [true, true, true, true, true, false, false] => "Weekdays".to_owned(),
        _ => {
            let names: Vec<&str> =
                WEEKDAYS.iter().zip(days).filter(|(_, on)| **on).map(|(name, _)| &name[..3]).collect();
            names.join(" ")
        }
    }
}

fn city_key(city: &str) -> String {
    format!("city_{}", city.to_lowercase().replace(' ', "_"))
}

/// A made-up but fixed distance in hours; nobody plans flights with this phone.
fn city_offset(city: &str) -> u8 {
    (city.bytes().map(u32::from).sum::<u32>() % 24) as u8
}

impl App for Clock {
    type Message = Message;

    fn manifest() -> Manifest {
        Manifest {
            key: "clock",
            names: &["Clock", "Alarm clock", "Time"],
            icon: Icon::Clock,
            labels: &[
                ("tab_alarms", &["Alarms", "Alarm"]),
                ("tab_world", &["World clock", "World", "Cities"]),
                ("tab_timer", &["Timer", "Countdown"]),
                ("tab_stopwatch", &["Stopwatch"]),
                ("add_alarm", &["Add alarm", "New alarm", "Create alarm"]),
                ("edit_alarm", &["Edit alarm", "Alarm"]),
                ("hour", &["Hour", "Hours"]),
                ("minute", &["Minute", "Minutes"]),
                ("label", &["Label", "Alarm name", "Name"]),
                ("repeat", &["Repeat", "Days"]),
                ("save", &["Save", "Done", "OK"]),
                ("delete", &["Delete", "Delete alarm", "Remove"]),
                ("add_city", &["Add city", "New city"]),
                ("minus_5", &["-5 min", "Minus 5"]),
                ("minus_1", &["-1 min", "Minus 1"]),
                ("plus_1", &["+1 min", "Plus 1"]),
                ("plus_5", &["+5 min", "Plus 5"]),
                ("start_timer", &["Start", "Start timer"]),
                ("stop_timer", &["Stop", "Cancel timer"]),
                ("start_stopwatch", &["Start", "Start stopwatch"]),
                ("stop_stopwatch", &["Stop", "Pause"]),
                ("reset_stopwatch", &["Reset", "Clear"]),
                ("lap", &["Lap", "Split"]),
            ],
            system: true,
            ..Manifest::DEFAULT
        }
    }

    fn new(seeder: &mut Seeder) -> Self {
        let names = ["", "Work", "Gym", "School run", "Medicine", "Weekend", "Early train"];
        let mut alarms: Vec<Alarm> = Vec::new();
        let count = seeder.number(3..=6);
        while (alarms.len() as i64) < count {
            let time = seeder.time_of_day(5..=22, 5);
            if alarms.iter().any(|alarm| alarm.time == time) {
                continue;
            }
            let weekdays = seeder.chance(0.4);
            let days = std::array::from_fn(|day| weekdays && day < 5);
            let (label, on) = (seeder.pick(&names).to_owned(), seeder.chance(0.5));
            alarms.push(Alarm { id: alarms.len() as u32 + 1, time, label, on, days });
        }
        Self {
            next_id: alarms.len() as u32 + 1,
            alarms,
            timer: Timer { minutes: seeder.number(1..=6) as u32 * 5, ..Timer::default() },
            stopwatch: Stopwatch::default(),
            cities: seeder.strings(vocabulary::CITIES, 3),
            tab: Tab::Alarms,
            editing: None,
            choosing_city: false,
        }
    }

    fn view(&self, cx: &ViewContext<'_>) -> Page<Message> {
        if let Some(draft) = &self.editing {
            return self.edit_page(draft, cx);
        }
        match self.tab {
            Tab::Alarms => self.alarms_page(cx),
            Tab::World => self.world_page(cx),
            Tab::Timer => self.timer_page(cx),
            Tab::Stopwatch => self.stopwatch_page(cx),
        }
    }

    fn update(&mut self, message: Message, cx: &mut Context<'_, Message>) {
        match message {
            Message::ShowAlarms => self.tab = Tab::Alarms,
            Message::ShowWorld => self.tab = Tab::World,
            Message::ShowTimer => self.tab = Tab::Timer,
            Message::ShowStopwatch => self.tab = Tab::Stopwatch,
            Message::SetAlarm(id, on) => {
                if let Some(alarm) = self.alarms.iter_mut().find(|alarm| alarm.id == id) {
                    alarm.on = on;
                }
            }
            Message::Edit(id) => {
                self.editing = self.alarms.iter().find(|alarm| alarm.id == id).map(|alarm| Draft {
                    id: Some(id),
                    hour: alarm.time.hour.to_string(),
                    minute: format!("{:02}", alarm.time.minute),
                    label: alarm.label.clone(),
                    days: alarm.days,
                });
            }
            Message::AddAlarm => {
                let (hour, minute) = ("8".to_owned(), "00".to_owned());
                self.editing = Some(Draft { id: None, hour, minute, label: String::new(), days: [false; 7] });
            }
            Message::Hour(text) => self.change(|draft| draft.hour = text),
            Message::Minute(text) => self.change(|draft| draft.minute = text),
            Message::Label(text) => self.change(|draft| draft.label = text),
            Message::Day(index, on) => self.change(|draft| {
                if let Some(day) = draft.days.get_mut(index) {
                    *day = on;
                }
            }),
            Message::Save => self.save(cx),
            Message::Delete(id) => {
                self.alarms.retain(|alarm| alarm.id != id);
                self.editing = None;
                cx.toast("Alarm deleted");
            }
            Message::Back => {
                self.back();
            }
            Message::TimerMinutes(minutes) => {
                if self.timer.ends.is_none() {
                    self.timer.minutes = minutes;
                }
            }
            Message::StartTimer => {
                self.timer.ends = Some(cx.now().plus_minutes(i64::from(self.timer.minutes)));
                self.timer.started += 1;
            }
            Message::StopTimer => self.timer.ends = None,
            Message::StartStopwatch => (self.stopwatch.running, self.stopwatch.used) = (true, true),
            Message::StopStopwatch => self.stopwatch.running = false,
            Message::Lap => self.stopwatch.laps += 1,
            Message::ResetStopwatch => self.stopwatch = Stopwatch::default(),
            Message::ChooseCity => self.choosing_city = true,
            Message::AddCity(city) => {
                self.cities.push(city);
                self.choosing_city = false;
            }
            Message::RemoveCity(city) => self.cities.retain(|known| *known != city),
        }
    }

    fn back(&mut self) -> bool {
        self.editing.take().is_some() || std::mem::take(&mut self.choosing_city)
    }

    fn tick(&mut self, cx: &mut Context<'_, Message>) {
        if self.timer.ends.is_some_and(|ends| cx.now() >= ends) {
            self.timer.ends = None;
            cx.notify("Timer", "Time is up", None);
        }
    }
}

impl Clock {
    fn change(&mut self, edit: impl FnOnce(&mut Draft)) {
        if let Some(draft) = &mut self.editing {
            edit(draft);
        }
    }
}
