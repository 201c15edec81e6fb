//! The catalogue.

use axum::response::Response;
use minijinja::context;

use crate::channels::web::render::value;
use crate::channels::web::visit::Visit;

pub async fn show(visit: Visit) -> Result<Response, Response> {
    let topics = visit.app.bot.jobs(&visit.caller).await;
    let topics = topics.map_err(|error| visit.error(&error))?;
    Ok(visit.page("jobs.html", context! { page => "jobs", topics => value(&topics) }))
}
