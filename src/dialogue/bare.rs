//! Values said without saying of what, where only one parameter could have them; and values said
//! with the name of another parameter than the one they were taken for.

use super::answer::{is_open, looks_like_a_name};
use super::correct::current;
use super::cues;
use super::heard::Heard;
use super::look::byte_at;
use super::options;
use super::turn::Talk;
use crate::catalog::{JobTemplate, Language, Parameter, ParameterType, Value};
use crate::nlu::values::recognize::{self, TimeKind};
use crate::nlu::values::{self, Found, ValueError};
use crate::nlu::{Slot, SlotValue};

impl Talk<'_> {
    /// A value that only one parameter could have, said without saying which: a whole clause, a
    /// switch by its name, or something of a shape that no other parameter has.
    pub(super) fn bare_value(&self, heard: &Heard, template: &JobTemplate) -> Option<Slot> {
        self.bare_clause(heard, template)
            .or_else(|| switch(heard, template))
            .or_else(|| self.shaped(heard, template))
    }

    /// A clause that is a value of only one parameter.
    fn bare_clause(&self, heard: &Heard, template: &JobTemplate) -> Option<Slot> {
        let text = cues::without(&heard.text, &cues::negated(&heard.text));
        let said = cues::clauses(&text);
        let fitting: Vec<(&Parameter, Value, &str)> = template
            .parameters
            .iter()
            .filter(|p| !is_open(p.kind) && p.kind != ParameterType::Boolean)
            .filter_map(|parameter| {
                said.iter().rev().find_map(|clause| {
                    let values = self.worth(clause, parameter).ok()?;
                    (values.len() == 1).then(|| (parameter, values[0].clone(), *clause))
                })
            })
            .collect();
        match fitting.as_slice() {
            [(parameter, value, words)] => {
                let at = heard.text.find(words).unwrap_or(0);
                let start = heard.text[..at].chars().count();
                Some(Slot {
                    parameter: parameter.name.clone(),
                    start,
                    end: start + words.chars().count(),
                    surface: (*words).to_owned(),
                    value: SlotValue::Valid(value.clone()),
                    confidence: 1.0,
                })
            }
            _ => None,
        }
    }

    /// A value whose shape only one parameter takes: "make it expire after two weeks".
    fn shaped(&self, heard: &Heard, template: &JobTemplate) -> Option<Slot> {
        let text = &heard.text;
        let negated = cues::negated(text);
        let times: Vec<_> = recognize::times(text, &self.reference())
            .into_iter()
            .filter(|time| time.kind != TimeKind::Duration)
            .collect();
        let usable = |found: &Found| {
            !negated.iter().any(|range| range.contains(&found.start))
                && !times.iter().any(|t| t.span.start < found.end && found.start < t.span.end)
        };
        let mut fitting = template.parameters.iter().filter(|p| has_shape(p)).filter_map(|p| {
            let mut found = match p.kind {
                ParameterType::Choice => values::find_choices(text, p, &self.reference()),
                kind => values::find(text, kind, &self.reference()),
            };
            found.retain(usable);
            found.retain(|f| !is_open(p.kind) || looks_like_a_name(&text[f.start..f.end]));
            let [only] = found.as_slice() else { return None };
            let surface = &text[only.start..only.end];
            match self.valued(surface, p, None) {
                value @ SlotValue::Valid(_) => Some(slot(text, only.start, only.end, p, value)),
                _ => None,
            }
        });
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// A word that is nearly a choice of only one parameter that still lacks a value.
    pub(super) fn near_miss(&self, heard: &Heard, template: &JobTemplate) -> Option<Slot> {
        let text = heard.text.trim();
        let draft = self.session.draft.as_ref()?;
        if cues::is_phrase(text) {
            return None;
        }
        let lacking = template.parameters.iter().filter(|p| draft.value(&p.name).is_none());
        let mut near = lacking.filter_map(|p| match self.worth(text, p) {
            Err(error @ ValueError::NotAChoice { .. }) if is_near(&error) => Some((p, error)),
            _ => None,
        });
        match (near.next(), near.next()) {
            (Some((p, error)), None) => {
                Some(slot(text, 0, text.len(), p, SlotValue::Invalid(error)))
            }
            _ => None,
        }
    }

    /// A value that was taken for one parameter, in a message with the name of another that lacks
    /// one, is the other's: "oskar approved it" is about the approver, "add reviews to the
    /// tables" about the tables.
    pub(super) fn heed_names(&self, heard: &Heard, template: &JobTemplate, slots: &mut [Slot]) {
        let Some(draft) = &self.session.draft else { return };
        for slot in slots {
            let Some(taken_for) = template.parameter(&slot.parameter) else { continue };
            let has_value = current(draft, template, &slot.parameter).is_some();
            if !has_value || !is_open(taken_for.kind) || !self.differs(slot, template) {
                continue;
            }
            let at = byte_at(&heard.text, slot.start)..byte_at(&heard.text, slot.end);
            let said = stems(&cues::without(&heard.text, std::slice::from_ref(&at)));
            let own = names_of(taken_for);
            let named = |p: &&Parameter| {
                names_of(p).iter().any(|name| said.contains(name) && !own.contains(name))
            };
            if own.iter().any(|name| said.contains(name)) {
                continue;
            }
            let mut others = template.parameters.iter().filter(|p| {
                p.name != taken_for.name
                    && is_open(p.kind)
                    && (p.kind == ParameterType::List || draft.value(&p.name).is_none())
            });
            let mut others = others.by_ref().filter(named);
            if let (Some(other), None) = (others.next(), others.next()) {
                slot.value = self.valued(&slot.surface, other, None);
                slot.parameter = other.name.clone();
            }
        }
    }
}

/// A number with a word behind it that only one other parameter is called by is that one's:
/// "2 cores", 2 核.
pub(super) fn heed_units(heard: &Heard, template: &JobTemplate, slots: &mut [Slot]) {
    let counts = |p: &Parameter| matches!(p.kind, ParameterType::Integer | ParameterType::Number);
    for index in 0..slots.len() {
        let slot = &slots[index];
        let Some(taken_for) = template.parameter(&slot.parameter).filter(|p| counts(p)) else {
            continue;
        };
        let Some(unit) = unit(&heard.text[byte_at(&heard.text, slot.end)..]) else { continue };
        if is_called(taken_for, &unit) {
            continue;
        }
        let free = |p: &&Parameter| counts(p) && slots.iter().all(|s| s.parameter != p.name);
        let mut others = template.parameters.iter().filter(free).filter(|p| is_called(p, &unit));
        if let (Some(other), None) = (others.next(), others.next()) {
            slots[index].parameter = other.name.clone();
        }
    }
}

/// The word or the Chinese character behind a number.
fn unit(behind: &str) -> Option<String> {
    let behind = behind.trim_start();
    let first = behind.chars().next()?;
    if crate::catalog::is_han(first) {
        return Some(first.to_string());
    }
    let word: String = behind.chars().take_while(char::is_ascii_alphabetic).collect();
    (word.len() > 2).then(|| word.to_lowercase())
}

/// Whether a word, or a Chinese character, is part of what a parameter is called.
fn is_called(parameter: &Parameter, word: &str) -> bool {
    let label = parameter.label.as_ref();
    if !word.is_ascii() {
        return label.is_some_and(|label| label.zh.contains(word));
    }
    let english = label.map(|label| options::words(label.get(Language::En)));
    let name = options::words(&parameter.name.replace('_', " "));
    english
        .into_iter()
        .flatten()
        .chain(name)
        .any(|part| part.trim_end_matches('s') == word.trim_end_matches('s'))
}

/// A switch that a clause names: "not the graceful way", 不要压缩.
fn switch(heard: &Heard, template: &JobTemplate) -> Option<Slot> {
    let switches = || template.parameters.iter().filter(|p| p.kind == ParameterType::Boolean);
    let mut found = cues::clause_ranges(&heard.text).into_iter().flat_map(|clause| {
        switches().filter_map(move |parameter| {
            let value = values::switch_named(&heard.text[clause.clone()], parameter)?;
            let value = SlotValue::Valid(Value::Boolean(value));
            Some(slot(&heard.text, clause.start, clause.end, parameter, value))
        })
    });
    match (found.next(), found.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

fn is_near(error: &ValueError) -> bool {
    matches!(error, ValueError::NotAChoice { near, .. } if !near.is_empty())
}

/// Types whose values are told by their shape, wherever they stand.
fn has_shape(parameter: &Parameter) -> bool {
    use ParameterType::*;
    matches!(
        parameter.kind,
        Choice | Host | Ip | Url | Path | Email | Version | Duration | Size | Percent
    ) && !parameter.secret
}

/// Whether words name a parameter, by its name, its label or its description.
pub(super) fn names(words: &str, parameter: &Parameter) -> bool {
    let said = stems(words);
    names_of(parameter).iter().any(|name| said.contains(name))
}

/// What a parameter is called, as stems: the words of its name, its label and its description.
fn names_of(parameter: &Parameter) -> Vec<String> {
    let mut names = stems(&parameter.name.replace('_', " "));
    for language in Language::ALL {
        names.extend(stems(parameter.description.get(language)));
        names.extend(parameter.label.iter().flat_map(|label| stems(label.get(language))));
    }
    names
}

/// The beginnings of longer words, which their forms have in common ("approver", "approved"), and
/// pairs of Chinese characters.
fn stems(text: &str) -> Vec<String> {
    const LONG: usize = 5;
    options::words(text)
        .into_iter()
        .filter(|word| !word.is_ascii() || word.len() >= LONG)
        .map(|word| if word.is_ascii() { word[..LONG].to_owned() } else { word })
        .collect()
}

fn slot(text: &str, start: usize, end: usize, parameter: &Parameter, value: SlotValue) -> Slot {
    Slot {
        parameter: parameter.name.clone(),
        start: text[..start].chars().count(),
        end: text[..end].chars().count(),
        surface: text[start..end].to_owned(),
        value,
        confidence: 1.0,
    }
}
