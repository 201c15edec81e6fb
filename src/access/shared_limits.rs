//! Token buckets in a store that several processes share: what somebody sends to one of them
//! counts at all.
//!
//! A bucket is one moment, the one at which it will be full again (the *generic cell rate
//! algorithm*, as in the crate governor, which counts within one process). Buckets are taken from
//! with compare-and-set, so none is taken from twice for one message.

use std::time::Duration;

use jiff::Timestamp;

use super::Refusal;
use super::ledger::read_all;
use super::limits::{Rate, whole_seconds};
use super::refusal::{Limited, LimitedBy};
use crate::store::{Batch, Expectation, Store, StoreError, Table, to_json};

const BUCKETS: Table = "access_limits";

/// So often a bucket may be changed by others meanwhile. Whoever loses that often is in a crowd.
const ATTEMPTS: u32 = 20;

/// A bucket, and at what rate it is filled.
pub(super) struct Bucket {
    pub whose: LimitedBy,
    pub key: String,
    pub rate: Rate,
}

/// Takes one out of each of these buckets, or, where one of them is empty, out of none.
///
/// # Errors
///
/// [`Refusal::TooMany`]; [`Refusal::StoreUnavailable`].
pub(super) async fn take(
    store: &dyn Store,
    what: Limited,
    buckets: &[Bucket],
    now: Timestamp,
) -> Result<(), Refusal> {
    for attempt in 0..ATTEMPTS {
        let mut batch = Batch::default();
        for Bucket { whose, key, rate } in buckets {
            let key = format!("{what:?}/{whose:?}/{key}");
            let before = store.get(BUCKETS, &key).await?;
            // What is unreadable counts as no bucket, and is written anew.
            let full_at = before.clone().and_then(|json| serde_json::from_value(json).ok());
            let full_at = rate.taken(full_at, now).map_err(|wait| Refusal::TooMany {
                what,
                whose: *whose,
                retry_after: whole_seconds(wait),
            })?;
            let expected = before.map_or(Expectation::Absent, Expectation::Is);
            let full_at = to_json(BUCKETS, &key, &full_at)?;
            batch = batch.expect(BUCKETS, &key, expected).put(BUCKETS, &key, full_at);
        }
        match store.commit(batch).await {
            Err(StoreError::Conflict { .. }) => {
                // Those who met part again, the later ones further.
                let pause = rand::random_range(0..=u64::from(attempt) * 4);
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            done => return Ok(done?),
        }
    }
    // Only a crowd in one chat comes here.
    Err(Refusal::TooMany { what, whose: LimitedBy::Chat, retry_after: 1 })
}

/// Forgets buckets that are full again: they are as good as none.
///
/// # Errors
///
/// Where the store fails.
pub(super) async fn forget_full(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    for (key, full_at) in read_all::<Timestamp>(store, BUCKETS).await? {
        if full_at <= now {
            let there = Expectation::Is(to_json(BUCKETS, &key, &full_at)?);
            let batch = Batch::default().expect(BUCKETS, &key, there).delete(BUCKETS, key);
            match store.commit(batch).await {
                // Somebody has just taken from it.
                Ok(()) | Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

impl Rate {
    /// When a bucket that is full at a moment will be full after one more was taken out; where it
    /// is empty, how long until there is one in it.
    fn taken(self, full_at: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Duration> {
        let one = Duration::from_secs(60) / self.per_minute.get();
        let full_at = full_at.map_or(now, |full_at| full_at.max(now));
        let missing = full_at.duration_since(now).unsigned_abs();
        match missing.checked_sub(one * (self.burst.get() - 1)) {
            Some(wait) if !wait.is_zero() => Err(wait),
            // Fails for calendar units alone, which a duration does not have.
            _ => Ok(full_at.saturating_add(one).unwrap_or(Timestamp::MAX)),
        }
    }
}
