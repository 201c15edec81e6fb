//! Which intent a text has.
//!
//! Two views of a text are fitted by logistic regression: its sentence vector, and its word and
//! letter n-grams. One generalises to other words, the other knows exactly which words matter.
//! The sentence view knows every label. The n-gram view knows the jobs alone, which differ by
//! such words, and says which of them it is: among the jobs, the log-probabilities of both are
//! mixed. What comes out is a score per label, not yet calibrated: that is the gate's.

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
    /// How far labels with many examples are held down, from 0 (each example counts the same) to
    /// 1 (each label does).
    pub balance: f32,
    /// How strongly the sentence view begins with what the catalogue says of a label itself.
    pub prior: f32,
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
    /// The labels below this are jobs.
    jobs: usize,
}

/// What the views say of a text, as log-probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Of every label, both views mixed.
    pub mixed: Vec<f32>,
    /// Of every job, by the n-gram view alone.
    pub words: Vec<f32>,
}

impl IntentModel {
    /// Fits both views to samples of `labels` labels, of which the first `jobs` are jobs. Samples
    /// after the first `examples` are the catalogue's own words.
    pub fn fit(
        samples: &[Sample],
        examples: usize,
        labels: usize,
        jobs: usize,
        settings: Settings,
    ) -> Self {
        let classes: Vec<usize> = samples.iter().map(|s| s.label).collect();
        let importance = importance(samples, labels, settings.balance);
        let stop = Stop { iterations: settings.iterations, tolerance: 1e-5 };
        let fit_sentence = || {
            let centre = centre(samples);
            let rows = centred(&centre, samples.iter().map(|s| s.sentence));
            let fit = Fit { c: settings.sentence_c, stop };
            let mut prior = Array2::zeros((centre.len(), labels));
            let mut counts = vec![0.0f32; labels];
            classes[examples..].iter().for_each(|&class| counts[class] += 1.0);
            for (row, &class) in rows.rows().into_iter().zip(&classes).skip(examples) {
                prior.column_mut(class).scaled_add(settings.prior / counts[class], &row);
            }
            let model = Logistic::fit_near(&prior, &rows, &classes, &importance, fit);
            (centre, model)
        };
        let fit_ngrams = || {
            let of_jobs: Vec<&Sample> = samples.iter().filter(|s| s.label < jobs).collect();
            let classes: Vec<usize> = of_jobs.iter().map(|s| s.label).collect();
            let importance: Vec<f32> = of_jobs.iter().map(|s| s.importance).collect();
            let vocabulary = Vocabulary::of(of_jobs.iter().map(|s| s.text));
            let rows = vocabulary.rows(of_jobs.iter().map(|s| s.text));
            let fit = Fit { c: settings.ngram_c, stop };
            let model = Logistic::fit(&rows, &classes, &importance, jobs, fit);
            (vocabulary, model)
        };
        let ((centre, sentence), (vocabulary, ngrams)) = rayon::join(fit_sentence, fit_ngrams);
        IntentModel {
            centre,
            sentence,
            vocabulary,
            ngrams,
            ngram_share: settings.ngram_share,
            jobs,
        }
    }

    /// What both views say of a text.
    pub fn scores(&self, text: &str, sentence: &[f32]) -> Scores {
        let mut mixed = self.sentence_view(sentence);
        let words: Vec<f32> =
            self.ngrams.log_probabilities(&self.vocabulary.rows([text])).into_iter().collect();
        let jobs = &mut mixed[..self.jobs];
        // The sentence view says how likely it is a job at all; both say which.
        let any_job = log_softmax(jobs);
        for (job, words) in jobs.iter_mut().zip(&words) {
            *job = (1.0 - self.ngram_share) * *job + self.ngram_share * words;
        }
        log_softmax(jobs);
        jobs.iter_mut().for_each(|job| *job += any_job);
        Scores { mixed, words }
    }

    /// The log-probability of each label by the sentence view alone.
    pub fn sentence_view(&self, sentence: &[f32]) -> Vec<f32> {
        self.sentence.log_probabilities(&centred(&self.centre, [sentence])).into_iter().collect()
    }

    /// A sentence vector as the sentence view sees it: without what all texts share, of length
    /// one. The dot product of two of these is how alike two texts are.
    pub fn centred(&self, sentence: &[f32]) -> Vec<f32> {
        centred(&self.centre, [sentence]).into_iter().collect()
    }
}

/// The importance of each sample, those of labels with many samples held down; 1 on average.
fn importance(samples: &[Sample], labels: usize, balance: f32) -> Vec<f32> {
    let mut counts = vec![0.0f32; labels];
    samples.iter().for_each(|s| counts[s.label] += s.importance);
    let weights: Vec<f32> =
        samples.iter().map(|s| s.importance * counts[s.label].powf(-balance)).collect();
    let sum: f32 = weights.iter().sum();
    let scale = samples.len() as f32 / sum.max(f32::MIN_POSITIVE);
    weights.into_iter().map(|w| w * scale).collect()
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
