//! The style sheet, the script and the icon.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::channels::web::render::{ICON, SCRIPT, STYLE};

pub async fn give(Path(name): Path<String>) -> Response {
    let (kind, content) = match name.as_str() {
        "steward.css" => ("text/css; charset=utf-8", STYLE),
        "steward.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    // Another version has another address.
    let kept = (header::CACHE_CONTROL, "public, max-age=31536000, immutable");
    ([(header::CONTENT_TYPE, kind), kept], content).into_response()
}
