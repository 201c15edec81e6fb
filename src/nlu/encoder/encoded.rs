//! An encoded text: its tokens and their states.

use serde::{Deserialize, Serialize};

/// A token, and where it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub id: u32,
    /// Offsets in characters, not bytes, `start..end`. Both are 0 for a special token.
    pub start: usize,
    pub end: usize,
    /// Marks the text's beginning or end and stands for none of its characters.
    pub special: bool,
}

/// A text's tokens and their states.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoded {
    tokens: Vec<Token>,
    states: Vec<f32>,
    middle: Middle,
    hidden: usize,
}

/// What a text is about, as intents are told by: two vectors of length 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gist {
    /// The sentence vector, `[hidden]`.
    pub sentence: Vec<f32>,
    /// The same of the middle layer. The last layers were trained to bring alike sentences
    /// together; half-way up, the single words are still told apart (Jawahar et al. 2019, "What
    /// does BERT learn about the structure of language?").
    pub middle: Vec<f32>,
}

/// What is kept of the middle layer's states.
#[derive(Debug, Clone, PartialEq)]
enum Middle {
    /// Row-major `[tokens, hidden]`.
    States(Vec<f32>),
    /// `[hidden]`.
    Mean(Vec<f32>),
}

impl Encoded {
    /// Puts tokens and their states in the last and in the middle layer together; both hold one
    /// row of `hidden` numbers per token.
    pub(super) fn new(
        tokens: Vec<Token>,
        states: Vec<f32>,
        middle: Vec<f32>,
        hidden: usize,
    ) -> Self {
        debug_assert_eq!(states.len(), tokens.len() * hidden);
        debug_assert_eq!(middle.len(), states.len());
        Encoded { tokens, states, middle: Middle::States(middle), hidden }
    }

    /// A text of which nothing is known: no tokens, no states.
    pub fn nothing(hidden: usize) -> Self {
        Encoded::new(Vec::new(), Vec::new(), Vec::new(), hidden)
    }

    /// The tokens in their order, the special ones at both ends included.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// The token states, row-major `[tokens, hidden]`.
    pub fn states(&self) -> &[f32] {
        &self.states
    }

    /// The length of a state.
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// One token's state, `[hidden]`. Panics where there is no such token, as indexing does.
    pub fn state(&self, token: usize) -> &[f32] {
        &self.states[token * self.hidden..(token + 1) * self.hidden]
    }

    /// The mean of all token states, special tokens too, `[hidden]`: what the slot head takes
    /// for a label.
    pub fn mean(&self) -> Vec<f32> {
        mean(self.states.chunks_exact(self.hidden), self.hidden)
    }

    /// The sentence vector: [`mean`](Self::mean), scaled to length 1.
    pub fn sentence(&self) -> Vec<f32> {
        unit(self.mean())
    }

    /// What the text is about.
    pub fn gist(&self) -> Gist {
        let middle = match &self.middle {
            Middle::States(rows) => mean(rows.chunks_exact(self.hidden), self.hidden),
            Middle::Mean(mean) => mean.clone(),
        };
        Gist { sentence: self.sentence(), middle: unit(middle) }
    }

    /// What the tokens within `start..end` in characters are about; none where there are no
    /// tokens, or only the whole's gist was kept.
    pub fn gist_of(&self, start: usize, end: usize) -> Option<Gist> {
        let Middle::States(middle) = &self.middle else { return None };
        let within = |token: &Token| !token.special && token.start >= start && token.end <= end;
        let of = |states: &[f32]| {
            let rows = self.tokens.iter().zip(states.chunks_exact(self.hidden));
            unit(mean(rows.filter(|(t, _)| within(t)).map(|(_, row)| row), self.hidden))
        };
        let any = self.tokens.iter().any(within);
        any.then(|| Gist { sentence: of(&self.states), middle: of(middle) })
    }

    /// Lets go of what only [`gist_of`](Self::gist_of) needs: half of the memory.
    pub fn keep_gist(&mut self) {
        if let Middle::States(rows) = &self.middle {
            self.middle = Middle::Mean(mean(rows.chunks_exact(self.hidden), self.hidden));
        }
    }
}

/// The mean of rows of `width` numbers; zeros where there is no row.
fn mean<'a>(rows: impl Iterator<Item = &'a [f32]>, width: usize) -> Vec<f32> {
    let mut mean = vec![0.0; width];
    let mut count = 0;
    for row in rows {
        mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        count += 1;
    }
    mean.iter_mut().for_each(|x| *x /= count.max(1) as f32);
    mean
}

/// A vector scaled to length 1, unless it is zero.
fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if norm > 0.0 {
        vector.iter_mut().for_each(|x| *x /= norm);
    }
    vector
}
