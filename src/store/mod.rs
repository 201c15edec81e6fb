//! The store: what must survive a restart, behind one trait.
//!
//! The trait is small on purpose: ordered tables of JSON values and atomic batches with
//! preconditions. Sessions, executions, the outbox and the rest are kept by their own rooms in
//! terms of it, so a second backend has only this to implement, and one shared test suite to pass.
//!
//! **Architecture Invariant:** a [`Store::commit`] that returned is on disk. The store knows
//! nothing of what it keeps.

mod claims;
mod memory;
#[cfg(feature = "postgres")]
pub mod postgres;
mod sled;
mod stamp;
mod typed;

use async_trait::async_trait;
use serde_json::Value as Json;

pub use self::claims::{Claim, Claims};
pub use self::memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use self::postgres::PostgresStore;
pub use self::sled::SledStore;
pub use self::stamp::Stamps;
pub use self::typed::{get_as, scan_as, to_json};

/// Ordered tables of JSON values. Keys are compared by their bytes.
#[async_trait]
pub trait Store: Send + Sync {
    /// The value under a key.
    async fn get(&self, table: Table, key: &str) -> Result<Option<Json>, StoreError>;

    /// Up to `limit` entries whose keys begin with `prefix`, in the order of their keys, those
    /// up to and including `after` left out.
    async fn scan(
        &self,
        table: Table,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Json)>, StoreError>;

    /// Applies every write of the batch, or, when one of its expectations does not hold, none
    /// ([`StoreError::Conflict`]). Durable when it returns.
    async fn commit(&self, batch: Batch) -> Result<(), StoreError>;

    /// Whether processes with other state directories may work on it, too.
    fn is_shared(&self) -> bool {
        false
    }

    /// Takes the right to see to something for this process: `false` where another one that is
    /// alive has it. It lasts until it is let go of, or the process ends. To be asked through
    /// [`Claims`].
    async fn claim(&self, _name: &str) -> Result<bool, StoreError> {
        Ok(true)
    }

    /// Lets go of what this process claimed.
    async fn let_go(&self, _name: &str) -> Result<(), StoreError> {
        Ok(())
    }

    /// The names under a prefix that processes which are alive have claimed.
    async fn claimed(&self, _prefix: &str) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// The next number of a named sequence, counted from 1, never handed out twice.
    async fn next(&self, sequence: &'static str) -> Result<u64, StoreError>;
}

/// A table's name.
pub type Table = &'static str;

/// Writes that happen together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub expectations: Vec<(Table, String, Expectation)>,
    pub writes: Vec<(Table, String, Option<Json>)>,
}

/// What must be true of a key for a batch to be applied.
#[derive(Debug, Clone, PartialEq)]
pub enum Expectation {
    Absent,
    Is(Json),
}

impl Batch {
    /// Sets a key.
    pub fn put(mut self, table: Table, key: impl Into<String>, value: Json) -> Self {
        self.writes.push((table, key.into(), Some(value)));
        self
    }

    /// Sets a key to a value of any type that JSON can hold.
    pub fn put_as<T: serde::Serialize>(
        self,
        table: Table,
        key: impl Into<String>,
        value: &T,
    ) -> Result<Self, StoreError> {
        let key = key.into();
        let json = to_json(table, &key, value)?;
        Ok(self.put(table, key, json))
    }

    /// Everything of another batch, after what this one has.
    pub fn and(mut self, other: Batch) -> Self {
        self.expectations.extend(other.expectations);
        self.writes.extend(other.writes);
        self
    }

    /// Removes a key, if it is there.
    pub fn delete(mut self, table: Table, key: impl Into<String>) -> Self {
        self.writes.push((table, key.into(), None));
        self
    }

    /// Applies the batch only if the key is as expected.
    pub fn expect(mut self, table: Table, key: impl Into<String>, e: Expectation) -> Self {
        self.expectations.push((table, key.into(), e));
        self
    }
}

/// Why the store could not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{table}/{key} was changed by somebody else")]
    Conflict { table: Table, key: String },
    #[error(
        "another running steward holds the store in {0}; stop it, or set another state directory"
    )]
    Held(std::path::PathBuf),
    #[error("this process does not count as alive to the others that share the database")]
    NotAlive,
    #[error("the state directory {path} can't be written: {reason}")]
    Unwritable { path: std::path::PathBuf, reason: String },
    #[error("the store failed: {0}")]
    Backend(String),
    #[error("{table}/{key} holds something unreadable: {reason}")]
    Corrupt { table: Table, key: String, reason: String },
}
