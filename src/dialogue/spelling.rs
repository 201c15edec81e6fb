//! Spelling: misspelt words of a message, put right by the words of the catalogue's examples.

use std::collections::HashMap;

use crate::catalog::{Catalog, Language};

/// Shorter words are left alone: too many others are one letter away.
const SHORTEST: usize = 4;

/// A text with its misspelt words put right, for finding out what is asked (never for values:
/// a name may look misspelt). `None` where nothing is.
pub(super) fn corrected(catalog: &Catalog, text: &str) -> Option<String> {
    let known = vocabulary(catalog);
    let mut changed = false;
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

/// Whether a message is one Latin word that no example knows, nor one like it: the beginning of
/// a name, or nothing at all.
pub(super) fn is_unknown(catalog: &Catalog, text: &str) -> bool {
    let word = text.to_lowercase();
    let is_word = word.len() >= SHORTEST && word.bytes().all(|b| b.is_ascii_alphabetic());
    is_word && !vocabulary(catalog).contains_key(&word)
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

/// The commonest known word that is one slip away from an unknown one.
fn near<'k>(known: &'k HashMap<String, usize>, word: &str) -> Option<&'k str> {
    let word = word.to_lowercase();
    let is_word = word.len() >= SHORTEST && word.bytes().all(|b| b.is_ascii_alphabetic());
    if !is_word || known.contains_key(&word) {
        return None;
    }
    known
        .iter()
        .filter(|(right, _)| strsim::osa_distance(right, &word) == 1)
        .max_by_key(|(right, count)| (**count, std::cmp::Reverse(*right)))
        .map(|(right, _)| right.as_str())
}
