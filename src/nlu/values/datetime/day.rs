//! Days, known or half known, and the arithmetic of the calendar.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday};

/// A day as it was said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Day {
    /// `tomorrow`, `2025-03-12`.
    Exact(Date),
    /// `this Friday 5/12`: told without its year, though that is clear.
    Clear(Date),
    /// `March 5`: the year is open.
    Yearly(i8, i8),
    /// `the 15th`: month and year are open.
    Monthly(i8),
    /// `Friday`: the week is open.
    Weekday(Weekday),
    /// `Monday 21`: the next or the last month in which the day falls on the weekday.
    WeekdayOn(Weekday, i8),
    /// `the last Friday of May`: the year is open. From 1; 5 is the last.
    NthWeekday { month: i8, nth: i8, weekday: Weekday },
    /// A feast of every year.
    Feast(Feast),
    /// `February 30`: said, but on no calendar. Year, where known, month and day.
    Impossible(Option<i16>, i8, i8),
}

/// A day that every year has, though not always on the same date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Feast {
    /// The same date every year.
    Fixed(i8, i8),
    /// The nth weekday of a month.
    Nth(i8, i8, Weekday),
    /// So many days after Easter Sunday.
    Easter(i64),
}

impl Feast {
    /// Its date in a year.
    pub fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Feast::Fixed(month, day) => Date::new(year, month, day).ok(),
            Feast::Nth(month, nth, weekday) => nth_weekday(year, month, nth, weekday),
            Feast::Easter(offset) => add_days(easter(year)?, offset),
        }
    }
}

/// Easter Sunday, by the Gregorian computus of Meeus, Jones and Butcher.
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, (n / 31) as i8, (n % 31 + 1) as i8).ok()
}

impl Day {
    /// A date from its parts; [`Day::Impossible`] where the calendar has no such day.
    pub fn of(year: Option<i16>, month: i8, day: i8) -> Option<Day> {
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        match year {
            Some(year) => Some(match Date::new(year, month, day) {
                Ok(date) => Day::Exact(date),
                Err(_) => Day::Impossible(Some(year), month, day),
            }),
            // 2024 is a leap year.
            None if Date::new(2024, month, day).is_err() => Some(Day::Impossible(None, month, day)),
            None => Some(Day::Yearly(month, day)),
        }
    }

    /// The same day of a given year.
    pub fn in_year(self, year: i16) -> Option<Day> {
        match self {
            Day::Yearly(month, day) => Day::of(Some(year), month, day),
            Day::Impossible(None, month, day) => Some(Day::Impossible(Some(year), month, day)),
            Day::NthWeekday { month, nth, weekday } => {
                nth_weekday(year, month, nth, weekday).map(Day::Exact)
            }
            Day::Feast(feast) => feast.in_year(year).map(Day::Exact),
            _ => None,
        }
    }

    /// Its TIMEX3 value (ISO-TimeML): `2025-03-12`, `XXXX-03-05`, `XXXX-WXX-5`.
    pub fn timex(self, now: DateTime) -> String {
        match self {
            Day::Exact(date) => date.to_string(),
            Day::Clear(date) => format!("XXXX-{:02}-{:02}", date.month(), date.day()),
            Day::Yearly(month, day) => format!("XXXX-{month:02}-{day:02}"),
            Day::Monthly(day) => format!("XXXX-XX-{day:02}"),
            Day::Weekday(weekday) => format!("XXXX-WXX-{}", weekday.to_monday_one_offset()),
            Day::WeekdayOn(weekday, day) if self.options(now).len() > 1 || day == 0 => {
                format!("XXXX-WXX-{}", weekday.to_monday_one_offset())
            }
            Day::WeekdayOn(..) => {
                self.options(now).first().map(Date::to_string).unwrap_or_default()
            }
            Day::NthWeekday { month, nth, weekday } => {
                format!("XXXX-{month:02}-WXX-{}-#{nth}", weekday.to_monday_one_offset())
            }
            Day::Feast(Feast::Fixed(month, day)) => format!("XXXX-{month:02}-{day:02}"),
            Day::Feast(Feast::Nth(month, nth, weekday)) => {
                format!("XXXX-{month:02}-WXX-{}-{nth}", weekday.to_monday_one_offset())
            }
            Day::Feast(Feast::Easter(_)) => String::new(),
            Day::Impossible(Some(year), month, day) => format!("{year:04}-{month:02}-{day:02}"),
            Day::Impossible(None, month, day) => format!("XXXX-{month:02}-{day:02}"),
        }
    }

    /// The dates it may be: one where it is known, else the last past and the next one.
    pub fn options(self, now: DateTime) -> Vec<Date> {
        let today = now.date();
        match self {
            Day::Exact(date) | Day::Clear(date) => vec![date],
            Day::Yearly(month, day) => around(now, i32::from(today.year()), |year| {
                Date::new(year.try_into().ok()?, month, day).ok()
            }),
            Day::Feast(feast) => {
                around(now, i32::from(today.year()), |year| feast.in_year(year.try_into().ok()?))
            }
            Day::NthWeekday { month, nth, weekday } => {
                around(now, i32::from(today.year()), |year| {
                    nth_weekday(year.try_into().ok()?, month, nth, weekday)
                })
            }
            Day::Monthly(day) => around(now, month_count(today), |month| on_month(month, day)),
            Day::Weekday(weekday) => {
                let past = previous_weekday(today, weekday);
                let future = past.and_then(|past| add_days(past, 7));
                past.into_iter().chain(future).collect()
            }
            Day::WeekdayOn(weekday, day) => {
                let fits = |month: i32| on_month(month, day).filter(|d| d.weekday() == weekday);
                let this = month_count(today);
                let future = (this..this + 30).filter_map(fits).find(|d| *d >= today);
                let past = (this - 30..=this).rev().filter_map(fits).find(|d| *d < today);
                match future {
                    Some(date) if date == today => vec![date],
                    _ => past.into_iter().chain(future).collect(),
                }
            }
            Day::Impossible(..) => Vec::new(),
        }
    }
}

/// The last and the next date of a series, around the moment `now`. A date of today is past once
/// the day has begun.
fn around(now: DateTime, this: i32, date: impl Fn(i32) -> Option<Date>) -> Vec<Date> {
    let past = |d: &Date| d.at(0, 0, 0, 0) < now;
    let before = (this - 8..=this).rev().filter_map(&date).find(past);
    let next = (this - 1..=this + 8).filter_map(&date).find(|d| !past(d));
    before.into_iter().chain(next).collect()
}

/// Months since year 0.
fn month_count(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

fn on_month(count: i32, day: i8) -> Option<Date> {
    let year = i16::try_from(count.div_euclid(12)).ok()?;
    Date::new(year, count.rem_euclid(12) as i8 + 1, day).ok()
}

/// The last day before `date` that is such a weekday.
pub(crate) fn previous_weekday(date: Date, weekday: Weekday) -> Option<Date> {
    let back = i64::from(
        (date.weekday().to_monday_zero_offset() - weekday.to_monday_zero_offset()).rem_euclid(7),
    );
    add_days(date, -if back == 0 { 7 } else { back })
}

/// The nth such weekday of a month, from 1; 5 is the last.
pub(crate) fn nth_weekday(year: i16, month: i8, nth: i8, weekday: Weekday) -> Option<Date> {
    let first = Date::new(year, month, 1).ok()?;
    let nth = if nth >= 5 { -1 } else { nth };
    first.nth_weekday_of_month(nth, weekday).ok()
}

/// The day of the week in which `date` lies, `weeks` weeks on. Weeks begin on Monday.
pub(crate) fn weekday_of_week(date: Date, weeks: i64, weekday: Weekday) -> Option<Date> {
    add_days(monday(date)?, weeks * 7 + i64::from(weekday.to_monday_zero_offset()))
}

/// The Monday of the week in which a date lies.
pub(crate) fn monday(date: Date) -> Option<Date> {
    add_days(date, -i64::from(date.weekday().to_monday_zero_offset()))
}

/// The date so many days later; `None` beyond the calendar.
pub(crate) fn add_days(date: Date, days: i64) -> Option<Date> {
    if days.abs() > 4_000_000 {
        return None;
    }
    date.checked_add(days.days()).ok()
}

/// The date so many months later, on the last day of the month where it has no such day.
pub(crate) fn add_months(date: Date, months: i64) -> Option<Date> {
    if months.abs() > 120_000 {
        return None;
    }
    date.checked_add(months.months()).ok()
}

/// The date so many working days (Monday to Friday) later.
pub(crate) fn add_business_days(date: Date, days: i64) -> Option<Date> {
    let step = days.signum();
    let mut date = date;
    let mut left = days.abs().min(10_000);
    while left > 0 {
        date = add_days(date, step)?;
        if date.weekday().to_monday_zero_offset() < 5 {
            left -= 1;
        }
    }
    Some(date)
}

/// The first day of a month, `None` if there is none.
pub(crate) fn first_of(year: i16, month: i8) -> Option<Date> {
    Date::new(year, month, 1).ok()
}

/// A year in two digits is one of this century up to 2029, else of the last, unless it can't be.
pub(crate) fn full_year(digits: &str) -> Option<i16> {
    let year: i16 = digits.parse().ok()?;
    match digits.len() {
        4 => (1000..=2999).contains(&year).then_some(year),
        2 if year < 40 => Some(2000 + year),
        2 => Some(1900 + year),
        _ => None,
    }
}
