//! YAML as every room reads it: within limits that no file of an operator's comes near, and with
//! the line of what is wrong.
//!
//! **Architecture Invariant:** no other reader of YAML has limits of its own. Alias bombs,
//! bottomless nesting and files of gigabytes end in an error, not in memory.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_saphyr::Options;

/// A file larger than this, in bytes, is a mistake and is not read.
pub const LARGEST: u64 = 4 << 20;

/// What a document may hold that is too much for the parser's limits.
pub const TOO_MUCH: &str = "it is larger, deeper or has more aliases than such a file needs";

/// Why a text is not what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// From 1; 0 where the text as a whole is meant.
    pub line: u64,
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.reason),
            line => write!(f, "line {line}: {}", self.reason),
        }
    }
}

/// How every document is parsed; a room may add to it what is no limit.
pub fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 32,
            max_events: 300_000,
            max_nodes: 100_000,
            max_aliases: 1_000,
            max_documents: 1,
            max_total_scalar_bytes: 8 << 20,
        },
        with_snippet: false,
    }
}

/// The text of a file, without the byte order mark that editors on Windows write.
///
/// # Errors
///
/// When it is too large, can't be read, or is no UTF-8.
pub fn read_text(file: &Path) -> Result<String, String> {
    let bytes = read_bytes(file).map_err(|error| match error {
        Unreadable::TooLarge => {
            format!("holds more than {LARGEST} bytes; at most so many are read")
        }
        error => format!("can't be read: {error}"),
    })?;
    let text = String::from_utf8(bytes).map_err(|error| format!("can't be read: {error}"))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("it is no regular file")]
    NoFile,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What a file holds: never more than [`LARGEST`], whatever it says about its size, and nothing of
/// what is no file: a pipe never ends.
///
/// # Errors
///
/// [`Unreadable`].
pub fn read_bytes(file: &Path) -> Result<Vec<u8>, Unreadable> {
    if !fs::metadata(file)?.is_file() {
        return Err(Unreadable::NoFile);
    }
    let mut bytes = Vec::new();
    File::open(file)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST { Err(Unreadable::TooLarge) } else { Ok(bytes) }
}

/// A document as a `T`.
///
/// # Errors
///
/// The first thing that is wrong, with its line.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| Problem {
        line: error.location().map_or(0, |place| place.line()),
        reason: reason(&error),
    })
}

/// What an error says, without its place, which is told apart.
pub fn reason(error: &serde_saphyr::Error) -> String {
    if let serde_saphyr::Error::Budget { .. } = error {
        return TOO_MUCH.to_owned();
    }
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_is_too_much_ends_at_once() {
        let bombs = [
            format!("a: {}", "[".repeat(100_000)),
            format!("x: &x a\nlist: [{}]", "*x, ".repeat(10_000)),
            "- a\n".repeat(200_000),
            "a: 1\n---\na: 2\n".to_owned(),
        ];
        for bomb in bombs {
            let read = parse::<serde_json::Value>(&bomb);
            assert!(read.is_err(), "{}", &bomb[..20]);
        }
    }

    #[test]
    fn a_problem_has_its_line_once() {
        let problem = parse::<BTreeMap<String, u8>>("a: 1\nb: x\n").expect_err("no number");
        assert_eq!(problem.line, 2);
        assert!(!problem.reason.contains("line"), "{problem}");
        assert!(problem.to_string().starts_with("line 2: "), "{problem}");
    }

    #[test]
    fn a_file_is_read_without_its_mark_and_within_reason() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f.yaml");
        std::fs::write(&file, "\u{feff}a: 1\n").unwrap();
        assert_eq!(read_text(&file).as_deref(), Ok("a: 1\n"));
        std::fs::write(&file, [b'a', 0xff]).unwrap();
        assert!(read_text(&file).is_err());
        let large = std::fs::File::create(&file).unwrap();
        large.set_len(LARGEST + 1).unwrap();
        assert!(read_text(&file).unwrap_err().contains("at most"), "too large");
    }
}
