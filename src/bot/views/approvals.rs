//! Runs of others that wait for the one who looks.

use serde::Serialize;

use super::{Bot, Caller, ViewError};
use crate::access::Permission;

/// A run that waits for approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApprovalView {
    /// The hash that a decision is bound to.
    pub plan: String,
    pub job: String,
    pub requester: String,
    /// Every value: parameter, value, source.
    pub rows: Vec<(String, String, String)>,
    pub requested: String,
    pub expires: String,
    pub granted: usize,
    pub needed: usize,
    /// Who agreed so far.
    pub by: Vec<String>,
    /// The one who looks has agreed already.
    pub is_decided: bool,
}

impl Bot {
    /// What waits for the approval of the one who looks, the oldest first.
    ///
    /// # Errors
    ///
    /// When they approve nothing here.
    pub async fn approvals(&self, caller: &Caller) -> Result<Vec<ApprovalView>, ViewError> {
        let seat = self.seat(caller).await?;
        let doing = "listing approvals";
        seat.permit_command(Permission::Approve, doing).await?;
        let waiting = seat.core.access.waiting_for(&seat.user, seat.now).await;
        let waiting = waiting.map_err(|refusal| seat.failed(refusal, doing))?;
        let rules = seat.core.access.rules();
        let writer = seat.writer();
        let views = waiting.iter().map(|approval| {
            let (granted, needed) = approval.progress(rules.users());
            let by: Vec<String> = approval.votes.iter().map(|vote| vote.by.clone()).collect();
            ApprovalView {
                plan: approval.hash().0,
                job: writer.job_name(&approval.plan.template),
                requester: approval.plan.requester.clone(),
                rows: writer.plan_rows(&approval.plan),
                requested: writer.speech.moment(approval.requested, &seat.zone),
                expires: writer.speech.moment(approval.expires, &seat.zone),
                granted,
                needed,
                is_decided: by.contains(&seat.user.id),
                by,
            }
        });
        Ok(views.collect())
    }
}
