//! What has to be seen to though nobody says anything: requests for approval that expired, and
//! those that were granted when Steward stopped.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::handle::{Said, put};
use super::{Core, Trouble, runs};
use crate::access::{Approval, ApprovalState, Refusal};
use crate::channels::Urgency;
use crate::failures::Class;
use crate::reply::Reply;
use crate::store::{Batch, StoreError};

/// How often it is looked.
const PERIOD: Duration = Duration::from_secs(60);

/// Looks until Steward stops.
pub(super) async fn run(core: Arc<Core>) {
    while !core.shutdown.is_cancelled() {
        if let Err(trouble) = look(&core).await {
            core.journal.record(Class::System, None, "seeing to approvals", trouble.to_string());
        }
        tokio::select! {
            () = tokio::time::sleep(PERIOD) => {}
            () = core.shutdown.cancelled() => return,
        }
    }
}

async fn look(core: &Arc<Core>) -> Result<(), Trouble> {
    let now = Timestamp::now();
    for approval in core.access.sweep(now).await? {
        tell(core, &approval, now).await?;
    }
    for approval in core.access.open_approvals(now).await? {
        if approval.state == ApprovalState::Granted {
            match runs::approved(core, &approval, now).await {
                Ok(dispatch) => dispatch.spawn(core),
                // The target is busy, or the check says no: the next look tries again, until the
                // request expires and its requester is told.
                Err(Trouble::Refused(refusal)) if !refusal.is_failure() => {
                    tracing::info!(number = approval.execution, %refusal, "granted, and waits");
                }
                Err(Trouble::Check { reason, .. }) => {
                    tracing::info!(number = approval.execution, reason, "granted, and waits");
                }
                Err(trouble) => return Err(trouble),
            }
        }
    }
    Ok(())
}

/// Tells the requester that nobody approved in time.
async fn tell(core: &Core, approval: &Approval, now: Timestamp) -> Result<(), StoreError> {
    let plan = &approval.plan;
    let rules = core.access.rules();
    let writer = core.writer_for(rules.users().get(&plan.requester));
    let said = Said {
        to: plan.scope.clone(),
        user: plan.requester.clone(),
        card: None,
        live: false,
        urgency: Urgency::Notice,
        reply: Reply::text(writer.refusal(&Refusal::ApprovalExpired)),
    };
    core.store.commit(put(core, Batch::default(), said, None, now)?).await?;
    core.outbox.wake(&plan.scope);
    Ok(())
}
