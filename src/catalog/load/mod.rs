//! Loading: from files to a catalogue in which everything fits together.
//!
//! Every part reads what it can and goes on; what is wrong is put into one [`Report`]. Only when
//! it stays empty, there is a [`Catalog`].

mod command;
mod commands;
mod consistency;
mod examples;
mod fields;
mod interpreter;
mod markup;
mod parameter;
mod report;
mod source;
mod tags;
mod template;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use sha2::{Digest, Sha256};

use self::command::Described;
use self::commands::PlacedCommand;
use self::examples::{Intent, Intents};
use self::fields::{Fields, sequence};
use self::parameter::Shared;
use self::report::Report;
use self::source::{Folder, Source, read_folder};
use self::template::PlacedJob;
use self::yaml::Node;
use super::mistake::Problem;
use super::{Catalog, Example, Localized, Mistakes};
use crate::nlu::Label;

/// Reads and checks the two folders of a catalogue.
pub fn from_folders(intents: &Path, training_data: &Path) -> Result<Catalog, Mistakes> {
    let mut report = Report::default();
    let declared = read_folder(intents, &mut report);
    let examples = read_folder(training_data, &mut report);
    let mut names = declared.sources.iter().map(|source| &source.name).chain(&declared.unread);
    if !names.any(|name| name.starts_with("jobs/")) {
        report.file(&intents.join("jobs"), Problem::NoJobs);
    }
    from_files(&declared, &examples.sources, report)
}

/// The catalogue that these files declare, if nothing is wrong with them.
fn from_files(
    declared: &Folder,
    training: &[Source],
    mut report: Report,
) -> Result<Catalog, Mistakes> {
    let Declared { jobs, commands, tags, unread } = read_declared(declared, &mut report);
    consistency::check_ids(&jobs, &commands, &mut report);
    consistency::check_inverses(&jobs, &unread, &mut report);
    let examples = read_examples(training, &jobs, &commands, &unread, &mut report);
    consistency::check_examples(&jobs, &commands, &examples, &mut report);

    let sources: Vec<&Source> = declared.sources.iter().chain(training).collect();
    let (errors, warnings) = report.finish(&sources);
    if !errors.is_empty() {
        return Err(Mistakes(errors));
    }
    let places = jobs.iter().map(|p| (p.job.id.clone(), p.id_place.clone())).collect();
    Ok(Catalog {
        places,
        jobs: jobs.into_iter().map(|placed| placed.job).collect(),
        commands: commands.into_iter().map(|placed| placed.command).collect(),
        tags,
        examples,
        warnings,
        fingerprint: fingerprint(&sources),
    })
}

struct Declared {
    jobs: Vec<PlacedJob>,
    commands: Vec<PlacedCommand>,
    /// What people call tags.
    tags: BTreeMap<String, Localized>,
    /// What the unreadable files would have declared: nobody who names it is wrong.
    unread: HashSet<String>,
}

/// Reads the files of `intents/`, each by where it lies.
fn read_declared(folder: &Folder, report: &mut Report) -> Declared {
    let mut parsed: Vec<(&Source, Node)> = Vec::new();
    let mut unread: HashSet<String> =
        folder.unread.iter().map(|name| source::stem(name).to_owned()).collect();
    let mut platforms = Described::new();
    for source in &folder.sources {
        match source.name.as_str() {
            // What is in them is the platforms' own affair; here it only counts whether it changes.
            name if name.starts_with("platforms/") => {
                let digest = hex::encode(Sha256::digest(&source.text));
                platforms.insert(source.stem().to_owned(), digest);
            }
            name if name.starts_with("jobs/") || is_top_level(name) => {
                match parse(source, report) {
                    Some(root) => parsed.push((source, root)),
                    None => {
                        unread.insert(source.stem().to_owned());
                    }
                }
            }
            _ => report.file(&source.file, Problem::UnexpectedFile),
        }
    }
    let top = |name: &str| parsed.iter().find(|(source, _)| source.name == name).map(|(_, n)| n);
    let shared = top("parameters.yaml").map_or_else(Shared::new, |root| shared(root, report));
    let commands = top("commands.yaml").map_or_else(Vec::new, |root| commands::read(root, report));
    let mut jobs = Vec::new();
    for (source, root) in parsed.iter().filter(|(source, _)| source.name.starts_with("jobs/")) {
        match template::read(source, root, &shared, &platforms, report) {
            Some(job) => jobs.push(job),
            None => {
                unread.insert(source.stem().to_owned());
            }
        }
    }
    let tags = top("tags.yaml")
        .map_or_else(BTreeMap::new, |root| tags::read(root, &jobs, &unread, report));
    Declared { jobs, commands, tags, unread }
}

fn is_top_level(name: &str) -> bool {
    matches!(name, "commands.yaml" | "parameters.yaml" | "tags.yaml")
}

/// Checks the shared parameters themselves, and keeps their nodes for the jobs that use them.
fn shared<'n>(root: &'n Node, report: &mut Report) -> Shared<'n> {
    parameter::read_list(root, "parameters", &Shared::new(), report);
    let mut shared = Shared::new();
    for node in sequence(root, "parameters", report) {
        // Mistakes in it were reported by the line above; a report keeps each only once.
        let Some(mut fields) = Fields::of(node, "parameters", report) else { continue };
        let name = fields.required_text("name", report);
        shared.entry(name).or_insert(node);
    }
    shared
}

fn parse(source: &Source, report: &mut Report) -> Option<Node> {
    match yaml::parse(source) {
        Ok(root) => Some(root),
        Err(error) => {
            let problem = Problem::Syntax { reason: error.reason, cause: error.cause };
            report.add(&error.place, "", problem);
            None
        }
    }
}

fn read_examples(
    sources: &[Source],
    jobs: &[PlacedJob],
    commands: &[PlacedCommand],
    unread: &HashSet<String>,
    report: &mut Report,
) -> Vec<Example> {
    let jobs = jobs.iter().map(|PlacedJob { job, .. }| {
        let label = Label::Job(job.id.clone());
        (job.id.as_str(), Intent { label, parameters: &job.parameters })
    });
    let commands = commands.iter().map(|PlacedCommand { command, .. }| {
        let intent = Intent { label: command.label(), parameters: &command.arguments };
        (command.id.as_str(), intent)
    });
    let intents = Intents { known: jobs.chain(commands).collect(), unread };
    let mut read = Vec::new();
    for source in sources {
        if let Some(root) = parse(source, report) {
            read.extend(examples::read(source, &root, &intents, report));
        }
    }
    read
}

/// SHA-256 over the names and contents of all files.
fn fingerprint(sources: &[&Source]) -> String {
    let mut hasher = Sha256::new();
    for source in sources {
        for part in [&source.name, &source.text] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    hex::encode(hasher.finalize())
}
