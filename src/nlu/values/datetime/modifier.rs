//! `before`, `after`, `since` and `until`: a time with only one end.

use jiff::civil::DateTime;

use super::item::{Extent, Grain, Item, Reading};

/// What was said about a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modifier {
    Before,
    After,
    Since,
    Until,
    Approx,
}

impl Modifier {
    /// Its name in TIMEX3's `mod`.
    fn name(self) -> &'static str {
        match self {
            Modifier::Before => "before",
            Modifier::After => "after",
            Modifier::Since => "since",
            Modifier::Until => "until",
            Modifier::Approx => "approx",
        }
    }
}

/// A time with one end: everything before, after, since or until it. `None` for what has no place
/// in time.
pub(crate) fn modify(item: Item, modifier: Modifier, now: DateTime) -> Option<Item> {
    let points = item.readings(now);
    Some(match item {
        Item::Day(_) => Item::Days(cut_points(points, modifier, Grain::Day)),
        Item::Clock(_) => Item::Clocks(cut_points(points, modifier, Grain::Clock)),
        Item::Moment(..) | Item::Instant(_) => {
            Item::Moments(cut_points(points, modifier, Grain::Clock))
        }
        Item::Days(extent) => Item::Days(cut(extent, modifier)),
        Item::Clocks(extent) => Item::Clocks(cut(extent, modifier)),
        Item::Moments(extent) => Item::Moments(cut(extent, modifier)),
        Item::Length(..) | Item::Recurring(_) => return None,
    })
}

/// The open side cut off a stretch: after it, from its start on, before it, or until its end.
fn cut(extent: Extent, modifier: Modifier) -> Extent {
    let combined = match (extent.modifier, modifier) {
        (Some("start"), Modifier::Before) => "before-start",
        (Some("end"), Modifier::Before) => "before-end",
        (Some("mid"), Modifier::Before) => "before-mid",
        (Some("start"), Modifier::After) => "after-start",
        (Some("end"), Modifier::After) => "after-end",
        (Some("mid"), Modifier::After) => "after-mid",
        (Some("start"), Modifier::Since) => "since-start",
        (Some("end"), Modifier::Since) => "since-end",
        (Some("mid"), Modifier::Since) => "since-mid",
        (Some("approx"), Modifier::Before) => "before-approx",
        (Some("approx"), Modifier::After) => "after-approx",
        (Some("approx"), Modifier::Since) => "since-approx",
        (_, modifier) => modifier.name(),
    };
    let inner = extent.modifier;
    let readings = extent
        .readings
        .into_iter()
        .map(|r| match modifier {
            // Before the end of May is before June.
            Modifier::Before if inner == Some("end") => {
                Reading { start: None, end: r.end, timex: r.timex }
            }
            Modifier::Before => Reading { start: None, end: r.start, timex: r.timex },
            Modifier::After if inner == Some("start") => {
                Reading { start: r.start, end: None, timex: r.timex }
            }
            Modifier::After => Reading { start: r.end.or(r.start), end: None, timex: r.timex },
            Modifier::Approx => r,
            Modifier::Since => Reading { start: r.start, end: None, timex: r.timex },
            Modifier::Until => Reading { start: None, end: r.end, timex: r.timex },
        })
        .collect();
    Extent { readings, modifier: Some(combined), timex: extent.timex, grain: extent.grain }
}

/// A point with one side open.
fn cut_points(points: Vec<Reading>, modifier: Modifier, grain: Grain) -> Extent {
    let timex = points.first().map(|r| r.timex.clone()).unwrap_or_default();
    let readings = points
        .into_iter()
        .map(|r| match modifier {
            Modifier::Before | Modifier::Until => {
                Reading { start: None, end: r.start, timex: r.timex }
            }
            Modifier::After | Modifier::Since | Modifier::Approx => Reading { end: None, ..r },
        })
        .collect();
    Extent { readings, modifier: Some(modifier.name()), timex, grain }
}
