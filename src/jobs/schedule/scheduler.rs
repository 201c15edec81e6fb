//! What makes schedules happen: takes due times, and has their occasions seen to.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    LATE, Missed, OCCASIONS, Occasion, OccasionKind, PLANS, SCHEDULES, Schedule, ScheduleError,
    Schedules, WAKES, record_key, wake_key,
};
use crate::store::{Batch, Expectation, StoreError, get_as, scan_as, to_json};

/// Sees to occasions: the bot, which asks access again and starts the run, or says what there is
/// to say.
#[async_trait]
pub trait OccasionHandler: Send + Sync {
    /// Sees to an occasion at this moment, and commits `done` with what that leads to: a
    /// conflict says that somebody else has seen to it. Another error means "not now": it comes
    /// again, as it does after a crash. A schedule that access refuses is seen to by saying so,
    /// which is no error. `schedule` is as it is now, `None` when it was dropped meanwhile.
    async fn see_to(
        &self,
        occasion: &Occasion,
        schedule: Option<&Schedule>,
        done: Batch,
        now: Timestamp,
    ) -> Result<(), OccasionError>;
}

/// Why an occasion was not seen to.
#[derive(Debug, thiserror::Error)]
pub enum OccasionError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What it takes is not there just now.
    #[error("{0}")]
    NotNow(String),
}

/// Makes schedules happen.
pub struct Scheduler {
    schedules: Schedules,
    handler: Arc<dyn OccasionHandler>,
}

/// The longest sleep, so that a clock that was set is noticed.
const LONGEST: Duration = Duration::from_secs(60);

/// The same where others share the store: nothing tells of what they change.
const LONGEST_SHARED: Duration = Duration::from_secs(1);

/// What could not be seen to comes again after so long.
const AGAIN: Duration = Duration::from_secs(10);

/// Entries that are read at once.
const PAGE: usize = 128;

impl Scheduler {
    pub fn new(schedules: Schedules, handler: Arc<dyn OccasionHandler>) -> Scheduler {
        Scheduler { schedules, handler }
    }

    /// Has what an earlier life took seen to. To be called before it is looked for runs that were
    /// authorised and never came to be.
    pub async fn resume(&self, now: Timestamp) -> Result<(), ScheduleError> {
        self.see_to_all(now).await.map(drop)
    }

    /// Takes what is due and has it seen to, until it is told to stop.
    pub async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = self.step(Timestamp::now()).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "schedules have to wait");
                AGAIN
            });
            tokio::select! {
                () = self.schedules.changed.notified() => {}
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Does what is to be done at this moment; returns how long there is nothing more to do.
    pub async fn step(&self, now: Timestamp) -> Result<Duration, ScheduleError> {
        self.take_due(now).await?;
        let seen_to = self.see_to_all(now).await?;
        let next = self.schedules.next_wake().await?;
        let pause = next.map_or(LONGEST, |at| {
            Duration::try_from(at.duration_since(Timestamp::now().max(now))).unwrap_or_default()
        });
        let longest = if self.schedules.store.is_shared() { LONGEST_SHARED } else { LONGEST };
        Ok(pause.min(if seen_to { longest } else { AGAIN }))
    }

    /// Turns every due time into an occasion.
    async fn take_due(&self, now: Timestamp) -> Result<(), ScheduleError> {
        while let Some(number) = self.schedules.due(now).await? {
            match self.schedules.take(number, now).await {
                // Somebody else took it, or changed the schedule: look again.
                Ok(()) | Err(ScheduleError::Store(StoreError::Conflict { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Has every occasion seen to; `false` when some has to come again.
    async fn see_to_all(&self, now: Timestamp) -> Result<bool, ScheduleError> {
        let store = &*self.schedules.store;
        let mut all = true;
        let mut after: Option<String> = None;
        loop {
            let page: Vec<(String, Occasion)> =
                scan_as(store, OCCASIONS, "", after.as_deref(), PAGE).await?;
            for (key, occasion) in &page {
                let seen_to = self.see_to(key, occasion, now).await;
                if let Err(reason) = seen_to {
                    tracing::warn!(schedule = occasion.schedule, %reason, "comes again");
                    all = false;
                }
            }
            match page.last() {
                Some((key, _)) if page.len() == PAGE => after = Some(key.clone()),
                _ => return Ok(all),
            }
        }
    }

    /// Has one occasion seen to. A schedule that is over is forgotten with its last one.
    async fn see_to(
        &self,
        key: &str,
        occasion: &Occasion,
        now: Timestamp,
    ) -> Result<(), OccasionError> {
        let schedule: Option<Schedule> =
            get_as(&*self.schedules.store, SCHEDULES, &record_key(occasion.schedule)).await?;
        let taken = to_json(OCCASIONS, key, occasion)?;
        let mut done =
            Batch::default().expect(OCCASIONS, key, Expectation::Is(taken)).delete(OCCASIONS, key);
        if let Some(over) = schedule.as_ref().filter(|schedule| schedule.is_over()) {
            let number = record_key(over.number);
            done = done
                .expect(SCHEDULES, &number, Expectation::Is(to_json(SCHEDULES, &number, over)?))
                .delete(SCHEDULES, number)
                .delete(PLANS, &over.plan.0);
        }
        match self.handler.see_to(occasion, schedule.as_ref(), done, now).await {
            Err(OccasionError::Store(StoreError::Conflict { .. })) => Ok(()),
            seen_to => seen_to,
        }
    }
}

impl Schedules {
    /// When something is to be done next.
    async fn next_wake(&self) -> Result<Option<Timestamp>, ScheduleError> {
        Ok(self.first_wake().await?.map(|(at, _)| at))
    }

    /// A schedule about which something is to be done by now.
    async fn due(&self, now: Timestamp) -> Result<Option<u64>, ScheduleError> {
        Ok(self.first_wake().await?.filter(|(at, _)| *at <= now).map(|(_, number)| number))
    }

    async fn first_wake(&self) -> Result<Option<(Timestamp, u64)>, ScheduleError> {
        let first = self.store.scan(WAKES, "", None, 1).await?;
        let Some((key, _)) = first.first() else { return Ok(None) };
        let parsed = key.split_once('/').and_then(|(at, number)| {
            let at = Timestamp::from_microsecond(at.parse().ok()?).ok()?;
            Some((at, number.parse().ok()?))
        });
        match parsed {
            Some(found) => Ok(Some(found)),
            None => Err(StoreError::Corrupt {
                table: WAKES,
                key: key.clone(),
                reason: "expected a time and a number".into(),
            }
            .into()),
        }
    }

    /// Takes what is due of one schedule: its next time moves on, and what is to be done is put
    /// down, at once.
    async fn take(&self, number: u64, now: Timestamp) -> Result<(), ScheduleError> {
        let (before, json) = match self.read(number).await {
            Ok(found) => found,
            Err(ScheduleError::Unknown(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
        let Some(next) = before.next else { return Ok(()) };
        let mut after = before.clone();
        let kind = if next <= now {
            after.last = Some(next);
            after.next = before.when.next_after(now);
            Some(kind_of(&before, next, now))
        } else if before.announced != Some(next) && before.wake().is_some_and(|wake| wake <= now) {
            after.announced = Some(next);
            Some(OccasionKind::Soon)
        } else {
            None
        };
        let Some(kind) = kind else { return Ok(()) };
        let due = latest_due(&before, next, now);
        let occasion = Occasion { schedule: number, due, kind };
        let tag = if kind == OccasionKind::Soon { "soon" } else { "due" };
        let key = format!("{}/{}/{tag}", record_key(number), wake_key(due, 0));
        let batch = Batch::default().put_as(OCCASIONS, key, &occasion)?;
        Ok(self.replace(&before, json, &after, batch).await?)
    }
}

/// The last of the times that have come by now; the next one where none has.
fn latest_due(schedule: &Schedule, next: Timestamp, now: Timestamp) -> Timestamp {
    schedule.when.between(next, now).map_or(next, |(_, last)| last)
}

/// What is to be done about a time that has come.
fn kind_of(schedule: &Schedule, next: Timestamp, now: Timestamp) -> OccasionKind {
    let more = schedule.when.between(next, now).map_or(0, |(count, _)| count);
    let last = latest_due(schedule, next, now);
    let late = now.duration_since(last) > LATE.try_into().unwrap_or(jiff::SignedDuration::MAX);
    match schedule.missed {
        // The last one is in time; those before it are made up for by it, or skipped.
        _ if !late => OccasionKind::Due,
        Missed::RunOnce => OccasionKind::Late { missed: more + 1 },
        Missed::Skip => OccasionKind::Skipped { missed: more + 1 },
    }
}
