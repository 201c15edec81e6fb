//! Events: changes that nobody has told yet.

use std::collections::HashSet;
use std::sync::{MutexGuard, PoisonError};

use super::index::{self, EVENTS, event_key};
use super::{Executions, ExecutionsError, corrupt, from_json};
use crate::jobs::StateChange;
use crate::store::Batch;

/// A change of an execution's state that nobody has acknowledged yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub number: u64,
    /// The position of `change` in the execution's history.
    pub position: usize,
    pub change: StateChange,
}

impl Executions {
    /// The changes that nobody has acknowledged, those of one execution in their order.
    pub async fn events(
        &self,
        after: Option<&Event>,
        limit: usize,
    ) -> Result<Vec<Event>, ExecutionsError> {
        let after = after.map(|event| event_key(event.number, event.position));
        let rows = self.store.scan(EVENTS, "", after.as_deref(), limit).await?;
        rows.into_iter()
            .map(|(key, json)| {
                let (number, position) = index::parse_event_key(&key)
                    .ok_or_else(|| corrupt(EVENTS, &key, "an event's key"))?;
                let change = from_json(EVENTS, &key, json)?;
                Ok(Event { number, position, change })
            })
            .collect()
    }

    /// Forgets an event that was passed on.
    pub async fn acknowledge(&self, event: &Event) -> Result<(), ExecutionsError> {
        let batch = Batch::default().delete(EVENTS, event_key(event.number, event.position));
        Ok(self.store.commit(batch).await?)
    }

    /// Returns after the next change of any execution. A change since the last call counts.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Whether this process changed the state of an execution, and not another one.
    pub fn changed_here(&self, number: u64) -> bool {
        self.here().contains(&number)
    }

    /// Forgets that it did.
    pub fn forget_changed_here(&self, number: u64) {
        self.here().remove(&number);
    }

    /// The names under a prefix that processes which are alive have claimed.
    pub async fn claimed(&self, prefix: &str) -> Result<HashSet<String>, ExecutionsError> {
        Ok(self.store.claimed(prefix).await?.into_iter().collect())
    }

    pub(super) fn here(&self) -> MutexGuard<'_, HashSet<u64>> {
        // A number is put in and taken out by one call each: nothing is left half done.
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
