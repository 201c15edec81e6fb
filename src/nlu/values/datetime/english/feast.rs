//! Feasts that people plan around, in English.

use jiff::civil::{DateTime, Weekday};

use super::date::year_behind;
use super::words::{any_phrase, phrase};
use crate::nlu::values::datetime::day::{Day, Feast, add_days, nth_weekday};
use crate::nlu::values::text::skip_blanks;

/// Feasts that people plan around.
pub(super) fn feast(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    use Weekday as W;
    const FEASTS: [(&str, Feast); 40] = [
        ("new year's day", Feast::Fixed(1, 1)),
        ("new years day", Feast::Fixed(1, 1)),
        ("new year day", Feast::Fixed(1, 1)),
        ("new year's eve", Feast::Fixed(12, 31)),
        ("new years eve", Feast::Fixed(12, 31)),
        ("valentine's day", Feast::Fixed(2, 14)),
        ("valentines day", Feast::Fixed(2, 14)),
        ("saint patrick", Feast::Fixed(3, 17)),
        ("saint patrick's day", Feast::Fixed(3, 17)),
        ("st patrick's day", Feast::Fixed(3, 17)),
        ("earth day", Feast::Fixed(4, 22)),
        ("may day", Feast::Fixed(5, 1)),
        ("labour day", Feast::Fixed(5, 1)),
        ("international workers' day", Feast::Fixed(5, 1)),
        ("workers' day", Feast::Fixed(5, 1)),
        ("juneteenth", Feast::Fixed(6, 19)),
        ("freedom day", Feast::Fixed(6, 19)),
        ("jubilee day", Feast::Fixed(6, 19)),
        ("independence day", Feast::Fixed(7, 4)),
        ("halloween", Feast::Fixed(10, 31)),
        ("singles day", Feast::Fixed(11, 11)),
        ("singles' day", Feast::Fixed(11, 11)),
        ("veterans day", Feast::Fixed(11, 11)),
        ("christmas eve", Feast::Fixed(12, 24)),
        ("christmas", Feast::Fixed(12, 25)),
        ("christmas day", Feast::Fixed(12, 25)),
        ("xmas", Feast::Fixed(12, 25)),
        ("boxing day", Feast::Fixed(12, 26)),
        ("martin luther king day", Feast::Nth(1, 3, W::Monday)),
        ("mlk day", Feast::Nth(1, 3, W::Monday)),
        ("mother's day", Feast::Nth(5, 2, W::Sunday)),
        ("memorial day", Feast::Nth(5, 5, W::Monday)),
        ("father's day", Feast::Nth(6, 3, W::Sunday)),
        ("labor day", Feast::Nth(9, 1, W::Monday)),
        ("thanksgiving", Feast::Nth(11, 4, W::Thursday)),
        ("thanksgiving day", Feast::Nth(11, 4, W::Thursday)),
        ("good friday", Feast::Easter(-2)),
        ("easter", Feast::Easter(0)),
        ("easter sunday", Feast::Easter(0)),
        ("easter monday", Feast::Easter(1)),
    ];
    let lead = any_phrase(text, at, &["next", "following", "last", "previous", "this"]);
    let from = lead.map_or(at, |(end, _)| skip_blanks(text, end));
    let names: Vec<&str> = FEASTS.iter().map(|(name, _)| *name).collect();
    let (end, day) = match any_phrase(text, from, &names) {
        Some((end, index)) => (end, Day::Feast(FEASTS[index].1)),
        None => black_friday(text, from)?,
    };
    let options = day.options(now);
    match lead {
        Some((_, 0 | 1)) => options.last().map(|d| (end, Day::Exact(*d))),
        Some((_, 2 | 3)) => options.first().map(|d| (end, Day::Exact(*d))),
        Some(_) => Some((end, day.in_year(now.date().year())?)),
        None => match year_behind(text, end) {
            Some((end, year)) => Some((end, day.in_year(year)?)),
            None => match phrase(text, skip_blanks(text, end), "of this year") {
                Some(end) => Some((end, day.in_year(now.date().year())?)),
                None => Some((end, day)),
            },
        },
    }
}

/// The Friday after Thanksgiving, where its year is known.
fn black_friday(text: &str, at: usize) -> Option<(usize, Day)> {
    let end = phrase(text, at, "black friday")?;
    let (end, year) = year_behind(text, end)?;
    let thanksgiving = nth_weekday(year, 11, 4, Weekday::Thursday)?;
    add_days(thanksgiving, 1).map(|d| (end, Day::Exact(d)))
}
