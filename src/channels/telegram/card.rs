//! What is remembered of a message that was shown: its numbers in Telegram, and since when.

use jiff::{SignedDuration, Timestamp};

/// After so long, nobody watches a card any more.
const OLD: SignedDuration = SignedDuration::from_secs(60);

/// A card as it is shown; written as `101,102@1764230400`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Card {
    /// The ids of its messages, in order.
    messages: Vec<i32>,
    since: Timestamp,
}

impl Card {
    /// Reads what [`Card::write`] wrote. Of anything else, nothing can be edited.
    pub fn read(text: &str) -> Card {
        let (messages, since) = text.split_once('@').unwrap_or((text, ""));
        let since = since.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
        Card {
            messages: messages.split(',').filter_map(|id| id.parse().ok()).collect(),
            since: since.unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    pub fn write(&self) -> String {
        let ids: Vec<String> = self.messages.iter().map(i32::to_string).collect();
        format!("{}@{}", ids.join(","), self.since.as_second())
    }

    /// What is shown after these were sent or edited.
    pub fn shown(before: Option<&Card>, sent: &[i32], now: Timestamp) -> Card {
        let kept = before.filter(|card| card.messages.first() == sent.first());
        Card { messages: sent.to_vec(), since: kept.map_or(now, |card| card.since) }
    }

    pub fn message(&self, index: usize) -> Option<i32> {
        self.messages.get(index).copied()
    }

    pub fn is_old(&self, now: Timestamp) -> bool {
        now.duration_since(self.since) > OLD
    }

    /// Messages that the card had, and that the new ones do not replace.
    pub fn left_over(&self, sent: &[i32]) -> Vec<i32> {
        let still = |id: &&i32| !sent.contains(id);
        // Where the first could not be edited, the others are history too, and stay.
        let edited = self.messages.first().is_some_and(|first| sent.first() == Some(first));
        if edited { self.messages.iter().filter(still).copied().collect() } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_written_and_read() {
        let now = Timestamp::from_second(1_764_230_400).expect("a moment");
        let card = Card::shown(None, &[101, 102], now);
        assert_eq!(card.write(), "101,102@1764230400");
        assert_eq!(Card::read(&card.write()), card);
        for broken in ["", "x", "@", "x@y", "@1764230400"] {
            assert_eq!(Card::read(broken).message(0), None, "{broken}");
        }
        assert_eq!(Card::read("7").message(0), Some(7));
    }

    #[test]
    fn an_edited_card_keeps_its_age_and_a_new_one_begins_anew() {
        let then = Timestamp::from_second(1_764_230_400).expect("a moment");
        let now = then.checked_add(SignedDuration::from_secs(90)).expect("a moment");
        let card = Card::shown(None, &[101, 102], then);
        assert!(!card.is_old(then) && card.is_old(now));
        assert!(Card::shown(Some(&card), &[101], now).is_old(now));
        assert!(!Card::shown(Some(&card), &[103], now).is_old(now));
        assert_eq!(card.left_over(&[101]), [102]);
        assert_eq!(card.left_over(&[101, 102, 103]), [] as [i32; 0]);
        assert_eq!(card.left_over(&[103]), [] as [i32; 0]);
    }
}
