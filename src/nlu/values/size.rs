//! Amounts of data: `20GB`, `512Mi`, `1.5 gigabytes`, 20个G, 50兆, rates of them (`10MB/s`).

use super::Found;
use super::number::{chinese_numeral, decimal, english_cardinal};
use super::text::{Folded, after, before, ends_word, one_of, scan, skip_blanks};
use crate::catalog::Value;

/// Sizes with their unit.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    scan(&folded.text, |at| size(folded, at))
        .into_iter()
        .map(|(range, size)| Found {
            start: range.start,
            end: range.end,
            values: vec![Value::Text(size)],
        })
        .collect()
}

fn size(folded: &Folded, at: usize) -> Option<(usize, String)> {
    let text = &folded.text;
    if before(text, at)
        .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/'))
    {
        return None;
    }
    let (end, amount) = decimal(text, at)
        .map(|(end, number)| (end, number.value))
        .or_else(|| chinese_amount(text, at))
        .or_else(|| half(text, at))
        .or_else(|| english_cardinal(text, at))?;
    let mut unit_at = skip_blanks(text, end);
    if let Some((end, _)) = one_of(text, unit_at, &["个", "a "]) {
        unit_at = skip_blanks(text, end);
    }
    if text[unit_at..].starts_with('-') {
        unit_at += 1;
    }
    let (end, unit) = unit(folded, unit_at)?;
    Some((end, format!("{amount}{unit}")))
}

/// A numeral; its 兆 is the unit here, no magnitude.
fn chinese_amount(text: &str, at: usize) -> Option<(usize, f64)> {
    let (end, value) = chinese_numeral(text, at)?;
    match text[at..end].strip_suffix('兆') {
        Some(amount) => Some((at + amount.len(), value / 1e12)),
        None => Some((end, value)),
    }
}

fn half(text: &str, at: usize) -> Option<(usize, f64)> {
    one_of(text, at, &["half a ", "half ", "半"]).map(|(end, _)| (end, 0.5))
}

/// The canonical unit: what was said (`G`, `GB`, `Gi`, `GiB`), in its usual letters.
fn unit(folded: &Folded, at: usize) -> Option<(usize, String)> {
    const WORDS: [(&str, &str); 23] = [
        ("bytes", "B"),
        ("byte", "B"),
        ("kilobytes", "KB"),
        ("kilobyte", "KB"),
        ("megabytes", "MB"),
        ("megabyte", "MB"),
        ("megs", "MB"),
        ("meg", "MB"),
        ("gigabytes", "GB"),
        ("gigabyte", "GB"),
        ("gigs", "GB"),
        ("gig", "GB"),
        ("terabytes", "TB"),
        ("terabyte", "TB"),
        ("petabytes", "PB"),
        ("petabyte", "PB"),
        ("kibibytes", "KiB"),
        ("mebibytes", "MiB"),
        ("gibibytes", "GiB"),
        ("tebibytes", "TiB"),
        ("兆", "M"),
        ("吉", "G"),
        ("字节", "B"),
    ];
    let text = &folded.text;
    if let Some((word, unit)) = WORDS
        .iter()
        .filter(|(word, _)| text[at..].starts_with(word))
        .max_by_key(|(word, _)| word.len())
    {
        let end = at + word.len();
        let ascii = word.is_ascii();
        // 兆字节 and 兆B are the same.
        let end = one_of(text, end, &["字节", "b"]).filter(|_| !ascii).map_or(end, |(end, _)| end);
        return (!ascii || ends_word(text, end)).then(|| (end, (*unit).to_owned()));
    }
    let first = after(text, at).filter(|c| "kmgtpb".contains(*c))?;
    let mut end = at + 1;
    let mut unit = first.to_ascii_uppercase().to_string();
    if first != 'b' {
        if text[end..].starts_with('i') {
            unit.push('i');
            end += 1;
        }
        // A small b behind a rate is a bit: `100Mbps`.
        if text[end..].starts_with("bps") || text[end..].starts_with("bit") {
            return None;
        }
        if text[end..].starts_with('b') {
            unit.push('B');
            end += 1;
        }
    }
    // A lone small m is a minute, never a size.
    let minute = unit == "M" && folded.cased[at..].starts_with('m');
    (ends_word(text, end) && !minute).then_some((end, unit))
}

/// A rate is the size that it moves: `10MB/s` without its "per second".
pub(super) fn without_rate(surface: &str) -> &str {
    let lower = surface.to_ascii_lowercase();
    ["/s", "/sec", "/秒", "每秒", "per second", "a second", "/second"]
        .iter()
        .filter_map(|rate| lower.strip_suffix(rate))
        .map(|rest| surface[..rest.len()].trim_end())
        .min_by_key(|rest| rest.len())
        .unwrap_or(surface)
}

/// The number of bytes of a canonical size.
pub(super) fn bytes(canonical: &str) -> Option<f64> {
    let split = canonical.find(|c: char| c.is_ascii_alphabetic())?;
    let amount: f64 = canonical[..split].parse().ok()?;
    let unit = &canonical[split..];
    let exponent = "BKMGTP".find(unit.chars().next()?)?;
    let base: f64 = if unit.contains('i') { 1024.0 } else { 1000.0 };
    Some(amount * base.powi(exponent as i32))
}

#[cfg(test)]
mod tests {
    use crate::catalog::ParameterType::Size;
    use crate::nlu::values::tests::{check, check_worth};

    #[test]
    fn finds_sizes() {
        check(
            Size,
            "2G, 512mi and 1.5 gigabytes",
            &[("2G", "2G"), ("512mi", "512Mi"), ("1.5 gigabytes", "1.5GB")],
        );
        check(Size, "内存 4个G，限速50MB每秒", &[("4个G", "4G"), ("50MB", "50MB")]);
        check(Size, "五十兆", &[("五十兆", "50M")]);
        check(Size, "for 5m at 100Mbps", &[]);
    }

    #[test]
    fn a_rate_is_the_size_it_moves() {
        check_worth(Size, "10MB/s", "10MB");
        check_worth(Size, "20M 每秒", "20M");
        check_worth(Size, "big", "! wrong_type");
    }

    #[test]
    fn counts_bytes() {
        assert_eq!(super::bytes("1Ki"), Some(1024.0));
        assert_eq!(super::bytes("2GB"), Some(2e9));
    }
}
