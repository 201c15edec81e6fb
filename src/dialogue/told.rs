//! The times that a message says besides its values, and what they amount to: a moment, a rhythm,
//! or a question.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::DateTime;
use regex::Regex;

use super::act::WhenProblem;
use super::heard::Heard;
use super::look::byte_at;
use super::put_right::PutRight;
use super::session::{Open, Timing};
use super::turn::Talk;
use crate::catalog::{JobTemplate, ParameterType};
use crate::jobs::schedule::{Recurrence, When};
use crate::nlu::Slot;
use crate::nlu::values::recognize::{self, TimeExpression, TimeKind};
use crate::nlu::values::{self, recurring};

/// A time that a message says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Told {
    /// At once.
    Now,
    /// Later, or what has to be asked about that.
    Later(Timing),
    /// A day that is over: it says what happened then rather than when to run.
    Over { words: String },
}

impl Told {
    /// Whether the time that was said lies behind.
    pub fn has_passed(&self) -> bool {
        matches!(
            self,
            Told::Over { .. } | Told::Later(Timing::Unclear { problem: WhenProblem::Past, .. })
        )
    }
}

impl Talk<'_> {
    /// The time that a message gives besides its values. A rhythm is never the value of a date or
    /// a length that it is no answer to: such a slot is taken away.
    pub(super) fn time_told(
        &self,
        heard: &Heard,
        template: &JobTemplate,
        slots: &mut Vec<Slot>,
    ) -> Option<Told> {
        let text = &heard.text;
        let times = recognize::times(text, &self.reference());
        let counted = recurring::counted(text);
        // "10 minutes" is no length in "every 10 minutes", nor, said to a plan, in "in 10 minutes".
        let planned = matches!(self.session.open, Some(Open::Confirm { .. }));
        let whole = times
            .iter()
            .filter(|time| time.kind == TimeKind::Set || planned && time.kind != TimeKind::Duration)
            .map(|time| (time.span.clone(), time.kind == TimeKind::Set))
            .chain(counted.iter().map(|counted| (counted.span.clone(), true)));
        for (span, is_rhythm) in whole {
            slots.retain(|slot| {
                let asked = self.is_asked(&slot.parameter);
                let part = is_part(text, slot, &span) && !asked;
                let moment = !is_rhythm && touches(text, slot, &span) && !asked;
                match template.parameter(&slot.parameter).map(|p| p.kind) {
                    Some(ParameterType::Duration) => !part && !moment,
                    Some(ParameterType::Datetime) => !(is_rhythm && touches(text, slot, &span)),
                    _ => true,
                }
            });
        }
        if let Some(counted) = counted {
            return Some(Told::Later(self.so_often(text, &counted)));
        }
        let free: Vec<TimeExpression> = times
            .into_iter()
            .filter(|time| !slots.iter().any(|slot| touches(text, slot, &time.span)))
            .collect();
        self.told(text, free).or_else(|| no_time(text, slots))
    }

    /// Whether the open question is about a parameter.
    fn is_asked(&self, name: &str) -> bool {
        matches!(&self.session.open, Some(Open::Parameter { parameter, .. }) if parameter == name)
    }

    /// "Twice a day": a rhythm once each time is said at which it comes, else a question.
    pub(super) fn so_often(&self, text: &str, counted: &recurring::Counted) -> Timing {
        let words = text[counted.span.clone()].to_owned();
        let plain = format!(
            "{}{}{}",
            &text[..counted.span.start],
            counted.rhythm,
            &text[counted.span.end..]
        );
        let told = self.told(&plain, recognize::times(&plain, &self.reference()));
        match told {
            Some(Told::Later(Timing::Set { when: When::Recurring(recurrence), .. }))
                if counted.times == Some(occasions(recurrence.cron())) =>
            {
                Timing::Set { when: When::Recurring(recurrence), words }
            }
            _ => Timing::Unclear { words, problem: WhenProblem::NoTime, readings: Vec::new() },
        }
    }

    /// What times amount to: one that is clear, or a question.
    pub(super) fn told(&self, text: &str, mut times: Vec<TimeExpression>) -> Option<Told> {
        if let Some(right) = self.time_put_right(text)
            && times.iter().any(|time| right.span.contains(&time.span.start))
        {
            return self.told_right(text, right);
        }
        // "Since yesterday" says how long something has been so, "after six" at seven that it may
        // be now, and today is now or later.
        times.retain(|time| {
            let modified = |by: &str| time.modifier.is_some_and(|m| m.starts_with(by));
            time.kind != TimeKind::Duration
                && !modified("since")
                && !(modified("after") && self.is_past(time))
        });
        if times.iter().all(|time| self.is_today(time)) {
            return None;
        }
        let has_rhythm = times.iter().any(|time| time.kind == TimeKind::Set);
        let (past, times): (Vec<_>, Vec<_>) =
            times.into_iter().partition(|time| !has_rhythm && self.is_past(time));
        let (Some(first), Some(last)) = (times.first(), times.last()) else {
            return over(text, &past);
        };
        let words = text[first.span.start..last.span.end].to_owned();
        let unclear = |problem, readings| {
            Some(Told::Later(Timing::Unclear { words: words.clone(), problem, readings }))
        };
        let set = |when| Some(Told::Later(Timing::Set { when, words: words.clone() }));
        if times.len() > 1 {
            let readings: Vec<When> = match has_rhythm {
                true => self.rhythms(text, &times),
                false => times.iter().flat_map(|time| self.moments(text, time)).collect(),
            };
            return match (has_rhythm, readings.as_slice()) {
                (true, []) => unclear(WhenProblem::NoTime, Vec::new()),
                (true, [only]) => set(only.clone()),
                _ => unclear(WhenProblem::Several, readings),
            };
        }
        let moments = self.moments(text, first);
        match (first.kind, moments.as_slice()) {
            (
                TimeKind::Date
                | TimeKind::DateRange
                | TimeKind::TimeRange
                | TimeKind::DateTimeRange,
                _,
            ) => unclear(WhenProblem::NoTime, Vec::new()),
            (TimeKind::Set, []) => unclear(WhenProblem::NoRhythm, Vec::new()),
            (TimeKind::Set, _) if !says_time(first) => unclear(WhenProblem::NoTime, Vec::new()),
            (_, []) => Some(Told::Now),
            (_, [only]) => set(only.clone()),
            (_, several) => unclear(WhenProblem::Several, several.to_vec()),
        }
    }

    /// A moment that was put right in the same breath.
    fn told_right(&self, text: &str, right: PutRight) -> Option<Told> {
        let words = text[right.span].to_owned();
        let zone = self.now.time_zone();
        let moments = right.moments.iter().filter_map(|moment| {
            moment.to_zoned_datetime(zone.clone()).ok().map(|moment| moment.timestamp())
        });
        let ahead = moments.filter(|moment| *moment > self.now.timestamp());
        let mut readings: Vec<When> = ahead.map(When::Once).collect();
        Some(Told::Later(match (readings.pop(), readings.is_empty()) {
            (None, _) => Timing::Unclear { words, problem: WhenProblem::Past, readings },
            (Some(when), true) => Timing::Set { when, words },
            (Some(when), false) => {
                readings.push(when);
                Timing::Unclear { words, problem: WhenProblem::Several, readings }
            }
        }))
    }

    /// The rhythms that one rhythm and several times of the day make together: "every day at 9am
    /// and 9pm". Cron can say them only where the minutes are the same.
    fn rhythms(&self, text: &str, times: &[TimeExpression]) -> Vec<When> {
        let (sets, clocks): (Vec<_>, Vec<_>) =
            times.iter().partition(|time| time.kind == TimeKind::Set);
        let [rhythm] = sets.as_slice() else { return Vec::new() };
        if clocks.iter().any(|time| time.kind != TimeKind::Time) {
            return Vec::new();
        }
        let mut found: Vec<(Option<i8>, Vec<i8>, String)> = self
            .moments(text, rhythm)
            .iter()
            .filter_map(|when| match when {
                When::Recurring(recurrence) => daily(recurrence.cron()),
                When::Once(_) => None,
            })
            .map(|(minute, hour, days)| match says_time(rhythm) {
                true => (Some(minute), vec![hour], days),
                false => (None, Vec::new(), days),
            })
            .collect();
        for clock in clocks {
            let readings = self.clock_readings(text, clock);
            found = found
                .iter()
                .flat_map(|(minute, hours, days)| {
                    readings.iter().filter_map(move |(at_minute, hour)| {
                        let same = minute.is_none_or(|minute| minute == *at_minute);
                        let mut hours = hours.clone();
                        hours.push(*hour);
                        same.then(|| (Some(*at_minute), hours, days.clone()))
                    })
                })
                .collect();
        }
        let zone = self.zone();
        found
            .into_iter()
            .filter_map(|(minute, mut hours, days)| {
                hours.sort_unstable();
                hours.dedup();
                let hours: Vec<String> = hours.iter().map(i8::to_string).collect();
                let cron = format!("{} {} {days}", minute?, hours.join(","));
                Recurrence::new(&cron, &zone).ok().map(When::Recurring)
            })
            .collect()
    }

    /// Minute and hour of each reading of a time of the day.
    fn clock_readings(&self, text: &str, time: &TimeExpression) -> Vec<(i8, i8)> {
        let moments = self.moments(text, time);
        let moments = moments.iter().filter_map(|when| match when {
            When::Once(at) => Some(at.to_zoned_datetime(self.now.time_zone().clone())),
            When::Recurring(_) => None,
        });
        moments.map(|at| (at.minute(), at.hour())).collect()
    }

    fn zone(&self) -> String {
        self.now.time_zone().iana_name().unwrap_or("UTC").to_owned()
    }

    /// Whether a time lies behind, and so says nothing about when to run. Now does not.
    fn is_past(&self, time: &TimeExpression) -> bool {
        let now = self.now.datetime();
        let is_now = |start: Option<DateTime>| {
            time.kind == TimeKind::DateTime
                && start.is_some_and(|start| {
                    now.duration_since(start).as_secs().unsigned_abs() < NOW_SECONDS
                })
        };
        !time.readings.is_empty()
            && time.readings.iter().all(|reading| match (reading.start, reading.end) {
                (start, None) if is_now(start) => false,
                (_, Some(end)) => end <= now,
                // A time of the day comes again, and today is not over.
                (Some(_), None) if time.kind == TimeKind::Time => false,
                (Some(start), None) if time.kind == TimeKind::Date => start.date() < now.date(),
                (Some(start), None) => start <= now,
                (None, None) => true,
            })
    }

    /// Whether a time says no more than that it is today.
    fn is_today(&self, time: &TimeExpression) -> bool {
        let today = self.now.date();
        time.kind == TimeKind::Date
            && !time.readings.is_empty()
            && time.readings.iter().all(|r| r.start.is_some_and(|start| start.date() == today))
    }

    /// The moments after now, or the rhythms, that a time may mean.
    fn moments(&self, text: &str, time: &TimeExpression) -> Vec<When> {
        let reference = self.reference();
        let here =
            |found: &values::Found| found.start < time.span.end && time.span.start < found.end;
        if time.kind == TimeKind::Set {
            let found = recurring::find(text, &reference);
            let crons = found.into_iter().filter(here).flat_map(|found| found.values);
            let zone = self.zone();
            return crons
                .filter_map(|cron| Recurrence::new(&cron.to_string(), &zone).ok())
                .map(When::Recurring)
                .collect();
        }
        let found = values::find(text, ParameterType::Datetime, &reference);
        let moments = found.into_iter().filter(here).flat_map(|found| found.values);
        moments
            .filter_map(|value| value.to_string().parse::<DateTime>().ok())
            .filter_map(|moment| moment.to_zoned_datetime(self.now.time_zone().clone()).ok())
            .filter(|moment| moment.timestamp() > self.now.timestamp())
            .map(|moment| When::Once(moment.timestamp()))
            .collect()
    }
}

/// Seconds around now that are now.
const NOW_SECONDS: u64 = 60;

/// Whether a slot stands where a time does.
fn touches(text: &str, slot: &Slot, span: &Range<usize>) -> bool {
    let at = byte_at(text, slot.start)..byte_at(text, slot.end);
    at.start < span.end && span.start < at.end
}

/// Whether a slot lies within a rhythm, and is not all of it: "90 minutes" in "every 90 minutes".
fn is_part(text: &str, slot: &Slot, rhythm: &Range<usize>) -> bool {
    let at = byte_at(text, slot.start)..byte_at(text, slot.end);
    at.start < rhythm.end && rhythm.start < at.end && at != *rhythm
}

/// What times amount to that all lie behind: a moment may be a slip, and is asked about.
fn over(text: &str, past: &[TimeExpression]) -> Option<Told> {
    let words = |time: &TimeExpression| text[time.span.clone()].to_owned();
    if let Some(moment) = past.iter().find(|time| time.kind == TimeKind::DateTime) {
        let (words, readings) = (words(moment), Vec::new());
        return Some(Told::Later(Timing::Unclear { words, problem: WhenProblem::Past, readings }));
    }
    past.first().map(|time| Told::Over { words: words(time) })
}

/// `25:00` and 25点: written as a time of the day that there is not. It is asked about.
static NO_TIME: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is a constant, and every test here compiles it.
    Regex::new(
        r"(?:^|[\s\p{Han}，,(])((\d{1,2})[:：](\d{2})|(\d{1,2})点)(?:$|[\s\p{Han}，,。.?？!！)])",
    )
    .expect("a pattern")
});

/// A time of the day that there is not, where no value is made of it.
fn no_time(text: &str, slots: &[Slot]) -> Option<Told> {
    NO_TIME.captures_iter(text).find_map(|found| {
        let written = found.get(1)?;
        let number = |index: usize| found.get(index)?.as_str().parse::<u8>().ok();
        let (hour, minute) = (number(2).or(number(4))?, number(3).unwrap_or(0));
        let there_is = hour < 24 && minute < 60 || (hour, minute) == (24, 0);
        let free = !slots.iter().any(|slot| touches(text, slot, &written.range()));
        (!there_is && free).then(|| {
            let (words, readings) = (written.as_str().to_owned(), Vec::new());
            Told::Later(Timing::Unclear { words, problem: WhenProblem::NoTime, readings })
        })
    })
}

/// Whether a rhythm says at what time, or comes more often than once a day.
fn says_time(rhythm: &TimeExpression) -> bool {
    rhythm.timex.contains('T')
}

/// Minute, hour and the days of a cron expression with one time a day.
pub(super) fn daily(cron: &str) -> Option<(i8, i8, String)> {
    let (minute, rest) = cron.split_once(' ')?;
    let (hour, days) = rest.split_once(' ')?;
    Some((minute.parse().ok()?, hour.parse().ok()?, days.to_owned()))
}

/// How many times a cron expression comes in its day or week: for each hour and weekday it names.
fn occasions(cron: &str) -> u32 {
    let named = |field: usize| cron.split(' ').nth(field).map_or(0, |part| part.split(',').count());
    u32::try_from(named(1) * named(4)).unwrap_or(u32::MAX)
}
