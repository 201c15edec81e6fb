//! Those that work on a database: each says again and again that it is alive.

use std::time::Duration;

use sqlx::postgres::PgPool;
use tokio_util::sync::CancellationToken;

use super::backend;
use crate::store::StoreError;

/// So often a process says that it is alive before it would count as dead.
const SIGNS: u32 = 4;

/// A process among those that work on a database.
pub struct Member {
    pool: PgPool,
    id: String,
    lease: Duration,
}

impl Member {
    pub(super) async fn enter(pool: PgPool, lease: Duration) -> Result<Member, StoreError> {
        let id = format!("{}-{:016x}", std::process::id(), rand::random::<u64>());
        let member = Member { pool, id, lease };
        let query =
            sqlx::query("INSERT INTO steward_members VALUES ($1, now() + $2 * interval '1 ms')");
        let query = query.bind(&member.id).bind(member.millis());
        query.execute(&member.pool).await.map_err(backend)?;
        Ok(member)
    }

    /// What it is called among the others.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Says that it is alive until `end` is given, and then leaves, so that others go on at once
    /// with what it saw to. Buries, on the way, those that were not heard of for too long.
    /// Returns early, with `false`, when it was buried itself: nothing can be committed any more.
    pub async fn stay(&self, end: &CancellationToken) -> bool {
        loop {
            tokio::select! {
                () = tokio::time::sleep(self.lease / SIGNS) => {}
                () = end.cancelled() => {
                    if let Err(error) = self.leave().await {
                        tracing::warn!(%error, "what this process saw to waits until it counts as dead");
                    }
                    return true;
                }
            }
            match self.sign().await {
                Ok(true) => {}
                Ok(false) => return false,
                // While the database is away, nobody can be buried either.
                Err(error) => tracing::warn!(%error, "the others may take this process for dead"),
            }
        }
    }

    /// A sign of life; `false` where it comes too late. By the clock of the database, so that no
    /// other clock counts.
    async fn sign(&self) -> Result<bool, StoreError> {
        let query = sqlx::query(
            "UPDATE steward_members SET until = now() + $2 * interval '1 ms' WHERE id = $1",
        );
        let signed = query.bind(&self.id).bind(self.millis()).execute(&self.pool).await;
        let alive = signed.map_err(backend)?.rows_affected() == 1;
        self.bury().await?;
        Ok(alive)
    }

    /// Forgets who was not heard of for too long, once what they are committing is committed: a
    /// commit holds their entry. Then what they had claimed is nobody's.
    async fn bury(&self) -> Result<(), StoreError> {
        let buried = sqlx::query("DELETE FROM steward_members WHERE until <= now() RETURNING id");
        for row in buried.fetch_all(&self.pool).await.map_err(backend)? {
            let member: String = sqlx::Row::try_get(&row, 0).map_err(backend)?;
            tracing::warn!(member, "another steward was not heard of for too long");
            self.forget_claims(&member).await?;
        }
        Ok(())
    }

    async fn leave(&self) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM steward_members WHERE id = $1");
        query.bind(&self.id).execute(&self.pool).await.map_err(backend)?;
        self.forget_claims(&self.id).await
    }

    /// Only tidies up: a claim of somebody who is not there is no claim.
    async fn forget_claims(&self, member: &str) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM steward_claims WHERE member = $1");
        query.bind(member).execute(&self.pool).await.map_err(backend)?;
        Ok(())
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX)
    }
}
