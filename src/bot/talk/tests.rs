use crate::access::audit::{Event, Filter, find};
use crate::bot::house::{Ground, Heard, ann, here};
use crate::channels::{Body, Receipt, Sender};
use crate::plan::PlanHash;

/// What looks like the key of a cloud.
fn key() -> String {
    format!("AKIA{}", "IOSFODNN7EXAMPLE")
}

#[tokio::test]
async fn a_message_with_a_secret_goes_out_of_the_chat_and_its_writer_is_told() {
    let house = Ground::new().live();
    let texts = [
        Body::Text(format!("/run backup database {}", key())),
        Body::Form { template: "backup".into(), fields: [("database".into(), key())].into() },
        Body::Vote { plan: PlanHash("0".repeat(64)), approve: false, reason: Some(key()) },
    ];
    for (count, body) in texts.into_iter().enumerate() {
        let heard = house.hear(ann(), here(), body).await;
        let text: String = heard.iter().map(|heard| heard.text.as_str()).collect();
        assert!(text.contains("looks like a password or a key"), "{text}");
        let removed = house.ear.removed.lock().expect("unpoisoned").clone();
        assert_eq!(removed, vec![(here(), Receipt("said".into())); count + 1]);
    }
    house.hear(ann(), here(), Body::Text("/status".into())).await;
    assert_eq!(house.ear.removed.lock().expect("unpoisoned").len(), 3, "nothing else is removed");
}

#[tokio::test]
async fn the_audit_log_says_from_where_somebody_asked() {
    let ground = Ground::new();
    let house = ground.live();
    let shown = house.hear(ann(), here(), Body::Text("/run backup database=orders".into())).await;
    let (_, confirm) = shown[0].buttons[0].clone();
    house.hear(ann(), here(), Body::Press(confirm)).await;
    house.settled().await;
    let found = find(&ground.folder.path().join("state/audit"), &Filter::default(), None);
    let records = found.expect("a whole chain");
    let asked = records.iter().find(|record| record.entry.event.as_str() == "run_authorized");
    let asked = asked.unwrap_or_else(|| panic!("authorised: {records:?}"));
    assert_eq!(asked.entry.origin.as_deref(), Some("192.0.2.7"));
}

/// The commands of a template run for those who might run the job, and for nobody else.
#[tokio::test]
async fn nothing_is_looked_up_for_somebody_who_may_not_run_the_job() {
    let ground = Ground::new();
    let policy = "rules:
  - name: staging
    effect: allow
    when: {role: operator, command: run, template: archive, parameters: {environment: staging}}
  - {name: talk, effect: allow, when: {command: use_chatops}}
";
    ground.write("access/policy/all.yaml", policy);
    let house = ground.live();
    let bob = Sender { id: "bob".into(), name: "Bob".into() };
    let said = |environment: &str| Body::Text(format!("/run archive {environment}"));
    // The command of the suggestions leaves a file of this name.
    let asked = |environment: &str| ground.folder.path().join(environment).exists();
    house.hear(bob, here(), said("staging")).await;
    assert!(!asked("staging"), "for Bob, who may run nothing");
    house.hear(ann(), here(), said("production")).await;
    assert!(!asked("production"), "for Ann, who may not do it there");
    house.hear(ann(), here(), Body::Text("/abort".into())).await;
    house.hear(ann(), here(), said("staging")).await;
    assert!(asked("staging"), "for Ann, who may");
}

/// The form of a job that locks its target and has a check.
fn restore(target: &str) -> Body {
    Body::Form { template: "restore".into(), fields: [("target".into(), target.into())].into() }
}

/// What stands in the way of a good yes and goes by leaves the plan where it was.
#[tokio::test]
async fn a_plan_whose_target_is_busy_waits_for_another_yes() {
    let ground = Ground::new();
    let house = ground.live();
    house.busy_with("orders").await;
    let shown = house.hear(ann(), here(), restore("orders")).await;
    let run = |heard: &[Heard]| {
        let buttons = heard.iter().flat_map(|heard| &heard.buttons);
        let token = buttons.filter(|(label, _)| label == "Run").map(|(_, token)| token).next_back();
        Body::Press(token.unwrap_or_else(|| panic!("it can be run")).clone())
    };
    let busy = house.hear(ann(), here(), run(&shown)).await;
    let text: String = busy.iter().map(|heard| heard.text.as_str()).collect();
    assert!(text.contains("eve has been running") && text.contains("orders"), "{text}");
    assert_eq!(ground.counter.starts(), 0);
    house.free("orders").await;
    house.hear(ann(), here(), run(&busy)).await;
    house.settled().await;
    assert_eq!(ground.counter.starts(), 1);
}

/// The audit log tells of what the job's own check said no to, as of any other refusal.
#[tokio::test]
async fn what_the_check_of_a_job_stops_stands_in_the_log() {
    let ground = Ground::new();
    let house = ground.live();
    let shown = house.hear(ann(), here(), restore("frozen")).await;
    let (_, run) = shown[0].buttons[0].clone();
    let told = house.hear(ann(), here(), Body::Press(run)).await;
    assert!(told.iter().any(|heard| heard.text.contains("It can't be run now")));
    assert_eq!(ground.counter.starts(), 0);
    let filter = Filter { event: Some(Event::RunRefused), ..Filter::default() };
    let found = find(&ground.folder.path().join("state/audit"), &filter, None);
    let [record] = found.expect("a whole chain").try_into().expect("one record");
    assert_eq!(record.entry.template, Some("restore".into()));
    assert!(record.entry.reason.is_some_and(|reason| reason.contains("check of the job")));
}
