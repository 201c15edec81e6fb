//! A real Prefect 3 server: start, status, output, cancel, failure, and a restart of the server in
//! the middle. Runs where `scripts/prefect.sh` provides one; without, there is nothing to test.

use std::time::Duration;

use steward::jobs::ExecutionState::{Cancelled, Failed, Succeeded};
use steward::jobs::platform::{IdempotencyKey, Platform};
use steward::jobs::{ExecutionState, Report};

use crate::house::{Ground, House};

const NAME: &str = "prefect";

fn server() -> Option<(String, String)> {
    let url = std::env::var("STEWARD_TEST_PREFECT_URL").ok()?;
    Some((url, std::env::var("STEWARD_TEST_PREFECT_RESTART").ok()?))
}

fn ground(url: &str) -> Ground {
    let description = format!("preset: prefect-3\nbase_url: {url}\nlimits: {{retries: 6}}\n");
    Ground::remote(NAME, &description, "steward-work")
}

async fn begin(house: &House, value: &str) -> u64 {
    let run = house.authorized("remote", Some(value)).await;
    house.dispatch_on(NAME, &run, &IdempotencyKey::random()).await.number
}

async fn state(house: &House, number: u64) -> ExecutionState {
    let execution = house.monitor.executions().get(number).await.expect("stored");
    let reference = execution.reference.expect("started");
    house.remote[NAME].status(&reference).await.expect("known").state
}

async fn running(house: &House, number: u64) {
    for _ in 0..600 {
        if state(house, number).await == ExecutionState::Running {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("#{number} never ran");
}

fn says(report: &Report, text: &str) -> bool {
    report.tail.iter().any(|line| line.contains(text))
}

#[tokio::test]
async fn a_prefect_server_runs_what_it_is_asked_to() {
    let Some((url, restart)) = server() else { return };
    let ground = ground(&url);
    let house = ground.live().await;
    house.remote[NAME].check().await.expect("it answers");
    runs_reports_fails_and_cancels(&house).await;
    starts_one_run_for_one_key(&house).await;
    // Last: after it, Prefect's own runner no longer hears of cancellations.
    goes_on_after_a_restart(&house, &restart).await;
}

async fn runs_reports_fails_and_cancels(house: &House) {
    let (fine, failing, slow) =
        (begin(house, "a; b \"c\"").await, begin(house, "fail").await, begin(house, "slow").await);
    let report = house.ended(fine).await;
    assert_eq!(report.execution.state, Succeeded);
    assert!(says(&report, "value: a; b \"c\""), "{:?}", report.tail);
    assert_eq!(report.execution.progress, Some((1, 2, "half way".into())));

    let report = house.ended(failing).await;
    assert_eq!(report.execution.state, Failed);
    let message = report.execution.outcome.and_then(|outcome| outcome.message);
    let message = message.expect("a message");
    assert!(message.contains("asked to fail"), "{message}");

    running(house, slow).await;
    house.monitor.cancel(slow).await.expect("asked");
    assert_eq!(house.ended(slow).await.execution.state, Cancelled);
}

async fn starts_one_run_for_one_key(house: &House) {
    let run = house.authorized("remote", Some("once")).await;
    let key = IdempotencyKey::random();
    let platform = &house.remote[NAME];
    assert_eq!(platform.find(&key).await.expect("asked"), None);
    let first = platform.start(&run, &key).await.expect("started");
    assert_eq!(platform.start(&run, &key).await.expect("known"), first);
    let found = platform.find(&key).await.expect("asked").expect("found");
    assert_eq!(
        platform.status(&found).await.expect("known").state.is_final(),
        platform.status(&first).await.expect("known").state.is_final()
    );
}

async fn goes_on_after_a_restart(house: &House, restart: &str) {
    let number = begin(house, "pause").await;
    running(house, number).await;
    let restarted = tokio::process::Command::new(restart).arg("restart").status().await;
    assert!(restarted.expect("a script").success());
    let report = house.ended(number).await;
    assert_eq!(report.execution.state, Succeeded, "{report:?}");
}
