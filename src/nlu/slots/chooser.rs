//! Which of a parameter's candidate spans is its value, or none: a conditional logit model over
//! sparse features, one choice per message and parameter.

use serde::{Deserialize, Serialize};

use crate::nlu::intents::{Stop, minimise};

/// Features of one alternative: (index, value).
pub type Row = Vec<(u32, f32)>;

/// A choice that was made in an example: the alternatives, and the right one.
#[derive(Debug, Clone)]
pub struct Choice {
    pub alternatives: Vec<Row>,
    pub right: usize,
}

/// The fitted weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chooser {
    weights: Vec<f32>,
}

impl Chooser {
    /// Fits to choices over `features` features, minimising the negative log-likelihood plus
    /// |weights|² / 2c.
    pub fn fit<'a>(
        choices: impl Iterator<Item = &'a Choice> + Clone,
        features: usize,
        c: f64,
    ) -> Self {
        let mut weights = vec![0.0f32; features];
        let stop = Stop { iterations: 120, tolerance: 1e-5 };
        minimise(&mut weights, stop, |weights, gradient| {
            let mut squares = 0.0;
            for (g, w) in gradient.iter_mut().zip(weights) {
                *g = w / c as f32;
                squares += f64::from(w * w);
            }
            let mut loss = squares / (2.0 * c);
            for choice in choices.clone() {
                let mut scores: Vec<f32> =
                    choice.alternatives.iter().map(|row| score(weights, row)).collect();
                crate::nlu::intents::log_softmax(&mut scores);
                loss -= f64::from(scores[choice.right]);
                for (i, (row, score)) in choice.alternatives.iter().zip(&scores).enumerate() {
                    let slope = score.exp() - f32::from(u8::from(i == choice.right));
                    for &(feature, value) in row {
                        gradient[feature as usize] += slope * value;
                    }
                }
            }
            loss
        });
        Chooser { weights }
    }

    /// The score of an alternative; differences of scores are log-odds.
    pub fn score(&self, row: &Row) -> f32 {
        score(&self.weights, row)
    }
}

fn score(weights: &[f32], row: &Row) -> f32 {
    row.iter().map(|&(feature, value)| weights[feature as usize] * value).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learns_what_the_chosen_have_in_common() {
        let choice = |rows: [&[(u32, f32)]; 3], right| Choice {
            alternatives: rows.iter().map(|r| r.to_vec()).collect(),
            right,
        };
        // Alternative 0 is "none"; feature 1 marks what is chosen, feature 2 what is not.
        let choices = [
            choice([&[(0, 1.0)], &[(1, 1.0)], &[(2, 1.0)]], 1),
            choice([&[(0, 1.0)], &[(2, 1.0)], &[(1, 1.0)]], 2),
            choice([&[(0, 1.0)], &[(2, 1.0)], &[(2, 1.0)]], 0),
        ];
        let model = Chooser::fit(choices.iter(), 3, 10.0);
        for choice in &choices {
            let best = (0..3)
                .max_by(|&a, &b| {
                    let score = |i: usize| model.score(&choice.alternatives[i]);
                    score(a).total_cmp(&score(b))
                })
                .unwrap();
            assert_eq!(best, choice.right);
        }
    }
}
