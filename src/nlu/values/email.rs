//! E-mail addresses: `ops@example.com`.

use std::sync::LazyLock;

use regex::Regex;

use super::Found;
use super::text::Folded;
use crate::catalog::Value;

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"(?i)[a-z0-9_][a-z0-9._%+'-]*@(?:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}|\[?\d{1,3}(?:\.\d{1,3}){3}\]?)")
        .expect("a valid pattern")
});

/// Addresses, wherever they stand.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    ADDRESS
        .find_iter(&folded.cased)
        .map(|m| Found { start: m.start(), end: m.end(), values: vec![m.as_str().into()] })
        .collect()
}

/// The address as it was written.
pub(super) fn canonical(surface: &str) -> Option<Value> {
    let surface = surface.strip_prefix("mailto:").unwrap_or(surface);
    let found = ADDRESS.find(surface)?;
    (found.len() == surface.len() && surface.len() <= 254).then(|| surface.into())
}

#[cfg(test)]
mod tests {
    use crate::catalog::ParameterType::Email;
    use crate::nlu::values::tests::{check, check_worth};

    #[test]
    fn finds_addresses() {
        check(
            Email,
            "tell ops@lantern.example, please",
            &[("ops@lantern.example", "ops@lantern.example")],
        );
        check(
            Email,
            "通知mia.chen@lantern.example。",
            &[("mia.chen@lantern.example", "mia.chen@lantern.example")],
        );
    }

    #[test]
    fn judges_addresses() {
        check_worth(Email, "ops@lantern.example", "ops@lantern.example");
        check_worth(Email, "ops at lantern", "! wrong_type");
    }
}
