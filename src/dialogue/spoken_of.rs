//! What short words are about while nothing is being put together: "drop it", "pause it", "how is
//! it going?". It is what was made, asked for or begun last.

use super::act::Act;
use super::heard::{Heard, Meaning};
use super::labels::*;
use super::turn::Talk;
use super::{options, pointers};
use crate::catalog::{JobTemplate, Language, ParameterType, TemplateId, Value, Values};
use crate::nlu::{Decision, Label, Slot, SlotValue};

/// How likely a question about runs must be while one is under way.
const LIKELY: f32 = 0.5;

impl Talk<'_> {
    /// Drops what was spoken of last: undoes the latest run where its inverse is named, else a
    /// schedule, a request that waits for others, or a run that is under way.
    pub(super) fn drop_said(&mut self, heard: &Heard) {
        let of = |id: &str| heard.probability(&Label::Command(TemplateId::from(id)));
        if self.names_inverse(heard) {
            return self.undo_said(heard);
        }
        if self.change_spoken_of("drop") {
            return;
        }
        let runs = self.something_runs();
        if self.memory.waits_for_others && (!runs || of(WITHDRAW) >= of(CANCEL)) {
            return self.answer_command(TemplateId::from(WITHDRAW), Values::new());
        }
        match runs {
            true => self.command(&TemplateId::from(CANCEL), heard),
            false => self.abort(),
        }
    }

    /// Changes the schedules that were spoken of last. False where there are none, or something
    /// else is being put together.
    pub(super) fn change_spoken_of(&mut self, change: &str) -> bool {
        if self.session.draft.is_some() || self.session.schedules.is_empty() {
            return false;
        }
        let mut arguments = Values::from([("change".to_owned(), Value::from(change))]);
        self.put_spoken_of(&mut arguments);
        self.answer_command(TemplateId::from(SCHEDULE), arguments);
        true
    }

    /// "Move it to six": the only schedule that was spoken of last, where none is named.
    pub(super) fn name_spoken_of(&self, heard: &Heard, arguments: &mut Values) {
        let named = ["schedule", "job", "execution"];
        let lists = arguments.get("change") == Some(&Value::from("list"));
        let points = points_at_a_thing(heard);
        let changes = arguments.contains_key("change") || points;
        if !lists && changes && !named.iter().any(|name| arguments.contains_key(*name)) {
            self.put_spoken_of(arguments);
        }
    }

    /// Whether a message points at a schedule that was spoken of last.
    pub(super) fn points_at_schedule(&self, heard: &Heard) -> bool {
        !self.session.schedules.is_empty() && points_at_a_thing(heard)
    }

    fn put_spoken_of(&self, arguments: &mut Values) {
        if let [only] = self.session.schedules.as_slice()
            && let Ok(number) = i64::try_from(*only)
        {
            arguments.insert("schedule".to_owned(), Value::Integer(number));
        }
    }

    /// Whether a message names the job that undoes the latest run, and points at that: "revoke it"
    /// after a grant.
    fn names_inverse(&self, heard: &Heard) -> bool {
        let latest = self.memory.executions.first().and_then(|ran| self.template(&ran.template));
        let inverse = latest
            .and_then(|job| job.inverse.as_ref().filter(|inverse| **inverse != job.id))
            .and_then(|id| self.template(id));
        let said = options::words(&heard.text);
        let named = |job: &JobTemplate| {
            Language::ALL.into_iter().any(|language| {
                let name = options::words(job.name.get(language));
                said.iter().any(|word| name.contains(word))
            })
        };
        points_at_a_thing(heard) && inverse.is_some_and(named)
    }

    /// Whether a doubtful message asks how things are going, while something goes on or waits.
    pub(super) fn asks_about_runs(&self, meaning: &Meaning) -> bool {
        let something =
            self.something_runs() || self.memory.has_to_decide || self.memory.waits_for_others;
        meaning.command() == Some(STATUS) && meaning.share >= LIKELY && something
    }

    /// Whether a doubtful message is likeliest a command, and chooses what that has to choose.
    pub(super) fn chooses_for_command(&self, heard: &Heard, meaning: &Meaning) -> bool {
        let parameters = self.mind.catalog.parameters_of(&meaning.label);
        let is_choice = |slot: &Slot| {
            matches!(slot.value, SlotValue::Valid(_))
                && parameters
                    .iter()
                    .any(|p| p.name == slot.parameter && p.kind == ParameterType::Choice)
        };
        meaning.command().is_some()
            && meaning.share >= LIKELY
            && heard.decision() == Decision::Clarify
            && self.said_with(heard, &meaning.label).iter().any(is_choice)
    }

    /// Whether a run of the user's is under way.
    pub(super) fn something_runs(&self) -> bool {
        self.memory.executions.iter().any(|ran| !ran.state.is_final())
    }

    /// Whether a draft was begun or something ran in this turn.
    pub(super) fn speaks_of_a_job(&self) -> bool {
        self.session.draft.is_some() || self.acts.iter().any(|act| matches!(act, Act::Runs { .. }))
    }
}

fn points_at_a_thing(heard: &Heard) -> bool {
    let mut found = pointers::pointers(&heard.text).into_iter();
    found.any(|pointer| pointer.reach == pointers::Reach::Thing)
}
