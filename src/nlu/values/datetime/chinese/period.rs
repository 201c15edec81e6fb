//! Stretches of days in Chinese: 今年, 上个月, 下周末, 第一季度, 上半年, 过去三天, 2018年10月.

use jiff::civil::{Date, DateTime};

use super::day::{month, shift, year_in_front};
use super::words::{count, number, skip};
use crate::nlu::values::datetime::calendar::{
    month_in, nth_week, open_month, quarter_from, weekend, whole_month, whole_week, whole_year,
};
use crate::nlu::values::datetime::day::{add_days, add_months, first_of, monday};
use crate::nlu::values::datetime::item::{
    Extent, Grain, Item, clock_stretch, counts_days, midnight, shifted,
};
use crate::nlu::values::duration::{self, Duration, DurationUnit};
use crate::nlu::values::text::{Folded, before, literal, one_of, skip_blanks};

/// The longest stretch of days that starts at `at`.
pub(super) fn period(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    let days = [
        whole(text, at, now),
        relative(text, at, now),
        quarter(text, at, now),
        half(text, at, now),
        week_of_month(text, at, now),
        season(text, at, now),
        decade(text, at),
    ];
    days.into_iter()
        .flatten()
        .map(|(end, extent)| (end, Item::Days(extent)))
        .chain(counted(folded, at, now))
        .max_by_key(|(end, _)| *end)
}

/// A year or a month: 2018年, 明年, 2018年10月, 三月, 去年五月.
pub(super) fn whole(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    if let Some((end, year)) = year_in_front(text, at, now) {
        let next = skip(text, end, &["的", ",", "，"]);
        if let Some((end, month)) = month(text, next) {
            return month_in(year, month).map(|e| (end, e));
        }
        let told = super::words::year(text, at, false).is_some()
            || !text[at..].starts_with(|c: char| {
                c.is_ascii_digit() || crate::nlu::values::number::chinese_digit(c).is_some()
            });
        let end = literal(text, end, "度").filter(|e| !text[*e..].starts_with('假')).unwrap_or(end);
        // 今年18周岁: so far.
        return told.then(|| whole_year(i64::from(year)).map(|e| (end, e))).flatten();
    }
    let (end, month) = month(text, at)?;
    // 3个月 is a length; 三月里 goes on.
    open_month(month, now).map(|e| (end, e))
}

/// 这周, 上个月, 下周末, 本年.
fn relative(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    let today = now.date();
    if let Some((end, _)) = one_of(text, at, &["周末"]) {
        return weekend(today, 0).map(|e| (end, e));
    }
    let (from, shift) = shift(text, at)?;
    let (end, unit) = one_of(text, from, &["周末", "星期", "礼拜", "周", "月", "年度"])?;
    let extent = match unit {
        0 => weekend(today, shift)?,
        1..=3 => whole_week(today, shift)?,
        4 => {
            let end = literal(text, end, "份").unwrap_or(end);
            return whole_month(today, shift).map(|e| (end, e));
        }
        _ => whole_year(i64::from(today.year()) + shift)?,
    };
    Some((end, extent))
}

/// 第一季度, 2018年三季度, 上季度, Q1.
fn quarter(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    let today = now.date();
    let quarter_of = |year: i16, n: i8| quarter_from(first_of(year, 3 * n - 2)?);
    if let Some((from, shift)) = shift(text, at)
        && let Some((end, _)) = one_of(text, from, &["季度", "季"])
    {
        let start =
            add_months(first_of(today.year(), (today.month() - 1) / 3 * 3 + 1)?, 3 * shift)?;
        return quarter_of(start.year(), (start.month() - 1) / 3 + 1).map(|e| (end, e));
    }
    let (from, year) = year_in_front(text, at, now)
        .map_or((at, None), |(end, y)| (skip(text, end, &["的"]), Some(y)));
    if let Some((end, n)) = one_of(text, from, &["q1", "q2", "q3", "q4"]) {
        return quarter_of(year.unwrap_or(today.year()), n as i8 + 1).map(|e| (end, e));
    }
    let (end, n) = number(text, literal(text, from, "第").unwrap_or(from))?;
    let (end, _) = one_of(text, skip(text, end, &["个"]), &["季度"])?;
    let n = i8::try_from(n).ok().filter(|n| (1..=4).contains(n))?;
    quarter_of(year.unwrap_or(today.year()), n).map(|e| (end, e))
}

/// 上半年, 去年下半年, 上半月, 下半周.
fn half(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    let today = now.date();
    let (from, year) = year_in_front(text, at, now)
        .map_or((at, None), |(end, y)| (skip(text, end, &["的"]), Some(y)));
    let (end, index) = one_of(
        text,
        from,
        &[
            "上半年",
            "前半年",
            "上个半年",
            "下半年",
            "后半年",
            "下个半年",
            "上半月",
            "下半月",
            "上半周",
            "下半周",
        ],
    )?;
    let span = |start: Date, end: Date, length: &str| {
        Extent::days(format!("({start},{end},{length})"), vec![(start, end)], Grain::Month)
    };
    let extent = match index {
        0..=5 => {
            let start = first_of(year.unwrap_or(today.year()), if index < 3 { 1 } else { 7 })?;
            span(start, add_months(start, 6)?, "P6M")
        }
        6 | 7 => {
            let first = first_of(today.year(), today.month())?;
            let middle = add_days(first, 15)?;
            let (start, end) =
                if index == 6 { (first, middle) } else { (middle, add_months(first, 1)?) };
            span(
                start,
                end,
                &format!("P{}D", midnight(end).duration_since(midnight(start)).as_hours() / 24),
            )
        }
        _ => {
            let first = monday(today)?;
            let middle = add_days(first, 3)?;
            let (start, end) =
                if index == 8 { (first, middle) } else { (middle, add_days(first, 7)?) };
            span(start, end, if index == 8 { "P3D" } else { "P4D" })
        }
    };
    Some((end, extent))
}

/// 十月的第一周, 2018年第三周.
fn week_of_month(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    let (end, months) = whole(text, at, now)?;
    let from = skip(text, end, &["的"]);
    let (end, nth) = match literal(text, from, "最后一周") {
        Some(end) => (end, 5),
        None => {
            let (end, n) = number(text, literal(text, from, "第")?)?;
            (one_of(text, end, &["周", "个星期", "个礼拜"])?.0, n)
        }
    };
    if months.grain != Grain::Month || !(1..=5).contains(&nth) {
        return None;
    }
    let weeks: Vec<(Date, Date)> =
        months.readings.iter().filter_map(|r| nth_week(r.start?.date(), nth)).collect();
    Some((end, Extent::days(format!("{}-W{nth:02}", months.timex), weeks, Grain::Week)))
}

/// 今年夏天, 冬季: no dates, since nobody agrees on them.
fn season(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    let (from, year) = year_in_front(text, at, now)
        .map_or((at, None), |(end, y)| (skip(text, end, &["的"]), Some(y)));
    let (end, season) = one_of(text, from, &["春", "夏", "秋", "冬"])?;
    let (end, _) = one_of(text, end, &["天", "季"])?;
    let letters = ["SP", "SU", "FA", "WI"][season];
    let timex = year.map_or(letters.to_owned(), |y| format!("{y:04}-{letters}"));
    Some((end, Extent { readings: Vec::new(), modifier: None, timex, grain: Grain::Month }))
}

/// 90年代, 二十世纪七十年代.
fn decade(text: &str, at: usize) -> Option<(usize, Extent)> {
    let (from, century) = match number(text, at) {
        Some((end, n)) => match literal(text, end, "世纪") {
            Some(end) => (end, Some(n)),
            None => (at, None),
        },
        None => (at, None),
    };
    let (end, n) = count(text, from)?;
    let end = literal(text, end, "年代")?;
    let year = match (century, n) {
        (Some(century), 0..=90) => (century - 1) * 100 + n,
        (None, 1000..=2990) => n,
        (None, 10..=90) => {
            let options: Vec<(Date, Date)> = [1900, 2000]
                .into_iter()
                .filter_map(|c| {
                    let start = i16::try_from(c + n).ok()?;
                    Some((first_of(start, 1)?, first_of(start + 10, 1)?))
                })
                .collect();
            let (from, to) = (n % 100, (n + 10) % 100);
            return Some((
                end,
                Extent::days(
                    format!("(XX{from:02}-01-01,XX{to:02}-01-01,P10Y)"),
                    options,
                    Grain::Year,
                ),
            ));
        }
        _ => return None,
    };
    let (start, to) =
        (first_of(i16::try_from(year).ok()?, 1)?, first_of(i16::try_from(year + 10).ok()?, 1)?);
    Some((end, Extent::days(format!("({start},{to},P10Y)"), vec![(start, to)], Grain::Year)))
}

/// 过去三天, 未来两周, 前1周, 之后5分钟, 上个小时, 最近30天.
fn counted(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    const LEADS: [(&str, i64); 27] = [
        ("过去的", -1),
        ("过去", -1),
        ("最近的", -1),
        ("最近", -1),
        ("近", -1),
        ("前面", -1),
        ("前", -1),
        ("之前的", -1),
        ("之前", -1),
        ("以前", -1),
        ("上个", -1),
        ("上一个", -1),
        ("上一", -1),
        ("往前", -1),
        ("这", -1),
        ("未来的", 1),
        ("未来", 1),
        ("接下来的", 1),
        ("接下来", 1),
        ("今后", 1),
        ("后面", 1),
        ("后", 1),
        ("之后的", 1),
        ("之后", 1),
        ("以后", 1),
        ("下个", 1),
        ("下一个", 1),
    ];
    if before(text, at).is_some_and(|c| matches!(c, '以' | '之' | '大')) {
        return None;
    }
    let names: Vec<&str> = LEADS.iter().map(|(n, _)| *n).collect();
    let (end, index) = one_of(text, at, &names)?;
    let (lead, sign) = LEADS[index];
    let from = skip_blanks(text, end);
    let single = lead.ends_with(['个', '一']);
    let (end, duration) = if single || lead == "这" {
        let (end, unit) = one_of(text, from, &["小时", "钟头", "分钟"]).filter(|_| lead != "这")?;
        (
            end,
            Duration::new(vec![(
                1.0,
                if unit < 2 { DurationUnit::Hour } else { DurationUnit::Minute },
            )])?,
        )
    } else {
        duration::at(folded, from)?
    };
    let end = one_of(text, end, &["之内", "以内", "内"]).map_or(end, |(end, _)| end);
    stretch(now, &duration, sign).map(|item| (end, item))
}

/// The stretch of a duration before now, or from tomorrow (from now) on.
fn stretch(now: DateTime, duration: &Duration, sign: i64) -> Option<Item> {
    let length = duration.timex();
    if !counts_days(duration) {
        return clock_stretch(now, duration, sign);
    }
    let today = now.date();
    let (start, end) = if sign > 0 {
        let first = add_days(today, 1)?;
        (first, shifted(midnight(first), duration, 1)?.date())
    } else {
        (shifted(midnight(today), duration, -1)?.date(), today)
    };
    Some(Item::Days(Extent::days(
        format!("({start},{end},{length})"),
        vec![(start, end)],
        Grain::Day,
    )))
}

/// A year for the end of a range, where 年 may be said only once: 1995-1997年.
pub(super) fn bare_year(text: &str, at: usize) -> Option<(usize, Extent)> {
    let end = crate::nlu::values::number::digits(text, at).filter(|end| end - at == 4)?;
    let value: i64 = text[at..end].parse().ok().filter(|y| (1900..2100).contains(y))?;
    let free = !before(text, at).is_some_and(|c| c.is_ascii_digit() || matches!(c, '-' | '.'));
    free.then(|| whole_year(value).map(|e| (end, e))).flatten()
}
