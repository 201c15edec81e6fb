//! Switches that a message names: "without compression", 别压缩, "and restart consumers".
//!
//! The slot model learns such words from examples, and misses what none of them says. A boolean
//! parameter that is called by its own name needs no example.

use super::heard::Heard;
use super::look::byte_at;
use super::turn::Talk;
use super::{options, restrictions};
use crate::catalog::{JobTemplate, Language, Parameter, ParameterType, Value};
use crate::nlu::{Slot, SlotValue};

impl Talk<'_> {
    /// Adds the switches that a message names and that have no value yet, and takes those away
    /// that only a negation stands for: the "don't" of "don't restart it" says nothing of how.
    pub(super) fn switches(&self, heard: &Heard, template: &JobTemplate, slots: &mut Vec<Slot>) {
        let text = &heard.text;
        let is_switch = |p: &Parameter| p.kind == ParameterType::Boolean;
        slots.retain(|slot| {
            let switch = template.parameter(&slot.parameter).is_some_and(is_switch);
            !(switch && restrictions::is_negation(&slot.surface))
        });
        for parameter in template.parameters.iter().filter(|p| is_switch(p)) {
            if slots.iter().any(|slot| slot.parameter == parameter.name) {
                continue;
            }
            let Some(named) = named(text, parameter) else { continue };
            let taken = slots.iter().any(|slot| {
                let at = byte_at(text, slot.start)..byte_at(text, slot.end);
                at.start < named.end && named.start < at.end
            });
            if taken {
                continue;
            }
            let negated = restrictions::exclusion_at(text, &named);
            let at = negated.clone().unwrap_or(named);
            slots.push(Slot {
                parameter: parameter.name.clone(),
                start: text[..at.start].chars().count(),
                end: text[..at.end].trim_end().chars().count(),
                surface: text[at].trim().to_owned(),
                value: SlotValue::Valid(Value::Boolean(negated.is_none())),
                confidence: 1.0,
            });
        }
    }
}

/// Where a parameter is called by its name or its label, in bytes: all words of it, longer ones in
/// any form ("compression" for `compress`).
fn named(text: &str, parameter: &Parameter) -> Option<std::ops::Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let own = parameter.name.replace('_', " ");
    let labels = parameter.label.iter().flat_map(|label| Language::ALL.map(|l| label.get(l)));
    labels.chain([own.as_str()]).find_map(|name| {
        let words = options::words(name);
        let places: Option<Vec<_>> = words.iter().map(|word| place(&lower, word)).collect();
        let places = places.filter(|places| !places.is_empty())?;
        let start = places.iter().map(|at| at.start).min()?;
        let end = places.iter().map(|at| at.end).max()?;
        // The words of a name stand together: "reset her password".
        (end - start <= name.len() + APART).then_some(start..end)
    })
}

/// So many bytes may stand between the words of a name.
const APART: usize = 12;

/// Where a word stands, in bytes: a longer one in any form that begins alike.
fn place(lower: &str, word: &str) -> Option<std::ops::Range<usize>> {
    const LONG: usize = 5;
    if !word.is_ascii() {
        return lower.find(word).map(|at| at..at + word.len());
    }
    let stem = if word.len() > LONG { &word[..LONG] } else { word };
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    lower.match_indices(stem).map(|(at, _)| at).find_map(|at| {
        let whole = at + lower[at..].find(|c| !is_letter(c)).unwrap_or(lower.len() - at);
        let begins = !lower[..at].ends_with(is_letter);
        let fits = word.len() >= LONG || lower[at..whole] == *word;
        let is_name = lower[at..whole].contains(['-', '_']);
        (begins && fits && !is_name).then_some(at..whole)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Localized;

    fn switch(name: &str, label: Localized) -> Parameter {
        Parameter {
            name: name.to_owned(),
            kind: ParameterType::Boolean,
            required: false,
            description: Localized { en: String::new(), zh: String::new() },
            label: Some(label),
            choices: Vec::new(),
            pattern: None,
            min: None,
            max: None,
            default: None,
            secret: false,
            suggest: None,
        }
    }

    #[test]
    fn a_switch_is_named_by_all_of_its_words() {
        let check = |name: &str, label: [&str; 2], text: &str, expect: Option<&str>| {
            let parameter = switch(name, Localized { en: label[0].into(), zh: label[1].into() });
            assert_eq!(named(text, &parameter).map(|at| &text[at]), expect, "{text}");
        };
        let compress = ["compress", "压缩"];
        check("compress", compress, "back up orders without compression", Some("compression"));
        check("compress", compress, "备份 orders，别压缩", Some("压缩"));
        check("compress", compress, "back up compress-db", None);
        check("compress", compress, "back up orders", None);
        let reset = ["reset password", "重置密码"];
        check(
            "reset_password",
            reset,
            "unlock anna and reset her password",
            Some("reset her password"),
        );
        check("reset_password", reset, "the password of anna", None);
        check("dry_run", ["dry run", "仅预演"], "migrate orders, dry run", Some("dry run"));
        check("dry_run", ["dry run", "仅预演"], "run the migration of orders", None);
    }
}
