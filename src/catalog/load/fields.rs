//! Reading the fields of a mapping, and the plain kinds of values in them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::report::Report;
use super::yaml::{Content, Key, Node, ScalarKind};
use crate::catalog::Localized;
use crate::catalog::mistake::{Place, Problem};

/// The fields of one mapping. Whoever reads them asks for each known one and calls
/// [`Fields::finish`] at the end, which reports the others.
#[derive(Debug)]
pub struct Fields<'n> {
    /// Where the mapping stands.
    pub place: &'n Place,
    /// The path of keys to it.
    pub path: String,
    entries: Vec<&'n (Key, Node)>,
    asked: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// The fields of a node that should be a mapping.
    pub fn of(node: &'n Node, path: impl Into<String>, report: &mut Report) -> Option<Fields<'n>> {
        let path = path.into();
        let Content::Mapping(entries) = &node.content else {
            wrong_kind(node, &path, "a mapping", report);
            return None;
        };
        let mut kept: Vec<&(Key, Node)> = Vec::new();
        let mut seen: HashMap<&str, &Place> = HashMap::new();
        for entry in entries {
            let (key, _) = entry;
            match seen.entry(&key.name) {
                Entry::Occupied(first) => {
                    let (name, first) = (key.name.clone(), (*first.get()).clone());
                    report.add(&key.place, path.clone(), Problem::DuplicateField { name, first });
                }
                Entry::Vacant(new) => {
                    new.insert(&key.place);
                    kept.push(entry);
                }
            }
        }
        Some(Fields { place: &node.place, path, entries: kept, asked: Vec::new() })
    }

    /// These fields, and those of `other` that are not among them.
    pub fn or(mut self, other: Fields<'n>) -> Fields<'n> {
        for entry in other.entries {
            if !self.entries.iter().any(|(key, _)| key.name == entry.0.name) {
                self.entries.push(entry);
            }
        }
        self
    }

    /// The path of keys to a field.
    pub fn path_of(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// An optional field.
    pub fn get(&mut self, name: &'static str) -> Option<&'n Node> {
        self.asked.push(name);
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// Whether a field is given, without reading it.
    pub fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|(key, _)| key.name == name)
    }

    /// A field that must be there.
    pub fn require(&mut self, name: &'static str, report: &mut Report) -> Option<&'n Node> {
        let found = self.get(name);
        if found.is_none() {
            report.add(self.place, self.path.clone(), Problem::MissingField { name });
        }
        found
    }

    /// A text that must be there; empty where it is not.
    pub fn required_text(&mut self, name: &'static str, report: &mut Report) -> String {
        let node = self.require(name, report);
        node.and_then(|node| text(node, &self.path_of(name), report)).unwrap_or_default()
    }

    /// A text in both languages that must be there; empty where it is not.
    pub fn required_localized(&mut self, name: &'static str, report: &mut Report) -> Localized {
        let node = self.require(name, report);
        node.and_then(|node| localized(node, &self.path_of(name), report)).unwrap_or_default()
    }

    /// A text in both languages, where it is given.
    pub fn localized(&mut self, name: &'static str, report: &mut Report) -> Option<Localized> {
        let path = self.path_of(name);
        self.get(name).and_then(|node| localized(node, &path, report))
    }

    /// A list of texts; empty where it is not given.
    pub fn texts(&mut self, name: &'static str, report: &mut Report) -> Vec<(String, &'n Node)> {
        let path = self.path_of(name);
        let Some(node) = self.get(name) else { return Vec::new() };
        let items = sequence(node, &path, report).iter();
        items.filter_map(|item| Some((text(item, &path, report)?, item))).collect()
    }

    /// A boolean; `false` where it is not given.
    pub fn flag(&mut self, name: &'static str, report: &mut Report) -> bool {
        let path = self.path_of(name);
        self.get(name).and_then(|node| boolean(node, &path, report)).unwrap_or_default()
    }

    /// One word of a fixed set, as serde spells it.
    pub fn word<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
        allowed: &[&str],
        report: &mut Report,
    ) -> Option<T> {
        let path = self.path_of(name);
        let node = self.get(name)?;
        let word = text(node, &path, report)?;
        let value = serde_json::from_value(serde_json::Value::String(word.clone())).ok();
        if value.is_none() {
            let allowed = allowed.iter().map(|&word| word.to_owned()).collect();
            report.add(&node.place, path, Problem::NotOneOf { value: word, allowed });
        }
        value
    }

    /// A duration such as `10m`.
    pub fn duration(&mut self, name: &'static str, report: &mut Report) -> Option<Duration> {
        let path = self.path_of(name);
        let node = self.get(name)?;
        let text = text(node, &path, report)?;
        let parsed = text.parse::<jiff::SignedDuration>().ok();
        let duration = parsed.and_then(|d| Duration::try_from(d).ok()).filter(|d| !d.is_zero());
        if duration.is_none() {
            report.add(&node.place, path, Problem::BadDuration { text });
        }
        duration
    }

    /// Every field, where the keys are names of their own.
    pub fn all(self) -> Vec<&'n (Key, Node)> {
        self.entries
    }

    /// Reports every field that nobody asked for.
    pub fn finish(self, report: &mut Report) {
        for (key, _) in &self.entries {
            if !self.asked.contains(&key.name.as_str()) {
                let known = self.asked.iter().map(|&name| name.to_owned()).collect();
                let problem = Problem::UnknownField { name: key.name.clone(), known };
                report.add(&key.place, self.path.clone(), problem);
            }
        }
    }
}

/// A path one key longer.
pub fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The written form of a scalar: `1.10` stays `1.10`. Trimmed; an empty one is reported.
pub fn text(node: &Node, path: &str, report: &mut Report) -> Option<String> {
    let Content::Scalar(scalar) = &node.content else {
        wrong_kind(node, path, "a text", report);
        return None;
    };
    let text = scalar.text.trim();
    if text.is_empty() {
        report.add(&node.place, path, Problem::EmptyText);
        return None;
    }
    Some(text.to_owned())
}

/// A text in both languages.
pub fn localized(node: &Node, path: &str, report: &mut Report) -> Option<Localized> {
    if !matches!(node.content, Content::Mapping(_)) {
        wrong_kind(node, path, "{en: ..., zh: ...}", report);
        return None;
    }
    let mut fields = Fields::of(node, path, report)?;
    let en = fields.required_text("en", report);
    let zh = fields.required_text("zh", report);
    fields.finish(report);
    Some(Localized { en, zh })
}

/// `true` or `false`.
pub fn boolean(node: &Node, path: &str, report: &mut Report) -> Option<bool> {
    match &node.content {
        Content::Scalar(scalar) => match scalar.kind {
            ScalarKind::Boolean(value) => return Some(value),
            _ => {
                wrong_kind(node, path, "true or false", report);
            }
        },
        _ => wrong_kind(node, path, "true or false", report),
    }
    None
}

/// A finite number.
pub fn number(node: &Node, path: &str, report: &mut Report) -> Option<f64> {
    let found = match &node.content {
        Content::Scalar(scalar) => match scalar.kind {
            ScalarKind::Integer(value) => Some(value as f64),
            ScalarKind::Number(value) => Some(value).filter(|value| value.is_finite()),
            ScalarKind::Boolean(_) | ScalarKind::Text => None,
        },
        _ => None,
    };
    if found.is_none() {
        wrong_kind(node, path, "a number", report);
    }
    found
}

/// The items of a list; none where it is no list.
pub fn sequence<'n>(node: &'n Node, path: &str, report: &mut Report) -> &'n [Node] {
    match &node.content {
        Content::Sequence(items) => items,
        _ => {
            wrong_kind(node, path, "a list", report);
            &[]
        }
    }
}

/// Whether a name may be an identifier: `[a-z][a-z0-9_]*`, at most 64 characters.
pub fn is_identifier(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn wrong_kind(node: &Node, path: &str, expected: &'static str, report: &mut Report) {
    report.add(&node.place, path, Problem::WrongKind { expected, found: node.kind() });
}
