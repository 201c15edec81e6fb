//! Weeks, quarters, halves, seasons and decades in English: `week 31`, `Q1 2025`, `summer`.

use jiff::civil::{Date, DateTime};

use super::day::day;
use super::period::{month_of_year, shift};
use super::words::{any_phrase, phrase, skip_marks, skip_phrase, small_number, year};
use crate::nlu::values::datetime::calendar::{nth_week, quarter_from, week_of_year};
use crate::nlu::values::datetime::day::{add_days, add_months, first_of, full_year, monday};
use crate::nlu::values::datetime::item::{Extent, Grain};
use crate::nlu::values::number::{digits, english_ordinal};
use crate::nlu::values::text::{ends_word, skip_blanks};

/// `week 31`, `the week of April 10th`, `first week of 2015`, `w/c Feb 4`.
pub(super) fn week(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    if let Some(end) = phrase(text, at, "week") {
        let (end, number) =
            small_number(text, skip_blanks(text, end)).filter(|(_, n)| (1..=53).contains(n))?;
        return week_of_year(now.date().year(), number).map(|e| (end, e));
    }
    const LEADS: [&str; 9] = [
        "the week of",
        "week of",
        "w/c",
        "the week beginning",
        "the week starting",
        "the week commencing",
        "the week beginning on",
        "the week starting on",
        "the week commencing on",
    ];
    if let Some((end, _)) = any_phrase(text, at, &LEADS) {
        let (end, day) = day(text, skip_blanks(text, end), now)?;
        let options = day
            .options(now)
            .into_iter()
            .filter_map(|d| Some((monday(d)?, add_days(monday(d)?, 7)?)))
            .collect();
        return Some((end, Extent::days(day.timex(now), options, Grain::Week)));
    }
    let from = skip_phrase(text, at, &["the"]);
    let (end, nth) = match phrase(text, from, "last") {
        Some(end) => (end, 5),
        None => english_ordinal(text, from)
            .filter(|(_, n)| *n <= 5)
            .map(|(end, n)| (end, i64::from(n)))?,
    };
    let (end, _) = any_phrase(text, skip_blanks(text, end), &["week of", "week in"])?;
    let from = skip_phrase(text, skip_blanks(text, end), &["the year"]);
    if let Some((end, year)) = year(text, from) {
        let nth = if nth == 5 { 52 } else { nth };
        return week_of_year(year, nth).map(|e| (end, e));
    }
    let (end, months) = month_of_year(text, from, now)?;
    let weeks: Vec<(Date, Date)> =
        months.readings.iter().filter_map(|r| nth_week(r.start?.date(), nth)).collect();
    Some((end, Extent::days(format!("{}-W{nth:02}", months.timex), weeks, Grain::Week)))
}

/// `Q1`, `2017-Q1`, `Q3 of 2018`, `this quarter`, `the first quarter of 2013`.
pub(super) fn quarter(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    if let Some((unit_at, shift)) = shift(text, at)
        && let Some(end) = phrase(text, unit_at, "quarter")
    {
        let this = first_of(now.date().year(), (now.date().month() - 1) / 3 * 3 + 1)?;
        return quarter_from(add_months(this, 3 * shift)?).map(|e| (end, e));
    }
    if let Some((end, year)) = year(text, at).or_else(|| glued_year(text, at)) {
        let (end, number) = quarter_number(text, skip_marks(text, end, "-"))?;
        return quarter_from(first_of(year, 3 * number - 2)?).map(|e| (end, e));
    }
    let (end, number) = quarter_number(text, at)?;
    let next = skip_phrase(text, skip_marks(text, end, "-,"), &["of", "in", "of the year"]);
    if let Some((end, year)) = year(text, next).filter(|_| next > end) {
        return quarter_from(first_of(year, 3 * number - 2)?).map(|e| (end, e));
    }
    const YEARS: [(&str, i64); 5] = [
        ("this year", 0),
        ("of this year", 0),
        ("next year", 1),
        ("of next year", 1),
        ("of last year", -1),
    ];
    let names: Vec<&str> = YEARS.iter().map(|(n, _)| *n).collect();
    if let Some((end, index)) = any_phrase(text, skip_blanks(text, end), &names) {
        return quarter_from(first_of(now.date().year() + YEARS[index].1 as i16, 3 * number - 2)?)
            .map(|e| (end, e));
    }
    let end = phrase(text, skip_blanks(text, end), "of the year").unwrap_or(end);
    let options: Vec<(Date, Date)> = (0..2)
        .filter_map(|k| {
            let start = first_of(now.date().year() + k, 3 * number - 2)?;
            Some((start, add_months(start, 3)?))
        })
        .collect();
    let (from, to) = (3 * number - 2, if number == 4 { 1 } else { 3 * number + 1 });
    Some((
        end,
        Extent::days(format!("(XXXX-{from:02}-01,XXXX-{to:02}-01,P3M)"), options, Grain::Month),
    ))
}

/// A year right in front of `-Q1`.
pub(super) fn glued_year(text: &str, at: usize) -> Option<(usize, i16)> {
    let end = digits(text, at).filter(|end| end - at == 4)?;
    Some((end, full_year(&text[at..end])?))
}

fn quarter_number(text: &str, at: usize) -> Option<(usize, i8)> {
    if let Some((end, index)) = any_phrase(text, at, &["q1", "q2", "q3", "q4"]) {
        return Some((end, index as i8 + 1));
    }
    let from = skip_phrase(text, at, &["the"]);
    let (end, n) = english_ordinal(text, from).filter(|(_, n)| (1..=4).contains(n))?;
    let end = phrase(text, skip_blanks(text, end), "quarter")?;
    Some((end, n as i8))
}

/// `2019 H2`, `H1 2020`, `the second half of 2019`.
pub(super) fn half(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    let number = |at: usize| any_phrase(text, at, &["h1", "h2"]).map(|(end, i)| (end, i as i8));
    let (end, year, half) = if let Some((end, y)) = year(text, at).or_else(|| glued_year(text, at))
    {
        let (end, half) = number(skip_marks(text, end, "-"))?;
        (end, y, half)
    } else {
        let (end, half) = number(at).or_else(|| {
            let from = skip_phrase(text, at, &["the"]);
            any_phrase(text, from, &["first half", "second half"]).map(|(end, i)| (end, i as i8))
        })?;
        let next = skip_phrase(text, skip_marks(text, end, "-,"), &["of", "in"]);
        match year(text, next) {
            Some((end, year)) => (end, year, half),
            None => {
                let (end, index) =
                    any_phrase(text, next, &["this year", "the year", "next year", "last year"])?;
                (end, now.date().year() + [0, 0, 1, -1][index], half)
            }
        }
    };
    let start = first_of(year, 6 * half + 1)?;
    let to = add_months(start, 6)?;
    Some((end, Extent::days(format!("({start},{to},P6M)"), vec![(start, to)], Grain::Month)))
}

/// `summer`, `this summer`, `winter 2019`: no dates, since nobody agrees on them.
pub(super) fn season(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    if let Some(found) = fiscal_year(text, at, now) {
        return Some(found);
    }
    const SEASONS: [(&str, &str); 5] =
        [("spring", "SP"), ("summer", "SU"), ("fall", "FA"), ("autumn", "FA"), ("winter", "WI")];
    let names: Vec<&str> = SEASONS.iter().map(|(n, _)| *n).collect();
    let lead = shift(text, at).filter(|_| !text[at..].starts_with("the "));
    let (end, index) = any_phrase(text, lead.map_or(at, |(end, _)| end), &names)?;
    let letters = SEASONS[index].1;
    let next = skip_phrase(text, skip_marks(text, end, ","), &["of", "in"]);
    let (end, timex) = match (lead, year(text, next)) {
        (Some((_, shift)), _) => {
            (end, format!("{}-{letters}", i64::from(now.date().year()) + shift))
        }
        (None, Some((end, year))) => (end, format!("{year:04}-{letters}")),
        // `fall` alone is a verb more often.
        (None, None) if letters == "FA" && &text[at..end] == "fall" => return None,
        (None, None) => (end, letters.to_owned()),
    };
    Some((end, Extent { readings: Vec::new(), modifier: None, timex, grain: Grain::Month }))
}

/// `fiscal year 2008`, `last fiscal year`, `sy18`: no dates either, every house has its own.
fn fiscal_year(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    let lead = shift(text, at).filter(|_| !text[at..].starts_with("the "));
    let from = lead.map_or(at, |(end, _)| end);
    let unplaced = |end: usize, timex: String| {
        Some((end, Extent { readings: Vec::new(), modifier: None, timex, grain: Grain::Year }))
    };
    if let Some((end, index)) = any_phrase(text, from, &["fiscal year", "school year", "fy", "sy"])
    {
        let letters = ["FY", "SY", "FY", "SY"][index];
        if let Some((_, shift)) = lead {
            return unplaced(end, format!("{letters}{}", i64::from(now.date().year()) + shift));
        }
        return match year(text, skip_blanks(text, end)) {
            Some((end, year)) => unplaced(end, format!("{letters}{year}")),
            None => unplaced(end, format!("{letters}XXXX")),
        };
    }
    let letters = ["fy", "sy"].iter().find(|l| text[from..].starts_with(**l))?;
    let end = digits(text, from + 2).filter(|end| ends_word(text, *end))?;
    let year = full_year(&text[from + 2..end])?;
    unplaced(end, format!("{}{year}", letters.to_ascii_uppercase()))
}

/// `the 1990s`, `the 15th century`.
pub(super) fn decade(text: &str, at: usize, _now: DateTime) -> Option<(usize, Extent)> {
    let from = skip_phrase(text, at, &["the"]);
    let (start, end, years) = if let Some(digits_end) = digits(text, from) {
        if let Some((ordinal_end, n)) = english_ordinal(text, from) {
            let end = phrase(text, skip_blanks(text, ordinal_end), "century")?;
            (i16::try_from(n).ok()?.checked_sub(1)?.checked_mul(100)?, end, 100)
        } else {
            let s = skip_blanks(text, digits_end);
            let s = if text[s..].starts_with('\'') { s + 1 } else { s };
            let year = full_year(&text[from..digits_end])
                .filter(|y| y % 10 == 0 && digits_end - from == 4)?;
            (text[s..].starts_with('s') && ends_word(text, s + 1)).then_some((year, s + 1, 10))?
        }
    } else {
        return None;
    };
    let (first, last) = (first_of(start, 1)?, first_of(start + years, 1)?);
    Some((
        end,
        Extent::days(format!("({first},{last},P{years}Y)"), vec![(first, last)], Grain::Year),
    ))
}

/// A quarter or a half year, as an end of a range.
pub(super) fn quarter_or_half(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    quarter(text, at, now).or_else(|| half(text, at, now))
}
