//! Times in English.

mod calendar;
mod clock;
mod counted;
mod date;
mod day;
mod edges;
mod feast;
mod modifier;
mod moment;
mod period;
mod range;
mod recurring;
mod words;

use jiff::civil::DateTime;

use super::item::Item;
use crate::nlu::values::duration;
use crate::nlu::values::text::Folded;
pub(super) use clock::hour;
use words::{any_phrase, phrase};

pub(super) use clock::clock as strong_clock;
pub(super) use date::calendar_date;
pub(super) use day::day;

/// The longest expression of time that starts at an offset of the folded text.
pub(super) fn item(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let base = plain(folded, at, now);
    let parse = |at: usize| plain(folded, at, now);
    let modified = modifier::modified(folded, at, now, base.as_ref(), parse);
    base.into_iter().chain(modified).max_by_key(|(end, _)| *end)
}

/// An expression without what is said about it. Of equally long ones the first listed is meant.
fn plain(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    let candidates = [
        recurring::recurring(text, at, now),
        range::range(folded, at, now),
        moment::moment(text, at, now),
        moment::counted(folded, at, now),
        moment::present(text, at, now),
        moment::part_then_clock(text, at).map(|(end, clock)| (end, Item::Clock(clock))),
        moment::part_extent(text, at, now),
        moment::longest_day(text, at, now).map(|(end, day)| (end, Item::Day(day))),
        period::period(folded, at, now).filter(|(end, _)| !period::is_verb(folded, at, *end)),
        clock::clock(text, at).map(|(end, clock)| (end, Item::Clock(clock))),
        told_hour(text, at),
        duration::at(folded, at)
            .filter(|_| !is_name(text, at))
            .map(|(end, d)| (end, Item::Length(d, None))),
    ];
    let mut best: Option<(usize, Item)> = None;
    for (end, item) in candidates.into_iter().flatten() {
        if best.as_ref().is_none_or(|(longest, _)| end > *longest) {
            best = Some((end, item));
        }
    }
    best
}

/// The longest point in time that starts at `at`.
pub(super) fn point(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    let candidates = [
        moment::moment(text, at, now),
        moment::counted(folded, at, now),
        // `right now` is now.
        moment::present(text, at, now).filter(|_| !text[at..].starts_with("right")),
        moment::part_then_clock(text, at).map(|(end, clock)| (end, Item::Clock(clock))),
        moment::longest_day(text, at, now).map(|(end, day)| (end, Item::Day(day))),
        edges::edge_day(text, at, now).map(|(end, day)| (end, Item::Day(day))),
        clock::clock(text, at).map(|(end, clock)| (end, Item::Clock(clock))),
        told_hour(text, at),
    ];
    candidates.into_iter().flatten().max_by_key(|(end, _)| *end)
}

/// `at 5`: the word makes an hour of the number. The span begins with the number.
fn told_hour(text: &str, at: usize) -> Option<(usize, Item)> {
    let lead = text[..at].trim_end();
    let told = at > lead.len() && (lead == "at" || lead.ends_with(" at"));
    let (end, clock) = hour(text, at).filter(|_| told)?;
    let counts = any_phrase(
        text,
        crate::nlu::values::text::skip_blanks(text, end),
        &["percent", "replicas", "hosts", "least", "most", "times"],
    )
    .is_some();
    (!counts).then_some((end, Item::Clock(clock)))
}

/// `the second`: an ordinal rather than a length.
fn is_name(text: &str, at: usize) -> bool {
    phrase(text, at, "the second").is_some()
}
