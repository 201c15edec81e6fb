//! The language of the page.

use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};

use crate::catalog::Language;
use crate::channels::web::cookie::Cookie;
use crate::channels::web::posted::Posted;

/// A year, in seconds.
const KEPT: i64 = 365 * 24 * 60 * 60;

pub async fn choose(Posted { visit, fields }: Posted) -> Response {
    let wanted = fields.get("language");
    let language = Language::ALL.into_iter().find(|known| wanted == Some(known.code()));
    let secure = visit.app.place.is_secure();
    let cookie = language.and_then(|known| Cookie::Language.set(known.code(), KEPT, secure));
    // Only back to a page of this server.
    let back = fields.get("back").filter(|path| path.starts_with('/') && !path.starts_with("//"));
    let is_plain = |path: &&str| path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let back = back.filter(is_plain).unwrap_or("/");
    let cookies = AppendHeaders(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    (cookies, Redirect::to(back)).into_response()
}
