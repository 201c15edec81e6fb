//! The folder of one run: what is to be run, what became of it.
//!
//! | file            | written by | content |
//! |-----------------|------------|---------|
//! | `launch.json`   | platform   | [`Launch`]; the folder appears with it, at once and whole |
//! | `started`       | whoever is first | [`Marker`]: the right to start the command, given once |
//! | `command.json`  | supervisor | [`ProcessId`] of the command |
//! | `output`        | supervisor | what the command said |
//! | `samples.jsonl` | supervisor | [`Sample`]s, one a line |
//! | `control`       | supervisor | a FIFO: any byte wakes the supervisor |
//! | `cancel`        | platform   | empty: the run is to end |
//! | `exit.json`     | supervisor | [`Exit`]; nothing changes after it |

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::process::ProcessId;
use crate::jobs::{Resources, Sample};

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct RunDir {
    path: PathBuf,
}

/// Everything that a supervisor needs to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Launch {
    /// The program and its arguments; never empty.
    pub arguments: Vec<String>,
    pub folder: PathBuf,
    /// The whole environment.
    pub environment: BTreeMap<String, String>,
    /// After so long the run is asked to end.
    pub timeout_ms: u64,
    /// A run that was asked to end has so long until it is killed.
    pub grace_ms: u64,
    /// So many bytes of output are kept from the beginning, and some from the end.
    pub output_cap: u64,
}

/// Who took the right to start the command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marker {
    /// This supervisor did, and starts it.
    Supervisor(ProcessId),
    /// Nobody will start it any more.
    Abandoned,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exit {
    pub by: EndedBy,
    /// The exit status, unless a signal ended the command or it never ran.
    pub code: Option<i32>,
    pub signal: Option<i32>,
    /// Why the command could not be run.
    pub error: Option<String>,
    pub resources: Option<Resources>,
}

/// What made a run end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    Itself,
    TimeLimit,
    Cancel,
    /// The command could not be started.
    NotRun,
}

impl RunDir {
    /// The folder at this path, whether or not it is there.
    pub fn at(path: impl Into<PathBuf>) -> RunDir {
        RunDir { path: path.into() }
    }

    /// Makes the folder with what is to be run; `false` when it was there already.
    pub fn create(&self, launch: &Launch) -> io::Result<bool> {
        let parent = self.path.parent().unwrap_or(Path::new("."));
        let draft = parent.join(format!(".new-{:032x}", rand::random::<u128>()));
        fs::DirBuilder::new().mode(0o700).create(&draft)?;
        write_synced(&draft.join("launch.json"), &serde_json::to_vec(launch)?)?;
        sync_folder(&draft)?;
        // A folder can only be renamed onto an empty one, and no run's folder is empty.
        let made = fs::rename(&draft, &self.path);
        match made {
            Ok(()) => sync_folder(parent).map(|()| true),
            Err(_) if self.exists() => {
                fs::remove_dir_all(&draft)?;
                Ok(false)
            }
            Err(error) => {
                fs::remove_dir_all(&draft)?;
                Err(error)
            }
        }
    }

    pub fn exists(&self) -> bool {
        self.path.join("launch.json").exists()
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn launch(&self) -> io::Result<Launch> {
        self.read("launch.json")?.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Takes the right to start the command, on disk before this returns; `false` when it was
    /// taken before.
    pub fn claim(&self, marker: &Marker) -> io::Result<bool> {
        let draft = self.path.join(format!(".claim-{:032x}", rand::random::<u128>()));
        write_synced(&draft, &serde_json::to_vec(marker)?)?;
        // A hard link appears with its content or not at all, and never replaces another file.
        let linked = fs::hard_link(&draft, self.path.join("started"));
        fs::remove_file(&draft)?;
        match linked {
            Ok(()) => sync_folder(&self.path).map(|()| true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub fn marker(&self) -> io::Result<Option<Marker>> {
        self.read("started")
    }

    pub fn set_command(&self, command: &ProcessId) -> io::Result<()> {
        self.replace("command.json", command)
    }

    pub fn command(&self) -> io::Result<Option<ProcessId>> {
        self.read("command.json")
    }

    pub fn set_exit(&self, exit: &Exit) -> io::Result<()> {
        self.replace("exit.json", exit)
    }

    pub fn exit(&self) -> io::Result<Option<Exit>> {
        self.read("exit.json")
    }

    /// Notes that the run is to end, whoever reads it and when.
    pub fn request_cancel(&self) -> io::Result<()> {
        write_synced(&self.path.join("cancel"), b"")?;
        sync_folder(&self.path)
    }

    pub fn cancel_requested(&self) -> bool {
        self.path.join("cancel").exists()
    }

    pub fn control(&self) -> PathBuf {
        self.path.join("control")
    }

    pub fn output(&self) -> PathBuf {
        self.path.join("output")
    }

    /// A file that only its owner reads, written from the start.
    pub fn create_file(&self, name: &str) -> io::Result<File> {
        fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(self.path.join(name))
    }

    /// The samples, oldest first. A line that was cut off by a crash is left out.
    pub fn samples(&self) -> io::Result<Vec<Sample>> {
        match fs::read_to_string(self.path.join("samples.jsonl")) {
            Ok(text) => {
                Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        match fs::read(self.path.join(name)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
                let path = self.path.join(name);
                io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display()))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn replace<T: Serialize>(&self, name: &str, content: &T) -> io::Result<()> {
        let draft = self.path.join(format!(".{name}.new"));
        write_synced(&draft, &serde_json::to_vec(content)?)?;
        fs::rename(&draft, self.path.join(name))?;
        sync_folder(&self.path)
    }
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch() -> Launch {
        Launch {
            arguments: vec!["true".into()],
            folder: "/".into(),
            environment: BTreeMap::new(),
            timeout_ms: 1000,
            grace_ms: 1000,
            output_cap: 1000,
        }
    }

    #[test]
    fn a_folder_is_made_once_and_claimed_once() {
        let base = tempfile::tempdir().expect("a folder");
        let run = RunDir::at(base.path().join("key"));
        assert!(!run.exists());
        assert!(run.create(&launch()).expect("made"));
        assert!(!run.create(&launch()).expect("was there"));
        assert_eq!(run.launch().expect("read"), launch());
        assert_eq!(run.marker().expect("read"), None);
        assert!(run.claim(&Marker::Abandoned).expect("claimed"));
        let me = ProcessId::of(std::process::id()).expect("this process runs");
        assert!(!run.claim(&Marker::Supervisor(me)).expect("was claimed"));
        assert_eq!(run.marker().expect("read"), Some(Marker::Abandoned));
        assert_eq!(fs::read_dir(base.path()).expect("list").count(), 1, "no drafts stay behind");
    }
}
