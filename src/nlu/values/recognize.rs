//! Everything of one family in a text, wherever it stands: what [`super::find`] chooses from.
//! Unlike values, these come with all their readings, and numbers within names count.

use std::ops::Range;

use jiff::civil::DateTime;

use super::text::Folded;
use super::{Duration, Reference, boolean, datetime, duration, number, percent};

/// An expression of time with the ways to place it.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeExpression {
    /// Byte offsets into the text.
    pub span: Range<usize>,
    pub kind: TimeKind,
    /// The TIMEX3 value (ISO-TimeML): `XXXX-WXX-5`, `2025-03-12T15:30`, `P3D`.
    pub timex: String,
    /// Every reading; what recurs has its past one before its future one. None for lengths and
    /// rhythms, for seasons, and for days that are on no calendar.
    pub readings: Vec<TimeReading>,
    /// `before`, `since`, `end` ... for what was said about the time.
    pub modifier: Option<&'static str>,
    /// The length, of a [`TimeKind::Duration`].
    pub duration: Option<Duration>,
}

/// What an expression of time names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeKind {
    Date,
    Time,
    DateTime,
    DateRange,
    TimeRange,
    DateTimeRange,
    Duration,
    Set,
}

/// One way to place an expression in time: a point has a start only; a range may lack an end or a
/// start ("since August"). Ends are not included. The dates of a time of the day say nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeReading {
    pub timex: String,
    pub start: Option<DateTime>,
    pub end: Option<DateTime>,
}

/// The expressions of time in a text.
pub fn times(text: &str, reference: &Reference) -> Vec<TimeExpression> {
    use datetime::Item;
    let now = reference.now.datetime();
    let folded = Folded::new(text);
    datetime::items(&folded, now)
        .into_iter()
        .map(|(range, item)| {
            let (kind, modifier) = match &item {
                Item::Day(_) => (TimeKind::Date, None),
                Item::Clock(_) => (TimeKind::Time, None),
                Item::Moment(..) | Item::Instant(_) => (TimeKind::DateTime, None),
                Item::Days(extent) => (TimeKind::DateRange, extent.modifier),
                Item::Clocks(extent) => (TimeKind::TimeRange, extent.modifier),
                Item::Moments(extent) => (TimeKind::DateTimeRange, extent.modifier),
                Item::Length(_, modifier) => (TimeKind::Duration, *modifier),
                Item::Recurring(_) => (TimeKind::Set, None),
            };
            let readings = item.readings(now).into_iter().map(|r| TimeReading {
                timex: r.timex,
                start: r.start,
                end: r.end,
            });
            TimeExpression {
                span: folded.original(&range),
                kind,
                timex: item.timex(now),
                readings: readings.collect(),
                modifier,
                duration: if let Item::Length(duration, _) = item { Some(duration) } else { None },
            }
        })
        .collect()
}

/// The numbers in a text: where, in bytes, and how much.
pub fn numbers(text: &str) -> Vec<(Range<usize>, f64)> {
    let folded = Folded::new(text);
    number::numbers(&folded)
        .into_iter()
        .map(|(range, n)| (folded.original(&range), n.value))
        .collect()
}

/// The percentages in a text; without a value where only the word stands ("a small percent").
pub fn percentages(text: &str) -> Vec<(Range<usize>, Option<f64>)> {
    let folded = Folded::new(text);
    percent::percentages(&folded)
        .into_iter()
        .map(|(range, p)| (folded.original(&range), p))
        .collect()
}

/// The durations in a text.
pub fn durations(text: &str) -> Vec<(Range<usize>, Duration)> {
    let folded = Folded::new(text);
    duration::durations(&folded)
        .into_iter()
        .map(|(range, d)| (folded.original(&range), d))
        .collect()
}

/// The words for yes and no in a text.
pub fn booleans(text: &str) -> Vec<(Range<usize>, bool)> {
    let folded = Folded::new(text);
    boolean::words(&folded).into_iter().map(|(range, yes)| (folded.original(&range), yes)).collect()
}
