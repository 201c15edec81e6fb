//! What was shown is what runs: a job that is defined otherwise by now is not run under an old yes.

use jiff::Timestamp;
use steward::access::audit::Event;
use steward::access::{ApprovalState, Authorization, Context, Refusal, Rules, RunRequest, Trigger};
use steward::catalog::Catalog;
use steward::jobs::schedule::{Recurrence, When};
use steward::plan::Plan;
use steward::store::Batch;

use crate::approvals::YES;
use crate::world::*;

/// The example catalogue with another text in the file of deployments.
fn edited(from: &str, to: &str) -> Catalog {
    let folder = tempfile::tempdir().expect("a folder");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(&root.join("intents"), folder.path());
    let file = folder.path().join("jobs/deploy_app.yaml");
    let text = std::fs::read_to_string(&file).expect("a job");
    assert!(text.contains(from), "{from}");
    std::fs::write(&file, text.replacen(from, to, 1)).expect("written");
    Catalog::load(folder.path(), &root.join("training-data")).expect("a right catalogue")
}

impl World {
    async fn take_up(&self, catalog: &Catalog) {
        let rules = Rules::load(self.files.path(), catalog).expect("right files");
        self.access.reload(rules, noon()).await.expect("a written reload");
    }

    /// Somebody makes the job run another program.
    async fn change_job(&self) -> Catalog {
        let changed = edited("command: [./demo/deploy-app", "command: [./demo/evil");
        self.take_up(&changed).await;
        changed
    }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> String {
    name_of(&outcome.expect_err("the job is another"))
}

#[tokio::test]
async fn what_was_only_shown_is_not_confirmed() {
    let world = World::new();
    let plan = deployment("oli", "staging");
    world.access.present(&plan, &Context::default(), noon()).await.expect("nothing against it");
    world.change_job().await;
    assert_eq!(refused(world.confirm(&plan, after(1)).await), "job_changed");
    assert_eq!(refused(world.run(&plan, after(2)).await), "job_changed");
}

#[tokio::test]
async fn a_request_for_approval_is_closed_and_no_vote_counts_for_what_the_job_is_now() {
    for votes in 0..=2 {
        let world = World::new();
        let plan = deployment("oli", "production");
        let asked = world.run(&plan, noon()).await;
        assert!(matches!(asked, Ok(Authorization::NeedsApproval { .. })));
        for user in ["ada", "ben"].into_iter().take(votes) {
            world.vote(&plan, user, &YES).await.expect("counted");
        }
        world.change_job().await;
        if votes < 2 {
            assert_eq!(refused(world.vote(&plan, "ben", &YES).await), "job_changed");
        } else {
            let start = world.ask(&plan, Trigger::Approved, after(120)).await;
            assert_eq!(refused(start), "job_changed");
        }
        let over = world.access.expired(after(121)).await.expect("requests");
        assert_eq!(over.len(), 1, "its requester is to be told");
        let told = Batch::default();
        assert!(world.access.close_expired(&over[0], told, after(121)).await.expect("closed"));
        let closed = world.access.approval(&plan.hash()).await.expect("it is kept");
        assert_eq!(closed.state, ApprovalState::Outdated);
        assert_eq!(world.last_record().entry.event, Event::ApprovalOutdated);
        assert!(world.access.expired(after(122)).await.expect("requests").is_empty(), "once");
        // That it becomes again what it was brings no approval back.
        world.take_up(catalog()).await;
        let start = world.ask(&plan, Trigger::Approved, after(123)).await;
        assert_eq!(refused(start), "job_changed");
    }
}

#[tokio::test]
async fn what_was_cut_off_before_its_start_does_not_go_on() {
    let world = World::new();
    let plan = deployment("oli", "staging");
    authorized(world.run(&plan, noon()).await);
    let world = world.restart();
    world.access.resume(&plan.hash(), &chat(), after(60)).await.expect("as it was");
    world.change_job().await;
    let resumed = world.access.resume(&plan.hash(), &chat(), after(60)).await;
    assert_eq!(refused(resumed), "job_changed");
}

#[tokio::test]
async fn a_schedule_waits_for_its_requester_to_confirm_it_again() {
    let world = World::new();
    let rhythm = Recurrence::new("0 3 * * *", "UTC").expect("a rhythm");
    let plan = Plan { when: Some(When::Recurring(rhythm)), ..deployment("oli", "staging") };
    let (hash, sender, context) = (plan.hash(), sender_of("oli"), Context::default());
    world.access.present(&plan, &context, noon()).await.expect("nothing against it");
    let trigger = Trigger::Confirmed { hash: &hash, address: &plan.scope, sender: &sender };
    let request = RunRequest { plan: &plan, trigger, context: &context };
    world.access.authorize_schedule(request, "@1", noon()).await.expect("scheduled");

    let due = |plan: &Plan, at: Timestamp| Plan { when: None, expires: at, ..plan.clone() };
    let trigger = Trigger::Scheduled { schedule: "@1" };
    let first = due(&plan, after(90));
    authorized(world.ask(&first, trigger, after(60)).await);
    world.complete(&first, after(61)).await;
    let changed = world.change_job().await;
    let (_, is_same) = world.access.scheduled_definition("@1").await.expect("known");
    assert!(!is_same);
    let run = world.ask(&due(&plan, after(91)), trigger, after(61)).await;
    assert_eq!(refused(run), "job_changed");
    let moved = world.access.may_go_on("@1", after(90), &context, after(62)).await;
    assert_eq!(refused(moved), "job_changed");

    let again =
        async |by: &str| world.access.confirm_again("@1", by, after(90), &context, after(63)).await;
    assert_eq!(refused(again("ada").await), "not_the_requester");
    again("oli").await.expect("confirmed");
    assert_eq!(world.last_record().entry.event, Event::ScheduleAuthorized);
    let job = changed.job(&plan.template).expect("the job");
    let now = Plan { definition: job.definition(), ..due(&plan, after(92)) };
    authorized(world.ask(&now, trigger, after(64)).await);
}

#[tokio::test]
async fn what_is_only_said_about_a_job_may_change() {
    let world = World::new();
    let plan = deployment("oli", "staging");
    world.access.present(&plan, &Context::default(), noon()).await.expect("nothing against it");
    world.take_up(&edited("en: Roll a built", "en: Now roll a built")).await;
    authorized(world.confirm(&plan, after(1)).await);
}

/// Plans that were stored before they said how their job was defined.
#[tokio::test]
async fn a_plan_that_does_not_say_what_its_job_was_counts_as_changed() {
    let world = World::new();
    let plan = deployment("oli", "staging");
    let mut json = serde_json::to_value(&plan).expect("a form in JSON");
    json.as_object_mut().expect("an object").remove("definition").expect("it says so");
    let old: Plan = serde_json::from_value(json).expect("readable still");
    assert_ne!(old.hash(), plan.hash());
    assert_eq!(refused(world.run(&old, noon()).await), "job_changed");
}
