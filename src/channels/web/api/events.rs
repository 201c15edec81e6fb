//! What is said in the chats of an account.

use axum::extract::Query;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::response::sse::Event;
use serde::Deserialize;

use super::bearer::Bearer;
use crate::channels::key_part;
use crate::channels::web::events::{Ticket, follow, last_seen};
use crate::channels::web::history::Stream;
use crate::channels::web::item::Item;

#[derive(Deserialize)]
pub struct Wanted {
    /// Only of this chat.
    chat: Option<String>,
    after: Option<String>,
}

pub async fn tell(bearer: Bearer, headers: HeaderMap, Query(wanted): Query<Wanted>) -> Response {
    let last = last_seen(&headers, wanted.after);
    let stream = Stream::of(&bearer.address(None, None));
    let own = format!("{}/", key_part(&bearer.sender.id));
    let account = bearer.sender.id.clone();
    let ticket = Ticket::Token { secret: bearer.secret, account };
    follow(&bearer.app, stream, ticket, last, move |item: &Item| {
        // To the program, its chats have the names that it gave them.
        let chat = item.chat.strip_prefix(&own).map(str::to_owned);
        if wanted.chat.is_some() && wanted.chat != chat {
            return None;
        }
        let mut json = serde_json::to_value(item).ok()?;
        json["chat"] = chat.into();
        Some(Event::default().event("item").data(json.to_string()))
    })
}
