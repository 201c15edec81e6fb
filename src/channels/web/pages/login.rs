//! The door: a one-time link shows whom it lets in, and lets them in when they press the button.
//! A program that only looks at links (previews, scanners) uses none up.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use jiff::Timestamp;
use minijinja::context;
use serde::Deserialize;

use crate::access::Refusal;
use crate::channels::web::NAME;
use crate::channels::web::app::App;
use crate::channels::web::cookie::Cookie;
use crate::channels::web::origin::{counted_to, origin};
use crate::channels::web::posted::Fields;
use crate::channels::web::sessions::{LIFETIME, form_token, random};
use crate::channels::web::visit::{caller, failed, language, too_many};

/// A log-in form is good for this long, in seconds.
const FORM_LIFETIME: i64 = 15 * 60;

#[derive(Deserialize)]
pub struct Key {
    link: Option<String>,
}

pub async fn show(
    State(app): State<Arc<App>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Query(key): Query<Key>,
) -> Result<Response, Response> {
    let secure = app.place.is_secure();
    let Some(link) = key.link else {
        return Ok(door(&app, &headers, StatusCode::OK, context! {}));
    };
    app.limits.knock(counted_to(from, &headers, app.place.is_proxied())).map_err(too_many)?;
    let entrance = match app.bot.look_at_link(&link, NAME).await {
        Ok(entrance) => entrance,
        Err(refusal) => return Ok(closed(&app, &headers, &refusal)),
    };
    let secret = Cookie::Door.read(&headers, secure).map_or_else(random, str::to_owned);
    let values = context! {
        link,
        name => entrance.user.name,
        form_token => form_token(&secret),
    };
    let cookie = Cookie::Door.set(&secret, FORM_LIFETIME, secure);
    let cookies = AppendHeaders(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    Ok((cookies, door(&app, &headers, StatusCode::OK, values)).into_response())
}

pub async fn enter(
    State(app): State<Arc<App>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Response> {
    app.limits.knock(counted_to(from, &headers, app.place.is_proxied())).map_err(too_many)?;
    let secure = app.place.is_secure();
    let fields = Fields::parse(&body);
    let secret = Cookie::Door.read(&headers, secure);
    if !secret.is_some_and(|secret| fields.holds(&form_token(secret))) {
        return Err(StatusCode::FORBIDDEN.into_response());
    }
    let link = fields.get("link").unwrap_or_default();
    let entrance = match app.bot.log_in(link, NAME, Some(origin(from, &headers))).await {
        Ok(entrance) => entrance,
        Err(refusal) => return Ok(closed(&app, &headers, &refusal)),
    };
    let (account, user) = (&entrance.account, &entrance.user.id);
    let secret = app.sessions.begin(account, user, Timestamp::now()).await.map_err(failed)?;
    let cookies =
        [Cookie::Session.set(&secret, LIFETIME.as_secs(), secure), Cookie::Door.set("", 0, secure)];
    let cookies = cookies.into_iter().flatten().map(|cookie| (header::SET_COOKIE, cookie));
    Ok((AppendHeaders(cookies.collect::<Vec<_>>()), Redirect::to("/")).into_response())
}

/// The page in front of the door.
fn door(app: &App, headers: &HeaderMap, status: StatusCode, values: minijinja::Value) -> Response {
    let language = language(&caller(app, headers, ""));
    (status, app.renderer.page("login.html", language, values)).into_response()
}

/// The link lets nobody in.
fn closed(app: &App, headers: &HeaderMap, refusal: &Refusal) -> Response {
    tracing::info!(%refusal, "somebody was not let in");
    let status = match refusal {
        Refusal::StoreUnavailable { .. } | Refusal::AuditUnavailable { .. } => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::FORBIDDEN,
    };
    door(app, headers, status, context! { is_closed => true })
}
