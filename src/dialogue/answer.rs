//! The answer to a question about a parameter.

use super::act::{Act, Asking, OptionItem, Pick, Problem};
use super::collect::Applied;
use super::heard::{Expecting, Heard, Meaning};
use super::labels::*;
use super::options::{self, Place};
use super::session::Open;
use super::turn::Talk;
use super::{cues, pairs};
use crate::catalog::{JobTemplate, Parameter, ParameterType, Value};
use crate::nlu::values::{self, ValueError};
use crate::nlu::{Label, Slot, SlotValue};
use crate::plan::Source;

/// The question that is open.
pub(super) struct Asked {
    pub parameter: String,
    pub about: Asking,
    pub options: Vec<OptionItem>,
    pub failures: u32,
}

/// How sure the model must be, among other meanings, that an answer is none.
const SURE: f32 = 0.5;

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
        if let Some(value) = self.plain_value(heard, &meaning, parameter) {
            let mut applied = Applied { failures: asked.failures, ..Applied::default() };
            let source = Source::Said { words: heard.text.clone() };
            self.give(template, parameter, value, source, &mut applied);
            return self.proceed(applied);
        }
        if let Some(problem) = self.out_of_bounds(heard, parameter) {
            return self.ask(&parameter.name, Some(problem), asked.failures + 1);
        }
        match &meaning.label {
            Label::Act(id) => match id.as_str() {
                ABORT => return self.abandon(heard),
                SKIP => return self.skip_said(heard, parameter, &asked),
                PAUSE => return self.pause(),
                START_OVER => return self.start_over(),
                GREETING => return self.interrupt(heard, &meaning),
                SWAP if self.can_swap() => return self.swap(),
                _ => {}
            },
            Label::Command(id) => match id.as_str() {
                RERUN if self.same_as_last_time(template, parameter) => return,
                CANCEL if !self.names_execution(heard, &meaning.label) => {
                    return self.abandon(heard);
                }
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
        self.refer(heard, template, &given);
        let referred = self
            .session
            .draft
            .as_ref()
            .is_some_and(|draft| draft.values.contains_key(&parameter.name));
        let mut applied = self.apply(template, given);
        applied.failures = asked.failures + 1;
        if applied.is_empty() && !referred {
            if matches!(meaning.label, Label::OutOfScope) && meaning.share >= SURE {
                return self.interrupt(heard, meaning);
            }
            let problem = Some(Problem::NotUnderstood);
            return self.ask(&parameter.name, problem, asked.failures + 1);
        }
        let still_asked = applied.unusable.is_empty()
            && applied.ambiguous.is_empty()
            && self.session.draft.as_ref().is_some_and(|d| !d.values.contains_key(&parameter.name));
        if still_asked && parameter.required {
            return self.ask(&parameter.name, None, asked.failures);
        }
        self.proceed(applied);
    }

    /// What a whole answer is worth to the parameter, where no part of it was found to be a
    /// value: a value, or the reason why it is none.
    fn whole_answer(
        &self,
        heard: &Heard,
        meaning: &Meaning,
        parameter: &Parameter,
        something_found: bool,
    ) -> Option<Slot> {
        let value = match self.worth(&heard.text, parameter) {
            Ok(_)
                if is_open(parameter.kind)
                    && !is_free(parameter)
                    && meaning.act() != Some(ANSWER) =>
            {
                return None;
            }
            Ok(values) => one_or_several(values)?,
            Err(_) if something_found => return None,
            Err(error) => SlotValue::Invalid(error),
        };
        Some(Slot {
            parameter: parameter.name.clone(),
            start: 0,
            end: heard.text.chars().count(),
            surface: heard.text.clone(),
            value,
            confidence: 1.0,
        })
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

    /// The answer to "use the default?" and "give this optional one?".
    fn answered_about(&mut self, meaning: &Meaning, parameter: &Parameter, asked: &Asked) -> bool {
        if matches!(asked.about, Asking::Value) || parameter.kind == ParameterType::Boolean {
            return false;
        }
        match (&asked.about, meaning.act()) {
            (Asking::UseDefault { .. }, Some(AFFIRM)) => self.use_default(&parameter.name),
            (Asking::Optional, Some(DENY)) => self.skip(&parameter.name),
            (Asking::UseDefault { .. }, Some(DENY)) | (Asking::Optional, Some(AFFIRM)) => {
                let Some((_, template)) = self.drafted() else { return false };
                self.ask_about(template, parameter, Asking::Value, None, 0);
            }
            _ => return false,
        }
        true
    }

    /// The value that a whole message is, if it is one and nothing else: any value of a type
    /// that words don't fall into by chance; for an open type, words that the model does not
    /// take for something else.
    fn plain_value(
        &self,
        heard: &Heard,
        meaning: &Meaning,
        parameter: &Parameter,
    ) -> Option<Value> {
        let value = match self.worth(&heard.text, parameter).ok()? {
            values if values.len() == 1 => values.into_iter().next()?,
            _ => return None,
        };
        let draft = self.session.draft.as_ref();
        let other_job = meaning.share >= SURE
            && meaning.job().is_some_and(|job| draft.is_some_and(|d| d.template != *job));
        if other_job && cues::is_phrase(&heard.text) {
            return None;
        }
        let in_a_sentence =
            matches!(parameter.kind, ParameterType::Choice | ParameterType::Boolean)
                && cues::is_phrase(&heard.text);
        if in_a_sentence && meaning.act() != Some(ANSWER) {
            return None;
        }
        if !is_open(parameter.kind) || looks_like_a_name(&heard.text) {
            return Some(value);
        }
        let one_word = !heard.text.contains(char::is_whitespace);
        let an_answer = matches!(meaning.act(), Some(ANSWER | CHOOSE | CORRECT));
        let something_else = matches!(meaning.label, Label::Act(_) | Label::Command(_))
            && heard.accepts(meaning)
            && (cues::is_phrase(&heard.text) || self.is_said_so(&meaning.label, &heard.text));
        (one_word && (an_answer || !something_else)).then_some(value)
    }

    /// Whether these very words are an example of a label: only then is one word, in answer to an
    /// open question, taken for something else than the answer.
    fn is_said_so(&self, label: &Label, words: &str) -> bool {
        let words = words.trim().to_lowercase();
        self.mind.catalog.examples_of(label).any(|example| example.text.to_lowercase() == words)
    }

    /// Why a number that was given is none for the parameter, where it was read as a number.
    fn out_of_bounds(&self, heard: &Heard, parameter: &Parameter) -> Option<Problem> {
        match self.worth(&heard.text, parameter) {
            Err(
                error @ (ValueError::TooSmall { .. }
                | ValueError::TooLarge { .. }
                | ValueError::PatternMismatch { .. }),
            ) if options::takes_numbers(parameter) => Some(Problem::Value { error }),
            _ => None,
        }
    }

    /// "Skip", "use the default", "default for the rest".
    fn skip_said(&mut self, heard: &Heard, parameter: &Parameter, asked: &Asked) {
        if cues::means_all(&heard.text) {
            return self.skip_the_rest();
        }
        let found = self.drafted().map(|(_, template)| self.understand(heard, template, None));
        if let (Some(slots), Some((_, template))) = (found, self.drafted())
            && slots.iter().any(|slot| matches!(slot.value, SlotValue::Valid(_)))
        {
            let applied = self.apply(template, slots);
            if self.session.draft.as_ref().is_some_and(|d| d.values.contains_key(&parameter.name)) {
                return self.proceed(applied);
            }
        }
        match (&parameter.default, parameter.required) {
            (Some(_), _) => self.use_default(&parameter.name),
            (None, false) => self.skip(&parameter.name),
            (None, true) => {
                self.ask(&parameter.name, Some(Problem::Required), asked.failures + 1);
            }
        }
    }

    /// Takes the default of every parameter that has one, and leaves out every optional one.
    fn skip_the_rest(&mut self) {
        let Some((draft, template)) = self.drafted() else { return };
        let open: Vec<&Parameter> = template
            .parameters
            .iter()
            .filter(|p| !draft.values.contains_key(&p.name) && (!p.required || p.default.is_some()))
            .collect();
        if let Some(draft) = &mut self.session.draft {
            for parameter in open {
                match parameter.default {
                    Some(_) => draft.agreed.insert(parameter.name.clone()),
                    None => draft.skipped.insert(parameter.name.clone()),
                };
            }
        }
        self.proceed(Applied::default());
    }

    /// "Same as last time": the value of the last execution of this template, else the one used
    /// most.
    fn same_as_last_time(&mut self, template: &JobTemplate, parameter: &Parameter) -> bool {
        let earlier = self
            .memory
            .executions
            .iter()
            .filter(|ran| ran.template == template.id)
            .find_map(|ran| ran.values.get(&parameter.name))
            .or_else(|| self.memory.used.get(&parameter.name).and_then(|used| used.first()))
            .cloned();
        match earlier {
            Some(value) => {
                let mut applied = Applied::default();
                self.give(template, parameter, value, Source::CarriedOver, &mut applied);
                self.proceed(applied);
            }
            None => self.ask(&parameter.name, Some(Problem::NoEarlierValue), 1),
        }
        true
    }

    /// An answer to "did you mean staging?" or "which of these times?".
    pub(super) fn choose_reading(
        &mut self,
        heard: &Heard,
        name: &str,
        options: &[OptionItem],
        failures: u32,
    ) {
        let meaning = heard.meaning(Expecting::Choice);
        match options::place(&heard.text, options.len()) {
            Some(Place::At(index)) => return self.pick(options[index].pick.clone()),
            Some(Place::Outside) => {
                self.note(super::act::Note::NoSuchOption { count: options.len() });
                return self.return_to_question();
            }
            _ => {}
        }
        match meaning.act() {
            Some(AFFIRM) if options.len() == 2 => return self.pick(options[0].pick.clone()),
            Some(DENY) if !heard.has_clauses() => return self.pick_none(),
            Some(CHOOSE) if cues::means_none(&heard.text) => return self.pick_none(),
            _ => {}
        }
        let asked = Asked {
            parameter: name.to_owned(),
            about: Asking::Value,
            options: Vec::new(),
            failures,
        };
        self.answer(heard, asked);
    }

    /// A value was picked by its button or its place.
    pub(super) fn pick_value(&mut self, name: &str, value: Value) {
        let parameter = self.drafted().and_then(|(_, t)| Some((t, t.parameter(name)?)));
        let Some((template, parameter)) = parameter else {
            return self.stale();
        };
        match self.worth(&value.to_string(), parameter) {
            Err(error) if parameter.kind != ParameterType::List => {
                let problem = Some(Problem::Value { error });
                self.ask(name, problem, 1);
            }
            _ => {
                let mut applied = Applied::default();
                self.give(template, parameter, value, Source::Chosen, &mut applied);
                self.proceed(applied);
            }
        }
    }

    /// The parameter's default was agreed to.
    pub(super) fn use_default(&mut self, name: &str) {
        let parameter = self.drafted().and_then(|(_, t)| t.parameter(name));
        match parameter {
            Some(parameter) if parameter.default.is_some() => {
                if let Some(draft) = &mut self.session.draft {
                    draft.values.remove(name);
                    draft.agreed.insert(name.to_owned());
                }
                self.proceed(Applied::default());
            }
            Some(_) => self.ask(name, Some(Problem::NoDefault), 1),
            None => self.stale(),
        }
    }

    /// The optional parameter is left out.
    pub(super) fn skip(&mut self, name: &str) {
        let parameter = self.drafted().and_then(|(_, t)| t.parameter(name));
        match parameter {
            Some(parameter) if parameter.required && parameter.default.is_none() => {
                self.ask(name, Some(Problem::Required), 1);
            }
            Some(_) => {
                if let Some(draft) = &mut self.session.draft {
                    draft.values.remove(name);
                    draft.skipped.insert(name.to_owned());
                }
                self.proceed(Applied::default());
            }
            None => self.stale(),
        }
    }

    /// What words are worth to a parameter: its readings, the likelier first.
    pub(super) fn worth(
        &self,
        text: &str,
        parameter: &Parameter,
    ) -> Result<Vec<Value>, ValueError> {
        let near = self.drafted().and_then(|(draft, template)| {
            let pair = pairs::pairs(template).into_iter().find(|p| p.to == parameter.name)?;
            draft.value(&pair.from)
        });
        values::interpret_near(text, parameter, &self.reference(), near)
    }

    /// A button of a question that is no longer open.
    pub(super) fn stale(&mut self) {
        self.note(super::act::Note::Stale);
        self.return_to_question();
    }

    /// The answer was something else, which is served; the question comes back.
    pub(super) fn interrupt(&mut self, heard: &Heard, meaning: &Meaning) {
        match &meaning.label {
            Label::Command(id) => self.command(&id.clone(), heard),
            Label::Act(_) => self.act(Act::Greets),
            _ => self.act(Act::Rejected),
        }
        if !matches!(self.session.open, Some(Open::Pick { .. })) {
            self.return_to_question();
        }
    }
}

/// Types that almost any word falls into.
pub(super) fn is_open(kind: ParameterType) -> bool {
    use ParameterType::*;
    matches!(kind, String | User | Branch | List | Host)
}

/// Whether any words at all may be the value: a text without a pattern.
fn is_free(parameter: &Parameter) -> bool {
    parameter.kind == ParameterType::String && parameter.pattern.is_none()
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

pub(super) fn one_or_several(mut values: Vec<Value>) -> Option<SlotValue> {
    match values.len() {
        0 => None,
        1 => values.pop().map(SlotValue::Valid),
        _ => Some(SlotValue::Ambiguous(values)),
    }
}
