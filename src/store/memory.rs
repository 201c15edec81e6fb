//! A store that forgets everything when it is dropped: for tests and for one-off commands.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde_json::Value as Json;

use super::{Batch, Expectation, Store, StoreError, Table};

/// Keeps everything in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    content: Mutex<Content>,
}

#[derive(Debug, Default)]
struct Content {
    tables: BTreeMap<Table, BTreeMap<String, Json>>,
    sequences: HashMap<&'static str, u64>,
}

impl MemoryStore {
    fn content(&self) -> MutexGuard<'_, Content> {
        // Every change is applied whole before the lock is released, so what a panicking
        // thread left behind is consistent.
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, table: Table, key: &str) -> Result<Option<Json>, StoreError> {
        Ok(self.content().value(table, key).cloned())
    }

    async fn scan(
        &self,
        table: Table,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Json)>, StoreError> {
        let content = self.content();
        let Some(rows) = content.tables.get(table) else { return Ok(Vec::new()) };
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        Ok(rows
            .range::<str, _>((start, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .take(limit)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let mut content = self.content();
        for (table, key, expectation) in &batch.expectations {
            let holds = match (content.value(table, key), expectation) {
                (None, Expectation::Absent) => true,
                (Some(value), Expectation::Is(expected)) => value == expected,
                _ => false,
            };
            if !holds {
                return Err(StoreError::Conflict { table, key: key.clone() });
            }
        }
        for (table, key, value) in batch.writes {
            let rows = content.tables.entry(table).or_default();
            match value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
        Ok(())
    }

    async fn next(&self, sequence: &'static str) -> Result<u64, StoreError> {
        let mut content = self.content();
        let last = content.sequences.entry(sequence).or_default();
        *last += 1;
        Ok(*last)
    }
}

impl Content {
    fn value(&self, table: &str, key: &str) -> Option<&Json> {
        self.tables.get(table)?.get(key)
    }
}
