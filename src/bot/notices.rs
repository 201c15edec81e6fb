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
        let subscribers = self.allowed(&notice.subscribers).await?;
        for subscriber in &subscribers {
            let message;
            (batch, message) = self.message(batch, notice, subscriber).await?;
            batch = self.outbox.put(batch, &message)?;
        }
        self.store.commit(batch).await?;
        for subscriber in &subscribers {
            self.outbox.wake(&subscriber.address);
        }
        Ok(())
    }

    /// Those who may still be told: nobody who was disabled, in a chat that is theirs alone. What
    /// is told in a group is told to the others there.
    async fn allowed<'a>(
        &self,
        subscribers: &'a [Subscriber],
    ) -> Result<Vec<&'a Subscriber>, StoreError> {
        let rules = self.access.rules();
        let gone =
            |who: &&Subscriber| rules.users().get(&who.user).is_some_and(|user| !user.enabled);
        if !subscribers.iter().any(|who| gone(&who)) {
            return Ok(subscribers.iter().collect());
        }
        let links = self.access.links().await.map_err(|error| {
            StoreError::Backend(format!("who is linked can't be read: {error}"))
        })?;
        let is_own_chat = |who: &Subscriber| {
            let (channel, chat) = (who.address.channel.as_str(), who.address.chat.as_str());
            rules.users().accounts_of(&who.user).contains(&(channel, chat))
                || links.iter().any(|link| {
                    link.user == who.user && link.channel == channel && link.account == chat
                })
        };
        Ok(subscribers.iter().filter(|who| !(gone(who) && is_own_chat(who))).collect())
    }

    /// How far a run has come: nothing of it is stored, but the buttons of a card that an
    /// earlier life made.
    async fn progress(&self, notice: &Notice) -> Result<(), StoreError> {
        for subscriber in self.allowed(&notice.subscribers).await? {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::house::{Ground, House, ann};
    use crate::channels::{Address, Body};

    fn chat(of: &str) -> Address {
        Address { channel: "ear".into(), chat: of.into(), thread: None }
    }

    /// To whom the end of Ann's run is told, in her own chat and in a group.
    async fn told(house: &House, group: &str) -> Vec<String> {
        let core = house.core();
        let herald = Herald {
            config: core.config.clone(),
            shelf: core.shelf.clone(),
            access: core.access.clone(),
            store: core.store.clone(),
            outbox: core.outbox.clone(),
            buttons: CardButtons::default(),
        };
        let execution = core.monitor.executions().get(1).await.expect("Ann's run");
        let follower = |chat| Subscriber { address: chat, user: "ann".into() };
        let subscribers = vec![follower(chat("ann")), follower(chat(group))];
        let news = News::Progress { left: None };
        let notice = Notice { execution, subscribers, news };
        house.ear.told.lock().expect("unpoisoned").clear();
        herald.notify(notice).await.expect("told");
        core.outbox.idle().await;
        let told = house.ear.told.lock().expect("unpoisoned");
        told.iter().map(|said| said.to.chat.clone()).collect()
    }

    #[tokio::test]
    async fn who_is_disabled_is_told_nothing_in_their_own_chat() {
        let ground = Ground::new();
        let house = ground.live();
        let fields = [("database".to_owned(), "orders".to_owned())].into();
        let form = Body::Form { template: "backup".into(), fields };
        let plan = house.hear(ann(), chat("ann"), form).await;
        house.hear(ann(), chat("ann"), Body::Press(plan[0].buttons[0].1.clone())).await;
        house.settled().await;
        let mut both = told(&house, "team").await;
        both.sort();
        assert_eq!(both, ["ann", "team"]);
        ground.write(
            "access/users.yaml",
            "roles: {operator: runs jobs}\nusers:\n  - {id: ann, enabled: false, roles: [operator], \
             identities: [{channel: ear, id: ann}]}\n",
        );
        house.reload(&ground).await;
        assert_eq!(told(&house, "others").await, ["others"]);
    }
}
