//! Fine-tuning: training the encoder itself on a catalogue's examples.
//!
//! From the shipped weights, all transformer layers, the slot head and an intent head learn
//! together, by libtorch; the embeddings stay as they are, so that words without examples
//! keep their meaning. What comes out is a new encoder beside the shipped one, which the default engine then serves,
//! on condition that it does better on examples that it has not seen.
//!
//! **Architecture Invariant:** the shipped encoder is only read. A new encoder appears whole or not at
//! all, and only after it was judged better than the one in use, by the models that would use it.
//!
//! **Architecture Invariant:** the same catalogue, settings and machine give the same encoder, whether
//! training was interrupted or not: what is drawn by lot depends on the seed and the step alone.

mod checkpoint;
mod export;
mod judge;
mod material;
mod network;
mod optimizer;
mod resample;

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::catalog::Catalog;
use crate::nlu::encoder::rust_bert::GENERATOR;
use crate::nlu::encoder::{self, EncodeError, LoadError, Precision};
use crate::nlu::train::TrainError;
use crate::nlu::{encoder_folder, shipped_folder, tuned_folder};

use checkpoint::{Checkpoint, Run};
pub use judge::Score;
use material::Material;
use network::Network;
use optimizer::AdamW;

/// How an encoder is fine-tuned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// At most so many passes over the examples.
    pub epochs: usize,
    /// Examples per step.
    pub batch: usize,
    /// The highest learning rate; reached after the warm-up, it then falls to 0 in a straight line.
    pub rate: f64,
    /// The share of all steps in which the rate rises.
    pub warm_up: f64,
    /// What intent logits, which are cosines, are multiplied by.
    pub cosine_scale: f64,
    /// An epoch takes at most so many examples of a label, so that none drowns the others.
    pub most_per_label: usize,
    /// How likely a value is replaced by another one of its type.
    pub resample: f64,
    /// So many epochs in a row may bring nothing on the held-out fold.
    pub patience: usize,
    /// One of so many folds is held out.
    pub folds: usize,
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            epochs: 4,
            batch: 32,
            rate: 5e-5,
            warm_up: 0.1,
            cosine_scale: 20.0,
            most_per_label: 28,
            resample: 0.5,
            patience: 1,
            folds: 5,
            seed: 1,
        }
    }
}

/// The fold that is held out.
const HELD_OUT: usize = 0;

/// A checkpoint is written after every so many steps, and after every epoch.
const STEPS_BETWEEN_CHECKPOINTS: usize = 25;

/// How far fine-tuning is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress {
    /// Learning; `loss` is the last step's.
    Learning { step: usize, steps: usize, loss: f64 },
    /// An epoch is over: its loss on the held-out fold, and whether that is the lowest so far.
    Epoch { epoch: usize, loss: f64, best: bool },
    /// The encoder in use, then the new one, is judged on the held-out fold.
    Judging,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The new encoder is in use.
    Better { before: Score, after: Score, folder: PathBuf },
    /// The encoder in use stays.
    NotBetter { before: Score, after: Score },
}

/// Why fine-tuning failed.
#[derive(Debug, thiserror::Error)]
pub enum FineTuneError {
    #[error("the catalogue has no examples to learn from, or too few to hold some out")]
    NothingToLearn,
    #[error("the encoder can't be loaded: {0}")]
    Encoder(#[from] LoadError),
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Judge(#[from] TrainError),
    #[error("{} can't be written or read: {reason}", path.display())]
    File { path: PathBuf, reason: String },
    #[error("the loss is no longer a number at step {step}: try a lower learning rate")]
    Diverged { step: usize },
}

/// Fine-tunes the shipped encoder of a models folder on a catalogue. An interrupted run of the same
/// catalogue, encoder and settings is taken up where it last wrote a checkpoint.
///
/// # Errors
///
/// Where there is too little to learn from, or a model can't be read or written.
pub fn fine_tune(
    catalog: &Catalog,
    models: &Path,
    settings: &Settings,
    progress: &mut dyn FnMut(Progress),
) -> Result<Outcome, FineTuneError> {
    let shipped = shipped_folder(models);
    let workshop = models.join("fine-tuning");
    let parts = encoder::Parts::open(&shipped)?;
    let material = Material::collect(catalog, &parts.tokenizer, settings, HELD_OUT)?;
    let name = name(catalog, &parts.fingerprint, settings);
    learn(&parts, &material, settings, &workshop, &name, progress)?;

    progress(Progress::Judging);
    let current = encoder::load(&encoder_folder(models), Precision::default())?;
    let before = judge::score(catalog, current.as_ref(), settings.folds, HELD_OUT)?;
    drop(current);
    progress(Progress::Judging);
    let draft = export::draft_folder(&workshop);
    let new = encoder::load(&draft, Precision::default())?;
    let after = judge::score(catalog, new.as_ref(), settings.folds, HELD_OUT)?;
    let outcome = if after.mean() > before.mean() {
        let folder = tuned_folder(models);
        export::put_in_use(&draft, &folder)?;
        Outcome::Better { before, after, folder }
    } else {
        Outcome::NotBetter { before, after }
    };
    checkpoint::clear(&workshop)?;
    Ok(outcome)
}

/// Trains until the last epoch or until the held-out fold gains nothing more. The best epoch's
/// encoder lies in the workshop afterwards.
fn learn(
    parts: &encoder::Parts,
    material: &Material,
    settings: &Settings,
    workshop: &Path,
    name: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), FineTuneError> {
    let mut network = Network::new(parts, material, settings)?;
    let mut optimizer = AdamW::new(network.trainable());
    let mut run = match Checkpoint::load(workshop, name)? {
        Some(checkpoint) => checkpoint.restore(&mut network, &mut optimizer)?,
        None => Run::default(),
    };
    let per_epoch = material.batches_per_epoch(settings);
    let steps = per_epoch * settings.epochs;
    while run.step < steps && run.without_gain <= settings.patience {
        let epoch = run.step / per_epoch;
        for batch in material.epoch(settings, epoch)?.into_iter().skip(run.step % per_epoch) {
            let rate = settings.rate_at(run.step, steps);
            let loss = {
                let _generator = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
                let seed = (settings.seed as i64).wrapping_mul(1_000_003);
                tch::manual_seed(seed.wrapping_add(run.step as i64));
                network.learn(&batch, &mut optimizer, rate)?
            };
            if !loss.is_finite() {
                return Err(FineTuneError::Diverged { step: run.step });
            }
            run.step += 1;
            progress(Progress::Learning { step: run.step, steps, loss });
            if run.step.is_multiple_of(STEPS_BETWEEN_CHECKPOINTS) && run.step % per_epoch != 0 {
                Checkpoint::save(workshop, name, &run, &optimizer)?;
            }
        }
        let loss = network.loss_on(&material.held_out(settings)?)?;
        let best = run.best.is_none_or(|best| loss < best);
        if best {
            export::write_draft(workshop, parts, &network)?;
            run.best = Some(loss);
            run.without_gain = 0;
        } else {
            run.without_gain += 1;
        }
        Checkpoint::save(workshop, name, &run, &optimizer)?;
        progress(Progress::Epoch { epoch: epoch + 1, loss, best });
    }
    Ok(())
}

impl Settings {
    /// The learning rate of a step: up in a straight line, then down in one.
    fn rate_at(&self, step: usize, steps: usize) -> f64 {
        let warm_up = (steps as f64 * self.warm_up).max(1.0);
        let (step, steps) = (step as f64, steps as f64);
        let share = if step < warm_up {
            (step + 1.0) / (warm_up + 1.0)
        } else {
            (steps - step) / (steps - warm_up).max(1.0)
        };
        self.rate * share
    }
}

/// Names a run: only one of the same catalogue, encoder and settings is taken up again.
fn name(catalog: &Catalog, encoder: &str, settings: &Settings) -> String {
    let mut hash = Sha256::new();
    for part in [catalog.fingerprint(), encoder, &format!("{settings:?}")] {
        hash.update(part);
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_and_falls() {
        let settings = Settings { rate: 1.0, warm_up: 0.1, ..Settings::default() };
        let rates: Vec<f64> = (0..100).map(|step| settings.rate_at(step, 100)).collect();
        assert!(rates[..10].windows(2).all(|pair| pair[0] < pair[1]), "{rates:?}");
        assert!(rates[10..].windows(2).all(|pair| pair[0] > pair[1]), "{rates:?}");
        assert!(rates.iter().all(|rate| *rate > 0.0 && *rate <= 1.0), "{rates:?}");
    }
}
