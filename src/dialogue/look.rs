//! Looking for values: what a message says of a template's parameters, beyond the first look of
//! the slot model.

use super::heard::Heard;
use super::joints::{self, Direction};
use super::turn::Talk;
use super::{cues, options, pairs, pointers};
use crate::catalog::{JobTemplate, Parameter, ParameterType, Value};
use crate::nlu::{Slot, SlotValue, values};

impl Talk<'_> {
    /// The values a message brings for a template, what it negates left aside.
    pub(super) fn understand(
        &self,
        heard: &Heard,
        template: &JobTemplate,
        expected: Option<&Parameter>,
    ) -> Vec<Slot> {
        let nlu = self.mind.nlu;
        let reference = self.reference();
        let negated = cues::negated(&heard.text);
        let mut slots = nlu.slots(&heard.utterance, template, expected, &reference);
        if !negated.is_empty() {
            let taken_back = |slot: &Slot| {
                let at = byte_at(&heard.text, slot.start);
                negated.iter().any(|range| range.contains(&at)) && !is_boolean(template, slot)
            };
            if slots.iter().any(taken_back) {
                let rest = self.read(&cues::without(&heard.text, &negated));
                let booleans = slots.into_iter().filter(|slot| is_boolean(template, slot));
                let mut again = nlu.slots(&rest.utterance, template, expected, &reference);
                again.retain(|slot| !is_boolean(template, slot));
                again.extend(booleans);
                slots = again;
            }
        }
        // A place or a time is no yes and no no: 第二个, 三点.
        slots.retain(|slot| {
            let says_more = values::ordinal(&slot.surface).is_some()
                || !values::recognize::times(&slot.surface, &reference).is_empty();
            !(says_more && is_boolean(template, slot))
        });
        if expected.is_none() {
            self.switches(heard, template, &mut slots);
        }
        let pointers = pointers::pointers(&heard.text);
        slots.retain(|slot| {
            let at = byte_at(&heard.text, slot.start);
            !pointers.iter().any(|p| p.is_reference(template) && p.range.start == at)
        });
        if expected.is_some() || self.session.draft.as_ref().is_some_and(|d| d.shown.is_some()) {
            self.add_by_clause(heard, template, &mut slots);
        }
        for slot in &mut slots {
            self.widen(heard, template, slot);
        }
        super::bare::heed_units(heard, template, &mut slots);
        self.direct(heard, template, &mut slots);
        self.anchor(template, &mut slots);
        self.put_times_right(&heard.text, template, &mut slots);
        self.take_stretch(heard, template, &mut slots);
        self.open_stretch(&heard.text, template, &mut slots);
        self.until(&heard.text, template, &mut slots);
        slots
    }

    /// What is found in a clause by itself, where the whole message shows nothing for that
    /// parameter.
    fn add_by_clause(&self, heard: &Heard, template: &JobTemplate, slots: &mut Vec<Slot>) {
        const SURE: f32 = 0.5;
        let clauses = cues::clause_ranges(&heard.text);
        if clauses.len() < 2 {
            return;
        }
        let negated = cues::negated(&heard.text);
        let found_already = |p: &Parameter| slots.iter().any(|slot| slot.parameter == p.name);
        let others = without(template, found_already);
        for clause in clauses {
            if negated.iter().any(|range| range.contains(&clause.start)) {
                continue;
            }
            let before = heard.text[..clause.start].chars().count();
            let part = self.read(&heard.text[clause]);
            let mut found = self.mind.nlu.slots(&part.utterance, &others, None, &self.reference());
            if found.is_empty() {
                found.extend(self.left_over(&part, &others));
            }
            for mut slot in found {
                slot.start += before;
                slot.end += before;
                let taken = slots.iter().any(|known| {
                    known.parameter == slot.parameter
                        || (known.start < slot.end && slot.start < known.end)
                });
                if !taken && slot.confidence >= SURE && !is_boolean(template, &slot) {
                    slots.push(slot);
                }
            }
        }
    }

    /// The parameter that a number in a clause is most likely meant for, where the slot model
    /// gives it to none by itself: "2 cores each".
    fn left_over(&self, part: &Heard, others: &JobTemplate) -> Option<Slot> {
        let reference = self.reference();
        if values::find(&part.text, ParameterType::Number, &reference).is_empty() {
            return None;
        }
        let draft = self.session.draft.as_ref();
        others
            .parameters
            .iter()
            .filter(|p| options::takes_numbers(p))
            .filter(|p| draft.is_none_or(|draft| !draft.values.contains_key(&p.name)))
            .filter_map(|expected| {
                let alone = without(others, |p| p.name != expected.name);
                let found =
                    self.mind.nlu.slots(&part.utterance, &alone, Some(expected), &reference);
                found.into_iter().next()
            })
            .filter(|slot| matches!(slot.value, SlotValue::Valid(_)))
            .max_by(|a, b| {
                let named = |slot: &Slot| {
                    let parameter = others.parameter(&slot.parameter);
                    parameter.is_some_and(|parameter| super::bare::names(&part.text, parameter))
                };
                named(a).cmp(&named(b)).then(a.confidence.total_cmp(&b.confidence))
            })
    }

    /// A second look at a request for what it must give and the first look did not find, one
    /// parameter at a time.
    pub(super) fn look_again(&self, heard: &Heard, template: &JobTemplate, slots: &mut Vec<Slot>) {
        const SURE: f32 = 0.9;
        let negated = cues::negated(&heard.text);
        for wanted in template.parameters.iter().filter(|p| p.required && p.default.is_none()) {
            if slots.iter().any(|slot| slot.parameter == wanted.name) {
                continue;
            }
            let alone = without(template, |p| p.name != wanted.name);
            let found =
                self.mind.nlu.slots(&heard.utterance, &alone, Some(wanted), &self.reference());
            let pointers = pointers::pointers(&heard.text);
            let found = found.into_iter().find(|slot| {
                let at = byte_at(&heard.text, slot.start);
                !negated.iter().any(|range| range.contains(&at))
                    && slot.confidence >= SURE
                    && matches!(slot.value, SlotValue::Valid(_))
                    && !slots.iter().any(|s| s.start < slot.end && slot.start < s.end)
                    && !pointers.iter().any(|p| p.is_reference(template) && p.range.start == at)
            });
            slots.extend(found);
        }
    }

    /// A number is all of the number that was written: `八百` is not 8.
    fn widen(&self, heard: &Heard, template: &JobTemplate, slot: &mut Slot) {
        let Some(parameter) = template.parameter(&slot.parameter) else { return };
        if !options::takes_numbers(parameter) {
            return;
        }
        let at = byte_at(&heard.text, slot.start)..byte_at(&heard.text, slot.end);
        let found = values::find(&heard.text, parameter.kind, &self.reference());
        let wider = found.into_iter().find(|found| {
            found.start <= at.start && at.end <= found.end && (found.end - found.start) > at.len()
        });
        if let Some(wider) = wider {
            slot.surface = heard.text[wider.start..wider.end].to_owned();
            slot.start = heard.text[..wider.start].chars().count();
            slot.end = heard.text[..wider.end].chars().count();
            slot.value = self.valued(&slot.surface, parameter, None);
        }
    }

    /// Where only one end of a pair is said, the word before it says which: "from hangzhou" is no
    /// target.
    fn direct(&self, heard: &Heard, template: &JobTemplate, slots: &mut [Slot]) {
        for pair in pairs::pairs(template).into_iter().filter(pairs::is_movement) {
            let said = |name: &str| slots.iter().any(|slot| slot.parameter == name);
            let (right, wrong) = match (said(&pair.from), said(&pair.to)) {
                (true, false) => ((&pair.to, Direction::To), &pair.from),
                (false, true) => ((&pair.from, Direction::From), &pair.to),
                _ => continue,
            };
            let has = |draft: &super::session::Draft| draft.values.contains_key(right.0);
            // "Change it to dev" may be about either end; "from dev" is never about the target.
            if right.1 == Direction::To && self.session.draft.as_ref().is_some_and(has) {
                continue;
            }
            for slot in slots.iter_mut().filter(|slot| slot.parameter == *wrong) {
                let before = &heard.text[..byte_at(&heard.text, slot.start)];
                if joints::direction(before) == Some(right.1) {
                    slot.parameter = right.0.clone();
                }
            }
        }
    }

    /// A time at the other end of a pair is near the first: from ten "to half past ten" is the
    /// same morning.
    fn anchor(&self, template: &JobTemplate, slots: &mut [Slot]) {
        for pair in pairs::pairs(template) {
            let is_time = template
                .parameter(&pair.to)
                .filter(|parameter| parameter.kind == ParameterType::Datetime);
            let Some(to) = is_time else { continue };
            let said = slots.iter().find_map(|slot| match &slot.value {
                SlotValue::Valid(value) if slot.parameter == pair.from => Some(value.clone()),
                _ => None,
            });
            let given = || self.session.draft.as_ref()?.value(&pair.from).cloned();
            let Some(start) = said.or_else(given) else { continue };
            for slot in slots.iter_mut().filter(|slot| slot.parameter == pair.to) {
                slot.value = self.valued(&slot.surface, to, Some(&start));
            }
        }
    }

    /// What words are worth to a parameter, near a related value.
    pub(super) fn valued(
        &self,
        words: &str,
        parameter: &Parameter,
        near: Option<&Value>,
    ) -> SlotValue {
        match values::interpret_near(words, parameter, &self.reference(), near) {
            Ok(mut readings) if readings.len() == 1 => SlotValue::Valid(readings.remove(0)),
            Ok(readings) => SlotValue::Ambiguous(readings),
            Err(error) => SlotValue::Invalid(error),
        }
    }
}

/// A template without some of its parameters: what a message says of the others.
pub(super) fn without(
    template: &JobTemplate,
    left_out: impl Fn(&Parameter) -> bool,
) -> JobTemplate {
    let mut rest = template.clone();
    rest.parameters.retain(|parameter| !left_out(parameter));
    rest
}

fn is_boolean(template: &JobTemplate, slot: &Slot) -> bool {
    template.parameter(&slot.parameter).is_some_and(|p| p.kind == ParameterType::Boolean)
}

/// The byte offset of a character offset.
pub(super) fn byte_at(text: &str, char_offset: usize) -> usize {
    text.char_indices().nth(char_offset).map_or(text.len(), |(at, _)| at)
}
