//! Commands behind a slash, and arguments that are written rather than said: `/logs #12`,
//! `/history --user dana`, `/rerun 12 version=2`.

use std::collections::BTreeMap;

use super::act::{Note, Pick};
use super::heard::{Expecting, Heard};
use super::labels::*;
use super::session::Open;
use super::turn::Talk;
use crate::catalog::{CommandKind, Parameter, ParameterType, TemplateId};
use crate::nlu::{Label, Slot, SlotValue, values};

/// How many near misses of an unknown command are named.
const MOST_NEAR: usize = 3;

/// Longer messages say what a number in them means.
const SHORT: usize = 3;

impl Talk<'_> {
    /// A command behind a slash. False where the words are none: a path.
    pub(super) fn slash(&mut self, command: &str) -> bool {
        let (name, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        let name = name.split('@').next().unwrap_or(name).to_lowercase();
        let Some(command) = self.mind.catalog.slash(&name) else {
            return self.no_such_command(&name);
        };
        let id = command.id.clone();
        let rest = rest.trim();
        match (command.kind, id.as_str()) {
            (CommandKind::Act, ABORT) => self.abort(),
            (CommandKind::Act, SKIP) => match self.session.open.clone() {
                Some(Open::Parameter { parameter, .. }) => self.slash_skip(&parameter),
                _ => self.note(Note::NothingOpen),
            },
            (CommandKind::Act, START_OVER) => self.start_over(),
            (CommandKind::Act, PAUSE) => self.pause(),
            // As in words: what is open is what is cancelled.
            (_, CANCEL) if rest.is_empty() && self.session.draft.is_some() => self.abort(),
            (_, RUN) => self.slash_run(rest),
            (CommandKind::Command, _) => {
                let heard = self.read(rest);
                self.command(&id, &heard);
                if !self.took_over(&id) {
                    self.return_to_question();
                }
            }
            _ => return false,
        }
        true
    }

    /// Commands that put a draft or a choice of their own into the conversation.
    fn took_over(&self, id: &TemplateId) -> bool {
        matches!(id.as_str(), RERUN | RETRY | UNDO | DRAFTS | RESUME | DROP_DRAFT | RUN)
    }

    fn slash_skip(&mut self, parameter: &str) {
        let has_default = self
            .drafted()
            .and_then(|(_, template)| template.parameter(parameter))
            .is_some_and(|parameter| parameter.default.is_some());
        if has_default { self.use_default(parameter) } else { self.skip(parameter) }
    }

    /// `/run deploy_app cart-service 2.1`: the first word is a template's id, or all of it is a
    /// request.
    fn slash_run(&mut self, rest: &str) {
        if rest.is_empty() {
            return self.answer_command(TemplateId::from(LIST), BTreeMap::new());
        }
        let (first, words) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let id = TemplateId::from(first.to_lowercase().as_str());
        let heard = self.read(if words.is_empty() { rest } else { words });
        match self.template(&id) {
            Some(template) if self.session.draft.is_none() => {
                let first = template.parameters.iter().find(|parameter| parameter.required);
                self.begin_expecting(&id, &heard, first);
            }
            Some(_) => self.another_job(&id, &heard),
            None => {
                let heard = self.read(rest);
                let meaning = heard.meaning(Expecting::Nothing);
                let accepted = meaning.job().filter(|_| heard.accepts(&meaning)).cloned();
                match accepted.or_else(|| self.job_named(rest)) {
                    Some(job) => self.another_job(&job, &heard),
                    None => {
                        // Commands are not run behind this one.
                        let mut options = self.alternatives(&heard);
                        options.retain(|option| {
                            matches!(option.pick, Pick::Intent { label: Label::Job(_) })
                        });
                        self.offer_intents(rest, options);
                    }
                }
            }
        }
    }

    /// Says that there is no such command, and which it may have been. False where the words may
    /// be a path that was asked for, or are one.
    fn no_such_command(&mut self, name: &str) -> bool {
        let asked = match &self.session.open {
            Some(Open::Parameter { parameter, .. }) => {
                self.drafted().and_then(|(_, template)| template.parameter(parameter))
            }
            _ => None,
        };
        let takes_paths = asked.is_some_and(|parameter| {
            matches!(parameter.kind, ParameterType::Path | ParameterType::String)
        });
        if takes_paths || name.contains('/') || name.is_empty() {
            return false;
        }
        let mut near: Vec<(usize, String)> = self
            .mind
            .catalog
            .commands()
            .iter()
            .flat_map(|command| &command.slash)
            .map(|slash| (distance(name, slash), format!("/{slash}")))
            .filter(|(distance, _)| *distance <= 2)
            .collect();
        near.sort();
        let near = near.into_iter().take(MOST_NEAR).map(|(_, slash)| slash).collect();
        self.note(Note::NoSuchCommand { typed: format!("/{name}"), near });
        self.return_to_question();
        true
    }

    /// What a message says with a command: what is written out in it, what the model finds, and
    /// a number that can only be an execution's or a schedule's.
    pub(super) fn said_with(&self, heard: &Heard, label: &Label) -> Vec<Slot> {
        let parameters = self.mind.catalog.parameters_of(label);
        let mut slots: Vec<Slot> = written(&heard.text)
            .into_iter()
            .filter_map(|written| {
                let parameter = parameters.iter().find(|p| p.name == written.name)?;
                Some(Slot {
                    parameter: parameter.name.clone(),
                    start: written.start,
                    end: written.end,
                    value: self.valued(&written.value, parameter, None),
                    surface: written.value,
                    confidence: 1.0,
                })
            })
            .collect();
        for slot in self.mind.nlu.arguments(&heard.utterance, label, &self.reference()) {
            let taken = |known: &Slot| {
                known.parameter == slot.parameter
                    || (known.start < slot.end && slot.start < known.end)
            };
            if !slots.iter().any(taken) {
                slots.push(slot);
            }
        }
        for (parameter, mark) in [("execution", '#'), ("schedule", '@')] {
            let takes = parameters.iter().any(|p| p.name == parameter);
            if takes
                && !slots.iter().any(|slot| slot.parameter == parameter)
                && let Some(slot) = numbered(heard, parameter, mark, label)
            {
                slots.retain(|known| known.end <= slot.start || slot.end <= known.start);
                slots.push(slot);
            }
        }
        self.add_change(heard, parameters, &mut slots);
        slots
    }

    /// What shall become of the schedule that a message names, where its words are a choice of
    /// the catalogue: "resume @7".
    fn add_change(&self, heard: &Heard, parameters: &[Parameter], slots: &mut Vec<Slot>) {
        let said = |name: &str| slots.iter().any(|slot| slot.parameter == name);
        let Some(change) = parameters.iter().find(|p| p.name == "change") else { return };
        if !said("schedule") || said("change") {
            return;
        }
        let found = values::find_choices(&heard.text, change, &self.reference());
        let [only] = found.as_slice() else { return };
        let Some(value) = only.values.first().cloned() else { return };
        slots.push(Slot {
            parameter: change.name.clone(),
            start: heard.text[..only.start].chars().count(),
            end: heard.text[..only.end].chars().count(),
            surface: heard.text[only.start..only.end].to_owned(),
            value: SlotValue::Valid(value),
            confidence: 1.0,
        });
    }
}

/// A number that is marked as that of an execution or a schedule, or that stands alone with its
/// command: "logs 12". The history is asked for so many runs rather than for one.
fn numbered(heard: &Heard, parameter: &str, mark: char, label: &Label) -> Option<Slot> {
    let tokens = tokens(&heard.text);
    let marked =
        |word: &str| word.strip_prefix(mark).is_some_and(|digits| digits.parse::<u64>().is_ok());
    let bare = |word: &str| {
        let counts = matches!(label, Label::Command(id) if id.as_str() == "history");
        mark == '#' && !counts && tokens.len() <= SHORT && word.parse::<u64>().is_ok()
    };
    let (start, word) = tokens
        .iter()
        .find(|(_, word)| marked(word))
        .or_else(|| tokens.iter().find(|(_, word)| bare(word)))?;
    Some(Slot {
        parameter: parameter.to_owned(),
        start: *start,
        end: start + word.chars().count(),
        surface: word.clone(),
        value: SlotValue::Valid(word.as_str().into()),
        confidence: 1.0,
    })
}

/// A value that was written with its name: `version=2`, `--user dana`, `--user=dana`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub name: String,
    pub value: String,
    /// Where all of it stands, in characters.
    pub start: usize,
    pub end: usize,
}

/// The values that are written with their names in a text.
pub(super) fn written(text: &str) -> Vec<Written> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    for (index, (start, word)) in tokens.iter().enumerate() {
        let end = start + word.chars().count();
        let (name, option) = match word.strip_prefix("--") {
            Some(name) => (name, true),
            None => (word.as_str(), false),
        };
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        };
        match name.split_once(['=', '＝']) {
            Some((name, value)) if is_name(name) && !value.is_empty() => found.push(Written {
                name: name.to_lowercase(),
                value: value.to_owned(),
                start: *start,
                end,
            }),
            None if option && is_name(name) => {
                if let Some((from, value)) = tokens.get(index + 1) {
                    found.push(Written {
                        name: name.to_lowercase(),
                        value: value.clone(),
                        start: *start,
                        end: from + value.chars().count(),
                    });
                }
            }
            _ => {}
        }
    }
    found
}

/// The words of a text between blanks, with where each begins, in characters.
fn tokens(text: &str) -> Vec<(usize, String)> {
    let mut tokens: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    for (place, c) in text.chars().enumerate() {
        match (c.is_whitespace(), inside) {
            (true, _) => inside = false,
            (false, false) => {
                tokens.push((place, c.to_string()));
                inside = true;
            }
            (false, true) => {
                if let Some((_, word)) = tokens.last_mut() {
                    word.push(c);
                }
            }
        }
    }
    tokens
}

/// How many slips lie between what was typed and a command; its beginning is as good as a slip.
fn distance(typed: &str, slash: &str) -> usize {
    let begins = typed.chars().count() >= 2 && slash.starts_with(typed);
    let slips = strsim::osa_distance(typed, slash);
    let short = slash.chars().count().min(typed.chars().count()) <= 3;
    match (begins, short) {
        (true, _) => 1,
        // Two slips in three letters are another word.
        (false, true) if slips > 1 => usize::MAX,
        _ => slips,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_with_their_names() {
        let check = |text: &str, expect: &[(&str, &str)]| {
            let found = written(text);
            let found: Vec<_> = found.iter().map(|w| (w.name.as_str(), w.value.as_str())).collect();
            assert_eq!(found, expect, "{text}");
        };
        check("1 version=2", &[("version", "2")]);
        check("--user dana", &[("user", "dana")]);
        check("--user=dana --outcome failed", &[("user", "dana"), ("outcome", "failed")]);
        check("版本=2.1", &[("版本", "2.1")]);
        check("purge https://shop.example/?page=2", &[]);
        check("a -- b = c", &[]);
    }

    #[test]
    fn near_misses_of_commands_are_few_slips_away() {
        let check = |typed: &str, slash: &str, near: bool| {
            assert_eq!(distance(typed, slash) <= 2, near, "{typed} / {slash}");
        };
        check("hstory", "history", true);
        check("hist", "history", true);
        check("staus", "status", true);
        check("nonsense", "resume", false);
        check("foo", "log", false);
    }
}
