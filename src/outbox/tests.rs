use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;

use super::*;
use crate::bot::Bot;
use crate::channels::{Block, ChannelError, Message, Urgency};
use crate::store::MemoryStore;

/// A channel that notes what it shows, after the failures it was told to have.
#[derive(Default)]
struct Recorder {
    shown: Mutex<Vec<(String, Option<String>)>>,
    failures: Mutex<VecDeque<DeliveryError>>,
}

#[async_trait]
impl Channel for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    async fn run(self: Arc<Self>, _: Bot, _: CancellationToken) -> Result<(), ChannelError> {
        Ok(())
    }

    async fn deliver(
        &self,
        message: &Outbound,
        shown: Option<&Receipt>,
    ) -> Result<Receipt, DeliveryError> {
        if let Some(failure) = self.failures.lock().unwrap().pop_front() {
            return Err(failure);
        }
        let Some(Block::Text(text)) = message.message.blocks.first() else { panic!("a text") };
        let mut all = self.shown.lock().unwrap();
        all.push((text.clone(), shown.map(|receipt| receipt.0.clone())));
        Ok(shown.cloned().unwrap_or(Receipt(all.len().to_string())))
    }
}

struct Fixture {
    store: Arc<dyn Store>,
    channel: Arc<Recorder>,
    outbox: Outbox,
}

impl Fixture {
    fn new() -> Fixture {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let channel = Arc::new(Recorder::default());
        let channels: [Arc<dyn Channel>; 1] = [channel.clone()];
        let claims = Claims::new(store.clone());
        let outbox = Outbox::new(store.clone(), claims, &channels, CancellationToken::new());
        Fixture { store, channel, outbox }
    }

    async fn put(&self, messages: &[Outbound]) {
        let mut batch = Batch::default();
        for message in messages {
            batch = self.outbox.put(batch, message).unwrap();
        }
        self.store.commit(batch).await.unwrap();
    }

    fn shown(&self) -> Vec<String> {
        self.channel.shown.lock().unwrap().iter().map(|(text, _)| text.clone()).collect()
    }

    async fn waiting(&self) -> usize {
        self.store.scan(OUTBOX, "", None, 99).await.unwrap().len()
    }
}

fn chat(name: &str) -> Address {
    Address { channel: "recorder".into(), chat: name.into(), thread: None }
}

fn message(text: &str, card: Option<&str>, urgency: Urgency) -> Outbound {
    Outbound {
        to: chat("a"),
        for_sender: None,
        card: card.map(str::to_owned),
        live: false,
        urgency,
        removes: None,
        message: Message { blocks: vec![Block::Text(text.into())], buttons: Vec::new() },
    }
}

fn answer(text: &str) -> Outbound {
    message(text, None, Urgency::Answer)
}

#[tokio::test(start_paused = true)]
async fn messages_arrive_once_and_in_order_in_spite_of_failures() {
    let fixture = Fixture::new();
    fixture.channel.failures.lock().unwrap().extend([
        DeliveryError::Later { reason: "busy".into(), after: Some(Duration::from_secs(60)) },
        DeliveryError::Later { reason: "offline".into(), after: None },
    ]);
    fixture.put(&[answer("1"), answer("2"), answer("3")]).await;
    let start = tokio::time::Instant::now();
    fixture.outbox.wake(&chat("a"));
    fixture.outbox.idle().await;
    assert_eq!(fixture.shown(), ["1", "2", "3"]);
    assert_eq!(fixture.waiting().await, 0);
    assert!(start.elapsed() >= Duration::from_secs(62), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_message_that_can_never_be_shown_holds_nothing_up() {
    let fixture = Fixture::new();
    fixture.channel.failures.lock().unwrap().push_back(DeliveryError::Never("gone".into()));
    fixture.put(&[answer("lost"), answer("2")]).await;
    fixture.outbox.wake(&chat("a"));
    fixture.outbox.idle().await;
    assert_eq!(fixture.shown(), ["2"]);
    assert_eq!(fixture.waiting().await, 0);
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_life_left_is_delivered() {
    let fixture = Fixture::new();
    fixture.put(&[answer("1"), answer("2")]).await;
    let elsewhere =
        Outbound { to: Address { channel: "other".into(), ..chat("b") }, ..answer("x") };
    fixture.put(&[elsewhere]).await;
    fixture.outbox.resume().await.unwrap();
    fixture.outbox.idle().await;
    assert_eq!(fixture.shown(), ["1", "2"]);
    // A channel that does not run here keeps its messages.
    assert_eq!(fixture.waiting().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_card_is_edited_in_place_at_most_every_two_seconds() {
    let fixture = Fixture::new();
    fixture.put(&[message("0 %", Some("run"), Urgency::Notice)]).await;
    fixture.outbox.wake(&chat("a"));
    fixture.outbox.idle().await;
    for percent in 1..=50 {
        fixture.outbox.progress(message(&format!("{percent} %"), Some("run"), Urgency::Progress));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    fixture.outbox.progress(message("late", Some("run"), Urgency::Progress));
    fixture.put(&[message("done", Some("run"), Urgency::Notice)]).await;
    fixture.outbox.wake(&chat("a"));
    tokio::time::sleep(Duration::from_secs(10)).await;
    fixture.outbox.idle().await;

    let shown = fixture.channel.shown.lock().unwrap().clone();
    assert_eq!(shown.first().map(|(text, _)| text.as_str()), Some("0 %"));
    assert_eq!(shown.last().map(|(text, _)| text.as_str()), Some("done"));
    assert!((4..=6).contains(&shown.len()), "{shown:?}");
    assert!(shown[1..].iter().all(|(_, receipt)| receipt.as_deref() == Some("1")), "{shown:?}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_does_not_wait_for_progress() {
    let fixture = Fixture::new();
    for text in ["a", "b"] {
        fixture.outbox.progress(message(text, Some("run"), Urgency::Progress));
        fixture.outbox.idle().await;
    }
    let start = tokio::time::Instant::now();
    fixture.put(&[answer("now")]).await;
    fixture.outbox.wake(&chat("a"));
    fixture.outbox.idle().await;
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(fixture.shown(), ["a", "now"]);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(fixture.shown(), ["a", "now", "b"]);
}

#[tokio::test(start_paused = true)]
async fn progress_that_the_channel_puts_off_holds_nothing_up_and_is_shown_later() {
    let fixture = Fixture::new();
    let full = DeliveryError::Later { reason: "full".into(), after: Some(Duration::from_secs(20)) };
    fixture.channel.failures.lock().unwrap().push_back(full);
    fixture.outbox.progress(message("1 of 2", Some("run"), Urgency::Progress));
    fixture.outbox.idle().await;
    let start = tokio::time::Instant::now();
    fixture.put(&[answer("now")]).await;
    fixture.outbox.wake(&chat("a"));
    fixture.outbox.idle().await;
    assert!(start.elapsed() < Duration::from_secs(1));
    // Only the newest state counts by then.
    fixture.outbox.progress(message("2 of 2", Some("run"), Urgency::Progress));
    fixture.outbox.idle().await;
    assert_eq!(fixture.shown(), ["now"]);
    tokio::time::sleep(Duration::from_secs(25)).await;
    assert_eq!(fixture.shown(), ["now", "2 of 2"]);
}
