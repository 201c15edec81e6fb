//! What a request says and its plan does not hold: told before anything runs, since a word that
//! is passed over may be the one that mattered.
//!
//! Values are found by their form, whichever parameter they would be for. What limits, excludes,
//! makes conditional or counts from what there is stands behind a word of a closed class.

use std::ops::Range;

use super::act::Note;
use super::cues;
use super::heard::{Expecting, Heard, Meaning};
use super::look::byte_at;
use super::several::Several;
use super::turn::Talk;
use crate::catalog::{JobTemplate, Parameter, ParameterType, is_han};
use crate::nlu::values::{self, recognize};
use crate::nlu::{Decision, Slot};

/// Types whose values show what they are wherever they stand.
const TELLING: [ParameterType; 10] = [
    ParameterType::Url,
    ParameterType::Email,
    ParameterType::Path,
    ParameterType::Host,
    ParameterType::Ip,
    ParameterType::Version,
    ParameterType::Duration,
    ParameterType::Percent,
    ParameterType::Size,
    ParameterType::Integer,
];

/// So many stretches are told at most: a longer list is not read.
const MOST: usize = 4;

/// What a word of a closed class does to the words behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restricts {
    /// Takes them away, or away from the rest: "without compression", "except orders".
    Excludes,
    /// Lets nothing else be: "only books".
    Limits,
    /// Makes all of it hang on them: "if the check fails".
    Conditions,
    /// Counts from what there is: "by 2", "half the replicas".
    Counts,
}

impl Talk<'_> {
    /// The stretches of a request that neither its values nor its time account for, in their
    /// order. A number that is counted from what there is is no value: such a slot is taken away.
    pub(super) fn unused(
        &self,
        heard: &Heard,
        template: &JobTemplate,
        slots: &mut Vec<Slot>,
    ) -> Vec<String> {
        let text = &heard.text;
        let stretches = stretches(text);
        let is_number = |slot: &Slot| {
            let kind = template.parameter(&slot.parameter).map(|p| p.kind);
            matches!(kind, Some(ParameterType::Integer | ParameterType::Number))
        };
        slots.retain(|slot| {
            let at = bytes(text, slot);
            !(is_number(slot) && stretches.iter().any(|s| s.counts(text, &at)))
        });
        let used: Vec<Range<usize>> = slots.iter().map(|slot| bytes(text, slot)).collect();
        let numbers: Vec<Range<usize>> =
            slots.iter().filter(|slot| is_number(slot)).map(|slot| bytes(text, slot)).collect();
        let times: Vec<Range<usize>> =
            recognize::times(text, &self.reference()).into_iter().map(|time| time.span).collect();
        let within = |all: &[Range<usize>], at: &Range<usize>| all.iter().any(|u| overlaps(u, at));
        let is_used = |stretch: &Stretch| match stretch.does {
            Restricts::Conditions => within(&used, &stretch.word),
            Restricts::Limits => within(&used, &stretch.all),
            Restricts::Counts => {
                within(&numbers, &stretch.all)
                    || within(&used, &stretch.word)
                    || within(&times, &stretch.word)
            }
            Restricts::Excludes => {
                within(&used, &stretch.all)
                    || self.is_settled_otherwise(heard, template, slots, &stretch.all)
            }
        };
        let mut unused: Vec<Range<usize>> =
            stretches.iter().filter(|s| !is_used(s)).map(|s| s.all.clone()).collect();
        for value in self.values_in(text, template) {
            let known = used.iter().chain(&unused).any(|at| overlaps(at, &value));
            if !known && !stretches.iter().any(|s| overlaps(&s.all, &value)) {
                unused.push(value);
            }
        }
        unused.sort_by_key(|stretch| stretch.start);
        unused.into_iter().take(MOST).map(|stretch| text[stretch].trim().to_owned()).collect()
    }

    /// Tells what was not used, but for what is asked about as one of several values.
    pub(super) fn tell_unused(&mut self, mut words: Vec<String>, several: &[Several]) {
        words.retain(|words| !several.iter().any(|several| several.has(words)));
        if !words.is_empty() {
            self.note(Note::NotUsed { words });
        }
    }

    /// The stretches of a change that nothing accounts for. What it excludes is what it takes the
    /// place of, unless that is a value which the draft does not have.
    pub(super) fn unused_in_change(
        &self,
        heard: &Heard,
        template: &JobTemplate,
        slots: &mut Vec<Slot>,
    ) -> Vec<String> {
        let mut unused = self.unused(heard, template, slots);
        let values = self.session.draft.iter().flat_map(|draft| draft.values.values());
        let old: Vec<String> = values.map(|given| given.value.to_string()).collect();
        unused.retain(|words| {
            let replaces = old.iter().any(|value| words.contains(value.as_str()))
                || !words.contains(|c: char| c.is_ascii_digit());
            !(replaces && stretches(words).iter().any(|s| s.does == Restricts::Excludes))
        });
        unused
    }

    /// Whether something else was said for the parameter that an excluded value is for: "full, not
    /// incremental".
    fn is_settled_otherwise(
        &self,
        heard: &Heard,
        template: &JobTemplate,
        slots: &[Slot],
        stretch: &Range<usize>,
    ) -> bool {
        let said = |p: &&Parameter| slots.iter().any(|slot| slot.parameter == p.name);
        template.parameters.iter().filter(said).any(|parameter| {
            !parameter.choices.is_empty()
                && values::find_choices(&heard.text, parameter, &self.reference())
                    .iter()
                    .any(|found| overlaps(&(found.start..found.end), stretch))
        })
    }

    /// Where values stand that show what they are: the longest ones. Times are told of elsewhere.
    fn values_in(&self, text: &str, template: &JobTemplate) -> Vec<Range<usize>> {
        let reference = self.reference();
        let mut found: Vec<Range<usize>> = recognize::times(text, &reference)
            .into_iter()
            .filter(|time| time.kind != recognize::TimeKind::Duration)
            .map(|time| time.span)
            .collect();
        let times = found.len();
        let choices = template.parameters.iter().filter(|p| p.kind == ParameterType::Choice);
        let choices = choices.flat_map(|p| values::find_choices(text, p, &reference));
        let typed = TELLING.into_iter().flat_map(|kind| values::find(text, kind, &reference));
        // "This one" counts nothing.
        let typed = typed.filter(|found| {
            text[found.start..found.end].contains(|c: char| c.is_ascii_digit() || c == '/')
        });
        let mut others: Vec<Range<usize>> = choices
            .chain(typed)
            .map(|found| found.start..found.end)
            .filter(|at| is_telling(&text[at.clone()]))
            .collect();
        others.sort_by_key(|at| std::cmp::Reverse(at.len()));
        for other in others {
            if !found.iter().any(|at| overlaps(at, &other)) {
                found.push(other);
            }
        }
        found.split_off(times)
    }

    /// The words with which a request for a job says that it is none: "don't restart web-03". What
    /// is said so of a switch of the job is a value ("don't compress"), and what follows in a
    /// clause of its own may be the request ("don't restart it, just drain it").
    pub(super) fn turned_down(&self, heard: &Heard, meaning: &Meaning) -> Option<String> {
        let template = self.template(meaning.job()?)?;
        let text = &heard.text;
        let said = leading_negation(text)?;
        let slots = self.understand(heard, template, None);
        let verb = said.end..next_word_end(text, said.end);
        let is_switch = slots.iter().any(|slot| {
            let kind = template.parameter(&slot.parameter).map(|p| p.kind);
            kind == Some(ParameterType::Boolean) && overlaps(&bytes(text, slot), &verb)
        });
        let behind = cues::clause_end(text, said.end);
        let asks_behind = || {
            let rest = text[behind..].trim_start_matches(|c: char| !c.is_alphanumeric());
            let read = self.read(rest);
            let job = read.meaning(Expecting::Nothing);
            !rest.is_empty() && job.label == meaning.label && read.decision() != Decision::Reject
        };
        // 别再 asks for an end of what is going on.
        let asks_for_an_end = text[said.end..].starts_with('再');
        (!is_switch && !asks_for_an_end && !asks_behind()).then(|| text[said].to_owned())
    }
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
fn leading_negation(text: &str) -> Option<Range<usize>> {
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
struct Stretch {
    does: Restricts,
    /// The word that does it, in bytes.
    word: Range<usize>,
    /// All of it: to the end of its clause, or to the next thing that is said.
    all: Range<usize>,
}

impl Stretch {
    /// Whether a number is counted from what there is: the two of "by two", the one of 一半.
    fn counts(&self, text: &str, number: &Range<usize>) -> bool {
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
fn stretches(text: &str) -> Vec<Stretch> {
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

/// Where the word behind a place ends: one Latin word, or two Chinese characters.
fn next_word_end(text: &str, from: usize) -> usize {
    let rest = &text[from..];
    let start = from + (rest.len() - rest.trim_start().len());
    let word = &text[start..];
    match word.chars().next() {
        Some(c) if is_han(c) => start + word.chars().take(2).map(char::len_utf8).sum::<usize>(),
        _ => start + word.find(char::is_whitespace).unwrap_or(word.len()),
    }
}

/// A value that cannot be an ordinary word: it has a digit, or a sign that names have.
fn is_telling(words: &str) -> bool {
    words.contains(|c: char| c.is_ascii_digit() || matches!(c, '/' | '@' | '*'))
        || words.chars().count() > 2 && !words.contains(char::is_whitespace)
}

fn bytes(text: &str, slot: &Slot) -> Range<usize> {
    byte_at(text, slot.start)..byte_at(text, slot.end)
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
