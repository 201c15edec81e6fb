//! Changing what a schedule runs: "change the version of @7 to 2.1". Its values come into a draft,
//! whose plan takes the schedule's place once it was confirmed.

use super::commands::schedules_named;
use super::correct::{carried, is_telling};
use super::heard::{Expecting, Heard};
use super::labels::*;
use super::look::byte_at;
use super::memory::Scheduled;
use super::parameters::spoken_of;
use super::session::{Draft, Timing};
use super::turn::Talk;
use super::{cues, options};
use crate::catalog::{Collect, JobTemplate, Language, ParameterType, TemplateId};
use crate::nlu::values::recognize;
use crate::nlu::{Label, Slot};

impl<'a> Talk<'a> {
    /// Starts on a plan in place of a schedule's. False where the message changes no value of a
    /// schedule that there is.
    pub(super) fn amend_schedule(&mut self, heard: &Heard) -> bool {
        let Some((schedule, template)) = self.schedule_meant(heard) else { return false };
        let mentions = schedules_named(&heard.text).into_iter().map(|(range, _)| range);
        let words = cues::without(&heard.text, &mentions.collect::<Vec<_>>());
        let draft = draft_of(schedule, template);
        let rest = self.read(&words);
        let open = (self.session.draft.replace(draft.clone()), self.session.open.take());
        let mut slots = self.changes(&rest, template);
        slots.retain(|slot| self.is_amendment(&rest, template, slot));
        (self.session.draft, self.session.open) = open;
        if slots.is_empty() {
            return false;
        }
        self.put_draft_aside();
        let mut draft = Draft { replaces: Some(schedule.number), ..draft };
        draft.shown = Some(self.plan(&draft, template));
        self.session.draft = Some(draft);
        let applied = self.apply_said(template, slots);
        self.proceed(applied);
        true
    }

    /// Whether a message is about what a schedule runs, though it does not name one by its
    /// number: it changes something, nothing is open that it could change, and it says so.
    pub(super) fn speaks_of_a_schedule(&self, heard: &Heard) -> bool {
        if self.session.draft.is_some() || self.memory.schedules.is_empty() {
            return false;
        }
        let meaning = heard.meaning(Expecting::Value);
        let of_another = heard.accepts(&meaning)
            && !matches!(&meaning.label, Label::Act(id) if id.as_str() == CORRECT)
            && meaning.label != Label::Command(TemplateId::from(SCHEDULE));
        let timed = || !recognize::times(&heard.text, &self.reference()).is_empty();
        self.says_schedule(&heard.text) && !of_another && !timed()
    }

    /// The schedule that a message is about: the one it names, or the only one whose job has what
    /// it changes.
    fn schedule_meant(&self, heard: &Heard) -> Option<(&'a Scheduled, &'a JobTemplate)> {
        let all = self.memory.schedules.iter().filter_map(|schedule| {
            let template = self.template(&schedule.template)?;
            Some((schedule, template))
        });
        if let Some((_, number)) = schedules_named(&heard.text).first() {
            return all.clone().find(|(schedule, _)| schedule.number == *number);
        }
        let mut fitting = all.clone().filter(|(_, template)| {
            let said = options::words(&heard.text);
            let name = Language::ALL.map(|l| options::words(template.name.get(l))).concat();
            !spoken_of(template, &heard.text).is_empty() || said.iter().any(|w| name.contains(w))
        });
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(only),
            (Some(_), Some(_)) => None,
            (None, _) => all.clone().next().filter(|_| all.count() == 1),
        }
    }

    /// Whether a slot changes a value of what a schedule runs: it is said with its parameter's
    /// name, or is unmistakable, and is neither the time to move it to nor a word for it.
    fn is_amendment(&self, heard: &Heard, template: &JobTemplate, slot: &Slot) -> bool {
        let Some(parameter) = template.parameter(&slot.parameter) else { return false };
        if !self.differs(slot, template) || self.says_schedule(&slot.surface) {
            return false;
        }
        let at = byte_at(&heard.text, slot.start)..byte_at(&heard.text, slot.end);
        let times = || recognize::times(&heard.text, &self.reference());
        let timed = || times().iter().any(|t| t.span.start < at.end && at.start < t.span.end);
        let named = spoken_of(template, &heard.text).iter().any(|(_, p)| p.name == slot.parameter);
        match parameter.kind {
            _ if named => true,
            ParameterType::Boolean => true,
            _ if options::takes_numbers(parameter) && !slot.surface.contains('.') => false,
            _ => is_telling(slot, template) && !timed(),
        }
    }

    /// Whether words have one of those that schedules are called by.
    fn says_schedule(&self, text: &str) -> bool {
        let said = options::words(text);
        let command = self.mind.catalog.command(&TemplateId::from(SCHEDULE));
        command.is_some_and(|command| {
            let names = Language::ALL.map(|language| options::words(command.name.get(language)));
            let alike = |said: &str, name: &str| {
                said == name || (name.is_ascii() && said.starts_with(name))
            };
            names.iter().flatten().any(|name| said.iter().any(|word| alike(word, name)))
        })
    }
}

/// A schedule as a draft, with what it would run as what was shown.
fn draft_of(schedule: &Scheduled, template: &JobTemplate) -> Draft {
    let mut draft = Draft::new(template.id.clone(), Collect::Required);
    draft.timing = Some(Timing::Set { when: schedule.when.clone(), words: String::new() });
    draft.values = schedule
        .values
        .iter()
        .filter(|(name, _)| template.parameter(name).is_some())
        .map(|(name, value)| (name.clone(), carried(value.clone())))
        .collect();
    draft
}
