//! A time that is put right in the same breath: "tomorrow at 4am, no, 5am".

use std::ops::Range;

use jiff::civil::DateTime;

use super::look::byte_at;
use super::turn::Talk;
use crate::catalog::{JobTemplate, ParameterType, Value};
use crate::nlu::values::recognize::{self, TimeExpression, TimeKind};
use crate::nlu::values::{self};
use crate::nlu::{Slot, SlotValue};

/// Between two times, nothing but these says that the second takes the place of the first.
const AMENDS: [&str; 16] = [
    "no",
    "nope",
    "no wait",
    "wait no",
    "sorry",
    "sorry no",
    "no sorry",
    "i mean",
    "i meant",
    "or rather",
    "rather",
    "不",
    "不对",
    "不是",
    "应该是",
    "说错了",
];

/// A time that was put right.
pub(super) struct PutRight {
    /// Where both times stand, in bytes.
    pub span: Range<usize>,
    /// What the second one may mean, on the day of the first where it names none.
    pub moments: Vec<DateTime>,
}

impl Talk<'_> {
    /// The time of a text that another one right behind it puts right.
    pub(super) fn time_put_right(&self, text: &str) -> Option<PutRight> {
        let times = recognize::times(text, &self.reference());
        times.windows(2).find_map(|two| {
            let [first, second] = two else { return None };
            if !amends(&text[first.span.end..second.span.start]) {
                return None;
            }
            let moments = self.moments_of(text, second);
            let day = match (second.kind, self.moments_of(text, first).as_slice()) {
                (TimeKind::Time, [first, ..]) => Some(first.date()),
                _ => None,
            };
            let moments: Vec<DateTime> = moments
                .into_iter()
                .map(|moment| day.map_or(moment, |day| day.to_datetime(moment.time())))
                .collect();
            let span = first.span.start..second.span.end;
            (!moments.is_empty()).then_some(PutRight { span, moments })
        })
    }

    /// Puts right the values that stand where a time does that was put right.
    pub(super) fn put_times_right(
        &self,
        text: &str,
        template: &JobTemplate,
        slots: &mut Vec<Slot>,
    ) {
        let Some(right) = self.time_put_right(text) else { return };
        let is_time = |slot: &Slot| {
            let at = byte_at(text, slot.start)..byte_at(text, slot.end);
            let parameter = template.parameter(&slot.parameter);
            parameter.is_some_and(|parameter| parameter.kind == ParameterType::Datetime)
                && at.start < right.span.end
                && right.span.start < at.end
        };
        let Some(first) = slots.iter().position(&is_time) else { return };
        let mut slot = slots[first].clone();
        slots.retain(|slot| !is_time(slot));
        let values: Vec<Value> = right.moments.iter().map(|m| canonical(*m)).collect();
        slot.start = text[..right.span.start].chars().count();
        slot.end = text[..right.span.end].chars().count();
        slot.surface = text[right.span].to_owned();
        slot.value = match values.as_slice() {
            [only] => SlotValue::Valid(only.clone()),
            _ => SlotValue::Ambiguous(values),
        };
        slots.push(slot);
    }

    fn moments_of(&self, text: &str, time: &TimeExpression) -> Vec<DateTime> {
        let found = values::find(text, ParameterType::Datetime, &self.reference());
        let here =
            |found: &&values::Found| found.start < time.span.end && time.span.start < found.end;
        let values = found.iter().filter(here).flat_map(|found| &found.values);
        values.filter_map(|value| value.to_string().parse().ok()).collect()
    }
}

/// Whether words between two times do no more than put the first one right.
fn amends(between: &str) -> bool {
    let words: Vec<&str> = between
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("at"))
        .collect();
    let said = words.join(" ").to_lowercase();
    AMENDS.contains(&said.as_str())
}

fn canonical(moment: DateTime) -> Value {
    Value::Text(moment.strftime("%Y-%m-%dT%H:%M").to_string())
}
