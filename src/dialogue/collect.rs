//! Collecting: values into the draft, and the next question or the plan out of it.

use jiff::Timestamp;

use super::act::{Act, Asking, Change, Note, Offer, OptionItem, Pick, Problem};
use super::heard::Heard;
use super::session::{Draft, MEMORY_LENGTH, Open};
use super::turn::Talk;
use super::{cues, options, pairs};
use crate::catalog::{Collect, JobTemplate, Parameter, ParameterType, Value};
use crate::nlu::values::{self, ValueError};
use crate::nlu::{Slot, SlotValue};
use crate::plan::{Given, Plan, Source};

/// How many values used before are offered for an open parameter.
const MOST_USED: usize = 3;

/// What became of values that were put into the draft.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// Parameters that have another value now.
    pub changed: Vec<String>,
    /// Parameters that were given the value they already had.
    pub confirmed: Vec<String>,
    /// Parameters whose words are no value for them, and why.
    pub unusable: Vec<(String, Problem)>,
    /// Parameters whose words have several readings.
    pub ambiguous: Vec<(String, Vec<Value>)>,
    /// How often the parameter that is asked for was asked in vain.
    pub failures: u32,
}

impl Applied {
    /// Whether there was nothing to apply at all.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty()
            && self.confirmed.is_empty()
            && self.unusable.is_empty()
            && self.ambiguous.is_empty()
    }
}

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
        let pointers = cues::pointers(&heard.text);
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
        self.anchor(template, &mut slots);
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
        let others = super::correct::without(template, found_already);
        for clause in clauses {
            if negated.iter().any(|range| range.contains(&clause.start)) {
                continue;
            }
            let before = heard.text[..clause.start].chars().count();
            let part = self.read(&heard.text[clause]);
            let found = self.mind.nlu.slots(&part.utterance, &others, None, &self.reference());
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

    /// Puts slots into the draft.
    pub(super) fn apply(&mut self, template: &JobTemplate, slots: Vec<Slot>) -> Applied {
        let mut applied = Applied::default();
        let before = self.session.draft.as_ref().map(|draft| draft.values.clone());
        for slot in slots {
            let Some(parameter) = template.parameter(&slot.parameter) else { continue };
            match slot.value {
                SlotValue::Valid(value) => {
                    let source = Source::Said { words: slot.surface };
                    self.give(template, parameter, value, source, &mut applied);
                }
                SlotValue::Ambiguous(values) => {
                    applied.ambiguous.push((slot.parameter, values));
                }
                SlotValue::Invalid(error) => {
                    if error == ValueError::SecretTyped {
                        self.redact.push(slot.surface);
                        self.note(Note::SecretRefused { parameter: slot.parameter.clone() });
                    }
                    applied.unusable.push((slot.parameter, Problem::Value { error }));
                }
            }
        }
        if !applied.changed.is_empty()
            && let (Some(draft), Some(before)) = (&mut self.session.draft, before)
        {
            draft.history.push(before);
            if draft.history.len() > MEMORY_LENGTH {
                draft.history.remove(0);
            }
        }
        applied
    }

    /// Puts one value into the draft.
    pub(super) fn give(
        &mut self,
        template: &JobTemplate,
        parameter: &Parameter,
        value: Value,
        source: Source,
        applied: &mut Applied,
    ) {
        self.session.mention(&template.id, &parameter.name, &value);
        let Some(draft) = &mut self.session.draft else { return };
        draft.skipped.remove(&parameter.name);
        let current = draft.value(&parameter.name).or(parameter.default.as_ref());
        if current == Some(&value) {
            applied.confirmed.push(parameter.name.clone());
        } else {
            applied.changed.push(parameter.name.clone());
        }
        draft.values.insert(parameter.name.clone(), Given { value, source });
    }

    /// Goes on with the draft: what could not be taken is asked again, then what is missing is
    /// asked for, then the plan is shown.
    pub(super) fn proceed(&mut self, applied: Applied) {
        let Some((draft, template)) = self.drafted() else {
            return self.act(Act::Rejected);
        };
        if let Some((parameter, values)) = applied.ambiguous.into_iter().next() {
            return self.ask_reading(&parameter, &values, applied.failures);
        }
        if let Some((parameter, problem)) = applied.unusable.into_iter().next() {
            if let Problem::Value { error: ValueError::NotAChoice { near, .. } } = &problem
                && !near.is_empty()
            {
                let near: Vec<Value> = near.iter().map(|n| Value::from(n.as_str())).collect();
                return self.ask_reading(&parameter, &near, applied.failures);
            }
            return self.ask(&parameter, Some(problem), applied.failures.max(1));
        }
        if let Some((parameter, problem)) = pairs::problem(template, draft) {
            if let Some(draft) = &mut self.session.draft {
                draft.values.remove(&parameter);
            }
            return self.ask(&parameter, Some(problem), applied.failures.max(1));
        }
        match next_missing(template, draft) {
            Some(parameter) => self.ask(&parameter.name.clone(), None, 0),
            None => self.show_plan(),
        }
    }

    /// Asks for a parameter.
    pub(super) fn ask(&mut self, name: &str, problem: Option<Problem>, failures: u32) {
        let Some((draft, template)) = self.drafted() else { return };
        let Some(parameter) = template.parameter(name) else { return };
        let about = if problem.is_some() { Asking::Value } else { asking(parameter, draft) };
        self.ask_about(template, parameter, about, problem, failures);
    }

    /// Asks for a parameter, or whether to give it.
    pub(super) fn ask_about(
        &mut self,
        template: &JobTemplate,
        parameter: &Parameter,
        about: Asking,
        problem: Option<Problem>,
        failures: u32,
    ) {
        let mut options = self.value_options(parameter, &about);
        if failures >= self.mind.settings.patience {
            options.push(OptionItem::named(Pick::Help));
            options.push(OptionItem::named(Pick::Abort));
        }
        self.session.open = Some(Open::Parameter {
            parameter: parameter.name.clone(),
            about: about.clone(),
            options: options.clone(),
            failures,
        });
        let beside = self.beside(template, parameter);
        self.act(Act::Asks {
            template: template.id.clone(),
            parameter: parameter.name.clone(),
            about,
            problem,
            options,
            failures,
            returning: false,
            beside,
        });
    }

    /// The other end of the pair a parameter belongs to, with its value.
    fn beside(
        &self,
        template: &JobTemplate,
        parameter: &Parameter,
    ) -> Option<(String, Option<Value>)> {
        let other = pairs::other_end(template, &parameter.name)?;
        let value = self.session.draft.as_ref().and_then(|draft| draft.value(&other)).cloned();
        Some((other, value))
    }

    /// What can be picked in answer to a question about a parameter.
    fn value_options(&self, parameter: &Parameter, about: &Asking) -> Vec<OptionItem> {
        let name = &parameter.name;
        let mut all = match about {
            Asking::UseDefault { .. } => {
                vec![OptionItem::named(Pick::UseDefault { parameter: name.clone() })]
            }
            Asking::Optional => vec![OptionItem::named(Pick::Skip { parameter: name.clone() })],
            Asking::Value => Vec::new(),
        };
        match parameter.kind {
            _ if !parameter.choices.is_empty() => all.extend(options::choices(parameter)),
            ParameterType::Boolean => {
                all.extend([true, false].map(|b| options::value(name, &Value::Boolean(b))));
            }
            _ if parameter.secret => {}
            _ => {
                let used = self.memory.used.get(name).into_iter().flatten().take(MOST_USED);
                all.extend(used.map(|value| options::value(name, value)));
            }
        }
        all
    }

    /// Asks which value was meant: of near misses, or of several readings of the same words.
    fn ask_reading(&mut self, name: &str, values: &[Value], failures: u32) {
        let Some((draft, _)) = self.drafted() else { return };
        let template = draft.template.clone();
        let mut options: Vec<OptionItem> =
            values.iter().take(4).map(|value| options::value(name, value)).collect();
        options.push(OptionItem::named(Pick::NoneOfThese));
        self.session.open =
            Some(Open::Reading { parameter: name.to_owned(), options: options.clone(), failures });
        self.act(Act::Offers {
            about: Offer::Value { template, parameter: name.to_owned() },
            options,
        });
    }

    /// Shows the plan and waits for a yes.
    pub(super) fn show_plan(&mut self) {
        let Some((draft, template)) = self.drafted() else { return };
        let plan = self.plan(draft, template);
        let shown = draft.shown.clone();
        let changes =
            shown.as_ref().map(|shown| changes(template, shown, &plan)).unwrap_or_default();
        let still_stands = shown.filter(|shown| {
            changes.is_empty() && shown.expires > self.now.timestamp() && shown.scope == plan.scope
        });
        let plan = match still_stands {
            Some(shown) => Plan { expires: shown.expires, ..plan },
            None => plan,
        };
        let pairs = pairs::pairs(template)
            .into_iter()
            .filter(|pair| {
                plan.values.contains_key(&pair.from) && plan.values.contains_key(&pair.to)
            })
            .collect();
        if let Some(draft) = &mut self.session.draft {
            draft.shown = Some(plan.clone());
        }
        self.session.open = Some(Open::Confirm { plan: plan.clone() });
        self.act(Act::Plan { plan, changed: !changes.is_empty(), changes, pairs });
    }

    /// The plan that a draft amounts to: what was given, and defaults for the rest.
    fn plan(&self, draft: &Draft, template: &JobTemplate) -> Plan {
        let values = template
            .parameters
            .iter()
            .filter_map(|parameter| {
                let given = draft.values.get(&parameter.name).cloned().or_else(|| {
                    let value = parameter.default.clone()?;
                    Some(Given { value, source: Source::Default })
                })?;
                Some((parameter.name.clone(), given))
            })
            .collect();
        Plan {
            template: template.id.clone(),
            values,
            requester: self.session.user.clone(),
            scope: self.session.scope.clone(),
            expires: expiry(self.now.timestamp(), self.mind.settings.plan_expiry),
        }
    }

    /// Asks the open question again, after an interruption or a message that led nowhere.
    pub(super) fn return_to_question(&mut self) {
        match self.session.open.clone() {
            Some(Open::Parameter { parameter, about, options, failures }) => {
                let Some((_, template)) = self.drafted() else { return };
                let Some(asked) = template.parameter(&parameter) else { return };
                let beside = self.beside(template, asked);
                self.act(Act::Asks {
                    template: template.id.clone(),
                    parameter,
                    about,
                    problem: None,
                    options,
                    failures,
                    returning: true,
                    beside,
                });
            }
            Some(Open::Reading { parameter, options, .. }) => {
                let Some((draft, _)) = self.drafted() else { return };
                let template = draft.template.clone();
                self.act(Act::Offers { about: Offer::Value { template, parameter }, options });
            }
            Some(Open::Intent { options, .. }) => {
                self.act(Act::Offers { about: Offer::Intent, options });
            }
            Some(Open::Change { options }) => {
                let Some((draft, _)) = self.drafted() else { return };
                let template = draft.template.clone();
                self.act(Act::Offers { about: Offer::Parameter { template }, options });
            }
            Some(Open::Confirm { .. }) => self.show_plan(),
            Some(Open::Switch { to, options, .. }) => {
                let Some((draft, _)) = self.drafted() else { return };
                let from = draft.template.clone();
                self.act(Act::AsksSwitch { from, to, options });
            }
            Some(Open::Pick { .. }) | None => {
                if self.session.draft.is_some() {
                    self.proceed(Applied::default());
                }
            }
        }
    }
}

/// The first parameter that still has to be asked for, in the order of the template.
fn next_missing<'t>(template: &'t JobTemplate, draft: &Draft) -> Option<&'t Parameter> {
    template.parameters.iter().find(|parameter| {
        let name = &parameter.name;
        if draft.values.contains_key(name) {
            return false;
        }
        match draft.collect {
            Collect::Required => parameter.required && parameter.default.is_none(),
            Collect::Full => !draft.skipped.contains(name) && !draft.agreed.contains(name),
        }
    })
}

/// What about a parameter is asked first.
fn asking(parameter: &Parameter, draft: &Draft) -> Asking {
    match (&parameter.default, draft.collect) {
        (Some(default), Collect::Full) => Asking::UseDefault { default: default.clone() },
        (None, Collect::Full) if !parameter.required => Asking::Optional,
        _ => Asking::Value,
    }
}

/// What differs between two plans of a template, in the order of its parameters.
fn changes(template: &JobTemplate, before: &Plan, after: &Plan) -> Vec<Change> {
    let value = |plan: &Plan, name: &str| plan.values.get(name).map(|given| given.value.clone());
    template
        .parameters
        .iter()
        .map(|parameter| Change {
            from: value(before, &parameter.name),
            to: value(after, &parameter.name),
            parameter: parameter.name.clone(),
        })
        .filter(|change| change.from != change.to)
        .collect()
}

fn is_boolean(template: &JobTemplate, slot: &Slot) -> bool {
    template.parameter(&slot.parameter).is_some_and(|p| p.kind == ParameterType::Boolean)
}

/// The byte offset of a character offset.
pub(super) fn byte_at(text: &str, char_offset: usize) -> usize {
    text.char_indices().nth(char_offset).map_or(text.len(), |(at, _)| at)
}

/// A moment after now; the last moment there is, where that would be past it.
fn expiry(now: Timestamp, after: jiff::SignedDuration) -> Timestamp {
    now.checked_add(after).unwrap_or(Timestamp::MAX)
}
