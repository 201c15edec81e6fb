//! A run from its key to its report, and through the death of Steward.

use steward::jobs::platform::{IdempotencyKey, Platform};
use steward::jobs::{ExecutionState, Recovery};

use crate::house::{Ground, until};

#[tokio::test]
async fn a_run_is_started_watched_and_reported() {
    let ground = Ground::new(&[(
        "work",
        "echo \"value: $2\"\n\
         echo '::progress 1/2 half way::'\n\
         echo '::metric speed=12.5 MB/s::'\n\
         echo '::target web-03 failed disk full::'\n\
         echo 'ERROR web-03: no space left'\n\
         exit 4\n",
    )]);
    let house = ground.live().await;
    let report = house.run("work", Some("a; touch hacked $(touch hacked)")).await;
    let execution = &report.execution;
    assert_eq!(execution.state, ExecutionState::Failed);
    assert_eq!(execution.outcome.as_ref().and_then(|outcome| outcome.exit_code), Some(4));
    assert_eq!(execution.progress, Some((1, 2, "half way".into())));
    assert_eq!(execution.metrics.len(), 1);
    assert_eq!(execution.failed_targets[0].target, "web-03");
    assert_eq!(report.tail[0], "value: a; touch hacked $(touch hacked)");
    assert_eq!(report.errors.len(), 2, "{:?}", report.errors);
    assert!(report.recovery.contains(&Recovery::Again));
    assert!(!ground.file("hacked").exists());
}

#[tokio::test]
async fn one_key_starts_one_run() {
    let ground = Ground::new(&[("count", "echo run >> count\n")]);
    let house = ground.live().await;
    let run = house.authorized("count", None).await;
    let key = IdempotencyKey::derive(&["message 7"]);
    let first = house.dispatch(&run, &key).await;
    let second = house.dispatch(&run, &key).await;
    assert_eq!(first.number, second.number);
    house.ended(first.number).await;
    house.dispatch(&run, &key).await;
    house.platform.start(&run, &key).await.expect("known already");
    assert_eq!(ground.read("count"), "run\n");
    assert_eq!(house.ends(first.number).len(), 1);
}

/// The catalogue may change between the authorisation and the start.
#[tokio::test]
async fn a_job_that_was_changed_is_not_started_under_the_old_key() {
    let ground = Ground::new(&[("count", "echo run >> count\n")]);
    let house = ground.live().await;
    let run = house.authorized("count", None).await;
    drop(house);
    // The store is let go of when the last task has ended.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let job = "intents/jobs/count.yaml";
    ground.write(job, &ground.read(job).replace("./count.sh", "./other.sh"));
    let house = ground.live().await;
    let started = house.platform.start(&run, &IdempotencyKey::derive(&["message 8"])).await;
    let refused = started.expect_err("it is another job").to_string();
    assert!(refused.contains("'count' was changed"), "{refused}");
    assert_eq!(ground.read("count"), "");
}

#[tokio::test]
async fn a_run_goes_on_without_steward_and_is_found_again() {
    let ground = Ground::new(&[(
        "wait",
        "echo run >> count\nwhile [ ! -e go ]; do sleep 0.05; done\necho went on\n",
    )]);
    let house = ground.live().await;
    let run = house.authorized("wait", None).await;
    let number = house.dispatch(&run, &IdempotencyKey::random()).await.number;
    drop((house, run));
    // The store is let go of when the last task has ended.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let house = ground.live().await;
    until("it is watched again", || house.ends(number).is_empty()).await;
    std::fs::write(ground.file("go"), "").expect("written");
    let report = house.ended(number).await;
    assert_eq!(report.execution.state, ExecutionState::Succeeded);
    assert_eq!(report.tail, ["went on"]);
    assert_eq!(ground.read("count"), "run\n");
}

#[tokio::test]
async fn an_end_while_steward_was_away_is_reported_once() {
    let ground = Ground::new(&[("quick", "while [ ! -e go ]; do sleep 0.02; done\n: > over\n")]);
    let house = ground.live().await;
    let run = house.authorized("quick", None).await;
    let number = house.dispatch(&run, &IdempotencyKey::random()).await.number;
    drop((house, run));
    std::fs::write(ground.file("go"), "").expect("written");
    until("it is over", || ground.file("over").exists()).await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let house = ground.live().await;
    let report = house.ended(number).await;
    assert_eq!(report.execution.state, ExecutionState::Succeeded);
    assert_eq!(house.told(number).last(), Some(&ExecutionState::Succeeded));
}

#[tokio::test]
async fn a_cancelled_run_ends_with_all_it_started() {
    let ground = Ground::new(&[("long", "(sleep 60; : > late) & : > begun; wait; : > late\n")]);
    let house = ground.live().await;
    let run = house.authorized("long", None).await;
    let number = house.dispatch(&run, &IdempotencyKey::random()).await.number;
    until("it has begun", || ground.file("begun").exists()).await;
    house.monitor.cancel(number).await.expect("asked");
    let report = house.ended(number).await;
    assert_eq!(report.execution.state, ExecutionState::Cancelled);
    assert!(!ground.file("late").exists());
}

#[tokio::test]
async fn a_run_whose_supervisor_is_killed_is_lost_never_started_again() {
    let ground = Ground::new(&[("once", "echo run >> count\nexec sleep 2\n")]);
    let house = ground.live().await;
    let run = house.authorized("once", None).await;
    let key = IdempotencyKey::random();
    let number = house.dispatch(&run, &key).await.number;
    until("it has begun", || ground.file("count").exists()).await;
    let marker = ground.read(&format!("state/runs/{}/started", key.0));
    let marker: serde_json::Value = serde_json::from_str(&marker).expect("a marker");
    let pid = marker["supervisor"]["pid"].as_i64().expect("a pid").to_string();
    let killed = std::process::Command::new("kill").args(["-9", &pid]).status();
    assert!(killed.expect("killed").success());
    let report = house.ended(number).await;
    assert_eq!(report.execution.state, ExecutionState::Lost);
    house.platform.start(&run, &key).await.expect("known already");
    assert_eq!(ground.read("count"), "run\n");
}
