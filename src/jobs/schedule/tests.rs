//! Schedules by a clock that the test moves.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use jiff::SignedDuration;

use super::*;
use crate::store::MemoryStore;

/// Writes down what it sees to, unless it is busy.
struct Hand {
    store: Arc<dyn Store>,
    seen: Mutex<Vec<(Occasion, bool)>>,
    busy: AtomicBool,
}

#[async_trait]
impl OccasionHandler for Hand {
    async fn see_to(
        &self,
        occasion: &Occasion,
        schedule: Option<&Schedule>,
        done: Batch,
        _now: Timestamp,
    ) -> Result<(), OccasionError> {
        if self.busy.load(Ordering::Relaxed) {
            return Err(OccasionError::NotNow("busy".into()));
        }
        self.store.commit(done).await?;
        self.seen.lock().expect("unpoisoned").push((occasion.clone(), schedule.is_some()));
        Ok(())
    }
}

struct World {
    schedules: Schedules,
    hand: Arc<Hand>,
    scheduler: Scheduler,
}

/// 2026-03-02 is a Monday.
fn at(text: &str) -> Timestamp {
    format!("2026-03-{text}Z").parse().expect("a moment")
}

impl World {
    fn new() -> World {
        World::over(Arc::new(MemoryStore::default()))
    }

    fn over(store: Arc<dyn Store>) -> World {
        let schedules = Schedules::new(store.clone());
        let hand = Arc::new(Hand { store, seen: Mutex::default(), busy: AtomicBool::new(false) });
        let scheduler = Scheduler::new(schedules.clone(), hand.clone());
        World { schedules, hand, scheduler }
    }

    async fn make(&self, when: When, missed: Missed, notice: Option<Duration>) -> u64 {
        let made = PlanHash(format!("{}", rand::random::<u64>()));
        let new = NewSchedule {
            plan: made.clone(),
            template: "backup".into(),
            values: Values::new(),
            requester: "ann".into(),
            origin: Address { channel: "terminal".into(), chat: "here".into(), thread: None },
            when,
            missed,
            notice,
        };
        let number = self.schedules.number_for(&made).await.expect("a number");
        let again = self.schedules.number_for(&made).await.expect("a number");
        assert_eq!(again, number, "one plan is one schedule");
        self.schedules.create(number, new, at("02T00:00")).await.expect("made").number
    }

    async fn daily(&self, missed: Missed) -> u64 {
        self.make(
            When::Recurring(Recurrence::new("0 3 * * *", "UTC").expect("daily")),
            missed,
            None,
        )
        .await
    }

    async fn step(&self, now: &str) {
        self.scheduler.step(at(now)).await.expect("a step");
    }

    fn seen(&self) -> Vec<(Timestamp, OccasionKind)> {
        let seen = self.hand.seen.lock().expect("unpoisoned");
        seen.iter().map(|(occasion, _)| (occasion.due, occasion.kind)).collect()
    }
}

use OccasionKind::{Due, Late, Skipped, Soon};

#[tokio::test]
async fn a_due_time_is_seen_to_once() {
    let world = World::new();
    world.daily(Missed::RunOnce).await;
    for now in ["02T02:59", "02T03:00", "02T03:00:30", "03T02:59", "03T03:00:10"] {
        world.step(now).await;
    }
    assert_eq!(world.seen(), [(at("02T03:00"), Due), (at("03T03:00"), Due)]);
}

#[tokio::test]
async fn once_is_once() {
    let world = World::new();
    let number = world.make(When::Once(at("02T05:00")), Missed::RunOnce, None).await;
    world.step("02T05:00").await;
    world.step("02T06:00").await;
    assert_eq!(world.seen(), [(at("02T05:00"), Due)]);
    let gone = world.schedules.get(number).await;
    assert!(matches!(gone, Err(ScheduleError::Unknown(_))), "{gone:?}");
}

#[tokio::test]
async fn what_was_missed_follows_the_rule() {
    let check = async |missed, expected| {
        let world = World::new();
        world.daily(missed).await;
        world.step("05T12:00").await;
        world.step("05T12:01").await;
        world.step("06T03:00").await;
        assert_eq!(world.seen(), [(at("05T03:00"), expected), (at("06T03:00"), Due)]);
    };
    check(Missed::RunOnce, Late { missed: 4 }).await;
    check(Missed::Skip, Skipped { missed: 4 }).await;
}

#[tokio::test]
async fn what_was_not_seen_to_comes_again_also_in_the_next_life() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let world = World::over(store.clone());
    world.daily(Missed::RunOnce).await;
    world.hand.busy.store(true, Ordering::Relaxed);
    world.step("02T03:00").await;
    world.step("02T03:01").await;
    assert_eq!(world.seen(), []);
    let reborn = World::over(store);
    reborn.step("02T03:02").await;
    reborn.step("02T03:03").await;
    assert_eq!(reborn.seen(), [(at("02T03:00"), Due)]);
}

#[tokio::test]
async fn two_schedulers_take_a_due_time_once() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let (one, two) = (World::over(store.clone()), World::over(store));
    for _ in 0..20 {
        one.daily(Missed::RunOnce).await;
    }
    one.hand.busy.store(true, Ordering::Relaxed);
    two.hand.busy.store(true, Ordering::Relaxed);
    let (first, second) =
        tokio::join!(one.scheduler.step(at("02T03:00")), two.scheduler.step(at("02T03:00")));
    first.and(second).expect("steps");
    one.hand.busy.store(false, Ordering::Relaxed);
    one.step("02T03:01").await;
    let seen = one.hand.seen.lock().expect("unpoisoned");
    let schedules: HashSet<_> = seen.iter().map(|(occasion, _)| occasion.schedule).collect();
    assert_eq!((seen.len(), schedules.len()), (20, 20));
}

#[tokio::test]
async fn a_notice_comes_before() {
    let world = World::new();
    let when = When::Recurring(Recurrence::new("0 3 * * *", "UTC").expect("daily"));
    world.make(when, Missed::RunOnce, Some(Duration::from_secs(600))).await;
    for now in ["02T02:49", "02T02:50", "02T02:55", "02T03:00", "02T03:01"] {
        world.step(now).await;
    }
    assert_eq!(world.seen(), [(at("02T03:00"), Soon), (at("02T03:00"), Due)]);
}

#[tokio::test]
async fn what_was_just_confirmed_for_soon_is_not_announced() {
    let world = World::new();
    let when = When::Once(at("02T00:05"));
    world.make(when, Missed::RunOnce, Some(Duration::from_secs(600))).await;
    world.step("02T00:01").await;
    world.step("02T00:05").await;
    assert_eq!(world.seen(), [(at("02T00:05"), Due)]);
}

#[tokio::test]
async fn paused_moved_and_dropped() {
    let world = World::new();
    let number = world.daily(Missed::RunOnce).await;
    world.schedules.pause(number).await.expect("paused");
    world.step("04T12:00").await;
    world.schedules.resume(number, at("04T12:00")).await.expect("resumed");
    world.step("04T12:01").await;
    assert_eq!(world.seen(), [], "a pause is not made up for");
    let when = When::Recurring(Recurrence::new("0 5 * * *", "UTC").expect("daily"));
    world.schedules.reschedule(number, when, at("04T12:02")).await.expect("moved");
    world.step("05T04:00").await;
    world.step("05T05:00").await;
    assert_eq!(world.seen(), [(at("05T05:00"), Due)]);
    world.schedules.drop(number).await.expect("dropped");
    world.step("06T12:00").await;
    assert_eq!(world.seen().len(), 1);
    assert!(matches!(world.schedules.get(number).await, Err(ScheduleError::Unknown(_))));
    assert!(matches!(world.schedules.pause(number).await, Err(ScheduleError::Unknown(_))));
}

#[tokio::test]
async fn the_past_can_not_be_scheduled() {
    let world = World::new();
    let number = world.daily(Missed::RunOnce).await;
    let past = world.schedules.reschedule(number, When::Once(at("01T00:00")), at("02T00:00")).await;
    assert!(matches!(past, Err(ScheduleError::Past)), "{past:?}");
}

#[tokio::test]
async fn a_list_begins_with_what_is_next() {
    let world = World::new();
    let daily = world.daily(Missed::RunOnce).await;
    let soon = world
        .make(When::Once(at("02T01:00") + SignedDuration::from_mins(1)), Missed::Skip, None)
        .await;
    let paused = world.daily(Missed::Skip).await;
    world.schedules.pause(paused).await.expect("paused");
    let numbers = |list: Vec<Schedule>| list.iter().map(|s| s.number).collect::<Vec<_>>();
    assert_eq!(
        numbers(world.schedules.list(Some("ann")).await.expect("a list")),
        [soon, daily, paused]
    );
    assert_eq!(numbers(world.schedules.list(Some("bob")).await.expect("a list")), [0_u64; 0]);
}
