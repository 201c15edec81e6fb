//! What is said about a time in English: `before Friday`, `since August`, `by 5pm`, `2018 or later`.

use jiff::civil::DateTime;

use super::words::{any_phrase, skip_phrase};
use crate::nlu::values::datetime::item::Item;
use crate::nlu::values::datetime::modifier::{Modifier, modify};
use crate::nlu::values::text::{skip_blanks, starts_word};

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

/// A time with what was said in front of it or behind it. `parse` reads the time itself.
pub(super) fn modified(
    text: &str,
    at: usize,
    now: DateTime,
    parse: impl Fn(usize) -> Option<(usize, Item)>,
) -> Option<(usize, Item)> {
    if !starts_word(text, at) {
        return None;
    }
    let names: Vec<&str> = LEADS.iter().map(|(lead, _)| *lead).collect();
    if let Some((end, index)) = any_phrase(text, at, &names) {
        let from = skip_blanks(text, end);
        let inner = parse(from).or_else(|| {
            let behind = skip_phrase(text, from, &["the"]);
            parse(behind).filter(|_| behind > from)
        });
        let (end, item) = inner?;
        return modify(item, LEADS[index].1, now).map(|item| (end, item));
    }
    let (end, item) = parse(at)?;
    let (end, _) = any_phrase(text, skip_blanks(text, end), &TAILS)?;
    // `1/1/2016 and after 6pm`: the words belong to what follows.
    let open = parse(skip_blanks(text, end)).is_none();
    open.then(|| modify(item, Modifier::Since, now).map(|item| (end, item))).flatten()
}
