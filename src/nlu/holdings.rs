//! The values that a message holds, and how well each job explains them.
//!
//! Hosts, versions, sizes, the words of a choice show what they are whoever they are for. A
//! job that has a parameter for each is likelier meant than one with which they could do
//! nothing: "web-03" says little to a job without a host. How much that counts is learnt (see
//! [`gate`](super::gate)); here it is only counted. A time speaks for no job: any of them may be
//! wanted "tonight at ten".
//!
//! The n-gram view sees the same places as one sign for each kind of value, so that no value is
//! learnt by heart.

use serde::{Deserialize, Serialize};

use crate::catalog::{Catalog, Parameter, ParameterType, is_han};
use crate::nlu::text::Text;
use crate::nlu::values::{self, Reference};

/// The types whose values are known by their form, wherever they stand.
const TELLING: [ParameterType; 11] = [
    ParameterType::Host,
    ParameterType::Ip,
    ParameterType::Url,
    ParameterType::Path,
    ParameterType::Email,
    ParameterType::Version,
    ParameterType::Datetime,
    ParameterType::Duration,
    ParameterType::Percent,
    ParameterType::Size,
    ParameterType::Integer,
];

/// What a value is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Good {
    /// For a parameter of a type.
    Type(ParameterType),
    /// For a parameter with these choices: an index into [`Explainer::choices`].
    Choices(usize),
}

/// What is known of the parameters of a catalogue before any message is read.
#[derive(Debug, Clone)]
pub struct Explainer {
    /// One parameter for each list of choices.
    choices: Vec<Parameter>,
    /// The parameters of each job, in the order of the catalogue.
    jobs: Vec<Vec<Wanted>>,
}

#[derive(Debug, Clone)]
struct Wanted {
    takes: Good,
    /// Has to be given, and shows by its form.
    awaited: bool,
}

/// A value in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    /// Offsets in characters, `start..end`.
    start: usize,
    end: usize,
    good: Vec<Good>,
}

/// How a job stands to the values in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Explained {
    /// Values that no parameter of the job takes.
    pub unexplained: u8,
    /// Parameters that one of the values is for, each value for one of them.
    pub explained: u8,
    /// Required parameters, of those that show by their form, without a value.
    pub missing: u8,
}

/// What a message holds, apart from its token states.
#[derive(Debug, Clone, PartialEq)]
pub struct Holdings {
    /// Its words, numbers and signs, with one private character in place of each value.
    pub skeleton: String,
    /// How many units it had before that.
    pub units: usize,
    /// By job, in the order of the catalogue.
    pub explained: Vec<Explained>,
}

impl Explainer {
    /// Looks at every parameter of a catalogue.
    pub fn new(catalog: &Catalog) -> Explainer {
        let mut choices: Vec<Parameter> = Vec::new();
        let mut place = |parameter: &Parameter| {
            let known = choices.iter().position(|c| c.choices == parameter.choices);
            known.unwrap_or_else(|| {
                choices.push(parameter.clone());
                choices.len() - 1
            })
        };
        let jobs = catalog
            .jobs()
            .iter()
            .map(|job| {
                let timed = |p: &&Parameter| p.kind == ParameterType::Datetime;
                let wanted = |parameter: &Parameter| {
                    let takes = match parameter.choices.as_slice() {
                        [] => Good::Type(parameter.kind),
                        _ => Good::Choices(place(parameter)),
                    };
                    let awaited = parameter.required && takes.shows();
                    Wanted { takes, awaited }
                };
                job.parameters.iter().filter(|p| !timed(p)).map(wanted).collect()
            })
            .collect();
        for label in catalog.labels() {
            let arguments = catalog.parameters_of(&label).iter();
            arguments.filter(|a| !a.choices.is_empty()).for_each(|a| {
                place(a);
            });
        }
        Explainer { choices, jobs }
    }

    /// Looks at a message. When it was said does not matter, only that times stand in it.
    pub fn look(&self, text: &str, reference: &Reference) -> Holdings {
        let text = Text::new(text);
        let found = self.find(&text, reference);
        let telling: Vec<Found> = found.iter().filter(|f| !f.is_time()).cloned().collect();
        Holdings {
            skeleton: self.skeleton(&text, &found),
            units: text.units.len(),
            explained: self.jobs.iter().map(|job| explained(job, &telling)).collect(),
        }
    }

    /// The values in a text: the longest ones, none overlapping another.
    fn find(&self, text: &Text, reference: &Reference) -> Vec<Found> {
        let mut spans: Vec<(usize, usize, Good)> = Vec::new();
        let mut add = |found: Vec<values::Found>, good: Good| {
            spans.extend(
                found.iter().map(|f| (text.character(f.start), text.character(f.end), good)),
            );
        };
        for (i, parameter) in self.choices.iter().enumerate() {
            add(values::find_choices(text.raw, parameter, reference), Good::Choices(i));
        }
        for kind in TELLING {
            add(values::find(text.raw, kind, reference), Good::Type(kind));
        }
        spans.retain(|(start, end, _)| start < end);
        // The sort is stable: of spans of one length, the first to be looked for stays first.
        spans.sort_by_key(|(start, end, _)| std::cmp::Reverse(end - start));
        let mut found: Vec<Found> = Vec::new();
        for (start, end, good) in spans {
            match found.iter_mut().find(|f| f.start < end && start < f.end) {
                Some(same) if (same.start, same.end) == (start, end) => same.good.push(good),
                Some(_) => {}
                None => found.push(Found { start, end, good: vec![good] }),
            }
        }
        found.sort_by_key(|f| f.start);
        found
    }

    /// The units of a text with spaces between words, but not between Chinese characters.
    fn skeleton(&self, text: &Text, found: &[Found]) -> String {
        let mut skeleton = String::with_capacity(text.raw.len());
        let mut last = None;
        for unit in &text.units {
            let value = found.iter().position(|f| f.start < unit.end && unit.start < f.end);
            match value {
                Some(value) if last != Some(value) => skeleton.push(self.sign(&found[value])),
                Some(_) => {}
                None if unit.norm.chars().all(is_han) => skeleton.push_str(&unit.norm),
                None => {
                    if !skeleton.ends_with(' ') {
                        skeleton.push(' ');
                    }
                    skeleton.push_str(&unit.norm);
                    skeleton.push(' ');
                }
            }
            last = value;
        }
        skeleton.trim().to_owned()
    }

    /// The sign that stands for a value: one for each type, and one for each list of choices.
    fn sign(&self, found: &Found) -> char {
        let number = match found.good.first() {
            Some(Good::Choices(i)) => TELLING.len() + i,
            Some(Good::Type(kind)) => TELLING.iter().position(|k| k == kind).unwrap_or(0),
            None => 0,
        };
        u32::try_from(number)
            .ok()
            .and_then(|number| char::from_u32(FIRST_SIGN + number))
            .unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

/// The first character of Unicode's private use area: no message means anything by it.
const FIRST_SIGN: u32 = 0xE000;

impl Found {
    fn is_time(&self) -> bool {
        self.good.first() == Some(&Good::Type(ParameterType::Datetime))
    }
}

impl Good {
    fn shows(self) -> bool {
        match self {
            Good::Choices(_) => true,
            Good::Type(kind) => TELLING.contains(&kind),
        }
    }

    /// Whether a value that is good for `self` will do for a parameter that takes `wanted`.
    fn serves(self, wanted: Good) -> bool {
        self == wanted
            || self == Good::Type(ParameterType::Integer)
                && wanted == Good::Type(ParameterType::Number)
    }
}

/// Gives each value to one parameter, those first that only few could take.
fn explained(job: &[Wanted], found: &[Found]) -> Explained {
    let takers = |f: &Found| -> Vec<usize> {
        (0..job.len()).filter(|&p| f.good.iter().any(|g| g.serves(job[p].takes))).collect()
    };
    let mut takers: Vec<Vec<usize>> = found.iter().map(takers).collect();
    takers.sort_by_key(Vec::len);
    let mut given = vec![false; job.len()];
    let mut unexplained = 0usize;
    for takers in takers {
        match takers.iter().find(|&&p| !given[p]) {
            Some(&p) => given[p] = true,
            None => unexplained += usize::from(takers.is_empty()),
        }
    }
    let count = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
    Explained {
        unexplained: count(unexplained),
        explained: count(given.iter().filter(|g| **g).count()),
        missing: count(job.iter().zip(&given).filter(|(w, given)| w.awaited && !**given).count()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(takes: &[(Good, bool)]) -> Vec<Wanted> {
        takes.iter().map(|&(takes, awaited)| Wanted { takes, awaited }).collect()
    }

    #[test]
    fn each_value_is_for_one_parameter() {
        let (host, version) = (ParameterType::Host, ParameterType::Version);
        let found = |good: &[&[Good]]| -> Vec<Found> {
            let place =
                |(i, good): (usize, &&[Good])| Found { start: i, end: i + 1, good: good.to_vec() };
            good.iter().enumerate().map(place).collect()
        };
        let deploy = wanted(&[(Good::Type(version), true), (Good::Choices(0), true)]);
        let check = |values: &[&[Good]], expected: (u8, u8, u8)| {
            let e = explained(&deploy, &found(values));
            assert_eq!((e.unexplained, e.explained, e.missing), expected, "{values:?}");
        };
        check(&[], (0, 0, 2));
        check(&[&[Good::Type(host)]], (1, 0, 2));
        check(&[&[Good::Type(version)], &[Good::Choices(0)]], (0, 2, 0));
        // Two of one kind: the second is not unexplained, but fills nothing either.
        check(&[&[Good::Choices(0)], &[Good::Choices(0)]], (0, 1, 1));
        // What only one parameter takes is given first.
        let both: &[Good] = &[Good::Choices(0), Good::Type(version)];
        check(&[both, &[Good::Type(version)]], (0, 2, 0));
    }

    #[test]
    fn values_are_put_by_what_they_are() {
        let explainer = Explainer { choices: Vec::new(), jobs: Vec::new() };
        let reference = crate::nlu::train::reference();
        let check = |text: &str, expected: &str| {
            assert_eq!(explainer.look(text, &reference).skeleton, expected);
        };
        check("Restart web-21 please", "restart \u{e000} please");
        check("重启 web-21", "重启\u{e000}");
        check("deploy v1.2.3", "deploy \u{e005}");
        check("hello", "hello");
        check("", "");
    }
}
