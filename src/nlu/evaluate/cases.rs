//! What understanding is measured on: messages whose meaning is known.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, Entity, Example, Language};
use crate::nlu::reading::Label;

/// A message and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub text: String,
    pub language: Language,
    pub kind: Kind,
    /// What it means; of an ambiguous message, one of the things it may mean.
    pub label: Label,
    /// The labels that an ambiguous message lies between.
    pub between: Vec<Label>,
    pub entities: Vec<Entity>,
}

/// What sort of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A request for one job.
    Request,
    /// A command or dialogue act.
    Talk,
    /// A request that may mean several jobs.
    Ambiguous,
    OutOfScope,
}

/// Why a file of cases can't be read.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    #[error("{file}: {reason}")]
    Unreadable { file: String, reason: String },
    #[error("{file}:{line}: {reason}")]
    Line { file: String, line: usize, reason: String },
}

#[derive(Deserialize)]
struct Row {
    text: String,
    #[serde(default)]
    lang: Option<Language>,
    template: Option<String>,
    #[serde(default)]
    kind: Option<Kind>,
    #[serde(default)]
    also: Vec<String>,
}

impl Case {
    /// The case that an example makes.
    pub fn of(example: &Example) -> Case {
        let kind = match example.label {
            Label::Job(_) => Kind::Request,
            Label::Command(_) | Label::Act(_) => Kind::Talk,
            Label::OutOfScope => Kind::OutOfScope,
        };
        Case {
            text: example.text.clone(),
            language: example.language,
            kind,
            label: example.label.clone(),
            between: Vec::new(),
            entities: example.entities.clone(),
        }
    }

    /// Reads a file with one JSON object a line: `text` (values marked `[words](parameter)` or
    /// `[words](parameter=canonical)`), `template`, and where it is not a plain request `kind`
    /// (`request`, `out_of_scope`, `ambiguous`) and `also`, the other templates that it may mean.
    ///
    /// # Errors
    ///
    /// Names the first line that can't be understood, or whose template is not in the
    /// catalogue.
    pub fn read(file: &Path, catalog: &Catalog) -> Result<Vec<Case>, CaseError> {
        let name = file.display().to_string();
        let content = std::fs::read_to_string(file)
            .map_err(|e| CaseError::Unreadable { file: name.clone(), reason: e.to_string() })?;
        let labels: Vec<Label> = catalog.labels().collect();
        content
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(i, line)| {
                Case::parse(line, &labels).map_err(|reason| CaseError::Line {
                    file: name.clone(),
                    line: i + 1,
                    reason,
                })
            })
            .collect()
    }

    fn parse(line: &str, labels: &[Label]) -> Result<Case, String> {
        let row: Row = serde_json::from_str(line).map_err(|e| e.to_string())?;
        let find = |id: &str| {
            let found = labels.iter().find(|l| l.id() == id);
            found.cloned().ok_or_else(|| format!("`{id}` is not in the catalogue"))
        };
        let (text, entities) = unmark(&row.text);
        let kind = row.kind.unwrap_or(Kind::Request);
        let also: Vec<Label> = row.also.iter().map(|id| find(id)).collect::<Result<_, _>>()?;
        let label = match (kind, &row.template) {
            (Kind::OutOfScope, _) => Label::OutOfScope,
            (_, Some(id)) => find(id)?,
            (_, None) => also.first().cloned().ok_or("`template` is missing")?,
        };
        let between = match kind {
            Kind::Ambiguous => std::iter::once(label.clone()).chain(also).collect(),
            _ => Vec::new(),
        };
        let language = row.lang.or_else(|| Language::of(&text)).unwrap_or_default();
        Ok(Case { text, language, kind, label, between, entities })
    }
}

/// Takes the marks off a text: `[words](parameter)` or `[words](parameter=canonical)`.
pub fn unmark(marked: &str) -> (String, Vec<Entity>) {
    static MARK: LazyLock<Regex> = LazyLock::new(|| {
        // A constant that is known to compile.
        Regex::new(r"\[([^\]]+)\]\(([a-z][a-z0-9_]*)(?:=([^)]*))?\)").expect("a valid pattern")
    });
    let mut text = String::new();
    let mut length = 0;
    let mut entities = Vec::new();
    let mut at = 0;
    for mark in MARK.captures_iter(marked) {
        // Groups 0, 1 and 2 take part in every match.
        let (whole, words) = (mark.get(0).expect("group 0"), &mark[1]);
        let between = &marked[at..whole.start()];
        text.push_str(between);
        length += between.chars().count();
        let end = length + words.chars().count();
        text.push_str(words);
        entities.push(Entity {
            start: length,
            end,
            name: mark[2].to_owned(),
            value: mark.get(3).map(|v| v.as_str().to_owned()),
        });
        length = end;
        at = whole.end();
    }
    text.push_str(&marked[at..]);
    (text, entities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_entities_at_character_offsets() {
        let (text, entities) = unmark("把[线上](environment=production)的 [web-1](host) 重启");
        assert_eq!(text, "把线上的 web-1 重启");
        let of = |start, end, name: &str, value: Option<&str>| Entity {
            start,
            end,
            name: name.to_owned(),
            value: value.map(str::to_owned),
        };
        assert_eq!(
            entities,
            [of(1, 3, "environment", Some("production")), of(5, 10, "host", None)]
        );
        assert_eq!(
            unmark("a [plain] text (really)"),
            ("a [plain] text (really)".to_owned(), vec![])
        );
    }
}
