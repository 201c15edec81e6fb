//! What is said about a time in English: `before Friday`, `since August`, `by 5pm`, `2018 or later`.

use jiff::civil::DateTime;

use super::clock::hour;
use super::moment::{counted, longest_day};
use super::words::{any_phrase, phrase, skip_phrase};
use crate::nlu::values::datetime::item::Item;
use crate::nlu::values::datetime::modifier::{Modifier, modify};
use crate::nlu::values::duration;
use crate::nlu::values::text::{Folded, skip_blanks, starts_word};

const LEADS: [(&str, Modifier); 32] = [
    ("before", Modifier::Before),
    ("prior to", Modifier::Before),
    ("earlier than", Modifier::Before),
    ("no later than", Modifier::Before),
    ("not later than", Modifier::Before),
    ("by", Modifier::Before),
    ("in advance of", Modifier::Before),
    ("ahead of", Modifier::Before),
    ("after", Modifier::After),
    ("later than", Modifier::After),
    ("greater than", Modifier::After),
    ("year greater than", Modifier::After),
    ("since", Modifier::Since),
    ("starting", Modifier::Since),
    ("starting on", Modifier::Since),
    ("starting from", Modifier::Since),
    ("starting at", Modifier::Since),
    ("beginning", Modifier::Since),
    ("beginning on", Modifier::Since),
    ("as early as", Modifier::Since),
    ("any time from", Modifier::Since),
    ("from as early as", Modifier::Since),
    ("no earlier than", Modifier::Since),
    ("until", Modifier::Until),
    ("till", Modifier::Until),
    ("til", Modifier::Until),
    ("as late as", Modifier::Until),
    ("up to", Modifier::Until),
    ("up until", Modifier::Until),
    ("on or before", Modifier::Until),
    ("on or after", Modifier::Since),
    ("not before", Modifier::Since),
];

const TAILS: [&str; 9] = [
    "or later",
    "or after",
    "and later",
    "and after",
    "and greater",
    "or greater",
    "onwards",
    "onward",
    "and onwards",
];

/// A time with what was said in front of it or behind it. `base` is what stands here without,
/// `parse` reads a time elsewhere.
pub(super) fn modified(
    folded: &Folded,
    at: usize,
    now: DateTime,
    base: Option<&(usize, Item)>,
    parse: impl Fn(usize) -> Option<(usize, Item)>,
) -> Option<(usize, Item)> {
    let text = &folded.text;
    if !starts_word(text, at) {
        return None;
    }
    if let Some(found) = length(folded, at, now).or_else(|| day_then_clock(text, at, now)) {
        return Some(found);
    }
    let names: Vec<&str> = LEADS.iter().map(|(lead, _)| *lead).collect();
    if let Some((end, index)) = any_phrase(text, at, &names) {
        let from = skip_blanks(text, end);
        let inner = around(text, from, now, &parse).or_else(|| parse(from)).or_else(|| {
            let behind = skip_phrase(text, from, &["the"]);
            parse(behind).filter(|_| behind > from)
        });
        let (end, item) = inner?;
        return modify(item, LEADS[index].1, now).map(|item| (end, item));
    }
    if let Some(found) = around(text, at, now, &parse) {
        return Some(found);
    }
    let (end, item) = base?;
    let (end, _) = any_phrase(text, skip_blanks(text, *end), &TAILS)?;
    if phrase(text, skip_blanks(text, end), "than").is_some() {
        return None;
    }
    // `1/1/2016 and after 6pm`: the words belong to what follows.
    let open = parse(skip_blanks(text, end)).is_none();
    open.then(|| modify(item.clone(), Modifier::Since, now).map(|item| (end, item))).flatten()
}

/// `around 1pm`, `about tomorrow 10am`.
fn around(
    text: &str,
    at: usize,
    now: DateTime,
    parse: &impl Fn(usize) -> Option<(usize, Item)>,
) -> Option<(usize, Item)> {
    let (end, _) = any_phrase(text, at, &["around", "about", "approximately", "circa"])?;
    let (end, item) = parse(skip_blanks(text, end))?;
    let placed = matches!(item, Item::Clock(_) | Item::Day(_) | Item::Moment(..) | Item::Clocks(_));
    placed.then(|| modify(item, Modifier::Approx, now).map(|item| (end, item))).flatten()
}

/// `more than 4 days`, `less than an hour`, `more than 2 weeks before today`.
fn length(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    let (end, index) =
        any_phrase(text, at, &["more than", "less than", "longer than", "shorter than"])?;
    let from = skip_blanks(text, end);
    if index % 2 == 0
        && let Some((end, item @ Item::Day(_))) = counted(folded, from, now)
    {
        let back = text[from..end].ends_with("ago") || text[from..end].contains("before");
        let modifier = if back { Modifier::Before } else { Modifier::After };
        return modify(item, modifier, now).map(|item| (end, item));
    }
    let (end, duration) = duration::at(folded, from)?;
    Some((end, Item::Length(duration, Some(if index % 2 == 0 { "more" } else { "less" }))))
}

/// `today before 4pm`, `Tuesday after 1pm`: a time of a day with one side open.
fn day_then_clock(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let (end, day) = longest_day(text, at, now)?;
    let names: Vec<&str> = LEADS.iter().map(|(lead, _)| *lead).collect();
    let (end, index) = any_phrase(text, skip_blanks(text, end), &names)?;
    let (end, clock) = hour(text, skip_blanks(text, end))?;
    modify(Item::Moment(day, clock), LEADS[index].1, now).map(|item| (end, item))
}
