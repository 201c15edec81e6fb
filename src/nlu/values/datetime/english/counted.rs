//! Counted stretches in English: `the last 3 days`, `within 9 months`, `for 2 hours from 2pm`.

use jiff::civil::DateTime;

use super::clock::{clock, hour};
use super::moment::{longest_day, moment};
use super::words::{any_phrase, small_number};
use crate::nlu::values::datetime::clock::Clock;
use crate::nlu::values::datetime::day::{add_days, monday};
use crate::nlu::values::datetime::item::{
    Extent, Grain, Item, Reading, clock_length, clock_stretch, counts_days, midnight, shifted,
};
use crate::nlu::values::duration::{self, Duration, DurationUnit};
use crate::nlu::values::text::{Folded, skip_blanks};

/// `the next 3 days`, `past 2 hours`, `within 9 months`, `5 upcoming years`, `next hour`.
pub(super) fn counted(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    if let Some((end, _)) = any_phrase(text, at, &["remaining of the week", "rest of the week"]) {
        let sunday = add_days(monday(now.date())?, 6)?;
        let days = (midnight(sunday).duration_since(midnight(now.date()))).as_hours() / 24;
        return Some((
            end,
            Item::Days(Extent::days(
                format!("({},{sunday},P{days}D)", now.date()),
                vec![(now.date(), sunday)],
                Grain::Day,
            )),
        ));
    }
    const LEADS: [(&str, i64); 13] = [
        ("next", 1),
        ("coming", 1),
        ("upcoming", 1),
        ("following", 1),
        ("within", 1),
        ("within the next", 1),
        ("within next", 1),
        ("within the coming", 1),
        ("last", -1),
        ("past", -1),
        ("previous", -1),
        ("within the last", -1),
        ("within the past", -1),
    ];
    let names: Vec<&str> = LEADS.iter().map(|(n, _)| *n).collect();
    if let Some((lead_end, index)) = any_phrase(text, at, &names) {
        if text[at..].starts_with("last") && behind_verb(text, at) {
            return None;
        }
        let (lead, sign) = LEADS[index];
        let from = skip_blanks(text, lead_end);
        let (end, duration) =
            unit_alone(text, from, lead).or_else(|| couple(text, from)).or_else(|| {
                duration::at(folded, from)
                    .filter(|_| !text[from..].starts_with("a ") || lead.starts_with("within"))
            })?;
        return stretch(now, &duration, sign, lead.starts_with("within")).map(|item| (end, item));
    }
    let (number_end, count) = small_number(text, at)?;
    let (lead_end, index) = any_phrase(text, skip_blanks(text, number_end), &names)?;
    let (end, duration) = duration::at(folded, skip_blanks(text, lead_end))
        .or_else(|| unit_alone(text, skip_blanks(text, lead_end), "next"))
        .or_else(|| plural(text, skip_blanks(text, lead_end), count))?;
    let duration =
        Duration::new(duration.parts().iter().map(|(_, unit)| (count as f64, *unit)).collect())?;
    stretch(now, &duration, LEADS[index].1, false).map(|item| (end, item))
}

/// `should last two hours`: a verb, as the one before it shows.
fn behind_verb(text: &str, at: usize) -> bool {
    let lead = text[..at].trim_end();
    ["will", "to", "should", "would", "can", "could", "may", "might", "must", "n't"]
        .iter()
        .any(|w| lead.ends_with(w))
}

/// `couple weeks`, without its `of`.
pub(super) fn couple(text: &str, at: usize) -> Option<(usize, Duration)> {
    let (end, _) = any_phrase(text, at, &["couple", "couple of"])?;
    plural(text, skip_blanks(text, end), 2)
}

pub(super) fn plural(text: &str, at: usize, count: i64) -> Option<(usize, Duration)> {
    use DurationUnit as U;
    const UNITS: [(&str, U); 7] = [
        ("seconds", U::Second),
        ("minutes", U::Minute),
        ("hours", U::Hour),
        ("days", U::Day),
        ("weeks", U::Week),
        ("months", U::Month),
        ("years", U::Year),
    ];
    let names: Vec<&str> = UNITS.iter().map(|(n, _)| *n).collect();
    let (end, index) = any_phrase(text, at, &names)?;
    Duration::new(vec![(count as f64, UNITS[index].1)]).map(|d| (end, d))
}

/// `next hour`: the unit alone, for what is no calendar unit.
fn unit_alone(text: &str, at: usize, lead: &str) -> Option<(usize, Duration)> {
    use DurationUnit as U;
    if lead.starts_with("within") {
        return None;
    }
    let (end, index) = any_phrase(text, at, &["second", "minute", "hour"])?;
    Duration::new(vec![(1.0, [U::Second, U::Minute, U::Hour][index])]).map(|d| (end, d))
}

/// The stretch of a duration before or after now. Whole days begin tomorrow, unless `within`.
pub(super) fn stretch(now: DateTime, duration: &Duration, sign: i64, within: bool) -> Option<Item> {
    let length = duration.timex();
    if !counts_days(duration) {
        return clock_stretch(now, duration, sign);
    }
    let today = now.date();
    let first = if sign > 0 && !within { add_days(today, 1)? } else { today };
    let business = duration.counts_business_days();
    let (start, end) = if sign > 0 && business {
        let last = shifted(midnight(today), duration, 1)?.date();
        (first, add_days(last, 1)?)
    } else if sign > 0 {
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

/// A stretch of a given length from a day or a time on.
pub(super) fn from_with_length(
    text: &str,
    at: usize,
    duration: &Duration,
    now: DateTime,
) -> Option<(usize, Item)> {
    if let Some((end, Item::Moment(day, clock))) = moment(text, at, now) {
        let start = clock.on(*day.options(now).last()?, now)?;
        let finish = shifted(start, duration, 1)?;
        let show = |moment: DateTime| moment.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let timex = format!("({},{},{})", show(start), show(finish), duration.timex());
        let reading = Reading { timex: timex.clone(), start: Some(start), end: Some(finish) };
        return Some((
            end,
            Item::Moments(Extent {
                readings: vec![reading],
                modifier: None,
                timex,
                grain: Grain::Clock,
            }),
        ));
    }
    if let Some((end, clock)) = clock(text, at).or_else(|| hour(text, at)) {
        return clock_with_length(clock, duration, now).map(|item| (end, item));
    }
    let (end, day) = longest_day(text, at, now)?;
    let start = *day.options(now).first()?;
    let finish = shifted(midnight(start), duration, 1)?.date();
    let timex = format!("({start},{finish},{})", duration.timex());
    Some((end, Item::Days(Extent::days(timex, vec![(start, finish)], Grain::Day))))
}

/// A stretch of a given length from a time of the day on.
pub(super) fn clock_with_length(clock: Clock, duration: &Duration, now: DateTime) -> Option<Item> {
    let start = clock.on(now.date(), now)?;
    let end = shifted(start, duration, 1)?;
    let length = clock_length(duration.seconds() as i64);
    let timex = format!("({},{},{length})", clock.timex(), end.strftime("T%H:%M:%S"));
    let reading = Reading { timex: timex.clone(), start: Some(start), end: Some(end) };
    Some(Item::Clocks(Extent {
        readings: vec![reading],
        modifier: None,
        timex,
        grain: Grain::Clock,
    }))
}
