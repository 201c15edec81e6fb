//! Cookies: reading those of a request, writing those of an answer.

use axum::http::{HeaderMap, HeaderValue, header};

/// The cookies of this server. A name with `__Host-` is one that no other host, and no page
/// without TLS, can set; browsers refuse such names where there is no TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cookie {
    /// The session.
    Session,
    /// Binds the log-in form to the browser that asked for it.
    Door,
    /// The language chosen for the page; no secret.
    Language,
}

impl Cookie {
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Cookie::Session, true) => "__Host-steward",
            (Cookie::Session, false) => "steward",
            (Cookie::Door, true) => "__Host-steward-door",
            (Cookie::Door, false) => "steward-door",
            (Cookie::Language, true) => "__Host-steward-language",
            (Cookie::Language, false) => "steward-language",
        }
    }

    /// The value that a request brought along.
    pub fn read(self, headers: &HeaderMap, secure: bool) -> Option<&str> {
        let name = self.name(secure);
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(named, _)| *named == name)
            .map(|(_, value)| value)
    }

    /// The header that sets it for so many seconds; for none, that removes it. Values are made
    /// here, of letters, digits, `-` and `_`; another one is not set.
    pub fn set(self, value: &str, seconds: i64, secure: bool) -> Option<HeaderValue> {
        let clean = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        let name = self.name(secure);
        let tls = if secure { "; Secure" } else { "" };
        let line =
            format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{tls}");
        HeaderValue::from_str(&line).ok().filter(|_| clean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_cookie_is_read() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; steward-door=d;steward=s"));
        headers.append(header::COOKIE, HeaderValue::from_static("__Host-steward=t"));
        assert_eq!(Cookie::Session.read(&headers, false), Some("s"));
        assert_eq!(Cookie::Session.read(&headers, true), Some("t"));
        assert_eq!(Cookie::Door.read(&headers, false), Some("d"));
        assert_eq!(Cookie::Door.read(&headers, true), None);
    }

    #[test]
    fn a_cookie_is_bound_to_this_host() {
        let set = Cookie::Session.set("abc", 60, true).unwrap();
        let expected = "__Host-steward=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure";
        assert_eq!(set, expected);
        assert_eq!(Cookie::Session.set("a;b", 60, true), None);
    }
}
