//! What understanding an utterance yields.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::catalog::{Language, TemplateId, Value};

/// An utterance, understood: the intents it may have, and what the gate makes of them.
///
/// The slots of any template can be asked for afterwards (`Nlu::slots`): the token states of
/// the one forward pass are kept in `encoded`.
#[derive(Debug, Clone)]
pub struct Reading<E> {
    pub text: String,
    /// `None` where the words themselves do not say.
    pub language: Option<Language>,
    pub decision: Decision,
    /// Every label with its calibrated probability, best first.
    pub ranking: Vec<Scored>,
    /// Token states, for the slot head.
    pub encoded: E,
}

impl<E> Reading<E> {
    /// The label that came out first.
    pub fn best(&self) -> Option<&Label> {
        self.ranking.first().map(|scored| &scored.label)
    }
}

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Sure enough to go on with the best label.
    Accept,
    /// Likely one of the best two to four: ask which.
    Clarify,
    /// Not understood, or nothing that Steward does.
    Reject,
}

/// Everything that can be meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Label {
    /// A job template.
    Job(TemplateId),
    /// A command of `intents/commands.yaml`: `status`, `list`, `cancel` ...
    Command(TemplateId),
    /// A dialogue act of `intents/commands.yaml`: `affirm`, `deny`, `correct` ...
    Act(TemplateId),
    OutOfScope,
}

impl Label {
    /// The identifier, as `steward parse` prints it; `out_of_scope` for what is out of scope.
    pub fn id(&self) -> &str {
        match self {
            Label::Job(id) | Label::Command(id) | Label::Act(id) => id.as_str(),
            Label::OutOfScope => "out_of_scope",
        }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Label::Job(_) => "job",
            Label::Command(_) => "command",
            Label::Act(_) => "act",
            Label::OutOfScope => return f.write_str(self.id()),
        };
        write!(f, "{kind} {}", self.id())
    }
}

/// A label with its calibrated probability.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    pub label: Label,
    pub probability: f32,
}

/// A parameter found in an utterance.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    pub parameter: String,
    /// Where it stands: offsets in characters, not bytes, `start..end`.
    pub start: usize,
    pub end: usize,
    /// The words themselves.
    pub surface: String,
    pub value: SlotValue,
    /// From 0 to 1.
    pub confidence: f32,
}

/// What the words are worth to their parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum SlotValue {
    Valid(Value),
    /// Several readings, the likelier first: to be asked about, not guessed.
    Ambiguous(Vec<Value>),
    /// Meant for this parameter, but not a value it accepts.
    Invalid(super::values::ValueError),
}
