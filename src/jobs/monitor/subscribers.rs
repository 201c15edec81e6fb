//! Who follows which execution; stored.

use std::sync::Arc;

use super::notify::Subscriber;
use crate::store::{Batch, Store, StoreError, Table};

const SUBSCRIBERS: Table = "execution_subscribers";

/// More followers than this are not told of one execution.
const MOST: usize = 1_000;

/// The followers of all executions.
#[derive(Clone)]
pub struct Subscribers {
    store: Arc<dyn Store>,
}

impl Subscribers {
    pub fn new(store: Arc<dyn Store>) -> Subscribers {
        Subscribers { store }
    }

    /// From now on tells this subscriber of the execution. Following twice is following once.
    pub async fn follow(&self, number: u64, subscriber: &Subscriber) -> Result<(), StoreError> {
        let json =
            serde_json::to_value(subscriber).map_err(|e| StoreError::Backend(e.to_string()))?;
        self.store.commit(Batch::default().put(SUBSCRIBERS, key(number, subscriber), json)).await
    }

    /// Tells this subscriber no more of the execution.
    pub async fn unfollow(&self, number: u64, subscriber: &Subscriber) -> Result<(), StoreError> {
        self.store.commit(Batch::default().delete(SUBSCRIBERS, key(number, subscriber))).await
    }

    /// Everybody who follows an execution.
    pub async fn of(&self, number: u64) -> Result<Vec<Subscriber>, StoreError> {
        let rows = self.store.scan(SUBSCRIBERS, &prefix(number), None, MOST).await?;
        rows.into_iter()
            .map(|(key, json)| {
                serde_json::from_value(json).map_err(|e| StoreError::Corrupt {
                    table: SUBSCRIBERS,
                    key,
                    reason: e.to_string(),
                })
            })
            .collect()
    }
}

fn prefix(number: u64) -> String {
    format!("{number:020}/")
}

fn key(number: u64, subscriber: &Subscriber) -> String {
    let Subscriber { address, user } = subscriber;
    // As JSON, so that no name can be taken for the boundary between two.
    let who = serde_json::json!([address.channel, address.chat, address.thread, user]);
    prefix(number) + &who.to_string()
}
