//! Runs of others that wait for a yes.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::context;

use crate::channels::Body;
use crate::channels::web::posted::Posted;
use crate::channels::web::render::value;
use crate::channels::web::visit::Visit;
use crate::plan::PlanHash;

pub async fn show(visit: Visit) -> Result<Response, Response> {
    let waiting = visit.app.bot.approvals(&visit.caller).await;
    let waiting = waiting.map_err(|error| visit.error(&error))?;
    Ok(visit.page("approvals.html", context! { page => "approvals", waiting => value(&waiting) }))
}

pub async fn take(
    Path(plan): Path<String>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Response> {
    let approve = match fields.get("decision") {
        Some("approve") => true,
        Some("reject") => false,
        _ => return Err(StatusCode::UNPROCESSABLE_ENTITY.into_response()),
    };
    let reason = fields.get("reason").map(str::trim).filter(|reason| !reason.is_empty());
    let vote = Body::Vote { plan: PlanHash(plan), approve, reason: reason.map(str::to_owned) };
    visit.send(fields.get("id"), vote, None).await?;
    Ok(visit.to_chat())
}
