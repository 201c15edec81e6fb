//! Redaction: what looks like a secret is not written down.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::catalog::Value;
use crate::nlu::values::secret::looks_secret;
use crate::plan::{Given, Source};

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

/// Longer words are cut before they are written down, in characters.
const LONGEST: usize = 4_000;

/// The text with everything that looks like a key or password replaced, and cut to 4,000
/// characters.
pub fn redact(text: &str) -> Cow<'_, str> {
    let (text, cut) = match text.char_indices().nth(LONGEST) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    };
    let mut rest = text;
    let mut clean = String::new();
    while let Some(secret) = looks_secret(rest).filter(|secret| secret.end > 0) {
        clean.push_str(&rest[..secret.start]);
        clean.push_str(REDACTED);
        rest = &rest[secret.end..];
    }
    if clean.is_empty() && !cut {
        return Cow::Borrowed(text);
    }
    clean.push_str(rest);
    if cut {
        clean.push('…');
    }
    Cow::Owned(clean)
}

/// A plan's values and the words they came from, without secrets.
pub(super) fn redact_values(values: &BTreeMap<String, Given>) -> BTreeMap<String, Given> {
    let clean = |given: &Given| Given {
        value: match &given.value {
            Value::Text(text) => Value::Text(redact(text).into_owned()),
            Value::List(items) => {
                Value::List(items.iter().map(|item| redact(item).into_owned()).collect())
            }
            other => other.clone(),
        },
        source: match &given.source {
            Source::Said { words } => Source::Said { words: redact(words).into_owned() },
            other => other.clone(),
        },
    };
    values.iter().map(|(name, given)| (name.clone(), clean(given))).collect()
}

/// The first parameter whose value looks like a secret.
pub(super) fn typed_secret(values: &BTreeMap<String, Given>) -> Option<&str> {
    let is_secret = |value: &Value| match value {
        Value::Text(text) => looks_secret(text).is_some(),
        Value::List(items) => items.iter().any(|item| looks_secret(item).is_some()),
        Value::Boolean(_) | Value::Integer(_) | Value::Number(_) => false,
    };
    values.iter().find(|(_, given)| is_secret(&given.value)).map(|(name, _)| name.as_str())
}
