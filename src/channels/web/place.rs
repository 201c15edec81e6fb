//! Where the server is: what it listens on, what it is called, and what follows for cookies and
//! for the hosts that requests may name.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use url::{Host, Url};

use crate::config;

/// Where the server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    listen: SocketAddr,
    url: Option<Url>,
}

impl Place {
    pub fn new(web: &config::Web) -> Place {
        Place { listen: web.listen, url: web.url.clone() }
    }

    pub fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// The same place, once the port is known.
    pub fn bound_to(&self, bound: SocketAddr) -> Place {
        Place { listen: bound, url: self.url.clone() }
    }

    /// How it is reached from this machine.
    pub fn local_url(&self) -> String {
        let ip = match self.listen.ip() {
            ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, self.listen.port()))
    }

    /// How people reach it.
    pub fn url(&self) -> String {
        let public = self.url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
        public.unwrap_or_else(|| self.local_url())
    }

    /// Whether cookies go over TLS alone: everywhere but on this machine itself.
    pub fn is_secure(&self) -> bool {
        match &self.url {
            Some(url) => url.scheme() == "https",
            None => !self.listen.ip().is_loopback(),
        }
    }

    /// Whether people come through a proxy: they do where the page has an address of its own.
    pub fn is_proxied(&self) -> bool {
        self.url.is_some()
    }

    /// Whether a request may name this host. A name that is not the server's own means that
    /// somebody's page was made to point here (DNS rebinding); an address can't be.
    pub fn allows_host(&self, host: &str) -> bool {
        let Ok(named) = Url::parse(&format!("http://{host}/")) else { return false };
        if named.path() != "/" || !named.username().is_empty() {
            return false;
        }
        match named.host() {
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
            Some(Host::Domain("localhost")) => true,
            Some(Host::Domain(name)) => {
                self.url.as_ref().and_then(Url::host_str).is_some_and(|own| own == name)
            }
            None => false,
        }
    }

    /// Whether a page of this origin is this server's own, asked under this host.
    pub fn is_own_origin(&self, origin: &str, host: &str) -> bool {
        let public = self.url.as_ref().map(|url| url.origin().ascii_serialization());
        public.as_deref() == Some(origin) || origin == format!("http://{host}")
    }

    /// What whoever starts the server should know.
    pub fn warning(&self) -> Option<String> {
        if self.listen.ip().is_loopback() {
            return None;
        }
        Some(format!(
            "the page listens on {}, which other machines reach, and speaks no TLS itself. \
             Browsers log in only through a proxy that does: see docs/web.md",
            self.listen
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(listen: &str, url: Option<&str>) -> Place {
        let url = url.map(|url| Url::parse(url).unwrap());
        Place { listen: listen.parse().unwrap(), url }
    }

    #[test]
    fn only_hosts_that_are_the_server_are_allowed() {
        let cases = [
            ("127.0.0.1:8080", true),
            ("localhost:8080", true),
            ("[::1]:8080", true),
            ("10.0.0.7", true),
            ("steward.example", true),
            ("STEWARD.example:443", true),
            ("evil.example", false),
            ("steward.example.evil.example", false),
            ("localhost.evil.example", false),
            ("evil.example@127.0.0.1", false),
            ("127.0.0.1/x", false),
            ("", false),
        ];
        let place = place("127.0.0.1:8080", Some("https://steward.example"));
        for (host, allowed) in cases {
            assert_eq!(place.allows_host(host), allowed, "{host}");
        }
    }

    #[test]
    fn cookies_are_secure_everywhere_but_on_this_machine() {
        let cases = [
            ("127.0.0.1:8080", None, false),
            ("[::1]:8080", None, false),
            ("0.0.0.0:8080", None, true),
            ("10.0.0.7:80", None, true),
            ("127.0.0.1:8080", Some("https://steward.example"), true),
        ];
        for (listen, url, secure) in cases {
            assert_eq!(place(listen, url).is_secure(), secure, "{listen} {url:?}");
        }
    }

    #[test]
    fn origins_are_compared_with_the_host_or_the_public_address() {
        let place = place("127.0.0.1:8080", Some("https://steward.example"));
        let cases = [
            ("https://steward.example", "127.0.0.1:8080", true),
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("http://127.0.0.1:9090", "127.0.0.1:8080", false),
            ("http://steward.example", "127.0.0.1:8080", false),
            ("null", "127.0.0.1:8080", false),
        ];
        for (origin, host, own) in cases {
            assert_eq!(place.is_own_origin(origin, host), own, "{origin} at {host}");
        }
    }

    #[test]
    fn a_server_that_others_reach_is_warned_of() {
        assert_eq!(place("127.0.0.1:1", None).warning(), None);
        assert!(place("0.0.0.0:1", None).warning().is_some());
        assert_eq!(place("0.0.0.0:1", None).local_url(), "http://127.0.0.1:1");
    }
}
