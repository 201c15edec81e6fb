//! Addresses of pages and services: `https://www.example.com/help/`, `www.example.com/sale`.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::Found;
use super::text::{Folded, before};
use crate::catalog::Value;

/// Schemes that name something a job can be given. Scripts and local files are none.
const SCHEMES: [&str; 12] =
    ["http", "https", "ftp", "sftp", "ssh", "git", "s3", "gs", "oss", "redis", "amqp", "kafka"];

static CANDIDATE: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(
        r#"(?i)[a-z][a-z0-9+.-]{1,15}://[^\s<>"'`，。；、！？（）【】《》「」\u{4e00}-\u{9fff}]+|(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?::\d{1,5})?(?:[/?#][^\s<>"'`，。；、！？（）【】《》「」\u{4e00}-\u{9fff}]*)"#,
    )
    .expect("a valid pattern")
});

/// Addresses with a scheme, and domains with a path.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    let text = &folded.cased;
    CANDIDATE
        .find_iter(text)
        .filter_map(|m| {
            let surface = trimmed(m.as_str());
            let glued = before(text, m.start())
                .is_some_and(|c| c.is_ascii_alphanumeric() || "@/._-".contains(c));
            let value = canonical(surface).filter(|_| !glued)?;
            Some(Found { start: m.start(), end: m.start() + surface.len(), values: vec![value] })
        })
        .collect()
}

/// Without the punctuation of the sentence around it.
fn trimmed(surface: &str) -> &str {
    let mut surface = surface;
    loop {
        let shorter = surface.trim_end_matches([',', '.', ';', ':', '!', '?', '*', '|']);
        let unopened = |open: char, close: char| {
            shorter.ends_with(close)
                && shorter.matches(open).count() < shorter.matches(close).count()
        };
        let shorter = if unopened('(', ')') || unopened('[', ']') || unopened('{', '}') {
            &shorter[..shorter.len() - 1]
        } else {
            shorter
        };
        if shorter.len() == surface.len() {
            return surface;
        }
        surface = shorter;
    }
}

/// The address as it was written; without a scheme, with `https://`.
pub(super) fn canonical(surface: &str) -> Option<Value> {
    if surface.contains(char::is_whitespace) {
        return None;
    }
    let full =
        if surface.contains("://") { surface.to_owned() } else { format!("https://{surface}") };
    let parsed = Url::parse(&full).ok()?;
    let host = parsed.host_str()?;
    let real =
        host.contains('.') || host.contains(':') || host == "localhost" || surface.contains("://");
    (SCHEMES.contains(&parsed.scheme()) && real && !host.is_empty()).then(|| full.into())
}

#[cfg(test)]
mod tests {
    use crate::catalog::ParameterType::Url;
    use crate::nlu::values::tests::{check, check_worth};

    #[test]
    fn finds_addresses() {
        check(
            Url,
            "purge https://a.example/x?y=1, now",
            &[("https://a.example/x?y=1", "https://a.example/x?y=1")],
        );
        check(
            Url,
            "刷新 www.lantern.example/sale。",
            &[("www.lantern.example/sale", "https://www.lantern.example/sale")],
        );
        check(
            Url,
            "(see http://10.2.0.15:8080/ping)",
            &[("http://10.2.0.15:8080/ping", "http://10.2.0.15:8080/ping")],
        );
        check(Url, "javascript://alert(1) /var/log a.b", &[]);
    }

    #[test]
    fn judges_addresses() {
        check_worth(Url, "shop.lantern.example", "https://shop.lantern.example");
        check_worth(Url, "file:///etc/passwd", "! wrong_type");
        check_worth(Url, "https://a.example/%2e%2e/etc", "! path_traversal");
    }
}
