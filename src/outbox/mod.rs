//! The outbox: what is to be said, stored until it was said.
//!
//! A message is put into the same batch as what caused it, so it is neither lost nor said about
//! something that did not happen. It leaves the store after the channel took it: a crash in
//! between says it twice, which is the lesser evil.
//!
//! **Architecture Invariant:** messages of one chat are delivered one at a time, in order, also
//! where several processes share the store: one at a time sees to a chat. Only
//! [`Urgency::Progress`] is exempt: it is kept in memory, the latest per card, and goes when
//! nothing else waits.

mod progress;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use self::progress::{Next, Pending};
use crate::channels::{Address, Channel, DeliveryError, Outbound, Receipt};
use crate::lanes::Lanes;
use crate::observe;
use crate::store::{Batch, Claim, Claims, Stamps, Store, StoreError, Table, get_as, scan_as};

/// Messages that wait: `channel/chat/thread/` + time and a random part.
const OUTBOX: Table = "outbox";
/// As what a card was shown last: `channel/chat/thread/` + card.
const CARDS: Table = "cards";

/// Waits between attempts: doubled from the first to the last.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LAST_WAIT: Duration = Duration::from_secs(300);

/// While another process sees to a chat, it is asked so often whether it still does.
const ELSEWHERE: Duration = Duration::from_millis(50);

/// The outbox of every channel that runs here.
#[derive(Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    claims: Claims,
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
        claims: Claims,
        channels: &[Arc<dyn Channel>],
        shutdown: CancellationToken,
    ) -> Outbox {
        let channels = channels.iter().map(|c| (c.name(), Arc::clone(c))).collect();
        let inner = Inner {
            store,
            claims,
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
        // What waits in memory about the same card is older than this, whoever delivers it.
        self.inner.pending.forget(message);
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

    /// Delivers what was left from an earlier life, or by somebody else, unless another process
    /// sees to it.
    pub async fn resume(&self) -> Result<(), StoreError> {
        let mut after: Option<String> = None;
        let claimed: HashSet<String> =
            self.inner.store.claimed(&chat_claim("")).await?.into_iter().collect();
        loop {
            let page: Vec<(String, Waiting)> =
                scan_as(&*self.inner.store, OUTBOX, "", after.as_deref(), 256).await?;
            for (_, waiting) in &page {
                if !claimed.contains(&chat_claim(&waiting.message.to.key())) {
                    self.wake(&waiting.message.to);
                }
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
        let mut held = None;
        while !self.inner.shutdown.is_cancelled() {
            let error = match self.step(channel, key, chat, &mut held).await {
                Ok(Step::Delivered) => {
                    wait = FIRST_WAIT;
                    continue;
                }
                Ok(Step::Nothing) => return,
                Ok(Step::Elsewhere) => {
                    tokio::time::sleep(ELSEWHERE).await;
                    continue;
                }
                Err(error) => error,
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

    /// Delivers what is next in a chat, once this process sees to that.
    async fn step(
        &self,
        channel: &Arc<dyn Channel>,
        key: &str,
        chat: &Address,
        held: &mut Option<Held>,
    ) -> Result<Step, Postponed> {
        if held.is_none() {
            let Some(talks) = self.inner.talks(channel).await? else {
                // Whoever talks there finds it.
                return Ok(Step::Nothing);
            };
            let sees_to = self.inner.claims.take(chat_claim(key)).await?;
            *held = sees_to.map(|sees_to| Held { _talks: talks, _sees_to: sees_to });
        }
        let next = self.inner.next(key).await?;
        if held.is_none() {
            let nothing = next.is_none() && !self.inner.pending.has(key);
            return Ok(if nothing { Step::Nothing } else { Step::Elsewhere });
        }
        if let Some((at, waiting)) = next {
            self.inner.deliver(channel, key, &at, &waiting.message).await?;
            return Ok(Step::Delivered);
        }
        match self.inner.pending.next(key) {
            Next::Now(message) => {
                self.inner.show_progress(channel, key, &message).await?;
                Ok(Step::Delivered)
            }
            Next::At(due) => {
                // Waiting here would hold up an answer.
                let (outbox, chat) = (self.clone(), chat.clone());
                tokio::spawn(async move {
                    tokio::time::sleep_until(due).await;
                    outbox.wake(&chat);
                });
                Ok(Step::Nothing)
            }
            Next::Nothing => Ok(Step::Nothing),
        }
    }
}

/// What became of an attempt to deliver what is next.
enum Step {
    Delivered,
    Nothing,
    /// Another process sees to the chat.
    Elsewhere,
}

/// The right to deliver to a chat.
struct Held {
    /// Also to the channel, where that is for one process.
    _talks: Option<Claim>,
    _sees_to: Claim,
}

/// The claim of a chat.
fn chat_claim(chat: &str) -> String {
    format!("chat/{chat}")
}

/// The claim of a channel on which one process at a time talks.
pub fn channel_claim(channel: &str) -> String {
    format!("channel/{channel}")
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
    /// Whether this process may talk on a channel: `None` where another one does, and only one
    /// can.
    async fn talks(&self, channel: &Arc<dyn Channel>) -> Result<Option<Option<Claim>>, StoreError> {
        if !channel.is_for_one() {
            return Ok(Some(None));
        }
        Ok(self.claims.take(channel_claim(channel.name())).await?.map(Some))
    }

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
