//! Which intent a text has.
//!
//! Two views of a text are fitted by logistic regression: its sentence vector, and its word and
//! letter n-grams. One generalises to other words, the other knows exactly which words matter;
//! their log-probabilities are mixed. What comes out is a score per label, not yet calibrated:
//! that is the gate's.

mod lbfgs;
mod logistic;
mod ngrams;

use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};

pub use lbfgs::{Stop, minimise};
pub use logistic::{Fit, Logistic, log_softmax};
pub use ngrams::Vocabulary;

/// One text to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    pub text: &'a str,
    /// The sentence vector, of length one.
    pub sentence: &'a [f32],
    /// Which label it has, as an index.
    pub label: usize,
    /// How much it counts; an example counts 1.
    pub importance: f32,
}

/// How the two views are fitted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Settings {
    /// Inverse penalties, see [`Fit`].
    pub sentence_c: f64,
    pub ngram_c: f64,
    /// The share of the n-gram view in the mix, 0 to 1.
    pub ngram_share: f32,
    pub iterations: usize,
}

/// The two views, fitted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IntentModel {
    /// The mean sentence vector of the examples, taken off every other.
    centre: Array1<f32>,
    sentence: Logistic,
    vocabulary: Vocabulary,
    ngrams: Logistic,
    ngram_share: f32,
}

impl IntentModel {
    /// Fits both views to samples of `labels` labels.
    pub fn fit(samples: &[Sample], labels: usize, settings: Settings) -> Self {
        let classes: Vec<usize> = samples.iter().map(|s| s.label).collect();
        let importance: Vec<f32> = samples.iter().map(|s| s.importance).collect();
        let stop = Stop { iterations: settings.iterations, tolerance: 1e-5 };
        let fit_sentence = || {
            let centre = centre(samples);
            let rows = centred(&centre, samples.iter().map(|s| s.sentence));
            let fit = Fit { c: settings.sentence_c, stop };
            let model = Logistic::fit(&rows, &classes, &importance, labels, fit);
            (centre, model)
        };
        let fit_ngrams = || {
            let vocabulary = Vocabulary::of(samples.iter().map(|s| s.text));
            let rows = vocabulary.rows(samples.iter().map(|s| s.text));
            let fit = Fit { c: settings.ngram_c, stop };
            let model = Logistic::fit(&rows, &classes, &importance, labels, fit);
            (vocabulary, model)
        };
        let ((centre, sentence), (vocabulary, ngrams)) = rayon::join(fit_sentence, fit_ngrams);
        IntentModel { centre, sentence, vocabulary, ngrams, ngram_share: settings.ngram_share }
    }

    /// The mixed log-probability of each label.
    pub fn log_probabilities(&self, text: &str, sentence: &[f32]) -> Vec<f32> {
        let a = self.sentence.log_probabilities(&centred(&self.centre, [sentence]));
        let b = self.ngrams.log_probabilities(&self.vocabulary.rows([text]));
        let mut mixed: Vec<f32> = a
            .iter()
            .zip(&b)
            .map(|(a, b)| (1.0 - self.ngram_share) * a + self.ngram_share * b)
            .collect();
        log_softmax(&mut mixed);
        mixed
    }

    /// A sentence vector as the sentence view sees it: without what all texts share, of length
    /// one. The dot product of two of these is how alike two texts are.
    pub fn centred(&self, sentence: &[f32]) -> Vec<f32> {
        centred(&self.centre, [sentence]).into_iter().collect()
    }
}

fn centre(samples: &[Sample]) -> Array1<f32> {
    let mut centre = Array1::zeros(samples.first().map_or(0, |s| s.sentence.len()));
    for sample in samples {
        centre.iter_mut().zip(sample.sentence).for_each(|(c, x)| *c += x);
    }
    centre / samples.len().max(1) as f32
}

fn centred<'a>(
    centre: &Array1<f32>,
    sentences: impl IntoIterator<Item = &'a [f32]>,
) -> Array2<f32> {
    let mut flat = Vec::new();
    let mut rows = 0;
    for sentence in sentences {
        let row: Vec<f32> = sentence.iter().zip(centre).map(|(x, c)| x - c).collect();
        let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        flat.extend(row.iter().map(|x| x / length));
        rows += 1;
    }
    // Each row has exactly as many numbers as the centre.
    Array2::from_shape_vec((rows, centre.len()), flat).expect("rows of equal length")
}
