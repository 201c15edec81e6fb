//! Patterns on whole texts, and texts that only look different.

use regex::{Regex, RegexBuilder};
use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

use super::Reading;
use crate::nlu::values::is_deceptive;

/// Compiling a pattern may take this much memory, in bytes.
const PATTERN_LIMIT: usize = 1 << 20;

/// A pattern on the whole text.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    exact: Regex,
    /// The same, whatever the case.
    any_case: Regex,
}

impl Pattern {
    /// Compiles it; what is wrong with it otherwise.
    pub fn new(pattern: &str) -> Result<Pattern, String> {
        // Compiled alone first, so that `a)|(b` can't break out of the anchors' group.
        compile(pattern, false)?;
        let anchored = format!(r"\A(?:{pattern})\z");
        Ok(Pattern { exact: compile(&anchored, false)?, any_case: compile(&anchored, true)? })
    }

    /// Whether the whole text matches.
    pub fn is_match(&self, text: &str, reading: Reading) -> bool {
        self.exact.is_match(text)
            || (reading == Reading::Wide && self.any_case.is_match(&folded(text)))
    }
}

fn compile(pattern: &str, any_case: bool) -> Result<Regex, String> {
    RegexBuilder::new(pattern)
        .size_limit(PATTERN_LIMIT)
        .case_insensitive(any_case)
        .build()
        .map_err(|error| error.to_string())
}

/// A text with everything folded away that makes it look the same and compare differently:
/// compatibility forms (full-width digits), invisible characters, letters of other alphabets that
/// look like Latin ones, case.
pub(super) fn folded(text: &str) -> String {
    let visible = text.nfkc().filter(|c| !is_deceptive(*c));
    let mut folded = String::with_capacity(text.len());
    for c in visible {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else {
            let mut bytes = [0; 4];
            let alike = skeleton(c.encode_utf8(&mut bytes));
            folded.extend(alike.flat_map(char::to_lowercase));
        }
    }
    folded
}
