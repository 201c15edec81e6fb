//! Options: making them, and finding the one that was picked by its place or its name.

use super::act::{OptionItem, Pick};
use super::heard::Heard;
use crate::catalog::{Catalog, Language, Parameter, ParameterType, Value};
use crate::nlu::{Label, values};

/// An option for a value.
pub(super) fn value(parameter: &str, value: &Value) -> OptionItem {
    OptionItem {
        pick: Pick::Value { parameter: parameter.to_owned(), value: value.clone() },
        text: value.to_string(),
    }
}

/// An option for a job or a command.
pub(super) fn intent(label: Label) -> OptionItem {
    OptionItem::named(Pick::Intent { label })
}

/// The options of a parameter that has choices.
pub(super) fn choices(parameter: &Parameter) -> Vec<OptionItem> {
    parameter
        .choices
        .iter()
        .map(|choice| value(&parameter.name, &Value::from(choice.value.as_str())))
        .collect()
}

/// What a message picks among options by place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Place {
    /// The option of this index.
    At(usize),
    /// A place that there is not.
    Outside,
}

/// The place a whole message names: `2`, "the second one", 第二个. `None` where it names none.
pub(super) fn place(text: &str, count: usize) -> Option<Place> {
    let place = values::ordinal(text)?;
    Some(match place.index(count) {
        Some(index) => Place::At(index),
        None => Place::Outside,
    })
}

/// Whether a bare number answers a question by itself, and so does not pick by place.
pub(super) fn takes_numbers(parameter: &Parameter) -> bool {
    matches!(
        parameter.kind,
        ParameterType::Integer
            | ParameterType::Number
            | ParameterType::Percent
            | ParameterType::Duration
            | ParameterType::Size
            | ParameterType::Version
            | ParameterType::Datetime
    )
}

/// The one job or command among the options that a message names: by words of its name that no
/// other option has, else by the model, where it is much surer of one than of the others.
pub(super) fn named_intent(
    catalog: &Catalog,
    options: &[OptionItem],
    heard: &Heard,
) -> Option<usize> {
    by_words(catalog, options, &heard.text).or_else(|| by_model(options, heard))
}

fn by_words(catalog: &Catalog, options: &[OptionItem], text: &str) -> Option<usize> {
    let said = words(text);
    let scores: Vec<usize> = options
        .iter()
        .map(|option| {
            let named = words(&name(catalog, option));
            said.iter().filter(|word| named.contains(word)).count()
        })
        .collect();
    let best = *scores.iter().max()?;
    let mut winners = (0..scores.len()).filter(|&i| scores[i] == best && best > 0);
    match (winners.next(), winners.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// How many times likelier than every other option the model must find the one that is meant.
const MUCH_LIKELIER: f32 = 3.0;

fn by_model(options: &[OptionItem], heard: &Heard) -> Option<usize> {
    let probability = |option: &OptionItem| match &option.pick {
        Pick::Intent { label } => heard.probability(label),
        _ => 0.0,
    };
    let mut ranked: Vec<usize> = (0..options.len()).collect();
    ranked.sort_by(|&a, &b| probability(&options[b]).total_cmp(&probability(&options[a])));
    let (first, second) = (*ranked.first()?, *ranked.get(1)?);
    let best = probability(&options[first]);
    // A job that was not offered and is likelier is a new request.
    let is_offered = |label: &Label| {
        options.iter().any(|o| matches!(&o.pick, Pick::Intent { label: l } if l == label))
    };
    let of_others = heard.utterance.ranking.iter().filter(|s| !is_offered(&s.label));
    let of_others = of_others.filter(|s| matches!(s.label, Label::Job(_)));
    let another = of_others.map(|s| s.probability).fold(0.0, f32::max);
    (best > MUCH_LIKELIER * probability(&options[second]) && best > another).then_some(first)
}

/// Everything an option is called: names and id.
fn name(catalog: &Catalog, option: &OptionItem) -> String {
    let mut name = option.text.clone();
    if let Pick::Intent { label } = &option.pick
        && let Some(names) = catalog.name_of(label)
    {
        for language in Language::ALL {
            name.push(' ');
            name.push_str(names.get(language));
        }
    }
    name
}

/// Latin words in lower case, and pairs of Chinese characters.
pub(super) fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let mut words: Vec<String> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.len() > 1 || word.chars().all(|c| c.is_ascii_digit()))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let chars: Vec<char> = lower.chars().collect();
    words.extend(
        chars
            .windows(2)
            .filter(|pair| pair.iter().all(|c| crate::catalog::is_han(*c)))
            .map(|pair| pair.iter().collect::<String>()),
    );
    words
}
