//! The description of the API, held against what the API really answers.

use serde_json::{Value as Json, json};

use crate::api::Program;
use crate::server::Server;

/// What is wrong with a value by a schema of the description. Stricter than the standard: a
/// property that the schema does not name is wrong, since nobody would know of it.
fn faults(description: &Json, schema: &Json, value: &Json, place: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let path = reference.strip_prefix('#').expect("a place in the description");
        let schema = description.pointer(path).unwrap_or_else(|| panic!("no {reference}"));
        return faults(description, schema, value, place);
    }
    if let Some(kinds) = schema["oneOf"].as_array() {
        let tried: Vec<_> = kinds.iter().map(|s| faults(description, s, value, place)).collect();
        let fitting = tried.iter().filter(|faults| faults.is_empty()).count();
        return match fitting {
            1 => Vec::new(),
            _ => vec![format!("{place}: {fitting} kinds fit {value}: {tried:?}")],
        };
    }
    let mut wrong = Vec::new();
    let mut must = |right: bool, what: &str| {
        if !right {
            wrong.push(format!("{place}: {what}: {value}"));
        }
    };
    match &schema["type"] {
        Json::Null => {}
        Json::Array(kinds) => must(kinds.iter().any(|kind| is_a(kind, value)), "type"),
        kind => must(is_a(kind, value), "type"),
    }
    must(schema["const"].is_null() || schema["const"] == *value, "const");
    must(schema["enum"].as_array().is_none_or(|one_of| one_of.contains(value)), "enum");
    for (name, is_right) in [
        ("minimum", value.as_f64() >= schema["minimum"].as_f64()),
        ("maximum", schema["maximum"].is_null() || value.as_f64() <= schema["maximum"].as_f64()),
    ] {
        must(is_right, name);
    }
    if let Some(items) = value.as_array() {
        let count = Some(items.len() as u64);
        must(count >= schema["minItems"].as_u64(), "minItems");
        must(schema["maxItems"].is_null() || count <= schema["maxItems"].as_u64(), "maxItems");
        for (i, item) in items.iter().enumerate() {
            wrong.extend(faults(description, &schema["items"], item, &format!("{place}[{i}]")));
        }
        return wrong;
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().expect("a name");
            must(object.contains_key(name), &format!("{name} is missing"));
        }
        for (name, value) in object {
            let place = format!("{place}.{name}");
            match schema["properties"].get(name) {
                Some(schema) => wrong.extend(faults(description, schema, value, &place)),
                None => wrong.push(format!("{place} is not described")),
            }
        }
    }
    wrong
}

fn is_a(kind: &Json, value: &Json) -> bool {
    match kind.as_str().expect("a type") {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("the type {other}"),
    }
}

/// Fails where a value is not as the description has it.
#[track_caller]
fn hold(description: &Json, pointer: &str, value: &Json) {
    let schema = description.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}"));
    let faults = faults(description, schema, value, "");
    assert!(faults.is_empty(), "{pointer}: {faults:#?}");
}

const ITEM: &str = "/components/schemas/Item";
const ACCEPTED: &str = "/paths/~1messages/post/responses/202/content/application~1json/schema";
const REFUSED: &str = "/components/responses/Refused/content/application~1json/schema";

#[tokio::test]
async fn every_answer_is_as_it_is_described() {
    let server = Server::start().await;
    let dana = Program::new(&server, "dana");
    let description: Json = {
        let answer = reqwest::get(format!("{}/api/v1/openapi.json", server.base)).await;
        answer.expect("an answer").json().await.expect("JSON")
    };
    let mut events = dana.listen("").await;
    // Words with everything that a message may have; what it says is a schema, too.
    let full = json!({"id": "m-1", "text": "deploy cart-service 6.6.6 to staging", "chat": "room",
                      "thread": "7", "language": "en"});
    hold(&description, "/components/schemas/Message", &full);
    let (status, accepted) = dana.say(full).await;
    assert_eq!(status, 202);
    hold(&description, ACCEPTED, &accepted);
    let mut kinds = std::collections::BTreeSet::new();
    let mut seen = |item: &Json| {
        hold(&description, ITEM, item);
        let blocks = item["blocks"].as_array().expect("blocks");
        kinds.extend(blocks.iter().filter_map(|block| block["kind"].as_str().map(str::to_owned)));
    };
    // A plan, a run, its report with the errors drawn; help, a list, a log.
    let mut token = Json::Null;
    while token.is_null() {
        let item = events.next().await.expect("an event").json();
        seen(&item);
        let run = item["buttons"].as_array().expect("buttons").iter().find(|b| b["label"] == "Run");
        token = run.map_or(Json::Null, |run| run["token"].clone());
    }
    let press = json!({"press": token, "chat": "room", "thread": "7"});
    hold(&description, "/components/schemas/Message", &press);
    assert_eq!(dana.say(press).await.0, 202);
    let picture = loop {
        let item = events.next().await.expect("an event").json();
        seen(&item);
        let blocks = item["blocks"].as_array().expect("blocks");
        if let Some(picture) = blocks.iter().find(|block| block["kind"] == "picture") {
            break picture["file"].as_str().expect("a name").to_owned();
        }
    };
    for words in ["/help", "/list", "/logs #1", "/status #99", "deploy cart-service 7.4.0"] {
        assert_eq!(dana.say(json!({"text": words})).await.0, 202);
        // What was said comes as an event, and what is answered.
        for _ in 0..2 {
            seen(&events.next().await.expect("an event").json());
        }
    }
    for kind in ["title", "text", "code", "rows", "options", "picture"] {
        assert!(kinds.contains(kind), "no {kind} was seen: {kinds:?}");
    }
    let file = dana.get(&format!("/files/{picture}")).await;
    assert_eq!(file.status(), 200);
    assert_eq!(file.headers()["content-type"], "image/png");
    assert!(file.bytes().await.expect("a body").starts_with(b"\x89PNG"));

    // Refusals.
    let missing = dana.get("/files/none.png").await;
    assert_eq!(missing.status(), 404);
    hold(&description, REFUSED, &missing.json().await.expect("JSON"));
    let nobody = Program { token: "steward_guess".into(), ..dana.clone() };
    for path in ["/events", "/files/none.png"] {
        let refused = nobody.get(path).await;
        assert_eq!(refused.status(), 401, "{path}");
        hold(&description, REFUSED, &refused.json().await.expect("JSON"));
    }
    let plain = |body: &str, kind: &str| {
        let url = format!("{}/api/v1/messages", dana.base);
        let request = reqwest::Client::new().post(url).bearer_auth(&dana.token);
        request.header("content-type", kind).body(body.to_owned()).send()
    };
    let json = "application/json";
    let large = format!("{{\"text\": \"{}\"}}", "x".repeat(70_000));
    let cases =
        [("{", json), ("{\"text\": 7}", json), (large.as_str(), json), ("hi", "text/plain")];
    for ((body, kind), status) in cases.into_iter().zip([400, 422, 413, 415]) {
        let refused = plain(body, kind).await.expect("an answer");
        assert_eq!(refused.status().as_u16(), status);
        let responses = &description["paths"]["/messages"]["post"]["responses"];
        assert!(responses[status.to_string()].is_object(), "{status} is described");
        hold(&description, REFUSED, &refused.json().await.expect("JSON"));
    }
    // Too many at a time.
    let flood = loop {
        let answer = dana.post(&json!({"text": "/help"})).send().await.expect("an answer");
        if answer.status() != 202 {
            break answer;
        }
    };
    assert_eq!(flood.status(), 429);
    let wait = flood.headers()["retry-after"].to_str().expect("a text").to_owned();
    assert!(wait.parse::<u64>().is_ok_and(|seconds| seconds > 0), "{wait}");
}
