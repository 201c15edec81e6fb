//! Folds for cross-validation.

use std::collections::HashMap;

use crate::catalog::{Catalog, Language};
use crate::nlu::reading::Label;

/// The fold of each example: those of one label and language are dealt out in turn, so that
/// every fold has its share of each. Examples are often written in both languages at once; the
/// n-th English and the n-th Chinese one fall into the same fold, so that no fold is tested on
/// what is but a translation of what was learnt.
pub fn folds_of(catalog: &Catalog, folds: usize) -> Vec<usize> {
    let labels = catalog.examples().iter().map(|e| (&e.label, e.language));
    fold_of(labels, folds)
}

/// As [`folds_of`], for labels and languages.
pub fn fold_of<'a>(
    examples: impl IntoIterator<Item = (&'a Label, Language)>,
    folds: usize,
) -> Vec<usize> {
    let mut dealt: HashMap<(&Label, Language), usize> = HashMap::new();
    examples
        .into_iter()
        .map(|of| {
            let next = dealt.entry(of).or_default();
            *next += 1;
            (*next - 1) % folds.max(1)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_label_and_language_is_dealt_out_in_turn() {
        let (a, b) = (Label::Job("a".into()), Label::OutOfScope);
        let examples = [
            (&a, Language::En),
            (&a, Language::Zh),
            (&b, Language::En),
            (&a, Language::En),
            (&a, Language::Zh),
            (&a, Language::En),
        ];
        assert_eq!(fold_of(examples, 2), [0, 0, 0, 1, 1, 0]);
    }
}
