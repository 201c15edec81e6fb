//! What happens again and again: "every weekday at 2am", 每天凌晨三点, and its cron expression.

use jiff::civil::{DateTime, Weekday};

use super::clock::Clock;
use crate::nlu::values::duration::{Duration, DurationUnit};

/// A rhythm, and the time of the day where one was said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recurrence {
    pub every: Every,
    pub clock: Option<Clock>,
}

/// What comes again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Every {
    /// So much later each time.
    Interval(Duration),
    /// These days of the week, Monday first.
    Days(Vec<Weekday>),
    /// Monday to Friday.
    Workdays,
    Weekends,
    /// These days of the month.
    MonthDays(Vec<i8>),
    /// A day of the year.
    YearDay(i8, i8),
}

impl Recurrence {
    /// Its TIMEX3 value.
    pub fn timex(&self, _now: DateTime) -> String {
        let clock = self.clock.map(|c| Clock { open: false, ..c }.timex()).unwrap_or_default();
        match &self.every {
            Every::Interval(duration)
                if !clock.is_empty() && *duration.parts() == [(1.0, DurationUnit::Day)] =>
            {
                clock
            }
            Every::Interval(duration) => duration.timex(),
            Every::Days(days) => {
                let day = days.first().map_or(0, |d| d.to_monday_one_offset());
                format!("XXXX-WXX-{day}{clock}")
            }
            Every::Workdays => format!("P1WD{clock}"),
            Every::Weekends => format!("XXXX-WXX-WE{clock}"),
            Every::MonthDays(days) => {
                format!("XXXX-XX-{:02}{clock}", days.first().copied().unwrap_or(0))
            }
            Every::YearDay(month, day) => format!("XXXX-{month:02}-{day:02}{clock}"),
        }
    }

    /// The readings as cron expressions of five fields (minute, hour, day of the month, month,
    /// day of the week); none for a rhythm that cron does not know (every 90 minutes).
    pub fn cron(&self) -> Vec<String> {
        let clocks = match self.clock {
            Some(clock) => clock.readings(),
            None => Clock::at(0, false).into_iter().collect(),
        };
        clocks.into_iter().filter_map(|clock| self.cron_at(clock)).collect()
    }

    fn cron_at(&self, clock: Clock) -> Option<String> {
        let time = format!("{} {}", clock.minute.unwrap_or(0), clock.hour % 24);
        Some(match &self.every {
            Every::Interval(duration) => return self.interval_cron(duration, &time),
            Every::Days(days) if days.len() == 7 => format!("{time} * * *"),
            Every::Days(days) => {
                let days: Vec<String> =
                    days.iter().map(|d| d.to_sunday_zero_offset().to_string()).collect();
                format!("{time} * * {}", days.join(","))
            }
            Every::Workdays => format!("{time} * * 1-5"),
            Every::Weekends => format!("{time} * * 0,6"),
            Every::MonthDays(days) => {
                let days: Vec<String> = days.iter().map(i8::to_string).collect();
                format!("{time} {} * *", days.join(","))
            }
            Every::YearDay(month, day) => format!("{time} {day} {month} *"),
        })
    }

    fn interval_cron(&self, duration: &Duration, time: &str) -> Option<String> {
        let [(amount, unit)] = duration.parts() else { return None };
        if amount.fract() != 0.0 || *amount < 1.0 {
            return None;
        }
        let every = *amount as u32;
        let step = |most: u32| {
            (most.is_multiple_of(every))
                .then(|| if every == 1 { "*".to_owned() } else { format!("*/{every}") })
        };
        let timed = self.clock.is_some();
        match unit {
            // Cron starts counting anew each hour and each day: only what divides them is even.
            DurationUnit::Minute if !timed => step(60).map(|s| format!("{s} * * * *")),
            DurationUnit::Hour if !timed => step(24).map(|s| format!("0 {s} * * *")),
            DurationUnit::Day if every == 1 => Some(format!("{time} * * *")),
            DurationUnit::Week if every == 1 => Some(format!("{time} * * 1")),
            DurationUnit::Month if 12 % every == 0 => step(12).map(|s| format!("{time} 1 {s} *")),
            DurationUnit::Year if every == 1 => Some(format!("{time} 1 1 *")),
            DurationUnit::BusinessDay if every == 1 => Some(format!("{time} * * 1-5")),
            _ => None,
        }
    }
}
