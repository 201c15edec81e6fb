//! Handing authorised runs to the monitor, which starts them: after everything is stored.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{BotError, Core, Trouble};
use crate::access::{AuthorizedRun, Completion};
use crate::failures::Class;
use crate::jobs::monitor;
use crate::jobs::platform::IdempotencyKey;
use crate::jobs::{Execution, ExecutionState};
use crate::plan::PlanHash;

/// A stored execution with the key that starts it.
pub(super) struct Dispatch {
    pub execution: Execution,
    pub run: AuthorizedRun,
}

/// The key under which a plan is run: a plan runs once, so its hash is the key.
pub(super) fn key_of(plan: &PlanHash) -> IdempotencyKey {
    IdempotencyKey(plan.0.chars().take(32).collect())
}

impl Dispatch {
    /// Sets it going. What becomes of it is recorded with the execution, from where the monitor
    /// tells those who follow it.
    pub fn spawn(self, core: &Arc<Core>) {
        let core = Arc::clone(core);
        tokio::spawn(async move {
            let number = self.execution.number;
            if let Err(error) = self.go(&core).await {
                let doing = format!("starting #{number}");
                core.journal.record(Class::System, None, doing, error.to_string());
            }
        });
    }

    async fn go(&self, core: &Core) -> Result<(), monitor::DispatchError> {
        let execution = &self.execution;
        let dispatch = monitor::Dispatch {
            run: &self.run,
            key: execution.key.clone(),
            platform: &execution.platform,
            origin: execution.origin.clone(),
            again: execution.again,
            schedule: execution.schedule.clone(),
        };
        core.monitor.dispatch(dispatch).await.map(drop)
    }
}

/// Frees what was locked for runs that never came to be stored though they were authorised longer
/// ago than `young`, and for those whose end was not written down.
pub(super) async fn free(
    core: &Core,
    young: SignedDuration,
    now: Timestamp,
) -> Result<(), BotError> {
    for run in core.access.authorized_runs().await? {
        if now.duration_since(run.at) < young {
            continue;
        }
        match core.monitor.executions().by_key(&key_of(&run.plan)).await? {
            None => core.access.abandon(&run.plan, now).await?,
            // Who tells of its end writes it down; this is for when that failed.
            Some(execution)
                if execution.state.is_final()
                    && now.duration_since(execution.history.last().map_or(now, |c| c.at))
                        >= young =>
            {
                let completion = Completion::of(&execution, now);
                core.access.complete(&run.plan, &completion, now).await?;
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Starts what was authorised and stored but is not started, unless that was less than `young`
/// ago: then whoever stored it is about to.
///
/// A run that was confirmed too long ago is not started any more: nobody expects it now. It is
/// settled as never started.
pub(super) async fn go_on(
    core: &Arc<Core>,
    left: &[Execution],
    young: SignedDuration,
    now: Timestamp,
) -> Result<(), BotError> {
    let patience = core.dialogue.plan_expiry;
    for execution in left {
        // From when it could start: one that waited for approval may have been asked for long ago.
        let queued = execution.history.last().map_or(now, |change| change.at);
        let age = now.duration_since(queued);
        if execution.state != ExecutionState::Queued || age < young {
            continue;
        }
        if age > patience {
            core.monitor.never_started(execution.number).await?;
            continue;
        }
        match core.access.resume(&execution.plan, &execution.origin, now).await {
            Ok(run) => {
                let dispatch = Dispatch { execution: execution.clone(), run };
                if let Err(error) = dispatch.go(core).await {
                    tracing::error!(number = execution.number, %error, "not started again");
                }
            }
            Err(refusal) => tracing::warn!(number = execution.number, %refusal, "not started"),
        }
    }
    Ok(())
}

/// What the bot does after a wish to end a run.
pub(super) async fn cancel(core: &Core, number: u64) -> Result<Execution, Trouble> {
    core.monitor.cancel(number).await.map_err(|error| match error {
        monitor::CancelError::Over(number, state) => Trouble::Over(number, state),
        monitor::CancelError::Platform(error) => Trouble::Platform(error),
        monitor::CancelError::Executions(error) => error.into(),
    })
}
