//! Hours of the week, in a time zone, with holidays: when rules apply.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::load::Loader;

/// The moment so much later, or the last there is.
pub(super) fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    // Fails for calendar units alone, which a duration does not have.
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Days and hours in a time zone.
///
/// Hours that end at or before they begin go on into the next day and belong to the day on
/// which they began: Friday from 22:00 to 06:00 ends on Saturday morning.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    days: Days,
    from: Time,
    /// Exclusive; `None` is the end of the day.
    to: Option<Time>,
    zone: TimeZone,
    calendar: Arc<Calendar>,
}

impl Window {
    /// Whether the moment is within these hours.
    pub fn contains(&self, now: Timestamp) -> bool {
        let local = now.to_zoned_datetime(self.zone.clone());
        let (date, time) = (local.date(), local.time());
        let today = self.days.contain(date, &self.calendar);
        match self.to {
            None => today && time >= self.from,
            Some(to) if to > self.from => today && time >= self.from && time < to,
            Some(to) => {
                let began_yesterday = time < to
                    && date.yesterday().is_ok_and(|day| self.days.contain(day, &self.calendar));
                began_yesterday || (today && time >= self.from)
            }
        }
    }
}

/// Days that are not what their weekday says, from `holidays.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Free although on a Monday to Friday.
    #[serde(default)]
    holidays: BTreeSet<Date>,
    /// Worked although on a weekend, as China's make-up days are.
    #[serde(default)]
    workdays: BTreeSet<Date>,
}

impl Calendar {
    /// Reads the file, where there is one.
    pub(super) fn load(loader: &mut Loader) -> Calendar {
        let calendar: Calendar = loader.read_if_there(CALENDAR);
        for both in calendar.holidays.intersection(&calendar.workdays) {
            let text = format!("{both} is both a holiday and a workday");
            loader.mistake(CALENDAR, 0, "holidays", text);
        }
        calendar
    }

    fn is_workday(&self, date: Date) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.workdays.contains(&date) || (!weekend && !self.holidays.contains(&date))
    }
}

const CALENDAR: &str = "holidays.yaml";

#[derive(Debug, Clone, PartialEq)]
struct Days {
    /// From Monday on.
    weekdays: [bool; 7],
    workdays: bool,
    holidays: bool,
}

impl Days {
    const ALL: Days = Days { weekdays: [true; 7], workdays: false, holidays: false };
    const NONE: Days = Days { weekdays: [false; 7], workdays: false, holidays: false };

    fn contain(&self, date: Date, calendar: &Calendar) -> bool {
        // Monday is 0 and Sunday 6, so the index is always within the seven days.
        let weekday = self.weekdays[date.weekday().to_monday_zero_offset() as usize];
        weekday
            || (self.workdays && calendar.is_workday(date))
            || (self.holidays && !calendar.is_workday(date))
    }

    /// Adds `mon`, `mon-fri`, `workday` or `holiday`; `false` when it is none of them.
    fn add(&mut self, text: &str) -> bool {
        match text {
            "workday" => self.workdays = true,
            "holiday" => self.holidays = true,
            _ => {
                let (first, last) = text.split_once('-').unwrap_or((text, text));
                let (Some(first), Some(last)) = (weekday(first), weekday(last)) else {
                    return false;
                };
                let mut day = first;
                loop {
                    self.weekdays[day] = true;
                    if day == last {
                        break;
                    }
                    day = (day + 1) % 7;
                }
            }
        }
        true
    }
}

fn weekday(name: &str) -> Option<usize> {
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().position(|day| *day == name)
}

/// Hours as they are written in a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWindow {
    #[serde(default)]
    days: Vec<Spanned<String>>,
    from: Option<Spanned<String>>,
    to: Option<Spanned<String>>,
    zone: Spanned<String>,
}

impl RawWindow {
    /// The hours, or `None` when something is wrong with them; then that is noted.
    pub fn check(
        &self,
        file: &str,
        calendar: &Arc<Calendar>,
        loader: &mut Loader,
    ) -> Option<Window> {
        let mut days = if self.days.is_empty() { Days::ALL } else { Days::NONE };
        let mut right = true;
        for day in &self.days {
            if !days.add(&day.value) {
                let text = format!(
                    "`{}` is no day; use mon, tue, wed, thu, fri, sat, sun, a range such as \
                     mon-fri, workday or holiday",
                    day.value
                );
                loader.mistake(file, day.referenced.line(), "days", text);
                right = false;
            }
        }
        let zone = loader.zone(file, "zone", &self.zone)?;
        let from = clock(self.from.as_ref(), "from", file, loader)?;
        let to = clock(self.to.as_ref(), "to", file, loader)?;
        right.then(|| Window {
            days,
            from: from.unwrap_or(Time::midnight()),
            to,
            zone,
            calendar: calendar.clone(),
        })
    }
}

/// A time of the day; `24:00`, like none at all, is its end. The outer `None`: a mistake.
fn clock(
    text: Option<&Spanned<String>>,
    field: &str,
    file: &str,
    loader: &mut Loader,
) -> Option<Option<Time>> {
    let Some(text) = text else { return Some(None) };
    if text.value == "24:00" && field == "to" {
        return Some(None);
    }
    match Time::strptime("%H:%M", &text.value) {
        Ok(time) => Some(Some(time)),
        Err(_) => {
            let wrong = format!("`{}` is no time of the day; write it as \"09:30\"", text.value);
            loader.mistake(file, text.referenced.line(), field, wrong);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(yaml: &str) -> Result<Window, String> {
        let calendar = Calendar {
            holidays: [Date::constant(2026, 1, 6)].into(),
            workdays: [Date::constant(2026, 1, 10)].into(),
        };
        let raw: RawWindow = serde_saphyr::from_str(yaml).map_err(|e| e.to_string())?;
        let mut loader = Loader::new(std::path::Path::new(""));
        let window = raw.check("f.yaml", &Arc::new(calendar), &mut loader);
        loader.finish(window).map_err(|m| m.to_string())?.ok_or_else(|| "nothing".to_owned())
    }

    #[test]
    fn hours_hold_in_their_zone() {
        // 2026-01-07 is a Wednesday; Berlin is one hour ahead of UTC.
        let night = r#"{days: [fri], from: "22:00", to: "06:00", zone: Europe/Berlin}"#;
        let office = r#"{days: [mon-fri], from: "09:00", to: "18:00", zone: Europe/Berlin}"#;
        let weekend = "{days: [sat-mon], zone: UTC}";
        let evening = r#"{from: "20:00", to: "24:00", zone: UTC}"#;
        let cases = [
            (office, "2026-01-07T08:00:00Z", true),
            (office, "2026-01-07T07:59:59Z", false),
            (office, "2026-01-07T16:59:59Z", true),
            (office, "2026-01-07T17:00:00Z", false),
            (office, "2026-01-10T12:00:00Z", false),
            // In summer Berlin is two hours ahead.
            (office, "2026-07-01T07:00:00Z", true),
            (night, "2026-01-09T21:00:00Z", true),
            (night, "2026-01-10T04:59:59Z", true),
            (night, "2026-01-10T05:00:00Z", false),
            (night, "2026-01-09T04:00:00Z", false),
            (night, "2026-01-10T22:00:00Z", false),
            (weekend, "2026-01-10T00:00:00Z", true),
            (weekend, "2026-01-12T23:59:59Z", true),
            (weekend, "2026-01-13T00:00:00Z", false),
            (evening, "2026-01-07T23:59:59Z", true),
            (evening, "2026-01-08T00:00:00Z", false),
            ("{days: [workday], zone: UTC}", "2026-01-06T12:00:00Z", false),
            ("{days: [workday], zone: UTC}", "2026-01-10T12:00:00Z", true),
            ("{days: [holiday], zone: UTC}", "2026-01-06T12:00:00Z", true),
            ("{days: [holiday], zone: UTC}", "2026-01-11T12:00:00Z", true),
            ("{days: [holiday, wed], zone: UTC}", "2026-01-07T12:00:00Z", true),
        ];
        for (yaml, moment, expected) in cases {
            let window = window(yaml).unwrap();
            assert_eq!(window.contains(moment.parse().unwrap()), expected, "{yaml} {moment}");
        }
    }

    #[test]
    fn wrong_hours_say_what_would_be_right() {
        let cases = [
            ("{days: [monday], zone: UTC}", "f.yaml:1: days: `monday` is no day"),
            (r#"{from: "25:00", zone: UTC}"#, "from: `25:00` is no time of the day"),
            (r#"{from: "24:00", zone: UTC}"#, "from: `24:00` is no time of the day"),
            ("{zone: Berlin}", "zone: `Berlin` is no time zone"),
        ];
        for (yaml, expected) in cases {
            let error = window(yaml).unwrap_err();
            assert!(error.contains(expected), "{yaml}: {error}");
        }
    }
}
