//! The store in PostgreSQL: on a server of its own, so that another machine can go on with it.
//!
//! All tables share one relation of keys and texts; JSON is kept as text, since `jsonb` refuses
//! some of what JSON may hold. A commit locks the keys it speaks of, in order, so that commits on
//! the same keys come one after the other, and others don't wait.
//!
//! **Architecture Invariant:** a process that works is one of the [`Member`]s of its database, and
//! every commit proves it in its own transaction: whoever was taken for dead, after however short
//! a pause, can't change anything any more, and what it had claimed goes to others only then.

mod member;

use std::collections::BTreeMap;
use std::hash::Hasher;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value as Json;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{PgConnection, Row};

use super::{Batch, Expectation, Store, StoreError, Table};

pub use self::member::Member;

/// What is made in an empty database. Keys are bytes, and tables compared by them.
const SCHEMA: [&str; 4] = [
    r#"CREATE TABLE IF NOT EXISTS steward_entries (
        in_table text COLLATE "C" NOT NULL, key bytea NOT NULL, value text NOT NULL,
        PRIMARY KEY (in_table, key))"#,
    "CREATE TABLE IF NOT EXISTS steward_sequences (name text PRIMARY KEY, last bigint NOT NULL)",
    "CREATE TABLE IF NOT EXISTS steward_members (
        id text PRIMARY KEY, until timestamptz NOT NULL)",
    r#"CREATE TABLE IF NOT EXISTS steward_claims (
        name text COLLATE "C" PRIMARY KEY, member text NOT NULL)"#,
];

/// Keeps two processes from making the schema at once; a number of no meaning.
const MAKING: i64 = 0x5374_6577_6172_6401;

/// A server that does not answer within this is in trouble.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections at once: a commit holds one for some milliseconds.
const CONNECTIONS: u32 = 8;

/// A database, shared by whoever opens it.
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    /// What this process is called among the others, once it is one of them.
    id: Arc<OnceLock<String>>,
}

impl PostgresStore {
    /// Connects to `postgres://user:password@host/database`, and makes the tables where there
    /// are none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Backend`], which never holds the password.
    pub async fn open(url: &str) -> Result<PostgresStore, StoreError> {
        let options: PgConnectOptions = url.parse().map_err(|_| {
            let expected = "it should look like postgres://user:password@host/database";
            StoreError::Backend(format!("the address of the database can't be read; {expected}"))
        })?;
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
        let pool = pool.connect_with(options.application_name("steward")).await.map_err(backend)?;
        let mut making = pool.begin().await.map_err(backend)?;
        take_lock(&mut making, MAKING).await?;
        for statement in SCHEMA {
            sqlx::query(statement).execute(&mut *making).await.map_err(backend)?;
        }
        making.commit().await.map_err(backend)?;
        Ok(PostgresStore { pool, id: Arc::default() })
    }

    /// Becomes one of those that work on this database. The others take it for dead when they
    /// have not heard of it for so long.
    ///
    /// # Errors
    ///
    /// Where the database does not answer.
    pub async fn join(&self, lease: Duration) -> Result<Member, StoreError> {
        let member = Member::enter(self.pool.clone(), lease).await?;
        // A process joins once; a second time, what it was called first goes on counting.
        let _ = self.id.set(member.id().to_owned());
        Ok(member)
    }

    fn id(&self) -> Result<&str, StoreError> {
        self.id.get().map(String::as_str).ok_or(StoreError::NotAlive)
    }

    /// Fails where this process is not one of those that work here, or was taken for dead. Until
    /// the transaction ends, nobody can take it for that.
    async fn prove(&self, connection: &mut PgConnection) -> Result<(), StoreError> {
        let query = sqlx::query("SELECT 1 FROM steward_members WHERE id = $1 FOR SHARE");
        let alive = query.bind(self.id()?).fetch_optional(connection).await;
        alive.map_err(backend)?.map(drop).ok_or(StoreError::NotAlive)
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn get(&self, table: Table, key: &str) -> Result<Option<Json>, StoreError> {
        let query =
            sqlx::query("SELECT value FROM steward_entries WHERE in_table = $1 AND key = $2");
        let row = query.bind(table).bind(key.as_bytes()).fetch_optional(&self.pool).await;
        row.map_err(backend)?.map(|row| parse(table, key, row.try_get(0))).transpose()
    }

    async fn scan(
        &self,
        table: Table,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Json)>, StoreError> {
        let query = sqlx::query(
            "SELECT key, value FROM steward_entries
             WHERE in_table = $1 AND key >= $2 AND ($3::bytea IS NULL OR key < $3)
               AND ($4::bytea IS NULL OR key > $4)
             ORDER BY key LIMIT $5",
        );
        let rows = query
            .bind(table)
            .bind(prefix.as_bytes())
            .bind(successor(prefix.as_bytes()))
            .bind(after.map(str::as_bytes))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await
            .map_err(backend)?;
        rows.into_iter()
            .map(|row| {
                let key: Vec<u8> = row.try_get(0).map_err(backend)?;
                let key = String::from_utf8_lossy(&key).into_owned();
                let value = parse(table, &key, row.try_get(1))?;
                Ok((key, value))
            })
            .collect()
    }

    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let mut transaction = self.pool.begin().await.map_err(backend)?;
        self.prove(&mut transaction).await?;
        lock(&mut transaction, &batch).await?;
        for (table, key, expectation) in &batch.expectations {
            let query =
                sqlx::query("SELECT value FROM steward_entries WHERE in_table = $1 AND key = $2");
            let row = query.bind(*table).bind(key.as_bytes()).fetch_optional(&mut *transaction);
            let row = row.await.map_err(backend)?;
            let holds = match (row, expectation) {
                (None, Expectation::Absent) => true,
                (Some(row), Expectation::Is(expected)) => is(row.try_get(0), expected),
                _ => false,
            };
            if !holds {
                return Err(StoreError::Conflict { table, key: key.clone() });
            }
        }
        write(&mut transaction, &batch).await?;
        transaction.commit().await.map_err(backend)
    }

    fn is_shared(&self) -> bool {
        true
    }

    async fn claim(&self, name: &str) -> Result<bool, StoreError> {
        let mut transaction = self.pool.begin().await.map_err(backend)?;
        // A claim changes hands only under its lock, and who is alive is read after that: somebody
        // who came in the meantime would not be seen otherwise, and be robbed.
        take_lock(&mut transaction, number("steward_claims", name)).await?;
        let query = sqlx::query(
            "INSERT INTO steward_claims AS known
             SELECT $1, id FROM steward_members WHERE id = $2
             ON CONFLICT (name) DO UPDATE SET member = excluded.member
             WHERE known.member = excluded.member
                OR NOT EXISTS (SELECT 1 FROM steward_members WHERE id = known.member)
             RETURNING 1",
        );
        let row = query.bind(name).bind(self.id()?).fetch_optional(&mut *transaction).await;
        let granted = row.map_err(backend)?.is_some();
        transaction.commit().await.map_err(backend)?;
        Ok(granted)
    }

    async fn let_go(&self, name: &str) -> Result<(), StoreError> {
        let query = sqlx::query("DELETE FROM steward_claims WHERE name = $1 AND member = $2");
        query.bind(name).bind(self.id()?).execute(&self.pool).await.map_err(backend)?;
        Ok(())
    }

    async fn claimed(&self, prefix: &str) -> Result<Vec<String>, StoreError> {
        let query = sqlx::query(
            "SELECT name FROM steward_claims
             WHERE starts_with(name, $1) AND member IN (SELECT id FROM steward_members)",
        );
        let rows = query.bind(prefix).fetch_all(&self.pool).await.map_err(backend)?;
        rows.into_iter().map(|row| row.try_get(0).map_err(backend)).collect()
    }

    async fn next(&self, sequence: &'static str) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "INSERT INTO steward_sequences AS known VALUES ($1, 1)
             ON CONFLICT (name) DO UPDATE SET last = known.last + 1 RETURNING last",
        );
        let row = query.bind(sequence).fetch_one(&self.pool).await.map_err(backend)?;
        let number: i64 = row.try_get(0).map_err(backend)?;
        u64::try_from(number).map_err(|error| StoreError::Backend(error.to_string()))
    }
}

/// Locks every key of a batch until the transaction ends, always in the same order: two batches
/// never wait for each other. Two keys of one number wait without need, which is rare.
async fn lock(connection: &mut PgConnection, batch: &Batch) -> Result<(), StoreError> {
    let expected = batch.expectations.iter().map(|(table, key, _)| number(table, key));
    let written = batch.writes.iter().map(|(table, key, _)| number(table, key));
    let mut numbers: Vec<i64> = expected.chain(written).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers {
        take_lock(connection, number).await?;
    }
    Ok(())
}

/// Waits for a lock, which ends with the transaction.
async fn take_lock(connection: &mut PgConnection, number: i64) -> Result<(), StoreError> {
    let query = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(number);
    query.execute(connection).await.map_err(backend).map(drop)
}

/// Applies the writes; where a key is written twice, the last counts.
async fn write(connection: &mut PgConnection, batch: &Batch) -> Result<(), StoreError> {
    let last: BTreeMap<(Table, &str), &Option<Json>> =
        batch.writes.iter().map(|(table, key, value)| ((*table, key.as_str()), value)).collect();
    for ((table, key), value) in last {
        let query = match value {
            Some(value) => sqlx::query(
                "INSERT INTO steward_entries VALUES ($1, $2, $3)
                 ON CONFLICT (in_table, key) DO UPDATE SET value = excluded.value",
            )
            .bind(table)
            .bind(key.as_bytes())
            .bind(value.to_string()),
            None => sqlx::query("DELETE FROM steward_entries WHERE in_table = $1 AND key = $2")
                .bind(table)
                .bind(key.as_bytes()),
        };
        query.execute(&mut *connection).await.map_err(backend)?;
    }
    Ok(())
}

/// The number of a key's lock: the same in every process and build, unlike the standard hasher's.
fn number(table: &str, key: &str) -> i64 {
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    hash.write(table.as_bytes());
    hash.write(&[0]);
    hash.write(key.as_bytes());
    hash.finish().cast_signed()
}

/// FNV-1a with 64 bits, <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// The first key after all that begin with these bytes; `None` where there is no end.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let end = prefix.iter().rposition(|byte| *byte < u8::MAX)?;
    let mut successor = prefix[..=end].to_vec();
    successor[end] += 1;
    Some(successor)
}

/// Whether a stored text is this value. Also compared as text, since a fraction may differ in its
/// last digit after it was read back.
fn is(stored: Result<String, sqlx::Error>, expected: &Json) -> bool {
    stored.is_ok_and(|text| {
        serde_json::from_str::<Json>(&text).is_ok_and(|value| value == *expected)
            || text.as_bytes() == expected.to_string().as_bytes()
    })
}

fn parse(table: Table, key: &str, stored: Result<String, sqlx::Error>) -> Result<Json, StoreError> {
    let text = stored.map_err(backend)?;
    serde_json::from_str(&text).map_err(|error| StoreError::Corrupt {
        table,
        key: key.to_owned(),
        reason: error.to_string(),
    })
}

fn backend(error: sqlx::Error) -> StoreError {
    StoreError::Backend(format!("the database: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_before_its_successor() {
        let check = |prefix: &[u8], expected: Option<&[u8]>| {
            assert_eq!(successor(prefix).as_deref(), expected, "{prefix:?}");
        };
        check(b"", None);
        check(b"a/", Some(b"a0"));
        check(&[b'a', 0xff], Some(b"b"));
        check(&[0xff, 0xff], None);
    }

    #[test]
    fn a_lock_has_the_number_it_always_had() {
        // FNV-1a of "a\0b", so that processes of different builds lock the same.
        assert_eq!(number("a", "b"), number("a", "b"));
        assert_ne!(number("a", "b"), number("b", "a"));
        assert_eq!(Fnv(0xcbf2_9ce4_8422_2325).finish(), 0xcbf2_9ce4_8422_2325);
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        hash.write(b"a");
        assert_eq!(hash.finish(), 0xaf63_dc4c_8601_ec8c);
    }
}
