//! From where a request comes, for the audit log.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// The header in which a proxy says from where it got a request.
const FORWARDED: &str = "x-forwarded-for";

/// From where a request comes. A proxy on this machine is asked, too; what it says is told
/// together with that it is a proxy who says so.
pub(super) fn origin(from: SocketAddr, headers: &HeaderMap) -> String {
    let peer = from.ip().to_canonical();
    let forwarded = Some(headers).filter(|_| peer.is_loopback()).and_then(forwarded);
    match forwarded {
        Some(client) => format!("{client} via {peer}"),
        None => peer.to_string(),
    }
}

/// Whose attempts a request counts to: behind a proxy on this machine, of whoever the proxy says.
pub(super) fn counted_to(from: SocketAddr, headers: &HeaderMap, is_proxied: bool) -> IpAddr {
    let peer = from.ip().to_canonical();
    let believed = is_proxied && peer.is_loopback();
    Some(headers).filter(|_| believed).and_then(forwarded).unwrap_or(peer)
}

/// As [`origin`], of a request that was taken apart.
pub(super) fn origin_of(parts: &Parts) -> Option<String> {
    let ConnectInfo(from) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(origin(*from, &parts.headers))
}

/// The address that the nearest proxy added: the last one. Those before it are what it was told.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all(FORWARDED).iter().next_back()?.to_str().ok()?;
    let last = last.rsplit(',').next()?.trim();
    last.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, forwarded: &[&str], expected: &str) {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED, value.parse().expect("a header"));
        }
        assert_eq!(origin(from.parse().expect("an address"), &headers), expected, "{from}");
    }

    #[test]
    fn a_proxy_on_this_machine_is_believed_and_named() {
        check("192.0.2.7:5000", &[], "192.0.2.7");
        check("[::ffff:192.0.2.7]:5000", &[], "192.0.2.7");
        check("127.0.0.1:5000", &[], "127.0.0.1");
        check("127.0.0.1:5000", &["192.0.2.7"], "192.0.2.7 via 127.0.0.1");
        check("127.0.0.1:5000", &["10.0.0.1, 192.0.2.7"], "192.0.2.7 via 127.0.0.1");
        check("127.0.0.1:5000", &["10.0.0.1", "192.0.2.7"], "192.0.2.7 via 127.0.0.1");
        check("127.0.0.1:5000", &["<script>"], "127.0.0.1");
    }

    #[test]
    fn attempts_count_to_whoever_a_configured_proxy_names() {
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED, "10.0.0.1, 192.0.2.7".parse().expect("a header"));
        let cases = [
            ("127.0.0.1:5000", true, "192.0.2.7"),
            ("127.0.0.1:5000", false, "127.0.0.1"),
            ("192.0.2.9:5000", true, "192.0.2.9"),
        ];
        for (from, is_proxied, expected) in cases {
            let from = from.parse().expect("an address");
            assert_eq!(counted_to(from, &headers, is_proxied).to_string(), expected, "{from}");
        }
    }

    #[test]
    fn somebody_elsewhere_can_not_pretend_to_be_somebody_else() {
        check("192.0.2.7:5000", &["10.0.0.1"], "192.0.2.7");
    }
}
