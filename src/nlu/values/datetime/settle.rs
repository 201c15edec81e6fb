//! Which moment is meant: what an expression leaves open is settled by the nearest sensible one.
//!
//! A bare time is the next such time; a weekday the next such day; a date without its year the
//! nearest one, past or future. What could be morning or evening, or day and month either way,
//! keeps both readings.

use jiff::civil::{Date, DateTime, Time};

use super::clock::Clock;
use super::day::{Day, add_days};
use super::item::{Item, Reading, midnight};

/// The moments that a point in time may be, the likelier first; none for stretches and lengths.
/// `anchor`: a related earlier moment, behind which this one lies.
pub(crate) fn moments(
    item: &Item,
    surface: &str,
    now: DateTime,
    anchor: Option<DateTime>,
) -> Vec<DateTime> {
    match item {
        Item::Day(day) => dates(*day, surface, now, anchor).into_iter().map(midnight).collect(),
        Item::Clock(clock) => match anchor {
            Some(anchor) => after_anchor(*clock, anchor).into_iter().collect(),
            None => next_times(*clock, now),
        },
        Item::Moment(day, clock) => on_days(*day, *clock, surface, now, anchor),
        Item::Instant(instant) => vec![instant.at],
        _ => Vec::new(),
    }
}

/// The dates a day may be.
fn dates(day: Day, surface: &str, now: DateTime, anchor: Option<DateTime>) -> Vec<Date> {
    let options = day.options(now);
    let first = match (day, anchor) {
        // The end of a range comes behind its start.
        (Day::Weekday(_) | Day::Yearly(..) | Day::Monthly(_), Some(anchor)) => behind(day, anchor),
        (Day::Weekday(weekday), None) if now.date().weekday() == weekday => Some(now.date()),
        (Day::Weekday(_), None) => options.last().copied(),
        _ => options.iter().copied().min_by_key(|d| distance(*d, now)),
    };
    let mut dates: Vec<Date> = first.into_iter().collect();
    if let Some(swapped) = swapped(surface)
        .and_then(|day| day.options(now).into_iter().min_by_key(|d| distance(*d, now)))
        && !dates.contains(&swapped)
    {
        dates.push(swapped);
    }
    dates
}

/// The first such day that is not before an anchor.
fn behind(day: Day, anchor: DateTime) -> Option<Date> {
    let from = midnight(anchor.date());
    day.options(from)
        .into_iter()
        .chain(add_days(anchor.date(), 400).into_iter().flat_map(|d| day.options(midnight(d))))
        .filter(|d| *d >= anchor.date())
        .min()
}

/// How far a date is from today; the future wins a tie.
fn distance(date: Date, now: DateTime) -> (i64, bool) {
    let days = midnight(date).duration_since(midnight(now.date())).as_hours() / 24;
    (days.abs(), days < 0)
}

/// The other reading of a date in two small numbers: 03/04 is in March or in April.
fn swapped(surface: &str) -> Option<Day> {
    let mut parts = surface.split('/');
    let (first, second) = (parts.next()?, parts.next()?);
    let year = match parts.next() {
        Some(year) => Some(super::day::full_year(year)?),
        None => None,
    };
    let (first, second): (i8, i8) = (first.parse().ok()?, second.parse().ok()?);
    (first <= 12 && second <= 12 && first != second).then(|| Day::of(year, second, first)).flatten()
}

/// The next moment that a clock shows a time, from `from` on.
fn next_time(clock: Clock, from: DateTime) -> Option<DateTime> {
    let today = plain(clock, from.date())?;
    if today >= from { Some(today) } else { plain(clock, add_days(from.date(), 1)?) }
}

/// The time on a date, whatever the night.
fn plain(clock: Clock, date: Date) -> Option<DateTime> {
    Clock { night: false, ..clock }.on(date, midnight(date))
}

/// The next times that a clock time may be, the nearer first.
fn next_times(clock: Clock, now: DateTime) -> Vec<DateTime> {
    let now = to_minute(now);
    let mut times: Vec<DateTime> =
        readings(clock).into_iter().filter_map(|c| next_time(c, now)).collect();
    times.sort();
    times
}

/// As it was written where a 24-hour clock was, else both halves of the day, the likelier first.
fn readings(clock: Clock) -> Vec<Clock> {
    if clock.digital {
        return vec![Clock { open: false, ..clock }];
    }
    let mut readings = clock.readings();
    // One to six are rather in the afternoon, seven to twelve as they are said.
    if clock.open && clock.hour < 7 {
        readings.reverse();
    }
    readings
}

/// The first such time behind an anchor.
fn after_anchor(clock: Clock, anchor: DateTime) -> Option<DateTime> {
    readings(clock)
        .into_iter()
        .filter_map(|c| next_time(c, anchor))
        .filter(|m| *m > anchor || clock.hour == 24)
        .min()
}

fn on_days(
    day: Day,
    clock: Clock,
    surface: &str,
    now: DateTime,
    anchor: Option<DateTime>,
) -> Vec<DateTime> {
    let written = surface.split(|c: char| c.is_whitespace()).next().unwrap_or(surface);
    let mut moments: Vec<DateTime> = Vec::new();
    for date in dates(day, written, now, anchor) {
        for clock in readings(clock) {
            let Some(mut moment) = clock.on(date, now) else { continue };
            let passed =
                matches!(day, Day::Weekday(_)) && moment < to_minute(now) && anchor.is_none();
            if passed && let Some(later) = add_days(moment.date(), 7) {
                moment = later.to_datetime(moment.time());
            }
            if !moments.contains(&moment) {
                moments.push(moment);
            }
        }
    }
    match anchor {
        Some(anchor) if moments.iter().any(|m| *m > anchor) => {
            moments.retain(|m| *m > anchor);
            moments.truncate(1);
            moments
        }
        _ => moments,
    }
}

/// Where a stretch of time starts and where it ends, the likelier reading first. Days end on
/// their last day, as people say it: "last month" is from the 1st to the 28th.
pub(crate) fn stretches(item: &Item, told_ends: bool, now: DateTime) -> Vec<(DateTime, DateTime)> {
    let (extent, kind) = match item {
        Item::Days(extent) => (extent, Stretch::Days),
        Item::Clocks(extent) => (extent, Stretch::Clocks),
        Item::Moments(extent) => (extent, Stretch::Moments),
        _ => return Vec::new(),
    };
    let pair = |r: &Reading| Some((r.start?, r.end?));
    let mut pairs: Vec<(DateTime, DateTime)> = extent.readings.iter().filter_map(pair).collect();
    match kind {
        Stretch::Days => {
            if !told_ends {
                pairs = pairs
                    .into_iter()
                    .filter_map(|(s, e)| Some((s, midnight(add_days(e.date(), -1)?))))
                    .collect();
            }
            pairs.sort_by_key(|(start, end)| {
                if *start <= now && now <= *end { (0, false) } else { distance(start.date(), now) }
            });
            pairs.truncate(1);
        }
        Stretch::Clocks => {
            // Times of a day that are over come again tomorrow.
            let tomorrow = |(s, e): (DateTime, DateTime)| {
                let next = |m: DateTime| Some(add_days(m.date(), 1)?.to_datetime(m.time()));
                if e > now { Some((s, e)) } else { Some((next(s)?, next(e)?)) }
            };
            pairs = pairs.into_iter().filter_map(tomorrow).collect();
            pairs.sort_by_key(|(start, _)| (*start < to_minute(now), *start));
            pairs.sort_by_key(|(start, _)| start.duration_since(now).abs());
        }
        Stretch::Moments => {
            pairs.sort_by_key(|(start, end)| (*end < now, start.duration_since(now).abs()))
        }
    }
    pairs
}

enum Stretch {
    Days,
    Clocks,
    Moments,
}

/// The end that a one-sided stretch has: "by Friday" is Friday, "since Monday" Monday.
pub(crate) fn one_end(item: &Item, now: DateTime) -> Vec<DateTime> {
    let (Item::Days(extent) | Item::Clocks(extent) | Item::Moments(extent)) = item else {
        return Vec::new();
    };
    let mut ends: Vec<DateTime> = extent
        .readings
        .iter()
        .filter_map(|r| match (r.start, r.end) {
            (Some(start), None) => Some(start),
            (None, Some(end)) => Some(end),
            _ => None,
        })
        .collect();
    ends.sort_by_key(|end| (*end < to_minute(now), end.duration_since(now).abs()));
    if matches!(item, Item::Days(_)) {
        ends.truncate(1);
    }
    ends
}

/// A moment without its seconds.
pub(crate) fn to_minute(moment: DateTime) -> DateTime {
    let minute = Time::new(moment.hour(), moment.minute(), 0, 0);
    minute.map_or(moment, |time| moment.date().to_datetime(time))
}
