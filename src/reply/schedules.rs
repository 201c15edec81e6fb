//! Schedules, in words: when they are due, what is said before, instead of and about their runs.

use jiff::Timestamp;

use super::{Action, Reply, Speech, Writer, say};
use crate::catalog::{Language, Value, Values};
use crate::channels::Block;
use crate::dialogue::Query;
use crate::jobs::schedule::{Recurrence, Schedule, When};

impl Writer<'_> {
    /// A schedule that was just made.
    pub fn scheduled(&self, schedule: &Schedule) -> Reply {
        let text = say!(
            self.speech, "schedule-made",
            "name" => schedule.name(),
            "job" => self.job_name(&schedule.template),
            "when" => self.when(&schedule.when),
        );
        let next = match &schedule.when {
            When::Once(_) => None,
            When::Recurring(_) => self.next(schedule),
        };
        self.handles(schedule, Reply::text(text).text_line(next))
    }

    /// One schedule with everything about it.
    pub fn schedule(&self, schedule: &Schedule) -> Reply {
        let values = self.values_of(&schedule.template, &schedule.values);
        let lines = [Some(values).filter(|values| !values.is_empty()), self.next(schedule)];
        let reply = Reply::text(self.schedule_line(schedule));
        self.handles(schedule, reply.text_line(lines.into_iter().flatten()))
    }

    /// A schedule that is gone.
    pub fn schedule_dropped(&self, schedule: &Schedule) -> Reply {
        let job = self.job_name(&schedule.template);
        Reply::text(say!(self.speech, "schedule-dropped", "name" => schedule.name(), "job" => job))
    }

    /// A schedule whose place another one took.
    pub fn schedule_replaced(&self, schedule: &Schedule) -> Reply {
        Reply::text(say!(self.speech, "schedule-replaced", "name" => schedule.name()))
    }

    /// `@7 Deploy an application: on weekdays at 02:00`.
    pub fn schedule_line(&self, schedule: &Schedule) -> String {
        let (name, job) = (schedule.name(), self.job_name(&schedule.template));
        let when = self.when(&schedule.when);
        match schedule.paused {
            true => {
                say!(self.speech, "schedule-paused", "name" => name, "job" => job, "when" => when)
            }
            false => {
                say!(self.speech, "schedule-line", "name" => name, "job" => job, "when" => when)
            }
        }
    }

    /// Schedules as rows: name and job, values, when; whose it is, where it is not the reader's.
    pub fn schedule_rows(&self, schedules: &[Schedule], reader: &str) -> Block {
        let speech = self.speech;
        let rows = schedules.iter().map(|schedule| {
            let job = self.job_name(&schedule.template);
            let values = self.values_of(&schedule.template, &schedule.values);
            let what = if values.is_empty() { job } else { format!("{job} ({values})") };
            let held = schedule.paused.then(|| say!(speech, "schedule-held"));
            let by = Some(&schedule.requester).filter(|user| *user != reader).cloned();
            let remark = [Some(self.when(&schedule.when)), held, by];
            (schedule.name(), what, speech.list(remark.into_iter().flatten()))
        });
        Block::Rows(rows.collect())
    }

    /// Says that a run is near.
    pub fn due_soon(&self, schedule: &Schedule, due: Timestamp) -> Reply {
        let text = say!(
            self.speech, "schedule-soon",
            "name" => schedule.name(),
            "job" => self.job_name(&schedule.template),
            "values" => self.values_of(&schedule.template, &schedule.values),
            "at" => self.speech.moment(due, &self.zone),
        );
        self.handles(schedule, Reply::text(text))
    }

    /// Says that a run begins as planned.
    pub fn due_now(&self, schedule: &Schedule) -> Reply {
        Reply::text(say!(self.speech, "schedule-now", "name" => schedule.name()))
    }

    /// Says that a run begins late.
    pub fn due_late(&self, schedule: &Schedule, due: Timestamp, missed: usize) -> Reply {
        let at = self.speech.moment(due, &self.zone);
        let name = schedule.name();
        Reply::text(
            say!(self.speech, "schedule-late", "name" => name, "at" => at, "count" => missed),
        )
    }

    /// Says that a run was left out.
    pub fn due_skipped(&self, schedule: &Schedule, due: Timestamp, missed: usize) -> Reply {
        let text = say!(
            self.speech, "schedule-skipped",
            "name" => schedule.name(),
            "job" => self.job_name(&schedule.template),
            "at" => self.speech.moment(due, &self.zone),
            "count" => missed,
        );
        self.handles(schedule, Reply::text(text).text_line(self.next(schedule)))
    }

    /// Says that a run was refused; why, follows.
    pub fn due_refused(&self, schedule: &Schedule) -> Reply {
        let job = self.job_name(&schedule.template);
        Reply::text(say!(self.speech, "schedule-refused", "name" => schedule.name(), "job" => job))
    }

    /// Says that a schedule is held, since its job is not what it was when it was confirmed.
    pub fn schedule_changed(&self, schedule: &Schedule) -> Reply {
        let job = self.job_name(&schedule.template);
        let values = self.values_of(&schedule.template, &schedule.values);
        let name = schedule.name();
        let text =
            say!(self.speech, "schedule-changed", "name" => name, "job" => job, "values" => values);
        self.handles(&Schedule { paused: true, ..schedule.clone() }, Reply::text(text))
    }

    /// When a schedule is due, in words.
    pub fn when(&self, when: &When) -> String {
        let speech = self.speech;
        match when {
            When::Once(at) => say!(speech, "when-once", "at" => speech.moment(*at, &self.zone)),
            When::Recurring(recurrence) => {
                let rhythm = speech.rhythm(recurrence);
                match self.zone.iana_name() == Some(recurrence.zone()) {
                    true => rhythm,
                    false => {
                        say!(speech, "when-zone", "when" => rhythm, "zone" => recurrence.zone())
                    }
                }
            }
        }
    }

    fn next(&self, schedule: &Schedule) -> Option<String> {
        let at = self.speech.moment(schedule.next?, &self.zone);
        Some(say!(self.speech, "schedule-next", "at" => at))
    }

    /// Buttons for what can be done about it, if anything is to come of it.
    fn handles(&self, schedule: &Schedule, reply: Reply) -> Reply {
        if schedule.is_over() {
            return reply;
        }
        let speech = self.speech;
        let change = |change: &str| {
            let arguments = Values::from([
                ("schedule".to_owned(), Value::from(schedule.number)),
                ("change".to_owned(), Value::from(change)),
            ]);
            Action::Ask { query: Query { command: "schedule_change".into(), arguments } }
        };
        let reply = match schedule.paused {
            true => reply.button(say!(speech, "button-resume"), change("resume")),
            false => reply.button(say!(speech, "button-pause"), change("pause")),
        };
        reply.button(say!(speech, "button-drop"), change("drop"))
    }
}

impl Speech {
    /// A cron expression in words, as far as there are plain ones for it.
    fn rhythm(self, recurrence: &Recurrence) -> String {
        self.in_words(recurrence.cron())
            .unwrap_or_else(|| say!(self, "rhythm-cron", "cron" => recurrence.cron()))
    }

    fn in_words(self, cron: &str) -> Option<String> {
        let fields: Vec<&str> = cron.split_whitespace().collect();
        let [minute, hour, day, "*", weekday] = fields[..] else { return None };
        if let (Some(step), "*", "*", "*") = (minute.strip_prefix("*/"), hour, day, weekday) {
            let step: u32 = step.parse().ok()?;
            return Some(say!(self, "rhythm-minutes", "count" => step));
        }
        let at: u32 = minute.parse().ok()?;
        if let ("*", "*") = (day, weekday)
            && let Some(step) = hour.strip_prefix("*/").or((hour == "*").then_some("1"))
        {
            let step: u32 = step.parse().ok()?;
            return Some(
                say!(self, "rhythm-hours", "count" => step, "minute" => format!("{at:02}")),
            );
        }
        let hours = numbers(hour)?;
        let clock = self.list(hours.iter().map(|hour| format!("{hour:02}:{at:02}")));
        let days = match (day, weekday) {
            ("*", "*") => say!(self, "days-all"),
            ("*", "1-5" | "MON-FRI") => say!(self, "days-work"),
            ("*", "0,6" | "6,0" | "SAT,SUN") => say!(self, "days-weekend"),
            ("*", days) => self.weekdays(days)?,
            (days, "*") => {
                let days = numbers(days)?;
                let days = self.list(days.iter().map(|day| self.day_of_month(*day)));
                say!(self, "days-month", "days" => days)
            }
            _ => return None,
        };
        Some(say!(self, "rhythm-days", "days" => days, "at" => clock))
    }

    fn weekdays(self, days: &str) -> Option<String> {
        let names = numbers(days)?.into_iter().map(|day| match day % 7 {
            0 => say!(self, "day-sunday"),
            1 => say!(self, "day-monday"),
            2 => say!(self, "day-tuesday"),
            3 => say!(self, "day-wednesday"),
            4 => say!(self, "day-thursday"),
            5 => say!(self, "day-friday"),
            _ => say!(self, "day-saturday"),
        });
        Some(say!(self, "days-week", "days" => self.list(names)))
    }

    /// The number of a day as it is said: `the 1st`, 1日.
    fn day_of_month(self, day: u32) -> String {
        match self.language {
            Language::Zh => format!("{day}日"),
            Language::En => {
                let ending = match (day % 10, day / 10) {
                    (1, 0 | 2 | 3) => "st",
                    (2, 0 | 2) => "nd",
                    (3, 0 | 2) => "rd",
                    _ => "th",
                };
                format!("{day}{ending}")
            }
        }
    }
}

/// `2` or `1,3,5`.
fn numbers(field: &str) -> Option<Vec<u32>> {
    field.split(',').map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rhythms_are_said_in_words() {
        let check = |cron: &str, en: &str, zh: &str| {
            let recurrence = Recurrence::new(cron, "UTC").expect("a recurrence");
            assert_eq!(Speech::new(Language::En).rhythm(&recurrence), en);
            assert_eq!(Speech::new(Language::Zh).rhythm(&recurrence), zh);
        };
        check("0 2 * * 1-5", "on weekdays at 02:00", "工作日 02:00");
        check("30 8,20 * * *", "every day at 08:30, 20:30", "每天 08:30、20:30");
        check("15 4 * * 0,6", "at weekends at 04:15", "周末 04:15");
        check("0 9 * * 1,4", "every Monday, Thursday at 09:00", "每逢周一、周四 09:00");
        check("0 6 1,22 * *", "every month on the 1st, 22nd at 06:00", "每月1日、22日 06:00");
        check("*/15 * * * *", "every 15 minutes", "每15分钟");
        check("0 * * * *", "every hour at :00", "每小时的第00分");
        check("0 */6 * * *", "every 6 hours at :00", "每6小时的第00分");
        check("0 0 1 1 *", "by the cron expression 0 0 1 1 *", "按 cron 表达式 0 0 1 1 *");
    }
}
