//! Numbers: digits, English words, Chinese numerals, and mixtures of them.

mod chinese;
mod digits;
mod english;

use std::ops::Range;

pub(crate) use chinese::{digit as chinese_digit, numeral as chinese_numeral};
pub(crate) use digits::{decimal, digits};
pub(crate) use english::{cardinal as english_cardinal, ordinal as english_ordinal};

use super::text::{Folded, after, before, scan};

/// A number, whatever it was written in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    pub value: f64,
    /// The exact value of a whole number that fits.
    pub whole: Option<i64>,
}

impl Number {
    pub fn of(value: f64) -> Number {
        // Beyond 2^53 a float no longer holds every whole number.
        let exact = value.fract() == 0.0 && value.abs() < 9_007_199_254_740_992.0;
        Number { value, whole: exact.then_some(value as i64) }
    }

    /// From plain digits, exactly.
    pub fn parse(digits: &str) -> Option<Number> {
        let value: f64 = digits.parse().ok()?;
        Some(Number { value, whole: digits.parse().ok() })
    }

    pub fn negated(self) -> Number {
        Number { value: -self.value, whole: self.whole.and_then(i64::checked_neg) }
    }
}

/// Every number in a text, wherever it stands, in offsets of the folded text.
pub(crate) fn numbers(folded: &Folded) -> Vec<(Range<usize>, Number)> {
    scan(&folded.text, |at| number_at(folded, at))
}

/// The longest number that starts at an offset of the folded text.
pub(crate) fn number_at(folded: &Folded, at: usize) -> Option<(usize, Number)> {
    let text = &folded.text;
    [
        chinese::number(text, at),
        digits::number(text, &folded.cased, at),
        english::number(text, &folded.cased, at),
        vulgar_fraction(text, at),
    ]
    .into_iter()
    .flatten()
    .filter(|(_, number)| number.value.is_finite())
    .max_by_key(|(end, _)| *end)
}

/// `½`, `¾`, ...
fn vulgar_fraction(text: &str, at: usize) -> Option<(usize, Number)> {
    const FRACTIONS: [(char, f64, f64); 15] = [
        ('½', 1.0, 2.0),
        ('⅓', 1.0, 3.0),
        ('⅔', 2.0, 3.0),
        ('¼', 1.0, 4.0),
        ('¾', 3.0, 4.0),
        ('⅕', 1.0, 5.0),
        ('⅖', 2.0, 5.0),
        ('⅗', 3.0, 5.0),
        ('⅘', 4.0, 5.0),
        ('⅙', 1.0, 6.0),
        ('⅚', 5.0, 6.0),
        ('⅛', 1.0, 8.0),
        ('⅜', 3.0, 8.0),
        ('⅝', 5.0, 8.0),
        ('⅞', 7.0, 8.0),
    ];
    let c = after(text, at)?;
    let (_, numerator, denominator) = FRACTIONS.iter().find(|(f, _, _)| *f == c)?;
    Some((at + c.len_utf8(), Number::of(numerator / denominator)))
}

/// Whether a text ends in an address, so that a port may follow it.
fn ends_in_address(text: &str) -> bool {
    let start = text.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    text[start..].parse::<std::net::Ipv4Addr>().is_ok()
}

/// Whether a number stands on its own, and not inside a name, an address or a version: the 3 of
/// `web-03` and the 10 of `10.0.0.1` are no values.
pub(crate) fn stands_alone(text: &str, range: &Range<usize>) -> bool {
    let glue = |c: char| matches!(c, '-' | '_' | '.' | '/' | ':' | '@' | '#' | '\\' | '=');
    let bound = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let attached_before = match before(text, range.start) {
        Some(c) if bound(c) || matches!(c, '/' | '\\' | '@') => true,
        Some('.' | '-' | ':') => {
            let lead = &text[..range.start - 1];
            lead.ends_with(bound) && !(text[..range.start].ends_with(':') && ends_in_address(lead))
        }
        _ => false,
    };
    let attached_after = match after(text, range.end) {
        Some(c) if bound(c) => true,
        Some('%') => true,
        Some('/') => text[range.end + 1..].starts_with(|c: char| c.is_ascii_digit()),
        Some(c) if glue(c) => text[range.end + 1..].starts_with(bound),
        _ => false,
    };
    !attached_before && !attached_after
}
