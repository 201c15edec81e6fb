//! What the monitor tells, passed on to those who follow a run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::runs::card_of;
use super::settings::Settings;
use super::{buttons, pictures, writer};
use crate::access::{Access, Completion};
use crate::catalog::{Language, Shelf};
use crate::channels::{Button, Message, Outbound, Urgency};
use crate::config::Config;
use crate::jobs::Execution;
use crate::jobs::monitor::{News, Notice, Notifier, NotifyError, Subscriber};
use crate::outbox::Outbox;
use crate::store::{Batch, Store, StoreError, Table, get_as};

/// How much of an execution's history was told: by its number.
const TOLD: Table = "notices_told";

/// Turns notices into messages. Made of what it takes to say something, and nothing that could
/// start anything.
pub(super) struct Herald {
    pub config: Arc<Config>,
    pub shelf: Arc<Shelf>,
    pub access: Arc<Access>,
    pub store: Arc<dyn Store>,
    pub outbox: Outbox,
    pub buttons: CardButtons,
}

/// The buttons of cards that still change, by execution and chat: an edit shows those that the
/// card has, and makes no new ones.
#[derive(Default)]
pub(super) struct CardButtons(Mutex<HashMap<(u64, String), Vec<Button>>>);

impl CardButtons {
    fn cards(&self) -> MutexGuard<'_, HashMap<(u64, String), Vec<Button>>> {
        // Every change is one operation on the map, so it is consistent whoever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Notifier for Herald {
    async fn notify(&self, notice: Notice) -> Result<(), NotifyError> {
        let told = match &notice.news {
            News::Progress { .. } => self.progress(&notice).await,
            News::Changed(_) | News::Ended(_) => self.news(&notice).await,
        };
        told.map_err(|error| NotifyError(error.to_string()))
    }
}

impl Herald {
    /// A change of state: stored in the outbox once, however often it is told.
    async fn news(&self, notice: &Notice) -> Result<(), StoreError> {
        let execution = &notice.execution;
        let key = format!("{:020}", execution.number);
        let known = u64::try_from(execution.history.len()).unwrap_or(u64::MAX);
        let told: Option<u64> = get_as(&*self.store, TOLD, &key).await?;
        if told.is_some_and(|told| told >= known) {
            return Ok(());
        }
        if execution.state.is_final() {
            self.complete(execution).await;
        }
        let mut batch = Batch::default().put_as(TOLD, key, &known)?;
        for subscriber in &notice.subscribers {
            let message;
            (batch, message) = self.message(batch, notice, subscriber).await?;
            batch = self.outbox.put(batch, &message)?;
        }
        self.store.commit(batch).await?;
        for subscriber in &notice.subscribers {
            self.outbox.wake(&subscriber.address);
        }
        Ok(())
    }

    /// How far a run has come: nothing of it is stored, but the buttons of a card that an
    /// earlier life made.
    async fn progress(&self, notice: &Notice) -> Result<(), StoreError> {
        for subscriber in &notice.subscribers {
            let (batch, message) = self.message(Batch::default(), notice, subscriber).await?;
            if !batch.writes.is_empty() {
                self.store.commit(batch).await?;
            }
            self.outbox.progress(message);
        }
        Ok(())
    }

    async fn message(
        &self,
        batch: Batch,
        notice: &Notice,
        subscriber: &Subscriber,
    ) -> Result<(Batch, Outbound), StoreError> {
        let (execution, now) = (&notice.execution, Timestamp::now());
        let (language, zone) = spoken(&self.access, &*self.store, &self.config, subscriber).await?;
        let catalog = self.shelf.catalog();
        let writer = writer(&catalog, language, zone);
        let (reply, urgency) = match &notice.news {
            News::Changed(_) => (writer.card(execution, None, now), Urgency::Notice),
            News::Progress { left } => (writer.card(execution, *left, now), Urgency::Progress),
            News::Ended(report) => {
                let mut reply = writer.report(report, now);
                reply.blocks.extend(pictures::of(report, &writer).await);
                (reply, Urgency::Notice)
            }
        };
        let to = subscriber.address.clone();
        let live = !execution.state.is_final();
        let key = (execution.number, to.key());
        let known = self.buttons.cards().get(&key).cloned().filter(|_| live);
        let (batch, message) = match known {
            Some(buttons) => (batch, Message { blocks: reply.limited().blocks, buttons }),
            None => buttons::seal(batch, reply, &subscriber.user, &to, now)?,
        };
        if live {
            self.buttons.cards().insert(key, message.buttons.clone());
        } else {
            self.buttons.cards().remove(&key);
        }
        let card = Some(card_of(execution.number));
        Ok((batch, Outbound { to, for_sender: None, card, live, urgency, removes: None, message }))
    }

    /// Has the audit log told how a run ended. Should that fail, its locks stay held until the
    /// next start, which frees them.
    async fn complete(&self, execution: &Execution) {
        let now = Timestamp::now();
        let completion = Completion::of(execution, now);
        if let Err(refusal) = self.access.complete(&execution.plan, &completion, now).await {
            tracing::error!(number = execution.number, %refusal, "the end was not written down");
        }
    }
}

/// The language in which somebody is written to in a place, and their time zone: as they set
/// them, as they spoke there last, as is known of them.
pub(super) async fn spoken(
    access: &Access,
    store: &dyn Store,
    config: &Config,
    who: &Subscriber,
) -> Result<(Language, TimeZone), StoreError> {
    let settings = Settings::of(store, &who.user).await?;
    let rules = access.rules();
    let user = rules.users().get(&who.user);
    let language = super::sessions::language_of(store, who).await;
    let language = settings.language.or(language).or(user.and_then(|user| user.language));
    let zone = settings.zone().or_else(|| user.and_then(|user| user.time_zone.clone()));
    Ok((
        language.unwrap_or(config.conversation.language),
        zone.unwrap_or_else(|| config.conversation.time_zone.clone()),
    ))
}
