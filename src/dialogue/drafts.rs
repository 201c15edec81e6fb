//! Drafts: another job in the middle, and what was put aside for later.

use super::act::{Act, Note, OptionItem, Pick};
use super::collect::Applied;
use super::cues;
use super::heard::{Expecting, Heard};
use super::labels::*;
use super::options::{self, Place};
use super::session::Open;
use super::turn::Talk;
use crate::catalog::{Language, TemplateId, Value};
use crate::nlu::{Decision, Label};

/// The ways on where another job was asked for while a draft is open.
#[derive(Debug, Clone, Copy)]
enum Switching {
    Keep,
    Drop,
    Stay,
}

/// How likely, among the three, a way on must be; and how likely the one that loses the draft.
const LIKELY: f32 = 0.5;
const SURE: f32 = 0.8;

impl Talk<'_> {
    /// Another job was asked for while a draft is open: asks whether to keep the draft, unless
    /// there is nothing to keep or the message itself drops it.
    pub(super) fn another_job(&mut self, to: &TemplateId, heard: &Heard) {
        let has_values = self.session.draft.as_ref().is_some_and(|d| !d.values.is_empty());
        if !has_values {
            self.session.draft = None;
            return self.begin(to, heard);
        }
        if self.drops_first(heard) {
            self.abort();
            return self.begin(to, heard);
        }
        let Some(draft) = &self.session.draft else { return };
        let from = draft.template.clone();
        let options = vec![
            OptionItem::named(Pick::Switch { keep: true }),
            OptionItem::named(Pick::Switch { keep: false }),
            OptionItem::named(Pick::Stay),
        ];
        self.session.open = Some(Open::Switch {
            to: to.clone(),
            text: heard.text.clone(),
            options: options.clone(),
        });
        self.act(Act::AsksSwitch { from, to: to.clone(), options });
    }

    /// Whether the first clause of a message drops what is open: "forget that, restart ...".
    fn drops_first(&self, heard: &Heard) -> bool {
        heard.has_clauses()
            && heard.clauses(self.mind.nlu).first().is_some_and(|first| {
                matches!(first.meaning(Expecting::Yes).act(), Some(ABORT | DENY))
            })
    }

    /// The message drops the draft; where it asks for something else in the same breath, that
    /// is begun.
    pub(super) fn abandon(&mut self, heard: &Heard) {
        self.abort();
        if !heard.has_clauses() {
            return;
        }
        let whole = heard.meaning(Expecting::Nothing);
        if let (Some(job), true) = (whole.job(), heard.accepts(&whole)) {
            return self.begin(&job.clone(), heard);
        }
        let clauses = super::cues::clauses(&heard.text);
        let Some(first) = clauses.first() else { return };
        let rest = heard.text.split_once(first).map_or("", |(_, rest)| rest);
        let rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '/');
        let rest = self.read(rest);
        let meaning = rest.meaning(Expecting::Nothing);
        if let Label::Job(_) = meaning.label
            && rest.decision() != Decision::Reject
        {
            self.request(&rest);
        }
    }

    /// The answer to "keep the draft?".
    pub(super) fn choose_switch(&mut self, heard: &Heard, options: &[OptionItem]) {
        match options::place(&heard.text, options.len()) {
            Some(Place::At(index)) => return self.pick(options[index].pick.clone()),
            Some(Place::Outside) => {
                self.note(Note::NoSuchOption { count: options.len() });
                return self.return_to_question();
            }
            _ => {}
        }
        let meaning = heard.meaning(Expecting::Yes);
        match &meaning.label {
            Label::Act(id) if matches!(id.as_str(), AFFIRM | DENY) => return self.which_one(),
            Label::Command(id) if !matches!(id.as_str(), DRAFTS | DROP_DRAFT | RESUME | UNDO) => {
                return self.interrupt(heard, &meaning);
            }
            _ => {}
        }
        match self.switch_meant(heard) {
            Some(Switching::Keep) => self.switch(true),
            Some(Switching::Drop) => self.switch(false),
            Some(Switching::Stay) => self.stay(),
            None => self.which_one(),
        }
    }

    /// Which of the three ways on a message means: by the job it names, else by what it is most
    /// likely to say of a draft. Nothing is dropped unless that is nearly sure.
    fn switch_meant(&self, heard: &Heard) -> Option<Switching> {
        let Some(Open::Switch { to, .. }) = &self.session.open else { return None };
        let (_, from) = self.drafted()?;
        let said = options::words(&heard.text);
        let names = |template: &crate::catalog::JobTemplate| {
            Language::ALL.into_iter().any(|language| {
                let name = options::words(template.name.get(language));
                said.iter().any(|word| name.contains(word))
            })
        };
        let share = |ids: &[&str]| -> f32 {
            let ranking = heard.utterance.ranking.iter();
            let of = |label: &Label| match label {
                Label::Act(id) | Label::Command(id) => ids.contains(&id.as_str()),
                _ => false,
            };
            ranking.filter(|scored| of(&scored.label)).map(|scored| scored.probability).sum()
        };
        let keep = share(&[PAUSE, DRAFTS]);
        let drop = share(&[ABORT, DROP_DRAFT, UNSET, UNDO]);
        let stay = share(&[RESUME]);
        let all = (keep + drop + stay).max(f32::MIN_POSITIVE);
        if names(from) && !self.template(to).is_some_and(names) {
            return (drop < LIKELY * all).then_some(Switching::Stay);
        }
        let likely = [(keep, Switching::Keep), (stay, Switching::Stay)];
        let likely = likely.into_iter().find(|(share, _)| *share >= LIKELY * all);
        likely.map(|(_, way)| way).or((drop >= SURE * all).then_some(Switching::Drop))
    }

    /// Goes over to the other job.
    pub(super) fn switch(&mut self, keep: bool) {
        let Some(Open::Switch { to, text, .. }) = self.session.open.clone() else {
            return self.stale();
        };
        if keep {
            self.put_draft_aside();
        } else {
            self.abort();
        }
        let heard = self.read(&text);
        self.begin(&to, &heard);
    }

    /// Stays with the open draft.
    pub(super) fn stay(&mut self) {
        if !matches!(self.session.open, Some(Open::Switch { .. })) {
            return self.stale();
        }
        self.session.open = None;
        self.proceed(Applied::default());
    }

    /// Lists the kept drafts.
    pub(super) fn list_drafts(&mut self) {
        if self.session.kept.is_empty() {
            return self.note(Note::NoDrafts);
        }
        let drafts = self.session.kept.iter().map(|kept| kept.item()).collect();
        let options: Vec<OptionItem> =
            self.session.kept.iter().map(|k| OptionItem::named(Pick::Draft { id: k.id })).collect();
        if self.session.draft.is_none() {
            self.session.open = Some(Open::Pick { options: options.clone() });
        }
        self.act(Act::Drafts { drafts, options });
    }

    /// "Go on with the draft": the only one, the one of the job that was named, else a list.
    pub(super) fn resume_said(&mut self, heard: &Heard) {
        if let [only] = self.session.kept.as_slice() {
            return self.resume_draft(only.id);
        }
        match self.draft_meant(heard, RESUME) {
            Some(id) => self.resume_draft(id),
            None if self.session.draft.is_some() => self.return_to_question(),
            None => self.list_drafts(),
        }
    }

    /// "Drop the draft": the one that is meant, all of them, or a list to choose from.
    pub(super) fn drop_draft_said(&mut self, heard: &Heard) {
        if self.session.kept.is_empty() {
            return self.note(Note::NoDrafts);
        }
        let meant = self.draft_meant(heard, DROP_DRAFT);
        let dropped: Vec<u32> = match meant {
            Some(id) => vec![id],
            None if self.session.kept.len() == 1 || cues::means_all(&heard.text) => {
                self.session.kept.iter().map(|kept| kept.id).collect()
            }
            None => return self.list_drafts(),
        };
        for id in dropped {
            let Some(index) = self.session.kept.iter().position(|kept| kept.id == id) else {
                self.note(Note::NoSuchDraft);
                continue;
            };
            let template = self.session.kept.remove(index).draft.template;
            self.note(Note::DraftDropped { template });
        }
    }

    /// The kept draft that a message names by its number, its place or its job.
    fn draft_meant(&self, heard: &Heard, command: &str) -> Option<u32> {
        let arguments = self.arguments(heard, &Label::Command(TemplateId::from(command)));
        if let Some(Value::Integer(number)) = arguments.get("draft") {
            return u32::try_from(*number).ok();
        }
        let job = arguments.get("job")?.to_string();
        let named = |kept: &&super::session::KeptDraft| kept.draft.template.as_str() == job;
        self.session.kept.iter().rev().find(named).map(|kept| kept.id)
    }

    /// Takes a kept draft up again; the open one takes its place among the kept.
    pub(super) fn resume_draft(&mut self, id: u32) {
        let Some(index) = self.session.kept.iter().position(|kept| kept.id == id) else {
            return self.note(Note::NoSuchDraft);
        };
        let kept = self.session.kept.remove(index);
        self.put_draft_aside();
        self.note(Note::DraftResumed { template: kept.draft.template.clone() });
        self.session.draft = Some(kept.draft);
        self.proceed(Applied::default());
    }

    /// Something to pick from was shown (drafts): a place picks or drops, anything else is a
    /// new request.
    pub(super) fn choose_other(&mut self, heard: &Heard, options: &[OptionItem]) {
        let place = options::place(&heard.text, options.len()).or_else(|| {
            // "Resume 1": the words around the place say that it is chosen.
            let choose = Label::Act(TemplateId::from(CHOOSE));
            let chosen = heard.meaning(Expecting::Choice).label == choose;
            let said = self.mind.nlu.arguments(&heard.utterance, &choose, &self.reference());
            let option = said.iter().find(|slot| slot.parameter == "option")?;
            options::place(&option.surface, options.len()).filter(|_| chosen)
        });
        self.session.open = None;
        if let Some(Place::At(index)) = place {
            return self.pick(options[index].pick.clone());
        }
        self.request(heard);
    }
}
