//! Times in Chinese. Numbers and dates in digits are read by the English grammar, which this one
//! builds upon.

mod clock;
mod day;
mod modifier;
mod moment;
mod period;
mod range;
mod recurring;
mod words;

pub(super) use day::numbered_day;
use jiff::civil::DateTime;

use super::item::Item;
use crate::nlu::values::duration;
use crate::nlu::values::text::Folded;

/// The longest expression of time that starts at an offset of the folded text.
pub(super) fn item(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    let base = plain(folded, at, now);
    let parse = |at: usize| plain(folded, at, now);
    let modified = modifier::modified(text, at, now, base.as_ref(), parse);
    base.into_iter().chain(modified).max_by_key(|(end, _)| *end)
}

/// The longest point in time that starts at `at`.
pub(super) fn point(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    let candidates = [
        moment::moment(text, at, now).map(|(end, day, clock)| (end, Item::Moment(day, clock))),
        moment::counted(folded, at, now),
        moment::present(text, at, now),
        clock::clock(text, at).map(|(end, clock)| (end, Item::Clock(clock))),
        day::day(text, at, now).map(|(end, day)| (end, Item::Day(day))),
    ];
    candidates.into_iter().flatten().max_by_key(|(end, _)| *end)
}

/// An expression without what is said about it. Of equally long ones the first listed is meant.
fn plain(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    let candidates = [
        recurring::recurring(folded, at, now),
        range::range(text, at, now),
        moment::moment(text, at, now).map(|(end, day, clock)| (end, Item::Moment(day, clock))),
        moment::counted(folded, at, now),
        moment::present(text, at, now),
        clock::clock(text, at).map(|(end, clock)| (end, Item::Clock(clock))),
        moment::part_extent(text, at, now),
        day::day(text, at, now).map(|(end, day)| (end, Item::Day(day))),
        period::period(folded, at, now),
        duration::at(folded, at).map(|(end, d)| (end, Item::Length(d, None))),
    ];
    let mut best: Option<(usize, Item)> = None;
    for (end, item) in candidates.into_iter().flatten() {
        if best.as_ref().is_none_or(|(longest, _)| end > *longest) {
            best = Some((end, item));
        }
    }
    best
}
