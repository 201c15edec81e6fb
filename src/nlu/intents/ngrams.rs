//! The n-gram view of a text: words and Chinese characters in runs of one to three, and the
//! letters of words in runs of three to five, weighed by TF-IDF.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::logistic::Sparse;
use crate::nlu::text::Text;

/// The n-grams that occurred in training, each with its column and inverse document frequency.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Vocabulary {
    columns: HashMap<String, u32>,
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
fn counts(text: &str) -> HashMap<String, u32> {
    let text = Text::new(text);
    let units: Vec<&str> = text.units.iter().map(|u| u.norm.as_str()).collect();
    let mut counts = HashMap::new();
    for n in 1..=3 {
        for run in units.windows(n) {
            *counts.entry(run.join(" ")).or_default() += 1;
        }
    }
    for word in units.iter().filter(|u| u.len() > 1 && u.chars().all(char::is_alphabetic)) {
        let letters: Vec<char> = format!("^{word}$").chars().collect();
        for n in 3..=5 {
            for run in letters.windows(n) {
                let mut gram = String::from("~");
                gram.extend(run);
                *counts.entry(gram).or_default() += 1;
            }
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
}
