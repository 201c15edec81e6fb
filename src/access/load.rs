//! Reading this room's files: every mistake is noted with its place, and none is forgiven.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_saphyr::Spanned;

use crate::catalog::nearest;
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
    /// The files that were read, relative to the folder.
    read: BTreeSet<String>,
    mistakes: Vec<Mistake>,
    warnings: Vec<Mistake>,
}

impl Loader {
    pub fn new(folder: &Path) -> Loader {
        Loader {
            folder: folder.to_owned(),
            read: BTreeSet::new(),
            mistakes: Vec::new(),
            warnings: Vec::new(),
        }
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
        self.read.insert(file.to_owned());
        match yaml::parse(&text) {
            Ok(content) => Some(content),
            Err(problem) => {
                self.mistake(file, problem.line, "", problem.reason);
                None
            }
        }
    }

    /// As [`Loader::read`], for a file that need not be there. A link that leads nowhere is there,
    /// and a mistake.
    pub fn read_if_there<T: DeserializeOwned + Default>(&mut self, file: &str) -> T {
        match std::fs::symlink_metadata(self.folder.join(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => T::default(),
            _ => self.read(file).unwrap_or_default(),
        }
    }

    /// Whether there is a file or folder of that name.
    pub fn holds(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    /// The names of the files that were read so far, relative to the loader's folder.
    pub fn files_read(&self) -> &BTreeSet<String> {
        &self.read
    }

    /// Notes everything in the loader's own folder that nothing would read: a rule in a file that
    /// is passed over in silence allows what it was written to forbid.
    pub fn check_names(&mut self, known: &[&str]) {
        // A folder that is not there is told of by the files that are missed in it.
        for (name, _) in self.entries("").unwrap_or_default() {
            if known.contains(&name.as_str()) {
                continue;
            }
            let known: Vec<String> = known.iter().map(|&name| name.to_owned()).collect();
            let meant = nearest(&name, &known).map(|name| format!("; did you mean `{name}`?"));
            let (list, meant) = (known.join(", "), meant.unwrap_or_default());
            let text = format!("nothing reads this; known here are {list}{meant}");
            self.mistake(&name, 0, "", text);
        }
    }

    /// The YAML files directly in a folder, in the order of their names, as paths relative to
    /// the loader's folder. Whatever else is there, except for `folders`, is a mistake.
    pub fn files_in(&mut self, folder: &str, folders: &[&str]) -> Vec<String> {
        let entries = match self.entries(folder) {
            Ok(entries) => entries,
            Err(error) => {
                self.mistake(folder, 0, "", format!("can't be read: {error}"));
                return Vec::new();
            }
        };
        let mut files = Vec::new();
        for (name, is_folder) in entries {
            let path = format!("{folder}/{name}");
            if is_folder && folders.contains(&name.as_str()) {
                continue;
            }
            if is_folder {
                let text = format!("folders are not read; its files belong into {folder}/ itself");
                self.mistake(&path, 0, "", text);
            } else if name.ends_with(".yaml") {
                files.push(path);
            } else {
                let text = "nothing reads this; known here are files whose names end in `.yaml`";
                self.mistake(&path, 0, "", text.to_owned());
            }
        }
        files
    }

    /// What is directly in a folder, by name, and whether it is a folder itself; without what is
    /// hidden, and what editors and people leave beside files.
    fn entries(&self, folder: &str) -> io::Result<Vec<(String, bool)>> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(self.folder.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !is_aside(&name) {
                entries.push((name, entry.path().is_dir()));
            }
        }
        entries.sort_unstable();
        Ok(entries)
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

/// Whether a file is none of Steward's, and meant to be none: hidden, a copy that an editor keeps,
/// or words for people.
fn is_aside(name: &str) -> bool {
    name.starts_with(['.', '#'])
        || ["~", ".swp", ".tmp"].iter().any(|ending| name.ends_with(ending))
        || name == "README.md"
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
