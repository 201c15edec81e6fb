//! Closed-class words that restrict a request: negation, exclusion, limits, conditions, and counting
//! from what there is. Where they stand in a text, and how far they reach.

use std::ops::Range;

use super::cues;
use crate::catalog::is_han;

/// What a word of a closed class does to the words behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restricts {
    /// Takes them away, or away from the rest: "without compression", "except orders".
    Excludes,
    /// Lets nothing else be: "only books".
    Limits,
    /// Makes all of it hang on them: "if the check fails".
    Conditions,
    /// Counts from what there is: "by 2", "half the replicas".
    Counts,
}

/// Whether words ask or tell of a job rather than ask for it: "what happens if I reboot web-03?",
/// 重启会怎么样, "I already restarted it".
pub(super) fn speaks_of(text: &str) -> bool {
    const LEADING: [&str; 12] = [
        "what happens if",
        "what if",
        "what would",
        "should i",
        "should we",
        "shall we",
        "do i have to",
        "do we have to",
        "is it safe",
        "i already",
        "we already",
        "i have already",
    ];
    const ANYWHERE: [&str; 7] =
        ["what will happen", "会怎么样", "会怎样", "会咋样", "会发生什么", "要不要", "该不该"];
    let lower = text.trim_start().to_lowercase();
    LEADING.iter().any(|word| cues::starts_with_word(&lower, word))
        || ANYWHERE.iter().any(|word| lower.contains(word))
        || lower.contains("已经") && cues::clauses(text).len() == 1
}

/// With these, a request says that it is none.
const NEGATIONS: [&str; 19] = [
    "don't",
    "don’t",
    "dont",
    "do not",
    "never",
    "nobody",
    "no need to",
    "no one",
    "stop trying to",
    "不要",
    "别",
    "不用",
    "无需",
    "不必",
    "不需要",
    "没必要",
    "勿",
    "先不",
    "暂时不",
];

/// Whether words are a negation and nothing else.
pub(super) fn is_negation(words: &str) -> bool {
    let words = words.trim().to_lowercase();
    NEGATIONS.contains(&words.as_str()) || EXCLUDES.contains(&words.as_str())
}

/// The stretch in which a place is taken away, if it is: "without compression".
pub(super) fn exclusion_at(text: &str, at: &Range<usize>) -> Option<Range<usize>> {
    let mut stretches = stretches(text).into_iter();
    let found = stretches.find(|s| s.does == Restricts::Excludes && overlaps(&s.all, at));
    found.map(|stretch| stretch.all)
}

/// A negation that a message begins with, in bytes; courtesies may stand before it.
pub(super) fn leading_negation(text: &str) -> Option<Range<usize>> {
    const COURTESIES: [&str; 10] =
        ["please", "pls", "hey", "ok", "and", "now", "请", "那", "先", "千万"];
    let lower = text.to_ascii_lowercase();
    let mut at = lower.len() - lower.trim_start().len();
    loop {
        let rest = &lower[at..];
        if let Some(word) = NEGATIONS.iter().find(|word| cues::starts_with_word(rest, word)) {
            return Some(at..at + word.len());
        }
        let word = COURTESIES.iter().find(|word| cues::starts_with_word(rest, word))?;
        let behind = &rest[word.len()..];
        at += word.len() + behind.len() - behind.trim_start_matches([' ', ',', '，']).len();
    }
}

/// A stretch of a text that restricts the rest.
pub(super) struct Stretch {
    pub does: Restricts,
    /// The word that does it, in bytes.
    pub word: Range<usize>,
    /// All of it: to the end of its clause, or to the next thing that is said.
    pub all: Range<usize>,
}

impl Stretch {
    /// Whether a number is counted from what there is: the two of "by two", the one of 一半.
    pub fn counts(&self, text: &str, number: &Range<usize>) -> bool {
        let sign = |c: char| c.is_whitespace() || matches!(c, '+' | '-');
        let beside = || text[self.word.end..number.start].chars().all(sign);
        let inside = self.word.start <= number.start && number.end <= self.word.end;
        self.does == Restricts::Counts
            && (inside && *number != self.word || self.word.end <= number.start && beside())
    }
}

/// Whether a text counts from what there is: "double it", 再加两个.
pub(super) fn counts(text: &str) -> bool {
    stretches(text).iter().any(|stretch| stretch.does == Restricts::Counts)
}

/// The stretches of a text that restrict the rest, in their order.
pub(super) fn stretches(text: &str) -> Vec<Stretch> {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<Stretch> = Vec::new();
    for (does, words) in CUES {
        for word in words {
            for at in cues::occurrences(&lower, word).filter(|at| stands_alone(&lower, at)) {
                let end = stretch_end(&lower, at.end);
                if does == Restricts::Counts || !lower[at.end..end].trim().is_empty() {
                    found.push(Stretch { does, all: at.start..end, word: at });
                }
            }
        }
    }
    for at in cues::conditions(text) {
        let word = at.start..at.start + first_word(&lower[at.start..]);
        found.push(Stretch { does: Restricts::Conditions, word, all: at });
    }
    found.sort_by_key(|s| (s.all.start, std::cmp::Reverse(s.word.end)));
    // "But not if": what lies within another is told with it.
    let mut apart: Vec<Stretch> = Vec::new();
    for stretch in found {
        if apart.last().is_none_or(|last| last.all.end <= stretch.all.start) {
            apart.push(stretch);
        }
    }
    apart
}

/// These take what follows away, or away from the rest.
const EXCLUDES: [&str; 29] = [
    "without",
    "w/o",
    "no",
    "not",
    "don't",
    "dont",
    "do not",
    "never",
    "except",
    "excluding",
    "other than",
    "apart from",
    "but not",
    "everything but",
    "all but",
    "leave out",
    "除了",
    "除开",
    "不要",
    "别",
    "不用",
    "不带",
    "不留",
    "不含",
    "不包括",
    "排除",
    "而不是",
    "但不是",
    "不是",
];

const CUES: [(Restricts, &[&str]); 3] = [
    (Restricts::Excludes, &EXCLUDES),
    (Restricts::Limits, &["only", "nothing but", "只", "仅"]),
    (
        Restricts::Counts,
        &[
            "half", "twice", "double", "triple", "another", "by", "再加", "再减", "多加", "一半",
            "翻倍", "翻番", "一倍",
        ],
    ),
];

/// Whether a word is itself rather than a part of another: 别 of 级别, "by" of "by tonight".
fn stands_alone(lower: &str, at: &Range<usize>) -> bool {
    let before = lower[..at.start].chars().next_back();
    let behind = lower[at.end..].trim_start().chars().next();
    match &lower[at.clone()] {
        "别" => !before.is_some_and(|c| "级类分特区辨个性鉴".contains(c)),
        "只" => !before.is_some_and(|c| is_han(c) && "一二两三四五六七八九十几多少".contains(c)),
        "by" => behind.is_some_and(|c| c.is_ascii_digit() || matches!(c, '+' | '-')),
        "no" | "not" => behind.is_some_and(|c| !matches!(c, ',' | '.' | '!')),
        _ => true,
    }
}

/// Where what a word restricts ends: with its clause, or before what is said next.
fn stretch_end(lower: &str, from: usize) -> usize {
    const NEXT: [&str; 5] = ["and", "then", "with", "并且", "然后"];
    let clause = cues::clause_end(lower, from);
    NEXT.iter()
        .flat_map(|word| cues::occurrences(&lower[from..clause], word))
        .map(|at| from + at.start)
        .filter(|start| !lower[from..*start].trim().is_empty())
        .min()
        .unwrap_or(clause)
}

fn first_word(text: &str) -> usize {
    let mut ends = text.char_indices().filter(|(_, c)| c.is_whitespace() || is_han(*c));
    let end = ends.next().map(|(at, c)| if is_han(c) { at + c.len_utf8() } else { at });
    end.unwrap_or(text.len())
}

fn overlaps(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_begin_with_a_word_that_restricts() {
        let check = |text: &str, expect: &[&str]| {
            let found: Vec<&str> =
                stretches(text).into_iter().map(|s| text[s.all].trim()).collect();
            assert_eq!(found, expect, "{text}");
        };
        check("restart order-service on prod", &[]);
        check("restart order-service but not on prod", &["but not on prod"]);
        check("back up all databases except orders on dev", &["except orders on dev"]);
        check("除了生产，所有环境都重启 order-service", &["除了生产"]);
        check(
            "back up orders without compression and keep it for 7 days",
            &["without compression"],
        );
        check("别压缩，备份 orders", &["别压缩"]);
        check("日志级别改成 debug", &[]);
        check("scale it down by 2", &["by 2"]);
        check("finish by tonight", &[]);
        check("再加 3 个副本", &["再加 3 个副本"]);
        check("reboot web-03 if the health check fails", &["if the health check fails"]);
        check("如果检查失败就重启 web-03", &["如果检查失败就重启 web-03"]);
        check("no, web-03", &[]);
        check("only tables books and authors", &["only tables books"]);
    }

    #[test]
    fn a_request_may_begin_by_saying_that_it_is_none() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(leading_negation(text).map(|at| &text[at]), expect, "{text}");
        };
        check("don't restart web-03", Some("don't"));
        check("Please, do not reboot web-03", Some("do not"));
        check("先别重启 order-service", Some("别"));
        check("不要在生产环境重启", Some("不要"));
        check("restart web-03, don't wait", None);
        check("note the time", None);
    }

    #[test]
    fn a_job_may_be_spoken_of() {
        let check = |text: &str, expect: bool| assert_eq!(speaks_of(text), expect, "{text}");
        check("what happens if I reboot web-03?", true);
        check("I already restarted order-service on prod", true);
        check("order-service 已经重启过了", true);
        check("磁盘已经满了，清理 web-21", false);
        check("重启 web-03 会怎么样", true);
        check("should we restart it", true);
        check("restart order-service", false);
        check("could you restart order-service", false);
    }
}
