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
use super::restrictions::{Restricts, Stretch, leading_negation, stretches};
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
