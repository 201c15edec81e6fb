//! Days in English: `tomorrow`, `next Friday`, `the 15th`, `the first Monday of next month`.

use jiff::civil::{Date, DateTime, Weekday};

use super::date::{calendar_date, short_date, year_behind};
use super::feast::feast;
use super::words::{any_phrase, day_number, month, phrase, skip_marks, skip_phrase, weekday};
use crate::nlu::values::datetime::day::{
    Day, add_days, add_months, first_of, nth_weekday, previous_weekday, weekday_of_week,
};
use crate::nlu::values::number::{digits, english_ordinal};
use crate::nlu::values::text::{after, before, skip_blanks, starts_word};

/// The longest day that starts at `at`.
pub(in crate::nlu::values::datetime) fn day(
    text: &str,
    at: usize,
    now: DateTime,
) -> Option<(usize, Day)> {
    if !starts_word(text, at) || before(text, at).is_some_and(|c| matches!(c, '$' | '\'')) {
        return None;
    }
    [
        named(text, at, now),
        week_day(text, at, now),
        this_or_next_date(text, at, now),
        calendar_date(text, at),
        nth_of_month(text, at, now),
        bare_ordinal(text, at),
        (text[..at].ends_with(" on ")).then(|| short_date(text, at)).flatten(),
        feast(text, at, now),
    ]
    .into_iter()
    .flatten()
    .max_by_key(|(end, _)| *end)
}

/// `today`, `the day after tomorrow`, `yesterday`.
pub(super) fn named(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    const NAMES: [(&str, i64); 25] = [
        ("today", 0),
        ("the day", 0),
        ("the present day", 0),
        ("tomorrow", 1),
        ("tomorow", 1),
        ("tommorow", 1),
        ("tommorrow", 1),
        ("tmr", 1),
        ("tmrw", 1),
        ("tmw", 1),
        ("next day", 1),
        ("the next day", 1),
        ("the day after", 1),
        ("yesterday", -1),
        ("previous day", -1),
        ("the previous day", -1),
        ("the day before", -1),
        ("day after tomorrow", 2),
        ("the day after tomorrow", 2),
        ("the day after tmr", 2),
        ("the day after tmrw", 2),
        ("day after tmrw", 2),
        ("day before yesterday", -2),
        ("the day before yesterday", -2),
        ("the day of today", 0),
    ];
    let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    let (end, index) = any_phrase(text, at, &names)?;
    add_days(now.date(), NAMES[index].1).map(|date| (end, Day::Exact(date)))
}

/// Which week, in front of a weekday.
const SHIFTS: [(&str, Shift); 24] = [
    ("this", Shift::Week(0)),
    ("this week", Shift::Week(0)),
    ("this week's", Shift::Week(0)),
    ("this coming", Shift::Next),
    ("this upcoming", Shift::Next),
    ("this past", Shift::Last),
    ("the past", Shift::Last),
    ("past", Shift::Last),
    ("upcoming", Shift::Next),
    ("the coming", Shift::Next),
    ("coming", Shift::Next),
    ("the upcoming", Shift::Next),
    ("next", Shift::Week(1)),
    ("the next", Shift::Week(1)),
    ("next week", Shift::Week(1)),
    ("next week's", Shift::Week(1)),
    ("following", Shift::Week(1)),
    ("the following", Shift::Week(1)),
    ("last", Shift::Week(-1)),
    ("the last", Shift::Week(-1)),
    ("last week", Shift::Week(-1)),
    ("last week's", Shift::Week(-1)),
    ("previous", Shift::Week(-1)),
    ("previous week", Shift::Week(-1)),
];

#[derive(Clone, Copy)]
enum Shift {
    /// So many weeks from this one.
    Week(i64),
    /// The next such day after today.
    Next,
    /// The last such day before today.
    Last,
}

fn shifted(weekday: Weekday, shift: Shift, now: DateTime) -> Option<Day> {
    let today = now.date();
    let date = match shift {
        Shift::Week(weeks) => weekday_of_week(today, weeks, weekday),
        Shift::Last => previous_weekday(today, weekday),
        Shift::Next => previous_weekday(today, weekday)
            .and_then(|d| add_days(d, if d.weekday() == today.weekday() { 14 } else { 7 })),
    };
    date.map(Day::Exact)
}

/// `Friday`, `next Friday`, `Tuesday of next week`, `Friday 5/12`, `Monday the 27th`.
fn week_day(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    let names: Vec<&str> = SHIFTS.iter().map(|(name, _)| *name).collect();
    let lead = any_phrase(text, at, &names);
    let from = match lead {
        Some((end, _)) => skip_phrase(text, skip_marks(text, end, "-,"), &["on"]),
        None => at,
    };
    let (end, weekday) = weekday(text, from)?;
    if let Some((end, day)) = with_date(text, end, weekday, now) {
        let clear = match day {
            Day::Yearly(month, day) if lead.is_some() => {
                Date::new(now.date().year(), month, day).ok()
            }
            _ => None,
        };
        return Some((end, clear.map_or(day, Day::Clear)));
    }
    if let Some((_, index)) = lead {
        return shifted(weekday, SHIFTS[index].1, now).map(|day| (end, day));
    }
    const WEEKS: [(&str, i64); 12] = [
        ("next week", 1),
        ("of next week", 1),
        ("in next week", 1),
        ("of the following week", 1),
        ("of the next week", 1),
        ("this week", 0),
        ("of this week", 0),
        ("in this week", 0),
        ("last week", -1),
        ("of last week", -1),
        ("of the last week", -1),
        ("of the previous week", -1),
    ];
    let phrases: Vec<&str> = WEEKS.iter().map(|(p, _)| *p).collect();
    if let Some((week_end, index)) = any_phrase(text, skip_blanks(text, end), &phrases) {
        return weekday_of_week(now.date(), WEEKS[index].1, weekday)
            .map(|d| (week_end, Day::Exact(d)));
    }
    Some((end, Day::Weekday(weekday)))
}

/// The date behind a weekday: `Friday 5/12`, `Tue May 9`, `Friday (Jun-15)`, `Monday 21`.
fn with_date(text: &str, at: usize, weekday: Weekday, now: DateTime) -> Option<(usize, Day)> {
    let from = skip_marks(text, at, ",-(.");
    let bracket = text[at..from].contains('(');
    if from == at {
        return None;
    }
    let date = calendar_date(text, from).or_else(|| {
        // `Monday 12-4` are hours, unless the date falls on the day.
        let (end, day) = short_date(text, from)?;
        let dashed = text[from..end].contains('-');
        let falls = day.options(now).iter().any(|d| d.weekday() == weekday);
        (!dashed || falls).then_some((end, day))
    });
    if let Some((end, day)) = date {
        let end = if bracket { end + text[end..].starts_with(')').then_some(1)? } else { end };
        return Some((end, day));
    }
    let number_at = skip_phrase(text, from, &["the"]);
    let (end, day, ordinal) = day_number(text, number_at)?;
    if ordinal {
        // `Monday the 27th` is of this month where it can be.
        let date = now.date().with().day(day).build().ok()?;
        return Some((end, Day::Exact(date)));
    }
    // `Monday 9 am` and `Monday 9-11` are times, `Monday 9 hosts` is no date either.
    let next = skip_blanks(text, end);
    let closed = after(text, next).is_none_or(|c| ",.!?;)".contains(c))
        && digits(text, next + 1).is_none()
        || any_phrase(text, next, &["at", "from", "between", "and", "or", "to"]).is_some();
    (closed && number_at == from).then_some((end, Day::WeekdayOn(weekday, day)))
}

/// `this 5/12`, `next 6th of April`.
fn this_or_next_date(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    let (lead, index) = any_phrase(text, at, &["this", "next"])?;
    let (end, day) = calendar_date(text, skip_blanks(text, lead))?;
    let year = now.date().year() + index as i16;
    match day.in_year(year)? {
        Day::Exact(date) => Some((end, Day::Clear(date))),
        day => Some((end, day)),
    }
}

/// `the first Monday of next month`, `last Friday of May`, `1st week of Oct on Friday`.
fn nth_of_month(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    let from = skip_phrase(text, at, &["the"]);
    let (end, nth) = match phrase(text, from, "last") {
        Some(end) => (end, 5),
        None => english_ordinal(text, from)
            .and_then(|(end, n)| Some((end, i8::try_from(n).ok().filter(|n| *n <= 5)?)))?,
    };
    let (end, weekday) = weekday(text, skip_blanks(text, end))?;
    let (end, month) = of_month(text, end, now)?;
    match month {
        OfMonth::Open(month) => match year_behind(text, end) {
            Some((end, year)) => {
                nth_weekday(year, month, nth, weekday).map(|d| (end, Day::Exact(d)))
            }
            None => Some((end, Day::NthWeekday { month, nth, weekday })),
        },
        OfMonth::Known(year, month) => {
            nth_weekday(year, month, nth, weekday).map(|d| (end, Day::Exact(d)))
        }
    }
}

enum OfMonth {
    Open(i8),
    Known(i16, i8),
}

/// `of May`, `of the month`, `of next month`, `in June`.
fn of_month(text: &str, at: usize, now: DateTime) -> Option<(usize, OfMonth)> {
    let from = skip_blanks(text, at);
    let of = skip_phrase(text, from, &["of", "in"]);
    if let Some((end, month)) = month(text, of).filter(|_| of > from) {
        return Some((end, OfMonth::Open(month)));
    }
    const MONTHS: [(&str, i64); 9] = [
        ("previous month", -1),
        ("the following month", 1),
        ("the month", 0),
        ("this month", 0),
        ("the current month", 0),
        ("next month", 1),
        ("the next month", 1),
        ("last month", -1),
        ("the previous month", -1),
    ];
    let names: Vec<&str> = MONTHS.iter().map(|(p, _)| *p).collect();
    let (end, index) = any_phrase(text, of, &names)?;
    let date = add_months(first_of(now.date().year(), now.date().month())?, MONTHS[index].1)?;
    Some((end, OfMonth::Known(date.year(), date.month())))
}

/// `the 15th`, `29th`, `the 15th day of next month`, `the 21st this month`.
fn bare_ordinal(text: &str, at: usize) -> Option<(usize, Day)> {
    let from = skip_phrase(text, at, &["the"]);
    let (end, day, ordinal) = day_number(text, from).filter(|_| starts_word(text, from))?;
    let digital = text[from..].starts_with(|c: char| c.is_ascii_digit());
    let lead = text[..at].trim_end();
    const ANNOUNCING: [&str; 10] =
        [" on", " by", " until", " till", "from", " to", "since", " before", " after", " of"];
    let told = from > at || lead.is_empty() || ANNOUNCING.iter().any(|w| lead.ends_with(w));
    (ordinal && digital && told && !text[end..].starts_with(" century"))
        .then_some((end, Day::Monthly(day)))
}

/// `the 15th day of next month`: an ordinal with its month.
pub(super) fn ordinal_of_month(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
    let from = skip_phrase(text, at, &["the"]);
    let (end, day, ordinal) = day_number(text, from)?;
    if !ordinal {
        return None;
    }
    let next = skip_phrase(text, skip_blanks(text, end), &["day"]);
    let (end, month) = of_month(text, next, now)?;
    match month {
        OfMonth::Known(year, month) => Day::of(Some(year), month, day).map(|d| (end, d)),
        OfMonth::Open(month) => Day::of(None, month, day).map(|d| (end, d)),
    }
}
