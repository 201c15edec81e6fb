//! The n-gram view of a text: its characters in runs of one to four, across words, weighed by
//! TF-IDF. That takes in words, parts of words and the seams between them, forgives typos, and
//! needs no knowledge of where Chinese words end. A text comes as a skeleton, with one sign in
//! place of each value.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::logistic::Sparse;

/// A run of characters, the rest zero.
type Gram = [char; LONGEST];
const LONGEST: usize = 4;

/// The n-grams that occurred in training, each with its column and inverse document frequency.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Vocabulary {
    columns: HashMap<Gram, u32>,
    idf: Vec<f32>,
}

impl Vocabulary {
    /// Collects the n-grams of texts; those of a single text are kept, since with ten examples
    /// an intent every word counts.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut columns = HashMap::new();
        let mut documents: Vec<u32> = Vec::new();
        let mut count = 0u32;
        for text in texts {
            count += 1;
            for gram in counts(text).into_keys() {
                let next = columns.len() as u32;
                let column = *columns.entry(gram).or_insert(next);
                match documents.get_mut(column as usize) {
                    Some(n) => *n += 1,
                    None => documents.push(1),
                }
            }
        }
        let idf = documents
            .iter()
            .map(|&n| ((1.0 + count as f32) / (1.0 + n as f32)).ln() + 1.0)
            .collect();
        Vocabulary { columns, idf }
    }

    /// How many different n-grams.
    pub fn len(&self) -> usize {
        self.idf.len()
    }

    /// The feature rows of texts, each of length one (or empty, where nothing is known).
    pub fn rows<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Sparse {
        let mut rows = Sparse::new(self.len());
        for text in texts {
            rows.push(self.row(text));
        }
        rows
    }

    fn row(&self, text: &str) -> Vec<(u32, f32)> {
        let mut row: Vec<(u32, f32)> = counts(text)
            .into_iter()
            .filter_map(|(gram, count)| {
                let &column = self.columns.get(&gram)?;
                Some((column, (1.0 + (count as f32).ln()) * self.idf[column as usize]))
            })
            .collect();
        row.sort_unstable_by_key(|(column, _)| *column);
        let length = row.iter().map(|(_, v)| v * v).sum::<f32>().sqrt();
        row.iter_mut().for_each(|(_, v)| *v /= length);
        row
    }
}

/// How often each n-gram occurs in a text.
fn counts(text: &str) -> HashMap<Gram, u32> {
    let characters: Vec<char> = text.chars().collect();
    let mut counts = HashMap::new();
    for n in 1..=LONGEST {
        for run in characters.windows(n) {
            let mut gram = ['\0'; LONGEST];
            gram[..n].copy_from_slice(run);
            *counts.entry(gram).or_default() += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_length_one_and_ignore_the_unknown() {
        let vocabulary = Vocabulary::of(["restart it", "stop it"]);
        let row = vocabulary.row("restart everything");
        assert!((row.iter().map(|(_, v)| v * v).sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(vocabulary.row("全部").is_empty());
    }

    #[test]
    fn a_typo_keeps_most_of_a_word() {
        let vocabulary = Vocabulary::of(["deploy", "restart"]);
        assert!(vocabulary.row("deply").len() > 6);
    }
}
