//! Parameters by the words people use for them: names, descriptions, abbreviations, typos.

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
