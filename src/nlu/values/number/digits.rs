//! Numbers written in digits: `1,234.5`, `1.5k`, `3/4`, `2^5`, `1e10`.

use super::Number;
use crate::nlu::values::text::{after, before, ends_word, skip_blanks};

/// A number in digits at `at`, with its sign, and where it ends. `cased` tells `10M` (million)
/// from `10m`, which is none.
pub(super) fn number(text: &str, cased: &str, at: usize) -> Option<(usize, Number)> {
    let (start, negative) = sign(text, at);
    if !starts_number(text, start, start > at) {
        return None;
    }
    let (end, mut number) = unsigned(text, start)?;
    let (end, scaled) = suffix(text, cased, end)?;
    if let Some(scale) = scaled {
        number = Number::of(number.value * scale);
    }
    if negative {
        number = number.negated();
    }
    Some((end, number))
}

/// Consumes a minus or plus sign that can't be a hyphen.
fn sign(text: &str, at: usize) -> (usize, bool) {
    let free = !before(text, at).is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | ')'));
    let doubled = text[at..].starts_with("--");
    match after(text, at) {
        Some('-') if free && !doubled => (skip_blanks(text, at + 1), true),
        _ => (at, false),
    }
}

fn starts_number(text: &str, at: usize, signed: bool) -> bool {
    match before(text, at) {
        Some(c) if c.is_ascii_alphanumeric() || c == '_' => false,
        Some('.') if !signed => after(text, at).is_none_or(|c| c != '.'),
        _ => true,
    }
}

/// Digits with groups, decimals, an exponent, a power or a fraction; without sign and suffix.
fn unsigned(text: &str, at: usize) -> Option<(usize, Number)> {
    let (end, number) = decimal(text, at)?;
    power(text, number.value, end)
        .or_else(|| fraction(text, number.value, at, end))
        .or(Some((end, number)))
}

/// Digits with optional groups and decimals: `1,234.5`, `12,34,567`, `1 234 567`, `.5`, `1,3`.
pub(crate) fn decimal(text: &str, at: usize) -> Option<(usize, Number)> {
    if let Some(end) = digits(text, at) {
        let (whole_end, separator) = groups(text, at, end);
        let plain = without_separators(&text[at..whole_end]);
        let point = if separator == Some('.') { ',' } else { '.' };
        if let Some((end, value)) = with_decimals(text, &plain, whole_end, point) {
            return Some((end, Number::of(value)));
        }
        if separator.is_none()
            && let Some((end, value)) = decimal_comma(text, &plain, whole_end)
        {
            return Some((end, Number::of(value)));
        }
        return Some((whole_end, Number::parse(&plain)?));
    }
    let leads = before(text, at).is_some_and(|c| c.is_ascii_alphanumeric() || c == '.');
    if leads || !text[at..].starts_with('.') {
        return None;
    }
    with_decimals(text, "0", at, '.').map(|(end, value)| (end, Number::of(value)))
}

fn with_decimals(text: &str, whole: &str, at: usize, point: char) -> Option<(usize, f64)> {
    let end = digits(text, at + text[at..].starts_with(point).then_some(1)?)?;
    let more = text[end..].starts_with('.') && digits(text, end + 1).is_some();
    if more {
        return None;
    }
    format!("{whole}.{}", &text[at + 1..end]).parse().ok().map(|value| (end, value))
}

/// `1,3` and `5,00`: one comma with one or two digits behind it, and no further comma.
fn decimal_comma(text: &str, whole: &str, at: usize) -> Option<(usize, f64)> {
    let end = digits(text, at + text[at..].starts_with(',').then_some(1)?)?;
    let goes_on = matches!(after(text, end), Some(',' | '.')) && digits(text, end + 1).is_some();
    let follows = before(text, at - whole.len()) == Some(',');
    if end - at > 3 || goes_on || follows {
        return None;
    }
    format!("{whole}.{}", &text[at + 1..end]).parse().ok().map(|value| (end, value))
}

/// Extends a run of digits by groups of three (or two and a last three) behind one separator.
fn groups(text: &str, start: usize, first_end: usize) -> (usize, Option<char>) {
    let lead = first_end - start;
    if lead > 3 {
        return (first_end, None);
    }
    [',', '，', ' ', '.']
        .into_iter()
        .find_map(|separator| {
            let end = grouped(text, first_end, separator)?;
            // A point groups only where a decimal comma shows it: `1.111,11`.
            let proven = separator != '.'
                || (text[end..].starts_with(',') && digits(text, end + 1).is_some());
            proven.then_some((end, Some(separator)))
        })
        .unwrap_or((first_end, None))
}

fn grouped(text: &str, first_end: usize, separator: char) -> Option<usize> {
    let mut end = first_end;
    let mut last = 0;
    while text[end..].starts_with(separator) {
        let from = end + separator.len_utf8();
        let Some(to) = digits(text, from) else { break };
        if to - from != 3 && !(separator == ',' && to - from == 2) {
            // Digits that form no group: then none of these is one.
            return (end > first_end && separator == ' ' && last == 3).then_some(end);
        }
        last = to - from;
        end = to;
    }
    (end > first_end && last == 3).then_some(end)
}

fn without_separators(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The end of the run of digits at `at`.
pub(crate) fn digits(text: &str, at: usize) -> Option<usize> {
    let length = text.as_bytes().get(at..)?.iter().take_while(|b| b.is_ascii_digit()).count();
    (length > 0).then_some(at + length)
}

/// `e10`, `^23`, `x10^-4` behind a base.
fn power(text: &str, base: f64, at: usize) -> Option<(usize, Number)> {
    if let Some(rest) = text[at..].strip_prefix('e') {
        let (end, exponent) = exponent(text, text.len() - rest.len())?;
        return ends_word(text, end)
            .then(|| (end, Number::of(format!("{base}e{exponent}").parse().unwrap_or(f64::NAN))));
    }
    for prefix in ["x10^", "*10^", "×10^"] {
        if text[at..].starts_with(prefix) {
            let (end, exponent) = exponent(text, at + prefix.len())?;
            return Some((end, Number::of(format!("{base}e{exponent}").parse().ok()?)));
        }
    }
    let rest = text[at..].strip_prefix('^')?;
    let (end, exponent) = exponent(text, text.len() - rest.len())?;
    Some((end, Number::of(base.powi(exponent))))
}

fn exponent(text: &str, at: usize) -> Option<(usize, i32)> {
    let signs = text[at..].bytes().take_while(|b| matches!(b, b'+' | b'-')).count();
    let negative = text[at..at + signs].bytes().filter(|b| *b == b'-').count() % 2 == 1;
    let end = digits(text, at + signs)?;
    let exponent: i32 = text[at + signs..end].parse().ok().filter(|e| *e < 400)?;
    Some((end, if negative { -exponent } else { exponent }))
}

/// `3/4`, and `2 1/4` where a whole number leads. Dates (`5/17/2018`) are none.
fn fraction(text: &str, whole: f64, start: usize, at: usize) -> Option<(usize, Number)> {
    if before(text, start).is_some_and(|c| matches!(c, '/' | '-') || c.is_alphanumeric())
        && !text[..start].ends_with(" -")
        && !starts_with_sign(text, start)
    {
        return None;
    }
    if let Some((end, denominator)) = slash(text, at) {
        return Some((end, Number::of(whole / denominator)));
    }
    let from = skip_blanks(text, at);
    let numerator_end = digits(text, from).filter(|_| from > at)?;
    let numerator: f64 = text[from..numerator_end].parse().ok()?;
    let (end, denominator) = slash(text, numerator_end)?;
    Some((end, Number::of(whole + numerator / denominator)))
}

/// Whether the minus before the digits is a sign and not a hyphen.
fn starts_with_sign(text: &str, start: usize) -> bool {
    text[..start].ends_with('-')
        && !text[..start - 1].chars().next_back().is_some_and(char::is_alphanumeric)
}

fn slash(text: &str, at: usize) -> Option<(usize, f64)> {
    let end = digits(text, at + text[at..].starts_with('/').then_some(1)?)?;
    let dated =
        matches!(after(text, end), Some('/' | '-' | '.')) && digits(text, end + 1).is_some();
    let denominator: f64 = text[at + 1..end].parse().ok()?;
    (!dated && denominator != 0.0 && ends_word(text, end)).then_some((end, denominator))
}

/// A magnitude behind digits: `k`, `M`, `G`, `b`, `mil`, `bln`, Chinese ones excepted. The outer
/// `None` means that other letters follow, so that the digits are no number (`180ml`).
fn suffix(text: &str, cased: &str, at: usize) -> Option<(usize, Option<f64>)> {
    const SUFFIXES: [(&str, f64); 15] = [
        ("k", 1e3),
        ("K", 1e3),
        ("M", 1e6),
        ("MM", 1e6),
        ("mil", 1e6),
        ("mln", 1e6),
        ("G", 1e9),
        ("b", 1e9),
        ("B", 1e9),
        ("bn", 1e9),
        ("bln", 1e9),
        ("T", 1e12),
        ("tln", 1e12),
        ("lakh", 1e5),
        ("crore", 1e7),
    ];
    let from = skip_blanks(text, at);
    let length = cased[from..].bytes().take_while(u8::is_ascii_alphabetic).count();
    let letters = &cased[from..from + length];
    if let Some((_, scale)) = SUFFIXES.iter().find(|(s, _)| *s == letters)
        && ends_word(text, from + length)
    {
        return Some((from + length, Some(*scale)));
    }
    (length == 0 || from > at).then_some((at, None))
}
