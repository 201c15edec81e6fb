//! What goes on right now: the part of the chat's page beside the chat.

use axum::response::Response;
use minijinja::context;

use crate::channels::web::render::value;
use crate::channels::web::visit::Visit;

pub async fn show(visit: Visit) -> Result<Response, Response> {
    let drafts = visit.app.bot.drafts(&visit.caller).await.map_err(|e| visit.error(&e))?;
    // Whoever may not see runs sees none.
    let running = visit.app.bot.running(&visit.caller).await.unwrap_or_default();
    Ok(visit.page("now.html", context! { drafts => value(&drafts), running => value(&running) }))
}
