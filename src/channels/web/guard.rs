//! What every request has to pass, and what every answer carries.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::app::App;

/// Nothing but what this server itself gives is loaded, run or sent to; nobody frames it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// The referrer stays here. It may not be left out: without one, browsers don't say either from
/// which origin a form comes.
const HEADERS: [(&str, &str); 7] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// A year: once seen over TLS, never asked for without.
const TRANSPORT: (&str, &str) = ("strict-transport-security", "max-age=31536000");

/// Turns away what is not meant for this server, or comes from another one's page.
pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = match obstacle(&app, &request) {
        Some(obstacle) => obstacle.into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    let transport = app.place.is_secure().then_some(TRANSPORT);
    for (name, value) in HEADERS.into_iter().chain(transport) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

fn obstacle(app: &App, request: &Request) -> Option<(StatusCode, &'static str)> {
    let headers = request.headers();
    // HTTP/2 has the host in the address of the request.
    let host = request.uri().authority().map(|authority| authority.as_str());
    let host = host.or_else(|| text(headers, header::HOST.as_str()));
    let Some(host) = host.filter(|host| app.place.allows_host(host)) else {
        return Some((
            StatusCode::MISDIRECTED_REQUEST,
            "this is not the host of this page: set channels.web.url in steward.yaml\n",
        ));
    };
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    // A program sends its token itself; no browser adds it for another page.
    if changes && !request.uri().path().starts_with("/api/") && !is_own(app, headers, host) {
        return Some((StatusCode::FORBIDDEN, "this comes from another page\n"));
    }
    None
}

/// Whether a request comes from a page of this server, as far as the browser says.
fn is_own(app: &App, headers: &HeaderMap, host: &str) -> bool {
    let same_site = text(headers, "sec-fetch-site").is_none_or(|site| site == "same-origin");
    let origin = text(headers, header::ORIGIN.as_str());
    same_site && origin.is_none_or(|origin| app.place.is_own_origin(origin, host))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    // A header that is no text counts as one that says something else.
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}
