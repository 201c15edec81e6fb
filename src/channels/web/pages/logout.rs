//! Leaving.

use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};

use crate::channels::web::cookie::Cookie;
use crate::channels::web::posted::Posted;
use crate::channels::web::visit::failed;

pub async fn leave(Posted { visit, .. }: Posted) -> Result<Response, Response> {
    visit.app.sessions.end(&visit.secret).await.map_err(failed)?;
    visit.app.bot.logged_out(&visit.caller).await.map_err(|error| visit.error(&error))?;
    let cookie = Cookie::Session.set("", 0, visit.app.place.is_secure());
    let cookies = AppendHeaders(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    Ok((cookies, Redirect::to("/login")).into_response())
}
