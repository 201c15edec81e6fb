//! Writing the log.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fs4::FileExt;
use jiff::Timestamp;

use super::chain::seal;
use super::record::{Entry, Event};
use super::verify::{Broken, HEAD, Head, Walk, file_name, holds, verify};
use crate::store::StoreError;

/// The log of one Steward; the only one that writes to its folder.
#[derive(Clone)]
pub struct AuditLog {
    writer: Arc<Mutex<Writer>>,
    folder: PathBuf,
}

/// When a new file is begun. The chain goes on across files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// A file that has this many bytes gets no further record.
    pub max_bytes: u64,
}

impl Default for Rotation {
    fn default() -> Self {
        Rotation { max_bytes: 16 << 20 }
    }
}

/// Why nothing can be written down.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error("the audit log in {} can't be written: {source}", folder.display())]
    Io { folder: PathBuf, source: io::Error },
    #[error("another running steward writes the audit log in {}", .0.display())]
    Held(PathBuf),
    /// Nothing is appended to a broken chain.
    #[error(
        "the audit log is broken: {0}. Find out who changed it; to go on, move the folder away \
         and keep it as evidence"
    )]
    Broken(#[from] Broken),
    /// The store remembers a record that the log does not hold: a log was removed, or another
    /// one stands in its place.
    #[error(
        "the audit log in {} does not hold record {seq}, which was written there: the log was \
         removed or replaced. Put it back from a backup. If it is lost for good, say so with \
         `steward audit acknowledge --reason ...`, which the new log begins with; until then \
         nothing starts", folder.display()
    )]
    Lost { folder: PathBuf, seq: u64 },
    /// Somebody removed, replaced or changed the file that is being written. Nothing runs until it is
    /// as it was.
    #[error(
        "the audit log is not as it was written last: {} was {what}. Nothing is written and nothing \
         runs until it is put back, or Steward is started again, which checks all of it",
        file.display()
    )]
    Touched { file: PathBuf, what: &'static str },
    #[error("the audit log in {} lacks nothing; there is nothing to acknowledge", .0.display())]
    NothingLost(PathBuf),
    #[error("the store can't say which record was the last: {0}")]
    Store(#[from] StoreError),
    #[error("a record can't be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the audit log in {} could not be brought back to its last whole record", .0.display())]
    Damaged(PathBuf),
}

struct Writer {
    folder: PathBuf,
    rotation: Rotation,
    /// Held as long as the writer lives.
    _lock: File,
    file: File,
    /// Where that is, or was.
    path: PathBuf,
    /// Of the file, up to its last whole record.
    size: u64,
    seq: u64,
    prev: String,
    /// A failed write left something behind that could not be removed.
    damaged: bool,
}

impl AuditLog {
    /// Opens the log in a folder, which is made where it is missing, and checks its chain. A
    /// record that a crash cut off at the end is removed, and that is recorded.
    ///
    /// # Errors
    ///
    /// When the folder can't be written, another process writes there, or the chain is broken.
    pub fn open(folder: &Path, rotation: Rotation, now: Timestamp) -> Result<AuditLog, AuditError> {
        let mut writer = Writer::open(folder, rotation)?;
        if let Some(bytes) = writer.drop_unfinished()? {
            let mut entry = Entry::new(Event::Recovered);
            entry.reason = Some(format!("{bytes} bytes of an unfinished record were removed"));
            writer.append(&entry, now)?;
        }
        Ok(AuditLog { writer: Arc::new(Mutex::new(writer)), folder: folder.to_owned() })
    }

    /// Appends an entry and returns its number and hash, once it is on disk.
    ///
    /// # Errors
    ///
    /// When it can't be written; then it is not in the log.
    pub async fn append(&self, entry: Entry, now: Timestamp) -> Result<Head, AuditError> {
        let writer = self.writer.clone();
        let task = tokio::task::spawn_blocking(move || {
            writer.lock().unwrap_or_else(PoisonError::into_inner).append(&entry, now)
        });
        task.await.unwrap_or_else(|_| Err(AuditError::Damaged(self.folder.clone())))
    }

    /// The record that was written last; `None` while there is none.
    pub fn last(&self) -> Option<Head> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let seq = writer.seq.checked_sub(1).filter(|seq| *seq > 0)?;
        Some(Head { seq, hash: writer.prev.clone() })
    }

    /// Whether the log holds this very record.
    ///
    /// # Errors
    ///
    /// Where the chain is broken.
    pub fn holds(&self, head: &Head) -> Result<bool, Broken> {
        match self.last() {
            None => return Ok(false),
            Some(last) if last.seq <= head.seq => return Ok(last == *head),
            Some(_) => {}
        }
        holds(&self.folder, head)
    }

    /// Where the log lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Writer {
    fn open(folder: &Path, rotation: Rotation) -> Result<Writer, AuditError> {
        let failed = |source| AuditError::Io { folder: folder.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("lock"))
            .map_err(failed)?;
        if FileExt::try_lock(&lock).is_err() {
            return Err(AuditError::Held(folder.to_owned()));
        }
        verify(folder)?;
        let mut walk = Walk::new(folder)?;
        let mut size = 0;
        while walk.next_record()?.is_some() {
            size = walk.position() as u64;
        }
        let path = match walk.files.last() {
            Some(path) => path.clone(),
            None => folder.join(file_name(1)),
        };
        let file = open_append(&path).map_err(failed)?;
        sync_folder(folder).map_err(failed)?;
        Ok(Writer {
            folder: folder.to_owned(),
            rotation,
            _lock: lock,
            // The last file may hold nothing but an unfinished record.
            size: if file_begins_at(&path, walk.seq) { 0 } else { size },
            file,
            path,
            seq: walk.seq,
            prev: walk.prev,
            damaged: false,
        })
    }

    /// Removes what follows the last whole record; how many bytes that was.
    fn drop_unfinished(&mut self) -> Result<Option<u64>, AuditError> {
        let length = self.file.metadata().map_err(|e| self.failed(e))?.len();
        let left = length.saturating_sub(self.size);
        if left == 0 {
            return Ok(None);
        }
        self.file
            .set_len(self.size)
            .and_then(|()| self.file.sync_all())
            .map_err(|e| self.failed(e))?;
        Ok(Some(left))
    }

    fn append(&mut self, entry: &Entry, now: Timestamp) -> Result<Head, AuditError> {
        if self.damaged {
            return Err(AuditError::Damaged(self.folder.clone()));
        }
        self.check_untouched()?;
        if self.size >= self.rotation.max_bytes {
            self.rotate()?;
        }
        let (mut line, hash) = seal(self.seq, now, entry, &self.prev)?;
        line.push('\n');
        let head = Head { seq: self.seq, hash };
        let written = self
            .file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_data())
            .and_then(|()| self.write_head(&head));
        if let Err(error) = written {
            // What nobody was promised must not stay, not even whole.
            self.damaged = self.drop_unfinished().is_err();
            return Err(self.failed(error));
        }
        self.size += line.len() as u64;
        self.seq += 1;
        self.prev.clone_from(&head.hash);
        Ok(head)
    }

    /// Whether the file is still what this wrote: a record in a file that nobody finds any more
    /// would be no record.
    fn check_untouched(&self) -> Result<(), AuditError> {
        let touched = |what| Err(AuditError::Touched { file: self.path.clone(), what });
        let open = self.file.metadata().map_err(|e| self.failed(e))?;
        match fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => touched("removed"),
            Err(error) => Err(self.failed(error)),
            Ok(there) if (there.dev(), there.ino()) != (open.dev(), open.ino()) => {
                touched("replaced")
            }
            Ok(there) if there.len() != self.size => touched("cut, or written to by somebody else"),
            Ok(_) => Ok(()),
        }
    }

    fn rotate(&mut self) -> Result<(), AuditError> {
        let path = self.folder.join(file_name(self.seq));
        self.file = open_append(&path).map_err(|e| self.failed(e))?;
        self.path = path;
        self.size = 0;
        sync_folder(&self.folder).map_err(|e| self.failed(e))
    }

    fn write_head(&self, head: &Head) -> io::Result<()> {
        let new = self.folder.join("head.json.new");
        let mut file = File::create(&new)?;
        file.write_all(serde_json::to_string(head)?.as_bytes())?;
        file.sync_data()?;
        fs::rename(new, self.folder.join(HEAD))
    }

    fn failed(&self, source: io::Error) -> AuditError {
        AuditError::Io { folder: self.folder.clone(), source }
    }
}

fn file_begins_at(path: &Path, seq: u64) -> bool {
    path.file_name().and_then(|name| name.to_str()) == Some(file_name(seq).as_str())
}

fn open_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes the names of new files durable.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
