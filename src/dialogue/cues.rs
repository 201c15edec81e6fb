//! Closed-class words of both languages, where a meaning hangs on a function word and not on
//! what is talked about: negation, "all", and the like.
//!
//! What a message is about is never decided here: that is the model's part. These tables hold
//! only words of classes that a language does not add to.

use std::ops::Range;

use crate::catalog::is_han;

/// Before a value, these take it back: "not staging", 不是预发.
const NEGATORS: [&str; 25] = [
    "instead of",
    "rather than",
    "no longer",
    "isn't",
    "isnt",
    "not",
    "而不是",
    "并不是",
    "不是",
    "并非",
    "别用",
    "不用",
    "不要",
    "没有",
    "except for",
    "except",
    "excluding",
    "other than",
    "apart from",
    "everything but",
    "all but",
    "除了",
    "除开",
    "不包括",
    "排除",
];

/// After a negated value, these lead on to the right one without a comma: 不是 a 是 b.
const CONTRASTS: [&str; 10] =
    ["but", "it's", "its", "it is", "rather", "而是", "是", "应该", "要", "改"];

/// The whole of what was offered.
const ALL: [&str; 14] = [
    "all",
    "all of them",
    "every one",
    "everything",
    "both",
    "the rest",
    "all of it",
    "全部",
    "所有",
    "都",
    "全都",
    "其他",
    "其它",
    "剩下",
];

/// Nothing of what was offered.
const NONE: [&str; 13] = [
    "none",
    "neither",
    "nothing",
    "not any",
    "something else",
    "都不是",
    "都不对",
    "都不要",
    "没有一个",
    "一个都",
    "都没有",
    "不是这些",
    "别的",
];

/// With these, a yes hangs on something, is put off, or is taken back: "yes if bob agrees",
/// "yes, after lunch", 好的，等我确认.
const RESERVATIONS: [&str; 34] = [
    "if",
    "unless",
    "until",
    "till",
    "after",
    "before",
    "when",
    "once",
    "as soon as",
    "but",
    "wait",
    "hold on",
    "later",
    "tomorrow",
    "not",
    "如果",
    "要是",
    "假如",
    "除非",
    "等",
    "之后",
    "以后",
    "之前",
    "再说",
    "但",
    "不过",
    "明天",
    "稍后",
    "晚点",
    "待会",
    "吗",
    "么",
    "是不是",
    "能不能",
];

/// What is said comes on top of what is there.
const ADDITIVES: [&str; 14] = [
    "also",
    "too",
    "as well",
    "plus",
    "in addition",
    "add",
    "include",
    "也",
    "还有",
    "再加",
    "加上",
    "加个",
    "加一",
    "另外",
];

/// Ends of a clause. A full stop or comma counts only before white space: `2.1`, `a,b`.
const CLAUSE_ENDS: [char; 8] = ['，', '。', '；', '！', '？', '、', '\n', '…'];
const ASCII_CLAUSE_ENDS: [char; 5] = [',', '.', ';', '!', '?'];

/// Before a name at the end of a clause, these say whose, or what for.
const BELONGING: [&str; 6] = ["of", "by", "from", "for", "with", "about"];

/// A word that is said as a name is: `web-03`, "of xavier", "xavier's", a Latin word among
/// Chinese ones.
pub(super) fn name_said(text: &str) -> Option<&str> {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    let chinese = text.chars().any(is_han);
    clauses(text).into_iter().find_map(|clause| {
        let mut before = "";
        let words: Vec<&str> = clause.split(|c: char| !inner(c)).collect();
        let last = words.iter().rposition(|word| !word.is_empty())?;
        words.iter().enumerate().find_map(|(index, word)| {
            let word = word.trim_matches('.');
            let belongs =
                index == last && BELONGING.contains(&before.to_ascii_lowercase().as_str());
            let owns =
                clause.contains(&format!("{word}'s ")) || clause.contains(&format!("{word}’s "));
            let named = word.len() > 1
                && word.contains(|c: char| c.is_ascii_alphabetic())
                && (chinese || belongs || owns || word.contains(['-', '_', '@']));
            before = if word.is_empty() { before } else { word };
            named.then_some(word)
        })
    })
}

/// The stretches of a text that a negator takes back, in bytes: from the negator to the end of
/// its clause or to a word that leads on to the right value.
pub(super) fn negated(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<Range<usize>> = Vec::new();
    for word in NEGATORS {
        for range in occurrences(&lower, word) {
            if found.iter().any(|f| f.start <= range.start && range.start < f.end) {
                continue;
            }
            let clause = clause_end(&lower, range.end);
            let end = CONTRASTS
                .iter()
                .flat_map(|c| occurrences(&lower[range.end..clause], c))
                .map(|c| range.end + c.start)
                .filter(|start| !lower[range.end..*start].trim().is_empty())
                .min()
                .unwrap_or(clause);
            found.push(range.start..end);
        }
    }
    found.sort_by_key(|range| range.start);
    found
}

/// Whether the words mean everything that was offered or is left.
pub(super) fn means_all(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ALL.iter().any(|word| occurrences(&lower, word).next().is_some())
}

/// Whether the words speak of every single one of something.
pub(super) fn means_every(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let every = ["every", "each", "每", "逐"];
    means_all(text) || every.iter().any(|word| occurrences(&lower, word).next().is_some())
}

/// Whether the words turn down everything that was offered.
pub(super) fn means_none(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    NONE.iter().any(|word| occurrences(&lower, word).next().is_some())
}

/// Whether the words leave something open: a question, a condition, a delay. Nothing runs on
/// such a yes.
pub(super) fn has_reservation(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains(['?', '？'])
        || RESERVATIONS.iter().any(|word| occurrences(&lower, word).next().is_some())
}

/// With these, what follows in the clause is a condition.
const CONDITIONS: [&str; 10] =
    ["if", "unless", "provided", "as soon as", "in case", "如果", "要是", "假如", "除非", "万一"];

/// The stretches of a text that are conditions, in bytes: "if bob agrees".
pub(super) fn conditions(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let found = CONDITIONS.iter().flat_map(|word| occurrences(&lower, word).collect::<Vec<_>>());
    found.map(|range| range.start..clause_end(&lower, range.end)).collect()
}

/// Whether the words add to what is there rather than replace it.
pub(super) fn adds(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ADDITIVES.iter().any(|word| occurrences(&lower, word).next().is_some())
}

/// Whether a question asks which there are without a noun that says of what: "which ones are
/// there?", 有哪些.
pub(super) fn asks_which_ones(text: &str) -> bool {
    const WITH_A_NOUN: usize = 5;
    let lower = text.to_ascii_lowercase();
    let english = ["ones", "my options", "the options", "my choices", "the choices"];
    let chinese = ["哪些", "哪几个", "哪几种"];
    english.iter().any(|word| occurrences(&lower, word).next().is_some())
        || chinese.iter().any(|word| lower.contains(word))
            && lower.chars().filter(|c| is_han(*c)).count() <= WITH_A_NOUN
}

/// A text without some of its stretches.
pub(super) fn without(text: &str, ranges: &[Range<usize>]) -> String {
    let mut rest = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        rest.push_str(&text[at..range.start]);
        rest.push(' ');
        at = range.end;
    }
    rest.push_str(&text[at..]);
    rest.trim_matches(|c: char| c.is_whitespace() || CLAUSE_ENDS.contains(&c) || c == ',')
        .to_owned()
}

/// The clauses of a text, without their punctuation; one for a text without any.
pub(super) fn clauses(text: &str) -> Vec<&str> {
    clause_ranges(text).into_iter().map(|range| &text[range]).collect()
}

/// Where the clauses of a text stand, in bytes.
pub(super) fn clause_ranges(text: &str) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = clause_end(text, start);
        let clause = text[start..end].trim();
        if !clause.is_empty() {
            let from = end - text[start..end].trim_start().len();
            clauses.push(from..from + clause.len());
        }
        start = end + text[end..].chars().next().map_or(1, char::len_utf8);
    }
    clauses
}

/// Whether a text is more than a word: several Latin words, or more Chinese than a name has.
pub(super) fn is_phrase(text: &str) -> bool {
    text.contains(char::is_whitespace) || text.chars().filter(|c| is_han(*c)).count() > 4
}

/// Where the clause that `from` lies in ends, in bytes.
pub(super) fn clause_end(text: &str, from: usize) -> usize {
    let mut chars = text[from..].char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        if c == '\n' {
            return from + offset;
        }
        let before_space = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if CLAUSE_ENDS.contains(&c) || (ASCII_CLAUSE_ENDS.contains(&c) && before_space) {
            return from + offset;
        }
    }
    text.len()
}

/// Where a word stands in a text in lower case: whole words where the word is written in Latin
/// letters, anywhere where it is Chinese.
pub(super) fn occurrences<'a>(
    lower: &'a str,
    word: &'a str,
) -> impl Iterator<Item = Range<usize>> + 'a {
    lower.match_indices(word).map(|(at, m)| at..at + m.len()).filter(move |range| {
        !word.is_ascii()
            || (is_edge(lower[..range.start].chars().next_back())
                && is_edge(lower[range.end..].chars().next()))
    })
}

pub(super) fn starts_with_word(phrase: &str, word: &str) -> bool {
    phrase.strip_prefix(word).is_some_and(|rest| !word.is_ascii() || is_edge(rest.chars().next()))
}

/// Whether a character (or the end of the text) can stand beside a Latin word.
pub(super) fn is_edge(c: Option<char>) -> bool {
    c.is_none_or(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '\'')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_negated_ends_with_its_clause_or_where_the_right_value_begins() {
        let check =
            |text: &str, rest: &str| assert_eq!(without(text, &negated(text)), rest, "{text}");
        check("not staging, production", "production");
        check("full, not incremental", "full");
        check("it's user-service not users-service", "it's user-service");
        check("不是预发，是生产", "是生产");
        check("不是 web-01 是 web-02", "是 web-02");
        check("间隔是 60秒 不是60分", "间隔是 60秒");
        check("note the notebook", "note the notebook");
    }

    #[test]
    fn clauses_end_at_punctuation_but_not_inside_values() {
        let check = |text: &str, expect: &[&str]| assert_eq!(clauses(text), expect, "{text}");
        check("yes, but on staging", &["yes", "but on staging"]);
        check("好，执行", &["好", "执行"]);
        check("yes\nrun it on everything", &["yes", "run it on everything"]);
        check("deploy 2.1.0 to a,b.", &["deploy 2.1.0 to a,b"]);
        check("", &[]);
        check("算了，改成扩容，线上 audio-stream", &["算了", "改成扩容", "线上 audio-stream"]);
    }

    #[test]
    fn names_are_told_by_where_they_stand() {
        let check =
            |text: &str, expect: Option<&str>| assert_eq!(name_said(text), expect, "{text}");
        check("history of xavier", Some("xavier"));
        check("xavier's last runs", Some("xavier"));
        check("what ran on web-03 lately", Some("web-03"));
        check("xavier 执行过什么", Some("xavier"));
        check("执行历史", None);
        check("show me the history", None);
        check("history of the last week", None);
    }
}
