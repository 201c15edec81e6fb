//! Picks from a numbered list: `2`, `#2`, "the second one", "last", 第二个, 倒数第二个.

use super::number::{chinese_numeral, digits, english_cardinal, english_ordinal};
use super::text::{Folded, literal, one_of, skip_blanks};

/// Which of a list is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pick {
    /// Counted from the start, from 1.
    FromStart(usize),
    /// Counted from the end: 1 is the last.
    FromEnd(usize),
}

impl Pick {
    /// The index into a list of `length`, if it reaches that far.
    pub fn index(self, length: usize) -> Option<usize> {
        match self {
            Pick::FromStart(n) => n.checked_sub(1).filter(|i| *i < length),
            Pick::FromEnd(n) => length.checked_sub(n).filter(|i| *i < length),
        }
    }
}

/// What a text picks, if it says nothing else.
pub fn ordinal(text: &str) -> Option<Pick> {
    if text.len() > 200 {
        return None;
    }
    let folded = Folded::new(text);
    let text = folded.text.trim();
    let start = skip_fillers(text, 0);
    let (end, pick) = pick(text, start)?;
    (skip_fillers(text, end) == text.len()).then_some(pick)
}

fn pick(text: &str, at: usize) -> Option<(usize, Pick)> {
    const ENDS: [(&str, Pick); 15] = [
        ("second to last", Pick::FromEnd(2)),
        ("second last", Pick::FromEnd(2)),
        ("last but one", Pick::FromEnd(2)),
        ("last", Pick::FromEnd(1)),
        ("latter", Pick::FromEnd(1)),
        ("bottom", Pick::FromEnd(1)),
        ("former", Pick::FromStart(1)),
        ("top", Pick::FromStart(1)),
        ("最后", Pick::FromEnd(1)),
        ("末", Pick::FromEnd(1)),
        ("后者", Pick::FromEnd(1)),
        ("前者", Pick::FromStart(1)),
        ("头一", Pick::FromStart(1)),
        ("首个", Pick::FromStart(1)),
        ("上面", Pick::FromStart(1)),
    ];
    if let Some((words, pick)) =
        ENDS.iter().filter(|(w, _)| text[at..].starts_with(w)).max_by_key(|(w, _)| w.len())
    {
        let end = at + words.len();
        return Some((literal(text, end, "一").unwrap_or(end), *pick));
    }
    let (start, from_end) = match literal(text, at, "倒数") {
        Some(end) => (end, true),
        None => (at, false),
    };
    let start = literal(text, start, "第").unwrap_or(start);
    let (end, number) = number(text, skip_blanks(text, start))?;
    let number = (1..=1000).contains(&number).then_some(number)?;
    Some((end, if from_end { Pick::FromEnd(number) } else { Pick::FromStart(number) }))
}

fn number(text: &str, at: usize) -> Option<(usize, usize)> {
    if let Some((end, value)) = english_ordinal(text, at) {
        return Some((end, value as usize));
    }
    if let Some(end) = digits(text, at) {
        return Some((end, text[at..end].parse().ok()?));
    }
    let (end, value) = english_cardinal(text, at).or_else(|| chinese_numeral(text, at))?;
    (value.fract() == 0.0 && value > 0.0).then_some((end, value as usize))
}

/// Steps over the words that people wrap around a pick.
fn skip_fillers(text: &str, at: usize) -> usize {
    const FILLERS: [&str; 61] = [
        "i'll", "i'd", "i", "want", "would", "like", "take", "pick", "choose", "select", "use",
        "go", "with", "for", "the", "one", "option", "number", "no", "nr", "item", "choice",
        "please", "thanks", "it's", "its", "that", "meant", "mean", "let's", "do", "to", "is",
        "我", "要", "选择", "选", "用", "就", "吧", "个", "项", "的", "那", "是", "请", "号", "条",
        "种", "序", "想", "走", "来", "这", "应该", "选项", "方案", "谢谢", "按", "台", "位",
    ];
    let mut end = at;
    loop {
        let next = skip_blanks(text, end);
        let next = next + text[next..].bytes().take_while(|b| b"#.,!?:()".contains(b)).count();
        let next = one_of(text, next, &["。", "，", "！", "、"]).map_or(next, |(end, _)| end);
        let after = one_of(text, next, &FILLERS).filter(|(to, index)| {
            !FILLERS[*index].is_ascii()
                || !text[*to..].starts_with(|c: char| c.is_ascii_alphabetic())
        });
        match after {
            Some((to, _)) => end = to,
            None if next > end => end = next,
            None => return end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_picks() {
        use Pick::{FromEnd, FromStart};
        for (text, expect) in [
            ("2", Some(FromStart(2))),
            ("#2", Some(FromStart(2))),
            ("option 3", Some(FromStart(3))),
            ("the second one, please", Some(FromStart(2))),
            ("last", Some(FromEnd(1))),
            ("the last one", Some(FromEnd(1))),
            ("first", Some(FromStart(1))),
            ("第二个", Some(FromStart(2))),
            ("我选第3个吧", Some(FromStart(3))),
            ("最后一个", Some(FromEnd(1))),
            ("倒数第二个", Some(FromEnd(2))),
            ("二", Some(FromStart(2))),
            ("the latter", Some(FromEnd(1))),
            ("restart the second host", None),
            ("staging", None),
            ("", None),
        ] {
            assert_eq!(ordinal(text), expect, "{text:?}");
        }
    }

    #[test]
    fn a_pick_reaches_into_its_list() {
        assert_eq!(Pick::FromEnd(1).index(3), Some(2));
        assert_eq!(Pick::FromStart(4).index(3), None);
        assert_eq!(Pick::FromStart(0).index(3), None);
    }
}
