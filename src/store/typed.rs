//! Reading and writing values of the rooms' own types.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{Store, StoreError, Table};

/// The value under a key, as a `T`; [`StoreError::Corrupt`] when it is something else.
pub async fn get_as<T: DeserializeOwned>(
    store: &dyn Store,
    table: Table,
    key: &str,
) -> Result<Option<T>, StoreError> {
    store.get(table, key).await?.map(|json| from_json(table, key, json)).transpose()
}

/// As [`Store::scan`], with every value as a `T`.
pub async fn scan_as<T: DeserializeOwned>(
    store: &dyn Store,
    table: Table,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, T)>, StoreError> {
    let entries = store.scan(table, prefix, after, limit).await?;
    entries
        .into_iter()
        .map(|(key, json)| from_json(table, &key, json).map(|value| (key, value)))
        .collect()
}

/// A value as it is stored, for writes and for expectations.
pub fn to_json<T: Serialize>(table: Table, key: &str, value: &T) -> Result<Json, StoreError> {
    serde_json::to_value(value)
        .map_err(|e| StoreError::Backend(format!("{table}/{key} has no form in JSON: {e}")))
}

fn from_json<T: DeserializeOwned>(table: Table, key: &str, json: Json) -> Result<T, StoreError> {
    serde_json::from_value(json).map_err(|e| StoreError::Corrupt {
        table,
        key: key.to_owned(),
        reason: e.to_string(),
    })
}
