//! Learning to find slots from annotated examples.
//!
//! The chooser must see what the head says of texts that it was *not* trained on, as it will
//! in use: so a head is trained for each fold on the other folds' examples, and the chooser is
//! fitted to what they say of the fold they have not seen.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::candidates::Recognised;
use super::chooser::{Choice, Chooser};
use super::features;
use super::head::{HeadParameter, HeadSettings, Tagged, TunedHead};
use super::polarity::{Polarity, Said};
use super::{Phrases, SlotModel, Views, alternatives, head_parameter, is_sole, key, worth};
use crate::catalog::{Entity, Language, Parameter, ParameterType, Value};
use crate::nlu::encoder::{Encoded, SlotHead};
use crate::nlu::text::Text;
use crate::nlu::values::{self, Reference};

/// An example with its token states.
#[derive(Debug, Clone, Copy)]
pub struct Annotated<'a> {
    pub text: &'a str,
    pub encoded: &'a Encoded,
    /// What may be said with the example's label.
    pub parameters: &'a [Parameter],
    pub entities: &'a [Entity],
    /// The fold that the example belongs to.
    pub fold: usize,
}

/// How slots are learnt.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SlotSettings {
    pub head: HeadSettings,
    /// The inverse penalty of the chooser.
    pub chooser_c: f64,
}

/// The model for use, and for each fold one that has not seen it, for measuring.
#[derive(Debug)]
pub struct Folded {
    pub model: SlotModel,
    pub folds: Vec<SlotModel>,
}

/// Learns from examples in `folds` folds. `labels` holds the mean vectors of every parameter's
/// two label texts, by its [`key`].
pub fn learn(
    examples: &[Annotated],
    head: &SlotHead,
    labels: &BTreeMap<String, [Vec<f32>; 2]>,
    folds: usize,
    settings: SlotSettings,
    reference: &Reference,
) -> Folded {
    let keys: HashMap<String, usize> =
        labels.keys().enumerate().map(|(i, key)| (key.clone(), i)).collect();
    let means: Vec<Vec<f32>> = labels.values().flatten().cloned().collect();
    let untuned = TunedHead::untuned(head, &means, keys.len());
    // The last part is trained on everything, the others each without their fold.
    let parts: Vec<Part> = (0..=folds)
        .into_par_iter()
        .map(|fold| {
            let known: Vec<&Annotated> = examples.iter().filter(|e| e.fold != fold).collect();
            Part::learn(&known, &untuned, &keys, settings, reference)
        })
        .collect();
    let choices: Vec<(usize, Choice)> = examples
        .par_iter()
        .flat_map_iter(|example| {
            parts[example.fold]
                .choices(example, &keys, reference)
                .into_iter()
                .map(|choice| (example.fold, choice))
        })
        .collect();
    let models: Vec<SlotModel> = parts
        .into_par_iter()
        .enumerate()
        .map(|(fold, part)| {
            let seen = choices.iter().filter(|(f, _)| *f != fold).map(|(_, choice)| choice);
            let chooser = Chooser::fit(seen, features::COUNT, settings.chooser_c);
            let Part { head, phrases, polarity } = part;
            SlotModel { keys: keys.clone(), head, chooser, phrases, polarity }
        })
        .collect();
    let mut models = models;
    // `0..=folds` made folds + 1 of them.
    let model = models.pop().expect("one model is for everything");
    Folded { model, folds: models }
}

/// Everything that is learnt before the chooser.
struct Part {
    head: TunedHead,
    phrases: Phrases,
    polarity: Polarity,
}

impl Part {
    fn learn(
        examples: &[&Annotated],
        untuned: &TunedHead,
        keys: &HashMap<String, usize>,
        settings: SlotSettings,
        reference: &Reference,
    ) -> Part {
        let tagged: Vec<Tagged> = examples.iter().filter_map(|e| e.tagged(keys)).collect();
        let mut head = untuned.clone();
        head.train(&tagged, settings.head, |_| {});
        let said: Vec<Said> = examples.iter().flat_map(|e| e.said(reference)).collect();
        Part { head, phrases: phrases(examples), polarity: Polarity::fit(said.iter()) }
    }

    /// One choice for each parameter of an example whose value, if it has one, was proposed.
    fn choices(
        &self,
        example: &Annotated,
        keys: &HashMap<String, usize>,
        reference: &Reference,
    ) -> Vec<Choice> {
        let text = Text::new(example.text);
        let views = Views::of(keys, &self.head, &text, example.encoded, example.parameters);
        let mut recognised = Recognised::default();
        let mut choices = Vec::new();
        for (column, (parameter, key)) in example.parameters.iter().zip(&views.keys).enumerate() {
            let spans = recognised.of(&text, parameter.kind, reference);
            let value = |words: &str| {
                worth(parameter, key, words, &self.phrases, &self.polarity, reference)
            };
            let rows = alternatives(
                &text,
                example.encoded,
                &views.logits,
                column,
                parameter,
                key,
                spans,
                is_sole(parameter, example.parameters),
                &self.phrases,
                value,
            );
            let truth = example.entities.iter().find(|e| e.name == parameter.name);
            let right = match truth {
                None => Some(0),
                Some(truth) => rows
                    .candidates
                    .iter()
                    .position(|(c, _)| (c.start, c.end) == (truth.start, truth.end))
                    .map(|i| i + 1),
            };
            let Some(right) = right else { continue };
            let mut alternatives = vec![rows.none];
            alternatives.extend(rows.candidates.into_iter().map(|(_, row)| row));
            choices.push(Choice { alternatives, right });
        }
        choices
    }
}

impl Annotated<'_> {
    fn tagged(&self, keys: &HashMap<String, usize>) -> Option<Tagged<'_>> {
        if self.parameters.is_empty() {
            return None;
        }
        let language = Language::of(self.text).unwrap_or_default();
        let parameters: Vec<HeadParameter> =
            self.parameters.iter().map(|p| head_parameter(keys, &key(p), language)).collect();
        let tokens = self.encoded.tokens();
        let spans = self
            .entities
            .iter()
            .filter_map(|entity| {
                let parameter = self.parameters.iter().position(|p| p.name == entity.name)?;
                let first = tokens.iter().position(|t| !t.special && t.end > entity.start)?;
                let last = tokens.iter().rposition(|t| !t.special && t.start < entity.end)?;
                (first <= last).then_some((parameter, first, last + 1))
            })
            .collect();
        Some(Tagged { encoded: self.encoded, parameters, spans })
    }

    /// The boolean values that the example gives.
    fn said(&self, reference: &Reference) -> Vec<Said> {
        let text = Text::new(self.text);
        self.entities
            .iter()
            .filter_map(|entity| {
                let parameter = self.parameters.iter().find(|p| p.name == entity.name)?;
                if parameter.kind != ParameterType::Boolean {
                    return None;
                }
                let words = text.slice(entity.start, entity.end);
                let boolean = |words: &str| match values::interpret(words, parameter, reference) {
                    Ok(readings) => match readings.as_slice() {
                        [Value::Boolean(b)] => Some(*b),
                        _ => None,
                    },
                    Err(_) => None,
                };
                let truth = boolean(entity.value.as_deref().unwrap_or(words))?;
                Some(Said {
                    key: key(parameter),
                    words: words.to_owned(),
                    recognised: boolean(words),
                    truth,
                })
            })
            .collect()
    }
}

/// The words that examples gave to parameters whose values are phrases of a language rather
/// than names, numbers or times.
fn phrases(examples: &[&Annotated]) -> Phrases {
    let mut phrases = Phrases::default();
    for example in examples {
        let text = Text::new(example.text);
        for entity in example.entities {
            let Some(parameter) = example.parameters.iter().find(|p| p.name == entity.name) else {
                continue;
            };
            let is_phrase =
                matches!(parameter.kind, ParameterType::Boolean | ParameterType::Choice);
            if !is_phrase && entity.value.is_none() {
                continue;
            }
            let words = text.slice(entity.start, entity.end).to_lowercase();
            let known = phrases.0.entry(key(parameter)).or_default();
            if known.iter().all(|(w, _)| *w != words) {
                known.push((words, entity.value.clone()));
            }
        }
    }
    phrases
}
