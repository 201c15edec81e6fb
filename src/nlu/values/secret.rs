//! What a secret looks like: known formats of keys, `password=...`, and strings too random to be
//! names. Used to refuse secrets typed in a chat, and to redact them everywhere.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// Formats that their issuers document: each is a secret whatever stands around it.
static FORMATS: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(
        r"(?x)
        -----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----[\s\S]*?(?:-----END\ [A-Z\ ]*PRIVATE\ KEY-----|$)
        | \b(?:AKIA|ASIA)[0-9A-Z]{16}\b
        | \bgh[pousr]_[A-Za-z0-9]{30,}
        | \bgithub_pat_[A-Za-z0-9_]{30,}
        | \bglpat-[A-Za-z0-9_-]{16,}
        | \bxox[abeoprs]-[A-Za-z0-9-]{10,}
        | \b[srp]k_(?:live|test)_[A-Za-z0-9]{10,}
        | \bsk-[A-Za-z0-9_-]{20,}
        | \bAIza[A-Za-z0-9_-]{30,}
        | \bnpm_[A-Za-z0-9]{30,}
        | \bhf_[A-Za-z0-9]{30,}
        | \bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}
        | \bLTAI[A-Za-z0-9]{12,}
        | \bhvs\.[A-Za-z0-9_-]{20,}
        | \b[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}
        | \beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*
        ",
    )
    .expect("a valid pattern")
});

/// A word that announces a secret, and what follows it.
static ANNOUNCED: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(
        r#"(?i)(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_ -]?key|access[_ -]?key|credentials?|密码|口令|密钥|令牌)(?:\s*(?:=|:|：|＝)\s*|\s+(?:is|to)\s+|(?:是|为|改成|设为|改为|设成)\s*)["'`]?([^\s"'`，。；,;]{6,})"#,
    )
    .expect("a valid pattern")
});

/// The password of an address: `https://user:password@host`.
static IN_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"[a-z][a-z0-9+.-]*://[^\s/:@]*:([^\s/@]+)@").expect("a valid pattern")
});

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"[A-Za-z0-9+/=_!@#$%^&*~-]{12,}").expect("a valid pattern")
});

/// Where the first likely secret stands in a text, in bytes.
pub fn looks_secret(text: &str) -> Option<Range<usize>> {
    let format = FORMATS.find(text).map(|m| m.range());
    let announced = ANNOUNCED
        .captures_iter(text)
        .filter_map(|c| Some((c.get(0)?, c.get(1)?)))
        .find(|(whole, value)| {
            let marked = text[whole.start()..value.start()].contains(['=', ':', '：', '＝']);
            if marked { !is_reference(value.as_str()) } else { is_mixed(value.as_str()) }
        })
        .map(|(_, value)| value.range());
    let address = IN_ADDRESS.captures(text).and_then(|c| c.get(1)).map(|m| m.range());
    let random = TOKEN.find_iter(text).find(|m| is_random(m.as_str())).map(|m| m.range());
    [format, announced, address, random].into_iter().flatten().min_by_key(|r| r.start)
}

/// Whether a single word, given where the name of a secret is wanted, is rather the secret
/// itself: a name is made of words, a secret of letters in all cases, digits and marks.
pub(super) fn is_no_name(word: &str) -> bool {
    let name =
        word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':'));
    !name || looks_secret(word).is_some() || (word.len() >= 8 && classes(word) >= 3)
}

/// A placeholder or a name instead of the secret itself: `${TOKEN}`, `payment-api-key`.
fn is_reference(value: &str) -> bool {
    value.starts_with(['$', '<', '{', '*'])
        || value.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '-' | '_' | '/' | '.'))
}

fn is_mixed(value: &str) -> bool {
    classes(value) >= 2 && value.chars().any(|c| c.is_ascii_digit()) && !is_reference(value)
}

/// How many kinds of characters a word is made of: lower case, upper case, digits, marks.
fn classes(word: &str) -> usize {
    let kinds: [fn(&char) -> bool; 4] =
        [char::is_ascii_lowercase, char::is_ascii_uppercase, char::is_ascii_digit, |c| {
            !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.' | '/')
        }];
    kinds.iter().filter(|kind| word.chars().any(|c| kind(&c))).count()
}

/// Long, of three kinds of characters, and with more information in a character (Shannon's
/// entropy, in bits) than names have.
fn is_random(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    let words = body.split(['-', '_', '/']).filter(|w| !w.is_empty());
    // Words that read like words: a path, a name.
    let longest = words.map(str::len).max().unwrap_or(0);
    body.len() >= 20
        && longest >= 16
        && classes(body) >= 3
        && entropy(body) >= 3.6
        && body.chars().any(|c| c.is_ascii_digit())
}

fn entropy(text: &str) -> f64 {
    let mut counts = std::collections::BTreeMap::new();
    for c in text.chars() {
        *counts.entry(c).or_insert(0.0) += 1.0;
    }
    let length = text.chars().count() as f64;
    counts.values().map(|n: &f64| -(n / length) * (n / length).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ParameterType;
    use crate::nlu::values::tests::{parameter, worth};

    #[track_caller]
    fn check(text: &str, expect: Option<&str>) {
        assert_eq!(looks_secret(text).map(|range| &text[range]), expect, "{text:?}");
    }

    #[test]
    fn sees_secrets() {
        // Keys are put together here, so that no scanner takes this file for a leak.
        let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
        check(&format!("use {key} for it"), Some(&key));
        let token = format!("ghp_{}", "a1B2".repeat(9));
        check(&token, Some(&token));
        check("password: hunter2secret", Some("hunter2secret"));
        check("密码是 Abc12345", Some("Abc12345"));
        check("https://bob:s3cr3tpw@git.example/x", Some("s3cr3tpw"));
        check("q7Zk29fLmX0pTr4WvB81sYdE", Some("q7Zk29fLmX0pTr4WvB81sYdE"));
    }

    #[test]
    fn leaves_names_alone() {
        for text in [
            "rotate payment-api-key on prod",
            "deploy catalog-api 2.14.0 to staging",
            "secret: es-readonly-pw",
            "/backup/orders-0301.sql.gz",
            "9f3ac2d41be0c7a7b1f0e8d1c2b3a4f5e6d7c8b9",
            "feature/Reviews-V2-with-a-long-name",
            "重启 web-01 到 web-05",
            "password is required",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn a_secret_is_never_a_value() {
        let mut secret = parameter(ParameterType::String);
        secret.secret = true;
        assert_eq!(worth("es-readonly-pw", &secret), "es-readonly-pw");
        assert_eq!(worth("Tr0ub4dor&3", &secret), "! secret_typed");
        assert_eq!(worth("hunter2!", &secret), "! secret_typed");
    }
}
