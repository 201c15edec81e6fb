//! When a schedule is due: once, or again and again by a cron expression in a time zone.

use std::cmp::Ordering;

use croner::parser::{CronParser, Seconds, Year};
use croner::{
    CivilDate, CivilDateTime, CivilTime, Cron, CronDateTime, Resolution, Weekday, errors::CronError,
};
use jiff::civil::{DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use serde::{Deserialize, Serialize};

/// When a schedule is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    Once(Timestamp),
    Recurring(Recurrence),
}

/// A cron expression that was checked, in a time zone that exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct Recurrence {
    cron: String,
    zone: String,
}

/// Why a recurrence can't be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhenError {
    #[error(
        "'{cron}' is no cron expression ({reason}); it has five fields, such as '0 2 * * MON-FRI'"
    )]
    Cron { cron: String, reason: String },
    #[error("there is no time zone '{0}'; zones are called such as 'Asia/Shanghai'")]
    Zone(String),
    #[error("'{0}' never comes")]
    Never(String),
    #[error("'{0}' is no moment that there is")]
    Moment(String),
}

impl Recurrence {
    /// Checks a cron expression of five fields (minute, hour, day, month, weekday) and the IANA
    /// name of a time zone.
    ///
    /// Where the clock is set forward over a due time, it is due right after; where it is set
    /// back, a fixed time is due once (the first time), a repeated one (`*/10`) goes on.
    pub fn new(cron: &str, zone: &str) -> Result<Recurrence, WhenError> {
        let recurrence = Recurrence { cron: cron.trim().to_owned(), zone: zone.to_owned() };
        let (parsed, zone) = recurrence.parse()?;
        let now = At(Timestamp::UNIX_EPOCH.to_zoned_datetime(zone));
        match parsed.find_next_occurrence(&now, false) {
            Ok(_) => Ok(recurrence),
            Err(_) => Err(WhenError::Never(recurrence.cron)),
        }
    }

    pub fn cron(&self) -> &str {
        &self.cron
    }

    /// The same days at another time of the day; `None` where it comes more than once a day, at
    /// times that one time can't replace.
    pub fn at(&self, time: Time) -> Option<Recurrence> {
        let fields: Vec<&str> = self.cron.split_whitespace().collect();
        let [minute, hour, days @ ..] = fields.as_slice() else { return None };
        let is_one = |field: &str| field.bytes().all(|byte| byte.is_ascii_digit());
        if !is_one(minute) || !is_one(hour) {
            return None;
        }
        let cron = format!("{} {} {}", time.minute(), time.hour(), days.join(" "));
        Recurrence::new(&cron, &self.zone).ok()
    }

    /// The time zone's IANA name.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    fn parse(&self) -> Result<(Cron, TimeZone), WhenError> {
        let parser =
            CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(&self.cron).map_err(|error| WhenError::Cron {
            cron: self.cron.clone(),
            reason: error.to_string(),
        })?;
        let zone = TimeZone::get(&self.zone).map_err(|_| WhenError::Zone(self.zone.clone()))?;
        Ok((cron, zone))
    }
}

impl When {
    /// The first time it is due after a moment; `None` when it never is again.
    pub fn next_after(&self, moment: Timestamp) -> Option<Timestamp> {
        match self {
            When::Once(at) => (*at > moment).then_some(*at),
            When::Recurring(recurrence) => {
                // Checked when it was made; a zone that is gone from the machine is never due.
                let (cron, zone) = recurrence.parse().ok()?;
                let from = At(moment.to_zoned_datetime(zone));
                let next = cron.find_next_occurrence(&from, false).ok()?;
                Some(next.0.timestamp())
            }
        }
    }

    /// The times it is due after `from`, up to and including `until`: how many, at most a
    /// thousand, and the last of them.
    pub fn between(&self, from: Timestamp, until: Timestamp) -> Option<(usize, Timestamp)> {
        const MOST: usize = 1_000;
        let mut found: Option<(usize, Timestamp)> = None;
        let mut at = from;
        while let Some(next) = self.next_after(at).filter(|next| *next <= until) {
            let count = found.map_or(0, |(count, _)| count) + 1;
            found = Some((count, next));
            if count == MOST {
                break;
            }
            at = next;
        }
        found
    }
}

/// A recurrence as it is stored.
#[derive(Serialize, Deserialize)]
struct Unchecked {
    cron: String,
    zone: String,
}

impl TryFrom<Unchecked> for Recurrence {
    type Error = WhenError;

    fn try_from(stored: Unchecked) -> Result<Self, WhenError> {
        Recurrence::new(&stored.cron, &stored.zone)
    }
}

impl From<Recurrence> for Unchecked {
    fn from(recurrence: Recurrence) -> Self {
        Unchecked { cron: recurrence.cron, zone: recurrence.zone }
    }
}

/// A moment in a time zone, as croner sees it: its own implementation is for another version of
/// jiff.
#[derive(Clone)]
struct At(ZonedDateTime);

impl CronDateTime for At {
    fn to_civil(&self) -> CivilDateTime {
        let part = |number: i8| u32::from(number.unsigned_abs());
        let at = self.0.datetime();
        // The parts come from a date-time that exists.
        CivilDateTime::new(
            CivilDate::from_parts_unchecked(at.year().into(), part(at.month()), part(at.day())),
            CivilTime::from_parts_unchecked(part(at.hour()), part(at.minute()), part(at.second())),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(
            self.0.weekday().to_sunday_zero_offset().unsigned_abs().into(),
        )
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let invalid = |_| CronError::InvalidTime;
        let part = |number: u32| i8::try_from(number).map_err(|_| CronError::InvalidDate);
        let at = DateTime::new(
            i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?,
            part(civil.month())?,
            part(civil.day())?,
            part(civil.hour())?,
            part(civil.minute())?,
            part(civil.second())?,
            0,
        )
        .map_err(|_| CronError::InvalidDate)?;
        let found = self.0.time_zone().to_ambiguous_zoned_datetime(at);
        Ok(match found.offset() {
            AmbiguousOffset::Unambiguous { .. } => {
                Resolution::Single(At(found.unambiguous().map_err(invalid)?))
            }
            AmbiguousOffset::Fold { .. } => Resolution::Ambiguous(
                At(found.clone().earlier().map_err(invalid)?),
                At(found.later().map_err(invalid)?),
            ),
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(At)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.timestamp().cmp(&other.0.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn the_next_time_is_in_the_time_zone() {
        let check = |cron: &str, zone: &str, after: &str, next: &str| {
            let when = When::Recurring(Recurrence::new(cron, zone).expect("a recurrence"));
            assert_eq!(when.next_after(at(after)), Some(at(next)), "{cron} {zone} {after}");
        };
        check("0 3 * * *", "Asia/Shanghai", "2026-03-01T00:00Z", "2026-03-01T19:00Z");
        check("0 2 * * MON-FRI", "UTC", "2026-11-27T02:00Z", "2026-11-30T02:00Z");
        check("*/15 * * * *", "UTC", "2026-11-27T02:00:01Z", "2026-11-27T02:15Z");
        // Clocks go forward at 02:00 on 2026-03-29: 02:30 doesn't exist, so it is due right after.
        check("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-29T01:00Z");
        // They go back at 03:00 on 2026-10-25: 02:30 comes twice, and is due the first time only.
        check("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-25T00:30Z");
        check("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-26T01:30Z");
        check("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:30Z", "2026-10-25T01:00Z");
    }

    #[test]
    fn another_time_of_the_day_keeps_the_days() {
        let check = |cron: &str, expect: Option<&str>| {
            let recurrence = Recurrence::new(cron, "UTC").expect("a recurrence");
            let moved = recurrence.at(Time::constant(3, 30, 0, 0));
            assert_eq!(moved.as_ref().map(Recurrence::cron), expect, "{cron}");
        };
        check("0 2 * * *", Some("30 3 * * *"));
        check("15 22 * * MON-FRI", Some("30 3 * * MON-FRI"));
        check("*/15 * * * *", None);
        check("0 8,20 * * *", None);
    }

    #[test]
    fn what_is_no_recurrence_is_refused() {
        let check = |cron: &str, zone: &str, part: &str| {
            let error = Recurrence::new(cron, zone).expect_err("a refusal").to_string();
            assert!(error.contains(part), "{error}");
        };
        check("every day", "UTC", "is no cron expression");
        check("0 0 0 * * *", "UTC", "is no cron expression");
        check("0 3 * * *", "Mars/Olympus", "no time zone");
        check("0 0 31 2 *", "UTC", "never comes");
    }

    #[test]
    fn missed_times_are_counted() {
        let daily = When::Recurring(Recurrence::new("0 3 * * *", "UTC").expect("a recurrence"));
        let (from, until) = (at("2026-03-01T03:00Z"), at("2026-03-04T12:00Z"));
        assert_eq!(daily.between(from, until), Some((3, at("2026-03-04T03:00Z"))));
        assert_eq!(daily.between(until, until), None);
        let once = When::Once(from);
        assert_eq!(once.between(from, until), None);
        assert_eq!(once.next_after(at("2026-02-01T00:00Z")), Some(from));
        assert_eq!(once.next_after(from), None);
    }
}
