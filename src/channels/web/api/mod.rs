//! The API: what another program says for the user whose token it holds, and hears.

pub(super) mod bearer;
pub(super) mod events;
pub(super) mod files;
pub(super) mod messages;
pub(super) mod openapi;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Why something was not done, for a program.
fn refused(status: StatusCode, reason: &str) -> Response {
    (status, Json(json!({ "error": reason }))).into_response()
}
