//! Every way in asks the policy: whatever makes a plan run, a rule that denies it denies it.

use steward::access::{Access, Asked, Context, Permission, Refusal, RunRequest, Trigger};
use steward::channels::{Address, NAMES};
use steward::plan::Plan;

use crate::world::*;

/// The ways to make a run happen. A new kind of [`Trigger`] has to be named here, or `name` no
/// longer compiles.
const WAYS: [&str; 4] = ["confirmed", "approved", "scheduled", "break_glass"];

fn name(trigger: &Trigger) -> &'static str {
    match trigger {
        // A typed yes, a button, "again" and the form of the web page all confirm a plan.
        Trigger::Confirmed { .. } => "confirmed",
        Trigger::Approved => "approved",
        Trigger::Scheduled { .. } => "scheduled",
        Trigger::BreakGlass { .. } => "break_glass",
    }
}

/// Brings a plan to where only the last step is missing.
async fn prepare(world: &World, plan: &Plan, way: &str) {
    // What a schedule starts was shown once, as another plan, and is never shown itself.
    if way != "scheduled" {
        world.access.present(plan, &Context::default(), noon()).await.unwrap();
    }
    match way {
        "approved" => {
            world.confirm(plan, noon()).await.unwrap();
            for user in ["ada", "ben"] {
                let yes = steward::access::Ballot::Approve { reason: None };
                let sender = sender_of(user);
                world
                    .access
                    .decide(&plan.hash(), &chat(), &sender, &yes, &Context::default(), noon())
                    .await
                    .unwrap();
            }
        }
        "scheduled" => schedule(world, plan).await.unwrap(),
        _ => {}
    }
}

async fn schedule(world: &World, plan: &Plan) -> Result<(), Refusal> {
    let mut made = plan.clone();
    made.expires = after(60);
    world.access.present(&made, &Context::default(), noon()).await?;
    let (hash, sender) = (made.hash(), sender_of(&made.requester));
    let trigger = Trigger::Confirmed { hash: &hash, address: &made.scope, sender: &sender };
    let context = Context::default();
    let request = RunRequest { plan: &made, trigger, context: &context };
    world.access.authorize_schedule(request, "s1", noon()).await
}

async fn take(world: &World, plan: &Plan, way: &str) -> Result<(), Refusal> {
    let (hash, sender) = (plan.hash(), sender_of(&plan.requester));
    let address = &plan.scope;
    let trigger = match way {
        "confirmed" => Trigger::Confirmed { hash: &hash, address, sender: &sender },
        "approved" => Trigger::Approved,
        "scheduled" => Trigger::Scheduled { schedule: "s1" },
        _ => Trigger::BreakGlass { hash: &hash, address, sender: &sender, reason: "fire" },
    };
    assert_eq!(name(&trigger), way);
    world.ask(plan, trigger, after(1)).await.map(drop)
}

/// One that nobody has to approve, except where approval is the way in.
fn plan_for(way: &str, requester: &str) -> Plan {
    let environment = match way {
        "approved" | "break_glass" => "environment=production",
        _ => "environment=staging",
    };
    plan(requester, "deploy_app", &["service=checkout", "version=v2.3.1", environment])
}

const DENY: &str = "rules:\n  - name: frozen\n    effect: deny\n    when: {command: run}\n";

#[tokio::test]
async fn a_deny_holds_whatever_the_way() {
    for way in WAYS {
        let world = World::new();
        // Ben may do all of it, as long as nothing denies it; but does not approve his own.
        let requester = if way == "approved" { "oli" } else { "ben" };
        let plan = plan_for(way, requester);
        prepare(&world, &plan, way).await;
        world.change("policy/rules.yaml", "rules:\n", DENY).await;
        let refusal = take(&world, &plan, way).await.unwrap_err();
        assert!(
            matches!(&refusal, Refusal::Denied { rule, .. } if rule.name == "frozen"),
            "{way}: {refusal}"
        );
        assert_eq!(world.last_record().entry.rule.unwrap().name, "frozen", "{way}");
        // Without the deny, the same step leads through.
        world.change("policy/rules.yaml", DENY, "rules:\n").await;
        take(&world, &plan, way).await.unwrap_or_else(|refusal| panic!("{way}: {refusal}"));
    }
}

#[tokio::test]
async fn a_disabled_user_is_refused_whatever_the_way() {
    for way in WAYS {
        let world = World::new();
        let requester = if way == "approved" { "oli" } else { "ben" };
        let plan = plan_for(way, requester);
        prepare(&world, &plan, way).await;
        let user = format!("id: {requester}\n");
        world.change("users.yaml", &user, &format!("{user}    enabled: false\n")).await;
        let refusal = take(&world, &plan, way).await.unwrap_err();
        assert_eq!(refusal, Refusal::Disabled { user: requester.to_owned() }, "{way}");
    }
}

#[tokio::test]
async fn a_schedule_runs_what_was_confirmed_and_nothing_else() {
    let world = World::new();
    let plan = plan_for("scheduled", "ben");
    let trigger = Trigger::Scheduled { schedule: "s1" };
    let refused = world.ask(&plan, trigger, after(1)).await.unwrap_err();
    assert_eq!(refused, Refusal::NothingToConfirm);
    schedule(&world, &plan).await.unwrap();

    for change in ["environment=production", "environment=dev"] {
        let other = crate::world::plan(
            "ben",
            "deploy_app",
            &["service=checkout", "version=v2.3.1", change],
        );
        let refusal = world.ask(&other, trigger, after(1)).await.unwrap_err();
        assert_eq!(refusal, Refusal::NothingToConfirm, "{change}");
    }
    authorized(world.ask(&plan, trigger, after(1)).await);
    world.complete(&plan, after(2)).await;
    // The same moment of the schedule does not run twice; the next one does.
    assert_eq!(world.ask(&plan, trigger, after(3)).await.unwrap_err(), Refusal::PlanUsed);
    let mut next = plan.clone();
    next.expires = after(90_000);
    authorized(world.ask(&next, trigger, after(86_400)).await);
    world.access.drop_schedule("s1").await.unwrap();
    next.expires = after(190_000);
    let refusal = world.ask(&next, trigger, after(172_800)).await.unwrap_err();
    assert_eq!(refusal, Refusal::NothingToConfirm);
}

#[tokio::test]
async fn every_command_asks_the_policy_in_every_channel() {
    let world = World::new();
    let places: Vec<Address> = NAMES
        .into_iter()
        .map(|channel| Address { channel: channel.to_owned(), chat: "1".to_owned(), thread: None })
        .collect();
    let job = steward::catalog::TemplateId::from("deploy_app");
    let asks = |access: &Access, command, place: &Address| {
        let values = deployment("ben", "staging").plain_values();
        let asked = Asked {
            command,
            template: Some(&job),
            values: Some(&values),
            own: Some(true),
            ..Asked::command("ben", command, place)
        };
        access.may(&asked, noon()).map(drop)
    };
    let deny =
        "rules:\n  - name: frozen\n    effect: deny\n    when: {user: ben, command: COMMAND}\n";
    for command in Permission::ALL {
        let deny = deny.replace("COMMAND", command.as_str());
        world.change("policy/rules.yaml", "rules:\n", &deny).await;
        for place in &places {
            let refusal = asks(&world.access, command, place).unwrap_err();
            assert!(matches!(refusal, Refusal::Denied { .. } | Refusal::NotAllowed { .. }));
            if command == Permission::UseChatops {
                // Who may not talk may do nothing.
                for other in Permission::ALL {
                    assert!(asks(&world.access, other, place).is_err(), "{other}");
                }
            }
        }
        world.change("policy/rules.yaml", &deny, "rules:\n").await;
    }
}

#[tokio::test]
async fn a_schedule_that_was_held_goes_on_only_while_its_requester_may_run_it() {
    let world = World::new();
    let plan = plan_for("scheduled", "ben");
    schedule(&world, &plan).await.unwrap();
    let context = Context::default();
    let may = async || world.access.may_go_on("s1", after(3600), &context, after(60)).await;
    may().await.unwrap();
    world.change("policy/rules.yaml", "rules:\n", DENY).await;
    assert!(matches!(may().await.unwrap_err(), Refusal::Denied { .. }));
    assert_eq!(world.last_record().entry.rule.unwrap().name, "frozen");
    world.change("policy/rules.yaml", DENY, "rules:\n").await;
    world.change("users.yaml", "id: ben\n", "id: ben\n    enabled: false\n").await;
    assert_eq!(name_of(&may().await.unwrap_err()), "disabled");
    assert_eq!(
        world.access.may_go_on("s2", after(1), &context, after(1)).await.unwrap_err(),
        Refusal::NothingToConfirm
    );
}
