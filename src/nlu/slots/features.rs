//! What speaks for a span being a parameter's value, in numbers.
//!
//! Some features are the same for every parameter (what the slot head and the recognisers
//! say), also kept apart by type; others are of one parameter alone (the words around its
//! values, whether it comes first or second of two of a kind). A penalty keeps the latter small
//! until examples speak for them, so that a parameter without examples lives by the former.

use super::candidates::Candidate;
use super::chooser::Row;
use super::head::Logits;
use crate::catalog::{Parameter, ParameterType};
use crate::nlu::encoder::Token;
use crate::nlu::text::Text;

/// Features that are the same for every parameter.
const SHARED: usize = 32;
/// Features of one parameter, or of words, are hashed into this many.
const HASHED: usize = 1 << 16;
const TYPES: usize = ParameterType::ALL.len();

/// How many features there are in all.
pub const COUNT: usize = SHARED * (TYPES + 1) + HASHED;

/// Whether words are a value for the parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    Valid,
    Ambiguous,
    Invalid,
}

/// Everything about one message and one parameter that its candidates are judged by.
pub struct Scene<'a> {
    pub text: &'a Text<'a>,
    pub tokens: &'a [Token],
    pub logits: &'a Logits,
    /// The parameter's column in `logits`; the others are its rivals.
    pub column: usize,
    pub parameter: &'a Parameter,
    /// Names the parameter across templates: equal text, equal key.
    pub key: &'a str,
    /// The spans of the parameter's type, in the order of the text.
    pub recognised: &'a [(usize, usize)],
    /// Whether no other parameter at hand has this type.
    pub sole: bool,
}

struct Builder {
    row: Row,
    kind: usize,
}

impl Builder {
    fn shared(&mut self, feature: usize, value: f32) {
        debug_assert!(feature < SHARED);
        if value != 0.0 {
            self.row.push((feature as u32, value));
            self.row.push(((SHARED * (1 + self.kind) + feature) as u32, value));
        }
    }

    fn flag(&mut self, feature: usize, holds: bool) {
        self.shared(feature, f32::from(u8::from(holds)));
    }

    fn hashed(&mut self, parts: &[&str]) {
        self.row.push(((SHARED * (TYPES + 1)) as u32 + hash(parts), 1.0));
    }
}

fn hash(parts: &[&str]) -> u32 {
    (fnv(parts) % HASHED as u64) as u32
}

/// FNV-1a, folded. Written out, since the weights of a stored model depend on it and the
/// standard library's hashers may change.
pub fn fnv(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    for part in parts {
        for byte in part.bytes().chain([0x1f]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    hash ^ (hash >> 32)
}

impl Scene<'_> {
    fn builder(&self) -> Builder {
        // `ALL` lists every type.
        let kind = ParameterType::ALL.iter().position(|k| *k == self.parameter.kind).unwrap_or(0);
        Builder { row: Vec::with_capacity(64), kind }
    }

    /// The features of the parameter having no value here.
    pub fn none(&self) -> Row {
        let mut b = self.builder();
        b.shared(0, 1.0);
        b.flag(1, self.parameter.required);
        let best = (0..self.tokens.len())
            .filter(|&i| !self.tokens[i].special)
            .map(|i| self.logits.begin[[i, self.column]])
            .fold(f32::NEG_INFINITY, f32::max);
        b.shared(2, if best.is_finite() { squash(best) } else { -1.0 });
        b.hashed(&["none", self.key]);
        b.row
    }

    /// The features of one candidate.
    pub fn candidate(&self, candidate: &Candidate, worth: Worth) -> Row {
        let mut b = self.builder();
        self.head_features(&mut b, candidate);
        self.source_features(&mut b, candidate, worth);
        self.context_features(&mut b, candidate);
        b.row
    }

    fn head_features(&self, b: &mut Builder, candidate: &Candidate) {
        let first = self.tokens.iter().position(|t| !t.special && t.end > candidate.start);
        let last = self.tokens.iter().rposition(|t| !t.special && t.start < candidate.end);
        let (Some(first), Some(last)) = (first, last) else { return };
        let begin = self.logits.begin[[first, self.column]];
        b.shared(3, squash(begin));
        let rival = (0..self.logits.begin.ncols())
            .filter(|&c| c != self.column)
            .map(|c| self.logits.begin[[first, c]])
            .fold(-10.0, f32::max);
        b.shared(4, squash(begin - rival));
        let elsewhere = (0..self.tokens.len())
            .filter(|&i| i != first && !self.tokens[i].special)
            .map(|i| self.logits.begin[[i, self.column]])
            .fold(-10.0, f32::max);
        b.shared(5, squash(begin - elsewhere));
        let inside: Vec<f32> =
            (first + 1..=last).map(|i| self.logits.inside[[i, self.column]]).collect();
        if !inside.is_empty() {
            b.shared(6, squash(inside.iter().sum::<f32>() / inside.len() as f32));
            b.shared(7, squash(inside.iter().copied().fold(10.0, f32::min)));
        }
        if let Some(next) = self.tokens.get(last + 1).filter(|t| !t.special) {
            let next_inside = self.logits.inside[[last + 1, self.column]];
            b.shared(8, squash(next_inside));
            b.flag(9, next.start == candidate.end);
        }
        b.flag(10, self.tokens[first].start != candidate.start);
        b.flag(11, self.tokens[last].end != candidate.end);
        b.shared(12, squash(self.logits.inside[[first, self.column]]));
    }

    fn source_features(&self, b: &mut Builder, candidate: &Candidate, worth: Worth) {
        let sources = candidate.sources;
        b.shared(13, 1.0);
        b.flag(14, sources.recogniser);
        b.flag(15, sources.choice);
        b.flag(16, sources.near_choice && !sources.choice);
        b.flag(17, sources.word);
        b.flag(18, sources.head);
        b.flag(19, sources.phrase);
        b.flag(20, worth == Worth::Invalid);
        b.flag(21, worth == Worth::Ambiguous);
        b.flag(22, self.parameter.pattern.is_some() && worth == Worth::Valid);
        let length = candidate.end - candidate.start;
        b.shared(23, (length as f32).ln() / 3.0);
        let inside_recognised = self
            .recognised
            .iter()
            .any(|&(s, e)| s <= candidate.start && candidate.end <= e && (e - s) > length);
        b.flag(24, inside_recognised);
        let around = [
            candidate.start.checked_sub(1).map(|i| self.text.slice(i, i + 1)),
            (candidate.end < self.text.len())
                .then(|| self.text.slice(candidate.end, candidate.end + 1)),
        ];
        // A span that starts or ends inside a word or name is hardly a value.
        let joined = |c: Option<&str>| {
            c.and_then(|c| c.chars().next())
                .is_some_and(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        };
        b.flag(25, joined(around[0]));
        b.flag(26, joined(around[1]));
        let shape = shape(self.text.slice(candidate.start, candidate.end));
        b.hashed(&["shape", self.key, &shape]);
        b.hashed(&["shape of type", self.parameter.kind.name(), &shape]);
    }

    fn context_features(&self, b: &mut Builder, candidate: &Candidate) {
        let edge = "";
        let before = |n| self.text.before(candidate.start, n).unwrap_or(edge);
        let after = |n| self.text.after(candidate.end, n).unwrap_or(edge);
        let kind = self.parameter.kind.name();
        for (scope, name) in [("key", self.key), ("type", kind)] {
            b.hashed(&[scope, name, "-1", before(0)]);
            b.hashed(&[scope, name, "-2", before(1), before(0)]);
            b.hashed(&[scope, name, "+1", after(0)]);
            b.hashed(&[scope, name, "+2", after(0), after(1)]);
        }
        // Parameters with a word of their names in common (`source`, `to`, `end`) play a like
        // part in their templates.
        for word in self.parameter.name.split('_') {
            b.hashed(&["name", word, "-1", before(0)]);
            b.hashed(&["name", word, "-2", before(1), before(0)]);
            b.hashed(&["name", word, "+1", after(0)]);
        }
        b.hashed(&["around", self.key, before(0), after(0)]);
        // First or second of two of a kind: from and to, old and new.
        if let Some(place) =
            self.recognised.iter().position(|r| *r == (candidate.start, candidate.end))
        {
            let count = self.recognised.len().min(3);
            let place = format!("{}/{count}", place.min(3));
            b.hashed(&["place", self.key, &place]);
            for word in self.parameter.name.split('_') {
                b.hashed(&["place of name", word, &place]);
            }
            b.flag(27, count == 1);
            b.flag(28, self.sole);
            b.flag(29, self.sole && count == 1);
        }
    }
}

/// A logit, kept within bounds: beyond them more says no more.
fn squash(logit: f32) -> f32 {
    logit.clamp(-10.0, 10.0) / 4.0
}

/// How words look: `web-03` is `a-0`, `两小时` is `H`.
fn shape(words: &str) -> String {
    let mut shape = String::new();
    for c in words.chars() {
        let class = match c {
            c if crate::catalog::is_han(c) => 'H',
            c if c.is_numeric() => '0',
            c if c.is_uppercase() => 'A',
            c if c.is_alphabetic() => 'a',
            c => c,
        };
        if !shape.ends_with(class) {
            shape.push(class);
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_forget_the_letters_and_keep_the_signs() {
        for (words, expected) in [
            ("web-03", "a-0"),
            ("v2.14.0", "a0.0.0"),
            ("两小时", "H"),
            ("HighCPU", "AaA"),
            ("", ""),
        ] {
            assert_eq!(shape(words), expected);
        }
    }

    #[test]
    fn hashed_features_stay_below_their_count() {
        for i in 0..10_000 {
            assert!((hash(&["x", &i.to_string()]) as usize) < HASHED);
        }
    }
}
