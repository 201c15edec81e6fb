//! Charts of a run.

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::nothing_here;
use crate::bot::views::Chart;
use crate::channels::web::visit::Visit;

pub async fn give(
    visit: Visit,
    Path((number, name)): Path<(u64, String)>,
) -> Result<Response, Response> {
    let named = |chart: &Chart| name.strip_suffix(".png") == Some(chart.name());
    let Some(chart) = Chart::ALL.into_iter().find(named) else {
        return Ok(nothing_here(&visit));
    };
    let png = visit.app.bot.run_chart(&visit.caller, number, chart).await;
    match png.map_err(|error| visit.error(&error))? {
        Some(png) => Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response()),
        None => Ok(nothing_here(&visit)),
    }
}
