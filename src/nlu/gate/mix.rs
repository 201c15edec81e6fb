//! One score per label out of everything that speaks for it.
//!
//! A conditional logit model (McFadden 1974): the score of a label is a weighted sum of what the
//! views, the nearest example and the values in the message say of it, with the same few
//! weights for every label; the softmax of the scores are probabilities. Fitted to examples that
//! the views had not seen, it is stacking (Wolpert 1992), and calibrates on the way.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::{Evidence, Sort};
use crate::nlu::intents::{Stop, log_softmax, minimise};

/// What speaks for a label.
const FEATURES: usize = 7;
type Row = [f32; FEATURES];

/// Log-probabilities below this say no more than it does.
const LEAST: f32 = -60.0;
/// How strongly weights are held near zero, for each example, in units of a feature's spread.
const PENALTY: f64 = 1e-3;
/// What shares of the messages are taken to ask for a job, to be talk, and to be out of scope,
/// however many examples there are of each: an assumption about use. People come to a bot that
/// runs jobs to have them run, and answer its questions; few come to chat.
const SHARES: [(Sort, f64); 3] = [(Sort::Job, 0.48), (Sort::Talk, 0.5), (Sort::OutOfScope, 0.02)];

/// The fitted weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Mix {
    weights: Row,
}

impl Mix {
    /// Fits to evidence on examples with their true labels.
    pub fn fit(evidence: &[Evidence], truth: &[usize], sorts: &[Sort]) -> Mix {
        let importance = importance(truth, sorts);
        let labels = sorts.len();
        let mut rows = Array2::<f32>::zeros((evidence.len() * labels, FEATURES));
        for (i, e) in evidence.iter().enumerate() {
            for (label, row) in features(e, sorts).enumerate() {
                for (to, x) in rows.row_mut(i * labels + label).iter_mut().zip(row) {
                    *to = x;
                }
            }
        }
        let spread: Vec<f32> = rows
            .columns()
            .into_iter()
            .map(|column| column.std(0.0))
            .map(|s| if s > 1e-6 { s } else { 1.0 })
            .collect();
        for mut row in rows.rows_mut() {
            row.iter_mut().zip(&spread).for_each(|(x, s)| *x /= s);
        }
        let mut weights = vec![0.0f32; FEATURES];
        let penalty = PENALTY * evidence.len() as f64;
        let stop = Stop { iterations: 200, tolerance: 1e-7 };
        minimise(&mut weights, stop, |weights, gradient| {
            let mut slopes = [0.0f64; FEATURES];
            let mut loss = 0.0;
            for (w, slope) in weights.iter().zip(&mut slopes) {
                loss += penalty / 2.0 * f64::from(w * w);
                *slope = penalty * f64::from(*w);
            }
            // A view of zeros-made, row-major rows: contiguous.
            let all = rows.as_slice().expect("row-major");
            let by_message = all.chunks_exact((labels * FEATURES).max(1));
            for ((of_one, &truth), &importance) in by_message.zip(truth).zip(&importance) {
                let mut scores: Vec<f32> =
                    of_one.chunks_exact(FEATURES).map(|row| dot(row, weights)).collect();
                log_softmax(&mut scores);
                loss -= importance * f64::from(scores[truth]);
                for (label, (row, score)) in of_one.chunks_exact(FEATURES).zip(&scores).enumerate()
                {
                    let off = score.exp() - f32::from(u8::from(label == truth));
                    for (slope, x) in slopes.iter_mut().zip(row) {
                        *slope += importance * f64::from(off * x);
                    }
                }
            }
            gradient.iter_mut().zip(slopes).for_each(|(g, s)| *g = s as f32);
            loss
        });
        let mut mix = Mix { weights: [0.0; FEATURES] };
        for ((to, w), s) in mix.weights.iter_mut().zip(weights).zip(spread) {
            *to = w / s;
        }
        mix
    }

    /// The log-probability of each label.
    pub fn log_probabilities(&self, evidence: &Evidence, sorts: &[Sort]) -> Vec<f32> {
        let mut scores: Vec<f32> = features(evidence, sorts)
            .zip(&evidence.labels)
            .map(|(row, view)| {
                // What the catalogue is taken not to have is not likely at all.
                if *view == f32::NEG_INFINITY { *view } else { dot(&row, &self.weights) }
            })
            .collect();
        log_softmax(&mut scores);
        scores
    }
}

/// How much each example counts, 1 on average.
fn importance(truth: &[usize], sorts: &[Sort]) -> Vec<f64> {
    let count = |sort| truth.iter().filter(|t| sorts[**t] == sort).count();
    let shares = SHARES.map(|(sort, share)| (sort, share, count(sort)));
    let present: f64 = shares.iter().filter(|(_, _, n)| *n > 0).map(|(_, share, _)| share).sum();
    let of = |sort| {
        let found = shares.iter().find(|(of, _, n)| *of == sort && *n > 0);
        found.map_or(0.0, |(_, share, n)| share / present * truth.len() as f64 / *n as f64)
    };
    truth.iter().map(|&t| of(sorts[t])).collect()
}

/// What speaks for each label, in their order. How near the nearest example is tells jobs from
/// talk; which job it is is left to the views, since the nearest example is but one of their own.
fn features<'a>(evidence: &'a Evidence, sorts: &'a [Sort]) -> impl Iterator<Item = Row> + use<'a> {
    let jobs = || (0..sorts.len()).filter(|&i| sorts[i] == Sort::Job);
    let any_job = log_sum(jobs().map(|i| evidence.labels[i]));
    let nearest_job = jobs().map(|i| evidence.nearest[i]).fold(-1.0, f32::max);
    sorts.iter().enumerate().map(move |(label, sort)| {
        let mut row = [0.0; FEATURES];
        match sort {
            Sort::Job => {
                let explained = evidence.explained[label];
                row[0] = any_job + evidence.jobs[label];
                row[1] = nearest_job;
                row[2] = f32::from(explained.unexplained);
                row[3] = f32::from(explained.explained);
                row[4] = f32::from(explained.missing);
                row[5] = 1.0;
            }
            Sort::Talk | Sort::OutOfScope => {
                row[0] = evidence.labels[label];
                row[1] = evidence.nearest[label];
                row[6] = f32::from(u8::from(*sort == Sort::OutOfScope));
            }
        }
        row[0] = row[0].max(LEAST);
        row
    })
}

/// The logarithm of the sum of what these are the logarithms of.
fn log_sum(logs: impl Iterator<Item = f32> + Clone) -> f32 {
    let most = logs.clone().fold(f32::NEG_INFINITY, f32::max);
    if most == f32::NEG_INFINITY {
        return most;
    }
    most + logs.map(|x| (x - most).exp()).sum::<f32>().ln()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::holdings::Explained;

    #[test]
    fn values_tip_the_scales_where_the_views_do_not() {
        // Two jobs that the views can't tell apart; the right one explains the value.
        let evidence = |right: usize| {
            let explained = |job| Explained {
                unexplained: u8::from(job != right),
                explained: u8::from(job == right),
                missing: 0,
            };
            Evidence {
                units: 3,
                labels: vec![-0.7, -0.7],
                jobs: vec![-0.7, -0.7],
                nearest: vec![0.5, 0.5],
                explained: (0..2).map(explained).collect(),
            }
        };
        let sorts = [Sort::Job, Sort::Job];
        let truth: Vec<usize> = (0..40).map(|i| i % 2).collect();
        let all: Vec<Evidence> = truth.iter().map(|&t| evidence(t)).collect();
        let mix = Mix::fit(&all, &truth, &sorts);
        for right in 0..2 {
            let p = mix.log_probabilities(&evidence(right), &sorts)[right].exp();
            assert!(p > 0.9, "{p}");
        }
    }

    #[test]
    fn boastful_views_are_tempered() {
        // The views say 0.98 and are right in three of four.
        let evidence: Vec<Evidence> = (0..400)
            .map(|_| Evidence {
                units: 3,
                labels: vec![-0.02, -4.0],
                jobs: vec![],
                nearest: vec![0.5, 0.5],
                explained: vec![],
            })
            .collect();
        let truth: Vec<usize> = (0..400).map(|i| usize::from(i % 4 == 0)).collect();
        let sorts = [Sort::Talk, Sort::Talk];
        let mix = Mix::fit(&evidence, &truth, &sorts);
        let p = mix.log_probabilities(&evidence[0], &sorts)[0].exp();
        assert!((p - 0.75).abs() < 0.02, "{p}");
    }
}
