//! Locks on targets: two runs with equal lock values never overlap.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Refusal, TemplateFacts};
use crate::catalog::{LockPart, TemplateId, Value, Values};
use crate::plan::PlanHash;
use crate::store::{Batch, Expectation, Store, StoreError, Table, get_as};

const LOCKS: Table = "access_locks";

/// One run can hold this many locks at most.
const MOST: usize = 200;

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lock {
    /// The plan whose run holds it.
    pub plan: PlanHash,
    pub requester: String,
    pub template: TemplateId,
    pub since: Timestamp,
}

/// The keys of the locks that a run needs: one for each combination of the elements of its lock
/// values, so that runs on `[web-01, web-02]` and on `web-02` exclude each other.
///
/// A key is the JSON object of kinds with their values, sorted: another template that locks the
/// same kinds with the same values has the same key, whatever its parameters are called.
///
/// # Errors
///
/// [`Refusal::TooManyTargets`].
pub(super) fn keys(facts: &TemplateFacts, values: &Values) -> Result<Vec<String>, Refusal> {
    if facts.lock.is_empty() {
        return Ok(Vec::new());
    }
    let mut targets: Vec<BTreeMap<&str, String>> = vec![BTreeMap::new()];
    for part in &facts.lock {
        let elements = elements(part, values);
        let count = targets.len().saturating_mul(elements.len());
        if count > MOST {
            return Err(Refusal::TooManyTargets { targets: count, most: MOST });
        }
        targets = targets
            .iter()
            .flat_map(|target| {
                elements.iter().map(|element| {
                    let mut target = target.clone();
                    target.insert(&part.kind, element.clone());
                    target
                })
            })
            .collect();
    }
    let mut keys: Vec<String> =
        targets.iter().map(|target| serde_json::json!(target).to_string()).collect();
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

/// The things of one kind that a run is about; where it names none, the nameless one.
fn elements(part: &LockPart, values: &Values) -> Vec<String> {
    let mut elements: Vec<String> = part
        .parameters
        .iter()
        .filter_map(|name| values.get(name))
        .flat_map(|value| match value {
            Value::List(items) => items.clone(),
            single => vec![single.to_string()],
        })
        .collect();
    elements.sort_unstable();
    elements.dedup();
    if elements.is_empty() { vec![String::new()] } else { elements }
}

/// A lock's key for people: `environment=production, service=checkout`.
fn target(key: &str) -> String {
    let parts: BTreeMap<String, String> = serde_json::from_str(key).unwrap_or_default();
    parts.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
}

/// Adds the taking of locks to a batch, which fails when one of them is held.
pub(super) fn take(mut batch: Batch, keys: &[String], lock: &Lock) -> Batch {
    for key in keys {
        batch =
            batch.expect(LOCKS, key, Expectation::Absent).put(LOCKS, key, serde_json::json!(lock));
    }
    batch
}

/// Adds the release of locks to a batch.
pub(super) fn release(mut batch: Batch, keys: &[String]) -> Batch {
    for key in keys {
        batch = batch.delete(LOCKS, key);
    }
    batch
}

/// The refusal if one of the locks is held.
pub(super) async fn held(
    store: &dyn Store,
    keys: &[String],
) -> Result<Option<Refusal>, StoreError> {
    for key in keys {
        if let Some(lock) = get_as::<Lock>(store, LOCKS, key).await? {
            return Ok(Some(Refusal::Busy {
                target: target(key),
                requester: lock.requester,
                template: lock.template,
                since: lock.since,
            }));
        }
    }
    Ok(None)
}
