//! A map of the configuration file, read field by field; what is wrong is noted with its line,
//! and so is every field that nobody asked for.

use std::cell::RefCell;

use serde_saphyr::Spanned;

use super::node::Node;

/// What is wrong with a file: line, field, and what would be right.
pub(super) type Notes = RefCell<Vec<Note>>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    /// From 1.
    pub line: u64,
    /// `channels.web.listen`; empty for the file as a whole.
    pub field: String,
    pub text: String,
}

/// The fields of one map.
pub(super) struct Section<'a> {
    line: u64,
    path: String,
    notes: &'a Notes,
    fields: Vec<(Spanned<String>, Spanned<Node>)>,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The whole file. One that holds nothing is an empty map.
    pub fn root(node: Spanned<Node>, notes: &'a Notes) -> Section<'a> {
        Section::of(String::new(), node, notes)
    }

    fn of(path: String, node: Spanned<Node>, notes: &'a Notes) -> Section<'a> {
        let line = node.referenced.line();
        let fields = match node.value {
            Node::Map(fields) => fields,
            Node::Null => Vec::new(),
            Node::Scalar(_) | Node::List(_) => {
                let text = "should be a map: `name: value`, one a line".to_owned();
                notes.borrow_mut().push(Note { line, field: path.clone(), text });
                Vec::new()
            }
        };
        Section { line, path, notes, fields, asked: Vec::new() }
    }

    /// The section of that name, if there is one.
    pub fn section(&mut self, name: &'static str) -> Option<Section<'a>> {
        let node = self.take(name)?;
        Some(Section::of(self.field(name), node, self.notes))
    }

    /// The scalar of that name, turned into what it stands for; `parse` says what would be right.
    pub fn scalar<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let node = self.take(name)?;
        let line = node.referenced.line();
        let parsed = match node.value {
            Node::Scalar(text) => parse(&text),
            Node::Null => Err("has no value".to_owned()),
            Node::List(_) | Node::Map(_) => Err("should be a single value".to_owned()),
        };
        parsed.map_err(|text| self.note(line, name, text)).ok()
    }

    /// The text of that name.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.scalar(name, |text| Ok(text.to_owned()))
    }

    /// The list of that name, or the one value, each turned into what it stands for.
    pub fn texts<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let Some(node) = self.take(name) else { return Vec::new() };
        let items = match node.value {
            Node::List(items) => items,
            Node::Null => Vec::new(),
            Node::Scalar(_) | Node::Map(_) => vec![node],
        };
        let read = |item: Spanned<Node>| {
            let parsed = match &item.value {
                Node::Scalar(text) => parse(text),
                _ => Err("should be a single value".to_owned()),
            };
            parsed.map_err(|text| self.note(item.referenced.line(), name, text)).ok()
        };
        items.into_iter().filter_map(read).collect()
    }

    /// Every entry of a map whose names are the operator's own, each a list of maps; a single
    /// map may stand for a list of one.
    pub fn named_lists(&mut self) -> Vec<(String, Vec<Section<'a>>)> {
        let fields = std::mem::take(&mut self.fields);
        fields
            .into_iter()
            .map(|(name, node)| {
                let path = self.field(&name.value);
                let items = match node.value {
                    Node::List(items) => items,
                    _ => vec![node],
                };
                let sections = items
                    .into_iter()
                    .map(|item| Section::of(path.clone(), item, self.notes))
                    .collect();
                (name.value, sections)
            })
            .collect()
    }

    /// Notes the fields that are left: nobody knows them.
    pub fn finish(self) {
        for (name, _) in &self.fields {
            let near = self
                .asked
                .iter()
                .map(|known| (strsim::damerau_levenshtein(known, &name.value), *known))
                .min()
                .filter(|(distance, _)| *distance <= 2);
            let text = match near {
                Some((_, known)) => format!("there is no such field; did you mean `{known}`?"),
                None => format!("there is no such field; there are {}", self.asked.join(", ")),
            };
            self.note(name.referenced.line(), &name.value, text);
        }
    }

    /// Notes that a field is missing.
    pub fn missing(&self, name: &str) {
        self.note(self.line, name, "is missing".to_owned());
    }

    fn take(&mut self, name: &'static str) -> Option<Spanned<Node>> {
        self.asked.push(name);
        let place = self.fields.iter().position(|(field, _)| field.value == name)?;
        Some(self.fields.remove(place).1)
    }

    fn note(&self, line: u64, name: &str, text: String) {
        self.notes.borrow_mut().push(Note { line, field: self.field(name), text });
    }

    fn field(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}
