//! What a message says to a command besides what the model found: numbers, which no example can
//! list, and names of people, which the catalogue does not hold.

use std::sync::LazyLock;

use regex::Regex;

use crate::access::Users;
use crate::catalog::{Value, Values};

/// `#1042`.
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is a constant, and every test here compiles it.
    Regex::new(r"[#＃]\s?(\d{1,18})").expect("a pattern")
});

/// A number that stands alone: no part of a version, a host name or a time.
static ALONE: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is a constant, and every test here compiles it.
    Regex::new(r"(?:^|[\s,，。？?！!:：\p{Han}])(\d{1,18})(?:$|[\s,，。？?！!:：\p{Han}])")
        .expect("a pattern")
});

/// Commands that are about one run or request: a number in them names it.
const ABOUT_ONE: [&str; 8] =
    ["status", "cancel", "follow", "unfollow", "approve", "reject", "withdraw", "break_glass"];
/// Commands that may be about somebody's runs.
const ABOUT_PEOPLE: [&str; 8] =
    ["status", "history", "logs", "list", "cancel", "follow", "approve", "reject"];

/// Adds to the arguments of a command what its words name besides.
pub(super) fn complete(command: &str, arguments: &mut Values, words: &str, users: &Users) {
    // A number in words about time ("10 minutes ago") counts minutes.
    let timed = arguments.contains_key("time");
    let named =
        |pattern: &Regex| -> Option<i64> { pattern.captures(words)?.get(1)?.as_str().parse().ok() };
    if !arguments.contains_key("execution") {
        let alone = || (ABOUT_ONE.contains(&command) && !timed).then(|| named(&ALONE)).flatten();
        if let Some(number) = named(&NUMBERED).or_else(alone) {
            arguments.insert("execution".into(), Value::Integer(number));
        }
    }
    if matches!(command, "logs" | "history")
        && !timed
        && !arguments.contains_key("lines")
        && let Some(count) = named(&ALONE)
    {
        arguments.insert("lines".into(), Value::Integer(count));
    }
    if ABOUT_PEOPLE.contains(&command) && !arguments.contains_key("user") {
        let lower = words.to_lowercase();
        let mut found = users.iter().filter(|user| {
            mentions(&lower, &user.id) || mentions(&lower, &user.name.to_lowercase())
        });
        if let (Some(user), None) = (found.next(), found.next()) {
            arguments.insert("user".into(), Value::from(user.id.as_str()));
        }
    }
}

/// Whether a name stands in a text as a word of its own.
fn mentions(text: &str, name: &str) -> bool {
    let is_part = |c: Option<char>| {
        c.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
    };
    !name.is_empty()
        && text.match_indices(name).any(|(at, found)| {
            let after = text[at + found.len()..].chars().next().filter(|c| *c != '.');
            !is_part(text[..at].chars().next_back()) && !is_part(after)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(command: &str, words: &str, expect: &[(&str, &str)]) {
        let mut arguments = Values::new();
        complete(command, &mut arguments, words, &Users::default());
        let found: Vec<(String, String)> =
            arguments.iter().map(|(name, value)| (name.clone(), value.to_string())).collect();
        let expect: Vec<(String, String)> =
            expect.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        assert_eq!(found, expect, "{words}");
    }

    #[test]
    fn a_number_names_the_run_of_a_command_about_one() {
        check("cancel", "cancel 99", &[("execution", "99")]);
        check("cancel", "cancel #99", &[("execution", "99")]);
        check("cancel", "取消99吧", &[("execution", "99")]);
        check("cancel", "cancel the deploy of web-01 to v2.3", &[]);
        check("status", "/status 1", &[("execution", "1")]);
        check("unfollow", "stop following 12", &[("execution", "12")]);
        check("history", "history of #7", &[("execution", "7")]);
        check("help", "help 5", &[]);
    }

    #[test]
    fn a_number_beside_the_run_counts_lines() {
        check("logs", "show the last 50 lines of #1", &[("execution", "1"), ("lines", "50")]);
        check("logs", "最后 20 行日志", &[("lines", "20")]);
        check("history", "my last 50 runs", &[("lines", "50")]);
    }

    #[test]
    fn a_name_is_a_word_of_its_own() {
        let cases = [
            ("history of dana", true),
            ("dana's last run", true),
            ("dana的历史", true),
            ("what did dana do?", true),
            ("history of dana.", true),
            ("history of danatello", false),
            ("restart dana-01", false),
        ];
        for (text, expect) in cases {
            assert_eq!(mentions(text, "dana"), expect, "{text}");
        }
    }
}
