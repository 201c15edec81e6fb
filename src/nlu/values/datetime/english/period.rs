//! Stretches of days in English: `next week`, `March`, `2018`, `the year to date`.

use jiff::civil::DateTime;

use super::calendar::{decade, half, quarter, season, week};
use super::counted::counted;
use super::edges::part_of_period;
use super::words::{any_phrase, month, phrase, skip_marks, skip_phrase, year};
use crate::nlu::values::datetime::calendar::{
    iso_week, month_in, open_month, weekend, whole_month, whole_week, whole_year,
};
use crate::nlu::values::datetime::day::{add_days, first_of, full_year, monday};
use crate::nlu::values::datetime::item::{Extent, Grain, Item};
use crate::nlu::values::number::digits;
use crate::nlu::values::text::{Folded, after, before, ends_word, skip_blanks, starts_word, word};

/// The longest stretch of days that starts at `at`.
pub(super) fn period(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
    let text = &folded.text;
    if !starts_word(text, at) {
        return None;
    }
    let counted = counted(folded, at, now);
    let days = [
        relative(text, at, now),
        month_of_year(text, at, now),
        calendar_year(text, at),
        week(text, at, now),
        quarter(text, at, now),
        half(text, at, now),
        season(text, at, now),
        decade(text, at, now),
        part_of_period(text, at, now),
    ];
    days.into_iter()
        .flatten()
        .map(|(end, extent)| (end, Item::Days(extent)))
        .chain(counted)
        .max_by_key(|(end, _)| *end)
}

/// How many units from the present one a word in front of a unit says.
const SHIFTS: [(&str, i64); 18] = [
    ("this", 0),
    ("current", 0),
    ("present", 0),
    ("same", 0),
    ("that", 0),
    ("the", 0),
    ("my", 0),
    ("next", 1),
    ("coming", 1),
    ("upcoming", 1),
    ("following", 1),
    ("this coming", 1),
    ("this upcoming", 1),
    ("last", -1),
    ("previous", -1),
    ("past", -1),
    ("this past", -1),
    ("this current", 0),
];

pub(super) fn shift(text: &str, at: usize) -> Option<(usize, i64)> {
    let names: Vec<&str> = SHIFTS.iter().map(|(n, _)| *n).collect();
    any_phrase(text, at, &names).map(|(end, index)| (skip_blanks(text, end), SHIFTS[index].1))
}

/// `this week`, `next month`, `the year`, `last weekend`, `the week after next`, `year to date`.
pub(super) fn relative(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    let today = now.date();
    if let Some((end, _)) = any_phrase(text, at, &["year to date", "ytd"]) {
        let extent = Extent::days(
            today.year().to_string(),
            vec![(first_of(today.year(), 1)?, today)],
            Grain::Day,
        );
        return Some((end, extent));
    }
    if let Some((end, _)) = any_phrase(text, at, &["month to date", "mtd"]) {
        let start = first_of(today.year(), today.month())?;
        return Some((
            end,
            Extent::days(today.strftime("%Y-%m").to_string(), vec![(start, today)], Grain::Day),
        ));
    }
    if let Some(end) = phrase(text, at, "the week after next") {
        return whole_week(today, 2).map(|e| (end, e));
    }
    if let Some((end, _)) = any_phrase(text, at, &["weekend"]) {
        return weekend(today, 0).map(|e| (end, e));
    }
    let (unit_at, shift) = shift(text, at)?;
    let lone = text[at..].starts_with("the ");
    let (end, unit) = any_phrase(
        text,
        unit_at,
        &[
            "week",
            "month",
            "year",
            "weekend",
            "calendar year",
            "working week",
            "workweek",
            "work week",
            "business week",
        ],
    )?;
    // `the year 2008`, `the week of the 18th`, `the year to date` say more than `the year`.
    let next = skip_phrase(text, skip_blanks(text, end), &["of"]);
    let goes_on = after(text, next).is_some_and(|c| c.is_ascii_digit())
        || any_phrase(text, next, &["to date", "greater than", "before", "after next"]).is_some();
    if lone && goes_on && (unit != 2 || any_phrase(text, next, &["before"]).is_none()) {
        return None;
    }
    let undefined = any_phrase(text, at, &["same", "that"]).is_some();
    let extent = match unit {
        0 => whole_week(today, shift)?,
        1 => whole_month(today, shift)?,
        2 | 4 => whole_year(i64::from(today.year()) + shift)?,
        3 => weekend(today, shift)?,
        _ => {
            let start = add_days(monday(today)?, 7 * shift)?;
            Extent::days(iso_week(start), vec![(start, add_days(start, 5)?)], Grain::Week)
        }
    };
    if undefined {
        let timex = [
            "XXXX-WXX",
            "XXXX-XX",
            "XXXX",
            "XXXX-WXX-WE",
            "XXXX",
            "XXXX-WXX",
            "XXXX-WXX",
            "XXXX-WXX",
            "XXXX-WXX",
        ][unit];
        let mut extent = extent.modified("ref_undef");
        for reading in &mut extent.readings {
            timex.clone_into(&mut reading.timex);
        }
        return Some((end, extent));
    }
    Some((end, extent))
}

/// `March`, `March 2025`, `2017 April`, `this September`, `2015-3`, `Dec/2018`.
pub(super) fn month_of_year(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    if let Some(found) = numeric_month(text, at) {
        return Some(found);
    }
    if let Some((end, year)) = year(text, at) {
        let (end, month) = month(text, skip_marks(text, end, "-/,"))?;
        return month_in(year, month).map(|e| (end, e));
    }
    let lead = shift(text, at)
        .filter(|_| !text[at..].starts_with("the ") && !text[at..].starts_with("my "));
    let (end, month) = month(text, lead.map_or(at, |(end, _)| end))?;
    if let Some((_, shift)) = lead {
        let year = i64::from(now.date().year());
        let year = match shift {
            1 if month > now.date().month() => year,
            -1 if month < now.date().month() => year,
            shift => year + shift,
        };
        return month_in(i16::try_from(year).ok()?, month).map(|e| (end, e));
    }
    let point = if text[end..].starts_with('.') { end + 1 } else { end };
    let next = skip_phrase(text, skip_marks(text, point, ",-/"), &["of", "in", "in the year"]);
    if let Some((end, year)) = year(text, next).filter(|_| next > end) {
        return month_in(year, month).map(|e| (end, e));
    }
    const YEARS: [(&str, i64); 6] = [
        ("next year", 1),
        ("of next year", 1),
        ("this year", 0),
        ("of this year", 0),
        ("last year", -1),
        ("of last year", -1),
    ];
    let names: Vec<&str> = YEARS.iter().map(|(n, _)| *n).collect();
    if let Some((end, index)) = any_phrase(text, skip_blanks(text, point), &names) {
        return month_in(now.date().year() + YEARS[index].1 as i16, month).map(|e| (end, e));
    }
    open_month(month, now).map(|e| (end, e))
}

/// `may` and `march` are verbs more often than months: they are months where they are written as
/// names, or where the word before says that a time follows.
pub(super) fn is_verb(folded: &Folded, at: usize, end: usize) -> bool {
    let text = &folded.text;
    let Some(word) = ["may", "march"].iter().find(|m| text[at..end].ends_with(**m)) else {
        return false;
    };
    let month_at = end - word.len();
    let named = folded.cased[month_at..].starts_with('M');
    let pronoun = any_phrase(
        text,
        skip_blanks(text, end),
        &["i", "we", "you", "they", "he", "she", "it", "not"],
    );
    let led = month_at > at && !matches!(&text[at..month_at], "this " | "that " | "the ");
    pronoun.is_some() || !(named || led || announced(text, month_at) || announced(text, at))
}

/// Whether the word before says that a time follows.
fn announced(text: &str, at: usize) -> bool {
    const WORDS: [&str; 15] = [
        "in", "of", "since", "until", "till", "from", "to", "before", "after", "during", "by",
        "mid", "early", "late", "between",
    ];
    let lead = text[..at].trim_end_matches([' ', '-']);
    at > lead.len()
        && WORDS.iter().any(|w| lead.ends_with(w) && starts_word(lead, lead.len() - w.len()))
}

/// `2015-3`, `12-2015`, `3/2018`.
fn numeric_month(text: &str, at: usize) -> Option<(usize, Extent)> {
    let first_end = digits(text, at)?;
    after(text, first_end).filter(|c| "-/".contains(*c))?;
    let second_end = digits(text, first_end + 1)?;
    let (first, second) = (&text[at..first_end], &text[first_end + 1..second_end]);
    let glued = before(text, at).is_some_and(|c| "-/.:#".contains(c))
        || !ends_word(text, second_end)
        || (text[second_end..].starts_with(['-', '/', '.', ':'])
            && digits(text, second_end + 1).is_some());
    let (year, month) = match (first.len(), second.len()) {
        (4, 1..=2) => (first, second),
        (1..=2, 4) => (second, first),
        _ => return None,
    };
    let year = full_year(year).filter(|y| (1500..2200).contains(y) && !glued)?;
    month_in(year, month.parse().ok()?).map(|e| (second_end, e))
}

/// `2018`, `the year 2008`, `calendar year 2008`, `cy18`.
pub(super) fn calendar_year(text: &str, at: usize) -> Option<(usize, Extent)> {
    let from = skip_phrase(text, at, &["year", "calendar year", "cy"]);
    if from == at {
        if let Some(rest) = text[at..].strip_prefix("cy")
            && let Some(end) = digits(text, text.len() - rest.len())
        {
            return whole_year(i64::from(full_year(&text[at + 2..end])?)).map(|e| (end, e));
        }
        let glued = before(text, at).is_some_and(|c| "-/.:#$@,+_".contains(c))
            || text[..at].ends_with("$ ");
        if glued {
            return None;
        }
    }
    let (end, year) = year(text, from)?;
    let goes_on = text[end..].starts_with(['-', '/', '.'])
        && after(text, end + 1).is_some_and(|c| c.is_ascii_alphanumeric());
    let counts = from == at && !announced(text, at) && counts_things(text, end);
    let likely = from > at || announced(text, at) || (1900..=2100).contains(&year);
    (!goes_on && !counts && likely).then(|| whole_year(i64::from(year)).map(|e| (end, e))).flatten()
}

/// `2000 pieces`: a plural behind the number says that it counts.
fn counts_things(text: &str, at: usize) -> bool {
    word(text, skip_blanks(text, at)).is_some_and(|(word, _)| word.len() > 3 && word.ends_with('s'))
}

/// `next month`, `the month`.
pub(super) fn relative_month(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    relative(text, at, now).filter(|(_, extent)| extent.grain == Grain::Month)
}
