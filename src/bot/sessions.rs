//! What is kept of each conversation: its session, and its story.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Core;
use crate::access::audit::Understood;
use crate::access::{Context, User};
use crate::catalog::Language;
use crate::channels::{Address, Inbound, key_part};
use crate::dialogue::Session;
use crate::jobs::monitor::Subscriber;
use crate::store::{Batch, Store, StoreError, Table, get_as};

const SESSIONS: Table = "sessions";
const STORIES: Table = "stories";

/// So many messages of a story are kept, and so many characters of each.
const MESSAGES: usize = 20;
const LENGTH: usize = 500;

/// How a request came to be what it is: for the audit record of its run, which is confirmed by a
/// mere "yes" or a button.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Story {
    /// What was said about it, secrets redacted.
    words: Vec<String>,
    /// What the message that it began with was taken for.
    understood: Option<Understood>,
}

impl Story {
    /// The story so far of a conversation. One that can't be read any more is begun anew.
    pub async fn load(store: &dyn Store, key: &str) -> Result<Story, StoreError> {
        match get_as(store, STORIES, key).await {
            Ok(story) => Ok(story.unwrap_or_default()),
            Err(StoreError::Corrupt { .. }) => Ok(Story::default()),
            Err(error) => Err(error),
        }
    }

    /// Goes on with what was said now; `begins`: with a request that was not there before.
    pub fn hear(&mut self, begins: bool, words: Option<&str>, understood: Option<&Understood>) {
        if begins {
            *self = Story { words: Vec::new(), understood: understood.cloned() };
        }
        self.words.extend(words.map(|words| words.chars().take(LENGTH).collect()));
        let excess = self.words.len().saturating_sub(MESSAGES);
        self.words.drain(..excess);
    }

    /// What the audit log is told of a run that comes of it.
    pub fn context(&self, message: &Context) -> Context {
        Context {
            words: (!self.words.is_empty()).then(|| self.words.join("\n")),
            understood: self.understood.clone().or_else(|| message.understood.clone()),
            ..message.clone()
        }
    }
}

/// Stores how a conversation goes on.
pub(super) fn put(
    batch: Batch,
    key: &str,
    session: &Session,
    story: &Story,
) -> Result<Batch, StoreError> {
    let batch = batch.put_as(SESSIONS, key, session)?;
    match session.draft {
        Some(_) => batch.put_as(STORIES, key, story),
        None => Ok(batch.delete(STORIES, key)),
    }
}

/// The key of the conversation of a user in a place.
pub(super) fn key(place: &Address, user: &str) -> String {
    format!("{}/{}", place.key(), key_part(user))
}

/// The language that somebody spoke last in a place, where they spoke at all.
pub(super) async fn language_of(store: &dyn Store, who: &Subscriber) -> Option<Language> {
    let key = key(&who.address, &who.user);
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
    get_as(store, SESSIONS, &key(place, user)).await
}

/// The session of a sender, or a new one.
pub(super) async fn load(
    core: &Core,
    inbound: &Inbound,
    user: &User,
    now: Timestamp,
) -> Result<Session, StoreError> {
    let key = key(&inbound.address, &user.id);
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
