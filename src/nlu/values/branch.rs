//! Branches of a repository: `main`, `release/2025-03`, `feature/reviews-v2`.

use super::Found;
use super::string::bare_words;
use super::text::Folded;
use crate::catalog::Value;

/// Every bare word that could name a branch.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    bare_words(folded)
        .into_iter()
        .filter(|(_, word)| !word.starts_with('/') && !word.contains("://"))
        .filter_map(|(range, word)| {
            let value = canonical(word)?;
            Some(Found { start: range.start, end: range.end, values: vec![value] })
        })
        .collect()
}

/// The branch as it was written, if git would allow it (git-check-ref-format).
pub(super) fn canonical(surface: &str) -> Option<Value> {
    let forbidden = |c: char| {
        c.is_whitespace() || c.is_control() || "~^:?*[\\\"'`$;&|<>(){}!#，。、".contains(c)
    };
    let wrong = surface.is_empty()
        || surface.len() > 250
        || surface == "@"
        || surface.chars().any(forbidden)
        || surface.contains("..")
        || surface.contains("@{")
        || surface.contains("//")
        || surface.ends_with(['/', '.'])
        || surface.starts_with('/')
        || surface.split('/').any(|part| part.starts_with('.') || part.ends_with(".lock"));
    (!wrong).then(|| surface.into())
}

#[cfg(test)]
mod tests {
    use crate::catalog::ParameterType::Branch;
    use crate::nlu::values::tests::check_worth;

    #[test]
    fn judges_branches_as_git_does() {
        check_worth(Branch, "release/2025-03", "release/2025-03");
        check_worth(Branch, "main", "main");
        check_worth(Branch, "--force", "! looks_like_option");
        check_worth(Branch, "a..b", "! wrong_type");
        check_worth(Branch, "a/../b", "! wrong_type");
        check_worth(Branch, "a b", "! wrong_type");
    }
}
