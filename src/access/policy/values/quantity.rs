//! Numbers with what they count, to be compared.

/// A number with what it counts. Only equal things compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quantity {
    Plain(f64),
    Percent(f64),
    Seconds(f64),
    Bytes(f64),
}

impl Quantity {
    /// Reads `5`, `2.5`, `20%`, `1h30m`, `2d`, `512Mi`, `20GB`.
    pub fn parse(text: &str) -> Option<Quantity> {
        if let Some(number) = finite(text) {
            return Some(Quantity::Plain(number));
        }
        if let Some(percent) = text.strip_suffix('%') {
            return finite(percent.trim_end()).map(Quantity::Percent);
        }
        bytes(text).map(Quantity::Bytes).or_else(|| seconds(text).map(Quantity::Seconds))
    }

    /// Whether it is at least the other; `None` where they count different things.
    pub fn at_least(self, other: Quantity) -> Option<bool> {
        use Quantity::*;
        match (self, other) {
            (Plain(a), Plain(b))
            | (Percent(a), Percent(b))
            | (Seconds(a), Seconds(b))
            | (Bytes(a), Bytes(b)) => Some(a >= b),
            _ => None,
        }
    }
}

fn finite(text: &str) -> Option<f64> {
    // "inf" and "nan" parse as floats and are no numbers that anybody gives.
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn bytes(text: &str) -> Option<f64> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let number = finite(text[..split].trim_end())?;
    let unit = text[split..].strip_suffix('B').unwrap_or(&text[split..]);
    let (prefix, base) = match unit.strip_suffix('i') {
        Some(prefix) => (prefix, 1024f64),
        None => (unit, 1000f64),
    };
    let power = ["", "K", "M", "G", "T", "P"].iter().position(|p| *p == prefix)?;
    // "5" alone is a plain number, and "5i" is nothing.
    (power > 0 || text.ends_with('B')).then(|| number * base.powi(power as i32))
}

fn seconds(text: &str) -> Option<f64> {
    let span: jiff::Span = text.parse().ok()?;
    span.total((jiff::Unit::Second, jiff::SpanRelativeTo::days_are_24_hours())).ok()
}
