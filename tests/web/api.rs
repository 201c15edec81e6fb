//! The API, as a bridge to another chat uses it.

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value as Json, json};

use crate::browser::Events;
use crate::server::Server;

/// A program with a token.
#[derive(Clone)]
pub struct Program {
    pub base: String,
    pub token: String,
}

impl Program {
    pub fn new(server: &Server, user: &str) -> Program {
        let token = server.steward(&["users", "token", user, "--name", "bridge"]).expect("a token");
        Program { base: server.base.clone(), token }
    }

    pub fn post(&self, message: &Json) -> RequestBuilder {
        let url = format!("{}/api/v1/messages", self.base);
        Client::new().post(url).bearer_auth(&self.token).json(message)
    }

    pub async fn say(&self, message: Json) -> (u16, Json) {
        let answer = self.post(&message).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    pub async fn listen(&self, query: &str) -> Events {
        Events::of(self.get(&format!("/events{query}")).await)
    }

    pub async fn get(&self, path: &str) -> Response {
        let url = format!("{}/api/v1{path}", self.base);
        Client::new().get(url).bearer_auth(&self.token).send().await.expect("an answer")
    }
}

#[tokio::test]
async fn a_program_speaks_for_its_user() {
    let server = Server::start().await;
    let (dana, dora) = (Program::new(&server, "dana"), Program::new(&server, "dora"));
    let mut events = dana.listen("").await;
    let request =
        json!({"id": "m-1", "text": "deploy cart-service 7.4.0 to staging", "chat": "room 7/a"});
    assert_eq!(dana.say(request.clone()).await, (202, json!({"id": "m-1", "new": true})));
    assert_eq!(dana.say(request).await, (202, json!({"id": "m-1", "new": false})));
    let own = events.next().await.expect("an event").json();
    assert_eq!(
        (&own["from"], &own["sent"], &own["chat"]),
        (&json!("person"), &json!("m-1"), &json!("room 7/a"))
    );
    let plan = events.until("nothing has run yet").await;
    let item = plan.json();
    assert_eq!(item["blocks"][0]["kind"], "title");
    let run = item["buttons"].as_array().expect("buttons").iter().find(|b| b["label"] == "Run");
    let token = run.expect("a button")["token"].clone();

    // Another user's program, and another chat, can't press it.
    assert_eq!(dora.say(json!({"press": token, "chat": "room 7/a"})).await.0, 202);
    dora.listen("").await.until("somebody else").await;
    assert_eq!(dana.say(json!({"press": token, "chat": "room 8"})).await.0, 202);
    events.until("somebody else").await;

    assert_eq!(dana.say(json!({"press": token, "chat": "room 7/a"})).await.0, 202);
    let done = events.until("succeeded").await.json();
    assert_eq!(done["execution"], 1);
    // Who comes again with the last id has the rest.
    let mut missed = dana.listen(&format!("?chat=room%207/a&after={}", plan.id)).await;
    let item = missed.next().await.expect("an event").json();
    assert_eq!((&item["execution"], &item["live"]), (&json!(1), &json!(false)));
}

#[tokio::test]
async fn what_is_wrong_is_said() {
    let server = Server::start().await;
    let dana = Program::new(&server, "dana");
    let cases = [
        (json!({}), 422),
        (json!({"text": "  "}), 422),
        (json!({"text": "a", "press": "b"}), 422),
        (json!({"text": "a", "chat": ""}), 422),
        (json!({"text": "a", "id": "x".repeat(201)}), 422),
        (json!({"text": "a", "as": "ada"}), 422),
        (json!({"text": 7}), 422),
        (json!([]), 422),
    ];
    for (message, status) in cases {
        let (answered, body) = dana.say(message.clone()).await;
        assert_eq!(answered, status, "{message}: {body}");
        assert!(body["error"].is_string(), "{message}: {body}");
    }
    let broken = dana.post(&json!({})).body("{").send().await.expect("an answer");
    assert_eq!(broken.status(), 400);
    let description = reqwest::get(format!("{}/api/v1/openapi.json", server.base)).await;
    let description: Json = description.expect("an answer").json().await.expect("JSON");
    for path in ["/messages", "/events", "/files/{name}"] {
        assert!(description["paths"][path].is_object(), "{path}");
    }
}

#[tokio::test]
async fn a_token_is_listed_and_revoked() {
    let server = Server::start().await;
    let dana = Program::new(&server, "dana");
    let list = server.steward(&["users", "tokens"]).expect("a list");
    assert!(list.contains("dana  bridge") && !list.contains(&dana.token), "{list}");
    let mut events = dana.listen("").await;
    assert_eq!(dana.say(json!({"text": "/help"})).await.0, 202);
    events.until("/status").await;
    server.steward(&["users", "revoke", "dana", "--name", "bridge"]).expect("revoked");
    let (status, body) = dana.say(json!({"text": "/help"})).await;
    assert_eq!((status, body["error"].is_string()), (401, true));
    // Whoever listens hears no more.
    assert_eq!(events.next().await.map(|event| event.name).as_deref(), Some("out"));
    assert!(events.next().await.is_none());
    let nobody = Program { base: server.base.clone(), token: "steward_guess".into() };
    assert_eq!(nobody.say(json!({"text": "/help"})).await.0, 401);
    // A session of the page is no token.
    let refused = server.steward(&["users", "token", "oli", "--name", "x"]).expect_err("no token");
    assert!(refused.contains("channel: api"), "{refused}");
}
