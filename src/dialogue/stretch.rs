//! Stretches of time that were said as one, "last week", "from march 1 to 5", as both ends of a pair.

use std::ops::Range;

use super::act::Pair;
use super::heard::Heard;
use super::look::byte_at;
use super::pairs;
use super::turn::Talk;
use crate::catalog::{JobTemplate, Parameter, ParameterType};
use crate::nlu::values::range;
use crate::nlu::{Slot, SlotValue};

impl Talk<'_> {
    /// Gives a stretch of time in a message to the pair of parameters that lacks both ends, where
    /// the slot model saw one of them there, or left one open, or none though both are needed.
    pub(super) fn take_stretch(
        &self,
        heard: &Heard,
        template: &JobTemplate,
        slots: &mut Vec<Slot>,
    ) {
        let given = |name: &str| {
            self.session.draft.as_ref().is_some_and(|draft| draft.values.contains_key(name))
        };
        for pair in time_pairs(template) {
            let is_end = |slot: &Slot| slot.parameter == pair.from || slot.parameter == pair.to;
            let seen: Vec<Slot> = slots.iter().filter(|slot| is_end(slot)).cloned().collect();
            // "From 1 to 2pm" leaves open by itself when 1 is.
            let unclear = seen.iter().any(|slot| matches!(slot.value, SlotValue::Ambiguous(_)));
            let expected =
                unclear || seen.len() == 1 || seen.is_empty() && is_needed(template, &pair);
            if !expected || given(&pair.from) || given(&pair.to) {
                continue;
            }
            let touches = |slot: &Slot, span: &Range<usize>| {
                byte_at(&heard.text, slot.start) < span.end
                    && span.start < byte_at(&heard.text, slot.end)
            };
            let mut stretches = self.stretches(&heard.text);
            stretches.retain(|stretch| {
                seen.iter().all(|slot| touches(slot, &stretch.span))
                    && !slots.iter().any(|slot| !is_end(slot) && touches(slot, &stretch.span))
            });
            let [stretch] = stretches.as_slice() else { continue };
            slots.retain(|slot| !is_end(slot));
            slots.extend(as_slots(&heard.text, stretch, &pair));
        }
    }

    /// Whether a whole answer is a stretch of time rather than a moment, and there is a pair for
    /// its ends.
    pub(super) fn is_stretch(&self, text: &str, parameter: &Parameter) -> bool {
        let paired = self.drafted().is_some_and(|(draft, template)| {
            let lacks = |name: &str| !draft.values.contains_key(name);
            time_pairs(template).iter().any(|pair| {
                (pair.from == parameter.name || pair.to == parameter.name)
                    && lacks(&pair.from)
                    && lacks(&pair.to)
            })
        });
        paired && !self.stretches(text).is_empty()
    }

    /// The stretches in a text that can be read in one way only, and are more than one moment or day.
    fn stretches(&self, text: &str) -> Vec<range::Pair> {
        let mut found = range::find(text, &self.reference());
        found.retain(|stretch| matches!(stretch.readings.as_slice(), [(from, to)] if from != to));
        found
    }
}

/// The pairs of times of a template.
fn time_pairs(template: &JobTemplate) -> Vec<Pair> {
    let is_time = |pair: &Pair| {
        template.parameter(&pair.from).is_some_and(|p| p.kind == ParameterType::Datetime)
    };
    pairs::pairs(template).into_iter().filter(is_time).collect()
}

/// Whether both ends of a pair have to be given.
fn is_needed(template: &JobTemplate, pair: &Pair) -> bool {
    [&pair.from, &pair.to]
        .iter()
        .all(|name| template.parameter(name).is_some_and(|p| p.required && p.default.is_none()))
}

/// The two ends of a stretch as values of a pair: each in its own words, or both in the same.
fn as_slots(text: &str, stretch: &range::Pair, pair: &Pair) -> Vec<Slot> {
    let (first, last) =
        stretch.ends.clone().unwrap_or_else(|| (stretch.span.clone(), stretch.span.clone()));
    let readings = stretch.readings.first();
    let ends = readings.map(|(from, to)| [(&pair.from, first, from), (&pair.to, last, to)]);
    ends.into_iter()
        .flatten()
        .map(|(name, range, value)| Slot {
            parameter: name.clone(),
            start: text[..range.start].chars().count(),
            end: text[..range.end].chars().count(),
            surface: text[range].to_owned(),
            value: SlotValue::Valid(value.clone()),
            confidence: 1.0,
        })
        .collect()
}
