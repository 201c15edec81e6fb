//! Hostile messages and presses against the whole bot, as the people of every channel could make
//! them: each ends in a clear refusal or as a harmless literal, and nothing runs.

use super::house::{Ground, Heard, House};
use crate::channels::{Address, Body, NAMES, Sender};
use crate::hostile;
use crate::nlu::values::is_misleading;

/// Two people who may run jobs, in one channel.
fn ground(channel: &str) -> Ground {
    let ground = Ground::new();
    let users = "
roles: {operator: runs every job, guest: runs none}
users:
  - {id: ann, name: Ann, roles: [operator], identities: [{channel: ear, id: ann}]}
  - {id: bob, name: Bob, roles: [operator], identities: [{channel: ear, id: bob}]}
";
    ground
        .write("access/users.yaml", &users.replace("channel: ear", &format!("channel: {channel}")));
    ground
}

/// Somebody says or presses something in the group that everybody here is in.
async fn hear(house: &House, channel: &str, user: &str, body: Body) -> Vec<Heard> {
    let sender = Sender { id: user.into(), name: user.into() };
    let group = Address { channel: channel.into(), chat: "-100".into(), thread: None };
    house.hear(sender, group, body).await
}

async fn says(house: &House, user: &str, text: &str) -> Vec<Heard> {
    hear(house, "ear", user, Body::Text(text.into())).await
}

#[track_caller]
fn button(heard: &[Heard], label: &str) -> Body {
    let found = heard.iter().flat_map(|h| &h.buttons).find(|(shown, _)| shown == label);
    Body::Press(found.unwrap_or_else(|| panic!("{label} is shown")).1.clone())
}

fn told(heard: &[Heard]) -> String {
    heard.iter().map(|heard| heard.text.as_str()).collect()
}

#[tokio::test]
async fn hostile_words_run_nothing_in_any_channel() {
    for channel in NAMES.into_iter().chain(["ear"]) {
        let ground = ground(channel);
        let house = ground.live();
        for (kind, text) in hostile::said() {
            // With nothing open, and as the answer to a question.
            for before in [None, Some("/run archive")] {
                if let Some(before) = before {
                    hear(&house, channel, "ann", Body::Text(before.into())).await;
                }
                let heard = hear(&house, channel, "ann", Body::Text(text.clone())).await;
                let told = told(&heard);
                assert!(!told.contains("Something went wrong"), "{kind} {text:?}: {told}");
                assert!(!told.contains(is_misleading), "{kind} {text:?}: {told:?}");
                hear(&house, channel, "ann", Body::Text("/abort".into())).await;
            }
            // As the value of a field, and as the reason for a decision.
            let fields = [("database".to_owned(), text.clone())].into();
            hear(&house, channel, "ann", Body::Form { template: "backup".into(), fields }).await;
            let vote = Body::Vote {
                plan: crate::plan::PlanHash(text.clone()),
                approve: true,
                reason: Some(text.clone()),
            };
            hear(&house, channel, "bob", vote).await;
            hear(&house, channel, "ann", Body::Text("/abort".into())).await;
            house.settled().await;
            assert_eq!(ground.counter.starts(), 0, "{kind} {text:?} in {channel}");
        }
    }
}

#[tokio::test]
async fn forged_replayed_and_borrowed_buttons_do_nothing() {
    let ground = ground("ear");
    let house = ground.live();
    let plan = says(&house, "ann", "/run backup orders").await;
    let run = button(&plan, "Run");
    // Somebody else in the same group, and the same person elsewhere.
    let stolen = hear(&house, "ear", "bob", run.clone()).await;
    assert!(told(&stolen).contains("somebody else"), "{}", told(&stolen));
    let ann = Sender { id: "ann".into(), name: "Ann".into() };
    let elsewhere = Address { channel: "ear".into(), chat: "ann".into(), thread: None };
    let moved = house.hear(ann, elsewhere, run.clone()).await;
    assert!(told(&moved).contains("somebody else"), "{}", told(&moved));
    // What nobody was given.
    let Body::Press(token) = &run else { unreachable!("a button is pressed") };
    let forged = hostile::said().into_iter().map(|(_, text)| text).chain([
        String::new(),
        token.to_lowercase(),
        format!("{token}="),
        format!("{token}\0"),
        token[..15].to_owned(),
        "A".repeat(16),
        "../buttons".into(),
        "*".into(),
    ]);
    for token in forged {
        let heard = hear(&house, "ear", "ann", Body::Press(token.clone())).await;
        assert!(told(&heard).contains("closed already"), "{token:?}: {}", told(&heard));
    }
    house.settled().await;
    assert_eq!(ground.counter.starts(), 0);
    // The real one works, once.
    hear(&house, "ear", "ann", run.clone()).await;
    house.settled().await;
    let again = hear(&house, "ear", "ann", run).await;
    assert!(told(&again).contains("closed already"), "{}", told(&again));
    house.settled().await;
    assert_eq!(ground.counter.starts(), 1);
    // The button of a plan that was changed is as good as none.
    let first = says(&house, "ann", "/run backup customers").await;
    let second = says(&house, "ann", "database=invoices").await;
    assert!(told(&second).contains("invoices"), "{}", told(&second));
    hear(&house, "ear", "ann", button(&first, "Run")).await;
    house.settled().await;
    assert_eq!(ground.counter.starts(), 1);
}

#[tokio::test]
async fn in_a_group_nobody_answers_the_question_of_another() {
    for answer in ["yes", "go ahead", "orders", "1", "/run", "no"] {
        let ground = ground("ear");
        let house = ground.live();
        // While a value is asked for, and while a plan waits for a yes.
        says(&house, "ann", "/run archive").await;
        says(&house, "bob", answer).await;
        says(&house, "ann", "staging").await;
        says(&house, "bob", answer).await;
        let plan = says(&house, "ann", "v4.2.1").await;
        assert!(told(&plan).contains("4.2.1"), "after {answer}: {}", told(&plan));
        says(&house, "bob", answer).await;
        house.settled().await;
        assert_eq!(ground.counter.starts(), 0, "{answer}");
        says(&house, "ann", "yes").await;
        house.settled().await;
        assert_eq!(ground.counter.starts(), 1, "after {answer}");
    }
}
