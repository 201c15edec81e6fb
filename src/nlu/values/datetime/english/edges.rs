//! Parts of stretches in English: `end of month`, `mid-November`, `Q1 start`, `later this week`.

use jiff::civil::{Date, DateTime};

use super::calendar::quarter;
use super::period::{calendar_year, month_of_year, relative};
use super::words::{any_phrase, phrase, skip_phrase};
use crate::nlu::values::datetime::calendar::{whole_month, whole_week, whole_year};
use crate::nlu::values::datetime::day::{Day, add_days, add_months};
use crate::nlu::values::datetime::item::{Extent, Grain, midnight};
use crate::nlu::values::text::skip_blanks;

/// `end of month`, `the beginning of March`, `mid-November`, `later this week`, `early 2019`.
pub(super) fn part_of_period(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    if let Some((end, index)) = any_phrase(text, at, &["eom", "eoy"]) {
        let whole = if index % 2 == 0 {
            whole_month(now.date(), 0)?
        } else {
            whole_year(i64::from(now.date().year()))?
        };
        return part_of(whole, "end", now, false).map(|e| (end, e));
    }
    const LEADS: [(&str, &str); 14] = [
        ("end of", "end"),
        ("late", "end"),
        ("late in", "end"),
        ("later", "end"),
        ("later in", "end"),
        ("beginning of", "start"),
        ("start of", "start"),
        ("early", "start"),
        ("early in", "start"),
        ("earlier", "start"),
        ("earlier in", "start"),
        ("middle of", "mid"),
        ("mid", "mid"),
        ("mid-", "mid"),
    ];
    let (lead_end, modifier, lead) = LEADS
        .iter()
        .filter_map(|(lead, modifier)| {
            let end = match lead.strip_suffix('-') {
                Some(_) => text[at..].starts_with(lead).then_some(at + lead.len())?,
                None => phrase(text, at, lead)?,
            };
            Some((end, *modifier, *lead))
        })
        .max_by_key(|(end, _, _)| *end)?;
    let from = skip_blanks(text, lead_end);
    let from = skip_phrase(text, from, &["the"]).max(from);
    let whole = [
        any_phrase(text, from, &["week", "month", "year"]).and_then(|(end, unit)| {
            let today = now.date();
            Some((
                end,
                match unit {
                    0 => whole_week(today, 0)?,
                    1 => whole_month(today, 0)?,
                    _ => whole_year(i64::from(today.year()))?,
                },
            ))
        }),
        relative(text, from, now),
        month_of_year(text, from, now),
        calendar_year(text, from),
    ];
    let (end, whole) = whole.into_iter().flatten().max_by_key(|(end, _)| *end)?;
    let now_bound = matches!(lead, "later" | "later in" | "earlier" | "earlier in");
    part_of(whole, modifier, now, now_bound).map(|e| (end, e))
}

/// The first or second half or the middle of a stretch; `bound`: not beyond now.
pub(super) fn part_of(
    whole: Extent,
    modifier: &'static str,
    now: DateTime,
    bound: bool,
) -> Option<Extent> {
    let grain = whole.grain;
    let mut part = whole;
    let mut running = true;
    for reading in &mut part.readings {
        let (start, end) = (reading.start?.date(), reading.end?.date());
        let (from, to) = sides(
            start,
            end,
            grain,
            modifier,
            !part.timex.contains('-') && !bound && start.year() != now.date().year(),
        )?;
        let current = bound && midnight(start) <= now && now < midnight(end);
        running &= current;
        reading.start = Some(midnight(from));
        reading.end = Some(midnight(to));
        if current && modifier == "end" && midnight(from) < now {
            reading.start = Some(midnight(now.date()));
        }
        if current && modifier == "start" && now < midnight(to) {
            reading.end = Some(midnight(now.date()));
        }
    }
    Some(if running { part } else { part.modified(modifier) })
}

pub(super) fn sides(
    start: Date,
    end: Date,
    grain: Grain,
    modifier: &str,
    thirds: bool,
) -> Option<(Date, Date)> {
    let middle = match grain {
        Grain::Week => add_days(start, 3)?,
        Grain::Month => add_days(start, 15)?,
        _ => add_months(start, 6)?,
    };
    let span = |from: i64, to: i64| Some((add_months(start, from)?, add_months(start, to)?));
    match (grain, modifier) {
        (Grain::Year, "start") if thirds => span(0, 4),
        (Grain::Year, "mid") => span(4, 8),
        (Grain::Year, "end") if thirds => span(8, 12),
        (Grain::Month, "mid") => Some((add_days(start, 9)?, add_days(start, 20)?)),
        (Grain::Week, "mid") => Some((add_days(start, 1)?, add_days(start, 4)?)),
        (_, "start") => Some((start, middle)),
        _ => Some((middle, end)),
    }
}

/// The first day behind (2), in the middle of (1) or at the start of (0) a month or a year.
pub(super) fn edge_of(whole: Extent, edge: u8) -> Option<Extent> {
    let moved = |start: Date| -> Option<Date> {
        match (edge, whole.grain) {
            (0, _) => Some(start),
            (1, Grain::Year) => Date::new(start.year(), 7, 2).ok(),
            (1, _) => add_days(start, 15),
            (_, Grain::Year) => add_months(start, 12),
            _ => add_months(start, 1),
        }
    };
    let options: Vec<(Date, Date)> = whole
        .readings
        .iter()
        .filter_map(|r| {
            let start = moved(r.start?.date())?;
            Some((start, add_days(start, 1)?))
        })
        .collect();
    let first = options.first()?.0;
    let timex = if options.len() > 1 {
        first.strftime("XXXX-%m-%d").to_string()
    } else {
        first.to_string()
    };
    let timex = timex.strip_suffix("-01").map_or(timex.clone(), str::to_owned);
    Some(Extent::days(timex, options, Grain::Month))
}

/// `Q1 start`, `Q2 end`, `start of next month`, `end of March`: the first or the last day.
pub(super) fn edge_day(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    const LEADS: [&str; 4] = ["start of", "beginning of", "end of", "last day of"];
    let last = |extent: Extent, late: bool| {
        // A quarter without its year is one of this year.
        let reading = extent.readings.into_iter().next()?;
        let date = if late { add_days(reading.end?.date(), -1)? } else { reading.start?.date() };
        Some(Day::Exact(date))
    };
    let whole = |at: usize| {
        quarter(text, at, now)
            .or_else(|| relative(text, at, now))
            .or_else(|| month_of_year(text, at, now))
    };
    if let Some((end, index)) = any_phrase(text, at, &LEADS) {
        let (end, extent) = whole(skip_blanks(text, end))?;
        return last(extent, index >= 2).map(|day| (end, day));
    }
    let (end, extent) = quarter(text, at, now)?;
    let (end, index) = any_phrase(text, skip_blanks(text, end), &["start", "beginning", "end"])?;
    last(extent, index == 2).map(|day| (end, day))
}
