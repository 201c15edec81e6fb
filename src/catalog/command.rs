//! What Steward itself understands besides jobs: commands and dialogue acts.

use serde::{Deserialize, Serialize};

use super::{Localized, Parameter, TemplateId};
use crate::nlu::Label;

/// A command, a dialogue act, or the class of everything else, as written in
/// `intents/commands.yaml`.
#[derive(Debug, Clone)]
pub struct Command {
    pub id: TemplateId,
    pub kind: CommandKind,
    pub name: Localized,
    pub description: Localized,
    /// The names it has as a `/command`, the main one first; empty where it has none.
    pub slash: Vec<String>,
    /// What may be said with it, under the names that its examples use. None is required.
    pub arguments: Vec<Parameter>,
}

impl Command {
    /// The label that utterances with this meaning carry.
    pub fn label(&self) -> Label {
        match self.kind {
            CommandKind::Command => Label::Command(self.id.clone()),
            CommandKind::Act => Label::Act(self.id.clone()),
            CommandKind::OutOfScope => Label::OutOfScope,
        }
    }

    /// The argument of that name.
    pub fn argument(&self, name: &str) -> Option<&Parameter> {
        self.arguments.iter().find(|argument| argument.name == name)
    }
}

/// What sort of thing a [`Command`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandKind {
    /// Something to do at once: `status`, `list`, `cancel` ...
    Command,
    /// A move in the conversation: `affirm`, `correct`, `choose` ...
    Act,
    /// Nothing that Steward does.
    OutOfScope,
}
