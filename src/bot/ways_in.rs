//! Every way to make something run, in every channel: nobody runs what they may not.
//!
//! Each way is gone up to its last step while all is allowed. Then the rules change, or somebody is
//! disabled, in the middle of it, and the last step is taken: nothing runs, and the log names the
//! rule. Where nothing changes, the same steps lead to a run, so each of them is a way in indeed.
//!
//! A new channel, message, button or choice has to be named here: the list of channels is the
//! program's own, and the matches of [`ways_of`], [`ways_of_button`] and [`ways_of_choice`] no
//! longer compile without it.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jiff::{Timestamp, ToSpan};
use serde_json::json;
use strum::VariantArray;
use tokio_util::sync::CancellationToken;

use super::house::{Ground, House};
use super::upkeep;
use super::{buttons, runs, schedules};
use crate::access::audit::{Filter, find};
use crate::access::{Ballot, Context};
use crate::channels::{Address, Body, NAMES, Sender};
use crate::dialogue::{Input, Pick};
use crate::jobs::schedule::Scheduler;
use crate::plan::PlanHash;
use crate::reply::{Action, Reply};
use crate::store::Batch;

/// A way to make something run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray)]
enum Way {
    TypedRequest,
    TypedYes,
    Form,
    ConfirmButton,
    Rerun,
    RerunButton,
    Retry,
    RollBack,
    ResumedDraft,
    Scheduled,
    ScheduleMade,
    ScheduleResumed,
    Vote,
    ApproveButton,
    TypedApproval,
    GrantedAndWaiting,
    BreakGlassButton,
    BreakGlassReason,
    BreakGlassCommand,
    BreakGlassWhileWaiting,
    Crash,
}

use Way::*;

/// The ways that a message takes.
fn ways_of(body: &Body) -> &'static [Way] {
    match body {
        Body::Text(_) => &[
            TypedRequest,
            TypedYes,
            Rerun,
            Retry,
            RollBack,
            ResumedDraft,
            ScheduleMade,
            TypedApproval,
            BreakGlassReason,
            BreakGlassCommand,
            BreakGlassWhileWaiting,
        ],
        Body::Form { .. } => &[Form],
        Body::Vote { .. } => &[Vote, GrantedAndWaiting],
        Body::Press(_) => &[],
    }
}

/// The ways that a button takes; none where it can't make anything run.
fn ways_of_button(action: &Action) -> &'static [Way] {
    match action {
        Action::Say { input: Input::Confirm(_) } => &[ConfirmButton],
        Action::Say { input: Input::Pick(pick) } => ways_of_choice(pick),
        Action::Say { input: Input::Form { .. } } => &[Form],
        Action::Say { input: Input::Text(_) } => &[TypedRequest],
        Action::Say { input: Input::Decline(_) } => &[],
        Action::Decide { .. } => &[ApproveButton],
        Action::BreakGlass { .. } => &[BreakGlassButton],
        // Looks, or changes a schedule.
        Action::Ask { .. } => &[ScheduleResumed],
        Action::Retract { .. } | Action::Withdraw { .. } | Action::LeaveIt => &[],
    }
}

/// The ways that begin with a choice. Each leads to a plan at most, and only its confirmation to a
/// run.
fn ways_of_choice(pick: &Pick) -> &'static [Way] {
    match pick {
        Pick::Again { .. } => &[RerunButton],
        Pick::Retry { .. } => &[Retry],
        Pick::Undo { .. } => &[RollBack],
        Pick::Draft { .. } | Pick::Switch { .. } => &[ResumedDraft],
        Pick::When { .. } => &[ScheduleMade],
        Pick::Intent { .. }
        | Pick::Value { .. }
        | Pick::Each { .. }
        | Pick::UseDefault { .. }
        | Pick::Skip { .. }
        | Pick::Change { .. } => &[ConfirmButton],
        Pick::NoneOfThese | Pick::Stay | Pick::Help | Pick::Abort => &[],
    }
}

/// What happens before the last step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Nothing,
    /// A rule denies every run.
    Frozen,
    /// Whose run it would be is disabled.
    Disabled,
}

const USERS: &str = "
roles: {operator: runs jobs, lead: agrees}
users:
  - {id: ann, name: Ann, roles: [operator], identities: [{channel: ear, id: ann}]}
  - {id: cat, name: Cat, roles: [lead], identities: [{channel: ear, id: cat}]}
  - {id: dan, name: Dan, roles: [lead], identities: [{channel: ear, id: dan}]}
";

const POLICY: &str = "
rules:
  - {name: talk, effect: allow, when: {command: [use_chatops, status, history, help]}}
  - {name: run, effect: allow, when: {role: operator, command: [run, cancel, schedule, break_glass]}}
  - {name: agree, effect: allow, when: {role: lead, command: approve}}
";

const FROZEN: &str = "  - {name: frozen, effect: deny, when: {command: run}}\n";

const FOUR_EYES: &str = "
rules:
  - {name: four-eyes, action: approve, approvers: {count: 2, roles: [lead]}}
";

/// A house whose people are in one channel, with Ann's run on its way.
struct Stage {
    ground: Ground,
    /// `None` for the moment between two lives.
    house: Option<House>,
    channel: &'static str,
}

impl Stage {
    fn new(way: Way, channel: &'static str) -> Stage {
        let ground = Ground::new();
        ground.write(
            "access/users.yaml",
            &USERS.replace("channel: ear", &format!("channel: {channel}")),
        );
        ground.write("access/policy/all.yaml", POLICY);
        let needs_approval = matches!(
            way,
            Vote | ApproveButton
                | TypedApproval
                | GrantedAndWaiting
                | BreakGlassButton
                | BreakGlassReason
                | BreakGlassCommand
                | BreakGlassWhileWaiting
                | Crash
        );
        if needs_approval {
            ground.write("access/compliance.yaml", FOUR_EYES);
        }
        ground.counter.fails.store(way == Retry, Ordering::Relaxed);
        let house = Some(ground.live());
        Stage { ground, house, channel }
    }

    fn house(&self) -> &House {
        self.house.as_ref().expect("there is one but for the moment between two lives")
    }

    async fn hear(&self, user: &str, body: Body) {
        self.house().hear(sender(user), self.place(user), body).await;
    }

    fn place(&self, user: &str) -> Address {
        Address { channel: self.channel.into(), chat: user.into(), thread: None }
    }

    async fn says(&self, user: &str, text: &str) {
        self.hear(user, Body::Text(text.into())).await;
    }

    async fn form(&self) {
        self.fill_in("backup", "database").await;
    }

    async fn fill_in(&self, job: &str, parameter: &str) {
        let fields = [(parameter.to_owned(), "orders".to_owned())].into();
        self.hear("ann", Body::Form { template: job.into(), fields }).await;
    }

    /// Presses the latest button of somebody that does this, where it was shown. False where they
    /// were shown none. Where the channel does not run here, nothing is delivered: what was sealed
    /// stands in the store.
    async fn presses(&self, user: &str, wanted: impl Fn(&Action) -> bool) -> bool {
        let store = self.house().core().store.clone();
        let all = store.scan("buttons", "", None, 1_000).await.expect("buttons");
        let mut found: Vec<_> = all
            .into_iter()
            .filter(|(_, json)| json["user"] == user)
            .filter(|(_, json)| {
                serde_json::from_value(json["action"].clone()).is_ok_and(|action| wanted(&action))
            })
            .collect();
        found.sort_by_key(|(_, json)| json["expires"].as_str().map(str::to_owned));
        let Some((token, json)) = found.pop() else { return false };
        let scope: Address = serde_json::from_value(json["scope"].clone()).expect("an address");
        self.house().hear(sender(user), scope, Body::Press(token)).await;
        true
    }

    /// Ann says yes to the plan that was shown last, if one was.
    async fn confirms(&self) -> bool {
        let is_yes = |action: &Action| matches!(action, Action::Say { input: Input::Confirm(_) });
        self.presses("ann", is_yes).await
    }

    /// Something of Ann's ran.
    async fn has_run(&self) {
        self.form().await;
        assert!(self.confirms().await);
        self.house().settled().await;
        self.ground.counter.started.lock().expect("unpoisoned").clear();
    }

    /// Returns when the end of the first run was seen.
    async fn has_ended(&self) {
        let (monitor, stop) = (self.house().core().monitor.clone(), CancellationToken::new());
        let watching = tokio::spawn({
            let (monitor, stop) = (monitor.clone(), stop.clone());
            async move { monitor.run(stop).await }
        });
        let limit = Instant::now() + Duration::from_secs(20);
        while !monitor.executions().get(1).await.expect("it ran").state.is_final() {
            assert!(Instant::now() < limit, "the end is never seen");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.cancel();
        watching.await.expect("it stops");
    }

    /// Ann is shown a button, as below a report.
    async fn shows_button(&self, action: Action) {
        let reply = Reply::text("It ended.").button("Do it", action);
        let (batch, _) =
            buttons::seal(Batch::default(), reply, "ann", &self.place("ann"), Timestamp::now())
                .expect("sealed");
        self.house().core().store.commit(batch).await.expect("stored");
    }

    /// Ann's request waits, and one of the two has agreed.
    async fn waits(&self) {
        self.form().await;
        assert!(self.confirms().await);
        self.vote("cat").await;
    }

    async fn vote(&self, user: &str) {
        let open = self.house().core().access.open_approvals(Timestamp::now()).await;
        let plan = open.expect("approvals").first().expect("one waits").hash();
        self.hear(user, Body::Vote { plan, approve: true, reason: None }).await;
    }

    async fn is_scheduled(&self) {
        self.says("ann", "/run backup orders").await;
        self.says("ann", "tomorrow at 03:00").await;
    }

    /// Everything that is due within two days.
    async fn two_days_pass(&self) {
        let keeper = std::sync::Arc::new(schedules::Keeper(self.house().bot.clone()));
        let scheduler = Scheduler::new(self.house().core().schedules.clone(), keeper);
        let at = Timestamp::now().checked_add(48.hours()).expect("a moment");
        scheduler.step(at).await.expect("a step");
    }

    async fn schedules(&self) -> usize {
        self.house().core().schedules.list(None).await.expect("schedules").len()
    }

    /// Up to the last step.
    async fn prepare(&self, way: Way) {
        match way {
            TypedRequest | Form => {}
            TypedYes | ConfirmButton | BreakGlassButton | BreakGlassCommand => self.form().await,
            Rerun | RollBack => self.has_run().await,
            RerunButton => {
                self.has_run().await;
                let pick = Pick::Again { execution: 1, changes: Default::default() };
                self.shows_button(Action::Say { input: Input::Pick(pick) }).await;
            }
            Retry => {
                self.has_run().await;
                self.has_ended().await;
            }
            ResumedDraft => {
                self.says("ann", "/run backup orders").await;
                self.says("ann", "/run restore others").await;
                let keeps = |action: &Action| {
                    matches!(
                        action,
                        Action::Say { input: Input::Pick(Pick::Switch { keep: true }) }
                    )
                };
                assert!(self.presses("ann", keeps).await);
            }
            ScheduleMade => self.is_scheduled().await,
            Scheduled | ScheduleResumed => {
                self.is_scheduled().await;
                assert!(self.confirms().await);
                assert_eq!(self.schedules().await, 1);
                if way == ScheduleResumed {
                    let schedules = &self.house().core().schedules;
                    schedules.pause(1).await.expect("paused");
                    self.says("ann", "/schedule @1").await;
                }
            }
            Vote | ApproveButton | TypedApproval => self.waits().await,
            GrantedAndWaiting => {
                self.fill_in("restore", "target").await;
                assert!(self.confirms().await);
                self.vote("cat").await;
                let (store, key) = (self.house().core().store.clone(), r#"{"database":"orders"}"#);
                let lock = json!({
                    "plan": "0".repeat(64), "requester": "eve", "template": "restore",
                    "since": Timestamp::now(),
                });
                store.commit(Batch::default().put("access_locks", key, lock)).await.expect("held");
                self.vote("dan").await;
                store.commit(Batch::default().delete("access_locks", key)).await.expect("freed");
            }
            BreakGlassReason => {
                self.form().await;
                assert!(self.presses("ann", |a| matches!(a, Action::BreakGlass { .. })).await);
            }
            BreakGlassWhileWaiting => self.waits().await,
            Crash => {
                self.waits().await;
                let (core, now) = (self.house().core(), Timestamp::now());
                let open = core.access.open_approvals(now).await.expect("approvals");
                let plan = open.first().expect("one waits").hash();
                let (dan, place) = (sender("dan"), self.place("dan"));
                let (yes, context) = (Ballot::Approve { reason: None }, Context::default());
                let granted = core.access.decide(&plan, &place, &dan, &yes, &context, now).await;
                let dispatch = runs::approved(&core, &granted.expect("a vote"), now).await;
                assert!(dispatch.is_ok(), "authorised and stored, and then it dies");
            }
        }
    }

    /// The last step.
    async fn last(&mut self, way: Way) {
        let approves = |action: &Action| matches!(action, Action::Decide { approve: true, .. });
        match way {
            TypedRequest => {
                self.says("ann", "/run backup orders").await;
                self.confirms().await;
            }
            TypedYes => self.says("ann", "yes").await,
            Form => {
                self.form().await;
                self.confirms().await;
            }
            ConfirmButton | ScheduleMade => {
                self.confirms().await;
            }
            Rerun => {
                self.says("ann", "/rerun 1").await;
                self.confirms().await;
            }
            RerunButton => {
                let again = |action: &Action| {
                    matches!(action, Action::Say { input: Input::Pick(Pick::Again { .. }) })
                };
                assert!(self.presses("ann", again).await);
                self.confirms().await;
            }
            Retry => {
                self.says("ann", "/retry 1").await;
                self.confirms().await;
            }
            RollBack => {
                self.says("ann", "/undo 1").await;
                self.confirms().await;
            }
            ResumedDraft => {
                self.says("ann", "/resume 1").await;
                self.confirms().await;
            }
            Scheduled => {}
            ScheduleResumed => {
                self.presses("ann", |action| match action {
                    Action::Ask { query } => {
                        query.arguments.get("change").is_some_and(|to| to.to_string() == "resume")
                    }
                    _ => false,
                })
                .await;
            }
            Vote => self.vote("dan").await,
            ApproveButton => {
                self.presses("dan", approves).await;
            }
            TypedApproval => self.says("dan", "/approve 1").await,
            GrantedAndWaiting => {
                upkeep::look(&self.house().core(), Timestamp::now()).await.expect("a look")
            }
            BreakGlassButton => {
                self.presses("ann", |action| matches!(action, Action::BreakGlass { .. })).await;
                self.says("ann", "fire").await;
            }
            BreakGlassReason => self.says("ann", "fire").await,
            BreakGlassCommand | BreakGlassWhileWaiting => self.says("ann", "/emergency fire").await,
            Crash => {
                self.house = None;
                self.house = Some(self.ground.live());
                self.house().bot.start().await.expect("a start");
            }
        }
        self.two_days_pass().await;
        self.house().settled().await;
    }
}

impl Stage {
    /// What happens in the middle, as far as anybody can tell from the files.
    async fn change(&self, change: Change) {
        match change {
            Change::Nothing => return,
            Change::Frozen => {
                self.ground.write("access/policy/all.yaml", &format!("{POLICY}{FROZEN}"));
            }
            Change::Disabled => {
                let users = USERS.replace("channel: ear", &format!("channel: {}", self.channel));
                let users = users.replace("name: Ann,", "name: Ann, enabled: false,");
                self.ground.write("access/users.yaml", &users);
            }
        }
        self.house().reload(&self.ground).await;
    }
}

fn sender(user: &str) -> Sender {
    Sender { id: user.into(), name: user.into() }
}

/// Goes a way in a channel, with a change before its last step; how many runs that leads to, and
/// the rules that the log names for refusals.
async fn go(way: Way, channel: &'static str, change: Change) -> (usize, Vec<String>) {
    let mut stage = Stage::new(way, channel);
    stage.prepare(way).await;
    let started = stage.ground.counter.starts();
    assert_eq!(started, 0, "{way:?} in {channel}: nothing runs before the last step");
    stage.change(change).await;
    stage.last(way).await;
    let log = stage.ground.folder.path().join("state/audit");
    let records = find(&log, &Filter::default(), None).expect("a whole chain");
    let refused = |event: &str| matches!(event, "run_refused" | "refused");
    let rules = records
        .into_iter()
        .filter(|record| refused(record.entry.event.as_str()))
        .filter_map(|record| record.entry.rule.map(|rule| rule.name));
    (stage.ground.counter.starts(), rules.collect())
}

#[tokio::test]
async fn every_way_is_one_where_nothing_is_against_it() {
    for (index, way) in Way::VARIANTS.iter().enumerate() {
        let channel = NAMES[index % NAMES.len()];
        let (runs, _) = go(*way, channel, Change::Nothing).await;
        assert_eq!(runs, 1, "{way:?} in {channel}");
    }
}

#[tokio::test]
async fn every_way_in_asks_the_policy_at_its_last_step() {
    for channel in NAMES {
        for way in Way::VARIANTS {
            let (runs, rules) = go(*way, channel, Change::Frozen).await;
            assert_eq!(runs, 0, "{way:?} in {channel}");
            assert!(rules.iter().any(|rule| rule == "frozen"), "{way:?} in {channel}: {rules:?}");
        }
    }
}

#[tokio::test]
async fn nothing_of_somebody_runs_who_was_disabled_in_the_middle() {
    for (index, way) in Way::VARIANTS.iter().enumerate() {
        let channel = NAMES[index % NAMES.len()];
        let (runs, _) = go(*way, channel, Change::Disabled).await;
        assert_eq!(runs, 0, "{way:?} in {channel}");
    }
}

#[test]
fn no_way_in_is_left_out() {
    let bodies = [
        Body::Text(String::new()),
        Body::Press(String::new()),
        Body::Form { template: "backup".into(), fields: Default::default() },
        Body::Vote { plan: PlanHash(String::new()), approve: true, reason: None },
    ];
    let say = |pick: Pick| Action::Say { input: Input::Pick(pick) };
    let buttons = [
        Action::Say { input: Input::Confirm(PlanHash(String::new())) },
        Action::Decide { plan: PlanHash(String::new()), approve: true },
        say(Pick::Again { execution: 1, changes: Default::default() }),
        say(Pick::Retry { execution: 1 }),
        say(Pick::Undo { execution: 1 }),
    ];
    let mut named: Vec<Way> = bodies.iter().flat_map(ways_of).copied().collect();
    named.extend(buttons.iter().flat_map(ways_of_button));
    // Nobody says or presses anything there.
    named.extend([Scheduled, ScheduleResumed, Crash, BreakGlassButton]);
    for way in Way::VARIANTS {
        assert!(named.contains(way), "{way:?}");
    }
}
