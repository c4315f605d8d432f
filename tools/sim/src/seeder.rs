//! Draws a phone's data from its seed.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::{Date, Time, TimeOfDay, vocabulary};

/// What an app draws its data from when the phone is made. Each app has its own, so that a change in one app's data
/// changes no other app's.
pub struct Seeder {
    rng: ChaCha8Rng,
    now: Time,
    people: Vec<String>,
}

impl Seeder {
    pub(crate) fn new(seed: u64, shared: &Shared) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), now: shared.now, people: shared.people.clone() }
    }

    /// The moment at which the phone starts.
    pub fn now(&self) -> Time {
        self.now
    }

    pub fn today(&self) -> Date {
        self.now.date()
    }

    /// The people whom the owner of this phone knows, `First Last`, at least 30, all different. Contacts, Messages and
    /// others share them: that is how a chat and a contact are the same person.
    pub fn people(&self) -> &[String] {
        &self.people
    }

    pub fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.rng
    }

    pub fn number(&mut self, range: RangeInclusive<i64>) -> i64 {
        self.rng.random_range(range)
    }

    /// True so often, from 0 to 1.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability.clamp(0.0, 1.0))
    }

    /// One of `options`.
    ///
    /// # Panics
    /// If there is none.
    pub fn pick<T: Clone>(&mut self, options: &[T]) -> T {
        options[self.rng.random_range(0..options.len())].clone()
    }

    /// Some of `options`, all different, in random order; fewer if there are not so many.
    pub fn some<T: Clone>(&mut self, options: &[T], count: usize) -> Vec<T> {
        options.choose_multiple(&mut self.rng, count).cloned().collect()
    }

    /// Some of `options` as strings.
    pub fn strings(&mut self, options: &[&str], count: usize) -> Vec<String> {
        self.some(options, count).into_iter().map(str::to_owned).collect()
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.rng);
    }

    /// `+1 555 018 4477`.
    pub fn phone_number(&mut self) -> String {
        let (area, first, second) = (self.number(201..=989), self.number(100..=999), self.number(1000..=9999));
        format!("+1 {area} {first} {second}")
    }

    /// A time of day on a multiple of `step` minutes, with the hour in `hours`.
    pub fn time_of_day(&mut self, hours: RangeInclusive<u8>, step: u8) -> TimeOfDay {
        let hour = self.rng.random_range(hours).min(23);
        let step = step.clamp(1, 60);
        TimeOfDay { hour, minute: self.rng.random_range(0..60 / step) * step }
    }

    /// A day so many days from today.
    pub fn day(&mut self, days: RangeInclusive<i64>) -> Date {
        let days = self.number(days);
        self.today().plus_days(days)
    }
}

/// What all apps of a phone draw on together.
pub(crate) struct Shared {
    now: Time,
    people: Vec<String>,
}

impl Shared {
    pub fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let first = Date { year: 2026, month: 1, day: 1 };
        let date = first.plus_days(rng.random_range(0..365));
        let time = TimeOfDay { hour: rng.random_range(7..20), minute: rng.random_range(0..60) };
        let mut people = BTreeSet::new();
        while people.len() < 36 {
            let name = |names: &[&'static str], rng: &mut ChaCha8Rng| names.choose(rng).copied().unwrap_or_default();
            let (given, family) = (name(vocabulary::FIRST_NAMES, &mut rng), name(vocabulary::LAST_NAMES, &mut rng));
            people.insert(format!("{given} {family}"));
        }
        let mut people: Vec<String> = people.into_iter().collect();
        people.shuffle(&mut rng);
        Self { now: Time::new(date, time), people }
    }

    pub fn now(&self) -> Time {
        self.now
    }
}
