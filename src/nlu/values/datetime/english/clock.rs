//! Times of the day in English: `3pm`, `15:30`, `half past seven`, `noon`, `in the morning`.

use super::words::{any_phrase, phrase, skip_phrase, small_number};
use crate::nlu::values::datetime::clock::{Clock, Part};
use crate::nlu::values::number::{digits, english_cardinal};
use crate::nlu::values::text::{after, before, ends_word, skip_blanks, starts_word, word};

/// A time that is one by itself, with the part of the day said behind it.
pub(in crate::nlu::values::datetime) fn clock(text: &str, at: usize) -> Option<(usize, Clock)> {
    let (end, clock) = strong(text, at).or_else(|| {
        // `7 in the morning`: the part of the day makes it a time.
        let (end, clock) = bare(text, at)?;
        part_behind(text, end).map(|_| (end, clock))
    })?;
    Some(match part_behind(text, end) {
        Some((end, part)) => (end, clock.within(part)),
        None => (end, clock),
    })
}

/// A time where only a time can stand, as behind `at`: a bare hour will do.
pub(in crate::nlu::values::datetime) fn hour(text: &str, at: usize) -> Option<(usize, Clock)> {
    clock(text, at).or_else(|| pointed(text, at)).or_else(|| bare(text, at))
}

fn strong(text: &str, at: usize) -> Option<(usize, Clock)> {
    if !starts_word(text, at) {
        return None;
    }
    [named(text, at), digital(text, at), compact(text, at), past_or_to(text, at), worded(text, at)]
        .into_iter()
        .flatten()
        .max_by_key(|(end, _)| *end)
}

/// `noon`, `midnight`, `12 noon`.
fn named(text: &str, at: usize) -> Option<(usize, Clock)> {
    const NAMES: [(&str, i8); 19] = [
        ("midmorning", 10),
        ("mid-morning", 10),
        ("mid morning", 10),
        ("midafternoon", 14),
        ("mid-afternoon", 14),
        ("mid afternoon", 14),
        ("noon", 12),
        ("noonish", 12),
        ("midday", 12),
        ("mid day", 12),
        ("mid-day", 12),
        ("12 noon", 12),
        ("12noon", 12),
        ("noontime", 12),
        ("midnight", 0),
        ("mid-night", 0),
        ("mid night", 0),
        ("12 midnight", 0),
        ("12midnight", 0),
    ];
    let names: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
    let (end, index) = any_phrase(text, at, &names)?;
    Clock::at(NAMES[index].1, false).map(|clock| (end, clock))
}

/// `15:30`, `8:00:31am`, `9:00a`, `3pm`, `11ish`, `7 o'clock`, `8.30pm`.
pub(super) fn digital(text: &str, at: usize) -> Option<(usize, Clock)> {
    if before(text, at).is_some_and(|c| {
        matches!(c, ':' | '.' | '$' | '~')
            || (matches!(c, '/' | '-') && text[..at - 1].ends_with(['.', '_']))
    }) {
        return None;
    }
    let hour_end = digits(text, at).filter(|end| end - at <= 2)?;
    let hour: i8 = text[at..hour_end].parse().ok()?;
    let mut end = hour_end;
    let mut minute = None;
    let mut second = None;
    let pointed = text[end..].starts_with('.');
    if let Some(to) = minutes(text, end, if pointed { '.' } else { ':' }) {
        minute = text[end + 1..to].parse().ok();
        end = to;
        if let Some(to) = minutes(text, end, ':') {
            second = text[end + 1..to].parse().ok();
            end = to;
        }
    }
    if let Some((end, part)) = meridiem(text, end) {
        return (hour <= 12)
            .then(|| Clock::new(hour, minute, second, true))
            .flatten()
            .map(|c| (end, c.within(part)));
    }
    if minute.is_some() && !pointed {
        let goes_on = !ends_word(text, end)
            || (text[end..].starts_with([':', '.']) && digits(text, end + 1).is_some());
        let clock = Clock::new(hour, minute, second, hour > 0)?;
        let padded = hour_end - at == 2;
        return (!goes_on).then_some((end, Clock { digital: padded, ..clock }));
    }
    let (end, _) = o_clock(text, end)?;
    (minute.is_none()).then(|| Clock::at(hour, true)).flatten().map(|c| (end, c))
}

/// `2.30` where only a time can stand.
fn pointed(text: &str, at: usize) -> Option<(usize, Clock)> {
    if before(text, at).is_some_and(|c| matches!(c, ':' | '.' | '$' | '/' | '-')) {
        return None;
    }
    let hour_end = digits(text, at).filter(|end| end - at <= 2)?;
    let end = minutes(text, hour_end, '.')?;
    let next = skip_blanks(text, end);
    let amount = text[next..].starts_with('%')
        || any_phrase(text, next, &["percent", "million", "billion"]).is_some();
    if amount
        || !ends_word(text, end)
        || (text[end..].starts_with('.') && digits(text, end + 1).is_some())
    {
        return None;
    }
    let hour = text[at..hour_end].parse().ok()?;
    Clock::new(hour, text[hour_end + 1..end].parse().ok(), None, true).map(|c| (end, c))
}

/// The end of two digits behind a separator.
fn minutes(text: &str, at: usize, separator: char) -> Option<usize> {
    let from = at + text[at..].starts_with(separator).then_some(1)?;
    digits(text, from).filter(|end| end - from == 2)
}

/// `1140 a.m.`: hour and minutes without a colon.
fn compact(text: &str, at: usize) -> Option<(usize, Clock)> {
    let end = digits(text, at).filter(|end| (3..=4).contains(&(end - at)))?;
    let split = end - 2;
    let (to, part) = meridiem(text, end)?;
    let clock =
        Clock::new(text[at..split].parse().ok()?, text[split..end].parse().ok(), None, true)?;
    Some((to, clock.within(part)))
}

/// `am`, `p.m.`, `p . m .`, and a lone `a` or `p` right behind digits.
fn meridiem(text: &str, at: usize) -> Option<(usize, Part)> {
    let mut from = skip_blanks(text, at);
    if text[from..].starts_with(['-', '.']) && from == at {
        from += 1;
    }
    let letter = after(text, from)?;
    let part = match letter {
        'a' => Part::Am,
        'p' => Part::Pm,
        _ => return None,
    };
    let pointed = |at: usize| {
        let next = skip_blanks(text, at);
        if text[next..].starts_with('.') { next + 1 } else { at }
    };
    let point = pointed(from + 1);
    let m = skip_blanks(text, point);
    if text[m..].starts_with('m') && ends_word(text, m + 1) {
        let end = m + 1;
        // The second point belongs to it only where the first one stands.
        let dotted = point > from + 1;
        return Some((if dotted { pointed(end) } else { end }, part));
    }
    let lone = from == at
        && ends_word(text, from + 1)
        && text[..at].ends_with(|c: char| c.is_ascii_digit());
    lone.then_some((from + 1, part))
}

fn o_clock(text: &str, at: usize) -> Option<(usize, usize)> {
    if let Some(end) = phrase(text, at, "ish").or_else(|| phrase(text, at, "-ish")) {
        return Some((end, 0));
    }
    any_phrase(text, skip_blanks(text, at), &["o'clock", "oclock", "o clock", "o' clock"])
}

/// `half past seven`, `quarter to eight`, `20 min past eight`, `ten past 3`.
fn past_or_to(text: &str, at: usize) -> Option<(usize, Clock)> {
    let from = skip_phrase(text, at, &["a"]);
    let (end, minutes, unit) =
        match any_phrase(text, from, &["half", "quarter", "three quarters", "three quarter"]) {
            Some((end, 0)) => (end, 30, false),
            Some((end, 1)) => (end, 15, true),
            Some((end, _)) => (end, 45, true),
            None => {
                let (end, value) = small_number(text, from).filter(|(_, n)| (1..60).contains(n))?;
                let unit =
                    any_phrase(text, skip_blanks(text, end), &["minutes", "minute", "mins", "min"]);
                (unit.map_or(end, |(end, _)| end), value as i8, unit.is_some())
            }
        };
    let next = skip_blanks(text, end);
    let (end, to) =
        match any_phrase(text, next, &["past", "after", "to", "before", "till", "of", "til"]) {
            Some((end, 0)) => (end, false),
            // `5 to 7` is a range, `5 after 7` nothing: only minutes that say so.
            Some((end, 1)) if unit => (end, false),
            Some((end, 2..)) if unit => (end, true),
            _ => return None,
        };
    let (end, clock) = hour_of_day(text, skip_blanks(text, end))?;
    let hour = if to { if clock.hour == 0 { 23 } else { clock.hour - 1 } } else { clock.hour };
    let hour = if hour == 0 && clock.open { 12 } else { hour };
    let minute = if to { 60 - minutes } else { minutes };
    Clock::new(hour, Some(minute), None, clock.open).map(|c| (end, c))
}

/// The hour that minutes are told of: `seven`, `8pm`, `noon`, `seven o'clock`.
fn hour_of_day(text: &str, at: usize) -> Option<(usize, Clock)> {
    if let Some(found) = named(text, at).or_else(|| digital(text, at)) {
        return (found.1.minute.is_none()).then_some(found);
    }
    let (end, clock) = bare(text, at)?;
    if let Some((end, part)) = meridiem(text, end) {
        return Some((end, clock.within(part)));
    }
    Some(o_clock(text, end).map_or((end, clock), |(end, _)| (end, clock)))
}

/// `seven pm`, `eight o'clock`, `eight forty`, `two forty five`, `five-thirty pm`.
fn worded(text: &str, at: usize) -> Option<(usize, Clock)> {
    let (end, hour) = word_number(text, at).filter(|(_, n)| (1..=12).contains(n))?;
    let (end, minute) = match minute_words(text, end) {
        Some((end, minute)) => (end, Some(minute)),
        None => (end, None),
    };
    let clock = Clock::new(hour, minute, None, true)?;
    if let Some((end, part)) = meridiem(text, end).filter(|(to, _)| *to > end + 2) {
        return Some((end, clock.within(part)));
    }
    if let Some((end, _)) = o_clock(text, end).filter(|(to, _)| *to > end) {
        return Some((end, clock));
    }
    // `five ten` could count: minutes alone make a time only in fives, as clocks tell them.
    minute.filter(|m| m % 5 == 0 && *m >= 10).map(|_| (end, clock))
}

fn word_number(text: &str, at: usize) -> Option<(usize, i8)> {
    const WORDS: [&str; 12] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    let (name, end) = word(text, at)?;
    WORDS.iter().position(|w| *w == name).map(|i| (end, i as i8 + 1))
}

fn minute_words(text: &str, at: usize) -> Option<(usize, i8)> {
    let mut from = skip_blanks(text, at);
    if text[from..].starts_with('-') {
        from += 1;
    }
    let (end, value) = english_cardinal(text, from).filter(|_| from > at)?;
    ((10.0..60.0).contains(&value)).then_some((end, value as i8))
}

/// A bare hour: `7`, `seven`, `0730`.
fn bare(text: &str, at: usize) -> Option<(usize, Clock)> {
    if !starts_word(text, at)
        || before(text, at).is_some_and(|c| matches!(c, ':' | '.' | '$' | '/' | '#'))
    {
        return None;
    }
    let (end, hour) = match digits(text, at) {
        Some(end) if end - at == 4 && text.as_bytes()[at] == b'0' => {
            let clock = Clock::new(
                text[at..at + 2].parse().ok()?,
                text[at + 2..end].parse().ok(),
                None,
                true,
            )?;
            return ends_word(text, end).then_some((end, clock));
        }
        Some(end) if end - at <= 2 => (end, text[at..end].parse().ok()?),
        Some(_) => return None,
        None => word_number(text, at)?,
    };
    let decimal = text[end..].starts_with(['.', ',', ':', '/', '%'])
        && digits(text, end + 1).is_some()
        || text[end..].starts_with('%');
    (!decimal && ends_word(text, end)).then(|| Clock::at(hour, true)).flatten().map(|c| (end, c))
}

/// ` in the morning`, ` at night`, ` morning` behind a time.
pub(super) fn part_behind(text: &str, at: usize) -> Option<(usize, Part)> {
    let mut from = skip_blanks(text, at);
    if text[from..].starts_with(',') {
        from = skip_blanks(text, from + 1);
    }
    const PHRASES: [(&str, Part); 10] = [
        ("in the morning", Part::Morning),
        ("in the early morning", Part::Morning),
        ("in the afternoon", Part::Afternoon),
        ("in the evening", Part::Evening),
        ("in the night", Part::Night),
        ("at night", Part::Night),
        ("of the morning", Part::Morning),
        ("in morning", Part::Morning),
        ("in afternoon", Part::Afternoon),
        ("in evening", Part::Evening),
    ];
    let names: Vec<&str> = PHRASES.iter().map(|(p, _)| *p).collect();
    any_phrase(text, from, &names).filter(|_| from > at).map(|(end, index)| (end, PHRASES[index].1))
}

/// The bare name of a part of the day.
pub(super) fn part(text: &str, at: usize) -> Option<(usize, Part)> {
    const NAMES: [(&str, Part); 14] = [
        ("morning", Part::Morning),
        ("mornings", Part::Morning),
        ("afternoon", Part::Afternoon),
        ("afternoons", Part::Afternoon),
        ("evening", Part::Evening),
        ("evenings", Part::Evening),
        ("night", Part::Night),
        ("nights", Part::Night),
        ("lunchtime", Part::Lunch),
        ("lunch time", Part::Lunch),
        ("am", Part::Am),
        ("pm", Part::Pm),
        ("business hours", Part::Business),
        ("daytime", Part::Day),
    ];
    let names: Vec<&str> = NAMES.iter().map(|(p, _)| *p).collect();
    any_phrase(text, at, &names)
        .filter(|_| starts_word(text, at))
        .map(|(end, index)| (end, NAMES[index].1))
}
