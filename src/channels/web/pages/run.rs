//! One run.

use axum::extract::Path;
use axum::response::Response;
use minijinja::context;

use crate::channels::web::render::{blocks, value};
use crate::channels::web::visit::Visit;

pub async fn show(visit: Visit, Path(number): Path<u64>) -> Result<Response, Response> {
    let run = visit.app.bot.run_view(&visit.caller, number).await;
    let run = run.map_err(|error| visit.error(&error))?;
    Ok(visit.page(
        "run.html",
        context! {
            page => "runs",
            run => value(&run.line),
            values => value(&run.values),
            history => value(&run.history),
            parts => value(blocks(&run.report)),
            charts => value(&run.charts),
            may_read_log => run.may_read_log,
            may_cancel => run.may_cancel,
            is_own => run.is_own,
        },
    ))
}
