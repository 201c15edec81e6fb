//! Somebody says something.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::channels::Body;
use crate::channels::web::posted::Posted;

pub async fn take(Posted { visit, fields }: Posted) -> Result<Response, Response> {
    let text = fields.get("text").unwrap_or_default().trim();
    if text.is_empty() {
        return Err(StatusCode::UNPROCESSABLE_ENTITY.into_response());
    }
    visit.send(fields.get("id"), Body::Text(text.to_owned()), Some(text)).await?;
    Ok(visit.to_chat())
}
