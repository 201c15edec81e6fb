//! The figures of one evaluation.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::cases::{Case, Kind};
use super::metrics::{
    Bin, Counts, Judged, RiskPoint, calibration_error, percentile, ratio, reliability,
    risk_coverage,
};
use super::outcome::Outcome;
use crate::catalog::Language;
use crate::nlu::reading::{Decision, Label, Slot, SlotValue};

/// Everything that was measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What was measured on.
    pub source: String,
    /// Requests, by language: how many, and how many had the right job first.
    pub requests: BTreeMap<Language, Share>,
    /// Commands and dialogue acts, the same.
    pub talk: BTreeMap<Language, Share>,
    pub intents: Vec<IntentScore>,
    /// The most frequent first.
    pub confusions: Vec<Confusion>,
    pub slots: BTreeMap<Language, Slots>,
    /// By parameter, as `template.parameter`.
    pub parameters: BTreeMap<String, Counts>,
    pub gate: Gated,
    pub calibration: Calibration,
    pub risk_coverage: Vec<RiskPoint>,
    pub latency: Latency,
    pub messages: Vec<Message>,
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Share {
    pub part: usize,
    pub whole: usize,
}

impl Share {
    fn count(&mut self, holds: bool) {
        self.part += usize::from(holds);
        self.whole += 1;
    }

    pub fn ratio(self) -> f64 {
        ratio(self.part, self.whole)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:5.1} %  ({} of {})", 100.0 * self.ratio(), self.part, self.whole)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IntentScore {
    pub intent: String,
    pub counts: Counts,
}

/// One intent taken for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    pub expected: String,
    pub got: String,
    pub count: usize,
}

/// Slots of requests, given the right job. A slot is right with the exact span and parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Slots {
    pub counts: Counts,
    /// Requests of which every parameter and value was right, and nothing else was found.
    pub all_right: Share,
}

/// What the gate did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Gated {
    /// Of the requests, those accepted.
    pub accepted: Share,
    /// Of those, the right ones.
    pub accepted_right: Share,
    /// Of the requests, those turned away.
    pub rejected: Share,
    /// Of messages out of scope, those accepted as a job.
    pub out_of_scope_accepted: Share,
    /// Of messages out of scope, those turned away.
    pub out_of_scope_rejected: Share,
    /// Of ambiguous messages, those where the gate asks and offers a right option.
    pub ambiguous_offered: Share,
    /// Of ambiguous messages, those accepted.
    pub ambiguous_accepted: Share,
}

/// Whether probabilities mean what they say, over requests and talk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    pub error: f64,
    pub bins: Vec<Bin>,
}

/// Milliseconds from text to slots; all 0 by cross-validation, which measures none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
    /// The slowest messages.
    pub slowest: Vec<(String, f64)>,
}

/// One message and what was made of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    pub text: String,
    pub kind: Kind,
    pub expected: String,
    pub got: String,
    pub decision: Decision,
    pub confidence: f32,
    pub intent_right: bool,
    pub slots_right: bool,
    pub slots_expected: Vec<String>,
    pub slots_got: Vec<String>,
}

/// How many options a clarification offers at most.
const OPTIONS: usize = 4;
const BINS: usize = 10;
const SLOWEST: usize = 10;

impl Report {
    /// Counts everything. Cases and outcomes correspond one to one.
    pub fn of(source: &str, cases: &[Case], outcomes: &[Outcome]) -> Report {
        let mut report = Report {
            source: source.to_owned(),
            requests: BTreeMap::new(),
            talk: BTreeMap::new(),
            intents: Vec::new(),
            confusions: Vec::new(),
            slots: BTreeMap::new(),
            parameters: BTreeMap::new(),
            gate: Gated::default(),
            calibration: Calibration { error: 0.0, bins: Vec::new() },
            risk_coverage: Vec::new(),
            latency: latency(cases, outcomes),
            messages: Vec::new(),
        };
        let mut intents: BTreeMap<String, Counts> = BTreeMap::new();
        let mut confusions: BTreeMap<(String, String), usize> = BTreeMap::new();
        let (mut judged, mut judged_requests) = (Vec::new(), Vec::new());
        for (case, outcome) in cases.iter().zip(outcomes) {
            let right = outcome.best() == &case.label;
            report.gate.count(case, outcome, right);
            if matches!(case.kind, Kind::Request | Kind::Talk) {
                let of = if case.kind == Kind::Request {
                    &mut report.requests
                } else {
                    &mut report.talk
                };
                of.entry(case.language).or_default().count(right);
                count_intent(&mut intents, &mut confusions, case, outcome, right);
            }
            let confidence = f64::from(outcome.ranking.first().map_or(0.0, |s| s.probability));
            if case.kind != Kind::Ambiguous {
                judged.push(Judged { confidence, right });
            }
            if case.kind == Kind::Request {
                judged_requests.push(Judged { confidence, right });
            }
            let slots_right = report.count_slots(case, outcome);
            report.messages.push(Message {
                text: case.text.clone(),
                kind: case.kind,
                expected: case.label.id().to_owned(),
                got: outcome.best().id().to_owned(),
                decision: outcome.decision,
                confidence: confidence as f32,
                intent_right: right || case.between.contains(outcome.best()),
                slots_right,
                slots_expected: case
                    .entities
                    .iter()
                    .map(|e| shown(&e.name, e.start, e.end, e.value.as_deref()))
                    .collect(),
                slots_got: outcome.slots.iter().map(shown_slot).collect(),
            });
        }
        report.intents =
            intents.into_iter().map(|(intent, counts)| IntentScore { intent, counts }).collect();
        report.confusions = confusions
            .into_iter()
            .map(|((expected, got), count)| Confusion { expected, got, count })
            .collect();
        report.confusions.sort_by_key(|confusion| std::cmp::Reverse(confusion.count));
        let bins = reliability(&judged, BINS);
        report.calibration = Calibration { error: calibration_error(&bins), bins };
        report.risk_coverage = risk_coverage(&judged_requests);
        report
    }

    /// Counts the slots of a request; true where every one is right.
    fn count_slots(&mut self, case: &Case, outcome: &Outcome) -> bool {
        let is_value = |slot: &Slot| !matches!(slot.value, SlotValue::Invalid(_));
        let mut all_right = true;
        let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
        for entity in &case.entities {
            let found = outcome.slots.iter().find(|s| {
                s.parameter == entity.name && (s.start, s.end) == (entity.start, entity.end)
            });
            let of = counts.entry(&entity.name).or_default();
            match found {
                Some(slot) => {
                    of.right += 1;
                    all_right &= is_value(slot) && has_value(slot, entity.value.as_deref());
                }
                None => {
                    of.missed += 1;
                    all_right = false;
                }
            }
        }
        for slot in &outcome.slots {
            let wanted = case
                .entities
                .iter()
                .any(|e| e.name == slot.parameter && (e.start, e.end) == (slot.start, slot.end));
            if !wanted {
                counts.entry(&slot.parameter).or_default().wrong += 1;
                all_right = false;
            }
        }
        if case.kind == Kind::Request {
            let slots = self.slots.entry(case.language).or_default();
            slots.all_right.count(all_right);
            for (parameter, of) in counts {
                add(&mut slots.counts, of);
                let name = format!("{}.{parameter}", case.label.id());
                add(self.parameters.entry(name).or_default(), of);
            }
        }
        all_right
    }

    /// Slots over all languages.
    pub fn all_slots(&self) -> Slots {
        let mut all = Slots::default();
        for slots in self.slots.values() {
            add(&mut all.counts, slots.counts);
            all.all_right.part += slots.all_right.part;
            all.all_right.whole += slots.all_right.whole;
        }
        all
    }
}

impl Outcome {
    /// The label that came out first.
    pub fn best(&self) -> &Label {
        self.ranking.first().map_or(&Label::OutOfScope, |s| &s.label)
    }
}

impl Gated {
    /// What there is to say of it, in words and as a share of something.
    pub fn shares(&self) -> impl Iterator<Item = (&'static str, Share)> {
        let shares = [
            ("requests accepted", self.accepted),
            ("accepted requests right", self.accepted_right),
            ("requests turned away", self.rejected),
            ("out of scope, accepted as a job", self.out_of_scope_accepted),
            ("out of scope, turned away", self.out_of_scope_rejected),
            ("ambiguous, a right option offered", self.ambiguous_offered),
            ("ambiguous, accepted", self.ambiguous_accepted),
        ];
        shares.into_iter().filter(|(_, share)| share.whole > 0)
    }

    fn count(&mut self, case: &Case, outcome: &Outcome, right: bool) {
        let accepted = outcome.decision == Decision::Accept;
        let rejected = outcome.decision == Decision::Reject;
        let as_job = accepted && matches!(outcome.best(), Label::Job(_));
        match case.kind {
            Kind::Request => {
                self.accepted.count(accepted);
                self.rejected.count(rejected);
                if accepted {
                    self.accepted_right.count(right);
                }
            }
            Kind::OutOfScope => {
                self.out_of_scope_accepted.count(as_job);
                self.out_of_scope_rejected.count(rejected);
            }
            Kind::Ambiguous => {
                let offered = outcome
                    .ranking
                    .iter()
                    .filter(|s| s.label != Label::OutOfScope)
                    .take(OPTIONS)
                    .any(|s| case.between.contains(&s.label));
                self.ambiguous_offered.count(outcome.decision == Decision::Clarify && offered);
                self.ambiguous_accepted.count(accepted);
            }
            Kind::Talk => {}
        }
    }
}

fn count_intent(
    intents: &mut BTreeMap<String, Counts>,
    confusions: &mut BTreeMap<(String, String), usize>,
    case: &Case,
    outcome: &Outcome,
    right: bool,
) {
    let (expected, got) = (case.label.id().to_owned(), outcome.best().id().to_owned());
    if right {
        intents.entry(expected).or_default().right += 1;
    } else {
        intents.entry(expected.clone()).or_default().missed += 1;
        intents.entry(got.clone()).or_default().wrong += 1;
        *confusions.entry((expected, got)).or_default() += 1;
    }
}

/// Whether a slot has the canonical value, where one is given apart from the words.
fn has_value(slot: &Slot, canonical: Option<&str>) -> bool {
    match (canonical, &slot.value) {
        (None, _) => true,
        (Some(canonical), SlotValue::Valid(value)) => value.to_string() == canonical,
        (Some(_), _) => false,
    }
}

fn add(to: &mut Counts, of: Counts) {
    to.right += of.right;
    to.wrong += of.wrong;
    to.missed += of.missed;
}

fn shown(name: &str, start: usize, end: usize, value: Option<&str>) -> String {
    format!("{name}@{start}-{end}{}", value.map(|v| format!("={v}")).unwrap_or_default())
}

fn shown_slot(slot: &Slot) -> String {
    let value = match &slot.value {
        SlotValue::Valid(value) => value.to_string(),
        SlotValue::Ambiguous(_) => "?".to_owned(),
        SlotValue::Invalid(_) => "!".to_owned(),
    };
    shown(&slot.parameter, slot.start, slot.end, Some(&value))
}

fn latency(cases: &[Case], outcomes: &[Outcome]) -> Latency {
    let mut by_time: Vec<(&str, f64)> =
        cases.iter().zip(outcomes).map(|(c, o)| (c.text.as_str(), o.ms)).collect();
    by_time.sort_by(|a, b| a.1.total_cmp(&b.1));
    let times: Vec<f64> = by_time.iter().map(|(_, ms)| *ms).collect();
    let measured = times.last().is_some_and(|ms| *ms > 0.0);
    let slowest = by_time.iter().rev().take(if measured { SLOWEST } else { 0 });
    Latency {
        p50: percentile(&times, 0.5),
        p99: percentile(&times, 0.99),
        slowest: slowest.map(|(text, ms)| ((*text).to_owned(), *ms)).collect(),
    }
}
