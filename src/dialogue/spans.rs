//! Times with an end: a stretch that can be read in several ways, "昨天九点到十点", which one
//! question settles for both ends of a pair; and "until six", which is a length from now on.

use std::ops::Range;

use jiff::civil::DateTime;

use super::look::byte_at;
use super::pairs;
use super::turn::Talk;
use crate::catalog::{JobTemplate, Parameter, ParameterType, Value};
use crate::nlu::values::recognize::{self, TimeExpression, TimeKind};
use crate::nlu::values::{self, range};
use crate::nlu::{Slot, SlotValue};

/// Before a time, these make it an end, where the time itself does not say so.
const UNTIL: [&str; 8] = ["until", "till", "til", "to", "一直到", "直到", "到", "至"];

impl Talk<'_> {
    /// Gives both ends of a pair of times what the only stretch in a text may mean, where it can be
    /// read in several ways, and the pair has to be given or a part of the stretch was taken for
    /// one of its ends.
    pub(super) fn open_stretch(&self, text: &str, template: &JobTemplate, slots: &mut Vec<Slot>) {
        let found = range::find(text, &self.reference());
        let [stretch] = found.as_slice() else { return };
        if stretch.readings.len() < 2 {
            return;
        }
        let given = |p: &Parameter| {
            self.session.draft.as_ref().is_some_and(|draft| draft.values.contains_key(&p.name))
        };
        for (from, to) in time_pairs(template) {
            let is_end = |slot: &&Slot| slot.parameter == from.name || slot.parameter == to.name;
            let within = |slot: &Slot| touches(text, slot, &stretch.span);
            let taken = slots.iter().filter(is_end).any(&within);
            let elsewhere = slots.iter().filter(is_end).any(|slot| !within(slot));
            let wanted = taken || from.required && to.required;
            if elsewhere || !wanted || given(from) || given(to) {
                continue;
            }
            slots.retain(|slot| {
                let kind = template.parameter(&slot.parameter).map(|parameter| parameter.kind);
                let of_time = matches!(
                    kind,
                    Some(
                        ParameterType::Datetime | ParameterType::Duration | ParameterType::Integer
                    )
                );
                !(of_time && within(slot))
            });
            let whole = || (stretch.span.clone(), stretch.span.clone());
            let (first, last) = stretch.ends.clone().unwrap_or_else(whole);
            let mut readings = stretch.readings.clone();
            readings.sort_by_key(|(start, _)| start.to_string());
            let (starts, ends): (Vec<Value>, Vec<Value>) = readings.into_iter().unzip();
            slots.push(slot(text, from, first, starts));
            slots.push(slot(text, to, last, ends));
            return;
        }
    }

    /// Gives the only length of a job without a default how long it is until a moment: "until six".
    pub(super) fn until(&self, text: &str, template: &JobTemplate, slots: &mut Vec<Slot>) {
        let lengths = template.parameters.iter().filter(|p| p.kind == ParameterType::Duration);
        let mut needed = lengths.filter(|p| p.default.is_none());
        let (Some(length), None) = (needed.next(), needed.next()) else { return };
        let is_given = |slot: &Slot| {
            slot.parameter == length.name && matches!(slot.value, SlotValue::Valid(_))
        };
        if slots.iter().any(is_given) {
            return;
        }
        for time in recognize::times(text, &self.reference()) {
            let Some(start) = until_from(text, &time) else { continue };
            let span = start..time.span.end;
            let mut lengths: Vec<Value> = Vec::new();
            for end in self.ends_ahead(&time) {
                let minutes = self.minutes_until(end);
                if let SlotValue::Valid(value) = self.valued(&length_of(minutes), length, None)
                    && !lengths.contains(&value)
                {
                    lengths.push(value);
                }
            }
            if lengths.is_empty() {
                continue;
            }
            slots.retain(|slot| slot.parameter != length.name && !touches(text, slot, &span));
            slots.push(slot(text, length, span, lengths));
            return;
        }
    }

    /// The moments after now that a time may end at.
    fn ends_ahead(&self, time: &TimeExpression) -> Vec<DateTime> {
        let now = self.now.datetime();
        let day = jiff::SignedDuration::from_hours(24);
        let mut ends: Vec<DateTime> = time
            .readings
            .iter()
            .filter_map(|reading| match time.modifier {
                Some("until") => reading.end.or(reading.start),
                _ => reading.start,
            })
            .filter_map(|end| match time.kind {
                // A time of the day comes again.
                TimeKind::Time | TimeKind::TimeRange if end <= now => end.checked_add(day).ok(),
                _ => Some(end),
            })
            .filter(|end| *end > now)
            .collect();
        ends.sort();
        ends.dedup();
        ends
    }

    fn minutes_until(&self, end: DateTime) -> i64 {
        let seconds = end.duration_since(self.now.datetime()).as_secs();
        (seconds + 59) / 60
    }

    /// Remembers what a stretch may mean where both of its ends are open, so that one question
    /// settles both.
    pub(super) fn keep_stretch(
        &mut self,
        template: &JobTemplate,
        ambiguous: &mut Vec<(String, Vec<Value>)>,
    ) {
        for (from, to) in time_pairs(template) {
            let of = |name: &str| ambiguous.iter().find(|(of, _)| of == name).map(|(_, v)| v);
            let (Some(starts), Some(ends)) = (of(&from.name), of(&to.name)) else { continue };
            if starts.len() == ends.len()
                && let Some(draft) = &mut self.session.draft
            {
                draft.stretches = starts.iter().cloned().zip(ends.iter().cloned()).collect();
                ambiguous.retain(|(of, _)| *of != to.name);
            }
        }
    }

    /// The other end of a stretch of which one end was picked.
    pub(super) fn end_of_stretch(&mut self, name: &str, start: &Value) -> Option<(String, Value)> {
        let (_, template) = self.drafted()?;
        let (_, to) = time_pairs(template).into_iter().find(|(from, _)| from.name == name)?;
        let stretches = std::mem::take(&mut self.session.draft.as_mut()?.stretches);
        let (_, end) = stretches.into_iter().find(|(from, _)| from == start)?;
        Some((to.name.clone(), end))
    }
}

/// Minutes as a length is written.
fn length_of(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes}m"),
    }
}

/// The pairs of times that a template has.
fn time_pairs(template: &JobTemplate) -> Vec<(&Parameter, &Parameter)> {
    let of_time = |name: &str| {
        template.parameter(name).filter(|parameter| parameter.kind == ParameterType::Datetime)
    };
    let pairs = pairs::pairs(template).into_iter();
    pairs.filter_map(|pair| Some((of_time(&pair.from)?, of_time(&pair.to)?))).collect()
}

/// Where a time begins that is said as an end: at its own word for that, or at the one before it.
fn until_from(text: &str, time: &TimeExpression) -> Option<usize> {
    if time.modifier == Some("until") {
        return Some(time.span.start);
    }
    let is_moment =
        time.modifier.is_none() && !matches!(time.kind, TimeKind::Duration | TimeKind::Set);
    let before = text[..time.span.start].trim_end().to_ascii_lowercase();
    let said = UNTIL.iter().find(|word| {
        before
            .strip_suffix(**word)
            .is_some_and(|rest| !word.is_ascii() || super::cues::is_edge(rest.chars().next_back()))
    })?;
    is_moment.then(|| before.len() - said.len())
}

fn touches(text: &str, slot: &Slot, span: &Range<usize>) -> bool {
    let at = byte_at(text, slot.start)..byte_at(text, slot.end);
    at.start < span.end && span.start < at.end
}

/// A slot with the values that its words may mean.
fn slot(text: &str, parameter: &Parameter, span: Range<usize>, mut readings: Vec<Value>) -> Slot {
    let same = readings.windows(2).all(|two| two[0] == two[1]);
    let checked = readings.iter().all(|value| values::check(value, parameter).is_ok());
    let surface = text[span.clone()].to_owned();
    readings.truncate(if same { 1 } else { readings.len() });
    let value = match readings.as_slice() {
        [only] if checked => SlotValue::Valid(only.clone()),
        _ => SlotValue::Ambiguous(readings),
    };
    Slot {
        parameter: parameter.name.clone(),
        start: text[..span.start].chars().count(),
        end: text[..span.end].chars().count(),
        surface,
        value,
        confidence: 1.0,
    }
}
