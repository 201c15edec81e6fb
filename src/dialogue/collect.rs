//! Collecting: values into the draft, and the next question or the plan out of it.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::act::{Act, Asking, Change, Note, Offer, OptionItem, Pick, Problem};
use super::session::{Draft, MEMORY_LENGTH, Open, Timing};
use super::several::Several;
use super::turn::Talk;
use super::{options, pairs};
use crate::catalog::{Collect, JobTemplate, Parameter, ParameterType, Value};
use crate::nlu::values::ValueError;
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
    /// Parameters that were given more than one value.
    pub several: Vec<Several>,
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
            && self.several.is_empty()
    }
}

impl Talk<'_> {
    /// Puts slots that were found in words into the draft, where there is no doubt about them.
    pub(super) fn apply_said(&mut self, template: &JobTemplate, mut slots: Vec<Slot>) -> Applied {
        self.doubt(template, &mut slots);
        self.apply(template, slots)
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
        self.keep_stretch(template, &mut applied.ambiguous);
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
        if let Some(several) = applied.several.first() {
            return self.ask_several(several);
        }
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
        if let Some((parameter, at)) = self.passed_start(template, draft) {
            if let Some(draft) = &mut self.session.draft {
                draft.values.remove(&parameter);
            }
            return self.ask(&parameter, Some(Problem::Past { at }), applied.failures.max(1));
        }
        match next_missing(template, draft) {
            Some(parameter) => self.ask(&parameter.name.clone(), None, 0),
            None if matches!(draft.timing, Some(Timing::Unclear { .. })) => self.ask_when(0),
            None => self.show_plan(),
        }
    }

    /// The parameter that says when the job does its work, where that moment has passed. What is
    /// within the minute is now.
    fn passed_start(&self, template: &JobTemplate, draft: &Draft) -> Option<(String, Value)> {
        let start = template.parameters.iter().find(|parameter| parameter.is_start())?;
        let at = draft.value(&start.name)?;
        let moment: DateTime = at.to_string().parse().ok()?;
        let passed = self.now.datetime().duration_since(moment).as_mins() >= 1;
        passed.then(|| (start.name.clone(), at.clone()))
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
        let changed = shown.as_ref().is_some_and(|shown| shown.when != plan.when);
        let changed = changed || !changes.is_empty();
        let still_stands = shown.filter(|shown| {
            !changed
                && shown.definition == plan.definition
                && shown.expires > self.now.timestamp()
                && shown.scope == plan.scope
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
            if draft.shown.is_none() {
                // What can be taken back is what changes from here on.
                draft.history.clear();
            }
            draft.shown = Some(plan.clone());
            draft.on_hold = false;
        }
        self.session.open = Some(Open::Confirm { plan: plan.clone() });
        self.act(Act::Plan { plan, changed, changes, pairs });
    }

    /// The plan that a draft amounts to: what was given, and defaults for the rest.
    pub(super) fn plan(&self, draft: &Draft, template: &JobTemplate) -> Plan {
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
        let when = match &draft.timing {
            Some(Timing::Set { when, .. }) => Some(when.clone()),
            _ => None,
        };
        Plan {
            template: template.id.clone(),
            definition: template.definition(),
            values,
            requester: self.session.user.clone(),
            scope: self.session.scope.clone(),
            expires: expiry(self.now.timestamp(), self.mind.settings.plan_expiry),
            replaces: draft.replaces.filter(|_| when.is_some()),
            when,
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
            Some(Open::When { failures, .. }) => self.ask_when(failures),
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

/// A moment after now; the last moment there is, where that would be past it.
fn expiry(now: Timestamp, after: jiff::SignedDuration) -> Timestamp {
    now.checked_add(after).unwrap_or(Timestamp::MAX)
}
