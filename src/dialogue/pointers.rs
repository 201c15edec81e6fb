//! Closed-class words that point back to what was spoken of: "it", "there", 那台机器. As in
//! [`super::cues`], nothing that is talked about is decided by them.

use std::ops::Range;

use super::cues::{clause_end, occurrences, starts_with_word};
use crate::catalog::ParameterType;

/// Words that point back to something spoken of before.
const POINTERS: [(&str, Reach); 30] = [
    ("it", Reach::Thing),
    ("that one", Reach::Thing),
    ("this one", Reach::Thing),
    ("the same one", Reach::Thing),
    ("它", Reach::Thing),
    ("那个", Reach::Thing),
    ("这个", Reach::Thing),
    ("there", Reach::Place),
    ("here", Reach::Place),
    ("那里", Reach::Place),
    ("那边", Reach::Place),
    ("那儿", Reach::Place),
    ("这里", Reach::Place),
    ("这边", Reach::Place),
    ("him", Reach::Person),
    ("her", Reach::Person),
    ("them", Reach::Person),
    ("他", Reach::Person),
    ("她", Reach::Person),
    ("that", Reach::Named),
    ("this", Reach::Named),
    ("the same", Reach::Named),
    ("same", Reach::Named),
    ("the", Reach::Named),
    ("那", Reach::Named),
    ("这", Reach::Named),
    ("同一", Reach::Named),
    ("该", Reach::Named),
    ("同样的", Reach::Named),
    ("相同的", Reach::Named),
];

/// Chinese measure words that stand between a pointer and its noun: 那台机器.
const CLASSIFIERS: [char; 8] = ['个', '台', '套', '条', '位', '份', '只', '组'];

/// General nouns for the kinds of value that have one.
const KIND_NOUNS: [(ParameterType, &[&str]); 6] = [
    (
        ParameterType::Host,
        &["host", "machine", "server", "box", "node", "机器", "主机", "服务器", "节点"],
    ),
    (ParameterType::Version, &["version", "release", "版本"]),
    (ParameterType::User, &["user", "person", "account", "人", "用户", "账号"]),
    (ParameterType::Branch, &["branch", "分支"]),
    (ParameterType::Datetime, &["time", "moment", "时间", "时刻"]),
    (ParameterType::Url, &["url", "address", "link", "地址", "链接"]),
];

/// What a pointer may refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Things with a name of their own: services, hosts, addresses.
    Thing,
    /// Where something is: environments, data centres, hosts.
    Place,
    Person,
    /// Whatever the noun after it says.
    Named,
}

/// A word that points back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer {
    /// Where it stands, in bytes, noun included.
    pub range: Range<usize>,
    pub reach: Reach,
    /// What follows it, up to the end of the clause, in lower case: begins with the noun, where
    /// there is one.
    pub rest: String,
}

/// The kinds of value that a noun phrase begins with a general noun for.
pub(super) fn kind_of_noun(phrase: &str) -> Option<ParameterType> {
    KIND_NOUNS
        .iter()
        .find(|(_, nouns)| nouns.iter().any(|n| starts_with_word(phrase, n)))
        .map(|(k, _)| *k)
}

/// The words that point back in a text, in order.
pub(super) fn pointers(text: &str) -> Vec<Pointer> {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<Pointer> = Vec::new();
    for (word, reach) in POINTERS {
        for range in occurrences(&lower, word) {
            if found.iter().any(|p| p.range.start <= range.start && range.start < p.range.end) {
                continue;
            }
            let clause_end = clause_end(&lower, range.end);
            let rest = lower[range.end..clause_end].trim_start();
            let rest = rest.strip_prefix(CLASSIFIERS).unwrap_or(rest).trim_start().to_owned();
            found.push(Pointer { range, reach, rest });
        }
    }
    found.sort_by_key(|pointer| pointer.range.start);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_take_their_noun_along() {
        let check = |text: &str, expect: &[(Reach, &str)]| {
            let found = pointers(text);
            let found: Vec<_> = found.iter().map(|p| (p.reach, p.rest.as_str())).collect();
            assert_eq!(found, expect, "{text}");
        };
        check("restart it", &[(Reach::Thing, "")]);
        check("deploy 2.1 there", &[(Reach::Place, "")]);
        check("reboot that machine", &[(Reach::Named, "machine")]);
        check("重启那台机器", &[(Reach::Named, "机器")]);
        check("item", &[]);
    }
}
