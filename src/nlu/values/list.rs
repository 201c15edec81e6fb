//! Lists: `a, b and c`, a、b和c, `web-[01-03]`.

use std::sync::LazyLock;

use regex::Regex;

use super::Found;
use super::host;
use super::text::Folded;
use crate::catalog::Value;

const ITEM: &str = r"[A-Za-z0-9_*][A-Za-z0-9_.@:/*+-]*(?:[\[{][0-9,.~-]+[\]}])?";

static SEQUENCE: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(&format!(
        r"{ITEM}(?:(?:\s*[,，、;；]\s*(?:and\s+|or\s+|和|以及)?|\s+(?:and|plus|&)\s+|\s*(?:和|与|及|以及|还有|跟)\s*){ITEM})*"
    ))
    .expect("a valid pattern")
});

static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"(?i)\s*[,，、;；\n]\s*(?:(?:and|or|和|以及)\s+)?|\s+(?:and|plus|&)\s+|\s*(?:以及|还有)\s*|\s*[和与及跟]\s*")
        .expect("a valid pattern")
});

/// Sequences of bare words; a single word is a list of one.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    let text = &folded.cased;
    SEQUENCE
        .find_iter(text)
        .filter_map(|m| {
            let surface = m.as_str().trim_end_matches(['.', ':', '-']);
            let values = vec![canonical(surface)?];
            Some(Found { start: m.start(), end: m.start() + surface.len(), values })
        })
        .collect()
}

/// The items of a list, host ranges expanded, each once.
pub(super) fn canonical(surface: &str) -> Option<Value> {
    let items = items(surface);
    (!items.is_empty()).then_some(Value::List(items))
}

/// The items as they were written.
pub(super) fn items(surface: &str) -> Vec<String> {
    let inner = surface.trim();
    let inner = inner.strip_prefix('[').and_then(|s| s.strip_suffix(']')).unwrap_or(inner);
    let mut items: Vec<String> = Vec::new();
    for part in split(inner) {
        let part = super::string::unquoted(part);
        let expanded = match host::canonical(part) {
            Some(Value::Text(range)) if range.contains('[') => host::expand(&range),
            _ => None,
        };
        for item in expanded.unwrap_or_else(|| vec![part.to_owned()]) {
            if !item.is_empty() && !items.contains(&item) {
                items.push(item);
            }
        }
    }
    items
}

/// Splits at separators outside of brackets.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for m in SEPARATOR.find_iter(text) {
        let open = text[start..m.start()].matches(['[', '{']).count();
        let closed = text[start..m.start()].matches([']', '}']).count();
        if open > closed {
            continue;
        }
        parts.push(&text[start..m.start()]);
        start = m.end();
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use crate::catalog::ParameterType::List;
    use crate::nlu::values::tests::{check, check_worth};

    #[test]
    fn finds_sequences() {
        check(
            List,
            "orders, order_items and authors",
            &[("orders, order_items and authors", "orders,order_items,authors")],
        );
        check(List, "a、b和c", &[("a、b和c", "a,b,c")]);
    }

    #[test]
    fn splits_items() {
        check_worth(
            List,
            "anna@lantern.example, bo@lantern.example",
            "anna@lantern.example,bo@lantern.example",
        );
        check_worth(List, "web-[01-03], db-1", "web-01,web-02,web-03,db-1");
        check_worth(List, "甲、乙以及丙", "甲,乙,丙");
        check_worth(List, "a, -rf", "! looks_like_option");
    }
}
