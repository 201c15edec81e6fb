//! The answer to a plan: a yes runs exactly what was shown; anything that changes it shows it
//! again.

use super::act::{Act, Note};
use super::collect::Applied;
use super::cues;
use super::heard::{Expecting, Heard, Meaning};
use super::labels::*;
use super::look::byte_at;
use super::restrictions;
use super::told::Told;
use super::turn::Talk;
use super::yes::Yes;
use crate::catalog::{JobTemplate, ParameterType, TemplateId, Value, Values};
use crate::nlu::values::{self, recognize};
use crate::nlu::{Decision, Label};

/// How sure it must be of an act that leaves a value in the message aside.
const SURE_ACT: f32 = 0.9;

/// How sure it must be that a message interrupts rather than changes the plan.
const SURE_COMMAND: f32 = 0.5;

impl Talk<'_> {
    /// A message while a plan waits for a yes.
    pub(super) fn confirm(&mut self, heard: &Heard) {
        let Some((_, template)) = self.drafted() else {
            self.session.open = None;
            return self.request(heard);
        };
        if self.decides_for_others(heard) {
            return;
        }
        match self.yes(heard, template) {
            // A yes to what was put on hold may be to something else: it is asked anew.
            Yes::Plain if self.is_on_hold() => return self.show_plan(),
            Yes::Plain => return self.agreed(heard, template),
            Yes::WithMore => {
                self.note(Note::MoreThanYes);
                return self.return_to_question();
            }
            Yes::No => {}
        }
        // A bare number is no value: nobody can tell of what.
        if heard.text.parse::<f64>().is_ok() && !self.changes_draft(heard, template) {
            return self.return_to_question();
        }
        let meaning = heard.meaning(Expecting::Yes);
        match &meaning.label {
            Label::Act(id) => match id.as_str() {
                SWAP if restrictions::counts(&heard.text) => {}
                SWAP if self.can_swap() || meaning.share >= SURE_ACT => return self.swap(),
                UNSET if meaning.share >= SURE_ACT || !self.changes_draft(heard, template) => {
                    return self.unset(heard, template);
                }
                PAUSE if meaning.share >= SURE_ACT || !self.changes_draft(heard, template) => {
                    return self.pause();
                }
                START_OVER if meaning.share >= SURE_ACT || !self.changes_draft(heard, template) => {
                    return self.start_over();
                }
                SKIP if !self.session.queue.is_empty() && !self.changes_draft(heard, template) => {
                    return self.skip_this();
                }
                GREET | THANKS | FAREWELL if !self.is_unknown(heard) => {
                    return self.interrupt(heard, &meaning);
                }
                ABORT => return self.abandon(heard),
                _ => {}
            },
            Label::Command(id) => match id.as_str() {
                CANCEL if !self.names_execution(heard, &meaning.label) => {
                    return self.abandon(heard);
                }
                UNDO if self.can_take_back() => return self.take_back(),
                SCHEDULE if self.is_about_schedules(heard) => {
                    return self.interrupt(heard, &meaning);
                }
                SCHEDULE | APPROVE | RERUN => {}
                _ if meaning.share >= SURE_COMMAND
                    && !self.changes_besides(heard, template, &meaning.label) =>
                {
                    return self.interrupt(heard, &meaning);
                }
                _ => {}
            },
            Label::Job(id) if *id != template.id && heard.accepts(&meaning) => {
                return self.another_job(&id.clone(), heard);
            }
            _ => {}
        }
        if self.correct(heard, template) || self.has_nothing_for(heard) {
            return;
        }
        match &meaning.label {
            Label::Act(id) if id.as_str() == DENY => match self.names_parameter(heard, template) {
                Some(parameter) => self.ask_again(&parameter),
                None => self.abort(),
            },
            Label::Act(id) if matches!(id.as_str(), CORRECT | CHOOSE | SWAP) => {
                self.which_to_change(heard, template);
            }
            Label::Command(_) => self.interrupt(heard, &meaning),
            Label::OutOfScope => {
                self.act(Act::Rejected);
                self.return_to_question();
            }
            _ => self.return_to_question(),
        }
    }

    /// A command that there is nothing for is answered so rather than not at all: "logs" before
    /// anything ran.
    fn has_nothing_for(&mut self, heard: &Heard) -> bool {
        let Some(label @ Label::Command(id)) = heard.utterance.best() else { return false };
        let possible = heard.decision() != Decision::Accept || heard.is_possible(label);
        if possible || id.as_str() == CANCEL {
            return false;
        }
        self.interrupt(heard, &Meaning { label: label.clone(), share: 1.0 });
        true
    }

    /// A yes that asks or hangs on something is none, and one that speaks of another time is a
    /// change: the plan stays open.
    fn agreed(&mut self, heard: &Heard, template: &JobTemplate) {
        if self.is_unreserved(heard) {
            return self.run();
        }
        let told = self.time_told(heard, template, &mut Vec::new());
        let at_once = self.session.live_plan().is_some_and(|plan| plan.when.is_none());
        if told == Some(Told::Now) && at_once && !cues::has_reservation(&heard.text) {
            return self.run();
        }
        if told.is_some() && self.set_time(told) {
            return self.proceed(Applied::default());
        }
        self.note(Note::OnlyPlainYes);
        self.return_to_question();
    }

    /// Whether a yes means now, and without a condition.
    fn is_unreserved(&self, heard: &Heard) -> bool {
        let time = values::find(&heard.text, ParameterType::Datetime, &self.reference());
        time.is_empty() && !cues::has_reservation(&heard.text)
    }

    /// Runs the live plan, if it has not expired and its job is still what it was.
    pub(super) fn run(&mut self) {
        let Some(plan) = self.session.live_plan().cloned() else {
            return self.note(Note::NothingOpen);
        };
        if plan.expires <= self.now.timestamp() {
            return self.show_plan();
        }
        let template = self.template(&plan.template);
        if template.is_some_and(|template| template.definition() != plan.definition) {
            self.note(Note::JobChanged { template: plan.template });
            return self.show_plan();
        }
        let done = self.session.draft.take();
        self.session.open = None;
        self.act(Act::Runs { plan: plan.clone() });
        self.next_in_line(done, &plan);
    }

    /// One of several is left out, and the next one begins.
    fn skip_this(&mut self) {
        let Some(plan) = self.session.live_plan().cloned() else { return };
        let done = self.session.draft.take();
        self.session.open = None;
        self.act(Act::Cancelled { template: Some(plan.template.clone()) });
        self.next_in_line(done, &plan);
    }

    /// Waits: the draft and its question stay open, and no yes runs it before it was shown again.
    pub(super) fn pause(&mut self) {
        let Some(draft) = &mut self.session.draft else {
            return self.note(Note::NothingOpen);
        };
        draft.on_hold = true;
        let template = draft.template.clone();
        self.note(Note::Paused { template });
    }

    fn is_on_hold(&self) -> bool {
        self.session.draft.as_ref().is_some_and(|draft| draft.on_hold)
    }

    /// Where requests of others wait for this user, approving is about those, and a plan of one's
    /// own is never run by it: what waits is shown, or decided where the words say which.
    fn decides_for_others(&mut self, heard: &Heard) -> bool {
        let meaning = heard.meaning(Expecting::Yes);
        let approves = meaning.command() == Some(APPROVE);
        if !approves || !self.memory.has_to_decide {
            return false;
        }
        if self.has_arguments(heard, &meaning.label) {
            self.interrupt(heard, &meaning);
        } else {
            let which = Values::from([("which".to_owned(), Value::Boolean(true))]);
            self.answer_command(TemplateId::from(APPROVE), which);
            self.return_to_question();
        }
        true
    }

    /// Whether a message that is a command brings values for the plan besides what the command
    /// itself takes: the day in "history of today" is none.
    fn changes_besides(&self, heard: &Heard, template: &JobTemplate, command: &Label) -> bool {
        let text = &heard.text;
        let own = self.said_with(heard, command);
        let takes_time = self.mind.catalog.parameters_of(command).iter().any(|p| p.name == "time");
        let times = match takes_time {
            true => recognize::times(text, &self.reference()),
            false => Vec::new(),
        };
        self.corrections(heard, template).iter().any(|slot| {
            let at = byte_at(text, slot.start)..byte_at(text, slot.end);
            let taken = own.iter().any(|own| own.start < slot.end && slot.start < own.end)
                || times.iter().any(|t| t.span.start < at.end && at.start < t.span.end);
            !taken && self.differs(slot, template)
        })
    }

    /// Empties the draft and begins again with its first question.
    pub(super) fn start_over(&mut self) {
        let Some(draft) = &mut self.session.draft else {
            return self.note(Note::NothingOpen);
        };
        *draft = super::session::Draft::new(draft.template.clone(), draft.collect);
        let template = draft.template.clone();
        self.session.open = None;
        self.note(Note::StartedOver { template });
        self.proceed(Applied::default());
    }
}
