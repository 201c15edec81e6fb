//! What was said, as the model reads it in the light of the open question.

use super::cues;
use super::labels::*;
use crate::catalog::TemplateId;
use crate::nlu::{Decision, Label, Nlu, Scored, Utterance};

/// A message and its reading.
pub(super) struct Heard {
    pub text: String,
    pub utterance: Utterance,
    around: Around,
}

/// What there is that a message could be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Around {
    /// The user ran something before.
    pub executions: bool,
    /// Drafts were put aside.
    pub kept_drafts: bool,
    /// A job is being put together.
    pub draft: bool,
    /// What is being put together was changed since it was shown.
    pub changed: bool,
    /// A run of the user's is under way.
    pub running: bool,
}

/// What kind of thing the open question expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expecting {
    /// No question is open.
    Nothing,
    /// A value.
    Value,
    /// A yes or a no, or a change.
    Yes,
    /// One of several options.
    Choice,
}

/// A label that a message has in the light of what was expected.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Meaning {
    pub label: Label,
    /// Its share of the probability, from 0 to 1, after weighing by what was expected.
    pub share: f32,
}

impl Meaning {
    /// The id of the dialogue act, if it is one.
    pub fn act(&self) -> Option<&str> {
        match &self.label {
            Label::Act(id) => Some(id.as_str()),
            _ => None,
        }
    }

    /// The id of the command, if it is one.
    pub fn command(&self) -> Option<&str> {
        match &self.label {
            Label::Command(id) => Some(id.as_str()),
            _ => None,
        }
    }

    /// The job template, if it is one.
    pub fn job(&self) -> Option<&TemplateId> {
        match &self.label {
            Label::Job(id) => Some(id),
            _ => None,
        }
    }
}

impl Heard {
    /// Reads a message.
    pub fn new(nlu: &Nlu, text: &str, around: Around) -> Self {
        Heard { text: text.to_owned(), utterance: nlu.read(text), around }
    }

    /// What the gate says about it on its own.
    pub fn decision(&self) -> Decision {
        self.utterance.decision
    }

    /// Whether the gate is sure of just this meaning.
    pub fn accepts(&self, meaning: &Meaning) -> bool {
        self.decision() == Decision::Accept
            && self.utterance.ranking.first().is_some_and(|best| best.label == meaning.label)
    }

    /// Whether there is anything that a label could be about.
    pub fn is_possible(&self, label: &Label) -> bool {
        self.around.weight(label) >= 1.0
    }

    /// Whether the words by themselves say something that only a question or a draft gives a
    /// sense to, and there is none: an answer to nothing.
    pub fn is_out_of_place(&self) -> bool {
        let act = match self.utterance.best() {
            Some(Label::Act(id)) => id.as_str(),
            _ => return false,
        };
        !self.around.draft
            && matches!(act, ANSWER | CHOOSE | SKIP | CORRECT | SWAP | UNSET | START_OVER)
    }

    /// The probability of a label, on its own.
    pub fn probability(&self, label: &Label) -> f32 {
        self.utterance.ranking.iter().find(|s| s.label == *label).map_or(0.0, |s| s.probability)
    }

    /// The probability of a label, given what there is that it could be about.
    pub fn plausibility(&self, scored: &Scored) -> f32 {
        scored.probability * self.around.weight(&scored.label)
    }

    /// The likeliest label in the light of what was expected.
    pub fn meaning(&self, expecting: Expecting) -> Meaning {
        let weighed = |s: &Scored| self.plausibility(s) * weight(expecting, &s.label);
        let all: f32 = self.utterance.ranking.iter().map(weighed).sum();
        self.utterance
            .ranking
            .iter()
            .max_by(|a, b| weighed(a).total_cmp(&weighed(b)))
            .map(|s| Meaning {
                label: s.label.clone(),
                share: weighed(s) / all.max(f32::MIN_POSITIVE),
            })
            .unwrap_or(Meaning { label: Label::OutOfScope, share: 1.0 })
    }

    /// Whether it has more than one clause.
    pub fn has_clauses(&self) -> bool {
        cues::clauses(&self.text).len() > 1
    }

    /// Each clause, read by itself.
    pub fn clauses(&self, nlu: &Nlu) -> Vec<Heard> {
        cues::clauses(&self.text)
            .into_iter()
            .map(|clause| Heard::new(nlu, clause, self.around))
            .collect()
    }
}

/// How much less likely a label is where there is nothing that it could be about.
const NOTHING_THERE: f32 = 0.02;

/// How much likelier a question about runs is while one is under way: "how is it going?".
const UNDER_WAY: f32 = 4.0;

impl Around {
    fn weight(self, label: &Label) -> f32 {
        let there = match label {
            Label::Command(id) if id.as_str() == STATUS && self.running && !self.draft => {
                return UNDER_WAY;
            }
            Label::Command(id) => match id.as_str() {
                LOGS | CANCEL | RERUN | RETRY => self.executions,
                UNDO => self.executions || self.changed,
                DRAFTS | RESUME | DROP_DRAFT => self.kept_drafts,
                _ => true,
            },
            Label::Act(id) => match id.as_str() {
                SWAP | UNSET | CORRECT | START_OVER => self.draft,
                _ => true,
            },
            Label::Job(_) | Label::OutOfScope => true,
        };
        if there { 1.0 } else { NOTHING_THERE }
    }
}

/// How much likelier a label is than on its own, given what was asked: a question makes its
/// answers likely, and a bare answer is unlikely where nothing was asked.
fn weight(expecting: Expecting, label: &Label) -> f32 {
    let Label::Act(id) = label else { return 1.0 };
    match (expecting, id.as_str()) {
        (Expecting::Nothing, ANSWER | CHOOSE | SKIP | CORRECT) => 0.25,
        (Expecting::Value, ANSWER) => 6.0,
        (Expecting::Value, CORRECT | SKIP | CHOOSE) => 3.0,
        (Expecting::Yes, AFFIRM | DENY | CORRECT | ABORT) => 4.0,
        (Expecting::Yes, ANSWER | SKIP | SWAP | UNSET) => 2.0,
        (Expecting::Choice, CHOOSE | DENY) => 6.0,
        (Expecting::Choice, ANSWER | AFFIRM) => 3.0,
        _ => 1.0,
    }
}
