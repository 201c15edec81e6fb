//! Free text: names of services, topics, tables; quoted sentences.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Found;
use super::text::Folded;

static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r#""([^"]{1,500})"|`([^`]{1,500})`|「([^」]{1,500})」|『([^』]{1,500})』|《([^》]{1,500})》|(?:^|\s)'([^']{1,500})'(?:$|[\s,.!?])"#)
        .expect("a valid pattern")
});

static BARE: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"[@*]?[A-Za-z0-9*](?:[A-Za-z0-9_.:/@*+#=-]*[A-Za-z0-9_*/])?")
        .expect("a valid pattern")
});

/// Quoted texts as a whole, and bare words of Latin letters and digits.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    let text = &folded.cased;
    let mut found: Vec<Found> = QUOTED
        .captures_iter(text)
        .filter_map(|c| c.iter().skip(1).flatten().next())
        // The quotation marks are part of the span, the value is what they hold.
        .map(|m| Found {
            start: m.start() - mark_before(text, m.start()),
            end: m.end() + mark_after(text, m.end()),
            values: vec![m.as_str().trim().into()],
        })
        .filter(|f| f.values.iter().all(|v| !v.to_argument().is_empty()))
        .collect();
    for (range, word) in bare_words(folded) {
        if !found.iter().any(|f| f.start < range.end && range.start < f.end) {
            found.push(Found { start: range.start, end: range.end, values: vec![word.into()] });
        }
    }
    found.sort_by_key(|f| f.start);
    found
}

fn mark_before(text: &str, at: usize) -> usize {
    text[..at].chars().next_back().map_or(0, char::len_utf8)
}

fn mark_after(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(0, char::len_utf8)
}

/// The words of Latin letters, digits and the marks that names hold.
pub(super) fn bare_words(folded: &Folded) -> Vec<(Range<usize>, &str)> {
    BARE.find_iter(&folded.cased).map(|m| (m.range(), m.as_str())).collect()
}

/// The text without quotation marks around it.
pub(super) fn unquoted(surface: &str) -> &str {
    const PAIRS: [(char, char); 9] = [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('“', '”'),
        ('‘', '’'),
        ('「', '」'),
        ('『', '』'),
        ('《', '》'),
        ('＂', '＂'),
    ];
    let surface = surface.trim();
    PAIRS
        .iter()
        .find_map(|(open, close)| {
            let inner = surface.strip_prefix(*open)?.strip_suffix(*close)?;
            (!inner.trim().is_empty() && !inner.contains([*open, *close])).then(|| inner.trim())
        })
        .unwrap_or(surface)
}

#[cfg(test)]
mod tests {
    use crate::catalog::ParameterType::String;
    use crate::nlu::values::tests::{check, check_worth};

    #[test]
    fn finds_words_and_quotations() {
        check(
            String,
            "set \"Back at 4\" on web_frontend",
            &[
                ("set", "set"),
                ("\"Back at 4\"", "Back at 4"),
                ("on", "on"),
                ("web_frontend", "web_frontend"),
            ],
        );
        check(
            String,
            "重放 order.created 和「系统升级」",
            &[("order.created", "order.created"), ("「系统升级」", "系统升级")],
        );
    }

    #[test]
    fn judges_texts() {
        check_worth(String, "\"Back at 4\"", "Back at 4");
        check_worth(String, "“系统升级中”", "系统升级中");
        check_worth(String, "ｗｅｂ", "web");
        check_worth(String, "-rf", "! looks_like_option");
        check_worth(String, "a\u{202e}b", "! forbidden_characters");
        check_worth(String, "  ", "! empty");
        check_worth(String, "../etc", "! path_traversal");
        check_worth(String, &"x".repeat(1001), "! too_long");
    }
}
