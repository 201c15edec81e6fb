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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[f64]) {
        let got: Vec<f64> = numbers(&Folded::new(text)).iter().map(|(_, n)| n.value).collect();
        assert_eq!(got, expect, "{text:?}");
    }

    #[test]
    fn reads_digits() {
        check("1,234,567 and 1 234 567", &[1234567.0, 1234567.0]);
        check("1.5k, 10M, 2G", &[1500.0, 10e6, 2e9]);
        check("-4/5", &[-0.8]);
        check("2 1/4", &[2.25]);
        check("1e10 2^5", &[1e10, 32.0]);
        check("180ml of 2k", &[2000.0]);
        check("1.111,11", &[1111.11]);
        check("９，９９９", &[9999.0]);
        check("½", &[0.5]);
    }

    #[test]
    fn reads_english_words() {
        check("seventy thousand", &[70000.0]);
        check("one hundred and sixty-one", &[161.0]);
        check("two hundred point seventy-one", &[200.71]);
        check("five and a half million", &[5500000.0]);
        check("three dozens", &[36.0]);
        check("two thirds", &[2.0 / 3.0]);
        check("minus five", &[-5.0]);
        check("the one I meant", &[]);
        check("4 thousand 3 hundred and 21", &[4321.0]);
    }

    #[test]
    fn reads_chinese_numerals() {
        check("八百", &[800.0]);
        check("两千三百五", &[2350.0]);
        check("四亿五千六百四十二万零一十五", &[456420015.0]);
        check("5万4千6百", &[54600.0]);
        check("三分之一", &[1.0 / 3.0]);
        check("负六点六", &[-6.6]);
        check("二零二五", &[2025.0]);
        check("半百", &[50.0]);
        check("一下子统一部署", &[]);
    }

    #[test]
    fn numbers_within_names_are_no_values() {
        let alone = |text: &str| {
            let folded = Folded::new(text);
            numbers(&folded).iter().filter(|(r, _)| stands_alone(&folded.text, r)).count()
        };
        assert_eq!(alone("web-03 10.0.0.1 v2.1 /data/5 3%"), 0);
        assert_eq!(alone("10.0.0.1:8080, 5, 6"), 3);
    }
}
