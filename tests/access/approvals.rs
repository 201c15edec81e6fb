//! N of M others agree.

use steward::access::audit::Event;
use steward::access::{Approval, ApprovalState, Authorization, Ballot, Context, Refusal, Trigger};
use steward::plan::Plan;
use steward::store::Batch;

use crate::world::*;

pub const YES: Ballot = Ballot::Approve { reason: None };

fn no(reason: &str) -> Ballot {
    Ballot::Reject { reason: reason.to_owned() }
}

impl World {
    pub async fn vote(
        &self,
        plan: &Plan,
        user: &str,
        ballot: &Ballot,
    ) -> Result<Approval, Refusal> {
        self.access
            .decide(&plan.hash(), &chat(), &sender_of(user), ballot, &Context::default(), after(60))
            .await
    }
}

/// A world where a deployment to production waits for two approvals.
async fn waiting() -> (World, Plan) {
    let world = World::new();
    let plan = deployment("oli", "production");
    match world.run(&plan, noon()).await {
        Ok(Authorization::NeedsApproval { approval, .. }) => {
            assert_eq!(approval.plan, plan);
            assert_eq!(approval.expires, after(2 * 3600));
        }
        other => panic!("{other:?}"),
    }
    (world, plan)
}

#[tokio::test]
async fn two_others_have_to_agree() {
    let (world, plan) = waiting().await;
    let asked = world.last_record().entry;
    assert_eq!(asked.event, Event::ApprovalRequested);
    assert_eq!(asked.notices[0].name, "four-eyes");

    let refusal = world.ask(&plan, Trigger::Approved, after(60)).await.unwrap_err();
    assert_eq!(refusal, Refusal::ApprovalOpen { granted: 0, needed: 2 });
    let approval = world.vote(&plan, "ada", &YES).await.unwrap();
    assert_eq!(approval.state, ApprovalState::Open);
    let ben = Ballot::Approve { reason: Some("looks fine".to_owned()) };
    let approval = world.vote(&plan, "ben", &ben).await.unwrap();
    assert_eq!(approval.state, ApprovalState::Granted);
    assert_eq!(approval.votes[1].reason.as_deref(), Some("looks fine"));

    // The plan has expired for a confirmation, not for those who were asked.
    let run = authorized(world.ask(&plan, Trigger::Approved, after(3600)).await);
    assert_eq!(run.approvers(), ["ada", "ben"]);
    let record = world.last_record().entry;
    assert_eq!(record.approvals.len(), 2);
    assert_eq!(record.confirmed_by.as_deref(), Some("oli"));
    let refusal = world.ask(&plan, Trigger::Approved, after(3601)).await.unwrap_err();
    assert_eq!(refusal, Refusal::PlanUsed);
}

#[tokio::test]
async fn votes_that_do_not_count() {
    let (world, plan) = waiting().await;
    world.vote(&plan, "ada", &YES).await.unwrap();
    let cases = [
        ("oli", YES, "own_run"),
        ("dana", YES, "not_allowed"),
        ("gone", YES, "disabled"),
        ("stranger", YES, "unknown_user"),
        ("ada", YES, "decided_already"),
        ("ben", no("  "), "reason_missing"),
        ("ben", Ballot::Retract, "no_such_approval"),
    ];
    for (user, ballot, expected) in cases {
        let refusal = world.vote(&plan, user, &ballot).await.unwrap_err();
        assert_eq!(name_of(&refusal), expected, "{user}");
    }
    // Nobody was asked about another plan, however little it differs.
    let changed = deployment("oli", "staging");
    assert_eq!(name_of(&world.vote(&changed, "ben", &YES).await.unwrap_err()), "no_such_approval");
    // An operator may approve by the policy, but is not among those the rule asks.
    let refusal = world
        .access
        .decide(&plan.hash(), &terminal(), &sender_of("me"), &YES, &Context::default(), after(60))
        .await
        .unwrap_err();
    assert!(
        matches!(&refusal, Refusal::NotAnApprover { roles, users } if roles == &["admin"] && users.is_empty()),
        "the requester, whom the rule names too, is none: {refusal}"
    );
}

#[tokio::test]
async fn one_no_is_enough_and_its_reason_is_kept() {
    let (world, plan) = waiting().await;
    world.vote(&plan, "ada", &YES).await.unwrap();
    world.vote(&plan, "ben", &no("not before the sale")).await.unwrap();
    let refusal = world.ask(&plan, Trigger::Approved, after(61)).await.unwrap_err();
    let expected = Refusal::ApprovalRejected {
        by: "ben".to_owned(),
        reason: "not before the sale".to_owned(),
    };
    assert_eq!(refusal, expected);
    assert_eq!(world.vote(&plan, "ada", &Ballot::Retract).await.unwrap_err(), expected);
    let rejected = world.records().into_iter().find(|r| r.entry.event == Event::Rejected).unwrap();
    assert_eq!(rejected.entry.reason.as_deref(), Some("not before the sale"));
}

#[tokio::test]
async fn an_approver_may_think_again_and_the_requester_may_withdraw() {
    let (world, plan) = waiting().await;
    world.vote(&plan, "ada", &YES).await.unwrap();
    world.vote(&plan, "ben", &YES).await.unwrap();
    let approval = world.vote(&plan, "ada", &Ballot::Retract).await.unwrap();
    assert_eq!(approval.state, ApprovalState::Open);
    let refusal = world.ask(&plan, Trigger::Approved, after(61)).await.unwrap_err();
    assert_eq!(refusal, Refusal::ApprovalOpen { granted: 1, needed: 2 });

    let by = |user: &str| (chat(), sender_of(user));
    let none = Context::default();
    let (here, ben) = by("ben");
    let refusal =
        world.access.withdraw(&plan.hash(), &here, &ben, &none, after(62)).await.unwrap_err();
    assert_eq!(name_of(&refusal), "not_the_requester");
    let (here, oli) = by("oli");
    world.access.withdraw(&plan.hash(), &here, &oli, &none, after(62)).await.unwrap();
    assert_eq!(world.vote(&plan, "ada", &YES).await.unwrap_err(), Refusal::ApprovalWithdrawn);
    let refusal = world.ask(&plan, Trigger::Approved, after(63)).await.unwrap_err();
    assert_eq!(refusal, Refusal::ApprovalWithdrawn);
}

#[tokio::test]
async fn approvers_are_who_they_are_when_the_run_starts() {
    let (world, plan) = waiting().await;
    world.vote(&plan, "ada", &YES).await.unwrap();
    world.vote(&plan, "ben", &YES).await.unwrap();
    world.change("users.yaml", "roles: [admin, operator]", "roles: [operator]").await;
    let refusal = world.ask(&plan, Trigger::Approved, after(61)).await.unwrap_err();
    assert_eq!(refusal, Refusal::ApprovalOpen { granted: 1, needed: 2 });
    // With both approvers back, who asked has to be somebody who still may.
    let ben = "roles: [operator]\n    groups: [night]";
    world.change("users.yaml", ben, "roles: [admin, operator]\n    groups: [night]").await;
    world.change("users.yaml", "id: oli\n", "id: oli\n    enabled: false\n").await;
    let refusal = world.ask(&plan, Trigger::Approved, after(62)).await.unwrap_err();
    assert_eq!(refusal, Refusal::Disabled { user: "oli".to_owned() });
    world.change("users.yaml", "id: oli\n    enabled: false\n", "id: oli\n").await;
    let run = authorized(world.ask(&plan, Trigger::Approved, after(63)).await);
    assert_eq!(run.approvers(), ["ada", "ben"]);
}

#[tokio::test]
async fn requests_expire_and_their_requesters_are_told_once() {
    let (world, plan) = waiting().await;
    let ada = world.access.rules().users().get("ada").unwrap().clone();
    let oli = world.access.rules().users().get("oli").unwrap().clone();
    assert_eq!(world.access.waiting_for(&ada, after(60)).await.unwrap().len(), 1);
    assert_eq!(world.access.waiting_for(&oli, after(60)).await.unwrap().len(), 0);
    assert!(world.access.expired(after(2 * 3600 - 1)).await.unwrap().is_empty());

    let late = after(2 * 3600);
    let refusal = world
        .access
        .decide(&plan.hash(), &chat(), &sender_of("ada"), &YES, &Context::default(), late)
        .await;
    assert_eq!(refusal.unwrap_err(), Refusal::ApprovalExpired);
    let [expired] = world.access.expired(late).await.unwrap().try_into().unwrap();
    let told = || Batch::default().put("told", "oli", true.into());
    assert!(world.access.close_expired(&expired, told(), late).await.unwrap());
    assert!(world.store.get("told", "oli").await.unwrap().is_some(), "in one with the end");
    assert!(!world.access.close_expired(&expired, told(), late).await.unwrap());
    assert!(world.access.expired(late).await.unwrap().is_empty());
    assert_eq!(world.access.waiting_for(&ada, late).await.unwrap().len(), 0);
    let refusal = world.ask(&plan, Trigger::Approved, late).await.unwrap_err();
    assert_eq!(refusal, Refusal::ApprovalExpired);
    assert!(world.records().iter().any(|r| r.entry.event == Event::ApprovalExpired));
}

#[tokio::test]
async fn the_glass_is_broken_loudly_and_only_by_those_who_may() {
    let world = World::new();
    let break_glass = async |plan: &Plan, reason: &str| {
        world.access.present(plan, &Context::default(), noon()).await.unwrap();
        let sender = sender_of(&plan.requester);
        let trigger = Trigger::BreakGlass {
            hash: &plan.hash(),
            address: &plan.scope,
            sender: &sender,
            reason,
        };
        world.ask(plan, trigger, after(1)).await
    };
    let oli = deployment("oli", "production");
    assert_eq!(name_of(&break_glass(&oli, "site down").await.unwrap_err()), "not_allowed");
    let ben = deployment("ben", "production");
    assert_eq!(break_glass(&ben, " ").await.unwrap_err(), Refusal::ReasonMissing);
    match break_glass(&ben, "site down").await.unwrap() {
        Authorization::Authorized { notices, unasked, .. } => {
            assert_eq!(notices[0].rule.name, "four-eyes");
            assert_eq!(unasked[0].roles, ["admin"]);
        }
        other => panic!("{other:?}"),
    }
    let record = world.last_record().entry;
    assert_eq!(record.event, Event::BreakGlass);
    assert_eq!(record.reason.as_deref(), Some("site down"));

    // Also while it waits; and never against a deny.
    world.complete(&ben, after(2)).await;
    let mut waits = deployment("ben", "production");
    waits.expires = after(900);
    assert!(matches!(
        world.run(&waits, noon()).await.unwrap(),
        Authorization::NeedsApproval { .. }
    ));
    let sender = sender_of("ben");
    let hash = waits.hash();
    let trigger =
        Trigger::BreakGlass { hash: &hash, address: &waits.scope, sender: &sender, reason: "now" };
    authorized(world.ask(&waits, trigger, after(1000)).await);
}

#[tokio::test]
async fn hours_give_way_to_those_who_may_break_the_glass_and_to_nobody_else() {
    let world = World::new();
    // 23:00 in Berlin, when nothing is scaled.
    let night = after(11 * 3600);
    let scale = |user: &str| {
        let mut plan = plan(
            user,
            "scale_service",
            &["service=checkout", "environment=staging", "to_replicas=3"],
        );
        plan.expires = after(12 * 3600);
        plan
    };
    for (user, breaks) in [("oli", false), ("ben", true)] {
        let plan = scale(user);
        let (hash, sender) = (plan.hash(), sender_of(user));
        assert_eq!(
            name_of(&world.access.present(&plan, &Context::default(), night).await.unwrap_err()),
            "compliance"
        );
        assert_eq!(world.access.can_break_glass(&plan, night), breaks);
        // A plain yes is refused to both.
        assert!(world.confirm(&plan, night).await.is_err());
        let trigger = Trigger::BreakGlass {
            hash: &hash,
            address: &plan.scope,
            sender: &sender,
            reason: "the shop is down",
        };
        assert_eq!(world.ask(&plan, trigger, night).await.is_ok(), breaks, "{user}");
    }
}

#[tokio::test]
async fn a_broken_glass_closes_the_request_for_approval() {
    let world = World::new();
    let plan = deployment("ben", "production");
    world.run(&plan, noon()).await.unwrap();
    let (hash, sender) = (plan.hash(), sender_of("ben"));
    let trigger =
        Trigger::BreakGlass { hash: &hash, address: &plan.scope, sender: &sender, reason: "fire" };
    let run = authorized(world.ask(&plan, trigger, after(1)).await);
    // It runs under the number that the request had.
    assert_eq!(run.number(), world.access.approval(&hash).await.unwrap().execution);
    assert_eq!(world.vote(&plan, "ada", &YES).await.unwrap_err(), Refusal::PlanUsed);
}

#[tokio::test]
async fn in_the_terminal_nobody_is_asked() {
    let world = World::new();
    let mut plan = deployment("local", "production");
    plan.scope = terminal();
    world.access.present(&plan, &Context::default(), noon()).await.unwrap();
    let hash = plan.hash();
    let me = sender_of("any login name");
    let trigger = Trigger::Confirmed { hash: &hash, address: &plan.scope, sender: &me };
    authorized(world.ask(&plan, trigger, noon()).await);
}

/// Whoever tries to decide and may not is in the log, whatever the reason.
#[tokio::test]
async fn every_refused_decision_is_written_down() {
    let (world, plan) = waiting().await;
    world.vote(&plan, "ada", &YES).await.unwrap();
    let cases = [
        ("oli", "nobody approves their own run"),
        ("dana", "no rule allows approve"),
        ("gone", "is disabled"),
        ("stranger", "nobody is linked"),
        ("ada", "ada has decided already"),
    ];
    for (user, reason) in cases {
        world.vote(&plan, user, &YES).await.unwrap_err();
        let entry = world.last_record().entry;
        assert_eq!((entry.event, entry.command.as_deref()), (Event::Refused, Some("approve")));
        assert!(entry.reason.as_deref().is_some_and(|text| text.contains(reason)), "{entry:?}");
        assert_eq!((entry.execution, entry.account), (Some(1), Some(sender_of(user).id)));
    }
    let unknown = deployment("oli", "dev");
    world.vote(&unknown, "ada", &YES).await.unwrap_err();
    assert_eq!(world.last_record().entry.plan, Some(unknown.hash()));
    let (here, context) = (chat(), Context::default());
    let hash = plan.hash();
    let taken = world.access.withdraw(&hash, &here, &sender_of("ben"), &context, after(60)).await;
    taken.unwrap_err();
    assert!(world.last_record().entry.reason.unwrap().contains("only oli can"));
}

/// A granted run that has to wait is tried every minute; the log tells of each obstacle once.
#[tokio::test]
async fn what_keeps_a_granted_run_waiting_is_written_down_when_it_changes() {
    let (world, plan) = waiting().await;
    for user in ["ada", "ben"] {
        world.vote(&plan, user, &YES).await.unwrap();
    }
    let busy = plan_of_restart("ben");
    let held = world.run(&busy, after(61)).await;
    authorized(match held {
        Ok(Authorization::NeedsApproval { .. }) => panic!("a restart on production needs nobody"),
        other => other,
    });
    let refusals = || {
        let refused =
            |record: &&steward::access::audit::Record| record.entry.event == Event::RunRefused;
        world.records().iter().filter(refused).count()
    };
    for minute in 2..6 {
        let refusal = world.ask(&plan, Trigger::Approved, after(minute * 60)).await.unwrap_err();
        assert_eq!(name_of(&refusal), "busy");
    }
    assert_eq!(refusals(), 1);
    let deny = "rules:\n  - {name: frozen, effect: deny, when: {command: run}}\n";
    world.change("policy/rules.yaml", "rules:\n", deny).await;
    for minute in 6..9 {
        let refusal = world.ask(&plan, Trigger::Approved, after(minute * 60)).await.unwrap_err();
        assert_eq!(name_of(&refusal), "denied");
        world.access.forget_settled(after(minute * 60)).await.unwrap();
    }
    assert_eq!(refusals(), 2);
    world.change("policy/rules.yaml", deny, "rules:\n").await;
    world.complete(&busy, after(600)).await;
    authorized(world.ask(&plan, Trigger::Approved, after(601)).await);
}

/// A run on the same target as the deployment to production.
fn plan_of_restart(requester: &str) -> Plan {
    plan(requester, "restart_service", &["service=checkout", "environment=production"])
}
