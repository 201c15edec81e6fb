//! What is learnt from: the catalogue's examples, but for the fold that is held out, dealt into
//! batches with values drawn anew.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use super::resample::Resampler;
use super::{FineTuneError, Settings};
use crate::catalog::{Catalog, Entity, Example, Parameter};
use crate::nlu::encoder::{EncodeError, Token, Tokenizer};
use crate::nlu::slots::label_text;
use crate::nlu::train::folds_of;

/// Everything that is learnt from and tested on.
pub struct Material<'a> {
    tokenizer: &'a Tokenizer,
    examples: Vec<Labelled<'a>>,
    labels: usize,
    /// The tokens of every parameter's label text in both languages.
    label_texts: Vec<Vec<Token>>,
    resampler: Resampler,
}

/// An example of the catalogue.
struct Labelled<'a> {
    example: &'a Example,
    label: usize,
    held_out: bool,
    parameters: &'a [Parameter],
    /// Indices into the label texts, one per parameter.
    texts: Vec<usize>,
}

/// Texts that are learnt from in one step.
pub struct Batch {
    pub texts: Vec<Text>,
    /// The label texts of all parameters that the texts' labels have, each once.
    pub label_texts: Vec<Vec<Token>>,
}

/// A text with what it means.
pub struct Text {
    pub tokens: Vec<Token>,
    pub label: usize,
    /// What may be in it: indices into the batch's label texts.
    pub parameters: Vec<usize>,
    /// What is in it: an index into `parameters`, the first token, and the token after the last.
    pub spans: Vec<(usize, usize, usize)>,
}

impl<'a> Material<'a> {
    /// Takes the examples of a catalogue.
    pub fn collect(
        catalog: &'a Catalog,
        tokenizer: &'a Tokenizer,
        settings: &Settings,
        held_out: usize,
    ) -> Result<Self, FineTuneError> {
        let labels: Vec<_> = catalog.labels().collect();
        let index: BTreeMap<_, _> = labels.iter().enumerate().map(|(i, l)| (l, i)).collect();
        let mut texts: BTreeMap<String, usize> = BTreeMap::new();
        let folds = folds_of(catalog, settings.folds);
        let examples: Vec<Labelled<'a>> = catalog
            .examples()
            .iter()
            .zip(folds)
            .map(|(example, fold)| {
                let parameters = catalog.parameters_of(&example.label);
                let texts = parameters
                    .iter()
                    .map(|parameter| {
                        let next = texts.len();
                        *texts.entry(label_text(parameter, example.language)).or_insert(next)
                    })
                    .collect();
                let label = index[&example.label];
                Labelled { example, label, held_out: fold == held_out, parameters, texts }
            })
            .collect();
        let both = [true, false].map(|held| examples.iter().any(|e| e.held_out == held));
        if both != [true, true] {
            return Err(FineTuneError::NothingToLearn);
        }
        let mut label_texts = vec![Vec::new(); texts.len()];
        for (text, at) in &texts {
            label_texts[*at] = tokenizer.tokenize(text)?;
        }
        let seen = examples.iter().filter(|e| !e.held_out).map(|e| (e.example, e.parameters));
        let resampler = Resampler::new(seen);
        Ok(Material { tokenizer, examples, labels: labels.len(), label_texts, resampler })
    }

    /// How many labels there are.
    pub fn labels(&self) -> usize {
        self.labels
    }

    /// How many steps an epoch has.
    pub fn batches_per_epoch(&self, settings: &Settings) -> usize {
        let mut counts = vec![0; self.labels];
        for example in self.examples.iter().filter(|e| !e.held_out) {
            counts[example.label] += 1;
        }
        let taken: usize = counts.iter().map(|count| settings.most_per_label.min(*count)).sum();
        taken.div_ceil(settings.batch.max(1))
    }

    /// The batches of an epoch: the same ones whenever they are asked for.
    pub fn epoch(&self, settings: &Settings, epoch: usize) -> Result<Vec<Batch>, FineTuneError> {
        let seed = settings.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(epoch as u64);
        let mut rng = StdRng::seed_from_u64(seed);
        let mut order: Vec<&Labelled> = self.examples.iter().filter(|e| !e.held_out).collect();
        order.shuffle(&mut rng);
        let mut taken = vec![0; self.labels];
        order.retain(|example| {
            taken[example.label] += 1;
            taken[example.label] <= settings.most_per_label
        });
        order
            .chunks(settings.batch.max(1))
            .map(|chunk| {
                let mut texts = Vec::with_capacity(chunk.len());
                for example in chunk {
                    texts.push(self.resampled(example, settings.resample, &mut rng)?);
                }
                Ok(self.batch(texts))
            })
            .collect()
    }

    /// The held-out fold, as it was written.
    pub fn held_out(&self, settings: &Settings) -> Result<Vec<Batch>, FineTuneError> {
        let held_out: Vec<&Labelled> = self.examples.iter().filter(|e| e.held_out).collect();
        held_out
            .chunks(settings.batch.max(1))
            .map(|chunk| {
                let mut texts = Vec::with_capacity(chunk.len());
                for example in chunk {
                    texts.push(self.text(
                        example,
                        &example.example.text,
                        &example.example.entities,
                    )?);
                }
                Ok(self.batch(texts))
            })
            .collect()
    }

    /// A few examples of every label that are learnt from, as they were written.
    pub fn of_each_label(&self, most: usize) -> Result<Vec<(usize, Vec<Token>)>, EncodeError> {
        let mut taken = vec![0; self.labels];
        let mut texts = Vec::new();
        for example in self.examples.iter().filter(|e| !e.held_out) {
            taken[example.label] += 1;
            if taken[example.label] <= most {
                texts.push((example.label, self.tokenizer.tokenize(&example.example.text)?));
            }
        }
        Ok(texts)
    }

    fn resampled(
        &self,
        labelled: &Labelled,
        likelihood: f64,
        rng: &mut impl Rng,
    ) -> Result<Text, EncodeError> {
        let (text, entities) =
            self.resampler.resample(labelled.example, labelled.parameters, likelihood, rng);
        self.text(labelled, &text, &entities)
    }

    fn text(
        &self,
        labelled: &Labelled,
        text: &str,
        entities: &[Entity],
    ) -> Result<Text, EncodeError> {
        let tokens = self.tokenizer.tokenize(text)?;
        let spans = entities
            .iter()
            .filter_map(|entity| {
                let parameter = labelled.parameters.iter().position(|p| p.name == entity.name)?;
                let inside = |t: &Token| !t.special && t.end > entity.start && t.start < entity.end;
                let first = tokens.iter().position(inside)?;
                let last = tokens.iter().rposition(inside)?;
                Some((parameter, first, last + 1))
            })
            .collect();
        let parameters = labelled.texts.clone();
        Ok(Text { tokens, label: labelled.label, parameters, spans })
    }

    /// Puts texts together with the label texts that they need, renumbering those.
    fn batch(&self, mut texts: Vec<Text>) -> Batch {
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        let mut label_texts = Vec::new();
        for parameter in texts.iter_mut().flat_map(|text| &mut text.parameters) {
            *parameter = *numbers.entry(*parameter).or_insert_with(|| {
                label_texts.push(self.label_texts[*parameter].clone());
                label_texts.len() - 1
            });
        }
        Batch { texts, label_texts }
    }
}
