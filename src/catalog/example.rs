//! Example messages: what understanding is learnt from.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::Language;
use crate::nlu::Label;

/// A message with its meaning, as written in `training-data/`.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The message as a person would write it, without any markup.
    pub text: String,
    pub language: Language,
    pub label: Label,
    /// In the order in which they stand in the text; they never overlap.
    pub entities: Vec<Entity>,
    pub origin: Origin,
}

/// The value of a parameter inside an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Where it stands in the text: offsets in characters, not bytes, `start..end`.
    pub start: usize,
    pub end: usize,
    /// The parameter of the job, or the argument of the command, that it belongs to.
    pub name: String,
    /// The canonical value, where the words themselves are not it.
    pub value: Option<String>,
}

/// Where an example stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    pub file: Arc<PathBuf>,
    /// Counted from 1.
    pub line: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}
