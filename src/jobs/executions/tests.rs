use jiff::SignedDuration;

use super::*;
use crate::store::MemoryStore;

fn executions() -> Executions {
    Executions::new(Arc::new(MemoryStore::default()))
}

fn new(key: &str, requester: &str, template: &str) -> NewExecution {
    NewExecution {
        number: None,
        waited_since: None,
        key: IdempotencyKey::derive(&[key]),
        template: template.into(),
        values: Values::new(),
        plan: PlanHash("0".repeat(64)),
        requester: requester.into(),
        origin: Address { channel: "terminal".into(), chat: "here".into(), thread: None },
        platform: "local".into(),
        again: None,
        schedule: None,
    }
}

fn at(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
}

async fn run(executions: &Executions, number: u64, states: &[ExecutionState], minute: i64) {
    for state in states {
        executions.transition(number, *state, None, at(minute)).await.expect("a legal step");
    }
}

#[tokio::test]
async fn one_key_makes_one_execution() {
    let executions = executions();
    let first = executions.create(new("k", "ann", "deploy"), at(0)).await.expect("created");
    let Created::New(first) = first else { panic!("it is new") };
    assert_eq!((first.number, first.state), (1, ExecutionState::Queued));
    let again = executions.create(new("k", "ann", "deploy"), at(1)).await.expect("found");
    assert_eq!(again, Created::Existing(first));
}

#[tokio::test]
async fn simultaneous_requests_with_one_key_make_one_execution() {
    let executions = executions();
    let requests = (0..8).map(|_| executions.create(new("k", "ann", "deploy"), at(0)));
    let made = futures::future::join_all(requests).await;
    let new = made.iter().filter(|m| matches!(m, Ok(Created::New(_)))).count();
    assert_eq!(new, 1);
    let numbers: Vec<u64> =
        made.into_iter().map(|m| m.expect("no error").into_execution().number).collect();
    assert!(numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
}

#[tokio::test]
async fn illegal_steps_are_refused() {
    use ExecutionState::*;
    for from in ExecutionState::ALL.into_iter().filter(|state| state.is_final()) {
        for to in ExecutionState::ALL {
            assert!(!from.may_become(to), "{from} is the end");
        }
    }
    let executions = executions();
    executions.create(new("k", "ann", "deploy"), at(0)).await.expect("created");
    let error = executions.transition(1, Running, None, at(1)).await;
    assert!(matches!(error, Err(ExecutionsError::Illegal { .. })), "{error:?}");
    run(&executions, 1, &[Starting, Running, Succeeded], 1).await;
    let error = executions.transition(1, Failed, None, at(2)).await;
    assert_eq!(
        error.expect_err("it is over").to_string(),
        "execution #1 is succeeded and can't become failed"
    );
}

#[tokio::test]
async fn every_change_is_an_event_until_it_is_acknowledged() {
    let executions = executions();
    executions.create(new("k", "ann", "deploy"), at(0)).await.expect("created");
    run(&executions, 1, &[ExecutionState::Starting, ExecutionState::Running], 1).await;
    let events = executions.events(None, 10).await.expect("events");
    let seen: Vec<_> = events.iter().map(|e| (e.number, e.position, e.change.to)).collect();
    assert_eq!(seen, [(1, 1, ExecutionState::Starting), (1, 2, ExecutionState::Running)]);
    executions.acknowledge(&events[0]).await.expect("forgotten");
    assert_eq!(executions.events(None, 10).await.expect("events"), events[1..]);
    assert_eq!(executions.events(Some(&events[1]), 10).await.expect("events"), []);
}

#[tokio::test]
async fn what_is_given_up_was_never_started() {
    let executions = executions();
    for key in ["waits", "starts"] {
        executions.create(new(key, "ann", "deploy"), at(0)).await.expect("created");
    }
    run(&executions, 2, &[ExecutionState::Starting], 1).await;
    let given_up = executions.give_up(1, "why", at(2)).await.expect("a step");
    assert_eq!(given_up.state, ExecutionState::Failed);
    let refused = executions.give_up(2, "why", at(2)).await;
    assert!(matches!(refused, Err(ExecutionsError::Illegal { .. })), "{refused:?}");
}

#[tokio::test]
async fn queries_find_what_is_meant_newest_first() {
    use ExecutionState::*;
    let executions = executions();
    for n in 0..300_i64 {
        let requester = if n % 3 == 0 { "ann" } else { "ann\u{1f}bob" };
        let template = if n % 2 == 0 { "deploy" } else { "restart" };
        executions.create(new(&n.to_string(), requester, template), at(n)).await.expect("created");
    }
    run(&executions, 7, &[Starting, Running, Failed], 400).await;
    run(&executions, 8, &[Starting, Running], 400).await;
    let check = async |query: Query, expected: &[u64]| {
        let found = executions.find(&query).await.expect("found");
        let numbers: Vec<u64> = found.iter().map(|execution| execution.number).collect();
        assert_eq!(numbers, expected, "{query:?}");
    };
    let query = || Query { limit: 3, ..Query::default() };
    check(query(), &[300, 299, 298]).await;
    check(Query { before: Some(298), ..query() }, &[297, 296, 295]).await;
    check(Query { requester: Some("ann".into()), ..query() }, &[298, 295, 292]).await;
    check(Query { template: Some("restart".into()), ..query() }, &[300, 298, 296]).await;
    check(Query { states: vec![Failed], ..query() }, &[7]).await;
    check(Query { states: vec![Running, Failed], ..query() }, &[8, 7]).await;
    let restarts = || Query { template: Some("restart".into()), ..query() };
    check(Query { states: vec![Running], ..restarts() }, &[8]).await;
    check(Query { states: vec![Failed, Running], ..restarts() }, &[8]).await;
    let ann = Query { requester: Some("ann".into()), ..query() };
    check(Query { states: vec![Failed], ..ann.clone() }, &[7]).await;
    check(Query { template: Some("restart".into()), until: Some(at(10)), ..ann }, &[10, 4]).await;
    check(Query { since: Some(at(298)), ..query() }, &[300, 299]).await;
    check(Query { since: Some(at(10)), until: Some(at(12)), ..query() }, &[12, 11]).await;
    check(Query { requester: Some("nobody".into()), ..query() }, &[]).await;
    let unfinished = executions.unfinished().await.expect("found");
    assert_eq!((unfinished.len(), unfinished[0].number), (299, 1));
}

#[tokio::test]
async fn an_end_keeps_what_is_known_of_the_run() {
    let executions = executions();
    executions.create(new("k", "ann", "deploy"), at(0)).await.expect("created");
    run(&executions, 1, &[ExecutionState::Starting], 1).await;
    executions.running(1, Reference("r".into()), at(1)).await.expect("a step");
    executions.progress(1, (1, 3, "copying".into()), at(2)).await.expect("noted");
    let ending = Ending {
        outcome: Some(Outcome { exit_code: Some(1), message: None, resources: None }),
        failed_targets: vec![FailedTarget { target: "web-03".into(), reason: "full".into() }],
        ..Ending::default()
    };
    let state = ExecutionState::Failed;
    executions.finish(1, state, None, ending.clone(), at(5)).await.expect("a step");
    let execution = executions.get(1).await.expect("stored");
    assert_eq!(execution.outcome, ending.outcome);
    assert_eq!(execution.failed_targets, ending.failed_targets);
    assert_eq!(execution.progress, Some((1, 3, "copying".into())));
    assert_eq!(execution.reference, Some(Reference("r".into())));
    assert_eq!(execution.duration(at(99)), Some(std::time::Duration::from_secs(240)));
}
