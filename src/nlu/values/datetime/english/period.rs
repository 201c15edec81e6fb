//! Stretches of days in English: `next week`, `March`, `Q1 2025`, `the last 3 days`, `2018`.

use jiff::civil::{Date, DateTime};

use super::day::day;
use super::words::{
    any_phrase, month, phrase, skip_marks, skip_phrase, small_number, weekday, year,
};
use crate::nlu::values::datetime::day::{Day, add_days, add_months, first_of, full_year, monday};
use crate::nlu::values::datetime::item::{
    Extent, Grain, Item, Reading, counts_days, midnight, shifted,
};
use crate::nlu::values::duration::{self, Duration, DurationUnit};
use crate::nlu::values::number::{digits, english_ordinal};
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

fn shift(text: &str, at: usize) -> Option<(usize, i64)> {
    let names: Vec<&str> = SHIFTS.iter().map(|(n, _)| *n).collect();
    any_phrase(text, at, &names).map(|(end, index)| (skip_blanks(text, end), SHIFTS[index].1))
}

/// `this week`, `next month`, `the year`, `last weekend`, `the week after next`, `year to date`.
fn relative(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
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

/// The TIMEX3 value of the week of a date: `2025-W11`.
pub(super) fn iso_week(date: Date) -> String {
    let week = date.iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

/// A week from Monday on, so many weeks from the one of a date.
pub(in crate::nlu::values::datetime) fn whole_week(date: Date, shift: i64) -> Option<Extent> {
    let start = add_days(monday(date)?, 7 * shift)?;
    Some(Extent::days(iso_week(start), vec![(start, add_days(start, 7)?)], Grain::Week))
}

/// A month, so many months from the one of a date.
pub(in crate::nlu::values::datetime) fn whole_month(date: Date, shift: i64) -> Option<Extent> {
    let start = add_months(first_of(date.year(), date.month())?, shift)?;
    Some(Extent::days(
        start.strftime("%Y-%m").to_string(),
        vec![(start, add_months(start, 1)?)],
        Grain::Month,
    ))
}

/// A calendar year.
pub(in crate::nlu::values::datetime) fn whole_year(year: i64) -> Option<Extent> {
    let year = i16::try_from(year).ok()?;
    Some(Extent::days(
        format!("{year:04}"),
        vec![(first_of(year, 1)?, first_of(year + 1, 1)?)],
        Grain::Year,
    ))
}

/// Saturday and Sunday of the week of a date.
pub(in crate::nlu::values::datetime) fn weekend(date: Date, shift: i64) -> Option<Extent> {
    let start = add_days(monday(date)?, 7 * shift + 5)?;
    Some(Extent::days(
        format!("{}-WE", iso_week(start)),
        vec![(start, add_days(start, 2)?)],
        Grain::Week,
    ))
}

/// A month that comes every year: the last and the next one.
pub(in crate::nlu::values::datetime) fn open_month(month: i8, now: DateTime) -> Option<Extent> {
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
pub(in crate::nlu::values::datetime) fn month_in(year: i16, month: i8) -> Option<Extent> {
    let start = first_of(year, month)?;
    Some(Extent::days(
        format!("{year:04}-{month:02}"),
        vec![(start, add_months(start, 1)?)],
        Grain::Month,
    ))
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

/// `week 31`, `the week of April 10th`, `first week of 2015`, `w/c Feb 4`.
fn week(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
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
    // `1st week of Oct. on Friday`
    let nth_shown = if nth == 5 { weeks.first().map_or(5, |_| 5) } else { nth };
    let _ = weekday(text, end);
    Some((end, Extent::days(format!("{}-W{nth_shown:02}", months.timex), weeks, Grain::Week)))
}

/// A week of the ISO year.
fn week_of_year(year: i16, number: i64) -> Option<Extent> {
    // The week with January 4th is the first of its year.
    let first = monday(Date::new(year, 1, 4).ok()?)?;
    let start = add_days(first, 7 * (number - 1))?;
    Some(Extent::days(
        format!("{year:04}-W{number:02}"),
        vec![(start, add_days(start, 7)?)],
        Grain::Week,
    ))
}

/// The nth week of a month, 5 being the last. The first is the one with its first Thursday.
pub(in crate::nlu::values::datetime) fn nth_week(month: Date, nth: i64) -> Option<(Date, Date)> {
    let first = monday(add_days(month, 3)?)?;
    let start = if nth == 5 {
        monday(add_days(add_months(month, 1)?, -1)?)?
    } else {
        add_days(first, 7 * (nth - 1))?
    };
    Some((start, add_days(start, 7)?))
}

/// `Q1`, `2017-Q1`, `Q3 of 2018`, `this quarter`, `the first quarter of 2013`.
fn quarter(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
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
fn glued_year(text: &str, at: usize) -> Option<(usize, i16)> {
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

fn quarter_from(start: Date) -> Option<Extent> {
    let end = add_months(start, 3)?;
    Some(Extent::days(format!("({start},{end},P3M)"), vec![(start, end)], Grain::Month))
}

/// `2019 H2`, `H1 2020`, `the second half of 2019`.
fn half(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
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
fn season(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
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
fn decade(text: &str, at: usize, _now: DateTime) -> Option<(usize, Extent)> {
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

/// `end of month`, `the beginning of March`, `mid-November`, `later this week`, `early 2019`.
fn part_of_period(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
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
fn part_of(whole: Extent, modifier: &'static str, now: DateTime, bound: bool) -> Option<Extent> {
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

fn sides(
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

/// `the next 3 days`, `past 2 hours`, `within 9 months`, `5 upcoming years`, `next hour`.
fn counted(folded: &Folded, at: usize, now: DateTime) -> Option<(usize, Item)> {
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
fn couple(text: &str, at: usize) -> Option<(usize, Duration)> {
    let (end, _) = any_phrase(text, at, &["couple", "couple of"])?;
    plural(text, skip_blanks(text, end), 2)
}

fn plural(text: &str, at: usize, count: i64) -> Option<(usize, Duration)> {
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
fn stretch(now: DateTime, duration: &Duration, sign: i64, within: bool) -> Option<Item> {
    let length = duration.timex();
    if !counts_days(duration) {
        let other = shifted(now, duration, sign)?;
        let (start, end) = if sign > 0 { (now, other) } else { (other, now) };
        let show = |moment: DateTime| moment.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let timex = format!("({},{},{length})", show(start), show(end));
        let reading = Reading { timex: timex.clone(), start: Some(start), end: Some(end) };
        return Some(Item::Moments(Extent {
            readings: vec![reading],
            modifier: None,
            timex,
            grain: Grain::Clock,
        }));
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

/// A quarter or a half year, as an end of a range.
pub(super) fn quarter_or_half(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    quarter(text, at, now).or_else(|| half(text, at, now))
}

/// `next month`, `the month`.
pub(super) fn relative_month(text: &str, at: usize, now: DateTime) -> Option<(usize, Extent)> {
    relative(text, at, now).filter(|(_, extent)| extent.grain == Grain::Month)
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

/// A stretch of a given length from a day or a time on.
pub(super) fn from_with_length(
    text: &str,
    at: usize,
    duration: &Duration,
    now: DateTime,
) -> Option<(usize, Item)> {
    if let Some((end, Item::Moment(day, clock))) = super::moment::moment(text, at, now) {
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
    if let Some((end, clock)) =
        super::clock::clock(text, at).or_else(|| super::clock::hour(text, at))
    {
        return clock_with_length(clock, duration, now).map(|item| (end, item));
    }
    let (end, day) = super::moment::longest_day(text, at, now)?;
    let start = *day.options(now).first()?;
    let finish = shifted(midnight(start), duration, 1)?.date();
    let timex = format!("({start},{finish},{})", duration.timex());
    Some((end, Item::Days(Extent::days(timex, vec![(start, finish)], Grain::Day))))
}

/// A stretch of a given length from a time of the day on.
pub(super) fn clock_with_length(
    clock: crate::nlu::values::datetime::clock::Clock,
    duration: &Duration,
    now: DateTime,
) -> Option<Item> {
    let start = clock.on(now.date(), now)?;
    let end = shifted(start, duration, 1)?;
    let length = crate::nlu::values::datetime::item::clock_length(duration.seconds() as i64);
    let timex = format!("({},{},{length})", clock.timex(), end.strftime("T%H:%M:%S"));
    let reading = Reading { timex: timex.clone(), start: Some(start), end: Some(end) };
    Some(Item::Clocks(Extent {
        readings: vec![reading],
        modifier: None,
        timex,
        grain: Grain::Clock,
    }))
}
