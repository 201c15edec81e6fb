//! The gate: whether to go on with the best label, to ask which was meant, or to say that
//! nothing was understood.
//!
//! Probabilities are tempered so that they mean what they say. How far the best label is to be
//! trusted is then judged by more than its probability: how close the second is, how likely the
//! message is out of scope, how near the nearest examples are. Both are fitted, and the bounds
//! are chosen, on what the intent models say of examples that they have not seen.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::nlu::intents::{Fit, Logistic, Stop, log_softmax};
use crate::nlu::reading::Decision;

/// What sort of thing a label is, to the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sort {
    /// A job: to take a message for the wrong one does harm.
    Job,
    /// A command or dialogue act.
    Talk,
    OutOfScope,
}

/// What the gate judges a message by.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// How many words, numbers and signs the message has.
    pub units: usize,
    /// Mixed log-probabilities, by label, not yet tempered.
    pub scores: Vec<f32>,
    /// Log-probabilities of the jobs by the words alone.
    pub words: Vec<f32>,
    /// The cosine of the nearest example of each label, by label; −1 without examples.
    pub nearest: Vec<f32>,
}

/// Risks that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// The share of accepted jobs that may be wrong.
    pub job: f64,
    /// The same for commands and dialogue acts.
    pub talk: f64,
    /// The share of messages in scope that may be turned away.
    pub refusal: f64,
}

impl Default for Risk {
    fn default() -> Self {
        Risk { job: 0.01, talk: 0.04, refusal: 0.01 }
    }
}

/// The fitted gate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gate {
    sorts: Vec<Sort>,
    temperature: f32,
    trust: Logistic,
    /// From these trusts on, jobs and talk are accepted.
    accept_job: f32,
    accept_talk: f32,
    /// Below this probability of being in scope at all, a message is turned away.
    in_scope: f32,
}

/// The gate's judgement of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    pub decision: Decision,
    /// By label: the best one's is how far it is trusted, the others share the rest.
    pub probabilities: Vec<f32>,
    pub best: usize,
}

impl Evidence {
    /// The evidence as it would be if the catalogue did not have a label.
    fn without(&self, label: usize) -> Evidence {
        let mut without = self.clone();
        without.scores[label] = f32::NEG_INFINITY;
        without.nearest[label] = -1.0;
        if let Some(words) = without.words.get_mut(label) {
            *words = f32::NEG_INFINITY;
            log_softmax(&mut without.words);
        }
        without
    }
}

/// What share of the requests for something is taken to ask for what the catalogue lacks.
const STRANGE: f32 = 0.1;

impl Gate {
    /// Fits to evidence on examples (with their true labels) that the models had not seen.
    ///
    /// What the catalogue calls out of scope is talk of other things. Requests for jobs that it
    /// lacks are harder to tell, and there are no examples of them; but each example of a job is
    /// one to a catalogue without that job, and is judged as such, too.
    pub fn fit(evidence: &[Evidence], truth: &[usize], sorts: Vec<Sort>, risk: Risk) -> Gate {
        let temperature = temperature(evidence, truth);
        let mut gate = Gate {
            sorts,
            temperature,
            trust: Logistic {
                weights: Array2::zeros((FEATURES, 2)),
                bias: ndarray::arr1(&[0.0, 0.0]),
            },
            accept_job: 1.0,
            accept_talk: 1.0,
            in_scope: 0.0,
        };
        let mut trials: Vec<Trial> = evidence
            .iter()
            .zip(truth)
            .map(|(e, &truth)| {
                let seen = gate.see(e);
                Trial { right: seen.best == truth, weight: 1.0, seen }
            })
            .collect();
        let mut in_scope: Vec<f32> = trials
            .iter()
            .zip(truth)
            .filter(|(_, t)| gate.sorts[**t] != Sort::OutOfScope)
            .map(|(trial, _)| trial.seen.in_scope)
            .collect();
        trials.extend(
            evidence.iter().zip(truth).filter(|(_, t)| gate.sorts[**t] == Sort::Job).map(
                |(e, &truth)| Trial {
                    seen: gate.see(&e.without(truth)),
                    right: false,
                    weight: STRANGE / (1.0 - STRANGE),
                },
            ),
        );
        gate.learn_trust(&trials);
        gate.accept_job = gate.bound(&trials, Sort::Job, risk.job);
        gate.accept_talk = gate.bound(&trials, Sort::Talk, risk.talk);
        in_scope.sort_by(f32::total_cmp);
        let turned_away = (risk.refusal * in_scope.len() as f64) as usize;
        gate.in_scope = in_scope.get(turned_away).copied().unwrap_or(0.0).min(0.5);
        gate
    }

    fn learn_trust(&mut self, trials: &[Trial]) {
        let rows: Vec<f32> = trials.iter().flat_map(|t| t.seen.features).collect();
        // Each trial has FEATURES numbers.
        let rows = Array2::from_shape_vec((trials.len(), FEATURES), rows).expect("equal rows");
        let right: Vec<usize> = trials.iter().map(|t| usize::from(t.right)).collect();
        let weights: Vec<f32> = trials.iter().map(|t| t.weight).collect();
        let fit = Fit { c: 10.0, stop: Stop { iterations: 300, tolerance: 1e-9 } };
        self.trust = Logistic::fit(&rows, &right, &weights, 2, fit);
    }

    /// From which trust on at most the given share of a sort is wrong.
    fn bound(&self, trials: &[Trial], sort: Sort, risk: f64) -> f32 {
        let judged = trials
            .iter()
            .filter(|t| self.sorts[t.seen.best] == sort)
            .map(|t| (self.trust_in(&t.seen), t.right, t.weight))
            .collect();
        bound(judged, risk)
    }

    fn trust_in(&self, seen: &Seen) -> f32 {
        // Exactly FEATURES numbers.
        let row = Array2::from_shape_vec((1, FEATURES), seen.features.to_vec()).expect("one row");
        self.trust.log_probabilities(&row)[[0, 1]].exp()
    }

    /// Judges a message.
    pub fn judge(&self, evidence: &Evidence) -> Judgement {
        let seen = self.see(evidence);
        let trust = self.trust_in(&seen);
        let sort = self.sorts[seen.best];
        let decision = match sort {
            Sort::OutOfScope => Decision::Reject,
            Sort::Job if trust >= self.accept_job => Decision::Accept,
            Sort::Talk if trust >= self.accept_talk => Decision::Accept,
            _ if seen.in_scope < self.in_scope => Decision::Reject,
            _ => Decision::Clarify,
        };
        let mut probabilities = seen.probabilities;
        let rest = (1.0 - probabilities[seen.best]).max(f32::MIN_POSITIVE);
        for (i, p) in probabilities.iter_mut().enumerate() {
            *p = if i == seen.best { trust } else { *p / rest * (1.0 - trust) };
        }
        Judgement { decision, probabilities, best: seen.best }
    }

    /// What a judgement rests on, in words for operators.
    pub fn why(&self, evidence: &Evidence) -> String {
        let seen = self.see(evidence);
        let judged = self.judge(evidence);
        let bound = match self.sorts[seen.best] {
            Sort::Job => format!("accepted from {:.3} on", self.accept_job),
            Sort::Talk => format!("accepted from {:.3} on", self.accept_talk),
            Sort::OutOfScope => "never accepted".to_owned(),
        };
        format!(
            "trusted {:.3} ({bound}), in scope {:.3} (turned away below {:.3}), nearest example {:.2}",
            judged.probabilities[seen.best],
            seen.in_scope,
            self.in_scope,
            evidence.nearest[seen.best],
        )
    }

    fn see(&self, evidence: &Evidence) -> Seen {
        let mut scores: Vec<f32> = evidence.scores.iter().map(|s| s / self.temperature).collect();
        log_softmax(&mut scores);
        let best = argmax(&scores, |_| true);
        let second = argmax(&scores, |i| i != best);
        let out = (0..scores.len()).filter(|&i| self.sorts[i] == Sort::OutOfScope);
        let out_of_scope: f32 = out.map(|i| scores[i].exp()).sum();
        let nearest_other = evidence
            .nearest
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != best)
            .map(|(_, s)| *s)
            .fold(-1.0, f32::max);
        let nearest = evidence.nearest[best];
        let log_odds = |p: f32| (p.max(1e-6) / (1.0 - p).max(1e-6)).ln();
        let p = scores[best].exp();
        let words = evidence.words.get(best).map_or(0.0, |w| w.max(-10.0));
        let job = f32::from(u8::from(self.sorts[best] == Sort::Job));
        let features = [
            log_odds(p),
            scores[best] - scores[second],
            nearest,
            nearest - nearest_other,
            (out_of_scope.max(1e-4)).ln(),
            job,
            job * nearest,
            job * log_odds(p),
            job * (nearest - nearest_other),
            job * (scores[best] - scores[second]),
            job * (1.0 + evidence.units as f32).ln(),
            words,
        ];
        let probabilities = scores.iter().map(|s| s.exp()).collect();
        Seen { best, in_scope: 1.0 - out_of_scope, features, probabilities }
    }
}

const FEATURES: usize = 12;

/// A message whose meaning is known, put to the gate.
struct Trial {
    seen: Seen,
    right: bool,
    weight: f32,
}

struct Seen {
    best: usize,
    in_scope: f32,
    features: [f32; FEATURES],
    probabilities: Vec<f32>,
}

fn argmax(scores: &[f32], allowed: impl Fn(usize) -> bool) -> usize {
    (0..scores.len())
        .filter(|&i| allowed(i))
        .max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
        .unwrap_or(0)
}

/// The temperature with the least negative log-likelihood, by golden-section search.
fn temperature(evidence: &[Evidence], truth: &[usize]) -> f32 {
    let loss = |temperature: f32| -> f64 {
        evidence
            .iter()
            .zip(truth)
            .map(|(e, &t)| {
                let mut scores: Vec<f32> = e.scores.iter().map(|s| s / temperature).collect();
                log_softmax(&mut scores);
                -f64::from(scores[t])
            })
            .sum()
    };
    let golden = (5f32.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.1f32, 5.0f32);
    while high - low > 0.01 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if loss(a) < loss(b) { high = b } else { low = a }
    }
    (low + high) / 2.0
}

/// The lowest trust from which on at most the given share is wrong, among (trust, right, weight).
/// One more wrong one is counted than was seen, since few examples promise too much.
fn bound(mut judged: Vec<(f32, bool, f32)>, risk: f64) -> f32 {
    judged.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut wrong, mut all) = (1.0, 0.0);
    let mut bound = 1.0;
    for &(trust, right, weight) in &judged {
        all += f64::from(weight);
        if !right {
            wrong += f64::from(weight);
        }
        if wrong <= risk * all {
            bound = trust;
        }
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_keeps_the_risk() {
        // 200 right ones above, then every second wrong.
        let mut judged: Vec<(f32, bool, f32)> =
            (0..200).map(|i| (1.0 - i as f32 / 1000.0, true, 1.0)).collect();
        judged.extend((0..50).map(|i| (0.5 - i as f32 / 1000.0, i % 2 == 0, 1.0)));
        let bound = bound(judged, 0.01);
        assert!((0.49..0.81).contains(&bound), "{bound}");
        assert_eq!(super::bound(vec![(0.9, true, 1.0)], 0.01), 1.0);
    }

    #[test]
    fn boastful_scores_are_tempered() {
        // Says 0.98, is right in three of four.
        let evidence: Vec<Evidence> = (0..40)
            .map(|_| Evidence {
                units: 3,
                scores: vec![0.0, -4.0],
                words: vec![],
                nearest: vec![0.5, 0.5],
            })
            .collect();
        let truth: Vec<usize> = (0..40).map(|i| usize::from(i % 4 == 0)).collect();
        let t = temperature(&evidence, &truth);
        assert!((t - 4.0 / 3f32.ln()).abs() < 0.1, "{t}");
    }
}
