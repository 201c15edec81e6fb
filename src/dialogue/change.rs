//! Changing a part of a plan that was not said yet: which parameter is meant, and asking for it.

use super::act::{Act, Asking, Offer, OptionItem, Pick};
use super::correct::current;
use super::cues;
use super::heard::{Expecting, Heard};
use super::labels::*;
use super::options::{self, Place};
use super::parameters::{named_parameter, spoken_of};
use super::session::Open;
use super::turn::Talk;
use crate::catalog::{JobTemplate, Parameter, TemplateId};
use crate::nlu::{Label, SlotValue};

impl Talk<'_> {
    /// Something is wrong or shall change, but not what it should be: asks for the parameter
    /// that was named, or which it is.
    pub(super) fn which_to_change(&mut self, heard: &Heard, template: &JobTemplate) {
        match self.parameter_meant(heard, template, CORRECT) {
            Some(parameter) => self.ask_again(&parameter),
            None => self.offer_change(template),
        }
    }

    /// The parameter that a message is about: by its name, its place, or the value it has.
    pub(super) fn parameter_meant(
        &self,
        heard: &Heard,
        template: &JobTemplate,
        act: &str,
    ) -> Option<String> {
        let label = Label::Act(TemplateId::from(act));
        let arguments = self.mind.nlu.arguments(&heard.utterance, &label, &self.reference());
        let place = Label::Act(TemplateId::from(CHOOSE));
        let places = self.mind.nlu.arguments(&heard.utterance, &place, &self.reference());
        let named = arguments
            .iter()
            .filter(|a| a.parameter == "param")
            .chain(places.iter().filter(|a| a.parameter == "option"))
            .find_map(|a| self.parameter_called(&a.surface, template));
        let named = named.or_else(|| only_one_spoken_of(template, &heard.text));
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
            .or_else(|| only_one_spoken_of(template, &heard.text))
            .map(|parameter| parameter.name.clone())
    }

    /// Asks for a parameter that has a value already; the value stands until another is given.
    pub(super) fn ask_again(&mut self, name: &str) {
        let Some((_, template)) = self.drafted() else { return };
        let Some(parameter) = template.parameter(name) else { return };
        self.ask_about(template, parameter, Asking::Value, None, 0);
    }

    /// Asks which parameter to change.
    pub(super) fn offer_change(&mut self, template: &JobTemplate) {
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
        let named = named_parameter(template, &heard.text, |_| true);
        if !cues::is_phrase(&heard.text)
            && let Some(parameter) = named
        {
            return self.ask_again(&parameter.name);
        }
        if self.changes_draft(heard, template) && self.correct(heard, template) {
            return;
        }
        if let Some(parameter) = named {
            return self.ask_again(&parameter.name);
        }
        let meaning = heard.meaning(Expecting::Choice);
        match meaning.act() {
            Some(DENY) => self.show_plan(),
            Some(AFFIRM) => self.which_one(),
            _ => self.confirm(heard),
        }
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
}

/// The parameter whose name stands in a text, where only one's does.
fn only_one_spoken_of<'t>(template: &'t JobTemplate, text: &str) -> Option<&'t Parameter> {
    match spoken_of(template, text).as_slice() {
        [(_, only)] => Some(only),
        _ => None,
    }
}
