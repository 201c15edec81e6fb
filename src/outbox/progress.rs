//! States of cards that wait to be shown: the latest of each, not too often.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::channels::Outbound;

/// The least time between two edits of one card.
const INTERVAL: Duration = Duration::from_secs(2);

/// By chat and card.
type Cards = HashMap<(String, String), Card>;

/// What is next in a chat.
pub(super) enum Next {
    Now(Box<Outbound>),
    At(Instant),
    Nothing,
}

#[derive(Default)]
pub(super) struct Pending {
    cards: Mutex<Cards>,
}

struct Card {
    message: Option<Outbound>,
    /// Not before this moment.
    due: Instant,
}

impl Pending {
    /// Replaces what waits for the message's card. A message without a card has nothing to
    /// replace and is no progress.
    pub fn set(&self, message: Outbound) {
        let Some(card) = message.card.clone() else { return };
        let mut cards = self.cards();
        let entry = cards
            .entry((message.to.key(), card))
            .or_insert(Card { message: None, due: Instant::now() });
        entry.message = Some(message);
    }

    /// Puts a state that could not be shown back for a while, unless a newer one waits already.
    pub fn postpone(&self, message: &Outbound, pause: Duration) {
        let Some(card) = message.card.clone() else { return };
        let mut cards = self.cards();
        // What was forgotten meanwhile is out of date.
        if let Some(entry) = cards.get_mut(&(message.to.key(), card)) {
            entry.due = entry.due.max(Instant::now() + pause);
            entry.message.get_or_insert_with(|| message.clone());
        }
    }

    /// Drops what waits for the card of a message that says more.
    pub fn forget(&self, message: &Outbound) {
        if let Some(card) = message.card.clone() {
            self.cards().remove(&(message.to.key(), card));
        }
    }

    /// Whether something waits to be shown in a chat.
    pub fn has(&self, chat: &str) -> bool {
        self.cards().iter().any(|((of, _), card)| of == chat && card.message.is_some())
    }

    /// What may be shown in a chat now, or when that will be.
    pub fn next(&self, chat: &str) -> Next {
        let mut cards = self.cards();
        let waiting = cards.iter_mut().filter(|((of, _), c)| of == chat && c.message.is_some());
        let Some((_, card)) = waiting.min_by_key(|(_, card)| card.due) else {
            return Next::Nothing;
        };
        let now = Instant::now();
        if card.due > now {
            return Next::At(card.due);
        }
        card.due = now + INTERVAL;
        card.message.take().map_or(Next::Nothing, |message| Next::Now(Box::new(message)))
    }

    fn cards(&self) -> MutexGuard<'_, Cards> {
        // Every change is one operation on the map, so it is consistent whoever panicked.
        self.cards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
