//! Ranges as pairs of values: "from 2 to 4pm", 三点到五点, 上周一到周日, "last month".

use std::ops::Range;

use jiff::civil::DateTime;

use super::datetime::{Item, canonical, is_told_range, items, stretches};
use super::text::{Folded, literal, one_of, skip_blanks};
use super::{Found, Reference};
use crate::catalog::Value;

/// A stretch of time in a text, for a pair of parameters such as start and end.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// Where the whole of it stands, in bytes.
    pub span: Range<usize>,
    /// Where its two ends stand, if each was said: none in "last month".
    pub ends: Option<(Range<usize>, Range<usize>)>,
    /// Start and end as date-times, the likelier reading first. A day ends on its last day, as
    /// people say it.
    pub readings: Vec<(Value, Value)>,
}

/// The stretches of time in a text.
pub fn find(text: &str, reference: &Reference) -> Vec<Pair> {
    let folded = Folded::new(text);
    let now = reference.now.datetime();
    pairs(&folded, items(&folded, now), now)
        .into_iter()
        .map(|pair| Pair {
            span: folded.original(&pair.span),
            ends: pair.ends.map(|(from, to)| (folded.original(&from), folded.original(&to))),
            readings: pair.readings,
        })
        .collect()
}

fn pairs(folded: &Folded, items: Vec<(Range<usize>, Item)>, now: DateTime) -> Vec<Pair> {
    items
        .into_iter()
        .filter_map(|(span, item)| {
            let ends = if is_told_range(&item) { split(folded, &span, now) } else { None };
            let readings: Vec<(Value, Value)> = stretches(&item, ends.is_some(), now)
                .into_iter()
                .map(|(from, to)| (canonical(from), canonical(to)))
                .collect();
            (!readings.is_empty()).then_some(Pair { span, ends, readings })
        })
        .collect()
}

/// The ends of ranges as values of their own, in offsets of the folded text.
pub(super) fn ends(folded: &Folded, items: &[(Range<usize>, Item)], now: DateTime) -> Vec<Found> {
    let told = items.iter().filter(|(_, item)| is_told_range(item)).cloned().collect();
    let mut found = Vec::new();
    for pair in pairs(folded, told, now) {
        let Some((from, to)) = pair.ends else { continue };
        let (starts, ends): (Vec<Value>, Vec<Value>) = pair.readings.into_iter().unzip();
        found.push(Found { start: from.start, end: from.end, values: distinct(starts) });
        found.push(Found { start: to.start, end: to.end, values: distinct(ends) });
    }
    found
}

fn distinct(values: Vec<Value>) -> Vec<Value> {
    let mut distinct: Vec<Value> = Vec::new();
    for value in values {
        if !distinct.contains(&value) {
            distinct.push(value);
        }
    }
    distinct
}

/// Where the two ends of a range stand: before and behind the word between them.
fn split(
    folded: &Folded,
    span: &Range<usize>,
    now: DateTime,
) -> Option<(Range<usize>, Range<usize>)> {
    const LINKS: [&str; 17] = [
        " to ",
        " till ",
        " until ",
        " through ",
        " and ",
        " - ",
        "-",
        "~",
        "—",
        "一直到",
        "直到",
        "到",
        "至",
        "和",
        "与",
        " till",
        " thru ",
    ];
    const LEADS: [&str; 8] =
        ["between ", "from ", "从", "由", "自", "in between ", "during ", "在"];
    const TAILS: [&str; 4] = ["之间", "期间", "中间", "间"];
    let text = &folded.text;
    let start =
        one_of(text, span.start, &LEADS).map_or(span.start, |(end, _)| skip_blanks(text, end));
    let end =
        TAILS.iter().find_map(|t| text[..span.end].strip_suffix(t)).map_or(span.end, str::len);
    let (mut best, mut weight) = (None, 0);
    for (at, _) in text[start..end].char_indices() {
        let at = start + at;
        let Some((after, _)) = one_of(text, at, &LINKS).filter(|(after, _)| *after < end) else {
            continue;
        };
        let (from, to) = (start..at, skip_blanks(text, after)..end);
        if from.is_empty() || to.is_empty() {
            continue;
        }
        // The split whose two sides both read as times is the one that was meant.
        let score = 1 + [&from, &to].iter().filter(|r| reads(&text[r.start..r.end], now)).count();
        if score > weight {
            (best, weight) = (Some((from, to)), score);
        }
    }
    best.map(|(from, to)| (trimmed(text, from), trimmed(text, to)))
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    let end = range.start + part.trim_end().len();
    let start = literal(text, start, "the ").unwrap_or(start);
    start..end.max(start)
}

/// Whether a text is one expression of time.
fn reads(text: &str, now: DateTime) -> bool {
    let folded = Folded::new(text.trim());
    items(&folded, now)
        .iter()
        .any(|(range, item)| *range == (0..folded.text.len()) && !matches!(item, Item::Length(..)))
}
