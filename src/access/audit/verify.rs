//! Reading the log back, and finding the first record that is not as it was written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::chain::{GENESIS, open};
use super::record::Record;

/// A log whose chain is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    pub files: usize,
    pub records: u64,
    /// The hash of the last record: write it down elsewhere, and nobody can rewrite the log
    /// unnoticed, not even with the right to write all of its files.
    pub hash: String,
    /// Bytes of a record at the end that is being written, or was when Steward died.
    pub unfinished: usize,
}

/// The first place where the chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: record {seq}: {problem}", file.display())]
pub struct Broken {
    pub file: PathBuf,
    /// From 1.
    pub line: u64,
    /// The number that the record there has to have.
    pub seq: u64,
    pub problem: Problem,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("{0}")]
    Altered(&'static str),
    #[error("its number is {found}: records were removed, added or reordered")]
    OutOfOrder { found: u64 },
    #[error("it does not follow from the record before")]
    DoesNotFollow,
    #[error("it is missing: the log once went on to record {last}")]
    Missing { last: u64 },
    #[error("it is not the record that was written last")]
    NotTheLast,
    #[error("the file can't be read: {0}")]
    Unreadable(String),
}

/// Checks every record of the log in a folder.
///
/// # Errors
///
/// The first record that is not as it was written.
pub fn verify(folder: &Path) -> Result<Verified, Broken> {
    read(folder, |_| {})
}

/// Checks every record, and shows each to somebody who looks for something.
///
/// # Errors
///
/// As [`verify`]; what was shown until then can't be believed.
pub(super) fn read(folder: &Path, mut look: impl FnMut(Record)) -> Result<Verified, Broken> {
    // Read before the files: a record that is appended meanwhile is ahead of it, never behind.
    let head = read_head(folder)?;
    let mut walk = Walk::new(folder)?;
    let mut at_head = None;
    while let Some(record) = walk.next_record()? {
        if head.as_ref().is_some_and(|head| head.seq == record.seq) {
            at_head = Some(record.hash.clone());
        }
        look(record);
    }
    // A crash right after the very first record leaves that one alone without a note.
    if head.is_none() && walk.seq > 2 {
        let problem = Problem::Altered("the note of which record is the last is missing");
        return Err(Broken { file: folder.join(HEAD), line: 1, seq: walk.seq - 1, problem });
    }
    if let Some(head) = head.filter(|head| head.seq > 0) {
        let wrong = match at_head {
            None => Some((walk.seq, Problem::Missing { last: head.seq })),
            Some(hash) if hash != head.hash => Some((head.seq, Problem::NotTheLast)),
            Some(_) => None,
        };
        if let Some((seq, problem)) = wrong {
            return Err(Broken { file: walk.file(), line: walk.line + 1, seq, problem });
        }
    }
    Ok(Verified {
        files: walk.files.len(),
        records: walk.seq - 1,
        hash: walk.prev,
        unfinished: walk.unfinished,
    })
}

/// Which record was written last. Kept next to the log, so that a log that was cut at its end is
/// noticed, and in the store, so that one that is gone is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub seq: u64,
    pub hash: String,
}

/// Whether the log in a folder holds this very record. A log that is not there holds none.
///
/// # Errors
///
/// Where the chain is broken.
pub fn holds(folder: &Path, head: &Head) -> Result<bool, Broken> {
    if !folder.exists() {
        return Ok(false);
    }
    let mut walk = Walk::new(folder)?;
    while let Some(record) = walk.next_record()? {
        if record.seq == head.seq {
            return Ok(record.hash == head.hash);
        }
    }
    Ok(false)
}

pub(super) const HEAD: &str = "head.json";

fn read_head(folder: &Path) -> Result<Option<Head>, Broken> {
    let path = folder.join(HEAD);
    let broken = |problem: Problem| Broken { file: path.clone(), line: 1, seq: 1, problem };
    match fs::read(&path) {
        Ok(content) => match serde_json::from_slice(&content) {
            Ok(head) => Ok(Some(head)),
            Err(_) => Err(broken(Problem::Altered("the note of the last record is unreadable"))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(broken(Problem::Unreadable(error.to_string()))),
    }
}

/// The name of the file whose first record has this number.
pub(super) fn file_name(first: u64) -> String {
    format!("audit-{first:012}.jsonl")
}

/// The files of a log, oldest first.
pub(super) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("audit-") && name.ends_with(".jsonl") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Goes through the records of a log in order, checking the chain on the way.
pub(super) struct Walk {
    pub files: Vec<PathBuf>,
    /// The file that is read next; the one being read is before it.
    next_file: usize,
    content: Vec<u8>,
    position: usize,
    /// Of the record read last, from 1.
    pub line: u64,
    /// The number that the next record has to have.
    pub seq: u64,
    /// The hash of the record read last.
    pub prev: String,
    pub unfinished: usize,
}

impl Walk {
    pub fn new(folder: &Path) -> Result<Walk, Broken> {
        let files = files(folder).map_err(|error| Broken {
            file: folder.to_owned(),
            line: 0,
            seq: 1,
            problem: Problem::Unreadable(error.to_string()),
        })?;
        Ok(Walk {
            files,
            next_file: 0,
            content: Vec::new(),
            position: 0,
            line: 0,
            seq: 1,
            prev: GENESIS.to_owned(),
            unfinished: 0,
        })
    }

    /// The file that is being read.
    pub fn file(&self) -> PathBuf {
        let index = self.next_file.saturating_sub(1);
        self.files.get(index).cloned().unwrap_or_else(|| PathBuf::from(file_name(1)))
    }

    /// Where in its file the next record begins, in bytes.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The next record, or `None` at the end.
    pub fn next_record(&mut self) -> Result<Option<Record>, Broken> {
        while self.position >= self.content.len() {
            if self.next_file == self.files.len() {
                return Ok(None);
            }
            self.next_file += 1;
            self.line = 0;
            self.position = 0;
            self.content = fs::read(self.file())
                .map_err(|error| self.broken(Problem::Unreadable(error.to_string())))?;
        }
        let rest = &self.content[self.position..];
        let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
            if self.next_file < self.files.len() {
                return Err(self.broken(Problem::Altered("the line has no end")));
            }
            self.unfinished = rest.len();
            self.position = self.content.len();
            return Ok(None);
        };
        let record = open(&rest[..length]).map_err(|what| self.broken(Problem::Altered(what)))?;
        if record.seq != self.seq {
            return Err(self.broken(Problem::OutOfOrder { found: record.seq }));
        }
        if record.prev != self.prev {
            return Err(self.broken(Problem::DoesNotFollow));
        }
        self.position += length + 1;
        self.line += 1;
        self.seq += 1;
        self.prev = record.hash.clone();
        Ok(Some(record))
    }

    fn broken(&self, problem: Problem) -> Broken {
        Broken { file: self.file(), line: self.line + 1, seq: self.seq, problem }
    }
}
