//! The monitor: starts authorised runs, watches them, and tells who follows them.
//!
//! One task looks at every execution in turn, the next that is due first. What changed is stored,
//! with an event, and told from there: a notice is lost neither to a crash nor to a chat that
//! doesn't answer.
//!
//! **Architecture Invariant:** where several processes share the store, an execution is started,
//! watched and told of by one at a time.
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
use crate::store::{Claim, Claims, Store, StoreError};

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
    claims: Claims,
    live: Arc<Mutex<HashMap<u64, Live>>>,
    /// What this process watches.
    watching: Arc<Mutex<HashSet<u64>>>,
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
        claims: Claims,
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
            claims,
            live: Arc::default(),
            watching: Arc::default(),
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

    /// Takes up what an earlier life left and nobody starts now: what was dispatched is watched
    /// again, and settled by what its platform says; what was stored but not dispatched is settled
    /// as never started. Approvals go on waiting. To be called once, after messages that were not
    /// fully handled were handled again, and after runs that were cut off before their start went on.
    pub async fn reconcile(&self) -> Result<(), ExecutionsError> {
        for execution in self.executions.unfinished().await? {
            if execution.state != ExecutionState::AwaitingApproval {
                self.leave(&execution).await?;
            }
        }
        Ok(())
    }

    /// Where several processes share the store: takes up runs that nobody sees to any more, and
    /// hurries for those of its own whose end is wanted, which another process may have been told.
    /// What comes back is stored, is not known to have come to its platform, and nobody sees to it;
    /// perhaps not yet.
    pub async fn adopt(&self) -> Result<Vec<Execution>, ExecutionsError> {
        let unfinished = self.executions.unfinished().await?;
        if unfinished.is_empty() {
            return Ok(Vec::new());
        }
        let claimed = self.executions.claimed(&run_claim("")).await?;
        let mut unstarted = Vec::new();
        for execution in unfinished {
            let number = execution.number;
            let seen_to = claimed.contains(&run_claim(number));
            if seen_to && !(execution.end_wanted && self.watches(number)) {
                continue;
            }
            if execution.may_be_unstarted() {
                unstarted.push(execution);
                continue;
            }
            let Some(claim) = self.claim(number).await? else { continue };
            // As it is now that nobody else sees to it.
            let execution = self.executions.get(number).await?;
            if matches!(execution.state, ExecutionState::Starting | ExecutionState::Running) {
                self.watch(&execution, claim);
            }
        }
        Ok(unstarted)
    }

    /// Settles an execution that nobody will start any more: by what its platform says, if that may
    /// have been called, and as never started otherwise. Of a run that goes on, this is its watch.
    pub async fn leave(&self, execution: &Execution) -> Result<(), ExecutionsError> {
        match execution.state {
            ExecutionState::Queued => self.never_started(execution.number).await,
            _ => {
                if let Some(claim) = self.claim(execution.number).await? {
                    self.watch(execution, claim);
                }
                Ok(())
            }
        }
    }

    async fn never_started(&self, number: u64) -> Result<(), ExecutionsError> {
        let Some(_claim) = self.claim(number).await? else { return Ok(()) };
        // What was confirmed in a message that has just been handled again is being started.
        let Some(_begun) = Begun::enter(&self.begun, number) else { return Ok(()) };
        let why = reason::NEVER_STARTED;
        match self.executions.give_up(number, why, self.now()).await {
            // Somebody starts it after all.
            Ok(_) | Err(ExecutionsError::Illegal { .. }) => Ok(()),
            Err(error) => Err(error),
        }
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
        let Some(claim) = self.claim(number).await? else {
            // Another process starts it.
            return Ok(self.executions.get(number).await?);
        };
        execution = self.executions.get(number).await?;
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
            self.watch(&execution, claim);
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
                let Some(claim) = self.claim(number).await? else {
                    // Whoever watches it finds that its end is wanted.
                    return Ok(execution);
                };
                if self.pass_end_on(&execution).await? {
                    // A second watcher of one execution would be told off by the first one's end.
                    self.watch(&execution, claim);
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

    fn watch(&self, execution: &Execution, claim: Claim) {
        let template = self.templates.template(&execution.template);
        let time_limit = template.map(|template| template.run.timeout);
        let watched = Watched::new(execution, time_limit, self.now(), claim);
        self.watching.lock().unwrap_or_else(PoisonError::into_inner).insert(execution.number);
        // Fails only after the watch has stopped for good; the next start finds the execution.
        let _ = self.orders.send(watched);
    }

    fn watches(&self, number: u64) -> bool {
        // A number is put in and taken out by one call each: nothing is left half done.
        self.watching.lock().unwrap_or_else(PoisonError::into_inner).contains(&number)
    }

    /// The right to start and to watch a run, unless another process does.
    async fn claim(&self, number: u64) -> Result<Option<Claim>, ExecutionsError> {
        self.claims.take(run_claim(number)).await.map_err(store)
    }

    fn lives(&self) -> MutexGuard<'_, HashMap<u64, Live>> {
        // Every change is one call, so what a panicking thread left behind is consistent.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The claim of a run.
fn run_claim(number: impl std::fmt::Display) -> String {
    format!("run/{number}")
}

fn store(error: StoreError) -> ExecutionsError {
    error.into()
}

#[cfg(test)]
mod tests;

/// Holds an execution while it is being started, or is being looked for where it may have been:
/// what is just being started has no trace on its platform yet, and would be taken for what was
/// never started.
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
