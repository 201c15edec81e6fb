//! The engine: a catalogue, an encoder and what was learnt, put to use.

use std::sync::Arc;

use crate::catalog::{Catalog, JobTemplate, Language, Parameter};
use crate::nlu::encoder::{Encoded, Encoder, Gist};
use crate::nlu::gate::{Evidence, Judgement};
use crate::nlu::holdings::Explainer;
use crate::nlu::parts;
use crate::nlu::reading::{Decision, Label, Reading, Scored, Slot};
use crate::nlu::text::Text;
use crate::nlu::train::{Heads, HeadsError, evidence, fingerprint, reference};
use crate::nlu::values::Reference;

/// An utterance with its token states.
pub type Utterance = Reading<Encoded>;

/// Understands utterances about one catalogue.
pub struct Nlu {
    catalog: Arc<Catalog>,
    encoder: Arc<dyn Encoder>,
    heads: Heads,
    explainer: Explainer,
    /// In the order of the models' classes.
    labels: Vec<Label>,
}

/// Why there is no understanding.
#[derive(Debug, thiserror::Error)]
pub enum NluError {
    /// What was learnt is of another catalogue or encoder: train again.
    #[error("what was learnt is of another catalogue or encoder")]
    Stale,
    #[error(transparent)]
    Heads(#[from] HeadsError),
}

/// How many places to part a message at are looked at closely: two forward passes each.
const LOOKS: usize = 2;

impl Nlu {
    /// Puts together what belongs together.
    ///
    /// # Errors
    ///
    /// [`NluError::Stale`] where `heads` were learnt from another catalogue or encoder.
    pub fn new(
        catalog: Arc<Catalog>,
        encoder: Arc<dyn Encoder>,
        heads: Heads,
    ) -> Result<Nlu, NluError> {
        let labels: Vec<Label> = catalog.labels().collect();
        let same = labels.iter().map(Label::to_string).eq(heads.labels.iter().cloned());
        let fit = fingerprint(&catalog, encoder.as_ref(), &heads.options);
        if !same || heads.fingerprint != fit {
            return Err(NluError::Stale);
        }
        let explainer = Explainer::new(&catalog);
        Ok(Nlu { catalog, encoder, heads, explainer, labels })
    }

    /// The catalogue that is understood.
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// What was learnt, of which catalogue and encoder: equal fingerprints, equal understanding.
    pub fn fingerprint(&self) -> &str {
        &self.heads.fingerprint
    }

    /// Understands a text: one forward pass, every label ranked, the gate's decision. Should the
    /// encoder fail, that is logged, and the text counts as not understood.
    pub fn read(&self, text: &str) -> Utterance {
        let encoded = match self.encoder.encode(&[text]) {
            Ok(mut encoded) => encoded.pop(),
            Err(error) => {
                tracing::error!(%error, "the encoder failed");
                None
            }
        };
        match encoded {
            // Where nothing was said, nothing was meant, however near some example lies.
            Some(encoded) if text.trim().is_empty() => {
                Reading { decision: Decision::Reject, ..self.judge(text, encoded) }
            }
            Some(encoded) => self.judge(text, encoded),
            None => {
                let nothing = Encoded::nothing(self.encoder.hidden());
                Reading { decision: Decision::Reject, ..self.judge(text, nothing) }
            }
        }
    }

    /// As [`read`](Nlu::read), for a text that is encoded already.
    pub fn judge(&self, text: &str, encoded: Encoded) -> Utterance {
        let judgement = self.heads.gate.judge(&self.evidence(text, &encoded));
        let ranking = ranked(&self.labels, &judgement);
        Utterance {
            text: text.to_owned(),
            language: Language::of(text),
            decision: judgement.decision,
            ranking,
            encoded,
        }
    }

    /// The parts of a message that names two jobs, each understood for itself, in their order;
    /// empty for any other message.
    pub fn parts(&self, utterance: &Utterance) -> Vec<Utterance> {
        let text = Text::new(&utterance.text);
        let best_job = |gist: &Gist| {
            let scores = self.heads.intents.sentence_view(gist);
            let best = (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b]))?;
            matches!(self.labels[best], Label::Job(_)).then_some((best, scores[best].exp()))
        };
        for place in parts::places(&text, &utterance.encoded, best_job).into_iter().take(LOOKS) {
            let both = [(0, place), (place, text.len())]
                .map(|(start, end)| self.read(text.slice(start, end).trim()));
            let accepted = both.iter().all(|part| {
                part.decision == Decision::Accept && matches!(part.best(), Some(Label::Job(_)))
            });
            if accepted && both[0].best() != both[1].best() {
                return both.into();
            }
        }
        Vec::new()
    }

    /// The values of a template's parameters in an utterance. `expected` is the parameter that
    /// was just asked for: a bare "2" or "staging" is then an answer.
    pub fn slots(
        &self,
        utterance: &Utterance,
        template: &JobTemplate,
        expected: Option<&Parameter>,
        reference: &Reference,
    ) -> Vec<Slot> {
        self.fill(utterance, &template.parameters, expected, reference)
    }

    /// What is said with a label: of a command or dialogue act, its arguments (execution, job,
    /// time, user, parameter, value, option ...); of a job, its parameters.
    pub fn arguments(
        &self,
        utterance: &Utterance,
        label: &Label,
        reference: &Reference,
    ) -> Vec<Slot> {
        self.fill(utterance, self.catalog.parameters_of(label), None, reference)
    }

    /// Why the gate decided as it did, in words for operators.
    pub fn why(&self, utterance: &Utterance) -> String {
        let Reading { text, encoded, .. } = utterance;
        self.heads.gate.why(&self.evidence(text, encoded))
    }

    fn evidence(&self, text: &str, encoded: &Encoded) -> Evidence {
        let held = self.explainer.look(text, &reference());
        evidence(&self.heads.intents, &self.heads.nearest, &held, &encoded.gist())
    }

    fn fill(
        &self,
        utterance: &Utterance,
        parameters: &[Parameter],
        expected: Option<&Parameter>,
        reference: &Reference,
    ) -> Vec<Slot> {
        let Reading { text, encoded, .. } = utterance;
        self.heads.slots.fill(text, encoded, parameters, expected, reference)
    }
}

/// Every label with its probability, the likeliest first; but the best one stays first even
/// where it is trusted less than the second is likely.
pub(super) fn ranked(labels: &[Label], judgement: &Judgement) -> Vec<Scored> {
    let mut ranking: Vec<Scored> = labels
        .iter()
        .zip(&judgement.probabilities)
        .map(|(label, &probability)| Scored { label: label.clone(), probability })
        .collect();
    let best = ranking.remove(judgement.best);
    ranking.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    ranking.insert(0, best);
    ranking
}
