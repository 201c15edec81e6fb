//! Durations in English: `3h`, `an hour and a half`, `two weeks`, `half a day`.

use super::{Duration, DurationUnit, chain};
use crate::nlu::values::number::{decimal, english_cardinal, number_at};
use crate::nlu::values::text::{
    Folded, after, before, ends_word, literal, one_of, skip_blanks, starts_word, word,
};

type Part = (usize, Vec<(f64, DurationUnit)>);

pub(super) fn duration(folded: &Folded, at: usize) -> Option<(usize, Duration)> {
    let text = &folded.text;
    if !starts_word(text, at) || before(text, at).is_some_and(|c| matches!(c, '.' | '/' | '$')) {
        return None;
    }
    let glued = before(text, at) == Some('-')
        && text[..at - 1].ends_with(|c: char| c.is_ascii_alphanumeric());
    if glued {
        return None;
    }
    chain(part(folded, at)?, |end, smallest| {
        let from = link(text, end);
        let (to, parts) = part(folded, from)?;
        // `500ms, 2 weeks` are two: only what gets finer goes on behind a comma or an `and`.
        let finer = parts.iter().all(|(_, unit)| *unit < smallest);
        (finer || text[end..from].trim().is_empty()).then_some((to, parts))
    })
}

/// Steps over what stands between two parts: blanks, a comma, `and`.
fn link(text: &str, at: usize) -> usize {
    let mut next = skip_blanks(text, at);
    if let Some(end) = literal(text, next, ",") {
        next = skip_blanks(text, end);
    }
    match word(text, next) {
        Some(("and", end)) => skip_blanks(text, end),
        _ => next,
    }
}

/// An amount and its unit, and what says "and a half" behind it.
fn part(folded: &Folded, at: usize) -> Option<Part> {
    let text = &folded.text;
    let (amount_end, amount) = amount(folded, at)?;
    let mut unit_at = skip_blanks(text, amount_end);
    if text[unit_at..].starts_with('-') {
        unit_at = skip_blanks(text, unit_at + 1);
    }
    let (end, scale, unit) = unit(folded, unit_at)?;
    // `1h30`: minutes without their unit.
    if unit == DurationUnit::Hour
        && end == unit_at + 1
        && let Some((to, minutes)) = decimal(text, end)
        && to == end + 2
        && minutes.value < 60.0
        && ends_word(text, to)
    {
        return Some((to, vec![(amount, unit), (minutes.value, DurationUnit::Minute)]));
    }
    let (end, extra) = and_a_fraction(text, end).unwrap_or((end, 0.0));
    Some((end, vec![((amount + extra) * scale, unit)]))
}

fn and_a_fraction(text: &str, at: usize) -> Option<(usize, f64)> {
    const TAILS: [(&str, f64); 4] = [
        ("and a half", 0.5),
        ("and half", 0.5),
        ("and a quarter", 0.25),
        ("and three quarters", 0.75),
    ];
    let next = skip_blanks(text, at);
    let (tail, value) = TAILS.iter().find(|(tail, _)| text[next..].starts_with(tail))?;
    let end = next + tail.len();
    // `and a half hours` belongs to the number of another unit.
    (ends_word(text, end) && next > at).then_some((end, *value))
}

/// How many: a number, an article, `half an`, `a couple of`, `another`, `the whole`.
fn amount(folded: &Folded, at: usize) -> Option<(usize, f64)> {
    const WORDS: [(&str, f64); 31] = [
        ("another half an", 0.5),
        ("another half a", 0.5),
        ("another", 1.0),
        ("a few", 3.0),
        ("few", 3.0),
        ("a couple of", 2.0),
        ("couple of", 2.0),
        ("a couple", 2.0),
        ("couple", 2.0),
        ("a half an", 0.5),
        ("a half a", 0.5),
        ("half of an", 0.5),
        ("half of a", 0.5),
        ("half an", 0.5),
        ("half a", 0.5),
        ("a half", 0.5),
        ("half", 0.5),
        ("three quarters of an", 0.75),
        ("three quarters of a", 0.75),
        ("a quarter of an", 0.25),
        ("a quarter of a", 0.25),
        ("quarter of an", 0.25),
        ("quarter of a", 0.25),
        ("one and a half", 1.5),
        ("the whole", 1.0),
        ("whole", 1.0),
        ("full", 1.0),
        ("all", 1.0),
        ("an", 1.0),
        ("a", 1.0),
        ("one", 1.0),
    ];
    let text = &folded.text;
    let number = decimal(text, at)
        .map(|(end, number)| (end, number.value))
        .or_else(|| number_at(folded, at).map(|(end, number)| (end, number.value)))
        .into_iter()
        .chain(english_cardinal(text, at))
        .filter(|(_, value)| *value >= 0.0)
        .max_by_key(|(end, _)| *end);
    let worded = WORDS
        .iter()
        .filter(|(words, _)| text[at..].starts_with(words) && ends_word(text, at + words.len()))
        .max_by_key(|(words, _)| words.len())
        .map(|(words, value)| (at + words.len(), *value));
    // `2M` is a number as well, but then its letter is no unit.
    let number = number
        .filter(|(end, _)| !folded.cased[at..*end].ends_with(|c: char| "kKMGTbB".contains(c)));
    match (number, worded) {
        (Some(n), Some(w)) => Some(if n.0 >= w.0 { n } else { w }),
        (n, w) => n.or(w),
    }
}

/// A unit: how many of the unit it is in (a decade is ten years), and its end.
fn unit(folded: &Folded, at: usize) -> Option<(usize, f64, DurationUnit)> {
    use DurationUnit as U;
    let text = &folded.text;
    if let Some((end, _)) = one_of(
        text,
        at,
        &[
            "business days",
            "business day",
            "working days",
            "working day",
            "work days",
            "work day",
            "workdays",
            "workday",
        ],
    ) {
        return ends_word(text, end).then_some((end, 1.0, U::BusinessDay));
    }
    let length = text[at..].bytes().take_while(u8::is_ascii_alphabetic).count();
    let end = at + length;
    let letters = &text[at..end];
    let (scale, unit) = match letters {
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" | "millis" => {
            (1.0, U::Millisecond)
        }
        "s" | "sec" | "secs" | "second" | "seconds" => (1.0, U::Second),
        // A capital M is a million, or megabytes.
        "m" if folded.cased[at..].starts_with('M') => return None,
        "m" | "min" | "mins" | "minute" | "minutes" => (1.0, U::Minute),
        "h" | "hr" | "hrs" | "hour" | "hours" => (1.0, U::Hour),
        "d" | "day" | "days" => (1.0, U::Day),
        "night" | "nights" => (1.0, U::Day),
        "w" | "wk" | "wks" | "week" | "weeks" => (1.0, U::Week),
        "fortnight" | "fortnights" => (2.0, U::Week),
        "mo" | "mth" | "mths" | "month" | "months" => (1.0, U::Month),
        "quarter" | "quarters" => (3.0, U::Month),
        "y" | "yr" | "yrs" | "year" | "years" => (1.0, U::Year),
        "decade" | "decades" => (10.0, U::Year),
        "century" | "centuries" => (100.0, U::Year),
        _ => return None,
    };
    // `1h30m` goes on with digits; a name (`web_1s_x`) does not count.
    let open = after(text, end).is_some_and(|c| c == '_' || (c.is_ascii_digit() && length > 2));
    (!open).then_some((end, scale, unit))
}
