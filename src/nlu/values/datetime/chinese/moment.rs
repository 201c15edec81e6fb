//! Days with a time in Chinese: 明天下午5点, 今晚十点半, 十分钟前, 两小时后.

use jiff::civil::DateTime;

use super::clock::{clock, plain, within};
use super::day::{day, named, numbered_day};
use super::words::{part, skip};
use crate::nlu::values::datetime::clock::{Clock, Part};
use crate::nlu::values::datetime::day::{Day, add_days};
use crate::nlu::values::datetime::item::{Extent, Instant, Item, offset};
use crate::nlu::values::duration;
use crate::nlu::values::text::{Folded, literal, one_of, skip_blanks};

/// What may stand between a day and its time.
const LINKS: [&str; 8] = ["的", ",", "，", "、", "在", "于", "@", "-"];

/// A day with a time of it.
pub(super) fn moment(text: &str, at: usize, now: DateTime) -> Option<(usize, Day, Clock)> {
    if let Some((end, day, part)) = day_part(text, at, now) {
        return match plain(text, skip(text, end, &LINKS)) {
            Some((end, clock)) => Some((end, day, within(clock, part))),
            // 明天中午 is a time of its own.
            None if part == Part::Noon => Clock::at(12, false).map(|clock| (end, day, clock)),
            None => None,
        };
    }
    let (end, day) = some_day(text, at, now)?;
    if text[end..].starts_with('t') {
        return None;
    }
    let (end, clock) = clock(text, skip(text, end, &LINKS))?;
    Some((end, day, clock))
}

fn some_day(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    [day(text, at, now), numbered_day(text, at)].into_iter().flatten().max_by_key(|(end, _)| *end)
}

/// A part of a day: 今晚, 明早, 昨天夜里, 7月25日早间.
pub(super) fn day_part(text: &str, at: usize, now: DateTime) -> Option<(usize, Day, Part)> {
    const NAMES: [(&str, i64, Part); 17] = [
        ("今晚", 0, Part::Evening),
        ("今夜", 0, Part::Night),
        ("今早", 0, Part::Morning),
        ("今晨", 0, Part::Morning),
        ("明晚", 1, Part::Evening),
        ("明早", 1, Part::Morning),
        ("明晨", 1, Part::Morning),
        ("昨晚", -1, Part::Evening),
        ("昨夜", -1, Part::Night),
        ("昨早", -1, Part::Morning),
        ("当晚", 0, Part::Evening),
        ("前晚", -2, Part::Evening),
        ("后晚", 2, Part::Evening),
        ("今晚上", 0, Part::Evening),
        ("昨晚上", -1, Part::Evening),
        ("明晚上", 1, Part::Evening),
        ("今儿晚上", 0, Part::Evening),
    ];
    let names: Vec<&str> = NAMES.iter().map(|(n, _, _)| *n).collect();
    if let Some((end, index)) = one_of(text, at, &names) {
        let (_, days, part) = NAMES[index];
        return add_days(now.date(), days).map(|d| (end, Day::Exact(d), part));
    }
    let (end, day) = some_day(text, at, now)?;
    let (end, part) = part(text, skip(text, end, &["的", ",", "，"]))?;
    Some((end, day, part))
}

/// 现在, 马上, 立刻.
pub(super) fn present(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    const WORDS: [&str; 12] = [
        "现在",
        "马上",
        "立刻",
        "立即",
        "目前",
        "此刻",
        "当前",
        "即刻",
        "这会儿",
        "眼下",
        "刚刚",
        "刚才",
    ];
    let (end, index) = one_of(text, at, &WORDS)?;
    // 当前版本 and 目前的状态 are no times.
    let adjective = matches!(index, 4 | 6) && !text[end..].is_empty();
    (!adjective).then(|| (end, Item::Instant(Instant { timex: "PRESENT_REF".to_owned(), at: now })))
}

/// 两小时后, 十分钟前, 三天以后, 再过5分钟.
pub(super) fn counted(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    if let Some((end, _)) = one_of(text, at, &["再过", "过"]) {
        let (end, duration) = duration::at(folded, skip_blanks(text, end))?;
        let end = one_of(text, end, &["之后", "以后", "后"]).map_or(end, |(end, _)| end);
        return offset(now, &duration, 1).map(|item| (end, item));
    }
    let (end, duration) = duration::at(folded, at)?;
    let from = skip_blanks(text, end);
    let (end, index) = one_of(text, from, &["之前", "以前", "前", "之后", "以后", "后", "过后"])?;
    if one_of(text, end, &["端", "台", "缀", "面", "续", "任"]).is_some() {
        return None;
    }
    let sign = if index < 3 { -1 } else { 1 };
    offset(now, &duration, sign).map(|item| (end, item))
}

/// A part of a day, or of any day, as a stretch of time.
pub(super) fn part_extent(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    if let Some((end, day, part)) = day_part(text, at, now) {
        return Some((end, Item::Moments(Extent::part_of(day, part, now))));
    }
    let (end, part) = part(text, at)?;
    // A single character is more often part of another word.
    let whole = text[at..end].chars().count() > 1;
    whole.then(|| (end, Item::Clocks(Extent::part(part, now))))
}

/// The days that a day may be told by, for ranges.
pub(super) fn any_day(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    let (end, day) = some_day(text, at, now).or_else(|| named(text, at, now))?;
    Some((literal(text, end, "当天").unwrap_or(end), day))
}
