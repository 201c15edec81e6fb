//! From a shown plan to its end.

use steward::access::audit::{AuditError, AuditLog, Event, Filter, Rotation, find};
use steward::access::{
    Authorization, Ballot, Context, Refusal, Trigger, acknowledge_loss, check_log,
};
use steward::plan::PlanHash;

use crate::world::*;

#[tokio::test]
async fn a_confirmed_plan_gets_its_key_once() {
    let world = World::new();
    let plan = deployment("oli", "staging");
    let run = authorized(world.run(&plan, noon()).await);
    assert_eq!(run.template(), &plan.template);
    assert_eq!(run.values(), &plan.plain_values());
    assert_eq!(run.plan(), &plan.hash());
    assert_eq!((run.requester(), run.platform_user()), ("oli", "svc-oli"));

    assert_eq!(world.confirm(&plan, after(1)).await.unwrap_err(), Refusal::PlanUsed);
    world.complete(&plan, after(48)).await;
    assert_eq!(world.confirm(&plan, after(50)).await.unwrap_err(), Refusal::PlanUsed);
    assert_eq!(
        world.access.present(&plan, &Context::default(), after(50)).await.unwrap_err(),
        Refusal::PlanUsed
    );
}

#[tokio::test]
async fn the_key_is_on_disk_before_it_is_handed_out() {
    let world = World::new();
    let plan = deployment("oli", "staging");
    let run = authorized(world.run(&plan, noon()).await);
    let record = world.last_record();
    assert_eq!(record.seq, run.record());
    let entry = &record.entry;
    assert_eq!(entry.event, Event::RunAuthorized);
    assert_eq!(entry.user.as_deref(), Some("oli"));
    assert_eq!(entry.name.as_deref(), Some("Oli"));
    assert_eq!(entry.account.as_deref(), Some("2"));
    assert_eq!(entry.confirmed_by.as_deref(), Some("oli"));
    assert_eq!(entry.rule.as_ref().map(|r| r.name.as_str()), Some("operators"));
    assert_eq!(entry.words.as_deref(), Some("do it"));
    assert_eq!(entry.parameters.len(), 3);

    world.complete(&plan, after(48)).await;
    let end = world.last_record();
    assert_eq!(end.entry.event, Event::RunFinished);
    assert_eq!(end.entry.begin, Some(run.record()));
    assert_eq!(end.entry.result.as_deref(), Some("succeeded"));
    assert_eq!(end.entry.duration, Some(48.0));
}

#[tokio::test]
async fn a_yes_counts_only_for_the_live_plan_of_its_requester_where_it_was_asked() {
    let world = World::new();
    let plan = deployment("oli", "staging");
    let (hash, here, oli) = (plan.hash(), chat(), sender_of("oli"));
    let yes = |sender| Trigger::Confirmed { hash: &hash, address: &here, sender };

    // Never shown.
    assert_eq!(world.ask(&plan, yes(&oli), noon()).await.unwrap_err(), Refusal::NothingToConfirm);
    world.access.present(&plan, &Context::default(), noon()).await.unwrap();

    // Somebody else in the same group.
    let ben = sender_of("ben");
    let refusal = world.ask(&plan, yes(&ben), noon()).await.unwrap_err();
    assert_eq!(refusal, Refusal::NotTheRequester { requester: "oli".to_owned() });

    // Nobody, and somebody who left.
    let (stranger, gone) = (sender_of("99"), sender_of("5"));
    for (sender, name) in [(&stranger, "unknown_user"), (&gone, "disabled")] {
        let refusal = world.ask(&plan, yes(sender), noon()).await.unwrap_err();
        assert_eq!(name_of(&refusal), name);
    }

    // Elsewhere.
    let mut elsewhere = chat();
    elsewhere.chat = "2".to_owned();
    let trigger = Trigger::Confirmed { hash: &hash, address: &elsewhere, sender: &oli };
    assert_eq!(world.ask(&plan, trigger, noon()).await.unwrap_err(), Refusal::WrongPlace);

    // Another plan under this hash, and this plan under a forged hash.
    let other = deployment("oli", "dev");
    let refusal = world.ask(&other, yes(&oli), noon()).await.unwrap_err();
    assert_eq!(refusal, Refusal::NothingToConfirm);
    let forged = PlanHash("0".repeat(64));
    let trigger = Trigger::Confirmed { hash: &forged, address: &here, sender: &oli };
    assert_eq!(world.ask(&plan, trigger, noon()).await.unwrap_err(), Refusal::NothingToConfirm);

    // Too late.
    let refusal = world.ask(&plan, yes(&oli), plan.expires).await.unwrap_err();
    assert_eq!(refusal, Refusal::PlanExpired);

    // Dropped.
    world.access.retract(&hash).await.unwrap();
    assert_eq!(world.ask(&plan, yes(&oli), noon()).await.unwrap_err(), Refusal::NothingToConfirm);

    // Every one of them was written down, and none got a key.
    let records = world.records();
    assert!(records.iter().all(|record| record.entry.event == Event::RunRefused));
    assert_eq!(records.len(), 9);
}

#[tokio::test]
async fn who_is_disabled_in_the_middle_runs_nothing() {
    let world = World::new();
    let plan = deployment("oli", "staging");
    world.access.present(&plan, &Context::default(), noon()).await.unwrap();
    world.change("users.yaml", "id: oli\n", "id: oli\n    enabled: false\n").await;
    let refusal = world.confirm(&plan, after(1)).await.unwrap_err();
    assert_eq!(refusal, Refusal::Disabled { user: "oli".to_owned() });
}

#[tokio::test]
async fn the_policy_is_asked_again_when_the_yes_comes() {
    let world = World::new();
    let plan = deployment("dana", "staging");
    world.access.present(&plan, &Context::default(), noon()).await.unwrap();
    world.change("policy/rules.yaml", "environment: [staging, dev]", "environment: [dev]").await;
    assert_eq!(name_of(&world.confirm(&plan, after(1)).await.unwrap_err()), "not_allowed");
}

#[tokio::test]
async fn a_plan_that_may_not_run_is_refused_when_it_is_shown() {
    let world = World::new();
    let cases = [
        (deployment("dana", "production"), "not_allowed"),
        (deployment("gone", "staging"), "disabled"),
        (deployment("nobody", "staging"), "no_such_user"),
        (plan("oli", "no_such_job", &[]), "unknown_template"),
        (plan("oli", "deploy_app", &["service=checkout"]), "missing_value"),
        (plan("oli", "reboot_host", &["host=web-01", "colour=red"]), "unknown_parameter"),
        (plan("oli", "reboot_host", &["host=web-01; reboot"]), "bad_value"),
        (
            plan("oli", "scale_service", &["service=a-b", "environment=dev", "to_replicas=9000"]),
            "bad_value",
        ),
        (
            plan(
                "oli",
                "silence_alert",
                &["alert=ghp_abcdefghijklmnopqrstuvwxyz0123456789", "duration=1h"],
            ),
            "secret_typed",
        ),
    ];
    for (plan, expected) in cases {
        let refusal = world.access.present(&plan, &Context::default(), noon()).await.unwrap_err();
        assert_eq!(name_of(&refusal), expected, "{} {:?}", plan.template, plan.values);
        let refusal = world.confirm(&plan, noon()).await.unwrap_err();
        assert!(refusal != Refusal::PlanUsed, "{refusal}");
    }
}

/// Every record of a run carries the number of its execution, from the request to the end.
#[tokio::test]
async fn the_records_of_one_run_are_found_by_its_number() {
    let world = World::new();
    let plan = deployment("oli", "production");
    assert!(matches!(world.run(&plan, noon()).await.unwrap(), Authorization::NeedsApproval { .. }));
    let yes = Ballot::Approve { reason: None };
    for user in ["ada", "ben"] {
        let (hash, sender) = (plan.hash(), sender_of(user));
        let context = Context { message: Some(format!("vote of {user}")), ..Context::default() };
        world.access.decide(&hash, &chat(), &sender, &yes, &context, after(1)).await.unwrap();
    }
    let run = authorized(world.ask(&plan, Trigger::Approved, after(2)).await);
    assert_eq!((run.number(), run.waited_since()), (1, Some(noon())));
    world.complete(&plan, after(50)).await;

    let of_run = Filter { execution: Some(1), ..Filter::default() };
    let records = find(&world.audit_folder(), &of_run, None).unwrap();
    let events: Vec<Event> = records.iter().map(|record| record.entry.event).collect();
    use Event::*;
    assert_eq!(events, [ApprovalRequested, Approved, Approved, RunAuthorized, RunFinished]);
    assert_eq!(records[1].entry.message.as_deref(), Some("vote of ada"));
    // What did not become a run is found, too; the next run has another number.
    let other = deployment("ben", "staging");
    assert_eq!(authorized(world.run(&other, after(60)).await).number(), 2);
}

/// Whoever removes the log, or puts another one in its place, is noticed at the next start.
#[tokio::test]
async fn a_log_that_was_removed_is_missed() {
    let world = World::new();
    world.access.check_log().await.unwrap();
    authorized(world.run(&deployment("oli", "staging"), noon()).await);
    let world = world.restart();
    world.access.check_log().await.unwrap();
    let saved = world.state.path().join("saved");
    std::fs::rename(world.audit_folder(), &saved).unwrap();

    let world = world.restart();
    let lost = world.access.check_log().await.unwrap_err();
    assert!(matches!(lost, AuditError::Lost { seq: 1, .. }), "{lost}");
    assert!(lost.to_string().contains("steward audit acknowledge"), "{lost}");
    let World { access, store, state, .. } = world;
    drop(access);
    let folder = state.path().join("audit");
    let open = || AuditLog::open(&folder, Rotation::default(), noon()).unwrap();
    let log = open();
    acknowledge_loss(&*store, &log, "login:root", "the disk died", noon()).await.unwrap();
    check_log(&*store, &log).await.unwrap();
    let again = acknowledge_loss(&*store, &log, "login:root", "again", noon()).await;
    assert!(matches!(again, Err(AuditError::NothingLost(_))));
    let first = find(&folder, &Filter::default(), None).unwrap().remove(0).entry;
    assert_eq!(first.event, Event::LossAcknowledged);
    assert!(first.reason.unwrap().contains("the disk died"));
    // The old log in the place of the new one is another loss.
    drop(log);
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::rename(&saved, &folder).unwrap();
    assert!(matches!(check_log(&*store, &open()).await, Err(AuditError::Lost { seq: 1, .. })));
}

#[tokio::test]
async fn nothing_runs_that_cannot_be_written_down() {
    // Every record begins a new file, which can't be made once the folder is gone.
    let world = World::with(Rotation { max_bytes: 1 });
    let plan = deployment("oli", "staging");
    world.access.present(&plan, &Context::default(), noon()).await.unwrap();
    let moved = world.state.path().join("moved");
    std::fs::rename(world.audit_folder(), &moved).unwrap();
    // The first record goes into the file that is open.
    let _ = world.confirm(&deployment("dana", "dev"), noon()).await;

    let refusal = world.confirm(&plan, after(1)).await.unwrap_err();
    assert_eq!(name_of(&refusal), "audit_unavailable");

    // The disk is back: nothing is locked, and the plan can still be confirmed.
    std::fs::rename(&moved, world.audit_folder()).unwrap();
    authorized(world.confirm(&plan, after(2)).await);
}

#[tokio::test]
async fn a_crash_leaves_nothing_locked_and_nothing_startable_twice() {
    let world = World::new();
    let stored = deployment("oli", "staging");
    let lost = deployment("oli", "dev");
    let run = authorized(world.run(&stored, noon()).await);
    authorized(world.run(&lost, noon()).await);

    // Killed: of the second plan there is no execution.
    let world = world.restart();
    let begun = world.access.authorized_runs().await.unwrap();
    assert_eq!(begun.len(), 2);
    world.access.abandon(&lost.hash(), after(60)).await.unwrap();
    assert_eq!(world.access.authorized_runs().await.unwrap().len(), 1);
    assert_eq!(world.last_record().entry.result.as_deref(), Some("not_started"));

    // The first goes on with the same key, for as long as it has not ended.
    let again = world.access.resume(&stored.hash(), &chat(), after(60)).await.unwrap();
    assert_eq!((again.record(), again.values()), (run.record(), run.values()));
    assert_eq!(
        world.access.resume(&lost.hash(), &chat(), after(60)).await.unwrap_err(),
        Refusal::PlanUsed
    );
    assert_eq!(world.confirm(&lost, after(61)).await.unwrap_err(), Refusal::PlanUsed);
    let unknown = deployment("oli", "production").hash();
    assert_eq!(
        world.access.resume(&unknown, &chat(), after(60)).await.unwrap_err(),
        Refusal::NothingToConfirm
    );

    let mut retry = deployment("oli", "dev");
    retry.expires = after(600);
    authorized(world.run(&retry, after(62)).await);
    world.complete(&stored, after(63)).await;
    assert_eq!(
        world.access.resume(&stored.hash(), &chat(), after(60)).await.unwrap_err(),
        Refusal::PlanUsed
    );
}

#[tokio::test]
async fn a_run_that_goes_on_after_a_crash_is_one_that_is_allowed_now() {
    let world = World::new();
    let plan = deployment("dana", "staging");
    authorized(world.run(&plan, noon()).await);
    let world = world.restart();
    let resume = async |seconds| world.access.resume(&plan.hash(), &chat(), after(seconds)).await;
    resume(1).await.unwrap();
    let allowed = "environment: [staging, dev]";
    world.change("policy/rules.yaml", allowed, "environment: [dev]").await;
    assert_eq!(name_of(&resume(2).await.unwrap_err()), "not_allowed");
    let entry = world.last_record().entry;
    assert_eq!((entry.event, entry.execution), (Event::RunRefused, Some(1)));
    world.change("policy/rules.yaml", "environment: [dev]", allowed).await;
    // Who may not talk to Steward there any more runs nothing there either.
    let mut elsewhere = chat();
    elsewhere.channel = "web".to_owned();
    let deny = "rules:\n  - {name: no-web, effect: deny, when: {channel: web}}\n";
    world.change("policy/rules.yaml", "rules:\n", deny).await;
    let refusal = world.access.resume(&plan.hash(), &elsewhere, after(3)).await.unwrap_err();
    assert_eq!(name_of(&refusal), "denied");
    world.change("users.yaml", "id: dana\n", "id: dana\n    enabled: false\n").await;
    assert_eq!(name_of(&resume(4).await.unwrap_err()), "disabled");
}
