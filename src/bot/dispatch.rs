//! Handing authorised runs to the monitor, which starts them: after everything is stored.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{BotError, Core, Trouble};
use crate::access::{AuthorizedRun, Completion};
use crate::failures::Class;
use crate::jobs::Execution;
use crate::jobs::monitor;
use crate::jobs::platform::IdempotencyKey;
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

/// Goes on with what was authorised and stored and may not have come to its platform, unless that
/// was less than `young` ago: then whoever stored it is about to. A platform that was called already
/// finds the run by its key.
///
/// What was confirmed too long ago, may not be run any more or is not wanted any more is left:
/// nobody expects it to start now.
pub(super) async fn go_on(
    core: &Arc<Core>,
    left: &[Execution],
    young: SignedDuration,
    now: Timestamp,
) -> Result<(), BotError> {
    let patience = core.dialogue.plan_expiry;
    for execution in left.iter().filter(|execution| execution.may_be_unstarted()) {
        // From when it could start: one that waited for approval may have been asked for long ago.
        let since = execution.history.last().map_or(now, |change| change.at);
        let age = now.duration_since(since);
        if age < young {
            continue;
        }
        if age > patience || execution.end_wanted {
            core.monitor.leave(execution).await?;
            continue;
        }
        match core.access.resume(&execution.plan, &execution.origin, now).await {
            Ok(run) => {
                let dispatch = Dispatch { execution: execution.clone(), run };
                if let Err(error) = dispatch.go(core).await {
                    tracing::error!(number = execution.number, %error, "not started again");
                }
            }
            // Asked again by whoever looks next.
            Err(refusal) if refusal.is_failure() => {
                tracing::warn!(number = execution.number, %refusal, "not started yet");
            }
            Err(refusal) => {
                tracing::warn!(number = execution.number, %refusal, "not started");
                core.monitor.leave(execution).await?;
            }
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
