//! A turn: what came in decides, with the open question, what is done.

use jiff::ZonedDateTime;

use super::act::{Act, Asking, Note, OptionItem, Pick};
use super::heard::{Around, Heard};
use super::memory::{Input, Lookup, Memory, Settings};
use super::session::{Draft, Open, Session};
use crate::catalog::{Catalog, JobTemplate, Language, ParameterType, TemplateId, Value};
use crate::nlu::{Nlu, Scored, values::Reference};
use crate::plan::PlanHash;

/// What the dialogue thinks with. Loaded once, never changed by a turn.
#[derive(Clone, Copy)]
pub struct Mind<'a> {
    pub catalog: &'a Catalog,
    pub nlu: &'a Nlu,
    pub settings: &'a Settings,
}

/// What a turn comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// To be stored before the acts are performed.
    pub session: Session,
    /// In the order in which they are performed and said.
    pub acts: Vec<Act>,
    /// Words of the message that must not be kept anywhere: a secret was typed.
    pub redact: Vec<String>,
    /// What the words were taken for by themselves, the likeliest first; empty where none were
    /// said, or a command stood behind a slash.
    pub reading: Vec<Scored>,
    /// Names were given that could be checked against those that there are. Whoever can look
    /// these up puts them into [`Memory::known`] and takes the turn anew.
    pub lookups: Vec<Lookup>,
}

/// How many labels of a reading are kept.
const READINGS: usize = 3;

/// One turn of a conversation: a function of its arguments and nothing else.
pub fn turn(
    mind: &Mind<'_>,
    session: Session,
    input: Input,
    memory: &Memory,
    now: &ZonedDateTime,
) -> Turn {
    let mut talk = Talk {
        mind: *mind,
        memory,
        now,
        session,
        acts: Vec::new(),
        redact: Vec::new(),
        reading: Vec::new(),
        lookups: Vec::new(),
    };
    talk.expire();
    talk.session.last_active = now.timestamp();
    if let Some(language) = memory.preferences.language {
        talk.session.language = language;
    }
    let words = match &input {
        Input::Text(text) => Some(text.trim().to_owned()),
        Input::Pick(_) | Input::Form { .. } | Input::Confirm(_) | Input::Decline(_) => None,
    };
    match input {
        Input::Text(text) => talk.hear(text.trim()),
        Input::Pick(pick) => talk.pick(pick),
        Input::Form { template, fields } => talk.form(&template, &fields),
        Input::Confirm(hash) => talk.press(&hash, true),
        Input::Decline(hash) => talk.press(&hash, false),
    }
    let misunderstood = talk.redact.is_empty() && talk.acts.contains(&Act::Rejected);
    talk.session.misunderstood = words.filter(|_| misunderstood);
    if talk.speaks_of_a_job() {
        talk.session.schedules.clear();
    }
    let Talk { session, acts, redact, reading, lookups, .. } = talk;
    Turn { session, acts, redact, reading, lookups }
}

impl Turn {
    /// The question about an open parameter that could do with suggestions: its template,
    /// parameter and the values given so far. Asked by the bot, which may run the template's
    /// `suggest` command.
    pub fn wants_suggestions<'a>(
        &self,
        catalog: &'a Catalog,
    ) -> Option<(&'a JobTemplate, &'a crate::catalog::Parameter, crate::catalog::Values)> {
        let draft = self.session.draft.as_ref()?;
        let Some(Open::Parameter { parameter, about: Asking::Value, .. }) = &self.session.open
        else {
            return None;
        };
        let template = catalog.job(&draft.template)?;
        let parameter = template.parameter(parameter)?;
        parameter.suggest.as_ref()?;
        Some((template, parameter, draft.plain_values()))
    }

    /// The best of the suggestions for a version that is asked for, picked: for somebody who asked
    /// for the newest there is.
    pub fn newest(&self, catalog: &Catalog) -> Option<Pick> {
        let (_, parameter, _) = self.wants_suggestions(catalog)?;
        let Some(Open::Parameter { options, .. }) = &self.session.open else { return None };
        let is_version = parameter.kind == ParameterType::Version;
        options.first().filter(|_| is_version).map(|best| best.pick.clone())
    }

    /// Puts suggested values, the best first, before the other options of the open question.
    pub fn suggest(&mut self, values: &[Value]) {
        let Some(Open::Parameter { parameter, options, .. }) = &mut self.session.open else {
            return;
        };
        let mut all: Vec<OptionItem> =
            values.iter().map(|value| super::options::value(parameter, value)).collect();
        for option in options.drain(..) {
            if !all.iter().any(|known| known.pick == option.pick) {
                all.push(option);
            }
        }
        *options = all.clone();
        for act in &mut self.acts {
            if let Act::Asks { parameter: asked, options, .. } = act
                && asked == parameter
            {
                *options = all.clone();
            }
        }
    }
}

/// A turn under way.
pub(super) struct Talk<'a> {
    pub mind: Mind<'a>,
    pub memory: &'a Memory,
    pub now: &'a ZonedDateTime,
    pub session: Session,
    pub acts: Vec<Act>,
    pub redact: Vec<String>,
    pub reading: Vec<Scored>,
    pub lookups: Vec<Lookup>,
}

impl<'a> Talk<'a> {
    /// A session in which nothing was said for too long starts anew; its draft is kept.
    fn expire(&mut self) {
        let silent = self.now.timestamp().duration_since(self.session.last_active);
        if silent <= self.mind.settings.session_expiry {
            return;
        }
        let template = self.session.in_progress().cloned();
        let was_open = self.session.open.take().is_some();
        let kept = self.session.keep_draft(self.now.timestamp());
        self.session.mentions.clear();
        self.session.queue.clear();
        if was_open || template.is_some() {
            self.note(Note::Expired { template, kept });
        }
    }

    fn hear(&mut self, text: &str) {
        if text.is_empty() {
            return self.return_to_question();
        }
        if self.memory.preferences.language.is_none()
            && let Some(language) = Language::of(text)
            && (language == Language::Zh || !is_value_like(text))
        {
            self.session.language = language;
        }
        if let Some(command) = text.strip_prefix('/')
            && self.slash(command)
        {
            return;
        }
        let heard = self.put_right(self.read(text));
        self.reading = heard.utterance.ranking.iter().take(READINGS).cloned().collect();
        let named = !super::commands::schedules_named(text).is_empty();
        if (named || self.speaks_of_a_schedule(&heard)) && self.amend_schedule(&heard) {
            return;
        }
        if named && !heard.has_clauses() {
            return self.change_schedule(&heard);
        }
        match self.session.open.clone() {
            Some(Open::Parameter { parameter, about, options, failures }) => {
                self.answer(&heard, super::answer::Asked { parameter, about, options, failures });
            }
            Some(Open::Reading { parameter, options, failures }) => {
                self.choose_reading(&heard, &parameter, &options, failures);
            }
            Some(Open::Intent { text, options }) => self.choose_intent(&heard, &text, &options),
            Some(Open::When { words, options, failures }) => {
                self.choose_when(&heard, &words, &options, failures);
            }
            Some(Open::Change { options }) => self.choose_change(&heard, &options),
            Some(Open::Confirm { .. }) => self.confirm(&heard),
            Some(Open::Switch { options, .. }) => self.choose_switch(&heard, &options),
            Some(Open::Pick { options }) => self.choose_other(&heard, &options),
            None => self.request(&heard),
        }
    }

    /// A schedule was named by its number, which says what the message is about, whatever is open.
    fn change_schedule(&mut self, heard: &Heard) {
        if matches!(self.session.open, Some(Open::Intent { .. } | Open::Pick { .. })) {
            self.session.open = None;
        }
        self.command(&TemplateId::from(super::labels::SCHEDULE), heard);
        self.return_to_question();
    }

    /// A button of a plan: counts only for the plan that is live.
    fn press(&mut self, hash: &PlanHash, yes: bool) {
        match self.session.live_plan() {
            Some(plan) if plan.hash() == *hash => {
                if yes {
                    self.run();
                } else {
                    self.abort();
                }
            }
            _ => {
                self.note(Note::Stale);
                self.return_to_question();
            }
        }
    }

    /// Reads words in the light of what there is that they could be about.
    pub fn read(&self, text: &str) -> Heard {
        let around = Around {
            executions: !self.memory.executions.is_empty(),
            kept_drafts: !self.session.kept.is_empty(),
            draft: self.session.draft.is_some(),
            changed: self.can_take_back(),
            running: self.something_runs(),
        };
        Heard::new(self.mind.nlu, text, around)
    }

    pub fn act(&mut self, act: Act) {
        self.acts.push(act);
    }

    pub fn note(&mut self, note: Note) {
        self.act(Act::Notes { note });
    }

    /// Now, for whatever depends on it.
    pub fn reference(&self) -> Reference {
        Reference { now: self.now.clone() }
    }

    /// A template of the catalogue. One that is gone since the session was stored is as good as
    /// never spoken of.
    pub fn template(&self, id: &TemplateId) -> Option<&'a JobTemplate> {
        self.mind.catalog.job(id)
    }

    /// The draft with its template.
    pub fn drafted(&self) -> Option<(&Draft, &'a JobTemplate)> {
        let draft = self.session.draft.as_ref()?;
        Some((draft, self.template(&draft.template)?))
    }

    /// Drops the draft, if there is one.
    pub fn abort(&mut self) {
        self.session.open = None;
        let draft = self.session.draft.take();
        let replaces = draft.as_ref().and_then(|draft| draft.replaces);
        self.act(Act::Cancelled { template: draft.map(|draft| draft.template) });
        if let Some(number) = replaces {
            self.note(Note::ScheduleStays { number });
        }
        self.drop_the_rest();
    }

    /// Picks an option, by button or by word.
    pub fn pick(&mut self, pick: Pick) {
        match pick {
            Pick::Intent { label } => self.pick_intent(label),
            Pick::Value { parameter, value } => self.pick_value(&parameter, value),
            Pick::Each { parameter, values } => self.pick_each(&parameter, &values),
            Pick::When { when } => self.pick_when(when),
            Pick::NoneOfThese => self.pick_none(),
            Pick::UseDefault { parameter } => self.use_default(&parameter),
            Pick::Skip { parameter } => self.skip(&parameter),
            Pick::Change { parameter } => self.pick_change(parameter),
            Pick::Switch { keep } => self.switch(keep),
            Pick::Stay => self.stay(),
            Pick::Draft { id } => self.resume_draft(id),
            Pick::Help => self.contextual_help(),
            Pick::Abort => self.abort(),
            Pick::Again { execution, changes } => self.again(execution, changes),
            Pick::Retry { execution } => self.retry(execution),
            Pick::Undo { execution } => self.undo(execution),
        }
    }
}

/// A bare value (`staging`, `web-01`) says nothing about the language spoken.
fn is_value_like(text: &str) -> bool {
    !text.contains(char::is_whitespace)
}
