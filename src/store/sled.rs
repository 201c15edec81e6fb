//! The default store: a sled database in the state directory, for one process at a time.

use std::fs::{File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;
use sled::transaction::{ConflictableTransactionError, TransactionError, TransactionalTree};

use super::{Batch, Expectation, Store, StoreError, Table};

/// Pages that sled keeps in memory, in bytes. Its own default, 1 GB, is for servers that do
/// nothing else.
const CACHE: u64 = 32 << 20;

/// A sled database. All tables share one tree, so that one transaction spans them.
#[derive(Clone)]
pub struct SledStore {
    inner: Arc<Inner>,
}

struct Inner {
    database: sled::Db,
    entries: sled::Tree,
    sequences: sled::Tree,
    /// Locked for as long as the store is open; the system releases it when the process dies.
    _lock: File,
}

impl SledStore {
    /// Opens the store in a state directory, creating both where they are missing.
    ///
    /// Fails with [`StoreError::Held`] when another process has it open, and with
    /// [`StoreError::Unwritable`] when nothing can be written there.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let unwritable = |e: std::io::Error| StoreError::Unwritable {
            path: directory.to_owned(),
            reason: e.to_string(),
        };
        create_private(directory).map_err(unwritable)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join("lock"))
            .map_err(unwritable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Held(directory.to_owned())),
            Err(TryLockError::Error(e)) => return Err(unwritable(e)),
        }
        let database = sled::Config::new()
            .path(directory.join("store"))
            .cache_capacity(CACHE)
            // Every commit flushes, so there is never anything for a timer to write.
            .flush_every_ms(None)
            .open()
            .map_err(|e| match e {
                sled::Error::Io(e) => unwritable(e),
                e => backend(e),
            })?;
        let entries = database.open_tree("entries").map_err(backend)?;
        let sequences = database.open_tree("sequences").map_err(backend)?;
        database.flush().map_err(backend)?;
        Ok(Self { inner: Arc::new(Inner { database, entries, sequences, _lock: lock }) })
    }

    /// Runs something that may wait for the disk where it keeps nobody else waiting.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .map_err(|e| StoreError::Backend(e.to_string()))?
    }
}

/// Creates the state directory so that nobody else can look into it: conversations and the audit
/// log are in it. One that is there keeps the rights that its owner gave it.
fn create_private(directory: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)
}

#[async_trait]
impl Store for SledStore {
    async fn get(&self, table: Table, key: &str) -> Result<Option<Json>, StoreError> {
        let key = key.to_owned();
        self.blocking(move |inner| {
            let bytes = inner.entries.get(stored_key(table, &key)).map_err(backend)?;
            bytes.map(|bytes| parse(table, &key, &bytes)).transpose()
        })
        .await
    }

    async fn scan(
        &self,
        table: Table,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Json)>, StoreError> {
        let (prefix, after) = (stored_key(table, prefix), after.map(|key| stored_key(table, key)));
        self.blocking(move |inner| inner.scan(table, &prefix, after, limit)).await
    }

    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.blocking(move |inner| {
            inner.entries.transaction(|tree| apply(tree, &batch)).map_err(|e| match e {
                TransactionError::Abort(e) => e,
                TransactionError::Storage(e) => backend(e),
            })?;
            inner.flush()
        })
        .await
    }

    async fn next(&self, sequence: &'static str) -> Result<u64, StoreError> {
        self.blocking(move |inner| {
            let bytes = inner
                .sequences
                .update_and_fetch(sequence, |last| Some((number(last) + 1).to_be_bytes().to_vec()))
                .map_err(backend)?;
            inner.flush()?;
            Ok(number(bytes.as_deref()))
        })
        .await
    }
}

impl Inner {
    fn scan(
        &self,
        table: Table,
        prefix: &[u8],
        after: Option<Vec<u8>>,
        limit: usize,
    ) -> Result<Vec<(String, Json)>, StoreError> {
        let start = match after {
            // The smallest key above `after`.
            Some(mut after) if after.as_slice() >= prefix => {
                after.push(0);
                after
            }
            _ => prefix.to_vec(),
        };
        let mut entries = Vec::new();
        for entry in self.entries.range(start..).take(limit) {
            let (key, bytes) = entry.map_err(backend)?;
            if !key.starts_with(prefix) {
                break;
            }
            let key = String::from_utf8_lossy(&key[table.len() + 1..]).into_owned();
            let value = parse(table, &key, &bytes)?;
            entries.push((key, value));
        }
        Ok(entries)
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.database.flush().map(|_| ()).map_err(backend)
    }
}

type Aborted = ConflictableTransactionError<StoreError>;

fn apply(tree: &TransactionalTree, batch: &Batch) -> Result<(), Aborted> {
    for (table, key, expectation) in &batch.expectations {
        let bytes = tree.get(stored_key(table, key))?;
        let holds = match (bytes, expectation) {
            (None, Expectation::Absent) => true,
            (Some(bytes), Expectation::Is(expected)) => is(&bytes, expected),
            _ => false,
        };
        if !holds {
            return Err(Aborted::Abort(StoreError::Conflict { table, key: key.clone() }));
        }
    }
    for (table, key, value) in &batch.writes {
        match value {
            Some(value) => tree.insert(stored_key(table, key), value.to_string().as_bytes())?,
            None => tree.remove(stored_key(table, key))?,
        };
    }
    Ok(())
}

/// Whether stored bytes are this value. Also compared as text, since a fraction may differ in
/// its last digit after it was read back.
fn is(bytes: &[u8], expected: &Json) -> bool {
    serde_json::from_slice::<Json>(bytes).is_ok_and(|value| value == *expected)
        || bytes == expected.to_string().as_bytes()
}

/// Table and key in one: a zero byte, which no table's name holds, keeps tables apart.
fn stored_key(table: Table, key: &str) -> Vec<u8> {
    [table.as_bytes(), &[0], key.as_bytes()].concat()
}

fn number(bytes: Option<&[u8]>) -> u64 {
    bytes.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_be_bytes)
}

fn parse(table: Table, key: &str, bytes: &[u8]) -> Result<Json, StoreError> {
    serde_json::from_slice(bytes).map_err(|e| StoreError::Corrupt {
        table,
        key: key.to_owned(),
        reason: e.to_string(),
    })
}

fn backend(e: sled::Error) -> StoreError {
    StoreError::Backend(e.to_string())
}
