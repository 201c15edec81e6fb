//! The audit log.

use axum::extract::Query;
use axum::response::Response;
use minijinja::context;
use serde::Deserialize;

use crate::access::audit::Event;
use crate::bot::views::Search;
use crate::channels::web::render::value;
use crate::channels::web::visit::Visit;
use crate::reply::Speech;

/// What stands in the form; an empty field does not matter.
#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    user: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    run: String,
}

pub async fn show(visit: Visit, Query(wanted): Query<Wanted>) -> Result<Response, Response> {
    let event = Event::ALL.into_iter().find(|event| event.as_str() == wanted.event);
    let user = Some(wanted.user.trim().to_owned()).filter(|user| !user.is_empty());
    let execution = wanted.run.trim().trim_start_matches('#').parse().ok();
    let search = Search { user, event, execution };
    let records = visit.app.bot.audit(&visit.caller, search).await;
    let records = records.map_err(|error| visit.error(&error))?;
    let speech = Speech::new(visit.visitor.language);
    let named = |event: Event| (event.as_str(), speech.audit_event(event));
    let events = Event::ALL.map(named).to_vec();
    Ok(visit.page(
        "audit.html",
        context! {
            page => "audit",
            records => value(&records),
            events => value(&events),
            user => wanted.user.as_str(),
            event => wanted.event.as_str(),
            run => wanted.run.as_str(),
        },
    ))
}
