//! Rhythms as cron expressions: "every weekday at 2am" is `0 2 * * 1-5`, 每天凌晨三点 `0 3 * * *`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::datetime::{Item, items};
use super::text::Folded;
use super::{Found, Reference, ValueError};
use crate::catalog::{ParameterType, Value};

/// The rhythms in a text, each as its cron expressions of five fields (minute, hour, day of the
/// month, month, day of the week); two where morning or evening is open. A rhythm that cron
/// can't say, such as every 90 minutes, is left out.
pub fn find(text: &str, reference: &Reference) -> Vec<Found> {
    if text.len() > super::LONGEST_TEXT {
        return Vec::new();
    }
    let folded = Folded::new(text);
    items(&folded, reference.now.datetime())
        .into_iter()
        .filter_map(|(range, item)| {
            let Item::Recurring(recurrence) = item else { return None };
            let values: Vec<Value> = recurrence.cron().into_iter().map(Value::Text).collect();
            let range = folded.original(&range);
            (!values.is_empty()).then_some(Found { start: range.start, end: range.end, values })
        })
        .collect()
}

/// The cron expressions that a text means: a rhythm in words, or a cron expression itself.
pub fn interpret(surface: &str, reference: &Reference) -> Result<Vec<Value>, ValueError> {
    super::safety::check_surface(surface)?;
    let surface = surface.trim();
    let fields = surface.split_whitespace().count();
    if fields == 5 && surface.parse::<croner::Cron>().is_ok() {
        return Ok(vec![surface.into()]);
    }
    match find(surface, reference).as_slice() {
        [only] => Ok(only.values.clone()),
        _ => Err(ValueError::WrongType {
            surface: super::safety::shown(surface),
            kind: ParameterType::Datetime,
        }),
    }
}

/// How many times in a stretch: "twice a day", 每天两次. No rhythm by itself, since it leaves open
/// when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Byte offsets into the text.
    pub span: Range<usize>,
    /// `None` for an unknown number: "several times".
    pub times: Option<u32>,
    /// The same without the count: "every day", 每天.
    pub rhythm: String,
}

static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is a constant, and a test here compiles it.
    Regex::new(concat!(
        r"(?i)\b(?:(?<twice>twice)|(?<thrice>thrice)|(?:(?<number>\d{1,2})|(?<word>",
        r"two|three|four|five|six|seven|eight|nine|ten|several|many|a few|a couple of)) times)",
        r"\s+(?:a|an|per|each|every|in an?)\s+(?<unit>hour|day|night|week|month|year)\b",
    ))
    .expect("a pattern")
});

static CHINESE: LazyLock<Regex> = LazyLock::new(|| {
    // The pattern is a constant, and a test here compiles it.
    Regex::new(concat!(
        r"[每一]个?(?<unit>小时|天|日|晚|周|星期|礼拜|月|年)(?<between>[^\s，。,；]{0,8}?)\s*",
        r"(?:(?<number>\d{1,2})|(?<word>[二两三四五六七八九十几多]))\s*次",
    ))
    .expect("a pattern")
});

const NUMBERS: [(&str, u32); 18] = [
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("二", 2),
    ("两", 2),
    ("三", 3),
    ("四", 4),
    ("五", 5),
    ("六", 6),
    ("七", 7),
    ("八", 8),
    ("九", 9),
];

/// The first place in a text that says how many times in a stretch something shall happen, where
/// that is more than once.
pub fn counted(text: &str) -> Option<Counted> {
    if text.len() > super::LONGEST_TEXT {
        return None;
    }
    let (found, english) = match ENGLISH.captures(text) {
        Some(found) => (found, true),
        None => (CHINESE.captures(text)?, false),
    };
    let group = |name: &str| found.name(name).map(|part| part.as_str());
    let times = match (group("number"), group("word")) {
        (Some(number), _) => number.parse().ok(),
        (None, Some(word)) => {
            NUMBERS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, n)| *n)
        }
        (None, None) => Some(if english && group("twice").is_some() { 2 } else { 3 }),
    };
    let unit = group("unit")?;
    let rhythm = match english {
        true => format!("every {}", unit.to_lowercase()),
        false => format!("每{unit}{}", group("between").unwrap_or_default()),
    };
    let span = found.get(0)?.range();
    (times != Some(1)).then_some(Counted { span, times, rhythm })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_in_a_stretch_is_found() {
        let check = |text: &str, expect: Option<(&str, Option<u32>, &str)>| {
            let found = counted(text);
            let found = found.as_ref().map(|f| (&text[f.span.clone()], f.times, f.rhythm.as_str()));
            assert_eq!(found, expect, "{text}");
        };
        check("restart it twice a day", Some(("twice a day", Some(2), "every day")));
        check(
            "Three times per week, please",
            Some(("Three times per week", Some(3), "every week")),
        );
        check("several times an hour", Some(("several times an hour", None, "every hour")));
        check("每天重启两次", Some(("每天重启两次", Some(2), "每天重启")));
        check("一周 3 次", Some(("一周 3 次", Some(3), "每周")));
        check("once a day", None);
        check("retry 3 times", None);
        check("每天三点", None);
    }
}
