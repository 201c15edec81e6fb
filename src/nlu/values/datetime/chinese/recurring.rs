//! Rhythms in Chinese: 每天凌晨三点, 每周一下午八点, 工作日早上九点, 每隔两小时, 每月1号.

use jiff::civil::{DateTime, Weekday};

use super::clock::clock;
use super::words::{count, number, part, skip, weekday};
use crate::nlu::values::datetime::clock::Clock;
use crate::nlu::values::datetime::item::Item;
use crate::nlu::values::datetime::recurrence::{Every, Recurrence};
use crate::nlu::values::duration::{self, Duration, DurationUnit};
use crate::nlu::values::text::{Folded, literal, one_of, skip_blanks};

/// A rhythm with the time behind it.
pub(super) fn recurring(folded: &Folded, at: usize, _now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    let (end, every) = every(folded, at)?;
    let (end, clock) =
        time_behind(text, end).map_or((end, None), |(end, clock)| (end, Some(clock)));
    Some((end, Item::Recurring(Recurrence { every, clock })))
}

fn time_behind(text: &str, at: usize) -> Option<(usize, Clock)> {
    clock(text, skip(text, at, &["的", "在", ",", "，"]))
}

fn every(folded: &Folded, at: usize) -> Option<(usize, Every)> {
    let text = &folded.text;
    if let Some((end, _)) = one_of(text, at, &["工作日", "每个工作日", "每工作日"]) {
        let announced = !text[at..].starts_with('工') || time_behind(text, end).is_some();
        return announced.then_some((end, Every::Workdays));
    }
    if let Some((end, _)) = one_of(text, at, &["每个周末", "每周末", "每逢周末"]) {
        return Some((end, Every::Weekends));
    }
    // The part of the day behind 每 belongs to the time: 每晚十点.
    if let Some(end) = literal(text, at, "每")
        && let Some((part_end, _)) = part(text, end)
    {
        let every = Duration::new(vec![(1.0, DurationUnit::Day)]).map(Every::Interval)?;
        let timed = clock(text, end).is_some();
        return Some((if timed { end } else { part_end }, every));
    }
    let (from, _) = one_of(text, at, &["每隔", "每逢", "每个", "每一个", "每", "逢"])?;
    if let Some((end, days)) = week_days(text, from) {
        return Some((end, Every::Days(days)));
    }
    if let Some((end, _)) = one_of(text, from, &["个月的", "个月", "月的", "月份", "月"])
        && let Some((end, days)) = month_days(text, end)
    {
        return Some((end, Every::MonthDays(days)));
    }
    if let Some((end, _)) = one_of(text, from, &["年的", "年"])
        && let Some((end, month, day)) = year_day(text, end)
    {
        return Some((end, Every::YearDay(month, day)));
    }
    interval(folded, from)
}

/// 每天, 每小时, 每两天, 每5分钟.
fn interval(folded: &Folded, at: usize) -> Option<(usize, Every)> {
    use DurationUnit as U;
    let text = &folded.text;
    if let Some((end, duration)) = duration::at(folded, at) {
        return Some((end, Every::Interval(duration)));
    }
    const UNITS: [(&str, U, f64); 14] = [
        ("分钟", U::Minute, 1.0),
        ("分", U::Minute, 1.0),
        ("小时", U::Hour, 1.0),
        ("钟头", U::Hour, 1.0),
        ("天", U::Day, 1.0),
        ("日", U::Day, 1.0),
        ("周", U::Week, 1.0),
        ("星期", U::Week, 1.0),
        ("礼拜", U::Week, 1.0),
        ("个月", U::Month, 1.0),
        ("月", U::Month, 1.0),
        ("季度", U::Month, 3.0),
        ("季", U::Month, 3.0),
        ("年", U::Year, 1.0),
    ];
    let (unit_at, amount) =
        count(text, at).map_or((at, 1), |(end, n)| (literal(text, end, "个").unwrap_or(end), n));
    let names: Vec<&str> = UNITS.iter().map(|(n, _, _)| *n).collect();
    let (end, index) = one_of(text, unit_at, &names)?;
    Duration::new(vec![(amount as f64 * UNITS[index].2, UNITS[index].1)])
        .map(|d| (end, Every::Interval(d)))
}

/// 周一, 周一和周四, 周一三五, 周一到周五.
fn week_days(text: &str, at: usize) -> Option<(usize, Vec<Weekday>)> {
    let (mut end, first) = weekday(text, at)?;
    let mut days = vec![first];
    loop {
        if let Some((to, _)) = one_of(text, skip_blanks(text, end), &["到", "至", "-", "~"])
            && let Some((to, last)) = next_day(text, skip_blanks(text, to))
        {
            let mut day = *days.last()?;
            while day != last {
                day = day.next();
                days.push(day);
            }
            end = to;
            continue;
        }
        let from = skip(text, end, &["和", "、", ",", "，", "及", "与", "跟"]);
        // 周一三五: the number alone follows right behind.
        let next = weekday(text, from).filter(|_| from >= end).or_else(|| next_day(text, end));
        let Some((to, day)) = next else { break };
        days.push(day);
        end = to;
    }
    days.sort_by_key(|d| d.to_monday_zero_offset());
    days.dedup();
    Some((end, days))
}

fn next_day(text: &str, at: usize) -> Option<(usize, Weekday)> {
    if let Some(found) = weekday(text, at) {
        return Some(found);
    }
    let c = text[at..].chars().next()?;
    let index = "一二三四五六日".chars().position(|w| w == c)?;
    let next = at + c.len_utf8();
    // 周一五点 is Monday at five.
    let clock = one_of(text, next, &["点", "时", ":", "十", "分"]).is_some();
    let weekday = Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()?;
    (!clock).then_some((next, weekday))
}

/// 1号, 1号和15号, 十五日.
fn month_days(text: &str, at: usize) -> Option<(usize, Vec<i8>)> {
    let mut days = Vec::new();
    let mut end = at;
    loop {
        let from = if days.is_empty() {
            skip_blanks(text, end)
        } else {
            skip(text, end, &["和", "、", ",", "，"])
        };
        let Some((to, n)) = number(text, from) else { break };
        let Some((to, _)) = one_of(text, skip_blanks(text, to), &["号", "日"]) else { break };
        days.push(i8::try_from(n).ok().filter(|d| (1..=31).contains(d))?);
        end = to;
    }
    (!days.is_empty()).then_some((end, days))
}

fn year_day(text: &str, at: usize) -> Option<(usize, i8, i8)> {
    let (end, month) = super::day::month(text, at)?;
    let (end, days) = month_days(text, end)?;
    Some((end, month, *days.first()?))
}
