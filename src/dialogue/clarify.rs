//! Clarifying: which job or command was meant, and the answer to that.

use std::collections::BTreeMap;

use super::act::{Act, Note, Offer, OptionItem, Pick};
use super::cues;
use super::heard::{Expecting, Heard, Meaning};
use super::labels::*;
use super::options;
use super::session::{Draft, Open};
use super::turn::Talk;
use crate::catalog::{Risk, TemplateId};
use crate::nlu::{Label, Scored};

/// How many options are offered at most, and how much less likely than the best the second may be,
/// and those after it: by cross-validation the fewest options that hold what was meant as often.
pub(super) const MOST_OPTIONS: usize = 4;
pub(super) const LEAST_RATIO: f32 = 0.08;
const LEAST_FURTHER: f32 = 0.3;

/// So much likelier than the best option being out of scope makes a message be turned away rather
/// than asked about: by cross-validation that is two of three messages of other things that the
/// gate would ask about, and one in twenty of those that it should.
const FOREIGN: f32 = 0.35;

/// How likely the best job must be for a value alone not to be about the latest run.
const LIKELY: f32 = 0.6;

impl Talk<'_> {
    /// The gate is between two minds: asks which was meant.
    pub(super) fn clarify(&mut self, heard: &Heard, meaning: &Meaning) {
        if self.complete(heard) {
            return;
        }
        if meaning.job().is_some() && meaning.share < LIKELY && self.again_with(heard) {
            return;
        }
        if let Label::Act(_) = meaning.label {
            return self.perform(heard, meaning);
        }
        if self.is_foreign(heard) {
            return self.act(Act::Rejected);
        }
        let options = self.alternatives(heard);
        match options.as_slice() {
            [OptionItem { pick: Pick::Intent { label: Label::Command(only) }, .. }]
                if SHOWING.contains(&only.as_str()) =>
            {
                self.command(&only.clone(), heard);
            }
            _ => self.offer_intents(&heard.text, options),
        }
    }

    /// Whether a message is so likely about other things that no job is worth asking about.
    fn is_foreign(&self, heard: &Heard) -> bool {
        let best = self.candidates(heard).first().map_or(0.0, |scored| heard.plausibility(scored));
        heard.probability(&Label::OutOfScope) >= FOREIGN * best
    }

    /// The jobs and commands that this user may run or give and that there is something for, the
    /// likeliest first.
    fn candidates<'h>(&self, heard: &'h Heard) -> Vec<&'h Scored> {
        let mut candidates: Vec<&Scored> = heard
            .utterance
            .ranking
            .iter()
            .filter(|scored| match &scored.label {
                Label::Job(id) => self.memory.allows(id),
                Label::Command(id) if matches!(id.as_str(), APPROVE | REJECT) => {
                    self.memory.has_to_decide
                }
                Label::Command(_) => heard.is_possible(&scored.label),
                Label::Act(_) | Label::OutOfScope => false,
            })
            .collect();
        candidates.sort_by(|a, b| heard.plausibility(b).total_cmp(&heard.plausibility(a)));
        candidates
    }

    /// The likeliest jobs and commands for a message, as far as this user may run them.
    pub(super) fn alternatives(&self, heard: &Heard) -> Vec<OptionItem> {
        let candidates = self.candidates(heard);
        let best = candidates.first().map_or(0.0, |scored| heard.plausibility(scored));
        let is_likely = |(place, scored): &(usize, &&Scored)| {
            let least = if *place < 2 { LEAST_RATIO } else { LEAST_FURTHER };
            heard.plausibility(scored) >= least * best
        };
        let mut likely: Vec<Label> = candidates
            .iter()
            .enumerate()
            .take(MOST_OPTIONS)
            .filter(is_likely)
            .map(|(_, scored)| scored.label.clone())
            .collect();
        if let [only] = likely.as_slice() {
            let neighbour =
                candidates.iter().find(|s| s.label != *only && self.are_neighbours(only, &s.label));
            likely.extend(neighbour.map(|scored| scored.label.clone()));
        }
        self.in_order(likely)
    }

    /// Options for labels, in the order in which they are shown.
    pub(super) fn in_order(&self, mut labels: Vec<Label>) -> Vec<OptionItem> {
        labels.sort_by_key(|label| self.standing(label));
        labels.into_iter().map(options::intent).collect()
    }

    /// Whether two jobs have a tag in common: asked about one of them alone, one would hardly
    /// think of the other.
    fn are_neighbours(&self, a: &Label, b: &Label) -> bool {
        let tags = |label: &Label| match label {
            Label::Job(id) => self.template(id).map(|template| template.tags.as_slice()),
            _ => None,
        };
        match (tags(a), tags(b)) {
            (Some(a), Some(b)) => a.iter().any(|tag| b.contains(tag)),
            _ => false,
        }
    }

    /// Where an option stands: the harmless before the risky, and always in the same place.
    fn standing(&self, label: &Label) -> (Option<Risk>, String) {
        match label {
            Label::Job(id) => (self.template(id).map(|template| template.risk), id.to_string()),
            other => (None, other.to_string()),
        }
    }

    /// Offers jobs and commands to pick from, and keeps the words for the one that is picked.
    pub(super) fn offer_intents(&mut self, text: &str, mut options: Vec<OptionItem>) {
        if options.is_empty() {
            return self.act(Act::Rejected);
        }
        options.push(OptionItem::named(Pick::NoneOfThese));
        self.session.open = Some(Open::Intent { text: text.to_owned(), options: options.clone() });
        self.act(Act::Offers { about: Offer::Intent, options });
    }

    /// The answer to "did you mean one of these?": a place, a name, none, or a new sentence.
    pub(super) fn choose_intent(&mut self, heard: &Heard, text: &str, options: &[OptionItem]) {
        let meaning = heard.meaning(Expecting::Choice);
        match options::place(&heard.text, options.len()) {
            Some(options::Place::At(index)) => return self.pick(options[index].pick.clone()),
            Some(options::Place::Outside) => {
                self.note(Note::NoSuchOption { count: options.len() });
                return self.return_to_question();
            }
            _ => {}
        }
        if meaning.act() == Some(DENY) || cues::means_none(&heard.text) {
            return self.pick_none();
        }
        if meaning.act() == Some(ABORT) {
            self.session.open = None;
            return self.act_in_void(ABORT, heard);
        }
        let jobs = &options[..options.len().saturating_sub(1)];
        if meaning.act() == Some(AFFIRM) {
            match jobs {
                [only] => return self.pick(only.pick.clone()),
                _ => return self.which_one(),
            }
        }
        if heard.accepts(&meaning) && meaning.command().is_some() {
            return self.interrupt(heard, &meaning);
        }
        let is_offered =
            |option: &OptionItem| option.pick == Pick::Intent { label: meaning.label.clone() };
        let asks_for_another =
            heard.accepts(&meaning) && meaning.job().is_some() && !jobs.iter().any(is_offered);
        if asks_for_another {
            self.session.open = None;
            return self.request(heard);
        }
        if let Some(index) = options::named_intent(self.mind.catalog, jobs, heard) {
            return self.pick_intent_with(jobs[index].clone(), text, Some(heard));
        }
        if let [OptionItem { pick: Pick::Intent { label: Label::Job(only) }, .. }] = jobs
            && heard.is_out_of_place()
        {
            // A value says that the only job there is to pick from is meant.
            let first = self.template(only).and_then(|t| t.parameters.iter().find(|p| p.required));
            return self.begin_expecting(&only.clone(), heard, first);
        }
        self.session.open = None;
        self.request(heard);
    }

    /// A yes does not say which of several.
    pub(super) fn which_one(&mut self) {
        self.note(Note::WhichOne);
        self.return_to_question();
    }

    /// A job or command was picked among those offered.
    pub(super) fn pick_intent(&mut self, label: Label) {
        let text = match &self.session.open {
            Some(Open::Intent { text, .. }) => text.clone(),
            _ => String::new(),
        };
        self.pick_intent_with(options::intent(label), &text, None);
    }

    /// Goes on with the picked job and the words it was first asked for in, and those it was
    /// picked with.
    fn pick_intent_with(&mut self, option: OptionItem, text: &str, picked: Option<&Heard>) {
        let Pick::Intent { label } = option.pick else {
            return self.pick(option.pick);
        };
        self.session.open = None;
        let heard = self.read(text);
        match label {
            Label::Job(id) => {
                let Some(template) = self.template(&id) else {
                    return self.act(Act::Rejected);
                };
                let collect = self.memory.preferences.collect.unwrap_or(template.collect);
                self.session.draft = Some(Draft::new(id, collect));
                let mut given = self.understand(&heard, template, None);
                if let Some(picked) = picked.filter(|picked| picked.has_clauses()) {
                    given.extend(self.understand(picked, template, None));
                }
                self.take_up(&heard, template, given);
            }
            Label::Command(id) => self.command(&id, &heard),
            Label::Act(_) | Label::OutOfScope => self.act(Act::Rejected),
        }
    }

    /// Nothing of what was offered: help, never a dead end.
    pub(super) fn pick_none(&mut self) {
        match self.session.open.clone() {
            Some(Open::Reading { parameter, failures, .. }) => {
                self.ask(&parameter, None, failures + 1);
            }
            _ => {
                self.session.open = None;
                self.note(Note::NoneOfThese);
                self.answer_command(TemplateId::from(HELP), BTreeMap::new());
                self.return_to_question();
            }
        }
    }
}
