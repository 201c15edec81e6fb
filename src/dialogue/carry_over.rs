//! Carrying over: again, again with changes, only what failed, and back again.

use jiff::civil::DateTime;

use super::act::Note;
use super::collect::Applied;
use super::correct::carried;
use super::heard::Heard;
use super::labels::*;
use super::look::byte_at;
use super::memory::Ran;
use super::session::Draft;
use super::turn::Talk;
use super::{commands, cues, options, pointers};
use crate::catalog::{Collect, JobTemplate, ParameterType, TemplateId, Value, Values};
use crate::jobs::{ExecutionState, Recovery};
use crate::nlu::{Label, Slot, SlotValue};

/// So many words beside a value leave it the only thing that was said: "now", "and then".
const MOST_WORDS_BESIDE: usize = 2;

impl<'a> Talk<'a> {
    /// "Again", "again on production", "rerun #1042 with version 2.1", "same for web-02".
    pub(super) fn again_said(&mut self, heard: &Heard) {
        let number = match self.execution_of(heard, RERUN, false) {
            Ok(number) => number,
            Err(note) => return self.note(note),
        };
        let Some(template) = self.start_from(number, Values::new()) else { return };
        let label = Label::Command(TemplateId::from(RERUN));
        let arguments = self.said_with(heard, &label);
        let words = commands::without_reference(heard, &arguments);
        let rest = self.read(&words);
        let mut slots = self.changes(&rest, template);
        let own = self.own_words(RERUN);
        slots.retain(|slot| !self.has_passed(slot) && !Self::is_of_command(&rest.text, slot, &own));
        // A time that has passed says which execution is meant.
        let told = self.time_told(&rest, template, &mut slots);
        self.set_time(told.filter(|told| !told.has_passed()));
        let several = self.several_values(&rest, template, &mut slots);
        let applied = self.apply_said(template, slots);
        self.proceed(Applied { several, ..applied });
    }

    /// The place of one of the ways on that were offered after the latest run, which did not succeed.
    /// False where it is none.
    pub(super) fn recovers(&mut self, heard: &Heard) -> bool {
        let Some(latest) = self.memory.executions.first() else { return false };
        let place = options::place(&heard.text, latest.recovery.len());
        let Some(options::Place::At(index)) = place.filter(|_| self.session.draft.is_none()) else {
            return false;
        };
        let execution = latest.number;
        match latest.recovery.get(index) {
            Some(Recovery::RetryFailed { .. }) => self.retry(execution),
            Some(Recovery::Undo { .. }) => self.undo(execution),
            Some(Recovery::Again) => self.again(execution, Values::new()),
            Some(Recovery::FullLog) => {
                let number = Value::from(execution);
                let arguments = Values::from([("execution".to_owned(), number)]);
                self.answer_command(TemplateId::from(LOGS), arguments);
            }
            None => return false,
        }
        true
    }

    /// "Now production": only a value, right after a run that had another one: the same again with
    /// this one. False where nothing ran just now, or the words are about more than a value.
    pub(super) fn again_with(&mut self, heard: &Heard) -> bool {
        let Some(latest) = self.memory.executions.first() else { return false };
        let ago = self.now.timestamp().duration_since(latest.requested);
        let just_now = ago <= self.mind.settings.session_expiry && self.session.draft.is_none();
        let Some(template) = self.template(&latest.template).filter(|_| just_now) else {
            return false;
        };
        let (number, had) = (latest.number, latest.values.clone());
        let mut slots = self.understand(heard, template, None);
        slots.retain(|slot| {
            matches!(&slot.value, SlotValue::Valid(value)
                if had.get(&slot.parameter).is_some_and(|old| old != value))
        });
        let [only] = slots.as_slice() else { return false };
        let at = byte_at(&heard.text, only.start)..byte_at(&heard.text, only.end);
        let rest = cues::without(&heard.text, std::slice::from_ref(&at));
        if !options::words(&rest).is_empty() && !self.jobs_hinted(&rest).is_empty()
            || options::words(&rest).len() > MOST_WORDS_BESIDE
        {
            return false;
        }
        if self.start_from(number, Values::new()).is_some() {
            let applied = self.apply_said(template, slots);
            self.proceed(applied);
        }
        true
    }

    /// The same as an execution, with values changed; by button.
    pub(super) fn again(&mut self, execution: u64, changes: Values) {
        if self.start_from(execution, changes).is_some() {
            self.proceed(Applied::default());
        }
    }

    /// "Retry the failed ones".
    pub(super) fn retry_said(&mut self, heard: &Heard) {
        match self.execution_of(heard, RETRY, true) {
            Ok(number) => self.retry(number),
            Err(Note::NothingToRepeat) if !self.memory.executions.is_empty() => {
                let execution = self.memory.executions[0].number;
                self.note(Note::NothingFailed { execution });
            }
            Err(note) => self.note(note),
        }
    }

    /// The same as an execution, for the targets that failed; for all of it, where it failed as
    /// a whole.
    pub(super) fn retry(&mut self, execution: u64) {
        let Some(ran) = self.memory.execution(execution) else {
            return self.note(Note::NoSuchExecution { number: execution });
        };
        let failed = ran.failed.as_ref().filter(|failed| !failed.targets.is_empty());
        let changes = match failed {
            Some(failed) => {
                let is_list = self
                    .template(&ran.template)
                    .and_then(|template| template.parameter(&failed.parameter))
                    .is_some_and(|parameter| parameter.kind == ParameterType::List);
                let value = match failed.targets.as_slice() {
                    [one] if !is_list => Value::from(one.as_str()),
                    several => Value::List(several.to_vec()),
                };
                Values::from([(failed.parameter.clone(), value)])
            }
            None if went_wrong(ran.state) => Values::new(),
            None => return self.note(Note::NothingFailed { execution }),
        };
        self.again(execution, changes);
    }

    /// "Roll it back", "undo that".
    pub(super) fn undo_said(&mut self, heard: &Heard) {
        match self.execution_of(heard, UNDO, false) {
            Ok(number) => {
                if let Some(template) = self.start_inverse(number) {
                    let mut slots = self.understand(heard, template, None);
                    slots.retain(|slot| !self.has_passed(slot));
                    let applied = self.apply_said(template, slots);
                    self.proceed(applied);
                }
            }
            Err(note) => self.note(note),
        }
    }

    /// Whether a slot is a time that has passed: it says which execution is meant, and is no
    /// value.
    fn has_passed(&self, slot: &Slot) -> bool {
        match &slot.value {
            SlotValue::Valid(value) => {
                value.to_string().parse::<DateTime>().is_ok_and(|time| time <= self.now.datetime())
            }
            _ => false,
        }
    }

    /// The inverse of an execution; by button.
    pub(super) fn undo(&mut self, execution: u64) {
        if self.start_inverse(execution).is_some() {
            self.proceed(Applied::default());
        }
    }

    /// A job was asked for that undoes the latest execution, and a word points back to it: its
    /// values carry over.
    pub(super) fn points_at_inverse(&mut self, template: &JobTemplate, heard: &Heard) -> bool {
        let Some(latest) = self.memory.executions.first() else { return false };
        let undoes = self
            .template(&latest.template)
            .is_some_and(|earlier| earlier.inverse.as_ref() == Some(&template.id));
        let points =
            pointers::pointers(&heard.text).iter().any(|p| p.reach == pointers::Reach::Thing);
        if undoes && points {
            self.undo_said(heard);
        }
        undoes && points
    }

    /// A draft with the values of an execution. What the template no longer knows is left out;
    /// times are not carried over, since they have passed.
    fn start_from(&mut self, number: u64, changes: Values) -> Option<&'a JobTemplate> {
        let Some(ran) = self.memory.execution(number) else {
            self.note(Note::NoSuchExecution { number });
            return None;
        };
        let Some(template) = self.template(&ran.template) else {
            self.note(Note::NothingToRepeat);
            return None;
        };
        self.put_draft_aside();
        let mut draft = Draft::new(template.id.clone(), Collect::Required);
        let mut values = ran.values.clone();
        values.extend(changes);
        self.fill(&mut draft, template, ran, values);
        self.session.draft = Some(draft);
        self.mind.catalog.job(&ran.template)
    }

    /// A draft of the template that undoes an execution, with the values of the same name.
    fn start_inverse(&mut self, number: u64) -> Option<&'a JobTemplate> {
        let ran = self.memory.execution(number)?;
        let inverse = self.template(&ran.template).and_then(|template| template.inverse.clone());
        let Some(template) = inverse.and_then(|id| self.mind.catalog.job(&id)) else {
            self.note(Note::NoInverse { template: ran.template.clone() });
            return None;
        };
        self.put_draft_aside();
        let mut draft = Draft::new(template.id.clone(), Collect::Required);
        self.fill(&mut draft, template, ran, ran.values.clone());
        self.session.draft = Some(draft);
        Some(template)
    }

    fn fill(&mut self, draft: &mut Draft, template: &JobTemplate, ran: &Ran, values: Values) {
        for (name, value) in values {
            let Some(parameter) = template.parameter(&name) else { continue };
            let passed = parameter.kind == ParameterType::Datetime
                && !parameter.required
                && ran.values.get(&name) == Some(&value)
                && value.to_string() < self.now.datetime().to_string();
            if !passed {
                self.session.mention(&template.id, &name, &value);
                draft.values.insert(name, carried(value));
            }
        }
    }

    /// An open draft with values makes room for another one: it is kept, and that is said.
    pub(super) fn put_draft_aside(&mut self) {
        let has_values = self.session.draft.as_ref().is_some_and(|d| !d.values.is_empty());
        if let Some(draft) = self.session.draft.as_ref().filter(|_| has_values) {
            let template = draft.template.clone();
            if let Some(id) = self.session.keep_draft(self.now.timestamp()) {
                self.note(Note::DraftKept { template, id });
            }
        }
        self.drop_the_rest();
        self.session.draft = None;
        self.session.open = None;
    }
}

fn went_wrong(state: ExecutionState) -> bool {
    use ExecutionState::*;
    matches!(state, Failed | TimedOut | Lost | Cancelled)
}
