//! Hosts and host ranges: `web-03`, `db.internal.example`, `web-[01-03]`, web-01 到 web-05.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Found;
use super::text::{Folded, before};
use crate::catalog::Value;

/// More hosts than this are no range that anybody meant.
const MOST_HOSTS: usize = 1_000;

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(
        r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*",
    )
    .expect("a valid pattern")
});

/// `web-[01-03]`, `web-[01,04-06].example`, `web-{01..03}`.
static BRACKETS: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"([A-Za-z][A-Za-z0-9_.-]*)[\[{]\s*(\d{1,6}(?:\s*(?:-|\.\.|~|,|:)\s*\d{1,6})*)\s*[\]}]([A-Za-z0-9_.-]*)")
        .expect("a valid pattern")
});

/// `web-01..05`, `web-01 ~ web-05`, web-01 到 web-05, `web-01 through web-05`.
static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(
        r"([A-Za-z][A-Za-z0-9_.-]*?)(\d{1,6})(?:\s*(?:\.\.\.?|~|～|到|至)\s*|\s+(?:through|thru)\s+)(?:([A-Za-z][A-Za-z0-9_.-]*?))?(\d{1,6})",
    )
    .expect("a valid pattern")
});

/// `web-01 to web-05`: a range where it is all there is; in a sentence it may be two hosts.
static WHOLE_SPAN: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"^([A-Za-z][A-Za-z0-9_.-]*?)(\d{1,6})\s*(?:\s(?:to|and all up to)\s|-)\s*([A-Za-z][A-Za-z0-9_.-]*?)(\d{1,6})$")
        .expect("a valid pattern")
});

/// Names that carry a number or a domain, addresses, and ranges of names.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    let text = &folded.cased;
    let mut found: Vec<Found> = ranges(text);
    for m in NAME.find_iter(text) {
        let inside = found.iter().any(|f| f.start < m.end() && m.start() < f.end);
        if !inside && looks_like_host(m.as_str()) && is_free(text, m.start(), m.end()) {
            found.push(Found { start: m.start(), end: m.end(), values: vec![m.as_str().into()] });
        }
    }
    found.sort_by_key(|f| f.start);
    found
}

fn ranges(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let brackets = BRACKETS.captures_iter(text).filter_map(|c| bracketed(&c));
    let spans = SPAN.captures_iter(text).filter_map(|c| spanned(text, &c));
    for range in brackets.chain(spans) {
        if !found.iter().any(|f| f.start < range.end && range.start < f.end) {
            found.push(range);
        }
    }
    found
}

/// `web-{01..03}` becomes `web-[01-03]`.
fn bracketed(captures: &Captures) -> Option<Found> {
    let whole = captures.get(0)?;
    let numbers: String = captures[2].chars().filter(|c| !c.is_whitespace()).collect();
    let numbers = numbers.replace("..", "-").replace(['~', ':'], "-");
    let canonical = format!("{}[{numbers}]{}", &captures[1], &captures[3]);
    let suffix = captures[3].trim_end_matches(['.', '-', '_']).len();
    let end = whole.end() - (captures[3].len() - suffix);
    let canonical = canonical[..canonical.len() - (captures[3].len() - suffix)].to_owned();
    expand(&canonical)?;
    Some(Found { start: whole.start(), end, values: vec![canonical.into()] })
}

/// Two ends of the same name become `name[from-to]`.
fn spanned(text: &str, captures: &Captures) -> Option<Found> {
    let whole = captures.get(0)?;
    let same = captures.get(3).is_none_or(|prefix| prefix.as_str() == &captures[1]);
    let free = !before(text, whole.start())
        .is_some_and(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    let ends = !text[whole.end()..]
        .starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if !same || !free || !ends {
        return None;
    }
    let canonical = format!("{}[{}-{}]", &captures[1], &captures[2], &captures[4]);
    expand(&canonical)?;
    Some(Found { start: whole.start(), end: whole.end(), values: vec![canonical.into()] })
}

/// The hosts of a canonical host range, in order: `web-[01-03]` is web-01, web-02, web-03; a
/// plain host is itself. `None` for a range that runs backwards or is absurdly long.
pub fn expand(canonical: &str) -> Option<Vec<String>> {
    let Some((prefix, rest)) = canonical.split_once('[') else {
        return Some(vec![canonical.to_owned()]);
    };
    let (numbers, suffix) = rest.split_once(']')?;
    let mut hosts = Vec::new();
    for part in numbers.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (first, last): (u32, u32) = (from.parse().ok()?, to.parse().ok()?);
        if first > last || (last - first) as usize >= MOST_HOSTS {
            return None;
        }
        let width = from.len();
        hosts.extend((first..=last).map(|n| format!("{prefix}{n:0width$}{suffix}")));
    }
    (!hosts.is_empty() && hosts.len() <= MOST_HOSTS).then_some(hosts)
}

/// Whether a bare word of a sentence is likely a host: it ends in a number (`web-01`, `db3`), or
/// has a domain, or is an address. Versions and units are none.
fn looks_like_host(name: &str) -> bool {
    if name.parse::<std::net::IpAddr>().is_ok() || name == "localhost" {
        return true;
    }
    let labels: Vec<&str> = name.split('.').collect();
    let first = labels[0];
    let numbered = first.ends_with(|c: char| c.is_ascii_digit())
        && first.starts_with(|c: char| c.is_ascii_alphabetic())
        && first.trim_end_matches(|c: char| c.is_ascii_digit()).len() >= 2
        && !first.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with("-v");
    let domain = labels.len() >= 3
        && labels[labels.len() - 1].len() >= 2
        && labels[labels.len() - 1].chars().all(|c| c.is_ascii_alphabetic())
        && first.starts_with(|c: char| c.is_ascii_alphanumeric());
    is_host(name) && ((numbered && labels.len() != 2) || domain)
}

fn is_free(text: &str, start: usize, end: usize) -> bool {
    let colon = text[..start].ends_with(':')
        && text[..start - 1].ends_with(|c: char| c.is_ascii_alphanumeric());
    !before(text, start).is_some_and(|c| "/@._-".contains(c))
        && !colon
        && !text[end..].starts_with(['@', '/', '_'])
        && !text[end..].starts_with("://")
}

/// Whether a text can be a host name at all (RFC 1123, underscores allowed) or an address.
fn is_host(name: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    name.parse::<std::net::IpAddr>().is_ok()
        || (name.len() <= 253
            && name.split('.').all(label)
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().any(|c| c.is_ascii_alphabetic())
            // `2.14.0-rc1` is a version.
            && !(name.contains('.') && name.split('.').next().is_some_and(|l| l.chars().all(|c| c.is_ascii_digit()))))
}

/// The canonical host or host range.
pub(super) fn canonical(surface: &str) -> Option<Value> {
    if is_host(surface) {
        return Some(surface.into());
    }
    if let [range] = ranges(surface).as_slice()
        && (range.start, range.end) == (0, surface.len())
    {
        return range.values.first().cloned();
    }
    let captures = WHOLE_SPAN.captures(surface)?;
    if captures[1] != captures[3] {
        return None;
    }
    let canonical = format!("{}[{}-{}]", &captures[1], &captures[2], &captures[4]);
    expand(&canonical).map(|_| canonical.into())
}

#[cfg(test)]
mod tests {
    use super::expand;
    use crate::catalog::ParameterType::Host;
    use crate::nlu::values::tests::{check, check_worth};

    #[test]
    fn finds_hosts_and_ranges() {
        check(
            Host,
            "move web-03 to db-hz-01.lantern.example",
            &[("web-03", "web-03"), ("db-hz-01.lantern.example", "db-hz-01.lantern.example")],
        );
        check(Host, "主机：k8s-node-22", &[("k8s-node-22", "k8s-node-22")]);
        check(
            Host,
            "web-[01-03] and web-{07..09}",
            &[("web-[01-03]", "web-[01-03]"), ("web-{07..09}", "web-[07-09]")],
        );
        check(Host, "web-01 到 web-05", &[("web-01 到 web-05", "web-[01-05]")]);
        check(Host, "from web-01 to web-05", &[("web-01", "web-01"), ("web-05", "web-05")]);
        check(Host, "2.14.0-rc1 at ops@web-01.example 3pm", &[]);
    }

    #[test]
    fn judges_hosts() {
        check_worth(Host, "bastion-hz", "bastion-hz");
        check_worth(Host, "web-01 to web-05", "web-[01-05]");
        check_worth(Host, "10.0.0.1", "10.0.0.1");
        check_worth(Host, "--all", "! looks_like_option");
        check_worth(Host, "a b", "! wrong_type");
        check_worth(Host, "web-01;reboot", "! wrong_type");
    }

    #[test]
    fn expands_ranges() {
        let hosts = |range: &str| expand(range).map(|h| h.join(" "));
        assert_eq!(hosts("web-[01-03]"), Some("web-01 web-02 web-03".to_owned()));
        assert_eq!(
            hosts("web-[1,3-4].example"),
            Some("web-1.example web-3.example web-4.example".to_owned())
        );
        assert_eq!(hosts("web-[03-01]"), None);
        assert_eq!(hosts("web-[1-999999]"), None);
    }
}
