//! Schedules: runs that are to begin later, once or again and again.
//!
//! **Architecture Invariant:** a due time is taken from its schedule by compare-and-set and, in
//! the same batch, put down as an [`Occasion`], which stays until what it led to is stored. The
//! plan of its run is made of the schedule and the time, and a plan runs once: however often an
//! occasion is seen to, it is one run. A schedule is no authorisation: whoever sees to an occasion
//! asks access again.

mod scheduler;
mod when;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::catalog::{TemplateId, Values};
use crate::channels::Address;
use crate::plan::PlanHash;
use crate::store::{Batch, Expectation, Store, StoreError, Table, get_as, scan_as, to_json};

pub use self::scheduler::{OccasionError, OccasionHandler, Scheduler};
pub use self::when::{Recurrence, When, WhenError};

/// A run that is to begin later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// What people call it: `@7`. Unique, ascending.
    pub number: u64,
    /// The plan that was confirmed.
    pub plan: PlanHash,
    pub template: TemplateId,
    pub values: Values,
    /// The Steward user whose runs these are.
    pub requester: String,
    /// Where it was asked, and where it is told of.
    pub origin: Address,
    pub when: When,
    pub missed: Missed,
    /// So long before it is due, somebody is told.
    pub notice: Option<Duration>,
    pub paused: bool,
    pub created: Timestamp,
    /// `None` once nothing is to come, and while it is paused.
    pub next: Option<Timestamp>,
    /// The due time that was announced.
    pub announced: Option<Timestamp>,
    /// The due time that was taken last.
    pub last: Option<Timestamp>,
}

/// What is done about a due time that passed while Steward was not running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// It runs once, late, however many times were missed.
    #[default]
    RunOnce,
    /// It doesn't run; somebody is told.
    Skip,
}

/// What is asked for when a schedule is made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSchedule {
    pub plan: PlanHash,
    pub template: TemplateId,
    pub values: Values,
    pub requester: String,
    pub origin: Address,
    pub when: When,
    pub missed: Missed,
    pub notice: Option<Duration>,
}

/// Something that a schedule wants seen to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Occasion {
    pub schedule: u64,
    pub due: Timestamp,
    pub kind: OccasionKind,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OccasionKind {
    /// Say that it will run.
    Soon,
    /// Run it.
    Due,
    /// Run it, late: so many times were missed.
    Late { missed: usize },
    /// Say that it did not run, so many times.
    Skipped { missed: usize },
}

/// Why a schedule could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum ScheduleError {
    #[error("there is no schedule @{0}")]
    Unknown(u64),
    #[error("the time has passed")]
    Past,
    #[error("schedule @{0} is changed by somebody else all the time")]
    Contended(u64),
    #[error(transparent)]
    When(#[from] WhenError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Hash of the plan that was confirmed → number of its schedule.
const PLANS: Table = "schedule_plans";
/// Number → schedule.
const SCHEDULES: Table = "schedules";
/// When something is to be done next, in microseconds, and number: the first is the next.
const WAKES: Table = "schedule_wakes";
/// Number, due time and kind → [`Occasion`].
const OCCASIONS: Table = "schedule_occasions";

/// How often a change is tried again when another writer came between reading and writing.
const ATTEMPTS: usize = 16;

/// A due time is only missed when it is older than this: a busy machine is late, too.
const LATE: Duration = Duration::from_secs(60);

/// Every schedule there is.
#[derive(Clone)]
pub struct Schedules {
    store: Arc<dyn Store>,
    changed: Arc<tokio::sync::Notify>,
}

impl Schedules {
    pub fn new(store: Arc<dyn Store>) -> Schedules {
        Schedules { store, changed: Arc::default() }
    }

    /// The number of the schedule that a plan becomes, however often it is asked: access is asked
    /// about a schedule before it is made.
    pub async fn number_for(&self, plan: &PlanHash) -> Result<u64, ScheduleError> {
        if let Some(number) = get_as(&*self.store, PLANS, &plan.0).await? {
            return Ok(number);
        }
        let number = self.store.next("schedules").await?;
        let batch = Batch::default().expect(PLANS, &plan.0, Expectation::Absent);
        match self.store.commit(batch.put(PLANS, &plan.0, number.into())).await {
            Ok(()) => Ok(number),
            Err(conflict @ StoreError::Conflict { .. }) => {
                get_as(&*self.store, PLANS, &plan.0).await?.ok_or(ScheduleError::Store(conflict))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Stores a schedule under a number from [`Schedules::number_for`]; one that is there
    /// already stays as it is.
    ///
    /// # Errors
    ///
    /// [`ScheduleError::Past`] when it would never be due.
    pub async fn create(
        &self,
        number: u64,
        new: NewSchedule,
        now: Timestamp,
    ) -> Result<Schedule, ScheduleError> {
        let next = new.when.next_after(now).ok_or(ScheduleError::Past)?;
        // What is due so soon was announced just now, when it was confirmed.
        let soon = |notice| next.checked_sub(notice).is_ok_and(|at| at <= now);
        let schedule = Schedule {
            number,
            plan: new.plan,
            template: new.template,
            values: new.values,
            requester: new.requester,
            origin: new.origin,
            when: new.when,
            missed: new.missed,
            notice: new.notice,
            paused: false,
            created: now,
            next: Some(next),
            announced: new.notice.is_some_and(soon).then_some(next),
            last: None,
        };
        let key = record_key(number);
        let batch = Batch::default()
            .expect(SCHEDULES, &key, Expectation::Absent)
            .put_as(SCHEDULES, &key, &schedule)?;
        match self.store.commit(wake_up(batch, None, Some(&schedule))).await {
            Ok(()) => {}
            Err(StoreError::Conflict { .. }) => return self.get(number).await,
            Err(error) => return Err(error.into()),
        }
        self.changed.notify_one();
        Ok(schedule)
    }

    pub async fn get(&self, number: u64) -> Result<Schedule, ScheduleError> {
        let found = get_as(&*self.store, SCHEDULES, &record_key(number)).await?;
        found.ok_or(ScheduleError::Unknown(number))
    }

    /// Every schedule, or one user's, those first that are due first; what is paused or over
    /// comes last.
    pub async fn list(&self, requester: Option<&str>) -> Result<Vec<Schedule>, ScheduleError> {
        let all: Vec<(String, Schedule)> =
            scan_as(&*self.store, SCHEDULES, "", None, usize::MAX).await?;
        let mut schedules: Vec<Schedule> = all
            .into_iter()
            .map(|(_, schedule)| schedule)
            .filter(|schedule| requester.is_none_or(|user| user == schedule.requester))
            .collect();
        schedules.sort_by_key(|schedule| {
            (schedule.next.is_none(), schedule.next.unwrap_or(schedule.created), schedule.number)
        });
        Ok(schedules)
    }

    /// Nothing of it is due until it is resumed.
    pub async fn pause(&self, number: u64) -> Result<Schedule, ScheduleError> {
        self.change(number, |schedule| {
            schedule.paused = true;
            schedule.next = None;
            Ok(())
        })
        .await
    }

    /// Goes on from now; what would have been due meanwhile is not made up for.
    pub async fn resume(&self, number: u64, now: Timestamp) -> Result<Schedule, ScheduleError> {
        self.change(number, |schedule| {
            schedule.paused = false;
            schedule.next = Some(schedule.when.next_after(now).ok_or(ScheduleError::Past)?);
            Ok(())
        })
        .await
    }

    /// Moves it to another time. The plan of its runs stays; another plan is another schedule,
    /// since it has to be confirmed.
    pub async fn reschedule(
        &self,
        number: u64,
        when: When,
        now: Timestamp,
    ) -> Result<Schedule, ScheduleError> {
        self.change(number, |schedule| {
            let next = when.next_after(now).ok_or(ScheduleError::Past)?;
            schedule.when = when.clone();
            schedule.next = (!schedule.paused).then_some(next);
            Ok(())
        })
        .await
    }

    /// Forgets it. What it started goes on.
    pub async fn drop(&self, number: u64) -> Result<Schedule, ScheduleError> {
        for _ in 0..ATTEMPTS {
            let (schedule, json) = self.read(number).await?;
            let key = record_key(number);
            let batch = Batch::default()
                .expect(SCHEDULES, &key, Expectation::Is(json))
                .delete(SCHEDULES, &key)
                .delete(PLANS, &schedule.plan.0);
            match self.store.commit(wake_up(batch, Some(&schedule), None)).await {
                Err(StoreError::Conflict { .. }) => {}
                done => return Ok(done.map(|()| schedule)?),
            }
        }
        Err(ScheduleError::Contended(number))
    }

    async fn read(&self, number: u64) -> Result<(Schedule, Json), ScheduleError> {
        let schedule = self.get(number).await?;
        let json = to_json(SCHEDULES, &record_key(number), &schedule)?;
        Ok((schedule, json))
    }

    async fn change(
        &self,
        number: u64,
        apply: impl Fn(&mut Schedule) -> Result<(), ScheduleError>,
    ) -> Result<Schedule, ScheduleError> {
        for _ in 0..ATTEMPTS {
            let (before, json) = self.read(number).await?;
            let mut after = before.clone();
            apply(&mut after)?;
            match self.replace(&before, json, &after, Batch::default()).await {
                Err(StoreError::Conflict { .. }) => {}
                done => {
                    done?;
                    self.changed.notify_one();
                    return Ok(after);
                }
            }
        }
        Err(ScheduleError::Contended(number))
    }

    /// Stores a changed schedule, with whatever else has to happen at once, if nobody else
    /// changed it meanwhile.
    async fn replace(
        &self,
        before: &Schedule,
        json: Json,
        after: &Schedule,
        with: Batch,
    ) -> Result<(), StoreError> {
        let key = record_key(after.number);
        let batch =
            with.expect(SCHEDULES, &key, Expectation::Is(json)).put_as(SCHEDULES, &key, after)?;
        self.store.commit(wake_up(batch, Some(before), Some(after))).await
    }
}

impl Schedule {
    /// What people and the records of its runs call it.
    pub fn name(&self) -> String {
        name_of(self.number)
    }

    /// Whether nothing of it is to come any more.
    pub fn is_over(&self) -> bool {
        self.next.is_none() && !self.paused
    }

    /// When something is to be done about it next: to say that it will run, or to run it.
    fn wake(&self) -> Option<Timestamp> {
        let next = self.next?;
        match self.notice.filter(|_| self.announced != Some(next)) {
            Some(notice) => Some(next.checked_sub(notice).unwrap_or(next)),
            None => Some(next),
        }
    }
}

/// What people call the schedule of a number: `@7`.
pub fn name_of(number: u64) -> String {
    format!("@{number}")
}

/// Keeps the order of what is next in step with a schedule.
fn wake_up(batch: Batch, before: Option<&Schedule>, after: Option<&Schedule>) -> Batch {
    let key = |schedule: &Schedule| Some(wake_key(schedule.wake()?, schedule.number));
    let (old, new) = (before.and_then(key), after.and_then(key));
    let batch = match old.filter(|old| Some(old) != new.as_ref()) {
        Some(old) => batch.delete(WAKES, old),
        None => batch,
    };
    match new {
        Some(new) => batch.put(WAKES, new, after.map_or(0, |after| after.number).into()),
        None => batch,
    }
}

fn record_key(number: u64) -> String {
    format!("{number:020}")
}

fn wake_key(at: Timestamp, number: u64) -> String {
    format!("{:020}/{number:020}", at.as_microsecond().max(0))
}

#[cfg(test)]
mod tests;
