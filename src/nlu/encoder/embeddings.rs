//! The embedding tables: what a token is before the transformer has seen its neighbours.

use super::{Config, EncodeError, LoadError, Token, Weights};

const WORDS: &str = "embeddings.word_embeddings.weight";
const POSITIONS: &str = "embeddings.position_embeddings.weight";
const TYPES: &str = "embeddings.token_type_embeddings.weight";

/// Looks up embeddings. The word table stays in the mapped file, in half precision: a message
/// needs a dozen of its tens of thousands of rows.
#[derive(Debug)]
pub struct Embeddings {
    weights: Weights,
    vocabulary: usize,
    hidden: usize,
    /// Position and type embeddings added up, row-major `[positions, hidden]`.
    positions: Vec<f32>,
}

impl Embeddings {
    /// Takes the tables out of an encoder's weights.
    pub fn new(weights: Weights, config: &Config) -> Result<Self, LoadError> {
        let hidden = config.hidden_size;
        weights.matrix(WORDS, config.vocab_size, hidden)?;
        let mut positions =
            weights.matrix(POSITIONS, config.max_position_embeddings, hidden)?.to_vec();
        let mut kind = vec![0.0; hidden];
        // All tokens are of the first type: there is no second sentence.
        weights.matrix(TYPES, config.type_vocab_size, hidden)?.read_row(0, &mut kind);
        for position in positions.chunks_exact_mut(hidden) {
            add(position, &kind);
        }
        Ok(Embeddings { weights, vocabulary: config.vocab_size, hidden, positions })
    }

    /// Writes the tokens' embeddings into the first rows of `into`, `[at least tokens, hidden]`.
    pub fn write(&self, tokens: &[Token], into: &mut [f32]) -> Result<(), EncodeError> {
        let engine = |error: LoadError| EncodeError::Engine { message: error.to_string() };
        let words = self.weights.matrix(WORDS, self.vocabulary, self.hidden).map_err(engine)?;
        let rows = into.chunks_exact_mut(self.hidden);
        let positions = self.positions.chunks_exact(self.hidden);
        for ((token, row), position) in tokens.iter().zip(rows).zip(positions) {
            if token.id as usize >= self.vocabulary {
                let vocabulary = self.vocabulary;
                return Err(EncodeError::UnknownToken { id: token.id, vocabulary });
            }
            words.read_row(token.id as usize, row);
            add(row, position);
        }
        Ok(())
    }
}

fn add(to: &mut [f32], what: &[f32]) {
    for (x, y) in to.iter_mut().zip(what) {
        *x += y;
    }
}
