//! Closed-class words that join: two values, two requests, a value to where it comes from or
//! goes to. As in [`super::cues`], nothing that is talked about is decided by them.

use std::ops::Range;

use super::cues::{is_edge, occurrences, starts_with_word};

/// Between two values, these say that both or one of them is meant.
const JOINTS: [(&str, Joint); 20] = [
    ("as well as", Joint::And),
    ("and also", Joint::And),
    ("and", Joint::And),
    ("plus", Joint::And),
    ("or", Joint::Or),
    ("&", Joint::And),
    ("+", Joint::And),
    ("/", Joint::Or),
    ("以及", Joint::And),
    ("还有", Joint::And),
    ("或者", Joint::Or),
    ("还是", Joint::Or),
    ("和", Joint::And),
    ("与", Joint::And),
    ("跟", Joint::And),
    ("及", Joint::And),
    ("或", Joint::Or),
    ("、", Joint::And),
    (",", Joint::Comma),
    ("，", Joint::Comma),
];

/// Between two requests, these say that one comes after the other.
const SEQUENCES: [&str; 11] = [
    "and after that",
    "after that",
    "followed by",
    "and then",
    "afterwards",
    "then",
    "然后",
    "接着",
    "随后",
    "之后再",
    "再",
];

/// Before a value, these say that it is where something comes from, or goes to.
const SOURCES: [&str; 6] = ["from", "out of", "off", "从", "自", "由"];
const DESTINATIONS: [&str; 7] = ["to", "into", "onto", "towards", "到", "往", "至"];

/// How two values stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    And,
    Or,
    /// Both, or the second in place of the first: "not staging, production".
    Comma,
}

/// Which end of a movement a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    From,
    To,
}

/// The joint that a text begins with, and how many bytes it takes up with the blanks around it.
pub(super) fn joint_at_start(text: &str) -> Option<(usize, Joint)> {
    let lower = text.to_ascii_lowercase();
    let blanks = lower.len() - lower.trim_start().len();
    let rest = &lower[blanks..];
    let (word, joint) =
        JOINTS.iter().find(|(word, _)| match is_sign(word) || !word.is_ascii() {
            true => rest.starts_with(word),
            false => blanks > 0 && starts_with_word(rest, word),
        })?;
    // "a, and b".
    let after = blanks + word.len();
    let more = joint_at_start(&text[after..]).filter(|_| *word == ",");
    let (length, joint) = more.map_or((0, *joint), |(length, joint)| (length, joint));
    let end = after + length;
    let end = end + (text[end..].len() - text[end..].trim_start().len());
    Some((end, joint))
}

/// The joint that a text ends with, and how many bytes it takes up with the blanks around it.
pub(super) fn joint_at_end(text: &str) -> Option<(usize, Joint)> {
    let lower = text.to_ascii_lowercase();
    let rest = lower.trim_end();
    let (word, joint) = JOINTS.iter().find(|(word, _)| {
        rest.strip_suffix(word).is_some_and(|before| {
            is_sign(word) || !word.is_ascii() || is_edge(before.chars().next_back())
        })
    })?;
    let before = rest[..rest.len() - word.len()].trim_end();
    let before = before.strip_suffix(',').unwrap_or(before).trim_end();
    Some((text.len() - before.len(), *joint))
}

/// Where a text may be parted into two requests, in bytes, in order.
pub(super) fn sequences(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<Range<usize>> = Vec::new();
    for word in SEQUENCES {
        for range in occurrences(&lower, word) {
            if !found.iter().any(|f| f.start < range.end && range.start < f.end) {
                found.push(range);
            }
        }
    }
    found.sort_by_key(|range| range.start);
    found
}

/// What the word at the end of a text says about the value that follows.
pub(super) fn direction(before: &str) -> Option<Direction> {
    let lower = before.to_ascii_lowercase();
    let before = lower.trim_end();
    let before = before.strip_suffix(" the").unwrap_or(before);
    let ends = |word: &&str| {
        before
            .strip_suffix(*word)
            .is_some_and(|rest| !word.is_ascii() || is_edge(rest.chars().next_back()))
    };
    if SOURCES.iter().any(&ends) {
        return Some(Direction::From);
    }
    DESTINATIONS.iter().any(ends).then_some(Direction::To)
}

/// Whether a joint is written as a sign.
fn is_sign(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_punctuation())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joints_stand_between_two_values() {
        let check = |text: &str, expect: Option<(&str, Joint)>| {
            let found = joint_at_start(text).map(|(length, joint)| (&text[length..], joint));
            assert_eq!(found, expect, "{text}");
        };
        check(" and web-02", Some(("web-02", Joint::And)));
        check(", or web-02", Some(("web-02", Joint::Or)));
        check(",web-02", Some(("web-02", Joint::Comma)));
        check("和 web-02", Some(("web-02", Joint::And)));
        check(" android", None);
        check(" on web-02", None);
        let check = |text: &str, expect: Option<(&str, Joint)>| {
            let found =
                joint_at_end(text).map(|(length, joint)| (&text[..text.len() - length], joint));
            assert_eq!(found, expect, "{text}");
        };
        check("web-01 and ", Some(("web-01", Joint::And)));
        check("web-01, or ", Some(("web-01", Joint::Or)));
        check("the brand ", None);
    }

    #[test]
    fn the_word_before_a_value_tells_where_it_belongs() {
        let check = |text: &str, expect: Option<Direction>| {
            assert_eq!(direction(text), expect, "{text}");
        };
        check("sync catalog from ", Some(Direction::From));
        check("copy it to the ", Some(Direction::To));
        check("把目录从", Some(Direction::From));
        check("restart proto ", None);
        check("on ", None);
    }
}
