//! When a job shall run: the times of a request that no parameter takes.
//!
//! Such a time is never dropped: it becomes part of the plan, or is asked about.

use super::act::{Act, Note, OptionItem, Pick, WhenProblem};
use super::collect::Applied;
use super::heard::{Expecting, Heard};
use super::labels::*;
use super::options::{self, Place};
use super::pointers;
use super::session::{Open, Timing};
use super::told::Told;
use super::turn::Talk;
use crate::catalog::{JobTemplate, TemplateId, Value, is_han};
use crate::jobs::schedule::When;
use crate::nlu::values::recognize::{self, TimeKind};
use crate::nlu::values::recurring;
use crate::nlu::{Label, Slot, SlotValue};

/// How likely another job must be in place of an answer.
const LIKELY: f32 = 0.5;

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
            Some(Told::Over { words }) => {
                self.note(Note::TimeIsOver { words });
                return false;
            }
        };
        match &mut self.session.draft {
            Some(draft) if draft.timing != timing => {
                draft.timing = timing;
                true
            }
            _ => false,
        }
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
        let meaning = heard.meaning(Expecting::Value);
        if let Some(job) = meaning.job().filter(|job| **job != template.id)
            && (heard.accepts(&meaning) || meaning.share >= LIKELY && self.is_request(job, heard))
        {
            return self.another_job(&job.clone(), heard);
        }
        if let Some(option) = self.in_part_of_day(&heard.text, options) {
            return self.pick(option.pick.clone());
        }
        if let Some(told) = self.told_in_answer(heard, words) {
            self.set_time(Some(told));
            return self.proceed(Applied::default());
        }
        if let Some(Place::At(index)) = place {
            return self.pick(options[index].pick.clone());
        }
        match &meaning.label {
            Label::Act(id) if matches!(id.as_str(), ABORT) => return self.abandon(heard),
            Label::Act(id) if matches!(id.as_str(), DENY | SKIP) => {
                return self.pick(Pick::When { when: None });
            }
            Label::Act(id) if id.as_str() == PAUSE => return self.pause(),
            Label::Command(_) if heard.accepts(&meaning) => return self.interrupt(heard, &meaning),
            _ => {}
        }
        self.ask_when(failures + 1);
    }

    /// The time that an answer gives, with the day or the rhythm that was said before, or by
    /// itself: a clear one, else one that leaves only a choice. A rhythm that was said is kept.
    fn told_in_answer(&self, heard: &Heard, words: &str) -> Option<Told> {
        let said = &heard.text;
        let read = |text: &str| match recurring::counted(text) {
            Some(counted) => Some(Told::Later(self.so_often(text, &counted))),
            None => self.told(text, recognize::times(text, &self.reference())),
        };
        let mut told: Vec<Told> = joined(words, said).iter().filter_map(|t| read(t)).collect();
        let draft = self.session.draft.as_ref();
        let needs_time = draft.is_some_and(|draft| {
            let Some(Timing::Unclear { problem, .. }) = &draft.timing else { return false };
            *problem == WhenProblem::NoTime
        });
        let is_rhythm = |text: &str| {
            recurring::counted(text).is_some()
                || recognize::times(text, &self.reference())
                    .iter()
                    .any(|time| time.kind == TimeKind::Set)
        };
        let once = |told: &Told| {
            matches!(told, Told::Later(Timing::Set { when: When::Once(_), .. }))
                || matches!(told, Told::Later(Timing::Unclear { readings, .. })
                    if readings.iter().any(|when| matches!(when, When::Once(_))))
        };
        let keeps_rhythm = needs_time && is_rhythm(words);
        told.extend(read(said).filter(|told| !(keeps_rhythm && once(told))));
        let clear = |told: &&Told| {
            !told.has_passed() && !matches!(told, Told::Later(Timing::Unclear { .. }))
        };
        let choice = |told: &&Told| match told {
            Told::Later(Timing::Unclear { readings, .. }) => !readings.is_empty(),
            _ => false,
        };
        told.iter()
            .find(clear)
            .or_else(|| told.iter().find(choice))
            .or_else(|| told.last().filter(|_| is_rhythm(said)))
            .cloned()
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
        if about_existing || self.points_at_schedule(heard) {
            return false;
        }
        let Some(job) = self.job_pointed_at(heard).or_else(|| self.job_in(heard)) else {
            return false;
        };
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

    /// The job spoken of last, where a message points back to it and may be about it: "restart it
    /// tomorrow".
    fn job_pointed_at(&self, heard: &Heard) -> Option<TemplateId> {
        const LIKELY: f32 = 0.2;
        let points = |pointer: &pointers::Pointer| pointer.reach == pointers::Reach::Thing;
        if !pointers::pointers(&heard.text).iter().any(points) {
            return None;
        }
        let last = &self.session.mentions.last()?.template;
        let jobs = heard.utterance.ranking.iter().filter(|s| matches!(s.label, Label::Job(_)));
        let best = jobs.map(|scored| scored.probability).fold(0.0, f32::max);
        let own = heard.probability(&Label::Job(last.clone()));
        (own >= LIKELY * best && own > 0.0).then(|| last.clone())
    }

    /// Whether a message asks for another job rather than answers: it brings what that job is to
    /// be done to.
    fn is_request(&self, job: &TemplateId, heard: &Heard) -> bool {
        self.template(job).is_some_and(|template| self.brings_values(heard, template))
    }

    /// Whether a message is about schedules that there are, and not about when to run.
    pub(super) fn is_about_schedules(&self, heard: &Heard) -> bool {
        let label = Label::Command(TemplateId::from(SCHEDULE));
        self.said_with(heard, &label).iter().any(|slot| match slot.parameter.as_str() {
            "schedule" => true,
            "change" => slot.value == SlotValue::Valid(Value::from("list")),
            _ => false,
        })
    }

    /// Whether a message says what the job is to be done to: by value, or by a word that points
    /// back to one.
    fn brings_values(&self, heard: &Heard, template: &JobTemplate) -> bool {
        self.job_pointed_at(heard).as_ref() == Some(&template.id)
            || self.understand(heard, template, None).iter().any(|slot| {
                template.parameter(&slot.parameter).is_some_and(|parameter| parameter.required)
            })
    }
}

/// Words said one after the other as one text. Chinese is written without spaces.
fn joined(before: &str, after: &str) -> Vec<String> {
    let mut texts = vec![format!("{before} {after}")];
    if before.ends_with(is_han) || after.starts_with(is_han) {
        texts.push(format!("{before}{after}"));
    }
    texts
}
