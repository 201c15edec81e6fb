//! Days in English: `tomorrow`, `next Friday`, `March 5th, 2025`, `the 15th`, `5/12`.

use jiff::civil::{Date, DateTime, Weekday};

use super::words::{any_phrase, day_number, month, phrase, skip_marks, skip_phrase, weekday, year};
use crate::nlu::values::datetime::day::{
    Day, Feast, add_days, add_months, first_of, full_year, nth_weekday, previous_weekday,
    weekday_of_week,
};
use crate::nlu::values::number::{digits, english_ordinal};
use crate::nlu::values::text::{after, before, ends_word, skip_blanks, starts_word};

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
    const NAMES: [(&str, i64); 23] = [
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

/// `March 5`, `5th of March 2025`, `2025-03-05`, `3/5/2025`, `3/5`.
pub(in crate::nlu::values::datetime) fn calendar_date(
    text: &str,
    at: usize,
) -> Option<(usize, Day)> {
    let money = text[..at].ends_with('$') || text[..at].ends_with("$ ");
    if money || text[..at].ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    [month_first(text, at), day_first(text, at), year_first(text, at), numeric(text, at)]
        .into_iter()
        .flatten()
        .max_by_key(|(end, _)| *end)
}

/// `March 5`, `Oct/2`, `Dec. 31 , 1994`, `may twenty nine`, `mar4`.
fn month_first(text: &str, at: usize) -> Option<(usize, Day)> {
    let (end, month) = month(text, at)?;
    let mut from = skip_marks(text, end, ".-/,");
    from = skip_phrase(text, from, &["the"]);
    let (end, day, _) = day_number(text, from)?;
    if is_clock(text, end) || unit_follows(text, end) {
        return None;
    }
    let (end, year) = year_behind(text, end).map_or((end, None), |(end, year)| (end, Some(year)));
    Day::of(year, month, day).map(|day| (end, day))
}

/// `22nd of April`, `05-Aug-2016`, `the 9th of May`, `30 December`.
fn day_first(text: &str, at: usize) -> Option<(usize, Day)> {
    let from = skip_phrase(text, at, &["the"]);
    if before(text, from).is_some_and(|c| matches!(c, '.' | ':' | '/' | '-'))
        && from == at
        && !text[..at].ends_with(" -")
        && !text[..at].ends_with("s:")
    {
        return None;
    }
    let (end, day, ordinal) = day_number(text, from)?;
    let mut next = skip_marks(text, end, "-/.");
    if ordinal {
        next = skip_phrase(text, next, &["day of"]);
    }
    next = skip_phrase(text, next, &["of"]);
    let (end, month) = month(text, next)?;
    let end = if text[end..].starts_with('.')
        && !text[end..].starts_with(". ")
        && text[end + 1..].starts_with(|c: char| c.is_ascii_digit())
    {
        end + 1
    } else {
        end
    };
    let (end, year) = year_behind(text, end).map_or((end, None), |(end, year)| (end, Some(year)));
    Day::of(year, month, day).map(|day| (end, day))
}

/// A year behind a date: `, 2016`, ` of 2020`, `-2016`, ` in 2019`.
pub(super) fn year_behind(text: &str, at: usize) -> Option<(usize, i16)> {
    let from = skip_marks(text, at, ",-/.");
    let from = skip_phrase(text, from, &["of", "in", "in the year", "of the year"]);
    if from == at {
        return None;
    }
    let (end, year) = year(text, from)?;
    // `May 5 2016-2017` and `2018-10-7` belong to what follows.
    let range =
        text[end..].starts_with(['-', '/']) && digits(text, end + 1).is_some_and(|e| e - end > 4);
    (!range).then_some((end, year))
}

/// `2025-03-12`, `2025/3/12`, `2019-aug-1`.
fn year_first(text: &str, at: usize) -> Option<(usize, Day)> {
    let end = digits(text, at).filter(|end| end - at == 4 && number_starts(text, at))?;
    let year = full_year(&text[at..end])?;
    let separator = after(text, end).filter(|c| "-/.".contains(*c))?;
    let from = end + 1;
    if let Some((end, month)) = month(text, from) {
        let from = end + text[end..].starts_with(separator).then_some(1)?;
        let end = digits(text, from).filter(|end| end - from <= 2 && ends_word(text, *end))?;
        return Day::of(Some(year), month, text[from..end].parse().ok()?).map(|day| (end, day));
    }
    let month_end = digits(text, from).filter(|end| end - from <= 2)?;
    let day_at = month_end + text[month_end..].starts_with(separator).then_some(1)?;
    let end = digits(text, day_at).filter(|end| end - day_at <= 2)?;
    let open = (!ends_word(text, end) && !text[end..].starts_with('t'))
        || (separator == '.' && text[end..].starts_with('.') && digits(text, end + 1).is_some());
    let day =
        Day::of(Some(year), text[from..month_end].parse().ok()?, text[day_at..end].parse().ok()?)?;
    (!open).then_some((end, day))
}

/// `3/5`, `3/5/2025`, `22/04`, `10-1-2018`: the month first, unless it can't be.
fn numeric(text: &str, at: usize) -> Option<(usize, Day)> {
    let (first_end, second_at, second_end) = pair(text, at, "/-.")?;
    let (first, second): (i8, i8) =
        (text[at..first_end].parse().ok()?, text[second_at..second_end].parse().ok()?);
    let separator = &text[first_end..second_at];
    let third_at = second_end + separator.len();
    if text[second_end..].starts_with(separator)
        && let Some(end) = digits(text, third_at)
        && let Some(year) = full_year(&text[third_at..end])
        && ends_word(text, end)
        && !(text[end..].starts_with(['/', '.']) && digits(text, end + 1).is_some())
        && !(separator == "." && end - third_at == 2)
    {
        return by_size(Some(year), first, second).map(|day| (end, day));
    }
    if let Some((end, year)) = (separator == "/").then(|| year_behind(text, second_end)).flatten() {
        return by_size(Some(year), first, second).map(|day| (end, day));
    }
    let open = separator != "/"
        || !ends_word(text, second_end)
        || (text[second_end..].starts_with(['/', '.', ':'])
            && digits(text, second_end + 1).is_some());
    if open {
        return None;
    }
    by_size(None, first, second).map(|day| (second_end, day))
}

/// A month and a day in either order; the month comes first unless it can't.
fn by_size(year: Option<i16>, first: i8, second: i8) -> Option<Day> {
    if first > 12 { Day::of(year, second, first) } else { Day::of(year, first, second) }
}

/// `7.6`, `7-6`, `3/5` where only a date can stand, as behind a weekday.
pub(super) fn short_date(text: &str, at: usize) -> Option<(usize, Day)> {
    let (first_end, second_at, end) = pair(text, at, "/-.")?;
    let next = skip_blanks(text, end);
    let time = is_clock(text, end)
        || any_phrase(text, next, &["am", "pm", "a.m.", "p.m."]).is_some()
        || text[next..].starts_with("am")
        || text[next..].starts_with("pm");
    if time || !ends_word(text, end) {
        return None;
    }
    let day = by_size(None, text[at..first_end].parse().ok()?, text[second_at..end].parse().ok()?)?;
    Some((end, day))
}

/// Two short numbers with a separator between.
fn pair(text: &str, at: usize, separators: &str) -> Option<(usize, usize, usize)> {
    let first = digits(text, at).filter(|end| end - at <= 2 && number_starts(text, at))?;
    after(text, first).filter(|c| separators.contains(*c))?;
    let end = digits(text, first + 1).filter(|end| end - first <= 3)?;
    Some((first, first + 1, end))
}

/// Whether a number may start here, and not within a longer one or a name.
pub(super) fn number_starts(text: &str, at: usize) -> bool {
    let lead = &text[..at];
    let inner = lead.ends_with(['/', '.', ':', '-', '#', '_']) && {
        let outer = lead[..lead.len() - 1].chars().next_back();
        outer.is_some_and(|c| {
            c.is_ascii_digit() || (lead.ends_with(['#', '.']) && c.is_ascii_alphabetic())
        })
    };
    starts_word(text, at) && !inner
}

/// Whether a colon with digits follows, so that the number before is an hour.
pub(super) fn is_clock(text: &str, at: usize) -> bool {
    text[at..].starts_with(':') && digits(text, at + 1).is_some()
        || text[at..].starts_with('.') && digits(text, at + 1).is_some()
}

/// `May 10 minutes`: the number counts something else.
fn unit_follows(text: &str, at: usize) -> bool {
    let next = skip_blanks(text, at);
    any_phrase(
        text,
        next,
        &[
            "am", "pm", "a.m", "p.m", "minutes", "minute", "mins", "hours", "hour", "days",
            "weeks", "percent",
        ],
    )
    .is_some()
        || text[next..].starts_with('%')
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
    const MONTHS: [(&str, i64); 7] = [
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

/// Feasts that people plan around.
fn feast(text: &str, at: usize, now: DateTime) -> Option<(usize, Day)> {
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
