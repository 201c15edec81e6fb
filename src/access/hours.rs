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
