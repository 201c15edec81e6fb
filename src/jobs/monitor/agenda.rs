//! When to look at which execution: one task, the next that is due first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::PoisonError;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Monitor;
use super::watch::{Verdict, Watched};

/// So many looks go on at once: a platform that answers slowly holds up no other.
const PARALLEL: usize = 64;

/// What is due within so long of one another is looked at on one waking.
const TOGETHER: Duration = Duration::from_millis(50);

/// Between two looks at one execution at least: longer than what counts as together, or the second
/// would be due at once.
const SHORTEST: Duration = Duration::from_millis(100);

/// The watched executions, and when each is due.
#[derive(Default)]
struct Agenda {
    due: BinaryHeap<Reverse<(Instant, u64)>>,
    waiting: HashMap<u64, Watched>,
}

impl Agenda {
    fn add(&mut self, watched: Watched, at: Instant) {
        self.due.push(Reverse((at, watched.number)));
        self.waiting.insert(watched.number, watched);
    }

    /// Brings the next look at an execution forward.
    fn hurry(&mut self, number: u64) {
        if self.waiting.contains_key(&number) {
            self.due.push(Reverse((Instant::now(), number)));
        }
    }

    fn next(&self) -> Option<Instant> {
        self.due.peek().map(|Reverse((at, _))| *at)
    }

    /// Takes one that is due. An entry whose execution was taken by an earlier one is stale.
    fn take(&mut self, until: Instant) -> Option<Watched> {
        while self.next().is_some_and(|at| at <= until) {
            let Reverse((_, number)) = self.due.pop()?;
            if let Some(watched) = self.waiting.remove(&number) {
                return Some(watched);
            }
        }
        None
    }
}

impl Monitor {
    /// Looks at everything that is ordered, each when it is due, until it is over.
    pub(super) async fn watch_all(
        &self,
        mut orders: mpsc::UnboundedReceiver<Watched>,
        stop: &CancellationToken,
    ) {
        let mut agenda = Agenda::default();
        let mut looks = FuturesUnordered::new();
        let mut looked_at = std::collections::HashSet::new();
        loop {
            while looks.len() < PARALLEL
                && let Some(mut watched) = agenda.take(Instant::now() + TOGETHER)
            {
                looked_at.insert(watched.number);
                looks.push(async move {
                    let verdict = watched.look(self).await;
                    (watched, verdict)
                });
            }
            let next = agenda.next().filter(|_| looks.len() < PARALLEL);
            tokio::select! {
                () = stop.cancelled() => return,
                order = orders.recv() => match order {
                    Some(watched) if agenda.waiting.contains_key(&watched.number) => {
                        agenda.hurry(watched.number);
                    }
                    // It is being looked at just now.
                    Some(watched) if looked_at.contains(&watched.number) => {}
                    Some(watched) => agenda.add(watched, Instant::now()),
                    None => return,
                },
                Some((watched, verdict)) = looks.next() => {
                    looked_at.remove(&watched.number);
                    match verdict {
                        Verdict::Again(pause) => {
                            agenda.add(watched, Instant::now() + pause.max(SHORTEST));
                        },
                        Verdict::Done => self.forget(watched.number),
                    }
                }
                () = until(next) => {}
            }
        }
    }

    fn forget(&self, number: u64) {
        self.lives().remove(&number);
        self.watching.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }
}

/// Returns at the moment, or never when there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
