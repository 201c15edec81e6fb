//! One message, from who sent it to what is said about it.

use std::sync::Arc;

use jiff::Timestamp;

use super::buttons::{self, Pressed};
use super::intake::{self, LONGEST, Waiting};
use super::memory::remember;
use super::queries::Asker;
use super::runs::{self, Dispatch};
use super::settings::Settings;
use super::{Core, Trouble};
use crate::access::{Asked, Context, Identity, Permission, Refusal, User, redact};
use crate::catalog::Language;
use crate::channels::{Address, Body, Inbound, Outbound, Urgency, key_part};
use crate::dialogue::{Act, Input, Mind, Session, Turn, turn};
use crate::failures::Class;
use crate::jobs::monitor::Subscriber;
use crate::reply::{Action, Reply, Writer, say};
use crate::review::noticed;
use crate::store::{Batch, Store, StoreError, Table, get_as};

const SESSIONS: Table = "sessions";

/// What handling a message leads to, besides the session: all of it happens, or nothing.
#[derive(Default)]
pub(super) struct Effects {
    /// The answer, as one message.
    pub reply: Reply,
    /// Messages besides the answer, to anybody.
    pub messages: Vec<Said>,
    pub batch: Batch,
    /// Runs to be dispatched once all of it is stored.
    pub dispatches: Vec<Dispatch>,
}

/// Something to be said to somebody, somewhere.
pub(super) struct Said {
    pub to: Address,
    /// Whose the buttons are.
    pub user: String,
    pub card: Option<String>,
    pub live: bool,
    pub urgency: Urgency,
    pub reply: Reply,
}

/// A message and its sender.
pub(super) struct Turning<'a> {
    pub core: &'a Arc<Core>,
    pub inbound: &'a Inbound,
    pub user: User,
    pub settings: Settings,
    pub now: Timestamp,
    pub context: Context,
}

/// Handles one message to its end.
pub(super) async fn handle(core: &Arc<Core>, waiting: &Waiting) -> Result<(), StoreError> {
    let inbound = &waiting.inbound;
    let now = Timestamp::now();
    let user = match sender(core, inbound, now).await {
        Ok(user) => user,
        Err(refusal) => return turn_away(core, waiting, refusal, now).await,
    };
    let settings = Settings::of(&*core.store, &user.id).await?;
    let session = session(core, inbound, &user, now).await?;
    let context = Context {
        message: Some(inbound.id.clone()),
        session: Some(intake::conversation(inbound)),
        words: match &inbound.body {
            Body::Text(text) => Some(text.clone()),
            Body::Press(_) | Body::Form { .. } | Body::Vote { .. } => None,
        },
        ..Context::default()
    };
    let turning = Turning { core, inbound, user, settings, now, context };
    let mut effects = Effects::default();
    let session = match turning.go(session.clone(), &mut effects).await {
        Ok(session) => session,
        Err(Trouble::Store(error)) => return Err(error),
        Err(trouble) => {
            let writer = turning.writer(session.language);
            let reply = turning.explain(&trouble, &writer);
            effects = Effects { reply, ..Effects::default() };
            session
        }
    };
    turning.commit(waiting, &session, effects).await
}

/// Ends the handling of a message that could not be handled at all.
pub(super) async fn give_up(
    core: &Arc<Core>,
    waiting: &Waiting,
    story: &str,
) -> Result<(), StoreError> {
    let inbound = &waiting.inbound;
    let language = inbound.language.unwrap_or(core.config.conversation.language);
    let writer = core.writer(language, core.config.conversation.time_zone.clone());
    let who = Some((inbound.sender.id.as_str(), &inbound.address));
    let failure = core.journal.record(Class::System, who, "handling a message", story);
    let text = say!(writer.speech, "trouble-system");
    let id = say!(writer.speech, "trouble-id", "id" => failure.id.as_str());
    let reply = Reply::text(text).text_line([id]);
    let batch = intake::handled(waiting)?;
    answer(core, inbound, batch, reply, "", Timestamp::now()).await
}

/// Who sent it, if they may talk to Steward here at all.
async fn sender(core: &Core, inbound: &Inbound, now: Timestamp) -> Result<User, Refusal> {
    core.access.admit(&inbound.address, &inbound.sender, now)?;
    let mut identity = core.access.identify(&inbound.address, &inbound.sender).await?;
    if matches!(identity, Identity::Unknown { .. }) {
        core.access.take_up_links(now).await?;
        identity = core.access.identify(&inbound.address, &inbound.sender).await?;
    }
    let user = identity.user()?;
    let talk = Asked::command(&user.id, Permission::UseChatops, &inbound.address);
    core.access.may(&talk, now)?;
    Ok(user)
}

/// Says to somebody who may not talk to Steward why, and what they can do about it. In a group,
/// only when they spoke to it.
async fn turn_away(
    core: &Arc<Core>,
    waiting: &Waiting,
    refusal: Refusal,
    now: Timestamp,
) -> Result<(), StoreError> {
    let inbound = &waiting.inbound;
    let batch = intake::handled(waiting)?;
    if inbound.group && !inbound.addressed {
        return core.store.commit(batch).await;
    }
    let words = match &inbound.body {
        Body::Text(text) => text.as_str(),
        Body::Press(_) | Body::Form { .. } | Body::Vote { .. } => "",
    };
    let language = Language::of(words.trim_start_matches('/'))
        .or(inbound.language)
        .unwrap_or(core.config.conversation.language);
    let writer = core.writer(language, core.config.conversation.time_zone.clone());
    let wants_link = words.trim() == "/link";
    let reply = match (&refusal, wants_link) {
        (Refusal::UnknownUser { .. }, true) => {
            match core.access.link_code(&inbound.address, &inbound.sender, now).await {
                Ok(code) => {
                    Reply::text(say!(writer.speech, "link-code", "code" => code.to_string()))
                }
                Err(refusal) => Reply::text(writer.refusal(&refusal)),
            }
        }
        _ => Reply::text(writer.refusal(&refusal)),
    };
    answer(core, inbound, batch, reply, "", now).await
}

async fn answer(
    core: &Arc<Core>,
    inbound: &Inbound,
    batch: Batch,
    reply: Reply,
    user: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (batch, message) = buttons::seal(batch, reply, user, &inbound.address, now)?;
    let outbound = Outbound {
        to: inbound.address.clone(),
        for_sender: Some(inbound.sender.id.clone()),
        card: None,
        live: false,
        urgency: Urgency::Answer,
        message,
    };
    core.store.commit(core.outbox.put(batch, &outbound)?).await?;
    core.outbox.wake(&inbound.address);
    Ok(())
}

fn session_key(place: &Address, user: &str) -> String {
    format!("{}/{}", place.key(), key_part(user))
}

/// The language that somebody spoke last in a place, where they spoke at all.
pub(super) async fn language_of(store: &dyn Store, who: &Subscriber) -> Option<Language> {
    let key = session_key(&who.address, &who.user);
    let session: Option<Session> = get_as(store, SESSIONS, &key).await.unwrap_or_else(|error| {
        // Handling the next message says more about it.
        tracing::warn!(key, %error, "a session can't be read");
        None
    });
    session.map(|session| session.language)
}

/// The conversation of somebody in a place, where there was one.
pub(super) async fn open_session(
    store: &dyn Store,
    place: &Address,
    user: &str,
) -> Result<Option<Session>, StoreError> {
    get_as(store, SESSIONS, &session_key(place, user)).await
}

async fn session(
    core: &Core,
    inbound: &Inbound,
    user: &User,
    now: Timestamp,
) -> Result<Session, StoreError> {
    let key = session_key(&inbound.address, &user.id);
    let stored: Option<Session> = match get_as(&*core.store, SESSIONS, &key).await {
        Ok(stored) => stored,
        // An older version wrote it. What was open is lost, which is better than silence.
        Err(StoreError::Corrupt { reason, .. }) => {
            tracing::error!(key, reason, "a session can't be read and is begun anew");
            None
        }
        Err(error) => return Err(error),
    };
    Ok(stored.unwrap_or_else(|| {
        let language = user.language.or(inbound.language);
        let language = language.unwrap_or(core.config.conversation.language);
        Session::new(inbound.address.clone(), user.id.clone(), language, now)
    }))
}

impl Turning<'_> {
    /// The conversation goes on.
    async fn go(&self, session: Session, effects: &mut Effects) -> Result<Session, Trouble> {
        match &self.inbound.body {
            Body::Text(text) if text.chars().count() > LONGEST => {
                let speech = self.writer(session.language).speech;
                effects.reply = Reply::text(say!(speech, "too-long", "most" => LONGEST));
                Ok(session)
            }
            Body::Text(text) => self.say(session, Input::Text(text.clone()), effects).await,
            Body::Form { template, fields } => {
                let input = Input::Form { template: template.clone(), fields: fields.clone() };
                self.say(session, input, effects).await
            }
            Body::Vote { plan, approve, reason } => {
                let mut asker = self.asker(session.language, effects);
                effects.reply = asker.decide(plan, *approve, reason.as_deref()).await?;
                Ok(session)
            }
            Body::Press(token) => {
                let core = self.core;
                let (user, place) = (&self.user.id, &self.inbound.address);
                match buttons::press(&*core.store, token, user, place, self.now).await? {
                    Pressed::Action(Action::Say { input }) => {
                        self.say(session, input, effects).await
                    }
                    Pressed::Action(Action::Ask { query }) => {
                        effects.reply =
                            self.asker(session.language, effects).answer(&query).await?;
                        Ok(session)
                    }
                    Pressed::Action(Action::Decide { plan, approve }) => {
                        let mut asker = self.asker(session.language, effects);
                        let reply = asker.decide(&plan, approve, None).await?;
                        effects.reply = reply;
                        Ok(session)
                    }
                    Pressed::Unknown => {
                        let speech = self.writer(session.language).speech;
                        effects.reply = Reply::text(say!(speech, "note-stale"));
                        Ok(session)
                    }
                    Pressed::NotYours => {
                        let speech = self.writer(session.language).speech;
                        effects.reply = Reply::text(say!(speech, "button-not-yours"));
                        Ok(session)
                    }
                }
            }
        }
    }

    /// A turn of the dialogue, and what it leads to.
    async fn say(
        &self,
        session: Session,
        input: Input,
        effects: &mut Effects,
    ) -> Result<Session, Trouble> {
        let core = self.core;
        let shown = session.live_plan().map(|plan| plan.hash());
        let topic = session.draft.as_ref().map(|draft| draft.template.clone());
        let before = session.clone();
        let mut turn = self.turn(session, input.clone()).await?;
        if let Some(lesson) = noticed(&before, &input, &turn) {
            core.lessons.note(&lesson, self.now);
        }
        self.suggest(&mut turn).await;
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
            let reply = self.perform(act, &writer, &mut session, effects).await?;
            effects.reply = std::mem::take(&mut effects.reply).and(reply);
        }
        Ok(session)
    }

    /// One act of the dialogue.
    async fn perform(
        &self,
        act: &Act,
        writer: &Writer<'_>,
        session: &mut Session,
        effects: &mut Effects,
    ) -> Result<Reply, Trouble> {
        match act {
            Act::Runs { plan } => match runs::confirmed(self, plan, writer, effects).await {
                Err(Trouble::Store(error)) => Err(error.into()),
                Err(trouble) => Ok(self.explain(&trouble, writer)),
                Ok(reply) => Ok(reply),
            },
            Act::Answers { query } => {
                match self.asker(session.language, effects).answer(query).await {
                    Err(Trouble::Store(error)) => Err(error.into()),
                    Err(trouble) => Ok(self.explain(&trouble, writer)),
                    Ok(reply) => Ok(reply),
                }
            }
            Act::Plan { plan, .. } => match self.core.access.present(plan, self.now).await {
                Ok(preview) => {
                    let notices = preview.notices.iter().map(|notice| writer.notice(notice));
                    let needs = preview.requirements.iter().map(|r| writer.requirement(r));
                    let remarks: Vec<String> = notices.chain(needs).collect();
                    let reply = writer.act(act).unwrap_or_default();
                    Ok(reply.before_last(remarks))
                }
                Err(refusal) => {
                    // It can't be confirmed as it is; what was said is kept, so that it can be
                    // changed.
                    session.open = None;
                    Ok(self.explain(&Trouble::Refused(refusal), writer))
                }
            },
            act => Ok(writer.act(act).unwrap_or_default()),
        }
    }

    /// Thinks, where that keeps nobody else waiting.
    async fn turn(&self, session: Session, input: Input) -> Result<Turn, Trouble> {
        let place = &self.inbound.address;
        let memory = remember(self.core, &self.user, place, &self.settings, self.now).await?;
        let now = self.now.to_zoned_datetime(self.zone());
        let core = Arc::clone(self.core);
        let thinking = tokio::task::spawn_blocking(move || {
            let mind = Mind { catalog: &core.catalog, nlu: &core.nlu, settings: &core.dialogue };
            turn(&mind, session, input, &memory, &now)
        });
        match thinking.await {
            Ok(turn) => Ok(turn),
            // Handling runs in a task of its own, where a panic ends up with its story.
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(error) => Err(StoreError::Backend(error.to_string()).into()),
        }
    }

    /// Asks the template's own command for proposals. They are a courtesy: whatever goes wrong,
    /// the question is asked without them.
    async fn suggest(&self, turn: &mut Turn) {
        let Some((_, parameter, values)) = turn.wants_suggestions(&self.core.catalog) else {
            return;
        };
        let Some(suggest) = &parameter.suggest else { return };
        match self.core.local.ask(&suggest.command, &values, runs::QUESTION_LIMIT).await {
            Ok(answer) if answer.success => {
                let values: Vec<_> =
                    answer.lines.into_iter().take(runs::SUGGESTIONS).map(Into::into).collect();
                turn.suggest(&values);
            }
            Ok(answer) => {
                let said = answer.lines.first().map_or("nothing", String::as_str);
                tracing::info!(parameter = parameter.name, said, "no suggestions");
            }
            Err(error) => tracing::info!(parameter = parameter.name, %error, "no suggestions"),
        }
    }

    /// In a group, what was not meant for Steward is left alone.
    fn stays_silent(&self, acts: &[Act]) -> bool {
        let unasked = self.inbound.group && !self.inbound.addressed;
        unasked
            && acts
                .iter()
                .all(|act| matches!(act, Act::Rejected | Act::Offers { .. } | Act::Greets))
    }

    /// Stores everything at once, and then sets it going.
    async fn commit(
        &self,
        waiting: &Waiting,
        session: &Session,
        effects: Effects,
    ) -> Result<(), StoreError> {
        let core = self.core;
        let key = session_key(&self.inbound.address, &self.user.id);
        let mut batch =
            intake::handled(waiting)?.and(effects.batch).put_as(SESSIONS, key, session)?;
        let mut chats = vec![self.inbound.address.clone()];
        if !effects.reply.is_empty() {
            let said = Said {
                to: self.inbound.address.clone(),
                user: self.user.id.clone(),
                card: None,
                live: false,
                urgency: Urgency::Answer,
                reply: effects.reply,
            };
            let sender = Some(self.inbound.sender.id.clone());
            batch = put(core, batch, said, sender, self.now)?;
        }
        for said in effects.messages {
            chats.push(said.to.clone());
            batch = put(core, batch, said, None, self.now)?;
        }
        core.store.commit(batch).await?;
        for chat in &chats {
            core.outbox.wake(chat);
        }
        for dispatch in effects.dispatches {
            dispatch.spawn(core);
        }
        Ok(())
    }

    pub fn explain(&self, trouble: &Trouble, writer: &Writer<'_>) -> Reply {
        let doing = match &self.inbound.body {
            Body::Text(text) => format!("answering “{}”", redact(text)),
            Body::Press(_) => "answering a button".to_owned(),
            Body::Form { template, .. } => format!("taking the form of {template}"),
            Body::Vote { .. } => "taking a decision".to_owned(),
        };
        let who = Some((self.user.id.as_str(), &self.inbound.address));
        trouble.explain(self.core, writer, who, &doing)
    }

    pub fn writer(&self, language: Language) -> Writer<'_> {
        self.core.writer(self.settings.language.unwrap_or(language), self.zone())
    }

    pub fn zone(&self) -> jiff::tz::TimeZone {
        let of_user = self.settings.zone().or_else(|| self.user.time_zone.clone());
        of_user.unwrap_or_else(|| self.core.config.conversation.time_zone.clone())
    }

    fn asker<'a>(&'a self, language: Language, effects: &'a mut Effects) -> Asker<'a> {
        Asker { turning: self, writer: self.writer(language), effects }
    }
}

/// Adds something to be said to a batch.
pub(super) fn put(
    core: &Core,
    batch: Batch,
    said: Said,
    for_sender: Option<String>,
    now: Timestamp,
) -> Result<Batch, StoreError> {
    let (batch, message) = buttons::seal(batch, said.reply, &said.user, &said.to, now)?;
    let Said { to, card, live, urgency, .. } = said;
    core.outbox.put(batch, &Outbound { to, for_sender, card, live, urgency, message })
}
