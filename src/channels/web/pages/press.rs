//! Somebody presses a button of the chat.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::channels::Body;
use crate::channels::web::posted::Posted;
use crate::channels::web::visit::failed;

pub async fn take(Posted { visit, fields }: Posted) -> Result<Response, Response> {
    let token = fields.get("token").unwrap_or_default();
    if token.is_empty() || token.len() > 64 {
        return Err(StatusCode::UNPROCESSABLE_ENTITY.into_response());
    }
    // What was pressed is said, so that the chat can be read afterwards.
    let label = visit.app.history.button(&visit.stream(), token).await.map_err(failed)?;
    visit.send(fields.get("id"), Body::Press(token.to_owned()), label.as_deref()).await?;
    Ok(visit.to_chat())
}
