//! The pieces that Chinese times are made of.

use jiff::civil::Weekday;

use crate::nlu::values::datetime::clock::Part;
use crate::nlu::values::number::{chinese_digit, chinese_numeral, digits};
use crate::nlu::values::text::{after, before, literal, one_of, skip_blanks};

/// A small whole number in digits (four at most) or Chinese numerals.
pub(super) fn number(text: &str, at: usize) -> Option<(usize, i64)> {
    if let Some(end) = digits(text, at) {
        let glued = before(text, at)
            .is_some_and(|c| c.is_ascii_digit() || c == '.' || c.is_ascii_alphabetic());
        return (end - at <= 4 && !glued)
            .then(|| Some((end, text[at..end].parse().ok()?)))
            .flatten();
    }
    let (end, value) = small_numeral(text, at)?;
    Some((end, value))
}

/// A numeral up to 99, read digit by digit so that 三点二 is no decimal: 十五, 二十, 三.
fn small_numeral(text: &str, at: usize) -> Option<(usize, i64)> {
    let digit = |at: usize| {
        after(text, at).and_then(|c| Some((at + c.len_utf8(), i64::from(chinese_digit(c)?))))
    };
    let ten = |at: usize| one_of(text, at, &["十", "拾"]).map(|(end, _)| end);
    let twenty = literal(text, at, "廿").map(|end| (end, 2));
    let (end, tens) = match (twenty, ten(at), digit(at)) {
        (Some(found), _, _) => found,
        (_, Some(end), _) => (end, 1),
        (_, _, Some((end, d))) => match ten(end) {
            Some(end) => (end, d),
            // 零五 is five, 三五 no number.
            None if d == 0 => return digit(end).or(Some((end, 0))),
            None => return digit(end).is_none().then_some((end, d)),
        },
        _ => return None,
    };
    match digit(end) {
        Some((end, d)) => Some((end, tens * 10 + d)),
        None => Some((end, tens * 10)),
    }
}

/// Any whole number, for counting.
pub(super) fn count(text: &str, at: usize) -> Option<(usize, i64)> {
    number(text, at).or_else(|| {
        chinese_numeral(text, at)
            .filter(|(_, v)| v.fract() == 0.0 && *v < 10_000.0)
            .map(|(end, v)| (end, v as i64))
    })
}

/// Blanks, and one of the given words among them.
pub(super) fn skip(text: &str, at: usize, words: &[&str]) -> usize {
    let next = skip_blanks(text, at);
    one_of(text, next, words).map_or(next, |(end, _)| skip_blanks(text, end))
}

/// The year in front of 年: 2016, 二零一六, and where `short` also 16, 零八.
pub(super) fn year(text: &str, at: usize, short: bool) -> Option<(usize, i16)> {
    let (end, figures) = figures(text, at)?;
    let end = literal(text, skip_blanks(text, end), "年")?;
    let told = figures.len() == 4 || (figures.len() == 2 && (short || figures.starts_with('0')));
    let year = crate::nlu::values::datetime::day::full_year(&figures)?;
    told.then_some((end, year))
}

/// A run of two or four figures, in ASCII.
fn figures(text: &str, at: usize) -> Option<(usize, String)> {
    if before(text, at).is_some_and(|c| c.is_ascii_digit() || chinese_digit(c).is_some()) {
        return None;
    }
    if let Some(end) = digits(text, at) {
        return Some((end, text[at..end].to_owned()));
    }
    let mut end = at;
    let mut figures = String::new();
    while let Some(c) = after(text, end) {
        let Some(digit) = chinese_digit(c).filter(|_| !matches!(c, '两' | '俩')) else { break };
        figures.push(char::from(b'0' + digit));
        end += c.len_utf8();
    }
    (figures.len() == 2 || figures.len() == 4).then_some((end, figures))
}

/// A weekday behind 周, 星期 or 礼拜; the end is behind its number.
pub(super) fn weekday(text: &str, at: usize) -> Option<(usize, Weekday)> {
    let (end, _) = one_of(text, at, &["周", "星期", "礼拜"])?;
    let c = after(text, end)?;
    let index = "一二三四五六日".chars().position(|w| w == c).or((c == '天').then_some(6))?;
    let next = end + c.len_utf8();
    // 周日志 is a log of the week, 一周三次 three times a week.
    let other = one_of(text, next, &["志", "次", "报", "常"]).is_some()
        || (before(text, at).is_some_and(|c| c == '一' || c.is_ascii_digit())
            && text[at..].starts_with('周'));
    let weekday = Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()?;
    (!other).then_some((next, weekday))
}

/// The name of a part of the day.
pub(super) fn part(text: &str, at: usize) -> Option<(usize, Part)> {
    const NAMES: [(&str, Part); 27] = [
        ("凌晨", Part::Dawn),
        ("清晨", Part::Morning),
        ("早晨", Part::Morning),
        ("早上", Part::Morning),
        ("早间", Part::Morning),
        ("上午", Part::Morning),
        ("早", Part::Morning),
        ("晨", Part::Morning),
        ("午前", Part::Morning),
        ("中午", Part::Noon),
        ("正午", Part::Noon),
        ("午间", Part::Noon),
        ("下午", Part::Afternoon),
        ("午后", Part::Afternoon),
        ("傍晚", Part::Evening),
        ("黄昏", Part::Evening),
        ("晚上", Part::Evening),
        ("晚间", Part::Evening),
        ("夜晚", Part::Evening),
        ("夜里", Part::Night),
        ("夜间", Part::Night),
        ("深夜", Part::Night),
        ("半夜", Part::Night),
        ("晚", Part::Evening),
        ("夜", Part::Night),
        ("入夜", Part::Night),
        ("白天", Part::Day),
    ];
    let names: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
    one_of(text, at, &names).map(|(end, index)| (end, NAMES[index].1))
}
