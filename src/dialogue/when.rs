//! When a job shall run: the times of a request that no parameter takes.
//!
//! Such a time is never dropped: it becomes part of the plan, or is asked about.

use std::ops::Range;

use jiff::civil::DateTime;

use super::act::{Act, OptionItem, Pick, WhenProblem};
use super::collect::Applied;
use super::heard::{Expecting, Heard};
use super::labels::*;
use super::look::byte_at;
use super::options::{self, Place};
use super::session::{Open, Timing};
use super::turn::Talk;
use crate::catalog::{JobTemplate, ParameterType, TemplateId};
use crate::jobs::schedule::{Recurrence, When};
use crate::nlu::values::recognize::{self, TimeExpression, TimeKind};
use crate::nlu::values::{self, recurring};
use crate::nlu::{Label, Slot};

/// A time that a message says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Told {
    /// At once.
    Now,
    /// Later, or what has to be asked about that.
    Later(Timing),
}

impl Talk<'_> {
    /// Takes the time that a message gives, where none of its values is that time. A rhythm is
    /// never the value of a date and time: such a slot is taken away.
    pub(super) fn take_time(
        &mut self,
        heard: &Heard,
        template: &JobTemplate,
        slots: &mut Vec<Slot>,
    ) -> bool {
        let told = self.time_told(heard, template, slots);
        self.set_time(told)
    }

    /// Puts a time into the draft. False where that changes nothing.
    pub(super) fn set_time(&mut self, told: Option<Told>) -> bool {
        let timing = match told {
            None => return false,
            Some(Told::Now) => None,
            Some(Told::Later(timing)) => Some(timing),
        };
        match &mut self.session.draft {
            Some(draft) if draft.timing != timing => {
                draft.timing = timing;
                true
            }
            _ => false,
        }
    }

    /// The time that a message gives besides its values.
    pub(super) fn time_told(
        &self,
        heard: &Heard,
        template: &JobTemplate,
        slots: &mut Vec<Slot>,
    ) -> Option<Told> {
        let text = &heard.text;
        let times = recognize::times(text, &self.reference());
        for rhythm in times.iter().filter(|time| time.kind == TimeKind::Set) {
            slots.retain(|slot| {
                let kind = template.parameter(&slot.parameter).map(|p| p.kind);
                kind != Some(ParameterType::Datetime) || !touches(text, slot, &rhythm.span)
            });
        }
        let free: Vec<TimeExpression> = times
            .into_iter()
            .filter(|time| !slots.iter().any(|slot| touches(text, slot, &time.span)))
            .collect();
        self.told(text, free)
    }

    /// What times amount to: one that is clear, or a question.
    fn told(&self, text: &str, mut times: Vec<TimeExpression>) -> Option<Told> {
        times.retain(|time| time.kind != TimeKind::Duration && time.modifier.is_none());
        let has_rhythm = times.iter().any(|time| time.kind == TimeKind::Set);
        times.retain(|time| has_rhythm || !self.is_past(time));
        let (first, last) = (times.first()?, times.last()?);
        let words = text[first.span.start..last.span.end].to_owned();
        let unclear = |problem, readings| {
            Some(Told::Later(Timing::Unclear { words: words.clone(), problem, readings }))
        };
        if times.len() > 1 {
            let readings: Vec<When> =
                times.iter().flat_map(|time| self.moments(text, time)).collect();
            let problem = if has_rhythm { WhenProblem::NoTime } else { WhenProblem::Several };
            return unclear(problem, if has_rhythm { Vec::new() } else { readings });
        }
        let moments = self.moments(text, first);
        match (first.kind, moments.as_slice()) {
            (
                TimeKind::Date
                | TimeKind::DateRange
                | TimeKind::TimeRange
                | TimeKind::DateTimeRange,
                _,
            ) => unclear(WhenProblem::NoTime, Vec::new()),
            (TimeKind::Set, []) => unclear(WhenProblem::NoRhythm, Vec::new()),
            (_, []) => Some(Told::Now),
            (_, [only]) => Some(Told::Later(Timing::Set { when: only.clone(), words })),
            (_, several) => unclear(WhenProblem::Several, several.to_vec()),
        }
    }

    /// Whether a time lies behind, and so says nothing about when to run. Now does not.
    fn is_past(&self, time: &TimeExpression) -> bool {
        let now = self.now.datetime();
        let is_now = |start: Option<DateTime>| {
            time.kind == TimeKind::DateTime
                && start.is_some_and(|start| {
                    now.duration_since(start).as_secs().unsigned_abs() < NOW_SECONDS
                })
        };
        !time.readings.is_empty()
            && time.readings.iter().all(|reading| match (reading.start, reading.end) {
                (start, None) if is_now(start) => false,
                (_, Some(end)) => end <= now,
                // A time of the day comes again.
                (Some(_), None) if time.kind == TimeKind::Time => false,
                (Some(start), None) => start <= now,
                (None, None) => true,
            })
    }

    /// The moments after now, or the rhythms, that a time may mean.
    fn moments(&self, text: &str, time: &TimeExpression) -> Vec<When> {
        let reference = self.reference();
        let here =
            |found: &values::Found| found.start < time.span.end && time.span.start < found.end;
        if time.kind == TimeKind::Set {
            let found = recurring::find(text, &reference);
            let crons = found.into_iter().filter(here).flat_map(|found| found.values);
            let zone = self.now.time_zone().iana_name().unwrap_or("UTC").to_owned();
            return crons
                .filter_map(|cron| Recurrence::new(&cron.to_string(), &zone).ok())
                .map(When::Recurring)
                .collect();
        }
        let found = values::find(text, ParameterType::Datetime, &reference);
        let moments = found.into_iter().filter(here).flat_map(|found| found.values);
        moments
            .filter_map(|value| value.to_string().parse::<DateTime>().ok())
            .filter_map(|moment| moment.to_zoned_datetime(self.now.time_zone().clone()).ok())
            .filter(|moment| moment.timestamp() > self.now.timestamp())
            .map(|moment| When::Once(moment.timestamp()))
            .collect()
    }

    /// Asks when, as far as that is open.
    pub(super) fn ask_when(&mut self, failures: u32) {
        let Some((draft, _)) = self.drafted() else { return };
        let Some(Timing::Unclear { words, problem, readings }) = draft.timing.clone() else {
            return self.show_plan();
        };
        let template = draft.template.clone();
        let mut options: Vec<OptionItem> =
            readings.iter().take(4).map(|when| self.when_option(when)).collect();
        options.push(OptionItem::named(Pick::When { when: None }));
        if failures >= self.mind.settings.patience {
            options.push(OptionItem::named(Pick::Abort));
        }
        self.session.open =
            Some(Open::When { words: words.clone(), options: options.clone(), failures });
        self.act(Act::AsksWhen { template, words, problem, options });
    }

    fn when_option(&self, when: &When) -> OptionItem {
        let text = match when {
            When::Once(at) => {
                let at = at.to_zoned_datetime(self.now.time_zone().clone());
                at.strftime("%Y-%m-%d %H:%M").to_string()
            }
            When::Recurring(recurrence) => recurrence.cron().to_owned(),
        };
        OptionItem { pick: Pick::When { when: Some(when.clone()) }, text }
    }

    /// The answer to "when?": a place, a time (with the day that was said, where it is only a
    /// time of the day), or "now".
    pub(super) fn choose_when(
        &mut self,
        heard: &Heard,
        words: &str,
        options: &[OptionItem],
        failures: u32,
    ) {
        let Some((_, template)) = self.drafted() else {
            self.session.open = None;
            return self.request(heard);
        };
        let readings = |option: &&OptionItem| matches!(option.pick, Pick::When { when: Some(_) });
        let place = options::place(&heard.text, options.len());
        if let (Some(Place::At(index)), true) = (&place, options.iter().any(|o| readings(&o))) {
            return self.pick(options[*index].pick.clone());
        }
        if let Some(told) = self.told_in_answer(heard, words) {
            self.set_time(Some(told));
            return self.proceed(Applied::default());
        }
        if let Some(Place::At(index)) = place {
            return self.pick(options[index].pick.clone());
        }
        let meaning = heard.meaning(Expecting::Value);
        match &meaning.label {
            Label::Act(id) if matches!(id.as_str(), ABORT) => return self.abandon(heard),
            Label::Act(id) if matches!(id.as_str(), DENY | SKIP) => {
                return self.pick(Pick::When { when: None });
            }
            Label::Act(id) if id.as_str() == PAUSE => return self.pause(),
            Label::Command(_) if heard.accepts(&meaning) => return self.interrupt(heard, &meaning),
            Label::Job(id) if *id != template.id && heard.accepts(&meaning) => {
                return self.another_job(&id.clone(), heard);
            }
            _ => {}
        }
        self.ask_when(failures + 1);
    }

    /// The time that an answer gives, with the day that was said before, or by itself: a clear
    /// one, else one that leaves only a choice.
    fn told_in_answer(&self, heard: &Heard, words: &str) -> Option<Told> {
        let said = &heard.text;
        let told: Vec<Told> = [format!("{words} {said}"), format!("{words}{said}"), said.clone()]
            .iter()
            .filter_map(|text| self.told(text, recognize::times(text, &self.reference())))
            .collect();
        let clear = |told: &&Told| !matches!(told, Told::Later(Timing::Unclear { .. }));
        let choice = |told: &&Told| match told {
            Told::Later(Timing::Unclear { readings, .. }) => !readings.is_empty(),
            _ => false,
        };
        told.iter().find(clear).or_else(|| told.iter().find(choice)).cloned()
    }

    /// A time was picked; without one, it runs as soon as it is confirmed.
    pub(super) fn pick_when(&mut self, when: Option<When>) {
        let Some(draft) = &mut self.session.draft else { return self.stale() };
        let words = match &draft.timing {
            Some(Timing::Unclear { words, .. } | Timing::Set { words, .. }) => words.clone(),
            None => String::new(),
        };
        draft.timing = when.map(|when| Timing::Set { when, words });
        self.proceed(Applied::default());
    }

    /// "Schedule a restart of cart-service for 3am": a job that is named begins, with its time.
    /// False where the message is about a schedule that there is.
    pub(super) fn schedule_said(&mut self, heard: &Heard) -> bool {
        let label = Label::Command(TemplateId::from(SCHEDULE));
        let said = self.said_with(heard, &label);
        let about_existing = said
            .iter()
            .any(|slot| matches!(slot.parameter.as_str(), "execution" | "schedule" | "change"));
        let ran = said
            .iter()
            .find(|slot| slot.parameter == "execution")
            .and_then(|slot| u64::try_from(super::commands::number_in(&slot.surface)?).ok())
            .and_then(|number| self.memory.execution(number));
        if ran.is_some_and(|ran| ran.state.is_final()) {
            // What is over can't be moved, but done again at that time.
            self.again_said(heard);
            return true;
        }
        if about_existing {
            return false;
        }
        let Some(job) = self.job_in(heard) else { return false };
        let times = recognize::times(&heard.text, &self.reference());
        match self.template(&job) {
            Some(template) if !times.is_empty() && self.brings_values(heard, template) => {
                self.begin(&job, heard);
                true
            }
            _ => false,
        }
    }

    /// The job that a message is likeliest about, were it about one.
    fn job_in(&self, heard: &Heard) -> Option<TemplateId> {
        const SURE: f32 = 0.5;
        let jobs = heard.utterance.ranking.iter().filter_map(|scored| match &scored.label {
            Label::Job(id) => Some((id, scored.probability)),
            _ => None,
        });
        let all: f32 = jobs.clone().map(|(_, p)| p).sum();
        let (id, p) = jobs.max_by(|a, b| a.1.total_cmp(&b.1))?;
        (p >= SURE * all).then(|| id.clone())
    }

    /// Whether a message names by value what the job is to be done to.
    fn brings_values(&self, heard: &Heard, template: &JobTemplate) -> bool {
        self.understand(heard, template, None).iter().any(|slot| {
            template.parameter(&slot.parameter).is_some_and(|parameter| parameter.required)
        })
    }
}

/// Seconds around now that are now.
const NOW_SECONDS: u64 = 60;

/// Whether a slot stands where a time does.
fn touches(text: &str, slot: &Slot, span: &Range<usize>) -> bool {
    let at = byte_at(text, slot.start)..byte_at(text, slot.end);
    at.start < span.end && span.start < at.end
}
