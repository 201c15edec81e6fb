//! Several things at once: more values than a parameter takes, more jobs than one.
//!
//! Nothing of it is dropped: values are asked about, and jobs are gone through one after the
//! other, each with its own plan and its own yes.

use super::act::{Act, Note, Offer, OptionItem, Pick};
use super::collect::Applied;
use super::correct::carried;
use super::cues;
use super::heard::{Expecting, Heard};
use super::joints::{self, Joint};
use super::look::{byte_at, without};
use super::options;
use super::session::{Draft, Open, Queued};
use super::turn::Talk;
use crate::catalog::{JobTemplate, Parameter, ParameterType, TemplateId, Value};
use crate::nlu::{Decision, Slot, SlotValue, values};
use crate::plan::{Plan, Source};

/// Several values for a parameter that takes one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Several {
    pub parameter: String,
    pub values: Vec<Value>,
    /// All of them may be meant ("a and b"), not just one ("a or b").
    pub each: bool,
    /// Nothing but commas is between them.
    pub beside: bool,
}

/// How likely, by the model, a word in place of a value must be a value of the same parameter.
const SURE: f32 = 0.8;

/// How likely a job must be for one of two parts of a message.
const LIKELY: f32 = 0.5;

impl Talk<'_> {
    /// The parameters that a message gives more than one value for; their slots are taken out.
    pub(super) fn several_values(
        &self,
        heard: &Heard,
        template: &JobTemplate,
        slots: &mut Vec<Slot>,
    ) -> Vec<Several> {
        let found: Vec<Several> =
            slots.iter().filter_map(|slot| self.several_of(heard, template, slot, slots)).collect();
        slots.retain(|slot| !found.iter().any(|several| several.parameter == slot.parameter));
        found
    }

    fn several_of(
        &self,
        heard: &Heard,
        template: &JobTemplate,
        slot: &Slot,
        slots: &[Slot],
    ) -> Option<Several> {
        let parameter = template.parameter(&slot.parameter)?;
        let SlotValue::Valid(value) = &slot.value else { return None };
        let takes_one = !matches!(parameter.kind, ParameterType::List | ParameterType::Boolean);
        if !takes_one || parameter.secret {
            return None;
        }
        let mut several = Several {
            parameter: slot.parameter.clone(),
            values: vec![value.clone()],
            each: true,
            beside: true,
        };
        let mut known = slot.clone();
        while let Some((next, joint)) = self.joined(heard, template, &known, slots, true) {
            several.add(&next, joint);
            known = next;
        }
        let mut known = slot.clone();
        while let Some((next, joint)) = self.joined(heard, template, &known, slots, false) {
            several.add(&next, joint);
            known = next;
        }
        (several.values.len() > 1).then_some(several)
    }

    /// The value that stands beside one of the same parameter, with only a joint between them.
    fn joined(
        &self,
        heard: &Heard,
        template: &JobTemplate,
        known: &Slot,
        slots: &[Slot],
        behind: bool,
    ) -> Option<(Slot, Joint)> {
        let parameter = template.parameter(&known.parameter)?;
        let text = &heard.text;
        let at = byte_at(text, known.start)..byte_at(text, known.end);
        let (joint, from, until) = if behind {
            let (length, joint) = joints::joint_at_start(&text[at.end..])?;
            (joint, at.end + length, text.len())
        } else {
            let (length, joint) = joints::joint_at_end(&text[..at.start])?;
            (joint, 0, at.start - length)
        };
        // "5 and 2 cores": numbers side by side are seldom two values for the same thing.
        let amount = options::takes_numbers(parameter)
            && !matches!(parameter.kind, ParameterType::Version | ParameterType::Datetime);
        if amount && joint != Joint::Or {
            return None;
        }
        let range = if super::answer::is_open(parameter.kind)
            && parameter.kind != ParameterType::Host
        {
            let cut = if behind {
                format!("{}{}", &text[..at.start], &text[from..])
            } else {
                format!("{}{}", &text[..until], &text[at.end..])
            };
            let length = self.named_in_place(&cut, template, parameter, behind, at.start, until)?;
            if behind { from..from + length } else { until - length..until }
        } else {
            let found = self.recognised(&text[from..until], parameter);
            let found =
                if behind { found.into_iter().next()? } else { found.into_iter().last()? };
            let touches = if behind { found.0 == 0 } else { found.1 == until - from };
            if !touches {
                return None;
            }
            from + found.0..from + found.1
        };
        // "Not staging, production" names one value.
        if cues::negated(text).iter().any(|negated| negated.contains(&range.start)) {
            return None;
        }
        let start = text[..range.start].chars().count();
        let surface = text[range.clone()].to_owned();
        let end = start + surface.chars().count();
        let taken = slots
            .iter()
            .any(|slot| slot.parameter != parameter.name && slot.start < end && start < slot.end);
        let value = self.valued(&surface, parameter, None);
        if taken || !matches!(value, SlotValue::Valid(_)) {
            return None;
        }
        Some((Slot { start, end, surface, value, ..known.clone() }, joint))
    }

    /// Where values of a parameter's kind stand in a text, in bytes.
    fn recognised(&self, text: &str, parameter: &Parameter) -> Vec<(usize, usize)> {
        let reference = self.reference();
        let found = match parameter.kind {
            ParameterType::Choice => values::find_choices(text, parameter, &reference),
            kind => values::find(text, kind, &reference),
        };
        found.into_iter().map(|found| (found.start, found.end)).collect()
    }

    /// How long the value is that the model finds in a message from which the other value was
    /// cut out: the one that now stands in its place.
    fn named_in_place(
        &self,
        cut: &str,
        template: &JobTemplate,
        parameter: &Parameter,
        behind: bool,
        start: usize,
        end: usize,
    ) -> Option<usize> {
        let alone = without(template, |p| p.name != parameter.name);
        let read = self.read(cut);
        let found = self.mind.nlu.slots(&read.utterance, &alone, None, &self.reference());
        let slot = found.into_iter().find(|slot| slot.confidence >= SURE)?;
        let range = byte_at(cut, slot.start)..byte_at(cut, slot.end);
        let in_place = if behind { range.start == start } else { range.end == end };
        in_place.then_some(range.len())
    }

    /// Asks which of several values was meant, or whether each shall be run for.
    pub(super) fn ask_several(&mut self, several: &Several) {
        let Some((draft, _)) = self.drafted() else { return };
        let template = draft.template.clone();
        let name = &several.parameter;
        let mut options: Vec<OptionItem> =
            several.values.iter().map(|value| options::value(name, value)).collect();
        if several.each {
            let values = several.values.clone();
            options.push(OptionItem::named(Pick::Each { parameter: name.clone(), values }));
        }
        options.push(OptionItem::named(Pick::NoneOfThese));
        self.session.open =
            Some(Open::Reading { parameter: name.clone(), options: options.clone(), failures: 0 });
        self.act(Act::Offers {
            about: Offer::Several { template, parameter: name.clone() },
            options,
        });
    }

    /// Each of several values: the first one now, the others afterwards.
    pub(super) fn pick_each(&mut self, name: &str, values: &[Value]) {
        let found =
            self.drafted().and_then(|(draft, t)| Some((draft.clone(), t, t.parameter(name)?)));
        let (Some((draft, template, parameter)), Some((first, rest))) =
            (found, values.split_first())
        else {
            return self.stale();
        };
        let later = rest.iter().map(|value| {
            let mut draft = Draft { shown: None, ..draft.clone() };
            let given = crate::plan::Given { value: value.clone(), source: Source::Chosen };
            draft.values.insert(name.to_owned(), given);
            Queued::Same { draft: Box::new(draft) }
        });
        self.session.queue.splice(0..0, later);
        let mut applied = Applied::default();
        self.give(template, parameter, first.clone(), Source::Chosen, &mut applied);
        self.proceed(applied);
    }

    /// The parts of a message that asks for several jobs, each read for itself; empty where it
    /// asks for one.
    pub(super) fn several_jobs(&self, heard: &Heard) -> Vec<Heard> {
        let parts = self.mind.nlu.parts(&heard.utterance);
        if !parts.is_empty() {
            return parts.into_iter().map(|part| self.read(&part.text)).collect();
        }
        for sequence in joints::sequences(&heard.text) {
            let parts = [&heard.text[..sequence.start], &heard.text[sequence.end..]];
            let parts = parts.map(|part| {
                self.read(part.trim_matches(|c: char| !c.is_alphanumeric() && c != '/'))
            });
            let is_job = |part: &Heard| {
                let meaning = part.meaning(Expecting::Nothing);
                meaning.job().is_some()
                    && meaning.share >= LIKELY
                    && part.decision() != Decision::Reject
            };
            if parts.iter().all(is_job) {
                return parts.into();
            }
        }
        Vec::new()
    }

    /// Begins the first of several jobs, and keeps the others for afterwards.
    pub(super) fn begin_several(&mut self, parts: Vec<Heard>) {
        let job = |part: &Heard| part.meaning(Expecting::Nothing).job().cloned();
        let jobs: Vec<TemplateId> = parts.iter().filter_map(job).collect();
        self.note(Note::SeveralJobs { jobs: jobs.clone() });
        let mut parts = parts.into_iter();
        let (Some(first), Some(id)) = (parts.next(), jobs.first()) else { return };
        self.session.queue = parts.map(|part| Queued::Request { text: part.text }).collect();
        self.begin(id, &first);
    }

    /// Goes on with what was asked for together with the job that is done with.
    pub(super) fn next_in_line(&mut self, done: Option<Draft>, plan: &Plan) {
        if self.session.queue.is_empty() {
            return;
        }
        match self.session.queue.remove(0) {
            Queued::Request { text } => {
                let heard = self.read(&text);
                match heard.meaning(Expecting::Nothing).job().cloned() {
                    Some(job) => {
                        self.note(Note::Next { template: job.clone() });
                        self.begin(&job, &heard);
                    }
                    None => self.request(&heard),
                }
            }
            Queued::Same { mut draft } => {
                for (name, given) in &plan.values {
                    if given.source != Source::Default && !draft.values.contains_key(name) {
                        draft.values.insert(name.clone(), carried(given.value.clone()));
                    }
                }
                if let Some(done) = done {
                    draft.skipped.extend(done.skipped);
                    draft.agreed.extend(done.agreed);
                    draft.timing = draft.timing.or(done.timing);
                }
                self.note(Note::Next { template: draft.template.clone() });
                self.session.draft = Some(*draft);
                self.proceed(Applied::default());
            }
        }
    }

    /// What was to come after a job that was dropped is dropped with it.
    pub(super) fn drop_the_rest(&mut self) {
        let count = self.session.queue.len();
        self.session.queue.clear();
        if count > 0 {
            self.note(Note::RestDropped { count });
        }
    }
}

impl Several {
    /// Whether words are one of the values.
    pub fn has(&self, words: &str) -> bool {
        self.values.iter().any(|value| value.to_string().eq_ignore_ascii_case(words))
    }

    fn add(&mut self, slot: &Slot, joint: Joint) {
        if let SlotValue::Valid(value) = &slot.value
            && !self.values.contains(value)
        {
            self.values.push(value.clone());
            self.each &= joint != Joint::Or;
            self.beside &= joint == Joint::Comma;
        }
    }
}
