//! Parameters by the words people use for them: names, descriptions, abbreviations, typos.

use std::ops::Range;

use super::cues;
use crate::catalog::{JobTemplate, Language, Parameter, is_han};

/// How similar (Jaro-Winkler) a word must be to a parameter's name to be a typo of it.
const TYPO: f64 = 0.88;

/// The parameter of a template that words name. Among several that fit equally, one that
/// `preferred` says yes to; `None` where nothing fits.
pub(super) fn named_parameter<'t>(
    template: &'t JobTemplate,
    words: &str,
    preferred: impl Fn(&Parameter) -> bool,
) -> Option<&'t Parameter> {
    let words = words.trim().to_lowercase();
    let words = words.strip_prefix("the ").unwrap_or(&words);
    if words.is_empty() {
        return None;
    }
    let mut best: Option<(u32, &Parameter)> = None;
    for parameter in &template.parameters {
        let fit = 2 * fit(parameter, words) + u32::from(preferred(parameter));
        if fit > 1 && best.is_none_or(|(so_far, _)| fit > so_far) {
            best = Some((fit, parameter));
        }
    }
    best.map(|(_, parameter)| parameter)
}

/// The parameters of a template whose names or labels stand in a text, with where, in bytes: the
/// longest names first taken, none overlapping another, and none that two parameters share.
pub(super) fn spoken_of<'t>(
    template: &'t JobTemplate,
    text: &str,
) -> Vec<(Range<usize>, &'t Parameter)> {
    let lower = text.to_ascii_lowercase();
    let mut places: Vec<(Range<usize>, &Parameter)> = Vec::new();
    for parameter in &template.parameters {
        for name in called(parameter) {
            let plural = format!("{name}s");
            places.extend(cues::occurrences(&lower, &name).map(|range| (range, parameter)));
            if name.is_ascii() {
                places.extend(cues::occurrences(&lower, &plural).map(|range| (range, parameter)));
            }
        }
    }
    places.sort_by_key(|(range, _)| (std::cmp::Reverse(range.len()), range.start));
    let mut spoken: Vec<(Range<usize>, Option<&Parameter>)> = Vec::new();
    for (range, parameter) in places {
        match spoken.iter_mut().find(|(r, _)| r.start < range.end && range.start < r.end) {
            Some((same, of)) if *same == range && of.is_some_and(|p| p.name != parameter.name) => {
                *of = None;
            }
            Some(_) => {}
            None => spoken.push((range, Some(parameter))),
        }
    }
    spoken.sort_by_key(|(range, _)| range.start);
    spoken.into_iter().filter_map(|(range, parameter)| Some((range, parameter?))).collect()
}

/// What a parameter is called, in lower case: its name, and its label in each language.
fn called(parameter: &Parameter) -> Vec<String> {
    let labels = parameter.label.iter().flat_map(|label| Language::ALL.map(|l| label.get(l)));
    let mut called: Vec<String> = labels.map(str::to_ascii_lowercase).collect();
    called.push(parameter.name.replace('_', " "));
    called.push(parameter.name.clone());
    // One Chinese character is part of too many words.
    called.retain(|name| if name.is_ascii() { name.len() > 2 } else { name.chars().count() > 1 });
    called.sort();
    called.dedup();
    called
}

/// How well words name a parameter: 0 for not at all.
fn fit(parameter: &Parameter, words: &str) -> u32 {
    let name = parameter.name.replace('_', " ");
    let english = parameter.description.get(Language::En).to_lowercase();
    let chinese = parameter.description.get(Language::Zh).to_lowercase();
    let underscored = words.replace(['_', '-'], " ");
    if underscored == name || words == english || words == chinese {
        return 6;
    }
    if words.chars().any(is_han) {
        return chinese_fit(&chinese, words);
    }
    let parts: Vec<&str> = name.split(' ').collect();
    if parts.contains(&underscored.as_str()) || parts.contains(&underscored.trim_end_matches('s')) {
        return 5;
    }
    if words.len() >= 3 && parts.iter().any(|part| part.starts_with(words)) {
        return 4;
    }
    if parts
        .iter()
        .chain([&name.as_str()])
        .any(|part| part.len() > 3 && strsim::jaro_winkler(part, &underscored) >= TYPO)
    {
        return 3;
    }
    let described = english.split(|c: char| !c.is_alphanumeric()).any(|word| word == words);
    u32::from(described)
}

/// Chinese words name a parameter by its description, or by a part of it.
fn chinese_fit(description: &str, words: &str) -> u32 {
    if description.contains(words) || (words.contains(description) && !description.is_empty()) {
        return 4;
    }
    let chars: Vec<char> = words.chars().filter(|c| is_han(*c)).collect();
    let shared = chars
        .windows(2)
        .filter(|pair| description.contains(&pair.iter().collect::<String>()))
        .count();
    u32::from(shared > 0) + u32::from(shared > 1)
}
