//! Versions: `2.14.0`, `v3.2.1-rc1`, `1.0.0+build.5`, "version 42", a commit hash.

use std::sync::LazyLock;

use regex::Regex;

use super::Found;
use super::text::{Folded, before};
use crate::catalog::Value;

/// Dotted versions, and a bare number or hash behind a word that announces a version.
static ANNOUNCED: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(
        r"(?i)(?:\b(?:versions?|release|revision|rev|build|tag|commit)\s*:?\s*|版本号?(?:是|为|:)?\s*)([0-9][0-9A-Za-z._+-]*|[0-9a-f]{7,40})",
    )
    .expect("a valid pattern")
});

static DOTTED: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"(?:[vV]\d+(?:\.\d+)*|\d+(?:\.\d+)+)(?:[-+._][0-9A-Za-z]+(?:[-+._][0-9A-Za-z]+)*)?")
        .expect("a valid pattern")
});

static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"^(?:[vV]?\d[0-9A-Za-z]*(?:[-+._][0-9A-Za-z]+)*|[0-9a-f]{7,40}|[A-Za-z][A-Za-z]*[-_/.]?v?\d[0-9A-Za-z]*(?:[-+._][0-9A-Za-z]+)*)$")
        .expect("a valid pattern")
});

static NEWEST: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"(?i)\b(?:latest|newest|most recent)\b|最新").expect("a valid pattern")
});

/// Whether words ask for the newest version that there is, which only those who know the versions
/// can tell: the superlatives of the type's order.
pub fn asks_for_newest(text: &str) -> bool {
    NEWEST.is_match(text)
}

/// Where versions stand.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    let text = &folded.cased;
    let dotted = DOTTED.find_iter(text).map(|m| (m.start(), m.end()));
    let announced =
        ANNOUNCED.captures_iter(text).filter_map(|c| c.get(1)).map(|m| (m.start(), m.end()));
    let mut spans: Vec<(usize, usize)> = dotted
        .chain(announced)
        .map(|(start, end)| {
            (start, start + text[start..end].trim_end_matches(['.', '-', '_', '+']).len())
        })
        .filter(|(start, end)| is_free(text, *start, *end))
        .collect();
    spans.sort_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)));
    let mut last = 0;
    spans.retain(|(start, end)| {
        let free = *start >= last;
        if free {
            last = *end;
        }
        free
    });
    spans
        .into_iter()
        .map(|(start, end)| Found { start, end, values: vec![text[start..end].into()] })
        .collect()
}

/// Neither part of a longer word, nor an address, nor an amount with a unit.
fn is_free(text: &str, start: usize, end: usize) -> bool {
    let glued = before(text, start).is_some_and(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '@' | '.') || c == '-' && start > 1
    });
    let goes_on = text[end..].starts_with(|c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '@' | '%' | ':')
    });
    let address = text[start..end].parse::<std::net::Ipv4Addr>().is_ok();
    !glued && !goes_on && !address
}

/// The canonical version: as it was written.
pub(super) fn canonical(surface: &str) -> Option<Value> {
    let surface = surface
        .strip_prefix("版本")
        .or_else(|| surface.strip_prefix("version "))
        .unwrap_or(surface)
        .trim();
    (surface.len() <= 128 && WHOLE.is_match(surface)).then(|| surface.into())
}

#[cfg(test)]
mod tests {
    use super::asks_for_newest;
    use crate::catalog::ParameterType::Version;
    use crate::nlu::values::tests::{check, check_worth};

    #[test]
    fn finds_versions() {
        check(Version, "ship v3.2.1-rc1 of web-03", &[("v3.2.1-rc1", "v3.2.1-rc1")]);
        check(Version, "从 7.4.1 回滚到 7.2.8", &[("7.4.1", "7.4.1"), ("7.2.8", "7.2.8")]);
        check(Version, "schema version 42, 版本 7", &[("42", "42"), ("7", "7")]);
        check(Version, "to 10.0.0.1 with 5%", &[]);
    }

    #[test]
    fn the_newest_is_asked_for_in_these_words() {
        for text in ["the Latest one", "newest build of cart", "部署最新版本", "most recent"]
        {
            assert!(asks_for_newest(text), "{text}");
        }
        for text in ["2.0", "later", "the last one", "新版本"] {
            assert!(!asks_for_newest(text), "{text}");
        }
    }

    #[test]
    fn keeps_versions_as_they_were_written() {
        check_worth(Version, "2.0", "2.0");
        check_worth(Version, "42", "42");
        check_worth(Version, "９.1", "9.1");
        check_worth(Version, "-1.2", "! looks_like_option");
        check_worth(Version, "the newest", "! wrong_type");
    }
}
