//! The key that starts a run.

use crate::catalog::{TemplateId, Values};
use crate::plan::PlanHash;

/// Proof that a plan was shown, confirmed, allowed, approved where needed, and audited.
///
/// Its fields are private and nothing outside `access` can make one, so a platform that asks for
/// it can't be reached around the checks.
#[derive(Debug, Clone)]
pub struct AuthorizedRun {
    template: TemplateId,
    values: Values,
    plan: PlanHash,
    requester: String,
}

impl AuthorizedRun {
    pub fn template(&self) -> &TemplateId {
        &self.template
    }

    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The plan this run was authorised for.
    pub fn plan(&self) -> &PlanHash {
        &self.plan
    }

    /// The Steward user on whose behalf it runs.
    pub fn requester(&self) -> &str {
        &self.requester
    }
}
