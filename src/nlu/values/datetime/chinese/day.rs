//! Days in Chinese: 明天, 下周一, 3月5日, 二零零四年八月十五, 本月十日, 29日.

use jiff::civil::{DateTime, Weekday};

use super::words::{number, skip, weekday, year};
use crate::nlu::values::datetime::day::{
    Day, Feast, add_days, add_months, first_of, nth_weekday, weekday_of_week,
};
use crate::nlu::values::datetime::english;
use crate::nlu::values::text::{after, before, literal, one_of, skip_blanks};

/// The longest day that starts at `at`.
pub(super) fn day(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    [
        named(text, at, now),
        week_day(text, at, now),
        calendar_date(text, at, now),
        edge(text, at, now),
        nth_of_month(text, at, now),
        bare_day(text, at),
        feast(text, at, now),
        english::day(text, at, now),
    ]
    .into_iter()
    .flatten()
    .max_by_key(|(end, _)| *end)
}

/// 今天, 明日, 大后天.
pub(super) fn named(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    const NAMES: [(&str, i64); 22] = [
        ("今天", 0),
        ("今日", 0),
        ("今儿", 0),
        ("本日", 0),
        ("当天", 0),
        ("当日", 0),
        ("最近", 0),
        ("明天", 1),
        ("明日", 1),
        ("明儿", 1),
        ("次日", 1),
        ("第二天", 1),
        ("隔天", 1),
        ("昨天", -1),
        ("昨日", -1),
        ("昨儿", -1),
        ("后天", 2),
        ("大后天", 3),
        ("前天", -2),
        ("前日", -2),
        ("大前天", -3),
        ("后日", 2),
    ];
    let names: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
    let (end, index) = one_of(text, at, &names)?;
    // Titles and brands hold the words without the meaning; 最近三天 is a stretch.
    let other = one_of(text, end, &["头条", "之后》", "之星", "方舟"]).is_some()
        || (names[index] == "最近" && number(text, skip_blanks(text, end)).is_some())
        || (names[index] == "最近" && one_of(text, end, &["的", "一", "几", "半", "两"]).is_some());
    if other {
        return None;
    }
    add_days(now.date(), NAMES[index].1).map(|d| (end, Day::Exact(d)))
}

/// How many weeks or months from this one: 上, 下, 这, 本, 下下, 上上个.
pub(super) fn shift(text: &str, at: usize) -> Option<(usize, i64)> {
    const NAMES: [(&str, i64); 14] = [
        ("上上", -2),
        ("下下", 2),
        ("上", -1),
        ("下", 1),
        ("这", 0),
        ("本", 0),
        ("当", 0),
        ("前一", -1),
        ("后一", 1),
        ("今", 0),
        ("上一", -1),
        ("下一", 1),
        ("这一", 0),
        ("同一", 0),
    ];
    let names: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
    let (end, index) = one_of(text, at, &names)?;
    Some((literal(text, end, "个").unwrap_or(end), NAMES[index].1))
}

/// 周三, 下周一, 上上个星期五, and a weekday behind its date.
fn week_day(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    if let Some((end, shift)) = shift(text, at)
        && let Some((end, weekday)) = weekday(text, end)
    {
        return weekday_of_week(now.date(), shift, weekday).map(|d| (end, Day::Exact(d)));
    }
    let glued = before(text, at).is_some_and(|c| matches!(c, '每' | '个' | '上' | '下' | '本'));
    let (end, weekday) = weekday(text, at).filter(|_| !glued)?;
    Some((end, Day::Weekday(weekday)))
}

/// 3月5日, 2025年3月5日, 本月十日, 农历十月初一, 2010/01/29.
pub(super) fn calendar_date(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    let from = skip(text, at, &["农历", "阴历", "公历", "阳历"]);
    let (end, day) = written(text, from, now)
        .or_else(|| english::calendar_date(text, from).filter(|_| from == at))?;
    // 10月12号, 星期一
    let next = skip(text, end, &[",", "，", "(", "（"]);
    if let Some((week_end, _)) = weekday(text, next) {
        return Some((
            one_of(text, week_end, &[")", "）"])
                .filter(|_| text[end..next].contains(['(', '（']))
                .map_or(week_end, |(e, _)| e),
            day,
        ));
    }
    Some((end, day))
}

fn written(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    let today = now.date();
    let (from, known_year) = year_in_front(text, at, now)
        .map_or((at, None), |(end, y)| (skip(text, end, &["的", ",", "，"]), Some(y)));
    if let Some((end, shift)) = shift(text, from).filter(|_| known_year.is_none())
        && let Some(end) = literal(text, skip_blanks(text, end), "月")
    {
        let month = add_months(first_of(today.year(), today.month())?, shift)?;
        let (end, day) = day_of_month(text, skip(text, end, &["的"]), true)?;
        return Day::of(Some(month.year()), month.month(), day).map(|d| (end, d));
    }
    let (end, month) = month(text, from)?;
    let (end, day) = day_of_month(text, skip(text, end, &["的"]), false)?;
    Day::of(known_year, month, day).map(|d| (end, d))
}

/// 2025年, 今年, 明年, 去年 in front of a month.
pub(super) fn year_in_front(text: &str, at: usize, now: DateTime) -> Option<(usize, i16)> {
    const NAMES: [(&str, i16); 9] = [
        ("今年", 0),
        ("本年", 0),
        ("明年", 1),
        ("去年", -1),
        ("前年", -2),
        ("后年", 2),
        ("大前年", -3),
        ("大后年", 3),
        ("来年", 1),
    ];
    let names: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
    if let Some((end, index)) = one_of(text, at, &names) {
        return Some((end, now.date().year() + NAMES[index].1));
    }
    year(text, at, true)
}

/// 三月, 12月, 正月, 腊月.
pub(super) fn month(text: &str, at: usize) -> Option<(usize, i8)> {
    if let Some((end, index)) = one_of(text, at, &["正月", "腊月", "冬月"]) {
        return Some((end, [1, 12, 11][index]));
    }
    if before(text, at).is_some_and(|c| c.is_ascii_digit() || matches!(c, '十' | '.' | '第')) {
        return None;
    }
    let (end, n) = number(text, at)?;
    let end = literal(text, skip_blanks(text, end), "月")?;
    let end = literal(text, end, "份").unwrap_or(end);
    i8::try_from(n).ok().filter(|m| (1..=12).contains(m)).map(|m| (end, m))
}

/// The day behind a month: 5日, 十五号, 初一, 三十. `marked`: only with 日 or 号.
fn day_of_month(text: &str, at: usize, marked: bool) -> Option<(usize, i8)> {
    let (end, n) = match literal(text, at, "初") {
        Some(end) => number(text, end)?,
        None => number(text, at)?,
    };
    let day = i8::try_from(n).ok().filter(|d| (1..=31).contains(d))?;
    let mark = one_of(text, skip_blanks(text, end), &["日", "号"]).map(|(end, _)| end);
    if let Some(end) = mark {
        return Some((end, day));
    }
    // 3月5 goes on as something else more often than not; numerals don't.
    let numeral = !text[at..].starts_with(|c: char| c.is_ascii_digit());
    let goes_on = one_of(
        text,
        end,
        &["个", "点", "时", "次", "台", "天", "年", "月", "-", "万", "千", "百", "周", "星"],
    )
    .is_some();
    (!marked && numeral && !goes_on).then_some((end, day))
}

/// 29日; 12号 only where a time or the end of a range follows, since hosts and rooms have numbers too.
fn bare_day(text: &str, at: usize) -> Option<(usize, Day)> {
    if before(text, at)
        .is_some_and(|c| c.is_ascii_digit() || matches!(c, '第' | '月' | '十' | '周' | '.' | '-'))
    {
        return None;
    }
    let (end, n) = number(text, at)?;
    let day = i8::try_from(n).ok().filter(|d| (1..=31).contains(d))?;
    let end = literal(text, skip_blanks(text, end), "日")?;
    let other = one_of(text, end, &["常", "志", "元", "本", "均", "活"]).is_some();
    (!other).then_some((end, Day::Monthly(day)))
}

/// 12号, where only a date can stand.
pub(in crate::nlu::values::datetime) fn numbered_day(
    text: &str,
    at: usize,
) -> Option<(usize, Day)> {
    let (end, n) = number(text, at)?;
    let day = i8::try_from(n).ok().filter(|d| (1..=31).contains(d))?;
    let (end, _) = one_of(text, skip_blanks(text, end), &["日", "号"])?;
    Some((end, Day::Monthly(day)))
}

/// 月底, 季度初, 年末: the first and the last day of what runs.
fn edge(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    let (from, shift) = shift(text, at).unwrap_or((at, 0));
    if from == at
        && before(text, at)
            .is_some_and(|c| c.is_ascii_digit() || "一二三四五六七八九十个".contains(c))
    {
        return None;
    }
    let (end, index) =
        one_of(text, from, &["月底", "月末", "月初", "季度末", "季末", "季度初", "季初"])?;
    let today = now.date();
    let month = first_of(today.year(), today.month())?;
    let quarter = first_of(today.year(), (today.month() - 1) / 3 * 3 + 1)?;
    let date = match index {
        0 | 1 => add_days(add_months(month, shift + 1)?, -1)?,
        2 => add_months(month, shift)?,
        3 | 4 => add_days(add_months(quarter, 3 * (shift + 1))?, -1)?,
        _ => add_months(quarter, 3 * shift)?,
    };
    Some((end, Day::Exact(date)))
}

/// 四月的最后一个星期一, 下个月第一个周五.
fn nth_of_month(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    let today = now.date();
    let (end, open, date) = if let Some((end, shift)) = shift(text, at)
        && let Some(end) = literal(text, end, "月")
    {
        (end, false, add_months(first_of(today.year(), today.month())?, shift)?)
    } else {
        let (end, month) = month(text, at)?;
        (end, true, first_of(today.year(), month)?)
    };
    let from = skip(text, end, &["的", "份的"]);
    let (end, nth) = match one_of(text, from, &["最后一个", "最后1个"]) {
        Some((end, _)) => (end, 5),
        None => {
            let (end, n) = number(text, literal(text, from, "第")?)?;
            (
                literal(text, end, "个").unwrap_or(end),
                i8::try_from(n).ok().filter(|n| (1..=5).contains(n))?,
            )
        }
    };
    let (end, weekday) = weekday(text, end)?;
    if open {
        return Some((end, Day::NthWeekday { month: date.month(), nth, weekday }));
    }
    nth_weekday(date.year(), date.month(), nth, weekday).map(|d| (end, Day::Exact(d)))
}

/// Feasts that people plan around; those of the lunar calendar are left out.
fn feast(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    const FEASTS: [(&str, Feast); 25] = [
        ("元旦节", Feast::Fixed(1, 1)),
        ("元旦", Feast::Fixed(1, 1)),
        ("新年", Feast::Fixed(1, 1)),
        ("情人节", Feast::Fixed(2, 14)),
        ("妇女节", Feast::Fixed(3, 8)),
        ("植树节", Feast::Fixed(3, 12)),
        ("愚人节", Feast::Fixed(4, 1)),
        ("劳动节", Feast::Fixed(5, 1)),
        ("五一", Feast::Fixed(5, 1)),
        ("青年节", Feast::Fixed(5, 4)),
        ("儿童节", Feast::Fixed(6, 1)),
        ("六一", Feast::Fixed(6, 1)),
        ("建党节", Feast::Fixed(7, 1)),
        ("建军节", Feast::Fixed(8, 1)),
        ("教师节", Feast::Fixed(9, 10)),
        ("国庆节", Feast::Fixed(10, 1)),
        ("国庆", Feast::Fixed(10, 1)),
        ("万圣节", Feast::Fixed(10, 31)),
        ("双十一", Feast::Fixed(11, 11)),
        ("光棍节", Feast::Fixed(11, 11)),
        ("平安夜", Feast::Fixed(12, 24)),
        ("圣诞节", Feast::Fixed(12, 25)),
        ("母亲节", Feast::Nth(5, 2, Weekday::Sunday)),
        ("父亲节", Feast::Nth(6, 3, Weekday::Sunday)),
        ("感恩节", Feast::Nth(11, 4, Weekday::Thursday)),
    ];
    let names: Vec<&str> = FEASTS.iter().map(|(n, _)| *n).collect();
    let (from, year) = year_in_front(text, at, now)
        .map_or((at, None), |(end, y)| (skip(text, end, &["的"]), Some(y)));
    let (end, index) = one_of(text, from, &names)?;
    let digits_around = matches!(names[index], "五一" | "六一")
        && after(text, end).is_some_and(|c| crate::nlu::values::number::chinese_digit(c).is_some());
    if digits_around {
        return None;
    }
    let day = Day::Feast(FEASTS[index].1);
    match year {
        Some(year) => day.in_year(year).map(|d| (end, d)),
        None => Some((end, day)),
    }
}
