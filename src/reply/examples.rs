//! Values that show how one is written.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::{Speech, Writer, say};
use crate::catalog::{Parameter, ParameterType, TemplateId};
use crate::nlu::Label;
use crate::nlu::values::{Reference, interpret};

impl Writer<'_> {
    /// A value that a parameter takes, to show how one is written: the one that the catalogue's
    /// own examples give it most often, or else any of its type. `None` where neither can be taken
    /// as it stands, and where the name of the type says enough.
    pub fn example(&self, template: &TemplateId, parameter: &Parameter) -> Option<String> {
        let reference =
            Reference { now: Timestamp::UNIX_EPOCH.to_zoned_datetime(self.zone.clone()) };
        let taken = |text: &String| {
            let values = interpret(text, parameter, &reference);
            values.is_ok_and(|values| values.len() == 1)
        };
        // When something was said is no example of when to say it.
        let said = match parameter.kind {
            ParameterType::Datetime => Vec::new(),
            _ => self.said(template, &parameter.name),
        };
        said.into_iter().chain(self.speech.any(parameter.kind)).find(taken)
    }

    /// What a job's examples give a parameter in this language, the most frequent first.
    fn said(&self, template: &TemplateId, parameter: &str) -> Vec<String> {
        let label = Label::Job(template.clone());
        let mut counts: Vec<(usize, String)> = Vec::new();
        let examples = self.catalog.examples_of(&label);
        for example in examples.filter(|example| example.language == self.speech.language) {
            for entity in example.entities.iter().filter(|entity| entity.name == parameter) {
                let surface = example.text.chars().skip(entity.start);
                let surface = || surface.take(entity.end - entity.start).collect();
                let said = entity.value.clone().unwrap_or_else(surface);
                match counts.iter_mut().find(|(_, known)| *known == said) {
                    Some((count, _)) => *count += 1,
                    None => counts.push((1, said)),
                }
            }
        }
        // Stable: of equally frequent ones, the first stays first.
        counts.sort_by_key(|(count, _)| Reverse(*count));
        counts.into_iter().map(|(_, said)| said).collect()
    }
}

impl Speech {
    /// A value of a type, to show how one is written; `None` where the words say enough.
    fn any(self, kind: ParameterType) -> Option<String> {
        let example = match kind {
            ParameterType::Integer => "3",
            ParameterType::Number => "2.5",
            ParameterType::Duration => "30m",
            ParameterType::Datetime => return Some(say!(self, "example-datetime")),
            ParameterType::Version => "v2.4.1",
            ParameterType::Host => "web-03",
            ParameterType::Ip => "10.0.0.12",
            ParameterType::Url => "https://shop.example/cart",
            ParameterType::Path => "/var/log/nginx",
            ParameterType::Email => "kim@example.com",
            ParameterType::Percent => "20%",
            ParameterType::Size => "20GB",
            ParameterType::User => "kim",
            ParameterType::Branch => "feature/login",
            ParameterType::List => "web-01, web-02",
            ParameterType::String | ParameterType::Boolean | ParameterType::Choice => return None,
        };
        Some(example.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::catalog::{Catalog, Language};
    use crate::reply::Speech;

    #[test]
    fn an_example_is_a_value_that_is_taken() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let catalog = Catalog::load(&root.join("intents"), &root.join("training-data"));
        let catalog = catalog.unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let now = "2026-03-12T15:00[UTC]".parse().expect("a moment");
        let reference = Reference { now };
        for language in Language::ALL {
            let writer = Writer {
                speech: Speech::new(language),
                catalog: &catalog,
                zone: TimeZone::UTC,
                topic: None,
            };
            for job in catalog.jobs() {
                for parameter in job.parameters.iter().filter(|p| p.choices.is_empty()) {
                    let what = format!("{}.{} in {language:?}", job.id, parameter.name);
                    if parameter.kind == ParameterType::Boolean {
                        continue;
                    }
                    let example = writer.example(&job.id, parameter);
                    let example = example.unwrap_or_else(|| panic!("{what} has none"));
                    let values = interpret(&example, parameter, &reference);
                    assert_eq!(values.map(|v| v.len()), Ok(1), "{what}: {example}");
                }
            }
        }
    }
}
