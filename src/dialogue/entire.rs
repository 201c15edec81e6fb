//! An answer as a whole: the value that all of it is, or why it is none.

use super::act::Problem;
use super::answer::{SURE, is_open, looks_like_a_name};
use super::heard::{Heard, Meaning};
use super::labels::*;
use super::turn::Talk;
use super::{cues, options, pairs};
use crate::catalog::{Parameter, ParameterType, Value};
use crate::nlu::values::{self, ValueError};
use crate::nlu::{Label, Slot, SlotValue};

impl Talk<'_> {
    /// The value that a whole message is, if it is one and nothing else: any value of a type
    /// that words don't fall into by chance; for an open type, words that the model does not
    /// take for something else.
    pub(super) fn plain_value(
        &self,
        heard: &Heard,
        meaning: &Meaning,
        parameter: &Parameter,
    ) -> Option<Value> {
        let value = match self.worth(&heard.text, parameter).ok()? {
            values if values.len() == 1 => values.into_iter().next()?,
            _ => return None,
        };
        if self.is_stretch(&heard.text, parameter) {
            return None;
        }
        let draft = self.session.draft.as_ref();
        let other_job = meaning.share >= SURE
            && meaning.job().is_some_and(|job| draft.is_some_and(|d| d.template != *job));
        if other_job && cues::is_phrase(&heard.text) {
            return None;
        }
        let in_a_sentence =
            matches!(parameter.kind, ParameterType::Choice | ParameterType::Boolean)
                && cues::is_phrase(&heard.text);
        if in_a_sentence && meaning.act() != Some(ANSWER) {
            return None;
        }
        if !is_open(parameter.kind) || looks_like_a_name(&heard.text) {
            return Some(value);
        }
        let one_word = !heard.text.contains(char::is_whitespace);
        let an_answer = matches!(meaning.act(), Some(ANSWER | CHOOSE | CORRECT));
        let something_else = matches!(meaning.label, Label::Act(_) | Label::Command(_))
            && heard.accepts(meaning)
            && (cues::is_phrase(&heard.text) || self.is_said_so(&meaning.label, &heard.text));
        (one_word && (an_answer || !something_else)).then_some(value)
    }

    /// Whether these very words are an example of a label: only then is one word, in answer to an
    /// open question, taken for something else than the answer.
    fn is_said_so(&self, label: &Label, words: &str) -> bool {
        let words = words.trim().to_lowercase();
        self.mind.catalog.examples_of(label).any(|example| example.text.to_lowercase() == words)
    }

    /// Why a number that was given is none for the parameter, where it was read as a number.
    pub(super) fn out_of_bounds(&self, heard: &Heard, parameter: &Parameter) -> Option<Problem> {
        match self.worth(&heard.text, parameter) {
            Err(
                error @ (ValueError::TooSmall { .. }
                | ValueError::TooLarge { .. }
                | ValueError::PatternMismatch { .. }),
            ) if options::takes_numbers(parameter) => Some(Problem::Value { error }),
            _ => None,
        }
    }

    /// What words are worth to a parameter: its readings, the likelier first.
    pub(super) fn worth(
        &self,
        text: &str,
        parameter: &Parameter,
    ) -> Result<Vec<Value>, ValueError> {
        let near = self.drafted().and_then(|(draft, template)| {
            let pair = pairs::pairs(template).into_iter().find(|p| p.to == parameter.name)?;
            draft.value(&pair.from)
        });
        values::interpret_near(text, parameter, &self.reference(), near)
    }

    /// What a whole answer is worth to the parameter, where no part of it was found to be a
    /// value: a value, or the reason why it is none.
    pub(super) fn whole_answer(
        &self,
        heard: &Heard,
        meaning: &Meaning,
        parameter: &Parameter,
        something_found: bool,
    ) -> Option<Slot> {
        let value = match self.worth(&heard.text, parameter) {
            Ok(_)
                if is_open(parameter.kind)
                    && !is_free(parameter)
                    && meaning.act() != Some(ANSWER) =>
            {
                return None;
            }
            Ok(values) => one_or_several(values)?,
            Err(_) if something_found => return None,
            Err(error) => SlotValue::Invalid(error),
        };
        Some(whole(heard, parameter, value))
    }
}

/// Whether any words at all may be the value: a text without a pattern.
pub(super) fn is_free(parameter: &Parameter) -> bool {
    parameter.kind == ParameterType::String && parameter.pattern.is_none()
}

/// A whole message as what it says of a parameter.
pub(super) fn whole(heard: &Heard, parameter: &Parameter, value: SlotValue) -> Slot {
    Slot {
        parameter: parameter.name.clone(),
        start: 0,
        end: heard.text.chars().count(),
        surface: heard.text.clone(),
        value,
        confidence: 1.0,
    }
}

pub(super) fn one_or_several(mut values: Vec<Value>) -> Option<SlotValue> {
    match values.len() {
        0 => None,
        1 => values.pop().map(SlotValue::Valid),
        _ => Some(SlotValue::Ambiguous(values)),
    }
}
