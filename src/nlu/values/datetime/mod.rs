//! Dates and times: calendar dates, clock times, relative expressions, ranges and rhythms, in
//! English and Chinese.
//!
//! An expression is first understood ([`Item`]), with everything left open that it leaves open,
//! and then placed in time. What is open is settled for values by the nearest sensible moment.

mod calendar;
mod chinese;
mod clock;
mod day;
mod english;
mod item;
mod modifier;
mod ranges;
mod recurrence;
mod settle;
mod starters;
mod value;

use std::ops::Range;

use jiff::civil::DateTime;

pub(crate) use item::Item;
pub(crate) use settle::stretches;
pub(crate) use value::{canonical, find, interpret, parse};

use super::text::{Folded, scan};

/// Every expression of time in a text, in offsets of the folded text.
pub(crate) fn items(folded: &Folded, now: DateTime) -> Vec<(Range<usize>, Item)> {
    scan(&folded.text, |at| item_at(folded, at, now))
}

/// The points in time of a text outside of the given ranges: days, times of the day, moments.
/// Stretches, lengths and rhythms are passed over.
pub(crate) fn points(
    folded: &Folded,
    taken: &[Range<usize>],
    now: DateTime,
) -> Vec<(Range<usize>, Item)> {
    scan(&folded.text, |at| {
        let inside = taken.iter().find(|r| r.contains(&at));
        if inside.is_some() {
            return None;
        }
        let grammars = starters::grammars(&folded.text, at);
        let english = grammars.english.then(|| english::point(folded, at, now)).flatten();
        let chinese = grammars.chinese.then(|| chinese::point(folded, at, now)).flatten();
        let (end, item) = english.into_iter().chain(chinese).max_by_key(|(end, _)| *end)?;
        let overlaps = taken.iter().any(|r| r.start < end && at < r.end);
        (!overlaps).then_some((end, item))
    })
}

/// Whether a stretch was said by its two ends.
pub(crate) fn is_told_range(item: &Item) -> bool {
    let (Item::Days(extent) | Item::Clocks(extent) | Item::Moments(extent)) = item else {
        return false;
    };
    extent.timex.starts_with('(') && extent.modifier.is_none()
}

/// The longest expression of time that starts at an offset of the folded text.
fn item_at(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let grammars = starters::grammars(&folded.text, at);
    let english = grammars.english.then(|| english::item(folded, at, now)).flatten();
    let chinese = grammars.chinese.then(|| chinese::item(folded, at, now)).flatten();
    match (english, chinese) {
        (Some(e), Some(c)) => Some(if c.0 > e.0 { c } else { e }),
        (e, c) => e.or(c),
    }
}
