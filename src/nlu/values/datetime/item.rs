//! What an expression of time says, before it is resolved.

use jiff::civil::{Date, DateTime};

use super::clock::{Clock, Part};
use super::day::{Day, add_days};
use super::recurrence::Recurrence;
use crate::nlu::values::duration::{Duration, DurationUnit};

/// An expression of time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    Day(Day),
    Clock(Clock),
    /// A clock time on a day.
    Moment(Day, Clock),
    /// A moment counted from now: "in 5 minutes".
    Instant(Instant),
    /// Days from one to another.
    Days(Extent),
    /// Times of a day, from one to another.
    Clocks(Extent),
    /// Moments from one to another.
    Moments(Extent),
    /// A length, with `more` or `less` where so much of it was said.
    Length(Duration, Option<&'static str>),
    /// Again and again.
    Recurring(Recurrence),
}

/// A moment counted from now.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Instant {
    pub timex: String,
    pub at: DateTime,
}

/// Something with a start and an end, and what was said about it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Extent {
    /// The readings; for what recurs every year or week the past one before the future one.
    /// None: the expression is understood, but can't be placed (`summer`).
    pub readings: Vec<Reading>,
    pub modifier: Option<&'static str>,
    /// The TIMEX3 value where there is no reading.
    pub timex: String,
    /// How finely it was said, for what two of them span.
    pub grain: Grain,
}

/// One way to place something in time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    pub timex: String,
    pub start: Option<DateTime>,
    /// Not included.
    pub end: Option<DateTime>,
}

/// How finely something was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grain {
    Clock,
    Day,
    Week,
    Month,
    Year,
}

impl Item {
    /// The ways to place it in time; none for lengths and rhythms, and for what is on no calendar.
    pub fn readings(&self, now: DateTime) -> Vec<Reading> {
        let point = |timex: String, at: DateTime| Reading { timex, start: Some(at), end: None };
        match self {
            Item::Day(day) => {
                let timex = day.timex(now);
                day.options(now).into_iter().map(|d| point(timex.clone(), midnight(d))).collect()
            }
            Item::Clock(clock) => clock
                .readings()
                .into_iter()
                .filter_map(|c| Some(point(c.timex(), c.on(now.date(), now)?)))
                .collect(),
            Item::Moment(day, clock) => {
                let mut readings = Vec::new();
                for clock in clock.readings() {
                    let timex = format!("{}{}", day.timex(now), clock.timex());
                    let moments = day.options(now).into_iter().filter_map(|d| clock.on(d, now));
                    readings.extend(moments.map(|m| point(timex.clone(), m)));
                }
                readings
            }
            Item::Instant(instant) => vec![point(instant.timex.clone(), instant.at)],
            Item::Days(extent) | Item::Clocks(extent) | Item::Moments(extent) => {
                extent.readings.clone()
            }
            Item::Length(..) | Item::Recurring(_) => Vec::new(),
        }
    }

    /// Its TIMEX3 value (ISO-TimeML), as of `now`.
    pub fn timex(&self, now: DateTime) -> String {
        match self {
            Item::Day(day) => day.timex(now),
            Item::Clock(clock) => clock.timex(),
            Item::Moment(day, clock) => format!("{}{}", day.timex(now), clock.timex()),
            Item::Instant(instant) => instant.timex.clone(),
            Item::Days(extent) | Item::Clocks(extent) | Item::Moments(extent) => {
                extent.timex.clone()
            }
            Item::Length(duration, _) => duration.timex(),
            Item::Recurring(recurrence) => recurrence.timex(now),
        }
    }
}

impl Extent {
    /// From one date to another.
    pub fn days(timex: impl Into<String>, options: Vec<(Date, Date)>, grain: Grain) -> Extent {
        let timex = timex.into();
        let readings = options
            .into_iter()
            .map(|(start, end)| Reading {
                timex: timex.clone(),
                start: Some(midnight(start)),
                end: Some(midnight(end)),
            })
            .collect();
        Extent { readings, modifier: None, timex, grain }
    }

    /// A part of the day, whatever the day. The dates of its readings say nothing.
    pub fn part(part: Part, now: DateTime) -> Extent {
        let (letters, start, end) = part.range();
        let timex = format!("T{letters}");
        let reading = on_date(now.date(), start, end).map(|(start, end)| Reading {
            timex: timex.clone(),
            start: Some(start),
            end: Some(end),
        });
        Extent {
            readings: reading.into_iter().collect(),
            modifier: None,
            timex,
            grain: Grain::Clock,
        }
    }

    /// A part of a day.
    pub fn part_of(day: Day, part: Part, now: DateTime) -> Extent {
        let (letters, start, end) = part.range();
        let timex = format!("{}T{letters}", day.timex(now));
        let readings = day
            .options(now)
            .into_iter()
            .filter_map(|date| on_date(date, start, end))
            .map(|(start, end)| Reading {
                timex: timex.clone(),
                start: Some(start),
                end: Some(end),
            })
            .collect();
        Extent { readings, modifier: None, timex, grain: Grain::Clock }
    }

    pub fn modified(mut self, modifier: &'static str) -> Extent {
        self.modifier = Some(modifier);
        self
    }
}

/// The hours of a date; 24 is a second before midnight.
fn on_date(date: Date, start: i8, end: i8) -> Option<(DateTime, DateTime)> {
    let end = if end == 24 { date.at(23, 59, 59, 0) } else { date.at(end, 0, 0, 0) };
    Some((date.at(start, 0, 0, 0), end))
}

/// The start of a day.
pub(crate) fn midnight(date: Date) -> DateTime {
    date.at(0, 0, 0, 0)
}

/// What lies between two dates as a TIMEX3 duration of the given grain: `P19D`, `P2M`, `P4Y`.
pub(crate) fn between(start: Date, end: Date, grain: Grain) -> String {
    let months = (i32::from(end.year()) - i32::from(start.year())) * 12 + i32::from(end.month())
        - i32::from(start.month());
    match grain {
        Grain::Year if months % 12 == 0 => format!("P{}Y", months / 12),
        Grain::Year | Grain::Month => format!("P{months}M"),
        _ => format!("P{}D", (midnight(end).duration_since(midnight(start))).as_hours() / 24),
    }
}

/// A length of time within days as a TIMEX3 duration: `PT2H30M`.
pub(crate) fn clock_length(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut timex = String::from("PT");
    for (amount, letter) in [(hours, 'H'), (minutes, 'M'), (seconds, 'S')] {
        if amount > 0 {
            timex.push_str(&format!("{amount}{letter}"));
        }
    }
    if timex == "PT" { "PT0S".to_owned() } else { timex }
}

/// The moment a duration after (`sign` 1) or before (-1) another: whole days by the calendar,
/// the rest by the clock.
pub(crate) fn shifted(from: DateTime, duration: &Duration, sign: i64) -> Option<DateTime> {
    let mut moment = from;
    for (amount, unit) in duration.parts() {
        let whole = sign * (amount.trunc() as i64);
        let date = match unit {
            DurationUnit::Year => super::day::add_months(moment.date(), whole.checked_mul(12)?),
            DurationUnit::Month => super::day::add_months(moment.date(), whole),
            DurationUnit::Week => add_days(moment.date(), whole.checked_mul(7)?),
            DurationUnit::Day => add_days(moment.date(), whole),
            DurationUnit::BusinessDay => super::day::add_business_days(moment.date(), whole),
            _ => Some(moment.date()),
        }?;
        moment = date.to_datetime(moment.time());
        let rest = if *unit > DurationUnit::Hour { amount.fract() } else { *amount };
        let seconds = rest * unit.seconds();
        if seconds.abs() > 1e11 {
            return None;
        }
        let span = jiff::SignedDuration::from_millis(sign * (seconds * 1000.0).round() as i64);
        moment = moment.checked_add(span).ok()?;
    }
    Some(moment)
}

/// A duration from now: a day where it is told in days, else a moment.
pub(crate) fn offset(now: DateTime, duration: &Duration, sign: i64) -> Option<Item> {
    let moment = shifted(now, duration, sign)?;
    if counts_days(duration) {
        return Some(Item::Day(Day::Exact(moment.date())));
    }
    Some(Item::Instant(Instant { timex: to_the_second(moment), at: moment }))
}

/// The stretch of a duration before or after now, by the clock.
pub(crate) fn clock_stretch(now: DateTime, duration: &Duration, sign: i64) -> Option<Item> {
    let other = shifted(now, duration, sign)?;
    let (start, end) = if sign > 0 { (now, other) } else { (other, now) };
    let length = duration.timex();
    let timex = format!("({},{},{length})", to_the_second(start), to_the_second(end));
    let reading = Reading { timex: timex.clone(), start: Some(start), end: Some(end) };
    let (readings, grain) = (vec![reading], Grain::Clock);
    Some(Item::Moments(Extent { readings, modifier: None, timex, grain }))
}

fn to_the_second(moment: DateTime) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// Whether a duration is told in days or longer, so that it counts by the calendar.
pub(crate) fn counts_days(duration: &Duration) -> bool {
    duration
        .parts()
        .iter()
        .all(|(amount, unit)| *unit >= DurationUnit::Day && amount.fract() == 0.0)
}
