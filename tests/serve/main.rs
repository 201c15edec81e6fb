//! `steward serve` as whoever runs it sees it: a real process, its log, its health and its figures.

mod process;

use std::time::Duration;

use process::{Project, Serving};
use rustix::process::Signal;

#[tokio::test(flavor = "multi_thread")]
async fn it_says_how_it_is_and_ends_when_asked() {
    let project = Project::new();
    let mut serving = Serving::start(&project).await;
    assert_eq!(serving.get("/healthz").await, (200, "ok\n".to_owned()));
    serving.until_ready().await;
    let (status, figures) = serving.get("/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "steward_executions_unfinished{state=\"running\"} 0",
        "steward_outbox_messages 0",
        "steward_schedules{is=\"active\"} 0",
    ] {
        assert!(figures.contains(line), "`{line}` is missing in:\n{figures}");
    }
    assert_eq!(serving.get("/nothing").await.0, 404);
    assert_eq!(serving.end(Signal::TERM).await, Some(0), "{}", serving.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_is_read_again_and_what_is_wrong_changes_nothing() {
    let project = Project::new();
    let mut serving = Serving::start(&project).await;
    serving.until_ready().await;
    project.write("access/policy/all.yaml", "rules:\n  - {name: all, effect: alow}\n");
    serving.until_logged(&["not taken", "all.yaml:2"]).await;
    let (_, figures) = serving.get("/metrics").await;
    let refused = "steward_reloads_total{what=\"access\",outcome=\"refused\"} 1";
    assert!(figures.contains(refused), "{figures}");
    assert_eq!(serving.get("/readyz").await.0, 200, "it goes on with what it had");

    project.write("access/policy/all.yaml", process::POLICY);
    serving.until_logged(&["read again", "access"]).await;

    project.write("intents/jobs/second.yaml", &process::job("second"));
    serving.until_logged(&["read again", "catalog"]).await;
    serving.signal(Signal::HUP);
    serving.until_logged(&["read again, and as it was"]).await;

    project.write("intents/jobs/second.yaml", "id: second\nrisk: none\n");
    serving.until_logged(&["not taken", "second.yaml:2"]).await;
    assert_eq!(serving.end(Signal::TERM).await, Some(0), "{}", serving.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_named() {
    let project = Project::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    project.write("steward.yaml", &format!("observe: {{listen: \"{address}\"}}\n"));
    let output = project.command().output().expect("the program");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{complaint}");
    assert!(complaint.contains(&format!("observe.listen: {address}")), "{complaint}");
}

/// Longer than anything here takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);
