//! Where in a text a value of a parameter might stand.

use std::collections::{BTreeMap, HashMap};

use super::head::Logits;
use crate::catalog::{Parameter, ParameterType, is_han};
use crate::nlu::encoder::Token;
use crate::nlu::text::Text;
use crate::nlu::values::{self, Reference};

/// A span that may be a parameter's value, and who proposed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Offsets in characters, `start..end`.
    pub start: usize,
    pub end: usize,
    pub sources: Sources,
}

/// Who proposed a span. Several may agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sources {
    /// The recogniser of the parameter's type.
    pub recogniser: bool,
    /// A choice or synonym stands there word for word.
    pub choice: bool,
    /// A word that is nearly a choice or synonym.
    pub near_choice: bool,
    /// A run of characters as names and identifiers have them.
    pub word: bool,
    /// The slot head.
    pub head: bool,
    /// A phrase that an example gave to this parameter.
    pub phrase: bool,
}

impl Sources {
    fn join(&mut self, other: Sources) {
        self.recogniser |= other.recogniser;
        self.choice |= other.choice;
        self.near_choice |= other.near_choice;
        self.word |= other.word;
        self.head |= other.head;
        self.phrase |= other.phrase;
    }
}

/// What the recognisers find in one text, by type: several parameters share a type.
#[derive(Debug, Default)]
pub struct Recognised(HashMap<ParameterType, Vec<(usize, usize)>>);

impl Recognised {
    /// The spans of a type, in characters, in the order of the text.
    pub fn of(
        &mut self,
        text: &Text,
        kind: ParameterType,
        reference: &Reference,
    ) -> &[(usize, usize)] {
        self.0.entry(kind).or_insert_with(|| {
            let mut spans: Vec<_> = values::find(text.raw, kind, reference)
                .into_iter()
                .map(|f| (text.character(f.start), text.character(f.end)))
                .filter(|(start, end)| start < end)
                .collect();
            spans.sort_unstable();
            spans.dedup();
            spans
        })
    }
}

/// Begin logits below this are not followed: a value there has odds of less than one in fifty.
const HEAD_BOUND: f32 = -4.0;
/// How many of the head's spans are looked at for one parameter.
const HEAD_SPANS: usize = 3;
/// Shorter words are never taken for a misspelt choice.
const NEAR_LENGTH: usize = 4;

/// Proposes spans for a parameter. `column` is the parameter's in `logits`; `phrases` are the
/// words, in lower case, that examples gave to it.
pub fn propose(
    text: &Text,
    tokens: &[Token],
    logits: &Logits,
    column: usize,
    parameter: &Parameter,
    phrases: &[String],
    recognised: &[(usize, usize)],
) -> Vec<Candidate> {
    let mut spans = Spans::default();
    for &(start, end) in recognised {
        spans.add(start, end, Sources { recogniser: true, ..Default::default() });
    }
    let lower = Lower::of(text);
    for choice in &parameter.choices {
        for words in std::iter::once(&choice.value).chain(&choice.synonyms) {
            lower.occurrences(&words.to_lowercase(), |start, end| {
                spans.add(start, end, Sources { choice: true, ..Default::default() });
            });
        }
    }
    for phrase in phrases {
        lower.occurrences(phrase, |start, end| {
            spans.add(start, end, Sources { phrase: true, ..Default::default() });
        });
    }
    for (start, end) in words(text) {
        spans.add(start, end, Sources { word: true, ..Default::default() });
        if is_near_choice(parameter, text.slice(start, end)) {
            spans.add(start, end, Sources { near_choice: true, ..Default::default() });
        }
    }
    head_spans(tokens, logits, column, |start, end| {
        spans.add(start, end, Sources { head: true, ..Default::default() });
    });
    spans.0.into_iter().map(|((start, end), sources)| Candidate { start, end, sources }).collect()
}

#[derive(Default)]
struct Spans(BTreeMap<(usize, usize), Sources>);

impl Spans {
    fn add(&mut self, start: usize, end: usize, sources: Sources) {
        if start < end {
            self.0.entry((start, end)).or_default().join(sources);
        }
    }
}

/// Runs of characters as names, numbers, paths and addresses have them, without the sentence's
/// own punctuation around them; and, of a word with an apostrophe, what stands before it.
pub fn words(text: &Text) -> Vec<(usize, usize)> {
    let chars: Vec<char> = text.raw.chars().collect();
    let inside = |c: char| {
        !c.is_whitespace()
            && !is_han(c)
            && !matches!(
                c,
                ',' | ';' | '"' | '\'' | '(' | ')' | '[' | ']' | '<' | '>' | '=' | '?' | '!' | '`'
            )
            && (c.is_ascii() || c.is_alphanumeric())
    };
    let mut words = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !inside(chars[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < chars.len() && inside(chars[at]) {
            at += 1;
        }
        let mut end = at;
        while end > start && matches!(chars[end - 1], '.' | ':' | '-') {
            end -= 1;
        }
        if start < end {
            words.push((start, end));
        }
        // `10.1.2.3:8080` and `5432/tcp` hold two values each.
        for i in start + 1..end.saturating_sub(1) {
            if matches!(chars[i], ':' | '/') && !matches!(chars[i + 1], '/') && chars[start] != '/'
            {
                words.push((start, i));
                words.push((i + 1, end));
            }
        }
    }
    words
}

/// A text in lower case, character by character, so that offsets stay.
struct Lower {
    chars: Vec<char>,
}

impl Lower {
    fn of(text: &Text) -> Self {
        // The first character of a lower-case expansion is enough to compare by.
        let chars = text.raw.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
        Lower { chars }
    }

    /// Every place where words stand that do not begin or end inside a Latin word or number.
    fn occurrences(&self, words: &str, mut found: impl FnMut(usize, usize)) {
        let words: Vec<char> = words.chars().collect();
        if words.is_empty() {
            return;
        }
        for (start, window) in self.chars.windows(words.len()).enumerate() {
            let end = start + words.len();
            if window == words && self.is_edge(start) && self.is_edge(end) {
                found(start, end);
            }
        }
    }

    /// Whether a word may begin or end at this place.
    fn is_edge(&self, place: usize) -> bool {
        let joins = |c: &char| c.is_alphanumeric() && !is_han(*c) || *c == '_';
        match (place.checked_sub(1).and_then(|i| self.chars.get(i)), self.chars.get(place)) {
            (Some(a), Some(b)) => !(joins(a) && joins(b)),
            _ => true,
        }
    }
}

/// Whether a word is a choice or synonym with one slip (two in a long word).
fn is_near_choice(parameter: &Parameter, word: &str) -> bool {
    let word = word.to_lowercase();
    let length = word.chars().count();
    if length < NEAR_LENGTH || parameter.choices.is_empty() {
        return false;
    }
    let slips = if length < 8 { 1 } else { 2 };
    parameter.choices.iter().flat_map(|c| std::iter::once(&c.value).chain(&c.synonyms)).any(|w| {
        w.chars().count().abs_diff(length) <= slips
            && w.is_ascii()
            && strsim::osa_distance(&w.to_lowercase(), &word) <= slips
    })
}

/// The head's own spans: from the likeliest first tokens on, as far as it says "inside", and as
/// far as it nearly does.
fn head_spans(
    tokens: &[Token],
    logits: &Logits,
    column: usize,
    mut found: impl FnMut(usize, usize),
) {
    let mut starts: Vec<(usize, f32)> = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| !token.special && token.start < token.end)
        .map(|(i, _)| (i, logits.begin[[i, column]]))
        .filter(|(_, logit)| *logit > HEAD_BOUND)
        .collect();
    starts.sort_by(|a, b| b.1.total_cmp(&a.1));
    for &(first, _) in starts.iter().take(HEAD_SPANS) {
        for bound in [0.0, -2.0] {
            let mut last = first;
            while let Some(token) = tokens.get(last + 1) {
                if token.special || logits.inside[[last + 1, column]] < bound {
                    break;
                }
                last += 1;
            }
            found(tokens[first].start, tokens[last].end);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_without_the_sentences_punctuation() {
        for (text, expected) in [
            (
                "revoke liwei's access to orders-db.",
                vec!["revoke", "liwei", "s", "access", "to", "orders-db"],
            ),
            ("10.2.8.40:8080 被拒", vec!["10.2.8.40:8080", "10.2.8.40", "8080"]),
            ("清理 /var/log，web-03的", vec!["/var/log", "web-03"]),
            ("--replicas=7", vec!["--replicas", "7"]),
        ] {
            let text = Text::new(text);
            let found: Vec<&str> =
                words(&text).into_iter().map(|(s, e)| text.slice(s, e)).collect();
            assert_eq!(found, expected, "{}", text.raw);
        }
    }

    #[test]
    fn phrases_are_found_as_whole_words_only() {
        let find = |text: &str, words: &str| {
            let text = Text::new(text);
            let mut found = Vec::new();
            Lower::of(&text).occurrences(words, |s, e| found.push(text.slice(s, e).to_owned()));
            found
        };
        assert_eq!(find("Prod or product", "prod"), ["Prod"]);
        assert_eq!(find("发到生产环境", "生产"), ["生产"]);
        assert_eq!(find("dev环境的prod", "dev环境"), ["dev环境"]);
        assert!(find("", "prod").is_empty());
    }
}
