//! A part of the day as an answer: 凌晨 or "in the evening" picks among times that were offered.

use jiff::civil::{DateTime, Time};

use super::act::{OptionItem, Pick};
use super::turn::Talk;
use crate::catalog::{ParameterType, is_han};
use crate::jobs::schedule::When;
use crate::nlu::values;

/// An answer longer than this says more than a part of the day.
const LONGEST: usize = 24;

impl Talk<'_> {
    /// The only option that is in the part of the day which an answer says: with it, the time on
    /// the clock reads as that option and as no other.
    pub(super) fn in_part_of_day<'o>(
        &self,
        said: &str,
        options: &'o [OptionItem],
    ) -> Option<&'o OptionItem> {
        let said = said.trim().trim_end_matches(['.', '!', '。', '！', '吧', '的']);
        if said.is_empty() || said.len() > LONGEST || said.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let is_in = |option: &&OptionItem| {
            self.time_of(option).is_some_and(|time| self.reads_as(said, time))
        };
        let mut found = options.iter().filter(is_in);
        match (found.next(), found.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// Whether a time of the clock is, in a part of the day, just this time.
    fn reads_as(&self, part: &str, time: Time) -> bool {
        let hour = match time.hour() % 12 {
            0 => 12,
            hour => hour,
        };
        let minute = time.minute();
        let clock = match (part.contains(is_han), minute) {
            (true, 0) => vec![format!("{part}{hour}点")],
            (true, _) => vec![format!("{part}{hour}点{minute}分")],
            (false, _) => vec![
                format!("{hour}:{minute:02} {part}"),
                format!("{hour}:{minute:02} in the {part}"),
            ],
        };
        clock.iter().any(|text| {
            let found = values::find(text, ParameterType::Datetime, &self.reference());
            let [only] = found.as_slice() else { return false };
            let [value] = only.values.as_slice() else { return false };
            let moment: Option<DateTime> = value.to_string().parse().ok();
            (only.start, only.end) == (0, text.len())
                && moment.is_some_and(|moment| moment.time() == time)
        })
    }

    /// The time of the day that an option stands for.
    fn time_of(&self, option: &OptionItem) -> Option<Time> {
        match &option.pick {
            Pick::Value { value, .. } => {
                value.to_string().parse().ok().map(|moment: DateTime| moment.time())
            }
            Pick::When { when: Some(When::Once(at)) } => {
                Some(at.to_zoned_datetime(self.now.time_zone().clone()).time())
            }
            Pick::When { when: Some(When::Recurring(rhythm)) } => {
                let (minute, hour, _) = super::told::daily(rhythm.cron())?;
                Time::new(hour, minute, 0, 0).ok()
            }
            _ => None,
        }
    }
}
