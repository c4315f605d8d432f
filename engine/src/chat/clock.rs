//! Today's date for chat templates that state it (`strftime_now`). Always UTC: the machine's zone is its owner's business.

use std::time::{SystemTime, UNIX_EPOCH};

const MONTHS: [&str; 12] = [
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
const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/// The current time, written as Python's `strftime` would; directives that are not known stay as they are.
pub(super) fn format_now(format: &str) -> String {
    // A clock before 1970 is a broken clock: the epoch is as good a date as any.
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |duration| duration.as_secs());
    format_at(format, seconds)
}

fn format_at(format: &str, seconds: u64) -> String {
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil_from_days(days);
    let (month_name, day_name) = (MONTHS[month - 1], DAYS[(days % 7) as usize]);
    let mut written = String::new();
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            written.push(character);
            continue;
        }
        let value = match characters.next() {
            Some('Y') => year.to_string(),
            Some('y') => format!("{:02}", year % 100),
            Some('m') => format!("{month:02}"),
            Some('d') => format!("{day:02}"),
            Some('B') => month_name.to_owned(),
            Some('b') => month_name[..3].to_owned(),
            Some('A') => day_name.to_owned(),
            Some('a') => day_name[..3].to_owned(),
            Some('H') => format!("{:02}", time / 3600),
            Some('M') => format!("{:02}", time / 60 % 60),
            Some('S') => format!("{:02}", time % 60),
            Some('%') => "%".to_owned(),
            Some(other) => format!("%{other}"),
            None => "%".to_owned(),
        };
        written.push_str(&value);
    }
    written
}

/// Days since 1970 to a date: whole 400-year cycles of the Gregorian calendar first, then years, then months.
fn civil_from_days(days: u64) -> (u64, usize, u64) {
    const CYCLE: u64 = 146_097;
    let is_leap = |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let (mut year, mut left) = (1970 + 400 * (days / CYCLE), days % CYCLE);
    while left >= 365 + u64::from(is_leap(year)) {
        left -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    (year, month + 1, left + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let check = |seconds, format, expected: &str| assert_eq!(format_at(format, seconds), expected);
        check(0, "%Y-%m-%d %A", "1970-01-01 Thursday");
        check(951_782_400, "%d %b %Y, %a", "29 Feb 2000, Tue");
        check(1_735_689_599, "%d %B %y %H:%M:%S", "31 December 24 23:59:59");
        check(4_107_542_400, "%Y-%m-%d", "2100-03-01");
        check(0, "100%% %Q %", "100% %Q %");
    }
}
