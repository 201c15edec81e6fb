//! Slots: which words of an utterance are the values of which parameters.
//!
//! Spans are proposed by the recognisers of `values`, by the choices and their synonyms, by the
//! slot head and by phrases known from examples. A model fitted on the examples says for
//! each parameter which of them is its value, or that none is; a joint assignment gives every
//! span to one parameter at most. `values::interpret` has the last word on what the words are
//! worth.
//!
//! **Architecture Invariant:** whatever words a value was found in, its worth comes from
//! `values` and the parameter's own rules; nothing here invents a value.

mod adam;
mod assign;
mod candidates;
mod chooser;
mod features;
mod head;
mod learn;
mod polarity;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

pub use assign::{Claim, assign};
use candidates::Candidate;
pub use head::HeadSettings;
pub use learn::{Annotated, Folded, SlotSettings, learn};

use crate::catalog::{Language, Parameter, ParameterType, Value};
use crate::nlu::encoder::Encoded;
use crate::nlu::reading::{Slot, SlotValue};
use crate::nlu::text::Text;
use crate::nlu::values::{self, Reference};
use candidates::Recognised;
use chooser::{Chooser, Row};
use features::{Scene, Worth};
use head::{HeadParameter, Logits, TunedHead};
use polarity::Polarity;

/// What finding slots in one catalogue has learnt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SlotModel {
    /// The text of every parameter, see [`key`]; its place is its offset in the head.
    keys: HashMap<String, usize>,
    head: TunedHead,
    chooser: Chooser,
    phrases: Phrases,
    polarity: Polarity,
}

/// Words that examples gave to parameters, in lower case, with the value they stood for where
/// the words themselves are not it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Phrases(HashMap<String, Vec<(String, Option<String>)>>);

impl Phrases {
    fn of(&self, key: &str) -> &[(String, Option<String>)] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    fn value(&self, key: &str, words: &str) -> Option<&str> {
        let words = words.to_lowercase();
        self.of(key).iter().find(|(phrase, _)| *phrase == words)?.1.as_deref()
    }
}

/// A parameter's name and descriptions: parameters with the same ones, in whatever template,
/// learn together.
pub fn key(parameter: &Parameter) -> String {
    let Parameter { name, description, .. } = parameter;
    format!("{name}: {} / {}", description.en, description.zh)
}

/// The text that the slot head knows a parameter by: `name: description`, underscores as spaces.
pub fn label_text(parameter: &Parameter, language: Language) -> String {
    format!("{}: {}", parameter.name, parameter.description.get(language)).replace('_', " ")
}

/// How much likelier the parameter that was just asked for is to be answered than it is to be
/// named in any message, in log-odds: nearly every answer answers.
const EXPECTED: f32 = 4.0;

impl SlotModel {
    /// Finds values of `parameters` in a text. `expected` was just asked for: a bare value is
    /// then an answer.
    pub fn fill(
        &self,
        text: &str,
        encoded: &Encoded,
        parameters: &[Parameter],
        expected: Option<&Parameter>,
        reference: &Reference,
    ) -> Vec<Slot> {
        let text = Text::new(text);
        let judged = self.judge(&text, encoded, parameters, reference);
        let mut claims = Vec::new();
        let mut origins = Vec::new();
        for (p, judgement) in judged.iter().enumerate() {
            let bonus = match expected {
                Some(expected) if expected.name == parameters[p].name => EXPECTED,
                _ => 0.0,
            };
            for (candidate, score) in &judgement.candidates {
                let gain = score - judgement.none + bonus;
                claims.push(Claim {
                    parameter: p,
                    start: candidate.start,
                    end: candidate.end,
                    gain,
                });
                origins.push(p);
            }
        }
        assign(&claims)
            .into_iter()
            .map(|i| {
                let (parameter, claim) = (&parameters[origins[i]], claims[i]);
                let surface = text.slice(claim.start, claim.end).to_owned();
                Slot {
                    parameter: parameter.name.clone(),
                    start: claim.start,
                    end: claim.end,
                    value: self.value(parameter, &surface, reference),
                    surface,
                    confidence: judged[origins[i]].share(claim.gain),
                }
            })
            .collect()
    }

    /// Scores every candidate of every parameter.
    fn judge(
        &self,
        text: &Text,
        encoded: &Encoded,
        parameters: &[Parameter],
        reference: &Reference,
    ) -> Vec<Judgement> {
        let views = Views::of(&self.keys, &self.head, text, encoded, parameters);
        let mut recognised = Recognised::default();
        parameters
            .iter()
            .zip(&views.keys)
            .enumerate()
            .map(|(column, (parameter, key))| {
                let spans = recognised.of(text, parameter.kind, reference);
                let value = |words: &str| self.value(parameter, words, reference);
                let rows = alternatives(
                    text,
                    encoded,
                    &views.logits,
                    column,
                    parameter,
                    key,
                    spans,
                    is_sole(parameter, parameters),
                    &self.phrases,
                    value,
                );
                Judgement {
                    none: self.chooser.score(&rows.none),
                    candidates: rows
                        .candidates
                        .into_iter()
                        .map(|(candidate, row)| (candidate, self.chooser.score(&row)))
                        .collect(),
                }
            })
            .collect()
    }

    /// What words are worth to a parameter.
    fn value(&self, parameter: &Parameter, words: &str, reference: &Reference) -> SlotValue {
        worth(parameter, &key(parameter), words, &self.phrases, &self.polarity, reference)
    }
}

/// The scores of one parameter's candidates, and of it having no value.
struct Judgement {
    none: f32,
    candidates: Vec<(Candidate, f32)>,
}

impl Judgement {
    /// The probability of the candidate with that gain over having none.
    fn share(&self, gain: f32) -> f32 {
        let sum: f32 = self.candidates.iter().map(|(_, s)| (s - self.none).exp()).sum();
        let own = gain.exp();
        (own / (1.0 + sum.max(own))).clamp(0.0, 1.0)
    }
}

/// What the head says about a text and parameters.
struct Views {
    keys: Vec<String>,
    logits: Logits,
}

impl Views {
    fn of(
        known: &HashMap<String, usize>,
        head: &TunedHead,
        text: &Text,
        encoded: &Encoded,
        parameters: &[Parameter],
    ) -> Views {
        let keys: Vec<String> = parameters.iter().map(key).collect();
        let language = Language::of(text.raw).unwrap_or_default();
        let head_parameters: Vec<HeadParameter> =
            keys.iter().map(|key| head_parameter(known, key, language)).collect();
        Views { logits: head.logits(encoded, &head_parameters), keys }
    }
}

/// Each key has one offset, and two label texts in the order of [`Language::ALL`].
fn head_parameter(known: &HashMap<String, usize>, key: &str, language: Language) -> HeadParameter {
    // A catalogue's every parameter is known to the heads that were trained on it, and heads of
    // another catalogue are not loaded; the first parameter stands in for a stranger.
    let offset = known.get(key).copied().unwrap_or(0);
    let label = 2 * offset + usize::from(language == Language::Zh);
    HeadParameter { label, offset }
}

/// Whether a parameter is the only one of its type.
fn is_sole(parameter: &Parameter, among: &[Parameter]) -> bool {
    among.iter().filter(|p| p.kind == parameter.kind).count() == 1
}

/// The feature rows of a parameter's candidates, and of it having no value.
struct Alternatives {
    none: Row,
    candidates: Vec<(Candidate, Row)>,
}

#[expect(clippy::too_many_arguments, reason = "one call in training, one in use")]
fn alternatives(
    text: &Text,
    encoded: &Encoded,
    logits: &Logits,
    column: usize,
    parameter: &Parameter,
    key: &str,
    recognised: &[(usize, usize)],
    sole: bool,
    phrases: &Phrases,
    value: impl Fn(&str) -> SlotValue,
) -> Alternatives {
    let known: Vec<String> = phrases.of(key).iter().map(|(words, _)| words.clone()).collect();
    let tokens = encoded.tokens();
    let candidates =
        candidates::propose(text, tokens, logits, column, parameter, &known, recognised);
    let scene = Scene { text, tokens, logits, column, parameter, key, recognised, sole };
    let candidates = candidates
        .into_iter()
        .map(|candidate| {
            let worth = match value(text.slice(candidate.start, candidate.end)) {
                SlotValue::Valid(_) => Worth::Valid,
                SlotValue::Ambiguous(_) => Worth::Ambiguous,
                SlotValue::Invalid(_) => Worth::Invalid,
            };
            let row = scene.candidate(&candidate, worth);
            (candidate, row)
        })
        .collect();
    Alternatives { none: scene.none(), candidates }
}

/// What words are worth to a parameter: what an example said of these very words, else what
/// the recognisers say; yes or no by the learnt polarity.
fn worth(
    parameter: &Parameter,
    key: &str,
    words: &str,
    phrases: &Phrases,
    polarity: &Polarity,
    reference: &Reference,
) -> SlotValue {
    let interpret = |words: &str| match values::interpret(words, parameter, reference) {
        Ok(mut readings) if readings.len() == 1 => SlotValue::Valid(readings.remove(0)),
        Ok(readings) => SlotValue::Ambiguous(readings),
        Err(error) => SlotValue::Invalid(error),
    };
    if let Some(canonical) = phrases.value(key, words) {
        return interpret(canonical);
    }
    let direct = interpret(words);
    if parameter.kind == ParameterType::Boolean {
        let recognised = match &direct {
            SlotValue::Valid(Value::Boolean(b)) => Some(*b),
            _ => None,
        };
        return SlotValue::Valid(Value::Boolean(polarity.of(key, words, recognised).0));
    }
    direct
}
