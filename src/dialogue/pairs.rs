//! Pairs: two parameters of one kind, which people mix up ("from" and "to").

use std::cmp::Ordering;

use super::act::{Pair, Problem};
use super::session::Draft;
use crate::catalog::{JobTemplate, Parameter, ParameterType, Value};

/// How the two ends of a pair are named in catalogues: a prefix each; what follows is equal. An
/// empty one stands for the bare name (`host` and `target_host`).
const ENDS: [(&str, &str); 7] = [
    ("source_", "target_"),
    ("from_", "to_"),
    ("start_", "end_"),
    ("old_", "new_"),
    ("src_", "dst_"),
    ("", "target_"),
    ("", "new_"),
];

/// The pairs of a template, in the order of its parameters.
pub(super) fn pairs(template: &JobTemplate) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    for from in &template.parameters {
        for to in &template.parameters {
            let taken = |name: &str| pairs.iter().any(|p| p.from == name || p.to == name);
            if from.name != to.name
                && same_kind(from, to)
                && are_ends(&from.name, &to.name)
                && !taken(&from.name)
                && !taken(&to.name)
            {
                pairs.push(Pair { from: from.name.clone(), to: to.name.clone() });
            }
        }
    }
    pairs
}

/// Whether the two ends are where something comes from and where it goes to.
pub(super) fn is_movement(pair: &Pair) -> bool {
    const MOVEMENTS: [(&str, &str); 3] =
        [("source_", "target_"), ("from_", "to_"), ("src_", "dst_")];
    MOVEMENTS.iter().any(|(from, to)| pair.from.starts_with(from) && pair.to.starts_with(to))
}

/// The other end of the pair that a parameter belongs to.
pub(super) fn other_end(template: &JobTemplate, parameter: &str) -> Option<String> {
    pairs(template).into_iter().find_map(|pair| {
        if pair.from == parameter {
            Some(pair.to)
        } else if pair.to == parameter {
            Some(pair.from)
        } else {
            None
        }
    })
}

/// Whether a value of one parameter could stand for the other.
pub(super) fn same_kind(a: &Parameter, b: &Parameter) -> bool {
    let values = |p: &Parameter| p.choices.iter().map(|c| c.value.clone()).collect::<Vec<_>>();
    a.kind == b.kind && values(a) == values(b)
}

/// What is wrong between the two ends of a pair, and with which parameter: equal where they must
/// differ, or a time that ends before it starts.
pub(super) fn problem(template: &JobTemplate, draft: &Draft) -> Option<(String, Problem)> {
    for pair in pairs(template) {
        let (Some(from), Some(to)) = (draft.value(&pair.from), draft.value(&pair.to)) else {
            continue;
        };
        let differ = template.differ.iter().any(|g| g.contains(&pair.from) && g.contains(&pair.to));
        let kind = template.parameter(&pair.to).map(|parameter| parameter.kind);
        if kind == Some(ParameterType::Datetime) {
            if starts_after(from, to) {
                return Some((pair.to, Problem::Order { other: pair.from }));
            }
        } else if from == to && differ {
            return Some((pair.to, Problem::Same { other: pair.from }));
        }
    }
    None
}

/// Canonical date-times compare as their texts do.
fn starts_after(from: &Value, to: &Value) -> bool {
    from.to_string().cmp(&to.to_string()) == Ordering::Greater
}

fn are_ends(from: &str, to: &str) -> bool {
    ENDS.iter().any(|(start, end)| match (from.strip_prefix(start), to.strip_prefix(end)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    })
}
