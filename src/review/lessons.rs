//! Lessons, and the file that they are noted in.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::catalog::{Language, TemplateId};

/// Words that were not understood at first, and the job that was meant by them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    pub text: String,
    pub language: Language,
    pub job: TemplateId,
    pub kind: LessonKind,
}

/// How it came out what was meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum LessonKind {
    /// The job was picked from a list.
    Picked,
    /// It was said again in other words.
    Rephrased { words: String },
}

impl Lesson {
    /// Six hexadecimal digits, the same for the same words about the same job.
    pub fn id(&self) -> String {
        let digest = Sha256::digest(format!("{}\n{}", self.job, self.text.to_lowercase()));
        hex::encode(&digest[..3])
    }
}

/// A lesson that nobody has decided about, with how often it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub id: String,
    pub lesson: Lesson,
    pub times: usize,
}

/// The lessons of a state directory: a file of JSON lines, so that an operator can read it while
/// Steward runs.
#[derive(Debug, Clone)]
pub struct Lessons {
    file: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Lesson { at: Timestamp, lesson: Lesson },
    Decided { at: Timestamp, id: String, accepted: bool },
}

impl Lessons {
    pub fn in_state(state: &Path) -> Lessons {
        Lessons { file: state.join("review.jsonl") }
    }

    /// Notes a lesson. One that can't be written is not worth failing a conversation for: the log
    /// tells of it.
    pub fn note(&self, lesson: &Lesson, now: Timestamp) {
        let line = Line::Lesson { at: now, lesson: lesson.clone() };
        if let Err(error) = self.append(&line) {
            tracing::warn!(file = %self.file.display(), %error, "a lesson can't be noted");
        }
    }

    /// Lessons that wait for a decision, the most frequent first.
    pub fn open(&self) -> std::io::Result<Vec<Open>> {
        let mut open: BTreeMap<String, Open> = BTreeMap::new();
        let mut decided = Vec::new();
        for line in self.read()? {
            match line {
                Line::Lesson { lesson, .. } => {
                    let id = lesson.id();
                    let known = open.entry(id.clone());
                    known.or_insert(Open { id, lesson, times: 0 }).times += 1;
                }
                Line::Decided { id, .. } => decided.push(id),
            }
        }
        decided.iter().for_each(|id| drop(open.remove(id)));
        let mut open: Vec<Open> = open.into_values().collect();
        open.sort_by(|a, b| b.times.cmp(&a.times).then_with(|| a.lesson.text.cmp(&b.lesson.text)));
        Ok(open)
    }

    /// Writes down that an operator has decided; the lesson is not shown again.
    pub fn decide(&self, id: &str, accepted: bool, now: Timestamp) -> std::io::Result<()> {
        self.append(&Line::Decided { at: now, id: id.to_owned(), accepted })
    }

    fn append(&self, line: &Line) -> std::io::Result<()> {
        let mut file = File::options().create(true).append(true).open(&self.file)?;
        // One call for one line, so that two processes don't mix theirs.
        file.write_all(format!("{}\n", serde_json::to_string(line)?).as_bytes())
    }

    fn read(&self) -> std::io::Result<Vec<Line>> {
        let file = match File::open(&self.file) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut lines = Vec::new();
        for line in BufReader::new(file).lines() {
            // A crash may have cut a line off.
            lines.extend(serde_json::from_str(&line?).ok());
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(text: &str, job: &str) -> Lesson {
        Lesson {
            text: text.to_owned(),
            language: Language::En,
            job: TemplateId::from(job),
            kind: LessonKind::Picked,
        }
    }

    #[test]
    fn lessons_are_counted_until_they_are_decided() {
        let state = tempfile::tempdir().unwrap();
        let lessons = Lessons::in_state(state.path());
        assert_eq!(lessons.open().unwrap(), []);
        for (text, job) in [("free the disk", "a"), ("bounce it", "b"), ("Bounce it", "b")] {
            lessons.note(&lesson(text, job), Timestamp::UNIX_EPOCH);
        }
        let open = lessons.open().unwrap();
        let told: Vec<_> = open.iter().map(|o| (o.lesson.text.as_str(), o.times)).collect();
        assert_eq!(told, [("bounce it", 2), ("free the disk", 1)]);

        lessons.decide(&open[0].id, false, Timestamp::UNIX_EPOCH).unwrap();
        // The same words again are no news.
        lessons.note(&lesson("bounce it", "b"), Timestamp::UNIX_EPOCH);
        let open = Lessons::in_state(state.path()).open().unwrap();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].lesson.text, "free the disk");
    }

    #[test]
    fn a_line_that_was_cut_off_loses_only_itself() {
        let state = tempfile::tempdir().unwrap();
        let lessons = Lessons::in_state(state.path());
        lessons.note(&lesson("one", "a"), Timestamp::UNIX_EPOCH);
        let file = state.path().join("review.jsonl");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}{}\n", &text[..text.len() / 2])).unwrap();
        lessons.note(&lesson("two", "a"), Timestamp::UNIX_EPOCH);
        assert_eq!(lessons.open().unwrap().len(), 2);
    }
}
