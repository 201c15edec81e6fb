//! Durations in Chinese: 40分钟, 一个半小时, 两天半, 三刻钟, 8天又二十个小时.

use super::{Duration, DurationUnit, chain};
use crate::nlu::values::number::{chinese_numeral, decimal};
use crate::nlu::values::text::{after, before, literal, one_of, skip_blanks};

type Part = (usize, Vec<(f64, DurationUnit)>);

pub(super) fn duration(text: &str, at: usize) -> Option<(usize, Duration)> {
    if before(text, at)
        .is_some_and(|c| matches!(c, '第' | '.' | '前' | '上' | '下') || c.is_ascii_digit())
        && after(text, at)? != '半'
        && !before(text, at).is_some_and(|c| matches!(c, '前' | '上' | '下'))
    {
        return None;
    }
    chain(part(text, at, false)?, |end, _| part(text, link(text, end), true))
}

/// Steps over what stands between two parts: 又, 零, 多, 余, blanks.
fn link(text: &str, at: usize) -> usize {
    let next = skip_blanks(text, at);
    one_of(text, next, &["又", "零", "多", "余", "和", "加"])
        .map_or(next, |(end, _)| skip_blanks(text, end))
}

/// An amount with its unit. `follows`: a part stands before, so that 时 and 分 mean durations.
fn part(text: &str, at: usize, follows: bool) -> Option<Part> {
    if let Some(end) = literal(text, at, "半") {
        let end = literal(text, end, "个").unwrap_or(end);
        let (end, unit) = unit(text, end, false)?;
        return Some((end, vec![(0.5, unit)]));
    }
    let (end, amount, long) = amount(text, at)?;
    let mut end = skip_blanks(text, end);
    let mut extra = 0.0;
    let measured = literal(text, end, "个");
    if let Some(to) = measured {
        end = skip_blanks(text, to);
        if let Some(to) = literal(text, end, "半") {
            extra = 0.5;
            end = to;
        }
    }
    if let Some(to) = one_of(text, end, &["刻钟", "刻"]).filter(|(to, i)| {
        // 九点一刻 is a time: a quarter alone needs its 钟.
        *i == 0 || (follows && *to > end)
    }) {
        return (amount <= 3.0).then(|| (to.0, vec![(amount * 15.0, DurationUnit::Minute)]));
    }
    let (mut to, unit) = unit(text, end, follows)?;
    if unit == DurationUnit::Month && measured.is_none() {
        return None;
    }
    if unit == DurationUnit::Year && long {
        return None;
    }
    if extra == 0.0
        && let Some(half) = literal(text, to, "半")
        && !text[half..].starts_with(['夜', '天'])
    {
        extra = 0.5;
        to = half;
    }
    Some((to, vec![(amount + extra, unit)]))
}

/// The amount; the flag says that it reads like a calendar year (2024, 二零二四).
fn amount(text: &str, at: usize) -> Option<(usize, f64, bool)> {
    if let Some((end, value)) = chinese_numeral(text, at) {
        return Some((end, value, value >= 1000.0));
    }
    if before(text, at)
        .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '_'))
    {
        return None;
    }
    let (end, number) = decimal(text, at)?;
    Some((end, number.value, number.value >= 1000.0))
}

fn unit(text: &str, at: usize, follows: bool) -> Option<(usize, DurationUnit)> {
    use DurationUnit as U;
    const UNITS: [(&str, U); 19] = [
        ("毫秒", U::Millisecond),
        ("秒钟", U::Second),
        ("秒", U::Second),
        ("分钟", U::Minute),
        ("小时", U::Hour),
        ("钟头", U::Hour),
        ("天", U::Day),
        ("昼夜", U::Day),
        ("工作日", U::BusinessDay),
        ("周", U::Week),
        ("星期", U::Week),
        ("礼拜", U::Week),
        ("月", U::Month),
        ("年", U::Year),
        ("周年", U::Year),
        ("年度", U::Year),
        // Only behind another part: alone, 20时 and 30分 are clock times, 5日 a date.
        ("时", U::Hour),
        ("分", U::Minute),
        ("日", U::Day),
    ];
    let known = if follows { UNITS.len() } else { UNITS.len() - 3 };
    let (word, unit) = UNITS[..known]
        .iter()
        .filter(|(word, _)| text[at..].starts_with(word))
        .max_by_key(|(word, _)| word.len())?;
    let end = at + word.len();
    // 周一, 星期三 and 年底 are dates; 分之 a fraction.
    let weekday =
        *unit == U::Week && after(text, end).is_some_and(|c| "一二三四五六日末".contains(c));
    let date = matches!(*word, "年")
        && after(text, end).is_some_and(|c| matches!(c, '底' | '初' | '末' | '级'));
    (!weekday && !date && !text[end..].starts_with('之')).then_some((end, *unit))
}
