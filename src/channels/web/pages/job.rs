//! A job as a form. What is filled in goes into the chat as a request: the plan is shown there,
//! and waits for a yes.

use std::collections::BTreeMap;

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::context;

use crate::bot::views::{Filling, FormView};
use crate::catalog::TemplateId;
use crate::channels::Body;
use crate::channels::web::posted::Posted;
use crate::channels::web::render::value;
use crate::channels::web::visit::Visit;
use crate::reply::{Speech, say};

/// Fields of parameters are called so, and then as the parameter.
const FIELD: &str = "value.";

/// A longer value is none; in characters.
const LONGEST: usize = 4_000;

/// The form, with what the address says already filled in.
pub async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(filled): Query<BTreeMap<String, String>>,
) -> Result<Response, Response> {
    let form = visit.app.bot.form(&visit.caller, &id, &filled, Filling::Begun).await;
    let form = form.map_err(|error| visit.error(&error))?;
    Ok(page(&visit, &form))
}

pub async fn take(
    Path(id): Path<String>,
    Posted { visit, fields }: Posted,
) -> Result<Response, Response> {
    let filled = fields.below(FIELD);
    if filled.values().any(|value| value.chars().count() > LONGEST) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    }
    let form = visit.app.bot.form(&visit.caller, &id, &filled, Filling::Sent).await;
    let form = form.map_err(|error| visit.error(&error))?;
    if form.fields.iter().any(|field| field.problem.is_some()) {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&visit, &form)).into_response());
    }
    let speech = Speech::new(visit.visitor.language);
    let said = say!(speech, "web-form-sent", "job" => form.name.as_str());
    let body = Body::Form { template: TemplateId::from(id.as_str()), fields: filled };
    visit.send(fields.get("id"), body, Some(&said)).await?;
    Ok(visit.to_chat())
}

fn page(visit: &Visit, form: &FormView) -> Response {
    let wrong = form.fields.iter().filter(|field| field.problem.is_some()).count();
    visit.page("job.html", context! { page => "jobs", job => value(form), wrong })
}
