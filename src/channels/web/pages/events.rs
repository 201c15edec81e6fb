//! The events of the chat, for the script: each item as the HTML that it is shown as.

use axum::extract::Query;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::Event;
use minijinja::context;
use serde::Deserialize;
use serde_json::json;

use crate::channels::web::events::{Ticket, follow, last_seen};
use crate::channels::web::item::Item;
use crate::channels::web::render::{ItemView, value};
use crate::channels::web::visit::Visit;

#[derive(Deserialize)]
pub struct From {
    after: Option<String>,
}

pub async fn tell(visit: Visit, headers: HeaderMap, Query(from): Query<From>) -> Response {
    let last = last_seen(&headers, from.after);
    let ticket =
        Ticket::Session { secret: visit.secret.clone(), caller: Box::new(visit.caller.clone()) };
    let (app, stream) = (visit.app.clone(), visit.stream());
    let visit = std::sync::Arc::new(visit);
    follow(&app, stream, ticket, last, move |item: &Item| {
        let zone = &visit.visitor.zone;
        let values = context! { item => value(ItemView::of(item, zone)) };
        let language = visit.visitor.language;
        match visit.app.renderer.render("item.html", language, visit.context(values)) {
            Ok(html) => {
                let data =
                    json!({ "id": item.id, "own": item.sent, "live": item.live, "html": html });
                Some(Event::default().event("item").data(data.to_string()))
            }
            Err(error) => {
                tracing::error!(%error, "an item can't be shown");
                None
            }
        }
    })
}
