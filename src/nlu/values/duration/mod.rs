//! Durations: `25m`, `1h30m`, "half an hour", "a day and a half", 一个半小时, 三刻钟.

mod chinese;
mod english;

use std::fmt;
use std::ops::Range;

use super::Found;
use super::text::{Folded, scan};
use crate::catalog::Value;

/// A length of time in the units it was said in.
#[derive(Debug, Clone, PartialEq)]
pub struct Duration {
    /// Amounts with their units, the longest unit first, no unit twice.
    parts: Vec<(f64, DurationUnit)>,
}

/// A unit of time, from the shortest to the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DurationUnit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    /// A day on which people work.
    BusinessDay,
    Week,
    Month,
    Year,
}

impl DurationUnit {
    /// Its length in seconds; a month counts as 30 days, a year as 365.
    pub fn seconds(self) -> f64 {
        match self {
            DurationUnit::Millisecond => 0.001,
            DurationUnit::Second => 1.0,
            DurationUnit::Minute => 60.0,
            DurationUnit::Hour => 3600.0,
            DurationUnit::Day | DurationUnit::BusinessDay => 86_400.0,
            DurationUnit::Week => 604_800.0,
            DurationUnit::Month => 2_592_000.0,
            DurationUnit::Year => 31_536_000.0,
        }
    }

    /// Its letters in a canonical duration.
    fn letters(self) -> &'static str {
        match self {
            DurationUnit::Millisecond => "ms",
            DurationUnit::Second => "s",
            DurationUnit::Minute => "m",
            DurationUnit::Hour => "h",
            DurationUnit::Day => "d",
            DurationUnit::BusinessDay => "bd",
            DurationUnit::Week => "w",
            DurationUnit::Month => "mo",
            DurationUnit::Year => "y",
        }
    }

    /// The unit that a fraction of this one is said in, and how many make one.
    fn smaller(self) -> Option<(f64, DurationUnit)> {
        Some(match self {
            DurationUnit::Millisecond => return None,
            DurationUnit::Second => (1000.0, DurationUnit::Millisecond),
            DurationUnit::Minute => (60.0, DurationUnit::Second),
            DurationUnit::Hour => (60.0, DurationUnit::Minute),
            DurationUnit::Day | DurationUnit::BusinessDay => (24.0, DurationUnit::Hour),
            DurationUnit::Week => (7.0, DurationUnit::Day),
            DurationUnit::Month => (30.0, DurationUnit::Day),
            DurationUnit::Year => (12.0, DurationUnit::Month),
        })
    }
}

impl Duration {
    /// From amounts in any order; `None` if a unit comes twice, an amount is negative or not
    /// finite, or there is none.
    pub fn new(mut parts: Vec<(f64, DurationUnit)>) -> Option<Duration> {
        parts.sort_by_key(|(_, unit)| std::cmp::Reverse(*unit));
        let twice = parts.windows(2).any(|pair| pair[0].1 == pair[1].1);
        let wrong =
            parts.iter().any(|(amount, _)| !amount.is_finite() || *amount < 0.0 || *amount > 1e12);
        (!parts.is_empty() && !twice && !wrong).then_some(Duration { parts })
    }

    /// Reads a canonical duration: `1h30m`.
    pub fn parse(canonical: &str) -> Option<Duration> {
        let folded = Folded::new(canonical);
        let (end, duration) = at(&folded, 0)?;
        (end == folded.text.len()).then_some(duration)
    }

    /// The amounts with their units, the longest unit first.
    pub fn parts(&self) -> &[(f64, DurationUnit)] {
        &self.parts
    }

    /// The length in seconds; a month counts as 30 days, a year as 365.
    pub fn seconds(&self) -> f64 {
        self.parts.iter().map(|(amount, unit)| amount * unit.seconds()).sum()
    }

    /// Its TIMEX3 value (ISO-TimeML): `P1Y1M21D`, `PT1.5H`, `P4BD`.
    pub fn timex(&self) -> String {
        let mut date = String::new();
        let mut clock = String::new();
        for (amount, unit) in &self.parts {
            let (part, letters) = match unit {
                DurationUnit::Year => (&mut date, "Y"),
                DurationUnit::Month => (&mut date, "M"),
                DurationUnit::Week => (&mut date, "W"),
                DurationUnit::Day => (&mut date, "D"),
                DurationUnit::BusinessDay => (&mut date, "BD"),
                DurationUnit::Hour => (&mut clock, "H"),
                DurationUnit::Minute => (&mut clock, "M"),
                DurationUnit::Second => (&mut clock, "S"),
                DurationUnit::Millisecond => {
                    clock.push_str(&format!("{}S", amount / 1000.0));
                    continue;
                }
            };
            part.push_str(&format!("{amount}{letters}"));
        }
        if clock.is_empty() { format!("P{date}") } else { format!("P{date}T{clock}") }
    }

    /// Whether it counts working days, so that its length needs a calendar.
    pub fn counts_business_days(&self) -> bool {
        self.parts.iter().any(|(_, unit)| *unit == DurationUnit::BusinessDay)
    }
}

/// The canonical form: whole amounts, fractions told in the next smaller unit (1.5 hours are
/// `1h30m`).
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut whole: Vec<(f64, DurationUnit)> = Vec::new();
        for (amount, unit) in &self.parts {
            spread(*amount, *unit, &mut whole);
        }
        whole.sort_by_key(|(_, unit)| std::cmp::Reverse(*unit));
        let shown: Vec<_> = whole.iter().filter(|(amount, _)| *amount > 0.0).collect();
        if shown.is_empty() {
            let smallest = self.parts.last().map_or(DurationUnit::Second, |(_, unit)| *unit);
            return write!(f, "0{}", smallest.letters());
        }
        shown.iter().try_for_each(|(amount, unit)| write!(f, "{amount}{}", unit.letters()))
    }
}

/// Adds an amount to the whole amounts, its fraction in smaller units.
fn spread(amount: f64, unit: DurationUnit, whole: &mut Vec<(f64, DurationUnit)>) {
    let mut amount = (amount * 1e6).round() / 1e6;
    let mut unit = unit;
    loop {
        let Some((count, smaller)) = unit.smaller() else {
            add(amount.round(), unit, whole);
            return;
        };
        add(amount.trunc(), unit, whole);
        let rest = ((amount.fract() * count) * 1e6).round() / 1e6;
        if rest == 0.0 {
            return;
        }
        (amount, unit) = (rest, smaller);
    }
}

fn add(amount: f64, unit: DurationUnit, whole: &mut Vec<(f64, DurationUnit)>) {
    match whole.iter_mut().find(|(_, u)| *u == unit) {
        Some((sum, _)) => *sum += amount,
        None => whole.push((amount, unit)),
    }
}

/// Durations as values, in offsets of the folded text.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    durations(folded)
        .into_iter()
        .filter(|(_, duration)| !duration.counts_business_days())
        .map(|(range, duration)| Found {
            start: range.start,
            end: range.end,
            values: vec![Value::Text(duration.to_string())],
        })
        .collect()
}

/// No time at all, told without a unit.
pub(super) fn nothing(folded: &Folded) -> Option<Value> {
    matches!(folded.text.as_str(), "0" | "zero" | "零" | "none" | "no time").then(|| "0s".into())
}

/// Every duration of a text.
pub(crate) fn durations(folded: &Folded) -> Vec<(Range<usize>, Duration)> {
    scan(&folded.text, |offset| at(folded, offset))
}

/// The longest duration that starts at an offset of the folded text.
pub(crate) fn at(folded: &Folded, offset: usize) -> Option<(usize, Duration)> {
    [english::duration(folded, offset), chinese::duration(&folded.text, offset)]
        .into_iter()
        .flatten()
        .max_by_key(|(end, _)| *end)
}

/// Puts parts that follow each other together. `next` gives the part behind an offset, knowing
/// the smallest unit so far.
fn chain(
    first: (usize, Vec<(f64, DurationUnit)>),
    next: impl Fn(usize, DurationUnit) -> Option<(usize, Vec<(f64, DurationUnit)>)>,
) -> Option<(usize, Duration)> {
    let (mut end, mut parts) = first;
    while let Some(smallest) = parts.iter().map(|(_, unit)| *unit).min()
        && let Some((to, more)) = next(end, smallest)
    {
        let twice = more.iter().any(|(_, unit)| parts.iter().any(|(_, u)| u == unit));
        if twice || to <= end {
            break;
        }
        parts.extend(more);
        end = to;
    }
    Duration::new(parts).map(|duration| (end, duration))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ParameterType::Duration as D;
    use crate::nlu::values::tests::{check, check_worth};

    #[test]
    fn finds_english_durations() {
        check(D, "half an hour", &[("half an hour", "30m")]);
        check(D, "wait 1h30m or 90 minutes", &[("1h30m", "1h30m"), ("90 minutes", "90m")]);
        check(D, "an hour and a half", &[("an hour and a half", "1h30m")]);
        check(D, "three quarters of an hour", &[("three quarters of an hour", "45m")]);
        check(D, "a couple of days", &[("a couple of days", "2d")]);
        check(D, "one week three days", &[("one week three days", "1w3d")]);
        check(D, "500ms, 2 fortnights", &[("500ms", "500ms"), ("2 fortnights", "4w")]);
        check(D, "20M", &[]);
    }

    #[test]
    fn finds_chinese_durations() {
        check(D, "一个半小时", &[("一个半小时", "1h30m")]);
        check(D, "三刻钟", &[("三刻钟", "45m")]);
        check(D, "两天半", &[("两天半", "2d12h")]);
        check(D, "8天又二十个小时", &[("8天又二十个小时", "8d20h")]);
        check(D, "保留 36h，超时四十分钟", &[("36h", "36h"), ("四十分钟", "40m")]);
        check(D, "半年", &[("半年", "6mo")]);
        check(D, "2024年三月", &[]);
    }

    #[test]
    fn no_time_at_all_is_a_duration_too() {
        check_worth(D, "zero", "0s");
        check_worth(D, "30", "! wrong_type");
    }

    #[test]
    fn a_canonical_duration_reads_as_itself() {
        for canonical in ["1y6mo", "36h", "1h30m", "0s", "250ms", "2w3d"] {
            let read = Duration::parse(canonical).map(|d| d.to_string());
            assert_eq!(read.as_deref(), Some(canonical));
        }
        assert_eq!(Duration::parse("1h30m").map(|d| d.seconds()), Some(5400.0));
    }
}
