//! Days with a time: `tomorrow at 3pm`, `8am this morning`, `tonight`, `in 20 minutes`.

use jiff::civil::DateTime;

use super::clock::{clock, digital, hour, part};
use super::day::{day, named, ordinal_of_month};
use super::words::{any_phrase, phrase, skip_marks, skip_phrase};
use crate::nlu::values::datetime::clock::{Clock, Part};
use crate::nlu::values::datetime::day::{Day, add_days};
use crate::nlu::values::datetime::item::{
    Extent, Instant, Item, counts_days, midnight, offset, shifted,
};
use crate::nlu::values::duration::{self, Duration};
use crate::nlu::values::text::{Folded, literal, skip_blanks, starts_word};

/// A day with a time of it.
pub(super) fn moment(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    [day_first(text, at, now), clock_first(text, at, now), end_of_day(text, at, now)]
        .into_iter()
        .flatten()
        .max_by_key(|(end, _, _)| *end)
        .map(|(end, day, clock)| (end, Item::Moment(day, clock)))
}

/// A day, or a day with a part of it.
fn some_day(text: &str, at: usize, now: DateTime) -> Option<(usize, Day, Option<Part>)> {
    if let Some((end, day, part)) = day_part(text, at, now) {
        return Some((end, day, Some(part)));
    }
    let (end, day) = longest_day(text, at, now)?;
    Some((end, day, None))
}

/// A day, with the ones that only count in company (`the 15th day of next month`).
pub(super) fn longest_day(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    [day(text, at, now), ordinal_of_month(text, at, now)]
        .into_iter()
        .flatten()
        .max_by_key(|(end, _)| *end)
}

/// `tomorrow at 3pm`, `Friday 18:00`, `2025-02-14T08:00`, `tonight around 7`.
fn day_first(text: &str, at: usize, now: DateTime) -> Option<(usize, Day, Clock)> {
    let (end, day, part) = some_day(text, at, now)?;
    let (end, clock) = if text[end..].starts_with('t') {
        digital(text, end + 1)?
    } else {
        // `yesterday's 3am`
        let owned = ["'s ", "’s "].iter().find_map(|s| literal(text, end, s)).unwrap_or(end);
        let from = skip_marks(text, owned, ",-@(:");
        let told = skip_phrase(
            text,
            from,
            &["at", "for", "around", "about", "at about", "at around", "@", "from"],
        );
        if told == end {
            return None;
        }
        let weak = (told > from && !text[from..].starts_with("for"))
            || (part.is_some() && text[end..from].contains(','));
        if weak { hour(text, told)? } else { clock(text, told)? }
    };
    // `Wed Oct 26 15:50:06 2016`
    let dated = super::words::year(text, skip_blanks(text, end))
        .and_then(|(end, year)| Some((end, day.in_year(year)?)));
    let (end, day) = dated.unwrap_or((end, day));
    Some((end, day, part.map_or(clock, |part| clock.within(part))))
}

/// `3pm today`, `10, tonight`, `8:30pm on Friday`, `five-thirty tomorrow evening`.
fn clock_first(text: &str, at: usize, now: DateTime) -> Option<(usize, Day, Clock)> {
    let strong = clock(text, at);
    let (end, clock) = match strong {
        Some(found) => found,
        None => hour(text, at)?,
    };
    let from = skip_marks(text, end, ",-");
    let told = skip_phrase(text, from, &["on", "of", "for", "in"]);
    if told == end {
        return None;
    }
    let (end, day, part) = some_day(text, told, now)?;
    // A bare number in front of a day is an hour only where the day says its part.
    if strong.is_none() && (part.is_none() || told > from) {
        return None;
    }
    // `5 in the morning` is no day; `3pm the day ...` neither.
    let plain = text[told..end].starts_with("the day")
        && !text[told..end].contains("after")
        && !text[told..end].contains("before");
    if plain {
        return None;
    }
    Some((end, day, part.map_or(clock, |part| clock.within(part))))
}

/// `end of tomorrow`, `end of the day`, `the eod`.
fn end_of_day(text: &str, at: usize, now: DateTime) -> Option<(usize, Day, Clock)> {
    let last = Clock::new(23, Some(59), Some(59), false)?;
    let today = Day::Exact(now.date());
    if let Some((end, _)) = any_phrase(
        text,
        at,
        &["eod", "the eod", "end of day", "end of the day", "the end of the day", "the end of day"],
    ) {
        return Some((end, today, last));
    }
    let (from, _) =
        any_phrase(text, at, &["end of", "end of the", "the end of", "the end of the"])?;
    let (end, day) = super::day::day(text, skip_blanks(text, from), now)?;
    Some((end, day, last))
}

/// A part of a day: `tonight`, `this morning`, `tomorrow night`, `Monday afternoon`.
pub(super) fn day_part(text: &str, at: usize, now: DateTime) -> Option<(usize, Day, Part)> {
    if !starts_word(text, at) {
        return None;
    }
    let today = now.date();
    if let Some((end, _)) = any_phrase(text, at, &["tonight", "tonite", "to-night"]) {
        return Some((end, Day::Exact(today), Part::Night));
    }
    const LEADS: [(&str, i64); 6] = [
        ("this", 0),
        ("last", -1),
        ("next", 1),
        ("the next", 1),
        ("previous", -1),
        ("the last", -1),
    ];
    let names: Vec<&str> = LEADS.iter().map(|(n, _)| *n).collect();
    if let Some((end, index)) = any_phrase(text, at, &names)
        && let Some((end, part)) =
            part(text, skip_blanks(text, end)).filter(|(_, p)| !matches!(p, Part::Am | Part::Pm))
    {
        return Some((end, Day::Exact(add_days(today, LEADS[index].1)?), part));
    }
    let (end, day) = longest_day(text, at, now)?;
    let from = skip_phrase(text, skip_marks(text, end, ","), &["in the", "in", "at"]);
    if from == end {
        return None;
    }
    let (end, part) = part(text, from)?;
    const WEEKS: [(&str, i64); 6] = [
        ("next week", 1),
        ("of next week", 1),
        ("this week", 0),
        ("of this week", 0),
        ("last week", -1),
        ("of last week", -1),
    ];
    let names: Vec<&str> = WEEKS.iter().map(|(n, _)| *n).collect();
    if let (Day::Weekday(weekday), Some((end, index))) =
        (day, any_phrase(text, skip_blanks(text, end), &names))
    {
        let date =
            crate::nlu::values::datetime::day::weekday_of_week(today, WEEKS[index].1, weekday)?;
        return Some((end, Day::Exact(date), part));
    }
    Some((end, day, part))
}

/// `in the morning at 7`: a part of the day in front of the time.
pub(super) fn part_then_clock(text: &str, at: usize) -> Option<(usize, Clock)> {
    let lead = skip_phrase(text, at, &["in the", "at"]);
    let (end, part) = part(text, lead).filter(|(_, p)| !matches!(p, Part::Am | Part::Pm))?;
    let from = skip_marks(text, end, ",");
    let told = skip_phrase(text, from, &["at", "around", "by"]);
    let (end, clock) =
        if told > from { hour(text, told)? } else { clock(text, told).filter(|_| told > end)? };
    Some((end, clock.within(part)))
}

/// `now`, `right now`, `asap`.
pub(super) fn present(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let (end, _) = any_phrase(
        text,
        at,
        &[
            "now",
            "right now",
            "immediately",
            "at once",
            "as soon as possible",
            "asap",
            "straight away",
            "right away",
        ],
    )?;
    starts_word(text, at)
        .then(|| (end, Item::Instant(Instant { timex: "PRESENT_REF".to_owned(), at: now })))
}

/// What is counted from now or from a day: `in 5 minutes`, `two days ago`, `3 weeks from
/// tomorrow`, `30 min later`.
pub(super) fn counted(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    if !starts_word(text, at) {
        return None;
    }
    if let Some(end) = phrase(text, at, "in") {
        let from = skip_phrase(text, skip_blanks(text, end), &["another", "about", "around"]);
        let (end, duration) = duration::at(folded, from)?;
        if let Some(found) = since_year(text, end, &duration) {
            return Some(found);
        }
        let goes_on = any_phrase(
            text,
            skip_blanks(text, end),
            &["from today", "from tomorrow", "from now", "ago", "later", "after", "before"],
        );
        return if goes_on.is_some() {
            None
        } else {
            offset(now, &duration, 1).map(|item| (end, item))
        };
    }
    let (end, duration) = duration::at(folded, at)?;
    let from = skip_blanks(text, end);
    const BEHIND: [(&str, i64); 9] = [
        ("ago", -1),
        ("earlier", -1),
        ("back", -1),
        ("before now", -1),
        ("later", 1),
        ("from now", 1),
        ("from now on", 1),
        ("hence", 1),
        ("after now", 1),
    ];
    let names: Vec<&str> = BEHIND.iter().map(|(n, _)| *n).collect();
    if let Some((end, index)) = any_phrase(text, from, &names) {
        // `30 minutes later this week`: the week is later.
        if index == 4
            && any_phrase(text, skip_blanks(text, end), &["this", "in the", "today", "next"])
                .is_some()
        {
            return None;
        }
        return offset(now, &duration, BEHIND[index].1).map(|item| (end, item));
    }
    if !counts_days(&duration) {
        return None;
    }
    let (end, index) = any_phrase(text, from, &["from", "after", "before"])?;
    let (end, base) = named(text, skip_blanks(text, end), now)
        .or_else(|| day(text, skip_blanks(text, end), now))?;
    let date = base.options(now).last().copied()?;
    let sign = if index == 2 { -1 } else { 1 };
    let moment = shifted(midnight(date), &duration, sign)?;
    Some((end, Item::Day(Day::Exact(moment.date()))))
}

/// `in two years since 2011`.
fn since_year(text: &str, at: usize, duration: &Duration) -> Option<(usize, Item)> {
    let from = skip_blanks(text, at);
    let (end, _) = any_phrase(text, from, &["since", "since the year", "after", "after the year"])?;
    let (end, year) = super::words::year(text, skip_blanks(text, end))?;
    let start = crate::nlu::values::datetime::day::first_of(year, 1)?;
    let moment = shifted(midnight(start), duration, 1)?;
    Some((end, Item::Day(Day::Exact(moment.date()))))
}

/// A part of a day or of any day, as a stretch of time, with `early` or `late`.
pub(super) fn part_extent(text: &str, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let (from, modifier) = half_of(text, at);
    if let Some((end, day, part)) = day_part(text, from, now) {
        let extent = Extent::part_of(day, part, now);
        return Some((end, Item::Moments(halved(extent, modifier))));
    }
    let lead = skip_phrase(text, from, &["in the", "at", "in", "the"]);
    let (end, part) = part(text, lead)?;
    let told = lead > from || modifier.is_some() || matches!(part, Part::Lunch | Part::Business);
    let bare = matches!(part, Part::Am | Part::Pm) || !told;
    (!bare).then(|| (end, Item::Clocks(halved(Extent::part(part, now), modifier))))
}

/// `early`, `late`, `later`, and where what they go with starts.
fn half_of(text: &str, at: usize) -> (usize, Option<&'static str>) {
    let (end, index) = match any_phrase(text, at, &["early", "late", "later", "earlier"]) {
        Some((end, index)) => (end, index),
        None => return (at, None),
    };
    let modifier = if index == 0 || index == 3 { "start" } else { "end" };
    (skip_blanks(text, end), Some(modifier))
}

fn halved(mut extent: Extent, modifier: Option<&'static str>) -> Extent {
    let Some(modifier) = modifier else { return extent };
    for reading in &mut extent.readings {
        let (Some(start), Some(end)) = (reading.start, reading.end) else { continue };
        // Two hours from the side that was said.
        let hours = jiff::SignedDuration::from_hours(2);
        if modifier == "start" {
            reading.end = start.checked_add(hours).ok();
        } else {
            let end = if end.minute() == 59 {
                end.checked_add(jiff::SignedDuration::from_secs(1)).unwrap_or(end)
            } else {
                end
            };
            reading.start = end.checked_sub(hours).ok();
        }
    }
    extent.modified(modifier)
}
