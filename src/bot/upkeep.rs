//! What has to be seen to though nobody says anything: requests for approval that expired, those
//! that were granted when Steward stopped, and what takes room and is long over.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;

use super::handle::{Effects, put};
use super::{Bot, Core, Trouble, approvals, buttons, intake, runs};
use crate::access::{Approval, ApprovalState};
use crate::failures::Class;
use crate::jobs::platform::local::to_forget;
use crate::store::{Batch, StoreError};

/// How often room is made.
const SWEEP: Duration = Duration::from_secs(3_600);

/// How often it is looked.
const PERIOD: Duration = Duration::from_secs(60);

/// Looks until Steward stops: of several that share a store, one does.
pub(super) async fn run(bot: Bot) {
    let shutdown = bot.core().shutdown.clone();
    tokio::spawn(forget_output(bot.clone()));
    let Some(_claim) = bot.core().claims.until("upkeep", &shutdown).await else { return };
    let mut swept = None;
    while !shutdown.is_cancelled() {
        let core = bot.core();
        if swept.is_none_or(|at: Instant| at.elapsed() >= SWEEP) {
            swept = Some(Instant::now());
            if let Err(trouble) = sweep(&core).await {
                core.journal.record(Class::System, None, "making room", trouble.to_string());
            }
        }
        if let Err(trouble) = look(&core, Timestamp::now()).await {
            core.journal.record(Class::System, None, "seeing to approvals", trouble.to_string());
        }
        tokio::select! {
            () = tokio::time::sleep(PERIOD) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

/// Forgets buttons and messages of old.
async fn sweep(core: &Core) -> Result<(), StoreError> {
    let now = Timestamp::now();
    intake::forget_old(&*core.store, now).await?;
    core.access.forget_limits(now).await?;
    buttons::forget_old(&*core.store, now).await
}

/// Forgets, now and then, the output of runs on this machine that are long over.
async fn forget_output(bot: Bot) {
    let shutdown = bot.core().shutdown.clone();
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let runs = bot.core().config.directories.runs.clone();
    let claim = format!("output/{machine}/{}", runs.display());
    let Some(_claim) = bot.core().claims.until(&claim, &shutdown).await else { return };
    while !shutdown.is_cancelled() {
        let core = bot.core();
        if let Err(error) = forget_old_output(&core).await {
            core.journal.record(Class::System, None, "making room", error.to_string());
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

async fn forget_old_output(core: &Core) -> Result<(), Trouble> {
    let (local, retention) = (core.local.clone(), core.config.retention);
    let kept = Duration::try_from(retention.runs).unwrap_or_default();
    let oldest = SystemTime::now().checked_sub(kept).unwrap_or(SystemTime::UNIX_EPOCH);
    let disk = |error: std::io::Error| StoreError::Backend(format!("output of runs: {error}"));
    let ended = tokio::task::spawn_blocking(move || local.ended()).await;
    let ended = ended.map_err(|error| StoreError::Backend(error.to_string()))?.map_err(disk)?;
    for key in to_forget(&ended, oldest, retention.size) {
        // What the run itself says is over may not have been seen to be.
        let execution = core.monitor.executions().by_key(&key).await?;
        if execution.is_none_or(|execution| execution.state.is_final()) {
            core.local.forget(&key).map_err(disk)?;
        }
    }
    Ok(())
}

/// Looks once.
pub(super) async fn look(core: &Arc<Core>, now: Timestamp) -> Result<(), Trouble> {
    core.access.forget_settled(now).await?;
    for approval in core.access.expired(now).await? {
        close(core, &approval, now).await?;
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
                Err(trouble) => return Err(trouble),
            }
        }
    }
    Ok(())
}

/// Closes a request that expired, and tells everybody whom it concerned.
async fn close(core: &Core, approval: &Approval, now: Timestamp) -> Result<(), Trouble> {
    let mut effects = Effects::default();
    approvals::tell_of_expiry(core, approval, &mut effects).await?;
    let (mut batch, mut chats) = (Batch::default(), Vec::new());
    for said in effects.messages {
        chats.push(said.to.clone());
        batch = put(core, batch, said, now)?;
    }
    core.access.close_expired(approval, batch, now).await?;
    chats.iter().for_each(|chat| core.outbox.wake(chat));
    Ok(())
}
