use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::*;
use crate::catalog::{Argument, Hint, ReplyTemplates, Risk, RunSpec, Target};
use crate::channels::Address;
use crate::jobs::executions::Ending;
use crate::jobs::platform::IdempotencyKey;
use crate::jobs::{NewExecution, Outcome};
use crate::plan::PlanHash;
use crate::store::MemoryStore;

struct OneTemplate(Arc<JobTemplate>);

impl Templates for OneTemplate {
    fn template(&self, id: &TemplateId) -> Option<Arc<JobTemplate>> {
        (self.0.id == *id).then(|| Arc::clone(&self.0))
    }
}

fn template() -> JobTemplate {
    let text = |text: &str| Localized { en: text.into(), zh: text.into() };
    JobTemplate {
        id: "deploy".into(),
        name: text("Deploy"),
        description: text("Deploys"),
        tags: Vec::new(),
        risk: Risk::Low,
        collect: Default::default(),
        parameters: Vec::new(),
        run: RunSpec {
            platform: "local".into(),
            described: String::new(),
            target: Target::Command(vec![Argument::Literal("true".into())]),
            names: Default::default(),
            timeout: Duration::from_secs(60),
        },
        check: None,
        reply: ReplyTemplates::default(),
        notify: Vec::new(),
        inverse: Some("roll_back".into()),
        hints: vec![Hint {
            pattern: regex::Regex::new("No space left").expect("a pattern"),
            cause: text("the disk is full"),
        }],
        lock: Vec::new(),
        differ: Vec::new(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

struct World {
    executions: Executions,
    reporter: Reporter,
}

impl World {
    fn new() -> World {
        let executions = Executions::new(Arc::new(MemoryStore::default()));
        let platforms = Arc::new(BTreeMap::new());
        let templates = Arc::new(OneTemplate(Arc::new(template())));
        World { reporter: Reporter::new(executions.clone(), platforms, templates), executions }
    }

    /// One more run that took so many seconds and ended so.
    async fn ran(
        &self,
        seconds: i64,
        state: ExecutionState,
        values: Values,
        ending: Ending,
    ) -> u64 {
        let new = NewExecution {
            number: None,
            waited_since: None,
            key: IdempotencyKey::random(),
            template: "deploy".into(),
            values,
            plan: PlanHash("0".repeat(64)),
            requester: "ann".into(),
            origin: Address { channel: "terminal".into(), chat: "here".into(), thread: None },
            platform: "local".into(),
            again: None,
            schedule: None,
        };
        let made = self.executions.create(new, at(0)).await.expect("created").into_execution();
        let starting = ExecutionState::Starting;
        self.executions.transition(made.number, starting, None, at(0)).await.expect("a step");
        let reference = Reference(made.key.0);
        self.executions.running(made.number, reference, at(0)).await.expect("a step");
        self.executions
            .finish(made.number, state, None, ending, at(seconds))
            .await
            .expect("a step");
        made.number
    }

    async fn report(&self, number: u64) -> Report {
        self.reporter.report(number, at(9_999)).await.expect("a report")
    }
}

use ExecutionState::{Cancelled, Failed, Succeeded};

#[tokio::test]
async fn a_run_is_compared_with_the_last_successes() {
    let check = async |earlier: &[i64], seconds: i64, usual: Option<(u64, usize, Option<u32>)>| {
        let world = World::new();
        for seconds in earlier {
            world.ran(*seconds, Succeeded, Values::new(), Ending::default()).await;
        }
        let number = world.ran(seconds, Succeeded, Values::new(), Ending::default()).await;
        let report = world.report(number).await;
        let expected = usual.map(|(median, of, slower_percent)| Usual {
            median: Duration::from_secs(median),
            of,
            slower_percent,
        });
        assert_eq!(report.usual, expected, "{earlier:?} {seconds}");
        assert_eq!(report.duration, Some(Duration::from_secs(seconds as u64)));
    };
    check(&[], 10, None).await;
    check(&[100, 102, 98], 119, Some((100, 3, None))).await;
    check(&[100, 102, 98], 120, Some((100, 3, Some(20)))).await;
    check(&[100], 50, Some((100, 1, None))).await;
    // Only the last twenty count.
    let mut runs = vec![1_000; 5];
    runs.extend([10; 20]);
    check(&runs, 10, Some((10, 20, None))).await;
}

#[tokio::test]
async fn the_success_rate_leaves_cancelled_runs_out() {
    let world = World::new();
    let mut last = 0;
    for state in [Succeeded, Failed, Cancelled, Succeeded, Failed] {
        last = world.ran(10, state, Values::new(), Ending::default()).await;
    }
    let report = world.report(last).await;
    assert_eq!(report.success, Some(SuccessRate { succeeded: 2, of: 4 }));
    assert_eq!(report.trend.len(), 4);
    assert_eq!(report.usual.map(|usual| usual.of), Some(2));
}

#[tokio::test]
async fn recovery_offers_the_failed_targets_first_then_the_way_back() {
    let world = World::new();
    let hosts = ["web-01", "web-02", "web-03"].map(str::to_owned).to_vec();
    let values: Values = [("hosts".to_owned(), Value::List(hosts))].into();
    let failed = |target: &str| FailedTarget {
        target: target.into(),
        reason: format!("{target}: connection to 10.0.0.1:22 refused"),
    };
    let ending =
        Ending { failed_targets: vec![failed("web-01"), failed("web-03")], ..Ending::default() };
    let number = world.ran(10, Failed, values.clone(), ending).await;
    let report = world.report(number).await;
    assert_eq!(
        report.recovery,
        [
            Recovery::RetryFailed {
                parameter: "hosts".into(),
                targets: vec!["web-01".into(), "web-03".into()]
            },
            Recovery::Undo { template: "roll_back".into(), values },
            Recovery::Again,
            Recovery::FullLog,
        ]
    );
    assert_eq!(report.errors.len(), 1);
    assert_eq!(report.errors[0].count, 2);
    let fine = world.ran(10, Succeeded, Values::new(), Ending::default()).await;
    assert_eq!(world.report(fine).await.recovery, []);
}

#[tokio::test]
async fn secrets_and_control_characters_do_not_get_into_a_report() {
    let world = World::new();
    let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let outcome = Outcome {
        message: Some(format!("login with {token} failed\u{1b}[31m!")),
        ..Outcome::default()
    };
    let ending = Ending {
        outcome: Some(outcome),
        failed_targets: vec![FailedTarget { target: "web".into(), reason: token.into() }],
        ..Ending::default()
    };
    let number = world.ran(10, Failed, Values::new(), ending).await;
    let report = format!("{:?}", world.report(number).await);
    assert!(!report.contains(token), "{report}");
    assert!(report.contains("login with"), "{report}");
    assert!(!report.contains("u{1b}"), "{report}");
}

#[test]
fn known_causes_and_the_tail_come_from_the_output() {
    let lines = ["a", "write: No space left on device", "", ""].map(str::to_owned);
    assert_eq!(causes(&template(), &lines).len(), 1);
    assert_eq!(tail(&lines), ["a", "write: No space left on device"]);
    assert_eq!(tail(&[]), Vec::<String>::new());
    assert_eq!(clean("50%\r100% \u{1b}[32mdone\u{1b}[0m\u{7}"), "100% done");
    assert_eq!(clean(&"长".repeat(1000)).chars().count(), LONGEST_LINE + 1);
}
