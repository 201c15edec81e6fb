//! The outbox: what is to be said, stored until it was said.
//!
//! A message is put into the same batch as what caused it, so it is neither lost nor said about
//! something that did not happen. It leaves the store after the channel took it: a crash in
//! between says it twice, which is the lesser evil.
//!
//! **Architecture Invariant:** messages of one chat are delivered one at a time, in order. Only
//! [`Urgency::Progress`] is exempt: it is kept in memory, the latest per card, and goes when
//! nothing else waits.

mod progress;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use self::progress::{Next, Pending};
use crate::channels::{Address, Channel, DeliveryError, Outbound, Receipt};
use crate::lanes::Lanes;
use crate::observe;
use crate::store::{Batch, Stamps, Store, StoreError, Table, get_as, scan_as};

/// Messages that wait: `channel/chat/thread/` + time and a random part.
const OUTBOX: Table = "outbox";
/// As what a card was shown last: `channel/chat/thread/` + card.
const CARDS: Table = "cards";

/// Waits between attempts: doubled from the first to the last.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LAST_WAIT: Duration = Duration::from_secs(300);

/// The outbox of every channel that runs here.
#[derive(Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    channels: HashMap<&'static str, Arc<dyn Channel>>,
    lanes: Lanes<String>,
    pending: Pending,
    stamps: Stamps,
    shutdown: CancellationToken,
}

/// A message as it waits in the store.
#[derive(Debug, Serialize, Deserialize)]
struct Waiting {
    message: Outbound,
    since: jiff::Timestamp,
}

impl Outbox {
    pub fn new(
        store: Arc<dyn Store>,
        channels: &[Arc<dyn Channel>],
        shutdown: CancellationToken,
    ) -> Outbox {
        let channels = channels.iter().map(|c| (c.name(), Arc::clone(c))).collect();
        let inner = Inner {
            store,
            channels,
            lanes: Lanes::default(),
            pending: Pending::default(),
            stamps: Stamps::default(),
            shutdown,
        };
        Outbox { inner: Arc::new(inner) }
    }

    /// Adds a message to a batch. After the batch was committed, [`Outbox::wake`] its chat.
    pub fn put(&self, batch: Batch, message: &Outbound) -> Result<Batch, StoreError> {
        let key = format!("{}/{}", message.to.key(), self.inner.stamps.next());
        let waiting = Waiting { message: message.clone(), since: jiff::Timestamp::now() };
        batch.put_as(OUTBOX, key, &waiting)
    }

    /// Delivers what waits for a chat. A channel that does not run here keeps its messages.
    pub fn wake(&self, chat: &Address) {
        if self.inner.channels.contains_key(chat.channel.as_str()) {
            let (outbox, chat) = (self.clone(), chat.clone());
            self.inner.lanes.wake(chat.key(), move |key| {
                let (outbox, chat) = (outbox.clone(), chat.clone());
                async move { outbox.drain(&key, &chat).await }
            });
        }
    }

    /// Shows how something is getting on, as soon as nothing more important waits. Only the
    /// latest state of a card is kept, and none survives a restart.
    pub fn progress(&self, message: Outbound) {
        let chat = message.to.clone();
        self.inner.pending.set(message);
        self.wake(&chat);
    }

    /// Delivers what was left from an earlier life.
    pub async fn resume(&self) -> Result<(), StoreError> {
        let mut after: Option<String> = None;
        loop {
            let page: Vec<(String, Waiting)> =
                scan_as(&*self.inner.store, OUTBOX, "", after.as_deref(), 256).await?;
            for (_, waiting) in &page {
                self.wake(&waiting.message.to);
            }
            match page.last() {
                Some((key, _)) => after = Some(key.clone()),
                None => return Ok(()),
            }
        }
    }

    /// How many messages wait, counted up to `most`.
    pub async fn count(&self, most: usize) -> Result<usize, StoreError> {
        Ok(self.inner.store.scan(OUTBOX, "", None, most).await?.len())
    }

    /// Returns when everything that can be delivered was.
    pub async fn idle(&self) {
        self.inner.lanes.idle().await;
    }
}

impl Outbox {
    /// Delivers all that waits for one chat, the stored messages before the progress.
    async fn drain(&self, key: &str, chat: &Address) {
        let Some(channel) = self.inner.channels.get(chat.channel.as_str()) else { return };
        let mut wait = FIRST_WAIT;
        while !self.inner.shutdown.is_cancelled() {
            let Some(step) = self.step(channel, key, chat).await.transpose() else { return };
            let Err(error) = step else {
                wait = FIRST_WAIT;
                continue;
            };
            let pause = error.after.unwrap_or_default().max(wait);
            tracing::warn!(chat = key, reason = %error.reason, ?pause, "a message has to wait");
            wait = (wait * 2).min(LAST_WAIT);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.inner.shutdown.cancelled() => return,
            }
        }
    }

    /// Delivers what is next in a chat; `None` when nothing is.
    async fn step(
        &self,
        channel: &Arc<dyn Channel>,
        key: &str,
        chat: &Address,
    ) -> Result<Option<()>, Postponed> {
        if let Some((at, waiting)) = self.inner.next(key).await? {
            self.inner.deliver(channel, key, &at, &waiting.message).await?;
            return Ok(Some(()));
        }
        match self.inner.pending.next(key) {
            Next::Now(message) => self.inner.show_progress(channel, key, &message).await.map(Some),
            Next::At(due) => {
                // Waiting here would hold up an answer.
                let (outbox, chat) = (self.clone(), chat.clone());
                tokio::spawn(async move {
                    tokio::time::sleep_until(due).await;
                    outbox.wake(&chat);
                });
                Ok(None)
            }
            Next::Nothing => Ok(None),
        }
    }
}

/// A message can't be delivered now.
struct Postponed {
    reason: String,
    after: Option<Duration>,
}

impl From<StoreError> for Postponed {
    /// The store may recover; the message is still in it.
    fn from(error: StoreError) -> Self {
        Postponed { reason: error.to_string(), after: None }
    }
}

impl Inner {
    async fn next(&self, key: &str) -> Result<Option<(String, Waiting)>, StoreError> {
        let prefix = format!("{key}/");
        Ok(scan_as(&*self.store, OUTBOX, &prefix, None, 1).await?.pop())
    }

    /// Delivers one stored message and forgets it.
    async fn deliver(
        &self,
        channel: &Arc<dyn Channel>,
        key: &str,
        at: &str,
        message: &Outbound,
    ) -> Result<(), Postponed> {
        // What waits in memory about the same card is older than this.
        self.pending.forget(message);
        if let Some(secret) = &message.removes {
            self.remove(channel, message, secret).await?;
        }
        let shown = self.shown(key, message).await?;
        let mut batch = Batch::default().delete(OUTBOX, at);
        let delivered = channel.deliver(message, shown.as_ref()).await;
        let outcome = match &delivered {
            Ok(_) => "delivered",
            Err(DeliveryError::Later { .. }) => "postponed",
            Err(DeliveryError::Never(_)) => "refused",
        };
        observe::delivered(&message.to.channel, outcome);
        match (delivered, &message.card) {
            (Ok(receipt), Some(card)) => {
                batch = batch.put_as(CARDS, card_key(key, card), &receipt)?
            }
            (Ok(_), None) => {}
            (Err(DeliveryError::Never(reason)), _) => {
                tracing::error!(chat = key, %reason, "a message can't be delivered");
            }
            (Err(DeliveryError::Later { reason, after }), _) => {
                return Err(Postponed { reason, after });
            }
        }
        Ok(self.store.commit(batch).await?)
    }

    /// Takes a message out of its chat before it is answered; where the channel can't, it is
    /// answered all the same.
    async fn remove(
        &self,
        channel: &Arc<dyn Channel>,
        answer: &Outbound,
        message: &Receipt,
    ) -> Result<(), Postponed> {
        match channel.remove(&answer.to, message).await {
            Ok(()) => Ok(()),
            Err(DeliveryError::Later { reason, after }) => Err(Postponed { reason, after }),
            Err(DeliveryError::Never(reason)) => {
                let chat = answer.to.key();
                tracing::warn!(chat, %reason, "a message with a secret stays in the chat");
                Ok(())
            }
        }
    }

    /// Shows a state that the next one replaces; a failure is not worth a second attempt.
    async fn show_progress(
        &self,
        channel: &Arc<dyn Channel>,
        key: &str,
        message: &Outbound,
    ) -> Result<(), Postponed> {
        let shown = self.shown(key, message).await?;
        match (channel.deliver(message, shown.as_ref()).await, &message.card) {
            (Ok(receipt), Some(card)) if shown.as_ref() != Some(&receipt) => {
                let batch = Batch::default().put_as(CARDS, card_key(key, card), &receipt)?;
                Ok(self.store.commit(batch).await?)
            }
            (Ok(_), _) => Ok(()),
            // Waiting for it here would hold up an answer.
            (Err(DeliveryError::Later { reason, after: Some(after) }), _) => {
                tracing::debug!(chat = key, reason, ?after, "progress has to wait");
                self.pending.postpone(message, after);
                Ok(())
            }
            (Err(error), _) => {
                tracing::debug!(chat = key, %error, "progress was not shown");
                Ok(())
            }
        }
    }

    async fn shown(&self, key: &str, message: &Outbound) -> Result<Option<Receipt>, StoreError> {
        match &message.card {
            Some(card) => get_as(&*self.store, CARDS, &card_key(key, card)).await,
            None => Ok(None),
        }
    }
}

fn card_key(chat: &str, card: &str) -> String {
    format!("{chat}/{card}")
}

#[cfg(test)]
mod tests;
