//! Approvals as the people in the chat live through them, with a real store, log and policy.

use jiff::{SignedDuration, Timestamp};

use crate::access::audit::{Event, Filter, Record, find};
use crate::access::{Ballot, Context};
use crate::bot::house::{Ground, Heard, House};
use crate::bot::{runs, upkeep};
use crate::channels::{Address, Body, Sender};
use crate::plan::PlanHash;

const USERS: &str = "
roles: {operator: runs jobs, lead: agrees, chief: may break the glass}
users:
  - {id: ann, name: Ann, roles: [operator], identities: [{channel: ear, id: ann}]}
  - {id: cat, name: Cat, roles: [lead], identities: [{channel: ear, id: cat}]}
  - {id: dan, name: Dan, roles: [lead], identities: [{channel: ear, id: dan}]}
  - {id: eve, name: Eve, roles: [operator, chief], identities: [{channel: ear, id: eve}]}
";

const POLICY: &str = "
rules:
  - {name: talk, effect: allow, when: {command: [use_chatops, status, history, help]}}
  - {name: run, effect: allow, when: {role: operator, command: [run, cancel]}}
  - {name: agree, effect: allow, when: {role: lead, command: approve}}
  - {name: glass, effect: allow, when: {role: chief, command: break_glass}}
";

const FROZEN: &str = "  - {name: frozen, effect: deny, when: {command: run}}\n";

const FOUR_EYES: &str = "
rules:
  - {name: four-eyes, action: approve, approvers: {count: 2, roles: [lead]}}
";

fn ground(compliance: &str) -> Ground {
    let ground = Ground::new();
    ground.write("access/users.yaml", USERS);
    ground.write("access/policy/all.yaml", POLICY);
    ground.write("access/compliance.yaml", compliance);
    ground
}

/// The private chat of somebody.
fn chat_of(user: &str) -> Address {
    Address { channel: "ear".into(), chat: user.into(), thread: None }
}

/// What people were told since, with its buttons.
struct Told(Vec<Heard>);

impl Told {
    fn of(&self, user: &str) -> impl Iterator<Item = &Heard> {
        let chat = chat_of(user);
        self.0.iter().filter(move |heard| heard.to == chat)
    }

    fn to(&self, user: &str) -> String {
        self.of(user).map(|heard| heard.text.as_str()).collect()
    }

    /// The token of a button that somebody was shown.
    #[track_caller]
    fn button(&self, user: &str, label: &str) -> Body {
        let found = self.of(user).flat_map(|h| &h.buttons).find(|(shown, _)| shown == label);
        match found {
            Some((_, token)) => Body::Press(token.clone()),
            None => panic!("`{label}` is not shown to {user}:\n{}", self.to(user)),
        }
    }

    fn shows(&self, user: &str, label: &str) -> bool {
        self.of(user).flat_map(|heard| &heard.buttons).any(|(shown, _)| shown == label)
    }
}

impl House {
    /// Somebody says or presses something in their own chat.
    async fn from(&self, user: &str, body: Body) -> Told {
        let sender = Sender { id: user.into(), name: user.into() };
        Told(self.hear(sender, chat_of(user), body).await)
    }

    async fn says(&self, user: &str, text: &str) -> Told {
        self.from(user, Body::Text(text.into())).await
    }

    async fn waiting_plan(&self) -> PlanHash {
        let now = jiff::Timestamp::now();
        let open = self.core().access.open_approvals(now).await.expect("approvals");
        open.first().expect("one waits").hash()
    }
}

fn records(ground: &Ground, filter: Filter) -> Vec<Record> {
    find(&ground.folder.path().join("state/audit"), &filter, None).expect("a whole chain")
}

fn events(ground: &Ground, execution: u64) -> Vec<Event> {
    let filter = Filter { execution: Some(execution), ..Filter::default() };
    records(ground, filter).into_iter().map(|record| record.entry.event).collect()
}

/// The form of a backup, filled in.
fn form(database: &str) -> Body {
    let fields = [("database".to_owned(), database.to_owned())].into();
    Body::Form { template: "backup".into(), fields }
}

/// Somebody asks for a backup and confirms it.
async fn asked(house: &House, user: &str, database: &str) -> Told {
    let plan = house.from(user, form(database)).await;
    house.from(user, plan.button(user, "Run")).await
}

#[track_caller]
fn check(told: &str, parts: &[&str]) {
    for part in parts {
        assert!(told.contains(part), "`{part}` is missing in:\n{told}");
    }
}

/// What was asked to be cancelled can't be confirmed.
#[tokio::test]
async fn cancelling_drops_the_plan_that_is_open() {
    let ground = ground("rules: []");
    let house = ground.live();
    let plan = house.from("ann", form("orders")).await;
    check(&house.says("ann", "/cancel").await.to("ann"), &["dropped"]);
    house.from("ann", plan.button("ann", "Run")).await;
    house.says("ann", "yes").await;
    assert_eq!(ground.counter.starts(), 0);
}

/// What people agreed to is what runs: a job that somebody changed is asked for anew.
#[tokio::test]
async fn a_job_that_was_changed_is_shown_anew_to_whoever_asked_for_it() {
    let ground = ground(FOUR_EYES);
    let house = ground.live();
    let told = asked(&house, "ann", "orders").await;
    let plan = house.from("eve", form("users")).await;
    ground.change_job(&house, "timeout: 10m", "timeout: 20m").await;

    // A plan that was only shown is shown again, as the job is now.
    let again = house.from("eve", plan.button("eve", "Run")).await;
    check(&again.to("eve"), &["“Back up” was changed since this plan was shown", "users"]);
    check(&house.from("eve", again.button("eve", "Run")).await.to("eve"), &["#2 waits"]);

    // A request is closed; who asked is told, and can ask again.
    let voted = house.from("cat", told.button("cat", "Approve")).await;
    check(&voted.to("cat"), &["was changed since this plan was shown"]);
    house.ear.told.lock().expect("unpoisoned").clear();
    crate::bot::upkeep::look(&house.core(), Timestamp::now()).await.expect("looked");
    let said = house.told().await;
    check(&said, &["About your request #1, Back up", "was changed since this plan was shown"]);
    assert!(!said.contains("#2"), "{said}");
    let token = {
        let told = house.ear.told.lock().expect("unpoisoned");
        let button = told.iter().flat_map(|said| &said.message.buttons).next();
        button.expect("a button").token.clone()
    };
    let shown = house.from("ann", Body::Press(token)).await;
    check(&shown.to("ann"), &["orders"]);
    assert!(shown.shows("ann", "Run"), "{}", shown.to("ann"));
    assert_eq!(ground.counter.starts(), 0);
}

#[tokio::test]
async fn a_rejection_needs_a_reason_which_the_requester_is_told() {
    let ground = ground(FOUR_EYES);
    let house = ground.live();
    let told = asked(&house, "ann", "orders").await;
    check(&told.to("ann"), &["#1 waits for approval (0 of 2)"]);
    check(&told.to("cat"), &["#1: ann asks for approval", "orders"]);
    check(&told.to("dan"), &["#1: ann asks for approval"]);

    let why = house.from("cat", told.button("cat", "Reject")).await;
    check(&why.to("cat"), &["Why do you turn"]);
    // Nothing is decided yet, and "leave it" leaves it.
    let left = house.from("cat", why.button("cat", "Leave it")).await;
    check(&left.to("cat"), &["It stays as it was"]);
    check(&house.says("ann", "/status 1").await.to("ann"), &["waiting for approval, 0 of 2"]);

    house.from("cat", told.button("cat", "Reject")).await;
    let done = house.says("cat", "not before the sale").await;
    check(&done.to("cat"), &["is turned down"]);
    check(&done.to("ann"), &["About your request #1", "Cat has turned it down: not before"]);
    check(&done.to("dan"), &["Cat has turned it down"]);
    let late = house.from("dan", told.button("dan", "Approve")).await;
    check(&late.to("dan"), &["turned it down"]);
    assert_eq!(ground.counter.starts(), 0);
    use Event::*;
    assert_eq!(events(&ground, 1), [ApprovalRequested, Rejected, Refused]);
}

#[tokio::test]
async fn a_command_may_bring_its_reason_along() {
    let ground = ground(FOUR_EYES);
    let house = ground.live();
    asked(&house, "ann", "orders").await;
    let told = house.says("dan", "/reject #1: 没有回滚方案").await;
    check(&told.to("ann"), &["Dan has turned it down: 没有回滚方案"]);
    asked(&house, "ann", "orders2").await;
    let told = house.says("dan", "/approve 2 looks fine").await;
    check(&told.to("ann"), &["Dan has approved #2", "1 of 2", "looks fine"]);
    check(&house.says("ann", "/approve 2").await.to("ann"), &["Nobody approves their own run"]);
}

#[tokio::test]
async fn whoever_tries_to_decide_what_is_not_theirs_is_in_the_log() {
    let ground = ground(FOUR_EYES);
    let house = ground.live();
    asked(&house, "ann", "orders").await;
    let refused = || {
        let filter = Filter { event: Some(Event::Refused), ..Filter::default() };
        records(&ground, filter).into_iter().map(|record| record.entry)
    };
    for (user, text, reason) in [
        ("eve", "/approve 1", "approvers are: role lead"),
        ("ann", "/approve 1", "nobody approves their own run"),
        ("eve", "/reject 1 no", "approvers are: role lead"),
        ("eve", "/approve 77", "no such request"),
    ] {
        house.says(user, text).await;
        let entry = refused().next_back().expect("a record");
        assert_eq!(entry.user.as_deref(), Some(user));
        assert!(entry.reason.is_some_and(|said| said.contains(reason)), "{text}");
        assert_eq!(entry.words.as_deref(), Some(text));
    }
    assert_eq!(refused().count(), 4);
}

#[tokio::test]
async fn approvals_can_be_taken_back_until_the_run_starts() {
    let ground = ground(FOUR_EYES);
    let house = ground.live();
    let told = asked(&house, "ann", "orders").await;
    let noted = house.from("cat", told.button("cat", "Approve")).await;
    check(&noted.to("cat"), &["1 of 2"]);
    check(&noted.to("ann"), &["Cat has approved #1"]);
    let back = house.from("cat", noted.button("cat", "Take my approval back")).await;
    check(&back.to("ann"), &["Cat has taken the approval of #1", "0 of 2"]);
    house.from("dan", told.button("dan", "Approve")).await;
    assert_eq!(ground.counter.starts(), 0);
    let last = house.from("cat", told.button("cat", "Approve")).await;
    check(&last.to("cat"), &["approved and runs as #1"]);
    house.settled().await;
    assert_eq!(ground.counter.starts(), 1);
    use Event::*;
    let story = [ApprovalRequested, Approved, Retracted, Approved, Approved, RunAuthorized];
    assert_eq!(events(&ground, 1)[..6], story);
}

#[tokio::test]
async fn a_request_can_be_withdrawn_and_a_changed_one_begins_without_votes() {
    let ground = ground(FOUR_EYES);
    let house = ground.live();
    let first = asked(&house, "ann", "orders").await;
    house.from("cat", first.button("cat", "Approve")).await;
    let second = asked(&house, "ann", "customers").await;
    check(&second.to("ann"), &["#2 waits for approval (0 of 2)", "earlier request #1", "orders"]);
    let gone = house.from("ann", second.button("ann", "Withdraw #1")).await;
    check(&gone.to("ann"), &["Your request #1", "is withdrawn"]);
    check(&gone.to("dan"), &["withdrawn"]);
    let late = house.from("dan", first.button("dan", "Approve")).await;
    check(&late.to("dan"), &["withdrawn"]);
    // Stopping what waits is taking it back.
    check(&house.says("ann", "/cancel 2").await.to("ann"), &["Your request #2", "is withdrawn"]);
    assert_eq!(ground.counter.starts(), 0);
}

#[tokio::test]
async fn everybody_concerned_is_told_once_that_a_request_expired() {
    let ground = ground(FOUR_EYES);
    let house = ground.live();
    let told = asked(&house, "ann", "orders").await;
    house.from("cat", told.button("cat", "Approve")).await;
    let tomorrow = Timestamp::now() + SignedDuration::from_hours(48);
    for _ in 0..2 {
        upkeep::look(&house.core(), tomorrow).await.expect("a look");
    }
    let all = house.told().await;
    let ann = ["About your request #1", "Not enough people approved in time (1 of 2)"];
    check(&all, &ann);
    assert_eq!(all.matches("Please ask again").count(), 1, "{all}");
    // Both who could have decided see it in the place of the question.
    assert_eq!(all.matches("#1: ann asks for approval: Back up").count(), 2, "{all}");
    assert_eq!(events(&ground, 1).last(), Some(&Event::ApprovalExpired));
}

#[tokio::test]
async fn the_requester_is_not_named_among_those_who_could_agree() {
    let ground = ground(
        "rules:\n  - {name: e, action: approve, approvers: {count: 1, users: [ann, cat, dan]}}\n",
    );
    let house = ground.live();
    let plan = house.from("ann", form("orders")).await;
    check(&plan.to("ann"), &["cat, dan"]);
    assert!(!plan.to("ann").contains("ann, cat"), "{}", plan.to("ann"));
    house.from("ann", plan.button("ann", "Run")).await;
    check(&house.says("eve", "/approve 1").await.to("eve"), &["It is up to: cat, dan"]);
}

#[tokio::test]
async fn what_is_granted_while_the_target_is_busy_starts_later() {
    let ground = ground(FOUR_EYES);
    let house = ground.live();
    let fields = [("target".to_owned(), "orders".to_owned())].into();
    let plan = house.from("ann", Body::Form { template: "restore".into(), fields }).await;
    let told = house.from("ann", plan.button("ann", "Run")).await;
    house.from("cat", told.button("cat", "Approve")).await;
    house.busy_with("orders").await;
    let last = house.from("dan", told.button("dan", "Approve")).await;
    check(&last.to("dan"), &["#1 is approved and starts as soon as it can", "eve"]);
    check(&last.to("ann"), &["#1 is approved and starts as soon as it can"]);
    assert_eq!(ground.counter.starts(), 0);
}

#[tokio::test]
async fn the_glass_is_broken_with_a_reason_and_everybody_is_told() {
    let ground = ground(FOUR_EYES);
    let house = ground.live();
    let plan = house.from("ann", form("orders")).await;
    assert!(!plan.shows("ann", "Emergency: run without approval"), "Ann may not");
    let plan = house.from("eve", form("orders")).await;
    let why = house.from("eve", plan.button("eve", "Emergency: run without approval")).await;
    check(&why.to("eve"), &["can't", "wait?", "everybody who should have approved"]);
    // A question is no reason.
    let asked_back = house.says("eve", "what does this do?").await;
    check(&asked_back.to("eve"), &["It stays as it was"]);
    house.from("eve", plan.button("eve", "Emergency: run without approval")).await;
    house.settled().await;
    assert_eq!(ground.counter.starts(), 0);
    let told = house.says("eve", "the shop is down").await;
    house.settled().await;
    assert_eq!(ground.counter.starts(), 1);
    for lead in ["cat", "dan"] {
        check(&told.to(lead), &["Emergency: Eve runs", "#1", "orders", "the shop is down"]);
    }
    let filter = Filter { event: Some(Event::BreakGlass), ..Filter::default() };
    let [record] = records(&ground, filter).try_into().expect("one record");
    assert_eq!(record.entry.reason.as_deref(), Some("the shop is down"));
    assert_eq!(record.entry.execution, Some(1));
    // The plan is used up: it is neither open nor run again.
    house.from("eve", plan.button("eve", "Run")).await;
    house.settled().await;
    assert_eq!(ground.counter.starts(), 1);

    // Also while it waits, and by a command.
    let waits = asked(&house, "eve", "customers").await;
    let told = house.says("eve", "/emergency 2 customers can't pay").await;
    house.settled().await;
    assert_eq!(ground.counter.starts(), 2, "{}", told.to("eve"));
    check(&told.to("cat"), &["Emergency", "customers can't pay"]);
    let late = house.from("cat", waits.button("cat", "Approve")).await;
    check(&late.to("cat"), &["used already"]);
}

impl House {
    /// Ann's run is approved by both; everything up to the stored execution happens, and then the
    /// process dies. The last approval came at that moment.
    async fn dies_after_the_last_vote(self, at: Timestamp) {
        let told = asked(&self, "ann", "orders").await;
        self.from("cat", told.button("cat", "Approve")).await;
        let (core, plan, dan) = (self.core(), self.waiting_plan().await, chat_of("dan"));
        let sender = Sender { id: "dan".into(), name: "Dan".into() };
        let yes = Ballot::Approve { reason: None };
        let context = Context::default();
        let approval = core.access.decide(&plan, &dan, &sender, &yes, &context, at).await;
        let approval = approval.expect("a vote");
        let dispatch = runs::approved(&core, &approval, at).await;
        assert!(dispatch.is_ok(), "authorised and stored");
    }
}

#[tokio::test]
async fn what_was_approved_a_moment_before_a_crash_is_started_once() {
    let ground = ground(FOUR_EYES);
    ground.live().dies_after_the_last_vote(Timestamp::now()).await;
    assert_eq!(ground.counter.starts(), 0);
    let house = ground.live();
    house.bot.start().await.expect("a start");
    house.settled().await;
    assert_eq!(ground.counter.starts(), 1);
}

#[tokio::test]
async fn what_was_approved_long_before_a_crash_is_not_started_any_more() {
    let ground = ground(FOUR_EYES);
    let long_ago = Timestamp::now() - SignedDuration::from_hours(3);
    ground.live().dies_after_the_last_vote(long_ago).await;
    let house = ground.live();
    house.bot.start().await.expect("a start");
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !house.told().await.contains("never started") {
        assert!(std::time::Instant::now() < limit, "Ann is never told");
        tokio::task::yield_now().await;
    }
    assert_eq!(events(&ground, 1).last(), Some(&Event::RunFinished));
    assert_eq!(ground.counter.starts(), 0);
}

#[tokio::test]
async fn a_last_vote_that_is_handled_again_after_a_crash_starts_the_run_once() {
    let ground = ground(FOUR_EYES);
    ground.live().dies_after_the_last_vote(Timestamp::now()).await;
    let house = ground.live();
    let all = house.core().store.scan("access_approvals", "", None, 9).await.expect("approvals");
    let [(hash, _)] = all.as_slice() else { panic!("one request: {all:?}") };
    let vote = Body::Vote { plan: PlanHash(hash.clone()), approve: true, reason: None };
    let told = house.from("dan", vote.clone()).await;
    check(&told.to("dan"), &["approved and runs as #1"]);
    house.settled().await;
    assert_eq!(ground.counter.starts(), 1);
    // Once it runs, a vote is late.
    check(&house.from("dan", vote).await.to("dan"), &["used already"]);
    assert_eq!(ground.counter.starts(), 1);
}

#[tokio::test]
async fn where_nobody_would_have_been_asked_the_administrators_are_told_of_an_emergency() {
    let ground = ground(
        "rules:\n  - name: never\n    action: refuse\n    more_than: {runs: 0, within: 1h}\n",
    );
    let admins = "  - {name: admin, effect: allow, when: {user: dan, command: admin}}\n";
    ground.write("access/policy/all.yaml", &format!("{POLICY}{admins}"));
    let house = ground.live();
    let plan = house.from("eve", form("orders")).await;
    house.from("eve", plan.button("eve", "Emergency: run without approval")).await;
    let told = house.says("eve", "the shop is down").await;
    house.settled().await;
    assert_eq!(ground.counter.starts(), 1);
    check(&told.to("dan"), &["Emergency: Eve runs", "the shop is down"]);
    assert_eq!(told.to("cat"), "", "Cat administrates nothing");
}

#[tokio::test]
async fn whom_a_rule_names_is_told_of_a_run_that_was_approved_too() {
    let mut ground = ground(
        "rules:\n  - {name: four-eyes, action: approve, approvers: {count: 1, roles: [lead]}}\n  \
         - {name: tell, action: notify, notify: [team]}\n",
    );
    ground.config.notify = [("team".to_owned(), vec![chat_of("team")])].into();
    let house = ground.live();
    let told = asked(&house, "ann", "orders").await;
    house.from("cat", told.button("cat", "Approve")).await;
    house.settled().await;
    let team = chat_of("team");
    let core = house.core();
    let followers = core.monitor.subscribers().of(1).await.expect("subscribers");
    assert!(followers.iter().any(|who| who.address == team), "{followers:?}");
}

#[tokio::test]
async fn of_two_who_approve_at_the_same_moment_both_count_and_it_starts_once() {
    let one =
        "rules:\n  - {name: two-eyes, action: approve, approvers: {count: 1, roles: [lead]}}\n";
    for round in 0..5 {
        let ground = ground(one);
        let house = ground.live();
        let told = asked(&house, "ann", "orders").await;
        let press = async |user: &str| house.from(user, told.button(user, "Approve")).await;
        tokio::join!(press("cat"), press("dan"));
        house.settled().await;
        assert_eq!(ground.counter.starts(), 1, "round {round}");
        let told = house.told().await;
        assert!(!told.contains("memory"), "{told}");
        // Whose vote stands in the log is one whose vote counted.
        let approved = Filter { event: Some(Event::Approved), ..Filter::default() };
        let [(_, json)]: [_; 1] = house
            .core()
            .store
            .scan("access_approvals", "", None, 9)
            .await
            .expect("approvals")
            .try_into()
            .expect("one request");
        let votes = json["votes"].as_array().map_or(0, Vec::len);
        assert_eq!(records(&ground, approved).len(), votes, "{json}");
    }
}

#[tokio::test]
async fn what_is_refused_when_it_is_shown_stands_in_the_log() {
    let ground = ground(FOUR_EYES);
    let house = ground.live();
    ground.write("access/policy/all.yaml", &format!("{POLICY}{FROZEN}"));
    house.reload(&ground).await;
    house.from("ann", form("orders")).await;
    let filter = Filter { event: Some(Event::RunRefused), ..Filter::default() };
    let [record] = records(&ground, filter).try_into().expect("one record");
    let entry = record.entry;
    assert_eq!(entry.rule.map(|rule| rule.name).as_deref(), Some("frozen"));
    assert_eq!(entry.user.as_deref(), Some("ann"));
    assert_eq!(entry.origin.as_deref(), Some("192.0.2.7"));
    assert_eq!(entry.parameters["database"].value.to_string(), "orders");
}
