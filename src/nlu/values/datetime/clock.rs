//! Times of the day, with or without a hint whether morning or evening is meant.

use jiff::civil::{Date, DateTime};

use super::day::add_days;

/// A time of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    /// 0 to 24.
    pub hour: i8,
    pub minute: Option<i8>,
    pub second: Option<i8>,
    /// Whether it could as well be twelve hours later.
    pub open: bool,
    /// Written as a 24-hour clock does (`02:00`, `10:30`), though it might be meant otherwise.
    pub digital: bool,
    /// Said of a night, so that small hours belong to the next day.
    pub night: bool,
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Before dawn (凌晨).
    Dawn,
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
    /// `a.m.`
    Am,
    /// `p.m.`
    Pm,
    /// The hours of a working day.
    Business,
    Lunch,
    Day,
}

impl Part {
    /// Its letters in TIMEX3, its first hour and its end, in hours; 24 is a second before midnight.
    pub fn range(self) -> (&'static str, i8, i8) {
        match self {
            Part::Dawn => ("DA", 4, 8),
            Part::Morning | Part::Am => ("MO", 8, 12),
            Part::Noon => ("MI", 11, 13),
            Part::Afternoon | Part::Pm => ("AF", 12, 16),
            Part::Evening => ("EV", 16, 20),
            Part::Night => ("NI", 20, 24),
            Part::Business => ("BH", 8, 18),
            Part::Lunch => ("MEL", 11, 13),
            Part::Day => ("DT", 8, 18),
        }
    }
}

impl Clock {
    /// A time; `None` if no clock shows it. `open` holds only up to twelve o'clock.
    pub fn new(hour: i8, minute: Option<i8>, second: Option<i8>, open: bool) -> Option<Clock> {
        let fits = (0..=24).contains(&hour)
            && minute.is_none_or(|m| (0..60).contains(&m))
            && second.is_none_or(|s| (0..60).contains(&s))
            && !(hour == 24 && minute.unwrap_or(0) + second.unwrap_or(0) > 0);
        let open = open && (1..=12).contains(&hour);
        fits.then_some(Clock { hour, minute, second, open, digital: false, night: false })
    }

    /// A time on the hour.
    pub fn at(hour: i8, open: bool) -> Option<Clock> {
        Clock::new(hour, None, None, open)
    }

    /// The time within a part of the day. Where the clock says another part itself (19:30 in the
    /// morning), it stays as it is.
    pub fn within(mut self, part: Part) -> Clock {
        if matches!(part, Part::Night) && self.hour < 5 {
            self.night = true;
        }
        if !self.open {
            return self;
        }
        self.open = false;
        self.digital = false;
        let hour = self.hour;
        self.hour = match part {
            Part::Am | Part::Dawn if hour == 12 => 0,
            Part::Afternoon | Part::Pm | Part::Evening if hour < 12 => hour + 12,
            Part::Noon | Part::Lunch if hour < 10 => hour + 12,
            Part::Night if (5..12).contains(&hour) => hour + 12,
            Part::Night if hour == 12 => {
                self.night = true;
                0
            }
            Part::Night => {
                self.night = true;
                hour
            }
            _ => hour,
        };
        self
    }

    /// Its TIMEX3 value: `T15`, `T15:30`.
    pub fn timex(self) -> String {
        let mut timex = format!("T{:02}", self.hour);
        if let Some(minute) = self.minute {
            timex.push_str(&format!(":{minute:02}"));
            if let Some(second) = self.second {
                timex.push_str(&format!(":{second:02}"));
            }
        }
        timex
    }

    /// The times it may be: itself, and where it is open the one twelve hours later.
    pub fn readings(self) -> Vec<Clock> {
        let settled = Clock { open: false, ..self };
        if !self.open {
            return vec![settled];
        }
        vec![settled, Clock { hour: (self.hour + 12) % 24, ..settled }]
    }

    /// Seconds since midnight.
    pub fn seconds(self) -> i64 {
        i64::from(self.hour) * 3600
            + i64::from(self.minute.unwrap_or(0)) * 60
            + i64::from(self.second.unwrap_or(0))
    }

    /// The moment on a day. The small hours of a night belong to the next day, unless they are
    /// still to come today.
    pub fn on(self, date: Date, now: DateTime) -> Option<DateTime> {
        let at = |date: Date| {
            let hour = if self.hour == 24 { 0 } else { self.hour };
            Some(date.at(hour, self.minute.unwrap_or(0), self.second.unwrap_or(0), 0))
        };
        if self.hour == 24 {
            return at(add_days(date, 1)?);
        }
        let moment = at(date)?;
        let still_to_come = date == now.date() && moment >= now;
        if self.night && self.hour < 5 && !still_to_come {
            return at(add_days(date, 1)?);
        }
        Some(moment)
    }
}
