//! The words that English times are made of, and how phrases are matched.

use jiff::civil::Weekday;

use crate::nlu::values::number::{digits, english_cardinal, english_ordinal};
use crate::nlu::values::text::{after, ends_word, skip_blanks, starts_word, word};

/// The end of a phrase at `at`, any number of blanks between its words; it must end a word.
pub(super) fn phrase(text: &str, at: usize, phrase: &str) -> Option<usize> {
    let mut end = at;
    for (index, part) in phrase.split(' ').enumerate() {
        let from = if index == 0 { end } else { skip_blanks(text, end) };
        if index > 0 && from == end {
            return None;
        }
        end = from + text[from..].starts_with(part).then_some(part.len())?;
    }
    ends_word(text, end).then_some(end)
}

/// The longest of several phrases, with its index.
pub(super) fn any_phrase(text: &str, at: usize, phrases: &[&str]) -> Option<(usize, usize)> {
    phrases
        .iter()
        .enumerate()
        .filter_map(|(index, p)| Some((phrase(text, at, p)?, index)))
        .max_by_key(|(end, _)| *end)
}

/// As [`any_phrase`], then the blanks behind it; `at` itself where there is none.
pub(super) fn skip_phrase(text: &str, at: usize, phrases: &[&str]) -> usize {
    any_phrase(text, at, phrases).map_or(at, |(end, _)| skip_blanks(text, end))
}

/// Blanks, and one of the given marks among them.
pub(super) fn skip_marks(text: &str, at: usize, marks: &str) -> usize {
    let next = skip_blanks(text, at);
    match after(text, next) {
        Some(c) if marks.contains(c) => skip_blanks(text, next + c.len_utf8()),
        _ => next,
    }
}

/// A month by its name: 1 to 12. A point of an abbreviation is taken along by the caller.
pub(super) fn month(text: &str, at: usize) -> Option<(usize, i8)> {
    const NAMES: [(&str, &str); 12] = [
        ("january", "jan"),
        ("february", "feb"),
        ("march", "mar"),
        ("april", "apr"),
        ("may", "may"),
        ("june", "jun"),
        ("july", "jul"),
        ("august", "aug"),
        ("september", "sep"),
        ("october", "oct"),
        ("november", "nov"),
        ("december", "dec"),
    ];
    if !starts_word(text, at) && !text[..at].ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let length = text[at..].bytes().take_while(u8::is_ascii_alphabetic).count();
    let name = &text[at..at + length];
    let index = NAMES.iter().position(|(long, short)| name == *long || name == *short);
    let index = index.or_else(|| (name == "sept").then_some(8))?;
    Some((at + length, index as i8 + 1))
}

/// A weekday by its name, singular.
pub(super) fn weekday(text: &str, at: usize) -> Option<(usize, Weekday)> {
    const NAMES: [(&[&str], Weekday); 7] = [
        (&["monday", "mon"], Weekday::Monday),
        (&["tuesday", "tues", "tue"], Weekday::Tuesday),
        (&["wednesday", "weds", "wed"], Weekday::Wednesday),
        (&["thursday", "thurs", "thur", "thu"], Weekday::Thursday),
        (&["friday", "fri"], Weekday::Friday),
        (&["saturday", "sat"], Weekday::Saturday),
        (&["sunday", "sun"], Weekday::Sunday),
    ];
    if !starts_word(text, at) {
        return None;
    }
    let (name, end) = word(text, at)?;
    NAMES.iter().find(|(names, _)| names.contains(&name)).map(|(_, weekday)| (end, *weekday))
}

/// A day of a month in digits or words, with or without its ordinal ending. The flag says that
/// it was an ordinal.
pub(super) fn day_number(text: &str, at: usize) -> Option<(usize, i8, bool)> {
    if let Some((end, n)) = english_ordinal(text, at) {
        let day = i8::try_from(n).ok().filter(|d| (1..=31).contains(d))?;
        return Some((end, day, true));
    }
    if let Some(end) = digits(text, at) {
        let day = text[at..end].parse().ok().filter(|d| (1..=31).contains(d) && end - at <= 2)?;
        let suffix = ["st", "nd", "rd", "th"].iter().find(|s| text[end..].starts_with(**s));
        if let Some(suffix) = suffix.filter(|s| ends_word(text, end + s.len())) {
            return Some((end + suffix.len(), day, true));
        }
        return ends_word(text, end).then_some((end, day, false));
    }
    let (end, value) = english_cardinal(text, at)?;
    let whole = value.fract() == 0.0 && (1.0..=31.0).contains(&value);
    whole.then_some((end, value as i8, false))
}

/// A small number in digits or words.
pub(super) fn small_number(text: &str, at: usize) -> Option<(usize, i64)> {
    if let Some(end) = digits(text, at) {
        return (end - at <= 4).then(|| Some((end, text[at..end].parse().ok()?))).flatten();
    }
    let (end, value) = english_cardinal(text, at)?;
    (value.fract() == 0.0 && value < 10_000.0).then_some((end, value as i64))
}

/// Four digits of a year that stand alone.
pub(super) fn year(text: &str, at: usize) -> Option<(usize, i16)> {
    let end = digits(text, at).filter(|end| end - at == 4)?;
    let year = text[at..end].parse().ok().filter(|y| (1500..=2199).contains(y))?;
    let glued = text[end..].starts_with([':', '%'])
        || !ends_word(text, end)
        || (text[end..].starts_with(['.', ',']) && digits(text, end + 1).is_some());
    (!glued).then_some((end, year))
}
