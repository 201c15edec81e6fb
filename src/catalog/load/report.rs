//! Where the loader's parts put what they find.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::source::Source;
use crate::catalog::mistake::{Mistake, Place, Problem, Severity};

/// Mistakes and warnings, by their places.
#[derive(Debug, Default)]
pub struct Report {
    found: BTreeMap<Place, Vec<Mistake>>,
}

impl Report {
    /// Notes a problem. The same one is noted once, however many jobs share the place.
    pub fn add(&mut self, place: &Place, field: impl Into<String>, problem: Problem) {
        let here = self.found.entry(place.clone()).or_default();
        if !here.iter().any(|other| other.problem == problem) {
            let (place, field) = (place.clone(), field.into());
            here.push(Mistake { place, field, problem, excerpt: None });
        }
    }

    /// Notes a problem with a file as a whole.
    pub fn file(&mut self, path: &Path, problem: Problem) {
        let place = Place { file: Arc::new(path.to_owned()), position: None };
        self.add(&place, "", problem);
    }

    /// Notes that the system refuses a file or a folder.
    pub fn unreadable(&mut self, path: &Path, error: &io::Error) {
        self.file(path, Problem::Unreadable { reason: error.to_string() });
    }

    /// Errors and warnings, each by file and line, with the lines they stand in.
    pub fn finish(self, sources: &[&Source]) -> (Vec<Mistake>, Vec<Mistake>) {
        let texts: BTreeMap<&Path, &str> =
            sources.iter().map(|source| (source.file.as_path(), source.text.as_str())).collect();
        let mut all: Vec<Mistake> = self.found.into_values().flatten().collect();
        for mistake in &mut all {
            mistake.excerpt = excerpt(mistake, &texts);
        }
        all.into_iter().partition(|mistake| mistake.problem.severity() == Severity::Error)
    }
}

/// Longer lines would bury the report.
const MAX_EXCERPT: usize = 160;

fn excerpt(mistake: &Mistake, texts: &BTreeMap<&Path, &str>) -> Option<String> {
    let position = mistake.place.position?;
    let text = texts.get(mistake.place.file.as_path())?;
    let line = text.lines().nth(position.line.checked_sub(1)? as usize)?;
    // Control characters of a hostile file stay out of the terminal.
    let shown = line.chars().take(MAX_EXCERPT).map(|c| if c.is_control() { ' ' } else { c });
    let shown: String = shown.collect();
    (!shown.trim().is_empty()).then(|| shown.trim_end().to_owned())
}
