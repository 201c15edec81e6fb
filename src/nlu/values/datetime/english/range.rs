//! Ranges in English: `from 2 to 4pm`, `between March 3 and 12`, `Monday 8-9am`, `2014-2018`.

use jiff::civil::DateTime;

use super::calendar::quarter_or_half;
use super::clock::{clock, hour, part_behind};
use super::counted::{clock_with_length, from_with_length};
use super::date::calendar_date;
use super::edges::edge_of;
use super::moment::{day_part, longest_day, moment, present};
use super::period::{calendar_year, month_of_year, relative_month};
use super::words::{any_phrase, day_number, phrase, skip_marks, skip_phrase};
use crate::nlu::values::datetime::calendar::whole_year;
use crate::nlu::values::datetime::clock::Clock;
use crate::nlu::values::datetime::day::Day;
use crate::nlu::values::datetime::item::{Extent, Item};
use crate::nlu::values::datetime::ranges::{End, Timed, clocks, clocks_on, days, hours, moments};
use crate::nlu::values::duration;
use crate::nlu::values::number::digits;
use crate::nlu::values::text::{Folded, after, before, literal, skip_blanks, starts_word};

/// The longest range that starts at `at`.
pub(super) fn range(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    if !starts_word(text, at)
        || before(text, at).is_some_and(|c| {
            matches!(c, '$' | '.' | '/')
                || (c == '-' && text[..at - 1].ends_with(|c: char| c.is_ascii_digit()))
        })
    {
        return None;
    }
    [
        clocks_with_day(text, at, now),
        moment_range(text, at, now),
        day_range(text, at, now),
        days_of_month(text, at, now),
        for_a_length(folded, at, now),
    ]
    .into_iter()
    .flatten()
    .max_by_key(|(end, _)| *end)
}

/// Ranges of hours, one for each way to read them.
type Hours = Vec<(Clock, Clock)>;

/// The word in front of a range.
#[derive(Clone, Copy, PartialEq)]
enum Lead {
    None,
    From,
    Between,
}

fn lead(text: &str, at: usize) -> (usize, Lead) {
    match any_phrase(text, at, &["from", "between", "in between", "during from"]) {
        Some((end, 0)) => (skip_blanks(text, end), Lead::From),
        Some((end, 1 | 2)) => (skip_blanks(text, end), Lead::Between),
        _ => (at, Lead::None),
    }
}

/// What stands between the two ends.
fn link(text: &str, at: usize, lead: Lead) -> Option<usize> {
    let from = skip_blanks(text, at);
    const LINKS: [&str; 9] =
        ["to", "till", "until", "til", "through", "thru", "up to", "up until", "and until"];
    if let Some((end, _)) = any_phrase(text, from, &LINKS) {
        return Some(skip_blanks(text, end));
    }
    if lead == Lead::Between
        && let Some(end) = phrase(text, from, "and")
    {
        return Some(skip_blanks(text, end));
    }
    let dash = ["--", "-", "~", "—"].iter().find_map(|l| literal(text, from, l))?;
    Some(skip_blanks(text, dash))
}

/// Times from one to another: `5 to 6pm`, `between 9 and 10:30`, `8-9am`.
fn clock_range(text: &str, at: usize) -> Option<(usize, Hours)> {
    let (from, lead) = lead(text, at);
    let first = clock(text, from);
    let (mut end, start) = first.or_else(|| hour(text, from))?;
    let lone = first.is_none();
    let mut start = start;
    if lone && let Some((to, part)) = part_behind(text, end) {
        start = start.within(part);
        end = to;
    }
    let next = link(text, end, lead)?;
    let second = clock(text, next);
    let (end, finish) = second.or_else(|| hour(text, next))?;
    let weak = lone && second.is_none();
    // Two bare numbers are times only where something says so.
    if weak && !digital_pair(text, from, end, lead) {
        return None;
    }
    let finish_part = part_behind(text, end);
    let (end, finish, start) = match finish_part {
        Some((end, part)) if finish.open => (end, finish.within(part), start),
        _ => (end, finish, start),
    };
    Some((end, hours(start, finish)))
}

/// `0730-0930`, `2:30-4`, `three thirty to four`.
fn digital_pair(text: &str, at: usize, end: usize, lead: Lead) -> bool {
    let padded = |t: &str| t.trim().len() == 4 && t.trim().starts_with('0');
    let mut parts = text[at..end].split(['-', ' ']).filter(|p| !p.is_empty());
    lead == Lead::Between && parts.all(padded)
}

/// The range of bare hours on a day: `Monday 8-9`, `five to seven today`, `between 3 and 5 on 1/1`.
fn bare_hours(text: &str, at: usize) -> Option<(usize, Hours)> {
    let (from, lead) = lead(text, at);
    let (end, start) = hour(text, from)?;
    let next = link(text, end, lead)?;
    let (end, finish) = hour(text, next)?;
    let dated = text[end..].starts_with(['-', '/']) && digits(text, end + 1).is_some();
    (!dated).then(|| (end, hours(start, finish)))
}

/// A range of times, alone or with its day in front or behind.
fn clocks_with_day(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let mut best: Option<(usize, Item)> = None;
    let mut keep = |found: Option<(usize, Item)>| {
        if let Some((end, item)) = found
            && best.as_ref().is_none_or(|(e, _)| end > *e)
        {
            best = Some((end, item));
        }
    };
    let strong = clock_range(text, at);
    keep(strong.clone().map(|(end, hours)| (end, Item::Clocks(clocks(&hours, now)))));
    if let Some((end, hours)) = strong.or_else(|| bare_hours(text, at)) {
        let next = skip_phrase(text, skip_marks(text, end, ","), &["on", "of"]);
        if next > end
            && let Some((end, day, hours)) = trailing_day(text, next, &hours, now)
        {
            keep(Some((end, Item::Moments(clocks_on(day, &hours, now)))));
        }
    }
    let leading = day_part(text, at, now)
        .map(|(end, day, part)| (end, day, Some(part)))
        .or_else(|| longest_day(text, at, now).map(|(end, day)| (end, day, None)))
        .or_else(|| the_number(text, at).map(|(end, day)| (end, day, None)));
    if let Some((end, day, part)) = leading {
        let next = skip_marks(text, end, ",:");
        let next = skip_phrase(text, next, &["at"]);
        if next > end
            && let Some((end, found)) = clock_range(text, next).or_else(|| bare_hours(text, next))
        {
            let within: Vec<(Clock, Clock)> = match part {
                Some(part) => found.iter().take(1).map(|(a, b)| reopened(*a, *b, part)).collect(),
                None => found,
            };
            let (end, within) = with_part(text, end, within);
            keep(Some((end, Item::Moments(clocks_on(day, &within, now)))));
        }
    }
    best
}

/// `the 17` in front of a range of times.
fn the_number(text: &str, at: usize) -> Option<(usize, Day)> {
    let end = phrase(text, at, "the")?;
    let (end, day, _) = day_number(text, skip_blanks(text, end))?;
    Some((end, Day::Monthly(day)))
}

/// The hours of a range in the part of the day that was said: 7 to 9 in the evening.
fn reopened(
    start: Clock,
    end: Clock,
    part: crate::nlu::values::datetime::clock::Part,
) -> (Clock, Clock) {
    let inside = |clock: Clock| {
        Clock { open: clock.hour <= 12 && clock.hour > 0 && !clock.night, ..clock }.within(part)
    };
    let (start, end) = (inside(start), inside(end));
    (start, end)
}

/// A day, with a part of it, behind a range of times.
fn trailing_day(
    text: &str,
    at: usize,
    hours: &[(Clock, Clock)],
    now: DateTime,
) -> Option<(usize, Day, Hours)> {
    if let Some((end, day, part)) = day_part(text, at, now) {
        let within = hours.iter().take(1).map(|(a, b)| reopened(*a, *b, part)).collect();
        return Some((end, day, within));
    }
    let (end, day) = longest_day(text, at, now)?;
    Some((end, day, hours.to_vec()))
}

fn with_part(text: &str, end: usize, hours: Hours) -> (usize, Hours) {
    match part_behind(text, end) {
        Some((end, part)) => {
            (end, hours.iter().take(1).map(|(a, b)| reopened(*a, *b, part)).collect())
        }
        None => (end, hours),
    }
}

/// From a moment to another.
fn moment_range(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let (from, lead) = lead(text, at);
    let (end, start) = timed(text, from, now)?;
    let next = link(text, end, lead)?;
    let (end, finish) = timed(text, next, now)?;
    (start.day.is_some() || finish.day.is_some()).then_some(())?;
    moments(start, finish, now).map(|extent| (end, Item::Moments(extent)))
}

fn timed(text: &str, at: usize, now: DateTime) -> Option<(usize, Timed)> {
    if let Some((end, Item::Moment(day, clock))) = moment(text, at, now) {
        return Some((end, Timed { day: Some(day), clock }));
    }
    clock(text, at).map(|(end, clock)| (end, Timed { day: None, clock }))
}

/// From a day to another; months and years count as days where they start.
fn day_range(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let (from, lead) = lead(text, at);
    let (end, start) = day_end(text, from, now)?;
    let next = link(text, end, lead)?;
    // `in 2014 through 2018`
    let (end, finish) = behind_dash(text, end, next, now)
        .or_else(|| day_end(text, next, now))
        .or_else(|| to_date(text, next, now))
        .or_else(|| bare_day(text, next, &start))?;
    let weak = lead == Lead::None
        && matches!((&start, &finish), (End::Whole(_), End::Day(Day::Monthly(_))));
    if weak {
        return None;
    }
    days(start, finish, now).map(|extent| (end, Item::Days(extent)))
}

/// Right behind a dash a date or a year need not mind what stands before it.
fn behind_dash(text: &str, first: usize, at: usize, now: DateTime) -> Option<(usize, End)> {
    if !matches!(&text[first..at], "-" | "~" | "--") {
        return None;
    }
    let rest = &text[at..];
    let (end, found) = day_end(rest, 0, now)?;
    Some((at + end, found))
}

fn day_end(text: &str, at: usize, now: DateTime) -> Option<(usize, End)> {
    let day = longest_day(text, at, now)
        .or_else(|| calendar_date(text, at))
        .map(|(end, day)| (end, End::Day(day)));
    let present = present(text, at, now)
        .filter(|(end, _)| &text[at..*end] == "now")
        .map(|(end, _)| (end, End::Now(now.date())));
    let month = month_of_year(text, at, now).map(|(end, e)| (end, End::Whole(e)));
    let year = calendar_year(text, at).map(|(end, e)| (end, End::Whole(e)));
    let glued = glued_year(text, at).map(|(end, e)| (end, End::Whole(e)));
    let edge = edge(text, at, now);
    let period = quarter_or_half(text, at, now).map(|(end, e)| (end, End::Whole(e)));
    [day, present, month, year, glued, edge, period]
        .into_iter()
        .flatten()
        .max_by_key(|(end, _)| *end)
}

/// The year of `2014-2018`.
fn glued_year(text: &str, at: usize) -> Option<(usize, Extent)> {
    let end = digits(text, at).filter(|end| end - at == 4)?;
    let year: i64 = text[at..end].parse().ok().filter(|y| (1900..2100).contains(y))?;
    let dash = text[end..].starts_with('-') && digits(text, end + 1).is_some_and(|e| e - end == 5);
    let free = !before(text, at).is_some_and(|c| matches!(c, '-' | '/'));
    (dash && free).then(|| whole_year(year).map(|e| (end, e))).flatten()
}

/// `the end of 2008`, `the middle of March` as an end of a range: the day it is.
fn edge(text: &str, at: usize, now: DateTime) -> Option<(usize, End)> {
    const EDGES: [(&str, u8); 9] = [
        ("the end of", 2),
        ("end of", 2),
        ("the start of", 0),
        ("start of", 0),
        ("the beginning of", 0),
        ("beginning of", 0),
        ("the middle of", 1),
        ("middle of", 1),
        ("mid", 1),
    ];
    let names: Vec<&str> = EDGES.iter().map(|(n, _)| *n).collect();
    let (end, index) = any_phrase(text, at, &names)?;
    let from = skip_blanks(text, end);
    let (end, whole) = month_of_year(text, from, now).or_else(|| calendar_year(text, from))?;
    edge_of(whole, EDGES[index].1).map(|e| (end, End::Whole(e)))
}

/// `from March to date`.
fn to_date(text: &str, at: usize, now: DateTime) -> Option<(usize, End)> {
    phrase(text, at, "date").map(|end| (end, End::Day(Day::Exact(now.date()))))
}

/// `November 18-19`: the second day in the month of the first.
fn bare_day(text: &str, at: usize, start: &End) -> Option<(usize, End)> {
    let End::Day(Day::Yearly(..) | Day::Exact(_)) = start else { return None };
    let (end, day, _) = day_number(text, at)?;
    let time = any_phrase(
        text,
        skip_blanks(text, end),
        &["am", "pm", "a.m", "p.m", "percent", "hours", "minutes"],
    )
    .is_some()
        || text[end..].starts_with([':', '%', '/', '.'])
            && after(text, end + 1).is_some_and(|c| c.is_ascii_digit());
    (!time).then_some((end, End::Day(Day::Monthly(day))))
}

/// `between 3 and 12 of Sept`, `9 to 12 of June`, `from 4-23 in next month`.
fn days_of_month(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let (from, lead) = lead(text, at);
    let from = skip_phrase(text, from, &["the"]);
    let (end, first, _) = day_number(text, from)?;
    let next = link(text, end, lead)?;
    let (second_at, _) = (skip_phrase(text, next, &["the"]), ());
    if let Some((end, day)) = calendar_date(text, second_at) {
        let start = match day {
            Day::Yearly(month, _) => Day::of(None, month, first)?,
            Day::Exact(date) => Day::of(Some(date.year()), date.month(), first)?,
            _ => return None,
        };
        let told = text[second_at..].starts_with(|c: char| c.is_ascii_digit())
            && text[second_at..end].contains(|c: char| c.is_ascii_alphabetic());
        return told
            .then(|| days(End::Day(start), End::Day(day), now).map(|e| (end, Item::Days(e))))
            .flatten();
    }
    let (end, second, _) = day_number(text, second_at)?;
    let next = skip_phrase(text, skip_blanks(text, end), &["of", "in"]);
    if next == end {
        return None;
    }
    let (end, months) =
        month_of_year(text, next, now).or_else(|| relative_month(text, next, now))?;
    let start = months.readings.first()?.start?.date();
    let open = months.readings.len() > 1;
    let year = (!open).then(|| start.year());
    let extent = days(
        End::Day(Day::of(year, start.month(), first)?),
        End::Day(Day::of(year, start.month(), second)?),
        now,
    )?;
    Some((end, Item::Days(extent)))
}

/// `from 9 for 2.5 hours`, `for 2 hours from 2pm`, `3 days starting from next Monday`.
fn for_a_length(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    let length_first = phrase(text, at, "for").map(|end| skip_blanks(text, end)).unwrap_or(at);
    if let Some((end, duration)) = duration::at(folded, length_first) {
        let next = skip_blanks(text, end);
        let (lead_end, index) = any_phrase(
            text,
            next,
            &["from", "starting", "starting from", "starting on", "starting at", "beginning"],
        )?;
        let from = skip_blanks(text, lead_end);
        // `from` needs its `for`, `starting` needs none.
        if (index == 0) == (length_first == at) {
            return None;
        }
        return from_with_length(text, from, &duration, now);
    }
    let from = skip_blanks(text, phrase(text, at, "from")?);
    let (end, start) = clock(text, from).or_else(|| hour(text, from))?;
    let told = phrase(text, skip_blanks(text, end), "for")?;
    let (end, duration) = duration::at(folded, skip_blanks(text, told))?;
    clock_with_length(start, &duration, now).map(|item| (end, item))
}
