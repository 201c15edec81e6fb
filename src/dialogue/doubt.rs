//! Doubts about names: a word of a sentence is not yet the name of a thing.

use std::collections::HashSet;

use super::memory::Lookup;
use super::session::Open;
use super::turn::Talk;
use crate::catalog::{Catalog, JobTemplate, Language, Parameter, ParameterType, Value};
use crate::nlu::{Label, Slot, SlotValue};

/// How sure the slot model must be of a word that does not look like a name.
const SURE: f32 = 0.5;

/// How many known names near to what was said are offered.
const MOST_NEAR: usize = 3;

impl Talk<'_> {
    /// Has names asked about rather than taken: words that are likelier just words, and names
    /// that are a slip away from one that is known.
    ///
    /// A word that answers the question for this very parameter is a name, whatever else it is.
    pub(super) fn doubt(&mut self, template: &JobTemplate, slots: &mut Vec<Slot>) {
        let asked = match &self.session.open {
            Some(Open::Parameter { parameter, .. } | Open::Reading { parameter, .. }) => {
                Some(parameter.clone())
            }
            _ => None,
        };
        let mut asked_for: Vec<String> = Vec::new();
        for slot in slots.iter_mut() {
            let Some(parameter) = template.parameter(&slot.parameter) else { continue };
            let SlotValue::Valid(value) = &slot.value else { continue };
            if !is_name(parameter) || self.is_known(template, parameter, value) {
                continue;
            }
            self.want_known(template, parameter);
            let near = self.near_known(template, parameter, value);
            if !near.is_empty() {
                let said = std::iter::once(value.clone());
                slot.value = SlotValue::Ambiguous(near.into_iter().chain(said).collect());
            } else if asked.as_ref() != Some(&parameter.name)
                && !super::answer::looks_like_a_name(&slot.surface)
                && (slot.confidence < SURE || self.is_just_a_word(parameter, &slot.surface))
            {
                if parameter.required {
                    // It is asked for anyway, with what there is to choose from.
                    asked_for.push(parameter.name.clone());
                } else {
                    slot.value = SlotValue::Ambiguous(vec![value.clone()]);
                }
            }
        }
        slots.retain(|slot| !asked_for.contains(&slot.parameter));
    }

    /// Asks for the names that there are to be looked up, where the template says how and that
    /// was not done yet.
    fn want_known(&mut self, template: &JobTemplate, parameter: &Parameter) {
        let lookup = Lookup { template: template.id.clone(), parameter: parameter.name.clone() };
        if parameter.suggest.is_some()
            && !self.memory.known.contains_key(&lookup)
            && !self.lookups.contains(&lookup)
        {
            self.lookups.push(lookup);
        }
    }

    /// Whether a value was used before, or is one that the template's own command proposes.
    fn is_known(&self, template: &JobTemplate, parameter: &Parameter, value: &Value) -> bool {
        let used = self.memory.used.get(&parameter.name).into_iter().flatten();
        used.chain(self.memory.known(&template.id, &parameter.name)).any(|known| known == value)
    }

    /// The known values that are one slip away from what was said. Digits are no slips: web-01
    /// is not web-02.
    fn near_known(
        &self,
        template: &JobTemplate,
        parameter: &Parameter,
        value: &Value,
    ) -> Vec<Value> {
        let said = value.to_string();
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let allowed = match said.chars().count() {
            0..=3 => return Vec::new(),
            4..=7 => 1,
            _ => 2,
        };
        let mut near: Vec<(usize, Value)> = self
            .memory
            .known(&template.id, &parameter.name)
            .iter()
            .filter(|known| digits(&known.to_string()) == digits(&said))
            .map(|known| (strsim::osa_distance(&known.to_string(), &said), known.clone()))
            .filter(|(distance, _)| *distance <= allowed)
            .collect();
        near.sort_by_key(|(distance, _)| *distance);
        near.into_iter().take(MOST_NEAR).map(|(_, known)| known).collect()
    }

    /// Whether a word is one that the catalogue's own sentences use, and never as this value.
    fn is_just_a_word(&self, parameter: &Parameter, surface: &str) -> bool {
        let word = surface.to_lowercase();
        let catalog = self.mind.catalog;
        !is_example_value(catalog, parameter, &word) && plain_words(catalog).contains(&word)
    }
}

/// Parameters whose values are names of things: any word of the right shape fits.
pub(super) fn is_name(parameter: &Parameter) -> bool {
    match parameter.kind {
        ParameterType::String => parameter.pattern.is_some(),
        ParameterType::Host | ParameterType::User | ParameterType::Branch => true,
        _ => false,
    }
}

/// Whether an example gives a word as a value of a parameter of this name.
fn is_example_value(catalog: &Catalog, parameter: &Parameter, word: &str) -> bool {
    catalog.examples().iter().any(|example| {
        example.entities.iter().filter(|entity| entity.name == parameter.name).any(|entity| {
            let surface: String =
                example.text.chars().skip(entity.start).take(entity.end - entity.start).collect();
            surface.to_lowercase() == word
                || entity.value.as_ref().is_some_and(|value| value.to_lowercase() == word)
        })
    })
}

/// The words of requests that are no values, and those of names and descriptions.
fn plain_words(catalog: &Catalog) -> HashSet<String> {
    let mut plain = HashSet::new();
    let mut add = |text: &str| {
        plain.extend(text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase));
    };
    for example in catalog.examples().iter().filter(|e| matches!(e.label, Label::Job(_))) {
        let mut rest = String::new();
        for (place, c) in example.text.chars().enumerate() {
            let is_value = example.entities.iter().any(|e| e.start <= place && place < e.end);
            rest.push(if is_value { ' ' } else { c });
        }
        add(&rest);
    }
    for job in catalog.jobs() {
        for language in Language::ALL {
            add(job.name.get(language));
            add(job.description.get(language));
            for parameter in &job.parameters {
                add(parameter.description.get(language));
            }
        }
    }
    plain
}
