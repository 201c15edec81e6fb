//! What a message of somebody who may talk to Steward means, and what is done about it.

#[cfg(test)]
mod tests;

use super::buttons::{self, Pressed};
use super::handle::{Effects, Turning};
use super::intake::LONGEST;
use super::reasons::{self, Wanted};
use super::sessions::Story;
use super::{Trouble, linking, runs};
use crate::access::audit::Understood;
use crate::access::{Ballot, Preview, REDACTED, Refusal, redact};
use crate::catalog::Language;
use crate::channels::Body;
use crate::dialogue::{Act, Input, Offer, Session, Turn};
use crate::nlu::values::asks_for_newest;
use crate::nlu::{Decision, Label};
use crate::observe;
use crate::plan::{Plan, PlanHash};
use crate::reply::{Action, Reply, Writer, say};
use crate::review::noticed;
use crate::store::StoreError;

/// The dialogue acts that take a decision back before it was made.
const NEVER_MIND: [&str; 2] = ["abort", "deny"];

/// From here on, a meaning is more likely than all others together.
const LIKELY: f32 = 0.5;

impl Turning<'_> {
    /// The conversation goes on.
    pub async fn go(
        &mut self,
        session: Session,
        story: &mut Story,
        effects: &mut Effects,
    ) -> Result<Session, Trouble> {
        let inbound = self.inbound;
        effects.shown = session.live_plan().cloned();
        match &inbound.body {
            body if holds_secret(body) => {
                // In a group, what was not said to Steward is nothing to it.
                if !inbound.group || inbound.addressed {
                    let spoken = match body {
                        Body::Text(text) => Language::of(text),
                        _ => None,
                    };
                    let speech = self.writer(spoken.unwrap_or(session.language)).speech;
                    effects.reply = Reply::text(say!(speech, "secret-typed"));
                }
                Ok(session)
            }
            Body::Text(text) if text.chars().count() > LONGEST => {
                let speech = self.writer(session.language).speech;
                effects.reply = Reply::text(say!(speech, "too-long", "most" => LONGEST));
                Ok(session)
            }
            Body::Text(text) => match self.wanted(text, effects).await? {
                Some(wanted) => self.give_reason(wanted, text, session, effects).await,
                None => self.hear(text, session, story, effects).await,
            },
            Body::Form { template, fields } => {
                // No words say a language; the form was shown in one.
                let language = inbound.language.unwrap_or(session.language);
                let session = Session { language, ..session };
                let input = Input::Form { template: template.clone(), fields: fields.clone() };
                self.say(session, story, input, effects).await
            }
            Body::Vote { plan, approve, reason } => {
                let reason = reason.as_deref().map(reasons::one_line);
                let ballot = match approve {
                    true => Ballot::Approve { reason },
                    false => Ballot::Reject { reason: reason.unwrap_or_default() },
                };
                let voted = self.asker(session.language, effects).vote(plan, ballot).await;
                effects.reply = self.told(voted, &self.writer(session.language))?;
                Ok(session)
            }
            Body::Press(token) => self.press(token, session, story, effects).await,
        }
    }

    /// A message that is no reason for anything: one of the few commands that are taken as they are
    /// typed, or a turn of the dialogue.
    async fn hear(
        &mut self,
        text: &str,
        session: Session,
        story: &mut Story,
        effects: &mut Effects,
    ) -> Result<Session, Trouble> {
        let writer = self.writer(session.language);
        match linking::answer(self, text, &writer).await {
            Some(done) => {
                effects.reply = self.told(done, &writer)?;
                Ok(session)
            }
            None => self.say(session, story, Input::Text(text.to_owned()), effects).await,
        }
    }

    /// What a message is the reason for, if it is one. Whatever else is said or pressed, the
    /// question for a reason has had its turn.
    async fn wanted(
        &self,
        text: &str,
        effects: &mut Effects,
    ) -> Result<Option<Wanted>, StoreError> {
        let overheard = self.inbound.group && !self.inbound.addressed;
        if overheard {
            return Ok(None);
        }
        let wanted = reasons::wanted(&*self.core.store, &self.conversation, self.now).await?;
        if wanted.is_some() {
            effects.batch = reasons::forget(std::mem::take(&mut effects.batch), &self.conversation);
        }
        Ok(wanted.filter(|_| !text.trim_start().starts_with('/')))
    }

    /// Does what a reason was wanted for; "never mind" leaves everything as it was.
    async fn give_reason(
        &mut self,
        wanted: Wanted,
        text: &str,
        mut session: Session,
        effects: &mut Effects,
    ) -> Result<Session, Trouble> {
        let reason = redact(&reasons::one_line(text)).into_owned();
        self.context.words = Some(reason.clone());
        let writer = self.writer(session.language);
        let reading = self.read(text).await?;
        // Something runs on the reason for an emergency: what is more likely a no, or asks, is none.
        let careful = matches!(wanted, Wanted::BreakGlass { .. });
        let never_mind = reading.as_ref().is_some_and(|(decision, best)| {
            let Label::Act(id) = &best.label else { return false };
            let sure = *decision == Decision::Accept || (careful && best.probability >= LIKELY);
            sure && NEVER_MIND.contains(&id.as_str())
        });
        if never_mind || (careful && text.contains(['?', '？'])) {
            effects.reply = Reply::text(say!(writer.speech, "reason-dropped"));
            return Ok(session);
        }
        let done = match wanted {
            Wanted::Reject { plan } => {
                self.asker(session.language, effects).vote(&plan, Ballot::Reject { reason }).await
            }
            Wanted::BreakGlass { plan } => {
                runs::break_glass(self, &plan, &reason, &writer, effects).await
            }
        };
        effects.reply = self.told(done, &writer)?;
        close_used(&mut session, effects);
        Ok(session)
    }

    async fn press(
        &mut self,
        token: &str,
        mut session: Session,
        story: &mut Story,
        effects: &mut Effects,
    ) -> Result<Session, Trouble> {
        let core = self.core;
        let place = &self.inbound.address;
        let writer = self.writer(session.language);
        let pressed = buttons::press(&*core.store, token, &self.user.id, place, self.now).await?;
        if matches!(pressed, Pressed::Action(_)) {
            effects.batch = reasons::forget(std::mem::take(&mut effects.batch), &self.conversation);
        }
        let done = match pressed {
            Pressed::Action(Action::Say { input }) => {
                return self.say(session, story, input, effects).await;
            }
            Pressed::Action(Action::Ask { query }) => {
                self.asker(session.language, effects).answer(&query).await
            }
            Pressed::Action(Action::Decide { plan, approve: true }) => {
                let yes = Ballot::Approve { reason: None };
                self.asker(session.language, effects).vote(&plan, yes).await
            }
            Pressed::Action(Action::Decide { plan, approve: false }) => {
                self.asker(session.language, effects).ask_why_not(plan).await
            }
            Pressed::Action(Action::Retract { plan }) => {
                self.asker(session.language, effects).vote(&plan, Ballot::Retract).await
            }
            Pressed::Action(Action::Withdraw { plan }) => {
                self.asker(session.language, effects).withdraw(&plan).await
            }
            Pressed::Action(Action::BreakGlass { plan }) => {
                self.asker(session.language, effects).ask_why_break_glass(&plan)
            }
            Pressed::Action(Action::LeaveIt) => {
                Ok(Reply::text(say!(writer.speech, "reason-dropped")))
            }
            Pressed::Unknown => Ok(Reply::text(say!(writer.speech, "note-stale"))),
            Pressed::NotYours => Ok(Reply::text(say!(writer.speech, "button-not-yours"))),
        };
        effects.reply = self.told(done, &writer)?;
        spoken_of(&mut session, effects);
        close_used(&mut session, effects);
        Ok(session)
    }

    /// A turn of the dialogue, and what it leads to.
    async fn say(
        &mut self,
        session: Session,
        story: &mut Story,
        input: Input,
        effects: &mut Effects,
    ) -> Result<Session, Trouble> {
        let core = self.core;
        let shown = effects.shown.as_ref().map(|plan| plan.hash());
        let topic = session.draft.as_ref().map(|draft| draft.template.clone());
        let before = session.clone();
        let mut turn = self.turn(session, input.clone()).await?;
        if matches!(input, Input::Text(_)) {
            observe::decided(decision(&turn.acts));
        }
        if let Some(lesson) = noticed(&before, &input, &turn) {
            core.lessons.note(&lesson, self.now);
        }
        self.note(&turn);
        let began = turn.session.draft.as_ref().map(|draft| &draft.template);
        if !self.stays_silent(&turn.acts) {
            let begins = began.is_some() && began != topic.as_ref();
            let understood = self.context.understood.as_ref();
            story.hear(begins, self.context.words.as_deref(), understood);
        }
        let proposed = self.suggest(&mut turn).await;
        if let (Input::Text(text), Some(pick)) = (&input, turn.newest(&core.catalog))
            && proposed
            && asks_for_newest(text)
        {
            turn = self.goes_on(turn, Input::Pick(pick)).await?;
            self.suggest(&mut turn).await;
        }
        if let Some(shown) = shown
            && turn.session.live_plan().is_none_or(|plan| plan.hash() != shown)
            && !turn.acts.iter().any(|act| matches!(act, Act::Runs { .. }))
        {
            core.access.retract(&shown).await?;
        }
        let mut session = turn.session;
        if self.stays_silent(&turn.acts) {
            return Ok(session);
        }
        for act in &turn.acts {
            let writer = Writer { topic: topic.clone(), ..self.writer(session.language) };
            let reply = self.perform(act, &writer, story, &mut session, effects).await?;
            effects.reply = std::mem::take(&mut effects.reply).and(reply);
        }
        if let Some(plan) = effects.held_up.take()
            && session.draft.is_none()
            && session.open.is_none()
            && before.live_plan() == Some(&plan)
        {
            // It waits for another yes, for as long as it can be confirmed.
            (session.draft, session.open) = (before.draft, before.open);
            let again = Act::Plan { plan, changed: false, changes: Vec::new(), pairs: Vec::new() };
            let reply = self.writer(session.language).act(&again).unwrap_or_default();
            effects.reply = std::mem::take(&mut effects.reply).and(reply);
        }
        spoken_of(&mut session, effects);
        close_used(&mut session, effects);
        Ok(session)
    }

    /// Notes what the words were taken for, and takes the secrets out of them.
    fn note(&mut self, turn: &Turn) {
        if let Some(words) = &mut self.context.words {
            for secret in turn.redact.iter().filter(|secret| !secret.is_empty()) {
                *words = words.replace(secret.as_str(), REDACTED);
            }
        }
        let ranking = turn.reading.iter().map(|s| (s.label.to_string(), s.probability));
        let ranking: Vec<(String, f32)> = ranking.collect();
        let model = self.core.nlu.fingerprint().to_owned();
        self.context.understood = (!ranking.is_empty()).then_some(Understood { ranking, model });
    }

    /// One act of the dialogue.
    async fn perform(
        &self,
        act: &Act,
        writer: &Writer<'_>,
        story: &Story,
        session: &mut Session,
        effects: &mut Effects,
    ) -> Result<Reply, Trouble> {
        match act {
            Act::Runs { plan } => {
                let context = story.context(&self.context);
                let done = runs::confirmed(self, plan, &context, writer, effects).await;
                if done.as_ref().is_err_and(Trouble::passes) {
                    effects.held_up = Some(plan.clone());
                }
                self.told(done, writer)
            }
            Act::Answers { query } => {
                let done = self.asker(session.language, effects).answer(query).await;
                self.told(done, writer)
            }
            // The answer before has used it up.
            Act::Plan { plan, .. } if effects.used.as_ref() == Some(&plan.hash()) => {
                Ok(Reply::default())
            }
            Act::Plan { plan, .. } => match self.present(plan, story).await {
                Ok(preview) => {
                    let notices = preview.notices.iter().map(|notice| writer.notice(notice));
                    let needs = preview.requirements.iter();
                    let needs = needs.map(|r| writer.requirement(r, &plan.requester));
                    let remarks: Vec<String> = notices.chain(needs).collect();
                    let reply = writer.act(act).unwrap_or_default().before_last(remarks);
                    let in_emergency = !preview.requirements.is_empty();
                    Ok(runs::with_emergency(reply, in_emergency, plan, self.core, writer, self.now))
                }
                Err(refusal) => {
                    // It can't be confirmed as it is; what was said is kept, so that it can be
                    // changed.
                    session.open = None;
                    let in_emergency = matches!(refusal, Refusal::Compliance { .. });
                    let reply = self.explain(&Trouble::Refused(refusal), writer);
                    Ok(runs::with_emergency(reply, in_emergency, plan, self.core, writer, self.now))
                }
            },
            act => Ok(writer.act(act).unwrap_or_default()),
        }
    }

    /// Makes a plan one that can be confirmed, if it may run.
    async fn present(&self, plan: &Plan, story: &Story) -> Result<Preview, Refusal> {
        self.core.access.present(plan, &story.context(&self.context), self.now).await
    }

    /// The reply, or what went wrong in words. Only a store that fails is worth another attempt.
    fn told(&self, done: Result<Reply, Trouble>, writer: &Writer<'_>) -> Result<Reply, Trouble> {
        match done {
            Err(Trouble::Store(error)) => Err(error.into()),
            Err(trouble) => Ok(self.explain(&trouble, writer)),
            Ok(reply) => Ok(reply),
        }
    }

    /// In a group, what was not meant for Steward is left alone.
    fn stays_silent(&self, acts: &[Act]) -> bool {
        let unasked = self.inbound.group && !self.inbound.addressed;
        unasked
            && acts
                .iter()
                .all(|act| matches!(act, Act::Rejected | Act::Offers { .. } | Act::Greets { .. }))
    }
}

/// Whether a secret was taken out of a message when it arrived. Nothing is done about the rest of
/// it: what it would mean without the secret is anybody's guess.
pub(super) fn holds_secret(body: &Body) -> bool {
    let mut texts: Box<dyn Iterator<Item = &String>> = match body {
        Body::Text(text) => Box::new(std::iter::once(text)),
        Body::Form { fields, .. } => Box::new(fields.values()),
        Body::Vote { reason, .. } => Box::new(reason.iter()),
        Body::Press(_) => return false,
    };
    texts.any(|text| text.contains(REDACTED))
}

/// The schedules of an answer are what "it" is about in the next message.
fn spoken_of(session: &mut Session, effects: &mut Effects) {
    if let Some(schedules) = effects.schedules.take() {
        session.schedules = schedules;
    }
}

/// A plan that was run on the way is no longer open.
fn close_used(session: &mut Session, effects: &Effects) {
    let live: Option<PlanHash> = session.live_plan().map(|plan| plan.hash());
    let shown = session.draft.as_ref().and_then(|draft| draft.shown.as_ref()).map(|p| p.hash());
    if effects.used.is_some() && (effects.used == live || effects.used == shown) {
        session.open = None;
        session.draft = None;
    }
}

/// What words were taken for.
fn decision(acts: &[Act]) -> observe::Decision {
    let offers = |act: &Act| matches!(act, Act::Offers { about: Offer::Intent, .. });
    if acts.contains(&Act::Rejected) {
        observe::Decision::Rejected
    } else if acts.iter().any(offers) {
        observe::Decision::Clarified
    } else {
        observe::Decision::Accepted
    }
}
