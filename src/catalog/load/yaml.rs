//! YAML as a tree whose every node knows its place.
//!
//! A typed reader stops at the first thing it did not expect. The loader wants to report every
//! mistake of a file at once, so it walks a tree, which holds duplicate keys and the written
//! form of every scalar too (`1.10` is a number to YAML, but a version to us).

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};

use super::source::Source;
use crate::catalog::mistake::{Place, Position, SyntaxCause};
use crate::yaml;

/// A piece of YAML.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub place: Place,
    pub content: Content,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Null,
    Scalar(Scalar),
    Sequence(Vec<Node>),
    /// In file order; a key may occur twice.
    Mapping(Vec<(Key, Node)>),
}

/// A scalar as it was written, and as YAML understands it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    pub text: String,
    pub kind: ScalarKind,
}

/// What YAML takes a scalar for. Only `true` and `false` are booleans; `yes` and `on` are texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ScalarKind {
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text,
}

/// The key of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub place: Place,
    pub name: String,
}

impl Node {
    /// What this is, in words for a message.
    pub fn kind(&self) -> &'static str {
        match &self.content {
            Content::Null => "nothing",
            Content::Scalar(scalar) => match scalar.kind {
                ScalarKind::Boolean(_) => "a boolean",
                ScalarKind::Integer(_) | ScalarKind::Number(_) => "a number",
                ScalarKind::Text => "a text",
            },
            Content::Sequence(_) => "a list",
            Content::Mapping(_) => "a mapping",
        }
    }
}

/// Why a file is no YAML that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    pub place: Place,
    pub reason: String,
    pub cause: Option<SyntaxCause>,
}

/// Reads one YAML document within limits that no catalogue comes near: alias bombs and bottomless
/// nesting end in an error, not in memory.
pub fn parse(source: &Source) -> Result<Node, SyntaxError> {
    let mut options = yaml::options();
    // Reported with both places by whoever reads the mapping.
    options.duplicate_keys = DuplicateKeyPolicy::PassThrough;
    options.strict_booleans = true;
    options.null_as_string = true;
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(&source.text, options) {
        Ok(raw) => Ok(node(raw, source)),
        Err(error) => Err(syntax_error(&error, source)),
    }
}

fn syntax_error(error: &serde_saphyr::Error, source: &Source) -> SyntaxError {
    let place = error.location().map_or(source.start(), |at| place(at, source));
    if let serde_saphyr::Error::Budget { .. } = error {
        return SyntaxError { place, reason: yaml::reason(error), cause: None };
    }
    let line = place.position.map_or(0, |at| at.line.max(1) - 1) as usize;
    let mut near = source.text.lines().skip(line).take(2);
    let cause = if near.clone().any(|line| line.trim_start_matches(' ').starts_with('\t')) {
        Some(SyntaxCause::Tab)
    } else if near.next().is_some_and(has_bare_braces) {
        Some(SyntaxCause::Braces)
    } else {
        None
    };
    SyntaxError { place, reason: yaml::reason(error), cause }
}

/// Whether a line holds a `{` in the middle of a word, as in `[--keep={keep}]`.
fn has_bare_braces(line: &str) -> bool {
    let mut before = ' ';
    line.chars().any(|c| {
        let bare = c == '{' && (before.is_alphanumeric() || "=/._-".contains(before));
        before = c;
        bare
    })
}

fn node(raw: Spanned<Raw>, source: &Source) -> Node {
    let written = || written(raw.defined, source);
    let scalar = |kind| Content::Scalar(Scalar { text: written(), kind });
    let content = match raw.value {
        Raw::Null => Content::Null,
        Raw::Boolean(value) => scalar(ScalarKind::Boolean(value)),
        Raw::Integer(value) => scalar(ScalarKind::Integer(value)),
        Raw::Number(value) => scalar(ScalarKind::Number(value)),
        Raw::Text(text) => Content::Scalar(Scalar { text, kind: ScalarKind::Text }),
        Raw::Sequence(items) => {
            Content::Sequence(items.into_iter().map(|item| node(item, source)).collect())
        }
        Raw::Mapping(entries) => Content::Mapping(
            entries
                .into_iter()
                .map(|(name, value)| (key(name, source), node(value, source)))
                .collect(),
        ),
    };
    Node { place: place(raw.referenced, source), content }
}

fn key(raw: Spanned<String>, source: &Source) -> Key {
    Key { place: place(raw.referenced, source), name: raw.value }
}

fn place(at: Location, source: &Source) -> Place {
    // Files are far smaller than what a u32 counts; a larger place is cut off, not wrong.
    let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    let position = Position { line: count(at.line()), column: count(at.column()) };
    Place { file: source.file.clone(), position: Some(position) }
}

/// The characters of a plain scalar in the file.
fn written(at: Location, source: &Source) -> String {
    let span = at.span();
    let range = span.byte_offset().zip(span.byte_len()).and_then(|(start, length)| {
        let start = usize::try_from(start).ok()?;
        source.text.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    });
    range.unwrap_or_default().trim().to_owned()
}

/// What serde hands over, before places are looked up.
enum Raw {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    Sequence(Vec<Spanned<Raw>>),
    Mapping(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(i64::try_from(value).map_or(Raw::Number(value as f64), Raw::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Mapping(entries))
    }
}
