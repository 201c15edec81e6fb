//! The gate: whether to go on with the best label, to ask which was meant, or to say that
//! nothing was understood.
//!
//! Everything that speaks for a label is weighed into one probability. How far the best label is
//! to be trusted is then judged by more than that: whether the sentence alone says the same, how
//! near the nearest example is, how likely the message is out of scope, what is done with its
//! values. Weights and trust are fitted, and the bounds are chosen, on what the intent models say
//! of examples that they have not seen.

mod mix;

use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

use crate::nlu::holdings::Explained;
use crate::nlu::intents::{Fit, Logistic, Stop, log_softmax};
use crate::nlu::reading::Decision;
use mix::Mix;

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
    /// Log-probabilities of every label by the sentence view.
    pub labels: Vec<f32>,
    /// Log-probabilities of the jobs, which come first among the labels, given that it is one.
    pub jobs: Vec<f32>,
    /// The cosine of the nearest example of each label, by label; −1 without examples.
    pub nearest: Vec<f32>,
    /// How each job stands to the values in the message.
    pub explained: Vec<Explained>,
}

/// Risks that are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// The share of accepted jobs that may be wrong, where requests for jobs that the catalogue
    /// lacks and half-said ones are counted among them: of plain requests far fewer are.
    pub job: f64,
    /// The same for commands and dialogue acts.
    pub talk: f64,
    /// The share of messages in scope that may be turned away.
    pub refusal: f64,
}

impl Default for Risk {
    /// About three quarters of the example catalogue's requests are then accepted without asking,
    /// by cross-validation (`benches/README.md`).
    fn default() -> Self {
        Risk { job: 0.022, talk: 0.04, refusal: 0.01 }
    }
}

/// The fitted gate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Gate {
    sorts: Vec<Sort>,
    mix: Mix,
    /// Whether the best label is right, where it is a job and where it is not.
    trust_job: Logistic,
    trust_talk: Logistic,
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
        without.labels[label] = f32::NEG_INFINITY;
        log_softmax(&mut without.labels);
        without.nearest[label] = -1.0;
        if let Some(job) = without.jobs.get_mut(label) {
            *job = f32::NEG_INFINITY;
            log_softmax(&mut without.jobs);
        }
        without
    }
}

/// What share of the requests for something is taken to ask for what the catalogue lacks.
const STRANGE: f32 = 0.1;
/// How many messages are taken to be out of scope for each request for a job, however many examples
/// of either there are: one more example is to sharpen the gate, not to make it shy.
const OUT_OF_SCOPE: f32 = 0.5;
/// How much each half-said request counts, of which there are two to an example: about one request in
/// seventeen is taken to leave open what is meant.
const HALF_SAID: f32 = 0.03;

impl Gate {
    /// Fits to evidence on examples (with their true labels) that the models had not seen.
    ///
    /// What the catalogue calls out of scope is talk of other things. Requests for jobs that it
    /// lacks are harder to tell, and there are no examples of them; but each example of a job is
    /// one to a catalogue without that job, and is judged as such, too. `half_said` is evidence on
    /// examples that were cut short, with the labels of the whole ones.
    pub fn fit(
        evidence: &[Evidence],
        truth: &[usize],
        half_said: &[(&Evidence, usize)],
        sorts: Vec<Sort>,
        risk: Risk,
    ) -> Gate {
        let mix = Mix::fit(evidence, truth, &sorts);
        let count = |sort| truth.iter().filter(|t| sorts[**t] == sort).count() as f32;
        let out_of_scope = OUT_OF_SCOPE * count(Sort::Job) / count(Sort::OutOfScope).max(1.0);
        let unknown =
            Logistic { weights: Array2::zeros((FEATURES, 2)), bias: ndarray::arr1(&[0.0, 0.0]) };
        let mut gate = Gate {
            sorts,
            mix,
            trust_job: unknown.clone(),
            trust_talk: unknown,
            accept_job: 1.0,
            accept_talk: 1.0,
            in_scope: 0.0,
        };
        let mut trials: Vec<Trial> = evidence
            .iter()
            .zip(truth)
            .map(|(e, &truth)| {
                let seen = gate.see(e);
                let is_out = gate.sorts[truth] == Sort::OutOfScope;
                let weight = if is_out { out_of_scope } else { 1.0 };
                Trial { right: seen.best == truth, weight, seen }
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
        trials.extend(half_said.iter().map(|(e, truth)| {
            let seen = gate.see(e);
            Trial { right: seen.best == *truth, weight: HALF_SAID, seen }
        }));
        let of_job = |t: &&Trial| gate.sorts[t.seen.best] == Sort::Job;
        let (jobs, others): (Vec<&Trial>, Vec<&Trial>) = trials.iter().partition(of_job);
        (gate.trust_job, gate.trust_talk) = (learn_trust(&jobs), learn_trust(&others));
        gate.accept_job = gate.bound(&trials, Sort::Job, risk.job);
        gate.accept_talk = gate.bound(&trials, Sort::Talk, risk.talk);
        in_scope.sort_by(f32::total_cmp);
        let turned_away = (risk.refusal * in_scope.len() as f64) as usize;
        gate.in_scope = in_scope.get(turned_away).copied().unwrap_or(0.0).min(0.5);
        gate
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
        let trust = match self.sorts[seen.best] {
            Sort::Job => &self.trust_job,
            Sort::Talk | Sort::OutOfScope => &self.trust_talk,
        };
        trust.log_probabilities(&row)[[0, 1]].exp()
    }

    /// Judges a message.
    pub fn judge(&self, evidence: &Evidence) -> Judgement {
        let seen = self.see(evidence);
        let trust = self.trust_in(&seen);
        let sort = self.sorts[seen.best];
        let decision = match sort {
            _ if seen.in_scope < self.in_scope => Decision::Reject,
            Sort::Job if trust >= self.accept_job => Decision::Accept,
            Sort::Talk if trust >= self.accept_talk => Decision::Accept,
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
        let scores = self.mix.log_probabilities(evidence, &self.sorts);
        let best = argmax(&scores, |_| true);
        let out = (0..scores.len()).filter(|&i| self.sorts[i] == Sort::OutOfScope);
        let out_of_scope: f32 = out.map(|i| scores[i].exp()).sum();
        let log_odds = |p: f32| (p.max(1e-6) / (1.0 - p).max(1e-6)).ln();
        let is_job = |i: usize| self.sorts[i] == Sort::Job;
        let explained = |i: usize| evidence.explained.get(i).copied().unwrap_or_default();
        let own = if is_job(best) { explained(best) } else { Explained::default() };
        let others = || (0..scores.len()).filter(|&i| i != best && is_job(i));
        let other = others().max_by(|&a, &b| scores[a].total_cmp(&scores[b]));
        let nearest_other = others().map(|i| evidence.nearest[i]).fold(-1.0, f32::max);
        // How the values speak for the best job, against the next one.
        let against = |count: fn(Explained) -> u8| match other {
            Some(other) if is_job(best) => {
                f32::from(count(explained(other))) - f32::from(count(own))
            }
            _ => 0.0,
        };
        let features = [
            log_odds(scores[best].exp()),
            log_odds(evidence.labels[best].exp()),
            evidence.nearest[best],
            out_of_scope.max(1e-4).ln(),
            (1.0 + evidence.units as f32).ln(),
            f32::from(own.unexplained),
            f32::from(own.explained),
            f32::from(own.missing),
            other.map_or(FAR, |other| (scores[best] - scores[other]).clamp(0.0, FAR)),
            evidence.nearest[best] - nearest_other,
            against(|e| e.unexplained),
            against(|e| e.explained),
            against(|e| e.missing),
        ];
        let probabilities = scores.iter().map(|s| s.exp()).collect();
        Seen { best, in_scope: 1.0 - out_of_scope, features, probabilities }
    }
}

const FEATURES: usize = 13;
/// From here on it does not matter how much less likely the next job is: a log-ratio.
const FAR: f32 = 15.0;

/// Fits how likely the best label is right. Features are brought to one spread for that, so that
/// the penalty is the same for each.
fn learn_trust(trials: &[&Trial]) -> Logistic {
    let rows: Vec<f32> = trials.iter().flat_map(|t| t.seen.features).collect();
    // Each trial has FEATURES numbers.
    let mut rows = Array2::from_shape_vec((trials.len(), FEATURES), rows).expect("equal rows");
    let mean = rows.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(FEATURES));
    rows -= &mean;
    let spread = rows.map_axis(Axis(0), |column| {
        let spread = (column.dot(&column) / column.len().max(1) as f32).sqrt();
        if spread > 1e-6 { spread } else { 1.0 }
    });
    rows /= &spread;
    let right: Vec<usize> = trials.iter().map(|t| usize::from(t.right)).collect();
    let weights: Vec<f32> = trials.iter().map(|t| t.weight).collect();
    let fit = Fit { c: 10.0, stop: Stop { iterations: 300, tolerance: 1e-9 } };
    let mut trust = Logistic::fit(&rows, &right, &weights, 2, fit);
    for (mut weights, spread) in trust.weights.rows_mut().into_iter().zip(&spread) {
        weights /= *spread;
    }
    trust.bias -= &mean.dot(&trust.weights);
    trust
}

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
}
