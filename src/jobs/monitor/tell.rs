//! Telling who follows an execution what became of it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::SignedDuration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::notify::{News, Notice, NotifyError};
use super::{Live, Monitor, store};
use crate::catalog::TemplateId;
use crate::jobs::executions::Event;
use crate::jobs::{Execution, ExecutionsError};

/// Changes of one execution are told at least so far apart, unless it is over.
const PACE: Duration = Duration::from_secs(2);

/// Waits after a notice was not taken: doubled from the first to the last.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LAST_WAIT: Duration = Duration::from_secs(60);

/// Where others share the store, changes that one of them noticed are left to it for so long: it
/// has the run's output at hand.
const PRECEDENCE: SignedDuration = SignedDuration::from_secs(5);

/// So often it is looked then for changes that nobody told.
const LOOK: Duration = Duration::from_secs(2);

/// Events that are read at once.
const PAGE: usize = 256;

/// Why something was not told.
#[derive(Debug, thiserror::Error)]
enum TellError {
    #[error(transparent)]
    Executions(#[from] ExecutionsError),
    #[error(transparent)]
    Notify(#[from] NotifyError),
}

/// When each execution's change was told last.
type Told = HashMap<u64, Instant>;

impl Monitor {
    /// Tells every change that is stored and was not told, until it is told to stop.
    pub(super) async fn tell_all(&self, stop: &CancellationToken) {
        let mut told = Told::new();
        let mut wait = FIRST_WAIT;
        while !stop.is_cancelled() {
            let pause = match self.tell_pending(&mut told).await {
                Ok(pause) => {
                    wait = FIRST_WAIT;
                    pause
                }
                Err(error) => {
                    tracing::warn!(%error, ?wait, "changes of executions have to wait");
                    let pause = wait;
                    wait = (wait * 2).min(LAST_WAIT);
                    // Not cut short by the next change: that would be no waiting at all.
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = stop.cancelled() => {}
                    }
                    continue;
                }
            };
            tokio::select! {
                () = self.executions.changed() => {}
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Tells what can be told now; returns how long the rest has to wait.
    async fn tell_pending(&self, told: &mut Told) -> Result<Duration, TellError> {
        told.retain(|_, at| at.elapsed() < PACE);
        let mut pause = if self.claims.are_shared() { LOOK } else { LAST_WAIT };
        let mut failed = None;
        for (number, events) in self.pending().await? {
            let over = events.iter().any(|event| event.change.to.is_final());
            if self.is_left_to_others(number, &events) {
                continue;
            }
            let early = told.get(&number).map(|at| PACE.saturating_sub(at.elapsed()));
            if let Some(early) = early.filter(|early| !early.is_zero() && !over) {
                pause = pause.min(early);
                continue;
            }
            let claim = self.claims.take(format!("tell/{number}")).await.map_err(store)?;
            let Some(_claim) = claim else { continue };
            // One chat that doesn't take its notices holds up no other.
            match self.tell_changes(number, &events, over).await {
                Ok(()) => {
                    told.insert(number, Instant::now());
                }
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(pause), Err)
    }

    /// Whether somebody else noticed these changes, and will tell them.
    fn is_left_to_others(&self, number: u64, events: &[Event]) -> bool {
        let now = self.now();
        self.claims.are_shared()
            && !self.executions.changed_here(number)
            && events.iter().all(|event| now.duration_since(event.change.at) < PRECEDENCE)
    }

    async fn pending(&self) -> Result<BTreeMap<u64, Vec<Event>>, ExecutionsError> {
        let mut pending: BTreeMap<u64, Vec<Event>> = BTreeMap::new();
        let mut last: Option<Event> = None;
        loop {
            let page = self.executions.events(last.as_ref(), PAGE).await?;
            last = page.last().cloned();
            let full = page.len() == PAGE;
            for event in page {
                pending.entry(event.number).or_default().push(event);
            }
            if !full {
                return Ok(pending);
            }
        }
    }

    async fn tell_changes(
        &self,
        number: u64,
        events: &[Event],
        over: bool,
    ) -> Result<(), TellError> {
        let execution = self.executions.get(number).await?;
        // It may have ended since the events were read. To tell less than its end then would pass
        // for having told that.
        let (execution, news) = if over || execution.state.is_final() {
            let report = self.reporter.report(number, self.now()).await?;
            (report.execution.clone(), News::Ended(Box::new(report)))
        } else {
            let changes = events.iter().map(|event| event.change.clone()).collect();
            (execution, News::Changed(changes))
        };
        self.notify(execution, news).await?;
        for event in events {
            self.executions.acknowledge(event).await?;
        }
        if over {
            self.executions.forget_changed_here(number);
        }
        Ok(())
    }

    /// Tells how far a run has come. Not stored, so not told again.
    pub(super) async fn tell_progress(&self, number: u64, live: Live) {
        self.lives().insert(number, live.clone());
        let outcome: Result<(), TellError> = async {
            let mut execution = self.executions.get(number).await?;
            execution.progress = Some(live.progress);
            self.notify(execution, News::Progress { left: live.left }).await
        }
        .await;
        if let Err(error) = outcome {
            tracing::warn!(execution = number, %error, "progress was not told");
        }
    }

    /// How long runs of a template usually take, if that is known.
    pub(super) async fn usual_duration(&self, template: &TemplateId) -> Option<Duration> {
        self.reporter.usual_duration(template).await.unwrap_or_else(|error| {
            tracing::warn!(%template, %error, "the usual duration can't be read");
            None
        })
    }

    async fn notify(&self, execution: Execution, news: News) -> Result<(), TellError> {
        let subscribers = self.subscribers.of(execution.number).await.map_err(store)?;
        Ok(self.notifier.notify(Notice { execution, subscribers, news }).await?)
    }
}
