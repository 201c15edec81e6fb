//! An encoded text: its tokens and their states.

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
    hidden: usize,
}

impl Encoded {
    /// Puts tokens and states together; `states` holds one row of `hidden` numbers per token.
    pub(super) fn new(tokens: Vec<Token>, states: Vec<f32>, hidden: usize) -> Self {
        debug_assert_eq!(states.len(), tokens.len() * hidden);
        Encoded { tokens, states, hidden }
    }

    /// A text of which nothing is known: no tokens, no states.
    pub fn nothing(hidden: usize) -> Self {
        Encoded::new(Vec::new(), Vec::new(), hidden)
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
        let mut mean = vec![0.0; self.hidden];
        for state in self.states.chunks_exact(self.hidden) {
            for (sum, x) in mean.iter_mut().zip(state) {
                *sum += x;
            }
        }
        let count = self.tokens.len().max(1) as f32;
        mean.iter_mut().for_each(|x| *x /= count);
        mean
    }

    /// The sentence vector: [`mean`](Self::mean), scaled to length 1.
    pub fn sentence(&self) -> Vec<f32> {
        let mut sentence = self.mean();
        let norm = sentence.iter().map(|x| x * x).sum::<f32>().sqrt();
        if norm > 0.0 {
            sentence.iter_mut().for_each(|x| *x /= norm);
        }
        sentence
    }
}
