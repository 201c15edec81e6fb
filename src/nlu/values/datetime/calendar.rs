//! Weeks, months, quarters and years as stretches of days.

use jiff::civil::{Date, DateTime};

use super::day::{add_days, add_months, first_of, monday};
use super::item::{Extent, Grain};

/// The TIMEX3 value of the week of a date: `2025-W11`.
pub(super) fn iso_week(date: Date) -> String {
    let week = date.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

/// A week from Monday on, so many weeks from the one of a date.
pub(super) fn whole_week(date: Date, shift: i64) -> Option<Extent> {
    let start = add_days(monday(date)?, 7 * shift)?;
    Some(Extent::days(iso_week(start), vec![(start, add_days(start, 7)?)], Grain::Week))
}

/// A month, so many months from the one of a date.
pub(super) fn whole_month(date: Date, shift: i64) -> Option<Extent> {
    let start = add_months(first_of(date.year(), date.month())?, shift)?;
    Some(Extent::days(
        start.strftime("%Y-%m").to_string(),
        vec![(start, add_months(start, 1)?)],
        Grain::Month,
    ))
}

/// A calendar year.
pub(super) fn whole_year(year: i64) -> Option<Extent> {
    let year = i16::try_from(year).ok()?;
    Some(Extent::days(
        format!("{year:04}"),
        vec![(first_of(year, 1)?, first_of(year + 1, 1)?)],
        Grain::Year,
    ))
}

/// Saturday and Sunday of the week of a date.
pub(super) fn weekend(date: Date, shift: i64) -> Option<Extent> {
    let start = add_days(monday(date)?, 7 * shift + 5)?;
    Some(Extent::days(
        format!("{}-WE", iso_week(start)),
        vec![(start, add_days(start, 2)?)],
        Grain::Week,
    ))
}

/// A month that comes every year: the last and the next one.
pub(super) fn open_month(month: i8, now: DateTime) -> Option<Extent> {
    let this = first_of(now.date().year(), month)?;
    // The month that runs counts as the next one.
    let first = if this.month() < now.date().month() { this } else { add_months(this, -12)? };
    let options = [first, add_months(first, 12)?]
        .into_iter()
        .filter_map(|start| Some((start, add_months(start, 1)?)))
        .collect();
    Some(Extent::days(format!("XXXX-{month:02}"), options, Grain::Month))
}

/// A month of a known year.
pub(super) fn month_in(year: i16, month: i8) -> Option<Extent> {
    let start = first_of(year, month)?;
    Some(Extent::days(
        format!("{year:04}-{month:02}"),
        vec![(start, add_months(start, 1)?)],
        Grain::Month,
    ))
}

/// The nth week of a month, 5 being the last. A week belongs to the month of
/// its Thursday.
pub(super) fn nth_week(month: Date, nth: i64) -> Option<(Date, Date)> {
    let first = monday(add_days(month, 3)?)?;
    let start = if nth == 5 {
        monday(add_days(add_months(month, 1)?, -4)?)?
    } else {
        add_days(first, 7 * (nth - 1))?
    };
    Some((start, add_days(start, 7)?))
}

/// A week of the ISO year.
pub(super) fn week_of_year(year: i16, number: i64) -> Option<Extent> {
    // The week with January 4th is the first of its year.
    let first = monday(Date::new(year, 1, 4).ok()?)?;
    let start = add_days(first, 7 * (number - 1))?;
    Some(Extent::days(
        format!("{year:04}-W{number:02}"),
        vec![(start, add_days(start, 7)?)],
        Grain::Week,
    ))
}

pub(super) fn quarter_from(start: Date) -> Option<Extent> {
    let end = add_months(start, 3)?;
    Some(Extent::days(format!("({start},{end},P3M)"), vec![(start, end)], Grain::Month))
}
