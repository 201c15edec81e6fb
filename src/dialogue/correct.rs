//! Corrections: changing what was given, before or after the summary.

use super::act::Note;
use super::collect::Applied;
use super::cues;
use super::heard::{Expecting, Heard};
use super::labels::*;
use super::look::byte_at;
use super::options::{self, Place};
use super::parameters::named_parameter;
use super::restrictions;
use super::session::Draft;
use super::several::Several;
use super::turn::Talk;
use crate::catalog::{JobTemplate, Parameter, ParameterType, TemplateId, Value};
use crate::nlu::values::ValueError;
use crate::nlu::{Label, Slot, SlotValue};
use crate::plan::{Given, Source};

impl Talk<'_> {
    /// Whether a message brings a value that the plan does not have yet.
    pub(super) fn changes_draft(&self, heard: &Heard, template: &JobTemplate) -> bool {
        self.corrections(heard, template).iter().any(|slot| self.differs(slot, template))
    }

    /// Whether a slot is another value than the plan has.
    pub(super) fn differs(&self, slot: &Slot, template: &JobTemplate) -> bool {
        let Some(draft) = &self.session.draft else { return false };
        match &slot.value {
            SlotValue::Valid(value) => current(draft, template, &slot.parameter) != Some(value),
            SlotValue::Ambiguous(_) | SlotValue::Invalid(_) => true,
        }
    }

    /// Changes the draft as a message says. False where it brings no value at all.
    pub(super) fn correct(&mut self, heard: &Heard, template: &JobTemplate) -> bool {
        let mut slots = self.corrections(heard, template);
        let told = self.time_told(heard, template, &mut slots);
        let timed = self.set_time(told);
        let unused = self.unused_in_change(heard, template, &mut slots);
        let dropped = slots.is_empty() && self.drops_items(heard, template);
        if slots.is_empty() && !timed && !dropped {
            let counts = restrictions::counts(&heard.text) && !unused.is_empty();
            if counts {
                self.note(Note::NotUsed { words: unused });
                self.return_to_question();
            }
            return counts;
        }
        let found = slots.clone();
        let mut several = self.several_values(heard, template, &mut slots);
        several.retain(|several| match self.replaced(several, template, &found) {
            Some(slot) => {
                slots.push(slot);
                false
            }
            None => true,
        });
        self.add_said(heard, template, &mut slots);
        self.tell_unused(unused, &several);
        let applied = self.apply_said(template, slots);
        let applied = Applied { several, ..applied };
        let unchanged = applied.changed.is_empty()
            && applied.unusable.is_empty()
            && applied.ambiguous.is_empty()
            && applied.several.is_empty();
        if !cues::conditions(&heard.text).is_empty() {
            self.note(Note::OnlyPlainYes);
        } else if unchanged && !timed && !dropped {
            self.note(Note::Unchanged);
        }
        self.proceed(applied);
        true
    }

    /// "Not staging, production" of a plan for staging: of two values, the one that the draft has
    /// is what the other takes the place of. None where it is not so, or "staging or production".
    fn replaced(&self, several: &Several, template: &JobTemplate, found: &[Slot]) -> Option<Slot> {
        let draft = self.session.draft.as_ref()?;
        let now = current(draft, template, &several.parameter)?;
        let [a, b] = several.values.as_slice() else { return None };
        let new = match (a == now, b == now) {
            (true, false) => b,
            (false, true) => a,
            _ => return None,
        };
        let slot = found.iter().find(|slot| slot.parameter == several.parameter)?;
        several.beside.then(|| Slot { value: SlotValue::Valid(new.clone()), ..slot.clone() })
    }

    /// What a message adds comes on top of what there is.
    pub(super) fn add_said(&self, heard: &Heard, template: &JobTemplate, slots: &mut [Slot]) {
        if cues::adds(&heard.text) {
            self.turn_to_list(template, slots);
            self.add_to_lists(template, slots);
        }
    }

    /// What is added overwrites nothing: where a list was given, names go there rather than into
    /// the place of another name.
    fn turn_to_list(&self, template: &JobTemplate, slots: &mut [Slot]) {
        let Some(draft) = &self.session.draft else { return };
        let given =
            |p: &&Parameter| p.kind == ParameterType::List && draft.values.contains_key(&p.name);
        let mut lists = template.parameters.iter().filter(given);
        let (Some(list), None) = (lists.next(), lists.next()) else { return };
        for slot in slots {
            let is_name = template.parameter(&slot.parameter).is_some_and(super::doubt::is_name);
            if is_name && draft.values.contains_key(&slot.parameter) {
                slot.value = self.valued(&slot.surface, list, None);
                slot.parameter = list.name.clone();
            }
        }
    }

    /// "Also web-05": items of a list join those it has.
    fn add_to_lists(&self, template: &JobTemplate, slots: &mut [Slot]) {
        let Some(draft) = &self.session.draft else { return };
        for slot in slots {
            let is_list =
                template.parameter(&slot.parameter).is_some_and(|p| p.kind == ParameterType::List);
            if let (true, SlotValue::Valid(Value::List(new)), Some(Value::List(old))) =
                (is_list, &slot.value, draft.value(&slot.parameter))
            {
                let mut all = old.clone();
                all.extend(new.iter().filter(|item| !old.contains(item)).cloned());
                slot.value = SlotValue::Valid(Value::List(all));
            }
        }
    }

    /// The values that a correction brings: those said with the name or the place of their
    /// parameter, and those that understanding finds for the template.
    pub(super) fn corrections(&self, heard: &Heard, template: &JobTemplate) -> Vec<Slot> {
        let mut slots = self.changes(heard, template);
        self.heed_names(heard, template, &mut slots);
        slots
    }

    /// As [`Talk::corrections`], taking every value to be meant for what has one already: "the
    /// same for web-02".
    pub(super) fn changes(&self, heard: &Heard, template: &JobTemplate) -> Vec<Slot> {
        let mut named = self.assigned(heard, template);
        let mut others = self.named_corrections(heard, template);
        others.retain(|other| {
            !named.iter().any(|n| n.parameter == other.parameter || overlap(n, other))
        });
        named.extend(others);
        let mut slots = self.understand(heard, template, None);
        self.leave_conditions(heard, template, &mut slots);
        let plain_reply = self.is_plain_reply(heard);
        if plain_reply {
            slots.retain(|slot| is_telling(slot, template));
        }
        slots.retain(|slot| {
            !named.iter().any(|n| overlap(n, slot) || n.parameter == slot.parameter)
        });
        slots.extend(named);
        if slots.is_empty() && !plain_reply {
            slots.extend(self.bare_value(heard, template));
        }
        if heard.text.parse::<f64>().is_ok() {
            // A bare number changes a number that is shown; it is no value for anything else.
            let shown = |slot: &Slot| {
                let draft = self.session.draft.as_ref();
                draft.is_some_and(|draft| current(draft, template, &slot.parameter).is_some())
            };
            slots.retain(shown);
        }
        slots
    }

    /// Words of a condition overwrite nothing: "12 if bob agrees" makes nobody a service.
    fn leave_conditions(&self, heard: &Heard, template: &JobTemplate, slots: &mut Vec<Slot>) {
        let conditions = cues::conditions(&heard.text);
        let Some(draft) = self.session.draft.as_ref().filter(|_| !conditions.is_empty()) else {
            return;
        };
        slots.retain(|slot| {
            let at = byte_at(&heard.text, slot.start);
            let has_value = current(draft, template, &slot.parameter).is_some();
            !(has_value && conditions.iter().any(|range| range.contains(&at)))
        });
    }

    /// Whether every clause is surely a yes, a no or the like: no value hides in such words
    /// unless it is unmistakable.
    fn is_plain_reply(&self, heard: &Heard) -> bool {
        const SURE: f32 = 0.9;
        let plain = |heard: &Heard| {
            let meaning = heard.meaning(Expecting::Yes);
            matches!(
                meaning.act(),
                Some(AFFIRM | DENY | ABORT | SKIP | PAUSE | GREET | THANKS | FAREWELL)
            ) && meaning.share >= SURE
        };
        if heard.has_clauses() {
            heard.clauses(self.mind.nlu).iter().all(plain)
        } else {
            plain(heard)
        }
    }

    /// Values written with the name of their parameter and an equals sign: `version=2.1`.
    pub(super) fn assigned(&self, heard: &Heard, template: &JobTemplate) -> Vec<Slot> {
        super::slash::written(&heard.text)
            .into_iter()
            .filter_map(|written| {
                let parameter = named_parameter(template, &written.name, |_| false)?;
                Some(Slot {
                    parameter: parameter.name.clone(),
                    start: written.start,
                    end: written.end,
                    value: self.valued(&written.value, parameter, None),
                    surface: written.value,
                    confidence: 1.0,
                })
            })
            .collect()
    }

    /// Values said with the name or the place of their parameter: "replicas = 4", 版本改成 2.1,
    /// "change the second one to web-07".
    fn named_corrections(&self, heard: &Heard, template: &JobTemplate) -> Vec<Slot> {
        let label = Label::Act(TemplateId::from(CORRECT));
        let arguments = self.mind.nlu.arguments(&heard.utterance, &label, &self.reference());
        let names: Vec<&Slot> = arguments.iter().filter(|a| a.parameter == "param").collect();
        let mut values = arguments.iter().filter(|a| a.parameter == "value");
        if names.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for name in names {
            let Some(parameter) = self.parameter_called(&name.surface, template) else { continue };
            let Some(said) = values.find(|value| value.start >= name.end) else { continue };
            let value = self.valued(&said.surface, parameter, None);
            if let SlotValue::Invalid(ValueError::WrongType { .. }) = value {
                continue;
            }
            found.push(Slot { parameter: parameter.name.clone(), value, ..said.clone() });
        }
        found
    }

    /// The parameter that words name, or whose place in the summary they give.
    pub(super) fn parameter_called<'t>(
        &self,
        words: &str,
        template: &'t JobTemplate,
    ) -> Option<&'t Parameter> {
        let shown = self.shown_parameters(template);
        if let Some(Place::At(index)) = options::place(words, shown.len()) {
            return shown.get(index).copied();
        }
        let has_value = |p: &Parameter| {
            self.session.draft.as_ref().is_some_and(|draft| draft.values.contains_key(&p.name))
        };
        named_parameter(template, words, has_value)
    }

    /// The parameters as the summary shows them.
    pub(super) fn shown_parameters<'t>(&self, template: &'t JobTemplate) -> Vec<&'t Parameter> {
        let draft = self.session.draft.as_ref();
        template
            .parameters
            .iter()
            .filter(|p| {
                p.default.is_some() || draft.is_some_and(|d| d.values.contains_key(&p.name))
            })
            .collect()
    }
}

/// The value that a plan of the draft would have.
pub(super) fn current<'v>(
    draft: &'v Draft,
    template: &'v JobTemplate,
    name: &str,
) -> Option<&'v Value> {
    draft.value(name).or_else(|| template.parameter(name)?.default.as_ref())
}

/// Whether a slot is a value even in words that by themselves say yes or no: one of a type that
/// words don't fall into by chance, or a name.
pub(super) fn is_telling(slot: &Slot, template: &JobTemplate) -> bool {
    let kind = template.parameter(&slot.parameter).map(|parameter| parameter.kind);
    match kind {
        None | Some(ParameterType::Boolean) => false,
        Some(ParameterType::Path) => super::answer::looks_like_a_name(&slot.surface),
        Some(kind) if super::answer::is_open(kind) => {
            super::answer::looks_like_a_name(&slot.surface)
        }
        Some(_) => true,
    }
}

fn overlap(a: &Slot, b: &Slot) -> bool {
    a.start < b.end && b.start < a.end
}

/// A value carried over from elsewhere.
pub(super) fn carried(value: Value) -> Given {
    Given { value, source: Source::CarriedOver }
}
