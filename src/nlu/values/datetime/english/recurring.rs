//! Rhythms in English: `every weekday at 2am`, `Mondays`, `daily`, `every two hours`.

use jiff::civil::{DateTime, Weekday};

use super::clock::{clock, hour, part};
use super::date::calendar_date;
use super::words::{any_phrase, day_number, skip_marks, skip_phrase, small_number, weekday};
use crate::nlu::values::datetime::clock::Clock;
use crate::nlu::values::datetime::day::Day;
use crate::nlu::values::datetime::item::Item;
use crate::nlu::values::datetime::recurrence::{Every, Recurrence};
use crate::nlu::values::duration::{Duration, DurationUnit};
use crate::nlu::values::text::{skip_blanks, starts_word, word};

/// A rhythm with its time, in either order.
pub(super) fn recurring(text: &str, at: usize, _now: DateTime) -> Option<(usize, Item)> {
    if !starts_word(text, at) {
        return None;
    }
    if let Some((end, every)) = every(text, at) {
        let (end, clock) =
            clock_behind(text, end).map_or((end, None), |(end, clock)| (end, Some(clock)));
        return Some((end, Item::Recurring(Recurrence { every, clock })));
    }
    let (end, clock) = clock(text, at)?;
    let from = skip_phrase(text, skip_marks(text, end, ","), &["on"]);
    let (end, every) = every(text, from).filter(|_| from > end)?;
    Some((end, Item::Recurring(Recurrence { every, clock: Some(clock) })))
}

fn clock_behind(text: &str, at: usize) -> Option<(usize, Clock)> {
    let from = skip_marks(text, at, ",@");
    let told = skip_phrase(text, from, &["at", "around", "from", "starting at"]);
    if told > from {
        return hour(text, told);
    }
    let lead = skip_phrase(text, from, &["in the"]);
    if let Some((end, part)) = part(text, lead).filter(|_| lead > at) {
        let told = skip_phrase(text, skip_blanks(text, end), &["at"]);
        let (end, clock) = hour(text, told).filter(|_| told > skip_blanks(text, end))?;
        return Some((end, clock.within(part)));
    }
    clock(text, from).filter(|_| from > at)
}

fn every(text: &str, at: usize) -> Option<(usize, Every)> {
    adverb(text, at)
        .or_else(|| each(text, at))
        .or_else(|| plural_days(text, at))
        .or_else(|| once_a(text, at))
}

fn interval(amount: f64, unit: DurationUnit) -> Option<Every> {
    Duration::new(vec![(amount, unit)]).map(Every::Interval)
}

/// `daily`, `weekly`, `annual`, `bi-monthly`.
fn adverb(text: &str, at: usize) -> Option<(usize, Every)> {
    use DurationUnit as U;
    const ADVERBS: [(&str, f64, U); 36] = [
        ("hourly", 1.0, U::Hour),
        ("daily", 1.0, U::Day),
        ("everyday", 1.0, U::Day),
        ("nightly", 1.0, U::Day),
        ("weekly", 1.0, U::Week),
        ("biweekly", 2.0, U::Week),
        ("bi-weekly", 2.0, U::Week),
        ("fortnightly", 2.0, U::Week),
        ("monthly", 1.0, U::Month),
        ("bimonthly", 2.0, U::Month),
        ("bi-monthly", 2.0, U::Month),
        ("quarterly", 3.0, U::Month),
        ("semiannual", 0.5, U::Year),
        ("semi-annual", 0.5, U::Year),
        ("semiannually", 0.5, U::Year),
        ("semi-annually", 0.5, U::Year),
        ("yearly", 1.0, U::Year),
        ("annual", 1.0, U::Year),
        ("annually", 1.0, U::Year),
        ("day to day", 1.0, U::Day),
        ("every day", 1.0, U::Day),
        ("each day", 1.0, U::Day),
        ("all days", 1.0, U::Day),
        ("every night", 1.0, U::Day),
        ("each night", 1.0, U::Day),
        ("every morning", 1.0, U::Day),
        ("every evening", 1.0, U::Day),
        ("every afternoon", 1.0, U::Day),
        ("any day", 1.0, U::Day),
        ("any week", 1.0, U::Week),
        ("any month", 1.0, U::Month),
        ("any year", 1.0, U::Year),
        ("weekdaily", 1.0, U::BusinessDay),
        ("half-yearly", 0.5, U::Year),
        ("half yearly", 0.5, U::Year),
        ("hour by hour", 1.0, U::Hour),
    ];
    let names: Vec<&str> = ADVERBS.iter().map(|(n, _, _)| *n).collect();
    let (end, index) = any_phrase(text, at, &names)?;
    // `every morning` keeps its part of the day for the time behind it.
    let shown =
        ["morning", "evening", "afternoon", "night"].iter().find(|p| names[index].ends_with(*p));
    let end = match shown {
        Some(part) if text[end..].trim_start().starts_with("at ") => end - part.len(),
        _ => end,
    };
    let end = at + text[at..end].trim_end().len();
    interval(ADVERBS[index].1, ADVERBS[index].2).map(|every| (end, every))
}

/// `every Monday and Thursday`, `each two days`, `every weekday`, `every 15th`, `every other Friday`.
fn each(text: &str, at: usize) -> Option<(usize, Every)> {
    use DurationUnit as U;
    let (end, _) = any_phrase(text, at, &["every", "each", "every single", "all"])?;
    let from = skip_blanks(text, end);
    if let Some((end, index)) = any_phrase(
        text,
        from,
        &[
            "weekday",
            "workday",
            "working day",
            "work day",
            "business day",
            "weekdays",
            "workdays",
            "weekend",
            "weekends",
        ],
    ) {
        return Some((end, if index >= 7 { Every::Weekends } else { Every::Workdays }));
    }
    let other = skip_phrase(text, from, &["other", "second"]);
    if let Some((end, days)) = days(text, other) {
        return Some((end, Every::Days(days)));
    }
    if text[at..].starts_with("all") {
        return None;
    }
    if let Some((end, day)) = calendar_date(text, from) {
        return match day {
            Day::Yearly(month, day) => Some((end, Every::YearDay(month, day))),
            _ => None,
        };
    }
    let (unit_at, amount) = if other > from {
        (other, 2)
    } else {
        small_number(text, from).map_or((from, 1), |(end, n)| (skip_blanks(text, end), n))
    };
    const UNITS: [(&str, U, f64); 18] = [
        ("minute", U::Minute, 1.0),
        ("minutes", U::Minute, 1.0),
        ("min", U::Minute, 1.0),
        ("mins", U::Minute, 1.0),
        ("hour", U::Hour, 1.0),
        ("hours", U::Hour, 1.0),
        ("day", U::Day, 1.0),
        ("days", U::Day, 1.0),
        ("night", U::Day, 1.0),
        ("week", U::Week, 1.0),
        ("weeks", U::Week, 1.0),
        ("month", U::Month, 1.0),
        ("months", U::Month, 1.0),
        ("quarter", U::Month, 3.0),
        ("quarters", U::Month, 3.0),
        ("year", U::Year, 1.0),
        ("years", U::Year, 1.0),
        ("fortnight", U::Week, 2.0),
    ];
    let names: Vec<&str> = UNITS.iter().map(|(n, _, _)| *n).collect();
    if let Some((end, index)) = any_phrase(text, unit_at, &names).filter(|_| amount >= 1) {
        return interval(amount as f64 * UNITS[index].2, UNITS[index].1)
            .map(|every| with_day(text, end, every));
    }
    // `every 15m`
    if let Some((name, end)) = word(text, unit_at)
        && unit_at > from
    {
        let unit = match name {
            "m" => U::Minute,
            "h" => U::Hour,
            "d" => U::Day,
            _ => return None,
        };
        return interval(amount as f64, unit).map(|every| (end, every));
    }
    let (end, day, ordinal) = day_number(text, from)?;
    let of = any_phrase(
        text,
        skip_blanks(text, end),
        &["of the month", "of each month", "of every month", "day of the month"],
    );
    ordinal.then(|| (of.map_or(end, |(end, _)| end), Every::MonthDays(vec![day])))
}

/// `every week on Monday`, `every month on the 1st`.
fn with_day(text: &str, at: usize, every: Every) -> (usize, Every) {
    let Every::Interval(duration) = &every else { return (at, every) };
    let from = skip_phrase(text, skip_blanks(text, at), &["on", "on the"]);
    match duration.parts() {
        [(1.0, DurationUnit::Week)] if from > at => match days(text, from) {
            Some((end, days)) => (end, Every::Days(days)),
            None => (at, every),
        },
        [(1.0, DurationUnit::Month)] if from > at => match day_number(text, from) {
            Some((end, day, true)) => (end, Every::MonthDays(vec![day])),
            _ => (at, every),
        },
        _ => (at, every),
    }
}

/// `Monday`, `Monday and Thursday`, `Mon, Wed, Fri`.
fn days(text: &str, at: usize) -> Option<(usize, Vec<Weekday>)> {
    let (mut end, first) = named_day(text, at)?;
    let mut days = vec![first];
    loop {
        let from = skip_phrase(text, skip_marks(text, end, ",/"), &["and", "or", "&"]);
        let Some((next, day)) = named_day(text, from).filter(|_| from > end) else { break };
        // `every Tuesday and Thursday 19:00 - 21:00`: the second day has a time of its own.
        if clock(text, skip_blanks(text, next))
            .is_some_and(|(e, _)| text[e..].trim_start().starts_with('-'))
        {
            break;
        }
        days.push(day);
        end = next;
    }
    days.sort_by_key(|d| d.to_monday_zero_offset());
    days.dedup();
    Some((end, days))
}

fn named_day(text: &str, at: usize) -> Option<(usize, Weekday)> {
    weekday(text, at).or_else(|| plural_day(text, at))
}

fn plural_day(text: &str, at: usize) -> Option<(usize, Weekday)> {
    let (name, end) = word(text, at)?;
    let singular = name.strip_suffix('s')?;
    let (stem_end, day) = weekday(singular, 0)?;
    (stem_end == singular.len() && singular.ends_with("day")).then_some((end, day))
}

/// `Thursdays`, `on weekdays`, `weekends`.
fn plural_days(text: &str, at: usize) -> Option<(usize, Every)> {
    if let Some((end, index)) =
        any_phrase(text, at, &["weekdays", "workdays", "weekends", "on weekdays", "on weekends"])
    {
        return Some((
            end,
            if index == 2 || index == 4 { Every::Weekends } else { Every::Workdays },
        ));
    }
    plural_day(text, at)?;
    days(text, at).map(|(end, days)| (end, Every::Days(days)))
}

/// `once a week`, `one a day`, `twice a day` is none.
fn once_a(text: &str, at: usize) -> Option<(usize, Every)> {
    use DurationUnit as U;
    const UNITS: [(&str, U); 10] = [
        ("once a day", U::Day),
        ("once a week", U::Week),
        ("once a month", U::Month),
        ("once a year", U::Year),
        ("once an hour", U::Hour),
        ("one a day", U::Day),
        ("one a week", U::Week),
        ("one a month", U::Month),
        ("one a year", U::Year),
        ("once per day", U::Day),
    ];
    let names: Vec<&str> = UNITS.iter().map(|(n, _)| *n).collect();
    let (end, index) = any_phrase(text, at, &names)?;
    interval(1.0, UNITS[index].1).map(|every| (end, every))
}
