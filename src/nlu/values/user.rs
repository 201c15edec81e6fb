//! Accounts and people: `grace`, `anna.k`, `@liwei`, 张三.

use super::Found;
use super::string::bare_words;
use super::text::Folded;
use crate::catalog::Value;

/// Every bare word that could name an account.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    bare_words(folded)
        .into_iter()
        .filter_map(|(range, word)| {
            let value = canonical(word)?;
            Some(Found { start: range.start, end: range.end, values: vec![value] })
        })
        .collect()
}

/// The account without a leading `@`: letters, digits and `._-`, or a Chinese name.
pub(super) fn canonical(surface: &str) -> Option<Value> {
    let name = surface.strip_prefix('@').unwrap_or(surface);
    let starts = name.chars().next()?.is_alphanumeric();
    let fits = name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '\\' | '$'));
    let letters = name.chars().any(char::is_alphabetic);
    (starts && fits && letters && name.chars().count() <= 64).then(|| name.into())
}

#[cfg(test)]
mod tests {
    use crate::catalog::ParameterType::User;
    use crate::nlu::values::tests::check_worth;

    #[test]
    fn judges_accounts() {
        check_worth(User, "anna.k", "anna.k");
        check_worth(User, "@liwei", "liwei");
        check_worth(User, "张三", "张三");
        check_worth(User, "-root", "! looks_like_option");
        check_worth(User, "a/../b", "! wrong_type");
        check_worth(User, "12", "! wrong_type");
    }
}
