//! Answers that give no value of their own: the default, the one from last time, none at all.

use super::act::{Asking, Problem};
use super::answer::Asked;
use super::collect::Applied;
use super::cues;
use super::heard::{Heard, Meaning};
use super::labels::*;
use super::turn::Talk;
use crate::catalog::{JobTemplate, Parameter, ParameterType};
use crate::nlu::SlotValue;
use crate::plan::Source;

impl Talk<'_> {
    /// The answer to "use the default?" and "give this optional one?".
    pub(super) fn answered_about(
        &mut self,
        meaning: &Meaning,
        parameter: &Parameter,
        asked: &Asked,
    ) -> bool {
        if matches!(asked.about, Asking::Value) || parameter.kind == ParameterType::Boolean {
            return false;
        }
        match (&asked.about, meaning.act()) {
            (Asking::UseDefault { .. }, Some(AFFIRM)) => self.use_default(&parameter.name),
            (Asking::Optional, Some(DENY)) => self.skip(&parameter.name),
            (Asking::UseDefault { .. }, Some(DENY)) | (Asking::Optional, Some(AFFIRM)) => {
                let Some((_, template)) = self.drafted() else { return false };
                self.ask_about(template, parameter, Asking::Value, None, 0);
            }
            _ => return false,
        }
        true
    }

    /// Whether a message has no value in it that is unmistakable.
    pub(super) fn brings_nothing(&self, heard: &Heard, template: &JobTemplate) -> bool {
        let slots = self.understand(heard, template, None);
        !slots.iter().any(|slot| super::correct::is_telling(slot, template))
            && self.bare_value(heard, template).is_none()
    }

    /// A bare yes or no to a question for a value. A yes ("go on") says that the question may
    /// come again. A no leaves out what can be left out, and keeps what has a value already.
    pub(super) fn neither_value(&mut self, act: &str, parameter: &Parameter, asked: &Asked) {
        let name = &parameter.name;
        let has_value =
            self.session.draft.as_ref().is_some_and(|draft| draft.values.contains_key(name));
        if act == AFFIRM && asked.options.is_empty() {
            self.return_to_question();
        } else if act == AFFIRM {
            self.which_one();
        } else if has_value || parameter.default.is_some() {
            self.proceed(Applied::default());
        } else if parameter.required {
            // The way out is shown at once.
            let failures = (asked.failures + 1).max(self.mind.settings.patience);
            self.ask(name, Some(Problem::Required), failures);
        } else {
            self.skip(name);
        }
    }

    /// "Skip", "use the default", "default for the rest".
    pub(super) fn skip_said(&mut self, heard: &Heard, parameter: &Parameter, asked: &Asked) {
        if cues::means_all(&heard.text) {
            return self.skip_the_rest();
        }
        let found = self.drafted().map(|(_, template)| self.understand(heard, template, None));
        if let (Some(slots), Some((_, template))) = (found, self.drafted())
            && slots.iter().any(|slot| matches!(slot.value, SlotValue::Valid(_)))
        {
            let applied = self.apply_said(template, slots);
            if self.session.draft.as_ref().is_some_and(|d| d.values.contains_key(&parameter.name)) {
                return self.proceed(applied);
            }
        }
        match (&parameter.default, parameter.required) {
            (Some(_), _) => self.use_default(&parameter.name),
            (None, false) => self.skip(&parameter.name),
            (None, true) => {
                self.ask(&parameter.name, Some(Problem::Required), asked.failures + 1);
            }
        }
    }

    /// Takes the default of every parameter that has one, and leaves out every optional one.
    fn skip_the_rest(&mut self) {
        let Some((draft, template)) = self.drafted() else { return };
        let open: Vec<&Parameter> = template
            .parameters
            .iter()
            .filter(|p| !draft.values.contains_key(&p.name) && (!p.required || p.default.is_some()))
            .collect();
        if let Some(draft) = &mut self.session.draft {
            for parameter in open {
                match parameter.default {
                    Some(_) => draft.agreed.insert(parameter.name.clone()),
                    None => draft.skipped.insert(parameter.name.clone()),
                };
            }
        }
        self.proceed(Applied::default());
    }

    /// "Same as last time": the value of the last execution of this template, else the one used
    /// most.
    pub(super) fn same_as_last_time(
        &mut self,
        template: &JobTemplate,
        parameter: &Parameter,
    ) -> bool {
        let earlier = self
            .memory
            .executions
            .iter()
            .filter(|ran| ran.template == template.id)
            .find_map(|ran| ran.values.get(&parameter.name))
            .or_else(|| self.memory.used.get(&parameter.name).and_then(|used| used.first()))
            .cloned();
        match earlier {
            Some(value) => {
                let mut applied = Applied::default();
                self.give(template, parameter, value, Source::CarriedOver, &mut applied);
                self.proceed(applied);
            }
            None => self.ask(&parameter.name, Some(Problem::NoEarlierValue), 1),
        }
        true
    }

    /// The parameter's default was agreed to.
    pub(super) fn use_default(&mut self, name: &str) {
        let parameter = self.drafted().and_then(|(_, t)| t.parameter(name));
        match parameter {
            Some(parameter) if parameter.default.is_some() => {
                if let Some(draft) = &mut self.session.draft {
                    draft.values.remove(name);
                    draft.agreed.insert(name.to_owned());
                }
                self.proceed(Applied::default());
            }
            Some(_) => self.ask(name, Some(Problem::NoDefault), 1),
            None => self.stale(),
        }
    }

    /// The optional parameter is left out.
    pub(super) fn skip(&mut self, name: &str) {
        let parameter = self.drafted().and_then(|(_, t)| t.parameter(name));
        match parameter {
            Some(parameter) if parameter.required && parameter.default.is_none() => {
                self.ask(name, Some(Problem::Required), 1);
            }
            Some(_) => {
                if let Some(draft) = &mut self.session.draft {
                    draft.values.remove(name);
                    draft.skipped.insert(name.to_owned());
                }
                self.proceed(Applied::default());
            }
            None => self.stale(),
        }
    }
}
