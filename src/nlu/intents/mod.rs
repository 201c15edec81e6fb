//! Which intent a text has.
//!
//! Two views of a text are fitted by logistic regression: its gist (the sentence vectors of two
//! layers of the encoder), and its character n-grams. One generalises to other words, the other knows exactly which words matter. The
//! sentence view says which label it is among all of them, jobs, commands and dialogue acts. A
//! second sentence view and the n-gram view know the jobs alone, and say which of those it is, as
//! a weighted mean of their log-probabilities. What all that is worth is the gate's to learn.

mod lbfgs;
mod logistic;
mod ngrams;

use std::f32::consts::FRAC_1_SQRT_2;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

pub use lbfgs::{Stop, minimise};
pub use logistic::{Fit, Logistic, log_softmax};
pub use ngrams::Vocabulary;

use crate::nlu::encoder::Gist;

/// One text to learn from.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// Its words, with a sign in place of each value.
    pub skeleton: &'a str,
    pub gist: &'a Gist,
    /// Which label it has, as an index.
    pub label: usize,
    /// How much it counts; an example counts 1.
    pub importance: f32,
}

/// How the views are fitted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Settings {
    /// Inverse penalties, see [`Fit`].
    pub sentence_c: f64,
    pub ngram_c: f64,
    /// The share of the n-gram view in which job it is, 0 to 1.
    pub ngram_share: f32,
    /// How far labels with many examples are held down, from 0 (each example counts the same) to
    /// 1 (each label does).
    pub balance: f32,
    /// How strongly the sentence view begins with what the catalogue says of a label itself.
    pub prior: f32,
    pub iterations: usize,
}

/// The views, fitted.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IntentModel {
    /// Of all labels.
    sentence: SentenceView,
    /// Of the jobs alone.
    job_sentence: SentenceView,
    vocabulary: Vocabulary,
    ngrams: Logistic,
    ngram_share: f32,
}

/// What the views say of a text, as log-probabilities.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Of every label, by the sentence view.
    pub labels: Vec<f32>,
    /// Of every job, given that it is one, by the two views of the jobs.
    pub jobs: Vec<f32>,
}

/// A fit to gists.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SentenceView {
    /// The mean of what it was fitted to, taken off everything else.
    centre: Gist,
    model: Logistic,
}

impl IntentModel {
    /// Fits the views to samples of `labels` labels, of which the first `jobs` are jobs. Samples
    /// after the first `examples` are the catalogue's own words.
    pub fn fit(
        samples: &[Sample],
        examples: usize,
        labels: usize,
        jobs: usize,
        settings: Settings,
    ) -> Self {
        let stop = Stop { iterations: settings.iterations, tolerance: 1e-5 };
        let fit = Fit { c: settings.sentence_c, stop };
        let of_jobs: Vec<Sample> = samples.iter().filter(|s| s.label < jobs).copied().collect();
        let fit_ngrams = || {
            let classes: Vec<usize> = of_jobs.iter().map(|s| s.label).collect();
            let importance: Vec<f32> = of_jobs.iter().map(|s| s.importance).collect();
            let vocabulary = Vocabulary::of(of_jobs.iter().map(|s| s.skeleton));
            let rows = vocabulary.rows(of_jobs.iter().map(|s| s.skeleton));
            let fit = Fit { c: settings.ngram_c, stop };
            let model = Logistic::fit(&rows, &classes, &importance, jobs, fit);
            (vocabulary, model)
        };
        let fit_sentences = || {
            let weights = importance(samples, labels, settings.balance);
            let prior = Some((&samples[examples..], settings.prior));
            let sentence = SentenceView::fit(samples, prior, &weights, labels, fit);
            let weights: Vec<f32> = of_jobs.iter().map(|s| s.importance).collect();
            (sentence, SentenceView::fit(&of_jobs, None, &weights, jobs, fit))
        };
        let ((sentence, job_sentence), (vocabulary, ngrams)) =
            rayon::join(fit_sentences, fit_ngrams);
        let ngram_share = settings.ngram_share;
        IntentModel { sentence, job_sentence, vocabulary, ngrams, ngram_share }
    }

    /// What the views say of a text.
    pub fn scores(&self, skeleton: &str, gist: &Gist) -> Scores {
        let mut jobs = self.job_sentence.log_probabilities(gist);
        let words = self.ngrams.log_probabilities(&self.vocabulary.rows([skeleton]));
        for (job, words) in jobs.iter_mut().zip(&words) {
            *job = (1.0 - self.ngram_share) * *job + self.ngram_share * words;
        }
        log_softmax(&mut jobs);
        Scores { labels: self.sentence_view(gist), jobs }
    }

    /// The log-probability of each label by the sentence view alone.
    pub fn sentence_view(&self, gist: &Gist) -> Vec<f32> {
        self.sentence.log_probabilities(gist)
    }

    /// A sentence vector without what all texts share, scaled to length one. The dot product of two of these
    /// is how alike two texts are.
    pub fn centred(&self, sentence: &[f32]) -> Vec<f32> {
        centred(&self.sentence.centre.sentence, sentence, 1.0)
    }
}

impl SentenceView {
    /// Fits to samples, each with its weight; `prior` is the samples that are the catalogue's own
    /// words, and how strongly the fit begins with them.
    fn fit(
        samples: &[Sample],
        prior: Option<(&[Sample], f32)>,
        weights: &[f32],
        labels: usize,
        fit: Fit,
    ) -> SentenceView {
        let centre = centre(samples);
        let rows = rows(&centre, samples.iter().map(|s| s.gist));
        let classes: Vec<usize> = samples.iter().map(|s| s.label).collect();
        let mut start = Array2::zeros((rows.ncols(), labels));
        if let Some((own, strength)) = prior {
            let mut counts = vec![0.0f32; labels];
            own.iter().for_each(|s| counts[s.label] += 1.0);
            let own_rows = self::rows(&centre, own.iter().map(|s| s.gist));
            for (row, sample) in own_rows.rows().into_iter().zip(own) {
                let share = strength / counts[sample.label];
                start.column_mut(sample.label).scaled_add(share, &row);
            }
        }
        let model = Logistic::fit_near(&start, &rows, &classes, weights, fit);
        SentenceView { centre, model }
    }

    fn log_probabilities(&self, gist: &Gist) -> Vec<f32> {
        self.model.log_probabilities(&rows(&self.centre, [gist])).into_iter().collect()
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

/// The mean of gists.
fn centre(samples: &[Sample]) -> Gist {
    let mean = |part: fn(&Gist) -> &[f32]| {
        let mut sum = vec![0.0f32; samples.first().map_or(0, |s| part(s.gist).len())];
        for sample in samples {
            sum.iter_mut().zip(part(sample.gist)).for_each(|(sum, x)| *sum += x);
        }
        sum.iter_mut().for_each(|x| *x /= samples.len().max(1) as f32);
        sum
    };
    Gist { sentence: mean(|gist| &gist.sentence), middle: mean(|gist| &gist.middle) }
}

/// Gists less their centre, as rows of length 1 in which both vectors weigh the same.
fn rows<'a>(centre: &Gist, gists: impl IntoIterator<Item = &'a Gist>) -> Array2<f32> {
    let width = centre.sentence.len() + centre.middle.len();
    let mut flat = Vec::new();
    let mut rows = 0;
    for gist in gists {
        flat.extend(centred(&centre.sentence, &gist.sentence, FRAC_1_SQRT_2));
        flat.extend(centred(&centre.middle, &gist.middle, FRAC_1_SQRT_2));
        rows += 1;
    }
    // Each row has exactly as many numbers as the centre.
    Array2::from_shape_vec((rows, width), flat).expect("rows of equal length")
}

/// A vector less the centre, scaled to a length.
fn centred(centre: &[f32], vector: &[f32], length: f32) -> Vec<f32> {
    let off: Vec<f32> = vector.iter().zip(centre).map(|(x, c)| x - c).collect();
    let scale = length / off.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    off.into_iter().map(|x| x * scale).collect()
}
