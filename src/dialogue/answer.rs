//! The answer to a question about a parameter.

use super::act::{Act, Asking, OptionItem, Pick, Problem};
use super::collect::Applied;
use super::cues;
use super::entire::{is_free, whole};
use super::heard::{Expecting, Heard, Meaning};
use super::labels::*;
use super::options::{self, Place};
use super::session::Open;
use super::turn::Talk;
use crate::catalog::{JobTemplate, Parameter, ParameterType, Value};
use crate::nlu::values::{self, ValueError};
use crate::nlu::{Label, Slot, SlotValue};

/// The question that is open.
pub(super) struct Asked {
    pub parameter: String,
    pub about: Asking,
    pub options: Vec<OptionItem>,
    pub failures: u32,
}

/// How sure the model must be, among other meanings, that an answer is none.
pub(super) const SURE: f32 = 0.5;

/// How sure it must be that a word which could be a value is a yes or a no.
const SURE_ACT: f32 = 0.9;

impl Talk<'_> {
    /// A message while a parameter is asked for.
    pub(super) fn answer(&mut self, heard: &Heard, asked: Asked) {
        let Some((_, template)) = self.drafted() else {
            self.session.open = None;
            return self.request(heard);
        };
        let Some(parameter) = template.parameter(&asked.parameter) else {
            return self.proceed(Applied::default());
        };
        if self.answered_by_place(heard, parameter, &asked) {
            return;
        }
        let meaning = heard.meaning(Expecting::Value);
        if self.answered_about(&meaning, parameter, &asked) {
            return;
        }
        if let Some(act @ (AFFIRM | DENY)) = meaning.act()
            && meaning.share >= SURE_ACT
            && takes_any_word(parameter)
            && self.brings_nothing(heard, template)
        {
            return self.neither_value(act, parameter, &asked);
        }
        if let Some(value) = self.plain_value(heard, &meaning, parameter) {
            let applied =
                self.apply_said(template, vec![whole(heard, parameter, SlotValue::Valid(value))]);
            return self.proceed(Applied { failures: asked.failures, ..applied });
        }
        if let Some(problem) = self.out_of_bounds(heard, parameter) {
            return self.ask(&parameter.name, Some(problem), asked.failures + 1);
        }
        match &meaning.label {
            Label::Act(id) => match id.as_str() {
                ABORT => return self.abandon(heard),
                SKIP => return self.skip_said(heard, parameter, &asked),
                PAUSE => return self.pause(),
                START_OVER if meaning.share >= SURE_ACT || self.brings_nothing(heard, template) => {
                    return self.start_over();
                }
                GREET | THANKS | FAREWELL if !self.is_unknown(heard) => {
                    return self.interrupt(heard, &meaning);
                }
                SWAP if self.can_swap() => return self.swap(),
                UNSET
                    if meaning.share >= SURE
                        && self.takes_away(heard, template, parameter, &asked) =>
                {
                    return;
                }
                AFFIRM | DENY if self.brings_nothing(heard, template) => {
                    return self.neither_value(id.as_str(), parameter, &asked);
                }
                _ => {}
            },
            Label::Command(id) => match id.as_str() {
                RESUME if self.session.kept.is_empty() => return self.return_to_question(),
                RERUN
                    if !self.names_execution(heard, &meaning.label)
                        && self.same_as_last_time(template, parameter) =>
                {
                    return;
                }
                CANCEL if !self.names_execution(heard, &meaning.label) => {
                    return self.abandon(heard);
                }
                // A time in the middle of a question is the job's.
                SCHEDULE if !self.is_about_schedules(heard) => {}
                _ if meaning.share >= SURE => return self.interrupt(heard, &meaning),
                _ => {}
            },
            Label::Job(id) if *id != template.id && heard.accepts(&meaning) => {
                return self.another_job(&id.clone(), heard);
            }
            _ => {}
        }
        self.values_said(heard, &meaning, template, parameter, &asked);
    }

    /// "No approver", "drop the tag": what was asked for is left out, or what was given is taken
    /// away again. False where the message does not say what.
    fn takes_away(
        &mut self,
        heard: &Heard,
        template: &JobTemplate,
        parameter: &Parameter,
        asked: &Asked,
    ) -> bool {
        let Some(meant) = self.parameter_meant(heard, template, UNSET) else { return false };
        let draft = self.session.draft.as_ref();
        if draft.is_some_and(|draft| draft.values.contains_key(&meant)) {
            self.unset(heard, template);
        } else if meant == parameter.name {
            self.skip_said(heard, parameter, asked);
        } else {
            return false;
        }
        true
    }

    /// The values that an answer brings, for the parameter asked about and for others.
    fn values_said(
        &mut self,
        heard: &Heard,
        meaning: &Meaning,
        template: &JobTemplate,
        parameter: &Parameter,
        asked: &Asked,
    ) {
        let mut given = self.understand(heard, template, Some(parameter));
        self.drop_misplaced(template, parameter, &mut given);
        if given.is_empty() && !is_free(parameter) {
            given.extend(self.bare_value(heard, template));
        }
        if given.is_empty() && self.worth(&heard.text, parameter).is_err() {
            given.extend(self.near_miss(heard, template));
        }
        ask_about_slips(template, parameter, &mut given);
        self.add_said(heard, template, &mut given);
        let elsewhere = matches!(meaning.label, Label::OutOfScope)
            && meaning.share >= SURE
            && given.is_empty()
            && cues::is_phrase(&heard.text);
        if elsewhere && (asked.failures == 0 || !is_free(parameter)) {
            return self.interrupt(heard, meaning);
        }
        if !given.iter().any(|slot| slot.parameter == parameter.name) {
            given.extend(self.whole_answer(heard, meaning, parameter, !given.is_empty()));
        }
        let timed = self.take_time(heard, template, &mut given);
        let several = self.several_values(heard, template, &mut given);
        self.refer(heard, template, &given);
        let referred = self
            .session
            .draft
            .as_ref()
            .is_some_and(|draft| draft.values.contains_key(&parameter.name));
        let applied = self.apply_said(template, given);
        let applied = Applied { failures: asked.failures + 1, several, ..applied };
        let besides: Vec<String> =
            applied.changed.iter().filter(|name| **name != parameter.name).cloned().collect();
        let said_before = self.acts.len();
        self.go_on_asking(heard, meaning, parameter, asked, applied, (timed, referred));
        self.acknowledge(&besides, said_before);
    }

    /// What follows once the values of an answer were taken.
    fn go_on_asking(
        &mut self,
        heard: &Heard,
        meaning: &Meaning,
        parameter: &Parameter,
        asked: &Asked,
        applied: Applied,
        (timed, referred): (bool, bool),
    ) {
        if applied.is_empty() && timed {
            return self.ask(&parameter.name, None, asked.failures);
        }
        if applied.is_empty() && !referred {
            if matches!(meaning.label, Label::OutOfScope) && meaning.share >= SURE {
                return self.interrupt(heard, meaning);
            }
            let problem = Some(Problem::NotUnderstood);
            return self.ask(&parameter.name, problem, asked.failures + 1);
        }
        let still_asked = applied.unusable.is_empty()
            && applied.ambiguous.is_empty()
            && applied.several.is_empty()
            && self.session.draft.as_ref().is_some_and(|d| !d.values.contains_key(&parameter.name));
        if still_asked && parameter.required {
            return self.ask(&parameter.name, None, asked.failures);
        }
        self.proceed(applied);
    }

    /// Says which values were taken that were not asked for, where another question follows: a
    /// plan shows them itself.
    fn acknowledge(&mut self, names: &[String], said_before: usize) {
        let Some(draft) = &self.session.draft else { return };
        let shown = self.acts[said_before..].iter().any(|act| matches!(act, Act::Plan { .. }));
        let values: Vec<(String, Value)> = names
            .iter()
            .filter_map(|name| Some((name.clone(), draft.value(name)?.clone())))
            .collect();
        if !shown && !values.is_empty() {
            let note = super::act::Note::Noted { template: draft.template.clone(), values };
            self.acts.insert(said_before, Act::Notes { note });
        }
    }

    /// Words that are no value of a parameter which was not asked for and has a value: they are
    /// part of something else that was said.
    fn drop_misplaced(&self, template: &JobTemplate, asked: &Parameter, given: &mut Vec<Slot>) {
        let Some(draft) = &self.session.draft else { return };
        given.retain(|slot| {
            let open = template.parameter(&slot.parameter).is_some_and(|p| is_open(p.kind));
            !(open
                && slot.parameter != asked.name
                && draft.values.contains_key(&slot.parameter)
                && matches!(slot.value, SlotValue::Invalid(_)))
        });
    }

    /// A number, an ordinal or "all of them" among the options that were shown.
    fn answered_by_place(&mut self, heard: &Heard, parameter: &Parameter, asked: &Asked) -> bool {
        if parameter.kind == ParameterType::List
            && cues::means_all(&heard.text)
            && heard.meaning(Expecting::Choice).act() == Some(CHOOSE)
        {
            return self.all_of(parameter, asked);
        }
        let is_number = heard.text.parse::<f64>().is_ok();
        if asked.options.is_empty() || (is_number && options::takes_numbers(parameter)) {
            return false;
        }
        match options::place(&heard.text, asked.options.len()) {
            Some(Place::At(index)) => self.pick(asked.options[index].pick.clone()),
            Some(Place::Outside) if !is_open(parameter.kind) => {
                self.note(super::act::Note::NoSuchOption { count: asked.options.len() });
                self.return_to_question();
            }
            _ => return false,
        }
        true
    }

    /// Every value that was offered for a list.
    fn all_of(&mut self, parameter: &Parameter, asked: &Asked) -> bool {
        let all: Vec<String> = asked
            .options
            .iter()
            .filter_map(|option| match &option.pick {
                Pick::Value { value, .. } => Some(value.to_string()),
                _ => None,
            })
            .collect();
        if all.is_empty() {
            return false;
        }
        self.pick_value(&parameter.name, Value::List(all));
        true
    }

    /// A button of a question that is no longer open.
    pub(super) fn stale(&mut self) {
        self.note(super::act::Note::Stale);
        self.return_to_question();
    }

    /// The answer was something else, which is served; the question comes back.
    pub(super) fn interrupt(&mut self, heard: &Heard, meaning: &Meaning) {
        let said_before = self.acts.len();
        match &meaning.label {
            Label::Command(id) => self.command(&id.clone(), heard),
            Label::Act(id) => self.return_courtesy(id.as_str()),
            _ => self.act(Act::Rejected),
        }
        // A command may have a question of its own, which is asked already.
        let asked = self.acts[said_before..].iter().any(Act::is_question);
        if !asked && !matches!(self.session.open, Some(Open::Pick { .. })) {
            self.return_to_question();
        }
    }
}

/// A misspelt value of another parameter than the one that was asked for is asked about: two
/// things had to be guessed for it.
fn ask_about_slips(template: &JobTemplate, asked: &Parameter, given: &mut [Slot]) {
    for slot in given.iter_mut().filter(|slot| slot.parameter != asked.name) {
        let Some(parameter) = template.parameter(&slot.parameter) else { continue };
        if parameter.kind == ParameterType::Choice
            && let SlotValue::Valid(value) = &slot.value
            && !values::is_spelt(&slot.surface, parameter)
        {
            let near = vec![value.to_string()];
            let surface = slot.surface.clone();
            slot.value = SlotValue::Invalid(ValueError::NotAChoice { surface, near });
        }
    }
}

/// Types that almost any word falls into.
pub(super) fn is_open(kind: ParameterType) -> bool {
    use ParameterType::*;
    matches!(kind, String | User | Branch | List | Host)
}

/// Whether a yes or a no has the form of a value, too.
fn takes_any_word(parameter: &Parameter) -> bool {
    is_open(parameter.kind) || parameter.kind == ParameterType::Path
}

/// Whether words look like the name of a thing: one word with a digit, hyphen, dot or the like.
pub(super) fn looks_like_a_name(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && text.is_ascii()
        && text.chars().any(|c| c.is_ascii_alphabetic())
        && text.trim_end_matches(['.', '!', '?']).contains(|c: char| {
            c.is_ascii_digit() || matches!(c, '-' | '_' | '.' | '/' | '@' | ':')
        })
}
