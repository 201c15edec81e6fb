//! The emulator's HTTP side: `/bot<token>/<method>`, with JSON or a form.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State as Extracted};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json, json};

use super::methods::{Call, Refusal};
use super::state::{File, Mishap};
use super::{Shared, TOKEN};

pub fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(answer).with_state(shared)
}

async fn answer(
    Extracted(shared): Extracted<Arc<Shared>>,
    request: Request,
) -> Result<Response, Infallible> {
    let path = request.uri().path().to_owned();
    let Some(method) = path.strip_prefix(&format!("/bot{TOKEN}/")) else {
        let refused = json!({"ok": false, "error_code": 401, "description": "Unauthorized"});
        return Ok((StatusCode::UNAUTHORIZED, axum::Json(refused)).into_response());
    };
    let method = method.to_lowercase();
    let call = read(method, request).await;
    let mishap = {
        let mut state = shared.state();
        state.calls += 1;
        let found = state.mishaps.iter().position(|(method, _)| *method == call.method);
        found.map(|place| state.mishaps.remove(place).1)
    };
    if mishap == Some(Mishap::Lost) {
        return Ok(broken());
    }
    let outcome = if call.method == "getupdates" {
        updates(&shared, &call).await
    } else {
        let outcome = shared.state().call(&call);
        shared.changed();
        outcome
    };
    if mishap == Some(Mishap::AnswerLost) {
        return Ok(broken());
    }
    Ok(match outcome {
        Ok(result) => axum::Json(json!({"ok": true, "result": result})).into_response(),
        Err(Refusal { code, description, parameters }) => {
            let mut body = json!({"ok": false, "error_code": code, "description": description});
            if parameters != json!({}) {
                body["parameters"] = parameters;
            }
            let status = StatusCode::from_u16(code).expect("a status");
            (status, axum::Json(body)).into_response()
        }
    })
}

/// An answer that breaks off in its middle.
fn broken() -> Response {
    let parts: [Result<Bytes, std::io::Error>; 2] =
        [Ok(Bytes::from_static(b"{\"ok\":")), Err(std::io::Error::other("the line is cut"))];
    let body = Body::from_stream(futures::stream::iter(parts));
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Waits for updates behind the offset; those before it are confirmed, and gone.
async fn updates(shared: &Shared, call: &Call) -> Result<Json, Refusal> {
    let conflict = |description: &str| Refusal {
        code: 409,
        description: format!("Conflict: {description}"),
        parameters: json!({}),
    };
    let poll = {
        let mut state = shared.state();
        if state.webhook.is_some() {
            return Err(conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to \
                 delete the webhook first",
            ));
        }
        if let Some(offset) = call.number("offset") {
            state.updates.retain(|(number, _)| i64::from(*number) >= offset);
        }
        state.polls += 1;
        state.polls
    };
    let seconds = call.number("timeout").and_then(|s| u64::try_from(s).ok()).unwrap_or(0);
    let given = shared.wait(Duration::from_secs(seconds), |state| {
        if state.polls != poll {
            return Some(None);
        }
        let mut updates: Vec<Json> =
            state.updates.iter().take(100).map(|(_, update)| update.clone()).collect();
        if state.stutters {
            updates = updates.into_iter().flat_map(|update| [update.clone(), update]).collect();
        }
        (!updates.is_empty()).then_some(Some(updates))
    });
    match given.await {
        Some(None) => Err(conflict(
            "terminated by other getUpdates request; make sure that only one bot instance is \
             running",
        )),
        Some(Some(updates)) => Ok(Json::Array(updates)),
        None => Ok(json!([])),
    }
}

async fn read(method: String, request: Request) -> Call {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let mut call = Call { method, fields: Map::new(), files: Vec::new() };
    if let Ok(boundary) = multer::parse_boundary(&kind) {
        let stream = request.into_body().into_data_stream();
        let mut form = multer::Multipart::new(stream, boundary);
        while let Ok(Some(part)) = form.next_field().await {
            let name = part.name().unwrap_or_default().to_owned();
            let file = part.file_name().map(str::to_owned);
            let Ok(content) = part.bytes().await else { break };
            match file {
                Some(file) => {
                    let content = content.to_vec();
                    call.files.push((name, File { kind: "", name: file, content }));
                }
                None => {
                    let text = String::from_utf8_lossy(&content).into_owned();
                    call.fields.insert(name, Json::String(text));
                }
            }
        }
    } else if let Ok(body) = axum::body::to_bytes(request.into_body(), 1 << 24).await
        && let Ok(Json::Object(fields)) = serde_json::from_slice(&body)
    {
        call.fields = fields;
    }
    call
}
