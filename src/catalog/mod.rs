//! The catalogue: what can be asked. Job templates with their parameters, commands and dialogue
//! acts, and the example requests they are learnt from.
//!
//! **Architecture Invariant:** one catalogue feeds understanding, help, forms, permissions and
//! documentation; nothing about a job is declared anywhere else. A catalogue that loaded is
//! consistent: whoever holds a [`Catalog`] need not check it again.

mod command;
pub mod document;
mod draft;
mod example;
mod language;
mod load;
mod mistake;
mod parameter;
mod shelf;
mod surroundings;
mod template;
mod value;

use std::collections::BTreeMap;
use std::path::Path;

pub use command::{Command, CommandKind};
pub use draft::{JobDraft, ParameterDraft};
pub use example::{Entity, Example, Origin};
pub use language::{Language, Localized, is_han};
pub(crate) use mistake::nearest;
pub use mistake::{Mistake, Mistakes, Place, Position, Problem, Severity, SyntaxCause};
pub use parameter::{Choice, Parameter, ParameterType, Suggest};
pub use shelf::Shelf;
pub use template::{
    Argument, Check, Collect, Definition, Hint, JobTemplate, LockPart, ReplyTemplates, Risk,
    RunSpec, Target, TemplateId,
};
pub use value::{Value, Values};

use crate::nlu::Label;

/// Everything that can be asked, checked.
#[derive(Debug, Clone)]
pub struct Catalog {
    jobs: Vec<JobTemplate>,
    commands: Vec<Command>,
    tags: BTreeMap<String, Localized>,
    examples: Vec<Example>,
    warnings: Vec<Mistake>,
    fingerprint: String,
    places: surroundings::Places,
}

impl Catalog {
    /// Reads `intents/` (job templates, commands) and `training-data/` (examples), and checks
    /// everything against everything.
    ///
    /// # Errors
    ///
    /// All mistakes that were found, not just the first one.
    pub fn load(intents: &Path, training_data: &Path) -> Result<Catalog, Mistakes> {
        load::from_folders(intents, training_data)
    }

    /// The job templates, by id.
    pub fn jobs(&self) -> &[JobTemplate] {
        &self.jobs
    }

    /// The job template with that id.
    pub fn job(&self, id: &TemplateId) -> Option<&JobTemplate> {
        self.jobs.iter().find(|job| job.id == *id)
    }

    /// Commands, dialogue acts and what is out of scope, in the order in which they are declared.
    pub fn commands(&self) -> &[Command] {
        &self.commands
    }

    /// The command or dialogue act with that id.
    pub fn command(&self, id: &TemplateId) -> Option<&Command> {
        self.commands.iter().find(|command| command.id == *id)
    }

    /// The command that is called so behind a slash: `status` in `/status #1042`.
    pub fn slash(&self, name: &str) -> Option<&Command> {
        self.commands.iter().find(|command| command.slash.iter().any(|slash| slash == name))
    }

    /// Every example, file by file.
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }

    /// The examples of one label, in both languages.
    pub fn examples_of<'a>(&'a self, label: &'a Label) -> impl Iterator<Item = &'a Example> {
        self.examples.iter().filter(move |example| example.label == *label)
    }

    /// Everything that can be meant: jobs first, then commands, acts and out of scope.
    pub fn labels(&self) -> impl Iterator<Item = Label> {
        let jobs = self.jobs.iter().map(|job| Label::Job(job.id.clone()));
        jobs.chain(self.commands.iter().map(Command::label))
    }

    /// What may be said with a label: a job's parameters or a command's arguments.
    pub fn parameters_of(&self, label: &Label) -> &[Parameter] {
        match label {
            Label::Job(id) => self.job(id).map_or(&[], |job| &job.parameters),
            Label::Command(id) | Label::Act(id) => {
                self.command(id).map_or(&[], |command| &command.arguments)
            }
            Label::OutOfScope => &[],
        }
    }

    /// The name of a label for people.
    pub fn name_of(&self, label: &Label) -> Option<&Localized> {
        match label {
            Label::Job(id) => self.job(id).map(|job| &job.name),
            Label::Command(id) | Label::Act(id) => self.command(id).map(|command| &command.name),
            Label::OutOfScope => {
                self.commands.iter().find(|c| c.kind == CommandKind::OutOfScope).map(|c| &c.name)
            }
        }
    }

    /// What people call a tag of jobs, where it has a name.
    pub fn tag_name(&self, tag: &str) -> Option<&Localized> {
        self.tags.get(tag)
    }

    /// What is not wrong, but hardly meant: a job without examples, a parameter that its command
    /// never uses.
    pub fn warnings(&self) -> &[Mistake] {
        &self.warnings
    }

    /// SHA-256 over every file it was read from, in hexadecimal: equal fingerprints, equal
    /// catalogue.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }
}
