//! What went wrong, grouped by what is the same but for numbers, names and times.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::jobs::Execution;

/// Errors that read the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorGroup {
    /// The first of them, as it stood in the output.
    pub example: String,
    pub count: usize,
}

/// Kinds of errors that a report shows.
const MOST: usize = 8;

/// Groups the reasons of failed targets, and the lines of output that report an error; most
/// frequent first, and among equals in the order of the output.
pub(super) fn group(execution: &Execution, lines: &[String]) -> Vec<ErrorGroup> {
    let reasons = execution.failed_targets.iter().map(|failed| super::clean(&failed.reason));
    let reasons = reasons.filter(|reason| !reason.is_empty());
    let said = lines.iter().filter(|line| ERROR.is_match(line)).map(|line| bare(line).to_owned());
    let mut groups: Vec<ErrorGroup> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for text in reasons.chain(said) {
        let place = *places.entry(normalised(&text)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.count += 1,
            None => groups.push(ErrorGroup { example: text, count: 1 }),
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups.truncate(MOST);
    groups
}

/// Lines that programs write when something fails.
static ERROR: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is a constant, and a test compiles it.
    Regex::new(
        r"(?xi) \b(?: error s? | fatal | fail(?:ed|ure|ures)? | exception | panic(?:ked)? | critical
        | denied | refused | timed\ out | timeout | unreachable | no\ such | not\ found
        | cannot | can't | could\ not | unable\ to | aborted | \w+(?:Error|Exception) )\b
        | 错误 | 失败 | 异常 | 超时 | 拒绝 | 无法 | 找不到 | 不存在",
    )
    .expect("a pattern")
});

/// Time and level at the beginning of a line.
static PREAMBLE: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is a constant, and a test compiles it.
    Regex::new(
        r"(?x)^\s*
        (?: \[? \d{4}[-/]\d\d[-/]\d\d [T\ ] \d\d:\d\d(?::\d\d)? (?:[.,]\d+)? (?:Z|[+-]\d\d:?\d\d)? \]? \s+
          | \[? \d\d:\d\d:\d\d (?:[.,]\d+)? \]? \s+ )",
    )
    .expect("a pattern")
});

/// What differs between two errors of one kind.
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is a constant, and a test compiles it.
    Regex::new(
        r#"(?x)
          "[^"]*" | '[^']*' | `[^`]*`
        | \b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b
        | \b0x[0-9a-fA-F]+\b
        | \b[0-9a-fA-F]*\d[0-9a-fA-F]{7,}\b
        | (?:/[\w.@+-]+){2,}
        | \b[a-zA-Z][a-zA-Z0-9]*(?:[-.][a-zA-Z0-9]+)*[-.]?\d+\b
        | \d+(?:[.:]\d+)*"#,
    )
    .expect("a pattern")
});

fn bare(line: &str) -> &str {
    let start = PREAMBLE.find(line).map_or(0, |found| found.end());
    line[start..].trim()
}

fn normalised(text: &str) -> String {
    let text = VARIABLE.replace_all(bare(text), "#");
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_one_kind_read_the_same() {
        let check = |a: &str, b: &str, same: bool| {
            assert_eq!(
                normalised(a) == normalised(b),
                same,
                "{} / {}",
                normalised(a),
                normalised(b)
            );
        };
        check("connect to 10.0.0.1:8080 failed", "connect to 10.0.0.27:80 failed", true);
        check("2026-01-02 10:00:00,123 ERROR x", "[2026-01-03T11:00:00Z] ERROR x", true);
        check("web-01: disk full", "web-17: disk full", true);
        check("open \"/a/b\": denied", "open \"/c\": denied", true);
        check(
            "request 3f2504e0-4f89-11d3-9a0c-0305e82c3301 failed",
            "request 7f2504e0-4f89-11d3-9a0c-0305e82c3302 failed",
            true,
        );
        check("第3台失败", "第14台失败", true);
        check("disk full", "no route to host", false);
    }

    #[test]
    fn what_reports_an_error_is_told_from_what_does_not() {
        let check =
            |line: &str, expected: bool| assert_eq!(ERROR.is_match(line), expected, "{line}");
        check("ERROR: it broke", true);
        check("java.lang.NullPointerException: x", true);
        check("bash: foo: command not found", true);
        check("部署失败", true);
        check("copied 10 files", false);
        check("terrors of the deep", false);
    }
}
