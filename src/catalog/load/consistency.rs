//! Checks across files: ids, inverses, examples.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::commands::PlacedCommand;
use super::report::Report;
use super::template::PlacedJob;
use crate::catalog::mistake::{Place, Position, Problem};
use crate::catalog::{Example, Language};
use crate::nlu::Label;

/// An id means one thing: jobs and commands share their ids, since examples name both.
pub fn check_ids(jobs: &[PlacedJob], commands: &[PlacedCommand], report: &mut Report) {
    let jobs = jobs.iter().map(|placed| (placed.job.id.as_str(), &placed.id_place));
    let commands = commands.iter().map(|placed| (placed.command.id.as_str(), &placed.id_place));
    let mut seen: HashMap<&str, &Place> = HashMap::new();
    for (id, place) in commands.chain(jobs) {
        match seen.get(id) {
            Some(&first) => {
                let problem = Problem::DuplicateId { id: id.to_owned(), first: first.clone() };
                report.add(place, "id", problem);
            }
            None => {
                seen.insert(id, place);
            }
        }
    }
}

/// An inverse is a job, if only one in a file that can't be read.
pub fn check_inverses(jobs: &[PlacedJob], unread: &HashSet<String>, report: &mut Report) {
    let ids: HashSet<&str> = jobs.iter().map(|placed| placed.job.id.as_str()).collect();
    for placed in jobs {
        let (Some(inverse), Some(place)) = (&placed.job.inverse, &placed.inverse_place) else {
            continue;
        };
        if !ids.contains(inverse.as_str()) && !unread.contains(inverse.as_str()) {
            let mut known: Vec<_> = ids.iter().map(|&id| id.to_owned()).collect();
            known.sort();
            let problem = Problem::UnknownJob { id: inverse.to_string(), known };
            report.add(place, "inverse", problem);
        }
    }
}

/// Warns of intents without examples, and of messages that stand twice.
pub fn check_examples(
    jobs: &[PlacedJob],
    commands: &[PlacedCommand],
    examples: &[Example],
    report: &mut Report,
) {
    let given: HashSet<(&Label, Language)> =
        examples.iter().map(|example| (&example.label, example.language)).collect();
    let jobs = jobs.iter().map(|p| (Label::Job(p.job.id.clone()), &p.job.id, &p.id_place));
    let commands = commands.iter().map(|p| (p.command.label(), &p.command.id, &p.id_place));
    for (label, id, place) in jobs.chain(commands) {
        for language in Language::ALL {
            if !given.contains(&(&label, language)) {
                let problem = Problem::NoExamples { id: id.to_string(), language: language.code() };
                report.add(place, "id", problem);
            }
        }
    }
    check_repetitions(examples, report);
}

fn check_repetitions(examples: &[Example], report: &mut Report) {
    let mut seen: BTreeMap<String, &Example> = BTreeMap::new();
    for example in examples {
        let Some(first) = seen.insert(example.text.to_lowercase(), example) else { continue };
        let place = |example: &Example| Place {
            file: example.origin.file.clone(),
            position: Some(Position { line: example.origin.line, column: 1 }),
        };
        let problem = if first.label == example.label {
            Problem::RepeatedExample { first: place(first) }
        } else {
            Problem::ConflictingExample { first: place(first) }
        };
        report.add(&place(example), "", problem);
    }
}
