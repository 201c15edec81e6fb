//! The monitor: starts authorised runs, watches them, and tells who follows them.
//!
//! One task looks at every execution in turn, the next that is due first. What changed is stored,
//! with an event, and told from there: a notice is lost neither to a crash nor to a chat that
//! doesn't answer.
//!
//! **Architecture Invariant:** an execution, with its idempotency key, is on disk before its
//! platform is called. The monitor never starts what it finds; it only watches and settles it.

mod agenda;
mod notify;
mod subscribers;
mod tell;
mod watch;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use self::watch::Watched;
use crate::access::AuthorizedRun;
use crate::channels::Address;
use crate::jobs::executions::Ending;
use crate::jobs::platform::{IdempotencyKey, PlatformError, Platforms, Templates};
use crate::jobs::report::Reporter;
use crate::jobs::{Execution, ExecutionState, Executions, ExecutionsError, NewExecution, reason};
use crate::store::{Store, StoreError};

pub use self::notify::{News, Notice, Notifier, NotifyError, Subscriber};
pub use self::subscribers::Subscribers;

/// Starts, watches and tells. Clones are the same monitor.
#[derive(Clone)]
pub struct Monitor {
    executions: Executions,
    subscribers: Subscribers,
    platforms: Arc<Platforms>,
    templates: Arc<dyn Templates>,
    reporter: Reporter,
    notifier: Arc<dyn Notifier>,
    live: Arc<Mutex<HashMap<u64, Live>>>,
    /// What this process is starting at this moment: whoever does that says how it went.
    begun: Arc<Mutex<HashSet<u64>>>,
    orders: mpsc::UnboundedSender<Watched>,
    /// Taken by whoever runs the monitor.
    inbox: Arc<Mutex<Option<mpsc::UnboundedReceiver<Watched>>>>,
}

/// What is known of a run that isn't over, beyond its record.
#[derive(Debug, Clone, PartialEq)]
pub struct Live {
    pub progress: (u32, u32, String),
    /// How long it will probably go on.
    pub left: Option<Duration>,
}

/// Why a run was not started.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    #[error("there is no platform '{0}'")]
    NoPlatform(String),
    #[error(transparent)]
    Executions(#[from] ExecutionsError),
}

/// Why a run was not asked to end.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    #[error("execution #{0} is over: {1}")]
    Over(u64, ExecutionState),
    #[error(transparent)]
    Platform(#[from] PlatformError),
    #[error(transparent)]
    Executions(#[from] ExecutionsError),
}

/// A run to be started: the key that opens it, and what the record needs beyond it.
#[derive(Debug, Clone)]
pub struct Dispatch<'a> {
    pub run: &'a AuthorizedRun,
    /// Derived from what asked for the run, so that the same request, repeated, is the same run.
    pub key: IdempotencyKey,
    pub platform: &'a str,
    /// Where it was asked; its requester follows it from there.
    pub origin: Address,
    pub again: Option<u64>,
    pub schedule: Option<String>,
}

impl Monitor {
    pub fn new(
        store: Arc<dyn Store>,
        platforms: Arc<Platforms>,
        templates: Arc<dyn Templates>,
        notifier: Arc<dyn Notifier>,
    ) -> Monitor {
        let executions = Executions::new(Arc::clone(&store));
        let (orders, inbox) = mpsc::unbounded_channel();
        Monitor {
            reporter: Reporter::new(
                executions.clone(),
                Arc::clone(&platforms),
                Arc::clone(&templates),
            ),
            executions,
            subscribers: Subscribers::new(store),
            platforms,
            templates,
            notifier,
            live: Arc::default(),
            begun: Arc::default(),
            orders,
            inbox: Arc::new(Mutex::new(Some(inbox))),
        }
    }

    pub fn executions(&self) -> &Executions {
        &self.executions
    }

    pub fn subscribers(&self) -> &Subscribers {
        &self.subscribers
    }

    pub fn reporter(&self) -> &Reporter {
        &self.reporter
    }

    /// Watches and tells until it is told to stop. Only the first call does anything: there is
    /// one watch over all.
    pub async fn run(&self, stop: CancellationToken) {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(inbox) = inbox {
            tokio::join!(self.watch_all(inbox, &stop), self.tell_all(&stop));
        }
    }

    /// Takes up what an earlier life left: what was dispatched is watched again, and settled by
    /// what its platform says; what was stored but not dispatched is settled as never started.
    /// Approvals go on waiting. To be called once, after messages that were not fully handled
    /// were handled again: those may go on with a run where it stopped.
    pub async fn reconcile(&self) -> Result<(), ExecutionsError> {
        let unfinished = self.executions.unfinished().await?;
        // What is being started at this moment, for a message that came in meanwhile, has no
        // trace on its platform yet, and would be taken for what was never started.
        for execution in unfinished {
            if self.is_starting(execution.number) {
                continue;
            }
            match execution.state {
                ExecutionState::Starting | ExecutionState::Running => self.watch(&execution),
                ExecutionState::Queued => {
                    self.settle(execution.number, reason::NEVER_STARTED).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Stores the execution, calls its platform, and watches the run from then on. The same key
    /// again is the same execution: if it was left before its platform was called, it goes on
    /// from there; while it is being started, it is left to whoever does that.
    ///
    /// What the platform refuses is no error here: the execution has failed, and says why.
    pub async fn dispatch(&self, dispatch: Dispatch<'_>) -> Result<Execution, DispatchError> {
        let platform = self.platforms.get(dispatch.platform);
        let platform =
            platform.ok_or_else(|| DispatchError::NoPlatform(dispatch.platform.to_owned()))?;
        let Dispatch { run, key, origin, again, schedule, .. } = dispatch;
        let subscriber = Subscriber { address: origin.clone(), user: run.requester().to_owned() };
        let new = NewExecution::of(run, key.clone(), origin, dispatch.platform);
        let new = NewExecution { again, schedule, ..new };
        let created = self.executions.create(new, self.now()).await?;
        let mut execution = created.into_execution();
        self.subscribers.follow(execution.number, &subscriber).await.map_err(store)?;
        let number = execution.number;
        let is_new = match execution.state {
            ExecutionState::Queued | ExecutionState::AwaitingApproval => true,
            ExecutionState::Starting => false,
            // It came further already.
            _ => return Ok(execution),
        };
        // From before the first change on, so that nobody takes it for what was left behind.
        let Some(_begun) = Begun::enter(&self.begun, number) else {
            return Ok(self.executions.get(number).await?);
        };
        if is_new {
            let starting = ExecutionState::Starting;
            match self.executions.transition(number, starting, None, self.now()).await {
                Ok(_) => {}
                // Somebody else was quicker.
                Err(ExecutionsError::Illegal { .. }) => {
                    return Ok(self.executions.get(number).await?);
                }
                Err(error) => return Err(error.into()),
            }
        }
        execution = match platform.start(run, &key).await {
            Ok(reference) => {
                let running = self.executions.running(number, reference, self.now()).await?;
                if let Err(error) = self.pass_end_on(&running).await {
                    tracing::warn!(execution = number, %error, "asked to end, but not yet passed on");
                }
                running
            }
            Err(PlatformError::Refused(message)) => {
                let failed = ExecutionState::Failed;
                let ending = Ending::default();
                self.executions.finish(number, failed, Some(&message), ending, self.now()).await?
            }
            Err(error) => {
                // Whether it started is unknown: looking at it will tell.
                tracing::warn!(execution = number, %error, "the platform was called and didn't say");
                self.executions.get(number).await?
            }
        };
        if !execution.state.is_final() {
            self.watch(&execution);
        }
        Ok(execution)
    }

    /// Asks a run to end. One that was not dispatched yet is over at once; of another, the
    /// monitor will tell when it has ended.
    pub async fn cancel(&self, number: u64) -> Result<Execution, CancelError> {
        let execution = self.executions.get(number).await?;
        match execution.state {
            state if state.is_final() => Err(CancelError::Over(number, state)),
            ExecutionState::Queued | ExecutionState::AwaitingApproval => {
                let (to, why) = (ExecutionState::Cancelled, Some(reason::CANCELLED));
                Ok(self.executions.transition(number, to, why, self.now()).await?)
            }
            _ => {
                let execution = self.executions.want_end(number, self.now()).await?;
                if self.pass_end_on(&execution).await? {
                    // A second watcher of one execution would be told off by the first one's end.
                    self.watch(&execution);
                }
                Ok(execution)
            }
        }
    }

    /// Asks the platform to end a run whose end is wanted, if it has a name for it. Where it has
    /// none yet, this is called again once that is recorded.
    async fn pass_end_on(&self, execution: &Execution) -> Result<bool, PlatformError> {
        match (self.platforms.get(&execution.platform), &execution.reference) {
            (Some(platform), Some(reference)) if execution.end_wanted => {
                platform.cancel(reference).await?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// How a run that isn't over is getting on, where it said so.
    pub fn live(&self, number: u64) -> Option<Live> {
        self.lives().get(&number).cloned()
    }

    fn watch(&self, execution: &Execution) {
        let template = self.templates.template(&execution.template);
        let time_limit = template.map(|template| template.run.timeout);
        let watched = Watched::new(execution, time_limit, self.now());
        // Fails only after the watch has stopped for good; the next start finds the execution.
        let _ = self.orders.send(watched);
    }

    async fn settle(&self, number: u64, reason: &str) -> Result<(), ExecutionsError> {
        let (failed, ending) = (ExecutionState::Failed, Ending::default());
        match self.executions.finish(number, failed, Some(reason), ending, self.now()).await {
            Ok(_) | Err(ExecutionsError::Illegal { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn lives(&self) -> MutexGuard<'_, HashMap<u64, Live>> {
        // Every change is one call, so what a panicking thread left behind is consistent.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this process is starting an execution at this moment.
    fn is_starting(&self, number: u64) -> bool {
        // A number is put in and taken out by one call each: nothing is left half done.
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).contains(&number)
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

fn store(error: StoreError) -> ExecutionsError {
    error.into()
}

#[cfg(test)]
mod tests;

/// Holds an execution while it is being started.
struct Begun<'a> {
    all: &'a Mutex<HashSet<u64>>,
    number: u64,
}

impl<'a> Begun<'a> {
    /// Nothing, where somebody is starting it already.
    fn enter(all: &'a Mutex<HashSet<u64>>, number: u64) -> Option<Begun<'a>> {
        let entered = all.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
        entered.then_some(Begun { all, number })
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}
