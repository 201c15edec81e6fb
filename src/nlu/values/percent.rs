//! Percentages: `20%`, `five percent`, 百分之二十, 千分之一, 六个百分点, 七成, 五折, "half".

use std::ops::Range;

use super::Found;
use super::number::{chinese_digit, chinese_numeral, decimal, number_at};
use super::text::{Folded, after, before, ends_word, literal, one_of, scan, skip_blanks};
use crate::catalog::Value;

/// Percentages with their sign or word; a bare number is none.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    percentages(folded)
        .into_iter()
        .filter_map(|(range, value)| {
            let values = vec![canonical(value?)];
            Some(Found { start: range.start, end: range.end, values })
        })
        .collect()
}

/// The canonical form: at most nine decimals, none that say nothing.
pub(super) fn canonical(percent: f64) -> Value {
    let rounded = (percent * 1e9).round() / 1e9;
    Value::Text(format!("{}%", if rounded == 0.0 { 0.0 } else { rounded }))
}

/// Every percentage of a text, in offsets of the folded text; without a value where only the word
/// stands ("a small percent").
pub(crate) fn percentages(folded: &Folded) -> Vec<(Range<usize>, Option<f64>)> {
    scan(&folded.text, |at| {
        let amount = percentage(folded, at).map(|(end, value)| (end, Some(value)));
        amount.or_else(|| mention(&folded.text, at).map(|end| (end, None)))
    })
}

/// The word or the sign without a number.
fn mention(text: &str, at: usize) -> Option<usize> {
    let (end, _) = one_of(text, at, &["percentage", "percent", "per cent", "%"])?;
    let alone = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || ".,?!".contains(c));
    (alone(before(text, at)) && alone(after(text, end))).then_some(end)
}

fn percentage(folded: &Folded, at: usize) -> Option<(usize, f64)> {
    let text = &folded.text;
    chinese_fraction(folded, at)
        .or_else(|| number_first(folded, at))
        .or_else(|| number_last(folded, at))
        .or_else(|| tenths(text, at))
}

/// `20%`, `five per cent`, 六个百分点.
fn number_first(folded: &Folded, at: usize) -> Option<(usize, f64)> {
    let text = &folded.text;
    let encoded = before(text, at).is_some_and(|c| c == '%' || c.is_ascii_alphanumeric());
    let (mut end, mut number) = number_at(folded, at).or_else(|| negative(folded, at))?;
    if encoded {
        return None;
    }
    // The signless digits of `5-20%`, and the percent sign of an encoded address (`%28`).
    if text[end..].starts_with('-') {
        return None;
    }
    if text[at..].starts_with('+') {
        number = number.negated();
    }
    end = skip_blanks(text, end);
    if let Some(end) = literal(text, end, "%") {
        let encoded = after(text, end).is_some_and(|c| c.is_ascii_alphanumeric() || c == '%');
        return (!encoded).then_some((end, number.value));
    }
    if let Some((end, _)) =
        one_of(text, end, &["percentage", "percents", "percent", "per cent", "pct"])
    {
        return ends_word(text, end).then_some((end, number.value));
    }
    let end = literal(text, end, "个").map_or(end, |end| skip_blanks(text, end));
    spaced(text, end, "百分点").map(|end| (end, number.value))
}

fn negative(folded: &Folded, at: usize) -> Option<(usize, super::number::Number)> {
    let start = literal(&folded.text, at, "负")?;
    number_at(folded, start).map(|(end, number)| (end, number.negated()))
}

/// `percent of twenty`.
fn number_last(folded: &Folded, at: usize) -> Option<(usize, f64)> {
    let text = &folded.text;
    if before(text, at).is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let (end, _) = one_of(text, at, &["percents of ", "percent of ", "per cent of "])?;
    number_at(folded, end).map(|(end, number)| (end, number.value))
}

/// 百分之二十, 千分之一, 百万分之五, with blanks anywhere.
fn chinese_fraction(folded: &Folded, at: usize) -> Option<(usize, f64)> {
    let text = &folded.text;
    if before(text, at)
        .is_some_and(|c| chinese_digit(c).is_some() || c == '十' || c.is_ascii_digit())
    {
        return None;
    }
    let mut base = 1.0;
    let mut next = at;
    while let Some((end, index)) =
        one_of(text, skip_blanks(text, next), &["百", "佰", "千", "仟", "万"])
    {
        base *= [1e2, 1e2, 1e3, 1e3, 1e4][index];
        next = end;
    }
    if base == 1.0 {
        return None;
    }
    let end = skip_blanks(text, spaced(text, skip_blanks(text, next), "分之")?);
    let (end, number) = number_at(folded, end)
        .map(|(end, number)| (end, number.value))
        .or_else(|| chinese_numeral(text, end))
        .or_else(|| literal(text, end, "百").map(|end| (end, 100.0)))?;
    Some((end, number * 100.0 / base))
}

/// 七成, 三成半, 八五折, 对折: tenths.
fn tenths(text: &str, at: usize) -> Option<(usize, f64)> {
    if let Some(end) = literal(text, at, "对折").filter(|_| text[..at].ends_with('打')) {
        return Some((end, 50.0));
    }
    let (end, tenths) = tenths_amount(text, at)?;
    let end = skip_blanks(text, end);
    let (end, unit) = one_of(text, end, &["成", "折"])?;
    if unit == 1 {
        return (tenths < 10.0).then_some((end, tenths * 10.0));
    }
    // 成 begins many words (成功, 成员): only these go with an amount.
    if one_of(text, end, &["功", "员", "为", "本", "立", "都", "长", "果", "品", "语"]).is_some()
    {
        return None;
    }
    if let Some(end) = literal(text, end, "半") {
        return Some((end, tenths * 10.0 + 5.0));
    }
    let next = skip_blanks(text, end);
    let extra = after(text, next).and_then(|c| Some((c, chinese_digit(c)?)));
    match extra {
        Some((c, digit)) if unit == 0 => {
            Some((next + c.len_utf8(), tenths * 10.0 + f64::from(digit)))
        }
        _ => Some((end, tenths * 10.0)),
    }
}

/// How many tenths: 七, 8.5, 六点五; 九九 and 75 in front of 折 are 9.9 and 7.5.
fn tenths_amount(text: &str, at: usize) -> Option<(usize, f64)> {
    if let Some(end) = literal(text, at, "半") {
        let five = skip_blanks(text, end);
        let discount = text[five..].starts_with('折');
        return Some((end, if discount { 5.0 } else { 0.5 }));
    }
    let first = after(text, at)?;
    if first.is_ascii_digit() || first == '.' {
        if before(text, at).is_some_and(|c| c.is_ascii_alphanumeric() || c == '.') {
            return None;
        }
        let (end, number) = decimal(text, at)?;
        let value = number.value;
        let next = skip_blanks(text, end);
        if let Some((more_end, more)) = decimal(text, next)
            && next > end
            && text[skip_blanks(text, more_end)..].starts_with('折')
        {
            return Some((more_end, value + more.value / 10.0));
        }
        let cut = text[next..].starts_with('折') && (10.0..100.0).contains(&value);
        return Some((end, if cut { value / 10.0 } else { value }));
    }
    let digit = chinese_digit(first);
    let next = skip_blanks(text, at + first.len_utf8());
    let second = after(text, next).and_then(|c| Some((c, chinese_digit(c)?)));
    if let (Some(digit), Some((c, second))) = (digit, second)
        && text[skip_blanks(text, next + c.len_utf8())..].starts_with('折')
    {
        return Some((next + c.len_utf8(), f64::from(digit) + f64::from(second) / 10.0));
    }
    chinese_numeral(text, at)
}

/// The end of a literal whose characters may stand apart.
fn spaced(text: &str, at: usize, literal: &str) -> Option<usize> {
    let mut end = at;
    for c in literal.chars() {
        end = skip_blanks(text, end);
        let found = after(text, end)?;
        if found != c && !(c == '百' && found == '佰') {
            return None;
        }
        end += found.len_utf8();
    }
    Some(end)
}

/// A bare number given where a percentage is wanted: `20` is 20%.
pub(super) fn bare(folded: &Folded) -> Option<Value> {
    let (end, number) = number_at(folded, 0)?;
    (end == folded.text.len()).then(|| canonical(number.value))
}

#[cfg(test)]
mod tests {
    use crate::catalog::ParameterType::Percent;
    use crate::nlu::values::tests::{check, check_worth};

    #[test]
    fn finds_percentages() {
        check(Percent, "canary at 20% please", &[("20%", "20%")]);
        check(Percent, "five per cent", &[("five per cent", "5%")]);
        check(Percent, "灰度百分之二十", &[("百分之二十", "20%")]);
        check(Percent, "千分之一", &[("千分之一", "0.1%")]);
        check(Percent, "涨了六个百分点", &[("六个百分点", "6%")]);
        check(Percent, "七成流量，打八五折", &[("七成", "70%"), ("八五折", "85%")]);
        check(Percent, "成功了, a small percent", &[]);
    }

    #[test]
    fn a_bare_number_will_do_as_an_answer() {
        check_worth(Percent, "20", "20%");
        check_worth(Percent, "about 20%", "20%");
        check_worth(Percent, "lots", "! wrong_type");
    }
}
