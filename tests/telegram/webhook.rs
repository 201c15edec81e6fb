//! The webhook: Telegram brings what it has.

use serde_json::Value as Json;

use crate::USERS;
use crate::emulator::{Emulator, private};
use crate::project::Project;
use crate::steward::{Steward, with_access};

const HEADER: &str = "X-Telegram-Bot-Api-Secret-Token";

#[tokio::test(flavor = "multi_thread")]
async fn only_telegram_gets_in_and_what_it_brings_is_handled_once() {
    let emulator = Emulator::start().await;
    let kim = emulator.person(1001, "Kim", "en");
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let listen = free.local_addr().expect("an address");
    drop(free);
    let webhook = format!("{{webhook: {{url: 'https://ops.example/hook', listen: '{listen}'}}}}");
    let project = with_access(Project::counting(), USERS, &webhook);
    let _steward = Steward::start(&project, &emulator);
    let announced = emulator.until("a webhook", |state| state.webhook.clone()).await;
    assert_eq!(announced.url, "https://ops.example/hook");
    assert!(announced.secret.len() >= 32, "nobody guesses it");

    emulator.say(&kim, "count the label round-1");
    let update = next(&emulator);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let bring = |path: &'static str, secret: Option<String>, body: String| {
        let call = client.post(format!("http://{listen}{path}")).body(body);
        let call = match secret {
            Some(secret) => call.header(HEADER, secret),
            None => call,
        };
        async move { call.send().await.expect("an answer").status().as_u16() }
    };
    let right = Some(announced.secret.clone());
    let wrong = Some("x".repeat(announced.secret.len()));
    let body = update.to_string();
    assert_eq!(bring("/hook", None, body.clone()).await, 401);
    assert_eq!(bring("/hook", wrong, body.clone()).await, 401);
    assert_eq!(bring("/other", right.clone(), body.clone()).await, 404);
    assert_eq!(bring("/hook", right.clone(), "not JSON".into()).await, 400);
    for _ in 0..3 {
        assert_eq!(bring("/hook", right.clone(), body.clone()).await, 200);
    }
    let chat = private(&kim);
    let plan = emulator.shows(chat, 0, "nothing has run yet").await;
    emulator.press(&kim, &plan, "Run");
    for _ in 0..2 {
        assert_eq!(bring("/hook", right.clone(), next(&emulator).to_string()).await, 200);
    }
    emulator
        .until("the end", |state| {
            state.shown(chat).find(|m| m.text.contains("#1 Count: succeeded")).cloned()
        })
        .await;
    assert_eq!(project.starts().values().sum::<usize>(), 1);
    let state = emulator.shared.state();
    let plans = state.shown(chat).filter(|m| m.text.contains("nothing has run yet")).count();
    assert_eq!(plans, 1);
}

/// The latest update.
fn next(emulator: &Emulator) -> Json {
    let state = emulator.shared.state();
    state.updates.back().expect("an update").1.clone()
}
