//! The key that starts a run.

use jiff::Timestamp;

use super::ledger::StoredRun;
use crate::catalog::{Definition, TemplateId, Values};
use crate::plan::PlanHash;

/// Proof that a plan was shown, confirmed, allowed, approved where needed, and audited.
///
/// Its fields are private and nothing outside `access` can make one, so a platform that asks for
/// it can't be reached around the checks.
#[derive(Debug, Clone)]
pub struct AuthorizedRun {
    template: TemplateId,
    definition: Definition,
    values: Values,
    plan: PlanHash,
    requester: String,
    platform_user: String,
    approvers: Vec<String>,
    number: u64,
    waited_since: Option<Timestamp>,
    record: u64,
}

impl AuthorizedRun {
    /// Only for `authorize` and `resume`: the run was written down as `record`.
    pub(super) fn new(run: StoredRun, record: u64) -> AuthorizedRun {
        AuthorizedRun {
            template: run.template,
            definition: run.definition,
            values: run.values,
            plan: run.plan,
            requester: run.requester,
            platform_user: run.platform_user,
            approvers: run.approvers,
            number: run.execution,
            waited_since: run.waited_since,
            record,
        }
    }

    pub fn template(&self) -> &TemplateId {
        &self.template
    }

    /// How the template was defined when the plan was shown: no platform runs another.
    pub fn definition(&self) -> &Definition {
        &self.definition
    }

    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The plan this run was authorised for. It names the run to
    /// [`Access::complete`](super::Access::complete).
    pub fn plan(&self) -> &PlanHash {
        &self.plan
    }

    /// The Steward user on whose behalf it runs.
    pub fn requester(&self) -> &str {
        &self.requester
    }

    /// What the job platform calls the requester.
    pub fn platform_user(&self) -> &str {
        &self.platform_user
    }

    /// Who approved it; empty where nobody had to.
    pub fn approvers(&self) -> &[String] {
        &self.approvers
    }

    /// The number of its execution, reserved when it was confirmed: every audit record of the run
    /// carries it.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Since when it waited for approval; `None` where it did not have to.
    pub fn waited_since(&self) -> Option<Timestamp> {
        self.waited_since
    }

    /// The number of the audit record that authorises it.
    pub fn record(&self) -> u64 {
        self.record
    }
}
