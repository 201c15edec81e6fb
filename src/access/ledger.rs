//! The ledger: what became of each plan. A plan that was not shown can't be confirmed, and one
//! that was used can't be used again.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::approval::Approval;
use crate::catalog::{Definition, TemplateId, Values};
use crate::plan::PlanHash;
use crate::store::{Store, StoreError, Table, get_as, scan_as};

pub(super) const PLANS: Table = "access_plans";
pub(super) const APPROVALS: Table = "access_approvals";
pub(super) const SCHEDULES: Table = "access_schedules";

/// Where a plan stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub(super) enum Entry {
    /// Shown to its requester, who may confirm it.
    Shown { expires: Timestamp },
    /// Confirmed; its approval is kept in the table of approvals.
    Waiting,
    /// It may run, or runs.
    Authorized { run: Box<StoredRun> },
    Finished {
        at: Timestamp,
        /// The audit record of its end.
        record: u64,
    },
}

/// An authorised run as it is kept, so that it can go on after a crash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredRun {
    pub template: TemplateId,
    #[serde(default, skip_serializing_if = "Definition::is_unknown")]
    pub definition: Definition,
    pub values: Values,
    pub plan: PlanHash,
    pub requester: String,
    pub platform_user: String,
    pub approvers: Vec<String>,
    /// The number that its execution has or will have.
    pub execution: u64,
    /// Since when it waited for approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waited_since: Option<Timestamp>,
    pub at: Timestamp,
    /// The keys of the locks it holds.
    pub locks: Vec<String>,
    /// The audit record of the authorisation; `None` until it is written.
    pub record: Option<u64>,
}

/// What a schedule may run, as it was confirmed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ScheduleGrant {
    pub template: TemplateId,
    #[serde(default, skip_serializing_if = "Definition::is_unknown")]
    pub definition: Definition,
    pub values: Values,
    pub requester: String,
    pub scope: crate::channels::Address,
    /// The plan that was confirmed when the schedule was made.
    pub confirmed: PlanHash,
}

/// Every entry of a table, page by page.
pub(super) async fn read_all<T: DeserializeOwned>(
    store: &dyn Store,
    table: Table,
) -> Result<Vec<(String, T)>, StoreError> {
    const PAGE: usize = 500;
    let mut all: Vec<(String, T)> = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = scan_as(store, table, "", after.as_deref(), PAGE).await?;
        let last_page = page.len() < PAGE;
        after = page.last().map(|(key, _)| key.clone());
        all.extend(page);
        if last_page {
            return Ok(all);
        }
    }
}

/// The request for approval of a plan.
pub(super) async fn approval(
    store: &dyn Store,
    plan: &PlanHash,
) -> Result<Option<Approval>, StoreError> {
    get_as(store, APPROVALS, &plan.0).await
}
