//! Values: from words in two languages to typed, canonical values. One file per type.
//!
//! Two questions are answered here. *Where* in a text may a value of a type stand (`find`),
//! and *what is a text worth* to a parameter (`interpret`), which has the last word: it knows
//! the parameter's choices, pattern and bounds.
//!
//! **Architecture Invariant:** pure functions of text, parameter and reference time.

use crate::catalog::{ParameterType, Value};

/// What a value's meaning depends on besides its words.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Now, in the user's time zone: "tomorrow" counts from here.
    pub now: jiff::ZonedDateTime,
}

/// A place in a text where a value stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Byte offsets into the text.
    pub start: usize,
    pub end: usize,
    /// The readings, the likelier first; more than one only where nobody could tell (03/04, "at 5").
    pub values: Vec<Value>,
}

/// Why words are no value for a parameter. Rendered for people by `locales/*.ftl`, one message
/// per variant.
#[derive(Debug, Clone, PartialEq, thiserror::Error, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "problem")]
pub enum ValueError {
    #[error("`{surface}` is not a {kind:?}")]
    WrongType { surface: String, kind: ParameterType },
    #[error("{surface} is below the smallest allowed value, {min}")]
    TooSmall { surface: String, min: f64 },
    #[error("{surface} is above the largest allowed value, {max}")]
    TooLarge { surface: String, max: f64 },
    #[error("`{surface}` does not match {pattern}")]
    PatternMismatch { surface: String, pattern: String },
    /// Not one of the choices; `near` holds those it may have meant, the nearest first.
    #[error("`{surface}` is not one of the choices")]
    NotAChoice { surface: String, near: Vec<String> },
    #[error("a secret can't be given in a chat")]
    SecretTyped,
    #[error("`{surface}` is too long")]
    TooLong { surface: String, max: usize },
    #[error("`{surface}` holds characters that a value can't have")]
    ForbiddenCharacters { surface: String },
}
