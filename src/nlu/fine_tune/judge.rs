//! Judges an encoder by what is learnt on top of it: on a fold of the examples that neither the
//! encoder nor the models on top of it have seen.

use crate::catalog::{Catalog, Entity};
use crate::nlu::encoder::Encoder;
use crate::nlu::train::{Options, TrainError, folds_of, learn, reference};

/// How well a fold is understood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The share of examples whose likeliest label is the right one.
    pub intents: f64,
    /// The F1 of slots, given the right label: parameter and span both exact.
    pub slots: f64,
}

impl Score {
    /// What encoders are compared by.
    pub fn mean(&self) -> f64 {
        (self.intents + self.slots) / 2.0
    }
}

/// Learns the catalogue without the fold, and tests on it.
pub fn score(
    catalog: &Catalog,
    encoder: &dyn Encoder,
    folds: usize,
    held_out: usize,
) -> Result<Score, TrainError> {
    let options = Options { folds, ..Options::default() };
    let learnt = learn(catalog, encoder, &options, &mut |_| {})?;
    let labels: Vec<_> = catalog.labels().collect();
    let reference = reference();
    let mut intents = Share::default();
    let mut slots = F1::default();
    let tested = folds_of(catalog, folds);
    for (at, example) in
        catalog.examples().iter().enumerate().filter(|(at, _)| tested[*at] == held_out)
    {
        let likeliest = learnt.heads.gate.judge(&learnt.unseen[at]).best;
        intents.count(labels[likeliest] == example.label);
        let parameters = catalog.parameters_of(&example.label);
        if !parameters.is_empty() {
            let model = &learnt.fold_slots[held_out];
            let found =
                model.fill(&example.text, &learnt.encoded[at], parameters, None, &reference);
            let found = found.iter().map(|s| (s.parameter.as_str(), s.start, s.end)).collect();
            slots.count(found, &example.entities);
        }
    }
    Ok(Score { intents: intents.share(), slots: slots.f1() })
}

#[derive(Default)]
struct Share {
    right: usize,
    all: usize,
}

impl Share {
    fn count(&mut self, right: bool) {
        self.right += usize::from(right);
        self.all += 1;
    }

    fn share(&self) -> f64 {
        self.right as f64 / self.all.max(1) as f64
    }
}

#[derive(Default)]
struct F1 {
    right: usize,
    found: usize,
    truth: usize,
}

impl F1 {
    fn count(&mut self, found: Vec<(&str, usize, usize)>, truth: &[Entity]) {
        let is_true = |found: &&(&str, usize, usize)| {
            truth.iter().any(|e| (e.name.as_str(), e.start, e.end) == **found)
        };
        self.right += found.iter().filter(is_true).count();
        self.found += found.len();
        self.truth += truth.len();
    }

    fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (self.found + self.truth).max(1) as f64
    }
}
