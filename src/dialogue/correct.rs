//! Corrections: changing, swapping and taking away what was given, before or after the summary.

use super::act::{Act, Note, Offer, OptionItem, Pick, Problem};
use super::collect::Applied;
use super::cues;
use super::heard::{Expecting, Heard};
use super::labels::*;
use super::options::{self, Place};
use super::pairs;
use super::parameters::named_parameter;
use super::session::{Draft, Open};
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
        if slots.is_empty() {
            return false;
        }
        if cues::adds(&heard.text) {
            self.add_to_lists(template, &mut slots);
        }
        let applied = self.apply(template, slots);
        if applied.changed.is_empty() && applied.unusable.is_empty() && applied.ambiguous.is_empty()
        {
            self.note(Note::Unchanged);
        }
        self.proceed(applied);
        true
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
        self.fill_before_overwriting(heard, template, &mut slots);
        slots
    }

    /// As [`Talk::corrections`], taking every value to be meant for what has one already: "the
    /// same for web-02".
    pub(super) fn changes(&self, heard: &Heard, template: &JobTemplate) -> Vec<Slot> {
        let named = self.named_corrections(heard, template);
        let mut slots = self.understand(heard, template, None);
        let plain_reply = self.is_plain_reply(heard);
        if plain_reply {
            slots.retain(|slot| is_telling(slot, template));
        }
        slots.retain(|slot| {
            !named.iter().any(|n| overlap(n, slot) || n.parameter == slot.parameter)
        });
        slots.extend(named);
        if slots.is_empty() && !plain_reply {
            slots.extend(self.bare_correction(heard, template));
        }
        slots
    }

    /// Whether every clause is surely a yes, a no or the like: no value hides in such words
    /// unless it is unmistakable.
    fn is_plain_reply(&self, heard: &Heard) -> bool {
        const SURE: f32 = 0.9;
        let plain = |heard: &Heard| {
            let meaning = heard.meaning(Expecting::Yes);
            matches!(meaning.act(), Some(AFFIRM | DENY | ABORT | SKIP | PAUSE | GREETING))
                && meaning.share >= SURE
        };
        if heard.has_clauses() {
            heard.clauses(self.mind.nlu).iter().all(plain)
        } else {
            plain(heard)
        }
    }

    /// A message that corrects nothing gives what is missing rather than overwrite what was
    /// given: "oskar approved it" is about the approver, not about whoever gets the access.
    fn fill_before_overwriting(&self, heard: &Heard, template: &JobTemplate, slots: &mut [Slot]) {
        const SURE: f32 = 0.2;
        let Some(draft) = &self.session.draft else { return };
        let corrects = heard.meaning(Expecting::Yes).act() == Some(CORRECT);
        if corrects || !cues::negated(&heard.text).is_empty() {
            return;
        }
        for slot in slots {
            let Some(given) = template.parameter(&slot.parameter) else { continue };
            let empty_twin = template.parameters.iter().find(|other| {
                pairs::same_kind(given, other)
                    && other.name != given.name
                    && current(draft, template, &other.name).is_none()
            });
            if empty_twin.is_none()
                || !draft.values.contains_key(&slot.parameter)
                || !self.differs(slot, template)
            {
                continue;
            }
            let without = super::look::without(template, |p| p.name == slot.parameter);
            let others =
                self.mind.nlu.slots(&heard.utterance, &without, empty_twin, &self.reference());
            let twin = others.into_iter().find(|other| overlap(other, slot));
            if let Some(twin) = twin.filter(|twin| twin.confidence >= SURE) {
                *slot = twin;
            }
        }
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
    fn parameter_called<'t>(
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

    /// A value that only one parameter could have, said without saying which.
    fn bare_correction(&self, heard: &Heard, template: &JobTemplate) -> Option<Slot> {
        let text = cues::without(&heard.text, &cues::negated(&heard.text));
        let said = cues::clauses(&text);
        let fitting: Vec<(&Parameter, Value, &str)> = template
            .parameters
            .iter()
            .filter(|parameter| !super::answer::is_open(parameter.kind))
            .filter_map(|parameter| {
                said.iter().rev().find_map(|clause| {
                    let values = self.worth(clause, parameter).ok()?;
                    (values.len() == 1).then(|| (parameter, values[0].clone(), *clause))
                })
            })
            .collect();
        match fitting.as_slice() {
            [(parameter, value, words)] => Some(Slot {
                parameter: parameter.name.clone(),
                start: 0,
                end: heard.text.chars().count(),
                surface: (*words).to_owned(),
                value: SlotValue::Valid(value.clone()),
                confidence: 1.0,
            }),
            _ => None,
        }
    }

    /// Something is wrong or shall change, but not what it should be: asks for the parameter
    /// that was named, or which it is.
    pub(super) fn which_to_change(&mut self, heard: &Heard, template: &JobTemplate) {
        match self.parameter_meant(heard, template, CORRECT) {
            Some(parameter) => self.ask_again(&parameter),
            None => self.offer_change(template),
        }
    }

    /// The parameter that a message is about: by its name, its place, or the value it has.
    fn parameter_meant(&self, heard: &Heard, template: &JobTemplate, act: &str) -> Option<String> {
        let label = Label::Act(TemplateId::from(act));
        let arguments = self.mind.nlu.arguments(&heard.utterance, &label, &self.reference());
        let place = Label::Act(TemplateId::from(CHOOSE));
        let places = self.mind.nlu.arguments(&heard.utterance, &place, &self.reference());
        let named = arguments
            .iter()
            .filter(|a| a.parameter == "param")
            .chain(places.iter().filter(|a| a.parameter == "option"))
            .find_map(|a| self.parameter_called(&a.surface, template));
        if let Some(parameter) = named {
            return Some(parameter.name.clone());
        }
        let draft = self.session.draft.as_ref()?;
        self.mind
            .nlu
            .slots(&heard.utterance, template, None, &self.reference())
            .into_iter()
            .find(|slot| match &slot.value {
                SlotValue::Valid(value) => current(draft, template, &slot.parameter) == Some(value),
                _ => false,
            })
            .map(|slot| slot.parameter)
            .or_else(|| {
                let shown = self.shown_parameters(template);
                let words = cues::clauses(&heard.text);
                words.iter().find_map(|clause| match options::place(clause, shown.len()) {
                    Some(Place::At(index)) => shown.get(index).map(|p| p.name.clone()),
                    _ => None,
                })
            })
    }

    /// The parameter that a message names, if it names one.
    pub(super) fn names_parameter(&self, heard: &Heard, template: &JobTemplate) -> Option<String> {
        let label = Label::Act(TemplateId::from(CORRECT));
        self.mind
            .nlu
            .arguments(&heard.utterance, &label, &self.reference())
            .iter()
            .filter(|argument| argument.parameter == "param")
            .find_map(|argument| self.parameter_called(&argument.surface, template))
            .map(|parameter| parameter.name.clone())
    }

    /// The parameters as the summary shows them.
    fn shown_parameters<'t>(&self, template: &'t JobTemplate) -> Vec<&'t Parameter> {
        let draft = self.session.draft.as_ref();
        template
            .parameters
            .iter()
            .filter(|p| {
                p.default.is_some() || draft.is_some_and(|d| d.values.contains_key(&p.name))
            })
            .collect()
    }

    /// Asks for a parameter that has a value already; the value stands until another is given.
    pub(super) fn ask_again(&mut self, name: &str) {
        let Some((_, template)) = self.drafted() else { return };
        let Some(parameter) = template.parameter(name) else { return };
        self.ask_about(template, parameter, super::act::Asking::Value, None, 0);
    }

    /// Asks which parameter to change.
    fn offer_change(&mut self, template: &JobTemplate) {
        let options: Vec<OptionItem> = template
            .parameters
            .iter()
            .map(|p| OptionItem::named(Pick::Change { parameter: Some(p.name.clone()) }))
            .collect();
        self.session.open = Some(Open::Change { options: options.clone() });
        let template = template.id.clone();
        self.act(Act::Offers { about: Offer::Parameter { template }, options });
    }

    /// The answer to "change what?".
    pub(super) fn choose_change(&mut self, heard: &Heard, options: &[OptionItem]) {
        let Some((_, template)) = self.drafted() else {
            self.session.open = None;
            return self.request(heard);
        };
        if let Some(Place::At(index)) = options::place(&heard.text, options.len()) {
            return self.pick(options[index].pick.clone());
        }
        if let Some(parameter) = named_parameter(template, &heard.text, |_| true) {
            return self.ask_again(&parameter.name);
        }
        let meaning = heard.meaning(Expecting::Choice);
        if meaning.act() == Some(DENY) {
            return self.show_plan();
        }
        self.confirm(heard);
    }

    /// "Change something", by button.
    pub(super) fn pick_change(&mut self, parameter: Option<String>) {
        let Some((_, template)) = self.drafted() else { return self.stale() };
        match parameter {
            Some(name) if template.parameter(&name).is_some() => self.ask_again(&name),
            Some(_) => self.stale(),
            None => self.offer_change(template),
        }
    }

    /// Whether there are two values that could change places.
    pub(super) fn can_swap(&self) -> bool {
        self.drafted().is_some_and(|(draft, template)| to_swap(template, draft).is_some())
    }

    /// Two values of one kind change places: those of a pair, else the only two of one kind.
    pub(super) fn swap(&mut self) {
        let Some((draft, template)) = self.drafted() else {
            return self.note(Note::NothingOpen);
        };
        let Some((a, b)) = to_swap(template, draft) else {
            self.note(Note::NothingToSwap);
            return self.return_to_question();
        };
        let mut applied = Applied::default();
        if let Some(draft) = &mut self.session.draft {
            draft.history.push(draft.values.clone());
            let (first, second) = (draft.values.remove(&a), draft.values.remove(&b));
            draft.values.extend(first.map(|given| (b.clone(), given)));
            draft.values.extend(second.map(|given| (a.clone(), given)));
            applied.changed = vec![a, b];
        }
        self.proceed(applied);
    }

    /// A value is taken away again: an optional one is left out or falls back to its default, a
    /// required one is asked for.
    pub(super) fn unset(&mut self, heard: &Heard, template: &JobTemplate) {
        let Some(name) = self.parameter_meant(heard, template, UNSET) else {
            return self.offer_change(template);
        };
        let Some(parameter) = template.parameter(&name) else { return };
        if self.drop_items(heard, parameter) {
            return self.proceed(Applied::default());
        }
        if parameter.required && parameter.default.is_none() {
            return self.ask(&name, Some(Problem::Required), 0);
        }
        let mut had_it = false;
        if let Some(draft) = &mut self.session.draft {
            let before = draft.values.clone();
            had_it = draft.values.remove(&name).is_some();
            draft.history.push(before);
            draft.skipped.insert(name);
        }
        if !had_it {
            self.note(Note::Unchanged);
        }
        self.proceed(Applied::default());
    }
}

impl Talk<'_> {
    /// "Drop web-03 from the hosts": takes items out of a list. False where the message names
    /// none of them, or all.
    fn drop_items(&mut self, heard: &Heard, parameter: &Parameter) -> bool {
        let Some(draft) = &mut self.session.draft else { return false };
        let Some(Value::List(items)) = draft.value(&parameter.name).cloned() else { return false };
        let said = heard.text.to_lowercase();
        let kept: Vec<String> =
            items.iter().filter(|item| !said.contains(&item.to_lowercase())).cloned().collect();
        if kept.is_empty() || kept.len() == items.len() {
            return false;
        }
        draft.history.push(draft.values.clone());
        if let Some(given) = draft.values.get_mut(&parameter.name) {
            given.value = Value::List(kept);
        }
        true
    }
}

/// The value that a plan of the draft would have.
fn current<'v>(draft: &'v Draft, template: &'v JobTemplate, name: &str) -> Option<&'v Value> {
    draft.value(name).or_else(|| template.parameter(name)?.default.as_ref())
}

/// The two parameters whose values change places: a pair of which at least one end is given,
/// else the only two given values of one kind.
fn to_swap(template: &JobTemplate, draft: &Draft) -> Option<(String, String)> {
    let given = |name: &str| draft.values.contains_key(name);
    let pairs = pairs::pairs(template);
    if let Some(pair) = pairs.iter().find(|p| given(&p.from) && given(&p.to)) {
        return Some((pair.from.clone(), pair.to.clone()));
    }
    if let Some(pair) = pairs.into_iter().find(|p| given(&p.from) || given(&p.to)) {
        return Some((pair.from, pair.to));
    }
    let mut same = template
        .parameters
        .iter()
        .enumerate()
        .flat_map(|(i, a)| template.parameters[i + 1..].iter().map(move |b| (a, b)));
    let mut found =
        same.by_ref().filter(|(a, b)| pairs::same_kind(a, b) && given(&a.name) && given(&b.name));
    match (found.next(), found.next()) {
        (Some((a, b)), None) => Some((a.name.clone(), b.name.clone())),
        _ => None,
    }
}

/// Whether a slot is a value even in words that by themselves say yes or no: one of a type that
/// words don't fall into by chance, or a name.
fn is_telling(slot: &Slot, template: &JobTemplate) -> bool {
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
