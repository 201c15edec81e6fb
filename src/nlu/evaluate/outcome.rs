//! What understanding made of a case.

use std::time::Instant;

use rayon::prelude::*;

use super::cases::Case;
use crate::catalog::{Catalog, Parameter};
use crate::nlu::encoder::Encoder;
use crate::nlu::gate::{Evidence, Gate};
use crate::nlu::reading::{Decision, Label, Scored, Slot};
use crate::nlu::train::{Learnt, Options, Progress, TrainError, folds_of, learn, sort_of};
use crate::nlu::understand::{Nlu, ranked};
use crate::nlu::values::Reference;

/// What understanding made of a case.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub decision: Decision,
    /// Every label with its probability, best first.
    pub ranking: Vec<Scored>,
    /// The slots, given the right label.
    pub slots: Vec<Slot>,
    /// From text to slots, in milliseconds; 0 where that was not measured.
    pub ms: f64,
}

/// Puts cases to a finished understanding, one at a time.
pub fn on_cases(
    nlu: &Nlu,
    cases: &[Case],
    reference: &Reference,
    progress: &mut dyn FnMut(f32),
) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(cases.len());
    for case in cases {
        let start = Instant::now();
        let utterance = nlu.read(&case.text);
        let slots = nlu.arguments(&utterance, &case.label, reference);
        let ms = start.elapsed().as_secs_f64() * 1e3;
        let (decision, ranking) = (utterance.decision, utterance.ranking);
        outcomes.push(Outcome { decision, ranking, slots, ms });
        progress(outcomes.len() as f32 / cases.len() as f32);
    }
    outcomes
}

/// Cross-validation on the catalogue's own examples: each is put to models that were learnt
/// without its fold.
pub fn cross_validated(
    catalog: &Catalog,
    encoder: &dyn Encoder,
    options: &Options,
    reference: &Reference,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Vec<Case>, Vec<Outcome>), TrainError> {
    let learnt = learn(catalog, encoder, options, progress)?;
    let cases: Vec<Case> = catalog.examples().iter().map(Case::of).collect();
    let folds = folds_of(catalog, options.folds);
    let gates = fold_gates(catalog, &learnt, &cases, &folds, options);
    let labels: Vec<Label> = catalog.labels().collect();
    let outcomes = (0..cases.len())
        .into_par_iter()
        .map(|i| {
            let judgement = gates[folds[i]].judge(&learnt.unseen[i]);
            let parameters: &[Parameter] = catalog.parameters_of(&cases[i].label);
            let slots = match parameters {
                [] => Vec::new(),
                _ => learnt.fold_slots[folds[i]].fill(
                    &cases[i].text,
                    &learnt.encoded[i],
                    parameters,
                    None,
                    reference,
                ),
            };
            let ranking = ranked(&labels, &judgement);
            Outcome { decision: judgement.decision, ranking, slots, ms: 0.0 }
        })
        .collect();
    Ok((cases, outcomes))
}

/// A gate for each fold, fitted to the others.
fn fold_gates(
    catalog: &Catalog,
    learnt: &Learnt,
    cases: &[Case],
    folds: &[usize],
    options: &Options,
) -> Vec<Gate> {
    let labels: Vec<Label> = catalog.labels().collect();
    let truth: Vec<usize> = cases
        .iter()
        .map(|case| labels.iter().position(|l| *l == case.label).unwrap_or(0))
        .collect();
    (0..options.folds)
        .map(|fold| {
            let others: Vec<usize> = (0..cases.len()).filter(|&i| folds[i] != fold).collect();
            let evidence: Vec<Evidence> =
                others.iter().map(|&i| learnt.unseen[i].clone()).collect();
            let half: Vec<(&Evidence, usize)> = learnt
                .half_said
                .iter()
                .filter(|(i, _)| folds[*i] != fold)
                .map(|(i, e)| (e, truth[*i]))
                .collect();
            let truth: Vec<usize> = others.iter().map(|&i| truth[i]).collect();
            Gate::fit(&evidence, &truth, &half, labels.iter().map(sort_of).collect(), options.risk)
        })
        .collect()
}
