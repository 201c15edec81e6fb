//! The intake: what arrived, stored until it was handled.
//!
//! A message is stored before it is acknowledged to its channel. It leaves the store in the same
//! batch that holds everything it led to, so after a crash it is handled again from the
//! beginning, and never twice to the end.

use jiff::{SignedDuration, Timestamp};

use crate::access::redact;
use crate::channels::{Body, Inbound, key_part};
use crate::nlu::values::is_deceptive;
use crate::store::{Batch, Expectation, Stamps, Store, StoreError, Table, scan_as, to_json};

/// Messages that wait to be handled: conversation + `/` + stamp.
const INBOUND: Table = "inbound";
/// When a message first arrived: channel + `/` + its identifier.
const SEEN: Table = "inbound_seen";

/// So long a channel may deliver a message again.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Longer messages are cut when they arrive: nobody types them, and nothing understands them.
pub const LONGEST: usize = 4_000;

/// Longer names are cut.
const LONGEST_NAME: usize = 100;

/// What became of a message that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is stored, and will be handled.
    New,
    /// It arrived before.
    Again,
}

/// A message that waits to be handled.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Waiting {
    key: String,
    pub inbound: Inbound,
}

/// One person in one place: messages of one conversation are handled one at a time, in order.
pub(super) fn conversation(inbound: &Inbound) -> String {
    format!("{}/{}", inbound.address.key(), key_part(&inbound.sender.id))
}

/// Stores a message that arrived.
pub(super) async fn store(
    store: &dyn Store,
    stamps: &Stamps,
    mut inbound: Inbound,
) -> Result<Received, StoreError> {
    if let Body::Text(text) = &mut inbound.body
        && let Some((end, _)) = text.char_indices().nth(LONGEST + 1)
    {
        text.truncate(end);
    }
    forget_secrets(&mut inbound.body);
    inbound.sender.name = name(&inbound.sender.name);
    let seen = format!("{}/{}", key_part(&inbound.address.channel), inbound.id);
    let key = format!("{}/{}", conversation(&inbound), stamps.next());
    let batch = Batch::default()
        .expect(SEEN, &seen, Expectation::Absent)
        .put_as(SEEN, seen, &inbound.at)?
        .put_as(INBOUND, key, &inbound)?;
    match store.commit(batch).await {
        Ok(()) => Ok(Received::New),
        Err(StoreError::Conflict { .. }) => Ok(Received::Again),
        Err(error) => Err(error),
    }
}

/// Takes everything out that looks like a key or password: what is stored can be read, and stays
/// on the disk for a while after it was deleted. Whoever handles the message tells of it.
fn forget_secrets(body: &mut Body) {
    let clean = |text: &mut String| *text = redact(text).into_owned();
    match body {
        Body::Text(text) => clean(text),
        Body::Form { fields, .. } => fields.values_mut().for_each(clean),
        Body::Vote { reason, .. } => reason.iter_mut().for_each(clean),
        Body::Press(_) => {}
    }
}

/// What somebody calls themselves, as it can be shown and written down: without what looks like a
/// secret, without characters that show nothing or turn what follows around, and no longer than
/// a name is.
fn name(given: &str) -> String {
    redact(given).chars().filter(|c| !is_deceptive(*c)).take(LONGEST_NAME).collect()
}

/// The message of a conversation that is to be handled next.
pub(super) async fn next(
    store: &dyn Store,
    conversation: &str,
) -> Result<Option<Waiting>, StoreError> {
    let found = scan_as(store, INBOUND, &format!("{conversation}/"), None, 1).await?.pop();
    Ok(found.map(|(key, inbound)| Waiting { key, inbound }))
}

/// The batch that marks a message as handled; whoever comes second finds a conflict.
pub(super) fn handled(waiting: &Waiting) -> Result<Batch, StoreError> {
    let json = to_json(INBOUND, &waiting.key, &waiting.inbound)?;
    Ok(Batch::default()
        .expect(INBOUND, &waiting.key, Expectation::Is(json))
        .delete(INBOUND, &waiting.key))
}

/// How many messages wait, counted up to `most`.
pub(super) async fn count(store: &dyn Store, most: usize) -> Result<usize, StoreError> {
    Ok(store.scan(INBOUND, "", None, most).await?.len())
}

/// The conversations in which messages wait, after a restart.
pub(super) async fn conversations(store: &dyn Store) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page: Vec<(String, Inbound)> =
            scan_as(store, INBOUND, "", after.as_deref(), 256).await?;
        found.extend(page.iter().map(|(_, inbound)| conversation(inbound)));
        match page.into_iter().last() {
            Some((key, _)) => after = Some(key),
            None => break,
        }
    }
    found.dedup();
    Ok(found)
}

/// Forgets which messages arrived so long ago that none will arrive again.
pub(super) async fn forget_old(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let mut after: Option<String> = None;
    loop {
        let page: Vec<(String, Timestamp)> =
            scan_as(store, SEEN, "", after.as_deref(), 1024).await?;
        let mut batch = Batch::default();
        for (key, at) in &page {
            if now.duration_since(*at) > REMEMBERED {
                batch = batch.delete(SEEN, key);
            }
        }
        if !batch.writes.is_empty() {
            store.commit(batch).await?;
        }
        match page.into_iter().last() {
            Some((key, _)) => after = Some(key),
            None => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channels::{Address, Sender};
    use crate::store::MemoryStore;

    fn inbound(id: &str, sender: &str, text: &str) -> Inbound {
        Inbound {
            id: id.into(),
            address: Address { channel: "telegram".into(), chat: "a/b".into(), thread: None },
            sender: Sender { id: sender.into(), name: sender.into() },
            body: Body::Text(text.into()),
            group: true,
            addressed: true,
            at: Timestamp::now(),
            language: None,
            origin: None,
            shown: None,
        }
    }

    fn text(waiting: &Waiting) -> &str {
        match &waiting.inbound.body {
            Body::Text(text) | Body::Press(text) => text,
            Body::Form { .. } | Body::Vote { .. } => "",
        }
    }

    #[tokio::test]
    async fn a_message_waits_in_its_conversation_until_it_is_handled_once() {
        let (memory, stamps) = (MemoryStore::default(), Stamps::default());
        for (id, sender, text) in [("1", "kim", "one"), ("2", "lee", "other"), ("3", "kim", "two")]
        {
            let received = store(&memory, &stamps, inbound(id, sender, text)).await.unwrap();
            assert_eq!(received, Received::New);
        }
        let again = store(&memory, &stamps, inbound("1", "kim", "one")).await.unwrap();
        assert_eq!(again, Received::Again);
        let found = conversations(&memory).await.unwrap();
        let [kim, lee] = found.as_slice() else { panic!("two conversations in {found:?}") };

        let first = next(&memory, kim).await.unwrap().expect("one waits");
        assert_eq!(text(&first), "one");
        // It is still there for another attempt, until its effects are stored with it.
        assert_eq!(next(&memory, kim).await.unwrap().as_ref(), Some(&first));
        memory.commit(handled(&first).unwrap()).await.unwrap();
        let twice = memory.commit(handled(&first).unwrap()).await.unwrap_err();
        assert!(matches!(twice, StoreError::Conflict { .. }), "{twice}");
        assert_eq!(text(&next(&memory, kim).await.unwrap().expect("one more")), "two");
        assert_eq!(text(&next(&memory, lee).await.unwrap().expect("the other's")), "other");
        // Handled or not, the same message is not taken twice.
        let again = store(&memory, &stamps, inbound("1", "kim", "one")).await.unwrap();
        assert_eq!(again, Received::Again);
    }

    #[tokio::test]
    async fn a_secret_is_not_stored() {
        let (memory, stamps) = (MemoryStore::default(), Stamps::default());
        let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
        let message = inbound("1", "kim", &format!("use {key} for it"));
        let conversation = conversation(&message);
        store(&memory, &stamps, message).await.unwrap();
        let waiting = next(&memory, &conversation).await.unwrap().expect("it waits");
        assert_eq!(text(&waiting), "use [redacted] for it");
    }

    #[tokio::test]
    async fn a_name_is_stored_as_it_can_be_shown() {
        let key = format!("AKIA{}", "IOSFODNN7EXAMPLE");
        let long = "部".repeat(1 << 16);
        let cases = [
            ("Kim", "Kim"),
            ("Kim\u{202e}nimda\n\u{1b}[2J", "Kimnimda[2J"),
            (&key, "[redacted]"),
            (&long, &"部".repeat(LONGEST_NAME)),
        ];
        for (given, expect) in cases {
            assert_eq!(name(given), expect);
        }
    }

    #[tokio::test]
    async fn a_huge_message_is_cut_when_it_arrives() {
        let (memory, stamps) = (MemoryStore::default(), Stamps::default());
        let huge = inbound("1", "kim", &"部".repeat(1 << 20));
        let conversation = conversation(&huge);
        store(&memory, &stamps, huge).await.unwrap();
        let waiting = next(&memory, &conversation).await.unwrap().expect("it waits");
        assert_eq!(text(&waiting).chars().count(), LONGEST + 1);
    }

    #[tokio::test]
    async fn what_arrived_long_ago_is_forgotten() {
        let (memory, stamps) = (MemoryStore::default(), Stamps::default());
        store(&memory, &stamps, inbound("1", "kim", "one")).await.unwrap();
        forget_old(&memory, Timestamp::now()).await.unwrap();
        assert_eq!(memory.scan(SEEN, "", None, 9).await.unwrap().len(), 1);
        let later = Timestamp::now().checked_add(SignedDuration::from_hours(200)).unwrap();
        forget_old(&memory, later).await.unwrap();
        assert!(memory.scan(SEEN, "", None, 9).await.unwrap().is_empty());
    }
}
