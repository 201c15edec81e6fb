//! What is said about a time in Chinese: 八点之前, 自2018年以来, 截止到周五, 3月1日起.

use jiff::civil::DateTime;

use super::words::skip;
use crate::nlu::values::datetime::item::Item;
use crate::nlu::values::datetime::modifier::{Modifier, modify};
use crate::nlu::values::text::{one_of, skip_blanks};

const TAILS: [(&str, Modifier); 21] = [
    ("之前", Modifier::Before),
    ("以前", Modifier::Before),
    ("前", Modifier::Before),
    ("之后", Modifier::After),
    ("以后", Modifier::After),
    ("过后", Modifier::After),
    ("后", Modifier::After),
    ("或之前", Modifier::Until),
    ("或以前", Modifier::Until),
    ("及以前", Modifier::Until),
    ("及之前", Modifier::Until),
    ("为止", Modifier::Until),
    ("或之后", Modifier::Since),
    ("或以后", Modifier::Since),
    ("及以后", Modifier::Since),
    ("及之后", Modifier::Since),
    ("以来", Modifier::Since),
    ("开始", Modifier::Since),
    ("起", Modifier::Since),
    ("往后", Modifier::Since),
    ("往前", Modifier::Until),
];

const LEADS: [(&str, Modifier); 11] = [
    ("截止到", Modifier::Before),
    ("截止", Modifier::Before),
    ("截至", Modifier::Before),
    ("直到", Modifier::Until),
    ("早于", Modifier::Before),
    ("不晚于", Modifier::Until),
    ("晚于", Modifier::After),
    ("不早于", Modifier::Since),
    ("自从", Modifier::Since),
    ("自", Modifier::Since),
    ("从", Modifier::Since),
];

/// A time with what was said behind it or in front of it. `base` is what stands here without,
/// `parse` reads a time elsewhere.
pub(super) fn modified(
    text: &str,
    at: usize,
    now: DateTime,
    base: Option<&(usize, Item)>,
    parse: impl Fn(usize) -> Option<(usize, Item)>,
) -> Option<(usize, Item)> {
    let leads: Vec<&str> = LEADS.iter().map(|(lead, _)| *lead).collect();
    let lead = one_of(text, at, &leads);
    let from = lead.map_or(at, |(end, _)| skip_blanks(text, end));
    let (end, item) = if from == at { base.cloned()? } else { parse(from)? };
    if matches!(item, Item::Length(..) | Item::Recurring(_)) {
        return None;
    }
    let tails: Vec<&str> = TAILS.iter().map(|(tail, _)| *tail).collect();
    let next = skip_blanks(text, end);
    let tail =
        one_of(text, next, &tails).filter(|(to, index)| !goes_on(text, *to, TAILS[*index].0));
    match (lead, tail) {
        // 从 needs 起 or 开始 behind, since 从 alone says where something comes from.
        (Some((_, index)), None) if LEADS[index].0 != "从" && LEADS[index].0 != "自" => {
            modify(item, LEADS[index].1, now).map(|item| (end, item))
        }
        (Some((_, index)), Some((to, tail)))
            if LEADS[index].1 == Modifier::Since && TAILS[tail].1 == Modifier::Since =>
        {
            modify(item, Modifier::Since, now).map(|item| (to, item))
        }
        (Some((_, index)), Some((to, tail))) if TAILS[tail].1 == Modifier::Until => {
            modify(item, LEADS[index].1, now).map(|item| (to, item))
        }
        (None, Some((to, tail))) => modify(item, TAILS[tail].1, now).map(|item| (to, item)),
        _ => None,
    }
}

/// 前端, 后台 and 起来 are other words.
fn goes_on(text: &str, at: usize, tail: &str) -> bool {
    let others: &[&str] = match tail {
        "前" => &["端", "台", "缀", "面", "后", "三", "十", "往", "1", "2", "3", "5"],
        "后" => &["端", "台", "缀", "面", "续", "来"],
        "起" => &["来", "点", "码"],
        "开始" => &["时间"],
        _ => &[],
    };
    one_of(text, skip(text, at, &[]), others).is_some()
}
