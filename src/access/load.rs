//! Reading this room's files: every mistake is noted with its place, and none is forgiven.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_saphyr::Spanned;

use crate::yaml;

/// Everything that is wrong with the access files, in the order in which it was found. Never
/// empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mistakes(pub Vec<Mistake>);

/// One mistake: where it is, what is wrong, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub file: PathBuf,
    /// From 1; 0 where the file as a whole is meant.
    pub line: u64,
    /// Empty where no single field is meant.
    pub field: String,
    pub text: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.text)
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mistake in &self.0 {
            writeln!(f, "{mistake}")?;
        }
        match self.0.len() {
            1 => write!(f, "1 mistake in the access files"),
            count => write!(f, "{count} mistakes in the access files"),
        }
    }
}

/// Reads files under one folder, and collects what is wrong with them.
pub(super) struct Loader {
    folder: PathBuf,
    mistakes: Vec<Mistake>,
    warnings: Vec<Mistake>,
}

impl Loader {
    pub fn new(folder: &Path) -> Loader {
        Loader { folder: folder.to_owned(), mistakes: Vec::new(), warnings: Vec::new() }
    }

    /// The file, or `None` when it can't be read as a `T`; then that is noted.
    pub fn read<T: DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        let text = match yaml::read_text(&self.folder.join(file)) {
            Ok(text) => text,
            Err(problem) => {
                self.mistake(file, 0, "", problem);
                return None;
            }
        };
        match yaml::parse(&text) {
            Ok(content) => Some(content),
            Err(problem) => {
                self.mistake(file, problem.line, "", problem.reason);
                None
            }
        }
    }

    /// As [`Loader::read`], for a file that need not be there.
    pub fn read_if_there<T: DeserializeOwned + Default>(&mut self, file: &str) -> T {
        if self.folder.join(file).exists() {
            self.read(file).unwrap_or_default()
        } else {
            T::default()
        }
    }

    /// The YAML files directly in a folder, in the order of their names, as paths relative to
    /// the loader's folder.
    pub fn files_in(&mut self, folder: &str) -> Vec<String> {
        let entries = match std::fs::read_dir(self.folder.join(folder)) {
            Ok(entries) => entries,
            Err(error) => {
                self.mistake(folder, 0, "", format!("can't be read: {error}"));
                return Vec::new();
            }
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok())
            .filter(|entry| entry.path().is_file())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| name.ends_with(".yaml") && !name.starts_with('.'))
            .map(|name| format!("{folder}/{name}"))
            .collect();
        names.sort_unstable();
        names
    }

    /// Notes what is wrong, at which line (0: the file as a whole), in which field, and what
    /// would be right.
    pub fn mistake(&mut self, file: &str, line: u64, field: &str, text: String) {
        let file = self.folder.join(file);
        self.mistakes.push(Mistake { file, line, field: field.to_owned(), text });
    }

    /// As [`Loader::mistake`], for what should be mended and must not keep the files from being
    /// taken: somebody who is disabled has to be disabled, whatever else follows from it.
    pub fn warning(&mut self, file: &str, line: u64, field: &str, text: String) {
        let file = self.folder.join(file);
        self.warnings.push(Mistake { file, line, field: field.to_owned(), text });
    }

    /// The warnings so far.
    pub fn take_warnings(&mut self) -> Vec<Mistake> {
        std::mem::take(&mut self.warnings)
    }

    /// A time zone by its IANA name.
    pub fn zone(&mut self, file: &str, field: &str, name: &Spanned<String>) -> Option<TimeZone> {
        match TimeZone::get(&name.value) {
            Ok(zone) => Some(zone),
            Err(_) => {
                let text = format!(
                    "`{}` is no time zone; use an IANA name such as `Europe/Berlin`",
                    name.value
                );
                self.mistake(file, name.referenced.line(), field, text);
                None
            }
        }
    }

    /// What was read, if nothing was wrong.
    pub fn finish<T>(self, content: T) -> Result<T, Mistakes> {
        if self.mistakes.is_empty() { Ok(content) } else { Err(Mistakes(self.mistakes)) }
    }
}

/// Whether a text can be the id of a user, role or group: `[a-z0-9][a-z0-9._-]*`, at most 64
/// characters.
pub(super) fn is_name(text: &str) -> bool {
    let first = text.bytes().next();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    first.is_some_and(plain)
        && text.len() <= 64
        && text.bytes().all(|b| plain(b) || matches!(b, b'.' | b'_' | b'-'))
}

/// Names that are used more than once, with the later place.
pub(super) fn duplicates<'a>(
    names: impl Iterator<Item = &'a Spanned<String>>,
) -> Vec<&'a Spanned<String>> {
    let mut seen = BTreeSet::new();
    names.filter(|name| !seen.insert(name.value.as_str())).collect()
}
