//! Times of the day in Chinese: 三点, 下午五点一刻, 凌晨2点半, 17点55分, 零点, 中午.

use super::words::{number, part, skip};
use crate::nlu::values::datetime::clock::{Clock, Part};
use crate::nlu::values::datetime::english;
use crate::nlu::values::number::digits;
use crate::nlu::values::text::{after, before, literal, one_of, skip_blanks};

/// A time, with the part of the day in front of it.
pub(super) fn clock(text: &str, at: usize) -> Option<(usize, Clock)> {
    let about = one_of(text, at, &["大约", "大概", "约", "差不多"]).map_or(at, |(end, _)| end);
    if let Some((end, part)) = part(text, about) {
        let from = skip(text, end, &["的", "在"]);
        return match plain(text, from) {
            Some((end, clock)) => Some((end, within(clock, part))),
            None => noon(text, about),
        };
    }
    noon(text, about).or_else(|| plain(text, about))
}

/// A time in a part of the day, as Chinese uses them: 晚上 reaches past midnight.
pub(super) fn within(clock: Clock, part: Part) -> Clock {
    match part {
        Part::Evening if clock.hour >= 5 && clock.hour < 12 => clock.within(Part::Evening),
        Part::Evening if clock.hour == 12 || clock.hour < 5 => clock.within(Part::Night),
        Part::Morning if clock.hour == 12 => Clock { open: false, ..clock },
        _ => clock.within(part),
    }
}

/// 中午 and 午夜, which are times by themselves.
fn noon(text: &str, at: usize) -> Option<(usize, Clock)> {
    let (end, index) =
        one_of(text, at, &["正午", "中午", "午夜", "零点", "零时", "半夜12点", "半夜十二点"])?;
    let hour = if index < 2 { 12 } else { 0 };
    // 零点五 is half, 零点零 a number.
    if index == 3
        && after(text, end).is_some_and(|c| {
            crate::nlu::values::number::chinese_digit(c).is_some() && !text[end..].contains('分')
        })
    {
        return None;
    }
    if index == 3 || index == 4 {
        let (end, minute) = minutes(text, end);
        return Clock::new(0, minute, None, false).map(|c| (end, c));
    }
    Clock::at(hour, false).map(|c| (end, c))
}

/// A time without a part of the day.
pub(super) fn plain(text: &str, at: usize) -> Option<(usize, Clock)> {
    if let Some(found) = to_the_hour(text, at) {
        return Some(found);
    }
    let english = english::strong_clock(text, at);
    if english.is_some() {
        return english;
    }
    let (end, hour) = number(text, at)?;
    let hour = i8::try_from(hour).ok().filter(|h| (0..=24).contains(h))?;
    let next = skip_blanks(text, end);
    let (end, mark) = one_of(text, next, &["点钟", "点整", "点", "时整", "时"])?;
    if refused(text, at, end, mark) {
        return None;
    }
    let (end, minute) =
        if mark == 0 || mark == 1 || mark == 3 { (end, None) } else { minutes(text, end) };
    let (end, second) = match minute {
        Some(_) => seconds(text, end),
        None => (end, None),
    };
    Clock::new(hour, minute, second, hour > 0).map(|c| (end, c))
}

/// 一点 is a little, 两点 two points, 小时 a length.
fn refused(text: &str, at: usize, end: usize, mark: usize) -> bool {
    let little =
        matches!(&text[at..end], "一点") && one_of(text, end, &["儿", "点", "也", "都"]).is_some();
    let point = mark == 2
        && before(text, at)
            .is_some_and(|c| matches!(c, '第' | '有' | '早' | '晚' | '快' | '这' | '那' | '差'))
        && !before(text, at).is_some_and(|c| matches!(c, '早' | '晚'));
    let hours = mark == 4
        && one_of(text, end, &["候", "间", "段", "刻", "长", "期", "代", "效", "尚"]).is_some();
    let decimal = mark == 2
        && one_of(text, end, &["赞", "击", "名", "评", "餐", "菜", "子", "的问题"]).is_some();
    little || point || hours || decimal
}

/// 差一刻八点, 差5分六点.
fn to_the_hour(text: &str, at: usize) -> Option<(usize, Clock)> {
    let from = literal(text, at, "差")?;
    let (end, minutes) = if let Some(end) = literal(text, from, "一刻") {
        (end, 15)
    } else {
        let (end, n) = number(text, from)?;
        (one_of(text, end, &["分钟", "分"])?.0, i8::try_from(n).ok()?)
    };
    let (end, clock) = plain(text, skip(text, end, &["到"]))?;
    let hour = if clock.hour == 0 { 23 } else { clock.hour - 1 };
    let hour = if hour == 0 && clock.open { 12 } else { hour };
    (clock.minute.is_none() && (1..60).contains(&minutes))
        .then(|| Clock::new(hour, Some(60 - minutes), None, clock.open))
        .flatten()
        .map(|c| (end, c))
}

/// What stands behind 点: 半, 一刻, 三刻, 二十, 零五分, 过十分.
fn minutes(text: &str, at: usize) -> (usize, Option<i8>) {
    let from = skip(text, at, &["过", "零", "〇"]);
    let from = if text[at..].starts_with(['零', '〇']) {
        skip_blanks(text, at + '零'.len_utf8())
    } else {
        from
    };
    if let Some((end, index)) = one_of(text, from, &["半", "一刻钟", "一刻", "三刻钟", "三刻"])
    {
        return (end, Some([30, 15, 15, 45, 45][index]));
    }
    let Some((end, n)) = number(text, from) else { return (at, None) };
    let Ok(minute) = i8::try_from(n) else { return (at, None) };
    let marked = one_of(text, skip_blanks(text, end), &["分钟", "分"])
        .filter(|(e, _)| !text[*e..].starts_with('之'));
    if let Some((end, _)) = marked.filter(|_| (0..60).contains(&minute)) {
        return (end, Some(minute));
    }
    // Without 分 the minutes are told in tens, or from 零 on: 九点二十, 六点四十五.
    let bare = text[from..end].chars().count() >= 2 || text[at..from].contains(['零', '〇']);
    let other =
        one_of(text, end, &["个", "台", "点", "日", "号", "天", "次", "年", "月", "小时", "%"])
            .is_some()
            || after(text, end).is_some_and(|c| c.is_ascii_digit() || c == '.');
    if bare && !other && (0..60).contains(&minute) && end > from {
        return (end, Some(minute));
    }
    (at, None)
}

fn seconds(text: &str, at: usize) -> (usize, Option<i8>) {
    let Some((end, n)) = number(text, skip_blanks(text, at)) else { return (at, None) };
    match (one_of(text, skip_blanks(text, end), &["秒钟", "秒"]), i8::try_from(n)) {
        (Some((end, _)), Ok(second)) if (0..60).contains(&second) => (end, Some(second)),
        _ => (at, None),
    }
}

/// An hour where only a time can stand: the 五 of 五到六点.
pub(super) fn bare_hour(text: &str, at: usize) -> Option<(usize, Clock)> {
    let (from, part) = match part(text, at) {
        Some((end, part)) => (skip_blanks(text, end), Some(part)),
        None => (at, None),
    };
    let (end, hour) = number(text, from)?;
    let glued = digits(text, end).is_some() || text[end..].starts_with([':', '.', '/']);
    let clock =
        Clock::at(i8::try_from(hour).ok().filter(|h| (0..=24).contains(h) && !glued)?, hour > 0)?;
    Some((end, part.map_or(clock, |part| within(clock, part))))
}
