//! Paths of files and folders: `/var/log/nginx`, `~/dump.sql`, `./a.txt`, `C:\logs`.

use std::sync::LazyLock;

use regex::Regex;

use super::Found;
use super::text::{Folded, before};
use crate::catalog::Value;

static CANDIDATE: LazyLock<Regex> = LazyLock::new(|| {
    // A literal pattern, covered by the tests.
    Regex::new(r#"(?:~|\.{1,2})?/(?:[\w.@:+=*%-]+/?)*|[A-Za-z]:\\(?:[\w.@+=*-]+\\?)*"#)
        .expect("a valid pattern")
});

/// Absolute paths, and relative ones that say so. A lone `/` is none in a sentence.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    let text = &folded.cased;
    CANDIDATE
        .find_iter(text)
        .filter_map(|m| {
            let latin = latin_part(m.as_str());
            let surface = latin.trim_end_matches([',', '.', ':', '!', '?', ';']);
            let lead = &text[..m.start()];
            let scheme = lead.ends_with(':')
                && lead[..lead.len() - 1].ends_with(|c: char| c.is_ascii_alphanumeric());
            let glued = scheme
                || before(text, m.start()).is_some_and(|c| {
                    c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '~' | '_' | '-' | '*')
                });
            let named = surface.chars().any(char::is_alphanumeric);
            let whole = !is_cut(surface, lead, &text[m.start() + surface.len()..]);
            (!glued && named && whole).then(|| Found {
                start: m.start(),
                end: m.start() + surface.len(),
                values: vec![surface.into()],
            })
        })
        .collect()
}

/// Whether more of the path follows than was taken: `/var/` of `/var/日志`, `/srv/old` of
/// `"/srv/old data"`. A part of a path is a larger target than the whole, so it is better to ask.
fn is_cut(surface: &str, lead: &str, rest: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || ",.:!?;，。；：！？、)）]】」』\"'”’".contains(c);
    let goes_on = surface.ends_with('/') && !rest.chars().next().is_none_or(ends);
    let quoted = lead.chars().next_back().filter(|c| matches!(*c, '"' | '\'' | '“' | '‘'));
    let unclosed = quoted.is_some() && !rest.starts_with(['"', '\'', '”', '’']);
    goes_on || unclosed
}

/// Up to the first Chinese character: 清理 /data/tmp下的文件 means /data/tmp.
fn latin_part(path: &str) -> &str {
    let end = path.find(|c: char| ('\u{4e00}'..='\u{9fff}').contains(&c)).unwrap_or(path.len());
    &path[..end]
}

/// The path as it was written.
pub(super) fn canonical(surface: &str) -> Option<Value> {
    let wrong = |c: char| matches!(c, '\0' | '\n' | '|' | '<' | '>' | '"' | ';' | '`' | '$' | '&');
    let shaped = surface.contains(['/', '\\', '.', '~'])
        || surface.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    (!surface.chars().any(wrong) && shaped && !surface.contains("://")).then(|| surface.into())
}

#[cfg(test)]
mod tests {
    use crate::catalog::ParameterType::Path;
    use crate::nlu::values::tests::{check, check_worth};

    #[test]
    fn finds_paths() {
        check(
            Path,
            "clean /var/log, ~/dump.sql and ./a.txt",
            &[("/var/log", "/var/log"), ("~/dump.sql", "~/dump.sql"), ("./a.txt", "./a.txt")],
        );
        check(Path, "空间：/data/tmp下的文件", &[("/data/tmp", "/data/tmp")]);
        check(Path, "https://a.example/x 3/4 and/or", &[]);
        check(Path, "clean '/srv/old' now", &[("/srv/old", "/srv/old")]);
        check(Path, "clean /var/, please", &[("/var/", "/var/")]);
        for cut in ["clean /var/日志/旧 now", "clean \"/srv/old data\"", "clean /var/\u{202e}log"]
        {
            check(Path, cut, &[]);
        }
    }

    #[test]
    fn judges_paths() {
        check_worth(Path, "/backup/orders-0301.sql.gz", "/backup/orders-0301.sql.gz");
        check_worth(Path, "/data/../etc/passwd", "! path_traversal");
        check_worth(Path, "-rf", "! looks_like_option");
        check_worth(Path, "/tmp; rm -rf /", "! wrong_type");
        check_worth(Path, ";", "! empty");
    }
}
