//! Runs: those under way, and those that are over.

use axum::extract::Query;
use axum::response::Response;
use minijinja::context;
use serde::Deserialize;

use crate::channels::web::render::value;
use crate::channels::web::visit::Visit;

#[derive(Deserialize)]
pub struct From {
    before: Option<u64>,
}

pub async fn show(visit: Visit, Query(from): Query<From>) -> Result<Response, Response> {
    let runs = visit.app.bot.runs(&visit.caller, from.before).await;
    let runs = runs.map_err(|error| visit.error(&error))?;
    Ok(visit.page("runs.html", context! { page => "runs", runs => value(&runs) }))
}
