//! Draws other values for the ones in an example: other hosts, versions, times ..., so that the
//! encoder learns where values stand and not which ones there are.

use std::collections::BTreeMap;

use rand::Rng;
use rand::seq::IndexedRandom;

use crate::catalog::{Entity, Example, Language, Parameter, ParameterType};
use crate::nlu::train::reference;
use crate::nlu::values::{self, Reference};

/// Values to draw from: what the examples themselves hold, by type and language.
pub struct Resampler {
    seen: BTreeMap<(ParameterType, Language), Vec<String>>,
    reference: Reference,
}

/// How often a value is drawn before the example keeps the one that it has.
const ATTEMPTS: usize = 4;

impl Resampler {
    /// Takes the values of examples, given with what their labels' parameters are.
    pub fn new<'a>(examples: impl Iterator<Item = (&'a Example, &'a [Parameter])>) -> Self {
        let mut seen: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for (example, parameters) in examples {
            for entity in &example.entities {
                let Some(parameter) = parameters.iter().find(|p| p.name == entity.name) else {
                    continue;
                };
                let words = slice(&example.text, entity.start, entity.end);
                let of_kind = seen.entry((parameter.kind, example.language)).or_default();
                if !of_kind.contains(&words) {
                    of_kind.push(words);
                }
            }
        }
        Resampler { seen, reference: reference() }
    }

    /// An example's text and entities, each value replaced with a given likelihood.
    pub fn resample(
        &self,
        example: &Example,
        parameters: &[Parameter],
        likelihood: f64,
        rng: &mut impl Rng,
    ) -> (String, Vec<Entity>) {
        let mut text = String::new();
        let mut entities = Vec::with_capacity(example.entities.len());
        let (mut from, mut length) = (0, 0);
        let mut push = |text: &mut String, words: &str| {
            text.push_str(words);
            length += words.chars().count();
            length
        };
        for entity in &example.entities {
            let start = push(&mut text, &slice(&example.text, from, entity.start));
            let words = slice(&example.text, entity.start, entity.end);
            let parameter = parameters.iter().find(|p| p.name == entity.name);
            let drawn = parameter
                .filter(|_| rng.random_bool(likelihood.clamp(0.0, 1.0)))
                .and_then(|parameter| self.draw(parameter, &words, example.language, rng));
            let end = push(&mut text, drawn.as_ref().unwrap_or(&words));
            entities.push(Entity { start, end, ..entity.clone() });
            from = entity.end;
        }
        push(&mut text, &slice(&example.text, from, usize::MAX));
        (text, entities)
    }

    /// Another value that the parameter accepts.
    fn draw(
        &self,
        parameter: &Parameter,
        words: &str,
        language: Language,
        rng: &mut impl Rng,
    ) -> Option<String> {
        (0..ATTEMPTS)
            .filter_map(|_| self.propose(parameter, words, language, rng))
            .find(|drawn| values::interpret(drawn, parameter, &self.reference).is_ok())
    }

    /// A choice's other names; else a value of the same type from any example, or the value at
    /// hand, with its digits and, in names, its letters drawn anew.
    fn propose(
        &self,
        parameter: &Parameter,
        words: &str,
        language: Language,
        rng: &mut impl Rng,
    ) -> Option<String> {
        match parameter.kind {
            ParameterType::Choice => {
                let choice = parameter.choices.choose(rng)?;
                let names: Vec<&String> = std::iter::once(&choice.value)
                    .chain(&choice.synonyms)
                    .filter(|name| Language::of(name).is_none_or(|of| of == language))
                    .collect();
                names.choose(rng).map(|name| name.to_string())
            }
            // There are few ways to say yes, and which one fits depends on the sentence.
            ParameterType::Boolean => None,
            kind => {
                let other = self.seen.get(&(kind, language)).and_then(|seen| seen.choose(rng));
                let model = match other {
                    Some(other) if rng.random_bool(0.5) => other,
                    _ => words,
                };
                Some(redrawn(model, has_free_letters(kind), rng))
            }
        }
    }
}

/// Whether the letters of a value of that type are a name that could as well be another.
fn has_free_letters(kind: ParameterType) -> bool {
    use ParameterType::{Branch, Email, Host, Path, Url, User};
    matches!(kind, Branch | Email | Host | Path | Url | User)
}

/// Words with other digits: a leading one stays from 1 to 9, so that 07 doesn't become 97 and
/// 30 not 00. With free letters, one run of ASCII letters of a length that names have becomes another
/// pronounceable one.
fn redrawn(words: &str, free_letters: bool, rng: &mut impl Rng) -> String {
    let mut drawn = String::with_capacity(words.len());
    let mut previous = None;
    for c in words.chars() {
        let number_starts = !previous.is_some_and(|p: char| p.is_ascii_digit());
        drawn.push(match c {
            '0' if number_starts => '0',
            '0'..='9' if number_starts => char::from(b'1' + rng.random_range(0..9)),
            // The second digit of an hour, a day or a month must often be small.
            '0'..='9' if rng.random_bool(0.5) => char::from(b'0' + rng.random_range(0..6)),
            other => other,
        });
        previous = Some(c);
    }
    if free_letters { renamed(&drawn, rng) } else { drawn }
}

fn renamed(words: &str, rng: &mut impl Rng) -> String {
    let runs: Vec<(usize, usize)> = runs_of_letters(words);
    let Some(&(start, end)) = runs.choose(rng) else {
        return words.to_owned();
    };
    let name: String = (0..end - start)
        .map(|i| {
            let letters: &[u8] = if i % 2 == 0 { b"bcdfgklmnprstvw" } else { b"aeiou" };
            char::from(letters[rng.random_range(0..letters.len())])
        })
        .collect();
    format!("{}{name}{}", &words[..start], &words[end..])
}

/// The runs of three to twelve ASCII letters, in bytes; not what an address ends with or a scheme.
fn runs_of_letters(words: &str) -> Vec<(usize, usize)> {
    let bytes = words.as_bytes();
    let mut runs = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let end = (start..bytes.len()).find(|&i| !bytes[i].is_ascii_alphabetic());
        let end = end.unwrap_or(bytes.len());
        let scheme = words[end..].starts_with("://");
        let ending = start > 0 && bytes[start - 1] == b'.';
        if (3..=12).contains(&(end - start)) && !scheme && !ending {
            runs.push((start, end));
        }
        start = end.max(start + 1);
    }
    runs
}

/// Characters `start..end` of a text.
fn slice(text: &str, start: usize, end: usize) -> String {
    text.chars().take(end).skip(start).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::catalog::{Choice, Localized, Origin};
    use crate::nlu::Label;

    fn parameter(name: &str, kind: ParameterType) -> Parameter {
        Parameter {
            name: name.into(),
            kind,
            required: false,
            description: Localized { en: name.into(), zh: name.into() },
            label: None,
            choices: Vec::new(),
            pattern: None,
            min: None,
            max: None,
            default: None,
            secret: false,
            suggest: None,
        }
    }

    fn example(text: &str, entities: &[(&str, &str)]) -> Example {
        let entities = entities.iter().map(|(name, words)| {
            let at = text.find(words).expect("the words are in the text");
            let start = text[..at].chars().count();
            let end = start + words.chars().count();
            Entity { start, end, name: name.to_string(), value: None }
        });
        Example {
            text: text.into(),
            language: Language::of(text).unwrap_or_default(),
            label: Label::Job("restart".into()),
            entities: entities.collect(),
            origin: Origin { file: Arc::new(PathBuf::from("x")), line: 1 },
        }
    }

    /// Draws often, and checks that each text is the old one but for values that are still accepted.
    fn check(text: &str, entities: &[(&str, &str)], parameters: &[Parameter]) {
        let example = example(text, entities);
        let resampler = Resampler::new(std::iter::once((&example, parameters)));
        let mut rng = StdRng::seed_from_u64(7);
        let mut texts = std::collections::BTreeSet::new();
        for _ in 0..40 {
            let (drawn, found) = resampler.resample(&example, parameters, 1.0, &mut rng);
            let (mut old_from, mut new_from) = (0, 0);
            for (old, new) in example.entities.iter().zip(&found) {
                assert_eq!(
                    slice(text, old_from, old.start),
                    slice(&drawn, new_from, new.start),
                    "{drawn}"
                );
                let words = slice(&drawn, new.start, new.end);
                let parameter = parameters.iter().find(|p| p.name == new.name);
                let parameter = parameter.expect("the parameter is known");
                let worth = values::interpret(&words, parameter, &resampler.reference);
                assert!(worth.is_ok(), "{words} in {drawn}");
                (old_from, new_from) = (old.end, new.end);
            }
            assert_eq!(slice(text, old_from, 999), slice(&drawn, new_from, 999));
            texts.insert(drawn);
        }
        assert!(texts.len() > 3, "only {texts:?}");
    }

    #[test]
    fn values_are_replaced_in_their_places() {
        let host = parameter("host", ParameterType::Host);
        let version = parameter("version", ParameterType::Version);
        check(
            "restart web-03 with v2.3.1, please",
            &[("host", "web-03"), ("version", "v2.3.1")],
            &[host, version],
        );
        let size = parameter("size", ParameterType::Size);
        check("给数据库扩容到 200GB 吧", &[("size", "200GB")], &[size]);
        let mut environment = parameter("environment", ParameterType::Choice);
        for value in ["staging", "production", "testing", "demo", "canary"] {
            environment.choices.push(Choice { value: value.into(), synonyms: Vec::new() });
        }
        check("deploy to staging", &[("environment", "staging")], &[environment]);
    }

    #[test]
    fn nothing_is_replaced_that_should_not_be() {
        let example = example("restart web-03", &[("host", "web-03")]);
        let host = [parameter("host", ParameterType::Host)];
        let resampler = Resampler::new(std::iter::once((&example, &host[..])));
        let mut rng = StdRng::seed_from_u64(7);
        let (text, entities) = resampler.resample(&example, &host, 0.0, &mut rng);
        assert_eq!((text, entities), (example.text, example.entities));
    }
}
