//! Every preset against recorded answers of its vendor, as the vendor's documentation gives them:
//! start, found again, states, output, end. The answers are data, in `recorded/`; a request that
//! is not in there, or has another body, fails.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value as Json;
use steward::catalog::Risk;
use steward::jobs::ExecutionState;
use steward::jobs::platform::{IdempotencyKey, Platform, PlatformError};

use crate::house::Ground;

/// A story: what is asked of the platform, and what it answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// Where the answers are from.
    source: String,
    job: String,
    /// Of the user's own file, beyond the preset and the address.
    #[serde(default)]
    own: BTreeMap<String, Json>,
    /// What each request must carry.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    scenes: Vec<Scene>,
}

/// One call of the platform, and what is answered to its requests.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scene {
    #[serde(rename = "do")]
    act: Act,
    #[serde(default)]
    state: Option<ExecutionState>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    text: Option<String>,
    /// What the error must say.
    #[serde(default)]
    error: Option<String>,
    answers: Vec<Exchange>,
}

#[derive(Deserialize, Debug, Clone, Copy, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Act {
    Check,
    Start,
    StartAgain,
    Find,
    FindNothing,
    Status,
    Cancel,
    Log,
    /// The templates that `catalog import` writes are the scene's text.
    Jobs,
}

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Exchange {
    /// `POST /path?query`, in the order of the scene.
    request: String,
    /// What its body must be, where that counts: JSON, or a form as a text.
    #[serde(default)]
    body: Option<Json>,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    json: Option<Json>,
    #[serde(default)]
    text: String,
}

fn ok() -> u16 {
    200
}

/// The server's side: what it will answer, and what went wrong.
#[derive(Default)]
struct Recorder {
    pending: Vec<Exchange>,
    headers: BTreeMap<String, String>,
    complaints: Vec<String>,
}

type Shared = Arc<Mutex<Recorder>>;

const KEY: &str = "0123456789abcdef0123456789abcdef";

async fn answer(
    State(recorder): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut recorder = recorder.lock().expect("unpoisoned");
    let request = format!("{method} {uri}");
    if recorder.pending.is_empty() || recorder.pending[0].request != request {
        let expected = recorder.pending.first().map(|e| e.request.clone());
        recorder.complaints.push(format!("{request}\n  instead of {expected:?}"));
        return StatusCode::IM_A_TEAPOT.into_response();
    }
    let exchange = recorder.pending.remove(0);
    let has = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    let missing: Vec<String> = recorder
        .headers
        .iter()
        .filter(|(name, value)| has(name) != **value)
        .map(|(name, _)| format!("{request}: header {name} is {:?}", has(name)))
        .collect();
    // Logging in comes before.
    if !exchange.request.ends_with("/auth/token") {
        recorder.complaints.extend(missing);
    }
    if let Some(expected) = &exchange.body {
        let sent = match expected {
            Json::String(_) => Json::String(String::from_utf8_lossy(&body).into_owned()),
            _ => serde_json::from_slice(&body).unwrap_or_default(),
        };
        if sent != *expected {
            recorder.complaints.push(format!("{request}: sent {sent}\n  instead of {expected}"));
        }
    }
    let text = exchange.json.map_or(exchange.text, |json| json.to_string());
    let mut response =
        (StatusCode::from_u16(exchange.status).expect("a status"), text).into_response();
    for (name, value) in exchange.headers {
        let name = axum::http::HeaderName::try_from(name).expect("a name");
        response.headers_mut().insert(name, value.parse().expect("a value"));
    }
    response
}

async fn play(preset: &str) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/jobs/recorded/{preset}.yaml"));
    let story = std::fs::read_to_string(&path).expect("a story");
    let story: Story = serde_saphyr::from_str(&story).unwrap_or_else(|e| panic!("{preset}: {e}"));
    assert!(!story.source.is_empty());

    let recorder: Shared = Arc::default();
    recorder.lock().expect("unpoisoned").headers = story.headers;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = Router::new().fallback(answer).with_state(recorder.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });

    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "s3cret\n").expect("written");
    let mut own = story.own;
    own.insert("preset".into(), preset.into());
    own.insert("base_url".into(), format!("http://{address}").into());
    let description = serde_json::to_string(&own).expect("JSON, which is YAML");
    let description = description.replace("SECRET_FILE", &secret.display().to_string());
    let ground = Ground::remote(preset, &description, &story.job);
    let house = ground.live().await;
    let platform = &house.remote[preset];
    let run = house.authorized("remote", Some("a&b=\"c\"")).await;
    let key = IdempotencyKey(KEY.into());
    let mut reference = None;

    for (place, scene) in story.scenes.into_iter().enumerate() {
        recorder.lock().expect("unpoisoned").pending = scene.answers;
        let known = || reference.clone().expect("a start before");
        let outcome: Result<(), PlatformError> = match scene.act {
            Act::Check => platform.check().await,
            Act::Start => platform.start(&run, &key).await.map(|made| reference = Some(made)),
            Act::StartAgain => platform.start(&run, &key).await.map(|made| {
                assert_eq!(Some(made), reference, "{preset} {place}: another run");
            }),
            Act::Find => platform.find(&key).await.map(|found| {
                assert_eq!(found, reference, "{preset} {place}: found another");
            }),
            Act::FindNothing => platform.find(&key).await.map(|found| {
                assert_eq!(found, None, "{preset} {place}");
            }),
            Act::Status => platform.status(&known()).await.map(|status| {
                assert_eq!(Some(status.state), scene.state, "{preset} {place}");
                let message = status.outcome.and_then(|outcome| outcome.message);
                if scene.message.is_some() {
                    assert_eq!(message, scene.message, "{preset} {place}");
                }
            }),
            Act::Cancel => platform.cancel(&known()).await,
            Act::Log => platform.log(&known(), 0, 1 << 16).await.map(|chunk| {
                assert_eq!(Some(chunk.text), scene.text, "{preset} {place}");
            }),
            Act::Jobs => platform.jobs(&[]).await.map(|(drafts, left_out)| {
                let yaml = drafts.iter().map(|d| d.to_yaml(&d.id(), preset, Risk::High));
                let left = left_out.iter().map(|left| format!("# {}: {}\n", left.job, left.reason));
                let told: String = yaml.chain(left).collect();
                assert_eq!(Some(told), scene.text, "{preset} {place}");
            }),
        };
        let recorder = recorder.lock().expect("unpoisoned");
        assert!(
            recorder.complaints.is_empty(),
            "{preset} {place}: {}",
            recorder.complaints.join("\n")
        );
        let left: Vec<&str> = recorder.pending.iter().map(|e| e.request.as_str()).collect();
        assert!(left.is_empty(), "{preset} {place}: never asked: {left:?}");
        match (outcome, scene.error) {
            (Ok(()), None) => {}
            (Err(error), Some(part)) => {
                assert!(error.to_string().contains(&part), "{preset} {place}: {error}");
            }
            (outcome, expected) => panic!("{preset} {place}: {outcome:?}, expected {expected:?}"),
        }
    }
}

macro_rules! stories {
    ($($name:ident: $preset:literal;)*) => {
        $(#[tokio::test]
        async fn $name() {
            play($preset).await;
        })*
    };
}

stories! {
    airflow: "airflow-3";
    awx: "awx";
    blueking: "bk-job-v3";
    github: "github-actions";
    jenkins: "jenkins";
    nomad: "nomad";
    prefect: "prefect-3";
    rundeck: "rundeck";
}
