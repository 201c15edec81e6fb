//! Moments as values: `2025-03-12T23:00`, local to the user's time zone.

use std::ops::Range;

use jiff::civil::DateTime;

use super::{Item, chinese, english, items, points, settle};
use crate::catalog::Value;
use crate::nlu::values::text::{Folded, skip_blanks};
use crate::nlu::values::{Found, range};

/// The canonical form; seconds only where there are any.
pub(crate) fn canonical(moment: DateTime) -> Value {
    let format = if moment.second() == 0 { "%Y-%m-%dT%H:%M" } else { "%Y-%m-%dT%H:%M:%S" };
    Value::Text(moment.strftime(format).to_string())
}

/// Reads a canonical moment.
pub(crate) fn parse(text: &str) -> Option<DateTime> {
    let shaped = text.len() >= 16 && text.as_bytes().get(10) == Some(&b'T') && text.is_ascii();
    let moment: DateTime = text.parse().ok().filter(|_| shaped)?;
    (canonical(moment) == Value::from(text)).then_some(moment)
}

/// Moments in a text, in offsets of the folded text. The two ends of a range are found apart.
pub(crate) fn find(folded: &Folded, now: DateTime) -> Vec<Found> {
    let items = items(folded, now);
    let mut found: Vec<Found> = range::ends(folded, &items, now);
    let rhythms = items.iter().filter(|(_, item)| matches!(item, Item::Recurring(_)));
    let taken: Vec<Range<usize>> =
        found.iter().map(|f| f.start..f.end).chain(rhythms.map(|(r, _)| r.clone())).collect();
    for (range, item) in points(folded, &taken, now) {
        if is_lunar(&folded.text[range.clone()]) {
            continue;
        }
        let moments = settle::moments(&item, &folded.text[range.clone()], now, None);
        let values = values(moments, &item);
        if !values.is_empty() {
            found.push(Found { start: range.start, end: range.end, values });
        }
    }
    found.sort_by_key(|f| f.start);
    found
}

/// Whether a date is of the lunar calendar, which this one does not convert: better asked for
/// again than taken for a date of the solar one.
fn is_lunar(surface: &str) -> bool {
    let first_days = surface.split("月初").skip(1).any(|rest| !rest.is_empty());
    ["农历", "阴历", "正月", "腊月", "冬月"].iter().any(|w| surface.contains(w)) || first_days
}

/// Canonical moments. What is counted in minutes does not keep the seconds of now.
fn values(moments: Vec<DateTime>, item: &Item) -> Vec<Value> {
    let counted = matches!(item, Item::Instant(_));
    moments.into_iter().map(|m| canonical(if counted { settle::to_minute(m) } else { m })).collect()
}

/// `end of the month`: its last day is meant, not where its second half starts.
fn ends_late(item: &Item) -> bool {
    matches!(item, Item::Days(extent) if extent.modifier == Some("end"))
}

/// What a text is worth as a moment: a point in time, or the end of a stretch that was said
/// ("by Friday"), or where a stretch starts ("tomorrow morning").
pub(crate) fn interpret(folded: &Folded, now: DateTime, anchor: Option<DateTime>) -> Vec<Value> {
    let text = &folded.text;
    if let Some(moment) = parse(&folded.cased) {
        return vec![canonical(moment)];
    }
    if is_lunar(text) {
        return Vec::new();
    }
    let whole = |(range, _): &(Range<usize>, Item)| *range == (0..text.len());
    if let Some((_, item)) = points(folded, &[], now).iter().find(|i| whole(i)) {
        return values(settle::moments(item, text, now, anchor), item);
    }
    let items = items(folded, now);
    if let Some((_, item)) = items.iter().find(|i| whole(i)) {
        let point = settle::moments(item, text, now, anchor);
        let end = if point.is_empty() { settle::one_end(item, now) } else { point };
        if !end.is_empty() {
            return values(end, item);
        }
        return settle::stretches(item, false, now)
            .into_iter()
            .map(|(start, end)| if ends_late(item) { end } else { start })
            .map(|moment| canonical(settle::to_minute(moment)))
            .collect();
    }
    // `12号` can only be a day where a moment is asked for.
    if let Some((_, day)) = chinese::numbered_day(text, 0).filter(|(end, _)| *end == text.len()) {
        let item = Item::Day(day);
        return values(settle::moments(&item, text, now, anchor), &item);
    }
    let from = if text.starts_with("at ") { skip_blanks(text, 2) } else { 0 };
    match english::hour(text, from).filter(|(end, _)| *end == text.len()) {
        Some((_, clock)) => {
            let item = Item::Clock(clock);
            values(settle::moments(&item, text, now, anchor), &item)
        }
        None => Vec::new(),
    }
}
