//! The right to work on a database: one process at a time has it, others stand by.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sqlx::Row;
use sqlx::postgres::PgPool;
use tokio_util::sync::CancellationToken;

use super::backend;
use crate::store::StoreError;

/// The name of the lease in its table.
pub(super) const WORK: &str = "work";

/// A lease is renewed so many times before it would end.
const RENEWALS: u32 = 4;

/// Whoever stands by looks so often, so that a lease that was given back is taken at once.
const LOOK: Duration = Duration::from_millis(500);

/// A lease that can be taken, is held, or was lost.
pub struct Lease {
    pool: PgPool,
    owner: Arc<OnceLock<String>>,
    me: String,
    duration: Duration,
}

impl Lease {
    pub(super) fn new(pool: PgPool, owner: Arc<OnceLock<String>>, duration: Duration) -> Lease {
        let me = format!("{}-{:016x}", std::process::id(), rand::random::<u64>());
        Lease { pool, owner, me, duration }
    }

    /// So long it is good without renewal.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// Takes the lease if nobody holds it, or whoever did let it end; `false` where somebody
    /// does. By the clock of the database, so that no other clock counts.
    ///
    /// # Errors
    ///
    /// Where the database does not answer.
    pub async fn take(&self) -> Result<bool, StoreError> {
        let query = sqlx::query(
            "INSERT INTO steward_leases AS known VALUES ($1, $2, now() + $3 * interval '1 ms')
             ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
             WHERE known.owner = excluded.owner OR known.until <= now()
             RETURNING owner",
        );
        let millis = i64::try_from(self.duration.as_millis()).unwrap_or(i64::MAX);
        let row = query.bind(WORK).bind(&self.me).bind(millis).fetch_optional(&self.pool).await;
        let Some(row) = row.map_err(backend)? else { return Ok(false) };
        let owner: String = row.try_get(0).map_err(backend)?;
        // Only ever set to the name of this lease.
        let _ = self.owner.set(owner);
        Ok(true)
    }

    /// Stands by until the lease is there, or `stop` was given; then it is not.
    ///
    /// # Errors
    ///
    /// Where the database does not answer at the first attempt; later ones are repeated.
    pub async fn wait(&self, stop: &CancellationToken) -> Result<bool, StoreError> {
        let mut taken = self.take().await?;
        while !taken {
            tokio::select! {
                () = tokio::time::sleep((self.duration / RENEWALS).min(LOOK)) => {}
                () = stop.cancelled() => return Ok(false),
            }
            taken = self.take().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "standing by");
                false
            });
        }
        Ok(true)
    }

    /// Renews the lease until `stop` is given, and then gives it back, so that whoever stands by
    /// goes on at once. Returns early, with `false`, when it was lost: nothing can be committed
    /// any more.
    pub async fn keep(&self, stop: &CancellationToken) -> bool {
        loop {
            tokio::select! {
                () = tokio::time::sleep(self.duration / RENEWALS) => {}
                () = stop.cancelled() => {
                    if let Err(error) = self.give_back().await {
                        tracing::warn!(%error, "the lease ends by itself");
                    }
                    return true;
                }
            }
            match self.take().await {
                Ok(true) => {}
                Ok(false) => return false,
                // While the database is away, nobody can take it either.
                Err(error) => tracing::warn!(%error, "the lease was not renewed"),
            }
        }
    }

    async fn give_back(&self) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM steward_leases WHERE name = $1 AND owner = $2");
        query.bind(WORK).bind(&self.me).execute(&self.pool).await.map_err(backend)?;
        Ok(())
    }
}
