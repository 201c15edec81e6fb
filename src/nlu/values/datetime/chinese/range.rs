//! Ranges in Chinese: 三点到五点, 从一月十日到十二日, 1月15号4点和2月3号9点之间, 三月到五月.

use jiff::civil::DateTime;

use super::clock::{bare_hour, clock, plain, within};
use super::moment::{any_day, day_part, moment};
use super::period::{bare_year, whole};
use super::words::{part, skip};
use crate::nlu::values::datetime::clock::{Clock, Part};
use crate::nlu::values::datetime::day::Day;
use crate::nlu::values::datetime::item::Item;
use crate::nlu::values::datetime::ranges::{End, Timed, clocks, clocks_on, days, hours, moments};
use crate::nlu::values::text::{before, one_of, skip_blanks};

/// The longest range that starts at `at`.
pub(super) fn range(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    [moment_range(text, at, now), clock_range(text, at, now), day_range(text, at, now)]
        .into_iter()
        .flatten()
        .max_by_key(|(end, _)| *end)
}

fn lead(text: &str, at: usize) -> usize {
    one_of(text, at, &["从", "由", "自"]).map_or(at, |(end, _)| skip_blanks(text, end))
}

/// What stands between the ends. 和 and 与 need 之间 behind the second.
fn link(text: &str, at: usize) -> Option<(usize, bool)> {
    let from = skip_blanks(text, at);
    let (end, index) =
        one_of(text, from, &["一直到", "直到", "到", "至", "--", "-", "~", "—", "和", "与", "跟"])?;
    Some((skip_blanks(text, end), index >= 8))
}

fn closing(text: &str, at: usize, needed: bool) -> Option<usize> {
    let from = skip_blanks(text, at);
    match one_of(text, from, &["之间", "期间", "中间", "间"]) {
        Some((end, index)) if index < 3 || needed => Some(end),
        _ if needed => None,
        _ => Some(at),
    }
}

/// Times of a day from one to another; the second one takes over day and part of the first.
fn clock_range(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let from = lead(text, at);
    let (from, day, day_part) = match day_part(text, from, now) {
        Some((end, day, part)) => {
            (skip(text, end, &["的", ",", "，", "从"]), Some(day), Some(part))
        }
        None => match any_day(text, from, now) {
            Some((end, day)) => (skip(text, end, &["的", ",", "，", "从"]), Some(day), None),
            None => (from, None, None),
        },
    };
    let first_part = part(text, from).map(|(_, part)| part).or(day_part);
    let (end, start) = clock(text, from).or_else(|| bare_hour(text, from))?;
    let start = day_part.map_or(start, |part| within(start, part));
    let bare_first = clock(text, from).is_none();
    let (next, needs_close) = link(text, end)?;
    let (end, finish) = clock(text, next)?;
    let told = part(text, next).is_some();
    let finish = if told { finish } else { after_start(start, finish, first_part) };
    let end = closing(text, end, needs_close)?;
    if bare_first
        && day.is_none()
        && before(text, at)
            .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.'))
    {
        return None;
    }
    let hours = if first_part.is_some() {
        vec![(closed(start), closed(finish))]
    } else {
        hours(start, finish)
    };
    Some((
        end,
        match day {
            Some(day) => Item::Moments(clocks_on(day, &hours, now)),
            None => Item::Clocks(clocks(&hours, now)),
        },
    ))
}

fn closed(clock: Clock) -> Clock {
    Clock { open: false, ..clock }
}

/// The second time of a range whose first one named its part of the day: no earlier than it.
fn after_start(start: Clock, finish: Clock, part: Option<Part>) -> Clock {
    let Some(part) = part else { return finish };
    if !finish.open {
        return finish;
    }
    let same = within(finish, part);
    if same.seconds() >= start.seconds() {
        return same;
    }
    let later = Clock { hour: (finish.hour + 12) % 24, open: false, ..finish };
    if later.seconds() >= start.seconds() { later } else { closed(finish) }
}

/// From a moment to another.
fn moment_range(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let from = lead(text, at);
    let (end, day, clock) = moment(text, from, now)?;
    let (next, needs_close) = link(text, end)?;
    let (end, finish) = match moment(text, next, now) {
        Some((end, day, clock)) => (end, Timed { day: Some(day), clock }),
        None => {
            let (end, clock) = plain(text, next)?;
            (end, Timed { day: None, clock })
        }
    };
    finish.day?;
    let end = closing(text, end, needs_close)?;
    moments(Timed { day: Some(day), clock }, finish, now).map(|extent| (end, Item::Moments(extent)))
}

/// From a day, a month or a year to another.
fn day_range(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let from = lead(text, at);
    let (end, start) = day_end(text, from, now)
        .or_else(|| bare_year(text, from).map(|(end, e)| (end, End::Whole(e))))?;
    let (next, needs_close) = link(text, end)?;
    let (end, finish) = day_end(text, next, now)?;
    let end = closing(text, end, needs_close)?;
    let whole_and_day = matches!((&start, &finish), (End::Whole(_), End::Day(Day::Monthly(_))));
    if whole_and_day {
        return None;
    }
    days(start, finish, now).map(|extent| (end, Item::Days(extent)))
}

fn day_end(text: &str, at: usize, now: DateTime) -> Option<(usize, End)> {
    let day = any_day(text, at, now).map(|(end, day)| (end, End::Day(day)));
    let present = one_of(text, at, &["现在", "目前", "今"])
        .filter(|(end, i)| *i < 2 || text[*end..].is_empty())
        .map(|(end, _)| (end, End::Day(Day::Exact(now.date()))));
    let whole = whole(text, at, now).map(|(end, e)| (end, End::Whole(e)));
    [day, present, whole].into_iter().flatten().max_by_key(|(end, _)| *end)
}
