//! What is told, to whom and when: by a clock that stands still, with runs that the test moves
//! along. Real runs of real commands are watched in `tests/jobs`.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::time::Instant;

use super::*;
use crate::catalog::{JobTemplate, TemplateId, Values};
use crate::jobs::Outcome;
use crate::jobs::platform::{LogChunk, Platform, Reference, Status};
use crate::plan::PlanHash;
use crate::store::{Claims, MemoryStore};

/// Runs that the test itself moves along, by key.
#[derive(Default)]
struct Puppets {
    runs: Mutex<HashMap<String, (ExecutionState, String)>>,
    silent: std::sync::atomic::AtomicBool,
    looks: AtomicUsize,
}

impl Puppets {
    fn set(&self, key: &str, state: ExecutionState, output: &str) {
        self.runs.lock().expect("unpoisoned").insert(key.to_owned(), (state, output.to_owned()));
    }

    fn get(&self, key: &str) -> Result<(ExecutionState, String), PlatformError> {
        if self.silent.load(Ordering::Relaxed) {
            let (platform, reason) = ("puppets".into(), "asleep".into());
            return Err(PlatformError::Unreachable { platform, reason });
        }
        let unknown =
            || PlatformError::Unknown { platform: "puppets".into(), reference: key.into() };
        self.runs.lock().expect("unpoisoned").get(key).cloned().ok_or_else(unknown)
    }
}

#[async_trait]
impl Platform for Puppets {
    async fn start(
        &self,
        _: &AuthorizedRun,
        _: &IdempotencyKey,
    ) -> Result<Reference, PlatformError> {
        Err(PlatformError::Refused("puppets are set, not started".into()))
    }

    async fn find(&self, key: &IdempotencyKey) -> Result<Option<Reference>, PlatformError> {
        match self.get(&key.0) {
            Ok(_) => Ok(Some(Reference(key.0.clone()))),
            Err(PlatformError::Unknown { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn status(&self, reference: &Reference) -> Result<Status, PlatformError> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        let (state, _) = self.get(&reference.0)?;
        let outcome = state.is_final().then(Outcome::default);
        Ok(Status { state, outcome, progress: None })
    }

    async fn cancel(&self, reference: &Reference) -> Result<(), PlatformError> {
        self.set(&reference.0, ExecutionState::Cancelled, "");
        Ok(())
    }

    async fn log(
        &self,
        reference: &Reference,
        from: u64,
        _: usize,
    ) -> Result<LogChunk, PlatformError> {
        let (state, output) = self.get(&reference.0)?;
        let text = output.get(from as usize..).unwrap_or_default().to_owned();
        Ok(LogChunk { next: from + text.len() as u64, text, complete: state.is_final() })
    }
}

struct NoTemplates;

impl Templates for NoTemplates {
    fn template(&self, _: &TemplateId) -> Option<Arc<JobTemplate>> {
        None
    }
}

/// Writes down what it is told, and refuses the first so many notices.
#[derive(Default)]
struct Ear {
    heard: Mutex<Vec<(Instant, Notice)>>,
    refuse: AtomicUsize,
}

#[async_trait]
impl Notifier for Ear {
    async fn notify(&self, notice: Notice) -> Result<(), NotifyError> {
        if self
            .refuse
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
            .is_ok()
        {
            return Err(NotifyError("not now".into()));
        }
        self.heard.lock().expect("unpoisoned").push((Instant::now(), notice));
        Ok(())
    }
}

struct World {
    store: Arc<MemoryStore>,
    puppets: Arc<Puppets>,
    ear: Arc<Ear>,
    monitor: Monitor,
    stop: CancellationToken,
}

impl World {
    fn new() -> World {
        World::with(Arc::default(), Arc::default(), Arc::default())
    }

    fn with(store: Arc<MemoryStore>, puppets: Arc<Puppets>, ear: Arc<Ear>) -> World {
        let platforms: Platforms =
            [("puppets".to_owned(), Arc::clone(&puppets) as Arc<dyn Platform>)].into();
        let claims = Claims::new(store.clone());
        let monitor = Monitor::new(
            Arc::clone(&store) as Arc<dyn Store>,
            Arc::new(platforms),
            Arc::new(NoTemplates),
            Arc::clone(&ear) as Arc<dyn Notifier>,
            claims,
        );
        World { store, puppets, ear, monitor, stop: CancellationToken::new() }
    }

    /// Another life over what the first one stored.
    fn reborn(&self) -> World {
        World::with(Arc::clone(&self.store), Arc::clone(&self.puppets), Arc::clone(&self.ear))
    }

    /// An execution that was left in this state.
    async fn left(&self, name: &str, states: &[ExecutionState]) -> (u64, String) {
        let key = IdempotencyKey::derive(&[name]);
        let new = NewExecution {
            number: None,
            waited_since: None,
            key: key.clone(),
            template: "deploy".into(),
            values: Values::new(),
            plan: PlanHash("0".repeat(64)),
            requester: "ann".into(),
            origin: here(),
            platform: "puppets".into(),
            again: None,
            schedule: None,
        };
        let executions = self.monitor.executions();
        let number = executions
            .create(new, Timestamp::now())
            .await
            .expect("created")
            .into_execution()
            .number;
        for state in states {
            executions.transition(number, *state, None, Timestamp::now()).await.expect("a step");
        }
        for event in executions.events(None, 100).await.expect("events") {
            executions.acknowledge(&event).await.expect("forgotten");
        }
        let ann = Subscriber { address: here(), user: "ann".into() };
        self.monitor.subscribers().follow(number, &ann).await.expect("followed");
        (number, key.0)
    }

    async fn begin(&self) {
        let (monitor, stop) = (self.monitor.clone(), self.stop.clone());
        tokio::spawn(async move { monitor.run(stop).await });
        self.monitor.reconcile().await.expect("reconciled");
    }

    async fn seconds(&self, seconds: u64) {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }

    fn heard(&self) -> Vec<(Instant, Notice)> {
        self.ear.heard.lock().expect("unpoisoned").clone()
    }

    async fn state(&self, number: u64) -> (ExecutionState, Option<String>) {
        let execution = self.monitor.executions().get(number).await.expect("stored");
        let reason = execution.history.last().and_then(|change| change.reason.clone());
        (execution.state, reason)
    }
}

fn here() -> Address {
    Address { channel: "terminal".into(), chat: "here".into(), thread: None }
}

use ExecutionState::{AwaitingApproval, Failed, Lost, Queued, Running, Starting, Succeeded};

#[tokio::test(start_paused = true)]
async fn what_was_left_is_settled_by_what_its_platform_says() {
    let check = async |states: &[ExecutionState],
                       run: Option<ExecutionState>,
                       expected: ExecutionState,
                       why: Option<&str>| {
        let world = World::new();
        let (number, key) = world.left("left", states).await;
        if let Some(state) = run {
            world.puppets.set(&key, state, "");
        }
        world.begin().await;
        world.seconds(5).await;
        let expected = (expected, why.map(str::to_owned));
        assert_eq!(world.state(number).await, expected, "{states:?} {run:?}");
        world.stop.cancel();
    };
    check(&[], None, Failed, Some(reason::NEVER_STARTED)).await;
    check(&[Starting], None, Failed, Some(reason::NEVER_STARTED)).await;
    check(&[Starting], Some(Running), Running, None).await;
    check(&[Starting], Some(Succeeded), Succeeded, None).await;
    check(&[Starting, Running], Some(Failed), Failed, None).await;
    check(&[Starting, Running], None, Lost, Some(reason::GONE)).await;
    check(&[Starting, Running], Some(Lost), Lost, Some(reason::GONE)).await;
    check(&[AwaitingApproval], None, AwaitingApproval, None).await;
    check(&[AwaitingApproval, Queued], None, Failed, Some(reason::NEVER_STARTED)).await;
}

#[tokio::test(start_paused = true)]
async fn progress_edits_are_two_seconds_apart_and_the_end_is_told_once() {
    let world = World::new();
    let (number, key) = world.left("left", &[Starting]).await;
    world.puppets.set(&key, Running, "");
    world.begin().await;
    let mut output = String::new();
    for step in 1..=40 {
        output += &format!("::progress {step}/40 step {step}::\n");
        world.puppets.set(&key, Running, &output);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    assert!(world.monitor.live(number).is_some_and(|live| live.progress.0 > 20));
    world.puppets.set(&key, Succeeded, &output);
    world.seconds(10).await;
    assert_eq!(world.monitor.live(number), None);
    let heard = world.heard();
    let edits: Vec<Instant> = heard
        .iter()
        .filter(|(_, notice)| matches!(notice.news, News::Progress { .. }))
        .map(|(at, _)| *at)
        .collect();
    assert!(edits.len() >= 4, "{}", edits.len());
    assert!(edits.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_secs(2)), "{edits:?}");
    let changes: Vec<&News> = heard
        .iter()
        .filter(|(_, notice)| !matches!(notice.news, News::Progress { .. }))
        .map(|(_, notice)| &notice.news)
        .collect();
    assert!(matches!(changes[..], [News::Changed(_), News::Ended(_)]), "{}", changes.len());
    let News::Ended(report) = changes[1] else { panic!("the end") };
    assert_eq!(report.execution.state, Succeeded);
    assert_eq!(report.execution.progress, Some((40, 40, "step 40".into())));
}

#[tokio::test(start_paused = true)]
async fn a_notice_that_was_not_taken_is_told_again_also_in_the_next_life() {
    let world = World::new();
    let (number, key) = world.left("left", &[Starting, Running]).await;
    world.puppets.set(&key, Succeeded, "");
    world.ear.refuse.store(2, Ordering::Relaxed);
    world.begin().await;
    world.seconds(20).await;
    assert_eq!(world.heard().len(), 1);

    let (_, key) = world.left("another", &[Starting, Running]).await;
    world.puppets.set(&key, Succeeded, "");
    world.ear.refuse.store(usize::MAX, Ordering::Relaxed);
    world.monitor.reconcile().await.expect("reconciled");
    world.seconds(20).await;
    world.stop.cancel();
    assert_eq!(world.state(number + 1).await.0, Succeeded);
    world.ear.refuse.store(0, Ordering::Relaxed);
    let reborn = world.reborn();
    reborn.begin().await;
    reborn.seconds(5).await;
    let heard = reborn.heard();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[1].1.execution.number, number + 1);
    assert_eq!(heard[1].1.subscribers.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn followers_are_told_until_they_leave() {
    let world = World::new();
    let (number, key) = world.left("left", &[Starting, Running]).await;
    let subscribers = world.monitor.subscribers();
    let other = |user: &str| Subscriber { address: here(), user: user.into() };
    for user in ["bob", "eve", "bob"] {
        subscribers.follow(number, &other(user)).await.expect("followed");
    }
    subscribers.unfollow(number, &other("eve")).await.expect("unfollowed");
    world.puppets.set(&key, Failed, "");
    world.begin().await;
    world.seconds(5).await;
    let heard = world.heard();
    let users: Vec<&str> = heard[0].1.subscribers.iter().map(|s| s.user.as_str()).collect();
    assert_eq!(users, ["ann", "bob"]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_platform_is_asked_less_and_less_and_loses_nothing() {
    let world = World::new();
    let (number, key) = world.left("left", &[Starting]).await;
    world.puppets.set(&key, Running, "");
    world.puppets.silent.store(true, Ordering::Relaxed);
    world.begin().await;
    world.seconds(3600).await;
    assert_eq!(world.state(number).await.0, Starting);
    world.puppets.silent.store(false, Ordering::Relaxed);
    world.puppets.set(&key, Succeeded, "");
    world.seconds(400).await;
    assert_eq!(world.state(number).await.0, Succeeded);
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_what_runs_and_what_waits() {
    let world = World::new();
    let (running, key) = world.left("a", &[Starting]).await;
    world.puppets.set(&key, Running, "");
    let (waiting, _) = world.left("b", &[AwaitingApproval]).await;
    world.begin().await;
    world.seconds(30).await;
    world.monitor.cancel(running).await.expect("asked");
    world.monitor.cancel(waiting).await.expect("over");
    // Looked at soon, not when it would have been due.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let cancelled = (ExecutionState::Cancelled, Some(reason::CANCELLED.to_owned()));
    assert_eq!(world.state(running).await, cancelled);
    assert_eq!(world.state(waiting).await, cancelled);
    let again = world.monitor.cancel(running).await;
    assert!(matches!(again, Err(CancelError::Over(..))), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn a_thousand_runs_are_each_looked_at_every_five_seconds() {
    let world = World::new();
    for n in 0..1000 {
        let (_, key) = world.left(&n.to_string(), &[Starting, Running]).await;
        world.puppets.set(&key, Running, "");
    }
    world.begin().await;
    world.seconds(60).await;
    let before = world.puppets.looks.load(Ordering::Relaxed);
    world.seconds(50).await;
    let looks = world.puppets.looks.load(Ordering::Relaxed) - before;
    assert!((9_000..=11_500).contains(&looks), "{looks}");
}
