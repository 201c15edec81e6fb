//! The output of a run, for the script: the last lines, or what follows a place.

use axum::Json;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::channels::web::visit::Visit;

#[derive(Deserialize)]
pub struct Part {
    from: Option<u64>,
    tail: Option<usize>,
}

/// More lines of the end are not shown.
const MOST: usize = 200;

pub async fn give(
    visit: Visit,
    Path(number): Path<u64>,
    Query(part): Query<Part>,
) -> Result<Response, Response> {
    let bot = &visit.app.bot;
    let part = match part.tail {
        Some(lines) => bot.run_log_tail(&visit.caller, number, lines.min(MOST)).await,
        None => bot.run_log(&visit.caller, number, part.from.unwrap_or_default()).await,
    };
    part.map(|part| Json(part).into_response()).map_err(|error| visit.error(&error))
}
