//! Whether words mean yes or no to a parameter: "hard" is no to `graceful` and yes to `force`.
//!
//! Learnt from the words that examples gave to boolean parameters, since no recogniser can know
//! them all; what the recogniser says of the words is one of the features.

use serde::{Deserialize, Serialize};

use super::chooser::{Choice, Chooser, Row};
use crate::nlu::text::Text;

const HASHED: u64 = 1 << 13;

/// One example: the parameter's key, the words, what a recogniser makes of them, the truth.
#[derive(Debug, Clone)]
pub struct Said {
    pub key: String,
    pub words: String,
    pub recognised: Option<bool>,
    pub truth: bool,
}

/// The fitted model.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Polarity(Chooser);

impl Polarity {
    pub fn fit<'a>(examples: impl Iterator<Item = &'a Said>) -> Self {
        let choices: Vec<Choice> = examples
            .map(|said| Choice {
                alternatives: vec![vec![], features(&said.key, &said.words, said.recognised)],
                right: usize::from(said.truth),
            })
            .collect();
        Polarity(Chooser::fit(choices.iter(), HASHED as usize, 10.0))
    }

    /// What the words mean to the parameter of that key, and the log-odds of it being yes.
    pub fn of(&self, key: &str, words: &str, recognised: Option<bool>) -> (bool, f32) {
        let score = self.0.score(&features(key, words, recognised));
        (score > 0.0, score)
    }
}

fn features(key: &str, words: &str, recognised: Option<bool>) -> Row {
    let mut row: Row = Vec::new();
    let mut add = |parts: &[&str]| row.push(((super::features::fnv(parts) % HASHED) as u32, 1.0));
    let text = Text::new(words);
    let units: Vec<&str> = text.units.iter().map(|u| u.norm.as_str()).collect();
    add(&["key", key]);
    for n in 1..=2 {
        for run in units.windows(n) {
            let run = run.join(" ");
            add(&["any", &run]);
            add(&["key", key, &run]);
        }
    }
    let recognised = match recognised {
        Some(true) => "yes",
        Some(false) => "no",
        None => return row,
    };
    // Said three times, so that it outweighs the words until examples say otherwise.
    for part in ["a", "b", "c"] {
        add(&["recognised", part, recognised]);
    }
    add(&["recognised", key, recognised]);
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_word_is_yes_to_one_parameter_and_no_to_another() {
        let said = |key: &str, words: &str, truth| Said {
            key: key.to_owned(),
            words: words.to_owned(),
            recognised: None,
            truth,
        };
        let examples = [
            said("graceful", "gracefully", true),
            said("graceful", "hard", false),
            said("graceful", "don't wait", false),
            said("force", "hard", true),
            said("force", "force it", true),
            said("force", "no force", false),
        ];
        let model = Polarity::fit(examples.iter());
        for example in &examples {
            assert_eq!(
                model.of(&example.key, &example.words, None).0,
                example.truth,
                "{example:?}"
            );
        }
    }
}
