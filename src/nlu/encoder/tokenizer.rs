//! `tokenizer.json`: from a text to token ids and the characters that they stand for.

use std::path::Path;

use tokenizers::{TruncationDirection, TruncationParams, TruncationStrategy};

use super::{EncodeError, LoadError, Token};

/// No piece of the vocabulary covers more characters than this; a text is cut at this many
/// characters per position before it is tokenised, so that a huge one costs no more than a long one.
const LONGEST_PIECE: usize = 32;

/// Splits texts into the pieces that the model knows.
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    longest_text: usize,
}

impl Tokenizer {
    /// Reads `tokenizer.json`; a text becomes at most `max_tokens` tokens.
    pub fn read(path: &Path, max_tokens: usize) -> Result<Self, LoadError> {
        let fail = |message: String| LoadError::Tokenizer { path: path.to_owned(), message };
        let bytes = std::fs::read(path)
            .map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        let mut inner =
            tokenizers::Tokenizer::from_bytes(&bytes).map_err(|error| fail(error.to_string()))?;
        let truncation = TruncationParams {
            direction: TruncationDirection::Right,
            max_length: max_tokens,
            strategy: TruncationStrategy::LongestFirst,
            stride: 0,
        };
        inner.with_truncation(Some(truncation)).map_err(|error| fail(error.to_string()))?;
        inner.with_padding(None);
        Ok(Tokenizer { inner, longest_text: max_tokens * LONGEST_PIECE })
    }

    /// The tokens of one text, special ones at both ends. Offsets count characters of `text`.
    pub fn tokenize(&self, text: &str) -> Result<Vec<Token>, EncodeError> {
        let encoding = self
            .inner
            .encode_char_offsets(self.cut(text), true)
            .map_err(|error| EncodeError::Tokenize { message: error.to_string() })?;
        Ok(encoding
            .get_ids()
            .iter()
            .zip(encoding.get_offsets())
            .zip(encoding.get_special_tokens_mask())
            .map(|((&id, &(start, end)), &special)| Token { id, start, end, special: special == 1 })
            .collect())
    }

    /// The part of the text that can matter.
    fn cut<'a>(&self, text: &'a str) -> &'a str {
        match text.char_indices().nth(self.longest_text) {
            Some((end, _)) => &text[..end],
            None => text,
        }
    }
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokenizer")
            .field("longest_text", &self.longest_text)
            .finish_non_exhaustive()
    }
}
