//! Reading `commands.yaml`: commands, dialogue acts, and the class of everything else.

use std::collections::BTreeMap;

use super::fields::{Fields, is_identifier, sequence, text};
use super::parameter::{Placed, Shared, read_list};
use super::report::Report;
use super::yaml::Node;
use crate::catalog::mistake::{Place, Problem};
use crate::catalog::{Command, CommandKind, TemplateId};

/// A command with the place of its id.
#[derive(Debug)]
pub struct PlacedCommand {
    pub command: Command,
    pub id_place: Place,
}

/// Reads the file; faulty parts are reported and left out.
pub fn read(root: &Node, report: &mut Report) -> Vec<PlacedCommand> {
    let mut reader = Reader { arguments: Vec::new(), slashes: BTreeMap::new(), read: Vec::new() };
    let Some(mut fields) = Fields::of(root, "", report) else { return Vec::new() };
    if let Some(node) = fields.get("arguments") {
        reader.arguments = read_list(node, "arguments", &Shared::new(), report);
    }
    for (name, kind) in [("commands", CommandKind::Command), ("acts", CommandKind::Act)] {
        let Some(node) = fields.get(name) else { continue };
        for item in sequence(node, name, report) {
            reader.command(item, name, kind, report);
        }
    }
    if let Some(node) = fields.require("out_of_scope", report) {
        reader.command(node, "out_of_scope", CommandKind::OutOfScope, report);
    }
    fields.finish(report);
    reader.read
}

struct Reader {
    /// Declared once, named by many commands.
    arguments: Vec<Placed>,
    slashes: BTreeMap<String, Place>,
    read: Vec<PlacedCommand>,
}

impl Reader {
    fn command(&mut self, node: &Node, path: &str, kind: CommandKind, report: &mut Report) {
        let Some(mut fields) = Fields::of(node, path, report) else { return };
        let id_place = fields.get("id").map_or(node.place.clone(), |id| id.place.clone());
        let id = fields.required_text("id", report);
        if id.is_empty() {
            return;
        }
        fields.path = format!("{path}.{id}");
        if !is_identifier(&id) {
            report.add(&id_place, fields.path_of("id"), Problem::BadId { id: id.clone() });
        }
        let name = fields.required_localized("name", report);
        let description = fields.required_localized("description", report);
        let slash = self.slash(&mut fields, report);
        let arguments = self.named_arguments(&mut fields, report);
        fields.finish(report);
        let id = TemplateId(id);
        let command = Command { id, kind, name, description, slash, arguments };
        self.read.push(PlacedCommand { command, id_place });
    }

    fn slash(&mut self, fields: &mut Fields, report: &mut Report) -> Vec<String> {
        let mut names = Vec::new();
        for (name, node) in fields.texts("slash", report) {
            match self.slashes.insert(name.clone(), node.place.clone()) {
                Some(first) => {
                    let problem = Problem::DuplicateSlash { name, first };
                    report.add(&node.place, fields.path_of("slash"), problem);
                }
                None => names.push(name),
            }
        }
        names
    }

    fn named_arguments(
        &self,
        fields: &mut Fields,
        report: &mut Report,
    ) -> Vec<crate::catalog::Parameter> {
        let path = fields.path_of("arguments");
        let Some(node) = fields.get("arguments") else { return Vec::new() };
        let mut arguments = Vec::new();
        for item in sequence(node, &path, report) {
            let Some(name) = text(item, &path, report) else { continue };
            match self.arguments.iter().find(|placed| placed.parameter.name == name) {
                Some(placed) => arguments.push(placed.parameter.clone()),
                None => {
                    let known = self.arguments.iter().map(|p| p.parameter.name.clone()).collect();
                    let problem = Problem::UnknownParameter { name, known };
                    report.add(&item.place, path.clone(), problem);
                }
            }
        }
        arguments
    }
}
