//! A schedule from its confirmation to its runs, by a clock that the test moves, over restarts.

use std::sync::Arc;

use jiff::ToSpan;

use super::*;
use crate::bot::handle::Turning;
use crate::bot::house::{Ground, Heard, House, ann, definition_of, here};
use crate::bot::settings::Settings;
use crate::catalog::{Language, Value};
use crate::channels::{Address, Body, Inbound, Sender};
use crate::jobs::schedule::{Missed, Recurrence, Scheduler};

fn now() -> Timestamp {
    Timestamp::now()
}

/// So many minutes later.
fn later(minutes: i64) -> Timestamp {
    now().checked_add(minutes.minutes()).expect("a moment")
}

fn plan(when: When) -> Plan {
    let given = Given { value: Value::from("orders"), source: Source::Chosen };
    Plan {
        template: "backup".into(),
        definition: definition_of("backup"),
        values: [("database".to_owned(), given)].into(),
        requester: "ann".into(),
        scope: here(),
        expires: later(30),
        when: Some(when),
        replaces: None,
    }
}

impl House {
    /// Ann was shown the plan and said yes.
    async fn confirm(&self, plan: &Plan) -> Result<Reply, Trouble> {
        let (core, now) = (&self.core(), now());
        let inbound = Inbound {
            id: "1".into(),
            address: here(),
            sender: ann(),
            body: Body::Text("yes".into()),
            group: false,
            addressed: true,
            at: now,
            language: None,
            origin: None,
            shown: None,
        };
        let rules = core.access.rules();
        let turning = Turning {
            conversation: "ear".into(),
            core,
            inbound: &inbound,
            user: rules.users().get("ann").expect("there is Ann").clone(),
            settings: Settings::default(),
            now,
            context: Context::default(),
        };
        let writer = core.writer(Language::En, jiff::tz::TimeZone::UTC);
        let context = Context::default();
        let effects = &mut Effects::default();
        runs::confirmed(&turning, plan, &context, &writer, effects).await
    }

    async fn schedule(&self, when: When) -> Schedule {
        let plan = plan(when);
        self.core()
            .access
            .present(&plan, &Context::default(), now())
            .await
            .expect("nothing against it");
        self.confirm(&plan).await.expect("scheduled");
        let schedules = self.core().schedules.list(Some("ann")).await.expect("a list");
        schedules.into_iter().next_back().expect("it is there")
    }

    /// Does what is due at a moment.
    async fn step(&self, at: Timestamp) {
        let keeper = Arc::new(Keeper(self.bot.clone()));
        let scheduler = Scheduler::new(self.core().schedules.clone(), keeper);
        scheduler.step(at).await.expect("a step");
        // What it dispatched is a task of its own.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
}

fn daily() -> When {
    When::Recurring(Recurrence::new("0 3 * * *", "UTC").expect("daily"))
}

#[tokio::test]
async fn what_was_confirmed_once_runs_every_time_and_is_told() {
    let ground = Ground::new();
    let house = ground.live();
    let schedule = house.schedule(daily()).await;
    let first = schedule.next.expect("it comes");
    assert_eq!(ground.counter.starts(), 0, "nothing runs before its time");
    house.step(first - 9.minutes()).await;
    assert!(house.told().await.contains("@1 Back up (orders) runs at"), "{}", house.told().await);
    house.step(first).await;
    house.step(first + 1.minute()).await;
    house.step(first + 24.hours()).await;
    assert_eq!(ground.counter.starts(), 2);
    let told = house.told().await;
    assert!(told.contains("@1 is due.") && told.contains("#1 Back up"), "{told}");
    let execution = house.core().monitor.executions().get(1).await.expect("it ran");
    assert_eq!(execution.schedule.as_deref(), Some("@1"));
}

#[tokio::test]
async fn a_changed_plan_takes_the_place_of_its_schedule() {
    let ground = Ground::new();
    let house = ground.live();
    let old = house.schedule(daily()).await;
    let changed = Plan { replaces: Some(old.number), expires: later(29), ..plan(daily()) };
    let shown = async |plan: &Plan| {
        let core = house.core();
        core.access.present(plan, &Context::default(), now()).await.expect("nothing against it");
    };
    shown(&changed).await;
    for _ in 0..2 {
        // The message may be handled twice.
        house.confirm(&changed).await.expect("scheduled");
        let left = house.core().schedules.list(Some("ann")).await.expect("a list");
        assert_eq!(left.iter().map(|schedule| schedule.number).collect::<Vec<_>>(), [2]);
    }
    let late = Plan { expires: later(28), ..changed };
    shown(&late).await;
    let gone = house.confirm(&late).await.expect_err("its place is gone");
    assert!(matches!(gone, Trouble::Schedule(ScheduleError::Unknown(1))), "{gone}");
}

#[tokio::test]
async fn one_yes_is_one_schedule() {
    let ground = Ground::new();
    let house = ground.live();
    let plan = plan(daily());
    let unseen = house.confirm(&plan).await.expect_err("it was never shown");
    assert!(matches!(unseen, Trouble::Refused(Refusal::NothingToConfirm)), "{unseen}");
    house
        .core()
        .access
        .present(&plan, &Context::default(), now())
        .await
        .expect("nothing against it");
    house.confirm(&plan).await.expect("scheduled");
    // Steward died before it had said so, and the message is handled again.
    drop(house);
    let reborn = ground.live();
    reborn.confirm(&plan).await.expect("scheduled already");
    assert_eq!(reborn.core().schedules.list(None).await.expect("a list").len(), 1);
}

#[tokio::test]
async fn the_past_is_not_scheduled() {
    let house = Ground::new().live();
    let plan = plan(When::Once(later(-1)));
    house
        .core()
        .access
        .present(&plan, &Context::default(), now())
        .await
        .expect("nothing against it");
    let past = house.confirm(&plan).await.expect_err("it has passed");
    assert!(matches!(past, Trouble::Schedule(ScheduleError::Past)), "{past}");
}

#[tokio::test]
async fn the_policy_is_asked_again_as_its_requester_then_is() {
    let ground = Ground::new();
    let schedule = ground.live().schedule(daily()).await;
    let users = std::fs::read_to_string(ground.folder.path().join("access/users.yaml"));
    let users = users.expect("users").replace("roles: [operator]", "roles: [guest]");
    ground.write("access/users.yaml", &users);
    let house = ground.live();
    house.step(schedule.next.expect("it comes")).await;
    assert_eq!(ground.counter.starts(), 0);
    let told = house.told().await;
    assert!(told.contains("@1 Back up is due, but did not run:\nYou may not run"), "{told}");
}

/// What was confirmed is what runs: a job that somebody changed waits until its requester says so.
#[tokio::test]
async fn a_schedule_whose_job_was_changed_is_held_until_its_requester_resumes_it() {
    let ground = Ground::new();
    let house = ground.live();
    let schedule = house.schedule(daily()).await;
    ground.change_job(&house, "timeout: 10m", "timeout: 20m").await;
    let first = schedule.next.expect("it comes");
    house.step(first).await;
    assert_eq!(ground.counter.starts(), 0, "nobody confirmed what it would run");
    let told = house.told().await;
    assert!(told.contains("@1 Back up (orders) is on hold and does not run"), "{told}");
    house.step(first + 24.hours()).await;
    assert_eq!(house.told().await, told, "it is told once");
    let (_, buttons) = house.ann(Body::Text("/schedule".into())).await;
    let press = async |buttons: &[(String, String)], label: &str| {
        let found = buttons.iter().find(|(known, _)| known == label);
        let (_, token) = found.unwrap_or_else(|| panic!("{label} in {buttons:?}"));
        house.ann(Body::Press(token.clone())).await
    };
    let (_, buttons) = match buttons.iter().any(|(label, _)| label == "Resume") {
        true => (String::new(), buttons),
        false => press(&buttons, "@1").await,
    };
    let (told, _) = press(&buttons, "Resume").await;
    assert!(told.contains("@1 Back up: every day at 03:00"), "{told}");
    house.step(first + 48.hours()).await;
    assert_eq!(ground.counter.starts(), 1);
}

#[tokio::test]
async fn a_crash_in_the_middle_loses_no_run_and_starts_none_twice() {
    let ground = Ground::new();
    let house = ground.live();
    let schedule = house.schedule(When::Once(later(60))).await;
    let due = schedule.next.expect("it comes");
    // Everything up to the stored execution happens, and then the process dies.
    let occasion = Occasion { schedule: schedule.number, due, kind: OccasionKind::Due };
    let core = house.core();
    let writer = core.writer(Language::En, jiff::tz::TimeZone::UTC);
    let mut lost = Effects::default();
    run(&core, &schedule, &occasion, &writer, due, &mut lost).await.expect("stored");
    drop(lost);
    drop(core);
    drop(house);
    assert_eq!(ground.counter.starts(), 0);

    let reborn = ground.live();
    reborn.step(due + 1.second()).await;
    reborn.step(due + 2.minutes()).await;
    assert_eq!(ground.counter.starts(), 1);
    let core = reborn.core();
    let executions = core.monitor.executions();
    assert!(executions.get(2).await.is_err(), "one execution");
    let schedules = reborn.core().schedules.list(None).await.expect("a list");
    assert_eq!(schedules, [], "once is once");
}

#[tokio::test]
async fn what_was_missed_while_down_follows_the_rule() {
    let check = async |missed, starts, words: &str| {
        let mut ground = Ground::new();
        ground.config.schedules.missed = missed;
        let next = ground.live().schedule(daily()).await.next.expect("it comes");
        let house = ground.live();
        house.step(next + 50.hours()).await;
        assert_eq!(ground.counter.starts(), starts, "{missed:?}");
        let told = house.told().await;
        assert!(told.contains(words), "{told}");
    };
    check(Missed::RunOnce, 1, "was due 3 times while I was not running").await;
    check(Missed::Skip, 0, "They were left out.").await;
}

#[tokio::test]
async fn schedules_are_listed_held_and_dropped_in_the_chat() {
    let ground = Ground::new();
    let house = ground.live();
    let (told, _) = house.ann(Body::Text("/schedule".into())).await;
    assert!(told.contains("Nothing is scheduled."), "{told}");
    let schedule = house.schedule(daily()).await;
    house.schedule(When::Once(later(60))).await;
    let (told, buttons) = house.ann(Body::Text("/schedule".into())).await;
    assert!(told.contains("2 runs are scheduled"), "{told}");
    assert!(told.contains("@1 Back up (orders) every day at 03:00;"), "{told}");
    let press = async |buttons: &[(String, String)], label: &str| {
        let found = buttons.iter().find(|(known, _)| known == label);
        let (_, token) = found.unwrap_or_else(|| panic!("{label} in {buttons:?}"));
        house.ann(Body::Press(token.clone())).await
    };
    let (told, buttons) = press(&buttons, "@1").await;
    assert!(told.contains("orders") && told.contains("Next:"), "{told}");
    let (told, buttons) = press(&buttons, "Pause").await;
    assert!(told.contains("(paused)"), "{told}");
    house.step(schedule.next.expect("it comes") + 1.minute()).await;
    assert_eq!(ground.counter.starts(), 1, "only the other one ran");
    let (told, buttons) = press(&buttons, "Resume").await;
    assert!(told.contains("@1 Back up: every day at 03:00"), "{told}");
    let (told, _) = press(&buttons, "Drop").await;
    assert!(told.contains("dropped"), "{told}");
    let (told, _) = press(&buttons, "Drop").await;
    assert!(told.contains("There is no schedule @1."), "{told}");
}

/// Whoever relies on a run is told when somebody else sees to it that it does not come.
#[tokio::test]
async fn what_somebody_else_makes_of_a_schedule_its_requester_is_told() {
    let ground = Ground::new();
    let users = "roles: {operator: runs jobs}\nusers:\n\
        \x20 - {id: ann, roles: [operator], identities: [{channel: ear, id: ann}]}\n\
        \x20 - {id: bob, name: Bob, roles: [operator], identities: [{channel: ear, id: bob}]}\n";
    ground.write("access/users.yaml", users);
    let house = ground.live();
    house.schedule(daily()).await;
    let bob = Sender { id: "bob".into(), name: "Bob".into() };
    let his = Address { channel: "ear".into(), chat: "bob".into(), thread: None };
    let shown = house.hear(bob.clone(), his.clone(), Body::Text("/schedule".into())).await;
    let press = async |shown: &[Heard], label: &str| {
        let mut buttons = shown.iter().filter(|heard| heard.to == his).flat_map(|h| &h.buttons);
        let (_, token) = buttons.rfind(|(known, _)| known == label).expect("a button");
        house.hear(bob.clone(), his.clone(), Body::Press(token.clone())).await
    };
    let told = |heard: &[Heard]| -> String {
        heard.iter().filter(|heard| heard.to == here()).map(|heard| heard.text.as_str()).collect()
    };
    assert_eq!(told(&shown), "", "looking changes nothing");
    let held = press(&shown, "Pause").await;
    let text = told(&held);
    assert!(text.contains("Bob has changed your schedule") && text.contains("paused"), "{text}");
    let text = told(&press(&held, "Drop").await);
    assert!(text.contains("Bob has changed") && text.contains("is dropped"), "{text}");
}

#[test]
fn quick_rhythms_are_not_announced_every_time() {
    let check = |cron: &str, expected: Option<u64>| {
        let when = When::Recurring(Recurrence::new(cron, "UTC").expect("a recurrence"));
        let announced = notice(SignedDuration::from_mins(10), &when, now());
        assert_eq!(announced, expected.map(Duration::from_secs), "{cron}");
    };
    check("*/10 * * * *", None);
    check("0 * * * *", Some(600));
    check("0 3 * * *", Some(600));
    assert_eq!(notice(SignedDuration::ZERO, &daily(), now()), None);
}
