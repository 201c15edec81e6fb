//! Calendar dates in English: `March 5th, 2025`, `05-Aug-2016`, `2025-03-12`, `3/5`.

use super::words::{any_phrase, day_number, month, skip_marks, skip_phrase, year};
use crate::nlu::values::datetime::day::{Day, full_year};
use crate::nlu::values::number::digits;
use crate::nlu::values::text::{after, before, ends_word, skip_blanks, starts_word};

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
fn is_clock(text: &str, at: usize) -> bool {
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
