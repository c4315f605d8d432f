//! The phone's date and time.

use std::fmt;

/// A moment, in milliseconds since 1970 in the phone's own time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay {
    pub hour: u8,
    pub minute: u8,
}

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Monday first.
pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const DAY: i64 = 24 * 60 * 60 * 1000;

impl Time {
    pub fn new(date: Date, time: TimeOfDay) -> Self {
        Self(date.days() * DAY + (i64::from(time.hour) * 60 + i64::from(time.minute)) * 60_000)
    }

    pub fn date(self) -> Date {
        Date::from_days(self.0.div_euclid(DAY))
    }

    pub fn time_of_day(self) -> TimeOfDay {
        let minutes = self.0.rem_euclid(DAY) / 60_000;
        TimeOfDay { hour: (minutes / 60) as u8, minute: (minutes % 60) as u8 }
    }

    pub fn plus_minutes(self, minutes: i64) -> Self {
        Self(self.0 + minutes * 60_000)
    }
}

impl Date {
    /// Days since 1 January 1970.
    pub fn days(self) -> i64 {
        let before = |year: i64| {
            let past = year - 1;
            past * 365 + past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400)
        };
        let months: i64 = (1..self.month).map(|month| i64::from(days_in_month(self.year, month))).sum();
        before(self.year) - before(1970) + months + i64::from(self.day) - 1
    }

    /// The day so many days after 1 January 1970.
    pub fn from_days(days: i64) -> Self {
        // At or before the right year, whichever way years are counted from 1970.
        let mut year = 1970 + days.div_euclid(366).min(days.div_euclid(365));
        while (Self { year: year + 1, month: 1, day: 1 }).days() <= days {
            year += 1;
        }
        let mut rest = days - (Self { year, month: 1, day: 1 }).days();
        let mut month = 1;
        while rest >= i64::from(days_in_month(year, month)) {
            rest -= i64::from(days_in_month(year, month));
            month += 1;
        }
        Self { year, month, day: rest as u8 + 1 }
    }

    pub fn plus_days(self, days: i64) -> Self {
        Self::from_days(self.days() + days)
    }

    /// 0 for Monday to 6 for Sunday.
    pub fn weekday(self) -> usize {
        // 1 January 1970 was a Thursday.
        (self.days() + 3).rem_euclid(7) as usize
    }

    pub fn weekday_name(self) -> &'static str {
        WEEKDAYS[self.weekday()]
    }

    /// `Thursday, March 5, 2026`.
    pub fn with_weekday(self) -> String {
        format!("{}, {self}", self.weekday_name())
    }

    pub fn month_name(self) -> &'static str {
        MONTHS[usize::from(self.month - 1) % 12]
    }
}

/// How many days a month has.
pub fn days_in_month(year: i64, month: u8) -> u8 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `March 5, 2026`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {}", self.month_name(), self.day, self.year)
    }
}

/// `7:05 AM`.
impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hour = if self.hour.is_multiple_of(12) { 12 } else { self.hour % 12 };
        write!(f, "{hour}:{:02} {}", self.minute, if self.hour < 12 { "AM" } else { "PM" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_days_agree() {
        let check = |year, month, day, days, weekday| {
            let date = Date { year, month, day };
            assert_eq!((date.days(), date.weekday_name()), (days, weekday));
            assert_eq!(Date::from_days(days), date);
        };
        check(1970, 1, 1, 0, "Thursday");
        check(1969, 12, 31, -1, "Wednesday");
        check(2000, 2, 29, 11016, "Tuesday");
        check(2026, 3, 5, 20517, "Thursday");
        for days in -1000..40_000 {
            assert_eq!(Date::from_days(days).days(), days);
        }
    }

    #[test]
    fn times_read_like_a_phone() {
        let check = |hour, minute, expected: &str| assert_eq!(TimeOfDay { hour, minute }.to_string(), expected);
        check(0, 5, "12:05 AM");
        check(12, 0, "12:00 PM");
        check(23, 59, "11:59 PM");
        let date = Date { year: 2026, month: 3, day: 5 };
        let time = Time::new(date, TimeOfDay { hour: 7, minute: 30 });
        assert_eq!((time.date(), time.time_of_day().to_string()), (date, "7:30 AM".to_owned()));
    }
}
