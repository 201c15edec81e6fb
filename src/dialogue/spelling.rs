//! Spelling: misspelt words of a message, put right by the words of the catalogue's examples.

use std::collections::HashMap;

use pinyin::ToPinyinMulti;

use super::answer::is_open;
use super::cues;
use super::heard::{Expecting, Heard};
use super::labels::*;
use super::session::Open;
use super::turn::Talk;
use crate::catalog::{Catalog, Language, is_han};

/// Shorter words are left alone: too many others are one letter away.
const SHORTEST: usize = 4;

/// From this length on a word may have two slips.
const LONG: usize = 8;

impl Talk<'_> {
    /// A command that is one misspelt word, read as it was meant, where it answers no question:
    /// "hlep". A yes is only a yes as it is written, and a value may well look misspelt.
    pub(super) fn put_right(&self, heard: Heard) -> Heard {
        if cues::is_phrase(&heard.text) || self.session.open.is_none() || self.is_value(&heard) {
            return heard;
        }
        let Some(text) = corrected(self.mind.catalog, &heard.text) else { return heard };
        let right = self.read(&text);
        let meaning = right.meaning(Expecting::Nothing);
        let says_itself = meaning.command().is_some()
            || matches!(meaning.act(), Some(ABORT | DENY | SKIP | PAUSE | START_OVER | SWAP));
        if says_itself && right.accepts(&meaning) { right } else { heard }
    }

    /// Whether a message is one Latin word that no example knows, nor one like it: the beginning of
    /// a name, or nothing at all.
    pub(super) fn is_unknown(&self, heard: &Heard) -> bool {
        let word = heard.text.to_lowercase();
        let is_word = word.len() >= SHORTEST && word.bytes().all(|b| b.is_ascii_alphabetic());
        is_word && !vocabulary(self.mind.catalog).contains_key(&word)
    }

    /// Whether a message may be the value that is asked for.
    fn is_value(&self, heard: &Heard) -> bool {
        let asked = match &self.session.open {
            Some(Open::Parameter { parameter, .. } | Open::Reading { parameter, .. }) => {
                self.drafted().and_then(|(_, template)| template.parameter(parameter))
            }
            _ => None,
        };
        asked.is_some_and(|p| is_open(p.kind) || self.worth(&heard.text, p).is_ok())
    }
}

/// A text with its misspelt words put right, for finding out what is asked (never for values:
/// a name may look misspelt). `None` where nothing is.
pub(super) fn corrected(catalog: &Catalog, text: &str) -> Option<String> {
    let homophones = without_homophones(catalog, text);
    let text = homophones.as_deref().unwrap_or(text);
    let known = vocabulary(catalog);
    let mut changed = homophones.is_some();
    let words: Vec<String> = text
        .split(' ')
        .map(|word| match near(&known, word) {
            Some(right) => {
                changed = true;
                right.to_owned()
            }
            None => word.to_owned(),
        })
        .collect();
    changed.then(|| words.join(" "))
}

/// A Chinese text with characters that sound like the right ones put right: a character that
/// stands beside its neighbours in no example, where one that sounds the same does.
fn without_homophones(catalog: &Catalog, text: &str) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    if !chars.iter().any(|c| is_han(*c)) {
        return None;
    }
    let known = pairs(catalog);
    let count = |a: Option<char>, b: Option<char>| match (a, b) {
        (Some(a), Some(b)) => known.get(&(a, b)).copied().unwrap_or(0),
        _ => 0,
    };
    let mut changed = false;
    for place in 0..chars.len() {
        let han = |place: usize| chars.get(place).copied().filter(|c| is_han(*c));
        let Some(written) = han(place) else { continue };
        let (before, after) = (place.checked_sub(1).and_then(han), han(place + 1));
        let occurs = |c: char| count(before, Some(c)) + count(Some(c), after);
        let alone = before.is_none() && after.is_none();
        if alone || occurs(written) > 0 {
            continue;
        }
        let right = known
            .keys()
            .flat_map(|(a, b)| [*a, *b])
            .filter(|c| occurs(*c) > 0 && sounds_like(*c, written))
            .max_by_key(|c| (occurs(*c), *c));
        if let Some(right) = right {
            chars[place] = right;
            changed = true;
        }
    }
    changed.then(|| chars.into_iter().collect())
}

/// The pairs of Chinese characters of all examples and names, with how often they occur.
fn pairs(catalog: &Catalog) -> HashMap<(char, char), usize> {
    let names = catalog.labels().filter_map(|label| catalog.name_of(&label));
    let names = names.map(|name| name.get(Language::Zh));
    let mut known = HashMap::new();
    for text in catalog.examples().iter().map(|example| example.text.as_str()).chain(names) {
        for (a, b) in text.chars().zip(text.chars().skip(1)) {
            if is_han(a) && is_han(b) {
                *known.entry((a, b)).or_default() += 1;
            }
        }
    }
    known
}

fn sounds_like(a: char, b: char) -> bool {
    let sounds = |c: char| c.to_pinyin_multi().into_iter().flatten().map(|p| p.plain());
    sounds(a).any(|sound| sounds(b).any(|other| other == sound))
}

/// The words of all examples and names, with how often they occur.
fn vocabulary(catalog: &Catalog) -> HashMap<String, usize> {
    let names = catalog.labels().filter_map(|label| catalog.name_of(&label));
    let names = names.map(|name| name.get(Language::En));
    let mut known = HashMap::new();
    for text in catalog.examples().iter().map(|example| example.text.as_str()).chain(names) {
        for word in text.split(|c: char| !c.is_ascii_alphabetic()) {
            if word.len() >= SHORTEST {
                *known.entry(word.to_lowercase()).or_default() += 1;
            }
        }
    }
    known
}

/// The known word that is fewest slips away from an unknown one, the commonest of several.
fn near<'k>(known: &'k HashMap<String, usize>, word: &str) -> Option<&'k str> {
    let word = word.to_lowercase();
    let is_word = word.len() >= SHORTEST && word.bytes().all(|b| b.is_ascii_alphabetic());
    if !is_word || known.contains_key(&word) {
        return None;
    }
    let allowed = if word.len() >= LONG { 2 } else { 1 };
    known
        .iter()
        .map(|(right, count)| (strsim::osa_distance(right, &word), *count, right))
        .filter(|(slips, _, _)| *slips <= allowed)
        .min_by_key(|(slips, count, right)| (*slips, std::cmp::Reverse(*count), *right))
        .map(|(_, _, right)| right.as_str())
}
