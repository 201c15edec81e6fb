//! Yes and no: general words (`yes`, `off`, 好的, 不用), and the name of what is switched
//! (`force`, `no compression`, 不压缩).

use std::ops::Range;

use super::Found;
use super::text::{Folded, before, ends_word, scan, starts_word};
use crate::catalog::{Parameter, Value};

const YES: [&str; 62] = [
    "yes",
    "yes please",
    "yeah",
    "yea",
    "yep",
    "yup",
    "yess",
    "y",
    "sure",
    "sure thing",
    "ok",
    "okay",
    "true",
    "on",
    "enable",
    "enabled",
    "agree",
    "agreed",
    "correct",
    "right",
    "of course",
    "definitely",
    "absolutely",
    "affirmative",
    "certainly",
    "do",
    "please do",
    "👌",
    "👌🏻",
    "👌🏼",
    "👌🏽",
    "👌🏾",
    "👌🏿",
    "👍",
    "是",
    "是的",
    "好",
    "好的",
    "好啊",
    "好呀",
    "好哇",
    "好嘞",
    "好吧",
    "对",
    "对的",
    "行",
    "可以",
    "中",
    "同意",
    "没问题",
    "没错",
    "当然",
    "嗯",
    "要",
    "需要",
    "开",
    "开启",
    "打开",
    "启用",
    "真",
    "确认",
    "确定",
];

const NO: [&str; 55] = [
    "no",
    "no thanks",
    "nope",
    "nah",
    "n",
    "not ok",
    "not okay",
    "false",
    "off",
    "disable",
    "disabled",
    "disagree",
    "don't",
    "dont",
    "do not",
    "not",
    "never",
    "negative",
    "wrong",
    "no way",
    "of course not",
    "👎",
    "不",
    "不是",
    "不是的",
    "不行",
    "不中",
    "不可以",
    "不好",
    "不对",
    "不要",
    "不用",
    "不用了",
    "不需要",
    "不必",
    "不同意",
    "没必要",
    "拒绝",
    "否",
    "否定",
    "别",
    "无需",
    "不了",
    "关",
    "关闭",
    "关掉",
    "关上",
    "禁用",
    "停用",
    "取消",
    "假",
    "免了",
    "算了",
    "不确认",
    "反对",
];

/// What people say to a switch; too common in a sentence to be found there.
const SWITCHES: [(&str, bool); 30] = [
    ("activate", true),
    ("activated", true),
    ("switch on", true),
    ("turn on", true),
    ("switch it on", true),
    ("turn it on", true),
    ("start", true),
    ("put up", true),
    ("put it up", true),
    ("set", true),
    ("deactivate", false),
    ("deactivated", false),
    ("switch off", false),
    ("turn off", false),
    ("switch it off", false),
    ("turn it off", false),
    ("stop", false),
    ("end", false),
    ("take down", false),
    ("take it down", false),
    ("开始", true),
    ("进入", true),
    ("挂上", true),
    ("挂", true),
    ("切到", true),
    ("结束", false),
    ("退出", false),
    ("撤下来", false),
    ("撤下", false),
    ("停止", false),
];

/// Words that turn what follows into its opposite.
const NEGATIONS: [&str; 27] = [
    "no",
    "not",
    "don't",
    "dont",
    "do not",
    "without",
    "never",
    "skip",
    "disable",
    "avoid",
    "stop",
    "turn off",
    "keep from",
    "先不要",
    "先不",
    "先别",
    "不要",
    "不用",
    "不需要",
    "不必",
    "不",
    "别",
    "无需",
    "无",
    "没有",
    "免",
    "关闭",
];

/// General yes and no words. Short Chinese ones count only where they stand alone.
pub(super) fn find(folded: &Folded) -> Vec<Found> {
    words(folded)
        .into_iter()
        .map(|(range, yes)| Found {
            start: range.start,
            end: range.end,
            values: vec![Value::Boolean(yes)],
        })
        .collect()
}

/// Every word for yes or no.
pub(super) fn words(folded: &Folded) -> Vec<(Range<usize>, bool)> {
    scan(&folded.text, |at| word(&folded.text, at))
}

fn word(text: &str, at: usize) -> Option<(usize, bool)> {
    let yes = YES.iter().map(|w| (*w, true));
    let no = NO.iter().map(|w| (*w, false));
    yes.chain(no)
        .filter(|(word, _)| text[at..].starts_with(word) && is_free(text, at, word))
        .max_by_key(|(word, _)| word.len())
        .map(|(word, yes)| (at + word.len(), yes))
}

fn is_free(text: &str, at: usize, word: &str) -> bool {
    let end = at + word.len();
    if word.is_ascii() {
        let quoted = before(text, at).is_some_and(|c| matches!(c, '\'' | '-' | '/' | '.'))
            || text[end..].starts_with(['-', '/', '\'', '@']);
        return starts_word(text, at) && ends_word(text, end) && !quoted;
    }
    let han = |c: Option<char>| c.is_some_and(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let alone = !han(before(text, at)) && !han(text[end..].chars().next());
    word.chars().count() > 1 && !han(before(text, at)) || alone
}

/// What a text says about one switch: a general word, or the switch's own name, negated or not.
pub(super) fn interpret(folded: &Folded, parameter: &Parameter) -> Option<Value> {
    let text = folded
        .text
        .trim()
        .trim_matches(|c: char| c.is_ascii_punctuation() && c != '\'' || "。，！？".contains(c));
    match text {
        "1" => return Some(Value::Boolean(true)),
        "0" => return Some(Value::Boolean(false)),
        _ => {}
    }
    if let Some((end, yes)) = word(text, 0)
        && end == text.len()
    {
        return Some(Value::Boolean(yes));
    }
    if let Some((_, yes)) = SWITCHES.iter().find(|(word, _)| *word == text) {
        return Some(Value::Boolean(*yes));
    }
    named(text, parameter).or_else(|| leading(text)).map(Value::Boolean)
}

/// "yes, please", "no, leave it": the first word decides where a mark follows it.
fn leading(text: &str) -> Option<bool> {
    let (end, yes) = word(text, 0)?;
    let rest = &text[end..];
    (rest.starts_with([',', '，', '.', '!', '。', '！'])
        || rest.starts_with(" please")
        || matches!(rest, "吧" | "的" | "啊" | "呀" | "呢" | "了"))
    .then_some(yes)
}

/// The switch's own name: `force`, `no compression`, `uncompressed`, 不压缩.
fn named(text: &str, parameter: &Parameter) -> Option<bool> {
    let negation = NEGATIONS
        .iter()
        .filter(|n| text.starts_with(**n) && (!n.is_ascii() || ends_word(text, n.len())))
        .max_by_key(|n| n.len());
    let rest = text[negation.map_or(0, |n| n.len())..].trim();
    if let Some(polarity) = mentions(rest, parameter) {
        return Some(polarity != negation.is_some());
    }
    let opposite = rest.strip_prefix("un").or_else(|| rest.strip_prefix("non-"))?;
    mentions(opposite, parameter).map(|polarity| polarity == negation.is_some())
}

/// What a text says about a switch by the switch's own name; a general yes or no says nothing.
pub(super) fn told_by_name(folded: &Folded, parameter: &Parameter) -> Option<bool> {
    let mark = |c: char| c.is_ascii_punctuation() || "。，！？".contains(c) || c.is_whitespace();
    named(folded.text.trim_matches(mark), parameter)
}

/// Whether words name the switch: by the words of its name, or by those of its description.
/// `Some(false)` where the description names them as what does *not* happen.
fn mentions(text: &str, parameter: &Parameter) -> Option<bool> {
    if text.is_empty() {
        return None;
    }
    let words: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| w.len() >= 3).collect();
    let named = parameter
        .name
        .split('_')
        .filter(|part| part.len() >= 3)
        .any(|part| words.iter().any(|w| same_stem(w, part)));
    if named {
        return Some(true);
    }
    let label = parameter.label.as_ref().map_or("", |label| label.zh.as_str());
    let described = &parameter.description.zh;
    let letters: Vec<char> = text.chars().filter(|c| !c.is_ascii()).collect();
    letters.windows(2).find_map(|pair| {
        let pair: String = pair.iter().collect();
        if label.contains(&pair) {
            return Some(true);
        }
        let at = described.find(&pair)?;
        let denied = described[..at].ends_with(['不', '无', '别']);
        Some(!denied)
    })
}

/// Whether two words share their stem: `graceful` and `gracefully`, `compress` and `compression`.
fn same_stem(a: &str, b: &str) -> bool {
    let shared = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    shared == a.len().min(b.len()) && shared >= 3 || shared >= 5
}

#[cfg(test)]
mod tests {
    use crate::catalog::Localized;
    use crate::catalog::ParameterType::Boolean;
    use crate::nlu::values::tests::{check, check_worth, parameter, worth};

    #[test]
    fn finds_general_words() {
        check(Boolean, "yes, turn it off", &[("yes", "true"), ("off", "false")]);
        check(Boolean, "不用了，好的", &[("不用了", "false"), ("好的", "true")]);
        check(Boolean, "中午行动", &[]);
    }

    #[test]
    fn reads_answers() {
        for (text, expect) in [
            ("on", "true"),
            ("nope", "false"),
            ("好", "true"),
            ("不要", "false"),
            ("1", "true"),
            ("yes, please", "true"),
            ("maybe", "! wrong_type"),
        ] {
            check_worth(Boolean, text, expect);
        }
    }

    #[test]
    fn reads_the_name_of_the_switch() {
        let mut switch = parameter(Boolean);
        switch.name = "dry_run".to_owned();
        switch.description =
            Localized { en: String::new(), zh: "是否只预演不执行".to_owned() };
        for (text, expect) in [
            ("dry run", "true"),
            ("no dry run", "false"),
            ("预演", "true"),
            ("不预演", "false"),
            ("先别执行", "true"),
        ] {
            assert_eq!(worth(text, &switch), expect, "{text:?}");
        }
        switch.name = "compress".to_owned();
        assert_eq!(worth("no compression", &switch), "false");
        assert_eq!(worth("uncompressed", &switch), "false");
    }
}
