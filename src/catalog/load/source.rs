//! The files of a catalogue, read into memory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::report::Report;
use crate::catalog::mistake::{Place, Position, Problem};
use crate::yaml::{LARGEST, Unreadable, read_bytes};

/// One file.
#[derive(Debug, Clone)]
pub struct Source {
    pub file: Arc<PathBuf>,
    /// Its path below the folder it was found in, with `/` between parts.
    pub name: String,
    pub text: String,
}

impl Source {
    /// The beginning of the file.
    pub fn start(&self) -> Place {
        Place { file: self.file.clone(), position: Some(Position { line: 1, column: 1 }) }
    }

    /// The last part of the name, without `.yaml`.
    pub fn stem(&self) -> &str {
        stem(&self.name)
    }
}

/// The last part of a file's name, without what follows the last dot.
pub fn stem(name: &str) -> &str {
    let base = name.rsplit('/').next().unwrap_or(name);
    base.rsplit_once('.').map_or(base, |(stem, _)| stem)
}

/// What is in a folder.
#[derive(Debug, Default)]
pub struct Folder {
    /// In the order of their names.
    pub sources: Vec<Source>,
    /// The names of the files that are there, but can't be read.
    pub unread: Vec<String>,
}

/// Reads every YAML file of a folder and its subfolders, in the order of their names. Files and
/// folders whose name begins with a dot are left out; so are other kinds of files.
pub fn read_folder(folder: &Path, report: &mut Report) -> Folder {
    let mut found = Folder::default();
    walk(folder, &mut Vec::new(), &mut found, report);
    found
}

fn walk(folder: &Path, parents: &mut Vec<String>, found: &mut Folder, report: &mut Report) {
    let mut entries = match list(folder) {
        Ok(entries) => entries,
        Err(error) => return report.unreadable(folder, &error),
    };
    entries.sort();
    for path in entries {
        let Some(base) = path.file_name().map(|base| base.to_string_lossy().into_owned()) else {
            continue;
        };
        if base.starts_with('.') {
            continue;
        }
        parents.push(base);
        if path.is_dir() {
            // Deeper than any sensible folder: a link that leads back into itself.
            if parents.len() < 16 {
                walk(&path, parents, found, report);
            }
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            let name = parents.join("/");
            match read(&path, name.clone(), report) {
                Some(source) => found.sources.push(source),
                None => found.unread.push(name),
            }
        }
        parents.pop();
    }
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

fn read(path: &Path, name: String, report: &mut Report) -> Option<Source> {
    match read_bytes(path) {
        Ok(bytes) => source(path, name, bytes, report),
        Err(Unreadable::TooLarge) => {
            report.file(path, Problem::FileTooLarge { max: LARGEST });
            None
        }
        Err(Unreadable::NoFile) => {
            report.file(path, Problem::NoFile);
            None
        }
        Err(Unreadable::Io(error)) => {
            report.unreadable(path, &error);
            None
        }
    }
}

/// The file as text. A byte order mark is dropped: editors on Windows write one.
pub fn source(path: &Path, name: String, bytes: Vec<u8>, report: &mut Report) -> Option<Source> {
    match String::from_utf8(bytes) {
        Ok(text) => {
            let text = text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned);
            Some(Source { file: Arc::new(path.to_owned()), name, text })
        }
        Err(error) => {
            let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = 1 + valid.iter().filter(|&&byte| byte == b'\n').count();
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            let file = Arc::new(path.to_owned());
            let position = Some(Position { line, column: 1 });
            report.add(&Place { file, position }, "", Problem::NotUtf8);
            None
        }
    }
}
