//! What got better or worse since an earlier report, and which messages flipped.

use std::collections::HashMap;
use std::fmt;

use super::report::{Message, Report};

/// An earlier report against a later one.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Name, before, after: shares from 0 to 1.
    pub figures: Vec<(String, f64, f64)>,
    pub flips: Vec<Flip>,
}

/// A message of which the intent or the slots were right before and are not now, or the reverse.
#[derive(Debug, Clone, PartialEq)]
pub struct Flip {
    pub text: String,
    pub better: bool,
    /// `intent` or `slots`, and what came out before and after.
    pub what: &'static str,
    pub before: String,
    pub after: String,
}

impl Comparison {
    /// Compares message by message and figure by figure.
    pub fn of(before: &Report, after: &Report) -> Comparison {
        let mut figures = Vec::new();
        for (language, share) in &after.requests {
            if let Some(earlier) = before.requests.get(language) {
                let name = format!("intent of requests, {language}");
                figures.push((name, earlier.ratio(), share.ratio()));
            }
        }
        let (b, a) = (before.all_slots(), after.all_slots());
        figures.push(("slot F1".to_owned(), b.counts.f1(), a.counts.f1()));
        figures.push(("all parameters right".to_owned(), b.all_right.ratio(), a.all_right.ratio()));
        let (b, a) = (&before.gate, &after.gate);
        for (name, b, a) in [
            ("requests accepted", b.accepted, a.accepted),
            ("accepted requests right", b.accepted_right, a.accepted_right),
            ("out of scope, accepted as a job", b.out_of_scope_accepted, a.out_of_scope_accepted),
            ("ambiguous, a right option offered", b.ambiguous_offered, a.ambiguous_offered),
        ] {
            if b.whole > 0 && a.whole > 0 {
                figures.push((name.to_owned(), b.ratio(), a.ratio()));
            }
        }
        let errors = (before.calibration.error, after.calibration.error);
        figures.push(("expected calibration error".to_owned(), errors.0, errors.1));
        let known: HashMap<&str, &Message> =
            before.messages.iter().map(|m| (m.text.as_str(), m)).collect();
        let flips = after
            .messages
            .iter()
            .filter_map(|now| Some((*known.get(now.text.as_str())?, now)))
            .flat_map(|(then, now)| flips(then, now))
            .collect();
        Comparison { figures, flips }
    }
}

fn flips(then: &Message, now: &Message) -> Vec<Flip> {
    let mut flips = Vec::new();
    if then.intent_right != now.intent_right {
        flips.push(Flip {
            text: now.text.clone(),
            better: now.intent_right,
            what: "intent",
            before: then.got.clone(),
            after: now.got.clone(),
        });
    }
    if then.slots_right != now.slots_right {
        flips.push(Flip {
            text: now.text.clone(),
            better: now.slots_right,
            what: "slots",
            before: then.slots_got.join(", "),
            after: now.slots_got.join(", "),
        });
    }
    flips
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "against the baseline")?;
        for (name, before, after) in &self.figures {
            writeln!(f, "{name:<36}{before:.3} -> {after:.3}  ({:+.3})", after - before)?;
        }
        for flip in &self.flips {
            let sign = if flip.better { '+' } else { '-' };
            let Flip { text, what, before, after, .. } = flip;
            writeln!(f, "{sign} {what}: {text}\n      before: {before}\n      after:  {after}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nlu::Decision;
    use crate::nlu::evaluate::Kind;

    #[test]
    fn messages_that_changed_sides_are_listed() {
        let message = |intent_right, slots_right| Message {
            text: "restart web".to_owned(),
            kind: Kind::Request,
            expected: "a".to_owned(),
            got: if intent_right { "a" } else { "b" }.to_owned(),
            decision: Decision::Accept,
            confidence: 0.9,
            intent_right,
            slots_right,
            slots_expected: vec![],
            slots_got: vec![],
        };
        let found = flips(&message(true, false), &message(false, true));
        let seen: Vec<_> = found.iter().map(|f| (f.what, f.better)).collect();
        assert_eq!(seen, [("intent", false), ("slots", true)]);
        assert!(flips(&message(true, true), &message(true, true)).is_empty());
    }
}
