//! Failures: what went wrong, under an id that a person can quote to an operator.
//!
//! The person reads a friendly line with the id; the operator reads the whole story with
//! `steward errors show ID`. The journal is a file of JSON lines in the state directory, so that
//! it can be read while Steward runs, and still be written when the store is what failed.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::channels::Address;

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Somebody may not do what they asked for.
    Permission,
    /// There is no such job, or no such execution.
    NotFound,
    /// A value can't be used.
    Parameter,
    /// The platform that runs the job refused, or does not answer.
    Platform,
    /// It took too long.
    Timeout,
    /// Steward itself.
    System,
}

/// A failure with its whole story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// `E-` and eight hexadecimal digits.
    pub id: String,
    pub at: Timestamp,
    pub class: Class,
    /// The Steward user it happened to, where one was known.
    pub user: Option<String>,
    pub place: Option<Address>,
    /// What was being done.
    pub doing: String,
    /// What went wrong, and because of what, in the words of whoever noticed.
    pub story: String,
}

/// Where failures are written down.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<Option<File>>,
    /// What people were refused in the last minutes, the latest last.
    refused: Mutex<Vec<Failure>>,
}

/// Whoever is refused the same again within so long is shown the same id, and nothing more is
/// written: a page that asks once a second would fill the disk.
const SAME: SignedDuration = SignedDuration::from_mins(10);

/// So many refusals are kept in mind.
const KEPT: usize = 200;

impl Journal {
    /// The journal in a state directory.
    pub fn in_state(state: &Path) -> Journal {
        Journal {
            path: state.join("errors.jsonl"),
            file: Mutex::default(),
            refused: Mutex::default(),
        }
    }

    /// Writes a failure down and gives it its id. A journal that can't be written is no reason
    /// to fail once more: then the log has the story.
    pub fn record(
        &self,
        class: Class,
        who: Option<(&str, &Address)>,
        doing: impl Into<String>,
        story: impl Into<String>,
    ) -> Failure {
        let failure = Failure {
            id: format!("E-{:08x}", rand::random::<u32>()),
            at: Timestamp::now(),
            class,
            user: who.map(|(user, _)| user.to_owned()),
            place: who.map(|(_, place)| place.clone()),
            doing: doing.into(),
            story: story.into(),
        };
        if let Some(same) = self.same(&failure) {
            return same;
        }
        match class {
            Class::Platform | Class::Timeout | Class::System => {
                tracing::warn!(id = failure.id, doing = failure.doing, "{}", failure.story);
            }
            // What people may not do, or what is not there, is no trouble of Steward's.
            Class::Permission | Class::NotFound | Class::Parameter => {
                tracing::info!(id = failure.id, doing = failure.doing, "{}", failure.story);
            }
        }
        if let Err(error) = self.append(&failure) {
            tracing::error!(path = %self.path.display(), %error, "the journal can't be written");
        }
        failure
    }

    /// The same refusal, of which a person was told not long ago; otherwise this one is kept in mind.
    fn same(&self, failure: &Failure) -> Option<Failure> {
        if matches!(failure.class, Class::Platform | Class::Timeout | Class::System) {
            return None;
        }
        // Every change leaves a list of failures, so it is consistent whoever panicked.
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.retain(|known| failure.at.duration_since(known.at) < SAME);
        let says = |f: &Failure| {
            (f.class, f.user.clone(), f.place.clone(), f.doing.clone(), f.story.clone())
        };
        let same = refused.iter().find(|known| says(known) == says(failure)).cloned();
        if same.is_none() {
            if refused.len() >= KEPT {
                refused.remove(0);
            }
            refused.push(failure.clone());
        }
        same
    }

    /// The failure of that id; the case of letters does not matter.
    pub fn find(&self, id: &str) -> std::io::Result<Option<Failure>> {
        Ok(self.read()?.into_iter().rev().find(|failure| failure.id.eq_ignore_ascii_case(id)))
    }

    /// The last failures, the latest first.
    pub fn latest(&self, count: usize) -> std::io::Result<Vec<Failure>> {
        Ok(self.read()?.into_iter().rev().take(count).collect())
    }

    fn append(&self, failure: &Failure) -> std::io::Result<()> {
        // A line is written with one call, so a panicking thread leaves no half of one.
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *slot {
            Some(file) => file,
            empty => empty.insert(File::options().create(true).append(true).open(&self.path)?),
        };
        file.write_all(format!("{}\n", serde_json::to_string(failure)?).as_bytes())
    }

    fn read(&self) -> std::io::Result<Vec<Failure>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut failures = Vec::new();
        for line in BufReader::new(file).lines() {
            // A crash may have cut a line off.
            failures.extend(serde_json::from_str(&line?).ok());
        }
        Ok(failures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_found_by_its_id_also_by_another_process() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::in_state(directory.path());
        assert_eq!(journal.latest(9).unwrap(), []);
        let first = journal.record(Class::System, None, "starting", "it did not");
        let second = journal.record(Class::Timeout, None, "waiting", "too\nlong");
        std::fs::write(
            directory.path().join("errors.jsonl"),
            std::fs::read_to_string(directory.path().join("errors.jsonl")).unwrap()
                + "{\"id\": \"E",
        )
        .unwrap();

        let reader = Journal::in_state(directory.path());
        assert_eq!(reader.find(&first.id.to_lowercase()).unwrap(), Some(first.clone()));
        assert_eq!(reader.find("E-nothing").unwrap(), None);
        assert_eq!(reader.latest(1).unwrap(), [second]);
    }
}
