//! The record of every execution, kept in the store.
//!
//! **Architecture Invariant:** an execution changes only through [`Executions`], each change is a
//! compare-and-set against what was read, and none leaves a final state. The record and its
//! indexes change in one batch, so no query ever sees them disagree. A change leaves an event
//! behind in the same batch, until somebody acknowledges it: a crash loses no notice.

mod events;
mod index;
mod query;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde_json::Value as Json;
use tokio::sync::Notify;

use self::index::{BY_KEY, EVENTS, EXECUTIONS, event_key, record_key};
use crate::access::AuthorizedRun;
use crate::catalog::{TemplateId, Values};
use crate::channels::Address;
use crate::jobs::platform::{IdempotencyKey, Reference};
use crate::jobs::{Execution, ExecutionState, FailedTarget, Metric, Outcome, StateChange};
use crate::observe;
use crate::plan::PlanHash;
use crate::store::{Batch, Expectation, Store, StoreError, Table};

pub use self::events::Event;
pub use self::query::Query;

/// Every execution there ever was.
#[derive(Clone)]
pub struct Executions {
    store: Arc<dyn Store>,
    changed: Arc<Notify>,
    /// The executions that were changed by this process, until that is forgotten.
    here: Arc<Mutex<HashSet<u64>>>,
}

/// The sequence that executions are numbered by.
pub const NUMBERS: &str = "executions";

/// What is known of an execution before it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewExecution {
    /// The number that was reserved for it; else it gets the next one.
    pub number: Option<u64>,
    /// Since when it waited for approval.
    pub waited_since: Option<Timestamp>,
    pub key: IdempotencyKey,
    pub template: TemplateId,
    pub values: Values,
    pub plan: PlanHash,
    pub requester: String,
    pub origin: Address,
    pub platform: String,
    pub again: Option<u64>,
    pub schedule: Option<String>,
}

impl NewExecution {
    /// The execution of an authorised run, asked for at `origin`.
    pub fn of(
        run: &AuthorizedRun,
        key: IdempotencyKey,
        origin: Address,
        platform: &str,
    ) -> NewExecution {
        NewExecution {
            number: Some(run.number()),
            waited_since: run.waited_since(),
            key,
            template: run.template().clone(),
            values: run.values().clone(),
            plan: run.plan().clone(),
            requester: run.requester().to_owned(),
            origin,
            platform: platform.to_owned(),
            again: None,
            schedule: None,
        }
    }
}

/// What became of a request to create an execution.
#[derive(Debug, Clone, PartialEq)]
pub enum Created {
    New(Execution),
    /// The key was used before: this is the execution that it stands for.
    Existing(Execution),
}

impl Created {
    /// The execution that the key stands for.
    pub fn into_execution(self) -> Execution {
        match self {
            Created::New(execution) | Created::Existing(execution) => execution,
        }
    }
}

/// What is known of a run once it is over.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ending {
    pub outcome: Option<Outcome>,
    pub metrics: Vec<Metric>,
    pub failed_targets: Vec<FailedTarget>,
    pub progress: Option<(u32, u32, String)>,
}

/// Why an execution could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionsError {
    #[error("there is no execution #{0}")]
    Unknown(u64),
    #[error("execution #{number} is {from} and can't become {to}")]
    Illegal { number: u64, from: ExecutionState, to: ExecutionState },
    #[error("execution #{0} is changed by somebody else all the time")]
    Contended(u64),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change of state.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Only from this one.
    from: Option<ExecutionState>,
    to: ExecutionState,
}

impl Step {
    fn to(to: ExecutionState) -> Step {
        Step { from: None, to }
    }
}

/// How often a change is tried again when another writer came between reading and writing.
const ATTEMPTS: usize = 16;

impl Executions {
    pub fn new(store: Arc<dyn Store>) -> Executions {
        Executions { store, changed: Arc::new(Notify::new()), here: Arc::default() }
    }

    /// Stores a new execution under its number, queued; or finds the one that was stored
    /// with the same key before.
    pub async fn create(
        &self,
        new: NewExecution,
        now: Timestamp,
    ) -> Result<Created, ExecutionsError> {
        if let Some(existing) = self.by_key(&new.key).await? {
            return Ok(Created::Existing(existing));
        }
        let number = match new.number {
            Some(number) => number,
            None => self.store.next(NUMBERS).await?,
        };
        let change = |to, at| StateChange { to, at, reason: None };
        let waited = new.waited_since.map(|at| change(ExecutionState::AwaitingApproval, at));
        let execution = Execution {
            number,
            key: new.key,
            template: new.template,
            values: new.values,
            plan: new.plan,
            requester: new.requester,
            origin: new.origin,
            platform: new.platform,
            reference: None,
            state: ExecutionState::Queued,
            history: waited.into_iter().chain([change(ExecutionState::Queued, now)]).collect(),
            progress: None,
            outcome: None,
            metrics: Vec::new(),
            failed_targets: Vec::new(),
            again: new.again,
            schedule: new.schedule,
            end_wanted: false,
        };
        let key = record_key(execution.number);
        let batch = Batch::default()
            .expect(EXECUTIONS, &key, Expectation::Absent)
            .expect(BY_KEY, &execution.key.0, Expectation::Absent)
            .put(EXECUTIONS, &key, to_json(&execution)?)
            .put(BY_KEY, &execution.key.0, execution.number.into());
        let batch = index::enter(batch, &execution);
        match self.store.commit(batch).await {
            Ok(()) => {
                observe::entered(execution.state);
                Ok(Created::New(execution))
            }
            // Somebody else came first with the same key.
            Err(StoreError::Conflict { table: BY_KEY, key }) => {
                match self.by_key(&execution.key).await? {
                    Some(existing) => Ok(Created::Existing(existing)),
                    None => Err(StoreError::Conflict { table: BY_KEY, key }.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The execution of that number.
    pub async fn get(&self, number: u64) -> Result<Execution, ExecutionsError> {
        self.read(number).await.map(|(execution, _)| execution)
    }

    /// The execution that an idempotency key stands for.
    pub async fn by_key(&self, key: &IdempotencyKey) -> Result<Option<Execution>, ExecutionsError> {
        match self.store.get(BY_KEY, &key.0).await? {
            Some(number) => {
                let number = number.as_u64().ok_or_else(|| corrupt(BY_KEY, &key.0, "a number"))?;
                self.get(number).await.map(Some)
            }
            None => Ok(None),
        }
    }

    /// Moves an execution to another state.
    pub async fn transition(
        &self,
        number: u64,
        to: ExecutionState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<Execution, ExecutionsError> {
        self.change(number, Some((Step::to(to), reason)), now, |_| ()).await
    }

    /// Settles an execution that waits to be started as failed; one that was started meanwhile is
    /// left alone.
    pub async fn give_up(
        &self,
        number: u64,
        reason: &str,
        now: Timestamp,
    ) -> Result<Execution, ExecutionsError> {
        let step = Step { from: Some(ExecutionState::Queued), to: ExecutionState::Failed };
        self.change(number, Some((step, Some(reason))), now, |_| ()).await
    }

    /// Records that the platform has taken the run over, under its own name for it.
    pub async fn running(
        &self,
        number: u64,
        reference: Reference,
        now: Timestamp,
    ) -> Result<Execution, ExecutionsError> {
        self.change(number, Some((Step::to(ExecutionState::Running), None)), now, |execution| {
            execution.reference = Some(reference.clone());
        })
        .await
    }

    /// Records that somebody asked for the end of a run. What comes back says whether the
    /// platform has a name for the run yet; if not, whoever records that name has to pass the
    /// wish on.
    pub async fn want_end(
        &self,
        number: u64,
        now: Timestamp,
    ) -> Result<Execution, ExecutionsError> {
        self.change(number, None, now, |execution| execution.end_wanted = true).await
    }

    /// Records how a run ended.
    pub async fn finish(
        &self,
        number: u64,
        to: ExecutionState,
        reason: Option<&str>,
        ending: Ending,
        now: Timestamp,
    ) -> Result<Execution, ExecutionsError> {
        self.change(number, Some((Step::to(to), reason)), now, |execution| {
            execution.outcome.clone_from(&ending.outcome);
            execution.metrics.clone_from(&ending.metrics);
            execution.failed_targets.clone_from(&ending.failed_targets);
            if ending.progress.is_some() {
                execution.progress.clone_from(&ending.progress);
            }
        })
        .await
    }

    /// Stores how far a run has come. Not an event: progress is shown, not remembered.
    pub async fn progress(
        &self,
        number: u64,
        progress: (u32, u32, String),
        now: Timestamp,
    ) -> Result<Execution, ExecutionsError> {
        self.change(number, None, now, |execution| execution.progress = Some(progress.clone()))
            .await
    }

    async fn read(&self, number: u64) -> Result<(Execution, Json), ExecutionsError> {
        let key = record_key(number);
        let json =
            self.store.get(EXECUTIONS, &key).await?.ok_or(ExecutionsError::Unknown(number))?;
        Ok((from_json(EXECUTIONS, &key, json.clone())?, json))
    }

    async fn change(
        &self,
        number: u64,
        step: Option<(Step, Option<&str>)>,
        now: Timestamp,
        apply: impl Fn(&mut Execution),
    ) -> Result<Execution, ExecutionsError> {
        for _ in 0..ATTEMPTS {
            let (before, json) = self.read(number).await?;
            let mut after = before.clone();
            apply(&mut after);
            let mut batch = Batch::default();
            if let Some((Step { from, to }, reason)) = step {
                let as_expected = from.is_none_or(|from| from == before.state);
                if !as_expected || !before.state.may_become(to) {
                    return Err(ExecutionsError::Illegal { number, from: before.state, to });
                }
                let change = StateChange { to, at: now, reason: reason.map(str::to_owned) };
                after.state = to;
                after.history.push(change.clone());
                batch = batch.put(
                    EVENTS,
                    event_key(number, after.history.len() - 1),
                    to_json(&change)?,
                );
                batch = index::relocate(batch, before.state, &after);
            }
            let key = record_key(number);
            let batch = batch.expect(EXECUTIONS, &key, Expectation::Is(json)).put(
                EXECUTIONS,
                &key,
                to_json(&after)?,
            );
            match self.store.commit(batch).await {
                Ok(()) => {
                    if step.is_some() {
                        observe::entered(after.state);
                        if self.store.is_shared() {
                            self.here().insert(number);
                        }
                        self.changed.notify_one();
                    }
                    return Ok(after);
                }
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ExecutionsError::Contended(number))
    }
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<Json, StoreError> {
    serde_json::to_value(value).map_err(|e| StoreError::Backend(e.to_string()))
}

fn from_json<T: serde::de::DeserializeOwned>(
    table: Table,
    key: &str,
    json: Json,
) -> Result<T, StoreError> {
    serde_json::from_value(json).map_err(|e| StoreError::Corrupt {
        table,
        key: key.to_owned(),
        reason: e.to_string(),
    })
}

fn corrupt(table: Table, key: &str, expected: &str) -> StoreError {
    StoreError::Corrupt { table, key: key.to_owned(), reason: format!("expected {expected}") }
}

#[cfg(test)]
mod tests;
