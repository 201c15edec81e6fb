//! IP addresses and networks: `10.1.0.4`, `10.0.0.0/8`, `fe80::1`, `::1`.

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnet::IpNet;
use regex::Regex;

use super::Found;
use super::text::{Folded, before};
use crate::catalog::Value;

static CANDIDATE: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:[0-9]{0,3}(?:\.[0-9]{1,3}){3})?)(?:/[0-9]{1,3})?")
        .expect("a valid pattern")
});

/// Addresses and networks; a port behind one is left out.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    let text = &folded.cased;
    CANDIDATE
        .find_iter(text)
        .filter_map(|m| {
            let (start, mut end) = (m.start(), m.end());
            let mut surface = m.as_str();
            if canonical(surface).is_none() {
                surface = surface.split('/').next()?;
                // `10.0.0.1:8080` or a sentence's colon behind an address.
                surface = surface.trim_end_matches(':');
                end = start + surface.len();
            }
            let value = canonical(surface)?;
            let glued = before(text, start)
                .is_some_and(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
                || text[end..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                || text[end..]
                    .strip_prefix('.')
                    .is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
            (!glued && surface != "::").then(|| Found { start, end, values: vec![value] })
        })
        .collect()
}

/// The address or network, spelled as standards do.
pub(super) fn canonical(surface: &str) -> Option<Value> {
    let bare = surface.strip_prefix('[').and_then(|s| s.strip_suffix(']')).unwrap_or(surface);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Some(address.to_string().into());
    }
    surface.parse::<IpNet>().ok().map(|network| network.to_string().into())
}

#[cfg(test)]
mod tests {
    use crate::catalog::ParameterType::Ip;
    use crate::nlu::values::tests::{check, check_worth};

    #[test]
    fn finds_addresses() {
        check(
            Ip,
            "from 10.8.0.4 to 10.9.0.4:8080.",
            &[("10.8.0.4", "10.8.0.4"), ("10.9.0.4", "10.9.0.4")],
        );
        check(
            Ip,
            "开放10.0.0.0/8到fe80::1",
            &[("10.0.0.0/8", "10.0.0.0/8"), ("fe80::1", "fe80::1")],
        );
        check(Ip, "at 10:30:15, version 1.2.3, 300.1.1.1, 1.1.1.1.1", &[]);
    }

    #[test]
    fn judges_addresses() {
        check_worth(Ip, "192.168.0.1", "192.168.0.1");
        check_worth(Ip, "10.0.0.0/33", "! wrong_type");
        check_worth(Ip, "localhost", "! wrong_type");
    }
}
