//! Learning a set, and what is understood of its test messages.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rayon::prelude::*;
use steward::catalog::Catalog;
use steward::nlu::encoder::{self, Precision};
use steward::nlu::train::{Options, train};
use steward::nlu::values::Reference;
use steward::nlu::{Label, Nlu};

use super::folder::identifier;
use super::sets::{Data, Message, Span};

/// Counts of what was understood.
#[derive(Default)]
pub struct Measured {
    in_scope: Share,
    /// Of what is out of scope, how much was seen to be.
    recalled: Share,
    slots_right: usize,
    slots_found: usize,
    slots_there: usize,
}

#[derive(Default, Clone, Copy)]
struct Share {
    right: usize,
    of: usize,
}

/// Learns the catalogue and reads the test messages.
pub fn measure(catalog: &Catalog, data: &Data) -> Result<Measured, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/encoder");
    let encoder = encoder::load(&folder, Precision::Int8).map_err(|error| error.to_string())?;
    let heads = train(catalog, encoder.as_ref(), &Options::default(), &mut |_| {})
        .map_err(|error| error.to_string())?;
    let nlu = Nlu::new(Arc::new(catalog.clone()), encoder, heads).map_err(|e| e.to_string())?;
    let reference = Reference { now: Timestamp::now().to_zoned_datetime(TimeZone::UTC) };
    Ok(data
        .test
        .par_iter()
        .map(|message| one(&nlu, message, &reference))
        .reduce(Measured::default, Measured::plus))
}

fn one(nlu: &Nlu, message: &Message, reference: &Reference) -> Measured {
    let utterance = nlu.read(&message.text);
    let best = utterance.best().cloned().unwrap_or(Label::OutOfScope);
    let mut measured = Measured::default();
    match &message.intent {
        Some(intent) => {
            measured.in_scope = Share { right: (best.id() == identifier(intent)).into(), of: 1 };
        }
        None => measured.recalled = Share { right: (best == Label::OutOfScope).into(), of: 1 },
    }
    let found: HashSet<Span> = nlu
        .arguments(&utterance, &best, reference)
        .into_iter()
        .map(|slot| Span { slot: slot.parameter, start: slot.start, end: slot.end })
        .collect();
    let there: HashSet<Span> = message
        .slots
        .iter()
        .map(|span| Span { slot: identifier(&span.slot), ..span.clone() })
        .collect();
    measured.slots_right = found.intersection(&there).count();
    measured.slots_found = found.len();
    measured.slots_there = there.len();
    measured
}

impl Measured {
    fn plus(self, other: Measured) -> Measured {
        Measured {
            in_scope: self.in_scope.plus(other.in_scope),
            recalled: self.recalled.plus(other.recalled),
            slots_right: self.slots_right + other.slots_right,
            slots_found: self.slots_found + other.slots_found,
            slots_there: self.slots_there + other.slots_there,
        }
    }
}

impl Share {
    fn plus(self, other: Share) -> Share {
        Share { right: self.right + other.right, of: self.of + other.of }
    }

    fn percent(self) -> f64 {
        100.0 * self.right as f64 / self.of.max(1) as f64
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "intent {:.1}", self.in_scope.percent())?;
        if self.recalled.of > 0 {
            write!(f, ", out of scope recalled {:.1}", self.recalled.percent())?;
        }
        if self.slots_there > 0 {
            // F1 of exact spans, all slots counted alike.
            let f1 = 200.0 * self.slots_right as f64 / (self.slots_found + self.slots_there) as f64;
            write!(f, ", slot F1 {f1:.1}")?;
        }
        Ok(())
    }
}
