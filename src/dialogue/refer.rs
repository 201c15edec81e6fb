//! References: "it", "there", "that service", 它, 那台机器.

use super::act::Note;
use super::correct::carried;
use super::heard::Heard;
use super::parameters::named_parameter;
use super::pointers::{self, Pointer, Reach};
use super::turn::Talk;
use crate::catalog::{JobTemplate, Parameter, ParameterType, Value};
use crate::nlu::Slot;

impl Pointer {
    /// Whether the pointer stands for a value of the template: a bare one always, one with a
    /// noun only where the noun is a kind of value or names a parameter.
    pub(super) fn is_reference(&self, template: &JobTemplate) -> bool {
        self.reach != Reach::Named || !self.named(template).is_empty()
    }

    /// The parameters that the noun after the pointer may mean.
    fn named<'t>(&self, template: &'t JobTemplate) -> Vec<&'t Parameter> {
        if let Some(kind) = pointers::kind_of_noun(&self.rest) {
            return template.parameters.iter().filter(|p| p.kind == kind).collect();
        }
        noun(&self.rest)
            .and_then(|noun| named_parameter(template, &noun, |_| false))
            .into_iter()
            .collect()
    }
}

impl Talk<'_> {
    /// Fills what pointers of a message refer to into the draft, unless the message gives it in
    /// words. Says so where a pointer has nothing to refer to and a value is missing for it.
    pub(super) fn refer(&mut self, heard: &Heard, template: &JobTemplate, given: &[Slot]) {
        for pointer in pointers::pointers(&heard.text) {
            let open = |p: &&Parameter| {
                !given.iter().any(|slot| slot.parameter == p.name)
                    && self.session.draft.as_ref().is_some_and(|d| !d.values.contains_key(&p.name))
            };
            let candidates: Vec<&Parameter> = match pointer.reach {
                Reach::Named => pointer.named(template).into_iter().filter(open).collect(),
                _ => template
                    .parameters
                    .iter()
                    .filter(|p| p.required && reaches(pointer.reach, p.kind))
                    .filter(open)
                    .collect(),
            };
            let found = candidates
                .iter()
                .find_map(|p| self.last_value(p).map(|value| (p.name.clone(), value)));
            match found {
                Some((name, value)) => {
                    self.session.mention(&template.id, &name, &value);
                    if let Some(draft) = &mut self.session.draft {
                        draft.values.insert(name, carried(value));
                    }
                }
                None if !candidates.is_empty() && pointer.reach != Reach::Place => {
                    let words = heard.text[pointer.range.clone()].to_owned();
                    if pointer.reach != Reach::Named {
                        self.note(Note::NoReferent { words });
                    }
                }
                None => {}
            }
        }
    }

    /// The value spoken of last that a parameter could have: of the same name, else of the same
    /// kind; in this conversation, else in the latest executions.
    fn last_value(&self, parameter: &Parameter) -> Option<Value> {
        let fits = |value: &Value| self.worth(&value.to_string(), parameter).is_ok();
        let mentions = self.session.mentions.iter().rev();
        let ran = self.memory.executions.iter().flat_map(|ran| &ran.values);
        mentions
            .clone()
            .find(|m| m.parameter == parameter.name && fits(&m.value))
            .or_else(|| {
                mentions.clone().find(|m| {
                    let kind = self
                        .template(&m.template)
                        .and_then(|template| template.parameter(&m.parameter))
                        .map(|p| p.kind);
                    kind == Some(parameter.kind) && is_telling(parameter.kind) && fits(&m.value)
                })
            })
            .map(|m| m.value.clone())
            .or_else(|| {
                ran.into_iter()
                    .find(|(name, value)| **name == parameter.name && fits(value))
                    .map(|(_, value)| value.clone())
            })
    }
}

/// Kinds of parameter that a pointer may stand for.
fn reaches(reach: Reach, kind: ParameterType) -> bool {
    use ParameterType::*;
    match reach {
        Reach::Thing => matches!(kind, String | Host | Ip | Url | Path | Branch),
        Reach::Place => matches!(kind, Choice | Host | Ip),
        Reach::Person => kind == User,
        Reach::Named => true,
    }
}

/// Kinds whose values are the same sort of thing whatever the parameter is called.
fn is_telling(kind: ParameterType) -> bool {
    use ParameterType::*;
    matches!(kind, Host | Ip | Url | User | Email | Branch)
}

/// The noun that a phrase begins with: its first Latin word, or its first two Chinese characters.
fn noun(phrase: &str) -> Option<String> {
    let first = phrase.chars().next()?;
    if crate::catalog::is_han(first) {
        return Some(phrase.chars().take(2).collect());
    }
    let word: String =
        phrase.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    (word.len() > 2).then_some(word)
}
