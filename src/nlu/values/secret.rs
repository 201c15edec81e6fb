//! What a secret looks like: known formats of keys, `password=...`, and strings too random to be
//! names. Used to refuse secrets typed in a chat, and to redact them everywhere.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

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
        | \bdckr_pat_[A-Za-z0-9_-]{16,}
        | \bsteward_[A-Za-z0-9_-]{40,}
        | /login\?link=[A-Za-z0-9_-]{40,}
        | \beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*
        ",
    )
    .expect("a valid pattern")
});

/// A word that announces a secret, how, and what follows it: as one word, or in quotes.
static ANNOUNCED: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(
        r#"(?ix)
        (?P<word>pass(?:word|wd|phrase)?|pwd|secret|token|api[_\ -]?key|access[_\ -]?key
            |credentials?|密码|口令|密钥|令牌)
        ["'`]?
        (?P<how>\s*[=＝]\s*|\s*[:：]\s*|\s+(?:is|to)\s+|(?:是|为|改成|设为|改为|设成)\s*)
        (?:"(?P<double>[^"\n]{4,})"|'(?P<single>[^'\n]{4,})'|["'`]?(?P<bare>[^\s"'`，。；,;]{4,}))
        "#,
    )
    .expect("a valid pattern")
});

/// An option of a command that takes a secret: `--password x`, `mysql -px`, `curl -u name:x`; and
/// the header that carries one.
static HANDED_OVER: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(
        r#"(?ix)
        (?:^|\s)--?(?P<word>password|passwd|passphrase|pwd|pass|secret|token|api-key|access-key)
            \s+["'`]?(?P<option>[^\s"'`]{4,})
        | \b(?:mysql|mariadb)[a-z-]*\s(?:[^|;\n]*\s)?-p["'`]?(?P<mysql>[^\s"'`-][^\s"'`]{3,})
        | \bsshpass\s+-p\s*["'`]?(?P<sshpass>[^\s"'`]{4,})
        | \b(?:curl|wget|http)\s(?:[^|;\n]*\s)?(?:-u|--user)[\s=]*["'`]?[^\s:"'`]+:(?P<curl>[^\s"'`]{3,})
        | \bbearer\s+(?P<bearer>[A-Za-z0-9._~+/=-]{16,})
        "#,
    )
    .expect("a valid pattern")
});

/// The password of an address: `https://user:password@host`.
static IN_ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"(?i)[a-z][a-z0-9+.-]*://[^\s/:@]*:([^\s/@]+)@").expect("a valid pattern")
});

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r"[A-Za-z0-9+/=_!@#$%^&*~-]{12,}").expect("a valid pattern")
});

/// Where the first likely secret stands in a text, in bytes.
pub fn looks_secret(text: &str) -> Option<Range<usize>> {
    let format = FORMATS.find(text).map(|m| m.range());
    let announced = ANNOUNCED.captures_iter(text).find_map(|c| announced(text, &c));
    let handed_over = HANDED_OVER.captures_iter(text).find_map(|c| handed_over(text, &c));
    let address = IN_ADDRESS.captures(text).and_then(|c| c.get(1)).map(|m| m.range());
    let random = TOKEN.find_iter(text).find(|m| is_random(m.as_str())).map(|m| m.range());
    [format, announced, handed_over, address, random].into_iter().flatten().min_by_key(|r| r.start)
}

/// What is announced as a secret, if it is one. A password may be any word, and a word after a
/// colon may go on as a sentence ("the password: field is broken"); what else is announced by a
/// plain word is the name of it.
fn announced(text: &str, found: &Captures) -> Option<Range<usize>> {
    let how = found.name("how")?.as_str();
    let word = found.name("word")?.as_str().to_lowercase();
    let of_password = is_password(&word);
    if let Some(quoted) = found.name("double").or_else(|| found.name("single")) {
        let names = is_reference(quoted.as_str()) || (!of_password && is_word(quoted.as_str()));
        return (!names).then(|| quoted.range());
    }
    let value = found.name("bare")?;
    let told = value.as_str().trim_end_matches(['.', '!', '?', ')']);
    let is_secret = match how.trim() {
        _ if is_reference(told) => false,
        _ if !of_password && (told.chars().count() < 6 || is_word(told)) => false,
        "=" | "＝" => true,
        // Chinese goes on without a blank.
        ":" | "：" => !is_word(told) || (told.is_ascii() && ends_here(text, value.end())),
        _ => is_mixed(told),
    };
    (is_secret && !told.is_empty()).then(|| value.range())
}

/// What is handed to a command, or over the wire, as a secret.
fn handed_over(text: &str, found: &Captures) -> Option<Range<usize>> {
    if let Some(value) = found.name("option") {
        let word = found.name("word")?.as_str().to_lowercase();
        let is_secret = match is_word(value.as_str()) {
            true => is_password(&word) && ends_here(text, value.end()),
            false => !is_reference(value.as_str()) && !value.as_str().starts_with('-'),
        };
        return is_secret.then(|| value.range());
    }
    if let Some(value) = found.name("bearer") {
        return value.as_str().contains(|c: char| c.is_ascii_digit()).then(|| value.range());
    }
    let value = ["mysql", "sshpass", "curl"].into_iter().find_map(|name| found.name(name))?;
    (!is_reference(value.as_str())).then(|| value.range())
}

/// Whether a word announces what may be any word.
fn is_password(word: &str) -> bool {
    matches!(word, "password" | "passwd" | "passphrase" | "pwd" | "密码" | "口令")
}

/// Whether a text is one word of a language, as far as its letters say.
fn is_word(text: &str) -> bool {
    text.chars().all(char::is_alphabetic) && !text.chars().skip(1).any(char::is_uppercase)
}

/// Whether nothing of the same sentence follows: the line ends, or something else begins.
fn ends_here(text: &str, at: usize) -> bool {
    let rest = text[at..].trim_start_matches([' ', '\t', '"', '\'', '`']);
    !rest.starts_with(char::is_alphanumeric)
}

/// Whether a single word, given where the name of a secret is wanted, is rather the secret
/// itself: a name is made of words, a secret of letters in all cases, digits and marks.
pub(super) fn is_no_name(word: &str) -> bool {
    let name =
        word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':'));
    !name || looks_secret(word).is_some() || (word.len() >= 8 && classes(word) >= 3)
}

/// A placeholder, a mask or a name instead of the secret itself: `${TOKEN}`, `$TOKEN`, `****`,
/// `payment-api-key`.
fn is_reference(value: &str) -> bool {
    let variable = value.strip_prefix('$').is_some_and(|name| {
        name.starts_with(['{', '(']) || name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
    });
    let in_brackets =
        [('<', '>'), ('{', '}')].iter().any(|(a, b)| value.starts_with(*a) && value.ends_with(*b));
    let is_mask = value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '•'));
    let joint = |c: char| matches!(c, '-' | '_' | '/' | '.');
    let is_name =
        value.contains(joint) && value.chars().all(|c| c.is_ascii_lowercase() || joint(c));
    variable || in_brackets || is_mask || is_name
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
        check("HTTPS://bob:pw@git.example/x", Some("pw"));
        check("password=correcthorsebatterystaple", Some("correcthorsebatterystaple"));
        check("Password: swordfish", Some("swordfish"));
        check("the password: swordfish, user bob", Some("swordfish"));
        check("password=\"my Secret 99 pass\"", Some("my Secret 99 pass"));
        check("{\"password\": \"hunter2hunter2\"}", Some("hunter2hunter2"));
        check("password=$Abc123xyz", Some("$Abc123xyz"));
        check("restart it with --password S3cretPa55 please", Some("S3cretPa55"));
        check("psql --password swordfish -h db", Some("swordfish"));
        check("mysql -u root -pS3cretPa55 orders", Some("S3cretPa55"));
        check("mysqldump -pswordfish orders", Some("swordfish"));
        check("curl -u bob:S3cr3tpw99 https://x.example", Some("S3cr3tpw99"));
        check("Authorization: Bearer abcdef0123456789abcdef", Some("abcdef0123456789abcdef"));
        for prefix in ["dckr_pat_", "steward_"] {
            let token = format!("{prefix}{}", "a1-B2-c3_".repeat(5));
            check(&format!("use {token} then"), Some(&token));
        }
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
            "the password: field is broken",
            "reset password for bob",
            "set the password to match the policy",
            "secret: orders",
            "password=${DB_PASSWORD}",
            "password=$DB_PASSWORD and token=<token>",
            "password=db-readonly-pw",
            "password: ********",
            "the --password option is gone",
            "did the build pass: yes",
            "重置密码给小王",
            "密码：这一栏打不开",
            "we use bearer authenticationtokens here",
            "mysql -u root -p orders",
            "curl -u bob https://x.example:8080/a",
            "curl https://x.example/a:b",
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
