//! Runs that are to begin later.

use axum::response::Response;
use minijinja::context;

use crate::channels::web::render::value;
use crate::channels::web::visit::Visit;

pub async fn show(visit: Visit) -> Result<Response, Response> {
    let schedules = visit.app.bot.schedules(&visit.caller).await;
    let schedules = schedules.map_err(|error| visit.error(&error))?;
    let values = context! { page => "schedules", schedules => value(&schedules) };
    Ok(visit.page("schedules.html", values))
}
