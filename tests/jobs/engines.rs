//! Real engines: start, status, output, cancel, failure, and a restart of the server in the middle.
//! Each runs where its script provides one (`scripts/prefect.sh`, `scripts/airflow.sh`); without,
//! there is nothing to test.

use std::time::Duration;

use steward::jobs::ExecutionState::{Cancelled, Failed, Succeeded};
use steward::jobs::platform::{IdempotencyKey, Platform};
use steward::jobs::{ExecutionState, Report};

use crate::house::{Ground, House};

/// The platform's name in the catalogue.
const NAME: &str = "engine";

#[tokio::test]
async fn a_prefect_server_runs_what_it_is_asked_to() {
    let Some((url, restart)) = server("PREFECT") else { return };
    runs_what_it_is_asked_to(&prefect(&url), &restart, Some("asked to fail")).await;
}

#[tokio::test]
async fn a_prefect_server_gives_its_jobs() {
    let Some((url, _)) = server("PREFECT") else { return };
    imports_its_jobs(&Ground::remote(NAME, &prefect(&url), "steward-work")).await;
}

#[tokio::test]
async fn an_airflow_server_runs_what_it_is_asked_to() {
    let Some((url, restart)) = server("AIRFLOW") else { return };
    runs_what_it_is_asked_to(&airflow(&url), &restart, None).await;
}

#[tokio::test]
async fn an_airflow_server_gives_its_jobs() {
    let Some((url, _)) = server("AIRFLOW") else { return };
    imports_its_jobs(&Ground::remote(NAME, &airflow(&url), "steward-work")).await;
}

fn prefect(url: &str) -> String {
    format!("preset: prefect-3\nbase_url: {url}\nlimits: {{retries: 6}}\n")
}

fn airflow(url: &str) -> String {
    format!(
        "preset: airflow-3\nbase_url: {url}\nlimits: {{retries: 6}}\n\
         auth: {{kind: login, path: /auth/token, json: {{username: admin, password: \"{{secret}}\"}}, \
         secret: {{env: STEWARD_TEST_AIRFLOW_PASSWORD}}, token: /access_token}}\n"
    )
}

/// Where a script's server is, and how to restart it.
fn server(engine: &str) -> Option<(String, String)> {
    let of = |what: &str| std::env::var(format!("STEWARD_TEST_{engine}_{what}")).ok();
    Some((of("URL")?, of("RESTART")?))
}

/// `failure` is what the engine itself says of a run that failed; others say it in the output.
async fn runs_what_it_is_asked_to(description: &str, restart: &str, failure: Option<&str>) {
    let ground = Ground::remote(NAME, description, "steward-work");
    let house = ground.live().await;
    house.remote[NAME].check().await.expect("it answers");
    runs_reports_fails_and_cancels(&house, failure).await;
    starts_one_run_for_one_key(&house).await;
    // Last: after it, Prefect's own runner no longer hears of cancellations, or gives up.
    goes_on_after_a_restart(&house, restart).await;
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

async fn runs_reports_fails_and_cancels(house: &House, failure: Option<&str>) {
    let (fine, failing, slow) =
        (begin(house, "a; b \"c\"").await, begin(house, "fail").await, begin(house, "slow").await);
    let report = house.ended(fine).await;
    assert_eq!(report.execution.state, Succeeded);
    assert!(says(&report, "value: a; b \"c\""), "{:?}", report.tail);
    assert_eq!(report.execution.progress, Some((1, 2, "half way".into())));

    let report = house.ended(failing).await;
    assert_eq!(report.execution.state, Failed);
    assert!(says(&report, "asked to fail"), "{:?}", report.tail);
    let message = report.execution.outcome.and_then(|outcome| outcome.message);
    if let Some(failure) = failure {
        assert!(message.as_ref().is_some_and(|m| m.contains(failure)), "{message:?}");
    }

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

/// `steward catalog import` makes a template that `steward check` accepts, and that runs.
async fn imports_its_jobs(ground: &Ground) {
    ground.write("steward.yaml", "conversation: {time_zone: UTC}\n");
    std::fs::remove_file(ground.file("intents/jobs/remote.yaml")).expect("it is there");
    ground.write("intents/jobs/other.yaml", OTHER);
    let said = steward(ground, &["catalog", "import", NAME]);
    assert!(said.contains("1 imported"), "{said}");
    let template = ground.read("intents/jobs/steward_work.yaml");
    for part in [
        "type: integer\n    default: 3\n",
        "min: 1\n    max: 9\n",
        "choices: [\"fast\",\"safe\"]",
        "default: \"nothing\"",
        "job: \"steward-work\"",
        "Does what its parameter says, for tests",
    ] {
        assert!(template.contains(part), "{part} is not in\n{template}");
    }
    let said = steward(ground, &["catalog", "import", NAME]);
    assert!(said.contains("there already") && said.contains("0 imported"), "{said}");
    steward(ground, &["check"]);
    let said = steward(ground, &["platform", "check", NAME]);
    assert!(said.contains("of 1 templates, 0 mistakes"), "{said}");

    let house = ground.live().await;
    let run = house.authorized("steward_work", Some("imported")).await;
    let number = house.dispatch_on(NAME, &run, &IdempotencyKey::random()).await.number;
    let report = house.ended(number).await;
    assert_eq!(report.execution.state, Succeeded, "{report:?}");
    assert!(says(&report, "value: imported"), "{:?}", report.tail);
}

/// A job elsewhere: the catalogue is not empty before the first one is imported.
const OTHER: &str = "id: other
name: {en: Other job, zh: 其他作业}
description: {en: Runs here, zh: 在这里运行}
risk: low
run: {command: ['true']}
";

/// What the command line says; it must succeed.
fn steward(ground: &Ground, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_steward"));
    let output = command.args(arguments).current_dir(ground.path()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}{errors}");
    said
}

async fn goes_on_after_a_restart(house: &House, restart: &str) {
    let number = begin(house, "pause").await;
    running(house, number).await;
    let restarted = tokio::process::Command::new(restart).arg("restart").status().await;
    assert!(restarted.expect("a script").success());
    let report = house.ended(number).await;
    assert_eq!(report.execution.state, Succeeded, "{report:?}");
}
