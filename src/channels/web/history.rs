//! Chats, kept in the store: what was said, and what changed since when.
//!
//! Everything that one account may read is one stream. An item has its place in it for good, and
//! a revision, by which whoever was away asks for what they missed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use tokio::sync::{Mutex, broadcast};

use super::API;
use super::item::{From, Item, Part};
use crate::channels::{Address, DeliveryError, Outbound, Receipt, key_part};
use crate::store::{Batch, Expectation, Stamps, Store, StoreError, Table, get_as, scan_as};

/// Stream + `/` + item.
const ITEMS: Table = "web_items";
/// Stream + `/` + revision → item.
const CHANGES: Table = "web_changes";
/// Stream → the revision that it was changed with last. A change expects that to be as it was
/// read, so that revisions ascend whoever makes them: a later one is never seen first.
const HEADS: Table = "web_heads";
/// Stream + `/` + the identifier under which a message was sent → item.
const SENT: Table = "web_sent";
/// Stream + `/` + file → its content, in base64.
const FILES: Table = "web_files";

/// So many items of a stream are kept.
const KEPT: usize = 300;
/// How often it is looked whether there are more.
const TIDIED_EVERY: u32 = 32;

/// Everything that one account may read on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Stream(String);

impl Stream {
    /// The stream that holds a chat. On the page an account has one chat, named as the account;
    /// through the API it has any number, named `account/chat`.
    pub fn of(address: &Address) -> Stream {
        let account = match (address.channel.as_str(), address.chat.split_once('/')) {
            (API, Some((account, _))) => account,
            _ => address.chat.as_str(),
        };
        Stream(format!("{}/{}", key_part(&address.channel), key_part(account)))
    }

    fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.0)
    }

    fn prefix(&self) -> String {
        self.key("")
    }
}

/// The chats.
pub(super) struct History {
    store: Arc<dyn Store>,
    /// Held from the making of a revision until it is stored, so that nobody here comes between.
    stamps: Mutex<Stamps>,
    changes: broadcast::Sender<Stream>,
    written: AtomicU32,
}

impl History {
    pub fn new(store: Arc<dyn Store>) -> History {
        History {
            store,
            stamps: Mutex::default(),
            changes: broadcast::Sender::new(256),
            written: AtomicU32::new(0),
        }
    }

    /// Whether other processes may change streams, too, of which nobody tells here.
    pub fn is_shared(&self) -> bool {
        self.store.is_shared()
    }

    /// Tells of streams that changed, from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Stream> {
        self.changes.subscribe()
    }

    /// Shows what the bot says: in the place of the item that it was shown as before, if that is
    /// still there, or at the end.
    pub async fn show(
        &self,
        message: &Outbound,
        shown: Option<&Receipt>,
    ) -> Result<Receipt, DeliveryError> {
        let later =
            |error: StoreError| DeliveryError::Later { reason: error.to_string(), after: None };
        let stream = Stream::of(&message.to);
        let shown = shown.map(|Receipt(id)| id.as_str());
        let receipt = self.put_shown(&stream, message, shown).await.map_err(later)?;
        self.told(&stream).await.map_err(later)?;
        Ok(receipt)
    }

    async fn put_shown(
        &self,
        stream: &Stream,
        message: &Outbound,
        shown: Option<&str>,
    ) -> Result<Receipt, StoreError> {
        let stamps = self.stamps.lock().await;
        loop {
            let before = match shown {
                Some(id) => self.item(stream, id).await?,
                None => None,
            };
            let (batch, revision) = self.advance(stream, &stamps).await?;
            let id = before.as_ref().map_or(&revision, |before| &before.id).clone();
            let (mut item, files) = Item::of(id, message);
            let mut batch = batch;
            if let Some(before) = before {
                batch = forget(batch, stream, &before);
                item.at = before.at;
            }
            item.revision = revision;
            for (name, content) in files {
                batch = batch.put_as(FILES, stream.key(&name), &content)?;
            }
            match self.store.commit(put(batch, stream, &item)?).await {
                Ok(()) => return Ok(Receipt(item.id)),
                // Another process changed the stream in between.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The next revision of a stream, and a batch that takes it.
    async fn advance(
        &self,
        stream: &Stream,
        stamps: &Stamps,
    ) -> Result<(Batch, String), StoreError> {
        let head: Option<String> = get_as(&*self.store, HEADS, &stream.0).await?;
        let revision = stamps.after(head.as_deref());
        let expected = head.map_or(Expectation::Absent, |head| Expectation::Is(head.into()));
        let batch = Batch::default().expect(HEADS, &stream.0, expected);
        Ok((batch.put(HEADS, &stream.0, revision.clone().into()), revision))
    }

    /// Puts down what a person said, once, under the identifier that it was sent with.
    pub async fn said(
        &self,
        address: &Address,
        sent: &str,
        text: String,
    ) -> Result<(), StoreError> {
        let stream = Stream::of(address);
        let mut item = Item {
            revision: String::new(),
            id: String::new(),
            chat: address.chat.clone(),
            thread: address.thread.clone(),
            at: Timestamp::now(),
            from: From::Person,
            sent: Some(sent.to_owned()),
            live: false,
            execution: None,
            blocks: vec![Part::Text { text }],
            buttons: Vec::new(),
        };
        let stamps = self.stamps.lock().await;
        loop {
            let (batch, revision) = self.advance(&stream, &stamps).await?;
            (item.id, item.revision) = (revision.clone(), revision);
            let key = stream.key(sent);
            let batch =
                batch.expect(SENT, &key, Expectation::Absent).put_as(SENT, key, &item.id)?;
            match self.store.commit(put(batch, &stream, &item)?).await {
                Ok(()) => break,
                Err(StoreError::Conflict { table: SENT, .. }) => return Ok(()),
                // Another process changed the stream in between.
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        drop(stamps);
        self.told(&stream).await
    }

    /// The label of a button that is in the stream.
    pub async fn button(&self, stream: &Stream, token: &str) -> Result<Option<String>, StoreError> {
        let items = self.items(stream).await?;
        let buttons = items.iter().rev().flat_map(|item| &item.buttons);
        Ok(buttons.into_iter().find(|b| b.token == token).map(|b| b.label.clone()))
    }

    /// Every item that is kept, the oldest first.
    pub async fn items(&self, stream: &Stream) -> Result<Vec<Item>, StoreError> {
        let items = scan_as(&*self.store, ITEMS, &stream.prefix(), None, usize::MAX).await?;
        Ok(items.into_iter().map(|(_, item)| item).collect())
    }

    /// Items that changed after a revision, in the order in which they did.
    pub async fn since(
        &self,
        stream: &Stream,
        revision: Option<&str>,
    ) -> Result<Vec<Item>, StoreError> {
        let after = revision.map(|revision| stream.key(revision));
        let prefix = stream.prefix();
        let changes: Vec<(String, String)> =
            scan_as(&*self.store, CHANGES, &prefix, after.as_deref(), KEPT * 2).await?;
        let mut items = Vec::new();
        for (_, id) in changes {
            items.extend(self.item(stream, &id).await?);
        }
        Ok(items)
    }

    /// A file of a stream.
    pub async fn file(&self, stream: &Stream, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let content: Option<String> = get_as(&*self.store, FILES, &stream.key(name)).await?;
        Ok(content.and_then(|content| STANDARD.decode(content).ok()))
    }

    async fn item(&self, stream: &Stream, id: &str) -> Result<Option<Item>, StoreError> {
        get_as(&*self.store, ITEMS, &stream.key(id)).await
    }

    async fn told(&self, stream: &Stream) -> Result<(), StoreError> {
        // Nobody may be listening.
        let _ = self.changes.send(stream.clone());
        if self.written.fetch_add(1, Ordering::Relaxed).is_multiple_of(TIDIED_EVERY) {
            self.tidy(stream).await?;
        }
        Ok(())
    }

    /// Forgets the oldest items of a stream that has too many.
    async fn tidy(&self, stream: &Stream) -> Result<(), StoreError> {
        let items = self.items(stream).await?;
        let old = &items[..items.len().saturating_sub(KEPT)];
        if old.is_empty() {
            return Ok(());
        }
        let forgotten = old.iter().fold(Batch::default(), |batch, item| {
            let batch = forget(batch, stream, item);
            match &item.sent {
                Some(sent) => batch.delete(SENT, stream.key(sent)),
                None => batch,
            }
        });
        self.store.commit(forgotten).await
    }
}

/// Puts an item, and its change, into a batch.
fn put(batch: Batch, stream: &Stream, item: &Item) -> Result<Batch, StoreError> {
    batch.put_as(CHANGES, stream.key(&item.revision), &item.id)?.put_as(
        ITEMS,
        stream.key(&item.id),
        item,
    )
}

/// Removes an item, its change and its files.
fn forget(batch: Batch, stream: &Stream, item: &Item) -> Batch {
    let batch =
        batch.delete(CHANGES, stream.key(&item.revision)).delete(ITEMS, stream.key(&item.id));
    item.blocks.iter().fold(batch, |batch, part| match part {
        Part::Picture { file, .. } | Part::File { file, .. } => {
            batch.delete(FILES, stream.key(file))
        }
        _ => batch,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::{Block, Message, Urgency};
    use crate::store::MemoryStore;

    fn address(channel: &str, chat: &str) -> Address {
        Address { channel: channel.into(), chat: chat.into(), thread: None }
    }

    fn says(to: Address, card: Option<&str>, blocks: Vec<Block>) -> Outbound {
        Outbound {
            to,
            for_sender: None,
            card: card.map(str::to_owned),
            live: card.is_some(),
            urgency: Urgency::Answer,
            removes: None,
            message: Message { blocks, buttons: Vec::new() },
        }
    }

    fn text(item: &Item) -> &str {
        match &item.blocks[0] {
            Part::Text { text } => text,
            other => panic!("{other:?}"),
        }
    }

    fn history() -> History {
        History::new(Arc::new(MemoryStore::default()))
    }

    #[test]
    fn a_stream_is_what_one_account_may_read() {
        let of = |channel, chat| Stream::of(&address(channel, chat)).0;
        assert_eq!(of("web", "dana"), "web/dana");
        assert_eq!(of("web", "dana/x"), "web/dana%2Fx");
        assert_eq!(of("api", "dana"), of("api", "dana/room-7"));
        assert_ne!(of("api", "dana"), of("web", "dana"));
    }

    #[tokio::test]
    async fn whoever_was_away_misses_nothing_and_sees_cards_in_their_place() {
        let history = history();
        let place = address("web", "dana");
        let stream = Stream::of(&place);
        history.said(&place, "m1", "deploy".into()).await.unwrap();
        let line = |text: &str| vec![Block::Text(text.into())];
        let card = says(place.clone(), Some("execution-1"), line("running"));
        let shown = history.show(&card, None).await.unwrap();
        let seen = history.items(&stream).await.unwrap();
        let last = seen.iter().map(|item| item.revision.clone()).max().unwrap();

        let done = says(place.clone(), Some("execution-1"), line("done"));
        history.show(&says(place.clone(), None, line("by the way")), None).await.unwrap();
        assert_eq!(history.show(&done, Some(&shown)).await.unwrap(), shown);
        let missed = history.since(&stream, Some(&last)).await.unwrap();
        assert_eq!(missed.iter().map(text).collect::<Vec<_>>(), ["by the way", "done"]);
        let all = history.items(&stream).await.unwrap();
        assert_eq!(all.iter().map(text).collect::<Vec<_>>(), ["deploy", "done", "by the way"]);
        // Somebody else's stream has none of it.
        assert!(history.items(&Stream::of(&address("web", "oli"))).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_same_message_is_put_down_once() {
        let history = history();
        let place = address("web", "dana");
        for _ in 0..2 {
            history.said(&place, "m1", "deploy".into()).await.unwrap();
        }
        assert_eq!(history.items(&Stream::of(&place)).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_long_chat_forgets_its_beginning_with_its_files() {
        let history = history();
        let place = address("web", "dana");
        let stream = Stream::of(&place);
        let picture =
            vec![Block::Picture { png: vec![7], caption: "c".into(), instead: String::new() }];
        let Receipt(first) = history.show(&says(place.clone(), None, picture), None).await.unwrap();
        let file = format!("{first}-0.png");
        assert_eq!(history.file(&stream, &file).await.unwrap(), Some(vec![7]));
        for i in 0..KEPT + 2 * TIDIED_EVERY as usize {
            history.said(&place, &format!("m{i}"), "again".into()).await.unwrap();
        }
        let items = history.items(&stream).await.unwrap();
        assert!(items.len() < KEPT + TIDIED_EVERY as usize, "{}", items.len());
        assert_eq!(history.file(&stream, &file).await.unwrap(), None);
        assert_eq!(history.since(&stream, None).await.unwrap().len(), items.len());
    }
}
