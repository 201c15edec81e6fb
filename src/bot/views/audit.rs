//! The audit log, for those who may read it.

use serde::Serialize;

use super::{Bot, Caller, ViewError};
use crate::access::audit::{self, Event, Filter, Record};
use crate::access::{Permission, Refusal};

/// Records that are shown at once.
const PAGE: usize = 100;

/// What is looked for; what is not given does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    pub user: Option<String>,
    pub event: Option<Event>,
    pub execution: Option<u64>,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditView {
    pub seq: u64,
    pub at: String,
    /// What happened, in words, and as the log spells it.
    pub event: String,
    pub code: String,
    pub user: String,
    /// The job or command it is about.
    pub what: String,
    pub execution: Option<u64>,
    /// Rule, reason, result: what is said besides.
    pub remark: String,
}

impl Bot {
    /// The latest records, the newest first.
    ///
    /// # Errors
    ///
    /// When this person may not read them, or the log is broken.
    pub async fn audit(
        &self,
        caller: &Caller,
        search: Search,
    ) -> Result<Vec<AuditView>, ViewError> {
        let seat = self.seat(caller).await?;
        let doing = "reading the audit log";
        seat.permit_command(Permission::Audit, doing).await?;
        let folder = seat.core.config.directories.audit();
        let Search { user, event, execution } = search;
        let filter = Filter { user, event, execution, ..Filter::default() };
        let found = tokio::task::spawn_blocking(move || audit::find(&folder, &filter, Some(PAGE)));
        let failed = |reason: String| seat.failed(Refusal::AuditUnavailable { reason }, doing);
        let found = found.await.map_err(|error| failed(error.to_string()))?;
        let found = found.map_err(|error| failed(error.to_string()))?;
        let writer = seat.writer();
        let view = |record: &Record| {
            let entry = &record.entry;
            let rule = entry.rule.as_ref().map(ToString::to_string);
            let result = entry.result.as_deref().map(|result| writer.speech.audit_result(result));
            let remarks = [result, entry.reason.clone(), rule];
            AuditView {
                seq: record.seq,
                at: writer.speech.moment(record.time, &seat.zone),
                event: writer.speech.audit_event(entry.event),
                code: entry.event.to_string(),
                user: entry.user.clone().unwrap_or_default(),
                what: writer.audited(entry),
                execution: entry.execution,
                remark: writer.speech.list(remarks.into_iter().flatten()),
            }
        };
        Ok(found.iter().rev().map(view).collect())
    }
}
