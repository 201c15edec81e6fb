//! Somebody says something, or presses a button.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::bearer::Bearer;
use super::refused;
use crate::access::redact;
use crate::bot::Received;
use crate::catalog::Language;
use crate::channels::web::sessions::random;
use crate::channels::web::visit::{failed, too_many};
use crate::channels::{Body, Inbound, key_part};

/// What a program sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The program's own name for it: the same one is handled once, however often it is sent.
    id: Option<String>,
    text: Option<String>,
    /// The token of a button.
    press: Option<String>,
    chat: Option<String>,
    thread: Option<String>,
    language: Option<Language>,
}

/// Names are no longer, in bytes.
const LONGEST_NAME: usize = 200;

pub async fn take(
    bearer: Bearer,
    message: Result<Json<Message>, JsonRejection>,
) -> Result<Response, Response> {
    let Json(message) = message.map_err(|error| refused(error.status(), &error.body_text()))?;
    let wrong = |reason: &str| refused(StatusCode::UNPROCESSABLE_ENTITY, reason);
    let names = [&message.id, &message.chat, &message.thread, &message.press];
    if names.into_iter().flatten().any(|name| name.is_empty() || name.len() > LONGEST_NAME) {
        return Err(wrong("id, chat, thread and press have 1 to 200 bytes"));
    }
    let (body, said) = match (message.text, message.press) {
        (Some(text), None) if !text.trim().is_empty() => (Body::Text(text.clone()), Some(text)),
        (None, Some(token)) => (Body::Press(token), None),
        _ => return Err(wrong("either `text` or `press` is needed")),
    };
    let account = &bearer.sender.id;
    bearer.app.limits.message(&format!("api/{account}")).map_err(too_many)?;
    let address = bearer.address(message.chat.as_deref(), message.thread);
    let id = message.id.unwrap_or_else(random);
    if let Some(said) = said {
        let text = redact(&said).into_owned();
        bearer.app.history.said(&address, &key_part(&id), text).await.map_err(failed)?;
    }
    let inbound = Inbound {
        id: format!("{}:{}", key_part(account), key_part(&id)),
        address,
        sender: bearer.sender.clone(),
        body,
        group: false,
        addressed: true,
        at: Timestamp::now(),
        language: message.language,
        origin: bearer.origin.clone(),
        shown: None,
    };
    let received = bearer.app.bot.receive(inbound).await.map_err(failed)?;
    let is_new = received == Received::New;
    Ok((StatusCode::ACCEPTED, Json(json!({ "id": id, "new": is_new }))).into_response())
}
