//! What the store remembers of the audit log, so that a log that was removed is missed.
//!
//! Whoever deletes the folder of the log deletes the proof of what was done; a fresh chain that
//! begins as if nothing had been there would hide that. So the last record is kept in the store,
//! too, and a log without it is not written to before an operator says that they know. Of a store
//! that several processes share, each has a log of its own, which the store knows by its place.

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;

use super::audit::{AuditError, AuditLog, Broken, Entry as Record, Event, Head, holds, verify};
use super::ledger::{self, Entry, PLANS};
use crate::store::{Batch, Store, StoreError, Table, get_as};

const AUDIT: Table = "access_audit";
const LAST: &str = "last";

/// Whether the log is the one that the store knows. To be asked at the start, before anything is
/// written down.
///
/// # Errors
///
/// [`AuditError::Lost`] where it is not.
pub async fn check_log(store: &dyn Store, log: &AuditLog) -> Result<(), AuditError> {
    match missing(store, log.folder(), |head| log.holds(head)).await? {
        Some(seq) => Err(AuditError::Lost { folder: log.folder().to_owned(), seq }),
        None => Ok(()),
    }
}

/// As [`check_log`], for a log that is only to be looked at: nothing is changed, not even what a
/// crash cut off at its end.
///
/// # Errors
///
/// As [`check_log`].
pub async fn check_folder(store: &dyn Store, folder: &Path) -> Result<(), AuditError> {
    match missing(store, folder, |head| holds(folder, head)).await? {
        Some(seq) => Err(AuditError::Lost { folder: folder.to_owned(), seq }),
        None => Ok(()),
    }
}

/// Begins anew after a loss, with a record of who acknowledged it and why.
///
/// # Errors
///
/// [`AuditError::NothingLost`], or when it can't be written.
pub async fn acknowledge_loss(
    store: &dyn Store,
    log: &AuditLog,
    by: &str,
    reason: &str,
    now: Timestamp,
) -> Result<Head, AuditError> {
    let Some(seq) = missing(store, log.folder(), |head| log.holds(head)).await? else {
        return Err(AuditError::NothingLost(log.folder().to_owned()));
    };
    let mut record = Record::new(Event::LossAcknowledged);
    record.confirmed_by = Some(by.to_owned());
    record.reason = Some(format!("record {seq} and the log before it are missing: {reason}"));
    let head = log.append(record, now).await?;
    remember(store, log, &head).await?;
    Ok(head)
}

/// Keeps in mind which record was written last.
pub(super) async fn remember(
    store: &dyn Store,
    log: &AuditLog,
    head: &Head,
) -> Result<(), StoreError> {
    store.commit(Batch::default().put(AUDIT, key(store, log.folder()), json!(head))).await
}

/// Under which key the last record of a log is kept.
fn key(store: &dyn Store, folder: &Path) -> String {
    if !store.is_shared() {
        return LAST.to_owned();
    }
    let machine = rustix::system::uname();
    format!("{LAST}/{}/{}", machine.nodename().to_string_lossy(), folder.display())
}

/// The number of a record that was written and is not there; `holds` says which are.
async fn missing(
    store: &dyn Store,
    folder: &Path,
    holds: impl Fn(&Head) -> Result<bool, Broken>,
) -> Result<Option<u64>, AuditError> {
    let known: Option<Head> = get_as(store, AUDIT, &key(store, folder)).await?;
    match known {
        Some(head) => Ok((!holds(&head)?).then_some(head.seq)),
        None if store.is_shared() => Ok(None),
        // A store that was written to before it kept the last record knows those of its runs.
        None => {
            let last = match folder.exists() {
                true => verify(folder)?.records,
                false => 0,
            };
            let records = ledger::read_all::<Entry>(store, PLANS).await?.into_iter();
            let records = records.filter_map(|(_, entry)| match entry {
                Entry::Authorized { run } => run.record,
                Entry::Finished { record, .. } => Some(record),
                Entry::Shown { .. } | Entry::Waiting => None,
            });
            Ok(records.max().filter(|record| *record > last))
        }
    }
}
