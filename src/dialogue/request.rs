//! A request: something said that no open question explains.

use super::act::{Act, Courtesy, Note};
use super::clarify::{LEAST_RATIO, MOST_OPTIONS};
use super::collect::Applied;
use super::cues;
use super::heard::{Expecting, Heard, Meaning};
use super::labels::*;
use super::options;
use super::restrictions;
use super::session::Draft;
use super::turn::Talk;
use crate::catalog::{JobTemplate, Language, Parameter, TemplateId};
use crate::nlu::{Decision, Label, Scored, Slot, SlotValue};

/// How likely the best job has to be for the message itself to settle a doubt.
const MUCH: f32 = 0.75;

/// How likely, among what is possible here, a job has to be that the gate turned down.
const LIKELY: f32 = 0.6;

impl Talk<'_> {
    /// A message while nothing is asked.
    pub(super) fn request(&mut self, heard: &Heard) {
        if self.recovers(heard) {
            return;
        }
        if self.is_unknown(heard) {
            if !self.complete(heard) {
                self.act(Act::Rejected);
            }
            return;
        }
        let parts = self.several_jobs(heard);
        if !parts.is_empty() {
            return self.begin_several(parts);
        }
        let meaning = heard.meaning(Expecting::Nothing);
        if heard.is_out_of_place() && meaning.job().is_none_or(|_| meaning.share < LIKELY) {
            return self.half_request(heard);
        }
        let turned_down = self.turned_down(heard, &meaning);
        if let Some(words) = turned_down.or_else(|| self.opposite_said(heard, &meaning)) {
            self.note(Note::TurnedDown { words });
            return self.clarify(heard, &meaning);
        }
        if meaning.job().is_some() && restrictions::speaks_of(&heard.text) {
            return self.clarify(heard, &meaning);
        }
        if heard.accepts(&meaning) || self.is_settled(heard, &meaning) {
            let namesakes = meaning.job().map(|id| self.namesakes(heard, id)).unwrap_or_default();
            if !namesakes.is_empty() {
                return self.offer_intents(&heard.text, self.in_order(namesakes));
            }
            return self.perform(heard, &meaning);
        }
        if let Some(meaning) = self.respelt(heard) {
            return self.perform(heard, &meaning);
        }
        let is_likely = meaning.job().is_some() && meaning.share >= LIKELY;
        match heard.decision() {
            Decision::Reject if !is_likely => self.reject(heard, &meaning),
            _ => self.clarify(heard, &meaning),
        }
    }

    /// Whether the doubt of the gate can be settled by what the model of intents does not see.
    fn is_settled(&self, heard: &Heard, meaning: &Meaning) -> bool {
        self.asks_about_runs(meaning)
            || self.chooses_for_command(heard, meaning)
            || self.only_one_is_possible(heard, meaning)
            || self.only_one_is_filled(heard, meaning)
            || self.is_named(heard, meaning)
    }

    /// The best job is much the likeliest, and the message holds every word of its name.
    fn is_named(&self, heard: &Heard, meaning: &Meaning) -> bool {
        let said = options::words(&heard.text);
        heard.decision() == Decision::Clarify
            && meaning.share >= MUCH
            && meaning.job().and_then(|id| self.template(id)).is_some_and(|template| {
                Language::ALL.into_iter().any(|language| {
                    let name = options::words(template.name.get(language));
                    !name.is_empty() && name.iter().all(|word| said.contains(word))
                })
            })
    }

    /// The best job is much the likeliest, and the message gives all it needs, which it does for
    /// no other that may be meant.
    fn only_one_is_filled(&self, heard: &Heard, meaning: &Meaning) -> bool {
        let fills = |template: &JobTemplate| {
            let slots = self.mind.nlu.slots(&heard.utterance, template, None, &self.reference());
            template.parameters.iter().filter(|p| p.required && p.default.is_none()).all(|p| {
                slots
                    .iter()
                    .any(|s| s.parameter == p.name && matches!(s.value, SlotValue::Valid(_)))
            })
        };
        let others = || {
            let ranking = heard.utterance.ranking.iter();
            ranking.filter(|s| s.label != meaning.label && s.probability >= 0.01).filter_map(|s| {
                match &s.label {
                    Label::Job(id) => self.template(id),
                    _ => None,
                }
            })
        };
        heard.decision() == Decision::Clarify
            && meaning.share >= MUCH
            && meaning.job().and_then(|id| self.template(id)).is_some_and(fills)
            && !others().any(fills)
    }

    /// The gate was in doubt only about commands that nothing here could be meant by: there is
    /// no log to show where nothing ran.
    fn only_one_is_possible(&self, heard: &Heard, meaning: &Meaning) -> bool {
        let likely = |weight: &dyn Fn(&Scored) -> f32| {
            let best = heard.utterance.ranking.iter().map(weight).fold(0.0, f32::max);
            heard.utterance.ranking.iter().filter(|s| weight(s) >= LEAST_RATIO * best).count()
        };
        heard.decision() == Decision::Clarify
            && meaning.job().is_some()
            && likely(&|s| s.probability) > 1
            && likely(&|s| heard.plausibility(s)) == 1
    }

    /// What a message surely means once its misspelt words are put right.
    fn respelt(&self, heard: &Heard) -> Option<Meaning> {
        let respelt = self.read(&super::spelling::corrected(self.mind.catalog, &heard.text)?);
        let meaning = respelt.meaning(Expecting::Nothing);
        respelt.accepts(&meaning).then_some(meaning)
    }

    /// Half a request, which looks like an answer to nothing: "deploy to staging". What is left of
    /// it without the value says which job, or which jobs to choose from.
    fn half_request(&mut self, heard: &Heard) {
        if self.again_with(heard) || self.complete(heard) {
            return;
        }
        let Some(label) = heard.utterance.best() else { return self.note(Note::NothingOpen) };
        let values = self.mind.nlu.arguments(&heard.utterance, label, &self.reference());
        let ranges: Vec<_> = values
            .iter()
            .filter(|slot| slot.parameter == "value")
            .map(|slot| {
                super::look::byte_at(&heard.text, slot.start)
                    ..super::look::byte_at(&heard.text, slot.end)
            })
            .collect();
        let words = cues::without(&heard.text, &ranges);
        if words.is_empty() || self.session.draft.is_some() {
            return self.note(Note::NothingOpen);
        }
        let named = self.jobs_hinted(&words);
        match named.as_slice() {
            [] => {}
            [only] => return self.begin(&only.clone(), heard),
            several if several.len() <= MOST_OPTIONS => {
                let options =
                    several.iter().map(|id| options::intent(Label::Job(id.clone()))).collect();
                return self.offer_intents(&heard.text, options);
            }
            _ => {}
        }
        let rest = self.read(&words);
        let meaning = rest.meaning(Expecting::Nothing);
        match meaning.job() {
            Some(job) if rest.accepts(&meaning) || meaning.share >= MUCH => {
                self.begin(&job.clone(), heard);
            }
            Some(_) if rest.decision() != Decision::Reject => {
                let options = self.alternatives(&rest);
                self.offer_intents(&heard.text, options);
            }
            _ => self.note(Note::NothingOpen),
        }
    }

    /// The jobs that this user may run whose names have a word of these.
    pub(super) fn jobs_hinted(&self, words: &str) -> Vec<TemplateId> {
        let said = options::words(words);
        let long = |word: &&String| word.len() > 3;
        let names = |job: &&JobTemplate| {
            Language::ALL.into_iter().any(|language| {
                let name = options::words(job.name.get(language));
                said.iter().filter(long).any(|word| name.contains(word))
            })
        };
        let jobs = self.mind.catalog.jobs().iter().filter(|job| self.memory.allows(&job.id));
        jobs.filter(names).map(|job| job.id.clone()).collect()
    }

    /// Does what a message means.
    pub(super) fn perform(&mut self, heard: &Heard, meaning: &Meaning) {
        match &meaning.label {
            Label::Job(id) => self.begin(&id.clone(), heard),
            Label::Command(id) => self.command(&id.clone(), heard),
            Label::Act(id) => self.act_in_void(id.as_str(), heard),
            Label::OutOfScope => self.act(Act::Rejected),
        }
    }

    /// Begins a draft with what the message brings along.
    pub(super) fn begin(&mut self, id: &TemplateId, heard: &Heard) {
        self.begin_expecting(id, heard, None);
    }

    /// As [`Talk::begin`], where the words are likely a value of one parameter.
    pub(super) fn begin_expecting(
        &mut self,
        id: &TemplateId,
        heard: &Heard,
        expected: Option<&Parameter>,
    ) {
        let Some(template) = self.template(id) else {
            return self.act(Act::Rejected);
        };
        if self.points_at_inverse(template, heard) {
            return;
        }
        let collect = self.memory.preferences.collect.unwrap_or(template.collect);
        self.session.draft = Some(Draft::new(template.id.clone(), collect));
        self.session.open = None;
        let mut given = self.understand(heard, template, expected);
        self.look_again(heard, template, &mut given);
        self.take_up(heard, template, given);
    }

    /// Puts everything that a request gives into its new draft, and goes on with it.
    pub(super) fn take_up(&mut self, heard: &Heard, template: &JobTemplate, mut given: Vec<Slot>) {
        self.take_time(heard, template, &mut given);
        self.refer(heard, template, &given);
        let unused = self.unused(heard, template, &mut given);
        let several = self.several_values(heard, template, &mut given);
        self.tell_unused(unused, &several);
        let applied = self.apply_said(template, given);
        self.proceed(Applied { several, ..applied });
    }

    /// Not understood: perhaps it is only half typed.
    fn reject(&mut self, heard: &Heard, meaning: &Meaning) {
        if self.complete(heard) {
            return;
        }
        match meaning.act() {
            Some(act) => self.act_in_void(act, heard),
            None => self.act(Act::Rejected),
        }
    }

    /// A dialogue act while nothing is asked: the draft that waits, or nothing, is meant.
    pub(super) fn act_in_void(&mut self, act: &str, heard: &Heard) {
        match act {
            GREET | THANKS | FAREWELL => self.return_courtesy(act),
            ABORT if self.session.draft.is_none() => self.drop_said(heard),
            PAUSE if self.change_spoken_of("pause") => {}
            ABORT | DENY => self.abort(),
            ANSWER | CHOOSE | CORRECT | SKIP
                if self.session.draft.is_none() && self.complete(heard) => {}
            _ if self.session.draft.is_some() => {
                self.proceed(Applied::default());
            }
            _ => self.note(Note::NothingOpen),
        }
    }

    /// Says what one says to a greeting, thanks or a goodbye.
    pub(super) fn return_courtesy(&mut self, act: &str) {
        let courtesy = match act {
            THANKS => Courtesy::Thanks,
            FAREWELL => Courtesy::Goodbye,
            _ => Courtesy::Hello,
        };
        self.act(Act::Greets { courtesy });
    }
}
