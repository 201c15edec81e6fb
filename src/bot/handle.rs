//! One message, from who sent it to what is said about it.

use std::sync::Arc;

use jiff::Timestamp;

use super::buttons;
use super::intake::{self, Waiting};
use super::queries::Asker;
use super::runs::Dispatch;
use super::sessions::{self, Story};
use super::settings::Settings;
use super::talk::holds_secret;
use super::{Core, Trouble, linking};
use crate::access::{Asked, Context, Identity, Permission, Refusal, User, redact};
use crate::catalog::Language;
use crate::channels::{Address, Body, Inbound, Outbound, Urgency};
use crate::dialogue::Session;
use crate::failures::Class;
use crate::plan::{Plan, PlanHash};
use crate::reply::{Reply, Writer, say};
use crate::store::{Batch, StoreError};

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
    /// The plan that waited for a yes here when the message came.
    pub shown: Option<Plan>,
    /// A plan that was run without having been the answer to a question.
    pub used: Option<PlanHash>,
    /// A plan that was confirmed, and can't run just now.
    pub held_up: Option<Plan>,
    /// The schedules that were made, changed or listed: what "cancel it" is about next.
    pub schedules: Option<Vec<u64>>,
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

impl Effects {
    /// Stores everything but the answer together with `batch`, and then sets it going.
    pub async fn commit(
        self,
        core: &Arc<Core>,
        batch: Batch,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut batch = batch.and(self.batch);
        let mut chats = Vec::new();
        for said in self.messages {
            chats.push(said.to.clone());
            batch = put(core, batch, said, now)?;
        }
        core.store.commit(batch).await?;
        for chat in &chats {
            core.outbox.wake(chat);
        }
        for dispatch in self.dispatches {
            dispatch.spawn(core);
        }
        Ok(())
    }
}

/// A message and its sender.
pub(super) struct Turning<'a> {
    pub core: &'a Arc<Core>,
    pub inbound: &'a Inbound,
    pub user: User,
    pub settings: Settings,
    pub now: Timestamp,
    /// The key of the conversation in the store.
    pub conversation: String,
    /// What is known of the message itself, secrets redacted.
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
    let session = sessions::load(core, inbound, &user, now).await?;
    let conversation = sessions::key(&inbound.address, &user.id);
    let story = Story::load(&*core.store, &conversation).await?;
    let context = Context {
        message: Some(inbound.id.clone()),
        session: Some(intake::conversation(inbound)),
        words: match &inbound.body {
            Body::Text(text) => Some(redact(text).into_owned()),
            Body::Press(_) | Body::Form { .. } | Body::Vote { .. } => None,
        },
        origin: inbound.origin.clone(),
        ..Context::default()
    };
    let mut turning = Turning { core, inbound, user, settings, now, conversation, context };
    let mut effects = Effects::default();
    let mut told = story.clone();
    let (session, story) = match turning.go(session.clone(), &mut told, &mut effects).await {
        Ok(session) => (session, told),
        Err(Trouble::Store(error)) => return Err(error),
        Err(trouble) => {
            let writer = turning.writer(session.language);
            let reply = turning.explain(&trouble, &writer);
            effects = Effects { reply, ..Effects::default() };
            (session, story)
        }
    };
    turning.commit(waiting, &session, &story, effects).await
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
    core.access.admit(&inbound.address, &inbound.sender, now).await?;
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
    let overheard = inbound.group && !inbound.addressed;
    let flood = matches!(refusal, Refusal::TooMany { .. });
    if overheard || (flood && !core.access.answers_flood(&inbound.address, &inbound.sender)) {
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
    let wants_link = linking::asks_for_code(words);
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
    core.store.commit(answering(core, inbound, batch, reply, user, now)?).await?;
    core.outbox.wake(&inbound.address);
    Ok(())
}

/// Adds the answer to a message to a batch. Where the message holds a secret, it goes out of the
/// chat with that.
fn answering(
    core: &Core,
    inbound: &Inbound,
    batch: Batch,
    reply: Reply,
    user: &str,
    now: Timestamp,
) -> Result<Batch, StoreError> {
    let (batch, message) = buttons::seal(batch, reply, user, &inbound.address, now)?;
    let outbound = Outbound {
        to: inbound.address.clone(),
        for_sender: Some(inbound.sender.id.clone()),
        card: None,
        live: false,
        urgency: Urgency::Answer,
        removes: inbound.shown.clone().filter(|_| holds_secret(&inbound.body)),
        message,
    };
    core.outbox.put(batch, &outbound)
}

impl Turning<'_> {
    /// Stores everything at once, and then sets it going.
    async fn commit(
        &self,
        waiting: &Waiting,
        session: &Session,
        story: &Story,
        mut effects: Effects,
    ) -> Result<(), StoreError> {
        let core = self.core;
        let mut batch = intake::handled(waiting)?;
        batch = sessions::put(batch, &self.conversation, session, story)?;
        let reply = std::mem::take(&mut effects.reply);
        if !reply.is_empty() {
            batch = answering(core, self.inbound, batch, reply, &self.user.id, self.now)?;
        }
        effects.commit(core, batch, self.now).await?;
        core.outbox.wake(&self.inbound.address);
        Ok(())
    }

    pub fn explain(&self, trouble: &Trouble, writer: &Writer<'_>) -> Reply {
        let doing = match (&self.inbound.body, &self.context.words) {
            (Body::Form { template, .. }, _) => format!("taking the form of {template}"),
            (Body::Vote { .. }, _) => "taking a decision".to_owned(),
            (_, Some(words)) => format!("answering “{words}”"),
            (_, None) => "answering a button".to_owned(),
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

    pub fn asker<'a>(&'a self, language: Language, effects: &'a mut Effects) -> Asker<'a> {
        Asker { turning: self, writer: self.writer(language), effects }
    }
}

/// Adds something to be said to a batch.
pub(super) fn put(
    core: &Core,
    batch: Batch,
    said: Said,
    now: Timestamp,
) -> Result<Batch, StoreError> {
    let (batch, message) = buttons::seal(batch, said.reply, &said.user, &said.to, now)?;
    let Said { to, card, live, urgency, .. } = said;
    let outbound = Outbound { to, for_sender: None, card, live, urgency, removes: None, message };
    core.outbox.put(batch, &outbound)
}
