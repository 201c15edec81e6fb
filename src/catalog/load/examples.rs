//! Reading `training-data/`: Rasa NLU YAML, one folder for each language.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::fields::{Fields, join, sequence, text};
use super::markup::{self, Marked};
use super::parameter::canonical;
use super::report::Report;
use super::source::Source;
use super::yaml::{Content, Node};
use crate::catalog::mistake::{Place, Position, Problem};
use crate::catalog::{Entity, Example, Language, Origin, Parameter, ParameterType, Value};
use crate::nlu::Label;

/// What an example may stand for.
#[derive(Debug)]
pub struct Intent<'c> {
    pub label: Label,
    pub parameters: &'c [Parameter],
}

/// Every intent by its id.
#[derive(Debug)]
pub struct Intents<'c> {
    pub known: HashMap<&'c str, Intent<'c>>,
    /// What the files that can't be read would have declared: their examples are passed over.
    pub unread: &'c HashSet<String>,
}

/// Reads one file of examples; faulty ones are reported and left out.
pub fn read(source: &Source, root: &Node, intents: &Intents, report: &mut Report) -> Vec<Example> {
    let Some(language) = language(source, report) else { return Vec::new() };
    if root.content == Content::Null {
        report.add(&root.place, "", Problem::EmptyFile);
        return Vec::new();
    }
    let Some(mut fields) = Fields::of(root, "", report) else { return Vec::new() };
    // Which of Rasa's formats this is; all that have `nlu` read alike.
    fields.get("version");
    let reader = Reader { source, language, intents };
    let mut examples = Vec::new();
    if let Some(node) = fields.require("nlu", report) {
        for entry in sequence(node, "nlu", report) {
            reader.entry(entry, &mut examples, report);
        }
    }
    fields.finish(report);
    examples
}

/// The language is that of the folder: `en/...`, `zh/...`.
fn language(source: &Source, report: &mut Report) -> Option<Language> {
    let folder = source.name.split_once('/').map_or("", |(folder, _)| folder);
    let language = Language::ALL.into_iter().find(|language| language.code() == folder);
    if language.is_none() {
        let problem = Problem::UnknownLanguage { folder: folder.to_owned() };
        report.file(&source.file, problem);
    }
    language
}

struct Reader<'r, 'c> {
    source: &'r Source,
    language: Language,
    intents: &'r Intents<'c>,
}

/// The markup of one example, and the place where it begins.
struct Line<'t> {
    text: &'t str,
    place: Place,
}

impl<'r, 'c> Reader<'r, 'c> {
    /// One entry of `nlu`: an intent with its examples.
    fn entry(&self, node: &Node, examples: &mut Vec<Example>, report: &mut Report) {
        let Some(mut fields) = Fields::of(node, "nlu", report) else { return };
        for kind in ["synonym", "regex", "lookup"] {
            if fields.has(kind) {
                let problem = Problem::UnsupportedEntry { kind: kind.to_owned() };
                return report.add(&node.place, "nlu", problem);
            }
        }
        let intent = self.intent(&mut fields, report);
        let block = fields.require("examples", report);
        fields.finish(report);
        let (Some((id, intent)), Some(block)) = (intent, block) else { return };
        let path = join("nlu", id);
        let mut add = |line: Line, report: &mut Report| {
            examples.extend(self.example(line, id, intent, &path, report));
        };
        match &block.content {
            Content::Sequence(items) => {
                for item in items {
                    let Some(text) = item_text(item, &path, report) else { continue };
                    add(Line { text: &text, place: item.place.clone() }, report);
                }
            }
            _ => {
                let Some(text) = text(block, &path, report) else { return };
                for line in self.lines(&text, block, &path, report) {
                    add(line, report);
                }
            }
        }
    }

    fn intent(
        &self,
        fields: &mut Fields,
        report: &mut Report,
    ) -> Option<(&'r str, &'r Intent<'c>)> {
        let node = fields.require("intent", report)?;
        let id = text(node, "nlu.intent", report)?;
        match self.intents.known.get_key_value(id.as_str()) {
            Some((id, intent)) => Some((id, intent)),
            None if self.intents.unread.contains(&id) => None,
            None => {
                let mut known: Vec<_> =
                    self.intents.known.keys().map(|&id| id.to_owned()).collect();
                known.sort();
                let problem = Problem::UnknownIntent { intent: id, known };
                report.add(&node.place, "nlu.intent", problem);
                None
            }
        }
    }

    /// The lines of a block of examples, without their dashes.
    fn lines<'t>(
        &self,
        text: &'t str,
        block: &Node,
        path: &str,
        report: &mut Report,
    ) -> Vec<Line<'t>> {
        let mut lines = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let example = match line.strip_prefix('-') {
                Some(rest) if rest.is_empty() || rest.starts_with(char::is_whitespace) => rest,
                _ => {
                    report.add(&self.place(block, index, line, line), path, Problem::NoDash);
                    continue;
                }
            };
            let example = example.trim();
            let place = self.place(block, index, line, example);
            if example.is_empty() {
                report.add(&place, path, Problem::EmptyExample);
            } else if self.is_folded(block, index, line) {
                report.add(&place, path, Problem::FoldedBlock);
            } else {
                lines.push(Line { text: example, place });
            }
        }
        lines
    }

    /// Where a line of a block stands in the file: a block begins at its first line that is not
    /// blank. A text in quotes has only one place.
    fn place(&self, block: &Node, index: usize, line: &str, example: &str) -> Place {
        let Some(at) = block.place.position.filter(|_| self.stands_at(block, index, line)) else {
            return block.place.clone();
        };
        let number = at.line as usize + index;
        let written = self.source.text.lines().nth(number - 1).unwrap_or_default();
        let before = written.find(example).map_or("", |start| &written[..start]);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let column = count(before.chars().count() + 1);
        let position = Some(Position { line: count(number), column });
        Place { file: block.place.file.clone(), position }
    }

    /// Whether a line of a block is one of the file, as in a block behind `|`.
    fn stands_at(&self, block: &Node, index: usize, line: &str) -> bool {
        self.written_line(block, index) == Some(line)
    }

    /// Whether a line of a block was several ones in the file, as in a block behind `>`.
    fn is_folded(&self, block: &Node, index: usize, line: &str) -> bool {
        let rest = self.written_line(block, index).and_then(|first| line.strip_prefix(first));
        rest.is_some_and(|rest| rest.trim_start().starts_with("- "))
    }

    fn written_line(&self, block: &Node, index: usize) -> Option<&str> {
        let number = block.place.position?.line as usize + index;
        self.source.text.lines().nth(number.checked_sub(1)?).map(str::trim)
    }

    fn example(
        &self,
        line: Line,
        id: &str,
        intent: &Intent,
        path: &str,
        report: &mut Report,
    ) -> Option<Example> {
        let Marked { text, entities, literal } = match markup::read(line.text) {
            Ok(marked) => marked,
            Err((at, problem)) => {
                report.add(&right_of(&line.place, at), path, problem);
                return None;
            }
        };
        for (at, surface) in literal {
            report.add(&right_of(&line.place, at), path, Problem::LiteralBrackets { surface });
        }
        for (at, entity) in &entities {
            if let Err(problem) = check_entity(entity, &text, id, intent.parameters) {
                report.add(&right_of(&line.place, *at), path, problem);
            }
        }
        let line_number = line.place.position.map_or(1, |at| at.line);
        Some(Example {
            text,
            language: self.language,
            label: intent.label.clone(),
            entities: entities.into_iter().map(|(_, entity)| entity).collect(),
            origin: Origin { file: Arc::clone(&self.source.file), line: line_number },
        })
    }
}

/// An entity names a parameter and has a value that it accepts. Words without a value are taken as
/// they are, unless they must be one of the choices: nothing could be learnt from them.
fn check_entity(
    entity: &Entity,
    text: &str,
    id: &str,
    parameters: &[Parameter],
) -> Result<(), Problem> {
    let name = entity.name.clone();
    let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name) else {
        let known = parameters.iter().map(|p| p.name.clone()).collect();
        return Err(Problem::UnknownEntity { name, of: id.to_owned(), known });
    };
    let words: String = text.chars().skip(entity.start).take(entity.end - entity.start).collect();
    let value = match &entity.value {
        Some(value) => value.clone(),
        None if parameter.kind == ParameterType::Choice => words,
        None => return Ok(()),
    };
    match canonical(Value::Text(value), parameter) {
        Ok(_) => Ok(()),
        Err(error) => Err(Problem::BadEntityValue { name, error }),
    }
}

/// An example in a list of its own: a text, or Rasa's `text: ...` with metadata.
fn item_text(item: &Node, path: &str, report: &mut Report) -> Option<String> {
    let Content::Mapping(_) = item.content else { return text(item, path, report) };
    let mut fields = Fields::of(item, path, report)?;
    fields.get("metadata");
    let text = fields.required_text("text", report);
    fields.finish(report);
    let text = text.strip_prefix("- ").unwrap_or(&text).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// A place some characters further right.
fn right_of(place: &Place, characters: usize) -> Place {
    let further = u32::try_from(characters).unwrap_or(u32::MAX);
    let position =
        place.position.map(|at| Position { column: at.column.saturating_add(further), ..at });
    Place { file: place.file.clone(), position }
}
