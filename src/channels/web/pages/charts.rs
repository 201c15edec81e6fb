//! Charts of a run, by their place on its page.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::nothing_here;
use crate::channels::web::visit::Visit;

pub async fn give(
    visit: Visit,
    Path((number, name)): Path<(u64, String)>,
) -> Result<Response, Response> {
    let charts = visit.app.bot.run_charts(&visit.caller, number).await;
    let mut charts = charts.map_err(|error| visit.error(&error))?.into_iter();
    let place = name.strip_suffix(".png").and_then(|place| place.parse().ok());
    match place.and_then(|place| charts.nth(place)) {
        Some(chart) => Ok(([(header::CONTENT_TYPE, "image/png")], chart.png).into_response()),
        None => Ok(nothing_here(&visit)),
    }
}
