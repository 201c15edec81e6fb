//! From one time to another: what two ends make together, in either language.

use jiff::civil::{Date, DateTime};

use super::clock::Clock;
use super::day::{Day, add_days, add_months};
use super::item::{Extent, Grain, Reading, between, clock_length, midnight};

/// One end of a range of days.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    Day(Day),
    /// Today, told as `now`.
    Now(Date),
    /// A month or a year, with the stretch it is.
    Whole(Extent),
}

/// Times of the day from one to another, as far as they can be told apart: a time without
/// morning or evening takes the one of its fellow.
pub(crate) fn hours(start: Clock, end: Clock) -> Vec<(Clock, Clock)> {
    let later = |clock: Clock| Clock { hour: (clock.hour + 12) % 24, open: false, ..clock };
    let fixed = |clock: Clock| Clock { open: false, ..clock };
    match (start.open, end.open) {
        (true, true) => {
            let first = (fixed(start), fixed(end));
            let noon = start.hour == 12;
            if noon {
                // 12-4: at night, or after noon.
                return vec![(later(start), fixed(end)), (fixed(start), later(end))];
            }
            if start.seconds() > end.seconds() {
                return vec![(first.0, later(end)), (later(start), first.1)];
            }
            vec![first, (later(start), later(end))]
        }
        (true, false) => {
            let late = later(start);
            let fits = late.seconds() <= end.seconds()
                && end.seconds() - late.seconds() < 12 * 3600
                && start.hour != 12;
            vec![(if fits { late } else { fixed(start) }, end)]
        }
        (false, true) => {
            let early = fixed(end);
            vec![(start, if early.seconds() >= start.seconds() { early } else { later(end) })]
        }
        (false, false) => vec![(start, end)],
    }
}

/// Times of any day, from one to another.
pub(crate) fn clocks(hours: &[(Clock, Clock)], now: DateTime) -> Extent {
    let readings: Vec<Reading> = hours
        .iter()
        .filter_map(|(start, end)| {
            let (from, to) = on_day(*start, *end, now.date(), now)?;
            let length = clock_length(to.duration_since(from).as_secs());
            Some(Reading {
                timex: format!("({},{},{length})", start.timex(), end.timex()),
                start: Some(from),
                end: Some(to),
            })
        })
        .collect();
    let timex = readings.first().map(|r| r.timex.clone()).unwrap_or_default();
    Extent { readings, modifier: None, timex, grain: Grain::Clock }
}

/// Times of a day from one to another.
pub(crate) fn clocks_on(day: Day, hours: &[(Clock, Clock)], now: DateTime) -> Extent {
    let mut readings = Vec::new();
    for (start, end) in hours {
        for date in day.options(now) {
            let Some((from, to)) = on_day(*start, *end, date, now) else { continue };
            let length = clock_length(to.duration_since(from).as_secs());
            let overnight = to.date() != from.date() && end.hour != 24;
            let end_day = if overnight { following(day) } else { day };
            let timex = format!(
                "({}{},{}{},{length})",
                day.timex(now),
                start.timex(),
                end_day.timex(now),
                end.timex()
            );
            readings.push(Reading { timex, start: Some(from), end: Some(to) });
        }
    }
    let timex = readings.first().map(|r| r.timex.clone()).unwrap_or_default();
    Extent { readings, modifier: None, timex, grain: Grain::Clock }
}

/// The day after, as far as it is known.
fn following(day: Day) -> Day {
    match day {
        Day::Exact(date) => Day::Exact(add_days(date, 1).unwrap_or(date)),
        Day::Weekday(weekday) => Day::Weekday(weekday.next()),
        other => other,
    }
}

fn on_day(start: Clock, end: Clock, date: Date, now: DateTime) -> Option<(DateTime, DateTime)> {
    let from = start.on(date, now)?;
    let mut to = end.on(from.date(), now)?;
    if to <= from {
        to = to.checked_add(jiff::SignedDuration::from_hours(24)).ok()?;
    }
    Some((from, to))
}

/// A moment that is an end of a range: its day where one was said, and its time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Timed {
    pub day: Option<Day>,
    pub clock: Clock,
}

/// From a moment to another; an end without a day is on the day of its fellow.
pub(crate) fn moments(start: Timed, end: Timed, now: DateTime) -> Option<Extent> {
    let (first, second) = (start.day.or(end.day)?, end.day.or(start.day)?);
    if end.day.is_none() || start.day.is_none() {
        return Some(clocks_on(first, &hours(start.clock, end.clock), now));
    }
    let (start_clock, end_clock) =
        (Clock { open: false, ..start.clock }, Clock { open: false, ..end.clock });
    let starts = first.options(now);
    let ends = second.options(now);
    let mut readings = Vec::new();
    for index in 0..starts.len().max(ends.len()) {
        let from = start_clock.on(*starts.get(index).or(starts.last())?, now)?;
        let mut to = end_clock.on(*ends.get(index).or(ends.last())?, now)?;
        if to < from {
            to = ends.iter().filter_map(|d| end_clock.on(*d, now)).find(|m| *m > from)?;
        }
        let length = clock_length(to.duration_since(from).as_secs());
        let timex = format!(
            "({}{},{}{},{length})",
            first.timex(now),
            start_clock.timex(),
            second.timex(now),
            end_clock.timex()
        );
        readings.push(Reading { timex, start: Some(from), end: Some(to) });
    }
    let timex = readings.first().map(|r| r.timex.clone()).unwrap_or_default();
    Some(Extent { readings, modifier: None, timex, grain: Grain::Clock })
}

/// From one day (or month, or year) to another. What is open in one is taken from the other; a
/// range never runs backwards.
pub(crate) fn days(start: End, end: End, now: DateTime) -> Option<Extent> {
    let (start, end) = match (start, end) {
        (End::Day(first), End::Day(second)) => {
            let (first, second) = same_year(first, second);
            (End::Day(first), End::Day(second))
        }
        (End::Whole(first), End::Whole(second)) => {
            (End::Whole(in_year_of(first, &second)), End::Whole(second))
        }
        (End::Whole(first), End::Now(date)) => {
            (End::Whole(in_year(first, date.year(), Some(date))), End::Day(Day::Exact(date)))
        }
        (End::Whole(first), End::Day(Day::Exact(date))) => {
            (End::Whole(in_year(first, date.year(), Some(date))), End::Day(Day::Exact(date)))
        }
        other => other,
    };
    let grain = match (&start, &end) {
        (End::Whole(a), End::Whole(b)) => a.grain.min(b.grain),
        _ => Grain::Day,
    };
    let (starts, ends) = (starts(&start, now), starts(&end, now));
    let mut options: Vec<(Date, Date)> = match (starts.as_slice(), ends.as_slice()) {
        ([from], [to]) => vec![(*from, *to)],
        ([from], _) => vec![(*from, next_start(&end, *from)?)],
        (_, [to]) => vec![(last_start(&start, *to).or(starts.first().copied())?, *to)],
        _ => starts.iter().filter_map(|from| Some((*from, next_start(&end, *from)?))).collect(),
    };
    options.retain(|(from, to)| from <= to);
    // A range that has begun is the one meant.
    if let [first, _] = options.as_slice()
        && midnight(first.0) <= now
        && now < midnight(if grain >= Grain::Month { add_months(first.1, 1)? } else { first.1 })
    {
        options.truncate(1);
    }
    let (from, to) = options.first().copied()?;
    let length = between(from, to, grain);
    let timex = format!("({},{},{length})", end_timex(&start, now), end_timex(&end, now));
    Some(Extent::days(timex, options, grain))
}

/// The first day from `from` on on which an end can lie.
fn next_start(end: &End, from: Date) -> Option<Date> {
    match end {
        End::Day(day) => day.options(midnight(from)).into_iter().find(|d| *d >= from),
        End::Now(date) => Some(*date),
        End::Whole(extent) => {
            let start = extent.readings.first()?.start?.date();
            (from.year()..=from.year() + 1)
                .filter_map(|year| Date::new(year, start.month(), start.day()).ok())
                .find(|d| *d >= from)
        }
    }
}

/// The last day up to `to` on which a start can lie.
fn last_start(start: &End, to: Date) -> Option<Date> {
    match start {
        End::Day(day) => day.options(midnight(to)).into_iter().rev().find(|d| *d <= to),
        End::Now(date) => Some(*date),
        End::Whole(extent) => {
            let start = extent.readings.first()?.start?.date();
            [to.year(), to.year() - 1]
                .into_iter()
                .filter_map(|year| Date::new(year, start.month(), start.day()).ok())
                .find(|d| *d <= to)
        }
    }
}

fn starts(end: &End, now: DateTime) -> Vec<Date> {
    match end {
        End::Day(day) => day.options(now),
        End::Now(date) => vec![*date],
        End::Whole(extent) => {
            extent.readings.iter().filter_map(|r| Some(r.start?.date())).collect()
        }
    }
}

fn end_timex(end: &End, now: DateTime) -> String {
    match end {
        End::Day(day) => day.timex(now),
        End::Now(date) => date.to_string(),
        End::Whole(extent) => match extent.readings.as_slice() {
            [only] => only.start.map(|s| s.date().to_string()).unwrap_or_default(),
            _ if extent.timex.len() > 7 => extent.timex.clone(),
            _ => format!("{}-01", extent.timex),
        },
    }
}

/// `5/1 - 5/7/2020`: the year of one is the year of both.
fn same_year(first: Day, second: Day) -> (Day, Day) {
    match (first, second) {
        (Day::Yearly(..), Day::Exact(date)) => {
            let same = first.in_year(date.year());
            let fits = matches!(same, Some(Day::Exact(d)) if d <= date);
            let chosen = if fits { same } else { first.in_year(date.year() - 1) };
            (chosen.unwrap_or(first), second)
        }
        (Day::Exact(date), Day::Yearly(..)) => {
            let same = second.in_year(date.year());
            let fits = matches!(same, Some(Day::Exact(d)) if d >= date);
            (first, if fits { same.unwrap_or(second) } else { second })
        }
        (Day::Exact(date), Day::Monthly(day)) => {
            (first, Day::of(Some(date.year()), date.month(), day).unwrap_or(second))
        }
        (Day::Yearly(month, _), Day::Monthly(day)) => {
            (first, Day::of(None, month, day).unwrap_or(second))
        }
        (Day::Exact(date), Day::Weekday(weekday)) => {
            let later = (0..7).filter_map(|k| add_days(date, k)).find(|d| d.weekday() == weekday);
            (first, later.map_or(second, Day::Exact))
        }
        pair => pair,
    }
}

/// `May to Oct 2020`: an open month is of the year of its fellow.
fn in_year_of(first: Extent, second: &Extent) -> Extent {
    let known = match second.readings.as_slice() {
        [only] => only.start.map(|s| s.date()),
        _ => None,
    };
    match known {
        Some(date) if second.grain == Grain::Month => in_year(first, date.year(), Some(date)),
        _ => first,
    }
}

/// An open month in a given year, or in the year before where it would come too late.
fn in_year(extent: Extent, year: i16, latest: Option<Date>) -> Extent {
    if extent.readings.len() < 2 || extent.grain != Grain::Month {
        return extent;
    }
    let in_year = |year: i16| {
        let reading = extent.readings.first()?;
        let start = Date::new(year, reading.start?.date().month(), 1).ok()?;
        Some(Extent::days(
            start.strftime("%Y-%m").to_string(),
            vec![(start, add_months(start, 1)?)],
            Grain::Month,
        ))
    };
    let same = in_year(year);
    let late = same
        .as_ref()
        .and_then(|e| e.readings.first()?.start)
        .zip(latest)
        .is_some_and(|(s, l)| s > midnight(l));
    let chosen = if late { in_year(year - 1) } else { same };
    chosen.unwrap_or(extent)
}
