//! Jobs that were begun and not run.

use axum::response::Response;
use minijinja::context;

use crate::channels::web::render::value;
use crate::channels::web::visit::Visit;

pub async fn show(visit: Visit) -> Result<Response, Response> {
    let drafts = visit.app.bot.drafts(&visit.caller).await.map_err(|e| visit.error(&e))?;
    Ok(visit.page("drafts.html", context! { page => "drafts", drafts => value(&drafts) }))
}
